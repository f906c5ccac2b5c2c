//! What a run would do, in detail, before anything is spent: `reverify plan`.
//!
//! One pass counts what the run would do about each row and takes five short hashes of each applicant, 24
//! bytes a row, from which rows of one applicant and ID numbers with two names are found. With photos, a pass
//! before it prepares every photo that would be sent, as wide as the machine's cores.
//!
//! Not here: calls, or writing anything down.

mod likeness;
mod photos;
pub mod problems;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::RunError;
use super::inspect::{Inspector, Photos};
use super::survey::{self, Books, Survey, Verdict};
use crate::domain::applicant::Field;
use crate::domain::decide::{AskPolicy, RunId};
use crate::domain::repair::Repair;
use crate::domain::shanghai;
use crate::intake::Table;
use crate::ledger::{Ledger, LedgerKey, PathMark};
use crate::output::columns::{Cause, Refusal};
use crate::photo::FacePolicy;

use likeness::Likenesses;
pub use likeness::{Conflict, Likeness};
use photos::Look;
pub use photos::PhotosSeen;

/// How many rows are named where there may be many.
const NAMED_ROWS: usize = 5;

/// An input that is looked at.
pub struct Planner<'a> {
    table: &'a Table,
    ledger: Option<&'a Ledger>,
    policy: AskPolicy,
    inspector: Inspector,
    photos: HashMap<PathMark, Look>,
}

/// Whether photos are prepared.
pub enum LookAtPhotos<'a> {
    /// Only whether they are there.
    No,
    /// As they would be sent; told how many are done.
    Prepare(&'a (dyn Fn(u64) + Sync)),
}

/// Why rows are rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The value at fault.
    pub field: Field,
    /// Its column.
    pub column: String,
    /// What is wrong with it.
    pub cause: Cause,
    /// In how many rows.
    pub count: u64,
    /// The first of them.
    pub rows: Vec<u64>,
}

/// What a run would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Rows by what would become of them.
    pub survey: Survey,
    /// Why rows are rejected, the most frequent first.
    pub reasons: Vec<Reason>,
    /// Rows by what is repaired in them.
    pub repairs: BTreeMap<(Field, Repair), u64>,
    /// Rows that are alike.
    pub likeness: Likeness,
    /// What preparing the photos showed, if they were prepared.
    pub photos: Option<PhotosSeen>,
    /// Calls of today, all runs together.
    pub calls_today: u64,
}

impl Plan {
    /// How many calls a run without limits would make at worst.
    pub fn most_calls(&self) -> u64 {
        self.survey.due.saturating_sub(self.likeness.calls_saved)
    }

    /// True if nothing keeps a row from being settled or asked.
    pub fn is_clean(&self) -> bool {
        self.survey.rejected == 0 && self.survey.held == 0 && self.survey.out_of_reach == 0
    }
}

impl<'a> Planner<'a> {
    /// Prepares to look at a table. Without a ledger nothing is known, and everything is due.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn new(
        table: &'a Table,
        photos: Photos,
        faces: FacePolicy,
        ledger: Option<&'a Ledger>,
        policy: AskPolicy,
        now: Timestamp,
    ) -> std::io::Result<Self> {
        let key = match ledger {
            Some(ledger) => ledger.key().clone(),
            None => LedgerKey::throwaway()?,
        };
        let inspector = Inspector::new(table, photos, key, shanghai::day(now)).judging_by(faces);
        Ok(Self { table, ledger, policy, inspector, photos: HashMap::new() })
    }

    /// Looks at every row, and at the photos if that is wanted.
    ///
    /// # Errors
    ///
    /// If the input or the ledger cannot be read.
    pub fn plan(&mut self, photos: &LookAtPhotos<'_>, now: Timestamp) -> Result<Plan, RunError> {
        let mut plan = Plan::default();
        if let LookAtPhotos::Prepare(tell) = photos {
            self.photos = photos::prepare_all(self.table, &self.inspector, self.books(), *tell)?;
            plan.photos = Some(PhotosSeen::of(self.photos.values()));
        }
        let mut likenesses = Likenesses::default();
        let mut reasons = Reasons::default();
        let books = self.books();
        plan.survey = survey::survey(self.table, &self.inspector, books, |row, asked, verdict| {
            let Some(asked) = asked else {
                reasons.add(&verdict, row.number());
                return Ok(verdict);
            };
            for (field, repair) in asked.repairs.iter() {
                *plan.repairs.entry((field, repair)).or_default() += 1;
            }
            let verdict = self.with_photo_looked_at(asked, verdict)?;
            let content = self.photos.get(&asked.path).and_then(|look| look.mark);
            likenesses.add(row.number(), asked, content, verdict == Verdict::Due);
            reasons.add(&verdict, row.number());
            Ok(verdict)
        })?;
        plan.likeness = likenesses.settle();
        plan.reasons = reasons.into_sorted();
        plan.calls_today = match self.ledger {
            Some(ledger) => ledger.counts_of_day(shanghai::day(now))?.calls,
            None => 0,
        };
        Ok(plan)
    }

    fn books(&self) -> Books<'_> {
        // No attempt is of this run.
        Books { ledger: self.ledger, policy: &self.policy, run: RunId(i64::MAX) }
    }

    /// A verdict once more, where it hangs on the photo: what it showed when it was prepared, and whether its
    /// bytes are those of an earlier call.
    fn with_photo_looked_at(
        &self,
        asked: &super::inspect::Asked,
        verdict: Verdict,
    ) -> Result<Verdict, RunError> {
        let look = self.photos.get(&asked.path);
        let verdict = match verdict {
            Verdict::DueIfPhotoIsNew => match look.and_then(|look| look.mark) {
                Some(mark) => self.books().judge(&self.inspector, asked, Some(mark))?.0,
                None => match self.inspector.read_photo(&asked.applicant) {
                    Ok((_, mark, _)) => self.books().judge(&self.inspector, asked, Some(mark))?.0,
                    Err(rejection) => Verdict::Refused(self.inspector.photo_refusal(&rejection)),
                },
            },
            verdict => verdict,
        };
        Ok(match (&verdict, look.map(|look| &look.outcome)) {
            (Verdict::Due, Some(Err(cause))) => Verdict::Refused(self.inspector.photo_refused(cause.clone())),
            _ => verdict,
        })
    }
}

/// Reasons while they are being counted; both parts of the key come from small tables.
#[derive(Default)]
struct Reasons(HashMap<(Field, String), Reason>);

impl Reasons {
    fn add(&mut self, verdict: &Verdict, row: u64) {
        let Verdict::Refused(Refusal { field, column, cause }) = verdict else { return };
        let reason = self.0.entry((*field, cause.code().to_owned())).or_insert_with(|| Reason {
            field: *field,
            column: column.clone(),
            cause: cause.clone(),
            count: 0,
            rows: Vec::new(),
        });
        reason.count += 1;
        if reason.rows.len() < NAMED_ROWS {
            reason.rows.push(row);
        }
    }

    fn into_sorted(self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.0.into_values().collect();
        reasons.sort_by(|a, b| {
            let key = |reason: &Reason| (std::cmp::Reverse(reason.count), reason.rows.first().copied());
            key(a).cmp(&key(b))
        });
        reasons
    }
}
