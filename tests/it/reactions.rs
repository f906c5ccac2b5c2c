//! What the program makes of answers beyond the design's table of reactions, which is in `reaction_table.rs`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::support::counting_server::CountingServer;
use crate::support::program::{APPENDED, Applicant, Finished, KEY, Scene, Table};
use crate::support::wire::Reply;

/// The ending of the one mobile that gets the answer in question.
const ODD: &str = "555";

/// Four rows, one of which is answered with `reply` the first time and with a match from then on.
fn one_odd_answer(reply: Reply) -> (Finished, Table, CountingServer) {
    let server = CountingServer::start({
        let asked = AtomicUsize::new(0);
        move |request| {
            let odd = request.mobile_ends(ODD) && asked.fetch_add(1, Ordering::SeqCst) == 0;
            if odd { reply.clone() } else { Reply::verdict(100) }
        }
    });
    let scene = Scene::new(&Applicant::with_endings(&["100", ODD, "101", "102"]));
    let finished = scene.run(&server.endpoint()).args(["--concurrency", "1"]).finish();
    (finished, scene.output(), server)
}

/// Twelve rows, all of which are answered alike, one call at a time; the calls that were made.
fn every_answer(reply: &Reply) -> (Finished, Table, usize) {
    let server = CountingServer::start({
        let reply = reply.clone();
        move |_| reply.clone()
    });
    let scene = Scene::new(&Applicant::many(12));
    let finished = scene.run(&server.endpoint()).args(["--concurrency", "1"]).finish();
    (finished, scene.output(), server.calls())
}

fn odd_row(table: &Table) -> (&str, &str) {
    let row = table.rows.iter().find(|row| row["mobile"].ends_with(ODD)).expect("every input row comes back");
    (&row["decision"], &row["billed"])
}

#[test]
fn every_res_becomes_its_three_factors_and_a_decision() {
    const FACTORS: [(&str, [&str; 3]); 17] = [
        ("100", ["pass", "pass", "pass"]),
        ("101", ["pass", "pass", "mismatch"]),
        ("102", ["pass", "mismatch", "pass"]),
        ("103", ["pass", "mismatch", "mismatch"]),
        ("104", ["pass", "failed", "pass"]),
        ("105", ["mismatch", "unchecked", "pass"]),
        ("106", ["pass", "failed", "mismatch"]),
        ("107", ["mismatch", "unchecked", "mismatch"]),
        ("108", ["pass", "pass", "failed"]),
        ("109", ["pass", "pass", "no_record"]),
        ("110", ["pass", "mismatch", "failed"]),
        ("111", ["pass", "mismatch", "no_record"]),
        ("112", ["pass", "failed", "failed"]),
        ("113", ["pass", "failed", "no_record"]),
        ("114", ["mismatch", "unchecked", "failed"]),
        ("115", ["failed", "unchecked", "pass"]),
        ("116", ["failed", "unchecked", "mismatch"]),
    ];
    let server = CountingServer::start(|request| {
        let mobile = request.field("mobile");
        Reply::verdict(mobile[mobile.len() - 3..].parse().expect("three digits"))
    });
    let scene = Scene::new(&Applicant::with_endings(&FACTORS.map(|(res, _)| res)));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let table = scene.output();
    assert_eq!(table.header[..5], ["serial", "realname", "idcard", "mobile", "photo"]);
    assert_eq!(table.header[5..], APPENDED);
    for (row, (res, factors)) in table.rows.iter().zip(FACTORS) {
        let decision = if factors.contains(&"mismatch") {
            "mismatch"
        } else if factors.contains(&"failed") || factors.contains(&"no_record") {
            "inconclusive"
        } else {
            "match"
        };
        let read =
            ["res", "identity_check", "face_check", "mobile_check", "decision", "billed", "error_code"]
                .map(|name| row[name].as_str());
        assert_eq!(read, [res, factors[0], factors[1], factors[2], decision, "yes", "0"]);
        assert!(row["verified_at"].ends_with("+08:00"));
        assert_eq!((row["carrier"].as_str(), row["score"].as_str()), ("联通", "982.7"));
    }
    assert_eq!((server.calls(), server.billed()), (17, 17));
}

#[test]
fn the_form_is_the_one_that_the_document_describes_with_the_key_last() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(2));
    scene.run(&server.endpoint()).finish().expect_code(0);
    for request in server.requests() {
        let mut names: Vec<&str> = request.form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.last(), Some(&"key"));
        names.sort_unstable();
        assert_eq!(names, ["idcard", "image", "key", "mobile", "realname"]);
        assert_eq!(request.field("key"), KEY);
        let head = request.head();
        assert!(head.starts_with("post /verifyface_mobile/query http/1.1\r\n"), "{head}");
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        assert!(head.contains("accept-encoding: identity"), "{head}");
    }
}

