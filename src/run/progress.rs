//! What a run has done so far, for whoever shows it.

use jiff::Timestamp;

use super::stop::{Pause, Stop};
use crate::domain::answer::{Answer, Class, Finding};
use crate::domain::outcome::{Decision, Factors};

/// One look at a run.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Rows that may need a call, counted before the first one.
    pub due: u64,
    /// Of those, rows that nothing more happens to in this run.
    pub done: u64,
    /// Rows answered in this run, by decision, in the order of [`Decision::ALL`].
    pub decided: [u64; Decision::ALL.len()],
    /// Calls that the API may have seen.
    pub calls: u64,
    /// Calls that were billed for certain.
    pub billed: u64,
    /// Calls that may have been billed.
    pub in_doubt: u64,
    /// Calls in flight.
    pub in_flight: u32,
    /// The rate in force, in calls per second.
    pub rate: f64,
    /// 10011s so far.
    pub address_refusals: u64,
    /// Why nothing starts just now, and until when.
    pub pause: Option<(Pause, Timestamp)>,
    /// Why no further call starts.
    pub stop: Option<Stop>,
    /// Code and reason of the answer that ended the run, if an answer did.
    pub last_refusal: Option<String>,
    /// All calls are done and the output is being written.
    pub rendering: bool,
}

impl Snapshot {
    /// How many rows were decided in one way.
    pub fn count(&self, decision: Decision) -> u64 {
        let position = Decision::ALL.iter().position(|known| *known == decision);
        position.map_or(0, |position| self.decided[position])
    }

    pub(super) fn add(&mut self, decision: Decision) {
        if let Some(position) = Decision::ALL.iter().position(|known| *known == decision) {
            self.decided[position] += 1;
        }
    }

    /// Counts a recorded answer.
    pub(super) fn count_answer(&mut self, finding: Finding, answer: &Answer) {
        self.calls += u64::from(answer.class != Class::NotSent);
        self.billed += u64::from(answer.class == Class::Billed);
        self.in_doubt += u64::from(answer.class == Class::InDoubt);
        self.address_refusals += u64::from(finding == Finding::PerAddressLimit);
        if self.stop.is_some() && self.last_refusal.is_some() {
            return; // What is still landing did not end the run.
        }
        self.last_refusal = match (&answer.error_code, answer.http_status) {
            (Some(code), _) if answer.class != Class::Billed => Some(code.clone()),
            (None, Some(status)) => Some(format!("HTTP {status}")),
            _ => answer.seen.clone(),
        };
    }
}

/// The decision that a finding brings to its row, where nothing more happens to it in this run.
pub(super) fn decision(finding: Finding, answer: &Answer) -> Decision {
    match finding {
        Finding::Settled => answer.factors().map_or(Decision::Inconclusive, Factors::decision),
        Finding::UnknownRes | Finding::NotVerifiable => Decision::Inconclusive,
        Finding::FieldsRefused => Decision::Rejected,
        Finding::Doubt | Finding::UnknownCode | Finding::UndocumentedRefusal => Decision::Unresolved,
        _ => Decision::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_answer_is_counted_as_what_it_costs() {
        for (finding, counts) in [
            (Finding::NotSent, [0, 0, 0, 0]),
            (Finding::Settled, [1, 1, 0, 0]),
            (Finding::PerAddressLimit, [1, 0, 0, 1]),
            (Finding::Doubt, [1, 0, 1, 0]),
        ] {
            let mut snapshot = Snapshot::default();
            for times in 1..=3 {
                let answer = Answer::without_reply(finding.class(), "seen", Timestamp::UNIX_EPOCH);
                snapshot.count_answer(finding, &answer);
                let counted = [snapshot.calls, snapshot.billed, snapshot.in_doubt, snapshot.address_refusals];
                assert_eq!(counted, counts.map(|count| count * times), "{finding:?}");
            }
        }
    }

    #[test]
    fn every_finding_that_ends_a_row_has_its_decision() {
        let answer = |finding: Finding| Answer {
            res: Some("100".to_owned()),
            ..Answer::without_reply(finding.class(), "", Timestamp::UNIX_EPOCH)
        };
        for (finding, expected) in [
            (Finding::Settled, Decision::Match),
            (Finding::UnknownRes, Decision::Inconclusive),
            (Finding::NotVerifiable, Decision::Inconclusive),
            (Finding::FieldsRefused, Decision::Rejected),
            (Finding::Doubt, Decision::Unresolved),
            (Finding::UnknownCode, Decision::Unresolved),
            (Finding::UndocumentedRefusal, Decision::Unresolved),
            (Finding::KeyRefused, Decision::Pending),
            (Finding::Maintenance, Decision::Pending),
            (Finding::InternalError, Decision::Pending),
        ] {
            assert_eq!(decision(finding, &answer(finding)), expected, "{finding:?}");
        }
    }
}
