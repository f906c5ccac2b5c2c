//! What is known of a row -> the columns that the output appends to it.

use std::fmt::Write;

use crate::domain::answer::Answer;
use crate::domain::decide::{Attempt, Shown, shown};
use crate::domain::outcome::{Check, Decision, Factors};
use crate::domain::shanghai;
use crate::output::text;

/// The names of the appended columns, in their order.
pub const NAMES: [&str; 15] = [
    "decision",
    "identity_check",
    "face_check",
    "mobile_check",
    "res",
    "resmsg",
    "score",
    "carrier",
    "orderid",
    "error_code",
    "reason",
    "billed",
    "attempts",
    "verified_at",
    "detail",
];

/// What the API's 280105 says (身份核验失败、手机号核验失败): both could not be checked.
pub const NOT_VERIFIABLE: Factors =
    Factors { identity: Check::Failed, face: Check::Unchecked, mobile: Check::Failed };

/// Whether a row's calls cost money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Billed {
    /// At least one call was billed for certain.
    Yes,
    /// No call was billed.
    No,
    /// A call is in doubt.
    Unknown,
}

impl Billed {
    /// The word in the column.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// The appended columns of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The one word that the row's reader acts on.
    pub decision: Decision,
    /// The factors, where the API said something of them.
    pub factors: Option<Factors>,
    /// Whether the row's calls cost money.
    pub billed: Billed,
    /// The cells, in the order of [`NAMES`].
    pub cells: [String; NAMES.len()],
}

/// Why a row is not asked about, in the words of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The column's name as it stands in the file.
    pub column: String,
    /// A name for scripts, such as `id-check-digit`.
    pub code: String,
    /// One clause for the clerk who has to mend the row.
    pub clause: String,
}

impl Columns {
    /// A row that is not asked about.
    pub fn of_refusal(refusal: &Refusal, history: &[Attempt]) -> Self {
        let mut columns = Self::new(Decision::Rejected, None, history);
        columns.set("reason", &format!("{}: {}", refusal.column, refusal.clause));
        columns.set("detail", &format!("column {}; {}", refusal.column, refusal.code));
        columns
    }

    /// A row whose subject has this history; `notes` (repairs, warnings) go into the detail.
    pub fn of_history(history: &[Attempt], notes: &str) -> Self {
        let shown = shown(history);
        let factors = match shown {
            Shown::Answered(_, answer) => answer.factors(),
            Shown::NotVerifiable(..) => Some(NOT_VERIFIABLE),
            Shown::Refused(..) | Shown::Unresolved(_) | Shown::Pending(_) => None,
        };
        let mut columns = Self::new(shown.decision(), factors, history);
        let answer = match shown {
            Shown::Answered(_, answer) | Shown::NotVerifiable(_, answer) | Shown::Refused(_, answer) => {
                columns.set("verified_at", &shanghai::rfc3339(answer.time));
                Some(answer)
            }
            Shown::Unresolved(attempt) => attempt.answer.as_ref(),
            Shown::Pending(attempt) => attempt.and_then(|attempt| attempt.answer.as_ref()),
        };
        if let Some(answer) = answer {
            columns.set_answer(answer);
        }
        let mut detail = describe(&shown, history);
        if !notes.is_empty() {
            let separator = if detail.is_empty() { "" } else { "; " };
            // Writing to a String cannot fail.
            let _ = write!(detail, "{separator}{notes}");
        }
        columns.set("detail", &detail);
        columns
    }

    fn new(decision: Decision, factors: Option<Factors>, history: &[Attempt]) -> Self {
        let billed = billed(history);
        let mut columns = Self { decision, factors, billed, cells: Default::default() };
        columns.set("decision", decision.word());
        if let Some(factors) = factors {
            columns.set("identity_check", factors.identity.word());
            columns.set("face_check", factors.face.word());
            columns.set("mobile_check", factors.mobile.word());
        }
        columns.set("billed", billed.word());
        columns.set("attempts", &history.len().to_string());
        columns
    }

    fn set_answer(&mut self, answer: &Answer) {
        for (name, value) in [
            ("res", &answer.res),
            ("resmsg", &answer.resmsg),
            ("score", &answer.score),
            ("carrier", &answer.carrier),
            ("orderid", &answer.orderid),
            ("error_code", &answer.error_code),
            ("reason", &answer.reason),
        ] {
            self.set(name, value.as_deref().unwrap_or_default());
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        let position = NAMES.iter().position(|known| *known == name);
        self.cells[position.expect("only columns of the table are set")] = text::for_spreadsheet(value);
    }
}

fn billed(history: &[Attempt]) -> Billed {
    if history.iter().any(Attempt::was_billed) {
        Billed::Yes
    } else if history.iter().any(Attempt::may_have_been_billed) {
        Billed::Unknown
    } else {
        Billed::No
    }
}

fn describe(shown: &Shown<'_>, history: &[Attempt]) -> String {
    let seen = |answer: Option<&Answer>| match answer {
        None => "no answer was recorded before the run ended".to_owned(),
        Some(answer) => match (&answer.seen, &answer.error_code) {
            (Some(seen), _) => seen.clone(),
            (None, Some(code)) => format!("error_code {code} is not in the API's document"),
            (None, None) => "no documented answer".to_owned(),
        },
    };
    match shown {
        Shown::Answered(_, answer) if answer.factors().is_none() => {
            "billed, but its res is missing or not in the API's document".to_owned()
        }
        Shown::Answered(attempt, _) | Shown::NotVerifiable(attempt, _) | Shown::Refused(attempt, _) => {
            let doubts =
                history.iter().filter(|other| other.intent != attempt.intent && other.may_have_been_billed());
            match doubts.count() {
                0 => String::new(),
                count => format!("{count} more call(s) for this row may have been billed"),
            }
        }
        Shown::Unresolved(attempt) => {
            let when = shanghai::rfc3339(attempt.asked_at);
            let what = seen(attempt.answer.as_ref());
            format!(
                "in doubt, asked at {when}: {what}; it may have been billed, so it is not asked again until that is settled"
            )
        }
        Shown::Pending(None) => "not asked yet".to_owned(),
        Shown::Pending(Some(attempt)) => {
            let when = shanghai::rfc3339(attempt.asked_at);
            match attempt.answer.as_ref().and_then(|answer| answer.seen.as_deref()) {
                Some(seen) => format!("not answered yet, last tried at {when}: {seen}"),
                None => format!("not answered yet, last tried at {when}"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
