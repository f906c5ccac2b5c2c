//! Rows: one pass over a table that was found to be right.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::{IntakeError, Problem};
use super::record::{Record, Records, unquote};
use super::source::Source;
use super::table::Shape;
use crate::domain::applicant::{AsWritten, Field};

/// One row: its bytes as they stand in the file, and the text of the four cells that are needed.
///
/// A row can be read into again and again ([`Rows::read_into`]), which keeps its memory.
#[derive(Default)]
pub struct Row {
    record: Record,
    missing: usize,
    texts: [String; 4],
    scratch: Vec<u8>,
}

impl Row {
    /// Returns the row's number in a spreadsheet: the header is row 1, blank lines count, and a row with
    /// line breaks inside quotes counts once.
    pub fn number(&self) -> u64 {
        self.record.number
    }

    /// Returns the row's bytes without its line end, in the file's encoding (UTF-16 as UTF-8). Empty cells
    /// beyond the last column are left out.
    pub fn raw(&self) -> &[u8] {
        &self.record.raw
    }

    /// Returns how many cells the row lacks at its end. They are added where the row is written.
    pub fn missing_cells(&self) -> usize {
        self.missing
    }

    /// Reads a cell as text, unquoted, into the place of what `text` held. A cell that the row lacks is empty.
    ///
    /// # Errors
    ///
    /// If the cell does not decode any more: the file was changed while it was being read.
    pub fn read_cell(&self, shape: &Shape, column: usize, text: &mut String) -> io::Result<()> {
        let mut scratch = Vec::new();
        let cell = unquote(self.record.cell(column), &mut scratch);
        text.clear();
        text.push_str(&shape.encoding().decode(cell).ok_or(io::ErrorKind::InvalidData)?);
        Ok(())
    }

    /// Returns the four cells as text, unquoted. A cell that the row lacks is empty.
    pub fn as_written(&self) -> AsWritten<'_> {
        let [realname, idcard, mobile, photo] = &self.texts;
        AsWritten { realname, idcard, mobile, photo }
    }

    fn fill(&mut self, shape: &Shape) -> Result<(), Problem> {
        let columns = shape.columns().len();
        if !self.record.drop_empty_beyond(columns) {
            return Err(Problem::Changed);
        }
        self.missing = columns - self.record.len();
        for (text, field) in self.texts.iter_mut().zip(Field::ALL) {
            let cell = unquote(self.record.cell(shape.column_of(field)), &mut self.scratch);
            text.clear();
            text.push_str(&shape.encoding().decode(cell).ok_or(Problem::Changed)?);
        }
        Ok(())
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}, ..)", self.record.number) // Personal data stays out of logs.
    }
}

/// One pass over the data rows of a table, from the first.
pub struct Rows {
    pub(super) records: Records<Source>,
    pub(super) shape: Arc<Shape>,
    pub(super) path: PathBuf,
    /// How many rows there must be, as the table was opened with.
    pub(super) remaining: u64,
    /// The iterator has returned an error, after which there is nothing.
    pub(super) has_failed: bool,
}

impl Rows {
    /// Reads the next row into `row`. `false` at the end.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no longer the one that was opened: rows too many or too few, or one
    /// that does not decode.
    pub fn read_into(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        self.try_read(row).map_err(|problem| {
            let problem = if matches!(problem, Problem::Io(_)) { problem } else { Problem::Changed };
            IntakeError::new(&self.path, problem)
        })
    }

    fn try_read(&mut self, row: &mut Row) -> Result<bool, Problem> {
        let is_row = self.records.read_into(&mut row.record)?;
        match (is_row, self.remaining) {
            (false, 0) => return Ok(false),
            (false, _) | (true, 0) => return Err(Problem::Changed),
            (true, _) => self.remaining -= 1,
        }
        row.fill(&self.shape)?;
        Ok(true)
    }
}

impl Iterator for Rows {
    type Item = Result<Row, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let mut row = Row::default();
        let read = self.read_into(&mut row);
        self.has_failed = read.is_err();
        read.map(|is_row| is_row.then_some(row)).transpose()
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({} more)", self.remaining)
    }
}
