//! Input + ledger -> output, and what it says in all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::RunError;
use super::heartbeat;
use super::inspect::{Asked, Found, Inspector, KnownSubject};
use crate::domain::outcome::{Check, Decision};
use crate::intake::{Row, Table};
use crate::ledger::{EndpointKind, Ledger};
use crate::output::columns::{Billed, Columns, Refusal};
use crate::output::file;
use crate::output::mirror::Mirror;

/// What an output says in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Rows written.
    pub rows: u64,
    /// Rows by decision, in the order of [`Decision::ALL`].
    pub decisions: [u64; Decision::ALL.len()],
    /// Checks by factor (identity, face, mobile), in the order of [`Check::ALL`].
    pub checks: [[u64; Check::ALL.len()]; 3],
    /// Rows whose calls were billed.
    pub billed: u64,
    /// Rows with a call that may have been billed.
    pub perhaps_billed: u64,
    /// Rejected rows by the column at fault and the clause about it; both come from small tables.
    pub rejected: BTreeMap<(String, String), u64>,
}

impl Rendered {
    /// How many rows have a decision.
    pub fn count(&self, decision: Decision) -> u64 {
        let position = Decision::ALL.iter().position(|known| *known == decision);
        position.map_or(0, |position| self.decisions[position])
    }

    /// True if nothing remains to be done about any row.
    pub fn is_settled(&self) -> bool {
        Decision::ALL.iter().all(|decision| decision.is_settled() || self.count(*decision) == 0)
    }

    fn add(&mut self, columns: &Columns) {
        self.rows += 1;
        let position = |decision| Decision::ALL.iter().position(|known| *known == decision);
        if let Some(position) = position(columns.decision) {
            self.decisions[position] += 1;
        }
        if let Some(factors) = columns.factors {
            for (counts, check) in
                self.checks.iter_mut().zip([factors.identity, factors.face, factors.mobile])
            {
                if let Some(position) = Check::ALL.iter().position(|known| *known == check) {
                    counts[position] += 1;
                }
            }
        }
        self.billed += u64::from(columns.billed == Billed::Yes);
        self.perhaps_billed += u64::from(columns.billed == Billed::Unknown);
    }
}

/// Writes the output: every row of the input with what the ledger says of it.
pub(super) fn render(
    input: &Path,
    table: &Table,
    inspector: &Inspector,
    ledger: &Ledger,
    output: &Path,
) -> Result<Rendered, RunError> {
    let mode = std::fs::metadata(input).map_or(0o600, |input| input.permissions().mode());
    let is_sandbox = ledger.bound_to()? == Some(EndpointKind::Sandbox);
    // What fails inside is either the file (the closure's own error) or what it is made from.
    let mut failure = None;
    let written = file::replace(output, mode, |writer| {
        let mut rendered = Rendered::default();
        let mut mirror = Mirror::new(writer, table.shape())?;
        let mut write_all = || -> Result<std::io::Result<()>, RunError> {
            let mut rows = table.rows()?;
            let mut row = Row::default();
            while rows.read_into(&mut row)? {
                let columns = columns_of(&row, inspector, ledger, is_sandbox, &mut rendered)?;
                rendered.add(&columns);
                heartbeat::beat();
                if let Err(error) = mirror.row(&row, &columns.cells) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        };
        match write_all() {
            Ok(written) => written?,
            Err(error) => {
                failure = Some(error);
                return Err(std::io::ErrorKind::Other.into());
            }
        }
        mirror.finish()?;
        Ok(rendered)
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(written?),
    }
}

fn columns_of(
    row: &Row,
    inspector: &Inspector,
    ledger: &Ledger,
    is_sandbox: bool,
    rendered: &mut Rendered,
) -> Result<Columns, RunError> {
    let mut refuse = |refusal: Refusal, history: &[_]| {
        let columns = Columns::of_refusal(&refusal, history);
        *rendered.rejected.entry((refusal.column, refusal.clause)).or_default() += 1;
        columns
    };
    let asked = match inspector.inspect(row) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refuse(refusal, &[])),
    };
    let found = match inspector.look_up(ledger, &asked)? {
        Found::PhotoUnread => match inspector.read_photo(&asked.applicant) {
            Ok((_, photo, _)) => inspector.with_photo(ledger, &asked, photo)?,
            Err(rejection) => Found::Refused(inspector.photo_refusal(&rejection), Vec::new()),
        },
        found => found,
    };
    Ok(match found {
        Found::Refused(refusal, history) => refuse(refusal, &history),
        Found::Subject(KnownSubject { history, warnings, .. }) => {
            let made_up = is_sandbox && !history.is_empty();
            Columns::of_history(&history, &notes(&asked, &warnings, made_up))
        }
        // The bytes of an unread one were read just now.
        Found::NeverMet | Found::PhotoUnread => Columns::of_history(&[], &notes(&asked, "", false)),
    })
}

/// What was repaired, and what preparing the photo showed.
fn notes(asked: &Asked, warnings: &str, made_up: bool) -> String {
    let mut notes = String::new();
    if made_up {
        notes.push_str("SANDBOX: a made-up answer, not a verification");
    }
    for (position, (field, repair)) in asked.repairs.iter().enumerate() {
        let first = position == 0;
        let separator = match (first, notes.is_empty()) {
            (true, true) => "repaired: ",
            (true, false) => "; repaired: ",
            (false, _) => ", ",
        };
        // Writing to a String cannot fail.
        let _ = write!(notes, "{separator}{} ({repair})", field.parameter());
    }
    if !warnings.is_empty() {
        let separator = if notes.is_empty() { "" } else { "; " };
        let _ = write!(notes, "{separator}photo: {warnings}");
    }
    notes
}
