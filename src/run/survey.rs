//! What stands in the input and what of it is missing in the ledger, before anything is spent.

use std::collections::BTreeMap;

use super::RunError;
use super::heartbeat;
use super::inspect::{Found, Inspector};
use crate::domain::decide::{AskPolicy, RunId, Standing, standing};
use crate::domain::rejection::Rule;
use crate::intake::{Row, Table};
use crate::ledger::Ledger;
use crate::output::columns::{Cause, Refusal};

/// At least so many ID numbers that end in 000, and at least one in so many rows, raise the alarm.
const ALARM_LEAST: u64 = 3;
const ALARM_ONE_IN: u64 = 20;

/// Counts over the whole input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Rows of the input.
    pub rows: u64,
    /// Rows that are answered already.
    pub settled: u64,
    /// Rows in doubt, which are not asked.
    pub held: u64,
    /// Rows that cannot be asked about.
    pub rejected: u64,
    /// The same by column and code; both come from small tables.
    pub rejected_by_reason: BTreeMap<(String, String), u64>,
    /// Rows that may need a call: fewer if photos turn out bad, or rows turn out to be the same.
    pub due: u64,
    /// Calls in the whole ledger whose runs broke off before an answer could be recorded.
    pub orphans: u64,
    /// Rows whose answer is to be asked for anew, but whose photo is gone: they keep the old one.
    pub out_of_reach: u64,
    /// Rows to be asked about whose photo is known to deserve a warning.
    pub photo_warnings: u64,
    /// Rows in which something is repaired before it is sent.
    pub repaired: u64,
    /// Rows whose ID number ends in 000.
    pub ids_ending_in_000: u64,
}

impl Survey {
    /// True if so many ID numbers end in 000 that a spreadsheet has probably damaged them.
    pub fn looks_damaged_by_a_spreadsheet(&self) -> bool {
        self.ids_ending_in_000 >= ALARM_LEAST && self.ids_ending_in_000 * ALARM_ONE_IN >= self.rows
    }

    fn reject(&mut self, refusal: Refusal) {
        self.rejected += 1;
        let code = refusal.cause.code().to_owned();
        *self.rejected_by_reason.entry((refusal.column, code)).or_default() += 1;
    }
}

/// Counts the input's rows by what a run would do about them. Reads no photo.
pub(super) fn survey(
    table: &Table,
    inspector: &Inspector,
    ledger: &Ledger,
    policy: &AskPolicy,
    run: RunId,
) -> Result<Survey, RunError> {
    let mut survey = Survey { orphans: ledger.orphans()?, ..Survey::default() };
    let mut rows = table.rows()?;
    let mut row = Row::default();
    let stranger = ledger.history_of_a_stranger();
    while rows.read_into(&mut row)? {
        survey.rows += 1;
        heartbeat::beat();
        let asked = match inspector.inspect(&row) {
            Ok(asked) => asked,
            Err(refusal) => {
                if refusal.cause == Cause::Value(Rule::IdEndsInZeros) {
                    survey.ids_ending_in_000 += 1;
                }
                survey.reject(refusal);
                continue;
            }
        };
        survey.repaired += u64::from(!asked.repairs.is_empty());
        survey.ids_ending_in_000 += u64::from(asked.applicant.id_number().ends_in_000());
        match inspector.look_up(ledger, &asked)? {
            Found::Refused(refusal, _) => survey.reject(refusal),
            Found::PhotoUnread => survey.due += 1,
            Found::NeverMet => match standing(&stranger, policy, run) {
                Standing::Held => survey.held += 1,
                _ => survey.due += 1,
            },
            Found::Subject(known) => match standing(&known.history, policy, run) {
                Standing::Due | Standing::DueDespite(_) if known.can_be_asked => {
                    survey.due += 1;
                    survey.photo_warnings += u64::from(!known.warnings.is_empty());
                }
                Standing::Held | Standing::InFlight | Standing::DueDespite(_) => survey.held += 1,
                Standing::Refused => survey.rejected += 1,
                Standing::Due => survey.out_of_reach += 1,
                Standing::Settled | Standing::Spent => survey.settled += 1,
            },
        }
    }
    Ok(survey)
}
