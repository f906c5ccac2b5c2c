use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;

use super::super::schema;
use super::*;
use crate::domain::answer::Class;
use crate::domain::decide::shown;
use crate::domain::outcome::Decision;
use crate::ledger::LedgerThread;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("l.db")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("l.db.key")
    }

    fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(&self.ledger(), &self.key(), Access::CreateIfMissing)
    }
}

fn now(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

fn subject(ledger: &Ledger, name: &str) -> Subject {
    ledger.key().subject(name, "1", "2", ledger.key().photo(b"p"))
}

fn billed() -> Answer {
    Answer {
        error_code: Some("0".into()),
        res: Some("100".into()),
        ..Answer::without_reply(Class::Billed, "", now(1))
    }
}

#[test]
fn files_are_private_and_the_key_is_made_once() {
    let place = Place::new();
    drop(place.open().unwrap());
    let key = std::fs::read(place.key()).unwrap();
    for path in [place.ledger(), place.key()] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0, "{path:?}");
    }
    drop(place.open().unwrap());
    assert_eq!(std::fs::read(place.key()).unwrap(), key);
}

#[test]
fn a_ledger_without_its_key_is_refused_and_not_started_anew() {
    let place = Place::new();
    drop(place.open().unwrap());
    std::fs::remove_file(place.key()).unwrap();
    assert!(matches!(place.open(), Err(LedgerError::KeyMissing { .. })));
    assert!(!place.key().exists(), "no new key is made");
}

#[test]
fn a_ledger_with_anothers_key_is_refused() {
    let (place, other) = (Place::new(), Place::new());
    drop((place.open().unwrap(), other.open().unwrap()));
    std::fs::copy(other.key(), place.key()).unwrap();
    assert!(matches!(place.open(), Err(LedgerError::KeyOfAnother { .. })));
}

#[test]
fn a_second_opening_names_the_holder() {
    let place = Place::new();
    let held = place.open().unwrap();
    match place.open() {
        Err(LedgerError::Locked { pid, .. }) => assert_eq!(pid, std::process::id().to_string()),
        other => panic!("it is held: {other:?}"),
    }
    drop(held);
    assert!(place.open().is_ok());
}

#[test]
fn files_that_are_no_ledger_are_refused_and_left_alone() {
    for content in [
        &b"not a database at all, but long enough to look at"[..],
        &[0; 4096],
        b"SQLite format 3\0 and then nothing",
    ] {
        let place = Place::new();
        drop(place.open().unwrap());
        std::fs::write(place.ledger(), content).unwrap();
        let _ = std::fs::remove_file(place.folder.path().join("l.db-wal"));
        assert!(matches!(place.open(), Err(LedgerError::NotALedger { .. })), "{content:?}");
        assert_eq!(std::fs::read(place.ledger()).unwrap(), content);
    }
    let place = Place::new();
    Connection::open(place.ledger()).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    std::fs::write(place.key(), "ab".repeat(32)).unwrap();
    assert!(matches!(place.open(), Err(LedgerError::NotALedger { .. })));
    let folder = Place::new();
    std::fs::create_dir(folder.ledger()).unwrap();
    assert!(matches!(folder.open(), Err(LedgerError::Io { .. })));
}

#[test]
fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open().unwrap());
    let connection = Connection::open(place.ledger()).unwrap();
    connection.pragma_update(None, "user_version", schema::SCHEMA_VERSION + 1).unwrap();
    drop(connection);
    assert!(matches!(place.open(), Err(LedgerError::Newer { found: 3, known: 2, .. })));
}

#[test]
fn only_an_existing_ledger_will_do_where_none_may_be_made() {
    let place = Place::new();
    let opened = Ledger::open(&place.ledger(), &place.key(), Access::ExistingOnly);
    assert!(matches!(opened, Err(LedgerError::Missing { .. })));
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 0);
}

#[test]
fn sandbox_and_real_answers_never_mix() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    ledger.bind(EndpointKind::Sandbox).unwrap();
    ledger.bind(EndpointKind::Sandbox).unwrap();
    for other in [EndpointKind::ThisMachine, EndpointKind::Remote] {
        assert!(matches!(ledger.bind(other), Err(LedgerError::OtherEndpoint { .. })));
    }
}

