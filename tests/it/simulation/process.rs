//! One run of the program: the core, driven event by event, with every invariant checked after each.

use std::time::Duration;

use jiff::Timestamp;
use reverify::domain::answer::{Class, Finding};
use reverify::domain::decide::{IntentId, RunId, Standing};
use reverify::domain::error_code::Meaning;
use reverify::domain::outcome::Decision;
use reverify::domain::shanghai;
use reverify::run::conductor::Now;
use reverify::run::core::{Command, Core, Event, RowNumber};
use reverify::run::progress::Snapshot;
use reverify::run::render::Rendered;
use reverify::run::stop::Stop;
use reverify::run::{Ending, Report};

use super::ledger::Request;
use super::oracle::{Checked, Oracle, Watch, hold, kind_of_stop};
use super::orders::Orders;
use super::replies;
use super::sabotage::Sabotage;
use super::server::Way;
use super::world::{Coming, End, Photo, Row, World};

/// No run of so few rows takes more events than this.
const MOST_EVENTS: u64 = 20_000;
/// `--timeout`.
const PATIENCE: Duration = Duration::from_secs(60);

/// A living process.
struct Process<'a> {
    orders: &'a Orders,
    core: Core,
    run: RunId,
    began: Duration,
    watch: Watch,
    cursor: usize,
    /// Rows that were due when the run began: what is fetched ahead goes by that.
    due_at_first: Vec<bool>,
    alarm: Option<Duration>,
    events: u64,
    commits: u64,
    fetched: u64,
    ready: u64,
    forgotten: u64,
    /// Findings of answers that are being recorded, by row.
    in_hand: Vec<(RowNumber, IntentId, Finding)>,
    over: bool,
    ledger_failed: bool,
}

