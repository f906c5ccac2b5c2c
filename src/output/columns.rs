//! What is known of a row -> the columns that the output appends to it.

use std::fmt::Write;

use crate::domain::answer::Answer;
use crate::domain::applicant::Field;
use crate::domain::decide::{Attempt, History, Shown, shown};
use crate::domain::outcome::{Check, Decision, Factors};
use crate::domain::rejection::Rule;
use crate::domain::shanghai;
use crate::lang::Language;
use crate::output::seen::in_language;
use crate::output::text;
use crate::say_in;

/// The names of the appended columns, in their order. Scripts know the columns by these.
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

/// The same in Chinese, for `--column-names zh`.
pub const CHINESE_NAMES: [&str; NAMES.len()] = [
    "核验结论",
    "身份核验",
    "人像核验",
    "手机号核验",
    "结果码",
    "结果说明",
    "人像比对分",
    "运营商",
    "聚合订单号",
    "错误码",
    "原因说明",
    "是否计费",
    "调用次数",
    "核验时间",
    "核验详情",
];

/// The names of the appended columns in a language.
pub const fn names(language: Language) -> &'static [&'static str; NAMES.len()] {
    match language {
        Language::English => &NAMES,
        Language::Chinese => &CHINESE_NAMES,
    }
}

/// Finds a column's place by its name for scripts.
///
/// # Panics
///
/// If there is no such column.
pub fn position(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).expect("only columns of the table are named")
}

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
    /// The cells, in the order of [`NAMES`]: safe for a terminal, and not yet for a spreadsheet that takes
    /// text for formulas ([`text::for_spreadsheet`]).
    pub cells: [String; NAMES.len()],
}

/// Why a row is not asked about, in the words of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which of the row's values is at fault.
    pub field: Field,
    /// The column's name as it stands in the file.
    pub column: String,
    /// The rule that it breaks.
    pub cause: Cause,
}

/// The rule that a row's value breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// One about the text of the cell.
    Value(Rule),
    /// One about the photo, by its name for scripts, and its clause in both languages.
    Photo {
        /// A name for scripts, such as `photo-missing`.
        code: String,
        /// One clause in English.
        english: String,
        /// The same in Chinese.
        chinese: String,
    },
}

impl Cause {
    /// Names it for scripts, such as `id-check-digit`.
    pub fn code(&self) -> &str {
        match self {
            Self::Value(rule) => rule.code(),
            Self::Photo { code, .. } => code,
        }
    }

    /// One clause for the clerk who has to mend the row.
    pub fn clause(&self, language: Language) -> String {
        match self {
            Self::Value(rule) => rule.clause(language),
            Self::Photo { english, chinese, .. } => match language {
                Language::English => english.clone(),
                Language::Chinese => chinese.clone(),
            },
        }
    }
}

impl Columns {
    /// A row that is not asked about.
    pub fn of_refusal(refusal: &Refusal, history: &History, language: Language) -> Self {
        let mut columns = Self::new(Decision::Rejected, None, history);
        let (column, clause) = (refusal.column.as_str(), refusal.cause.clause(language));
        columns.set("reason", &say_in!(language, "output-refusal", column = column, clause = clause));
        let code = refusal.cause.code();
        columns.set("detail", &say_in!(language, "output-refusal-detail", column = column, code = code));
        columns
    }

    /// A row whose subject has this history; `notes` (repairs, warnings) go into the detail.
    pub fn of_history(history: &History, notes: &str, language: Language) -> Self {
        let shown = shown(history);
        let factors = match shown {
            Shown::Answered(_, answer) => answer.factors(),
            Shown::NotVerifiable(..) => Some(NOT_VERIFIABLE),
            Shown::Refused(..) | Shown::Unresolved(_) | Shown::Lost(_) | Shown::Pending(_) => None,
        };
        let mut columns = Self::new(shown.decision(), factors, history);
        let answer = match shown {
            Shown::Answered(_, answer) | Shown::NotVerifiable(_, answer) | Shown::Refused(_, answer) => {
                columns.set("verified_at", &shanghai::rfc3339(answer.time));
                Some(answer)
            }
            Shown::Unresolved(attempt) => attempt.answer.as_ref(),
            Shown::Lost(_) => None,
            Shown::Pending(attempt) => attempt.and_then(|attempt| attempt.answer.as_ref()),
        };
        if let Some(answer) = answer {
            columns.set_answer(answer);
        }
        let mut detail = describe(&shown, history, language);
        if !notes.is_empty() {
            let separator = if detail.is_empty() { "" } else { separator(language) };
            // Writing to a String cannot fail.
            let _ = write!(detail, "{separator}{notes}");
        }
        columns.set("detail", &detail);
        columns
    }

    fn new(decision: Decision, factors: Option<Factors>, history: &History) -> Self {
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
        self.cells[position(name)] = text::for_terminal(value);
    }
}

fn billed(history: &History) -> Billed {
    if history.iter().any(Attempt::was_billed) {
        Billed::Yes
    } else if history.iter().any(Attempt::may_have_been_billed) || history.may_lack_a_call().is_some() {
        Billed::Unknown
    } else {
        Billed::No
    }
}

/// What stands between two clauses of a cell.
pub const fn separator(language: Language) -> &'static str {
    match language {
        Language::English => "; ",
        Language::Chinese => "；",
    }
}

fn describe(shown: &Shown<'_>, history: &[Attempt], language: Language) -> String {
    let seen = |answer: Option<&Answer>| match answer {
        None => say_in!(language, "output-no-answer"),
        Some(answer) => match (&answer.seen, &answer.error_code) {
            (Some(seen), _) => in_language(language, seen).into_owned(),
            (None, Some(code)) => say_in!(language, "output-unknown-code", code = code.as_str()),
            (None, None) => say_in!(language, "output-no-documented-answer"),
        },
    };
    match shown {
        Shown::Answered(_, answer) if answer.factors().is_none() => say_in!(language, "output-unknown-res"),
        Shown::Answered(attempt, _) | Shown::NotVerifiable(attempt, _) | Shown::Refused(attempt, _) => {
            let doubts =
                history.iter().filter(|other| other.intent != attempt.intent && other.may_have_been_billed());
            match doubts.count() {
                0 => String::new(),
                count => say_in!(language, "output-more-doubts", count = count),
            }
        }
        Shown::Unresolved(attempt) => {
            let when = shanghai::rfc3339(attempt.asked_at);
            let what = seen(attempt.answer.as_ref());
            say_in!(language, "output-in-doubt", when = when, what = what)
        }
        Shown::Lost(lost) => {
            let (set_back, since) = (shanghai::rfc3339(lost.accepted), shanghai::rfc3339(lost.since));
            say_in!(language, "output-lost", set_back = set_back, since = since)
        }
        Shown::Pending(None) => say_in!(language, "output-not-asked"),
        Shown::Pending(Some(attempt)) => {
            let when = shanghai::rfc3339(attempt.asked_at);
            let seen = attempt.answer.as_ref().and_then(|answer| answer.seen.as_deref());
            if let Some(seen) = seen {
                let seen = in_language(language, seen).into_owned();
                return say_in!(language, "output-not-answered-because", when = when, seen = seen);
            }
            say_in!(language, "output-not-answered", when = when)
        }
    }
}

#[cfg(test)]
mod tests;
