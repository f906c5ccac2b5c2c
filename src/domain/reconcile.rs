//! The provider's statement against the ledger: which lines and which calls belong together, what neither
//! explains, and which doubts the statement settles.
//!
//! A line and a call with the same orderid belong together. What is left over is compared by time. Windows
//! of time that overlap are looked at as one, so that a line counts for every call that it could be about:
//!
//! - no line is left over in a stretch that the statement covers: none of its doubts was billed;
//! - as many lines are left over as there are doubts: all of them were billed;
//! - anything else proves nothing, and the doubts stay.
//!
//! Whatever may be about a doubt keeps it from being settled as unbilled: a line without a usable time, a
//! line that may or may not have been billed. Settling a doubt as unbilled lets it be asked again, and so
//! only certainty will do.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use super::decide::{IntentId, Lost, Verdict};
use super::money::Yuan;
use super::shanghai;

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

    fn touches(&self, other: &Self) -> bool {
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

/// Takes the ledger's calls one by one, so that a ledger of any size can be compared.
#[derive(Debug)]
pub struct Reconciler<'a> {
    lines: &'a [Line],
    by_orderid: HashMap<&'a str, usize>,
    has_orderids: bool,
    covered: Option<Stretch>,
    tolerance: Tolerance,
    lost: Option<Lost>,
    outcome: Outcome,
    doubts: Vec<Call>,
    claims: Vec<(Stretch, Claim)>,
    line_claimed: Vec<bool>,
}

/// A call that accounts for a line although no orderid says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// The API said that it was billed, so it has a line.
    Certain,
    /// Someone said that it was billed, so it may have one.
    Said,
    /// The statement lacks its orderid: a line that has none may be its own.
    OfALineWithoutOrderid,
}

impl<'a> Reconciler<'a> {
    /// Begins with the statement's lines. `covered`: the time in which no line is missing.
    pub fn new(
        lines: &'a [Line],
        covered: Option<Stretch>,
        tolerance: Tolerance,
        lost: Option<Lost>,
    ) -> Self {
        let mut by_orderid = HashMap::with_capacity(lines.len());
        let mut outcome = Outcome::default();
        for (index, line) in lines.iter().enumerate() {
            let charged = line.charge != Charge::No;
            outcome.fates.push(if charged { Fate::Unexplained } else { Fate::Free });
            if let Some(orderid) = line.orderid.as_deref() {
                // A line that is charged stands for its orderid before one that is not.
                let first = *by_orderid.entry(orderid).or_insert(index);
                if first != index && charged {
                    if lines[first].charge == Charge::No {
                        by_orderid.insert(orderid, index);
                    } else {
                        outcome.fates[index] = Fate::Twice;
                    }
                }
            }
            if line.charge != Charge::No {
                let month = outcome.months.entry(line.time.map(|time| month_of(time.from))).or_default();
                month.lines += 1;
                month.amount = match (month.amount, line.amount) {
                    (Some(sum), Some(amount)) => Some(sum.plus(amount)),
                    (sum, amount) => sum.or(amount),
                };
            }
        }
        let line_claimed = vec![false; lines.len()];
        let has_orderids = !by_orderid.is_empty();
        Self {
            lines,
            by_orderid,
            has_orderids,
            covered,
            tolerance,
            lost,
            outcome,
            doubts: Vec::new(),
            claims: Vec::new(),
            line_claimed,
        }
    }

