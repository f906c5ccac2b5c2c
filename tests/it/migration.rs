//! A ledger from before the chain, met by today's program: nobody is asked again, and it may be killed or fail
//! at any call on the ledger's files while it brings the old one over.

use std::fs;

use rusqlite::Connection;
use rustix::io::Errno;

use crate::support::books::quick_folder;
use crate::support::counting_server::CountingServer;
use crate::support::interposer::{FILES, How, Interposer, Plan, all, say, until_over};
use crate::support::program::{Applicant, Scene};
use crate::support::recording;
use crate::support::wire::Reply;

/// The tables as the program of that time made them.
const SCHEMA_1: &str = include_str!("support/ledger-schema-1.sql");

/// The same facts, as that program kept them; the last call broke off before its answer was written.
const FACTS: &str = "
    INSERT INTO setting (name, value) SELECT name, value FROM new.setting WHERE name != 'identity';
    INSERT INTO run SELECT * FROM new.run;
    INSERT INTO intent SELECT id, subject, time, run FROM new.intent;
    INSERT INTO answer
      SELECT intent, class, error_code, res, resmsg, score, carrier, orderid, reason, http_status, seen, time
      FROM new.answer WHERE intent < (SELECT max(id) FROM new.intent);
    INSERT INTO resolution SELECT * FROM new.resolution;
    INSERT INTO photo_path SELECT path, size_bytes, modified_ns, changed_ns, photo FROM new.photo_path;
    INSERT INTO photo_judgement SELECT photo, preparer, code, reason, warnings FROM new.photo_judgement;";

/// How many persons the old ledger was asked about, and how many there are.
const ASKED: usize = 8;
const ROWS: usize = 10;

/// Who stays in doubt, who may be asked (by an operator's word, or because nobody has been), by row from 0.
const DOUBTFUL: [usize; 3] = [1, 5, 7];
const DUE: [usize; 3] = [3, 8, 9];

/// The files of the old ledger: its key and itself.
struct Old {
    people: Vec<Applicant>,
    files: Vec<(&'static str, Vec<u8>)>,
    output: Vec<String>,
}

impl Old {
    /// Lets today's program ask, and tells the old ledger what came of it.
    fn new() -> Self {
        let endings: Vec<&str> =
            (0..ROWS).map(|row| if [1, 3, 5].contains(&row) { "555" } else { "100" }).collect();
        let people = Applicant::with_endings(&endings);
        let scene = Scene::new(&people);
        let server = CountingServer::start(|request| {
            if request.mobile_ends("555") { Reply::CloseAfterBody } else { Reply::verdict(100) }
        });
        let run = scene.run(&server.endpoint()).args(["--concurrency", "1", "--limit", &ASKED.to_string()]);
        run.finish().expect_code(1);
        for (row, word) in [("3", "--billed"), ("5", "--unbilled")] {
            let resolve = scene.command("resolve").args(["--ledger", "reverify.db", "applicants.csv"]);
            resolve.args(["--row", row, word, "--reason", "by the bill"]).finish().expect_code(1);
        }
        let output = scene.output().column("orderid").into_iter().map(str::to_owned).collect();
        let old = Connection::open(scene.path("old.db")).unwrap();
        old.pragma_update(None, "journal_mode", "WAL").unwrap();
        old.execute_batch(SCHEMA_1).unwrap();
        let new = scene.path("reverify.db");
        old.execute("ATTACH ?1 AS new", [new.to_str().unwrap()]).unwrap();
        old.execute_batch(FACTS).unwrap();
        old.close().unwrap();
        let key = fs::read(scene.path("reverify.db.key")).unwrap();
        let ledger = fs::read(scene.path("old.db")).unwrap();
        Self { people, files: vec![("reverify.db.key", key), ("reverify.db", ledger)], output }
    }

    fn scene(&self) -> Scene {
        let scene = Scene::quick(&self.people);
        for (name, bytes) in &self.files {
            scene.write(name, bytes);
        }
        scene
    }

    /// Checks the end of a run after which nobody is due. `lost`: how many more may be in doubt.
    #[track_caller]
    fn check(&self, scene: &Scene, server: &CountingServer, lost: usize) {
        for (row, of) in self.people.iter().enumerate() {
            let most = usize::from(DUE.contains(&row));
            assert!(server.calls_about(&of.idcard) <= most, "row {row} was asked again");
        }
        let table = scene.output();
        let decisions = table.column("decision");
        let doubts = table.count("decision", "unresolved");
        assert!(DOUBTFUL.iter().all(|row| decisions[*row] == "unresolved"), "{decisions:?}");
        assert!(doubts <= DOUBTFUL.len() + lost, "{decisions:?}");
        assert_eq!(table.count("decision", "match"), ROWS - doubts, "{decisions:?}");
        for row in (0..ASKED).filter(|row| !DOUBTFUL.contains(row) && !DUE.contains(row)) {
            assert_eq!(table.column("orderid")[row], self.output[row]);
        }
        assert!(scene.path("reverify.db.anchor").exists());
        scene.command("audit").args(["--ledger", "reverify.db"]).finish().expect_code(0);
    }
}

#[test]
fn a_ledger_of_the_first_schema_goes_on_and_nobody_is_asked_twice() {
    let old = Old::new();
    let scene = old.scene();
    let server = CountingServer::start(|_| Reply::verdict(100));
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(server.calls(), DUE.len());
    old.check(&scene, &server, 0);
    let output = scene.output_bytes();
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!((server.calls(), scene.output_bytes()), (DUE.len(), output));

    // Put back over the new one, it would forget what was asked since.
    for (name, bytes) in &old.files {
        scene.write(name, bytes);
    }
    scene.run(&server.endpoint()).finish().expect_code(74);
    assert_eq!(server.calls(), DUE.len());
}

/// Stops the first run at one call on the ledger's files, and goes on. `false`: there is no such call.
fn stopped_at(old: &Old, interposer: Interposer, how: How, point: usize) -> bool {
    let scene = old.scene();
    let server = CountingServer::start(|_| Reply::verdict(100));
    let run = || scene.run(&server.endpoint()).args(["--face", "off", "--concurrency", "2"]);
    let logs = quick_folder();
    let log = logs.path().join("log");
    let plan = Plan {
        calls: Some(FILES),
        paths: Some("reverify.db"),
        log: Some(log.clone()),
        ..Plan::once(how, point)
    };
    let ended = interposer.prepare(run(), scene.folder(), &plan).finish();
    // A failure may do no harm; a kill always does.
    assert!(matches!(ended.code, None | Some(1 | 74)), "{point}: {ended:?}");
    server.settle();
    run().finish().expect_code(1);
    old.check(&scene, &server, if ended.code == Some(1) { 0 } else { 2 });
    let (_, counted) = recording::read(&log, scene.folder());
    counted >= point
}

#[test]
fn bringing_it_over_may_be_killed_or_fail_at_any_call_on_its_files() {
    let Some(interposer) = Interposer::get() else { return };
    let old = Old::new();
    let nth = if all() { 1 } else { 3 };
    let (full, broken) = (How::Fail(Errno::NOSPC.raw_os_error()), How::Fail(Errno::IO.raw_os_error()));
    let ways = [How::KillBefore, How::KillHalf, full, broken];
    let mut tried = 0;
    for (start, how) in (1..).zip(ways) {
        let points = |point| start.min(nth) + (point - 1) * nth;
        tried += until_over(|point| stopped_at(&old, interposer, how, points(point)));
    }
    say(&format!("crash points: {tried} tried while a ledger of the first schema is brought over"));
    assert!(tried > 80, "only {tried} calls are seen");
}
