//! What is known of a subject -> what to do about it, and what to tell about it.
//!
//! A subject is one applicant with one photo. Its history is every intent that the ledger has for it,
//! oldest first. State is derived from the history each time and kept nowhere.
//!
//! A ledger that was set back to an older copy lacks what was asked in between, and cannot tell about
//! whom. Until that is settled, whoever would be asked counts as in doubt ([`Lost`]).
//!
//! Two questions are kept apart. [`standing`] asks what a run may do, which depends on the run's
//! policy. [`shown`] asks what the output says, which depends on the history alone, so that the same
//! ledger always renders to the same bytes.

use std::ops::Deref;

use jiff::Timestamp;

use super::answer::{Answer, Class};
use super::error_code::Meaning;
use super::outcome::{Decision, Factors};

/// How often 280105 is asked in all before it is taken for the answer.
pub const NOT_VERIFIABLE_TRIES: usize = 3;

/// How often a run asks again after 10014: once.
pub const INTERNAL_ERROR_TRIES: usize = 2;

/// The number of an intent in its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IntentId(pub i64);

/// The number of a run in its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// How a doubt was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call was billed; its answer is lost.
    Billed,
    /// The call was not billed, so that asking again costs nothing extra.
    Unbilled,
    /// Still unknown, but the operator allows asking again.
    Resend,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Billed, Self::Unbilled, Self::Resend];

    /// The word that the ledger keeps.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Unbilled => "unbilled",
            Self::Resend => "resend",
        }
    }

    /// Reads the ledger's word back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// One intent, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The intent.
    pub intent: IntentId,
    /// The run that made it.
    pub run: RunId,
    /// When it was written, just before sending.
    pub asked_at: Timestamp,
    /// The answer. `None`: still in flight, or lost with the process that sent it.
    pub answer: Option<Answer>,
    /// The latest word on a doubt.
    pub verdict: Option<Verdict>,
}

impl Attempt {
    /// True if it may have been billed and no answer says so.
    pub fn is_doubtful(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.class == Class::InDoubt)
    }

    /// True if the doubt still keeps the subject from being asked again.
    pub fn blocks(&self) -> bool {
        self.is_doubtful() && matches!(self.verdict, None | Some(Verdict::Billed))
    }

    /// True if it is unknown whether it was billed: a resend that was allowed settles nothing.
    pub fn may_have_been_billed(&self) -> bool {
        self.is_doubtful() && matches!(self.verdict, None | Some(Verdict::Resend))
    }

    /// True if it was billed for certain.
    pub fn was_billed(&self) -> bool {
        match &self.answer {
            Some(answer) if answer.class == Class::Billed => true,
            _ => self.is_doubtful() && self.verdict == Some(Verdict::Billed),
        }
    }
}

/// What was lost when an operator accepted an older copy of the ledger, as long as nobody has settled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The last intent of the older copy: what was asked later is known again.
    pub after: IntentId,
    /// The newest time in the older copy: calls since then are missing.
    pub since: Timestamp,
    /// When the older copy was accepted: no call is missing from then on.
    pub accepted: Timestamp,
}

/// Everything that the ledger knows of a subject: its attempts, oldest first, and whether some may be lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The attempts.
    pub attempts: Vec<Attempt>,
    /// Calls about anyone may be missing.
    pub lost: Option<Lost>,
}

impl History {
    /// A call about this subject may be missing: none was made since the calls that are lost.
    pub fn may_lack_a_call(&self) -> Option<Lost> {
        self.lost.filter(|lost| self.attempts.iter().all(|attempt| attempt.intent <= lost.after))
    }
}

impl Deref for History {
    type Target = [Attempt];

    fn deref(&self) -> &[Attempt] {
        &self.attempts
    }
}

impl From<Vec<Attempt>> for History {
    fn from(attempts: Vec<Attempt>) -> Self {
        Self { attempts, lost: None }
    }
}

/// What a run asks again, beyond what was never asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskPolicy {
    /// Facts that were asked for before this moment are too old.
    pub fresh_since: Option<Timestamp>,
    /// Pay again where a factor could not be checked.
    pub retry_inconclusive: bool,
    /// Ask again where an earlier run left a doubt.
    pub resend_doubts: bool,
}

/// What a run may do about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One call is missing.
    Due,
    /// One call is allowed although these intents, or calls that are lost, are in doubt; the permission
    /// must be written down.
    DueDespite(Vec<IntentId>),
    /// Answered.
    Settled,
    /// The API's own validation refuses it.
    Refused,
    /// In doubt: not asked again until someone settles it.
    Held,
    /// Asked by this run just now, and not answered yet.
    InFlight,
    /// Asked by this run already, to no avail; another run may.
    Spent,
}

