//! One run of the program: the core, driven event by event, with every invariant checked after each.

use std::time::Duration;

use jiff::Timestamp;
use reverify::domain::answer::{Class, Finding};
use reverify::domain::decide::{IntentId, RunId, Standing, asked_in_vain};
use reverify::domain::error_code::Meaning;
use reverify::domain::outcome::Decision;
use reverify::domain::shanghai;
use reverify::run::conductor::Now;
use reverify::run::core::{Core, Event, RowNumber};
use reverify::run::progress::Snapshot;
use reverify::run::render::Rendered;
use reverify::run::{Ending, Report};

use super::oracle::{Checked, Oracle, Watch, hold, kind_of_stop};
use super::orders::Orders;
use super::sabotage::Sabotage;
use super::world::{Coming, End, Photo, Row, World};

/// No run of so few rows takes more events than this.
const MOST_EVENTS: u64 = 20_000;

/// A living process.
pub(super) struct Process<'a> {
    pub(super) orders: &'a Orders,
    pub(super) core: Core,
    pub(super) run: RunId,
    pub(super) began: Duration,
    pub(super) watch: Watch,
    pub(super) cursor: usize,
    /// Rows that were due when the run began: what is fetched ahead goes by that.
    pub(super) due_at_first: Vec<bool>,
    pub(super) alarm: Option<Duration>,
    pub(super) events: u64,
    pub(super) commits: u64,
    pub(super) fetched: u64,
    pub(super) ready: u64,
    pub(super) forgotten: u64,
    /// Findings of answers that are being recorded, by row.
    pub(super) in_hand: Vec<(RowNumber, IntentId, Finding)>,
    pub(super) over: bool,
    pub(super) ledger_failed: bool,
}

impl World {
    /// Starts the program, and follows it to its end.
    pub(super) fn run(&mut self, orders: &Orders) -> Checked<End> {
        self.process += 1;
        let wall = self.wall();
        let run = self.ledger.begin_run(wall);
        self.oracle.begin_run(run, orders.policy);
        (self.server.billed_in_run, self.server.seen_in_run) = (0, 0);
        self.note(|| format!("-- {run:?} begins: {orders:?}"));
        let weather = self.server.weather.clone();
        self.note(|| format!("   {weather:?}"));
        let due_at_first: Vec<bool> = self
            .rows
            .iter()
            .map(|row| {
                let due = is_due(&self.standing(*row, &orders.policy, run));
                due || row.photo != Photo::Known
            })
            .collect();
        let due = due_at_first.iter().filter(|due| **due).count() as u64;
        let calls_today = self.calls_of_today();
        let snapshot =
            Snapshot { due: orders.only_first.map_or(due, |first| first.min(due)), ..Snapshot::default() };
        let mut limits = orders.limits.clone();
        match self.sabotage {
            Sabotage::CountsCallsAfterTheyEnd => {
                limits.max_calls = limits.max_calls.map(|most| most + u64::from(limits.concurrency));
            }
            Sabotage::FliesOneTooMany => limits.concurrency += 1,
            Sabotage::IgnoresTheDeadline => limits.deadline = None,
            _ => {}
        }
        let now = Now { since_start: Duration::ZERO, clock: self.wall() };
        let seed = self.chance.next();
        let mut process = Process {
            orders,
            core: Core::new(limits, now, calls_today, seed, snapshot)
                .taking_only(orders.only_first.unwrap_or(u64::MAX)),
            run,
            began: self.at,
            watch: Watch::new(),
            cursor: 0,
            due_at_first,
            alarm: None,
            events: 0,
            commits: 0,
            fetched: 0,
            ready: 0,
            forgotten: 0,
            in_hand: Vec::new(),
            over: false,
            ledger_failed: false,
        };
        if let Some(after) = orders.interrupt_after {
            self.later(after, Coming::Tell(Event::Interrupted));
        }
        self.later(Duration::ZERO, Coming::Tell(Event::Woke));
        let end = self.follow(&mut process)?;
        self.met |= process.watch.met;
        self.stops |= process.core.stopped().map_or(0, |stop| 1 << kind_of_stop(stop));
        self.note(|| format!("-- {run:?} ends: {end:?}"));
        Ok(end)
    }

    fn follow(&mut self, process: &mut Process<'_>) -> Checked<End> {
        while !process.over {
            let next = self.next();
            hold(next.is_some(), "the run neither ends nor waits for anything", || {
                format!("{:?}", process.core)
            })?;
            let Some((what, is_own)) = next else { break };
            if is_own {
                if process.orders.crash_at == Some(process.events) {
                    return self.crash();
                }
                process.events += 1;
                hold(process.events <= MOST_EVENTS, "the run does not end", || {
                    format!("{:?}", process.core)
                })?;
            }
            self.events += 1;
            self.happen(process, what, is_own)?;
            Oracle::spend_is_enclosed(&self.ledger, &self.server)?;
            Oracle::limits_hold(&self.ledger, &self.server, process.orders)?;
            let told =
                (process.core.shown().calls, process.core.shown().billed, process.core.shown().in_doubt);
            hold(told == process.watch.told, "the operator is told something else than happened", || {
                format!("{told:?} is not {:?}", process.watch.told)
            })?;
            if let Some((_, by)) = process.orders.jump.filter(|(at, _)| *at == process.events) {
                self.off += by;
                self.note(|| format!("the wall clock jumps by {by:?}"));
            }
        }
        self.end(process)
    }

