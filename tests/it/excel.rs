//! Offices keep workbooks: as the input, as the output, and one made from the other.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;

use crate::support::counting_server::CountingServer;
use crate::support::program::{APPENDED, Applicant, Scene, Table};
use crate::support::wire::Reply;

const HEADER: [&str; 5] = ["客户编号", "姓名", "身份证号", "手机号", "照片"];

/// Writes `applicants.xlsx`: text cells, but for the mobiles of the rows whose number is even.
fn write_workbook(
    scene: &Scene,
    applicants: &[Applicant],
    also: impl FnOnce(&mut rust_xlsxwriter::Worksheet),
) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名单").unwrap();
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (row, of) in (1..).zip(applicants) {
        sheet.write_number(row, 0, row).unwrap();
        sheet.write_string(row, 1, &of.realname).unwrap();
        sheet.write_string(row, 2, &of.idcard).unwrap();
        if row % 2 == 0 {
            sheet.write_number(row, 3, of.mobile.parse::<f64>().unwrap()).unwrap();
        } else {
            sheet.write_string(row, 3, &of.mobile).unwrap();
        }
        sheet.write_string(row, 4, &of.photo).unwrap();
    }
    also(sheet);
    book.save(scene.path("applicants.xlsx")).unwrap();
}

/// The first sheet of a workbook, whose cells are all text: header and rows by column.
fn read_workbook(path: &Path) -> Table {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is no text"),
    };
    let mut rows = range.rows().map(|row| row.iter().map(text).collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let rows = rows.map(|row| header.iter().cloned().zip(row).collect()).collect();
    Table { header, rows }
}

fn server() -> CountingServer {
    CountingServer::start(|request| {
        Reply::verdict(request.field("mobile")[8..].parse().expect("a mobile that ends in a res"))
    })
}

#[test]
fn a_workbook_goes_in_and_a_workbook_comes_out() {
    let server = server();
    let scene = Scene::new(&[]);
    write_workbook(&scene, &Applicant::with_endings(&["100", "101", "104", "105"]), |sheet| {
        // An ID number that was stored as a number has lost its last digits for good.
        sheet.write_string(5, 1, "测试戊").unwrap();
        sheet.write_number(5, 2, 110_101_199_003_078_030.0).unwrap();
        sheet.write_string(5, 3, "13800138000").unwrap();
        sheet.write_string(5, 4, "photo.jpg").unwrap();
    });
    std::fs::set_permissions(scene.path("applicants.xlsx"), PermissionsExt::from_mode(0o640)).unwrap();
    let run = || scene.run_input("applicants.xlsx", &server.endpoint());
    let finished = run().finish().expect_code(1);
    assert!(finished.stderr.contains("名单"), "{}", finished.stderr);
    assert_eq!(server.calls(), 4);

    let output = scene.path("applicants.verified.xlsx");
    let table = read_workbook(&output);
    assert_eq!(table.header, HEADER.iter().chain(&APPENDED).copied().collect::<Vec<_>>());
    assert_eq!(table.column("decision"), ["match", "mismatch", "inconclusive", "mismatch", "rejected"]);
    assert_eq!(table.column("客户编号"), ["1", "2", "3", "4", ""]);
    assert!(table.column("reason")[4].contains("damaged by a spreadsheet"), "{:?}", table.column("reason"));
    assert_eq!(std::fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o640);

    // Again: no call, and the same bytes, from a run and from a rendering alike.
    let bytes = std::fs::read(&output).unwrap();
    run().finish().expect_code(1);
    assert_eq!((server.calls(), std::fs::read(&output).unwrap() == bytes), (4, true));
    std::fs::remove_file(&output).unwrap();
    scene.render("applicants.xlsx").finish().expect_code(1);
    assert_eq!(std::fs::read(&output).unwrap(), bytes);
}

#[test]
fn the_outputs_name_chooses_its_form() {
    let server = server();
    let people = Applicant::with_endings(&["100", "101"]);
    let scene = Scene::new(&people);
    write_workbook(&scene, &people, |_| ());
    // The same people: whichever form comes first is asked about, the other is settled.
    let to = |input: &str, output: &str| {
        scene.run_input(input, &server.endpoint()).arg("-o").arg(scene.path(output)).finish().expect_code(0);
    };
    to("applicants.csv", "from-csv.xlsx");
    to("applicants.xlsx", "from-xlsx.csv");
    to("applicants.xlsx", "from-xlsx.XLSX");
    assert_eq!(server.calls(), 2);

    let text = std::fs::read(scene.path("from-xlsx.csv")).unwrap();
    assert!(text.starts_with("\u{feff}客户编号,姓名".as_bytes()), "a spreadsheet knows it is UTF-8");
    assert!(String::from_utf8(text).unwrap().lines().count() == 3);
    let from_xlsx = Table::read(&scene.path("from-xlsx.csv"));
    let from_csv = read_workbook(&scene.path("from-csv.xlsx"));
    for name in APPENDED {
        assert_eq!(from_xlsx.column(name), from_csv.column(name), "{name}");
        assert_eq!(
            from_xlsx.column(name),
            read_workbook(&scene.path("from-xlsx.XLSX")).column(name),
            "{name}"
        );
    }
    assert_eq!(from_csv.column("serial"), ["0", "1"]);

    for name in ["out.xls", "out.ods"] {
        let refused = scene.run_input("applicants.csv", &server.endpoint()).arg("-o").arg(scene.path(name));
        assert!(refused.finish().expect_code(2).stderr.contains(".xlsx"));
    }
}

