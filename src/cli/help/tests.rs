use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::Entry;

use super::*;

/// The messages of the Chinese help: their names, and the English that stands above them.
fn written() -> BTreeMap<String, String> {
    let text = include_str!("../../lang/zh/help.ftl");
    let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut written = BTreeMap::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let comment = message.comment.as_ref().map(|comment| comment.content.join("\n")).unwrap_or_default();
        let name = message.id.name.to_owned();
        assert!(written.insert(name, comment).is_none(), "{} is there twice", message.id.name);
    }
    written
}

/// Every English text of the command line: the names that its Chinese may have, the best first, and itself.
fn needed() -> Vec<(Vec<String>, String)> {
    let mut needed = Vec::new();
    collect(&Cli::command(), &[], &mut needed);
    needed
}

fn collect(command: &Command, path: &[String], needed: &mut Vec<(Vec<String>, String)>) {
    let about = command.get_long_about().or_else(|| command.get_about());
    if let Some(about) = about {
        needed.push((vec![name("about", path, None)], about.to_string()));
    }
    if let Some(after) = command.get_after_help() {
        needed.push((vec![name("after", path, None)], after.to_string()));
    }
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let help = argument.get_long_help().or_else(|| argument.get_help());
        let help = help.unwrap_or_else(|| panic!("{path:?} {id} has no help"));
        let names = vec![name("help", path, Some(id)), name("help", &[], Some(id))];
        needed.push((names, help.to_string()));
        if let Some(heading) = argument.get_help_heading() {
            needed.push((vec![format!("heading-{}", slug(heading))], heading.to_owned()));
        }
        for value in argument.get_possible_values().iter().filter(|_| takes_value(argument)) {
            if let Some(help) = value.get_help() {
                needed.push((vec![value_name(id, value)], help.to_string()));
            }
        }
    }
    for below in command.get_subcommands() {
        collect(below, &[path, &[below.get_name().to_owned()]].concat(), needed);
    }
}

#[test]
fn no_help_lacks_its_chinese_or_has_changed_without_it() {
    let written = written();
    let mut used = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for (names, english) in needed() {
        let found = names.iter().find(|name| written.contains_key(*name));
        match found {
            Some(name) if written[name].trim_end() == english.trim_end() => {
                used.insert(name.clone());
            }
            _ => {
                let comment: Vec<String> = english
                    .trim_end()
                    .lines()
                    .map(|line| format!("# {line}").trim_end().to_owned())
                    .collect();
                // A name that says something else already leaves the one of this command alone.
                let is_taken = names.len() > 1 && written.contains_key(&names[1]);
                let name = if is_taken { &names[0] } else { &names[names.len() - 1] };
                missing.insert(format!("{}\n{name} = …\n\n", comment.join("\n")));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "src/lang/zh/help.ftl needs the Chinese of these, with the English as its comment (where two commands \
         mean different things by one option: help-<command>-<option>):\n\n{}",
        missing.into_iter().collect::<String>()
    );
    for name in written.keys() {
        assert!(used.contains(name), "nothing needs {name} of src/lang/zh/help.ftl any more");
    }
}

#[test]
fn the_chinese_command_line_is_well_formed_and_shows_no_english_headings() {
    let mut command = in_chinese(Cli::command());
    command.build();
    command.clone().debug_assert();
    let mut pages = vec![command.render_long_help().to_string()];
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        let below = command.find_subcommand_mut(&name).unwrap();
        pages.push(below.render_long_help().to_string());
        pages.push(below.render_help().to_string());
    }
    for page in pages {
        for english in
            ["Usage:", "Options:", "Commands:", "Arguments:", "[default", "[env", "[possible", "Print "]
        {
            assert!(!page.contains(english), "{english} in\n{page}");
        }
        assert!(page.contains("用法：reverify"), "{page}");
    }
}
