//! Who is in the input is in the request and in the output, and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, KEY, Scene, photo};
use crate::support::wire::Reply;

/// The files that hold people by their purpose.
const MEANT_TO: [&str; 4] = ["applicants.csv", "applicants.verified.csv", "photo.jpg", "api.key"];

/// Everything that gives one applicant, the photo or the key away, as it is and as it is sent.
fn canaries(people: &[Applicant]) -> Vec<(&'static str, Vec<u8>)> {
    let mut canaries = vec![("key", KEY.as_bytes().to_vec())];
    // From the picture's beginning (behind its tables) and its middle, at each of the three ways that base64
    // can fall on it.
    for start in [900, photo().len() / 2] {
        canaries.push(("photo", photo()[start..start + 24].to_vec()));
        for shift in 0..3 {
            let text = STANDARD.encode(&photo()[start + shift..start + shift + 24]);
            canaries.push(("photo in base64", text.into_bytes()));
        }
    }
    for of in people {
        let escaped =
            of.realname.bytes().fold(String::new(), |escaped, byte| format!("{escaped}%{byte:02X}"));
        canaries.push(("name, percent-encoded in lower case", escaped.to_lowercase().into_bytes()));
        canaries.push(("name, percent-encoded", escaped.into_bytes()));
        canaries.push(("name", of.realname.clone().into_bytes()));
        canaries.push(("ID number", of.idcard.clone().into_bytes()));
        canaries.push(("serial and birthday of an ID number", of.idcard.as_bytes()[6..].to_vec()));
        canaries.push(("mobile", of.mobile.clone().into_bytes()));
    }
    canaries
}

fn nothing_leaked(scene: &Scene, people: &[Applicant], finished: &Finished) {
    let mut places = scene.files();
    places.retain(|(name, _)| !MEANT_TO.contains(&name.as_str()));
    assert!(places.iter().any(|(name, _)| name == "reverify.db"), "the ledger is looked at");
    places.push(("stdout".to_owned(), finished.stdout.clone().into_bytes()));
    places.push(("stderr".to_owned(), finished.stderr.clone().into_bytes()));
    for (what, canary) in canaries(people) {
        for (place, bytes) in &places {
            let leaked = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!leaked, "the {what} is in {place}");
        }
    }
}

/// Rows that are sent, and rows that are found fault with, each with a value to complain about.
fn people() -> Vec<Applicant> {
    let mut people =
        Applicant::with_endings(&["100", "101", "105", "910", "912", "914", "915", "917", "103", "777"]);
    for of in &mut people {
        of.realname += "诸葛金丝雀";
    }
    let wrong = if people[7].idcard.ends_with('1') { "2" } else { "1" };
    people[7].idcard.replace_range(17.., wrong);
    people[8].mobile.replace_range(..2, "12");
    people[9].realname += "?";
    people
}

#[test]
fn a_run_that_logs_everything_names_nobody() {
    let server = CountingServer::start(|request| match request.number {
        3 => Reply::Html(502),
        4 => Reply::ResetAfterBody,
        5 => Reply::code(280_103),
        6 => Reply::json("{"),
        _ => Reply::verdict(100),
    });
    let people = people();
    let scene = Scene::new(&people);
    let finished = scene
        .run(&server.endpoint())
        .args(["--progress", "json", "--log-file"])
        .arg(scene.path("run.log"))
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .finish()
        .expect_code(1);
    assert!(scene.path("run.log").exists());
    nothing_leaked(&scene, &people, &finished);
}

#[test]
fn whoever_is_told_of_a_run_hears_of_nobody() {
    let server = CountingServer::start(|request| match request.number {
        3 => Reply::Html(502),
        5 => Reply::code(280_103),
        _ => Reply::verdict(100),
    });
    let people = people();
    let scene = Scene::new(&people);
    let finished = scene
        .run(&server.endpoint())
        .args(["--log-format", "json", "--log-file", "run.log", "--metrics-file", "run.prom"])
        .args(["--on-finish", "cat > told.json"])
        .env("RUST_LOG", "trace")
        .finish()
        .expect_code(1);
    nothing_leaked(&scene, &people, &finished);
    let ledger = scene.path("reverify.db");
    let report = scene.command("report").arg(scene.path("applicants.csv")).arg("--with-rows");
    let finished = report.arg("--ledger").arg(&ledger).finish().expect_code(0);
    for file in ["run.log", "run.prom", "told.json", "reverify.db.status", "applicants.report.html"] {
        assert!(scene.path(file).exists(), "{file} is looked at");
    }
    nothing_leaked(&scene, &people, &finished);
}

#[test]
fn a_run_that_is_killed_leaves_nobody_behind() {
    let server = CountingServer::start(|request| match request.number {
        1 | 2 => Reply::verdict(100),
        _ => Reply::Hang,
    });
    let people = Applicant::many(20);
    let scene = Scene::new(&people);
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_in_flight(4);
    let finished = running.kill();
    nothing_leaked(&scene, &people, &finished);
}

#[test]
fn a_photo_that_cannot_be_used_is_reported_without_its_content() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let mut people = Applicant::many(4);
    people[1].photo = "missing.jpg".to_owned();
    people[2].photo = "../../etc/passwd".to_owned();
    people[3].photo = "cut.jpg".to_owned();
    let scene = Scene::new(&people);
    scene.write("cut.jpg", &photo()[..photo().len() * 2 / 3]);
    let finished = scene.run(&server.endpoint()).finish().expect_code(1);
    std::fs::remove_file(scene.path("cut.jpg")).unwrap();
    assert_eq!(scene.output().column("decision"), ["match", "rejected", "rejected", "rejected"]);
    assert_eq!(server.calls(), 1);
    nothing_leaked(&scene, &people, &finished);
}

#[cfg(unix)]
#[test]
fn the_ledgers_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(1));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let mode = std::fs::metadata(scene.path("reverify.db.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_the_api_repeats_of_the_request_is_blotted_out() {
    let server = CountingServer::start(|request| {
        // The picture's beginning: a whole one would not fit into what is read of a reply.
        let part = |value: &str| value.chars().take(1600).collect::<String>();
        let echo = request.form.iter().map(|(name, value)| format!("{name} {}", part(value)));
        let echo = echo.collect::<Vec<_>>().join("; ");
        let json = |code: &str| {
            serde_json::json!({
                "reason": echo, "error_code": code, "result": {"orderid": echo, "resmsg": echo, "res": echo, "type": echo, "score": echo},
            })
        };
        Reply::json(
            &match request.number {
                1 => json("0"),
                2 => json("280103"),
                3 => json("10012"),
                _ => json(&echo),
            }
            .to_string(),
        )
    });
    let people = people();
    let scene = Scene::new(&people);
    for _ in 0..3 {
        let run = scene.run(&server.endpoint()).args(["--progress", "json", "--log-file"]);
        let finished = run.arg(scene.path("run.log")).env("RUST_LOG", "trace").finish();
        nothing_leaked(&scene, &people, &finished);
    }
    let table = scene.output();
    assert!(table.count("error_code", "0") > 0, "some echoes are kept");
    for row in table.rows.iter().filter(|row| row["error_code"] == "0") {
        assert!(row["resmsg"].contains("[idcard]"), "{}", row["resmsg"]);
    }
}
