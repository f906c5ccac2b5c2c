//! What can be wrong with an input file: one sentence each, with the row and the remedy.
//!
//! Never a cell: column names are shown, and only once they are known to be names.

use std::io;
use std::path::{Path, PathBuf};

use super::encoding::Encoding;
use crate::domain::applicant::Field;

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
pub enum Problem {
    /// Nothing is at the path.
    #[error("there is no such file")]
    NotFound,
    /// The file exists and may not be read.
    #[error("this user may not read it: check the permissions of the file and of its folders")]
    PermissionDenied,
    /// The path is a folder's.
    #[error("it is a directory: name the CSV file in it")]
    Directory,
    /// The path is a pipe's, socket's or device's.
    #[error("it is a pipe or device, which cannot be read a second time: save it as a file first")]
    NotAFile,
    /// The system failed to read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file has no header.
    #[error("it is empty: its first line must name the columns")]
    Empty,
    /// The file is something well known that is no CSV.
    #[error("it is {0}: save it as CSV and use that")]
    NotText(&'static str),
    /// A zero byte, which no text has.
    #[error("row {row} holds a zero byte, so it is not text: export it as CSV again")]
    ZeroByte {
        /// Where.
        row: u64,
    },
    /// UTF-16 was asked for, and the file is something else.
    #[error("it is not UTF-16: leave --encoding out, or name another")]
    NotUtf16,
    /// A byte that means nothing in the file's encoding.
    #[error(
        "row {row}, {column}: a character is cut or damaged, it does not decode as {encoding}: \
             mend that cell, or name the right encoding with --encoding"
    )]
    Undecodable {
        /// Where.
        row: u64,
        /// The column's number, and its name if the header has one.
        column: String,
        /// What the file is otherwise.
        encoding: Encoding,
    },
    /// A quote that is still open at the end of the file, or after a mebibyte.
    #[error("row {row}: a quote is opened and never closed, so the rows below it cannot be told apart")]
    OpenQuote {
        /// Where the row begins.
        row: u64,
    },
    /// Something between a closing quote and the next delimiter.
    #[error(
        "row {row}: text follows a closing quote; a quote inside a cell must be doubled, \
             and an unclosed one swallows rows"
    )]
    TextAfterQuote {
        /// Where the row begins.
        row: u64,
    },
    /// A row of more than a mebibyte.
    #[error("row {row} is longer than 1 MiB: is this a CSV file?")]
    TooLong {
        /// Which.
        row: u64,
    },
    /// Cells beyond the last column.
    #[error("row {row} has {found} cells under {expected} columns: a delimiter inside a cell is not quoted")]
    TooManyCells {
        /// Which.
        row: u64,
        /// How many cells it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// The first row holds numbers where names should stand.
    #[error(
        "its first row looks like an applicant, not a header: put a line above it that names the \
             columns, such as realname,idcard,mobile,photo"
    )]
    NoHeader,
    /// Needed columns that no known name was found for.
    #[error("there is no column for {}, only {found}: name it with {}", list(missing), remedy(missing))]
    MissingColumns {
        /// The fields without a column.
        missing: Vec<Field>,
        /// The columns that are there.
        found: String,
    },
    /// `--column` names a column that is not there.
    #[error("it has no column {name} for {field}, only {found}: correct --column {field}=…")]
    NoSuchColumn {
        /// The field that the option is for.
        field: Field,
        /// The name that was asked for.
        name: String,
        /// The columns that are there.
        found: String,
    },
    /// Two columns for one field.
    #[error(
        "more than one column could be {field}: {found}; choose one with --column {field}=NAME, \
             or rename one of them"
    )]
    AmbiguousColumn {
        /// The field.
        field: Field,
        /// The columns.
        found: String,
    },
    /// One column for two fields, or `--column` twice for one field.
    #[error(
        "--column gives {field} a column twice, or one that another field has: give each field one of its own"
    )]
    ColumnUsedTwice {
        /// The field.
        field: Field,
    },
    /// A column that the output would add.
    #[error("it has a column {name} already, which the output adds: add --prefix {remedy}")]
    Collision {
        /// The column.
        name: String,
        /// A prefix that helps.
        remedy: String,
    },
    /// The file is not what it was when it was opened.
    #[error("it was changed while it was being read: run again")]
    Changed,
}

fn list(fields: &[Field]) -> String {
    fields.iter().map(|field| field.parameter()).collect::<Vec<_>>().join(", ")
}

fn remedy(fields: &[Field]) -> String {
    fields.iter().map(|field| format!("--column {field}=NAME")).collect::<Vec<_>>().join(" ")
}
