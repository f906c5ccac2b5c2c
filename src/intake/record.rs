//! Records: the bytes of one row, kept as they are, and where its cells lie in them.
//!
//! A record is split on bytes, before its encoding is known. That is right in UTF-8, and in GB18030 too:
//! the later bytes of its characters are 0x30 to 0x39 and 0x40 to 0xFE, among which there is no
//! delimiter, quote or line end. The rules of quoting are those of the `csv` crate, but for two of its
//! liberties which can swallow rows: text after a closing quote, and a quote left open at the end.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use super::error::Problem;
use super::source::CHUNK_BYTES;
use crate::say;

/// The longest record, in bytes of its text. Only a quote that is never closed makes a longer one.
const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Delimiter {
    pub(super) const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// Returns the character, which is one byte in every encoding but UTF-16.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// Names it for a person; [`Display`](fmt::Display) is the name that `--delimiter` takes.
    pub fn shown(self) -> String {
        match self {
            Self::Comma => say!("intake-delimiter-comma"),
            Self::Semicolon => say!("intake-delimiter-semicolon"),
            Self::Tab => say!("intake-delimiter-tab"),
        }
    }

    /// Finds the delimiter that the first line has most of, outside quotes; the comma if it has none.
    pub(super) fn of_first_line(text: &[u8]) -> Self {
        let mut counts = [0_usize; 3];
        let mut in_quotes = false;
        for &byte in text.trim_ascii_start() {
            match byte {
                b'"' => in_quotes = !in_quotes,
                b'\r' | b'\n' if !in_quotes => break,
                _ if in_quotes => {}
                _ => Self::ALL.iter().zip(&mut counts).for_each(|(d, n)| *n += usize::from(d.byte() == byte)),
            }
        }
        let most = counts.into_iter().max().unwrap_or(0);
        Self::ALL.into_iter().zip(counts).find(|&(_, count)| count == most).map_or(Self::Comma, |(d, _)| d)
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        })
    }
}

/// A text that is none of the delimiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::say!("intake-unknown-delimiter"))]
pub struct UnknownDelimiter;

impl FromStr for Delimiter {
    type Err = UnknownDelimiter;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "\t" | "\\t" | "tab" => Ok(Self::Tab),
            _ => Err(UnknownDelimiter),
        }
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

/// One row of the file.
#[derive(Default)]
pub(super) struct Record {
    /// The row's number in a spreadsheet. Blank lines are counted there.
    pub(super) number: u64,
    /// The row's bytes, without its line end.
    pub(super) raw: Vec<u8>,
    /// `None` at the end of a file without a last line end.
    pub(super) line_end: Option<LineEnd>,
    /// Where each cell ends in `raw`; the next begins one byte behind.
    ends: Vec<usize>,
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a cell's bytes, quotes included; none for a cell that is not there.
    pub(super) fn cell(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        self.ends.get(index).map_or(&[], |&end| &self.raw[start..end])
    }

    /// Says in which cell a byte lies.
    pub(super) fn cell_at(&self, offset: usize) -> usize {
        self.ends.partition_point(|&end| end <= offset)
    }

    /// Drops the cells from `count` on, if they are all empty.
    pub(super) fn drop_empty_beyond(&mut self, count: usize) -> bool {
        let are_empty = (count..self.len()).all(|index| matches!(self.cell(index), b"" | b"\"\""));
        if are_empty && let Some(&end) = count.checked_sub(1).and_then(|last| self.ends.get(last)) {
            self.raw.truncate(end);
            self.ends.truncate(count);
        }
        are_empty
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.ends.clear();
        self.line_end = None;
    }
}

/// Takes a cell's quotes off. Borrows unless a doubled quote has to go.
pub(super) fn unquote<'a>(cell: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let Some(inner) = cell.strip_prefix(b"\"") else { return cell };
    if let Some(plain) = inner.strip_suffix(b"\"").filter(|plain| !plain.contains(&b'"')) {
        return plain;
    }
    scratch.clear();
    let mut after_quote = false;
    for &byte in inner {
        // The first quote of a pair is held back, and so is the closing one.
        let is_first = byte == b'"' && !after_quote;
        if !is_first {
            scratch.push(byte);
        }
        after_quote = is_first;
    }
    scratch
}

/// What a byte can mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Delimiter,
    Quote,
    LineEnd,
    Zero,
}

