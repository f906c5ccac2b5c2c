//! A disk that is full, or gone: the old output stays, nothing is sent without its intent, and the next
//! run is right.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene, Table};
use crate::support::wire::Reply;

/// A server that answers the first `free` calls, and holds all others until the gate is opened.
fn gated(free: usize) -> (CountingServer, Arc<AtomicBool>) {
    let gate = Arc::new(AtomicBool::new(false));
    let opened = Arc::clone(&gate);
    let server = CountingServer::start(move |request| {
        let verdict = Reply::verdict(100);
        if request.number > free { Reply::Held(Arc::clone(&opened), Box::new(verdict)) } else { verdict }
    });
    (server, gate)
}

/// Adds a column so long that the output is larger than everything else that a run writes.
fn write_long_input(scene: &Scene, people: &[Applicant], letter: &str) {
    let mut text = String::from("realname,idcard,mobile,photo,note\n");
    for of in people {
        let note = letter.repeat(900_000);
        writeln!(text, "{},{},{},{},{note}", of.realname, of.idcard, of.mobile, of.photo).unwrap();
    }
    scene.write("applicants.csv", text);
}

fn parts(scene: &Scene) -> usize {
    scene.files().iter().filter(|(name, _)| Path::new(name).extension() == Some("part".as_ref())).count()
}

#[test]
fn an_output_that_does_not_fit_leaves_the_old_one_and_all_answers_in_the_ledger() {
    let (server, gate) = gated(4);
    let people = Applicant::many(8);
    let scene = Scene::new(&[]);
    write_long_input(&scene, &people[..4], "a");
    scene.run(&server.endpoint()).finish().expect_code(0);
    let old = scene.output_bytes();

    write_long_input(&scene, &people, "b");
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_calls(5);
    running.limit_file_size(3 << 20);
    gate.store(true, Ordering::SeqCst);
    let finished = running.wait().expect_code(73);
    assert!(finished.stderr.contains("reverify render"), "{}", finished.stderr);
    assert_eq!(scene.output_bytes(), old);
    assert_eq!(parts(&scene), 0, "no half of an output is left behind");

    scene.render("applicants.csv").finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), 8);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (8, 1));
}

#[test]
fn a_rendering_that_does_not_fit_leaves_the_old_output() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&[]);
    write_long_input(&scene, &Applicant::many(2), "a");
    scene.run(&server.endpoint()).finish().expect_code(0);
    let old = scene.output_bytes();
    let limited = Command::new("bash")
        .args(["-c", r#"ulimit -f 512; exec "$0" "$@""#, env!("CARGO_BIN_EXE_reverify"), "render"])
        .arg(scene.path("applicants.csv"))
        .arg("--ledger")
        .arg(scene.path("reverify.db"))
        .output()
        .unwrap();
    assert_eq!(limited.status.code(), Some(73), "{limited:?}");
    assert_eq!((scene.output_bytes(), parts(&scene)), (old, 0));
}

#[test]
fn an_output_folder_that_vanishes_costs_nothing_but_another_rendering() {
    let (server, gate) = gated(0);
    let scene = Scene::new(&Applicant::many(6));
    fs::create_dir(scene.path("out")).unwrap();
    let output = scene.path("out/done.csv");
    let running = scene.run(&server.endpoint()).arg("--output").arg(&output).start();
    server.wait_for_calls(1);
    fs::remove_dir_all(scene.path("out")).unwrap();
    gate.store(true, Ordering::SeqCst);
    let finished = running.wait().expect_code(73);
    assert!(finished.stderr.contains("done.csv"), "{}", finished.stderr);
    fs::create_dir(scene.path("out")).unwrap();
    scene.run(&server.endpoint()).arg("--output").arg(&output).finish().expect_code(0);
    assert_eq!(Table::read(&output).count("decision", "match"), 6);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (6, 1));
}

#[test]
fn a_ledger_that_cannot_grow_ends_the_run_and_loses_no_call() {
    for free in [0, 1, 5, 12] {
        let (server, gate) = gated(free);
        let scene = Scene::new(&Applicant::many(30));
        let running = scene.run(&server.endpoint()).start();
        server.wait_for_calls(free + 1);
        // What is written from now on fails, the answers to the calls in flight first.
        running.limit_file_size(4096);
        gate.store(true, Ordering::SeqCst);
        let finished = running.wait().expect_code(74);
        assert!(finished.stderr.contains("reverify.db"), "{}", finished.stderr);
        assert_eq!(scene.output_bytes(), None);
        let calls = server.calls();
        assert!(calls <= free + 8, "nothing is started once the ledger fails: {calls}");
        assert!(calls <= scene.intents(), "{calls} calls, {} intents", scene.intents());

        // The answers to the calls in flight are in the reserve, as far as its first 4,096 bytes hold them.
        let finished = scene.run(&server.endpoint()).finish();
        assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
        let table = scene.output();
        let (settled, in_doubt) = (table.count("decision", "match"), table.count("decision", "unresolved"));
        assert_eq!(settled + in_doubt, 30);
        assert!(in_doubt <= 8, "{in_doubt}");
        if free == 0 {
            assert_eq!((in_doubt, server.calls()), (0, 30), "the canary's answer was kept");
        }
        assert_eq!(server.billed_per_subject_max(), 1);
        scene.run(&server.endpoint()).args(["--in-doubt", "resend"]).finish().expect_code(0);
        assert!(server.billed() <= 30 + in_doubt && server.billed_per_subject_max() <= 2);
        assert_eq!(scene.output().count("decision", "match"), 30);
    }
}

#[test]
fn a_ledger_that_cannot_be_made_is_refused_without_a_call() {
    let (server, _) = gated(9);
    let scene = Scene::new(&Applicant::many(3));
    let ledger = scene.path("no/such/folder/reverify.db");
    scene.run(&server.endpoint()).arg("--ledger").arg(ledger).finish().expect_code(74);
    scene.run(&server.endpoint()).arg("--ledger").arg(scene.path("")).finish().expect_code(74);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_input_that_grows_during_the_run_is_not_paid_for_twice() {
    let (server, gate) = gated(0);
    let people = Applicant::many(9);
    let scene = Scene::new(&people[..6]);
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_calls(1);
    scene.write_input("applicants.csv", &people);
    gate.store(true, Ordering::SeqCst);
    let finished = running.wait();
    assert!(!matches!(finished.code, None | Some(0 | 101)), "{finished:?}");
    assert!(finished.stderr.contains("changed") || finished.stdout.contains("changed"), "{finished:?}");
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), 9);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (9, 1));
}
