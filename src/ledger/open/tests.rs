mod migration;
mod told;

use std::fs;

use proptest::prelude::*;

use super::super::store::{EndpointKind, Ledger, Reserved};
use super::super::{Broken, Subject, accept_rollback, audit};
use super::*;
use crate::domain::answer::{Answer, Class};
use crate::domain::decide::{AskPolicy, IntentId, RunId, Standing, Verdict};
use jiff::Timestamp;

const FILES: [&str; 4] = ["l.db", "l.db-wal", "l.db.anchor", "l.db.key"];

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// In memory where the system has such a folder: what is opened a thousand times need not wait for a disk.
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self { folder: folder.unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(&self.path("l.db"), &self.path("l.db.key"), Access::CreateIfMissing)
    }

    /// Copies the files as they are, as `kill -9` would leave them.
    fn copy(&self) -> Self {
        let copy = Self::new();
        for file in FILES {
            if self.path(file).exists() {
                fs::copy(self.path(file), copy.path(file)).unwrap();
            }
        }
        copy
    }

    fn fault(&self) -> Fault {
        match self.open() {
            Err(LedgerError::Unsound { fault, .. }) => fault,
            other => panic!("it must be refused: {other:?}"),
        }
    }

    /// Changes the file behind the program's back, and puts the triggers back as they were.
    fn tamper(&self, sql: &str) {
        let connection = Connection::open(self.path("l.db")).unwrap();
        let guards: Vec<(String, String)> = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        for (name, _) in &guards {
            connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        connection.execute_batch(&format!("PRAGMA foreign_keys = off; {sql}")).unwrap();
        for (_, sql) in &guards {
            connection.execute_batch(sql).unwrap();
        }
    }
}

fn now(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

fn subject(ledger: &Ledger, name: &str) -> Subject {
    ledger.key().subject(name, "1", "2", ledger.key().photo(b"p"))
}

fn ask(ledger: &mut Ledger, run: RunId, name: &str) -> IntentId {
    let subject = subject(ledger, name);
    match ledger.reserve(subject, &AskPolicy::default(), run, now(1)).unwrap() {
        Reserved::Intent(intent) => intent,
        Reserved::NotDue(standing) => panic!("{name} is due, not {standing:?}"),
    }
}

fn answer(ledger: &mut Ledger, intent: IntentId) {
    let answer = Answer {
        error_code: Some("0".into()),
        res: Some("100".into()),
        orderid: Some(format!("JH{}", intent.0)),
        ..Answer::without_reply(Class::Billed, "", now(2))
    };
    ledger.record(intent, &answer).unwrap();
}

/// Three persons asked about and answered.
fn answered(place: &Place) -> (Ledger, RunId) {
    let mut ledger = place.open().unwrap();
    ledger.bind(EndpointKind::ThisMachine).unwrap();
    let run = ledger.begin_run(now(0)).unwrap();
    for name in ["a", "b", "c"] {
        let intent = ask(&mut ledger, run, name);
        answer(&mut ledger, intent);
    }
    (ledger, run)
}

/// A ledger with something in every table: answers, a doubt, a word on another, an accepted older copy.
fn filled(place: &Place) -> Ledger {
    let (mut ledger, run) = answered(place);
    let settled = ask(&mut ledger, run, "d");
    ledger.resolve(settled, Verdict::Billed, "me", "seen on the bill", now(3)).unwrap();
    ask(&mut ledger, run, "e");
    drop(ledger);
    fs::remove_file(place.path("l.db.anchor")).unwrap();
    let (path, key) = (place.path("l.db"), place.path("l.db.key"));
    let (mut ledger, faults) = accept_rollback(&path, &key, "me", "test", now(4)).unwrap();
    assert_eq!(faults.len(), 1);
    let resend = AskPolicy { resend_doubts: true, ..AskPolicy::default() };
    let run = ledger.begin_run(now(5)).unwrap();
    let subject = subject(&ledger, "f");
    let Reserved::Intent(intent) = ledger.reserve(subject, &resend, run, now(6)).unwrap() else {
        panic!("a resend is allowed")
    };
    answer(&mut ledger, intent);
    ledger
}

/// All that the ledger knows, in a form that can be compared.
fn facts(ledger: &Ledger) -> String {
    let known =
        ["a", "b", "c", "d", "e", "f", "g"].map(|name| ledger.history(subject(ledger, name)).unwrap());
    format!("{known:?} {:?}", ledger.bound_to().unwrap())
}

#[test]
fn a_ledger_behind_its_anchor_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let ledger = filled(&place);
    drop(ledger);
    let backup = fs::read(place.path("l.db")).unwrap();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(7)).unwrap();
    let intent = ledger.reserve(subject(&ledger, "a"), &AskPolicy::default(), run, now(8)).unwrap();
    assert_eq!(intent, Reserved::NotDue(Standing::Settled));
    drop(ledger);
    fs::write(place.path("l.db"), &backup).unwrap();
    assert!(matches!(place.fault(), Fault::Behind { found, written } if written == found + 1));
    assert_eq!(fs::read(place.path("l.db")).unwrap(), backup);
    assert!(matches!(place.fault(), Fault::Behind { .. }), "looking makes it no better");
}

