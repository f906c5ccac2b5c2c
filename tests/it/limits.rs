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
fn a_run_never_makes_more_calls_than_its_cap() {
    for arguments in [&["--max-calls", "5"][..], &["--limit", "5"], &["--price", "0.5", "--max-cost", "2.7"]]
    {
        let server = CountingServer::start(|_| Reply::later(Duration::from_millis(5), 100));
        let scene = Scene::new(&Applicant::many(23));
        for calls in [5, 10, 15, 20] {
            let finished = scene.run(&server.endpoint()).args(arguments).finish();
            assert!(!matches!(finished.code, None | Some(0)), "{arguments:?}: {finished:?}");
            assert_eq!(server.calls(), calls, "{arguments:?}");
        }
        scene.run(&server.endpoint()).args(arguments).finish().expect_code(0);
        assert_eq!((server.billed(), server.billed_per_subject_max()), (23, 1), "{arguments:?}");
    }
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
