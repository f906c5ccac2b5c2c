//! Doubts, settled by hand and by the provider's statement.

use std::fmt::Write as _;
use std::fs;

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Finished, Scene};
use crate::support::wire::Reply;

/// Ten persons; the calls about those whose mobile ends in 555 are lost after sending.
fn doubtful(lost: usize) -> (CountingServer, Scene) {
    let server = CountingServer::start(move |request| {
        let is_first = request.number <= 10;
        if is_first && request.mobile_ends("555") { Reply::CloseAfterBody } else { Reply::verdict(100) }
    });
    let endings: Vec<&str> =
        (0..10).map(|row| if row % 3 == 1 && row / 3 < lost { "555" } else { "100" }).collect();
    let scene = Scene::new(&Applicant::with_endings(&endings));
    scene.run(&server.endpoint()).args(["--concurrency", "1"]).finish().expect_code(1);
    assert_eq!(scene.output().count("decision", "unresolved"), lost);
    (server, scene)
}

fn resolve(scene: &Scene, arguments: &[&str]) -> Finished {
    scene.command("resolve").args(["--ledger", "reverify.db"]).args(arguments).finish()
}

fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:?}"))
}

#[test]
fn what_is_in_doubt_is_listed_with_its_row_its_time_and_what_was_seen() {
    let (_, scene) = doubtful(2);
    let listed = resolve(&scene, &["applicants.csv", "--json"]).expect_code(1);
    let doubts = json(&listed)["in_doubt"].as_array().unwrap().clone();
    let rows: Vec<_> = doubts.iter().map(|doubt| doubt["rows"][0]["row"].as_u64().unwrap()).collect();
    assert_eq!(rows, [3, 6]);
    assert!(doubts[0]["seen"].as_str().unwrap().contains("lost"), "{doubts:?}");
    let text = resolve(&scene, &["applicants.csv"]).expect_code(1).stdout;
    assert!(text.contains("applicants.csv, row 3") && text.contains("+08:00"), "{text}");
    for person in Applicant::with_endings(&["100", "555"]) {
        assert!(!text.contains(&person.realname) && !text.contains(&person.idcard));
    }
}

#[test]
fn the_summary_of_a_run_names_every_way_to_settle_what_is_in_doubt() {
    let (server, scene) = doubtful(1);
    for language in ["en", "zh"] {
        let run = scene.run(&server.endpoint()).args(["--lang", language]).env("COLUMNS", "200");
        let said = run.finish().expect_code(1).stdout;
        let ledger = scene.path("reverify.db").display().to_string();
        let input = scene.path("applicants.csv").display().to_string();
        for way in [
            format!(".csv --ledger {ledger}\n"),
            format!("reverify resolve {input} --ledger {ledger}\n"),
            "--in-doubt resend\n".to_owned(),
        ] {
            assert!(said.contains(&way), "{way}: {said}");
        }
        assert!(said.contains("reverify reconcile "), "{said}");
    }
}

#[test]
fn each_word_does_what_it_says_and_is_written_down_with_who_and_when() {
    let (server, scene) = doubtful(3);
    for (which, word) in [("3", "--billed"), ("6", "--unbilled"), ("9", "--resend")] {
        let code = i32::from(which != "9");
        resolve(&scene, &["applicants.csv", "--row", which, word, "--reason", "by the bill"])
            .expect_code(code);
    }
    let calls = server.calls();
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(server.calls(), calls + 2, "what was billed is not asked again");
    let decisions: Vec<String> =
        scene.output().column("decision").iter().map(|word| (*word).to_owned()).collect();
    assert_eq!((&*decisions[1], &*decisions[4], &*decisions[7]), ("unresolved", "match", "match"));
    let ledger = rusqlite::Connection::open(scene.path("reverify.db")).unwrap();
    let mut written =
        ledger.prepare("SELECT verdict, who, why, time > 0 FROM resolution ORDER BY id").unwrap();
    let written: Vec<(String, String, String, bool)> = written
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let words: Vec<&str> = written.iter().map(|(word, ..)| word.as_str()).collect();
    assert_eq!(words, ["billed", "unbilled", "resend"]);
    assert!(written.iter().all(|(_, who, why, timed)| who.contains("uid") && why == "by the bill" && *timed));
}

#[test]
fn all_of_them_are_settled_at_once_and_nothing_without_a_reason() {
    let (server, scene) = doubtful(2);
    for wrong in [
        &["--all", "--unbilled"][..],
        &["--all", "--reason", "x"],
        &["--unbilled", "--reason", "x"],
        &["--all", "--unbilled", "--billed", "--reason", "x"],
        &["--row", "3", "--unbilled", "--reason", "x"],
        &["applicants.csv", "--row", "2", "--unbilled", "--reason", "x"],
        &["--intent", "999", "--unbilled", "--reason", "x"],
        &["--all", "--unbilled", "--reason", "  "],
    ] {
        resolve(&scene, wrong).expect_code(2);
    }
    assert_eq!(json(&resolve(&scene, &["--json"])).get("in_doubt").unwrap().as_array().unwrap().len(), 2);
    resolve(&scene, &["--all", "--unbilled", "--reason", "asked Juhe"]).expect_code(0);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), 10);
}

