//! An Excel workbook: one of its sheets becomes the text of a CSV file, in memory, and goes on as one.
//!
//! Every row of the sheet becomes a record, empty ones included, so that records are numbered as the
//! spreadsheet numbers them. Nothing is unpacked before it is known to be of bearable size ([`parts`]); the
//! sheet itself is streamed, so that memory holds its text and the workbook's shared texts and no more.
//!
//! Not here: what a cell means for a person. A number that lost its last digits is written so that the
//! rules about spreadsheets recognise it.

mod cell;
mod parts;

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use calamine::{Cell, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::error::{Problem, shown};
use super::source::FileAt;
use crate::say;
use cell::Pen;
use parts::Parts;

/// The longest text that is made of a sheet, in bytes.
const MAX_TEXT_BYTES: usize = 512 * 1024 * 1024;

type Bytes = BufReader<FileAt>;

/// Something about a workbook that a person might not expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// One of several sheets is read.
    OtherSheets {
        /// How many others there are, hidden ones included.
        count: u64,
    },
    /// The sheet that is read is hidden.
    SheetIsHidden,
    /// Hidden or filtered rows are read like the others.
    HiddenRows {
        /// How many.
        count: u64,
    },
    /// Only the first cell of a merged one holds its text.
    MergedCells {
        /// How many.
        count: u64,
    },
}

impl Note {
    /// Says it, of the sheet with this name.
    pub fn sentence(&self, sheet: &str) -> String {
        match self {
            Self::OtherSheets { count } => say!("intake-note-other-sheets", sheet = sheet, count = *count),
            Self::SheetIsHidden => say!("intake-note-hidden-sheet", sheet = sheet),
            Self::HiddenRows { count } => say!("intake-note-hidden-rows", sheet = sheet, count = *count),
            Self::MergedCells { count } => say!("intake-note-merged-cells", sheet = sheet, count = *count),
        }
    }
}

/// A sheet, as the text of a CSV file: UTF-8, commas, `\r\n`.
pub(super) struct Sheet {
    pub(super) text: Vec<u8>,
    pub(super) name: String,
    pub(super) notes: Vec<Note>,
}

/// Says whether a file begins as a zip archive does, which a workbook is.
pub(super) fn may_be_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// Reads the sheet that is named, by its name or by its number from 1, or the first visible one.
///
/// Where its first row is the header, all others get as many cells, and none may have more.
pub(super) fn read(
    file: &Arc<File>,
    wanted: Option<&str>,
    has_header_at_top: bool,
) -> Result<Sheet, Problem> {
    let parts = Parts::measure(file)?;
    // The libraries for workbooks are sound for what Excel writes; what others wrote to break them must not
    // end the program in the middle of its work.
    catch_unwind(AssertUnwindSafe(|| read_measured(file, &parts, wanted, has_header_at_top)))
        .unwrap_or(Err(Problem::WorkbookDamaged { row: None }))
}

fn read_measured(
    file: &Arc<File>,
    parts: &Parts,
    wanted: Option<&str>,
    has_header_at_top: bool,
) -> Result<Sheet, Problem> {
    let bytes = BufReader::new(FileAt::new(Arc::clone(file), 0));
    let mut workbook: Xlsx<Bytes> = Xlsx::new(bytes).map_err(|error| damaged(&error, None))?;
    let (number, name, is_hidden) = choose(&workbook, wanted)?;
    let look = parts.look_at_sheet(file, number)?;
    let mut notes = Vec::new();
    let others = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).count();
    if others > 1 && wanted.is_none() {
        notes.push(Note::OtherSheets { count: others as u64 - 1 });
    }
    if is_hidden {
        notes.push(Note::SheetIsHidden);
    }
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| damaged(&error, None))?;
    let text = Transcript::of(&mut cells, has_header_at_top)?;
    if look.hidden_rows > 0 {
        notes.push(Note::HiddenRows { count: look.hidden_rows });
    }
    if look.merged_cells > 0 {
        notes.push(Note::MergedCells { count: look.merged_cells });
    }
    Ok(Sheet { text, name, notes })
}

/// Finds a sheet: its number from 0 among all, its name, and whether it is hidden.
fn choose(workbook: &Xlsx<Bytes>, wanted: Option<&str>) -> Result<(usize, String, bool), Problem> {
    let sheets = workbook.sheets_metadata();
    let readable = || sheets.iter().enumerate().filter(|(_, sheet)| sheet.typ == SheetType::WorkSheet);
    let by_number = |text: &str| {
        let number: usize = text.parse().ok()?;
        readable().nth(number.checked_sub(1)?)
    };
    let found = match wanted {
        Some(text) => readable().find(|(_, sheet)| sheet.name == text).or_else(|| by_number(text)),
        None => readable().find(|(_, sheet)| sheet.visible == SheetVisible::Visible).or(readable().next()),
    };
    let Some((number, sheet)) = found else {
        let found: Vec<String> = readable().map(|(_, sheet)| shown(&sheet.name)).collect();
        return Err(match wanted {
            Some(name) if !found.is_empty() => {
                Problem::NoSuchSheet { name: shown(name), found: found.join(", ") }
            }
            _ => Problem::Empty,
        });
    };
    Ok((number, sheet.name.clone(), sheet.visible != SheetVisible::Visible))
}

