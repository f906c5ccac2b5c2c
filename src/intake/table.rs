//! The table: one pass over the whole file, which finds its shape and everything that is wrong with it.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encoding::{Encoding, Found, Start, judge_start};
use super::error::{Excess, IntakeError, Problem, shown};
use super::header::{Header, number_label};
use super::header_at::{HeaderAt, names};
use super::record::{Delimiter, LineEnd, Record, Records};
use super::row::{Row, Rows};
use super::source::{Content, FileAt, Source, read_head};
use super::workbook::{self, Note};
use crate::domain::applicant::Field;
use crate::say;

/// Columns that no row has: their cells are empty.
const NO_FIELDS: [usize; 4] = [usize::MAX; 4];

/// What the operator says of a table. All of it can be left out.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// `--encoding`: taken instead of what the bytes say.
    pub encoding: Option<Encoding>,
    /// The delimiter, taken instead of the one that the header shows.
    pub delimiter: Option<Delimiter>,
    /// `--column FIELD=NAME`: the columns that have none of the known names.
    pub columns: Vec<(Field, String)>,
    /// `--sheet`: the sheet of a workbook, by name or by number from 1.
    pub sheet: Option<String>,
    /// `--prefix`: goes before the names of the columns that the output adds.
    pub prefix: String,
}

/// What a workbook's sheet holds at most.
#[derive(Clone, Copy, Debug)]
pub struct SheetLimits {
    /// Rows, the header among them.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Characters of a cell, in units of UTF-16.
    pub cell_units: usize,
}

/// How a file is written, so that the output can be written alike. A workbook's sheet is as if it were CSV in
/// UTF-8, such as a spreadsheet opens without being told: with a byte order mark, commas and `\r\n`.
#[derive(Clone, Debug)]
pub struct Shape {
    sheet: Option<String>,
    encoding: Encoding,
    found: Found,
    has_byte_order_mark: bool,
    delimiter: Delimiter,
    line_end: LineEnd,
    header: Vec<u8>,
    columns: Vec<String>,
    fields: [usize; 4],
    added: Vec<String>,
}

impl Shape {
    /// Returns the name of the workbook's sheet that was read; `None`: the file is text.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// Says in few words how the file is written.
    pub fn described(&self) -> String {
        if let Some(sheet) = &self.sheet {
            return say!("intake-shape-sheet", sheet = shown(sheet));
        }
        let (encoding, found) = (self.encoding.to_string(), self.found.to_string());
        say!("intake-shape-text", encoding = encoding, found = found, delimiter = self.delimiter.shown())
    }

    /// Returns the file's encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Says how the encoding was found.
    pub fn found(&self) -> Found {
        self.found
    }

    /// Says whether the file starts with a byte order mark.
    pub fn has_byte_order_mark(&self) -> bool {
        self.has_byte_order_mark
    }

    /// Returns what stands between cells.
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// Returns what ends the header's line.
    pub fn line_end(&self) -> LineEnd {
        self.line_end
    }

    /// Returns the header's bytes, in the file's encoding (UTF-16 as UTF-8).
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Returns the input's columns by name, tidied.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the names of the columns that the output adds, with their prefix.
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// Returns which column a field is in, from 0, if the table has one.
    pub fn find_column_of(&self, field: Field) -> Option<usize> {
        Some(self.column_of(field)).filter(|column| *column != usize::MAX)
    }

    /// Returns which column a field is in, from 0.
    pub fn column_of(&self, field: Field) -> usize {
        self.fields[field as usize]
    }
}

/// A file of applicants that was read once from end to end and found to be right.
pub struct Table {
    path: PathBuf,
    content: Content,
    identity: Identity,
    shape: Arc<Shape>,
    notes: Vec<Note>,
    /// How many rows stand above the header.
    above: usize,
    row_count: u64,
}

impl Table {
    /// Reads the whole file once and finds its shape. `added` names the columns that the output adds.
    ///
    /// # Errors
    ///
    /// Whatever keeps the file from being used: see [`Problem`].
    pub fn open(path: &Path, options: &TableOptions, added: &[&str]) -> Result<Self, IntakeError> {
        Self::try_open(path, options, added).map_err(|problem| IntakeError::new(path, problem))
    }

    /// Reads any table with a header, whatever its columns are: none of them is an applicant's.
    ///
    /// What stands above the header, such as a title, is passed over: of the rows near the top the header is
    /// the one of which `known_in` knows most names. If it knows none, that is the first, and its names are all
    /// that can be used of the table.
    ///
    /// # Errors
    ///
    /// Whatever keeps the file from being used: see [`Problem`].
    pub fn open_any(
        path: &Path,
        options: &TableOptions,
        known_in: impl Fn(&[String]) -> usize,
    ) -> Result<Self, IntakeError> {
        Self::read_through(path, options, &[], HeaderAt::Known(&known_in), |_| Ok(NO_FIELDS))
            .map_err(|problem| IntakeError::new(path, problem))
    }