#[test]
fn text_that_looks_like_a_formula_is_text_in_every_output() {
    let server = CountingServer::start(|_| {
        let body = r#"{"reason":"+1","error_code":0,"result":{"orderid":"J1","res":100,"resmsg":"=HYPERLINK(\"http://x\",\"y\")"}}"#;
        Reply::json(body)
    });
    let scene = Scene::new(&[]);
    write_workbook(&scene, &Applicant::many(1), |sheet| {
        sheet.write_string(0, 5, "=备注").unwrap();
        sheet.write_string(0, 6, "余额").unwrap();
        sheet.write_string(1, 5, "=cmd|' /C calc'!A0").unwrap();
        sheet.write_number(1, 6, -5).unwrap();
    });
    scene.run_input("applicants.xlsx", &server.endpoint()).finish().expect_code(0);
    let book = read_workbook(&scene.path("applicants.verified.xlsx"));
    assert_eq!(book.column("=备注"), ["=cmd|' /C calc'!A0"]);
    assert_eq!(book.column("resmsg"), ["=HYPERLINK(\"http://x\",\"y\")"]);
    let csv = scene.path("out.csv");
    scene.render("applicants.xlsx").arg("-o").arg(&csv).finish().expect_code(0);
    let text = Table::read(&csv);
    assert_eq!(text.column("'=备注"), ["'=cmd|' /C calc'!A0"]);
    assert_eq!(text.column("余额"), ["-5"]);
    assert_eq!(text.column("resmsg"), ["'=HYPERLINK(\"http://x\",\"y\")"]);
    assert_eq!(text.column("reason"), ["'+1"]);
}

#[test]
fn our_own_output_is_an_input_again_with_the_same_people_in_it() {
    let server = server();
    let scene = Scene::new(&Applicant::with_endings(&["100", "103"]));
    let run = |input: &str| scene.run_input(input, &server.endpoint()).args(["--prefix", "second_"]);
    scene.run(&server.endpoint()).args(["-o", "one.xlsx"]).finish().expect_code(0);
    scene.run(&server.endpoint()).args(["-o", "one.csv"]).finish().expect_code(0);
    for (input, output) in [("one.xlsx", "two.csv"), ("one.csv", "two.xlsx"), ("two.csv", "three.csv")] {
        let prefix = if input == "two.csv" { "third_" } else { "second_" };
        let run = scene.run_input(input, &server.endpoint()).args(["--prefix", prefix, "-o", output]);
        run.finish().expect_code(0);
    }
    assert_eq!(server.calls(), 2);
    let three = Table::read(&scene.path("three.csv"));
    for name in APPENDED {
        for prefix in ["second_", "third_"] {
            assert_eq!(three.column(name), three.column(&format!("{prefix}{name}")), "{name}");
        }
    }
    let refused = scene.run_input("one.xlsx", &server.endpoint()).finish().expect_code(65);
    assert!(refused.stderr.contains("--prefix"), "{}", refused.stderr);
    let refused = run("two.csv").finish().expect_code(65);
    assert!(refused.stderr.contains("--prefix new_second_"), "{}", refused.stderr);
}

#[test]
fn what_no_workbook_holds_is_refused_before_any_call() {
    let server = server();
    let scene = Scene::new(&Applicant::many(1));
    let text = std::fs::read_to_string(scene.path("applicants.csv")).unwrap();
    scene.write("applicants.csv", text.replace("\n0,", &format!("\n{},", "长".repeat(32_768))));
    let run = || scene.run(&server.endpoint());
    let refused = run().args(["-o", "out.xlsx"]).finish().expect_code(65);
    assert!(refused.stderr.contains("row 2, column 1") && refused.stderr.contains("32,767"), "{refused:?}");
    assert_eq!(server.calls(), 0);
    run().finish().expect_code(0);
}

#[test]
fn a_workbook_that_cannot_be_read_is_refused_with_what_to_do() {
    let server = server();
    let scene = Scene::new(&[]);
    write_workbook(&scene, &Applicant::many(2), |_| ());
    let bytes = std::fs::read(scene.path("applicants.xlsx")).unwrap();
    scene.write("cut.xlsx", &bytes[..bytes.len() / 2]);
    scene.write("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on");
    for name in ["cut.xlsx", "old.xls"] {
        let finished = scene.run_input(name, &server.endpoint()).finish().expect_code(65);
        assert!(finished.stderr.contains(".xlsx"), "{}", finished.stderr);
    }
    let finished = scene.run_input("applicants.xlsx", &server.endpoint()).args(["--sheet", "none"]).finish();
    assert!(finished.expect_code(65).stderr.contains("\"名单\""));
    // A workbook is known by what it is, whatever it is called.
    scene.write("list.csv", &bytes);
    scene.run_input("list.csv", &server.endpoint()).args(["--sheet", "1"]).finish().expect_code(0);
    assert_eq!(Table::read(&scene.path("list.verified.csv")).rows.len(), 2);
}
