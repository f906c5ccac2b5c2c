//! Why a run stopped: its exit code, and what to tell and to do about it.

use super::exit::Exit;
use crate::domain::error_code::{self, Meaning};
use crate::output::text;
use crate::run::stop::{Pause, Stop};

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
pub(super) fn describe(stop: Stop, code: Option<&str>) -> String {
    let code = code.map(text::for_terminal);
    let code = code.as_deref();
    let line = code.and_then(|code| code.parse().ok()).and_then(error_code::find);
    let answer = match (line, code) {
        (Some(line), _) => format!(
            "{} {} ({}): {}",
            line.code,
            line.text,
            line.english,
            line.remedy.text(crate::lang::current())
        ),
        (None, Some(code)) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{code}, which is not in the API's document: ask Juhe what it means")
        }
        (None, Some(seen)) => format!("this: {seen}"),
        (None, None) => "no code".to_owned(),
    };
    match stop {
        Stop::MaxCalls => "--max-calls is reached".to_owned(),
        Stop::MaxCost => "--max-cost is reached: calls in doubt count as spent".to_owned(),
        Stop::DailyLimit => "--daily-limit is reached; the next day begins at midnight in Shanghai".to_owned(),
        Stop::QuotaUsedUp | Stop::ServiceStopped | Stop::Maintenance => format!("the API answered {answer}"),
        Stop::KeyRefused => format!("the API refuses this key or address with {answer}"),
        Stop::Deadline => {
            let over = "the time set by --stop-at or --max-duration has come";
            // What a row was told says nothing of the run.
            let is_about_a_row = line.is_some_and(|line| {
                matches!(line.meaning, Meaning::FieldsRefused | Meaning::NotVerifiable)
            });
            match code {
                Some(_) if !is_about_a_row => format!("{over}; the last call ended with {answer}"),
                _ => over.to_owned(),
            }
        }
        Stop::Signal => "it was told to stop".to_owned(),
        Stop::AddressLimit => {
            "the API has answered 10011 (too many calls from this address) for half an hour: run again later with a lower --rate".to_owned()
        }
        Stop::AccessRefused(status) => format!("the API refuses access (HTTP {status}): check the key and that this machine's address is allowed"),
        Stop::CertificateInvalid => {
            "the server's certificate is not valid, so nothing was sent: check --endpoint, this machine's clock, its CA certificates, and who is in between".to_owned()
        }
        Stop::Unreachable => {
            let seen = code.unwrap_or("no connection");
            format!("the API could not be reached ({seen}): check the network and --endpoint")
        }
        Stop::Busy => "the API has asked to wait for half an hour: run again later".to_owned(),
        Stop::Doubts => "five calls in a row went without a documented answer: check the network, and whether Juhe has a disturbance".to_owned(),
        Stop::UnknownCodes => format!("three answers in a row had codes that the API's document lacks, the last {answer}"),
        Stop::UnknownRes => "three billed answers in a row had no `res` that the API's document knows: the API has changed, ask Juhe".to_owned(),
        Stop::FieldsRefused => format!("the API refused five rows in a row, the last with {answer}: are the columns the right ones?"),
        Stop::ClientError(status) => format!("the endpoint answered HTTP {status}: check --endpoint"),
        Stop::LedgerFailed => "the ledger could not be written".to_owned(),
    }
}

/// Says in a few words why nothing is being started just now.
pub(super) const fn waiting_for(pause: Pause) -> &'static str {
    match pause {
        Pause::Rate => "for its slot",
        Pause::AddressLimit => "10011, slowing down",
        Pause::Quota => "the day's quota is used up",
        Pause::InternalErrors => "10014 several times",
        Pause::Maintenance => "10020, maintenance",
        Pause::AskedToWait => "the API asked to wait",
        Pause::Unreachable => "no connection",
    }
}
