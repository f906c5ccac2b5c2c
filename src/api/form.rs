//! The request's form, percent-encoded, with `key` in a frame of its own at the end.
//!
//! API document, 请求参数说明: `key`, `realname`, `idcard`, `mobile`, `image` (base64 without a `data:`
//! prefix), as `application/x-www-form-urlencoded`. In such a form a bare `+` means a space, so base64's
//! `+`, `/` and `=` are all escaped. Without its last frame the form lacks the key, which no server can
//! take for a valid request.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::ApiKey;

/// What is asked of the API: the normalised values, and the prepared picture.
pub struct Parameters<'a> {
    /// 姓名.
    pub realname: &'a str,
    /// 身份证号码.
    pub idcard: &'a str,
    /// 手机号码.
    pub mobile: &'a str,
    /// The JPEG, not yet in base64.
    pub image: &'a [u8],
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parameters(..)") // Personal data stays out of logs.
    }
}

/// A form that is ready to be sent.
#[derive(Clone)]
pub struct Form {
    pub(super) applicant: Bytes,
    pub(super) key: Bytes,
}

impl Form {
    /// Encodes the parameters.
    pub fn encode(parameters: &Parameters<'_>, key: &ApiKey) -> Self {
        let image = STANDARD.encode(parameters.image);
        let mut form = Vec::with_capacity(image.len() + image.len() / 16 + 512);
        for (name, value) in [
            ("realname", parameters.realname),
            ("idcard", parameters.idcard),
            ("mobile", parameters.mobile),
            ("image", &image),
        ] {
            form.extend_from_slice(name.as_bytes());
            form.push(b'=');
            percent_encode(value.as_bytes(), &mut form);
            form.push(b'&');
        }
        form.pop();
        let mut last = b"&key=".to_vec();
        percent_encode(key.secret().as_bytes(), &mut last);
        Self { applicant: form.into(), key: last.into() }
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(..)") // Personal data stays out of logs.
    }
}

/// Escapes every byte but letters, digits, `-`, `.`, `_` and `~` (RFC 3986's unreserved ones).
fn percent_encode(bytes: &[u8], into: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(byte);
        } else {
            into.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a form as a server does: `+` is a space, `%XX` is a byte.
    fn decode(form: &[u8]) -> Vec<(String, Vec<u8>)> {
        form.split(|byte| *byte == b'&')
            .map(|pair| {
                let equals = pair.iter().position(|byte| *byte == b'=').expect("a name and a value");
                let mut value = Vec::new();
                let mut rest = pair[equals + 1..].iter();
                while let Some(&byte) = rest.next() {
                    value.push(match byte {
                        b'+' => b' ',
                        b'%' => {
                            let digits = [*rest.next().expect("a digit"), *rest.next().expect("a digit")];
                            let digits = std::str::from_utf8(&digits).expect("ASCII");
                            u8::from_str_radix(digits, 16).expect("hexadecimal")
                        }
                        byte => byte,
                    });
                }
                (String::from_utf8(pair[..equals].to_vec()).expect("a name"), value)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_server_reads_back_what_was_meant(
            realname in "\\PC{1,20}", idcard in "[0-9X+&=% ]{1,18}", mobile in "[0-9+]{1,14}",
            image in proptest::collection::vec(any::<u8>(), 0..200), key in "[!-~]{1,40}",
        ) {
            let key = ApiKey::parse(&key).expect("visible characters");
            let form = Form::encode(
                &Parameters { realname: &realname, idcard: &idcard, mobile: &mobile, image: &image }, &key,
            );
            let fields = decode(&[&form.applicant[..], &form.key[..]].concat());
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert_eq!(names, ["realname", "idcard", "mobile", "image", "key"]);
            prop_assert_eq!(&fields[0].1, realname.as_bytes());
            prop_assert_eq!(&fields[1].1, idcard.as_bytes());
            prop_assert_eq!(&fields[2].1, mobile.as_bytes());
            prop_assert_eq!(STANDARD.decode(&fields[3].1).expect("base64"), image);
            prop_assert_eq!(&fields[4].1, key.secret().as_bytes());
            prop_assert!(!decode(&form.applicant).iter().any(|(name, _)| name == "key"));
        }
    }
}
