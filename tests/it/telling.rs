//! What is told of a run besides its output: status, metrics, the service manager, a command at its end.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, KEY, Run, Scene};
use crate::support::wire::Reply;

const PATIENCE: Duration = Duration::from_secs(60);

/// Holds the server's answers back until the test has seen what it came for.
#[derive(Clone, Default)]
struct Door(Arc<AtomicBool>);

impl Door {
    fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A server that answers the first call at once, and the others when the door opens.
fn server_behind(door: &Door) -> CountingServer {
    let Door(is_open) = door.clone();
    CountingServer::start(move |request| match request.number {
        1 => Reply::verdict(100),
        _ => Reply::Held(Arc::clone(&is_open), Box::new(Reply::verdict(100))),
    })
}

/// A run that waits for as long as the test may take.
fn patient(run: Run) -> Run {
    run.args(["--timeout", "10m"])
}

fn status(scene: &Scene) -> Run {
    scene.command("status").arg("--ledger").arg(scene.path("reverify.db"))
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Reads the lines of a metrics file as the collector does: name with labels, and value.
fn metrics(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let (mut helped, mut typed) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            help.split_once(' ').expect("a help text").0.clone_into(&mut helped);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert!(["gauge", "counter"].contains(&kind), "{line}");
            assert_eq!(name, helped, "the help stands before the type");
            name.clone_into(&mut typed);
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            let bare = name.split('{').next().unwrap();
            assert_eq!(bare, typed, "the type stands before the value");
            assert!(
                bare.starts_with("reverify_")
                    && bare.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
            let earlier = found.insert(name.to_owned(), value.parse().expect("a number"));
            assert!(earlier.is_none(), "{name} twice");
        }
    }
    assert!(text.ends_with('\n'));
    found
}

#[test]
fn a_run_that_is_on_is_told_of_without_its_lock_being_broken() {
    let door = Door::default();
    let server = server_behind(&door);
    let scene = Scene::new(&Applicant::many(9));
    let running = patient(scene.run(&server.endpoint())).start();
    server.wait_for_in_flight(8);

    let told = status(&scene).finish().expect_code(0);
    assert!(told.stdout.contains("a run is on"), "{}", told.stdout);
    assert!(told.stdout.contains(&running.id().to_string()), "{}", told.stdout);
    // It is told once a second.
    let told = || json_of(&status(&scene).arg("--json").finish().expect_code(0).stdout);
    while told()["run"]["in_flight"] != 8 {
        assert_eq!(told()["run_on"], true);
    }
    assert_eq!(told()["run"]["due"], 9);

    // One who watches sees it on, and is let go when it is over.
    let mut watcher = Command::new(env!("CARGO_BIN_EXE_reverify"))
        .args(["status", "--watch", "--json", "--interval", "20ms", "--ledger"])
        .arg(scene.path("reverify.db"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines =
        BufReader::new(watcher.stdout.take().unwrap()).lines().map(|line| json_of(&line.unwrap()));
    assert_eq!(lines.next().unwrap()["run_on"], true);
    door.open();
    running.wait().expect_code(0);
    let last = lines.last().unwrap();
    assert_eq!(last["run_on"], false);
    assert!(watcher.wait().unwrap().success());
    assert_eq!(server.calls(), 9);

    let told = status(&scene).finish().expect_code(0);
    assert!(told.stdout.contains("ended at") && told.stdout.contains("exit code 0"), "{}", told.stdout);
    let told = json_of(&status(&scene).arg("--json").finish().expect_code(0).stdout);
    assert_eq!(told["last_run"]["broke_off"], false);
    assert_eq!(told["last_run"]["status"]["this_run"]["billed"], 9);
    assert_eq!(told["in_all"]["billed"], 9);
    let mode = fs::metadata(scene.path("reverify.db.status")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_run_tells_what_earlier_ones_spent_beside_its_own() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(5));
    let run = || scene.run(&server.endpoint()).args(["--metrics-file", "r.prom"]);
    run().args(["--max-calls", "3"]).finish().expect_code(75);
    run().finish().expect_code(0);
    let told = json_of(&status(&scene).arg("--json").finish().expect_code(0).stdout);
    let last = &told["last_run"]["status"];
    assert_eq!((&last["this_run"]["billed"], &last["in_all"]["billed"]), (&2.into(), &5.into()), "{last}");
    let metrics = metrics(&fs::read_to_string(scene.path("r.prom")).unwrap());
    assert_eq!((metrics["reverify_run_calls"], metrics["reverify_calls_total"]), (2.0, 5.0));
}

#[test]
fn a_run_that_was_killed_is_not_told_of_as_if_it_were_on() {
    let door = Door::default();
    let server = server_behind(&door);
    let scene = Scene::new(&Applicant::many(9));
    let running = patient(scene.run(&server.endpoint())).start();
    server.wait_for_in_flight(8);
    running.kill();
    let told = status(&scene).finish().expect_code(0);
    assert!(told.stdout.contains("broke off at") && !told.stdout.contains("a run is on"), "{}", told.stdout);
    let told = json_of(&status(&scene).arg("--json").finish().expect_code(0).stdout);
    assert_eq!((&told["run_on"], &told["last_run"]["broke_off"]), (&false.into(), &true.into()));
    door.open();
}

#[test]
fn a_ledger_that_something_else_holds_is_refused_as_before() {
    let scene = Scene::new(&Applicant::many(1));
    let server = CountingServer::start(|_| Reply::verdict(100));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let lock = fs::OpenOptions::new().write(true).open(scene.path("reverify.db.lock")).unwrap();
    lock.lock().unwrap();
    fs::write(scene.path("reverify.db.lock"), "1").unwrap();
    let refused = status(&scene).finish().expect_code(74);
    assert!(refused.stderr.contains("process 1"), "{}", refused.stderr);
}

#[test]
fn metrics_agree_with_the_summary_and_outlive_a_failure() {
    let server = CountingServer::start(|request| match request.number {
        2 => Reply::code(280_103),
        3 => Reply::Html(502),
        _ => Reply::verdict(if request.mobile_ends("101") { 101 } else { 100 }),
    });
    let scene = Scene::new(&Applicant::with_endings(&["100", "100", "100", "101", "100"]));
    let run = || scene.run(&server.endpoint()).args(["--metrics-file", "r.prom", "--price", "0.50"]);
    let ran = run().args(["--progress", "json"]).finish().expect_code(1);
    let summary = json_of(ran.stdout.lines().last().unwrap());
    let text = fs::read_to_string(scene.path("r.prom")).unwrap();
    let told = metrics(&text);
    let number = |value: &Value| value.as_f64().unwrap();
    for (name, known) in [
        ("reverify_run_calls", &summary["calls"]),
        ("reverify_run_billed_calls", &summary["billed"]),
        ("reverify_run_in_doubt_calls", &summary["in_doubt"]),
        ("reverify_calls_total", &summary["calls"]),
        ("reverify_last_exit_code", &summary["exit_code"]),
        ("reverify_output_rows{decision=\"match\"}", &summary["decisions"]["match"]),
        ("reverify_output_rows{decision=\"unresolved\"}", &summary["decisions"]["unresolved"]),
    ] {
        assert!((told[name] - number(known)).abs() < 1e-9, "{name}: {text}");
    }
    assert_eq!(
        told["reverify_run_cost_yuan"].to_string(),
        summary["cost"].as_str().unwrap().parse::<f64>().unwrap().to_string()
    );
    assert!(told["reverify_run_on"] < 0.5 && told["reverify_run_duration_seconds"] > 0.0, "{text}");
    let mode = fs::metadata(scene.path("r.prom")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);

    let success = told["reverify_last_success_timestamp_seconds"];
    run().args(["--key-file", "no-such-key"]).finish().expect_code(78);
    let told = metrics(&fs::read_to_string(scene.path("r.prom")).unwrap());
    assert!((told["reverify_last_success_timestamp_seconds"] - success).abs() < 1e-9);
    assert!((told["reverify_last_exit_code"] - 78.0).abs() < 1e-9);

    // What cannot be written is said, and changes nothing.
    let told = scene.run(&server.endpoint()).args(["--metrics-file", "no/such/folder/r.prom"]).finish();
    assert!(told.stderr.contains("no/such/folder/r.prom"), "{}", told.stderr);
    assert_eq!(told.code, Some(1));
}

#[test]
fn a_second_run_that_is_refused_leaves_the_figures_of_the_first_alone() {
    let door = Door::default();
    let server = server_behind(&door);
    let scene = Scene::new(&Applicant::many(9));
    let run = || patient(scene.run(&server.endpoint())).args(["--metrics-file", "r.prom"]);
    let first = run().start();
    server.wait_for_in_flight(8);
    run().finish().expect_code(74);
    let told = metrics(&fs::read_to_string(scene.path("r.prom")).unwrap());
    assert!(told["reverify_run_on"] > 0.5);
    door.open();
    first.wait().expect_code(0);
}

#[test]
fn a_command_gets_the_summary_when_the_run_has_ended_however_it_ended() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(3));
    let run =
        |command: &str| scene.run(&server.endpoint()).args(["--progress", "json", "--on-finish", command]);
    let keep = "cat > got.json; echo key=$JUHE_KEY$CREDENTIALS_DIRECTORY; echo to-stderr >&2";
    let env = |run: Run| run.env("JUHE_KEY", KEY).env("CREDENTIALS_DIRECTORY", "/nowhere");
    let got = || fs::read_to_string(scene.path("got.json")).unwrap();

    let stopped = env(run(keep).args(["--max-calls", "1"])).finish().expect_code(75);
    assert_eq!(got(), format!("{}\n", stopped.stdout.lines().last().unwrap()));
    assert_eq!(json_of(&got())["exit_code"], 75);
    assert!(stopped.stderr.contains("key=\n") && stopped.stderr.contains("to-stderr"), "{}", stopped.stderr);

    let done = env(run(keep)).finish().expect_code(0);
    assert_eq!(got(), format!("{}\n", done.stdout.lines().last().unwrap()));
    assert_eq!(json_of(&got())["event"], "finished");
    assert!(scene.output_bytes().is_some(), "the output is written before");

    let failed = env(run(keep).args(["--ledger", "applicants.csv"])).finish();
    let told = json_of(&got());
    assert_eq!(
        (&told["event"], told["exit_code"].as_i64().map(|code| i32::try_from(code).unwrap())),
        (&"failed".into(), failed.code)
    );
    assert!(failed.stderr.contains(told["error"].as_str().unwrap()), "{} {}", failed.stderr, got());

    // What the command does changes nothing about how the run ended, and one that never reads holds nothing up.
    let failed = run("exit 9").finish().expect_code(0);
    assert!(failed.stderr.contains("--on-finish"), "{}", failed.stderr);
    run("true").finish().expect_code(0);
}

#[test]
fn a_service_manager_hears_that_the_run_is_ready_lives_and_ends() {
    let door = Door::default();
    let server = server_behind(&door);
    let scene = Scene::new(&Applicant::many(9));
    let socket = UnixDatagram::bind(scene.path("notify")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = [0; 4096];
    let mut hear = || {
        let length = socket.recv(&mut bytes).expect("something is told");
        String::from_utf8_lossy(&bytes[..length]).trim().to_owned()
    };
    let running = patient(scene.run(&server.endpoint()))
        .env("NOTIFY_SOCKET", scene.path("notify").to_str().unwrap())
        .env("WATCHDOG_USEC", "600000")
        .start();
    assert_eq!(hear(), "READY=1");
    server.wait_for_in_flight(8);
    // While nothing comes back from the API, the loop lives on, and says so.
    let mut heard = Vec::new();
    while heard.iter().filter(|word| *word == "WATCHDOG=1").count() < 3 {
        heard.push(hear());
    }
    assert!(heard.iter().any(|word| word.starts_with("STATUS=")), "{heard:?}");
    door.open();
    while heard.last().is_none_or(|word| word != "STOPPING=1") {
        heard.push(hear());
    }
    running.wait().expect_code(0);
    assert!(heard.iter().all(|word| !word.contains('\n')), "one word at a time: {heard:?}");
}

#[test]
fn the_first_signal_says_how_many_calls_are_being_finished_and_what_a_second_one_does() {
    let door = Door::default();
    let server = server_behind(&door);
    let scene = Scene::new(&Applicant::many(20));
    let running = patient(scene.run(&server.endpoint())).args(["--concurrency", "4"]).start();
    server.wait_for_in_flight(4);
    running.signal(Signal::INT);
    // It has taken the signal when it says so in its status.
    while !fs::read_to_string(scene.path("reverify.db.status"))
        .is_ok_and(|text| text.contains("\"stopping\""))
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    door.open();
    let ended = running.wait().expect_code(75);
    assert!(ended.stderr.contains("4 calls in flight are being finished"), "{}", ended.stderr);
    assert!(ended.stderr.contains("once more leaves at once"), "{}", ended.stderr);
}

#[test]
fn every_command_has_its_manual_page() {
    let scene = Scene::new(&[]);
    scene.command("man").args(["--to", "man/man1"]).finish().expect_code(0);
    let help = scene.command("--help").finish().expect_code(0).stdout;
    let commands = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let commands: Vec<String> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()).map(str::to_owned)
        })
        .filter(|name| name != "help")
        .collect();
    assert!(commands.len() >= 9, "{help}");
    for name in
        std::iter::once("reverify".to_owned()).chain(commands.iter().map(|name| format!("reverify-{name}")))
    {
        let page = fs::read_to_string(scene.path(&format!("man/man1/{name}.1"))).expect(&name);
        for part in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
            assert!(page.contains(part), "{name} lacks {part}");
        }
        assert!(page.chars().all(|character| character == '\n' || !character.is_control()), "{name}");
    }
}

