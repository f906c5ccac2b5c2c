//! Which language, before anything else is read: help and refusals are in it too.

use std::ffi::OsString;
use std::path::Path;

use super::config_file;
use crate::lang::Language;

/// Chooses the language: `--lang`, `$REVERIFY_LANG`, `lang` in `reverify.toml`, the environment's locale.
///
/// What cannot be understood here is passed over: it is refused where it is read properly.
pub(super) fn choose(arguments: &[OsString]) -> Language {
    let variable = |name: &str| std::env::var(name).ok();
    let flag = typed(arguments, "--lang");
    let from_file = || {
        let named = typed(arguments, "--config").or_else(|| variable("REVERIFY_CONFIG"));
        let path = named.unwrap_or_else(|| config_file::DEFAULT.to_owned());
        lang_of_file(Path::new(&path))
    };
    let understood = |word: String| word.parse().ok();
    flag.and_then(understood)
        .or_else(|| variable("REVERIFY_LANG").and_then(understood))
        .or_else(|| from_file().and_then(understood))
        .unwrap_or_else(|| Language::of_environment(variable))
}

/// The value of an option that was typed, as `--name value` or `--name=value`.
fn typed(arguments: &[OsString], option: &str) -> Option<String> {
    let mut words = arguments.iter().skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        if word == option {
            return words.next().map(Into::into);
        }
        if let Some(value) = word.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.to_owned());
        }
    }
    None
}

fn lang_of_file(path: &Path) -> Option<String> {
    let table: toml::Table = std::fs::read_to_string(path).ok()?.parse().ok()?;
    Some(table.get("lang")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_either_form_and_not_behind_two_dashes() {
        for (line, found) in [
            ("reverify --lang zh run x", Some("zh")),
            ("reverify run x --lang=en", Some("en")),
            ("reverify run --language zh", None),
            ("reverify run -- --lang zh", None),
            ("reverify run --lang", None),
            ("--lang zh", None),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(typed(&arguments, "--lang").as_deref(), found, "{line}");
        }
    }
}
