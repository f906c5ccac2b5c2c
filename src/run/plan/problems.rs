//! Every problem of an input, one after the other, for the list that goes back to whoever made it.

use super::Planner;
use super::likeness::{Alike, Likeness};
use crate::domain::applicant::{AsWritten, Field};
use crate::domain::mask;
use crate::output::columns::Cause;
use crate::photo::PhotoWarning;

use super::super::RunError;
use super::super::survey::{self, Verdict};

/// Something in a row that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The row's number in a spreadsheet.
    pub row: u64,
    /// The column's name as it stands in the file.
    pub column: String,
    /// What is wrong.
    pub finding: Finding,
    /// Name, ID number and mobile, masked.
    pub masked: [String; 3],
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It cannot be asked about.
    Refused(Field, Cause),
    /// The API's own validation refused it in an earlier run.
    RefusedByApi,
    /// Its ID number stands in this row with another name.
    OtherName(u64),
    /// Its ID number stands in this row with another mobile.
    OtherMobile(u64),
    /// The same applicant with the same photo stands in this row.
    Repeated(u64),
    /// Its ID number ends in 000, in a file in which too many do.
    EndsIn000,
    /// Its photo is sent, and something is worth knowing about it.
    Photo(PhotoWarning),
}

impl Planner<'_> {
    /// Goes through the input once more and hands over every problem, in the order of rows.
    ///
    /// # Errors
    ///
    /// The taker's own, and those of reading the input and the ledger.
    pub fn each_problem(
        &self,
        likeness: &Likeness,
        is_suspicious: bool,
        mut take: impl FnMut(&Problem) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, RunError> {
        let mut alike = likeness.rows.iter().peekable();
        let mut failed = None;
        let column = |field: Field| self.table.header_name(field).to_owned();
        survey::survey(self.table, &self.inspector, self.books(), |row, asked, verdict| {
            let verdict = match asked {
                Some(asked) => self.with_photo_looked_at(asked, verdict)?,
                None => verdict,
            };
            let mut findings = Vec::new();
            match &verdict {
                Verdict::Refused(refusal) => {
                    findings.push((refusal.field, Finding::Refused(refusal.field, refusal.cause.clone())));
                }
                Verdict::RefusedByApi => findings.push((Field::Idcard, Finding::RefusedByApi)),
                _ => {}
            }
            if is_suspicious && asked.is_some_and(|asked| asked.applicant.id_number().ends_in_000()) {
                findings.push((Field::Idcard, Finding::EndsIn000));
            }
            while let Some((_, alike)) = alike.next_if(|(number, _)| *number == row.number()) {
                findings.push(match *alike {
                    Alike::OtherName(other) => (Field::Realname, Finding::OtherName(other)),
                    Alike::OtherMobile(other) => (Field::Mobile, Finding::OtherMobile(other)),
                    Alike::Repeated(other) => (Field::Idcard, Finding::Repeated(other)),
                });
            }
            let look =
                asked.filter(|_| verdict == Verdict::Due).and_then(|asked| self.photos.get(&asked.path));
            for warning in look.iter().filter_map(|look| look.outcome.as_ref().ok()).flatten() {
                findings.push((Field::Photo, Finding::Photo(*warning)));
            }
            for (field, finding) in findings {
                let masked = masked(&row.as_written());
                let problem = Problem { row: row.number(), column: column(field), finding, masked };
                if failed.is_none() {
                    failed = take(&problem).err();
                }
            }
            Ok(verdict)
        })?;
        Ok(failed.map_or(Ok(()), Err))
    }
}

fn masked(written: &AsWritten<'_>) -> [String; 3] {
    [mask::name(written.realname), mask::id_number(written.idcard), mask::mobile(written.mobile)]
}
