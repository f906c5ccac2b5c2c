//! What a person sees: arguments as typed, settings as meant, one file a command, exit codes.

pub mod args;
mod announce;
pub mod audit;
mod api_key;
mod codes;
pub mod config;
mod config_file;
pub mod doctor;
pub mod exit;
mod help;
mod language;
mod hook;
pub mod init;
mod logging;
pub mod man;
mod metrics;
mod next_step;
mod observers;
pub mod diff;
pub mod photo;
pub mod plan;
pub mod photo_args;
mod progress;
mod render;
pub mod reconcile;
pub mod resolve;
pub mod report;
mod run;
mod sample;
pub mod sandbox;
mod settings;
mod service;
mod signals;
mod speed;
pub mod status;
mod statement;
mod status_file;
mod stops;
mod summary;
mod usage_error;
mod terminal;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};
use config_file::FromFile;
use exit::{Exit, Failure};

use crate::{lang, say};

/// Runs the program with these arguments, the program's own name first, and returns how it ends.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    logging::keep_panics_quiet();
    logging::keep_memory_out_of_core_files();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    lang::set(language::choose(&arguments));
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(Unparsed::Usage(error)) => {
            return refuse(&error, &arguments);
        }
        Err(Unparsed::Configuration(failure)) => return report(&failure),
    };
    match logging::start(cli.log_file.as_deref(), cli.log_format).and_then(|()| carry_out(cli, &arguments)) {
        Ok(exit) => exit.into(),
        Err(failure) => report(&failure),
    }
}

fn carry_out(cli: Cli, arguments: &[OsString]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match cli.command {
        Command::Run(args) => {
            drop(out); // The progress line and the summary share it.
            run::run(&args, arguments)
        }
        Command::Diff(args) => {
            signals::outlast_full_files()?;
            diff::run(&args, &mut out)
        }
        Command::Plan(args) => {
            signals::outlast_full_files()?;
            plan::run(&args, &mut out)
        }
        Command::Render(args) => {
            signals::outlast_full_files()?;
            render::run(&args, &mut out)
        }
        Command::Status(args) => status::run(&args, &mut out),
        Command::Report(args) => {
            signals::outlast_full_files()?;
            report::run(&args, &mut out)
        }
        Command::Photo(args) => {
            signals::outlast_full_files()?;
            photo::run(&args, &mut out)
        }
        Command::Resolve(args) => {
            signals::outlast_full_files()?;
            resolve::run(&args, &mut out)
        }
        Command::Reconcile(args) => {
            signals::outlast_full_files()?;
            reconcile::run(&args, &mut out)
        }
        Command::Audit(args) => audit::run(&args, &mut out),
        Command::Codes(args) => codes::run(&args, &mut out),
        Command::Config(args) => config::run(&args, &mut out),
        Command::Init(args) => init::run(&args, &mut out),
        Command::Doctor(args) => doctor::run(&args, &mut out),
        Command::Sandbox(args) => {
            let runtime = tokio::runtime::Runtime::new().map_err(|error| {
                Failure::new(Exit::Unavailable, say!("no-threads", error = error.to_string()))
            })?;
            runtime.block_on(sandbox::run(&args, &mut out))
        }
        Command::Completions(args) => {
            clap_complete::generate(args.shell, &mut Cli::command(), "reverify", &mut out);
            Ok(Exit::Settled)
        }
        Command::Man(args) => man::run(&args, &mut out),
    }
}

enum Unparsed {
    Usage(clap::Error),
    Configuration(Failure),
}

fn parse(arguments: &[OsString]) -> Result<Cli, Unparsed> {
    let arguments = &*help::without_help_command(arguments);
    let matches = help::command().try_get_matches_from(arguments).map_err(Unparsed::Usage)?;
    let from_file = config_file::add(arguments, &matches).map_err(Unparsed::Configuration)?;
    let matches = match &from_file {
        None => matches,
        Some(FromFile { path, arguments, .. }) => {
            help::command().try_get_matches_from(arguments).map_err(|error| {
                let (path, what) = (path.display().to_string(), usage_error::first_line(&error));
                Unparsed::Configuration(Failure::new(
                    Exit::Configuration,
                    say!("config-wrong", path = path, what = what),
                ))
            })?
        }
    };
    let mut cli = Cli::from_arg_matches(&matches).map_err(Unparsed::Usage)?;
    if let Command::Config(args) = &mut cli.command {
        args.from_file = from_file;
    }
    Ok(cli)
}

/// Shows what was asked for (help, the version), or says what is wrong with the command line.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    // A closed pipe cannot be told that it is closed.
    let is_wrong = error.use_stderr();
    let _ = match usage_error::text(error, arguments) {
        Some(text) if is_wrong => write!(io::stderr(), "{text}"),
        _ => error.print(),
    };
    if is_wrong { Exit::Usage.into() } else { Exit::Settled.into() }
}

fn report(failure: &Failure) -> ExitCode {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "reverify: {failure}");
    tracing::error!(exit = failure.exit as u8, "ended");
    failure.exit.into()
}
