//! The whole run as a function of values: what happened goes in, what to do comes out.
//!
//! [`Core`] knows which rows are on their way and how far each of them is. A row's stages follow one
//! another in one order only, so that the two rules that money hangs on can be read off them:
//!
//! ```text
//! Reserve ──Reserved──> Send ──Answered──> Record ──Recorded──> the row's slot is free again
//! ```
//!
//! [`Command::Send`] is only given out for an intent that is durable, once, and a slot is only freed
//! when the answer is durable too. Whether and when a call may start is the [`Conductor`]'s to say; what
//! the ledger knows of a subject, `domain::decide`'s.
//!
//! Not here: async, clocks, files and sockets. `dispatch` carries the commands out and tells of their
//! results; the simulator in `tests/it/simulation` does the same with models of ledger and network.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::conductor::{Conductor, Gate, Limits, Next, Now, Ticket, Tries};
use super::progress::{self, Snapshot};
use super::stop::{Pause, Stop};
use crate::domain::answer::{Answer, Finding};
use crate::domain::decide::{IntentId, Standing};
use crate::domain::outcome::Decision;

/// With so many rows waiting to be tried again, beyond those that may be in flight, no new one is begun.
const MOST_WAITING: usize = 16;

/// A row of the input, by its number.
pub type RowNumber = u64;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The row that was asked for can be sent.
    RowReady(RowNumber),
    /// The row that was asked for cannot be sent: its photo is refused.
    RowRefused,
    /// The row that was asked for is not due after all.
    RowNotDue(Standing),
    /// There is no further row.
    RowsEnded,
    /// The input or the ledger could not be read.
    RowsFailed,
    /// A row's intent is durable.
    Reserved(RowNumber, IntentId),
    /// A row is not due any more, and has no intent.
    NotDue(RowNumber, Standing),
    /// The ledger failed: whether the row has an intent is unknown.
    NotReserved(RowNumber),
    /// A row's exchange ended.
    Answered(RowNumber, Finding, Box<Answer>),
    /// What was to send a row broke down: whether it did is unknown.
    Broken(RowNumber),
    /// A row's answer is durable.
    Recorded(RowNumber),
    /// The ledger failed: whether the row's answer is durable is unknown.
    NotRecorded(RowNumber),
    /// Time has passed.
    Woke,
    /// The operator wants the run to end.
    Interrupted,
}

/// Something to be done. Each is answered by the event that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Get the next row: [`Event::RowReady`], `RowRefused`, `RowNotDue`, `RowsEnded` or `RowsFailed`.
    FetchRow,
    /// Make an intent durable if the row is due: [`Event::Reserved`], `NotDue` or `NotReserved`.
    Reserve {
        /// Which row.
        row: RowNumber,
        /// The intent's time.
        at: Timestamp,
    },
    /// Spend money, once: [`Event::Answered`] or `Broken`.
    Send {
        /// Which row.
        row: RowNumber,
        /// The durable intent that the call is made under.
        intent: IntentId,
    },
    /// Make an answer durable: [`Event::Recorded`] or `NotRecorded`.
    Record {
        /// Which row.
        row: RowNumber,
        /// The intent that is answered.
        intent: IntentId,
        /// The answer.
        answer: Box<Answer>,
    },
    /// Nothing more happens to a row in this run.
    Forget(RowNumber),
    /// [`Event::Woke`] at this moment since the start, instead of the one that was named before.
    WakeAt(Duration),
    /// The run is over: nothing is on its way.
    End,
}

/// How far a row is whose call was allowed.
#[derive(Debug)]
enum Stage {
    Reserving,
    Sending(IntentId),
    Recording(Finding, Box<Answer>),
}

/// A row that holds a slot.
#[derive(Debug)]
struct Flying {
    ticket: Ticket,
    tries: Tries,
    stage: Stage,
}

/// One run.
#[derive(Debug)]
pub struct Core {
    conductor: Conductor,
    flying: BTreeMap<RowNumber, Flying>,
    /// Rows to be tried again, and when.
    waiting: Vec<(Duration, RowNumber, Tries)>,
    /// With so many rows waiting, no new one is begun.
    most_waiting: usize,
    next: Option<RowNumber>,
    fetching: bool,
    /// Due rows that may still be taken (`--limit`).
    left: u64,
    exhausted: bool,
    alarm: Option<Duration>,
    shown: Snapshot,
}

