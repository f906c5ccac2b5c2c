//! What the report counts: the list as it stands now, and what one run asked and was answered.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::scores::Scores;
use crate::domain::decide::{RunId, Shown, shown};
use crate::domain::error_code::{self, Meaning};
use crate::domain::outcome::{self, Check, Decision, Factors};
use crate::domain::shanghai;
use crate::lang;
use crate::ledger::reporting::{AnswerGroup, RunSpan, Stretch};
use crate::ledger::{Counts, Ledger, LedgerError};
use crate::output::columns::NOT_VERIFIABLE;
use crate::output::seen::in_language;
use crate::output::text::for_terminal;
use crate::run::retell::Told;

/// More carriers, doubts or kinds of answers than this are counted together.
const MOST_CARRIERS: usize = 12;
const MOST_KNOWN_CARRIERS: usize = 1000;
const MOST_DOUBTS: usize = 50;
const MOST_ANSWERS: usize = 40;

/// A picture of time has at most so many stretches.
const MOST_STRETCHES: i64 = 240;
const MINUTE: i64 = 60_000;

const CHECKS: usize = Check::ALL.len();

/// Rows by identity, face and mobile, in the order of [`Check::ALL`].
#[derive(Clone, Debug, Default)]
pub(super) struct Grid([[[u64; CHECKS]; CHECKS]; CHECKS]);

impl Grid {
    fn add(&mut self, factors: Factors, count: u64) {
        let place = |check| Check::ALL.iter().position(|known| *known == check).unwrap_or_default();
        self.0[place(factors.identity)][place(factors.face)][place(factors.mobile)] += count;
    }

    pub(super) fn count(&self, factors: Factors) -> u64 {
        let place = |check| Check::ALL.iter().position(|known| *known == check).unwrap_or_default();
        self.0[place(factors.identity)][place(factors.face)][place(factors.mobile)]
    }

    pub(super) fn total(&self) -> u64 {
        self.0.iter().flatten().flatten().sum()
    }
}

/// Names and how often each occurs; what is too rare is counted together.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    known: BTreeMap<String, u64>,
    others: u64,
}

impl Tally {
    fn add(&mut self, name: &str, count: u64) {
        let name = for_terminal(name);
        if let Some(known) = self.known.get_mut(&name) {
            *known += count;
        } else if self.known.len() < MOST_KNOWN_CARRIERS {
            self.known.insert(name, count);
        } else {
            self.others += count;
        }
    }

    /// The most frequent ones, and how many are left.
    pub(super) fn most(&self) -> (Vec<(&str, u64)>, u64) {
        let mut all: Vec<_> = self.known.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        all.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        let rest = all.split_off(all.len().min(MOST_CARRIERS));
        (all, self.others + rest.iter().map(|(_, count)| count).sum::<u64>())
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        self.known.get(name).copied().unwrap_or_default()
    }
}

/// A row that is in doubt.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    pub(super) row: u64,
    pub(super) asked_at: Timestamp,
    pub(super) seen: Option<String>,
}

/// The list as it stands now.
#[derive(Debug, Default)]
pub struct ListFigures {
    pub(super) rows: u64,
    pub(super) decisions: [u64; Decision::ALL.len()],
    pub(super) grid: Grid,
    pub(super) scores: Scores,
    pub(super) carriers: Tally,
    /// Rows not asked about, by column and clause; both come from small tables.
    pub(super) refused: BTreeMap<(String, String), u64>,
    /// Rows that the API's own validation refused, by its code.
    pub(super) refused_by_api: BTreeMap<String, u64>,
    pub(super) doubts: Vec<Doubt>,
    /// The runs that asked about anyone in the list.
    pub(super) runs: std::collections::BTreeSet<i64>,
}

