//! Workbooks as offices make them, and as nobody should.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;
use crate::intake::{ForeignFile, Row, Table, TableOptions};

const HEADER: [&str; 5] = ["姓名", "身份证号", "手机号", "照片", "备注"];

/// A workbook whose sheet was filled by a function, below the header.
fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Workbook {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string(0, column, name).unwrap();
    }
    fill(sheet);
    workbook
}

fn bytes(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}

fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("applicants.xlsx");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn open(bytes: &[u8]) -> Result<Table, Problem> {
    open_sheet(bytes, None)
}

fn open_sheet(bytes: &[u8], sheet: Option<&str>) -> Result<Table, Problem> {
    let (_folder, path) = written(bytes);
    let options = TableOptions { sheet: sheet.map(str::to_owned), ..TableOptions::default() };
    Table::open(&path, &options, &["decision"]).map_err(|error| error.problem)
}

/// Each row's number and cells.
fn rows(table: &Table) -> Vec<(u64, Vec<String>)> {
    let read = |row: Row| {
        let mut cells = vec![String::new(); table.shape().columns().len()];
        for (column, cell) in cells.iter_mut().enumerate() {
            row.read_cell(table.shape(), column, cell).unwrap();
        }
        (row.number(), cells)
    };
    table.rows().unwrap().map(|row| read(row.unwrap())).collect()
}