impl Core {
    /// Begins a run on a day on which earlier runs have made `calls_of_day` calls. `shown`: what the run
    /// shows before anything has happened.
    ///
    /// Nothing is done before the first event, which may be [`Event::Woke`].
    pub fn new(limits: Limits, now: Now, calls_of_day: u64, seed: u64, shown: Snapshot) -> Self {
        let most_waiting = MOST_WAITING + usize::try_from(limits.concurrency).unwrap_or(usize::MAX).min(256);
        Self {
            conductor: Conductor::new(limits, now, calls_of_day, seed),
            flying: BTreeMap::new(),
            waiting: Vec::new(),
            most_waiting,
            next: None,
            fetching: false,
            left: u64::MAX,
            exhausted: false,
            alarm: None,
            shown,
        }
    }

    /// Takes only so many rows (`--limit`).
    #[must_use]
    pub fn taking_only(mut self, rows: u64) -> Self {
        self.left = rows;
        self.exhausted = rows == 0;
        self
    }

    /// What the run has done so far.
    pub fn shown(&self) -> &Snapshot {
        &self.shown
    }

    /// Why no further call starts, once that is so.
    pub fn stopped(&self) -> Option<Stop> {
        self.conductor.stopped()
    }

    /// Takes in what happened and says what to do.
    pub fn on(&mut self, event: Event, now: Now) -> Vec<Command> {
        let mut commands = Vec::new();
        self.take_in(event, now, &mut commands);
        let wake = self.start_what_may_start(now, &mut commands);
        self.go_on(wake, now, &mut commands);
        self.shown.in_flight = self.conductor.in_flight();
        self.shown.rate = self.conductor.calls_per_second();
        self.shown.stop = self.conductor.stopped();
        commands
    }

    fn take_in(&mut self, event: Event, now: Now, commands: &mut Vec<Command>) {
        match event {
            Event::RowReady(row) => {
                self.fetching = false;
                self.left = self.left.saturating_sub(1);
                self.exhausted |= self.left == 0;
                self.next = Some(row);
            }
            Event::RowRefused => {
                self.fetching = false;
                self.finish(Decision::Rejected);
            }
            Event::RowNotDue(standing) => {
                self.fetching = false;
                self.finish_not_due(&standing);
            }
            Event::RowsEnded => (self.fetching, self.exhausted) = (false, true),
            Event::RowsFailed => {
                (self.fetching, self.exhausted) = (false, true);
                self.conductor.stop(Stop::LedgerFailed);
            }
            Event::Reserved(row, intent) => self.reserved(row, intent, now, commands),
            Event::Answered(row, finding, answer) => self.answered(row, finding, answer, commands),
            Event::Recorded(row) => self.recorded(row, now, commands),
            Event::NotDue(row, standing) => {
                if let Some(flying) = self.land(row, commands) {
                    self.conductor.cancelled(flying.ticket);
                    self.finish_not_due(&standing);
                }
            }
            Event::NotReserved(row) | Event::NotRecorded(row) => {
                self.lost(row, now, commands);
                self.conductor.stop(Stop::LedgerFailed);
            }
            Event::Broken(row) => {
                self.lost(row, now, commands);
                self.finish(Decision::Unresolved);
            }
            Event::Woke => self.alarm = None,
            Event::Interrupted => self.conductor.stop(Stop::Signal),
        }
    }

    /// The intent is durable: now, and only now, money may be spent.
    fn reserved(&mut self, row: RowNumber, intent: IntentId, now: Now, commands: &mut Vec<Command>) {
        // An answer that nobody can write down any more is not worth its price.
        if self.conductor.stopped() == Some(Stop::LedgerFailed) {
            return self.lost(row, now, commands);
        }
        let Some(flying) = self.flying.get_mut(&row) else { return };
        if matches!(flying.stage, Stage::Reserving) {
            flying.stage = Stage::Sending(intent);
            commands.push(Command::Send { row, intent });
        }
    }

    fn answered(
        &mut self,
        row: RowNumber,
        finding: Finding,
        answer: Box<Answer>,
        commands: &mut Vec<Command>,
    ) {
        let Some(flying) = self.flying.get_mut(&row) else { return };
        if let Stage::Sending(intent) = flying.stage {
            commands.push(Command::Record { row, intent, answer: answer.clone() });
            flying.stage = Stage::Recording(finding, answer);
        }
    }

