//! What can be wrong with an input file: one sentence each, with the row and the remedy.
//!
//! Never a cell: column names are shown, and only once they are known to be names.

use std::io;
use std::path::{Path, PathBuf};

use super::encoding::Encoding;
use crate::domain::applicant::Field;
use crate::domain::repair::is_invisible;
use crate::say;

/// An input that cannot be used, and where it is.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct IntakeError {
    /// The input as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

impl IntakeError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

/// Why an input cannot be used. Rows are numbered as a spreadsheet does: the header is row 1.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum Problem {
    /// Nothing is at the path.
    NotFound,
    /// The file exists and may not be read.
    PermissionDenied,
    /// The path is a folder's.
    Directory,
    /// The path is a pipe's, socket's or device's.
    NotAFile,
    /// The system failed to read.
    Io(#[from] io::Error),
    /// The file has no header.
    Empty,
    /// The file is something well known that is no table.
    NotText(ForeignFile),
    /// A workbook that does not unpack, or whose parts contradict each other.
    WorkbookDamaged {
        /// Where, if that is known.
        row: Option<u64>,
    },
    /// A workbook with a password.
    WorkbookLocked,
    /// A workbook that is larger than may be unpacked.
    WorkbookTooLarge,
    /// `--sheet` names a sheet that is not there.
    NoSuchSheet {
        /// The name that was asked for.
        name: String,
        /// The sheets that are there.
        found: String,
    },
    /// The first rows of a sheet are empty.
    EmptyRowsAboveHeader {
        /// The first row that is not.
        header: u64,
    },
    /// A sheet's cell beyond the last column that has a name.
    CellWithoutColumn {
        /// Where.
        row: u64,
        /// The column's letters.
        column: String,
    },
    /// More rows, columns or text than a workbook holds, in an input whose output is to be one.
    TooLargeForWorkbook(Excess),
    /// A zero byte, which no text has.
    ZeroByte {
        /// Where.
        row: u64,
    },
    /// UTF-16 was asked for, and the file is something else.
    NotUtf16,
    /// A byte that means nothing in the file's encoding.
    Undecodable {
        /// Where.
        row: u64,
        /// The column's number, and its name if the header has one.
        column: String,
        /// What the file is otherwise.
        encoding: Encoding,
    },
    /// A quote that is still open at the end of the file, or after a mebibyte.
    OpenQuote {
        /// Where the row begins.
        row: u64,
    },
    /// Something between a closing quote and the next delimiter.
    TextAfterQuote {
        /// Where the row begins.
        row: u64,
    },
    /// A row of more than a mebibyte.
    TooLong {
        /// Which.
        row: u64,
    },
    /// Cells beyond the last column.
    TooManyCells {
        /// Which.
        row: u64,
        /// How many cells it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// The first row holds numbers where names should stand.
    NoHeader,
    /// Needed columns that no known name was found for.
    MissingColumns {
        /// The fields without a column.
        missing: Vec<Field>,
        /// The columns that are there.
        found: String,
    },
    /// `--column` names a column that is not there.
    NoSuchColumn {
        /// The field that the option is for.
        field: Field,
        /// The name that was asked for.
        name: String,
        /// The columns that are there.
        found: String,
    },
    /// Two columns for one field.
    AmbiguousColumn {
        /// The field.
        field: Field,
        /// The columns.
        found: String,
    },
    /// One column for two fields, or `--column` twice for one field.
    ColumnUsedTwice {
        /// The field.
        field: Field,
    },
    /// A column that the output would add.
    Collision {
        /// The column.
        name: String,
        /// A prefix that helps.
        remedy: String,
    },
    /// The file is not what it was when it was opened.
    Changed,
}

/// What of an input does not fit into a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More rows than a sheet has.
    Rows(u64),
    /// More columns than a sheet has, with those that are added.
    Columns(usize),
    /// A cell with more text than one holds.
    Text {
        /// Where.
        row: u64,
        /// The column, from 0.
        column: usize,
    },
}

