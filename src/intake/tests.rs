//! Tables of files: what is read from each, and what is said of those that cannot be.

use std::fs;
use std::path::PathBuf;

use encoding_rs::GB18030;
use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::domain::applicant::{Applicant, Field};

const ADDED: [&str; 2] = ["decision", "billed"];

/// A file in a folder of its own.
struct Input {
    _folder: TempDir,
    path: PathBuf,
}

fn input(bytes: impl AsRef<[u8]>) -> Input {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("applicants.csv");
    fs::write(&path, bytes).unwrap();
    Input { _folder: folder, path }
}

fn open(bytes: impl AsRef<[u8]>) -> Result<Table, Problem> {
    open_with(bytes, &TableOptions::default())
}

fn open_with(bytes: impl AsRef<[u8]>, options: &TableOptions) -> Result<Table, Problem> {
    Table::open(&input(bytes).path, options, &ADDED).map_err(|error| error.problem)
}

/// The four cells of each row, joined by `|`, after the row's number.
fn cells(table: &Table) -> Vec<String> {
    let line = |row: Result<Row, IntakeError>| {
        let row = row.unwrap();
        let written = row.as_written();
        format!(
            "{} {}|{}|{}|{}",
            row.number(),
            written.realname,
            written.idcard,
            written.mobile,
            written.photo
        )
    };
    table.rows().unwrap().map(line).collect()
}

fn sentence(bytes: impl AsRef<[u8]>) -> String {
    open(bytes).unwrap_err().to_string()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
        .collect()
}

const ENGLISH: &str = "realname,idcard,mobile,photo\n";

#[test]
fn every_encoding_is_found_and_read() {
    let text = "客户号,姓名,身份证号,手机号,照片\r\n7,测试甲,1,2,a.jpg\r\n8,样本·乙,3,4,乙.jpg\r\n";
    let gb = GB18030.encode(text).0.into_owned();
    let marked = |encoding: Encoding, bytes: &[u8]| [encoding.byte_order_mark(), bytes].concat();
    for (bytes, encoding, found, has_mark) in [
        (text.into(), Encoding::Utf8, Found::ValidThroughout, false),
        (marked(Encoding::Utf8, text.as_bytes()), Encoding::Utf8, Found::ByteOrderMark, true),
        (gb.clone(), Encoding::Gb18030, Found::ValidThroughout, false),
        (marked(Encoding::Gb18030, &gb), Encoding::Gb18030, Found::ByteOrderMark, true),
        (utf16(text, false), Encoding::Utf16Le, Found::ZeroBytes, false),
        (utf16(text, true), Encoding::Utf16Be, Found::ZeroBytes, false),
        (marked(Encoding::Utf16Le, &utf16(text, false)), Encoding::Utf16Le, Found::ByteOrderMark, true),
        (marked(Encoding::Utf16Be, &utf16(text, true)), Encoding::Utf16Be, Found::ByteOrderMark, true),
    ] {
        let table = open(&bytes).unwrap();
        let shape = table.shape();
        assert_eq!(
            (shape.encoding(), shape.found(), shape.has_byte_order_mark()),
            (encoding, found, has_mark)
        );
        assert_eq!((shape.delimiter(), shape.line_end()), (Delimiter::Comma, LineEnd::CrLf));
        assert_eq!(cells(&table), ["2 测试甲|1|2|a.jpg", "3 样本·乙|3|4|乙.jpg"], "{encoding}");
        assert_eq!((table.row_count(), table.header_name(Field::Idcard)), (2, "身份证号"));
        // Told, it is read alike.
        let options = TableOptions { encoding: Some(encoding), ..TableOptions::default() };
        let table = open_with(&bytes, &options).unwrap();
        assert_eq!((table.shape().found(), cells(&table).len()), (Found::Told, 2));
    }
}

#[test]
fn a_byte_order_mark_decides_which_utf_16_was_meant() {
    let bytes = [Encoding::Utf16Be.byte_order_mark(), &utf16(ENGLISH, true)].concat();
    let options = TableOptions { encoding: "utf-16".parse().ok(), ..TableOptions::default() };
    assert_eq!(open_with(bytes, &options).unwrap().shape().encoding(), Encoding::Utf16Be);
}

