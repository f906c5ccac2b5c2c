//! The two READMEs say the same: every section, command, option and table of one stands in the other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The levels of the headings, in their order.
fn headings(text: &str) -> Vec<usize> {
    let mut in_block = false;
    let lines = text.lines().filter(move |line| {
        in_block ^= line.starts_with("```");
        !in_block && line.starts_with('#')
    });
    lines.map(|line| line.bytes().take_while(|byte| *byte == b'#').count()).collect()
}

/// What is to be typed or copied: blocks that are no program's words to people, and indented lines.
fn commands(text: &str) -> Vec<String> {
    let (mut block, mut found) = (None, Vec::new());
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            block = if block.is_none() { Some(kind.to_owned()) } else { None };
        } else if block.as_deref().map_or(line.starts_with("    "), |kind| kind != "text") {
            found.push(line.trim().to_owned());
        }
    }
    found
}

/// How many rows each table has.
fn tables(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let parts = lines.split(|line| !line.starts_with('|'));
    parts.map(<[&str]>::len).filter(|rows| *rows > 0).collect()
}

/// Options, files, variables and words of columns: what stands between backquotes and is ASCII.
fn words(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let outside: Vec<&str> = text
        .lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            in_block ^= fence;
            !in_block && !fence && !line.starts_with("    ")
        })
        .collect();
    let text = outside.join(" ");
    let quoted =
        text.split('`').skip(1).step_by(2).map(|word| word.split_whitespace().collect::<Vec<_>>().join(" "));
    quoted.filter(|word| word.is_ascii()).collect()
}

#[test]
fn the_readmes_of_both_languages_have_the_same_sections_commands_tables_and_words() {
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    assert_eq!(headings(&english), headings(&chinese), "sections");
    assert_eq!(commands(&english), commands(&chinese), "commands and files");
    assert_eq!(tables(&english), tables(&chinese), "rows of the tables");
    let (english, chinese) = (words(&english), words(&chinese));
    let missing: Vec<_> = english.symmetric_difference(&chinese).collect();
    assert!(missing.is_empty(), "only one of them says {missing:?}");
}

#[test]
fn every_command_and_every_option_of_a_run_stands_in_the_readme() {
    let text = read("README.md");
    let help = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_reverify"));
        let command = command.args(arguments).env("LC_ALL", "C").env_remove("REVERIFY_LANG");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let page = help(&["--help"]);
    let commands = page.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    for command in commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()) {
        let is_there =
            command.is_empty() || command == "help" || text.contains(&format!("`reverify {command}"));
        assert!(is_there, "{command} is missing in README.md");
    }
    let page = help(&["run", "--help"]);
    for line in page.lines().map(str::trim).filter(|line| line.starts_with('-')) {
        let option = line.split([' ', ',']).find(|word| word.starts_with("--"));
        let Some(option) = option.filter(|option| !["--help", "--version"].contains(option)) else {
            continue;
        };
        assert!(text.contains(option), "{option} is missing in README.md");
    }
}