impl ListFigures {
    /// Counts one row.
    pub fn add(&mut self, row: u64, told: &Told) {
        self.rows += 1;
        self.runs.extend(told.history.iter().map(|attempt| attempt.run.0));
        if let Some(refusal) = &told.refusal {
            self.decide(Decision::Rejected);
            let key = (for_terminal(&refusal.column), for_terminal(&super::clause(refusal)));
            *self.refused.entry(key).or_default() += 1;
            return;
        }
        let shown = shown(&told.history);
        self.decide(shown.decision());
        match shown {
            Shown::Answered(_, answer) => {
                if let Some(factors) = answer.factors() {
                    self.grid.add(factors, 1);
                }
                if let (Some(score), Some(group)) = (&answer.score, group(shown.decision())) {
                    self.scores.add(score, group, 1);
                }
                if let Some(carrier) = answer.carrier.as_deref().filter(|carrier| !carrier.is_empty()) {
                    self.carriers.add(carrier, 1);
                }
            }
            Shown::NotVerifiable(..) => self.grid.add(NOT_VERIFIABLE, 1),
            Shown::Refused(_, answer) => {
                let code = for_terminal(answer.error_code.as_deref().unwrap_or_default());
                *self.refused_by_api.entry(code).or_default() += 1;
            }
            Shown::Unresolved(attempt) => {
                let seen = attempt.answer.as_ref().and_then(|answer| answer.seen.as_deref());
                self.doubt(Doubt {
                    row,
                    asked_at: attempt.asked_at,
                    seen: seen.map(|seen| for_terminal(&in_language(lang::current(), seen))),
                });
            }
            Shown::Lost(lost) => {
                let until = shanghai::rfc3339(lost.accepted);
                let seen = Some(crate::say!("report-lost", until = until.as_str()));
                self.doubt(Doubt { row, asked_at: lost.since, seen });
            }
            Shown::Pending(_) => {}
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        if self.doubts.len() < MOST_DOUBTS {
            self.doubts.push(doubt);
        }
    }

    fn decide(&mut self, decision: Decision) {
        if let Some(position) = Decision::ALL.iter().position(|known| *known == decision) {
            self.decisions[position] += 1;
        }
    }

    /// How many rows have a decision.
    pub(super) fn count(&self, decision: Decision) -> u64 {
        let position = Decision::ALL.iter().position(|known| *known == decision);
        position.map_or(0, |position| self.decisions[position])
    }

    /// The last two runs, newest first, of those that may have been about this list: runs that asked about
    /// others only are left out.
    pub(super) fn last_runs(&self, all: &[RunSpan]) -> Vec<RunSpan> {
        let may_be = |span: &&RunSpan| span.intents == 0 || self.runs.contains(&span.run.0);
        all.iter().rev().filter(may_be).take(2).copied().collect()
    }
}

/// The place of a decision among those that have scores.
fn group(decision: Decision) -> Option<usize> {
    match decision {
        Decision::Match => Some(0),
        Decision::Mismatch => Some(1),
        Decision::Inconclusive => Some(2),
        _ => None,
    }
}

/// A run's calls over time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    pub(super) from: Timestamp,
    /// How long a stretch is.
    pub(super) minutes: i64,
    pub(super) stretches: Vec<Stretch>,
}

/// What one run asked and was answered.
#[derive(Clone, Debug)]
pub(super) struct RunFigures {
    pub(super) run: RunId,
    pub(super) started: Timestamp,
    /// When it last asked or heard anything.
    pub(super) last_heard: Option<Timestamp>,
    pub(super) counts: Counts,
    pub(super) not_sent: u64,
    pub(super) address_limit: u64,
    pub(super) decisions: [u64; Decision::ALL.len()],
    pub(super) grid: Grid,
    pub(super) scores: Scores,
    pub(super) carriers: Tally,
    pub(super) answers: Vec<AnswerGroup>,
    /// Answers of kinds too rare to be listed.
    pub(super) other_answers: u64,
    pub(super) timeline: Option<Timeline>,
}