#[test]
fn columns_are_found_by_every_known_name_and_way_of_writing() {
    for header in [
        "realname,idcard,mobile,photo",
        "REALNAME, IdCard ,Mobile,IMAGE",
        "\u{feff}\"姓名\",身份证号码,手机号码,人像",
        "客户姓名\u{200b},证件号码,联系电话,照片路径",
        "真实姓名,身份证号,手机号,照片",
        "realname;idcard;mobile;photo;\"a,b,c,d,e,f\"",
        "realname\tidcard\tmobile\tphoto",
    ] {
        let table = open(format!("{header}\n")).unwrap_or_else(|problem| panic!("{header}: {problem}"));
        let found = Field::ALL.map(|field| table.shape().column_of(field));
        assert_eq!(found, [0, 1, 2, 3], "{header}");
        assert_eq!(table.row_count(), 0);
    }
}

#[test]
fn columns_can_be_named_by_the_operator() {
    let columns = vec![(Field::Realname, " 名字 ".to_owned()), (Field::Photo, "FILE".to_owned())];
    let options = TableOptions { columns, ..TableOptions::default() };
    let table = open_with("mobile,file,名字,realname,idcard\n1,2,3,4,5\n", &options).unwrap();
    assert_eq!(cells(&table), ["2 3|5|1|2"]);
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_does() {
    let text = "\nrealname,idcard,mobile,photo\r\n\r\n甲,1,1,a\n\"乙\n丙\",\"1\"\"2\",\"3\",b,,\"\"\r丁,1\n\n\n戊,1,1,e";
    let table = open(text).unwrap();
    assert_eq!(cells(&table), ["4 甲|1|1|a", "5 乙\n丙|1\"2|3|b", "6 丁|1||", "9 戊|1|1|e"]);
    let rows: Vec<Row> = table.rows().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows[1].raw(), "\"乙\n丙\",\"1\"\"2\",\"3\",b".as_bytes(), "empty cells beyond the header go");
    assert_eq!(rows.iter().map(Row::missing_cells).collect::<Vec<_>>(), [0, 0, 2, 0]);
}

#[test]
fn a_row_read_into_again_holds_nothing_of_the_one_before() {
    let table = open(format!("{ENGLISH}\"测\"\"试\",11,22,long/path.jpg\n乙\n")).unwrap();
    let (mut rows, mut row) = (table.rows().unwrap(), Row::default());
    assert!(rows.read_into(&mut row).unwrap() && rows.read_into(&mut row).unwrap());
    let written = row.as_written();
    assert_eq!((written.realname, written.idcard, written.mobile, written.photo), ("乙", "", "", ""));
    assert!(!rows.read_into(&mut row).unwrap());
}

#[test]
fn what_is_no_csv_is_named() {
    for (bytes, part) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"PK\x03\x04....", ".xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\n <html><table>", "web page"),
        (b"realname,idcard,mobile,photo\na,b\0,c,d\n", "row 2 holds a zero byte"),
        (b"\x7fELF\0\0\0\x01\x02\x03\0\0\xff\xfe\0", "row 1 holds a zero byte"),
    ] {
        let sentence = sentence(bytes);
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[test]
fn a_path_that_is_no_readable_file_gets_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path| Table::open(path, &TableOptions::default(), &ADDED).unwrap_err();
    assert!(matches!(open(&folder.path().join("none.csv")).problem, Problem::NotFound));
    assert!(matches!(open(folder.path()).problem, Problem::Directory));
    assert!(matches!(open(std::path::Path::new("/dev/null")).problem, Problem::NotAFile));
    let shown = open(&folder.path().join("none.csv")).to_string();
    assert!(shown.ends_with("none.csv: there is no such file"), "{shown}");
}

#[test]
fn a_byte_that_does_not_decode_is_named_by_row_and_column() {
    let gb = |text: &str| GB18030.encode(text).0.into_owned();
    let chinese = "姓名,身份证号,手机号,照片,备注\n测试,1,2,3,好的\n";
    for (bytes, part) in [
        ([chinese.as_bytes(), "甲,1,2,3,坏".as_bytes(), b"\xe5\xa5"].concat(), "row 3, column 5 (\"备注\")"),
        (
            [chinese.as_bytes(), b"\xe5\xa5,1,2,3\n", "甲,1,2,3\n".as_bytes()].concat(),
            "row 3, column 1 (\"姓名\")",
        ),
        ([&gb(chinese)[..], b"\xb2\xe2\xca,1,2,3\n"].concat(), "row 3, column 1 (\"姓名\")"),
        ([&gb(chinese)[..], b"a,1,2,3,\xb2"].concat(), "row 3, column 5 (\"备注\")"),
        (
            [&utf16(chinese, false)[..], b"\x32\x6d\x2c\0\x00\xd8\x2c\0"].concat(),
            "row 3, column 2 (\"身份证号\")",
        ),
        ([&utf16(chinese, true)[..], b"\x6d"].concat(), "row 3, column 1 (\"姓名\")"),
        (b"realname,id\xff\xff,mobile,photo\n".to_vec(), "row 1, column 2:"),
    ] {
        let sentence = sentence(&bytes);
        assert!(sentence.contains(part) && sentence.contains("--encoding"), "{part}: {sentence}");
    }
}

