//! One list, one ledger, one API and their weeks together: runs, crashes, restarts and what people do in
//! between, all from one seed.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reverify::domain::decide::{AskPolicy, IntentId, RunId, Standing, Verdict, shown, standing};
use reverify::domain::outcome::Decision;
use reverify::domain::shanghai;
use reverify::run::core::{Event, RowNumber};
use reverify::run::stop::Stop;

use super::chance::Chance;
use super::ledger::{Backup, Ledger};
use super::oracle::{Checked, Oracle, hold};
use super::orders::Orders;
use super::sabotage::Sabotage;
use super::server::{Server, Weather};

/// What is known of a row's photo before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Photo {
    /// Its bytes.
    Known,
    /// Nothing: it is new, or was renamed.
    Unread,
    /// It cannot be sent.
    Bad,
}

/// A row of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) subject: usize,
    pub(super) photo: Photo,
}

/// Something on its way.
#[derive(Clone, Debug)]
pub(super) enum Coming {
    /// Word for the core.
    Tell(Event),
    /// What came of fetching a row.
    Fetched(Event),
    /// An alarm, if it is still the one that is set.
    Wake(Duration),
    /// The ledger's commit is done.
    Commit,
    /// A request reaches the API, whatever has become of the process that sent it. Until when is it waited for?
    Arrival { row: RowNumber, intent: IntentId, patience: Duration },
}

/// How one run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was killed.
    Killed,
    /// The ledger failed: exit code 74.
    LedgerFailed,
    /// Every row is settled: exit code 0.
    Settled,
    /// All was gone through: exit code 1.
    Incomplete,
    /// It stopped early.
    Stopped(Stop),
}

