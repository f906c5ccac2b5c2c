//! Doubts, and the words that settle them.

use std::ops::ControlFlow;

use jiff::Timestamp;

use super::LedgerError;
use super::key::Subject;
use super::rows;
use super::store::Ledger;
use crate::domain::decide::{Attempt, IntentId, Lost, Verdict};

/// A call that may have been billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Whom it was about, as a hash.
    pub subject: Subject,
    /// The call, and what became of it.
    pub attempt: Attempt,
}

impl Ledger {
    /// Takes every call in the order in which they were made, until told to stop.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read, or is damaged.
    pub fn each_call(
        &self,
        mut take: impl FnMut(Subject, Attempt) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let each = |connection: &rusqlite::Connection| rows::each_attempt(connection, &mut take);
        self.read_with(each)
    }

    /// Every call that may have been billed and that no answer says so of: those that someone has spoken
    /// about too, with the latest word.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read, or is damaged.
    pub fn doubts(&self) -> Result<Vec<Doubt>, LedgerError> {
        let mut doubts = Vec::new();
        let taken = self.read_with(|connection| {
            rows::each_doubtful_attempt(connection, &mut |subject, attempt| {
                doubts.push(Doubt { subject, attempt });
                ControlFlow::Continue(())
            })
        });
        taken.map(|()| doubts)
    }

    /// What is lost with an older copy of the ledger that was accepted, as long as nobody has settled it.
    pub fn lost(&self) -> Option<Lost> {
        self.history_of_a_stranger().lost
    }

    /// Writes words on doubts down, all of them or none.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn settle(
        &mut self,
        settled: &[(IntentId, Verdict)],
        lost: Option<Verdict>,
        who: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        self.in_a_group(|ledger| {
            for (intent, verdict) in settled {
                ledger.resolve(*intent, *verdict, who, why, now)?;
            }
            if let (Some(verdict), Some(lost)) = (lost, ledger.lost()) {
                ledger.insert_rollback(verdict.word(), &lost, who, why, now)?;
            }
            Ok(())
        })
    }
}
