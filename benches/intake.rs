//! How fast a file of applicants is opened, read, parsed and mirrored. Counts are rows.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write as _};

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::civil::{Date, date};
use reverify::domain::applicant::Applicant;
use reverify::intake::{Row, Table, TableOptions};
use reverify::output::mirror::Mirror;
use tempfile::NamedTempFile;

const ROWS: usize = 100_000;
const TODAY: Date = date(2026, 6, 30);
const ADDED: [&str; 4] = ["decision", "res", "billed", "detail"];
const CELLS: [&str; 4] = ["match", "100", "yes", "身份、人像核验通过，手机号核验通过"];

/// How a file is written.
#[derive(Clone, Copy, Debug)]
enum Style {
    Utf8,
    Gb18030,
    Utf16,
    Quoted,
}

const STYLES: [Style; 4] = [Style::Utf8, Style::Gb18030, Style::Utf16, Style::Quoted];

fn main() {
    divan::main();
}

/// Writes rows of people who cannot exist: their area codes start with 0000.
fn file(style: Style) -> NamedTempFile {
    let mut text = String::from("客户号,姓名,身份证号,手机号,照片,备注\n");
    for row in 0..ROWS {
        let id_number = id_number(row);
        let mobile = 13_000_000_000_u64 + row as u64;
        let quote = if matches!(style, Style::Quoted) { "\"" } else { "" };
        let _ = writeln!(
            text,
            "{row},{quote}测试甲乙{quote},{quote}{id_number}{quote},{quote}{mobile}{quote},photos/{row:08}.jpg,复核"
        );
    }
    let bytes = match style {
        Style::Utf8 | Style::Quoted => text.into_bytes(),
        Style::Gb18030 => encoding_rs::GB18030.encode(&text).0.into_owned(),
        Style::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    };
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(&bytes).expect("room for a temporary file");
    file
}

fn id_number(row: usize) -> String {
    let digits = format!(
        "0000{:02}19{:02}{:02}{:02}{:03}",
        row % 100,
        row / 7 % 100,
        row % 12 + 1,
        row % 28 + 1,
        row % 1000
    );
    "0123456789X"
        .chars()
        .map(|check| format!("{digits}{check}"))
        .find(|number| reverify::domain::id_number::IdNumber::parse(number, TODAY).is_ok())
        .expect("one check character fits any 17 digits")
}

fn open(file: &NamedTempFile) -> Table {
    Table::open(file.path(), &TableOptions::default(), &ADDED).expect("a table that is right")
}

#[divan::bench(args = STYLES, sample_count = 10)]
fn open_and_check(bencher: Bencher, style: Style) {
    let file = file(style);
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| open(&file).row_count());
}

#[divan::bench(args = STYLES, sample_count = 10)]
fn read(bencher: Bencher, style: Style) {
    let table = open(&file(style));
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let (mut rows, mut row) = (table.rows().expect("a pass"), Row::default());
        while rows.read_into(&mut row).expect("a row") {
            black_box(row.as_written());
        }
    });
}

/// What a run does with every row before it asks the ledger, and after.
#[divan::bench(args = STYLES, sample_count = 10)]
fn open_read_parse_and_mirror(bencher: Bencher, style: Style) {
    let file = file(style);
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let table = open(&file);
        let (mut rows, mut row) = (table.rows().expect("a pass"), Row::default());
        let writer = io::BufWriter::with_capacity(1 << 16, io::sink());
        let mut mirror = Mirror::new(writer, table.shape()).expect("a sink");
        while rows.read_into(&mut row).expect("a row") {
            black_box(Applicant::parse(&row.as_written(), TODAY).expect("a valid applicant"));
            mirror.row(&row, &CELLS).expect("a sink");
        }
        mirror.finish().expect("a sink");
    });
}
