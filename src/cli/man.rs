//! `reverify man`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::args::Cli;
use super::exit::{Exit, Failure};

/// `reverify man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write them into this folder, such as /usr/local/share/man/man1
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// Writes a page for the program and one for each of its commands.
///
/// # Errors
///
/// If they cannot be written.
pub(super) fn run(args: &ManArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let failed = |error: std::io::Error| {
        let path = args.to.display().to_string();
        Failure::new(Exit::Output, crate::say!("man-not-written", path = path, error = error.to_string()))
    };
    fs::create_dir_all(&args.to).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &args.to).map_err(failed)?;
    // The pages are written; that is what counts.
    let _ = writeln!(out, "{}", crate::say!("man-written", path = args.to.display().to_string()));
    Ok(Exit::Settled)
}
