//! The four service errors 280101 to 280104: parameters that the API would not judge.
//!
//! The document has no code for a picture that cannot be read; the sandbox answers 280101 with a reason
//! that says so. Not here: the key, or the verdict.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::form::Form;

/// The parameters of one call, found fit to be judged.
pub struct Parameters<'a> {
    /// 姓名, without the spaces around it.
    pub realname: &'a str,
    /// 身份证号码.
    pub idcard: &'a [u8],
    /// 手机号码.
    pub mobile: &'a [u8; 11],
    /// The base64 text of the picture.
    pub image: &'a [u8],
}

/// A refusal that is not billed: the code and the reason that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `error_code`.
    pub code: u32,
    /// `reason`.
    pub reason: &'static str,
}

const EMPTY: Refusal = Refusal { code: 280_101, reason: "任一参数不能为空" };
const NOT_BASE64: Refusal =
    Refusal { code: 280_101, reason: "任一参数不能为空: image is not base64" };
const DATA_PREFIX: Refusal =
    Refusal { code: 280_101, reason: "任一参数不能为空: image has a data: prefix" };
const NOT_JPEG: Refusal =
    Refusal { code: 280_101, reason: "任一参数不能为空: image is not a whole JPEG" };
const BAD_IDCARD: Refusal = Refusal { code: 280_102, reason: "身份证号格式错" };
const BAD_MOBILE: Refusal = Refusal { code: 280_103, reason: "手机号格式错误" };
const BAD_NAME: Refusal = Refusal { code: 280_104, reason: "姓名格式错误" };

/// Checks the parameters in the order of their error codes.
///
/// # Errors
///
/// The first refusal that applies.
pub fn check<'a>(form: &'a Form<'_>) -> Result<Parameters<'a>, Refusal> {
    let [realname, idcard, mobile, image] =
        ["realname", "idcard", "mobile", "image"].map(|name| form.get(name));
    if [realname, idcard, mobile, image].iter().any(|value| value.trim_ascii().is_empty()) {
        return Err(EMPTY);
    }
    check_image(image)?;
    if !is_idcard(idcard) {
        return Err(BAD_IDCARD);
    }
    let mobile =
        mobile.first_chunk().filter(|first| *first == mobile && is_mobile(first)).ok_or(BAD_MOBILE)?;
    let realname = std::str::from_utf8(realname).map_err(|_| BAD_NAME)?.trim();
    if !is_name(realname) {
        return Err(BAD_NAME);
    }
    Ok(Parameters { realname, idcard, mobile, image })
}

/// "图片内容不含data:image/jpg;base64,前缀": plain base64, of something that begins and ends as a JPEG does.
fn check_image(image: &[u8]) -> Result<(), Refusal> {
    if image.starts_with(b"data:") {
        return Err(DATA_PREFIX);
    }
    let picture = STANDARD.decode(image).map_err(|_| NOT_BASE64)?;
    if picture.len() > 5 && picture.starts_with(&[0xff, 0xd8, 0xff]) && picture.ends_with(&[0xff, 0xd9]) {
        Ok(())
    } else {
        Err(NOT_JPEG)
    }
}

/// Seventeen digits and a digit or `X`, whose ISO 7064 MOD 11-2 remainder is 1.
fn is_idcard(number: &[u8]) -> bool {
    let [digits @ .., last] = number else { return false };
    let value = |byte: u8| u32::from(byte - b'0');
    let last = match last {
        b'X' => 10,
        b'0'..=b'9' => value(*last),
        _ => return false,
    };
    digits.len() == 17
        && digits.iter().all(u8::is_ascii_digit)
        // Horner's rule: each place weighs twice the next, modulo 11.
        && (digits.iter().fold(0, |sum, &byte| (sum + value(byte)) * 2 % 11) + last) % 11 == 1
}

fn is_mobile(number: &[u8; 11]) -> bool {
    number.iter().all(u8::is_ascii_digit) && number[0] == b'1' && number[1] >= b'3'
}

fn is_name(name: &str) -> bool {
    (1..=50).contains(&name.chars().count())
        && !name.chars().any(|c| {
            c.is_ascii_digit()
                || (c.is_ascii_punctuation() && !"'-.".contains(c))
                || c.is_control()
                || c == char::REPLACEMENT_CHARACTER
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 0xff, 0xd9];

    fn code_of(changed: &str, value: &str) -> u32 {
        use std::fmt::Write as _;
        let image = STANDARD.encode(JPEG);
        let mut body = String::new();
        for (name, good) in [
            ("realname", "测试"),
            ("idcard", "00000019900307105X"),
            ("mobile", "13800000100"),
            ("image", &image),
        ] {
            let value = if name == changed { value } else { good };
            write!(body, "{}{name}=", if body.is_empty() { "" } else { "&" }).unwrap();
            value.bytes().for_each(|byte| write!(body, "%{byte:02X}").unwrap());
        }
        check(&Form::parse(body.as_bytes()).unwrap()).err().map_or(0, |refusal| refusal.code)
    }

    /// The check digit by the other textbook method: weights and a table of letters.
    fn with_check_digit(first_seventeen: &str) -> String {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 =
            first_seventeen.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        format!("{first_seventeen}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
    }

    #[test]
    fn every_check_digit_but_the_right_one_is_refused() {
        for serial in 0..200 {
            let first_seventeen = format!("00000019900307{serial:03}");
            let right = with_check_digit(&first_seventeen);
            for last in "0123456789X".chars() {
                let number = format!("{first_seventeen}{last}");
                let expected = if number == right { 0 } else { 280_102 };
                assert_eq!(code_of("idcard", &number), expected, "{number}");
            }
        }
    }

    #[test]
    fn each_parameter_has_its_code() {
        let long_name = "名".repeat(51);
        let longest_name = "名".repeat(50);
        let data_prefix = format!("data:image/jpg;base64,{}", STANDARD.encode(JPEG));
        let cut = STANDARD.encode(&JPEG[..5]);
        let png = STANDARD.encode(b"\x89PNG\r\n\x1a\n");
        for (name, value, code) in [
            ("realname", "", 280_101),
            ("realname", "  ", 280_101),
            ("idcard", "", 280_101),
            ("mobile", "", 280_101),
            ("image", "", 280_101),
            ("image", "not base64!", 280_101),
            ("image", "/9j/4A D/2Q==", 280_101),
            ("image", &data_prefix, 280_101),
            ("image", &cut, 280_101),
            ("image", &png, 280_101),
            ("idcard", "00000019900307105x", 280_102),
            ("idcard", "0000001990030710", 280_102),
            ("idcard", "00000019900307105X0", 280_102),
            ("idcard", "0000001990030710X9", 280_102),
            ("idcard", "000000900307105", 280_102),
            ("mobile", "12800000100", 280_103),
            ("mobile", "23800000100", 280_103),
            ("mobile", "1380000010", 280_103),
            ("mobile", "138000001000", 280_103),
            ("mobile", "1380000010O", 280_103),
            ("mobile", "+8613800000100", 280_103),
            ("realname", "张3", 280_104),
            ("realname", "张#三", 280_104),
            ("realname", "\u{3000}", 280_104),
            ("realname", "张\u{fffd}", 280_104),
            ("realname", &long_name, 280_104),
            ("realname", &longest_name, 0),
            ("realname", "买买提·吐尔逊", 0),
            ("realname", " John Smith ", 0),
            ("realname", "Mary-Jane O'Neil Jr.", 0),
            ("mobile", "19912345678", 0),
        ] {
            assert_eq!(code_of(name, value), code, "{name} {value:?}");
        }
    }
}
