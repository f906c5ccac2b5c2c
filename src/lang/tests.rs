use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;

/// Messages of a language: their names, and the values that each one shows or chooses by.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (file, english, chinese) in FILES {
        let text = if language == Language::English { english } else { chinese };
        let resource = FluentResource::try_new(text.to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{language}/{file}.ftl: {errors:?}"));
        for entry in resource.entries() {
            let Entry::Message(message) = entry else { continue };
            let mut values = BTreeSet::new();
            if let Some(pattern) = &message.value {
                collect(pattern, &mut values);
            }
            let earlier = found.insert(message.id.name.to_owned(), values);
            assert!(earlier.is_none(), "{language}/{file}.ftl says {} a second time", message.id.name);
        }
    }
    found
}

fn collect(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => collect_inline(inline, values),
            Expression::Select { selector, variants } => {
                collect_inline(selector, values);
                for variant in variants {
                    collect(&variant.value, values);
                }
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, values: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            values.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inline) = expression.as_ref() {
                collect_inline(inline, values);
            }
        }
        _ => {}
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Every use of a message in the program: where, its name, and the values handed to it.
fn uses() -> Vec<(String, String, BTreeSet<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = Vec::new();
    let ours = ["lang/mod.rs", "lang/tests.rs"].map(|name| root.join(name));
    for path in sources(&root).into_iter().filter(|path| !ours.contains(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> =
            text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect();
        let code = code.join("\n");
        for macro_name in ["say!(", "say_in!("] {
            for (start, _) in code.match_indices(macro_name) {
                let call = arguments(&code[start + macro_name.len()..]);
                let quoted = call.split('"').nth(1);
                let name = quoted.unwrap_or_else(|| panic!("{}: {call}: no name", path.display()));
                let handed = top_level(call).into_iter().filter_map(|argument| {
                    let (key, _) = argument.split_once('=')?;
                    let key = key.trim();
                    key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then(|| key.to_owned())
                });
                uses.push((path.display().to_string(), name.to_owned(), handed.collect()));
            }
        }
    }
    uses
}

/// What stands before the parenthesis that closes the call.
fn arguments(code: &str) -> &str {
    let (mut depth, mut in_text, mut escaped) = (0_i32, false, false);
    for (position, character) in code.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return &code[..position],
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    code
}

fn top_level(call: &str) -> Vec<&str> {
    let (mut depth, mut in_text, mut start, mut parts) = (0_i32, false, 0, Vec::new());
    for (position, character) in call.char_indices() {
        match character {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&call[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&call[start..]);
    parts
}

#[test]
fn no_message_lacks_a_translation_or_one_of_its_values() {
    assert_eq!(messages(Language::English), messages(Language::Chinese));
}

#[test]
fn every_message_that_is_said_exists_and_gets_the_values_it_shows() {
    let known = messages(Language::English);
    for (path, name, handed) in uses() {
        let shown = known.get(&name).unwrap_or_else(|| panic!("{path}: there is no message {name}"));
        assert_eq!(shown, &handed, "{path}: the values of {name}");
    }
}

#[test]
fn every_message_is_said_somewhere() {
    let said: BTreeSet<String> = uses().into_iter().map(|(_, name, _)| name).collect();
    for name in messages(Language::English).keys() {
        assert!(said.contains(name), "nobody says {name}");
    }
}

#[test]
fn the_environment_chooses_the_language() {
    let table: [(&[(&str, &str)], Language); 8] = [
        (&[], Language::English),
        (&[("LANG", "zh_CN.UTF-8")], Language::Chinese),
        (&[("LANG", "zh")], Language::Chinese),
        (&[("LANG", "C.UTF-8")], Language::English),
        (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], Language::Chinese),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], Language::English),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")], Language::Chinese),
        (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "zh_TW")], Language::Chinese),
    ];
    for (set, language) in table {
        let variable =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(Language::of_environment(variable), language, "{set:?}");
    }
}

#[test]
fn whole_numbers_have_their_thousands_set_apart() {
    let mut bundle = bundle(Language::English);
    let file = FluentResource::try_new("n = { $n }".to_owned()).unwrap();
    bundle.add_resource_overriding(file);
    for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")] {
        let mut values = FluentArgs::new();
        values.set("n", number);
        let pattern = bundle.get_message("n").unwrap().value().unwrap();
        assert_eq!(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()), text);
    }
}
