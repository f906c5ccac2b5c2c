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

mod account;

use std::collections::HashMap;

use jiff::Timestamp;

use super::decide::{Lost, Verdict};
use super::shanghai;

pub use account::{Call, Charge, Fate, Finding, Known, Line, Month, Outcome, Stays, Stretch, Tolerance};

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
