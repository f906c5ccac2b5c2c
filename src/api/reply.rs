//! The reply: read leniently where its meaning is plain, and never guessed where money hangs on it.
//!
//! The API document gives three samples. Two are not JSON (a full-width comma between members, a comma
//! before a closing brace). For money they mean:
//!
//! - The first (res 100, full-width comma) is not JSON. A reply of these bytes is in doubt: whoever
//!   mends it guesses, and its code 0 would be a guess about money.
//! - The second (res 101) is JSON: billed.
//! - The third (280105, trailing comma) is not JSON either: in doubt. With the comma mended it is
//!   280105, which is not billed.
//!
//! Lenient means: numbers may be strings, `result` may be an object, null, `[]` or missing, a byte order
//! mark may come first, and unknown members are passed over. A member that appears twice makes a reply
//! unreadable, since the two may disagree.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Exchange;
use crate::domain::answer::{Answer, Class, Finding};
use crate::domain::error_code::{self, Meaning};
use crate::domain::outcome;

/// No text of the API is this long; what is longer is cut.
const TEXT_CAP_CHARACTERS: usize = 2000;

/// No word of the API is this long; a piece of a picture in base64 is.
const SHORTEST_PICTURE_CHARACTERS: usize = 64;

/// Judges a whole reply: HTTP status, the wait that it asks for, and its body. `secrets` (name, ID
/// number, mobile, key) and pictures are blotted out wherever the API repeats them.
pub fn judge(
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    secrets: &[&str; 4],
    now: Timestamp,
) -> Exchange {
    let fields = read(body);
    let finding = find(status, retry_after, fields.as_ref());
    let class = finding.class();
    let mut answer = match fields {
        Some(fields) => fields.into_answer(class, secrets, now),
        None => Answer::without_reply(class, "", now),
    };
    answer.http_status = Some(status);
    answer.seen = match (finding, status) {
        (Finding::Doubt, 200..=299) => Some("the reply was not the documented JSON".to_owned()),
        (Finding::Doubt | Finding::ClientError(_) | Finding::AskedToWait(_), _) => {
            Some(format!("HTTP {status}"))
        }
        _ => None,
    };
    Exchange { finding, answer }
}

fn find(status: u16, retry_after: Option<Duration>, fields: Option<&Fields>) -> Finding {
    let meaning = fields.map(|fields| error_code::meaning(&fields.error_code));
    let by_code = || {
        let fields = fields?;
        Some(Finding::of_reply(error_code::meaning(&fields.error_code), fields.res.as_deref()))
    };
    match status {
        200..=299 => by_code().unwrap_or(Finding::Doubt),
        // A refusal that says "answered and billed" contradicts itself.
        400..=407 | 409..=499 | 503 if meaning == Some(Meaning::Answered) => Finding::Doubt,
        429 => Finding::AskedToWait(retry_after),
        503 if retry_after.is_some() => Finding::AskedToWait(retry_after),
        400..=407 | 409..=499 => match meaning {
            Some(meaning) if meaning.billed() == Some(false) => {
                by_code().unwrap_or(Finding::ClientError(status))
            }
            _ => Finding::ClientError(status),
        },
        _ => Finding::Doubt,
    }
}

/// The documented members of a reply, as text.
struct Fields {
    error_code: String,
    reason: Option<String>,
    res: Option<String>,
    resmsg: Option<String>,
    score: Option<String>,
    carrier: Option<String>,
    orderid: Option<String>,
}

impl Fields {
    fn into_answer(self, class: Class, secrets: &[&str; 4], now: Timestamp) -> Answer {
        let clean = |text: Option<String>| text.map(|text| blot(text, secrets));
        Answer {
            class,
            error_code: clean(Some(self.error_code)),
            res: clean(self.res),
            resmsg: clean(self.resmsg),
            score: clean(self.score),
            carrier: clean(self.carrier),
            orderid: clean(self.orderid),
            reason: clean(self.reason),
            http_status: None,
            seen: None,
            time: now,
        }
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    error_code: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Result<'a> {
    #[serde(borrow)]
    res: Option<&'a RawValue>,
    #[serde(borrow)]
    resmsg: Option<&'a RawValue>,
    #[serde(borrow)]
    score: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    carrier: Option<&'a RawValue>,
    #[serde(borrow)]
    orderid: Option<&'a RawValue>,
}

/// Reads a body. `None`: it is not the documented JSON.
fn read(body: &[u8]) -> Option<Fields> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let reply: Reply<'_> = serde_json::from_slice(body).ok()?;
    let error_code = read_code(reply.error_code?)?;
    let result: Result<'_> = match reply.result {
        Some(raw) if raw.get().starts_with('{') => serde_json::from_str(raw.get()).ok()?,
        _ => Result::default(),
    };
    Some(Fields {
        error_code,
        reason: read_text(reply.reason),
        res: result.res.and_then(read_code),
        resmsg: read_text(result.resmsg),
        score: read_text(result.score),
        carrier: read_text(result.carrier),
        orderid: read_text(result.orderid),
    })
}

/// Reads a code: a number or a text; `0.0` is `0`. `None` for null, true, objects and arrays.
fn read_code(raw: &RawValue) -> Option<String> {
    let text = match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(raw.get()).ok()?.trim().to_owned(),
        b'-' | b'0'..=b'9' => raw.get().to_owned(),
        _ => return None,
    };
    let whole = text
        .split_once('.')
        .filter(|(_, decimals)| !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0'));
    let text = whole.map_or(text.as_str(), |(whole, _)| whole);
    (!text.is_empty()).then(|| cut(text))
}

/// Reads any value as text, numbers word for word. `None` for null.
fn read_text(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw?.get();
    match raw.as_bytes().first()? {
        b'n' => None,
        b'"' => serde_json::from_str::<String>(raw).ok().map(|text| cut(&text)),
        _ => Some(cut(raw)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CAP_CHARACTERS).collect()
}

/// Replaces what the request held and the API repeats, unless the text is the document's own.
fn blot(text: String, secrets: &[&str; 4]) -> String {
    let documented = outcome::DOCUMENTED.filter_map(outcome::sentence);
    let mut documented = documented.chain(error_code::TABLE.iter().map(|line| line.text));
    if documented.any(|known| known == text) {
        return text;
    }
    let mut text = Cow::Owned::<str>(text);
    for (secret, name) in secrets.iter().zip(["[realname]", "[idcard]", "[mobile]", "[key]"]) {
        // A single character would blot out words that only share it.
        if secret.chars().count() >= 2 && text.contains(secret) {
            text = Cow::Owned(text.replace(secret, name));
        }
    }
    without_pictures(&text)
}

/// Replaces whatever could be a piece of a picture in base64, as it is or percent-encoded.
fn without_pictures(text: &str) -> String {
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/=%".contains(character);
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(|character| !is_base64(character)) {
        let word = piece.trim_end_matches(|character| !is_base64(character));
        let is_picture = word.len() >= SHORTEST_PICTURE_CHARACTERS;
        shown.push_str(if is_picture { "[image]" } else { word });
        shown.push_str(&piece[word.len()..]);
    }
    shown
}

#[cfg(test)]
mod tests;
