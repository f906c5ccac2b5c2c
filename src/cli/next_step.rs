//! The exact command to type next.

use std::ffi::OsString;
use std::path::Path;

/// Writes the command line that was typed as a shell would need it, with something added at its end.
pub(super) fn again(arguments: &[OsString], added: &[&str]) -> String {
    let program = arguments.first().map(|program| Path::new(program).file_name().unwrap_or(program));
    let program = program.map(|program| program.to_string_lossy().into_owned());
    let rest = arguments.iter().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let added = added.iter().map(|argument| (*argument).to_owned());
    let words: Vec<String> = program.into_iter().chain(rest).chain(added).map(|word| quoted(&word)).collect();
    words.join(" ")
}

/// Writes a word as a shell would need it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./=:,+@%".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", crate::output::text::for_terminal(word).replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        let typed: Vec<OsString> =
            ["/usr/bin/reverify", "run", "客户 名单.csv", "it's", ""].map(OsString::from).to_vec();
        assert_eq!(
            again(&typed, &["--in-doubt", "resend"]),
            r"reverify run '客户 名单.csv' 'it'\''s' '' --in-doubt resend"
        );
    }
}