/// Something to come, when, and for which process. The earliest is the greatest.
#[derive(Debug)]
struct Entry {
    at: Duration,
    number: u64,
    process: u64,
    what: Coming,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

/// Everything.
#[derive(Debug)]
pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) at: Duration,
    pub(super) begins: Timestamp,
    /// How far the wall clock is off.
    pub(super) off: SignedDuration,
    pub(super) jumps: bool,
    pub(super) rows: Vec<Row>,
    pub(super) ledger: Ledger,
    /// An older copy of it, if somebody keeps one.
    pub(super) backup: Option<Backup>,
    pub(super) server: Server,
    pub(super) oracle: Oracle,
    queue: BinaryHeap<Entry>,
    entries: u64,
    /// The process that is alive; entries of others are void, but for arrivals.
    pub(super) process: u64,
    pub(super) sabotage: Sabotage,
    pub(super) events: u64,
    pub(super) calls: u64,
    pub(super) crashes: u64,
    /// Kinds of findings and of stops that were met, as bits.
    pub(super) met: u32,
    pub(super) stops: u32,
    trace: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(seed: u64, sabotage: Sabotage, traced: bool) -> Self {
        let mut chance = Chance::new(seed);
        // Some time of some day in Shanghai, often shortly before midnight.
        let second = if chance.percent(30) { 57_590 } else { chance.below(86_400) };
        let begins: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let jumps = chance.percent(20);
        let mut world = Self {
            at: Duration::ZERO,
            begins: begins + Duration::from_secs(second),
            off: SignedDuration::ZERO,
            jumps,
            rows: Vec::new(),
            ledger: Ledger::new(sabotage),
            backup: None,
            server: Server::default(),
            oracle: Oracle::default(),
            queue: BinaryHeap::new(),
            entries: 0,
            process: 0,
            sabotage,
            events: 0,
            calls: 0,
            crashes: 0,
            met: 0,
            stops: 0,
            trace: traced.then(Vec::new),
            chance,
        };
        for _ in 0..world.chance.between(3, 12) {
            world.add_row();
        }
        world
    }

    /// What was noted on the way.
    pub(super) fn into_trace(self) -> Vec<String> {
        self.trace.unwrap_or_default()
    }

    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12.3} s  {}", self.at.as_secs_f64(), line()));
        }
    }

    /// What the program's clock shows.
    pub(super) fn wall(&self) -> Timestamp {
        self.true_time() + self.off
    }

    /// The same as the ledger keeps it, in whole milliseconds.
    pub(super) fn stamp(&self) -> Timestamp {
        Timestamp::from_millisecond(self.wall().as_millisecond()).expect("it is in range")
    }

    pub(super) fn true_time(&self) -> Timestamp {
        self.begins + self.at
    }

    /// Adds a row, of a new subject or of one that is there already.
    pub(super) fn add_row(&mut self) {
        let known = self.ledger.subjects() as u64;
        let subject = if known > 0 && self.chance.percent(20) {
            usize::try_from(self.chance.below(known)).unwrap()
        } else {
            self.oracle.add_subject();
            self.server.billed_by_subject.push(0);
            self.ledger.add_subject()
        };
        // A subject is a person with a photo: a bad one is bad in each of its rows.
        let is_new = subject as u64 == known;
        let is_bad = match self.rows.iter().find(|row| row.subject == subject) {
            Some(row) => row.photo == Photo::Bad,
            None => is_new && self.chance.percent(5),
        };
        self.rows.push(Row { subject, photo: if is_bad { Photo::Bad } else { Photo::Unread } });
    }

    pub(super) fn subject_of(&self, row: RowNumber) -> usize {
        self.rows[usize::try_from(row).unwrap() - 1].subject
    }

    pub(super) fn later(&mut self, after: Duration, what: Coming) {
        self.at_time(self.at + after, what);
    }

    pub(super) fn at_time(&mut self, at: Duration, what: Coming) {
        self.entries += 1;
        self.queue.push(Entry { at, number: self.entries, process: self.process, what });
    }

    /// The next thing that happens, and whether it is one of the living process.
    pub(super) fn next(&mut self) -> Option<(Coming, bool)> {
        while let Some(Entry { at, process, what, .. }) = self.queue.pop() {
            let is_own = process == self.process;
            if is_own || matches!(what, Coming::Arrival { .. }) {
                self.at = self.at.max(at);
                return Some((what, is_own));
            }
        }
        None
    }

    /// A request reaches the API. Returns the event that the program sees, and when.
    pub(super) fn arrive(
        &mut self,
        row: RowNumber,
        intent: IntentId,
        patience: Duration,
    ) -> Checked<(Duration, Event)> {
        let subject = self.server.truths[&intent.0].subject;
        let (now, today, run) = (self.at, shanghai::day(self.true_time()), RunId(self.ledger.last_run));
        let reply = self.server.arrived(intent.0, run, now, today, &mut self.chance);
        self.note(|| format!("{intent:?} arrives: {:?}", reply.exchange.finding));
        self.oracle.billed(&self.server, subject)?;
        let takes = match self.chance.below(4) {
            0 => Duration::ZERO,
            1 => self.chance.millis(0, 3_000),
            _ => self.chance.millis(20, 300),
        };
        let is_lost = self.chance.percent(self.server.weather.lost_after);
        let exchange = if now > patience || is_lost || now + takes > patience {
            super::replies::doubt()
        } else {
            reply.exchange.clone()
        };
        // A reset is noticed at once, silence only when patience ends.
        let seen_at = if now + takes > patience || (is_lost && self.chance.percent(50)) {
            patience
        } else {
            now + takes
        };
        let mut answer = exchange.answer;
        answer.time = self.stamp();
        Ok((seen_at, Event::Answered(row, exchange.finding, Box::new(answer))))
    }

    /// Lets everything that is still on its way arrive, with no program alive.
    pub(super) fn let_all_arrive(&mut self) -> Checked {
        while let Some((what, _)) = self.next() {
            if let Coming::Arrival { row, intent, patience } = what {
                self.arrive(row, intent, patience)?;
                Oracle::spend_is_enclosed(&self.ledger, &self.server)?;
            }
        }
        Ok(())
    }

    /// What people do between two runs: settle doubts, change the list, wait.
    pub(super) fn between_runs(&mut self) -> Checked {
        if self.chance.percent(60) {
            let pause = self.chance.clone().pick(&[1_000, 60_000, 4_000_000, 90_000_000]);
            self.at += self.chance.millis(0, pause);
        }
        if self.chance.percent(40) {
            self.settle_doubts(50);
        }
        if self.chance.percent(40) {
            self.change_the_list();
        }
        self.server.weather = Weather::draw(&mut self.chance, self.at);
        Oracle::spend_is_enclosed(&self.ledger, &self.server)
    }

    /// Settles doubts, each so many times in a hundred, and never with a lie.
    pub(super) fn settle_doubts(&mut self, percent: u64) {
        self.settle_what_is_lost(percent);
        for subject in 0..self.ledger.subjects() {
            let doubts: Vec<IntentId> = self
                .ledger
                .durable(subject)
                .iter()
                .filter(|attempt| attempt.blocks() && attempt.verdict.is_none())
                .map(|attempt| attempt.intent)
                .collect();
            for intent in doubts {
                if !self.chance.percent(percent) {
                    continue;
                }
                // An intent under which nothing was ever sent has no truth, and was not billed.
                let truth = self.server.truths.get(&intent.0).copied();
                let verdict = match truth {
                    Some(truth) if truth.travels => Verdict::Resend,
                    _ if self.chance.percent(30) => Verdict::Resend,
                    Some(truth) if truth.billed => Verdict::Billed,
                    _ => Verdict::Unbilled,
                };
                self.note(|| format!("{intent:?} of subject {subject} is resolved: {verdict:?}"));
                self.ledger.resolve(subject, intent, verdict);
            }
        }
    }

    fn change_the_list(&mut self) {
        match self.chance.below(4) {
            0 => self.chance.shuffle(&mut self.rows),
            1 => {
                for row in &mut self.rows {
                    if row.photo == Photo::Known && self.chance.percent(50) {
                        row.photo = Photo::Unread;
                    }
                }
            }
            2 if self.rows.len() > 2 => {
                let gone = usize::try_from(self.chance.below(self.rows.len() as u64)).unwrap();
                self.rows.remove(gone);
            }
            _ => self.add_row(),
        }
    }

    /// What a run may do about a row, as the ledger's owner sees it.
    pub(super) fn standing(&self, row: Row, policy: &AskPolicy, run: RunId) -> Standing {
        standing(self.ledger.working(row.subject), policy, run)
    }

    /// What the output says of a row.
    pub(super) fn decision(&self, row: Row) -> Decision {
        let decision = shown(self.ledger.durable(row.subject)).decision();
        if row.photo == Photo::Bad && decision == Decision::Pending { Decision::Rejected } else { decision }
    }

    /// At last: the network is sound, people settle every doubt, and nothing is limited. Then every row
    /// must get settled, at no cost beyond the calls that were missing, and stay so.
    pub(super) fn settle(&mut self) -> Checked {
        self.let_all_arrive()?;
        self.settle_doubts(100);
        self.server.weather = Weather::default();
        self.off = SignedDuration::ZERO;
        let concurrency = self.chance.pick(&[1, 2, 4, 16]);
        let first = self.run(&Orders::plain(concurrency))?;
        let can_be_settled = |world: &Self, row: &Row| match world.decision(*row) {
            // Billed and its answer lost, refused by the API, or its photo is bad: a person's business.
            Decision::Unresolved => {
                let held = world.ledger.durable(row.subject).iter().filter(|attempt| attempt.blocks());
                held.clone().count() > 0
                    && held.clone().all(|attempt| attempt.verdict == Some(Verdict::Billed))
            }
            Decision::Match | Decision::Mismatch | Decision::Inconclusive | Decision::Rejected => true,
            Decision::Pending => false,
        };
        for row in self.rows.clone() {
            hold(can_be_settled(self, &row), "a row is lost: it does not get settled in the end", || {
                format!("{row:?}: {:?}, after {first:?}", self.ledger.durable(row.subject))
            })?;
        }
        let (calls, spent) = (self.calls, self.server.billed);
        let second = self.run(&Orders::plain(concurrency))?;
        // Only 280105 is asked again, three times in all.
        let unverified = |world: &Self, row: &Row| {
            matches!(
                shown(world.ledger.durable(row.subject)),
                reverify::domain::decide::Shown::NotVerifiable(..)
            )
        };
        let may_ask = self.rows.iter().any(|row| unverified(self, row));
        hold(
            may_ask || (self.calls == calls && first == second),
            "I6: a settled list is asked again",
            || format!("{} calls, {first:?}, then {second:?}", self.calls - calls),
        )?;
        let (billed, perhaps) = self.ledger.believed();
        let exact = perhaps > 0 || billed + self.server.forgotten == self.server.billed;
        hold(exact, "I3: with every doubt settled, the ledger knows its spend", || {
            format!("{billed} is not {} ({spent} before)", self.server.billed)
        })
    }

    /// The whole story of a seed.
    pub(super) fn live(&mut self) -> Checked {
        for _ in 0..self.chance.between(1, 5) {
            self.between_runs()?;
            self.keep_or_put_back_a_copy()?;
            let (wall, rows) = (self.wall(), self.rows.len() as u64);
            let orders = Orders::draw(&mut self.chance, wall, rows, self.jumps);
            self.run(&orders)?;
        }
        self.settle()
    }
}