/// Formats that people take for a table, or mistake one file for another with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFile {
    /// `.xls`, or an encrypted `.xlsx`.
    OldOffice,
    /// `.xlsb`.
    BinaryWorkbook,
    /// `.ods`.
    OpenDocument,
    /// A zip archive without a workbook.
    Zip,
    /// PDF.
    Pdf,
    /// A picture or another media file.
    Picture(&'static str),
    /// Another archive.
    Archive(&'static str),
    /// An `SQLite` database.
    Database,
    /// HTML or XML.
    Markup,
}

impl ForeignFile {
    fn named(self) -> String {
        match self {
            Self::OldOffice => say!("intake-format-xls"),
            Self::BinaryWorkbook => say!("intake-format-xlsb"),
            Self::OpenDocument => say!("intake-format-ods"),
            Self::Zip => say!("intake-format-zip"),
            Self::Pdf => say!("intake-format-pdf"),
            Self::Picture(format) => say!("intake-format-picture", format = format),
            Self::Archive(format) => say!("intake-format-archive", format = format),
            Self::Database => say!("intake-format-database"),
            Self::Markup => say!("intake-format-markup"),
        }
    }
}

impl Problem {
    fn sentence(&self) -> String {
        match self {
            Self::NotFound => say!("intake-not-found"),
            Self::PermissionDenied => say!("intake-permission-denied"),
            Self::Directory => say!("intake-directory"),
            Self::NotAFile => say!("intake-not-a-file"),
            Self::Io(error) => say!("intake-io", error = error.to_string()),
            Self::Empty => say!("intake-empty"),
            Self::NotText(format) => say!("intake-not-text", format = format.named()),
            Self::WorkbookDamaged { .. }
            | Self::WorkbookLocked
            | Self::WorkbookTooLarge
            | Self::NoSuchSheet { .. }
            | Self::EmptyRowsAboveHeader { .. }
            | Self::CellWithoutColumn { .. }
            | Self::TooLargeForWorkbook(_) => self.sentence_about_a_workbook(),
            Self::ZeroByte { row } => say!("intake-zero-byte", row = row.to_string()),
            Self::NotUtf16 => say!("intake-not-utf16"),
            Self::Undecodable { row, column, encoding } => say!(
                "intake-undecodable",
                row = row.to_string(),
                column = column.as_str(),
                encoding = encoding.to_string()
            ),
            Self::OpenQuote { row } => say!("intake-open-quote", row = row.to_string()),
            Self::TextAfterQuote { row } => say!("intake-text-after-quote", row = row.to_string()),
            Self::TooLong { row } => say!("intake-too-long", row = row.to_string()),
            Self::TooManyCells { row, found, expected } => {
                say!("intake-too-many-cells", row = row.to_string(), found = *found, expected = *expected)
            }
            Self::NoHeader => say!("intake-no-header"),
            Self::MissingColumns { missing, found } => say!(
                "intake-missing-columns",
                missing = list(missing),
                found = found.as_str(),
                remedy = remedy(missing)
            ),
            Self::NoSuchColumn { field, name, found } => say!(
                "intake-no-such-column",
                field = field.parameter(),
                name = name.as_str(),
                found = found.as_str()
            ),
            Self::AmbiguousColumn { field, found } => {
                say!("intake-ambiguous-column", field = field.parameter(), found = found.as_str())
            }
            Self::ColumnUsedTwice { field } => say!("intake-column-used-twice", field = field.parameter()),
            Self::Collision { name, remedy } => {
                say!("intake-collision", name = name.as_str(), remedy = remedy.as_str())
            }
            Self::Changed => say!("intake-changed"),
        }
    }

    fn sentence_about_a_workbook(&self) -> String {
        match self {
            Self::WorkbookDamaged { row: Some(row) } => {
                say!("intake-workbook-damaged-at", row = row.to_string())
            }
            Self::WorkbookLocked => say!("intake-workbook-locked"),
            Self::WorkbookTooLarge => say!("intake-workbook-too-large"),
            Self::NoSuchSheet { name, found } => {
                say!("intake-no-such-sheet", name = name.as_str(), found = found.as_str())
            }
            Self::EmptyRowsAboveHeader { header } => {
                say!("intake-empty-rows-above", row = header.to_string())
            }
            Self::CellWithoutColumn { row, column } => {
                say!("intake-cell-without-column", row = row.to_string(), column = column.as_str())
            }
            Self::TooLargeForWorkbook(Excess::Rows(rows)) => say!("intake-too-many-rows", rows = *rows),
            Self::TooLargeForWorkbook(Excess::Columns(columns)) => {
                say!("intake-too-many-columns", columns = *columns)
            }
            Self::TooLargeForWorkbook(Excess::Text { row, column }) => {
                say!("intake-too-much-text", row = row.to_string(), column = (column + 1).to_string())
            }
            _ => say!("intake-workbook-damaged"),
        }
    }
}

fn list(fields: &[Field]) -> String {
    fields.iter().map(|field| field.parameter()).collect::<Vec<_>>().join(", ")
}

fn remedy(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("--column {field}=NAME")).collect::<Vec<_>>().join(" ")
}

/// Makes a name fit to be shown: quoted, not long, without control characters.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 40;
    let text: String = name.chars().filter(|&c| !c.is_control() && !is_invisible(c)).take(MOST).collect();
    format!("\"{text}\"")
}
