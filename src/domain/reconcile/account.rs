//! What a statement and a ledger say of calls, and what comparing the two comes to.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::decide::{IntentId, Verdict};
use crate::domain::money::Yuan;

/// A stretch of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last moment.
    pub until: Timestamp,
}

impl Stretch {
    /// From one moment to another.
    pub fn new(from: Timestamp, until: Timestamp) -> Self {
        Self { from, until: until.max(from) }
    }

    /// The same, longer by so much at both ends.
    #[must_use]
    pub fn widened(self, by: Duration) -> Self {
        let from = self.from.checked_sub(by).unwrap_or(Timestamp::MIN);
        Self { from, until: self.until.checked_add(by).unwrap_or(Timestamp::MAX) }
    }

    /// True if the other lies in it from end to end.
    pub fn covers(&self, other: &Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    pub(super) fn touches(&self, other: &Self) -> bool {
        self.from <= other.until && other.from <= self.until
    }
}

/// Whether a line of the statement costs money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The statement does not say.
    Perhaps,
}

/// One line of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its row in the file; the header is row 1.
    pub row: u64,
    /// The provider's number of the call.
    pub orderid: Option<String>,
    /// When the call was, as exactly as the statement says. `None`: it does not, or not in a readable way.
    pub time: Option<Stretch>,
    /// What it cost, if the statement says.
    pub amount: Option<Yuan>,
    /// Whether it cost anything.
    pub charge: Charge,
}

/// What the ledger knows of one call's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The API's own answer says that it was billed.
    Billed,
    /// The API's own answer, or that it never left, says that it was not.
    Unbilled,
    /// In doubt.
    InDoubt,
    /// It was in doubt, and someone said that it was billed.
    SaidBilled,
    /// It was in doubt, and someone said that it was not billed.
    SaidUnbilled,
    /// It was in doubt, and asking again was allowed: whether it was billed is still unknown.
    Resent,
}

/// One call of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its intent.
    pub intent: IntentId,
    /// When it was about to be sent.
    pub asked_at: Timestamp,
    /// When its exchange ended.
    pub ended_at: Option<Timestamp>,
    /// The provider's number, if an answer had one.
    pub orderid: Option<String>,
    /// What is known of its cost.
    pub known: Known,
}

/// How times are compared.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// How long a call without an answer may have been under way.
    pub timeout: Duration,
    /// By how much the provider's clock and this machine's may differ.
    pub slack: Duration,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The ledger has the call, and says that it was billed.
    Matched(IntentId),
    /// The ledger has the call, and its own answer says that it is not billed.
    ChargedThoughUnbilled(IntentId),
    /// The statement does not charge it, and the ledger's answer says that it was billed.
    NotCharged(IntentId),
    /// The same orderid was charged on an earlier line.
    Twice,
    /// It is one of the calls that are, or were, in doubt.
    OfADoubt,
    /// It is one of the calls that were billed without an orderid in the answer.
    OfACall,
    /// Nothing in the ledger explains it.
    Unexplained,
    /// It costs nothing, and the ledger has no such call.
    Free,
}

/// Why a doubt stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// The statement does not cover the time in which the call was.
    NotCovered,
    /// So many unexplained lines could be about so many doubts.
    Ambiguous {
        /// Lines that could be.
        lines: u64,
        /// Doubts.
        doubts: u64,
    },
    /// Lines without a usable time could be about it.
    LinesWithoutTime {
        /// How many.
        lines: u64,
    },
}

/// What becomes of a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The statement proves it.
    Settled(Verdict),
    /// It proves nothing.
    Stays(Stays),
}

/// What the statement and the ledger say of one month of Asia/Shanghai.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Lines that are charged.
    pub lines: u64,
    /// What they cost, where the statement says.
    pub amount: Option<Yuan>,
    /// Calls that the ledger knows to be billed.
    pub billed: u64,
    /// Calls that are still in doubt.
    pub in_doubt: u64,
}

/// What a reconciliation comes to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What became of each line, in the statement's order.
    pub fates: Vec<Fate>,
    /// What becomes of each doubt, in the ledger's order.
    pub doubts: Vec<(Call, Finding)>,
    /// What becomes of the calls that are lost with an older copy of the ledger, if any are.
    pub lost: Option<Finding>,
    /// Billed calls, in the time that the statement covers, that it lacks.
    pub missing: Vec<Call>,
    /// Billed calls before or after the time that it covers.
    pub outside: u64,
    /// By the first day of the month; `None`: the line has no usable time.
    pub months: BTreeMap<Option<(i16, i8)>, Month>,
}
