//! `reverify plan`: everything about a run but its calls.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, Run, Scene, Table};
use crate::support::wire::Reply;

fn plan(scene: &Scene, input: &str) -> Run {
    scene.command("plan").arg(input).args(["--ledger", "reverify.db"])
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {}", finished.stdout))
}

/// Twelve rows with everything in them that a plan tells of.
fn troubled() -> Scene {
    let mut people = Applicant::many(12);
    let wrong = if people[1].idcard.ends_with('1') { "2" } else { "1" };
    people[1].idcard.replace_range(17.., wrong); // Row 3.
    people[2].mobile = format!("+86 {}", people[2].mobile); // Row 4: repaired.
    "missing.jpg".clone_into(&mut people[3].photo); // Row 5.
    people[5] = people[4].clone(); // Row 7 repeats row 6.
    people[7] = Applicant { realname: "测试异".into(), ..people[6].clone() }; // Row 9 and row 8.
    people[8] = Applicant { mobile: "13900139000".into(), ..people[6].clone() }; // Row 10 and row 8.
    "cut.jpg".clone_into(&mut people[9].photo); // Row 11: there, and not whole.
    people[10].realname.clear(); // Row 12.
    let scene = Scene::new(&people);
    let photo = std::fs::read(scene.path("photo.jpg")).unwrap();
    scene.write("cut.jpg", &photo[..photo.len() / 2]);
    scene
}

#[test]
fn nothing_is_made_written_or_asked_and_no_key_is_needed() {
    let scene = Scene::new(&Applicant::many(3));
    let before = scene.files().len();
    let finished = plan(&scene, "applicants.csv").args(["--price", "0.5"]).finish().expect_code(0);
    assert_eq!(scene.files().len(), before, "a plan leaves nothing behind");
    assert!(finished.stdout.contains("1.50 yuan"), "{}", finished.stdout);
    assert!(finished.stdout.contains("no ledger"), "{}", finished.stdout);
}

#[test]
fn everything_about_the_rows_is_counted() {
    let scene = troubled();
    let finished = plan(&scene, "applicants.csv").args(["--json", "--price", "0.5"]).finish().expect_code(1);
    let said = json(&finished);
    for (name, expected) in
        [("rows", 12), ("due", 9), ("settled", 0), ("rejected", 3), ("repaired", 1), ("most_calls", 8)]
    {
        assert_eq!(said[name], expected, "{name}: {said}");
    }
    assert_eq!(said["most_cost"], "4.00");
    assert_eq!(said["duplicates"]["rows"], 1);
    assert_eq!(said["duplicates"]["calls_saved"], 1);
    assert_eq!(said["conflicts"]["id_numbers"], 1);
    assert_eq!(said["conflicts"]["groups"][0]["rows"], serde_json::json!([8, 9, 10]));
    let reasons: Vec<_> = said["rejected_by_reason"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(reasons, ["id-check-digit", "photo-missing", "empty"]);
    assert_eq!(said["repairs"][0]["field"], "mobile");
    assert_eq!(said["photos"], Value::Null);

    // With the photos, the one that is cut off is known too.
    let run = plan(&scene, "applicants.csv").args(["--json", "--photos-too", "--face", "off"]);
    let said = json(&run.finish().expect_code(1));
    assert_eq!((&said["due"], &said["rejected"], &said["most_calls"]), (&8.into(), &4.into(), &7.into()));
    assert_eq!((&said["photos"]["looked_at"], &said["photos"]["bad"]), (&2.into(), &1.into()));
}

#[test]
fn the_plan_says_what_the_run_then_does() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = troubled();
    let said = json(
        &plan(&scene, "applicants.csv")
            .args(["--json", "--photos-too", "--face", "off"])
            .finish()
            .expect_code(1),
    );
    scene.run(&server.endpoint()).args(["--face", "off"]).finish().expect_code(1);
    assert_eq!(said["most_calls"], server.calls());
    let again = plan(&scene, "applicants.csv").args(["--json", "--endpoint", &server.endpoint()]);
    let said = json(&again.finish().expect_code(1));
    assert_eq!((&said["due"], &said["settled"], &said["rejected"]), (&0.into(), &8.into(), &4.into()));
    assert_eq!((&said["most_calls"], &said["calls_today"]), (&0.into(), &7.into()));
    // A plan asked about nothing.
    assert_eq!(server.calls(), 7);
}

