//! `reverify diff`: what became of the same people since.

use serde_json::Value;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, Run, Scene, Table};
use crate::support::wire::Reply;

/// Asks about these people with a ledger of their own; everybody passes but who is told otherwise.
fn output(scene: &Scene, people: &[Applicant], name: &str, told: &'static [(&str, u16)], options: &[&str]) {
    let server = CountingServer::start(move |request| {
        let told = told.iter().find(|(ending, _)| request.mobile_ends(ending));
        Reply::verdict(told.map_or(100, |(_, res)| *res))
    });
    let input = format!("{name}.input.csv");
    scene.write_input(&input, people);
    let ledger = scene.path(&format!("{name}.db"));
    let run = scene.run_input(&input, &server.endpoint()).arg("--ledger").arg(ledger);
    let finished = run.args(["--face", "off", "-o", name]).args(options).finish();
    assert!(matches!(finished.code, Some(0 | 1)), "{finished:?}");
}

fn diff(scene: &Scene, old: &str, new: &str) -> Run {
    scene.command("diff").args([old, new])
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {}", finished.stdout))
}

/// Six people; of the second time one has another mobile's owner, one a blurred photo, one is new, one gone.
fn changed() -> Scene {
    let people = Applicant::with_endings(&["001", "002", "003", "004", "005", "006"]);
    let scene = Scene::new(&[]);
    output(&scene, &people[..5], "old.csv", &[("003", 103)], &[]);
    let told = &[("001", 101), ("002", 104), ("003", 103)];
    let mut second = people[1..].to_vec();
    second.remove(3); // 005 is gone.
    second.push(people[0].clone()); // Reordered.
    output(&scene, &second, "new.xlsx", told, &["--column-names", "zh", "--prefix", "新_"]);
    scene
}

#[test]
fn who_changed_who_is_new_and_who_is_gone_is_told_across_forms_and_languages() {
    let scene = changed();
    let said = json(&diff(&scene, "old.csv", "new.xlsx").arg("--json").finish().expect_code(1));
    for (name, expected) in [("unchanged", 2), ("changed", 2), ("added", 1), ("gone", 1)] {
        assert_eq!(said[name], expected, "{name}: {said}");
    }
    let changes = said["changes"].as_array().unwrap();
    let of = |row: u64| changes.iter().find(|change| change["old"]["row"] == row).unwrap();
    assert_eq!((&of(2)["old"]["res"], &of(2)["new"]["res"]), (&100.into(), &101.into()));
    assert_eq!(of(2)["what"], "the mobile number now belongs to another person");
    assert_eq!((&of(2)["new"]["row"], &of(2)["new"]["mobile_check"]), (&6.into(), &"mismatch".into()));
    assert_eq!(of(3)["new"]["decision"], "inconclusive");
    assert_eq!((&of(6)["change"], &of(6)["new"]), (&"gone".into(), &Value::Null));
    assert!(changes.iter().any(|change| change["change"] == "new" && change["new"]["row"] == 5), "{said}");
}

#[test]
fn no_difference_is_exit_0_and_the_order_of_rows_is_none() {
    let scene = Scene::new(&[]);
    let mut people = Applicant::many(4);
    output(&scene, &people, "old.csv", &[], &[]);
    people.reverse();
    people[0].mobile.insert_str(0, "+86 ");
    output(&scene, &people, "new.csv", &[], &["--column-names", "zh"]);
    let finished = diff(&scene, "old.csv", "new.csv").finish().expect_code(0);
    assert!(finished.stdout.contains("the same"), "{}", finished.stdout);
    let said = json(&diff(&scene, "old.csv", "new.csv").arg("--json").finish().expect_code(0));
    assert_eq!((&said["unchanged"], &said["changes"]), (&4.into(), &serde_json::json!([])));
}