/// Decides what `run` may do about a subject.
pub fn standing(history: &History, policy: &AskPolicy, run: RunId) -> Standing {
    match standing_by_attempts(history, policy, run) {
        // Whoever is due may have been asked, and paid for, in what is lost.
        Standing::Due if history.may_lack_a_call().is_some() => {
            if policy.resend_doubts {
                Standing::DueDespite(Vec::new())
            } else {
                Standing::Held
            }
        }
        standing => standing,
    }
}

fn standing_by_attempts(history: &[Attempt], policy: &AskPolicy, run: RunId) -> Standing {
    if history.iter().any(|attempt| attempt.run == run && attempt.answer.is_none()) {
        return Standing::InFlight;
    }
    let blocking: Vec<&Attempt> = history.iter().filter(|attempt| attempt.blocks()).collect();
    if !blocking.is_empty() {
        let all_older = blocking.iter().all(|attempt| attempt.run != run);
        return if policy.resend_doubts && all_older {
            Standing::DueDespite(blocking.iter().map(|attempt| attempt.intent).collect())
        } else {
            Standing::Held
        };
    }

    // What this run has asked is fresh whatever the clock says, or a second row would pay for it again.
    let is_fresh = |attempt: &&Attempt| {
        attempt.run == run || policy.fresh_since.is_none_or(|since| attempt.asked_at >= since)
    };
    let mut not_verifiable = 0;
    let mut internal_errors = 0;
    for attempt in history.iter().rev().filter(is_fresh) {
        let Some(answer) = &attempt.answer else { continue };
        let this_run = attempt.run == run;
        match (answer.class, answer.meaning()) {
            (Class::Billed, _) => {
                let failed = answer.factors().is_some_and(Factors::has_failed);
                let again = policy.retry_inconclusive && failed && !this_run;
                return if again { Standing::Due } else { Standing::Settled };
            }
            (Class::Unbilled, Some(Meaning::FieldsRefused)) => return Standing::Refused,
            (Class::Unbilled, Some(Meaning::NotVerifiable)) => {
                not_verifiable += 1;
                if this_run || not_verifiable >= NOT_VERIFIABLE_TRIES {
                    return Standing::Settled;
                }
            }
            (Class::Unbilled, Some(Meaning::InternalError)) if this_run => {
                internal_errors += 1;
                if internal_errors >= INTERNAL_ERROR_TRIES {
                    return Standing::Spent;
                }
            }
            _ => {}
        }
    }
    Standing::Due
}

/// True if `run` asked, and the last time that it did brought nothing that answers: what may be told about the
/// subject is older than what was wanted.
pub fn asked_in_vain(history: &[Attempt], run: RunId) -> bool {
    let newest = history.iter().rev().find(|attempt| attempt.run == run);
    newest.is_some_and(|attempt| {
        attempt.answer.as_ref().is_none_or(|answer| {
            answer.class != Class::Billed && answer.meaning() != Some(Meaning::NotVerifiable)
        })
    })
}

/// What the output tells about a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Billed and answered.
    Answered(&'a Attempt, &'a Answer),
    /// 280105, the newest answer there is.
    NotVerifiable(&'a Attempt, &'a Answer),
    /// Refused by the API's own validation.
    Refused(&'a Attempt, &'a Answer),
    /// In doubt.
    Unresolved(&'a Attempt),
    /// In doubt because a call about it may be among those that are lost.
    Lost(Lost),
    /// Not answered yet; the last attempt, if there was one, says why.
    Pending(Option<&'a Attempt>),
}

impl Shown<'_> {
    /// The word that the row's reader acts on.
    pub fn decision(&self) -> Decision {
        match self {
            Self::Answered(_, answer) => answer.factors().map_or(Decision::Inconclusive, Factors::decision),
            Self::NotVerifiable(..) => Decision::Inconclusive,
            Self::Refused(..) => Decision::Rejected,
            Self::Unresolved(_) | Self::Lost(_) => Decision::Unresolved,
            Self::Pending(_) => Decision::Pending,
        }
    }
}

/// Derives what the output tells: a doubt first, else the newest answer that says something.
pub fn shown(history: &History) -> Shown<'_> {
    if let Some(doubt) = history.iter().rev().find(|attempt| attempt.blocks()) {
        return Shown::Unresolved(doubt);
    }
    for attempt in history.iter().rev() {
        let Some(answer) = &attempt.answer else { continue };
        match (answer.class, answer.meaning()) {
            (Class::Billed, _) => return Shown::Answered(attempt, answer),
            (Class::Unbilled, Some(Meaning::FieldsRefused)) => return Shown::Refused(attempt, answer),
            (Class::Unbilled, Some(Meaning::NotVerifiable)) => return Shown::NotVerifiable(attempt, answer),
            _ => {}
        }
    }
    history.may_lack_a_call().map_or_else(|| Shown::Pending(history.last()), Shown::Lost)
}

#[cfg(test)]
mod tests;
