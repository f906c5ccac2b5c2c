//! Why a run stopped: its exit code, and what to tell and to do about it.

use super::exit::Exit;
use crate::domain::error_code::{self, ErrorCode, Meaning};
use crate::lang::Language;
use crate::output::{seen, text};
use crate::run::stop::{Pause, Stop};
use crate::say_in;

/// The exit code of a run that stopped early.
pub(super) const fn exit(stop: Stop) -> Exit {
    match stop {
        Stop::MaxCalls
        | Stop::MaxCost
        | Stop::DailyLimit
        | Stop::QuotaUsedUp
        | Stop::Deadline
        | Stop::Signal
        | Stop::AddressLimit => Exit::StoppedEarly,
        Stop::KeyRefused | Stop::AccessRefused(_) => Exit::Refused,
        Stop::ServiceStopped
        | Stop::Maintenance
        | Stop::CertificateInvalid
        | Stop::Unreachable
        | Stop::Busy
        | Stop::Doubts
        | Stop::UnknownCodes
        | Stop::UnknownRes
        | Stop::FieldsRefused
        | Stop::ClientError(_) => Exit::Unavailable,
        Stop::LedgerFailed => Exit::Ledger,
    }
}

/// Says why a run stopped, and what to do. `code`: the code of the answer that stopped it.
pub(super) fn describe(language: Language, stop: Stop, code: Option<&str>) -> String {
    let code = code.map(text::for_terminal);
    let code = code.as_deref();
    let answer = answer(language, code);
    match stop {
        Stop::MaxCalls => say_in!(language, "stop-max-calls"),
        Stop::MaxCost => say_in!(language, "stop-max-cost"),
        Stop::DailyLimit => say_in!(language, "stop-daily-limit"),
        Stop::QuotaUsedUp | Stop::ServiceStopped | Stop::Maintenance => {
            say_in!(language, "stop-answered", answer = answer)
        }
        Stop::KeyRefused => say_in!(language, "stop-key-refused", answer = answer),
        Stop::Deadline if code.is_some() && !is_about_a_row(code) => {
            say_in!(language, "stop-deadline-last", answer = answer)
        }
        Stop::Deadline => say_in!(language, "stop-deadline"),
        Stop::Signal => say_in!(language, "stop-signal"),
        Stop::AddressLimit => say_in!(language, "stop-address-limit"),
        Stop::AccessRefused(status) => {
            say_in!(language, "stop-access-refused", status = status.to_string())
        }
        Stop::CertificateInvalid => say_in!(language, "stop-certificate"),
        Stop::Unreachable => {
            let seen = code.map_or_else(
                || say_in!(language, "stop-no-connection"),
                |seen| seen::in_language(language, seen).into_owned(),
            );
            say_in!(language, "stop-unreachable", seen = seen)
        }
        Stop::Busy => say_in!(language, "stop-busy"),
        Stop::Doubts => say_in!(language, "stop-doubts"),
        Stop::UnknownCodes => say_in!(language, "stop-unknown-codes", answer = answer),
        Stop::UnknownRes => say_in!(language, "stop-unknown-res"),
        Stop::FieldsRefused => say_in!(language, "stop-fields-refused", answer = answer),
        Stop::ClientError(status) => say_in!(language, "stop-client-error", status = status.to_string()),
        Stop::LedgerFailed => say_in!(language, "stop-ledger-failed"),
    }
}

fn line_of(code: Option<&str>) -> Option<&'static ErrorCode> {
    code.and_then(|code| code.parse().ok()).and_then(error_code::find)
}

/// What a row was told says nothing of the run.
fn is_about_a_row(code: Option<&str>) -> bool {
    line_of(code).is_some_and(|line| matches!(line.meaning, Meaning::FieldsRefused | Meaning::NotVerifiable))
}

fn answer(language: Language, code: Option<&str>) -> String {
    match (line_of(code), code) {
        (Some(line), _) => say_in!(
            language,
            "answer-known",
            code = line.code.to_string(),
            text = line.text,
            english = line.english,
            remedy = line.remedy.text(language),
        ),
        (None, Some(code)) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
            say_in!(language, "answer-unknown-code", code = code)
        }
        (None, Some(seen)) => {
            say_in!(language, "answer-seen", seen = seen::in_language(language, seen).into_owned())
        }
        (None, None) => say_in!(language, "answer-none"),
    }
}

/// Says in a few words why nothing is being started just now.
pub(super) fn waiting_for(language: Language, pause: Pause) -> String {
    match pause {
        Pause::Rate => say_in!(language, "pause-rate"),
        Pause::AddressLimit => say_in!(language, "pause-address-limit"),
        Pause::Quota => say_in!(language, "pause-quota"),
        Pause::InternalErrors => say_in!(language, "pause-internal-errors"),
        Pause::Maintenance => say_in!(language, "pause-maintenance"),
        Pause::AskedToWait => say_in!(language, "pause-asked-to-wait"),
        Pause::Unreachable => say_in!(language, "pause-unreachable"),
    }
}
