//! What the sandbox counts, so that a test can compare it with what a ledger believes.
//!
//! Not here: anything that a client sent. A subject is a hash under a key of this process.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde::Serialize;

use super::limits::SlidingSecond;

/// What has been counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests to the API's path whose head arrived.
    pub calls: u64,
    /// Verdicts with `error_code` 0, whether or not the answer reached the client.
    pub billed: u64,
    /// Answers with another `error_code`, by code.
    pub refused: BTreeMap<u32, u64>,
    /// Calls that something scripted befell, by the mobile's ending or by number.
    pub faults: u64,
    /// Calls whose body never came whole.
    pub incomplete: u64,
    /// Calls that were no form, or came by another method: answered with HTTP 4xx.
    pub malformed: u64,
    /// The most calls that were being answered at one moment, from a head's arrival to its answer.
    pub peak_concurrency: u64,
    /// The most calls whose heads arrived within one second.
    pub peak_calls_in_any_second: u64,
    /// Different subjects (name, ID number, mobile and picture) whose parameters were in order, up to 100,000.
    pub subjects: u64,
    /// The most calls that one subject made.
    pub calls_per_subject_max: u64,
    /// The most calls that one subject was billed for.
    pub billed_per_subject_max: u64,
    /// Subjects that were billed more than once.
    pub subjects_billed_twice: u64,
    /// Bytes of the bodies that arrived whole.
    pub bytes_received: u64,
}

/// Subjects that are told apart; memory must not grow with the calls. A later one is counted as new each time.
const MOST_SUBJECTS: usize = 100_000;

#[derive(Default)]
struct Subject {
    calls: u32,
    billed: u32,
}

/// The running count behind [`Stats`].
#[derive(Default)]
pub struct Tally {
    /// The counts that need no work to report.
    pub stats: Stats,
    in_flight: u64,
    second: SlidingSecond,
    subjects: HashMap<u64, Subject>,
}

impl Tally {
    /// Counts a call whose head has arrived, and returns its number, from 1.
    pub fn begin(&mut self, now: Instant) -> u64 {
        self.stats.calls += 1;
        self.in_flight += 1;
        self.stats.peak_concurrency = self.stats.peak_concurrency.max(self.in_flight);
        let in_second = self.second.add(now) as u64;
        self.stats.peak_calls_in_any_second = self.stats.peak_calls_in_any_second.max(in_second);
        self.stats.calls
    }

    /// Counts the end of a call, however it ended.
    pub fn end(&mut self) {
        self.in_flight -= 1;
    }

    /// Counts the calls that are being answered now.
    #[cfg(test)]
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Counts an answer that is not billed.
    pub fn refuse(&mut self, code: u32) {
        *self.stats.refused.entry(code).or_default() += 1;
    }

    /// Counts a call of a subject, and returns how many it has made with this one.
    pub fn ask(&mut self, subject: u64) -> u32 {
        let Some(subject) = self.find(subject) else { return 1 };
        subject.calls += 1;
        let calls = subject.calls;
        self.stats.calls_per_subject_max = self.stats.calls_per_subject_max.max(calls.into());
        self.stats.subjects = self.subjects.len() as u64;
        calls
    }

    fn find(&mut self, subject: u64) -> Option<&mut Subject> {
        if self.subjects.len() >= MOST_SUBJECTS {
            return self.subjects.get_mut(&subject);
        }
        Some(self.subjects.entry(subject).or_default())
    }

    /// Counts a verdict that is billed.
    pub fn bill(&mut self, subject: u64) {
        self.stats.billed += 1;
        let Some(subject) = self.find(subject) else { return };
        subject.billed += 1;
        let billed = subject.billed;
        self.stats.subjects_billed_twice += u64::from(billed == 2);
        self.stats.billed_per_subject_max = self.stats.billed_per_subject_max.max(billed.into());
    }
}