/// The ledger's calls: number, time, and whether it is in doubt.
fn calls(scene: &Scene) -> Vec<(i64, i64, bool)> {
    let ledger = rusqlite::Connection::open(scene.path("reverify.db")).unwrap();
    let query =
        "SELECT i.id, i.time, a.class IS NOT 'billed' FROM intent i LEFT JOIN answer a ON a.intent = i.id";
    let mut statement = ledger.prepare(query).unwrap();
    let calls = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    calls.collect::<Result<_, _>>().unwrap()
}

fn time(millisecond: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(millisecond).unwrap();
    jiff::tz::offset(8).to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn reconcile(scene: &Scene, arguments: &[&str]) -> Finished {
    scene.command("reconcile").args(["statement.csv", "--ledger", "reverify.db"]).args(arguments).finish()
}

#[test]
fn a_statement_settles_what_it_proves_and_names_the_rest() {
    let (server, scene) = doubtful(2);
    let around = |extra: &str| {
        // Times only, as a bill without orderids has them: one line for each billed call.
        let calls = calls(&scene);
        let (first, last) = (calls.first().unwrap().1, calls.last().unwrap().1);
        let mut text = format!("时间,金额\n{},0.55\n", time(first - 600_000));
        for (_, at, in_doubt) in calls {
            if !in_doubt {
                writeln!(text, "{},0.55", time(at)).unwrap();
            }
        }
        text + extra + &format!("{},0.55\n合计,\n", time(last + 600_000))
    };
    // Neither line outside of the calls' time is the ledger's; every billed call has one, and no doubt has.
    scene.write("statement.csv", around(""));
    let shown = reconcile(&scene, &["--json", "--dry-run"]);
    let shown = json(&shown);
    assert_eq!(
        (&shown["counts"]["settled_unbilled"], &shown["passed_over"]),
        (&2.into(), &1.into()),
        "{shown}"
    );
    assert_eq!(shown["counts"]["unexplained"], 2, "{shown}");
    resolve(&scene, &[]).expect_code(1);

    let during = time(calls(&scene)[1].1);
    scene.write("statement.csv", around(&format!("{during},0.55\n")));
    let shown = json(&reconcile(&scene, &["--json"]).expect_code(1));
    assert_eq!(
        (&shown["counts"]["in_doubt"], &shown["counts"]["settled_billed"]),
        (&2.into(), &0.into()),
        "{shown}"
    );
    resolve(&scene, &[]).expect_code(1);

    scene.write("statement.csv", around(&format!("{during},0.55\n{during},0.55\n")));
    let shown = json(&reconcile(&scene, &["--json", "--differences", "differences.csv"]).expect_code(1));
    assert_eq!(shown["counts"]["settled_billed"], 2, "{shown}");
    let yuan: f64 = shown["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|month| month["yuan"].as_str().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((yuan - 12.0 * 0.55).abs() < 1e-9, "{shown}");
    let differences = fs::read_to_string(scene.path("differences.csv")).unwrap();
    assert_eq!(
        differences.lines().filter(|line| line.starts_with("settled_billed,")).count(),
        2,
        "{differences}"
    );
    resolve(&scene, &[]).expect_code(0);
    let calls = server.calls();
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(server.calls(), calls, "billed is billed");
}

#[test]
fn orderids_are_matched_both_ways_in_gb18030_too() {
    let server = CountingServer::start(|request| {
        Reply::json(&format!(
            r#"{{"reason":"成功","result":{{"orderid":"JH{}","res":100}},"error_code":0}}"#,
            request.number
        ))
    });
    let scene = Scene::new(&Applicant::many(5));
    scene.run(&server.endpoint()).finish().expect_code(0);
    let now = time(jiff::Timestamp::now().as_millisecond());
    let text = format!(
        "流水号,请求时间,费用\nJH1,{now},0.5\nJH2,{now},0.5\nJH2,{now},0.5\nJH4,{now},0.5\nJH9,{now},0.5\n"
    );
    scene.write("statement.csv", encoding_rs::GB18030.encode(&text).0);
    let shown = json(&reconcile(&scene, &["--json", "--covers", "2020-01-01..2099-12-31"]).expect_code(1));
    let counts = &shown["counts"];
    assert_eq!(
        (&shown["matched"], &counts["charged_twice"], &counts["unexplained"], &counts["missing"]),
        (&3.into(), &1.into(), &1.into(), &2.into()),
        "{shown}"
    );
    let text = reconcile(&scene, &[]).expect_code(1).stdout;
    assert!(text.contains("JH9") && text.contains("2.50"), "{text}");

    scene.write("statement.csv", format!("no,when\nJH1,{now}\n"));
    let refused = reconcile(&scene, &[]).expect_code(65);
    assert!(refused.stderr.contains("--column"), "{}", refused.stderr);
    let named = reconcile(&scene, &["--column", "orderid=no,time=when", "--json"]);
    assert_eq!(json(&named)["matched"], 1);
}
