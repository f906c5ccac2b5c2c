//! The input: a file of bytes becomes rows, each with its four cells as text and all of its columns as
//! the bytes that they are.
//!
//! [`Table::open`] reads the whole file once before anything is spent, so that whatever is wrong with it
//! is known at the start. The encoding is found, never guessed in silence: [`Shape`] says how. Nothing is
//! held in memory but the row at hand.
//!
//! Not here: what a cell means (`domain::applicant`), or writing (`output::mirror`).

mod encoding;
mod error;
mod header;
mod header_at;
mod record;
mod row;
mod source;
mod table;
mod workbook;

pub use encoding::{Encoding, Found, UnknownEncoding};
pub use error::{Excess, ForeignFile, IntakeError, Problem};
pub use record::{Delimiter, LineEnd, UnknownDelimiter};
pub use row::{Row, Rows};
pub use table::{Shape, SheetLimits, Table, TableOptions};
pub use workbook::Note;

#[cfg(test)]
mod tests;
