//! What is asked again because the operator says so: what it costs, and that it costs no more.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{Timestamp, ToSpan, tz};
use reverify::domain::answer::{Answer, Class};
use reverify::domain::decide::AskPolicy;
use reverify::ledger::{Access, EndpointKind, Ledger, Reserved};

use crate::support::counting_server::CountingServer;
use crate::support::program::{Applicant, Scene, photo};
use crate::support::wire::Reply;

/// The ending of the mobile whose call goes wrong.
const ODD: &str = "555";

/// Writes a ledger as runs so many days ago would have left it: every one of these persons was asked in each of
/// them, and passed.
fn write_ledger(scene: &Scene, people: &[Applicant], days_ago: &[i64]) {
    for file in ["reverify.db", "reverify.db.key", "reverify.db.anchor", "reverify.db-wal"] {
        let _ = std::fs::remove_file(scene.path(file));
    }
    let (path, key) = (scene.path("reverify.db"), scene.path("reverify.db.key"));
    let mut ledger = Ledger::open(&path, &key, Access::CreateIfMissing).unwrap();
    ledger.bind(EndpointKind::ThisMachine).unwrap();
    for days in days_ago {
        let then = Timestamp::now().checked_sub((24 * days).hours()).unwrap();
        let run = ledger.begin_run(then).unwrap();
        let policy = AskPolicy { fresh_since: Some(then), ..AskPolicy::default() };
        for of in people {
            let key = ledger.key();
            let subject = key.subject(&of.realname, &of.idcard, &of.mobile, key.photo(photo()));
            let reserved = ledger.reserve(subject, &policy, run, then).unwrap();
            let Reserved::Intent(intent) = reserved else { continue }; // A duplicate in the list.
            let answer = Answer {
                error_code: Some("0".to_owned()),
                res: Some("100".to_owned()),
                ..Answer::without_reply(Class::Billed, "", then)
            };
            ledger.record(intent, &answer).unwrap();
        }
    }
}

/// The day in Shanghai so many days ago.
fn day(days_ago: i64) -> String {
    let today = tz::offset(8).to_datetime(Timestamp::now()).date();
    today.checked_sub(days_ago.days()).unwrap().to_string()
}

/// Twelve persons, two of whom stand in the list twice.
fn with_duplicates() -> Vec<Applicant> {
    let mut people = Applicant::many(12);
    people.push(people[3].clone());
    people.insert(0, people[7].clone());
    people
}

#[test]
fn old_answers_are_paid_for_once_more_and_fresh_ones_are_not() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&with_duplicates());
    write_ledger(&scene, &with_duplicates(), &[100]);
    let (since, later) = (day(60), day(0));
    let mut calls = 0;
    for (arguments, cost) in [
        (["--max-age", "101d"], 0),
        (["--since", "2000-01-01"], 0),
        (["--max-age", "90d"], 12),
        (["--max-age", "90d"], 0),
        (["--since", &since], 0),
        (["--since", &later], 0),
    ] {
        scene.run(&server.endpoint()).args(arguments).finish().expect_code(0);
        calls += cost;
        assert_eq!(server.calls(), calls, "{arguments:?}");
    }
    write_ledger(&scene, &with_duplicates(), &[170, 70]);
    scene.run(&server.endpoint()).args(["--since", &since]).finish().expect_code(0);
    assert_eq!(server.calls(), calls + 12, "asked again where the answer is from before that day");
    scene.run(&server.endpoint()).args(["--since", &since]).finish().expect_code(0);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (calls + 12, 2));
}

#[test]
fn re_verifying_goes_on_where_it_stopped() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&Applicant::many(10));
    write_ledger(&scene, &Applicant::many(10), &[100]);
    let again = || scene.run(&server.endpoint()).args(["--max-age", "90d", "--max-calls", "4"]);
    // Every row has an answer, but the run has not done what it was told to.
    again().finish().expect_code(75);
    again().finish().expect_code(75);
    again().finish().expect_code(0);
    again().finish().expect_code(0);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (10, 1));
}

#[test]
fn a_first_attempt_at_asking_anew_is_not_taken_for_all_of_it() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&with_duplicates());
    write_ledger(&scene, &with_duplicates(), &[100]);
    let again = |limit: &str| {
        scene
            .run(&server.endpoint())
            .args(["--max-age", "90d", "--concurrency", "1", "--limit", limit])
            .finish()
    };
    // Every row has an answer, but not one that is new enough: rows of one person get theirs together.
    let some = again("4").expect_code(1);
    assert!(some.stdout.contains("9 rows keep their old answer"), "{}", some.stdout);
    assert_eq!(scene.output().count("decision", "match"), 14);
    let more = again("4").expect_code(1);
    assert!(!more.stdout.contains("Nothing is left to do"), "{}", more.stdout);
    again("20").expect_code(0);
    again("0").expect_code(0);
    assert_eq!((server.calls(), server.billed_per_subject_max()), (12, 1));
}

