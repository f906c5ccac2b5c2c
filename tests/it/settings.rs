//! Flags, environment and `reverify.toml`; and what programs read from a run.

use std::fs;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, KEY, Run, Scene};
use crate::support::wire::Reply;

fn matching_server() -> CountingServer {
    CountingServer::start(|_| Reply::verdict(100))
}

/// A run that gets everything but the input from file and environment.
fn bare(scene: &Scene) -> Run {
    scene.command("run").arg("applicants.csv")
}

#[test]
fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
    let server = matching_server();
    let scene = Scene::new(&Applicant::many(9));
    let file = format!(
        "endpoint = \"{}\"\nkey-file = \"api.key\"\nrate = \"500/s\"\nprogress = \"none\"\nlimit = 1\noutput = \"file.csv\"\nretry-inconclusive = true\ncolumn = [\"realname=realname\", \"mobile=mobile\"]\nlisten = \"127.0.0.1:0\"\n",
        server.endpoint()
    );
    scene.write("reverify.toml", &file);
    bare(&scene).finish().expect_code(1);
    assert_eq!(server.calls(), 1);
    bare(&scene).env("REVERIFY_LIMIT", "2").env("REVERIFY_OUTPUT", "environment.csv").finish().expect_code(1);
    assert_eq!(server.calls(), 3);
    let run = bare(&scene).env("REVERIFY_LIMIT", "2").env("REVERIFY_OUTPUT", "environment.csv");
    run.args(["--limit", "3", "-o", "flag.csv"]).finish().expect_code(1);
    assert_eq!(server.calls(), 6);
    for output in ["file.csv", "environment.csv", "flag.csv"] {
        assert!(scene.path(output).exists(), "{output}");
    }
    // A file of another name is used instead of this one, not beside it.
    scene.write("other.toml", file.replace("limit = 1\n", ""));
    bare(&scene).args(["--config", "other.toml"]).finish().expect_code(0);
    assert_eq!(server.calls(), 9);
}

