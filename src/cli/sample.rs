//! The documented `reverify.toml`: every option of a run, with its meaning and its default.
//!
//! It is made from the command line's own definition, so that no option can be missing in it.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use crate::lang::{Language, layout};
use crate::say_in;

/// Columns of a line of explanation.
const COLUMNS: usize = 96;

/// A value for each option that has no default.
const EXAMPLES: &[(&str, &str)] = &[
    ("encoding", r#""gb18030""#),
    ("delimiter", r#""comma""#),
    ("sheet", r#""Sheet1""#),
    ("column", r#"["realname=户名"]"#),
    ("photos", r#""photos""#),
    ("output", r#""applicants.verified.csv""#),
    ("prefix", r#""new_""#),
    ("ledger-key-file", r#""reverify.db.key""#),
    ("key-file", r#""juhe.key""#),
    ("endpoint", r#""https://apis.juhe.cn/verifyface_mobile/query""#),
    ("daily-limit", "5000"),
    ("max-calls", "5000"),
    ("price", r#""0.55""#),
    ("max-cost", r#""2000""#),
    ("limit", "10"),
    ("stop-at", r#""06:00""#),
    ("max-duration", r#""6h""#),
    ("max-age", r#""90d""#),
    ("since", r#""2026-11-01""#),
    ("metrics-file", r#""/var/lib/prometheus/node-exporter/reverify.prom""#),
    ("on-finish", r#""mail -s reverify compliance@example.com""#),
    ("lang", r#""zh""#),
    ("log-file", r#""reverify.log""#),
    ("log-format", r#""json""#),
];

/// The file's text. With a key file, its line is in force; all others are comments.
pub(super) fn text(language: Language, key_file: Option<&str>) -> String {
    let mut text = String::new();
    for line in layout::wrapped(&say_in!(language, "sample-head"), COLUMNS).lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# {line}");
    }
    let command = super::help::command_in(language);
    let Some(run) = command.find_subcommand("run") else { return text };
    let mut heading = String::new();
    for argument in options(run).chain(options(&command)) {
        let of = argument.get_help_heading().unwrap_or_default().to_owned();
        if of != heading {
            heading = of;
            let shown =
                if heading.is_empty() { say_in!(language, "sample-general") } else { heading.clone() };
            let _ = writeln!(text, "\n# ---- {shown} ----");
        }
        add_option(&mut text, language, argument, key_file);
    }
    text
}

/// The options that may stand in the file.
fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    let not_in_file = ["config", "help", "version"];
    command
        .get_arguments()
        .filter(move |argument| argument.get_long().is_some_and(|name| !not_in_file.contains(&name)))
}

fn add_option(text: &mut String, language: Language, argument: &Arg, key_file: Option<&str>) {
    let name = argument.get_long().unwrap_or_default();
    let help = super::help::plain(language, argument);
    for line in layout::wrapped(&help, COLUMNS).lines() {
        let _ = writeln!(text, "# {line}");
    }
    let _ = match key_file.filter(|_| name == "key-file") {
        Some(path) => writeln!(text, "{name} = \"{path}\""),
        None => writeln!(text, "#{name} = {}", value(argument)),
    };
}

/// A value for the option, as TOML writes it.
fn value(argument: &Arg) -> String {
    let name = argument.get_long().unwrap_or_default();
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return "true".to_owned();
    }
    if let Some((_, example)) = EXAMPLES.iter().find(|(known, _)| *known == name) {
        return (*example).to_owned();
    }
    let default = argument.get_default_values().first().map(|value| value.to_string_lossy());
    let default = default.unwrap_or_default();
    if !default.is_empty() && default.bytes().all(|byte| byte.is_ascii_digit()) {
        default.into_owned()
    } else {
        format!("\"{default}\"")
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::super::args::Cli;
    use super::*;

    /// The commented options of the file: name and line.
    fn commented(text: &str) -> Vec<(String, String)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix('#'));
        let lines = lines.filter(|line| !line.starts_with(' ') && line.contains(" = "));
        lines.map(|line| (line.split(" = ").next().unwrap().to_owned(), line.to_owned())).collect()
    }

    #[test]
    fn every_option_of_a_run_stands_in_the_documented_file_with_its_meaning() {
        let command = Cli::command();
        let run = command.find_subcommand("run").unwrap();
        for language in Language::ALL {
            let text = text(language, None);
            let named = commented(&text);
            for argument in options(run).chain(options(&command)) {
                let name = argument.get_long().unwrap();
                let line = named.iter().find(|(known, _)| known == name);
                assert!(line.is_some(), "{language}: {name} is missing:\n{text}");
                assert!(!line.unwrap().1.ends_with("\"\""), "{name} needs an example in EXAMPLES");
            }
            let as_it_is: toml::Table = text.parse().unwrap();
            assert!(as_it_is.is_empty(), "nothing is in force before somebody says so");
        }
    }

    #[test]
    fn each_line_can_be_put_in_force_alone_and_all_together() {
        for language in Language::ALL {
            let text = text(language, None);
            let mut all = String::new();
            for (name, line) in commented(&text) {
                let table: toml::Table = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
                let flags = super::super::config_file::flags_of_run(&table).unwrap();
                let arguments = ["reverify", "run", "in.csv"].map(std::ffi::OsString::from);
                let parsed = Cli::try_parse_from(arguments.into_iter().chain(flags));
                assert!(parsed.is_ok(), "{name}: {}", parsed.unwrap_err());
                all.push_str(&line);
                all.push('\n');
            }
            let table: toml::Table = all.parse().unwrap();
            assert!(table.len() > 30, "{}", table.len());
        }
    }

    #[test]
    fn a_key_file_that_was_made_is_in_force() {
        let table: toml::Table = text(Language::Chinese, Some("juhe.key")).parse().unwrap();
        assert_eq!(table["key-file"].as_str(), Some("juhe.key"));
        assert_eq!(table.len(), 1);
    }
}