#[test]
fn nothing_that_was_written_down_can_be_changed_or_removed() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let subject = subject(&ledger, "a");
    let Reserved::Intent(intent) = ledger.reserve(subject, &AskPolicy::default(), run, now(0)).unwrap()
    else {
        panic!("it is due")
    };
    ledger.record(intent, &billed()).unwrap();
    ledger.resolve(intent, Verdict::Billed, "me", "test", now(2)).unwrap();
    for table in ["run", "intent", "answer", "resolution"] {
        assert!(ledger.connection.execute(&format!("DELETE FROM {table}"), []).is_err(), "{table}");
        let column = if table == "run" { "started" } else { "time" };
        assert!(
            ledger.connection.execute(&format!("UPDATE {table} SET {column} = 0"), []).is_err(),
            "{table}"
        );
    }
    assert!(ledger.record(intent, &billed()).is_err(), "an intent has one answer");
    assert!(ledger.record(IntentId(99), &billed()).is_err(), "an answer has an intent");
}

#[test]
fn answers_are_read_back_word_for_word() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let answer = Answer {
        class: Class::InDoubt,
        error_code: Some("E,\"42\"\n".into()),
        res: Some("7".into()),
        resmsg: Some("身份".into()),
        score: Some("982.70".into()),
        carrier: Some("联通".into()),
        orderid: Some("JH".into()),
        reason: Some(String::new()),
        http_status: Some(502),
        seen: Some("HTTP 502".into()),
        time: now(3),
    };
    let subject = subject(&ledger, "a");
    let Reserved::Intent(intent) = ledger.reserve(subject, &AskPolicy::default(), run, now(0)).unwrap()
    else {
        panic!("it is due")
    };
    ledger.record(intent, &answer).unwrap();
    drop(ledger);
    let history = place.open().unwrap().history(subject).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].answer.as_ref(), Some(&answer));
    assert_eq!(history[0].asked_at, now(0));
}

#[test]
fn a_permission_to_resend_is_written_down_with_the_new_intent() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let subject = subject(&ledger, "a");
    let first = ledger.begin_run(now(0)).unwrap();
    ledger.reserve(subject, &AskPolicy::default(), first, now(0)).unwrap();
    let second = ledger.begin_run(now(10)).unwrap();
    let held = ledger.reserve(subject, &AskPolicy::default(), second, now(11)).unwrap();
    assert_eq!(held, Reserved::NotDue(Standing::Held));
    assert_eq!(ledger.orphans().unwrap(), 1);
    let resend = AskPolicy { resend_doubts: true, ..AskPolicy::default() };
    assert!(matches!(ledger.reserve(subject, &resend, second, now(12)).unwrap(), Reserved::Intent(_)));
    let history = ledger.history(subject).unwrap();
    assert_eq!(history[0].verdict, Some(Verdict::Resend));
    assert_eq!(ledger.orphans().unwrap(), 1, "the new one has no answer yet");
    assert_eq!(ledger.totals(crate::domain::shanghai::day(now(0))).unwrap().ever.in_doubt, 2);
}

#[test]
fn a_person_is_known_by_any_photo_and_no_other_person_is() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let subject = subject(&ledger, "a");
    let key = ledger.key().clone();
    assert!(!ledger.knows(key.person("a", "1", "2")).unwrap());
    ledger.reserve(subject, &AskPolicy::default(), run, now(0)).unwrap();
    assert!(ledger.knows(key.person("a", "1", "2")).unwrap());
    for (name, id, mobile) in [("b", "1", "2"), ("a", "2", "2"), ("a", "1", "1")] {
        assert!(!ledger.knows(key.person(name, id, mobile)).unwrap());
    }
}

#[test]
fn what_is_asked_for_together_is_told_apart() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let same = subject(&ledger, "same");
    let (thread, handle) = LedgerThread::start(ledger, 8).unwrap();
    let (one, other) = runtime.block_on(async {
        tokio::join!(
            handle.reserve(same, AskPolicy::default(), run, now(0)),
            handle.reserve(same, AskPolicy::default(), run, now(0)),
        )
    });
    let both = [one.unwrap(), other.unwrap()];
    assert_eq!(both.iter().filter(|one| matches!(one, Reserved::Intent(_))).count(), 1);
    assert_eq!(both.iter().filter(|one| **one == Reserved::NotDue(Standing::InFlight)).count(), 1);
    drop(handle);
    assert_eq!(thread.join().unwrap().history(same).unwrap().len(), 1);
}

