//! Caps, quotas and pace: what may be spent, and how fast.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene};
use crate::support::wire::Reply;

fn always_matches() -> CountingServer {
    CountingServer::start(|_| Reply::verdict(100))
}

#[test]
fn a_quota_stops_the_run_and_the_next_one_goes_on_where_it_stopped() {
    for code in [10012, 10013] {
        let renewed = Arc::new(AtomicBool::new(false));
        let server = CountingServer::start({
            let renewed = Arc::clone(&renewed);
            move |request| {
                if request.number <= 7 || renewed.load(Ordering::SeqCst) {
                    Reply::verdict(100)
                } else {
                    Reply::code(code)
                }
            }
        });
        let scene = Scene::new(&Applicant::many(40));
        scene.run(&server.endpoint()).finish().expect_code(75);
        let table = scene.output();
        assert_eq!((table.count("decision", "match"), table.count("decision", "pending")), (7, 33));
        assert!(server.calls() <= 7 + 8, "no more than what was in flight: {}", server.calls());

        renewed.store(true, Ordering::SeqCst);
        scene.run(&server.endpoint()).finish().expect_code(0);
        assert_eq!(scene.output().count("decision", "match"), 40);
        assert_eq!((server.billed(), server.billed_per_subject_max()), (40, 1));
    }
}

#[test]
fn a_run_never_makes_more_calls_than_its_cap_and_the_next_ones_go_on() {
    const ROWS: usize = 11;
    // A first attempt at ten rows is complete after them; any other cap ends the run before its time.
    for (option, code) in [("--limit", 1), ("--max-calls", 75), ("--daily-limit", 75), ("--max-cost", 75)] {
        for cap in [0, 1, 4, ROWS - 1, ROWS, ROWS + 1] {
            let server = CountingServer::start(|_| Reply::later(Duration::from_millis(3), 100));
            let scene = Scene::new(&Applicant::many(ROWS));
            // In fen; a little more than so many calls cost is not enough for one more.
            let value = if option == "--max-cost" { cost(cap * 35 + 34) } else { cap.to_string() };
            let run = || scene.run(&server.endpoint()).args(["--price", "0.35", option, &value]);
            let expected = if cap < ROWS { code } else { 0 };
            run().finish().expect_code(expected);
            assert_eq!(server.calls(), cap.min(ROWS), "{option} {value}");
            assert_eq!(scene.output().count("decision", "pending"), ROWS - cap.min(ROWS));
            if option != "--daily-limit" && cap > 0 {
                while server.calls() < ROWS {
                    let calls = server.calls();
                    run().finish();
                    assert_eq!(server.calls(), (calls + cap).min(ROWS), "{option} {value}");
                }
            }
            scene.run(&server.endpoint()).finish().expect_code(0);
            assert_eq!((server.billed(), server.billed_per_subject_max()), (ROWS, 1), "{option} {value}");
        }
    }
}

fn cost(fen: usize) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[test]
fn caps_hold_while_many_calls_fly_and_some_of_them_fail() {
    let server = CountingServer::start(|request| match request.number % 7 {
        3 => Reply::CloseAfterBody,
        5 => Reply::code(280_103),
        _ => Reply::later(Duration::from_millis(10), 100),
    });
    let scene = Scene::new(&Applicant::many(80));
    let run = |option: &str, value: &str| {
        scene.run(&server.endpoint()).args([option, value, "--price", "1", "--concurrency", "16"]).finish()
    };
    run("--max-calls", "20").expect_code(75);
    assert_eq!(server.calls(), 20);
    let billed = server.billed();
    run("--max-cost", "20").expect_code(75);
    assert_eq!(server.billed(), billed + 20, "doubts count as spent, refusals do not");
    let calls = server.calls();
    run("--daily-limit", &(calls + 5).to_string()).expect_code(75);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (calls + 5, 1));
}

#[test]
fn calls_of_a_run_that_was_killed_count_against_the_day() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::verdict(100),
        _ => Reply::Hang,
    });
    let scene = Scene::new(&Applicant::many(20));
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_in_flight(8);
    running.kill();
    let calls = server.calls();
    drop(server);
    let server = always_matches();
    scene.run(&server.endpoint()).args(["--daily-limit", "11"]).finish().expect_code(75);
    assert_eq!(calls + server.calls(), 11);
}

#[test]
fn nothing_starts_after_the_longest_duration() {
    let server = CountingServer::start(|_| Reply::later(Duration::from_millis(200), 100));
    let scene = Scene::new(&Applicant::many(200));
    let run = scene.run(&server.endpoint()).args(["--max-duration", "1s"]);
    run.finish().expect_code(75);
    let calls = server.calls();
    assert!(calls < 200, "{calls}");
    let table = scene.output();
    assert_eq!((table.count("decision", "match"), table.count("decision", "unresolved")), (calls, 0));
    scene.run(&server.endpoint()).args(["--concurrency", "64"]).finish().expect_code(0);
    assert_eq!((server.billed(), server.billed_per_subject_max()), (200, 1));
}

#[test]
fn calls_whose_fate_is_unknown_count_against_the_cap() {
    let server = CountingServer::start(|request| match request.number {
        2 | 4 => Reply::CloseAfterBody,
        _ => Reply::verdict(100),
    });
    let scene = Scene::new(&Applicant::many(20));
    scene.run(&server.endpoint()).args(["--max-calls", "6"]).finish().expect_code(75);
    assert_eq!(server.calls(), 6);
    assert_eq!(scene.output().count("decision", "unresolved"), 2);
}

#[test]
fn the_daily_limit_holds_across_runs_and_inputs_of_one_ledger() {
    let server = always_matches();
    let people = Applicant::many(20);
    let scene = Scene::new(&people[..10]);
    scene.write_input("second.csv", &people[10..]);
    scene.run(&server.endpoint()).args(["--daily-limit", "6"]).finish().expect_code(75);
    assert_eq!(server.calls(), 6);
    scene.run_input("second.csv", &server.endpoint()).args(["--daily-limit", "6"]).finish().expect_code(75);
    assert_eq!(server.calls(), 6);
    scene.run_input("second.csv", &server.endpoint()).args(["--daily-limit", "9"]).finish().expect_code(75);
    assert_eq!(server.calls(), 9);
}

#[test]
fn calls_in_flight_never_pass_the_concurrency() {
    let server = CountingServer::start(|_| Reply::later(Duration::from_millis(20), 100));
    let scene = Scene::new(&Applicant::many(40));
    scene.run(&server.endpoint()).args(["--concurrency", "3"]).finish().expect_code(0);
    assert!(server.peak_in_flight() <= 3, "{}", server.peak_in_flight());
}

#[test]
fn the_first_call_of_a_run_goes_alone() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::later(Duration::from_millis(300), 100),
        _ => Reply::verdict(100),
    });
    let scene = Scene::new(&Applicant::many(20));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let requests = server.requests();
    assert!(requests[1].at.duration_since(requests[0].at) >= Duration::from_millis(300));
}

#[test]
fn calls_in_any_second_never_pass_the_rate() {
    let server = always_matches();
    let scene = Scene::new(&Applicant::many(50));
    scene.run(&server.endpoint()).args(["--rate", "20/s"]).finish().expect_code(0);
    // What a busy machine delays on the way arrives closer together than it was sent.
    assert!(server.peak_in_any_second() <= 25, "{}", server.peak_in_any_second());
}