#[test]
fn utf_8_with_one_cut_character_is_not_taken_for_gb18030() {
    // Every pair of bytes is a GB18030 character, so that encoding fits too.
    let text = [ENGLISH.as_bytes(), "测试,1,2,3\n样本,1,2,3\n".as_bytes(), b"\xe6\xb5,1,2,3\n"].concat();
    assert!(matches!(open(&text), Err(Problem::Undecodable { row: 4, encoding: Encoding::Utf8, .. })));
    let told = TableOptions { encoding: Some(Encoding::Gb18030), ..TableOptions::default() };
    assert!(open_with(&text, &told).is_ok());
}

#[test]
fn a_forced_encoding_that_does_not_fit_is_refused() {
    let told = |name: &str| TableOptions { encoding: name.parse().ok(), ..TableOptions::default() };
    let gb = GB18030.encode("姓名,身份证号,手机号,照片\n").0.into_owned();
    assert!(matches!(open_with(gb, &told("UTF-8")), Err(Problem::Undecodable { row: 1, .. })));
    assert!(matches!(open_with(ENGLISH, &told("utf-16le")), Err(Problem::NotUtf16)));
    assert_eq!("latin1".parse::<Encoding>(), Err(UnknownEncoding));
}

#[test]
fn quotes_that_could_swallow_rows_are_refused() {
    let long = "x".repeat(1024 * 1024 + 1);
    for (rows, part) in [
        ("a,b,c,d\na,\"b,c,d\na,b,c,d\n", "row 3: a quote is opened"),
        ("a,\"b,c,d\na,\"b\",c,d\n", "row 2: text follows"),
        ("a,\"b\"\"c\"d,c,d\n", "row 2: text follows"),
        ("a,\"b\" \"c\",c,d\n", "row 2: text follows"),
        (&format!("a,b,c,d\n\n{long}\n"), "row 4 is longer"),
        (&format!("a,b,c,d\n\n\"{long}\n"), "row 4: a quote is opened"),
    ] {
        let sentence = sentence(format!("{ENGLISH}{rows}"));
        assert!(sentence.contains(part), "{sentence}");
    }
    let table = open(format!("{ENGLISH}a\"b,\"b\" ,c,d\n")).unwrap();
    assert_eq!(cells(&table), ["2 a\"b|b |c|d"]);
}

#[test]
fn cells_beyond_the_header_are_refused_unless_empty() {
    let sentence = sentence(format!("{ENGLISH}a,b,c,d,,\na,b,c,d,e,,\n"));
    assert!(sentence.starts_with("row 3 has 7 cells under 4 columns"), "{sentence}");
}

#[test]
fn a_header_that_does_not_fit_is_explained_with_its_remedy() {
    for (header, part) in [
        ("realname,tel,photo", "no column for idcard, mobile, only \"realname\", \"tel\", \"photo\""),
        ("realname,tel,photo", "--column idcard=NAME --column mobile=NAME"),
        (
            "realname,姓名,idcard,mobile,photo",
            "more than one column could be realname: \"realname\", \"姓名\"",
        ),
        (
            "realname,idcard,mobile,photo, Billed",
            "a column \"Billed\" already, which the output adds: add --prefix new_",
        ),
        ("测试甲,11010519491231002X,13800138000,a.jpg", "looks like an applicant"),
        ("测试甲,1.10105E+17,,a.jpg", "looks like an applicant"),
        ("测试甲,110***********1234,138****8000,a.jpg", "looks like an applicant"),
        ("realname,idcard,mobile1234567,photo", "only \"realname\", \"idcard\", \"mobile1234567\""),
        ("sep=;\n", "only \"sep=\", \"\""),
    ] {
        let sentence = sentence(format!("{header}\n"));
        assert!(sentence.contains(part), "{sentence}");
        assert!(!sentence.contains("测试甲"), "{sentence}");
    }
}

