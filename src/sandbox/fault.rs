//! What can go wrong with one call, by its number: `3:10011`, `5-9:http-502`, `7:reset-after-body`.

use std::str::FromStr;

use thiserror::Error;

/// One misbehaviour.
///
/// The kinds marked "judged" go through the checks and the verdict as any call does, and so are billed
/// when the verdict is: the work was done and the answer was lost. The others are never billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `10011`, `10020`, …: that `error_code`, with HTTP 200.
    Code(u32),
    /// `http-502`: that status, with an HTML page. 429 and 503 ask to `retry-after: 1`; 3xx point elsewhere.
    Http(u16),
    /// `reset-before-body`: a TCP reset as soon as the head is read.
    ResetBeforeBody,
    /// `reset-after-body`: a TCP reset once the whole request is read.
    ResetAfterBody,
    /// `reset-after-body-billed`: judged, then a TCP reset.
    ResetAfterBodyBilled,
    /// `close-after-body-billed`: judged, then an orderly end without an answer.
    CloseAfterBodyBilled,
    /// `hang`: no answer until the client gives up, ten minutes at most.
    Hang,
    /// `hang-billed`: judged, then as `hang`.
    HangBilled,
    /// `truncate`: judged, then the JSON cut in half.
    Truncate,
    /// `not-json`: HTTP 200 with an HTML page.
    NotJson,
    /// `slow`: judged, then the right answer, three seconds late.
    Slow,
    /// `unknown-res`: judged; a billed verdict says `res` 777.
    UnknownRes,
}

impl Fault {
    /// Says whether the call is checked, judged and billed before this befalls it.
    pub const fn is_judged(self) -> bool {
        match self {
            Self::Code(_)
            | Self::Http(_)
            | Self::ResetBeforeBody
            | Self::ResetAfterBody
            | Self::Hang
            | Self::NotJson => false,
            Self::ResetAfterBodyBilled
            | Self::CloseAfterBodyBilled
            | Self::HangBilled
            | Self::Truncate
            | Self::Slow
            | Self::UnknownRes => true,
        }
    }
}

/// The kinds that are plain words.
const WORDS: [(&str, Fault); 10] = [
    ("reset-before-body", Fault::ResetBeforeBody),
    ("reset-after-body", Fault::ResetAfterBody),
    ("reset-after-body-billed", Fault::ResetAfterBodyBilled),
    ("close-after-body-billed", Fault::CloseAfterBodyBilled),
    ("hang", Fault::Hang),
    ("hang-billed", Fault::HangBilled),
    ("truncate", Fault::Truncate),
    ("not-json", Fault::NotJson),
    ("slow", Fault::Slow),
    ("unknown-res", Fault::UnknownRes),
];

/// A fault and the calls that it befalls, numbered from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedFault {
    /// The first call.
    pub first: u64,
    /// The last call.
    pub last: u64,
    /// What befalls it.
    pub fault: Fault,
}

/// Why a script cannot be understood.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BadFault {
    /// No colon.
    #[error("{}", crate::say!("bad-fault-form"))]
    Form,
    /// Not a range of call numbers.
    #[error("{}", crate::say!("bad-fault-calls"))]
    Calls,
    /// No such kind.
    #[error("{}", crate::say!("bad-fault-kind"))]
    Kind,
}

impl ScriptedFault {
    /// Finds what befalls call number `call`.
    pub fn find(script: &[Self], call: u64) -> Option<Fault> {
        script
            .iter()
            .find(|scripted| (scripted.first..=scripted.last).contains(&call))
            .map(|scripted| scripted.fault)
    }
}

impl FromStr for ScriptedFault {
    type Err = BadFault;

    fn from_str(written: &str) -> Result<Self, BadFault> {
        let (calls, kind) = written.split_once(':').ok_or(BadFault::Form)?;
        let (first, last) = calls.split_once('-').unwrap_or((calls, calls));
        let first = first.parse().map_err(|_| BadFault::Calls)?;
        let last = last.parse().map_err(|_| BadFault::Calls)?;
        if first == 0 || first > last {
            return Err(BadFault::Calls);
        }
        Ok(Self { first, last, fault: kind.parse()? })
    }
}

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(written: &str) -> Result<Self, BadFault> {
        if let Some((_, fault)) = WORDS.iter().find(|(word, _)| *word == written) {
            return Ok(*fault);
        }
        if let Some(status) = written.strip_prefix("http-") {
            return status
                .parse()
                .ok()
                .filter(|status| (300..=599).contains(status))
                .map(Self::Http)
                .ok_or(BadFault::Kind);
        }
        written.parse().ok().filter(|&code| code != 0).map(Self::Code).ok_or(BadFault::Kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_the_message_lists_is_understood() {
        let message = BadFault::Kind.to_string();
        for (word, fault) in WORDS {
            assert!(message.contains(word), "{word}");
            assert_eq!(word.parse(), Ok(fault));
        }
    }

    #[test]
    fn scripts_are_read() {
        let scripted = |first, last, fault| Ok(ScriptedFault { first, last, fault });
        for (written, meant) in [
            ("3:10011", scripted(3, 3, Fault::Code(10011))),
            ("5-9:http-502", scripted(5, 9, Fault::Http(502))),
            ("1:hang", scripted(1, 1, Fault::Hang)),
            ("10011", Err(BadFault::Form)),
            ("0:hang", Err(BadFault::Calls)),
            ("9-5:hang", Err(BadFault::Calls)),
            ("-1:hang", Err(BadFault::Calls)),
            ("x:hang", Err(BadFault::Calls)),
            ("1:explode", Err(BadFault::Kind)),
            ("1:", Err(BadFault::Kind)),
            ("1:0", Err(BadFault::Kind)),
            ("1:http-200", Err(BadFault::Kind)),
            ("1:http-6000", Err(BadFault::Kind)),
        ] {
            assert_eq!(written.parse(), meant, "{written}");
        }
    }

    #[test]
    fn the_first_fault_that_matches_wins() {
        let script = ["2-4:hang", "4-5:slow"].map(|written| written.parse().unwrap());
        let found = [1, 2, 4, 5, 6].map(|call| ScriptedFault::find(&script, call));
        assert_eq!(found, [None, Some(Fault::Hang), Some(Fault::Hang), Some(Fault::Slow), None]);
    }
}