    fn crash(&mut self) -> Checked<End> {
        let lasts = self.chance.percent(50);
        self.note(|| format!("SIGKILL; a commit under way lasts: {lasts}"));
        self.crashes += 1;
        self.ledger.close(lasts);
        self.process += 1;
        self.oracle.nothing_was_lost(&self.ledger)?;
        Oracle::spend_is_enclosed(&self.ledger, &self.server)?;
        Ok(End::Killed)
    }

    fn end(&mut self, process: &Process<'_>) -> Checked<End> {
        self.ledger.close(true);
        self.process += 1;
        self.oracle.nothing_was_lost(&self.ledger)?;
        let (stop, done) = (process.core.stopped(), process.core.shown().clone());
        if process.ledger_failed {
            return Ok(End::LedgerFailed);
        }
        let mut rendered = Rendered { rows: self.rows.len() as u64, ..Rendered::default() };
        for row in &self.rows {
            let decision = self.decision(*row);
            let position = Decision::ALL.iter().position(|known| *known == decision);
            rendered.decisions[position.expect("every decision is listed")] += 1;
            let standing = self.standing(*row, &process.orders.policy, process.run);
            let history = self.ledger.working(row.subject);
            let is_old = standing != Standing::Settled || asked_in_vain(history, process.run);
            rendered.stale += u64::from(decision.is_settled() && is_old);
        }
        if stop.is_none() {
            hold(done.done == process.fetched, "a row was fetched and never finished", || {
                format!("{done:?}")
            })?;
            let none_left = process.ready == process.forgotten;
            hold(none_left, "a row is on its way when the run is over", || format!("{done:?}"))?;
            let all = process.due_at_first.iter().filter(|due| **due).count() as u64;
            let took_all = process.orders.only_first.is_some() || process.fetched == all;
            hold(took_all, "a due row was left out", || format!("{} of {all}", process.fetched))?;
        }
        let report = Report { stop, done, rendered, out_of_reach: 0, input_changed: false };
        let says_settled =
            report.ending() == Ending::Settled || self.sabotage == Sabotage::SaysThatAllIsSettled;
        let is_settled = self.rows.iter().all(|row| {
            let standing = self.standing(*row, &process.orders.policy, process.run);
            self.decision(*row).is_settled() && standing == Standing::Settled
        });
        // Where a resend came to nothing, an older answer is not what was wanted.
        let was_answered = self.rows.iter().all(|row| self.was_answered(*row, process.run));
        hold(
            says_settled == (is_settled && was_answered),
            "I9: exit code 0 if and only if every row is settled",
            || format!("{:?}: {report:?}", report.ending()),
        )?;
        Ok(match report.ending() {
            Ending::Settled => End::Settled,
            Ending::Incomplete => End::Incomplete,
            Ending::Stopped(stop) => End::Stopped(stop),
        })
    }

    pub(super) fn calls_of_today(&self) -> u64 {
        let today = shanghai::day(self.wall());
        self.calls_of(today)
    }

    fn calls_of(&self, day: jiff::civil::Date) -> u64 {
        let attempts = (0..self.ledger.subjects()).flat_map(|subject| self.ledger.working(subject).iter());
        let seen = attempts.filter(|attempt| {
            let left = attempt.answer.as_ref().is_none_or(|answer| answer.class != Class::NotSent);
            left && shanghai::day(attempt.asked_at) == day
        });
        seen.count() as u64
    }

    /// I5: with this intent, the day's calls stay within `--daily-limit`, those of all runs together.
    pub(super) fn the_days_limit_holds(
        &self,
        process: &Process<'_>,
        subject: usize,
        intent: IntentId,
    ) -> Checked {
        let Some(most) = process.orders.limits.daily_limit.filter(|_| !self.jumps) else { return Ok(()) };
        let own = self.ledger.working(subject).iter().find(|attempt| attempt.intent == intent);
        let asked_at: Option<Timestamp> = own.map(|attempt| attempt.asked_at);
        let calls = asked_at.map_or(0, |at| self.calls_of(shanghai::day(at)));
        hold(calls <= most, "I5: --daily-limit is passed", || format!("{calls} > {most}"))
    }
}

impl World {
    /// True if the run did not ask about a row, or was answered.
    fn was_answered(&self, row: Row, run: RunId) -> bool {
        let newest = self.ledger.durable(row.subject).iter().rev().find(|attempt| attempt.run == run);
        newest.is_none_or(|attempt| {
            attempt.answer.as_ref().is_some_and(|answer| {
                answer.class == Class::Billed || answer.meaning() == Some(Meaning::NotVerifiable)
            })
        })
    }
}

pub(super) fn is_due(standing: &Standing) -> bool {
    matches!(standing, Standing::Due | Standing::DueDespite(_))
}