    /// Takes one call.
    pub fn see(&mut self, call: Call) {
        let line = call.orderid.as_deref().and_then(|orderid| self.by_orderid.get(orderid)).copied();
        let charge = line.map(|line| self.lines[line].charge);
        if let Some(line) = line {
            self.line_claimed[line] = true;
            self.outcome.fates[line] = match (self.lines[line].charge, call.known) {
                (Charge::No, Known::Billed) => Fate::NotCharged(call.intent),
                (Charge::No, _) => Fate::Free,
                (_, Known::Unbilled) => Fate::ChargedThoughUnbilled(call.intent),
                _ => Fate::Matched(call.intent),
            };
        }
        if matches!(call.known, Known::Billed | Known::SaidBilled) {
            self.month_of_call(&call).billed += 1;
        }
        match (call.known, charge) {
            (Known::Unbilled | Known::SaidUnbilled, _)
            | (Known::Billed | Known::SaidBilled | Known::Resent, Some(_)) => {}
            (Known::InDoubt, Some(Charge::Yes)) => {
                self.outcome.doubts.push((call, Finding::Settled(Verdict::Billed)));
            }
            (Known::InDoubt, Some(Charge::No)) => {
                self.outcome.doubts.push((call, Finding::Settled(Verdict::Unbilled)));
            }
            (Known::InDoubt, Some(Charge::Perhaps)) => {
                let stays = Stays::Ambiguous { lines: 1, doubts: 1 };
                self.outcome.doubts.push((call, Finding::Stays(stays)));
            }
            (Known::InDoubt, None) => self.doubts.push(call),
            (Known::SaidBilled | Known::Resent, None) => {
                let window = self.window(&call);
                self.claims.push((window, Claim::Said));
            }
            (Known::Billed, None) => {
                let window = self.window(&call);
                let claims_a_line_for_certain = call.orderid.is_none() || !self.has_orderids;
                let claim =
                    if claims_a_line_for_certain { Claim::Certain } else { Claim::OfALineWithoutOrderid };
                self.claims.push((window, claim));
                if self.has_orderids && call.orderid.is_some() {
                    let exchange = Stretch::new(call.asked_at, call.ended_at.unwrap_or(call.asked_at));
                    if self.covered.is_some_and(|covered| covered.covers(&exchange)) {
                        self.outcome.missing.push(call);
                    } else {
                        self.outcome.outside += 1;
                    }
                }
            }
        }
    }

    /// Decides about what no orderid settles.
    pub fn finish(mut self) -> Outcome {
        let mut places: Vec<(Stretch, Item)> = Vec::new();
        let mut without_time = 0;
        for (index, line) in self.lines.iter().enumerate() {
            let is_open = !self.line_claimed[index] && self.outcome.fates[index] == Fate::Unexplained;
            match line.time {
                Some(time) if is_open => places.push((time, Item::Line(index))),
                None if is_open => without_time += 1,
                _ => {}
            }
        }
        places.extend(self.claims.iter().map(|(window, claim)| (*window, Item::Claim(*claim))));
        let doubts = std::mem::take(&mut self.doubts);
        places.extend(doubts.iter().enumerate().map(|(index, call)| (self.window(call), Item::Doubt(index))));
        self.judge_what_is_lost(&places, without_time);
        places.sort_by_key(|(stretch, _)| stretch.from);

        let mut findings = vec![Finding::Stays(Stays::NotCovered); doubts.len()];
        let mut start = 0;
        while start < places.len() {
            let mut until = places[start].0.until;
            let mut end = start + 1;
            while end < places.len() && places[end].0.from <= until {
                until = until.max(places[end].0.until);
                end += 1;
            }
            self.judge(&places[start..end], without_time, &mut findings);
            start = end;
        }
        for (call, finding) in doubts.into_iter().zip(findings) {
            self.outcome.doubts.push((call, finding));
        }
        self.outcome.doubts.sort_by_key(|(call, _)| call.intent);
        for place in 0..self.outcome.doubts.len() {
            let (call, finding) = self.outcome.doubts[place].clone();
            match finding {
                Finding::Settled(Verdict::Billed) => self.month_of_call(&call).billed += 1,
                Finding::Settled(_) => {}
                Finding::Stays(_) => self.month_of_call(&call).in_doubt += 1,
            }
        }
        self.outcome
    }

