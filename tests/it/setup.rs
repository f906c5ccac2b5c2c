//! First contact: `init`, `config` and `doctor`, as somebody meets them who has never run the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use reverify::sandbox::{Sandbox, SandboxConfig};

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, KEY, Scene};
use crate::support::wire::Reply;

#[test]
fn what_init_makes_is_verified_by_the_sandbox_at_once() {
    for language in ["en", "zh"] {
        let scene = Scene::new(&[]);
        let made = scene.command("init").args(["start", "--lang", language]).finish().expect_code(0);
        assert!(
            made.stdout.contains("applicants.csv") && made.stdout.contains("--sandbox"),
            "{}",
            made.stdout
        );
        let folder = scene.path("start");
        let run = scene
            .command("run")
            .arg(folder.join("applicants.csv"))
            .arg("--config")
            .arg(folder.join("reverify.toml"))
            .args(["--sandbox", "--progress", "none", "--rate", "100/s"])
            .finish()
            .expect_code(0);
        assert!(run.stdout.contains("match"), "{}", run.stdout);
        let rights = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((rights("applicants.csv"), rights("photos/example.jpg")), (0o600, 0o600));
        assert!(!folder.join("juhe.key").exists(), "no key was typed");
    }
}

#[test]
fn init_keeps_what_is_there() {
    let scene = Scene::new(&[]);
    for name in ["applicants.csv", "reverify.toml", "juhe.key"] {
        scene.write(name, "# mine");
    }
    let made = scene.command("init").finish().expect_code(0);
    for name in ["applicants.csv", "reverify.toml", "juhe.key"] {
        assert_eq!(fs::read_to_string(scene.path(name)).unwrap(), "# mine", "{name}");
        let line = made.stdout.lines().find(|line| line.contains(name)).unwrap();
        assert!(line.starts_with("kept"), "{line}");
    }
}