#[test]
fn a_day_that_has_not_begun_is_no_since() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let scene = Scene::new(&with_duplicates());
    let finished = scene.run(&server.endpoint()).args(["--since", &day(-2)]).finish().expect_code(78);
    assert!(finished.stderr.contains("--since"), "{}", finished.stderr);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn retrying_the_inconclusive_pays_for_failed_factors_and_nothing_else() {
    let better = AtomicUsize::new(0);
    let server = CountingServer::start(move |request| {
        let mobile = request.field("mobile");
        match &mobile[mobile.len() - 3..] {
            // Fails twice, then passes.
            "108" if better.fetch_add(1, Ordering::SeqCst) >= 2 => Reply::verdict(100),
            ending => Reply::verdict(ending.parse().unwrap()),
        }
    });
    // Passed, mismatch, face failed, mobile failed, mobile without a record.
    let mut people = Applicant::with_endings(&["100", "101", "104", "108", "109"]);
    people.push(people[2].clone());
    let scene = Scene::new(&people);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!(server.calls(), 5);
    for (calls, decision) in [(7, "inconclusive"), (9, "match"), (10, "match")] {
        scene.run(&server.endpoint()).arg("--retry-inconclusive").finish().expect_code(0);
        assert_eq!(server.calls(), calls);
        assert_eq!(scene.output().column("decision")[3], decision);
    }
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!((server.calls(), server.calls_for("104"), server.calls_for("108")), (10, 4, 3));
}

#[test]
fn a_doubt_about_a_resend_is_held_again() {
    let asked = AtomicUsize::new(0);
    let server = CountingServer::start(move |request| {
        let lost = request.mobile_ends(ODD) && asked.fetch_add(1, Ordering::SeqCst) < 2;
        if lost { Reply::ResetAfterBody } else { Reply::verdict(100) }
    });
    let mut people = Applicant::with_endings(&["100", ODD, "101"]);
    people.push(people[1].clone());
    let scene = Scene::new(&people);
    let run = |what| scene.run(&server.endpoint()).args(["--in-doubt", what]).finish();
    for (what, calls, code, decision) in [
        ("hold", 1, 1, "unresolved"),
        ("hold", 1, 1, "unresolved"),
        ("resend", 2, 1, "unresolved"),
        ("hold", 2, 1, "unresolved"),
        ("resend", 3, 0, "match"),
        ("resend", 3, 0, "match"),
    ] {
        run(what).expect_code(code);
        assert_eq!(server.calls_for(ODD), calls, "{what}");
        let table = scene.output();
        assert_eq!((table.column("decision")[1], table.column("decision")[3]), (decision, decision));
    }
    assert_eq!((server.calls(), server.billed_per_subject_max()), (5, 3));
    assert_eq!(scene.output().column("attempts"), ["1", "3", "1", "3"]);
}

#[test]
fn a_resend_is_counted_against_the_caps() {
    let server = CountingServer::start(|request| match request.number {
        2..=4 => Reply::ResetAfterBody,
        _ => Reply::verdict(100),
    });
    let scene = Scene::new(&Applicant::many(4));
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(scene.output().count("decision", "unresolved"), 3);
    let resend = |cap: &str, most: &str| {
        scene.run(&server.endpoint()).args(["--in-doubt", "resend", cap, most]).finish().expect_code(75)
    };
    resend("--max-calls", "1");
    assert_eq!(server.calls(), 5);
    resend("--daily-limit", "6");
    assert_eq!(server.calls(), 6);
    resend("--daily-limit", "6");
    assert_eq!(server.calls(), 6);
}

#[test]
fn rows_of_one_person_share_one_call_even_while_it_is_in_flight() {
    let server = CountingServer::start(|_| Reply::later(std::time::Duration::from_millis(50), 105));
    let person = Applicant::new(7, "105");
    let scene = Scene::new(&vec![person; 40]);
    scene.run(&server.endpoint()).finish().expect_code(0);
    assert_eq!((server.calls(), scene.output().count("decision", "mismatch")), (1, 40));
}

#[test]
fn rows_of_one_person_are_all_in_doubt_when_their_call_is() {
    let server = CountingServer::start(|request| {
        if request.mobile_ends(ODD) { Reply::CloseAfterBody } else { Reply::verdict(100) }
    });
    let mut people = vec![Applicant::new(1, ODD); 20];
    people.insert(0, Applicant::new(2, "100"));
    let scene = Scene::new(&people);
    for _ in 0..2 {
        scene.run(&server.endpoint()).finish().expect_code(1);
        assert_eq!((server.calls_for(ODD), scene.output().count("decision", "unresolved")), (1, 20));
    }
}