    /// Opens any table, such as an output: fields without a column read as empty.
    ///
    /// # Errors
    ///
    /// Whatever keeps the file from being read: see [`Problem`].
    pub fn open_loosely(path: &Path, options: &TableOptions) -> Result<Self, IntakeError> {
        Self::read_through(path, options, &[], HeaderAt::Top, |header| {
            Ok(header.find_present(&options.columns))
        })
        .map_err(|problem| IntakeError::new(path, problem))
    }

    /// Returns how the file is written.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns the name of a field's column, as it stands in the file.
    pub fn header_name(&self, field: Field) -> &str {
        &self.shape.columns[self.shape.column_of(field)]
    }

    /// Returns how many data rows there are. Blank lines are none.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Returns what a person might not expect of the workbook.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Starts a pass from the first data row. It reads the file that was opened, whatever has come to its
    /// path since.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn rows(&self) -> Result<Rows, IntakeError> {
        let rows = || -> Result<Rows, Problem> {
            let shape = Arc::clone(&self.shape);
            let mark = if shape.has_byte_order_mark { shape.encoding.byte_order_mark() } else { &[] };
            let source = Source::new(&self.content, mark.len() as u64, Some(shape.encoding));
            let mut records = Records::new(source, shape.delimiter);
            for _ in 0..=self.above {
                if !records.read_into(&mut Record::default())? {
                    return Err(Problem::Changed);
                }
            }
            Ok(Rows { records, shape, path: self.path.clone(), remaining: self.row_count, has_failed: false })
        };
        rows().map_err(|problem| IntakeError::new(&self.path, problem))
    }

    /// Says whether a workbook can hold the output: its rows, its columns with the added ones, and each cell.
    ///
    /// # Errors
    ///
    /// What does not fit, and whatever keeps the file from being read.
    pub fn check_fits_workbook(&self, limits: &SheetLimits) -> Result<(), IntakeError> {
        let excess = |excess| IntakeError::new(&self.path, Problem::TooLargeForWorkbook(excess));
        if self.row_count >= limits.rows {
            return Err(excess(Excess::Rows(self.row_count)));
        }
        let columns = self.shape.columns.len() + self.shape.added.len();
        if columns > limits.columns {
            return Err(excess(Excess::Columns(columns)));
        }
        let mut rows = self.rows()?;
        let mut row = Row::default();
        let mut cell = String::new();
        while rows.read_into(&mut row)? {
            if row.raw().len() <= limits.cell_units {
                continue; // No cell is longer than its row.
            }
            for column in 0..self.shape.columns.len() {
                let read = row.read_cell(&self.shape, column, &mut cell);
                read.map_err(|_| IntakeError::new(&self.path, Problem::Changed))?;
                if cell.encode_utf16().count() > limits.cell_units {
                    return Err(excess(Excess::Text { row: row.number(), column }));
                }
            }
        }
        Ok(())
    }

    /// Says whether the path no longer leads to the file that was opened, or that file was written to.
    ///
    /// # Errors
    ///
    /// The path cannot be looked at; one that leads nowhere is a change.
    pub fn changed(&self) -> io::Result<bool> {
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Identity::of(&metadata) != self.identity),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn try_open(path: &Path, options: &TableOptions, added: &[&str]) -> Result<Self, Problem> {
        let added: Vec<String> = added.iter().map(|name| format!("{}{name}", options.prefix)).collect();
        Self::read_through(path, options, &added, HeaderAt::Top, |header| {
            let fields = header.find_fields(&options.columns)?;
            header.check_collisions(&added, &options.prefix)?;
            Ok(fields)
        })
    }

    fn read_through(
        path: &Path,
        options: &TableOptions,
        added: &[String],
        header_at: HeaderAt<'_>,
        find: impl FnOnce(&Header) -> Result<[usize; 4], Problem>,
    ) -> Result<Self, Problem> {
        let (file, identity) = open_regular(path)?;
        let head = read_head(&mut FileAt::new(Arc::clone(&file), 0))?;
        let (content, start, sheet, notes) = if workbook::may_be_workbook(&head) {
            let sheet = workbook::read(&file, options.sheet.as_deref(), matches!(header_at, HeaderAt::Top))?;
            (Content::Sheet(Arc::new(sheet.text)), Start::SHEET, Some(sheet.name), sheet.notes)
        } else {
            let start = judge_start(&head, options.encoding)?;
            (Content::File(file), start, None, Vec::new())
        };
        let mark = start.encoding.filter(|_| start.has_mark).map_or(0, |e| e.byte_order_mark().len());
        let source = || Source::new(&content, mark as u64, start.encoding);
        let given = if sheet.is_some() { Some(Delimiter::Comma) } else { options.delimiter };
        let found = header_at.find(&read_head(&mut source())?, given);
        let (above, delimiter) = (found.above, found.delimiter);
        let survey = Survey::of(Records::new(source(), delimiter), above, start)?;
        let encoding = survey.encoding()?;
        let header = Header::new(names(&survey.header, encoding));
        let fields = find(&header)?;
        if let Some(problem) = survey.too_many_cells
            && found.is_known
        {
            return Err(problem);
        }
        let shape = Shape {
            sheet,
            encoding,
            found: start.found,
            has_byte_order_mark: start.has_mark,
            delimiter,
            line_end: survey.header.line_end.unwrap_or(LineEnd::Lf),
            header: survey.header.raw,
            columns: header.into_names(),
            fields,
            added: added.to_vec(),
        };
        let row_count = survey.row_count;
        let (path, shape) = (path.to_owned(), Arc::new(shape));
        Ok(Self { path, content, identity, shape, notes, above, row_count })
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} rows)", self.row_count) // Personal data stays out of logs.
    }
}

