//! Figures for people: what was spent so far, and what one run asked and was answered.

use jiff::civil::Date;

use super::totals::{self, Counts};
use super::{Ledger, LedgerError};

impl Ledger {
    /// Counts the calls of the whole ledger, and those of one day of Asia/Shanghai.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn spent_until(&self, today: Date) -> Result<(Counts, Counts), LedgerError> {
        self.read(|connection| {
            Ok((totals::counts_ever(connection)?, totals::counts_of_day(connection, today)?))
        })
    }
}
