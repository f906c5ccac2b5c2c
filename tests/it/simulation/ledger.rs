//! The model of a ledger: what is durable, what is being committed, and what a crash or a failing disk
//! makes of it. What it decides, it decides with the program's own `standing`.

use std::collections::VecDeque;

use jiff::Timestamp;
use reverify::domain::answer::{Answer, Class};
use reverify::domain::decide::{
    AskPolicy, Attempt, History, IntentId, Lost, RunId, Standing, Verdict, standing,
};
use reverify::ledger::Reserved;
use reverify::run::core::{Event, RowNumber};

use super::sabotage::Sabotage;

/// What the core wants written down.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Reserve { row: RowNumber, subject: usize, at: Timestamp, policy: AskPolicy, run: RunId },
    Record { row: RowNumber, subject: usize, intent: IntentId, answer: Box<Answer> },
}

impl Request {
    fn refused(&self) -> Event {
        match self {
            Self::Reserve { row, .. } => Event::NotReserved(*row),
            Self::Record { row, .. } => Event::NotRecorded(*row),
        }
    }
}

/// What a run holds open, and what it has reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OfRun {
    /// Intents without an answer.
    pub(super) open: u64,
    /// Calls that the API may have seen or may see.
    pub(super) calls: u64,
    /// Calls that cost, or may cost.
    pub(super) payable: u64,
}

/// One thing that was written down, for a real ledger to be held against the model.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    Run(RunId, Timestamp),
    Asked { subject: usize, policy: AskPolicy, run: RunId, at: Timestamp, told: Reserved },
    Answered(IntentId, Box<Answer>),
    Resolved(IntentId, Verdict),
}

/// What lasts at some moment.
#[derive(Clone, Debug)]
pub(super) struct Backup {
    histories: Vec<History>,
    last_run: i64,
}

/// Facts by subject, as they last and as the open transaction sees them.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    durable: Vec<History>,
    working: Vec<History>,
    touched: Vec<usize>,
    /// Told to those who asked once the group is committed.
    replies: Vec<Event>,
    waiting: VecDeque<Request>,
    committing: bool,
    failed: bool,
    next_intent: i64,
    pub(super) last_run: i64,
    pub(super) sabotage: Sabotage,
    /// Billed, and perhaps billed, by subject and in all.
    sums: Vec<(u64, u64)>,
    total: (u64, u64),
    of_run: OfRun,
    /// Calls that an accepted older copy lacks, as long as nobody has settled them.
    lost: Option<Lost>,
    /// If it is kept: what was written down, and how much of it lasts.
    journal: Option<Vec<Fact>>,
    lasting: usize,
}

impl Ledger {
    pub(super) fn new(sabotage: Sabotage) -> Self {
        Self { next_intent: 1, sabotage, ..Self::default() }
    }

    pub(super) fn add_subject(&mut self) -> usize {
        let stranger = History { lost: self.lost, ..History::default() };
        self.durable.push(stranger.clone());
        self.working.push(stranger);
        self.sums.push((0, 0));
        self.durable.len() - 1
    }

    /// What lasts.
    pub(super) fn durable(&self, subject: usize) -> &History {
        &self.durable[subject]
    }

    /// What the ledger's owner sees.
    pub(super) fn working(&self, subject: usize) -> &History {
        &self.working[subject]
    }

    pub(super) fn subjects(&self) -> usize {
        self.durable.len()
    }

    /// Billed for certain, and perhaps billed, as the ledger believes.
    pub(super) fn believed(&self) -> (u64, u64) {
        self.total
    }

    pub(super) fn keep_a_journal(&mut self) {
        self.journal = Some(Vec::new());
    }

    /// Takes what lasts out of the journal.
    pub(super) fn take_journal(&mut self) -> Vec<Fact> {
        let lasting = std::mem::take(&mut self.lasting);
        self.journal.as_mut().map(|journal| journal.drain(..lasting).collect()).unwrap_or_default()
    }

    fn note(&mut self, fact: impl FnOnce() -> Fact) {
        if let Some(journal) = &mut self.journal {
            journal.push(fact());
        }
    }

    pub(super) fn begin_run(&mut self, at: Timestamp) -> RunId {
        self.of_run = OfRun::default();
        if self.sabotage != Sabotage::ReusesTheRunsNumber || self.last_run == 0 {
            self.last_run += 1;
        }
        let run = RunId(self.last_run);
        self.note(|| Fact::Run(run, at));
        self.keep();
        run
    }