#[test]
fn a_code_with_a_shape_of_its_own_is_still_that_code() {
    for body in [
        r#"{"reason":"x","result":[],"error_code":"280103"}"#,
        r#"{"reason":"x","error_code":280103}"#,
        r#"{"reason":"x","result":{},"error_code":280103}"#,
        r#"{"reason":"x","result":{"orderid":"JH1"},"error_code":280103}"#,
        "\u{feff}{\"reason\":\"x\",\"result\":null,\"error_code\":280103}",
    ] {
        let (_, table, _) = one_odd_answer(Reply::json(body));
        assert_eq!(odd_row(&table), ("rejected", "no"), "{body}");
    }
    let numbers_as_text = r#"{"reason":"成功","result":{"orderid":"JH1","res":"101","score":"982.7","type":"移动"},"error_code":"0"}"#;
    let (finished, table, _) = one_odd_answer(Reply::json(numbers_as_text));
    finished.expect_code(0);
    assert_eq!(odd_row(&table), ("mismatch", "yes"));
}

#[test]
fn an_internal_error_is_not_repeated_at_once() {
    let server = CountingServer::start(|_| Reply::code(10014));
    let scene = Scene::new(&Applicant::many(1));
    scene.run(&server.endpoint()).args(["--max-duration", "4s"]).finish().expect_code(75);
    assert_eq!(server.calls(), 1);
    assert_eq!(scene.output().column("decision"), ["pending"]);
}

#[test]
fn a_subject_that_cannot_be_verified_is_asked_by_three_runs_and_no_more() {
    let server = CountingServer::start(|_| Reply::code(280_105));
    let scene = Scene::new(&Applicant::many(1));
    for calls in [1, 2, 3, 3] {
        scene.run(&server.endpoint()).finish();
        assert_eq!(server.calls(), calls);
        let table = scene.output();
        assert_eq!(table.column("decision"), ["inconclusive"]);
        assert_eq!(table.column("billed"), ["no"]);
    }
}

#[test]
fn a_key_or_address_that_is_refused_costs_one_call() {
    for code in [10001, 10002, 10003, 10004, 10005, 10007, 10008, 10009, 10021] {
        let server = CountingServer::start(move |_| Reply::code(code));
        let scene = Scene::new(&Applicant::many(30));
        let finished = scene.run(&server.endpoint()).finish();
        let finished = finished.expect_code(if code == 10021 { 69 } else { 77 });
        assert_eq!(server.calls(), 1, "{code}");
        assert_eq!(scene.output().count("decision", "pending"), 30, "{code}");
        assert!(finished.stderr.contains(&code.to_string()), "{}", finished.stderr);
    }
}

#[test]
fn another_client_error_stops_the_run_and_leaves_the_row_due() {
    for (status, code) in [(400, 69), (401, 77), (403, 77), (404, 69), (405, 69), (413, 69)] {
        let (finished, table, made) = every_answer(&Reply::Html(status));
        let finished = finished.expect_code(code);
        assert!(finished.stderr.contains(&status.to_string()), "{}", finished.stderr);
        assert_eq!((made, table.count("decision", "pending")), (1, 12), "{status}");
    }
}

#[test]
fn maintenance_without_a_deadline_stops_after_the_first_answer() {
    let (finished, table, made) = every_answer(&Reply::code(10020));
    finished.expect_code(69);
    assert_eq!((made, table.count("decision", "pending")), (1, 12));
}

#[test]
fn maintenance_is_waited_for_only_as_long_as_the_run_may_last() {
    let server = CountingServer::start(|_| Reply::code(10020));
    let scene = Scene::new(&Applicant::many(4));
    // Hours away, whatever the time is; the next probe would come after --max-duration.
    let hours_away = (Timestamp::now().as_second() / 3600 + 8 + 12) % 24;
    let stop_at = format!("{hours_away:02}:00");
    let run = scene.run(&server.endpoint()).args(["--stop-at", &stop_at, "--max-duration", "30s"]);
    let finished = run.finish().expect_code(69);
    assert!(finished.stderr.contains("10020"), "{}", finished.stderr);
    assert_eq!((server.calls(), scene.output().count("decision", "pending")), (1, 4));
}

#[test]
fn a_time_to_stop_at_that_is_hours_away_stops_nothing() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(4));
    let hours_away = (Timestamp::now().as_second() / 3600 + 8 + 12) % 24;
    let stop_at = format!("{hours_away:02}:00");
    scene.run(&server.endpoint()).args(["--stop-at", &stop_at]).finish().expect_code(0);
    assert_eq!(server.calls(), 4);
}

#[test]
fn what_ended_the_run_is_told_even_if_better_answers_land_after_it() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::verdict(100),
        2 => Reply::code(10012),
        _ => Reply::later(Duration::from_millis(300), 100),
    });
    let scene = Scene::new(&Applicant::many(30));
    let finished = scene.run(&server.endpoint()).finish().expect_code(75);
    assert!(finished.stderr.contains("10012"), "{}", finished.stderr);
    let calls = server.calls();
    assert!(calls <= 9, "what was in flight is finished, and nothing is started: {calls}");
    assert_eq!(scene.output().count("decision", "match"), calls - 1);
}
