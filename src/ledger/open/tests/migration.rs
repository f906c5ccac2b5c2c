//! A ledger from before the chain, met by today's program.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::super::super::key::PhotoMark;
use super::super::super::{KnownPhoto, PhotoJudgement};
use super::*;
use crate::domain::decide::Attempt;

/// The tables and guards as the program of that time made them.
const SCHEMA_1: &str = include_str!("../../../../tests/it/support/ledger-schema-1.sql");

/// What an old ledger knows of an applicant: one attempt, its answer, and the words on its doubt.
struct Old {
    name: &'static str,
    answer: Option<(Class, Option<&'static str>, Option<&'static str>)>,
    words: &'static [Verdict],
    /// Whether a run may ask about it.
    is_due: bool,
}

const OLD: [Old; 9] = [
    Old { name: "a", answer: Some((Class::Billed, Some("0"), Some("100"))), words: &[], is_due: false },
    Old { name: "b", answer: Some((Class::Unbilled, Some("280102"), None)), words: &[], is_due: false },
    Old { name: "c", answer: Some((Class::InDoubt, None, None)), words: &[], is_due: false },
    Old { name: "d", answer: None, words: &[Verdict::Billed], is_due: false },
    Old { name: "e", answer: None, words: &[Verdict::Unbilled], is_due: true },
    Old { name: "f", answer: None, words: &[], is_due: false },
    Old {
        name: "g",
        answer: Some((Class::InDoubt, None, None)),
        words: &[Verdict::Resend, Verdict::Billed],
        is_due: false,
    },
    Old { name: "h", answer: Some((Class::NotSent, None, None)), words: &[], is_due: true },
    Old { name: "i", answer: Some((Class::Unbilled, Some("10011"), None)), words: &[], is_due: true },
];

const PHOTO: KnownPhoto =
    KnownPhoto { size_bytes: 7, modified_ns: 8, changed_ns: 9, photo: PhotoMark([5; 16]) };

impl Old {
    fn answer(&self, number: i64) -> Option<Answer> {
        let (class, code, res) = self.answer?;
        Some(Answer {
            error_code: code.map(str::to_owned),
            res: res.map(str::to_owned),
            resmsg: Some("核验".to_owned()),
            score: Some("982.7".to_owned()),
            carrier: Some("联通".to_owned()),
            orderid: Some(format!("JH{number}")),
            reason: Some("成功".to_owned()),
            http_status: Some(200),
            ..Answer::without_reply(class, "seen then", now(20 + number))
        })
    }

    fn attempt(&self, number: i64) -> Attempt {
        Attempt {
            intent: IntentId(number),
            run: RunId(1 + number / 5),
            asked_at: now(10 + number),
            answer: self.answer(number),
            verdict: self.words.last().copied(),
        }
    }
}

fn judgement() -> PhotoJudgement {
    let rejection = Some(("too-dark".to_owned(), "it is too dark".to_owned()));
    PhotoJudgement { preparer: 3, rejection, warnings: "small".to_owned() }
}

/// Writes the old ledger, with a key of its own, as that program would have left it.
fn old_ledger() -> Place {
    let place = Place::new();
    let key = LedgerKey::create(&place.path("l.db.key")).unwrap();
    let db = Connection::open(place.path("l.db")).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(SCHEMA_1).unwrap();
    let setting = "INSERT INTO setting (name, value) VALUES (?1, ?2)";
    db.execute(setting, ("key_check", key.check())).unwrap();
    db.execute(setting, ("endpoint", "this machine")).unwrap();
    for run in [1, 2] {
        db.execute("INSERT INTO run (started, pid, program) VALUES (?1, 1, '0.1.0')", [run]).unwrap();
    }
    for (number, old) in (1..).zip(&OLD) {
        let attempt = old.attempt(number);
        let subject = key.subject(old.name, "1", "2", key.photo(b"p"));
        let values = (subject.0, attempt.asked_at.as_millisecond(), attempt.run.0);
        db.execute("INSERT INTO intent (subject, time, run) VALUES (?1, ?2, ?3)", values).unwrap();
        if let Some(answer) = &attempt.answer {
            rows::insert_answer(&db, attempt.intent, answer).unwrap();
        }
        for word in old.words {
            rows::insert_resolution(&db, attempt.intent, *word, "me", "by the bill", now(40)).unwrap();
        }
    }
    let path = key.path(Path::new("a"), "b.jpg");
    let values = (path.0, PHOTO.size_bytes, PHOTO.modified_ns, PHOTO.changed_ns, PHOTO.photo.0);
    db.execute("INSERT INTO photo_path VALUES (?1, ?2, ?3, ?4, ?5)", values).unwrap();
    let judged = judgement();
    let (code, reason) = judged.rejection.unwrap();
    let values = (PHOTO.photo.0, judged.preparer, code, reason, judged.warnings);
    db.execute("INSERT INTO photo_judgement VALUES (?1, ?2, ?3, ?4, ?5)", values).unwrap();
    place
}

