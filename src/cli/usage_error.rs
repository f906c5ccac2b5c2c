//! What is wrong with the command line, in the language of the process.
//!
//! clap says it in English; in Chinese it is said here, from what clap found.

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Write as _;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Cli;
use crate::lang::{self, Language};
use crate::say;

/// Says it in full, for standard error. `None`: clap's own words are all there is to say.
pub(super) fn text(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let note = variable_at_fault(error, arguments);
    let note = note.map(|variable| format!("  {}\n", say!("usage-from-environment", variable = variable)));
    if lang::current() == Language::English {
        let full = error.render().to_string();
        let (first, rest) = full.split_once("\n\n")?;
        return Some(format!("{first}\n{}\n{rest}", note?));
    }
    let mut text =
        format!("{}\n{}", say!("usage-error", what = in_chinese(error)?), note.unwrap_or_default());
    if let Some(usage) = context(error, ContextKind::Usage) {
        let usage = usage.trim_start_matches("Usage: ").trim().to_owned();
        let _ = writeln!(text, "\n{}", say!("usage-usage", usage = usage));
    }
    let _ = writeln!(text, "\n{}", say!("usage-more"));
    Some(text)
}

/// Says in one line what is wrong, for an option that stands in a file.
pub(super) fn first_line(error: &clap::Error) -> String {
    if lang::current() == Language::Chinese
        && let Some(what) = in_chinese(error)
    {
        return what.lines().next().unwrap_or_default().to_owned();
    }
    let error = error.render().to_string();
    error.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// The environment variable that a bad value came from, if it was not typed.
fn variable_at_fault(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return None;
    }
    let argument = context(error, ContextKind::InvalidArg)?;
    let option = argument.split([' ', '=', '<']).next()?.trim_start_matches('-').to_owned();
    let long = format!("--{option}");
    let is_typed = arguments.iter().any(|word| word.to_string_lossy().starts_with(&long));
    let command = Cli::command();
    let mut commands = std::iter::once(&command).chain(command.get_subcommands());
    let argument = commands
        .find_map(|command| command.get_arguments().find(|argument| argument.get_long() == Some(&option)))?;
    let variable = argument.get_env()?;
    let is_set = std::env::var_os(variable).is_some();
    (is_set && !is_typed).then(|| variable.to_string_lossy().into_owned())
}

fn in_chinese(error: &clap::Error) -> Option<String> {
    let of = |kind| context(error, kind).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => say!("usage-no-value", argument = argument),
        ErrorKind::InvalidValue => {
            say!("usage-not-one-of", argument = argument, value = value, known = of(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            say!("usage-bad-value", argument = argument, value = value, why = why)
        }
        ErrorKind::UnknownArgument => {
            let known = context(error, ContextKind::SuggestedArg);
            if let Some(known) = known {
                say!("usage-unknown-similar", argument = argument, known = known)
            } else {
                say!("usage-unknown", argument = argument)
            }
        }
        ErrorKind::InvalidSubcommand => {
            let name = of(ContextKind::InvalidSubcommand);
            if let Some(known) = context(error, ContextKind::SuggestedSubcommand) {
                say!("usage-no-command-similar", name = name, known = known)
            } else {
                say!("usage-no-command", name = name)
            }
        }
        ErrorKind::MissingRequiredArgument => say!("usage-missing", arguments = argument),
        ErrorKind::ArgumentConflict => {
            say!("usage-conflict", argument = argument, other = of(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            say!("usage-how-many", argument = argument)
        }
        ErrorKind::InvalidUtf8 => say!("usage-not-text"),
        _ => return None,
    };
    Some(what)
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::StyledStrs(texts) => {
            Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
