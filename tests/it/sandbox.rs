//! The built-in imitation: the fixtures through it, and a ledger that keeps made-up answers apart.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, Scene, Table};
use crate::support::wire::Reply;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Runs a fixture through the sandbox, with the output and the ledger beside nothing of the fixtures'.
fn run_fixture(scene: &Scene, input: &str, output: &str) -> Finished {
    let run =
        scene.command("run").arg(fixture(input)).args(["--sandbox", "--progress", "json", "--rate", "500/s"]);
    run.arg("--output").arg(scene.path(output)).arg("--ledger").arg(scene.path("trial.db")).finish()
}

#[test]
fn the_fixtures_come_out_as_their_readme_says() {
    let scene = Scene::new(&[]);
    let finished = run_fixture(&scene, "applicants.csv", "out.csv").expect_code(1);
    let last: serde_json::Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["calls"], &last["billed"], &last["in_doubt"]), (&29.into(), &28.into(), &0.into()));
    assert_eq!(last["sandbox"], true);

    let table = Table::read(&scene.path("out.csv"));
    let counts = ["match", "mismatch", "inconclusive", "rejected", "unresolved", "pending"]
        .map(|decision| table.count("decision", decision));
    assert_eq!(counts, [12, 11, 7, 13, 0, 0]);
    for (row, res) in table.rows.iter().zip(100..=116) {
        assert_eq!(row["res"], res.to_string());
    }
    let readme = fs::read_to_string(fixture("README.md")).unwrap();
    for (row, number) in table.rows.iter().zip(2..) {
        let line = readme.lines().find(|line| line.starts_with(&format!("| {number} |"))).unwrap();
        let promised = line.split("rejected: ").nth(1).unwrap_or_default();
        assert_eq!(row["decision"] == "rejected", !promised.is_empty(), "row {number}");
        if let Some(code) = promised.strip_prefix('`').and_then(|rest| rest.split('`').next()) {
            assert!(row["detail"].contains(code), "row {number}: {}", row["detail"]);
        }
        if line.contains("repair: ") {
            assert!(row["detail"].contains("repaired: "), "row {number}: {}", row["detail"]);
        }
    }
    // What was repaired for sending stands in the output as it was written.
    let written = csv::Reader::from_path(fixture("applicants.csv")).unwrap().into_records();
    for (row, written) in table.rows.iter().zip(written) {
        let written = written.unwrap();
        assert_eq!(
            ["realname", "idcard", "mobile", "photo"].map(|name| &*row[name]),
            [0, 1, 2, 3].map(|at| &written[at])
        );
    }
}

#[test]
fn the_gb18030_twin_is_answered_from_the_same_facts_and_keeps_its_bytes() {
    let scene = Scene::new(&[]);
    run_fixture(&scene, "applicants.csv", "utf8.csv").expect_code(1);
    let finished = run_fixture(&scene, "applicants-gb18030.csv", "gb18030.csv").expect_code(1);
    let last: serde_json::Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    // 280105 is asked by three runs.
    assert_eq!(
        (&last["calls"], &last["billed"]),
        (&1.into(), &0.into()),
        "the same persons, not asked again"
    );

    let input = fs::read(fixture("applicants-gb18030.csv")).unwrap();
    let encoded = fs::read(scene.path("gb18030.csv")).unwrap();
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let whole = bytes.strip_suffix(b"\r\n").expect("the last line ends as all others");
        let text: Vec<usize> = (0..whole.len()).filter(|at| whole[*at..].starts_with(b"\r\n")).collect();
        let starts = std::iter::once(0).chain(text.iter().map(|at| at + 2));
        let ends = text.iter().copied().chain([whole.len()]);
        starts.zip(ends).map(|(start, end)| whole[start..end].to_vec()).collect()
    };
    let (input, output) = (lines(&input), lines(&encoded));
    assert_eq!(input.len(), output.len());
    for (row, (before, after)) in input.iter().zip(&output).enumerate() {
        assert!(after.starts_with(&[before, &b","[..]].concat()), "row {}", row + 1);
        assert!(!after.contains(&b'\n') && !after.contains(&b'\r'), "row {}", row + 1);
    }

    let (text, _, had_errors) = encoding_rs::GB18030.decode(&encoded);
    assert!(!had_errors);
    scene.write("decoded.csv", text.as_bytes());
    let (twin, first) = (Table::read(&scene.path("decoded.csv")), Table::read(&scene.path("utf8.csv")));
    for name in ["decision", "identity_check", "face_check", "mobile_check", "res", "resmsg", "carrier"] {
        assert_eq!(twin.column(name), first.column(name), "{name}");
    }
    let failed = twin.rows.iter().find(|row| row["decision"] == "rejected").unwrap();
    assert!(
        failed["reason"].starts_with("身份证号"),
        "the reason names the file's own column: {}",
        failed["reason"]
    );
}

#[test]
fn a_ledger_of_made_up_answers_and_one_of_real_ones_refuse_each_other() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(3));
    let sandbox = || {
        let run =
            scene.command("run").arg(scene.path("applicants.csv")).args(["--sandbox", "--progress", "none"]);
        run.arg("--ledger").arg(scene.path("reverify.db")).finish()
    };
    sandbox().expect_code(0);
    let output = scene.output_bytes();
    let finished = scene.run(&server.endpoint()).finish().expect_code(78);
    assert!(finished.stderr.contains("sandbox"), "{}", finished.stderr);
    assert_eq!((server.requests().len(), scene.intents()), (0, 3));
    assert_eq!(scene.output_bytes(), output);

    let scene = Scene::new(&Applicant::many(3));
    scene.run(&server.endpoint()).args(["--limit", "1"]).finish().expect_code(1);
    let run = scene.command("run").arg(scene.path("applicants.csv")).arg("--sandbox");
    let finished = run.arg("--ledger").arg(scene.path("reverify.db")).finish().expect_code(78);
    assert!(finished.stderr.contains("sandbox"), "{}", finished.stderr);
    assert_eq!((server.calls(), scene.intents()), (1, 1));
}

#[test]
fn answers_of_this_machine_are_not_mixed_with_answers_from_elsewhere() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(2));
    scene.run(&server.endpoint()).args(["--limit", "1"]).finish().expect_code(1);
    let elsewhere = scene.run("https://reverify.invalid/verifyface_mobile/query").finish().expect_code(78);
    assert!(elsewhere.stderr.contains("this machine"), "{}", elsewhere.stderr);
    assert_eq!((server.calls(), scene.intents()), (1, 1));
}

#[test]
fn the_sandbox_and_an_endpoint_are_not_both_meant() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(1));
    scene.run(&server.endpoint()).arg("--sandbox").finish().expect_code(78);
    assert_eq!(server.requests().len(), 0);
}