/// Changes the parts of a workbook's archive by name.
fn changed(bytes: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if let Some(content) = change(&name, content) {
            writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            writer.write_all(&content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn with_text_replaced(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    changed(bytes, |name, content| {
        if name != part {
            return Some(content);
        }
        let text = String::from_utf8(content).unwrap();
        assert!(text.contains(from), "{part} has no {from}: {text}");
        Some(text.replace(from, to).into_bytes())
    })
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn every_kind_of_cell_is_read_as_a_person_sees_it() {
    let book = workbook(|sheet| {
        sheet.write_string(1, 0, "测试甲").unwrap();
        sheet.write_string(1, 1, "11010119900307803X").unwrap();
        sheet.write_number(1, 2, 13_800_138_000.0).unwrap();
        sheet.write_string(1, 3, "a,\"b\"\n.jpg").unwrap();
        sheet.write_boolean(1, 4, true).unwrap();
        sheet.write_number(2, 1, 110_101_199_003_078_030.0).unwrap();
        sheet.write_number(2, 4, 0.1 + 0.2).unwrap();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let day = ExcelDateTime::from_ymd(2026, 11, 24).unwrap();
        sheet.write_datetime_with_format(3, 4, &day, &date).unwrap();
        sheet.write_formula(4, 4, rust_xlsxwriter::Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write_number_with_format(5, 4, 42, &Format::new().set_num_format("00000")).unwrap();
        sheet.write_string(6, 4, "=1+1").unwrap();
    });
    let table = open(&bytes(book)).unwrap();
    assert_eq!(table.shape().sheet(), Some("Sheet1"));
    assert_eq!(table.shape().columns(), HEADER);
    let rows = rows(&table);
    assert_eq!(rows[0].0, 2);
    assert_eq!(rows[0].1, ["测试甲", "11010119900307803X", "13800138000", "a,\"b\"\n.jpg", "TRUE"]);
    assert_eq!(rows[1].1, ["", "1.10101199003078E+17", "", "", "0.3"]);
    let last: Vec<&str> = rows[2..].iter().map(|(_, cells)| cells[4].as_str()).collect();
    assert_eq!(last, ["2026-11-24", "2", "00042", "=1+1"]);
}

#[test]
fn rows_keep_the_numbers_of_the_spreadsheet_and_empty_ones_at_the_end_are_none() {
    let book = workbook(|sheet| {
        sheet.write_string(1, 0, "甲").unwrap();
        sheet.write_string(4, 4, "x").unwrap();
        sheet.write_blank(900, 2, &Format::new().set_bold()).unwrap();
        sheet.write_string(901, 2, "").unwrap();
    });
    let table = open(&bytes(book)).unwrap();
    let numbers: Vec<u64> = rows(&table).iter().map(|(number, _)| *number).collect();
    assert_eq!((table.row_count(), numbers), (4, vec![2, 3, 4, 5]));
}

#[test]
fn a_sheet_is_chosen_by_name_by_number_or_as_the_first_visible_one() {
    let mut book = workbook(|sheet| {
        sheet.set_name("旧").unwrap().set_hidden(true);
        sheet.write_string(1, 0, "hidden").unwrap();
    });
    for name in ["名单", "2026"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.set_active(name == "名单");
        for (column, header) in (0..).zip(HEADER) {
            sheet.write_string(0, column, header).unwrap();
        }
        sheet.write_string(1, 0, name).unwrap();
    }
    let bytes = bytes(book);
    let first = |sheet| rows(&open_sheet(&bytes, sheet).unwrap())[0].1[0].clone();
    assert_eq!(first(None), "名单");
    assert_eq!(first(Some("2")), "名单");
    assert_eq!(first(Some("2026")), "2026");
    assert_eq!(first(Some("3")), "2026");
    assert_eq!(first(Some("旧")), "hidden");
    assert_eq!(open(&bytes).unwrap().notes(), [Note::OtherSheets { count: 2 }]);
    assert_eq!(open_sheet(&bytes, Some("旧")).unwrap().notes(), [Note::SheetIsHidden]);
    for wanted in ["0", "4", "x"] {
        let Err(problem) = open_sheet(&bytes, Some(wanted)) else { panic!("{wanted}") };
        let sentence = problem.to_string();
        assert!(sentence.contains(&format!("\"{wanted}\"")) && sentence.contains("\"名单\""), "{sentence}");
    }
}

#[test]
fn hidden_rows_and_merged_cells_are_told() {
    let book = workbook(|sheet| {
        for row in 1..6 {
            sheet.write_string(row, 0, "甲").unwrap();
        }
        sheet.set_row_hidden(2).unwrap();
        sheet.set_row_hidden(4).unwrap();
        sheet.merge_range(1, 4, 3, 4, "x", &Format::new()).unwrap();
    });
    let table = open(&bytes(book)).unwrap();
    assert_eq!(table.notes(), [Note::HiddenRows { count: 2 }, Note::MergedCells { count: 1 }]);
    for note in table.notes() {
        assert!(note.sentence("Sheet1").contains("Sheet1"));
    }
}

#[test]
fn what_stands_where_no_name_is_is_refused_with_its_place() {
    let book = workbook(|sheet| {
        sheet.write_string(2, 27, "x").unwrap();
    });
    let sentence = open(&bytes(book)).unwrap_err().to_string();
    assert!(sentence.contains("row 3") && sentence.contains("column AB"), "{sentence}");

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string(3, column, name).unwrap();
    }
    let sentence = open(&bytes(book)).unwrap_err().to_string();
    assert!(sentence.contains("row 4"), "{sentence}");
    let mut empty = Workbook::new();
    empty.add_worksheet();
    assert!(matches!(open(&bytes(empty)), Err(Problem::Empty)));
}

#[test]
fn other_archives_and_formats_are_refused_by_their_names() {
    let book = bytes(workbook(|_| ()));
    let others = changed(&book, |name, content| (!name.starts_with("xl/")).then_some(content));
    assert!(matches!(open(&others), Err(Problem::NotText(ForeignFile::Zip))));
    let archive = |names: &[&str]| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(b"<x/>").unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let ods = archive(&["mimetype", "content.xml"]);
    assert!(matches!(open(&ods), Err(Problem::NotText(ForeignFile::OpenDocument))));
    let xlsb = archive(&["xl/workbook.bin"]);
    assert!(matches!(open(&xlsb), Err(Problem::NotText(ForeignFile::BinaryWorkbook))));
}

#[test]
fn a_workbook_that_is_cut_or_contradicts_itself_is_refused() {
    let book = bytes(workbook(|sheet| {
        sheet.write_string(1, 0, "甲").unwrap();
        sheet.write_string(2, 0, "乙").unwrap();
    }));
    for end in [4, 30, book.len() / 2, book.len() - 1] {
        assert!(matches!(open(&book[..end]), Err(Problem::WorkbookDamaged { .. })), "{end}");
    }
    for (part, from, to) in [
        (SHEET, "<row r=\"3\"", "<row r=\"2\""),
        (SHEET, "<c r=\"A3\"", "<c r=\"A1\""),
        (SHEET, "<c r=\"A3\"", "<c r=\"XFE3\""),
        (SHEET, "</sheetData>", "<"),
        (SHEET, "<v>5</v>", "<v>99999</v>"),
        ("xl/sharedStrings.xml", "uniqueCount=\"7\"", "uniqueCount=\"99999999999999\""),
        ("xl/workbook.xml", "</sheets>", "</sheet>"),
    ] {
        let damaged = with_text_replaced(&book, part, from, to);
        let opened = open(&damaged);
        let is_refused = matches!(opened, Err(Problem::WorkbookDamaged { .. }));
        // Rows that say one number and cells that say another: the cells' own is what spreadsheets go by.
        assert!(is_refused || from.starts_with("<row"), "{part}: {from} -> {to}");
    }
    let none = changed(&book, |name, content| (name != SHEET).then_some(content));
    assert!(matches!(open(&none), Err(Problem::WorkbookDamaged { .. })));
}

#[test]
fn an_archive_that_swells_is_refused_before_it_is_read() {
    let book = bytes(workbook(|_| ()));
    let spaces = " ".repeat(1 << 20);
    let swollen = with_text_replaced(&book, "xl/sharedStrings.xml", "</sst>", &spaces.repeat(300));
    assert!(matches!(open(&swollen), Err(Problem::WorkbookTooLarge)));
}

/// Text with everything that means something to XML, CSV or a spreadsheet.
fn cell() -> impl Strategy<Value = String> {
    "[a,;\"'<>&=+@ _x0-9A-F\n\t测试·乙\u{20ac}\u{20000}\u{1f600}\u{1}\u{b}]{0,12}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_comes_back_as_it_was_written(cells in prop::collection::vec(prop::collection::vec(cell(), 5), 1..5)) {
        let book = workbook(|sheet| {
            for (row, cells) in (1..).zip(&cells) {
                for (column, cell) in (0..).zip(cells) {
                    sheet.write_string(row, column, cell).unwrap();
                }
            }
        });
        let table = open(&bytes(book)).unwrap();
        let mut expected = cells.clone();
        while expected.last().is_some_and(|row| row.iter().all(String::is_empty)) {
            expected.pop();
        }
        let read: Vec<Vec<String>> = rows(&table).into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn any_bytes_behind_the_mark_of_an_archive_are_refused_without_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&[&b"PK\x03\x04"[..], &tail].concat()).is_err());
    }
}