#[test]
fn a_configuration_that_means_nothing_is_refused_without_a_call() {
    let server = matching_server();
    let scene = Scene::new(&Applicant::many(1));
    for (file, word) in [
        ("rates = \"10/s\"", "rates"),
        ("rate = \"10\"", "rate"),
        ("rate = true", "rate"),
        ("sandbox = 1", "sandbox"),
        ("max-cost = 5", "price"),
        ("[run]\nrate = \"1/s\"", "run"),
        ("rate = ", "line 1"),
        ("config = \"other.toml\"", "config"),
        ("since = 2999-01-01", "since"),
    ] {
        scene.write("reverify.toml", file);
        let finished = scene.run(&server.endpoint()).args(["--concurrency", "2"]);
        let given = if file.starts_with("rate = ") {
            bare(&scene).env("REVERIFY_ENDPOINT", &server.endpoint())
        } else {
            finished
        };
        let finished = given.finish().expect_code(78);
        assert!(finished.stderr.contains(word), "{file}: {}", finished.stderr);
    }
    fs::remove_file(scene.path("reverify.toml")).unwrap();
    scene.run(&server.endpoint()).args(["--config", "missing.toml"]).finish().expect_code(78);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_key_in_the_configuration_is_refused_and_not_repeated() {
    let server = matching_server();
    let scene = Scene::new(&Applicant::many(1));
    for file in [
        "key = \"{}\"",
        "juhe_key = \"{}\"",
        "juhe-key = \"{}\"",
        "api-key = \"{}\"",
        "key-file = \"api.key\"\nkey=\"{}",
        "{}",
    ] {
        scene.write("reverify.toml", file.replace("{}", KEY));
        let finished = scene.run(&server.endpoint()).finish().expect_code(78);
        assert!(
            !finished.stderr.contains(KEY) && !finished.stdout.contains(KEY),
            "{file}: {}",
            finished.stderr
        );
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_key_comes_from_a_file_the_environment_or_a_services_credentials() {
    let server = matching_server();
    let scene = Scene::new(&Applicant::many(4));
    scene.write("juhe_key", "credential\n");
    let folder = scene.path("");
    let run = || {
        let run = bare(&scene).args(["--limit", "1", "--rate", "500/s", "--endpoint", &server.endpoint()]);
        run.env("CREDENTIALS_DIRECTORY", folder.to_str().unwrap())
    };
    run().finish().expect_code(1);
    run().env("JUHE_KEY", "environment").finish().expect_code(1);
    run().env("JUHE_KEY", "environment").args(["--key-file", "api.key"]).finish().expect_code(1);
    run().env("JUHE_KEY", "").finish().expect_code(0);
    let requests = server.requests();
    let keys: Vec<&str> = requests.iter().map(|request| request.field("key")).collect();
    assert_eq!(keys, ["credential", "environment", KEY, "credential"]);
}

#[test]
fn every_line_of_json_progress_is_json_from_start_to_finished() {
    let server = CountingServer::start(|request| match request.number {
        2 => Reply::CloseAfterBody,
        // Long enough for a line in between.
        5 => Reply::later(std::time::Duration::from_millis(1200), 101),
        _ => Reply::verdict(100),
    });
    let mut people = Applicant::many(8);
    people[6].mobile = "123".to_owned();
    let scene = Scene::new(&people);
    let finished =
        scene.run(&server.endpoint()).args(["--progress", "json", "--price", "0.5"]).finish().expect_code(1);
    let lines: Vec<serde_json::Value> =
        finished.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((events[0], events[events.len() - 1]), ("start", "finished"));
    assert!(
        events.len() > 2 && events[1..events.len() - 1].iter().all(|event| *event == "progress"),
        "{events:?}"
    );
    let (start, last) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!((&start["rows"], &start["due"], &start["rejected"]), (&8.into(), &7.into(), &1.into()));
    assert_eq!((&start["most_calls"], &start["most_cost"]), (&7.into(), &"3.50".into()));
    assert_eq!(
        (&last["exit_code"], &last["calls"], &last["billed"], &last["in_doubt"]),
        (&1.into(), &7.into(), &6.into(), &1.into())
    );
    assert_eq!((&last["cost"], &last["decisions"]["unresolved"]), (&"3.00".into(), &1.into()));
}

#[test]
fn a_run_that_stops_early_says_so_in_json_too() {
    let server = CountingServer::start(|_| Reply::code(10012));
    let scene = Scene::new(&Applicant::many(3));
    let finished = scene.run(&server.endpoint()).args(["--progress", "json"]).finish().expect_code(75);
    let last: serde_json::Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"finished".into(), &75.into()));
    assert!(last["stopped"].as_str().unwrap().contains("10012"), "{last}");
}

#[test]
fn plain_and_silent_progress_keep_standard_output_for_the_summary() {
    for how in ["plain", "none", "auto"] {
        let server = matching_server();
        let scene = Scene::new(&Applicant::many(3));
        let finished = scene.run(&server.endpoint()).args(["--progress", how]).finish().expect_code(0);
        assert!(
            finished.stdout.contains("3 rows") && finished.stdout.contains("Nothing is left to do"),
            "{how}"
        );
        assert!(
            finished.stderr.contains("3 due") && !finished.stderr.contains('\u{1b}'),
            "{how}: {}",
            finished.stderr
        );
    }
}

#[test]
fn what_the_api_writes_does_not_steer_the_terminal_or_a_spreadsheet() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::json(
            r#"{"reason":"=1+1","result":{"orderid":"+JH1","res":100,"resmsg":"@x\r\ny","type":"\t-"},"error_code":0}"#,
        ),
        _ => Reply::json(r#"{"reason":"\u001b[31m","result":null,"error_code":"\u001b]0;x\u0007299999"}"#),
    });
    let scene = Scene::new(&Applicant::many(6));
    let finished = scene.run(&server.endpoint()).finish().expect_code(69);
    for (place, text) in [("stdout", &finished.stdout), ("stderr", &finished.stderr)] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{place}: {text:?}");
    }
    let table = scene.output();
    for row in &table.rows {
        for name in ["reason", "orderid", "resmsg", "carrier", "error_code"] {
            assert!(!row[name].starts_with(['=', '+', '-', '@', '\t']), "{name}: {:?}", row[name]);
            assert!(!row[name].contains(char::is_control), "{name}: {:?}", row[name]);
        }
    }
}
