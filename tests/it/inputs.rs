//! What cannot be worked with is refused before any call, with the exit code that scripts rely on.

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene};
use crate::support::wire::Reply;

fn server() -> CountingServer {
    CountingServer::start(|_| Reply::verdict(100))
}

#[test]
fn an_input_that_cannot_be_read_is_refused_without_a_call() {
    let server = server();
    let scene = Scene::new(&Applicant::many(2));
    scene.write("empty.csv", "");
    scene.write("columns.csv", "who,what\na,b\n");
    scene.write("binary.csv", [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0xff, 0xfe]);
    scene.write("half.csv", "realname,idcard,mobile,photo\n测".as_bytes().split_last().unwrap().1);
    std::fs::create_dir(scene.path("folder.csv")).unwrap();
    for name in ["empty.csv", "columns.csv", "binary.csv", "half.csv", "folder.csv", "missing.csv"] {
        let finished = scene.run_input(name, &server.endpoint()).finish().expect_code(65);
        assert!(finished.stderr.contains(name), "{}", finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_output_that_is_the_input_is_refused_and_the_input_stays() {
    let server = server();
    let scene = Scene::new(&Applicant::many(2));
    let input = scene.path("applicants.csv");
    let before = std::fs::read(&input).unwrap();
    let finished = scene.run(&server.endpoint()).arg("--output").arg(&input).finish();
    assert!(!matches!(finished.code, None | Some(0 | 1)), "{finished:?}");
    assert_eq!(std::fs::read(&input).unwrap(), before);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_input_that_has_one_of_the_appended_columns_is_told_the_remedy() {
    let server = server();
    let scene = Scene::new(&Applicant::many(1));
    let text = std::fs::read_to_string(scene.path("applicants.csv")).unwrap();
    scene.write("applicants.csv", text.replacen("serial,", "decision,", 1));
    let finished = scene.run(&server.endpoint()).finish();
    assert!(!matches!(finished.code, None | Some(0 | 1)), "{finished:?}");
    assert!(finished.stderr.contains("--prefix"), "{}", finished.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_without_a_call() {
    let server = server();
    let scene = Scene::new(&Applicant::many(1));
    let output = scene.path("no/such/folder/out.csv");
    scene.run(&server.endpoint()).arg("--output").arg(output).finish().expect_code(73);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_ledger_that_is_no_ledger_is_refused_without_a_call() {
    let server = server();
    let scene = Scene::new(&Applicant::many(1));
    scene.write("reverify.db", "this is a letter to a friend, and no database at all\n".repeat(100));
    scene.run(&server.endpoint()).finish().expect_code(74);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_run_without_a_key_says_how_to_give_one() {
    let server = server();
    let scene = Scene::new(&Applicant::many(1));
    let missing = scene.path("missing.key");
    let finished = scene.run(&server.endpoint()).arg("--key-file").arg(missing).finish();
    assert!(matches!(finished.code, Some(2 | 77 | 78)), "{finished:?}");
    assert!(finished.stderr.contains("missing.key"), "{}", finished.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_built_in_sandbox_needs_no_key_and_says_that_it_was_one() {
    let scene = Scene::new(&Applicant::with_endings(&["100", "101", "104", "105", "910"]));
    let run = scene.command("run").arg(scene.path("applicants.csv")).args(["--sandbox", "--ledger"]);
    let finished = run.arg(scene.path("trial.db")).finish();
    let decisions = ["match", "mismatch", "inconclusive", "mismatch", "inconclusive"];
    assert_eq!(scene.output().column("decision"), decisions);
    let said = format!("{}{}", finished.stdout, finished.stderr).to_lowercase();
    assert!(said.contains("sandbox"), "{said}");
}