    /// Of the run that began last, the group that is being committed included.
    pub(super) fn of_run(&self) -> OfRun {
        self.of_run
    }

    /// A call broke down: it holds no slot any more, and its intent stays without an answer.
    pub(super) fn gave_up_a_call(&mut self) {
        self.of_run.open -= 1;
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Takes a request; true if a commit begins now.
    pub(super) fn ask(&mut self, request: Request) -> bool {
        self.waiting.push_back(request);
        !self.committing && !self.failed
    }

    /// The requests of a ledger that has failed are refused at once.
    pub(super) fn refusals(&mut self) -> Vec<Event> {
        if self.failed {
            self.waiting.drain(..).map(|request| request.refused()).collect()
        } else {
            Vec::new()
        }
    }

    /// Begins a group with what has arrived; true if there was anything. The replies are handed out by
    /// [`Self::commit`].
    pub(super) fn begin_group(&mut self) -> bool {
        self.committing = !self.waiting.is_empty();
        while let Some(request) = self.waiting.pop_front() {
            let reply = self.write(request);
            self.replies.push(reply);
        }
        self.committing
    }

    /// Replies that a sabotaged thread gives before the commit.
    pub(super) fn replies_too_early(&mut self) -> Vec<Event> {
        let is_early = |reply: &Event| match self.sabotage {
            Sabotage::SendsBeforeTheIntentLasts => matches!(reply, Event::Reserved(..)),
            Sabotage::FreesTheSlotTooEarly => matches!(reply, Event::Recorded(..)),
            _ => false,
        };
        let (early, rest) = std::mem::take(&mut self.replies).into_iter().partition(is_early);
        self.replies = rest;
        early
    }

    fn write(&mut self, request: Request) -> Event {
        match request {
            Request::Reserve { row, subject, at, policy, run } => {
                let found = match self.sabotage {
                    Sabotage::AsksWithoutLooking => Standing::Due,
                    Sabotage::TakesOrphansForNothing => {
                        let answered: Vec<Attempt> =
                            self.working[subject].iter().filter(|a| a.answer.is_some()).cloned().collect();
                        standing(&answered.into(), &policy, run)
                    }
                    _ => standing(&self.working[subject], &policy, run),
                };
                let despite = match found {
                    Standing::Due => Vec::new(),
                    Standing::DueDespite(doubts) => doubts,
                    other => {
                        let told = Reserved::NotDue(other.clone());
                        self.note(|| Fact::Asked { subject, policy, run, at, told });
                        return Event::NotDue(row, other);
                    }
                };
                for doubt in despite {
                    if self.sabotage != Sabotage::WritesNoResendDown {
                        self.set_verdict(subject, doubt, Verdict::Resend);
                    }
                }
                let intent = IntentId(self.next_intent);
                self.next_intent += 1;
                let OfRun { open, calls, payable } = self.of_run;
                self.of_run = OfRun { open: open + 1, calls: calls + 1, payable: payable + 1 };
                self.note(|| Fact::Asked { subject, policy, run, at, told: Reserved::Intent(intent) });
                self.touched.push(subject);
                self.working[subject].attempts.push(Attempt {
                    intent,
                    run,
                    asked_at: at,
                    answer: None,
                    verdict: None,
                });
                Event::Reserved(row, intent)
            }
            Request::Record { row, subject, intent, answer } => {
                self.note(|| Fact::Answered(intent, answer.clone()));
                self.touched.push(subject);
                self.of_run.open -= 1;
                self.of_run.calls -= u64::from(answer.class == Class::NotSent);
                self.of_run.payable -= u64::from(matches!(answer.class, Class::NotSent | Class::Unbilled));
                if self.sabotage != Sabotage::RecordsNothing {
                    let attempt =
                        self.working[subject].attempts.iter_mut().find(|attempt| attempt.intent == intent);
                    attempt.expect("an answer has an intent").answer = Some(*answer);
                }
                Event::Recorded(row)
            }
        }
    }

    fn set_verdict(&mut self, subject: usize, intent: IntentId, verdict: Verdict) {
        self.touched.push(subject);
        let attempt = self.working[subject].attempts.iter_mut().find(|attempt| attempt.intent == intent);
        attempt.expect("a doubt has an intent").verdict = Some(verdict);
    }

    /// The group lasts; those who asked are told.
    pub(super) fn commit(&mut self) -> Vec<Event> {
        self.committing = false;
        if self.sabotage != Sabotage::CommitsToMemory {
            self.keep();
        }
        std::mem::take(&mut self.replies)
    }

    /// The commit fails, and the disk may hold the group or not.
    pub(super) fn fail(&mut self, lasts: bool) -> Vec<Event> {
        self.committing = false;
        self.failed = self.sabotage != Sabotage::TriesAFailedCommitAgain;
        if lasts {
            self.keep();
        } else if self.failed {
            self.lose();
        }
        let replies = std::mem::take(&mut self.replies);
        if self.sabotage == Sabotage::TriesAFailedCommitAgain {
            self.lose();
            return replies;
        }
        let refuse = |reply| match reply {
            Event::Reserved(row, _) | Event::NotDue(row, _) => Event::NotReserved(row),
            Event::Recorded(row) => Event::NotRecorded(row),
            other => other,
        };
        replies.into_iter().map(refuse).collect()
    }

    /// The process ends, and the disk may hold the group that was being committed or not.
    pub(super) fn close(&mut self, lasts: bool) {
        if lasts && self.committing {
            self.keep();
        } else {
            self.lose();
        }
        self.replies.clear();
        self.waiting.clear();
        (self.committing, self.failed) = (false, false);
        let newest =
            self.durable.iter().flat_map(|history| history.iter()).map(|attempt| attempt.intent.0).max();
        self.next_intent = newest.unwrap_or(0) + 1;
    }

    /// A person says what became of a doubt.
    pub(super) fn resolve(&mut self, subject: usize, intent: IntentId, verdict: Verdict) {
        self.set_verdict(subject, intent, verdict);
        self.note(|| Fact::Resolved(intent, verdict));
        self.keep();
    }

    /// What a backup holds: everything that lasts.
    pub(super) fn back_up(&self) -> Backup {
        Backup { histories: self.durable.clone(), last_run: self.last_run }
    }

    /// Puts a backup back, and goes on with it on an operator's word. Returns its last intent.
    pub(super) fn put_back(&mut self, backup: Backup, now: Timestamp) -> IntentId {
        let subjects = self.durable.len();
        self.durable = backup.histories;
        self.durable.resize(subjects, History::default());
        self.last_run = backup.last_run;
        let attempts = self.durable.iter().flat_map(|history| history.iter());
        let after = attempts.map(|attempt| attempt.intent).max().unwrap_or(IntentId(0));
        let lost = Lost { after, since: now, accepted: now };
        self.set_lost(Some(lost).filter(|_| self.sabotage != Sabotage::ForgetsWhatIsLost));
        self.close(true);
        after
    }

    /// Calls that an older copy lacks.
    pub(super) fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// A person says what became of them, or allows asking again.
    pub(super) fn settle_what_is_lost(&mut self) {
        self.set_lost(None);
        self.keep();
    }

    fn set_lost(&mut self, lost: Option<Lost>) {
        self.lost = lost;
        for history in &mut self.durable {
            history.lost = lost;
        }
        self.working.clone_from(&self.durable);
        self.touched = (0..self.durable.len()).collect();
        self.keep();
    }

    fn keep(&mut self) {
        self.lasting = self.journal.as_ref().map_or(0, Vec::len);
        while let Some(subject) = self.touched.pop() {
            self.durable[subject].clone_from(&self.working[subject]);
            let billed = self.durable[subject].iter().filter(|attempt| attempt.was_billed()).count() as u64;
            let perhaps = self.durable[subject].iter().filter(|attempt| attempt.may_have_been_billed());
            let sums = (billed, perhaps.count() as u64);
            self.total.0 = self.total.0 + sums.0 - self.sums[subject].0;
            self.total.1 = self.total.1 + sums.1 - self.sums[subject].1;
            self.sums[subject] = sums;
        }
    }

    fn lose(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.truncate(self.lasting);
        }
        if self.sabotage == Sabotage::CommitsToMemory {
            self.touched = (0..self.durable.len()).collect();
        }
        while let Some(subject) = self.touched.pop() {
            self.working[subject].clone_from(&self.durable[subject]);
        }
    }
}
