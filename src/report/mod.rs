//! The report on a list: one HTML file that needs nothing but a browser.
//!
//! It holds no script and fetches nothing, and a Content-Security-Policy in it says so to the browser.
//! What the API and the files said is text wherever it is shown. No person's data is in it but for masked
//! rows, where they are asked for.
//!
//! Not here: opening files and ledgers (`cli`), or looking rows up (`run::retell`).

mod chart;
mod figures;
mod page;
mod rows;
mod scores;
mod sections;

use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::domain::money::Yuan;
use crate::ledger::{EndpointKind, Ledger, LedgerError};
use crate::output::columns::Refusal;

pub use figures::ListFigures;
use figures::RunFigures;
pub use rows::row as write_row;

/// Everything that the report tells.
#[derive(Debug)]
pub struct Facts {
    input: String,
    ledger: String,
    made_at: Timestamp,
    kind: Option<EndpointKind>,
    price: Option<Yuan>,
    list: ListFigures,
    /// The last run and the one before it.
    runs: Vec<RunFigures>,
}

impl Facts {
    /// Adds what the ledger knows of the last two runs to what was counted of the list.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn gather(
        input: &Path,
        list: ListFigures,
        ledger: &Ledger,
        price: Option<Yuan>,
        made_at: Timestamp,
    ) -> Result<Self, LedgerError> {
        let spans = list.last_runs(&ledger.runs()?);
        let runs = spans.iter().map(|span| RunFigures::of(ledger, span)).collect::<Result<_, _>>()?;
        let kind = ledger.bound_to()?;
        Ok(Self {
            input: input.display().to_string(),
            ledger: ledger.path().display().to_string(),
            made_at,
            kind,
            // Nothing is paid in the sandbox.
            price: price.filter(|_| kind != Some(EndpointKind::Sandbox)),
            list,
            runs,
        })
    }
}

/// Writes the report up to where rows may follow.
///
/// # Errors
///
/// If the writer fails.
pub fn write_head(out: &mut dyn Write, facts: &Facts) -> io::Result<()> {
    out.write_all(page::head(facts).as_bytes())?;
    out.write_all(sections::all(facts).into_string().as_bytes())
}

/// Writes what stands before the first row.
///
/// # Errors
///
/// If the writer fails.
pub fn write_rows_head(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(rows::head().as_bytes())
}

/// Writes what stands behind the last row.
///
/// # Errors
///
/// If the writer fails.
pub fn write_rows_tail(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(rows::tail().as_bytes())
}

/// Writes the report's end.
///
/// # Errors
///
/// If the writer fails.
pub fn write_tail(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page::tail().as_bytes())
}

/// What is wrong with a row, for people.
fn clause(refusal: &Refusal) -> String {
    refusal.cause.clause(crate::lang::current())
}

/// A count for people: `1,234,567`.
fn grouped(count: u64) -> String {
    crate::say!("report-number", count = count)
}
