//! A run that is cut short, and the runs that follow it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::Signal;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene, Table, photo};
use crate::support::wire::Reply;

const CONCURRENCY: usize = 4;

/// A small generator, so that a run of the test can be told from another by its seed alone.
fn next_random(state: &AtomicU64) -> u64 {
    let next = state.load(Ordering::Relaxed).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    state.store(next, Ordering::Relaxed);
    next >> 33
}

#[test]
fn twenty_kills_pay_for_nothing_twice_and_lose_no_row() {
    const KILLS: usize = 20;
    const ROWS: usize = 300;
    let server = CountingServer::start(|request| {
        Reply::later(Duration::from_millis(3 * (request.number as u64 % 5)), 100)
    });
    let scene = Scene::new(&Applicant::many(ROWS));
    let run = || scene.run(&server.endpoint()).args(["--concurrency", &CONCURRENCY.to_string()]);
    let seed = AtomicU64::new(20_261_123);

    for kill in 1..=KILLS {
        let calls = server.calls() + 1 + usize::try_from(next_random(&seed) % 8).unwrap();
        let running = run().start();
        // Now and then while it still opens its files, else in the midst of its calls.
        if kill % 5 != 0 {
            server.wait_for_calls(calls);
        }
        running.kill();
        assert_eq!(server.billed_per_subject_max(), 1, "after kill {kill}");
        if let Some(bytes) = scene.output_bytes() {
            assert!(bytes.ends_with(b"\n"), "an output is whole or not there");
            assert_eq!(scene.output().rows.len(), ROWS);
        }
    }

    let finished = run().finish();
    assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
    let table = scene.output();
    let (settled, in_doubt) = (table.count("decision", "match"), table.count("decision", "unresolved"));
    assert_eq!(settled + in_doubt, ROWS);
    assert!(in_doubt <= KILLS * CONCURRENCY, "{in_doubt} in doubt");
    assert_eq!(server.billed_per_subject_max(), 1);
    spend_is_within_what_the_ledger_believes(&table, server.billed());

    run().args(["--in-doubt", "resend"]).finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), ROWS);
    assert!(server.billed() <= ROWS + in_doubt && server.billed_per_subject_max() <= 2);
    assert!(server.calls() <= ROWS + in_doubt);

    let calls = server.calls();
    run().args(["--in-doubt", "resend"]).finish().expect_code(0);
    assert_eq!(server.calls(), calls, "a settled row is never asked again");
}

/// Billed for certain <= true spend <= billed for certain + in doubt.
fn spend_is_within_what_the_ledger_believes(table: &Table, spend: usize) {
    let (certain, unknown) = (table.count("billed", "yes"), table.count("billed", "unknown"));
    assert!(certain <= spend && spend <= certain + unknown, "{certain} <= {spend} <= {certain} + {unknown}");
}

#[test]
fn a_settled_row_is_not_asked_again_when_the_input_changes_around_it() {
    let server = CountingServer::start(|_| Reply::verdict(101));
    let people = Applicant::many(12);
    let scene = Scene::new(&people[..10]);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(server.calls(), 10);

    let mut changed: Vec<Applicant> = people.iter().rev().cloned().collect();
    changed.push(people[0].clone());
    changed.push(people[11].clone());
    scene.write("renamed.jpg", photo());
    changed[3].photo = "renamed.jpg".to_owned();
    scene.write_input("changed.csv", &changed);
    scene.run_input("changed.csv", &server.endpoint()).finish().expect_code(0);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (12, 1));
    let table = Table::read(&scene.path("changed.verified.csv"));
    assert_eq!(table.count("decision", "mismatch"), changed.len());
}

#[test]
fn another_photo_of_the_same_person_is_another_question() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(1));
    scene.run(&server.endpoint()).finish().expect_code(0);
    // The same picture with a comment in it is another file.
    let mut commented = photo().to_vec();
    commented.splice(2..2, *b"\xff\xfe\x00\x06note");
    scene.write("photo.jpg", commented);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(server.calls(), 2);
}

