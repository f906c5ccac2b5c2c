//! `application/x-www-form-urlencoded`, read strictly: what a lenient server would guess is refused.
//!
//! Not here: what the fields mean (`check`).

use std::borrow::Cow;

use thiserror::Error;

/// The fields of a body, in the order in which they were sent.
pub struct Form<'a> {
    fields: Vec<Field<'a>>,
}

type Field<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// Why a body is not a form.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadForm {
    /// A `%` without two hexadecimal digits after it.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    PercentEscape,
    /// A byte that the encoding never leaves as it is.
    #[error("a space, control or non-ASCII byte is not percent-encoded")]
    RawByte,
    /// A piece between two `&` without `=`.
    #[error("a field has no equals sign")]
    NoEqualsSign,
    /// The same name twice: servers differ in which one they take.
    #[error("a field occurs twice")]
    Twice,
}

impl<'a> Form<'a> {
    /// Reads a whole body.
    ///
    /// # Errors
    ///
    /// Names the broken rule, and never repeats the body.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadForm> {
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(5);
        if body.is_empty() {
            return Ok(Self { fields });
        }
        for piece in body.split(|&byte| byte == b'&') {
            let equals = piece.iter().position(|&byte| byte == b'=').ok_or(BadForm::NoEqualsSign)?;
            let name = decode(&piece[..equals])?;
            if fields.iter().any(|(earlier, _)| *earlier == name) {
                return Err(BadForm::Twice);
            }
            fields.push((name, decode(&piece[equals + 1..])?));
        }
        Ok(Self { fields })
    }

    /// Returns a field's decoded bytes, empty if it is missing: the document treats both alike.
    pub fn get(&self, name: &str) -> &[u8] {
        self.fields
            .iter()
            .find(|(candidate, _)| &**candidate == name.as_bytes())
            .map_or(&[], |(_, value)| &**value)
    }
}

fn decode(written: &[u8]) -> Result<Cow<'_, [u8]>, BadForm> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%' && byte != b'+';
    let Some(first) = written.iter().position(|&byte| !is_plain(byte)) else {
        return Ok(Cow::Borrowed(written));
    };
    let mut decoded = Vec::with_capacity(written.len());
    let mut rest = written;
    let mut next = Some(first);
    while let Some(at) = next {
        decoded.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'+' => {
                decoded.push(b' ');
                rest = &rest[at + 1..];
            }
            b'%' => {
                let [high, low] = *rest.get(at + 1..at + 3).ok_or(BadForm::PercentEscape)? else {
                    return Err(BadForm::PercentEscape);
                };
                decoded.push(hexadecimal(high)? << 4 | hexadecimal(low)?);
                rest = &rest[at + 3..];
            }
            _ => return Err(BadForm::RawByte),
        }
        next = rest.iter().position(|&byte| !is_plain(byte));
    }
    decoded.extend_from_slice(rest);
    Ok(Cow::Owned(decoded))
}

fn hexadecimal(digit: u8) -> Result<u8, BadForm> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(BadForm::PercentEscape),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plus_sign_is_a_space_and_an_escaped_one_is_itself() {
        let form = Form::parse(b"a=x+y&b=x%2By&c=x%20y").unwrap();
        assert_eq!(form.get("a"), b"x y");
        assert_eq!(form.get("b"), b"x+y");
        assert_eq!(form.get("c"), b"x y");
    }

    #[test]
    fn only_the_first_equals_sign_parts_name_from_value() {
        let form = Form::parse(b"image=AAA=&empty=&=nameless").unwrap();
        assert_eq!(form.get("image"), b"AAA=");
        assert_eq!(form.get("empty"), b"");
        assert_eq!(form.get(""), b"nameless");
        assert_eq!(form.get("missing"), b"");
    }

    #[test]
    fn what_is_not_a_form_is_named() {
        for (body, wrong) in [
            (&b"a=%"[..], BadForm::PercentEscape),
            (b"a=%4", BadForm::PercentEscape),
            (b"a=%4g", BadForm::PercentEscape),
            (b"a=%+1", BadForm::PercentEscape),
            (b"a=x y", BadForm::RawByte),
            (b"a=x\r\n", BadForm::RawByte),
            ("a=张".as_bytes(), BadForm::RawByte),
            (b"a", BadForm::NoEqualsSign),
            (b"a=1&", BadForm::NoEqualsSign),
            (b"{}", BadForm::NoEqualsSign),
            (b"a=1&b=2&%61=3", BadForm::Twice),
        ] {
            assert_eq!(Form::parse(body).err(), Some(wrong), "{}", String::from_utf8_lossy(body));
        }
    }

    proptest! {
        #[test]
        fn every_value_survives_full_percent_encoding(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            use std::fmt::Write as _;
            let mut body = String::from("v=");
            for byte in &value {
                write!(body, "%{byte:02x}").unwrap();
            }
            let form = Form::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(form.get("v"), &value[..]);
        }

        #[test]
        fn any_bytes_are_parsed_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&body);
        }
    }
}