#[test]
fn config_says_of_each_option_what_is_in_force_and_where_it_comes_from() {
    let scene = Scene::new(&[]);
    scene.write("reverify.toml", "rate = \"5/s\"\ndaily-limit = 9\nconcurrency = 3\nsandbox = true\n");
    let run = || {
        let command = scene.command("config").env("REVERIFY_DAILY_LIMIT", "7").env("JUHE_KEY", KEY);
        command.args(["--concurrency", "2", "--endpoint", "https://example.com/q?token=hidden"])
    };
    let shown = run().finish().expect_code(0).stdout;
    let line = |name: &str| {
        let found = shown.lines().find(|line| line.split_whitespace().next() == Some(name));
        found.unwrap_or_else(|| panic!("{name} in\n{shown}")).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("rate"), "rate 5/s reverify.toml");
    assert_eq!(line("daily-limit"), "daily-limit 7 $REVERIFY_DAILY_LIMIT");
    assert_eq!(line("concurrency"), "concurrency 2 command line");
    assert_eq!(line("sandbox"), "sandbox true reverify.toml");
    assert_eq!(line("timeout"), "timeout 60s default");
    assert_eq!(line("max-calls"), "max-calls - default");
    assert_eq!(line("endpoint"), "endpoint https://example.com/q command line");
    assert!(shown.contains("key is set: $JUHE_KEY") && !shown.contains(KEY), "{shown}");

    let json = run().arg("--json").finish().expect_code(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let option = |name: &str| {
        let option = &json["options"][name];
        (option["value"].as_str().map(str::to_owned), option["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(option("rate"), (Some("5/s".to_owned()), "file".to_owned()));
    assert_eq!(option("daily-limit"), (Some("7".to_owned()), "environment".to_owned()));
    assert_eq!(option("max-calls"), (None, "default".to_owned()));
    assert_eq!(json["api_key"]["set"], true);

    let help = scene.command("run").arg("--help").finish().expect_code(0).stdout;
    let options = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let options = options.map(|name| name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()));
    for name in options.filter(|name| !["help", "version"].contains(name)) {
        assert!(json["options"].get(name).is_some(), "{name} of run is missing in {json}");
    }
}

#[test]
fn a_run_without_a_key_says_in_two_lines_how_to_get_one_and_how_to_try_without() {
    let scene = Scene::new(&Applicant::many(1));
    let finished = scene.command("run").arg("applicants.csv").finish().expect_code(78);
    let lines: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", finished.stderr);
    assert!(lines[0].contains("juhe.cn") && lines[0].contains("--key-file"), "{}", lines[0]);
    assert!(lines[1].contains("--sandbox"), "{}", lines[1]);
}

/// The state of each check that `doctor` made.
fn states(json: &str) -> std::collections::BTreeMap<String, (String, String)> {
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let checks = json["checks"].as_array().unwrap().iter();
    checks.map(|check| (text(&check["check"]), (text(&check["state"]), text(&check["message"])))).collect()
}

#[test]
fn a_doctor_of_a_machine_in_order_asks_nothing_of_the_api() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(1));
    for name in ["api.key", "applicants.csv"] {
        fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let doctor = |scene: &Scene| {
        let command = scene.command("doctor").args(["applicants.csv", "--key-file", "api.key", "--json"]);
        command.arg("--endpoint").arg(server.endpoint())
    };
    let finished = doctor(&scene).finish();
    let checks = states(&finished.stdout);
    for name in ["key", "ledger", "ledger-folder", "output", "privacy", "photos"] {
        assert_eq!(checks[name].0, "ok", "{name}: {}", checks[name].1);
    }
    // The server that counts tells no time, and the disk is as full as it is.
    assert!(["ok", "problem"].contains(&&*checks["connection"].0), "{checks:?}");
    let billable = server.requests().into_iter().filter(|request| !request.form.is_empty()).count();
    assert_eq!(billable, 0, "a doctor sends no form");
    assert!(!finished.stdout.contains(KEY) && !finished.stderr.contains(KEY));
    assert!(!scene.path("reverify.db").exists(), "a doctor makes no ledger");
}

#[test]
fn a_doctor_compares_the_clock_and_pays_nothing_at_the_sandbox() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = SandboxConfig { listen: "127.0.0.1:0".parse().unwrap(), ..SandboxConfig::default() };
    let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
    let scene = Scene::new(&[]);
    let doctor = scene.command("doctor").args(["--key-file", "api.key", "--json"]);
    let checks = states(&doctor.arg("--endpoint").arg(sandbox.endpoint()).finish().stdout);
    assert_eq!(checks["connection"].0, "ok", "{checks:?}");
    assert_eq!(checks["clock"].0, "ok", "{checks:?}");
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.billed), (0, 0), "a look at the host is no call");
    runtime.block_on(sandbox.shut_down());
}

#[test]
fn a_doctor_names_what_is_wrong_and_what_to_do() {
    let scene = Scene::new(&Applicant::many(1));
    scene.write("reverify.db", "no ledger at all, but some text that is long enough to be looked at");
    scene.write("reverify.db.key", "0".repeat(64));
    fs::set_permissions(scene.path("api.key"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(scene.path("applicants.csv"), fs::Permissions::from_mode(0o644)).unwrap();
    // Nobody listens on port 1 of this machine.
    let finished = scene
        .command("doctor")
        .args(["applicants.csv", "--key-file", "api.key", "--endpoint", "http://127.0.0.1:1/q", "--json"])
        .args(["--photos", "nowhere"])
        .finish()
        .expect_code(1);
    let checks = states(&finished.stdout);
    for (name, state, says) in [
        ("key", "warning", "chmod 600"),
        ("ledger", "problem", "reverify.db"),
        ("privacy", "warning", "applicants.csv"),
        ("photos", "problem", "--photos"),
        ("connection", "problem", "check the network"),
        ("clock", "warning", "not compared"),
    ] {
        assert_eq!(checks[name].0, state, "{name}: {}", checks[name].1);
        assert!(checks[name].1.contains(says), "{name}: {}", checks[name].1);
    }
    let shown = scene.command("doctor").args(["--lang", "zh", "--sandbox"]).finish().expect_code(1).stdout;
    assert!(shown.contains("问题") && shown.contains("沙箱"), "{shown}");
}