#[test]
fn a_copy_with_another_history_is_refused() {
    let place = Place::new();
    drop(filled(&place));
    let other = place.copy();
    for (place, name) in [(&place, "x"), (&other, "y")] {
        let mut ledger = place.open().unwrap();
        let run = ledger.begin_run(now(7)).unwrap();
        let policy = AskPolicy { resend_doubts: true, ..AskPolicy::default() };
        ledger.reserve(subject(&ledger, name), &policy, run, now(8)).unwrap();
    }
    fs::copy(other.path("l.db"), place.path("l.db")).unwrap();
    assert!(matches!(place.fault(), Fault::Diverged { .. }));
}

#[test]
fn a_lost_or_flipped_wal_is_noticed() {
    let place = Place::new();
    let ledger = filled(&place);
    let known = facts(&ledger);
    let killed = place.copy();
    let wal = fs::read(killed.path("l.db-wal")).unwrap();
    assert!(!wal.is_empty());
    assert_eq!(facts(&killed.copy().open().unwrap()), known, "a crash loses nothing");

    fs::remove_file(killed.path("l.db-wal")).unwrap();
    assert!(matches!(killed.fault(), Fault::Behind { .. }));
    fs::write(killed.path("l.db-wal"), &wal[..wal.len() / 2]).unwrap();
    assert!(matches!(killed.fault(), Fault::Behind { .. }));
    let mut flipped = wal.clone();
    flipped[wal.len() / 2] ^= 1;
    fs::write(killed.path("l.db-wal"), &flipped).unwrap();
    assert!(matches!(killed.fault(), Fault::Behind { .. }));
    assert_eq!(fs::read(killed.path("l.db-wal")).unwrap(), flipped, "what is refused is left as it is");
    fs::write(killed.path("l.db-wal"), &wal).unwrap();
    assert_eq!(facts(&killed.open().unwrap()), known, "the newest copy is welcome again");
}