/// What tells one state of a file from another.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Opens a regular file. Others are not opened at all: a pipe without a writer would wait for ever.
fn open_regular(path: &Path) -> Result<(Arc<File>, Identity), Problem> {
    let by_kind = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NotFound,
        io::ErrorKind::PermissionDenied => Problem::PermissionDenied,
        _ => Problem::Io(error),
    };
    let metadata = fs::metadata(path).map_err(by_kind)?;
    if metadata.is_dir() {
        return Err(Problem::Directory);
    }
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    let file = File::open(path).map_err(by_kind)?;
    let identity = Identity::of(&file.metadata()?);
    Ok((Arc::new(file), identity))
}

/// What one pass over all records found.
struct Survey {
    header: Record,
    row_count: u64,
    candidates: Vec<Candidate>,
    too_many_cells: Option<Problem>,
}

impl Survey {
    fn of(mut records: Records<Source>, above: usize, start: Start) -> Result<Self, Problem> {
        let candidates = match start.encoding {
            Some(encoding) => vec![Candidate::new(encoding)],
            None => vec![Candidate::new(Encoding::Utf8), Candidate::new(Encoding::Gb18030)],
        };
        let mut survey = Self { header: Record::default(), row_count: 0, candidates, too_many_cells: None };
        let mut header = Record::default();
        for _ in 0..=above {
            if !records.read_into(&mut header)? {
                return Err(Problem::Empty);
            }
            survey.candidates.iter_mut().for_each(|candidate| candidate.judge(&header));
        }
        let mut record = Record::default();
        while records.read_into(&mut record)? {
            survey.row_count += 1;
            survey.candidates.iter_mut().for_each(|candidate| candidate.judge(&record));
            let (row, found, expected) = (record.number, record.len(), header.len());
            if found > expected && !record.drop_empty_beyond(expected) {
                survey.too_many_cells.get_or_insert(Problem::TooManyCells { row, found, expected });
            }
        }
        survey.header = header;
        Ok(survey)
    }

    /// Settles the encoding: the first candidate that fits throughout, unless half of the rows or more speak
    /// for one before it. A UTF-8 file with one cut character may be valid GB18030 by chance, and every name
    /// in it would be read as another.
    fn encoding(&self) -> Result<Encoding, Problem> {
        let likely = self.candidates.iter().find(|candidate| {
            candidate.fitting >= candidate.unfit || (candidate.unfit == 1 && candidate.ends_cut)
        });
        let candidate = likely.or(self.candidates.last()).expect("there are one or two candidates");
        let encoding = candidate.encoding;
        match candidate.first_bad {
            None => Ok(encoding),
            Some((row, index)) => {
                Err(Problem::Undecodable { row, column: self.column_label(index, encoding), encoding })
            }
        }
    }

    fn column_label(&self, index: usize, encoding: Encoding) -> String {
        if encoding.first_bad_byte(&self.header.raw).is_some() {
            return number_label(index);
        }
        Header::new(names(&self.header, encoding)).label(index)
    }
}

/// An encoding that a file may be in. ASCII rows say nothing about it.
struct Candidate {
    encoding: Encoding,
    /// Row, and column from 0.
    first_bad: Option<(u64, usize)>,
    fitting: u64,
    unfit: u64,
    /// The last row that is not ASCII ends in the middle of a UTF-8 character, and is UTF-8 up to there.
    ends_cut: bool,
}

impl Candidate {
    fn new(encoding: Encoding) -> Self {
        Self { encoding, first_bad: None, fitting: 0, unfit: 0, ends_cut: false }
    }

    fn judge(&mut self, record: &Record) {
        if record.raw.is_ascii() {
            return;
        }
        let cut = str::from_utf8(&record.raw).is_err_and(|error| error.error_len().is_none());
        self.ends_cut = cut && self.encoding == Encoding::Utf8;
        match self.encoding.first_bad_byte(&record.raw) {
            None => self.fitting += 1,
            Some(offset) => {
                self.unfit += 1;
                self.first_bad.get_or_insert((record.number, record.cell_at(offset)));
            }
        }
    }
}
