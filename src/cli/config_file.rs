//! `reverify.toml`: the same options under the same names, behind flags and environment.
//!
//! A line of the file becomes a flag that nobody typed, so that the two can never mean different things.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, CommandFactory};
use toml::Value;

use super::args::Cli;
use super::exit::{Exit, Failure};
use crate::say;

/// The file that is read where none is named.
pub(super) const DEFAULT: &str = "reverify.toml";

/// What the file adds to a command line.
#[derive(Clone, Debug)]
pub(super) struct FromFile {
    /// The file.
    pub(super) path: PathBuf,
    /// The arguments as typed, with the file's put in.
    pub(super) arguments: Vec<OsString>,
    /// The names of the options that the file decides.
    pub(super) decides: Vec<String>,
}

/// Adds the file's options to the arguments, where flag and environment leave room for them. `None`:
/// there is no file.
///
/// # Errors
///
/// If a file that was named cannot be read, or holds what is no option.
pub(super) fn add(arguments: &[OsString], matches: &ArgMatches) -> Result<Option<FromFile>, Failure> {
    let named = matches.get_one::<PathBuf>("config").cloned();
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT).is_file() => PathBuf::from(DEFAULT),
        None => return Ok(None),
    };
    let wrong = |what: String| {
        let path = path.display().to_string();
        Failure::new(Exit::Configuration, say!("config-wrong", path = path, what = what))
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| wrong(say!("config-unreadable", error = crate::lang::os_error(&error))))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        wrong(say!("config-not-toml", line = line.to_string(), error = error.message()))
    })?;
    let Some((name, matches)) = matches.subcommand() else { return Ok(None) };
    let (decides, added): (Vec<String>, Vec<Vec<OsString>>) =
        flags(&table, name, matches).map_err(wrong)?.into_iter().unzip();
    let position =
        arguments.iter().skip(1).position(|argument| argument == name).map_or(arguments.len(), |at| at + 2);
    let mut all = arguments.to_vec();
    all.splice(position..position, added.concat());
    Ok(Some(FromFile { path, arguments: all, decides }))
}

/// The options that the file decides, each with its flags.
fn flags(
    table: &toml::Table,
    subcommand: &str,
    matches: &ArgMatches,
) -> Result<Vec<(String, Vec<OsString>)>, String> {
    let command = Cli::command();
    let is_option = |name: &str| {
        let named = |argument: &clap::Arg| argument.get_long() == Some(name);
        command.get_subcommands().any(|command| command.get_arguments().any(named))
            || command.get_arguments().any(named)
    };
    let mut flags = Vec::new();
    for (name, value) in table {
        if matches!(name.as_str(), "key" | "juhe-key" | "juhe_key") {
            return Err(say!("config-holds-key"));
        }
        if !is_option(name) || name == "config" {
            let known = name.replace('_', "-").to_lowercase();
            return Err(if is_option(&known) && known != "config" {
                say!("config-no-option-similar", name = name.as_str(), known = known)
            } else {
                say!("config-no-option", name = name.as_str())
            });
        }
        let found = command.find_subcommand(subcommand);
        let argument = found
            .and_then(|command| command.get_arguments().find(|argument| argument.get_long() == Some(name)));
        let Some(argument) =
            argument.or_else(|| command.get_arguments().find(|argument| argument.get_long() == Some(name)))
        else {
            continue; // Another command's.
        };
        let id = argument.get_id().as_str();
        let typed =
            matches!(matches.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
        if !typed {
            let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
            flags.push((name.clone(), to_flags(name, value, is_switch)?));
        }
    }
    Ok(flags)
}

/// The flags of a file for `run`, as if nothing had been typed.
#[cfg(test)]
pub(super) fn flags_of_run(table: &toml::Table) -> Result<Vec<OsString>, String> {
    let command = Cli::command();
    let nothing = command.mut_subcommand("run", |run| run.mut_arg("input", |input| input.required(false)));
    let nothing = nothing.get_matches_from(["reverify", "run"]);
    let (name, matches) = nothing.subcommand().expect("run");
    Ok(flags(table, name, matches)?.into_iter().flat_map(|(_, flags)| flags).collect())
}

fn to_flags(name: &str, value: &Value, is_switch: bool) -> Result<Vec<OsString>, String> {
    let flag = |value: String| OsString::from(format!("--{name}={value}"));
    match value {
        Value::Boolean(on) if is_switch => {
            Ok(on.then(|| OsString::from(format!("--{name}"))).into_iter().collect())
        }
        _ if is_switch => Err(say!("config-not-switch", name = name)),
        Value::String(text) => Ok(vec![flag(text.clone())]),
        Value::Integer(number) => Ok(vec![flag(number.to_string())]),
        Value::Float(number) => Ok(vec![flag(number.to_string())]),
        Value::Datetime(moment) => Ok(vec![flag(moment.to_string())]),
        Value::Array(values) => values
            .iter()
            .map(|value| to_flags(name, value, false))
            .collect::<Result<Vec<_>, _>>()
            .map(|flags| flags.concat()),
        Value::Boolean(_) | Value::Table(_) => Err(say!("config-not-value", name = name)),
    }
}