#[test]
fn every_half_of_a_ledger_is_refused_and_nothing_at_all_begins_anew() {
    let place = Place::new();
    let ledger = filled(&place);
    let known = facts(&ledger);
    for taken in 0..1_u8 << FILES.len() {
        let copy = place.copy();
        let is_taken = |file: usize| taken & 1 << file != 0;
        for (_, name) in FILES.iter().enumerate().filter(|(file, _)| is_taken(*file)) {
            fs::remove_file(copy.path(name)).unwrap();
        }
        let opened = copy.open();
        let left: Vec<&str> =
            (0..FILES.len()).filter(|file| !is_taken(*file)).map(|file| FILES[file]).collect();
        match left.as_slice() {
            ["l.db", "l.db-wal", "l.db.anchor", "l.db.key"] => assert_eq!(facts(&opened.unwrap()), known),
            // Nothing says that there ever was a ledger.
            [] | ["l.db.key"] => assert!(opened.is_ok(), "{left:?}"),
            _ => {
                assert!(opened.is_err(), "{left:?}");
                for name in ["l.db", "l.db.key"] {
                    assert_eq!(copy.path(name).exists(), left.contains(&name), "{name} of {left:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_trace_of_a_ledger_is_not_taken_for_one() {
    let place = Place::new();
    fs::write(place.path("l.db-wal"), "").unwrap();
    let existing = Ledger::open(&place.path("l.db"), &place.path("l.db.key"), Access::ExistingOnly);
    assert!(matches!(existing, Err(LedgerError::Missing { .. })), "{existing:?}");
    assert!(place.open().is_ok(), "an empty file of that name is left by a crash");

    let place = Place::new();
    drop(place.open().unwrap());
    fs::remove_file(place.path("l.db")).unwrap();
    fs::write(place.path("l.db.anchor"), "no anchor").unwrap();
    assert!(matches!(place.open(), Err(LedgerError::Half { .. })));
    assert!(!place.path("l.db").exists(), "nothing is begun beside what cannot be read");
}

#[test]
fn every_crash_while_a_ledger_is_made_goes_on_by_itself() {
    let place = Place::new();
    drop(place.open().unwrap());
    let key = fs::read(place.path("l.db.key")).unwrap();
    let key = String::from_utf8(key).unwrap();
    let begun = Place::new();
    fs::write(begun.path("l.db.key"), &key).unwrap();
    drop(begun.open().unwrap());
    let seal = LedgerKey::load(&begun.path("l.db.key")).unwrap().anchor;
    let anchor = |place: &Place| {
        let mut anchor = Anchor::of(&place.path("l.db"), seal.clone());
        anchor.replace(super::Place::from(&Head::START)).unwrap();
    };
    for step in 0..4 {
        let place = Place::new();
        fs::write(place.path("l.db.key"), &key).unwrap();
        if step > 0 {
            anchor(&place);
        }
        if step > 1 {
            fs::write(place.path("l.db"), "").unwrap();
        }
        if step > 2 {
            // The tables are there, and the anchor has not moved yet.
            fs::copy(begun.path("l.db"), place.path("l.db")).unwrap();
        }
        let mut ledger = place.open().unwrap();
        let run = ledger.begin_run(now(0)).unwrap();
        ask(&mut ledger, run, "a");
        drop(ledger);
        assert!(place.open().is_ok(), "step {step}");
    }
}

#[test]
fn a_status_makes_no_ledger_beside_an_anchor() {
    let place = Place::new();
    drop(place.open().unwrap());
    fs::remove_file(place.path("l.db")).unwrap();
    let existing = Ledger::open(&place.path("l.db"), &place.path("l.db.key"), Access::ExistingOnly);
    assert!(matches!(existing, Err(LedgerError::Half { .. })), "{existing:?}");
    assert!(!place.path("l.db").exists());
}

#[test]
fn an_anchor_that_is_gone_or_damaged_is_refused() {
    let place = Place::new();
    drop(filled(&place));
    let anchor = fs::read(place.path("l.db.anchor")).unwrap();
    fs::remove_file(place.path("l.db.anchor")).unwrap();
    assert!(matches!(place.fault(), Fault::AnchorMissing { .. }));
    for bytes in [&b""[..], b"x", &anchor[1..], &[0; 12288]] {
        fs::write(place.path("l.db.anchor"), bytes).unwrap();
        assert!(matches!(place.fault(), Fault::AnchorUnreadable { .. }));
    }
    fs::write(place.path("l.db.anchor"), anchor).unwrap();
    assert!(place.open().is_ok());
}

/// Every column of every table that matters.
fn columns(place: &Place) -> Vec<(String, String)> {
    let connection = Connection::open(place.path("l.db")).unwrap();
    let mut columns = Vec::new();
    for table in CHAINED.into_iter().chain(["link"]) {
        let statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        columns.extend(statement.column_names().map(|column| (table.to_owned(), column.to_owned())));
    }
    columns
}

#[test]
fn no_value_of_any_table_can_be_changed_without_notice() {
    let place = Place::new();
    drop(filled(&place));
    let columns = columns(&place);
    assert!(columns.len() > 40, "{}", columns.len());
    for (table, column) in columns {
        let copy = place.copy();
        let kind = format!("typeof({column})");
        copy.tamper(&format!(
            "UPDATE {table} SET {column} = CASE {kind} WHEN 'integer' THEN {column} + 1000 WHEN 'null' THEN NULL
               WHEN 'blob' THEN zeroblob(length({column})) ELSE {column} || 'x' END
             WHERE id = (SELECT max(id) FROM {table} WHERE {column} IS NOT NULL);"
        ));
        let untouched = ["error_code", "score", "resmsg", "carrier", "reason", "http_status"];
        if untouched.contains(&column.as_str()) && column != "error_code" {
            // Nothing in this column: then a value is put in.
            copy.tamper(&format!("UPDATE {table} SET {column} = 7 WHERE id = 2;"));
        }
        let opened = copy.open();
        assert!(
            matches!(
                opened,
                Err(LedgerError::Unsound { .. } | LedgerError::KeyOfAnother { .. } | LedgerError::Sql { .. })
            ),
            "{table}.{column}: {opened:?}"
        );
    }
}

#[test]
fn no_row_can_be_removed_or_put_in_without_notice() {
    let place = Place::new();
    drop(filled(&place));
    for table in CHAINED.into_iter().chain(["link"]) {
        let copy = place.copy();
        copy.tamper(&format!("DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table});"));
        assert!(copy.open().is_err(), "the newest row of {table}");
        let copy = place.copy();
        // What was before the newest link that starts anew is history, and proves nothing.
        let first = if table == "link" { "(SELECT max(id) FROM link WHERE anew)" } else { "1" };
        copy.tamper(&format!("DELETE FROM {table} WHERE id = {first};"));
        assert!(copy.open().is_err(), "the first row of {table}");
    }
    place.tamper(
        "INSERT INTO resolution (intent, verdict, who, why, time) VALUES (5, 'unbilled', 'me', '', 1);",
    );
    assert!(matches!(place.fault(), Fault::Broken { what: Broken::RowsAdded("resolution"), .. }));
}

#[test]
fn the_guards_cannot_be_taken_away_without_notice() {
    let place = Place::new();
    drop(filled(&place));
    let connection = Connection::open(place.path("l.db")).unwrap();
    connection.execute_batch("DROP TRIGGER answer_is_never_updated").unwrap();
    drop(connection);
    assert!(matches!(place.fault(), Fault::TablesChanged));
}

#[test]
fn an_index_that_lacks_a_row_is_noticed() {
    let place = Place::new();
    let ledger = filled(&place);
    let subject = subject(&ledger, "a").0;
    drop(ledger);
    // The index holds the subject a second time: there, one bit is flipped.
    let mut bytes = fs::read(place.path("l.db")).unwrap();
    let spots: Vec<usize> =
        bytes.windows(32).enumerate().filter(|(_, window)| *window == subject).map(|(at, _)| at).collect();
    assert!(spots.len() >= 2, "{spots:?}");
    for at in spots {
        bytes[at] ^= 1;
        fs::write(place.path("l.db"), &bytes).unwrap();
        assert!(place.open().is_err(), "at {at}");
        bytes[at] ^= 1;
    }
    fs::write(place.path("l.db"), &bytes).unwrap();
    assert!(place.open().is_ok());
}

#[test]
fn an_accepted_older_copy_holds_everyone_without_an_answer() {
    let place = Place::new();
    drop(filled(&place));
    let backup = fs::read(place.path("l.db")).unwrap();
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(7)).unwrap();
    let resend = AskPolicy { resend_doubts: true, ..AskPolicy::default() };
    let asked = ledger.reserve(subject(&ledger, "e"), &resend, run, now(8)).unwrap();
    assert!(matches!(asked, Reserved::Intent(_)), "{asked:?}");
    drop(ledger);
    fs::write(place.path("l.db"), backup).unwrap();
    let (path, key) = (place.path("l.db"), place.path("l.db.key"));
    let shown = audit(&path, &key).unwrap();
    assert!(matches!(shown.faults.as_slice(), [Fault::Behind { .. }]), "{:?}", shown.faults);

    let (ledger, faults) = accept_rollback(&path, &key, "me", "the disk died", now(9)).unwrap();
    assert_eq!(faults, shown.faults);
    drop(ledger);
    let mut ledger = place.open().unwrap();
    let run = ledger.begin_run(now(10)).unwrap();
    let resend = AskPolicy { resend_doubts: true, ..AskPolicy::default() };
    for (name, held) in [("a", false), ("f", false), ("e", true), ("never heard of", true)] {
        let subject = subject(&ledger, name);
        let standing = ledger.reserve(subject, &AskPolicy::default(), run, now(11)).unwrap();
        let expected = if held { Standing::Held } else { Standing::Settled };
        assert_eq!(standing, Reserved::NotDue(expected), "{name}");
        if held {
            let allowed = ledger.reserve(subject, &resend, run, now(12)).unwrap();
            let Reserved::Intent(intent) = allowed else { panic!("{name}: {allowed:?}") };
            answer(&mut ledger, intent);
        }
    }
    drop(ledger);
    let shown = audit(&path, &key).unwrap();
    assert!(shown.faults.is_empty(), "{:?}", shown.faults);
    assert_eq!(shown.anchor, Some(shown.groups));
    assert!(shown.verified_from > 1);
    let nothing_wrong = accept_rollback(&path, &key, "me", "again", now(13)).unwrap();
    assert!(nothing_wrong.1.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// One flipped bit anywhere leaves the same facts or is refused.
    #[test]
    fn a_flipped_bit_anywhere_changes_no_fact_unnoticed(file in 0_usize..3, at in 0_usize..1 << 20, bit in 0_u8..8) {
        thread_local! {
            static SAMPLE: (Place, String) = {
                let place = Place::new();
                let ledger = filled(&place);
                let known = facts(&ledger);
                let killed = place.copy();
                (killed, known)
            };
        }
        SAMPLE.with(|(sample, known)| {
            let copy = sample.copy();
            let path = copy.path(FILES[file]);
            let mut bytes = fs::read(&path).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            fs::write(&path, bytes).unwrap();
            if let Ok(ledger) = copy.open() {
                assert_eq!(&facts(&ledger), known, "{} at {at}", FILES[file]);
            }
        });
    }
}