impl World {
    /// Starts the program, and follows it to its end.
    pub(super) fn run(&mut self, orders: &Orders) -> Checked<End> {
        self.process += 1;
        let run = self.ledger.begin_run();
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
        }
        if stop.is_none() {
            hold(done.done == process.fetched, "a row was fetched and never finished", || {
                format!("{done:?}")
            })?;
            let in_all = process.ready == process.forgotten;
            hold(in_all, "a row is on its way when the run is over", || format!("{done:?}"))?;
            let all = process.due_at_first.iter().filter(|due| **due).count() as u64;
            let is_all = process.orders.only_first.is_some() || process.fetched == all;
            hold(is_all, "a due row was left out", || format!("{} of {all}", process.fetched))?;
        }
        let report = Report { stop, done, rendered, out_of_reach: 0, input_changed: false };
        let says_settled =
            report.ending() == Ending::Settled || self.sabotage == Sabotage::SaysThatAllIsSettled;
        let is_settled = self.rows.iter().all(|row| {
            let standing = self.standing(*row, &process.orders.policy, process.run);
            self.decision(*row).is_settled() && standing == Standing::Settled
        });
        // Rows beyond --limit keep what they have.
        let is_settled = is_settled || (process.orders.only_first.is_some() && says_settled);
        // Stopped before it had looked at every row, it cannot know that none was missing; and where a
        // resend came to nothing, an older answer is not what was wanted.
        let cannot_know = report.stop.is_some() && report.done.done < report.done.due;
        let was_answered = self.rows.iter().all(|row| self.was_answered(*row, process.run));
        let holds = says_settled == is_settled || (is_settled && (cannot_know || !was_answered));
        hold(holds, "I9: exit code 0 if and only if every row is settled", || {
            format!("{:?}: {report:?}", report.ending())
        })?;
        Ok(match report.ending() {
            Ending::Settled => End::Settled,
            Ending::Incomplete => End::Incomplete,
            Ending::Stopped(stop) => End::Stopped(stop),
        })
    }

    fn happen(&mut self, process: &mut Process<'_>, what: Coming, is_own: bool) -> Checked {
        match what {
            Coming::Arrival { row, intent, patience } => {
                let (seen_at, event) = self.arrive(row, intent, patience)?;
                if is_own && self.at < patience {
                    self.at_time(seen_at, Coming::Tell(event));
                }
                Ok(())
            }
            Coming::Commit => self.commit(process),
            Coming::Wake(at) if process.alarm == Some(at) => {
                process.alarm = None;
                self.tell(process, Event::Woke)
            }
            Coming::Wake(_) => Ok(()),
            Coming::Fetched(event) => {
                process.fetched += u64::from(!matches!(event, Event::RowsEnded | Event::RowsFailed));
                process.ready += u64::from(matches!(event, Event::RowReady(_)));
                self.tell(process, event)
            }
            Coming::Tell(event) => {
                if let Event::Answered(row, finding, _) = &event {
                    let sent = process.in_hand.iter_mut().find(|(in_hand, ..)| in_hand == row);
                    sent.expect("it was sent").2 = *finding;
                }
                let event = self.garble(event);
                self.tell(process, event)
            }
        }
    }

    /// What a sabotaged program makes of an answer.
    fn garble(&self, event: Event) -> Event {
        match (self.sabotage, event) {
            (Sabotage::RepeatsAfterATimeout, Event::Answered(row, Finding::Doubt, _)) => {
                let exchange = replies::not_sent(Finding::NotSent);
                Event::Answered(row, exchange.finding, Box::new(exchange.answer))
            }
            (Sabotage::TakesUnknownCodesForFree, Event::Answered(row, Finding::UnknownCode, mut answer)) => {
                answer.class = Class::Unbilled;
                Event::Answered(row, Finding::UnknownCode, answer)
            }
            (Sabotage::HurriesAfterADoubt, Event::Answered(row, Finding::Doubt, answer)) => {
                Event::Answered(row, Finding::UnknownCode, answer)
            }
            (_, event) => event,
        }
    }

    /// Tells the core of an event, and carries out what it says.
    fn tell(&mut self, process: &mut Process<'_>, event: Event) -> Checked {
        self.note(|| format!("event {event:?}"));
        self.watch_event(process, &event)?;
        let was_stopped = process.core.stopped().is_some();
        let now = Now { since_start: self.at - process.began, clock: self.wall() };
        for command in process.core.on(event, now) {
            self.note(|| format!("      {command:?}"));
            self.carry_out(process, command, was_stopped)?;
        }
        Ok(())
    }

    fn watch_event(&mut self, process: &mut Process<'_>, event: &Event) -> Checked {
        match event {
            Event::Reserved(row, intent) => {
                self.the_days_limit_holds(process, self.subject_of(*row), *intent)
            }
            Event::NotDue(row, _) | Event::NotReserved(row) | Event::NotRecorded(row) => {
                process.watch.ended(*row);
                Ok(())
            }
            Event::Broken(row) => {
                process.watch.ended(*row);
                process.in_hand.retain(|(in_hand, ..)| in_hand != row);
                self.ledger.gave_up_a_call();
                Ok(())
            }
            Event::Recorded(row) => {
                let position = process.in_hand.iter().position(|(in_hand, ..)| in_hand == row);
                let (_, intent, finding) = process.in_hand.swap_remove(position.expect("it was sent"));
                process.watch.recorded(*row, finding, self.at);
                self.oracle.recorded(&self.ledger, self.subject_of(*row), intent)
            }
            _ => Ok(()),
        }
    }

    fn carry_out(&mut self, process: &mut Process<'_>, command: Command, was_stopped: bool) -> Checked {
        match command {
            Command::FetchRow => self.fetch(process),
            Command::Reserve { row, at } => {
                hold(
                    !was_stopped && process.core.stopped() != Some(Stop::LedgerFailed),
                    "a call starts after the stop",
                    || format!("row {row}"),
                )?;
                let in_time = process.orders.limits.deadline.is_none_or(|deadline| at < deadline);
                hold(in_time, "a call starts at or after the deadline", || format!("row {row} at {at}"))?;
                process.watch.started(process.orders, row, self.at)?;
                let subject = self.subject_of(row);
                let (policy, run) = (process.orders.policy, process.run);
                self.ask_the_ledger(process, Request::Reserve { row, subject, at, policy, run })
            }
            Command::Send { row, intent } => self.send(process, row, intent),
            Command::Record { row, intent, answer } => {
                let subject = self.subject_of(row);
                self.ask_the_ledger(process, Request::Record { row, subject, intent, answer })
            }
            Command::Forget(_) => {
                process.forgotten += 1;
                Ok(())
            }
            Command::WakeAt(since_start) => {
                let at = (process.began + since_start).max(self.at);
                process.alarm = Some(at);
                if self.sabotage != Sabotage::OversleepsTheAlarm || !self.chance.percent(5) {
                    self.at_time(at, Coming::Wake(at));
                }
                Ok(())
            }
            Command::End => {
                process.over = true;
                Ok(())
            }
        }
    }

    fn fetch(&mut self, process: &mut Process<'_>) -> Checked {
        let event = loop {
            let Some(row) = self.rows.get(process.cursor).copied() else { break Event::RowsEnded };
            process.cursor += 1;
            let number = process.cursor as RowNumber;
            if !process.due_at_first[process.cursor - 1] {
                continue;
            }
            if self.sabotage == Sabotage::LosesARow && self.chance.percent(10) {
                continue;
            }
            if row.photo == Photo::Bad {
                break Event::RowRefused;
            }
            self.rows[process.cursor - 1].photo = Photo::Known;
            // It may have been looked up a good while ago.
            let standing = self.standing(row, &process.orders.policy, process.run);
            break if is_due(&standing) || (row.photo == Photo::Known && self.chance.percent(50)) {
                Event::RowReady(number)
            } else {
                Event::RowNotDue(standing)
            };
        };
        let takes =
            if self.chance.percent(20) { self.chance.millis(0, 5_000) } else { self.chance.millis(0, 20) };
        self.later(takes, Coming::Fetched(event));
        Ok(())
    }

    fn ask_the_ledger(&mut self, process: &mut Process<'_>, request: Request) -> Checked {
        if self.ledger.ask(request) {
            self.begin_commit();
        }
        self.refuse_what_comes_too_late(process);
        Ok(())
    }

    fn begin_commit(&mut self) {
        if !self.ledger.begin_group() {
            return;
        }
        for reply in self.ledger.replies_too_early() {
            self.later(Duration::ZERO, Coming::Tell(reply));
        }
        let takes = self.chance.millis(0, 12);
        self.later(takes, Coming::Commit);
    }

    fn commit(&mut self, process: &mut Process<'_>) -> Checked {
        let replies = if process.orders.failing_commit == Some(process.commits) {
            let lasts = self.chance.percent(50);
            self.note(|| format!("the commit fails; it lasts all the same: {lasts}"));
            process.ledger_failed = true;
            self.ledger.fail(lasts)
        } else {
            self.note(|| "commit".to_owned());
            self.ledger.commit()
        };
        process.commits += 1;
        for reply in replies {
            let takes = self.chance.millis(0, 1);
            self.later(takes, Coming::Tell(reply));
        }
        self.begin_commit_of_what_waits(process);
        self.oracle.nothing_was_lost(&self.ledger)
    }

    fn begin_commit_of_what_waits(&mut self, process: &mut Process<'_>) {
        if !self.ledger.has_failed() {
            self.begin_commit();
        }
        self.refuse_what_comes_too_late(process);
    }

    fn refuse_what_comes_too_late(&mut self, process: &mut Process<'_>) {
        for refusal in self.ledger.refusals() {
            process.ledger_failed = true;
            self.later(Duration::ZERO, Coming::Tell(refusal));
        }
    }

    fn send(&mut self, process: &mut Process<'_>, row: RowNumber, intent: IntentId) -> Checked {
        let subject = self.subject_of(row);
        self.oracle.may_send(
            &self.ledger,
            &mut self.server,
            &process.orders.policy,
            process.run,
            (subject, intent),
        )?;
        hold(
            !process.ledger_failed || process.core.stopped().is_none(),
            "a call is made after the ledger failed",
            || format!("row {row}"),
        )?;
        process.in_hand.push((row, intent, Finding::Doubt));
        self.calls += 1;
        match self.server.way(self.at, &mut self.chance) {
            Way::NotSent(finding) => {
                self.server.not_travelling(intent);
                let exchange = replies::not_sent(finding);
                self.answer_later(row, exchange)
            }
            Way::Lost => {
                self.server.not_travelling(intent);
                if self.chance.percent(5) {
                    self.later(Duration::ZERO, Coming::Tell(Event::Broken(row)));
                    return Ok(());
                }
                self.answer_later(row, replies::doubt())
            }
            Way::Arrives(takes) => {
                let patience = self.at + PATIENCE;
                if takes >= PATIENCE {
                    let doubt = replies::doubt();
                    let event = Event::Answered(row, doubt.finding, Box::new(doubt.answer));
                    self.later(PATIENCE, Coming::Tell(event));
                    self.later(takes, Coming::Arrival { row, intent, patience });
                } else {
                    self.later(takes, Coming::Arrival { row, intent, patience });
                }
                Ok(())
            }
        }
    }

    fn answer_later(&mut self, row: RowNumber, exchange: reverify::api::Exchange) -> Checked {
        let takes = if self.chance.percent(30) { PATIENCE } else { self.chance.millis(0, 400) };
        self.later(takes, Coming::Tell(Event::Answered(row, exchange.finding, Box::new(exchange.answer))));
        Ok(())
    }

    fn calls_of_today(&self) -> u64 {
        let today = shanghai::day(self.wall());
        self.calls_of(today)
    }

    fn calls_of(&self, day: jiff::civil::Date) -> u64 {
        let attempts = (0..self.ledger.subjects()).flat_map(|subject| self.ledger.working(subject));
        let seen = attempts.filter(|attempt| {
            let left = attempt.answer.as_ref().is_none_or(|answer| answer.class != Class::NotSent);
            left && shanghai::day(attempt.asked_at) == day
        });
        seen.count() as u64
    }

    /// I5: with this intent, the day's calls stay within `--daily-limit`, those of all runs together.
    fn the_days_limit_holds(&self, process: &Process<'_>, subject: usize, intent: IntentId) -> Checked {
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

fn is_due(standing: &Standing) -> bool {
    matches!(standing, Standing::Due | Standing::DueDespite(_))
}