/// The error of a library without its words, which may repeat a cell's.
fn damaged(error: &XlsxError, row: Option<u64>) -> Problem {
    match error {
        XlsxError::Password => Problem::WorkbookLocked,
        _ => Problem::WorkbookDamaged { row },
    }
}

/// The text of a sheet while it is being written.
struct Transcript {
    text: Vec<u8>,
    /// Cells of the row at hand, and where each ends.
    row: Row,
    /// How many cells each row gets.
    columns: Columns,
    /// The number of the row at hand, from 1.
    number: u64,
    /// Empty rows that count only if another follows them.
    empty_rows: u64,
    cells: Pen,
}

/// How many cells each row of a sheet's text has.
#[derive(Clone, Copy)]
enum Columns {
    /// As many as the header, which was not met yet.
    Unknown,
    /// As many as the header.
    Fixed(usize),
    /// As many as stand in it.
    Ragged,
}

/// A row's cells, by column.
#[derive(Default)]
struct Row {
    cells: Vec<String>,
    len: usize,
}

impl Row {
    /// The cell of a column, empty so far; cells before it that are not there are empty.
    fn at(&mut self, column: usize) -> &mut String {
        while self.len <= column {
            match self.cells.get_mut(self.len) {
                Some(cell) => cell.clear(),
                None => self.cells.push(String::new()),
            }
            self.len += 1;
        }
        &mut self.cells[column]
    }

    fn written(&self) -> &[String] {
        let cells = &self.cells[..self.len];
        let len = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        &cells[..len]
    }
}

impl Transcript {
    fn of(cells: &mut XlsxCellReader<'_, Bytes>, has_header_at_top: bool) -> Result<Vec<u8>, Problem> {
        const MAX_COLUMNS: u32 = 16_384;
        let mut this = Self {
            text: Vec::new(),
            row: Row::default(),
            columns: if has_header_at_top { Columns::Unknown } else { Columns::Ragged },
            number: 1,
            empty_rows: 0,
            cells: Pen::new(cells.styles()),
        };
        let mut last = None;
        loop {
            let next = cells.next_cell_with_style_id().map_err(|error| damaged(&error, Some(this.number)))?;
            let Some((cell, style)) = next else { break };
            let (row, column) = cell.get_position();
            // Rows and columns that go back would put a person's values into another's row.
            if last.is_some_and(|last| (row, column) <= last) || column >= MAX_COLUMNS {
                return Err(Problem::WorkbookDamaged { row: Some(u64::from(row) + 1) });
            }
            last = Some((row, column));
            this.go_to(u64::from(row) + 1)?;
            this.write(&cell, style, column as usize);
        }
        this.end_row()?;
        Ok(this.text)
    }

    fn write(&mut self, cell: &Cell<DataRef<'_>>, style: usize, column: usize) {
        if *cell.get_value() != DataRef::Empty {
            self.cells.write(cell.get_value(), style, self.row.at(column));
        }
    }

    /// Ends the rows before this one.
    fn go_to(&mut self, number: u64) -> Result<(), Problem> {
        while self.number < number {
            self.end_row()?;
            self.number += 1;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Problem> {
        let written = self.row.written();
        if written.is_empty() {
            self.empty_rows += u64::from(!matches!(self.columns, Columns::Unknown));
            self.row.len = 0;
            return Ok(());
        }
        if matches!(self.columns, Columns::Unknown) {
            if self.number > 1 {
                return Err(Problem::EmptyRowsAboveHeader { header: self.number });
            }
            self.columns = Columns::Fixed(written.len());
        }
        let (columns, of_empty_row) = match self.columns {
            Columns::Fixed(columns) => (columns, columns),
            _ => (written.len(), 1),
        };
        if written.len() > columns {
            let column = column_letters(written.len());
            return Err(Problem::CellWithoutColumn { row: self.number, column });
        }
        for _ in 0..self.empty_rows {
            self.text.extend(std::iter::repeat_n(b',', of_empty_row - 1));
            self.text.extend(b"\r\n");
        }
        self.empty_rows = 0;
        for column in 0..columns {
            if column > 0 {
                self.text.push(b',');
            }
            quote_into(&mut self.text, written.get(column).map_or("", String::as_str));
        }
        self.text.extend(b"\r\n");
        self.row.len = 0;
        if self.text.len() > MAX_TEXT_BYTES { Err(Problem::WorkbookTooLarge) } else { Ok(()) }
    }
}

/// Writes a cell as CSV has it. A row of one column and no text would vanish as a blank line, so empty cells
/// of the first column are quoted.
fn quote_into(text: &mut Vec<u8>, cell: &str) {
    let starts_row = text.last().is_none_or(|byte| *byte == b'\n');
    let needs_quotes = cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'));
    if !(needs_quotes || starts_row && cell.is_empty()) {
        text.extend_from_slice(cell.as_bytes());
        return;
    }
    text.push(b'"');
    for byte in cell.bytes() {
        if byte == b'"' {
            text.push(b'"');
        }
        text.push(byte);
    }
    text.push(b'"');
}

/// The letters over a spreadsheet's column: 1 is A, 27 is AA.
fn column_letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests;