#[test]
fn no_sentence_shows_a_cell() {
    let person = "測試甲,11010519491231002X,13800138000,甲.jpg";
    for bytes in [
        format!("{person}\n").into_bytes(),
        [person.as_bytes(), b"\xe6\n"].concat(),
        [ENGLISH.as_bytes(), person.as_bytes(), b"\xe6\n"].concat(),
        format!("{ENGLISH}{person},more\n").into_bytes(),
        format!("{ENGLISH}{person}\0\n").into_bytes(),
        format!("{ENGLISH}\"{person}\n").into_bytes(),
        format!("{ENGLISH}\"\"{person}\n").into_bytes(),
        format!("realname,tel\n{person}\n").into_bytes(),
    ] {
        let shown = format!("{0} {0:?}", open(&bytes).unwrap_err());
        assert!(person.split(',').all(|cell| !shown.contains(cell)), "{shown}");
    }
}

#[test]
fn a_named_column_must_exist_and_serve_one_field() {
    let open = |columns: &[(Field, &str)]| {
        let columns = columns.iter().map(|&(field, name)| (field, name.to_owned())).collect();
        open_with(ENGLISH, &TableOptions { columns, ..TableOptions::default() }).unwrap_err().to_string()
    };
    assert!(
        open(&[(Field::Mobile, "tel")]).starts_with("it has no column \"tel\" for mobile, only \"realname\"")
    );
    assert!(open(&[(Field::Mobile, "photo")]).contains("--column gives photo"));
    assert!(open(&[(Field::Mobile, "photo"), (Field::Mobile, "mobile")]).contains("--column gives mobile"));
}

#[test]
fn a_prefix_gives_the_added_columns_names_of_their_own() {
    let options = TableOptions { prefix: "new_".to_owned(), ..TableOptions::default() };
    let header = "realname,idcard,mobile,photo,decision";
    let table = open_with(header, &options).unwrap();
    assert_eq!(table.shape().added(), ["new_decision", "new_billed"]);
    let problem = open_with(format!("{header},new_billed"), &options).unwrap_err().to_string();
    assert!(problem.contains("--prefix new_new_"), "{problem}");
}

#[test]
fn a_file_that_changes_after_opening_is_noticed() {
    let input = input(format!("{ENGLISH}a,b,c,d\na,b,c,d\n"));
    let table = Table::open(&input.path, &TableOptions::default(), &ADDED).unwrap();
    assert!(!table.changed().unwrap());
    fs::write(&input.path, format!("{ENGLISH}a,b,c,d\n")).unwrap();
    assert!(table.changed().unwrap());
    let last = table.rows().unwrap().last().unwrap();
    assert!(matches!(last, Err(IntakeError { problem: Problem::Changed, .. })));
    fs::remove_file(&input.path).unwrap();
    assert!(table.changed().unwrap());
}

#[test]
fn a_pass_reads_the_file_that_was_opened_though_another_took_its_place() {
    let input = input(format!("{ENGLISH}甲,b,c,d\n"));
    let table = Table::open(&input.path, &TableOptions::default(), &ADDED).unwrap();
    let other = input.path.with_extension("new");
    fs::write(&other, format!("{ENGLISH}乙,b,c,d\n")).unwrap();
    fs::rename(&other, &input.path).unwrap();
    assert!(table.changed().unwrap());
    assert_eq!(cells(&table), ["2 甲|b|c|d"]);
}

#[test]
fn no_debug_output_shows_a_cell() {
    let table = open(format!("{ENGLISH}甲,b,c,d\n")).unwrap();
    let row = table.rows().unwrap().next().unwrap().unwrap();
    assert!(!format!("{row:?} {:?} {table:?}", table.rows()).contains('甲'));
}

#[test]
fn the_fixtures_hold_the_same_people_in_both_encodings() {
    let people = |name: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        cells(&Table::open(&path, &TableOptions::default(), &ADDED).unwrap())
    };
    assert_eq!(people("applicants.csv"), people("applicants-gb18030.csv"));
    assert_eq!(people("applicants.csv").len(), 43);
}

#[test]
fn the_fixtures_are_rejected_where_their_readme_says_so() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/applicants.csv");
    let table = Table::open(&path, &TableOptions::default(), &ADDED).unwrap();
    let rejected: Vec<(u64, &str)> = table
        .rows()
        .unwrap()
        .map(Result::unwrap)
        .filter_map(|row| {
            let rejection = Applicant::parse(&row.as_written(), date(2026, 6, 30)).err()?;
            Some((row.number(), rejection.rule.code()))
        })
        .collect();
    let expected = [
        (30, "id-check-digit"),
        (31, "id-birth-in-future"),
        (32, "damaged-by-spreadsheet"),
        (33, "id-ends-in-000"),
        (34, "mobile-length"),
        (35, "name-question-mark"),
        (36, "empty"),
        (37, "empty"),
    ];
    assert_eq!(rejected, expected);
}
