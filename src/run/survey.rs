//! What stands in the input and what of it is missing in the ledger, before anything is spent.

use std::collections::BTreeMap;

use super::RunError;
use super::heartbeat;
use super::inspect::{Asked, Found, Inspector};
use crate::domain::decide::{AskPolicy, History, RunId, Standing, standing};
use crate::domain::rejection::Rule;
use crate::intake::{Row, Table};
use crate::ledger::{Ledger, PhotoMark};
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

    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Due | Verdict::DueIfPhotoIsNew => self.due += 1,
            Verdict::Settled => self.settled += 1,
            Verdict::Held => self.held += 1,
            Verdict::OutOfReach => self.out_of_reach += 1,
            Verdict::RefusedByApi => self.rejected += 1,
            Verdict::Refused(refusal) => {
                self.rejected += 1;
                let code = refusal.cause.code().to_owned();
                *self.rejected_by_reason.entry((refusal.column, code)).or_default() += 1;
            }
        }
    }
}

/// What a run would do about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask, if its photo can be sent.
    Due,
    /// Ask, if the bytes of its photo are others than those of an earlier call.
    DueIfPhotoIsNew,
    /// Nothing: it is answered.
    Settled,
    /// Nothing: it is in doubt.
    Held,
    /// Nothing: it is to be asked anew, but its photo is gone.
    OutOfReach,
    /// Nothing: it cannot be asked about.
    Refused(Refusal),
    /// Nothing: the API's own validation refused it.
    RefusedByApi,
}

/// What rows are looked up in, and what is asked again.
#[derive(Clone, Copy)]
pub(super) struct Books<'a> {
    /// `None`: there is no ledger yet, so nothing is known.
    pub(super) ledger: Option<&'a Ledger>,
    pub(super) policy: &'a AskPolicy,
    pub(super) run: RunId,
}

impl Books<'_> {
    /// Decides what a run would do about a row, without reading its photo unless it is known; and says whether
    /// a photo that is to be sent deserves a warning.
    pub(super) fn judge(
        &self,
        inspector: &Inspector,
        asked: &Asked,
        photo: Option<PhotoMark>,
    ) -> Result<(Verdict, bool), RunError> {
        let found = match (self.ledger, photo) {
            (Some(ledger), Some(photo)) => inspector.with_photo(ledger, asked, photo)?,
            (Some(ledger), None) => inspector.look_up(ledger, asked)?,
            (None, _) => match &asked.stamp {
                Ok(_) => Found::NeverMet,
                Err(rejection) => Found::Refused(inspector.photo_refusal(rejection), History::default()),
            },
        };
        Ok(match found {
            Found::Refused(refusal, _) => (Verdict::Refused(refusal), false),
            Found::PhotoUnread => (Verdict::DueIfPhotoIsNew, false),
            Found::NeverMet => match self.ledger.map(Ledger::history_of_a_stranger) {
                Some(history) if standing(&history, self.policy, self.run) == Standing::Held => {
                    (Verdict::Held, false)
                }
                _ => (Verdict::Due, false),
            },
            Found::Subject(known) => match standing(&known.history, self.policy, self.run) {
                Standing::Due | Standing::DueDespite(_) if known.can_be_asked => {
                    (Verdict::Due, !known.warnings.is_empty())
                }
                Standing::Held | Standing::InFlight | Standing::DueDespite(_) => (Verdict::Held, false),
                Standing::Refused => (Verdict::RefusedByApi, false),
                Standing::Due => (Verdict::OutOfReach, false),
                Standing::Settled | Standing::Spent => (Verdict::Settled, false),
            },
        })
    }
}

/// Counts the input's rows by what a run would do about them. Reads no photo.
///
/// `visit` sees each row, its values if they can be sent, and the verdict, in whose place it gives its own.
pub(super) fn survey(
    table: &Table,
    inspector: &Inspector,
    books: Books<'_>,
    mut visit: impl FnMut(&Row, Option<&Asked>, Verdict) -> Result<Verdict, RunError>,
) -> Result<Survey, RunError> {
    let orphans = books.ledger.map_or(Ok(0), Ledger::orphans)?;
    let mut survey = Survey { orphans, ..Survey::default() };
    let mut rows = table.rows()?;
    let mut row = Row::default();
    while rows.read_into(&mut row)? {
        survey.rows += 1;
        heartbeat::beat();
        let asked = match inspector.inspect(&row) {
            Ok(asked) => asked,
            Err(refusal) => {
                survey.ids_ending_in_000 += u64::from(refusal.cause == Cause::Value(Rule::IdEndsInZeros));
                survey.count(visit(&row, None, Verdict::Refused(refusal))?);
                continue;
            }
        };
        survey.repaired += u64::from(!asked.repairs.is_empty());
        survey.ids_ending_in_000 += u64::from(asked.applicant.id_number().ends_in_000());
        let (verdict, is_warned) = books.judge(inspector, &asked, None)?;
        let verdict = visit(&row, Some(&asked), verdict)?;
        survey.photo_warnings += u64::from(is_warned && verdict == Verdict::Due);
        survey.count(verdict);
    }
    Ok(survey)
}
