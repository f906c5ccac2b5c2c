//! Which module may know which: read from the sources themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and those that it may use. What is not listed is not allowed.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("lang", &[]),
    ("domain", &[]),
    ("intake", &["domain"]),
    ("photo", &["domain"]),
    ("ledger", &["domain"]),
    ("pace", &["domain"]),
    ("api", &["domain"]),
    ("output", &["domain"]),
    ("compare", &["domain", "intake", "output"]),
    ("run", &["domain", "intake", "photo", "ledger", "pace", "api", "output"]),
    ("report", &["domain", "intake", "ledger", "output", "run"]),
    ("sandbox", &[]),
    (
        "cli",
        &[
            "compare", "domain", "intake", "photo", "ledger", "pace", "api", "output", "run", "report",
            "sandbox",
        ],
    ),
];

/// What people read, and the macros that say it.
const MAY_BE_USED_BY_ALL: [&str; 3] = ["lang", "say", "say_in"];

/// The one exception: the mirror writes what intake has read.
const EXCEPTION: (&str, &str) = ("src/output/mirror.rs", "intake");

/// What the domain must not know: the outside world, its clock included.
const NOT_IN_THE_DOMAIN: [&str; 11] = [
    "tokio",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "rusqlite",
    "reqwest",
    "async fn",
];

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

/// The code of a file without its comments, on one line.
fn code_of(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join(" ")
}

/// The modules that code names after `crate::`, in braces or alone.
fn modules_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(group) => top_level_names(group),
            None => vec![rest.to_owned()],
        };
        for name in names {
            let name: String =
                name.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            used.insert(name);
        }
    }
    used
}

/// Splits `a, b::{c, d}, e}` into `a`, `b::…` and `e`.
fn top_level_names(group: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0;
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => names.last_mut().unwrap().push(character),
            _ => {}
        }
    }
    names
}

#[test]
fn the_reader_of_use_lines_sees_groups_and_single_names() {
    let code = "use crate::{intake::{Row, Table}, ledger}; use crate::domain::money; crate::api::judge()";
    assert_eq!(modules_used(code).into_iter().collect::<Vec<_>>(), ["api", "domain", "intake", "ledger"]);
}

#[test]
fn dependencies_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for path in sources(&root.join("src")) {
        let place = path.strip_prefix(root).unwrap().to_str().unwrap();
        let module = path.strip_prefix(root.join("src")).unwrap().iter().next().unwrap();
        let module = module.to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(known, _)| *known == module)
            .unwrap_or_else(|| panic!("{place}: `{module}` has no place among the modules yet"));
        for used in modules_used(&code_of(&path)) {
            let is_allowed = used == module
                || MAY_BE_USED_BY_ALL.contains(&used.as_str())
                || allowed.contains(&used.as_str())
                || (place, &*used) == EXCEPTION;
            assert!(is_allowed, "{place} uses `{used}`");
        }
        checked += 1;
    }
    assert!(checked > 50, "only {checked} files were found");
}

#[test]
fn the_domain_knows_no_world() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in sources(&root.join("src/domain")) {
        let code = code_of(&path);
        for word in NOT_IN_THE_DOMAIN {
            assert!(!code.contains(word), "{} has `{word}`", path.display());
        }
    }
}

#[test]
fn sql_is_written_in_the_ledger_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in sources(&root.join("src")) {
        let is_in_the_ledger = path.starts_with(root.join("src/ledger"));
        assert!(is_in_the_ledger || !code_of(&path).contains("rusqlite"), "{}", path.display());
    }
}
