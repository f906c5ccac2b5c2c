//! The output as an Excel workbook: a sheet of rows, a summary, and what every code means.
//!
//! Every cell of a person is text, so that no digit is eaten and nothing is a formula. The same input and
//! ledger give the same bytes: nothing in it tells the time of writing.
//!
//! Not here: what is added to a row (`columns`), or replacing the file (`file`).

mod codes;
mod summary;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet,
    XlsxError,
};
use unicode_width::UnicodeWidthStr;

use crate::domain::outcome::Decision;
use crate::lang::Language;
use crate::output::columns::NAMES;
use crate::output::text;
use crate::say_in;

pub use summary::Summary;

/// The most characters that a cell holds, as Excel counts them: units of UTF-16.
pub const MAX_CELL_UNITS: usize = 32_767;
/// The most rows that a sheet holds, its header among them.
pub const MAX_ROWS: u64 = 1_048_576;
/// The most columns that a sheet holds.
pub const MAX_COLUMNS: usize = 16_384;

/// Columns are made as wide as what stands in so many rows.
const MEASURED_ROWS: u32 = 1000;
const NARROWEST: usize = 6;
const WIDEST: usize = 42;
/// What the arrow of the filter covers of a header.
const FILTER_ARROW: usize = 3;

const INPUT_HEADER: u32 = 0x44_54_6A;
const ADDED_HEADER: u32 = 0x1F_4E_79;
const EDGE: u32 = 0xC9_CD_D4;
const WHITE: u32 = 0xFF_FF_FF;

/// Writes the sheet of rows, then the others.
pub struct Book {
    workbook: Workbook,
    sheet: Worksheet,
    language: Language,
    formats: Formats,
    widths: Vec<usize>,
    /// The columns that the input has.
    own_columns: u16,
    next_row: u32,
}

/// How the cells look. Each fill is light enough for black text to be read on it, and says nothing that the
/// cell's word does not say.
struct Formats {
    text: Format,
    good: Format,
    bad: Format,
    open: Format,
    refused: Format,
    doubtful: Format,
    waiting: Format,
}

impl Formats {
    fn new() -> Self {
        let text = || Format::new().set_num_format("@").set_align(FormatAlign::Top);
        let filled = |color: u32| {
            let edge = FormatBorder::Thin;
            text().set_background_color(color).set_border(edge).set_border_color(EDGE)
        };
        Self {
            text: text(),
            good: filled(0xD9_F0_DC),
            bad: filled(0xF9_D6_D2),
            open: filled(0xFF_F1_C9),
            refused: filled(0xE3_E3_E8),
            doubtful: filled(0xFB_DF_C2),
            waiting: filled(0xDD_EB_F7),
        }
    }

    fn of_decision(&self, decision: Decision) -> &Format {
        match decision {
            Decision::Match => &self.good,
            Decision::Mismatch => &self.bad,
            Decision::Inconclusive => &self.open,
            Decision::Rejected => &self.refused,
            Decision::Unresolved => &self.doubtful,
            Decision::Pending => &self.waiting,
        }
    }

    /// By the word of a check.
    fn of_check(&self, word: &str) -> &Format {
        match word {
            "pass" => &self.good,
            "mismatch" => &self.bad,
            "failed" | "no_record" => &self.open,
            _ => &self.text,
        }
    }
}