    /// Judges the doubts of one group of windows that hang together.
    fn judge(&mut self, group: &[(Stretch, Item)], without_time: u64, findings: &mut [Finding]) {
        let (mut lines, mut sure, mut sure_without_orderid) = (0_u64, 0_u64, 0_u64);
        let (mut certain, mut said, mut of_lines_without_orderid) = (0_u64, 0_u64, 0_u64);
        let mut doubts = Vec::new();
        let mut is_covered = true;
        for (stretch, item) in group {
            match item {
                Item::Line(index) => {
                    let line = &self.lines[*index];
                    let is_sure = line.charge == Charge::Yes;
                    lines += 1;
                    sure += u64::from(is_sure);
                    sure_without_orderid += u64::from(is_sure && line.orderid.is_none());
                }
                Item::Claim(Claim::Certain) => certain += 1,
                Item::Claim(Claim::Said) => said += 1,
                Item::Claim(Claim::OfALineWithoutOrderid) => of_lines_without_orderid += 1,
                Item::Doubt(index) => {
                    doubts.push(*index);
                    is_covered &= self.covered.is_some_and(|covered| covered.covers(stretch));
                }
            }
        }
        let of_lines_without_orderid = of_lines_without_orderid.min(sure_without_orderid);
        let may_be_lost = self.lost.is_some_and(|lost| {
            let lost = self.window_of_the_lost(&lost);
            group.iter().any(|(stretch, _)| stretch.touches(&lost))
        });
        let asked = doubts.len() as u64;
        // What the calls that are known leave over: at least, and at most.
        let least = sure.saturating_sub(certain + said + of_lines_without_orderid);
        let most = lines.saturating_sub(certain);
        let all_billed = least == asked && !may_be_lost;
        let finding = if asked == 0 {
            Finding::Stays(Stays::NotCovered)
        } else if all_billed {
            Finding::Settled(Verdict::Billed)
        } else if most > 0 {
            Finding::Stays(Stays::Ambiguous { lines: most, doubts: asked })
        } else if !is_covered {
            Finding::Stays(Stays::NotCovered)
        } else if without_time > 0 {
            Finding::Stays(Stays::LinesWithoutTime { lines: without_time })
        } else {
            Finding::Settled(Verdict::Unbilled)
        };
        for index in &doubts {
            findings[*index] = finding;
        }
        let of_doubts = if asked > 0 && all_billed { asked } else { 0 };
        self.explain(group, of_lines_without_orderid, certain + said, of_doubts);
    }

    /// Says of as many lines as calls account for that they are explained; which is whose is not known.
    fn explain(
        &mut self,
        group: &[(Stretch, Item)],
        mut without_orderid: u64,
        mut calls: u64,
        mut doubts: u64,
    ) {
        for (_, item) in group {
            let Item::Line(index) = item else { continue };
            let line = &self.lines[*index];
            let (left, fate) = if line.charge != Charge::Yes {
                continue;
            } else if line.orderid.is_none() && without_orderid > 0 {
                (&mut without_orderid, Fate::OfACall)
            } else if calls > 0 {
                (&mut calls, Fate::OfACall)
            } else if doubts > 0 {
                (&mut doubts, Fate::OfADoubt)
            } else {
                continue;
            };
            *left -= 1;
            self.outcome.fates[*index] = fate;
        }
    }

    fn judge_what_is_lost(&mut self, places: &[(Stretch, Item)], without_time: u64) {
        let Some(lost) = self.lost else { return };
        let window = self.window_of_the_lost(&lost);
        let lines = places
            .iter()
            .filter(|(stretch, item)| matches!(item, Item::Line(_)) && stretch.touches(&window))
            .count();
        let finding = if lines > 0 {
            Finding::Stays(Stays::Ambiguous { lines: lines as u64, doubts: 0 })
        } else if !self.covered.is_some_and(|covered| covered.covers(&window)) {
            Finding::Stays(Stays::NotCovered)
        } else if without_time > 0 {
            Finding::Stays(Stays::LinesWithoutTime { lines: without_time })
        } else {
            Finding::Settled(Verdict::Unbilled)
        };
        self.outcome.lost = Some(finding);
    }

    fn window_of_the_lost(&self, lost: &Lost) -> Stretch {
        let until = lost.accepted.checked_add(self.tolerance.timeout).unwrap_or(Timestamp::MAX);
        Stretch::new(lost.since, until).widened(self.tolerance.slack)
    }

    /// When the provider may have done what a call asked for.
    fn window(&self, call: &Call) -> Stretch {
        let at_most = call.asked_at.checked_add(self.tolerance.timeout).unwrap_or(Timestamp::MAX);
        let until = match (call.known, call.ended_at) {
            (Known::Billed, Some(ended_at)) => ended_at,
            // Whoever waits for no answer any more says nothing of when the provider was done.
            (_, ended_at) => ended_at.map_or(at_most, |ended_at| ended_at.max(at_most)),
        };
        Stretch::new(call.asked_at, until).widened(self.tolerance.slack)
    }

    fn month_of_call(&mut self, call: &Call) -> &mut Month {
        self.outcome.months.entry(Some(month_of(call.asked_at))).or_default()
    }
}

/// What has a place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Line(usize),
    Claim(Claim),
    Doubt(usize),
}

fn month_of(moment: Timestamp) -> (i16, i8) {
    let day = shanghai::day(moment);
    (day.year(), day.month())
}

#[cfg(test)]
mod tests;