#[test]
fn the_file_holds_nothing_of_a_person() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let key = ledger.key().clone();
    let photo = key.photo(b"CANARYPHOTO");
    let path = key.path(Path::new("/CANARYFOLDER"), "CANARYPATH.jpg");
    let known = KnownPhoto { size_bytes: 1, modified_ns: 2, changed_ns: 3, photo };
    ledger.remember_photo(path, &known).unwrap();
    ledger
        .reserve(
            key.subject("CANARYNAME", "CANARYID", "CANARYMOBILE", photo),
            &AskPolicy::default(),
            run,
            now(0),
        )
        .unwrap();
    assert_eq!(ledger.photo_at(path).unwrap(), Some(known));
    drop(ledger);
    for file in std::fs::read_dir(place.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Reserve(usize),
    Answer(usize, Class),
    Crash,
    Resolve(usize, Verdict),
}

fn any_step() -> impl Strategy<Value = Step> {
    let class =
        prop_oneof![Just(Class::Billed), Just(Class::Unbilled), Just(Class::NotSent), Just(Class::InDoubt)];
    let verdict = prop_oneof![Just(Verdict::Billed), Just(Verdict::Unbilled), Just(Verdict::Resend)];
    prop_oneof![
        4 => (0_usize..4).prop_map(Step::Reserve),
        4 => (0_usize..8, class).prop_map(|(which, class)| Step::Answer(which, class)),
        1 => Just(Step::Crash),
        1 => (0_usize..8, verdict).prop_map(|(which, verdict)| Step::Resolve(which, verdict)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens in whatever order, crashes included, no subject is billed twice without a word.
    #[test]
    fn no_subject_is_billed_more_often_than_resends_allow(steps in proptest::collection::vec(any_step(), 1..40)) {
        let place = Place::new();
        let mut ledger = place.open().unwrap();
        let names = ["a", "b", "c", "d"];
        let mut run = ledger.begin_run(now(0)).unwrap();
        let mut open: Vec<IntentId> = Vec::new();
        let mut lost: Vec<IntentId> = Vec::new();
        for (second, step) in (1..).zip(steps) {
            match step {
                Step::Reserve(name) => {
                    let subject = subject(&ledger, names[name]);
                    if let Reserved::Intent(intent) = ledger.reserve(subject, &AskPolicy::default(), run, now(second)).unwrap() {
                        open.push(intent);
                    }
                }
                Step::Answer(which, class) if which < open.len() => {
                    let intent = open.swap_remove(which);
                    let answer = if class == Class::Billed { billed() } else { Answer::without_reply(class, "seen", now(second)) };
                    ledger.record(intent, &answer).unwrap();
                    if class == Class::InDoubt {
                        lost.push(intent);
                    }
                }
                Step::Resolve(which, verdict) if which < lost.len() => {
                    ledger.resolve(lost[which], verdict, "test", "test", now(second)).unwrap();
                }
                Step::Crash => {
                    drop(ledger);
                    ledger = place.open().unwrap();
                    run = ledger.begin_run(now(second)).unwrap();
                    lost.append(&mut open);
                }
                _ => {}
            }
            for name in names {
                let history = ledger.history(subject(&ledger, name)).unwrap();
                let perhaps = history.iter().filter(|attempt| attempt.was_billed() || attempt.may_have_been_billed()).count();
                let allowed = 1 + history.iter().filter(|attempt| attempt.verdict == Some(Verdict::Resend)).count();
                // A verdict that says "unbilled" frees the subject; one that changes later is the operator's.
                let freed = history.iter().filter(|attempt| attempt.verdict.is_some()).count();
                prop_assert!(perhaps <= allowed + freed, "{history:?}");
            }
        }
        let totals = ledger.totals(crate::domain::shanghai::day(now(0))).unwrap();
        let asked = names.iter().filter(|name| !ledger.history(subject(&ledger, name)).unwrap().is_empty()).count();
        prop_assert_eq!(totals.applicants.iter().sum::<u64>(), asked as u64);
        for (position, decision) in Decision::ALL.iter().enumerate() {
            let shown = names.iter().map(|name| ledger.history(subject(&ledger, name)).unwrap());
            let count = shown.filter(|history| !history.is_empty() && shown_decision(history) == *decision).count();
            prop_assert_eq!(totals.applicants[position], count as u64);
        }
    }
}

fn shown_decision(history: &History) -> Decision {
    shown(history).decision()
}
