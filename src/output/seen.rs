//! What was seen of a call that had no documented answer, in the reader's language.
//!
//! The ledger keeps it in English, as it was written down when it happened.

use std::borrow::Cow;

use crate::lang::Language;
use crate::say_in;

/// Says in a language what an answer's `seen` holds. What is none of the program's own words, such as
/// `HTTP 502`, stays as it is.
pub fn in_language(language: Language, seen: &str) -> Cow<'_, str> {
    if language == Language::English {
        return Cow::Borrowed(seen);
    }
    let told = match seen {
        "the server's certificate is not valid" => say_in!(language, "seen-certificate"),
        "the connection was refused" => say_in!(language, "seen-refused"),
        "the network or host is unreachable" => say_in!(language, "seen-unreachable"),
        "no connection within the time limit" => say_in!(language, "seen-no-connection-in-time"),
        "the host name could not be resolved" => say_in!(language, "seen-name"),
        "the encrypted connection could not be set up" => say_in!(language, "seen-encryption"),
        "no connection could be made" => say_in!(language, "seen-no-connection"),
        "the connection was lost before the request was complete" => {
            say_in!(language, "seen-lost-before-request")
        }
        "no complete reply within the time limit" => say_in!(language, "seen-no-reply-in-time"),
        "the reply was cut short" => say_in!(language, "seen-cut-short"),
        "the connection was lost before a reply" => say_in!(language, "seen-lost-before-reply"),
        "the reply was over 64 KiB" => say_in!(language, "seen-too-long"),
        "the reply was not the documented JSON" => say_in!(language, "seen-no-json"),
        _ => return Cow::Borrowed(seen),
    };
    Cow::Owned(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that the exchange with the API says of itself.
    fn sayings() -> Vec<&'static str> {
        let sources = [
            include_str!("../api/failure.rs"),
            include_str!("../api/client.rs"),
            include_str!("../api/reply.rs"),
        ];
        let literals = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
        literals.filter(|text| text.starts_with("the ") || text.starts_with("no ")).collect()
    }

    #[test]
    fn whatever_the_exchange_says_has_its_chinese() {
        let sayings = sayings();
        assert!(sayings.len() >= 13, "{sayings:?}");
        for seen in sayings {
            let told = in_language(Language::Chinese, seen);
            assert!(told.chars().any(|letter| letter > '\u{4e00}'), "{seen} has no Chinese");
            assert_eq!(in_language(Language::English, seen), seen);
        }
    }

    #[test]
    fn what_is_not_the_programs_own_stays_as_it_is() {
        assert_eq!(in_language(Language::Chinese, "HTTP 502"), "HTTP 502");
    }
}
