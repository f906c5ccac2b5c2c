//! The mirror: the input's rows as they are, byte for byte, with cells added at the end of each.
//!
//! Encoding, byte order mark, delimiter and line end are the input's. Blank lines between rows are left
//! out, and the last row gets its line end. What is added is made safe for a spreadsheet; so are the cells of
//! a workbook's sheet, where text that begins like a formula was none.
//!
//! Not here: what is added.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::str;

use encoding_rs::GB18030;

use crate::intake::{Encoding, LineEnd, Row, Shape};
use crate::output::text;
use crate::say;

/// Writes a table in the shape of the input.
pub struct Mirror<W> {
    writer: W,
    encoding: Encoding,
    delimiter: u8,
    added_columns: usize,
    /// The sheet's shape, where cells that were text in a workbook could become formulas.
    sheet: Option<Shape>,
    cells: csv::Writer<Written>,
    written: Written,
    line: Vec<u8>,
    utf16: Vec<u8>,
}

impl<W: Write> Mirror<W> {
    /// Starts the output: the byte order mark if the input has one, and the header with the added names.
    ///
    /// # Errors
    ///
    /// The writer's own.
    pub fn new(writer: W, shape: &Shape) -> io::Result<Self> {
        let written = Written::default();
        let terminator = match shape.line_end() {
            LineEnd::Lf => csv::Terminator::Any(b'\n'),
            LineEnd::CrLf => csv::Terminator::CRLF,
            LineEnd::Cr => csv::Terminator::Any(b'\r'),
        };
        let delimiter = shape.delimiter().byte();
        let mut cells = csv::WriterBuilder::new();
        cells.delimiter(delimiter).terminator(terminator).has_headers(false);
        let mut mirror = Self {
            writer,
            encoding: shape.encoding(),
            delimiter,
            added_columns: shape.added().len(),
            sheet: shape.sheet().is_some().then(|| shape.clone()),
            cells: cells.from_writer(written.clone()),
            written,
            line: Vec::new(),
            utf16: Vec::new(),
        };
        if shape.has_byte_order_mark() {
            mirror.writer.write_all(shape.encoding().byte_order_mark())?;
        }
        let names = if shape.sheet().is_some() { with_formulas_quoted(shape.columns())? } else { None };
        mirror.write_line(names.as_deref().unwrap_or(shape.header()), 0, shape.added())?;
        Ok(mirror)
    }

    /// Writes a row and what is added to it, one cell for each added column.
    ///
    /// # Errors
    ///
    /// The writer's own; and a number of cells that is not the number of added columns, which would shift
    /// every reader's columns.
    pub fn row(&mut self, row: &Row, added: &[impl AsRef<str>]) -> io::Result<()> {
        let guarded = match &self.sheet {
            Some(shape) => guarded(row, shape)?,
            None => None,
        };
        let raw = guarded.as_deref().unwrap_or(row.raw());
        self.write_line(raw, row.missing_cells(), added)
    }

    /// Flushes, and gives the writer back.
    ///
    /// # Errors
    ///
    /// The writer's own.
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn write_line(&mut self, raw: &[u8], missing: usize, added: &[impl AsRef<str>]) -> io::Result<()> {
        if added.len() != self.added_columns {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, say!("output-cells-shifted")));
        }
        self.line.clear();
        self.line.extend_from_slice(raw);
        self.line.extend(std::iter::repeat_n(self.delimiter, missing + 1));
        self.cells.write_record(added.iter().map(|cell| text::for_spreadsheet(cell.as_ref())))?;
        self.cells.flush()?;
        let mut written = self.written.0.borrow_mut();
        if self.encoding == Encoding::Gb18030 {
            self.line.extend_from_slice(&GB18030.encode(utf8(&written)?).0);
        } else {
            self.line.extend_from_slice(&written);
        }
        written.clear();
        if !self.encoding.is_utf16() {
            return self.writer.write_all(&self.line);
        }
        self.utf16.clear();
        let big_endian = self.encoding == Encoding::Utf16Be;
        let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
        self.utf16.extend(utf8(&self.line)?.encode_utf16().flat_map(bytes));
        self.writer.write_all(&self.utf16)
    }
}