    /// The answer is durable: its slot is free, and row and run may react to it.
    fn recorded(&mut self, row: RowNumber, now: Now, commands: &mut Vec<Command>) {
        let is_recording = |flying: &Flying| matches!(flying.stage, Stage::Recording(..));
        if !self.flying.get(&row).is_some_and(is_recording) {
            return;
        }
        let Some(Flying { ticket, mut tries, stage: Stage::Recording(finding, answer) }) =
            self.flying.remove(&row)
        else {
            return;
        };
        let next = self.conductor.ended(ticket, finding, &mut tries, now);
        self.shown.count_answer(finding, &answer);
        match next {
            Next::Again(at) => self.waiting.push((at, row, tries)),
            Next::Done => {
                commands.push(Command::Forget(row));
                self.finish(progress::decision(finding, &answer));
            }
        }
    }

    fn land(&mut self, row: RowNumber, commands: &mut Vec<Command>) -> Option<Flying> {
        commands.push(Command::Forget(row));
        self.flying.remove(&row)
    }

    /// A row whose call nobody can answer for: its intent has no answer, and so it is in doubt.
    fn lost(&mut self, row: RowNumber, now: Now, commands: &mut Vec<Command>) {
        if let Some(flying) = self.land(row, commands) {
            self.conductor.lost(flying.ticket, now);
        }
    }

    /// Starts calls until the conductor says no, and returns when to ask again.
    fn start_what_may_start(&mut self, now: Now, commands: &mut Vec<Command>) -> Option<Duration> {
        loop {
            let ready = self.waiting.iter().position(|(at, ..)| *at <= now.since_start);
            let may_take_next = self.next.is_some() && self.waiting.len() < self.most_waiting;
            if ready.is_none() && !may_take_next {
                return self.waiting.iter().map(|(at, ..)| *at).min();
            }
            let ticket = match self.conductor.ask(now) {
                Gate::Start(ticket) => ticket,
                Gate::Wait(until, why) => {
                    self.show_pause(until, why, now);
                    return Some(until);
                }
                Gate::WaitForAnswer | Gate::Stop(_) => return None,
            };
            let row = match ready {
                Some(position) => {
                    let (_, row, tries) = self.waiting.swap_remove(position);
                    Some((row, tries))
                }
                None => self.next.take().map(|row| (row, Tries::default())),
            };
            match row {
                Some((row, tries)) => {
                    self.shown.pause = None;
                    self.flying.insert(row, Flying { ticket, tries, stage: Stage::Reserving });
                    commands.push(Command::Reserve { row, at: now.clock });
                }
                None => self.conductor.cancelled(ticket),
            }
        }
    }

    /// Ends the run, or says what it goes on with.
    fn go_on(&mut self, wake: Option<Duration>, now: Now, commands: &mut Vec<Command>) {
        let nothing_left = self.exhausted && !self.fetching && self.next.is_none() && self.waiting.is_empty();
        let mut wake = wake;
        if !nothing_left {
            // What waits for longer than the run may last must not hold it up.
            self.conductor.stop_at_the_deadline(now);
            wake = wake.into_iter().chain(self.conductor.deadline(now)).min();
        }
        let stopping = self.conductor.stopped().is_some();
        if self.flying.is_empty() && (stopping || nothing_left) {
            commands.push(Command::End);
            return;
        }
        if stopping {
            return; // What is in flight is awaited.
        }
        if !self.exhausted && !self.fetching && self.next.is_none() {
            self.fetching = true;
            commands.push(Command::FetchRow);
        }
        if let Some(wake) = wake
            && self.alarm != Some(wake)
        {
            self.alarm = Some(wake);
            commands.push(Command::WakeAt(wake));
        }
    }

    fn finish(&mut self, decision: Decision) {
        self.shown.done += 1;
        self.shown.add(decision);
    }

    /// A row that needs no call of its own: another row asked for it, or an earlier file did.
    fn finish_not_due(&mut self, standing: &Standing) {
        self.shown.done += 1;
        match standing {
            Standing::Held => self.shown.add(Decision::Unresolved),
            // It may show an older answer, but the one that was missing did not come.
            Standing::Spent => self.shown.add(Decision::Pending),
            _ => {}
        }
    }

    fn show_pause(&mut self, until: Duration, why: Pause, now: Now) {
        let wait = until.saturating_sub(now.since_start);
        let ends = now.clock.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.shown.pause = (why != Pause::Rate).then_some((why, ends));
    }
}

#[cfg(test)]
mod tests;