impl RunFigures {
    /// Counts a run.
    pub(super) fn of(ledger: &Ledger, span: &RunSpan) -> Result<Self, LedgerError> {
        let times = ledger.times_of(span)?;
        let mut figures = Self {
            run: span.run,
            started: span.started,
            last_heard: times.map(|(_, last)| last),
            counts: Counts::default(),
            not_sent: 0,
            address_limit: 0,
            decisions: Default::default(),
            grid: Grid::default(),
            scores: Scores::default(),
            carriers: Tally::default(),
            answers: Vec::new(),
            other_answers: 0,
            timeline: None,
        };
        ledger.answers_of(span, |group| figures.add(group))?;
        let scores = &mut figures.scores;
        ledger.scores_of(span, |res, score, count| {
            let factors = res.and_then(outcome::factors_of_text);
            let decision = factors.map_or(Decision::Inconclusive, Factors::decision);
            if let Some(group) = group(decision) {
                scores.add(score, group, count);
            }
        })?;
        let carriers = &mut figures.carriers;
        ledger.carriers_of(span, |carrier, count| carriers.add(carrier, count))?;
        if let Some((first, last)) = times {
            figures.timeline = Some(timeline(ledger, span, first, last)?);
        }
        Ok(figures)
    }

    fn add(&mut self, group: AnswerGroup) {
        let count = group.count;
        let is_doubtful = matches!(group.class.as_deref(), None | Some("in_doubt"));
        let was_billed = group.class.as_deref() == Some("billed")
            || (is_doubtful && group.verdict.as_deref() == Some("billed"));
        if group.class.as_deref() == Some("not_sent") {
            self.not_sent += count;
        } else {
            self.counts.calls += count;
        }
        if was_billed {
            self.counts.billed += count;
        } else if is_doubtful && matches!(group.verdict.as_deref(), None | Some("resend")) {
            self.counts.in_doubt += count;
        }
        if group.error_code.as_deref() == Some("10011") {
            self.address_limit += count;
        }
        let factors = group.res.as_deref().and_then(outcome::factors_of_text);
        let decision = match group.error_code.as_deref().map(error_code::meaning) {
            _ if is_doubtful => Some(Decision::Unresolved),
            Some(Meaning::Answered) => Some(factors.map_or(Decision::Inconclusive, Factors::decision)),
            Some(Meaning::NotVerifiable) => Some(Decision::Inconclusive),
            Some(Meaning::FieldsRefused) => Some(Decision::Rejected),
            _ => None,
        };
        if let Some(position) =
            decision.and_then(|decision| Decision::ALL.iter().position(|known| *known == decision))
        {
            self.decisions[position] += count;
        }
        match group.error_code.as_deref().map(error_code::meaning) {
            Some(Meaning::Answered) if !is_doubtful => {
                if let Some(factors) = factors {
                    self.grid.add(factors, count);
                }
            }
            Some(Meaning::NotVerifiable) => self.grid.add(NOT_VERIFIABLE, count),
            _ => {}
        }
        if self.answers.len() < MOST_ANSWERS {
            self.answers.push(group);
        } else {
            self.other_answers += count;
        }
    }

    pub(super) fn count(&self, decision: Decision) -> u64 {
        let position = Decision::ALL.iter().position(|known| *known == decision);
        position.map_or(0, |position| self.decisions[position])
    }
}

/// Counts a run's calls over time, by minutes if it was short enough to show them.
fn timeline(
    ledger: &Ledger,
    span: &RunSpan,
    first: Timestamp,
    last: Timestamp,
) -> Result<Timeline, LedgerError> {
    let from = first.as_millisecond().div_euclid(MINUTE) * MINUTE;
    let whole = (last.as_millisecond() - from).max(0) / MINUTE + 1;
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440];
    let minutes = steps.into_iter().find(|minutes| whole / minutes < MOST_STRETCHES);
    let minutes = minutes.unwrap_or(whole / MOST_STRETCHES + 1);
    let count = usize::try_from(whole / minutes + 1).unwrap_or(1);
    let mut stretches = vec![Stretch::default(); count];
    let from = Timestamp::from_millisecond(from).unwrap_or(first);
    ledger.stretches_of(span, from, minutes * MINUTE, |place, stretch| {
        // A clock that went back must not make a hole.
        let place = usize::try_from(place).unwrap_or_default().min(count - 1);
        let all = &mut stretches[place];
        all.billed += stretch.billed;
        all.unbilled += stretch.unbilled;
        all.address_limit += stretch.address_limit;
        all.in_doubt += stretch.in_doubt;
        all.not_sent += stretch.not_sent;
    })?;
    while stretches.len() > 1 && stretches.last() == Some(&Stretch::default()) {
        stretches.pop();
    }
    Ok(Timeline { from, minutes, stretches })
}
