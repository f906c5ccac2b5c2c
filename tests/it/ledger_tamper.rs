//! A ledger that was damaged, rolled back or half-copied: refused, with nothing sent, and a way to go on.

use std::fs;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, Scene};
use crate::support::wire::Reply;

const FILES: [&str; 5] =
    ["reverify.db", "reverify.db-wal", "reverify.db.anchor", "reverify.db.key", "reverify.db.reserve"];

/// A run of these many rows, killed while calls are in flight, so that nothing has been tidied away.
fn killed(server: &CountingServer, rows: usize, after: usize) -> Scene {
    let scene = Scene::new(&Applicant::many(rows));
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_calls(after);
    running.kill();
    scene
}

fn save(scene: &Scene) -> Vec<(&'static str, Option<Vec<u8>>)> {
    FILES.iter().map(|file| (*file, fs::read(scene.path(file)).ok())).collect()
}

fn put_back(scene: &Scene, files: &[(&str, Option<Vec<u8>>)]) {
    for (file, bytes) in files {
        match bytes {
            Some(bytes) => fs::write(scene.path(file), bytes).unwrap(),
            None => drop(fs::remove_file(scene.path(file))),
        }
    }
}

/// Runs, and checks that it is refused without a single connection.
#[track_caller]
fn refused(scene: &Scene, server: &CountingServer) -> Finished {
    let before = server.requests().len();
    let finished = scene.run(&server.endpoint()).finish().expect_code(74);
    assert_eq!(server.requests().len(), before, "{finished:?}");
    scene.render("applicants.csv").finish().expect_code(74);
    finished
}

#[test]
fn a_ledger_whose_wal_is_gone_or_flipped_is_refused_and_the_newest_copy_is_welcome() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = killed(&server, 200, 40);
    let newest = save(&scene);
    let wal = newest[1].1.clone().expect("a killed run leaves its log");
    assert!(wal.len() > 4096, "{}", wal.len());

    fs::remove_file(scene.path(FILES[1])).unwrap();
    let finished = refused(&scene, &server);
    assert!(finished.stderr.contains("--accept-rollback"), "{}", finished.stderr);
    for at in [0, 40, wal.len() / 4, wal.len() / 2] {
        put_back(&scene, &newest);
        let mut flipped = wal.clone();
        flipped[at] ^= 1;
        fs::write(scene.path(FILES[1]), flipped).unwrap();
        refused(&scene, &server);
    }
    put_back(&scene, &newest);
    let finished = scene.run(&server.endpoint()).finish();
    assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
    assert_eq!(server.billed_per_subject_max(), 1);
}

#[test]
fn last_weeks_backup_is_refused_until_it_is_accepted_and_then_holds_who_has_no_answer() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(12));
    scene.run(&server.endpoint()).args(["--limit", "4"]).finish();
    let backup = fs::read(scene.path("reverify.db")).unwrap();
    scene.run(&server.endpoint()).args(["--limit", "4"]).finish();
    assert_eq!(server.calls(), 8);
    fs::write(scene.path("reverify.db"), backup).unwrap();
    refused(&scene, &server);
    let audit = scene.command("audit").args(["--ledger", "reverify.db", "--json"]).finish().expect_code(74);
    let shown: serde_json::Value = serde_json::from_str(&audit.stdout).unwrap();
    assert_eq!((&shown["sound"], &shown["faults"][0]["code"]), (&false.into(), &"behind-anchor".into()));

    let resolve =
        |arguments: &[&str]| scene.command("resolve").args(["--ledger", "reverify.db"]).args(arguments);
    resolve(&["--accept-rollback"]).finish().expect_code(2);
    resolve(&["--accept-rollback", "--reason", "the disk died"]).finish().expect_code(1);
    scene.command("audit").args(["--ledger", "reverify.db"]).finish().expect_code(0);
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(server.calls(), 8, "whoever has no answer is held");
    let table = scene.output();
    assert_eq!((table.count("decision", "match"), table.count("decision", "unresolved")), (4, 8));
    assert_eq!(table.count("billed", "unknown"), 8);
    assert!(table.column("detail")[11].contains("set back"), "{}", table.column("detail")[11]);

    // One after the other, with permission; then all of them, with a word about all.
    scene.run(&server.endpoint()).args(["--in-doubt", "resend", "--limit", "3"]).finish();
    assert_eq!((server.calls(), server.billed_per_subject_max()), (11, 2));
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(server.calls(), 11);
    resolve(&["--lost", "--unbilled", "--reason", "Juhe's bill has none of them"]).finish().expect_code(0);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), 12);
}

#[test]
fn half_of_a_ledger_is_refused_without_a_call() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = killed(&server, 100, 20);
    let whole = save(&scene);
    for missing in [&[0][..], &[1], &[2], &[3], &[0, 1], &[0, 3], &[1, 2], &[2, 3], &[0, 1, 3]] {
        put_back(&scene, &whole);
        for file in missing {
            fs::remove_file(scene.path(FILES[*file])).unwrap();
        }
        refused(&scene, &server);
    }
    // The room for answers holds none: its loss is none.
    put_back(&scene, &whole);
    let _ = fs::remove_file(scene.path(FILES[4]));
    let finished = scene.run(&server.endpoint()).finish();
    assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
    assert_eq!(server.billed_per_subject_max(), 1);
}

#[test]
fn the_ledger_of_another_list_is_refused_with_this_ones_anchor_or_key() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let (scene, other) = (Scene::new(&Applicant::many(4)), Scene::new(&Applicant::many(3)));
    scene.run(&server.endpoint()).finish().expect_code(0);
    other.run(&server.endpoint()).finish().expect_code(0);
    let whole = save(&scene);
    for file in ["reverify.db", "reverify.db.key", "reverify.db.anchor"] {
        put_back(&scene, &whole);
        fs::copy(other.path(file), scene.path(file)).unwrap();
        refused(&scene, &server);
    }
    put_back(&scene, &whole);
    scene.run(&server.endpoint()).finish().expect_code(0);
}
