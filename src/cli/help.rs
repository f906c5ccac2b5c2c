//! The command line's help in Chinese.
//!
//! The English help stands beside each option in the code. Its Chinese is a message of `lang/zh/help.ftl`
//! with the English as its comment, so that a help that was changed or added without its Chinese is seen by
//! a test. An option's message is `help-<option>`, or `help-<command>-<option>` where one command means
//! something else by it.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, CommandFactory};

use super::args::Cli;
use crate::lang::{self, Language, layout};

/// Columns before an option's help, as clap has them: below it, or beside the few of the program itself.
const INDENT: usize = 10;
const INDENT_BESIDE: usize = 25;

/// The command line, with its help in the language of the process.
pub(super) fn command() -> Command {
    command_in(lang::current())
}

/// The command line, with its help in a language.
pub(super) fn command_in(language: Language) -> Command {
    let command = Cli::command();
    match language {
        Language::English => command,
        Language::Chinese => in_chinese(command),
    }
}

/// The meaning of an option of `run`, its values and its default, in plain text.
pub(super) fn plain(language: Language, argument: &Arg) -> String {
    let english = || argument.get_help().map(ToString::to_string).unwrap_or_default();
    let id = argument.get_id().as_str();
    let (mut text, default) = match language {
        Language::English => (english(), "default: "),
        Language::Chinese => (help_of(&["run".to_owned()], id).unwrap_or_else(english), "默认："),
    };
    if !takes_value(argument) {
        return text;
    }
    let values = argument.get_possible_values();
    let values: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    // Writing to a String cannot fail.
    if !values.is_empty() {
        let _ = write!(text, " ({})", values.join(", "));
    }
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && !argument.is_hide_default_value_set() {
        let _ = write!(text, " [{default}{}]", defaults.join(" "));
    }
    text
}

/// `reverify help run` as `reverify run --help`, which clap itself knows in English only.
pub(super) fn without_help_command(arguments: &[OsString]) -> Vec<OsString> {
    let mut arguments = arguments.to_vec();
    if lang::current() == Language::Chinese && arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

fn in_chinese(command: Command) -> Command {
    let mut built = command.clone();
    built.build();
    translated(command, &mut built, &[])
}

/// Translates a command and those below it. `built` knows how it is called, `path` its name below the program.
fn translated(mut command: Command, built: &mut Command, path: &[String]) -> Command {
    let columns = columns();
    let usage = built.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("[OPTIONS]", "[选项]");
    let usage = usage.replace("<COMMAND>", "<命令>").replace("[COMMAND]", "[命令]");
    command = command
        .override_usage(usage)
        .help_template("{before-help}{about-with-newline}\n\u{1b}[1m\u{1b}[4m用法：\u{1b}[0m{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .next_line_help(!path.is_empty());
    if let Some(about) = text(&name("about", path, None)) {
        command = command.about(layout::wrapped(&about, columns)).long_about(None);
    }
    if let Some(after) = text(&name("after", path, None)) {
        command = command.after_help(after).after_long_help(None);
    }
    command = command.mut_args(|argument| in_chinese_too(argument, path, columns));
    command = command.arg(own_flag("help", 'h', ArgAction::Help, "显示帮助"));
    command = command.arg(own_flag("version", 'V', ArgAction::Version, "显示版本"));
    command.mut_subcommands(|below| {
        let path = [path, &[below.get_name().to_owned()]].concat();
        match built.find_subcommand_mut(below.get_name()) {
            Some(built) => translated(below, built, &path),
            None => below,
        }
    })
}

fn own_flag(name: &'static str, short: char, action: ArgAction, help: &'static str) -> Arg {
    Arg::new(name).short(short).long(name).action(action).help(help).help_heading("选项").display_order(1000)
}

fn in_chinese_too(argument: Arg, path: &[String], columns: usize) -> Arg {
    let id = argument.get_id().to_string();
    let heading = match argument.get_help_heading() {
        Some(heading) => text(&format!("heading-{}", slug(heading))).unwrap_or_else(|| heading.to_owned()),
        None if argument.is_positional() => "参数".to_owned(),
        None => "选项".to_owned(),
    };
    let argument = argument.help_heading(heading);
    let Some(help) = help_of(path, &id) else { return argument };
    let mut help = help;
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && !argument.is_hide_default_value_set() && takes_value(&argument) {
        let _ = write!(help, " [默认：{}]", defaults.join(" "));
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(help, " [环境变量：{}]", variable.to_string_lossy());
    }
    let mut help =
        layout::wrapped(&help, columns.saturating_sub(if path.is_empty() { INDENT_BESIDE } else { INDENT }));
    let values = if takes_value(&argument) { argument.get_possible_values() } else { Vec::new() };
    for value in values.iter().filter(|value| !value.is_hide_set()) {
        let _ = write!(help, "\n- {}", value.get_name());
        if let Some(meaning) = text(&value_name(&id, value)) {
            let _ = write!(help, "：{meaning}");
        }
    }
    let takes_value = takes_value(&argument);
    let argument = argument.help(help).long_help(None).hide_env(true);
    if takes_value { argument.hide_default_value(true).hide_possible_values(true) } else { argument }
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

fn help_of(path: &[String], id: &str) -> Option<String> {
    text(&name("help", path, Some(id))).or_else(|| text(&name("help", &[], Some(id))))
}

fn text(name: &str) -> Option<String> {
    lang::chinese_help(name)
}

fn name(kind: &str, path: &[String], id: Option<&str>) -> String {
    let words = std::iter::once(kind).chain(path.iter().map(String::as_str)).chain(id);
    words.map(slug).collect::<Vec<_>>().join("-")
}

fn value_name(id: &str, value: &PossibleValue) -> String {
    format!("value-{}-{}", slug(id), slug(value.get_name()))
}

fn slug(text: &str) -> String {
    let dashed = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    dashed.collect()
}

/// The columns that a help may take.
pub(super) fn columns() -> usize {
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.or_else(said).unwrap_or(100).min(100)
}

#[cfg(test)]
mod tests;
