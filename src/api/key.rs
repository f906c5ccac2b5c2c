//! The API key: a secret that is sent and never shown.

use std::fmt;

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Nothing but white space.
    #[error("{}", crate::say!("bad-key-empty"))]
    Empty,
    /// Something that no key contains.
    #[error("{}", crate::say!("bad-key-strange"))]
    Strange,
}

/// The key of an account at Juhe.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Reads a key; white space around it is dropped, as a file's last line end is no part of it.
    ///
    /// # Errors
    ///
    /// If nothing is left, or it is not one run of visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let key = text.trim_start_matches('\u{feff}').trim();
        if key.is_empty() {
            Err(BadKey::Empty)
        } else if key.len() > 256 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(BadKey::Strange)
        } else {
            Ok(Self(key.to_owned()))
        }
    }

    /// The key as it is sent.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_word() {
        assert_eq!(ApiKey::parse(" abc123\r\n").unwrap().secret(), "abc123");
        for text in ["", " \n", "a b", "a\nb", "密钥", "a\0b"] {
            assert!(ApiKey::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(format!("{:?}", ApiKey::parse("abc").unwrap()), "ApiKey(..)");
    }
}