fn utf8(bytes: &[u8]) -> io::Result<&str> {
    str::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes a sheet's row anew if any of its cells would be taken for a formula.
fn guarded(row: &Row, shape: &Shape) -> io::Result<Option<Vec<u8>>> {
    let mut cells = vec![String::new(); shape.columns().len() - row.missing_cells()];
    for (column, cell) in cells.iter_mut().enumerate() {
        row.read_cell(shape, column, cell)?;
    }
    with_formulas_quoted(&cells)
}

/// Writes cells with a `'` before each that would be taken for a formula; `None`: there is none.
fn with_formulas_quoted(cells: &[String]) -> io::Result<Option<Vec<u8>>> {
    let is_formula = |cell: &String| text::begins_formula(cell) && !text::is_number(cell);
    if !cells.iter().any(is_formula) {
        return Ok(None);
    }
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let quoted = |cell: &String| if is_formula(cell) { format!("'{cell}") } else { cell.clone() };
    writer.write_record(cells.iter().map(quoted))?;
    let mut line = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    line.pop(); // The line end is written behind the added cells.
    Ok(Some(line))
}

/// Where the CSV writer puts the added cells of one row, quoted, with the line end.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::intake::{Delimiter, Table, TableOptions};

    const ADDED: [&str; 2] = ["decision", "detail"];

    /// Opens bytes as a table and writes it back with the same two cells on every row.
    fn mirrored(bytes: &[u8], cells: &[String; 2]) -> (Table, Vec<u8>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let table = Table::open(file.path(), &TableOptions::default(), &ADDED).unwrap();
        let mut mirror = Mirror::new(Vec::new(), table.shape()).unwrap();
        for row in table.rows().unwrap() {
            mirror.row(&row.unwrap(), cells).unwrap();
        }
        let output = mirror.finish().unwrap();
        (table, output)
    }

    fn mirrored_text(text: &str, cells: [&str; 2]) -> String {
        String::from_utf8(mirrored(text.as_bytes(), &cells.map(str::to_owned)).1).unwrap()
    }

    #[test]
    fn quoting_spaces_and_line_breaks_of_the_input_stay_as_they_are() {
        let text = "\u{feff}\"realname\" ,idcard,mobile,photo,x\r\n\"甲\n乙\", 1 ,\"2\",3,a\"b\r\n\"\",,,,\"\"\"\"\r\n";
        let expected = text.replace("\r\n", ",m,\"a,\"\"b\"\"\"\r\n").replacen(
            "m,\"a,\"\"b\"\"\"",
            "decision,detail",
            1,
        );
        assert_eq!(mirrored_text(text, ["m", "a,\"b\""]), expected);
    }

    #[test]
    fn short_rows_are_filled_up_so_that_the_added_cells_stand_under_their_names() {
        let text = "realname,idcard,mobile,photo\na\n\nb,1,2,3,,";
        let expected = "realname,idcard,mobile,photo,decision,detail\na,,,,m,\nb,1,2,3,m,\n";
        assert_eq!(mirrored_text(text, ["m", ""]), expected);
    }

    #[test]
    fn every_line_end_is_kept() {
        for line_end in ["\n", "\r\n", "\r"] {
            let text = format!("realname;idcard;mobile;photo{line_end}a;b;c;d{line_end}");
            let expected = format!(
                "realname;idcard;mobile;photo;decision;detail{line_end}a;b;c;d;1,2;\"3;4\"{line_end}"
            );
            assert_eq!(mirrored_text(&text, ["1,2", "3;4"]), expected);
        }
    }

    #[test]
    fn a_row_with_too_few_added_cells_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "realname,idcard,mobile,photo\na,b,c,d\n").unwrap();
        let table = Table::open(file.path(), &TableOptions::default(), &ADDED).unwrap();
        let row = table.rows().unwrap().next().unwrap().unwrap();
        let mut mirror = Mirror::new(Vec::new(), table.shape()).unwrap();
        assert_eq!(mirror.row(&row, &["match"]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    /// A way to write a table down.
    #[derive(Clone, Copy, Debug)]
    struct Style {
        encoding: Encoding,
        has_mark: bool,
        delimiter: Delimiter,
        line_end: &'static str,
        quote_all: bool,
    }

    fn style() -> impl Strategy<Value = Style> {
        let encodings = vec![Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be];
        let delimiters = vec![Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab];
        (
            prop::sample::select(encodings),
            any::<bool>(),
            prop::sample::select(delimiters),
            prop::sample::select(vec!["\n", "\r\n"]),
            any::<bool>(),
        )
            .prop_map(|(encoding, has_mark, delimiter, line_end, quote_all)| Style {
                encoding,
                has_mark,
                delimiter,
                line_end,
                quote_all,
            })
    }

    /// Cells with everything that means something to CSV, and characters of one to four bytes.
    fn cell() -> impl Strategy<Value = String> {
        "[a,;\t\"'\r\n =测试·乙\u{20ac}\u{e4}\u{20000}\u{1f600}]{0,6}"
    }

    fn as_csv(records: &[Vec<String>], style: Style) -> String {
        let terminator =
            if style.line_end == "\n" { csv::Terminator::Any(b'\n') } else { csv::Terminator::CRLF };
        let quotes = if style.quote_all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(style.delimiter.byte())
            .terminator(terminator)
            .quote_style(quotes)
            .from_writer(Vec::new());
        for record in records {
            writer.write_record(record).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    fn encode(text: &str, style: Style) -> Vec<u8> {
        let mark = if style.has_mark { style.encoding.byte_order_mark() } else { &[] };
        let body = match style.encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Gb18030 => GB18030.encode(text).0.into_owned(),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        };
        [mark, &body].concat()
    }

    fn decode(bytes: &[u8], style: Style) -> String {
        let bytes = if style.has_mark { &bytes[style.encoding.byte_order_mark().len()..] } else { bytes };
        let units = |of: fn([u8; 2]) -> u16| {
            bytes.chunks_exact(2).map(|unit| of([unit[0], unit[1]])).collect::<Vec<_>>()
        };
        match style.encoding {
            Encoding::Utf8 => String::from_utf8(bytes.to_vec()).unwrap(),
            Encoding::Gb18030 => GB18030.decode_without_bom_handling(bytes).0.into_owned(),
            Encoding::Utf16Le => String::from_utf16(&units(u16::from_le_bytes)).unwrap(),
            Encoding::Utf16Be => String::from_utf16(&units(u16::from_be_bytes)).unwrap(),
        }
    }

    fn parsed(text: &str, style: Style) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(style.delimiter.byte())
            .has_headers(false)
            .from_reader(text.as_bytes());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    proptest! {
        #[test]
        fn the_output_is_the_input_with_cells_added(
            rows in prop::collection::vec(prop::collection::vec(cell(), 5), 0..6), added in [cell(), cell()], style in style(),
        ) {
            // The header makes the encoding certain: in GB18030 it is not valid UTF-8.
            let header = ["姓名", "身份证号", "手机号", "照片", "备注"].map(str::to_owned).to_vec();
            let records: Vec<_> = std::iter::once(header).chain(rows).collect();
            let input = encode(&as_csv(&records, style), style);
            let (table, output) = mirrored(&input, &added);
            prop_assert_eq!(table.shape().encoding(), style.encoding);
            prop_assert_eq!(table.row_count() + 1, records.len() as u64);

            let expected: Vec<Vec<String>> = records
                .iter()
                .enumerate()
                .map(|(nth, record)| {
                    let cells = if nth == 0 { ADDED.map(str::to_owned) } else { added.clone().map(|c| text::for_spreadsheet(&c)) };
                    record.iter().cloned().chain(cells).collect()
                })
                .collect();
            prop_assert_eq!(parsed(&decode(&output, style), style), expected);

            // Without what was added, each line is the input's to the byte.
            let suffix = |cells: &[String]| {
                let cells: Vec<String> = cells.iter().map(|cell| text::for_spreadsheet(cell)).collect();
                let cells = as_csv(&[cells], Style { quote_all: false, ..style });
                format!("{}{cells}", char::from(style.delimiter.byte()))
            };
            let mut rebuilt = String::new();
            for (nth, record) in records.iter().enumerate() {
                let line = as_csv(std::slice::from_ref(record), style);
                rebuilt.push_str(line.strip_suffix(style.line_end).unwrap());
                rebuilt.push_str(&suffix(if nth == 0 { table.shape().added() } else { &added }));
            }
            prop_assert_eq!(output, encode(&rebuilt, style));
        }

        #[test]
        fn any_bytes_are_opened_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), mark in 0..5_usize) {
            let header = [&b"realname,idcard,mobile,photo\n"[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b""][mark];
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), [header, &bytes].concat()).unwrap();
            if let Ok(table) = Table::open(file.path(), &TableOptions::default(), &ADDED) {
                let rows: Result<Vec<_>, _> = table.rows().unwrap().collect();
                prop_assert_eq!(rows.unwrap().len() as u64, table.row_count());
            }
        }

        #[test]
        fn cells_are_what_the_csv_crate_reads(text in "[a\"测,;\r\n ]{0,24}", is_comma: bool) {
            let delimiter = if is_comma { Delimiter::Comma } else { Delimiter::Semicolon };
            let header = "realname,idcard,mobile,photo,1,2,3,4,5,6,7,8,9\n";
            let header = header.replace(',', &char::from(delimiter.byte()).to_string());
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), format!("{header}{text}")).unwrap();
            if let Ok(table) = Table::open(file.path(), &TableOptions::default(), &ADDED) {
                let mut reader = csv::ReaderBuilder::new()
                    .delimiter(delimiter.byte())
                    .flexible(true)
                    .from_reader(text.as_bytes());
                reader.set_headers(csv::StringRecord::new());
                let expected: Vec<_> = reader.records().map(Result::unwrap).collect();
                let rows: Vec<_> = table.rows().unwrap().map(Result::unwrap).collect();
                prop_assert_eq!(rows.len(), expected.len());
                for (row, expected) in rows.iter().zip(&expected) {
                    let written = row.as_written();
                    let cells = [written.realname, written.idcard, written.mobile, written.photo];
                    let expected = [0, 1, 2, 3].map(|index| expected.get(index).unwrap_or_default());
                    prop_assert_eq!(cells, expected);
                }
            }
        }
    }
}