#[test]
fn a_log_for_programs_is_one_object_a_line() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(2));
    let run = || scene.run(&server.endpoint()).args(["--log-format", "json"]);
    run().args(["--log-file", "run.log"]).finish().expect_code(0);
    let log = fs::read_to_string(scene.path("run.log")).unwrap();
    let lines: Vec<Value> = log.lines().map(json_of).collect();
    assert!(lines.iter().any(|line| line["message"] == "finished" && line["calls"] == 2), "{log}");
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()), "{log}");
    // Without a file they go to standard error.
    let told = run().finish().expect_code(0);
    assert!(told.stderr.lines().any(|line| line.starts_with('{') && json_of(line)["message"] == "finished"));
}

#[test]
fn nothing_that_is_no_terminal_gets_colours_or_a_bar() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(3));
    let run = scene.run(&server.endpoint()).args(["--progress", "auto"]);
    let told = run.env("TERM", "xterm-256color").finish().expect_code(0);
    for text in [&told.stdout, &told.stderr, &scene.command("--help").finish().stdout] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    let forced = scene.command("--help").env("CLICOLOR_FORCE", "1").finish().stdout;
    assert!(forced.contains('\u{1b}'));
    let neither = scene.command("--help").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").finish().stdout;
    assert!(!neither.contains('\u{1b}'));
}
