//! Two outputs, row by row: who changed, who is new, who is gone.
//!
//! Outputs are read as they were written: text or workbook, in either language, with or without a prefix. Rows
//! are joined by the applicant (name, ID number and mobile after repairs) or by a column. Of the older output
//! some 60 bytes a row are held in memory; the newer one is only passed through.
//!
//! Not here: what is shown of a change (`cli::diff`), or the ledger.

mod changes;
mod verdicts;

pub use changes::{Change, Counts, Kind, compare};
pub use verdicts::{JoinBy, NotAnOutput, OutputFile, Verdict};