impl Book {
    /// Starts a workbook whose rows have these columns of the input, and the added ones after them. What
    /// does not fit into memory is put aside in `folder`, in a file without a name.
    ///
    /// # Errors
    ///
    /// If no such file can be made.
    pub fn new(
        folder: &Path,
        own: &[impl AsRef<str>],
        added: &[impl AsRef<str>],
        language: Language,
    ) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder).map_err(to_io)?;
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(to_io)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let mut sheet = workbook.new_worksheet_with_constant_memory().map_err(to_io)?;
        sheet.set_name(say_in!(language, "output-sheet-rows")).map_err(to_io)?;
        let mut book = Self {
            workbook,
            sheet,
            language,
            formats: Formats::new(),
            widths: vec![NARROWEST; own.len() + added.len()],
            own_columns: index(own.len())?,
            next_row: 1,
        };
        let own = own.iter().map(|name| (name.as_ref(), INPUT_HEADER));
        let names: Vec<_> = own.chain(added.iter().map(|name| (name.as_ref(), ADDED_HEADER))).collect();
        for (column, (name, color)) in names.into_iter().enumerate() {
            let name = fitting(name);
            book.widths[column] = book.widths[column].max(name.width() + FILTER_ARROW).min(WIDEST);
            book.sheet.write_string_with_format(0, index(column)?, name, &header(color)).map_err(to_io)?;
        }
        Ok(book)
    }

    /// Writes a row: the input's cells as they stand there, and what is added.
    ///
    /// # Errors
    ///
    /// If the file that takes what does not fit into memory cannot be written.
    pub fn row<'a>(
        &mut self,
        own: impl IntoIterator<Item = &'a str>,
        decision: Decision,
        added: &[String; NAMES.len()],
    ) -> io::Result<()> {
        const CHECKS: std::ops::RangeInclusive<usize> = 1..=3;
        let row = self.next_row;
        for (column, cell) in (0..self.own_columns).zip(own) {
            self.write(row, column, cell, None)?;
        }
        for (position, cell) in added.iter().enumerate() {
            let column = self.own_columns + index(position)?;
            let style = match position {
                0 => Some(Style::Decision(decision)),
                _ if CHECKS.contains(&position) => Some(Style::Check),
                _ => None,
            };
            self.write(row, column, cell, style)?;
        }
        self.next_row += 1;
        Ok(())
    }

    fn write(&mut self, row: u32, column: u16, cell: &str, style: Option<Style>) -> io::Result<()> {
        if cell.is_empty() {
            return Ok(());
        }
        let cell = fitting(cell);
        if row <= MEASURED_ROWS {
            let width = cell.lines().map(UnicodeWidthStr::width).max().unwrap_or(0) + 1;
            let known = &mut self.widths[usize::from(column)];
            *known = width.clamp(*known, WIDEST);
        }
        let format = match style {
            None => &self.formats.text,
            Some(Style::Decision(decision)) => self.formats.of_decision(decision),
            Some(Style::Check) => self.formats.of_check(cell),
        };
        self.sheet.write_string_with_format(row, column, cell, format).map_err(to_io)?;
        Ok(())
    }

    /// Adds the other sheets, and writes all of it.
    ///
    /// # Errors
    ///
    /// The writer's own, and those of the file that took what did not fit into memory.
    pub fn finish(mut self, summary: &Summary, writer: &mut BufWriter<&File>) -> io::Result<()> {
        let last_row = self.next_row - 1;
        let last_column = index(self.widths.len())?.saturating_sub(1);
        self.sheet.set_freeze_panes(1, 0).map_err(to_io)?;
        self.sheet.autofilter(0, 0, last_row, last_column).map_err(to_io)?;
        // Digits that are text on purpose are no error.
        self.sheet
            .ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)
            .map_err(to_io)?;
        set_widths(&mut self.sheet, &self.widths)?;
        self.sheet.set_landscape().set_print_fit_to_pages(1, 0);
        self.sheet.set_repeat_rows(0, 0).map_err(to_io)?;
        self.workbook.push_worksheet(self.sheet);
        let mut sheet = Worksheet::new();
        summary::fill(&mut sheet, summary, &self.formats, self.language).map_err(to_io)?;
        self.workbook.push_worksheet(sheet);
        let mut sheet = Worksheet::new();
        codes::fill(&mut sheet, &self.formats, self.language).map_err(to_io)?;
        self.workbook.push_worksheet(sheet);
        self.workbook.save_to_writer(writer).map_err(to_io)
    }
}

#[derive(Clone, Copy)]
enum Style {
    Decision(Decision),
    Check,
}

fn header(color: u32) -> Format {
    Format::new()
        .set_bold()
        .set_num_format("@")
        .set_font_color(WHITE)
        .set_background_color(color)
        .set_align(FormatAlign::VerticalCenter)
}

fn set_widths(sheet: &mut Worksheet, widths: &[usize]) -> io::Result<()> {
    for (column, width) in widths.iter().enumerate() {
        let width = u16::try_from(*width).unwrap_or(u16::MAX);
        sheet.set_column_width(index(column)?, width).map_err(to_io)?;
    }
    Ok(())
}

fn index(column: usize) -> io::Result<u16> {
    u16::try_from(column).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))
}

/// As much of a text as a cell holds. The input's own were measured before; the API's may be of any length.
fn fitting(cell: &str) -> &str {
    if cell.len() <= MAX_CELL_UNITS {
        return cell;
    }
    let mut units = 0;
    let end = cell.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > MAX_CELL_UNITS
    });
    end.map_or(cell, |(at, _)| &cell[..at])
}

fn to_io(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(text::for_terminal(&other.to_string())),
    }
}

#[cfg(test)]
mod tests;