#[test]
fn rows_are_joined_by_a_column_where_a_value_of_the_person_changed() {
    let scene = Scene::new(&[]);
    let mut people = Applicant::many(3);
    output(&scene, &people, "old.csv", &[], &[]);
    people[1].mobile = "13900139102".into();
    output(&scene, &people, "new.csv", &[("102", 102)], &[]);
    let by_person = json(&diff(&scene, "old.csv", "new.csv").arg("--json").finish().expect_code(1));
    assert_eq!((&by_person["added"], &by_person["gone"]), (&1.into(), &1.into()));
    let run = || diff(&scene, "old.csv", "new.csv").args(["--by", "serial"]);
    let by_serial = json(&run().arg("--json").finish().expect_code(1));
    assert_eq!(
        (&by_serial["changed"], &by_serial["added"], &by_serial["gone"]),
        (&1.into(), &0.into(), &0.into())
    );
    assert_eq!((&by_serial["changes"][0]["key"], &by_serial["by"]), (&"1".into(), &"serial".into()));
    // Joined by the ID number, it is still not shown.
    let finished = diff(&scene, "old.csv", "new.csv").args(["--by", "idcard"]).finish().expect_code(1);
    assert!(
        !finished.stdout.contains(&people[1].idcard) && finished.stdout.contains("*****"),
        "{finished:?}"
    );
    let missing = diff(&scene, "old.csv", "new.csv").args(["--by", "nothing"]).finish().expect_code(65);
    assert!(missing.stderr.contains("nothing"), "{}", missing.stderr);
}

#[test]
fn repeated_rows_are_compared_one_with_one_and_told() {
    let scene = Scene::new(&[]);
    let people = Applicant::many(2);
    let twice = [&people[..], &people[..1]].concat();
    output(&scene, &twice, "old.csv", &[], &[]);
    output(&scene, &people, "new.csv", &[], &[]);
    let said = json(&diff(&scene, "old.csv", "new.csv").arg("--json").finish().expect_code(0));
    assert_eq!((&said["old"]["repeated"], &said["new"]["repeated"]), (&1.into(), &0.into()));
    let said = json(&diff(&scene, "new.csv", "old.csv").arg("--json").finish().expect_code(0));
    assert_eq!((&said["unchanged"], &said["added"]), (&3.into(), &0.into()));
}

#[test]
fn the_list_of_differences_has_each_and_shows_nobody() {
    let scene = changed();
    let run = || diff(&scene, "old.csv", "new.xlsx").args(["--csv", "changes.csv"]);
    let finished = run().finish().expect_code(1);
    let text = std::fs::read_to_string(scene.path("changes.csv")).unwrap();
    for person in Applicant::with_endings(&["001", "002", "003", "004", "005", "006"]) {
        for value in [&person.realname, &person.idcard, &person.mobile] {
            assert!(!text.contains(value.as_str()) && !finished.stdout.contains(value.as_str()), "{value}");
        }
    }
    scene.write("plain.csv", text.trim_start_matches('\u{feff}'));
    let table = Table::read(&scene.path("plain.csv"));
    let mut kinds = table.column("change");
    kinds.sort_unstable();
    assert_eq!(kinds, ["changed", "changed", "gone", "new"]);
    assert_eq!(table.count("new_mobile_check", "mismatch"), 1);
    diff(&scene, "old.csv", "new.xlsx").args(["--csv", "old.csv"]).finish().expect_code(2);
}

#[test]
fn what_is_no_output_is_refused() {
    let scene = Scene::new(&Applicant::many(1));
    let refused = diff(&scene, "applicants.csv", "applicants.csv").finish().expect_code(65);
    assert!(refused.stderr.contains("decision"), "{}", refused.stderr);
    diff(&scene, "nowhere.csv", "applicants.csv").finish().expect_code(65);
}

#[test]
fn the_table_is_as_it_was_looked_at() {
    let scene = changed();
    let said = |language: &str| {
        diff(&scene, "old.csv", "new.xlsx").args(["--lang", language]).finish().expect_code(1).stdout
    };
    insta::assert_snapshot!("diff_en", said("en"));
    insta::assert_snapshot!("diff_zh", said("zh"));
}
