//! What is told of a broken chain, what is not accepted, and what is kept beside the chain: the reserve and
//! the memory of photos.

use super::super::super::reserve_file::{Named, ReserveFile};
use super::super::super::{KnownPhoto, PhotoJudgement};
use super::*;

#[test]
fn a_broken_chain_is_told_with_its_group_its_time_and_how() {
    let place = Place::new();
    drop(answered(&place));
    let connection = Connection::open(place.path("l.db")).unwrap();
    let group = |of: &str| -> i64 {
        connection.query_row(&format!("SELECT min(id) FROM link WHERE {of}"), [], |row| row.get(0)).unwrap()
    };
    let (of_intent, of_answer) = (group("intent >= 2"), group("answer >= 2"));
    let newest: i64 = connection.query_row("SELECT max(id) FROM link", [], |row| row.get(0)).unwrap();
    let added = "INSERT INTO resolution (intent, verdict, who, why, time) VALUES (1, 'billed', 'me', '', 1)";
    for (sql, group, what) in [
        ("DELETE FROM intent WHERE id = 2", of_intent, Broken::RowMissing("intent")),
        ("DELETE FROM answer WHERE id = 2", of_answer, Broken::RowMissing("answer")),
        ("UPDATE answer SET res = '101' WHERE id = 2", of_answer, Broken::Changed),
        (&format!("DELETE FROM link WHERE id = {of_intent}"), of_intent, Broken::LinkMissing),
        (added, newest + 1, Broken::RowsAdded("resolution")),
    ] {
        let copy = place.copy();
        copy.tamper(&format!("{sql};"));
        // When the group was written is known as long as an intent of it or of a later one is left.
        let time = (group <= of_answer).then(|| shanghai::rfc3339(now(1)));
        assert_eq!(copy.fault(), Fault::Broken { group, time, what }, "{sql}");
    }
}

#[test]
fn what_no_word_makes_good_is_not_accepted() {
    let place = Place::new();
    drop(answered(&place));
    for sql in ["DELETE FROM intent WHERE id = 2;", "DELETE FROM run;", "DROP INDEX intent_of_subject;"] {
        let copy = place.copy();
        copy.tamper(sql);
        let before = fs::read(copy.path("l.db")).unwrap();
        let accepted = accept_rollback(&copy.path("l.db"), &copy.path("l.db.key"), "me", "I say so", now(9));
        assert!(matches!(accepted, Err(LedgerError::Unsound { .. })), "{sql} {accepted:?}");
        assert_eq!(fs::read(copy.path("l.db")).unwrap(), before, "{sql}");
    }
}

#[test]
fn an_answer_in_reserve_belongs_to_a_call_that_the_ledger_knows() {
    let place = Place::new();
    let mut ledger = place.open().unwrap();
    ledger.bind(EndpointKind::ThisMachine).unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    let intent = ask(&mut ledger, run, "a");
    let known = Named { intent, run, subject: subject(&ledger, "a"), asked_at: now(1) };
    let (stranger, seal) = (subject(&ledger, "b"), ledger.key().reserve.clone());
    drop(ledger);
    for (of, is_known) in [
        (known, true),
        (Named { intent: IntentId(intent.0 + 1), ..known }, false),
        (Named { run: RunId(run.0 + 1), ..known }, false),
        (Named { subject: stranger, ..known }, false),
        (Named { asked_at: now(2), ..known }, false),
    ] {
        for class in [Class::Billed, Class::InDoubt, Class::NotSent] {
            let place = place.copy();
            let mut reserve = ReserveFile::take(&place.path("l.db"), seal.clone(), 1).unwrap();
            reserve.keep(&[Kept { of, answer: Answer::without_reply(class, "", now(3)) }]).unwrap();
            if !is_known && class != Class::NotSent {
                assert!(matches!(place.fault(), Fault::LacksACall { .. }), "{of:?} {class:?}");
                assert!(place.path("l.db.reserve").exists());
                continue;
            }
            let ledger = place.open().unwrap();
            let history = ledger.history(known.subject).unwrap();
            let class_found = history.attempts[0].answer.as_ref().map(|answer| answer.class);
            assert_eq!(class_found, is_known.then_some(class), "{of:?} {class:?}");
            assert!(!place.path("l.db.reserve").exists(), "it is in the ledger now");
        }
    }
}

#[test]
fn what_is_remembered_of_photos_is_not_believed_once_it_was_changed() {
    let place = Place::new();
    let ledger = place.open().unwrap();
    let (photo, path) = (ledger.key().photo(b"p"), ledger.key().path(Path::new("/f"), "p.jpg"));
    let known = KnownPhoto { size_bytes: 1, modified_ns: 2, changed_ns: 3, photo };
    let judged = PhotoJudgement {
        preparer: 5,
        rejection: Some(("photo_face".to_owned(), "No face.".to_owned())),
        warnings: "small".to_owned(),
    };
    ledger.remember_photo(path, &known).unwrap();
    ledger.remember_judgement(photo, &judged).unwrap();
    assert_eq!(ledger.photo_at(path).unwrap(), Some(known));
    assert_eq!(ledger.judgement_of(photo).unwrap(), Some(judged));
    drop(ledger);
    assert_eq!(audit(&place.path("l.db"), &place.path("l.db.key")).unwrap().groups, 1, "no money, no group");
    for (table, set) in [
        ("photo_path", "size_bytes = 2"),
        ("photo_path", "modified_ns = 3"),
        ("photo_path", "changed_ns = 4"),
        ("photo_path", "photo = zeroblob(16)"),
        ("photo_judgement", "preparer = 6"),
        ("photo_judgement", "code = 'photo_fac', reason = 'eNo face.'"),
        ("photo_judgement", "reason = NULL"),
        ("photo_judgement", "warnings = ''"),
    ] {
        let copy = place.copy();
        copy.tamper(&format!("UPDATE {table} SET {set};"));
        let ledger = copy.open().unwrap();
        let is_path = table == "photo_path";
        assert_eq!(ledger.photo_at(path).unwrap().is_none(), is_path, "{set}");
        assert_eq!(ledger.judgement_of(photo).unwrap().is_none(), !is_path, "{set}");
    }
}
