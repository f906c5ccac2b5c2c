use std::io::{Read, Seek, SeekFrom};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use proptest::prelude::*;

use super::*;
use crate::domain::outcome::Check;
use crate::output::columns;

const OWN: [&str; 3] = ["姓名", "idcard", "=1+1"];

fn added(words: &[(&str, &str)]) -> [String; NAMES.len()] {
    let mut cells: [String; NAMES.len()] = Default::default();
    for (name, word) in words {
        cells[columns::position(name)] = (*word).to_owned();
    }
    cells
}

fn book(
    rows: &[(Vec<String>, Decision, [String; NAMES.len()])],
    summary: &Summary,
    language: Language,
) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut book = Book::new(folder.path(), &OWN, columns::names(language), language).unwrap();
    for (own, decision, added) in rows {
        book.row(own.iter().map(String::as_str), *decision, added).unwrap();
    }
    let mut file = tempfile::tempfile().unwrap();
    let mut writer = BufWriter::new(&file);
    book.finish(summary, &mut writer).unwrap();
    io::Write::flush(&mut writer).unwrap();
    drop(writer);
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "something is left behind");
    bytes
}

/// A sheet's cells, all of which have to be text or empty.
fn texts(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is no text"),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn own(cells: [&str; 3]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

#[test]
fn rows_stand_under_their_names_as_text_that_is_no_formula() {
    let cells = added(&[("decision", "match"), ("face_check", "pass"), ("resmsg", "=HYPERLINK(1)")]);
    let rows = [(own(["测试甲", "11010119900307803X", "0042"]), Decision::Match, cells)];
    let bytes = book(&rows, &Summary::default(), Language::English);
    let sheet = texts(&bytes, "Results");
    let header: Vec<&str> = OWN.iter().chain(&NAMES).copied().collect();
    assert_eq!(sheet[0], header);
    assert_eq!(sheet[1][..3], ["测试甲", "11010119900307803X", "0042"]);
    assert_eq!((sheet[1][3].as_str(), sheet[1][8].as_str()), ("match", "=HYPERLINK(1)"));
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    let rows: Vec<_> = (0..50)
        .map(|row| (own(["甲", &row.to_string(), ""]), Decision::ALL[row % 6], added(&[("decision", "x")])))
        .collect();
    let summary = Summary { rows: 50, ..Summary::default() };
    let first = book(&rows, &summary, Language::Chinese);
    assert_eq!(first, book(&rows, &summary, Language::Chinese));
}

#[test]
fn every_sheet_is_there_in_both_languages_and_the_summary_has_the_counts() {
    let summary = Summary {
        rows: 12,
        decisions: [1, 2, 3, 4, 1, 1],
        checks: [[6, 0, 0, 0, 0], [5, 1, 0, 0, 0], [4, 1, 1, 0, 0]],
        billed_calls: 6,
        doubtful_calls: 1,
        rejected: vec![("idcard: wrong".to_owned(), 4)],
        price: "0.55".parse().ok(),
        ..Summary::default()
    };
    for (language, names) in [
        (Language::English, ["Results", "Summary", "Codes"]),
        (Language::Chinese, ["核验结果", "汇总", "代码说明"]),
    ] {
        let bytes = book(&[], &summary, language);
        let mut book: Xlsx<_> = open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), names);
        let cells = |book: &mut Xlsx<_>, name: &str| {
            let range = book.worksheet_range(name).unwrap();
            range
                .rows()
                .map(|row| row.iter().map(ToString::to_string).collect())
                .collect::<Vec<Vec<String>>>()
        };
        let said = cells(&mut book, names[1]);
        let count = |start: &str| {
            let row = said.iter().find(|row| row[0].starts_with(start));
            row.unwrap_or_else(|| panic!("{start}: {said:?}"))[1].clone()
        };
        for (decision, count_of) in Decision::ALL.iter().zip(summary.decisions) {
            assert_eq!(count(decision.word()), count_of.to_string());
        }
        assert!(said.iter().any(|row| row[1] == "3.30"), "{said:?}");
        assert!(said.iter().any(|row| row[0] == "4" && row[1] == "idcard: wrong"), "{said:?}");
        let codes = cells(&mut book, names[2]);
        let documented = crate::domain::outcome::DOCUMENTED.map(|res| res.to_string());
        let errors = crate::domain::error_code::TABLE.iter().map(|line| line.code.to_string());
        for code in documented.chain(errors) {
            assert!(codes.iter().any(|row| row[0] == code), "{code} is not explained");
        }
        assert!(
            Check::ALL.iter().all(|check| said.iter().flatten().any(|cell| cell.starts_with(check.word())))
        );
    }
}

#[test]
fn a_text_of_the_api_that_no_cell_holds_is_cut_at_a_character() {
    let long = "\u{1f600}".repeat(20_000);
    let rows = [(own(["", "", ""]), Decision::Match, added(&[("resmsg", &long)]))];
    let sheet = texts(&book(&rows, &Summary::default(), Language::English), "Results");
    assert_eq!(sheet[1][8], "\u{1f600}".repeat(MAX_CELL_UNITS / 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_comes_back(cells in prop::collection::vec("[a,;\"'<>&=+@ _x0-9A-F\n\t测·\u{20000}\u{1f600}\u{1}\u{b}\u{fffd}]{0,12}", 3)) {
        let rows = [(cells.clone(), Decision::Pending, added(&[("decision", "pending")]))];
        let sheet = texts(&book(&rows, &Summary::default(), Language::English), "Results");
        prop_assert_eq!(&sheet[1][..3], &cells[..]);
    }
}