/// Where in a record the splitter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    InCell,
    InQuotes,
    /// Behind a quote inside quotes: the first of a pair, or the closing one.
    AtQuote,
    /// Behind a closing quote and spaces.
    Closed,
}

/// Splits text into records, one at a time.
pub(super) struct Records<R> {
    source: R,
    classes: [Class; 256],
    buffer: Vec<u8>,
    taken: usize,
    next_number: u64,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R, delimiter: Delimiter) -> Self {
        let mut classes = [Class::Other; 256];
        classes[usize::from(delimiter.byte())] = Class::Delimiter;
        classes[usize::from(b'"')] = Class::Quote;
        classes[usize::from(b'\r')] = Class::LineEnd;
        classes[usize::from(b'\n')] = Class::LineEnd;
        classes[0] = Class::Zero;
        Self { source, classes, buffer: Vec::with_capacity(CHUNK_BYTES), taken: 0, next_number: 1 }
    }

    /// Reads the next record into `record`, blank lines passed over. `false` at the end.
    pub(super) fn read_into(&mut self, record: &mut Record) -> Result<bool, Problem> {
        loop {
            record.clear();
            let is_ended = self.read_line(record)?;
            record.number = self.next_number;
            self.next_number += 1;
            if !record.raw.is_empty() {
                return Ok(true);
            }
            if !is_ended {
                return Ok(false);
            }
        }
    }

    /// Reads up to and past a line end outside quotes. `false` if the text ended instead.
    fn read_line(&mut self, record: &mut Record) -> Result<bool, Problem> {
        let row = self.next_number;
        let mut state = State::CellStart;
        loop {
            if self.taken == self.buffer.len() && !self.refill()? {
                if state == State::InQuotes {
                    return Err(Problem::OpenQuote { row });
                }
                record.ends.push(record.raw.len());
                return Ok(false);
            }
            let chunk = &self.buffer[self.taken..];
            let end = scan(chunk, &self.classes, &mut state, record, row)?;
            record.raw.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
            if record.raw.len() > MAX_RECORD_BYTES {
                let in_quotes = state == State::InQuotes;
                return Err(if in_quotes { Problem::OpenQuote { row } } else { Problem::TooLong { row } });
            }
            let Some(end) = end else {
                self.taken = self.buffer.len();
                continue;
            };
            record.ends.push(record.raw.len());
            let byte = chunk[end];
            self.taken += end + 1;
            record.line_end = Some(self.line_end(byte)?);
            return Ok(true);
        }
    }

    /// Tells a line end by its first byte and, after `\r`, the next one, which it takes if it belongs.
    fn line_end(&mut self, first: u8) -> io::Result<LineEnd> {
        if first == b'\n' {
            return Ok(LineEnd::Lf);
        }
        if self.taken == self.buffer.len() && !self.refill()? || self.buffer[self.taken] != b'\n' {
            return Ok(LineEnd::Cr);
        }
        self.taken += 1;
        Ok(LineEnd::CrLf)
    }

    /// Replaces the buffer, all of which was taken, by the next chunk. `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        self.taken = 0;
        self.buffer.resize(CHUNK_BYTES, 0);
        let count = loop {
            match self.source.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(*count.as_ref().unwrap_or(&0));
        Ok(count? > 0)
    }
}

/// Goes on through a record, noting where cells end. Returns where in the chunk the record ends, or `None`
/// if it goes on behind the chunk.
fn scan(
    chunk: &[u8],
    classes: &[Class; 256],
    state: &mut State,
    record: &mut Record,
    row: u64,
) -> Result<Option<usize>, Problem> {
    let base = record.raw.len();
    for (at, &byte) in chunk.iter().enumerate() {
        let class = classes[usize::from(byte)];
        *state = match (*state, class) {
            (_, Class::Zero) => return Err(Problem::ZeroByte { row }),
            (State::InQuotes, Class::Quote) => State::AtQuote,
            (State::InQuotes, _) | (State::CellStart | State::AtQuote, Class::Quote) => State::InQuotes,
            (_, Class::LineEnd) => return Ok(Some(at)),
            (_, Class::Delimiter) => {
                record.ends.push(base + at);
                State::CellStart
            }
            (State::CellStart | State::InCell, _) => State::InCell,
            (State::AtQuote | State::Closed, Class::Other) if byte == b' ' => State::Closed,
            (State::AtQuote | State::Closed, _) => return Err(Problem::TextAfterQuote { row }),
        };
    }
    Ok(None)
}