#[test]
fn rendering_again_gives_the_same_bytes_and_makes_no_call() {
    let server = CountingServer::start(|_| Reply::verdict(104));
    let scene = Scene::new(&Applicant::many(10));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let first = scene.output_bytes();
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(scene.output_bytes(), first);
    std::fs::remove_file(scene.path("applicants.verified.csv")).unwrap();
    let ledger = scene.path("reverify.db");
    scene
        .command("render")
        .arg(scene.path("applicants.csv"))
        .arg("--ledger")
        .arg(ledger)
        .finish()
        .expect_code(0);
    assert_eq!(scene.output_bytes(), first);
    assert_eq!(server.calls(), 10);
}

#[test]
fn a_second_run_on_the_same_ledger_is_refused_and_names_the_first() {
    let server = CountingServer::start(|_| Reply::Hang);
    let scene = Scene::new(&Applicant::many(3));
    let first = scene.run(&server.endpoint()).start();
    server.wait_for_calls(1);
    let second = scene.run(&server.endpoint()).finish().expect_code(74);
    assert!(second.stderr.contains(&first.id().to_string()), "{}", second.stderr);
    assert_eq!(server.calls(), 1);
    first.kill();
}

#[test]
fn a_signal_finishes_what_is_in_flight_and_writes_the_output() {
    for signal in [Signal::TERM, Signal::INT] {
        let server = CountingServer::start(|_| Reply::later(Duration::from_millis(400), 100));
        let scene = Scene::new(&Applicant::many(60));
        let running = scene.run(&server.endpoint()).start();
        server.wait_for_calls(2);
        server.wait_for_in_flight(1);
        running.signal(signal);
        running.wait().expect_code(75);
        let table = scene.output();
        let settled = table.count("decision", "match");
        assert_eq!((settled, table.count("decision", "unresolved")), (server.calls(), 0));
        assert_eq!(table.count("decision", "pending"), 60 - settled);

        scene.run(&server.endpoint()).args(["--concurrency", "64"]).finish().expect_code(0);
        assert_eq!((server.billed(), server.billed_per_subject_max()), (60, 1));
    }
}

#[test]
fn a_signal_ends_a_wait_at_once() {
    // Neither a probe in a minute nor a wait of five is sat out.
    for reply in [Reply::code(10020), Reply::retry_after(503, 300)] {
        let server = CountingServer::start(move |_| reply.clone());
        let scene = Scene::new(&Applicant::many(3));
        let hours_away = (jiff::Timestamp::now().as_second() / 3600 + 8 + 12) % 24;
        let running =
            scene.run(&server.endpoint()).args(["--stop-at", &format!("{hours_away:02}:00")]).start();
        server.wait_for_calls(1);
        running.signal(Signal::TERM);
        running.wait().expect_code(75);
        assert_eq!((server.calls(), scene.output().count("decision", "pending")), (1, 3));
    }
}

#[test]
fn a_second_signal_leaves_at_once_with_the_intents_kept() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::verdict(100),
        _ => Reply::Hang,
    });
    let scene = Scene::new(&Applicant::many(20));
    let running = scene.run(&server.endpoint()).args(["--timeout", "60s"]).start();
    server.wait_for_in_flight(8);
    running.signal(Signal::TERM);
    running.signal(Signal::INT);
    assert_ne!(running.wait().code, Some(0));
    let calls = server.calls();
    drop(server);

    let server = CountingServer::start(|_| Reply::verdict(100));
    let finished = scene.run(&server.endpoint()).finish().expect_code(1);
    let named = format!("{} calls have no answer, because an earlier run broke off", calls - 1);
    assert!(finished.stderr.contains(&named), "{}", finished.stderr);
    let table = scene.output();
    assert_eq!(table.count("decision", "unresolved"), calls - 1);
    assert_eq!(server.calls(), 20 - calls);
}

#[test]
fn a_ledger_without_its_key_is_refused_without_a_call() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(3));
    scene.run(&server.endpoint()).finish().expect_code(0);
    std::fs::remove_file(scene.path("reverify.db.key")).unwrap();
    scene.run(&server.endpoint()).finish().expect_code(74);
    assert_eq!(server.calls(), 3);
}