/// Opens the ledger, and checks that it knows what the old one knew, under a chain and an anchor.
#[track_caller]
fn check_brought_over(place: &Place) {
    let ledger = place.open().unwrap();
    for (number, old) in (1..).zip(&OLD) {
        let history = ledger.history(subject(&ledger, old.name)).unwrap();
        assert_eq!(history.attempts, [old.attempt(number)], "{}", old.name);
        assert_eq!(history.lost, None);
    }
    assert_eq!(ledger.bound_to().unwrap(), Some(EndpointKind::ThisMachine));
    assert_eq!(ledger.photo_at(ledger.key().path(Path::new("a"), "b.jpg")).unwrap(), Some(PHOTO));
    assert_eq!(ledger.judgement_of(PHOTO.photo).unwrap(), Some(judgement()));
    drop(ledger);
    let audit = audit(&place.path("l.db"), &place.path("l.db.key")).unwrap();
    assert_eq!((audit.faults, audit.groups, audit.verified_from, audit.anchor), (vec![], 1, 1, Some(1)));
    let counts = audit.counts.unwrap();
    assert_eq!((counts.runs, counts.intents, counts.answers, counts.resolutions), (2, 9, 6, 4));
    assert_eq!((counts.billed, counts.in_doubt), (3, 2));
}

#[test]
fn an_old_ledger_keeps_what_it_knows_and_nobody_is_asked_who_would_not_have_been() {
    let place = old_ledger();
    check_brought_over(&place);
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(50)).unwrap();
    assert_eq!(run, RunId(3));
    for old in &OLD {
        let subject = subject(&ledger, old.name);
        let reserved = ledger.reserve(subject, &AskPolicy::default(), run, now(51)).unwrap();
        assert_eq!(matches!(reserved, Reserved::Intent(_)), old.is_due, "{}: {reserved:?}", old.name);
    }
    let begun = ask(&mut ledger, run, "somebody new");
    answer(&mut ledger, begun);
    drop(ledger);
    place.open().unwrap();
}

#[test]
fn from_then_on_nothing_of_it_can_be_changed_or_set_back_without_notice() {
    let place = old_ledger();
    let before = place.copy();
    drop(place.open().unwrap());
    for (table, column) in [("intent", "time"), ("answer", "time"), ("resolution", "time"), ("run", "pid")] {
        let copy = place.copy();
        copy.tamper(&format!("UPDATE {table} SET {column} = {column} + 1 WHERE id = 1"));
        assert!(matches!(copy.fault(), Fault::Broken { group: 1, .. }), "{table}");
    }
    // The old file beside an anchor that has moved on is last week's backup.
    fs::copy(before.path("l.db"), place.path("l.db")).unwrap();
    assert!(matches!(place.open(), Err(LedgerError::Half { .. })));
    // Without its anchor, the new one is no better than any other that has lost it.
    let bare = old_ledger();
    drop(bare.open().unwrap());
    fs::remove_file(bare.path("l.db.anchor")).unwrap();
    assert!(matches!(bare.fault(), Fault::AnchorMissing { .. }));
}

/// Brings the ledger over as opening it does, but with something in the way.
fn migrate_with(place: &Place, obstruct: impl FnOnce(&mut Connection)) -> rusqlite::Result<Head> {
    let key = LedgerKey::load(&place.path("l.db.key")).unwrap();
    let mut anchor = Anchor::of(&place.path("l.db"), key.anchor.clone());
    anchor.replace(super::super::Place::from(&Head::START)).unwrap();
    let mut connection = Connection::open(place.path("l.db")).unwrap();
    schema::hold(&connection).unwrap();
    schema::configure(&connection).unwrap();
    obstruct(&mut connection);
    schema::migrate(&mut connection, &key, [1; 16])
}

#[test]
fn a_migration_that_fails_at_any_statement_leaves_the_old_ledger_or_the_new_one() {
    let old = old_ledger();
    let mut failed = 0;
    for point in 1.. {
        let place = old.copy();
        let mut seen = 0;
        let refuse = move |asked: AuthContext<'_>| {
            // Each statement asks for something beside the columns that it reads.
            seen += usize::from(!matches!(asked.action, AuthAction::Read { .. }));
            if seen == point { Authorization::Deny } else { Authorization::Allow }
        };
        let migrated = migrate_with(&place, |connection| connection.authorizer(Some(refuse)).unwrap());
        check_brought_over(&place);
        if migrated.is_ok() {
            break;
        }
        failed += 1;
    }
    assert!(failed > 300, "only {failed} points");
}

#[test]
fn a_migration_that_breaks_off_within_a_statement_does_no_harm_either() {
    let old = old_ledger();
    let mut failed = 0;
    for point in (0..).step_by(97) {
        let place = old.copy();
        let mut steps = 0;
        let interrupt = move || {
            steps += 1;
            steps > point
        };
        let migrated =
            migrate_with(&place, |connection| connection.progress_handler(1, Some(interrupt)).unwrap());
        check_brought_over(&place);
        if migrated.is_ok() {
            break;
        }
        failed += 1;
    }
    assert!(failed > 30, "only {failed} points");
}

#[test]
fn an_old_ledger_that_is_damaged_is_refused_and_left_as_it_is() {
    let place = old_ledger();
    let key = LedgerKey::load(&place.path("l.db.key")).unwrap();
    let subject = key.subject("a", "1", "2", key.photo(b"p")).0;
    let whole = fs::read(place.path("l.db")).unwrap();
    // Once in the table and once in its index, which then have no longer the same rows.
    let spots: Vec<usize> =
        whole.windows(32).enumerate().filter(|(_, window)| *window == subject).map(|(at, _)| at).collect();
    assert!(spots.len() >= 2, "{spots:?}");
    for at in spots {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(place.path("l.db"), &bytes).unwrap();
        assert!(matches!(place.fault(), Fault::Damaged { .. }), "at {at}");
        assert_eq!(fs::read(place.path("l.db")).unwrap(), bytes);
        assert!(!place.path("l.db.anchor").exists());
    }
    fs::write(place.path("l.db"), &whole).unwrap();
    check_brought_over(&place);
}