#[test]
fn the_list_of_problems_names_each_with_its_remedy_and_shows_nobody() {
    let scene = troubled();
    let run = || {
        plan(&scene, "applicants.csv").args(["--problems", "problems.csv", "--photos-too", "--face", "off"])
    };
    let finished = run().finish().expect_code(1);
    assert!(finished.stdout.contains("problems.csv"), "{}", finished.stdout);
    let path = scene.path("problems.csv");
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with("\u{feff}row,column,problem,what_to_do".as_bytes()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = String::from_utf8(bytes[3..].to_vec()).unwrap();
    scene.write("plain.csv", &text);
    let list = Table::read(&scene.path("plain.csv"));
    let found: Vec<(&str, &str)> = list.column("row").into_iter().zip(list.column("code")).collect();
    assert_eq!(
        found,
        [
            ("3", "id-check-digit"),
            ("5", "photo-missing"),
            ("7", "same-applicant"),
            ("8", "same-id-other-name"),
            ("8", "same-id-other-mobile"),
            ("9", "same-id-other-name"),
            ("10", "same-id-other-mobile"),
            ("11", "photo-truncated"),
            ("12", "empty"),
        ]
    );
    assert!(list.rows.iter().all(|row| !row["problem"].is_empty() && !row["what_to_do"].is_empty()));
    assert_eq!(list.rows[0]["column"], "idcard");
    for person in Applicant::many(12) {
        for value in [&person.realname, &person.idcard, &person.mobile] {
            assert!(!text.contains(value.as_str()) && !finished.stdout.contains(value.as_str()), "{value}");
        }
        assert!(text.contains("测*") && text.contains(&format!("{}**********", &person.idcard[..4])));
    }
    // In Chinese for an office in China.
    run().env("LANG", "zh_CN.UTF-8").args(["--lang", "zh"]).finish().expect_code(1);
    let chinese = std::fs::read_to_string(&path).unwrap();
    assert!(chinese.starts_with("\u{feff}行号,列,问题,处理办法"), "{chinese}");
    // The input is never written over.
    plan(&scene, "applicants.csv").args(["--problems", "applicants.csv"]).finish().expect_code(2);
}

#[test]
fn many_ids_that_end_in_000_raise_the_alarm_and_are_listed() {
    let mut people = Applicant::many(4);
    for person in &mut people[..3] {
        person.idcard.replace_range(15.., "000");
    }
    let scene = Scene::new(&people);
    let said = json(&plan(&scene, "applicants.csv").arg("--json").finish().expect_code(1));
    assert_eq!(
        (&said["ids_ending_in_000"], &said["looks_damaged_by_a_spreadsheet"]),
        (&3.into(), &true.into())
    );
    let finished = plan(&scene, "applicants.csv").finish().expect_code(1);
    assert!(finished.stdout.contains("ALARM"), "{}", finished.stdout);
}

#[test]
fn limits_tell_how_many_nights_it_takes() {
    let scene = Scene::new(&Applicant::many(25));
    let said = |options: &[&str]| json(&plan(&scene, "applicants.csv").arg("--json").args(options).finish());
    let nights = said(&["--daily-limit", "10"]);
    assert_eq!((&nights["nights"], &nights["calls_a_night"]), (&3.into(), &10.into()));
    assert_eq!(nights["most_calls_of_one_run"], 10);
    let window = said(&["--max-duration", "10s", "--rate", "1/s"]);
    assert_eq!((&window["nights"], &window["calls_a_night"]), (&3.into(), &10.into()));
    assert_eq!(said(&[])["nights"], Value::Null);
    assert_eq!(said(&["--rate", "60/min"])["least_seconds"], 25);
    let capped = said(&["--price", "1", "--max-cost", "7", "--limit", "9"]);
    assert_eq!((&capped["most_calls"], &capped["most_calls_of_one_run"]), (&25.into(), &7.into()));
    plan(&scene, "applicants.csv").args(["--max-cost", "7"]).finish().expect_code(78);
}

#[test]
fn a_ledger_in_use_or_damaged_is_refused_as_a_run_refuses_it() {
    let server = CountingServer::start(|_| Reply::later(std::time::Duration::from_secs(3), 100));
    let scene = Scene::new(&Applicant::many(1));
    let running = scene.run(&server.endpoint()).start();
    server.wait_for_calls(1);
    let finished = plan(&scene, "applicants.csv").finish().expect_code(74);
    assert!(finished.stderr.contains(&running.id().to_string()), "{}", finished.stderr);
    running.wait();
    std::fs::remove_file(scene.path("reverify.db.key")).unwrap();
    plan(&scene, "applicants.csv").finish().expect_code(74);
    assert!(!scene.path("reverify.db.key").exists());
    plan(&scene, "nowhere.csv").finish().expect_code(65);
}

#[test]
fn the_table_is_as_it_was_looked_at() {
    let scene = troubled();
    let said = |language: &str| {
        let run =
            plan(&scene, "applicants.csv").args(["--price", "0.5", "--daily-limit", "5", "--lang", language]);
        run.args(["--photos-too", "--face", "off"]).finish().expect_code(1).stdout
    };
    insta::assert_snapshot!("plan_en", said("en"));
    insta::assert_snapshot!("plan_zh", said("zh"));
}
