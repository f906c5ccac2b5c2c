//! A disk that fails at any one call, or from any call on: no request goes out whose intent does not last, the
//! exit code says whose files failed, and the next run is right.
//!
//! `tests/it/disk.rs` has the same from an operator's view: full disks, folders that vanish. Here each call is
//! made to fail in its turn. `REVERIFY_CRASH_ALL=1` tries every call with every error.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;

use crate::support::books::{Books, quick_folder};
use crate::support::counting_server::CountingServer;
use crate::support::disk_image::{self, Disk, Loss};
use crate::support::interposer::{FILES, How, Interposer, Plan, all, say, until_over};
use crate::support::program::{Applicant, Finished, Scene};
use crate::support::recording::{self, Event};
use crate::support::wire::Reply;

const ROWS: usize = 12;
const CONCURRENCY: usize = 4;

/// Whose calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    Ledger,
    Output,
    All,
}

impl Files {
    const fn paths(self) -> Option<&'static str> {
        match self {
            Self::Ledger => Some("reverify.db|.ledger-key"),
            Self::Output => Some("verified.csv"),
            Self::All => None,
        }
    }

    /// The exit codes that tell the truth about a failure of these files.
    const fn codes(self) -> &'static [i32] {
        match self {
            Self::Ledger => &[74],
            Self::Output => &[73],
            Self::All => &[73, 74],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Duration {
    Once,
    FromOn,
}

/// One way in which a disk fails.
#[derive(Clone, Copy, Debug)]
struct Failure {
    name: &'static str,
    files: Files,
    calls: &'static str,
    how: How,
    lasts: Duration,
    /// Every nth call is tried where time is short.
    nth: usize,
}

const fn failure(
    name: &'static str,
    files: Files,
    calls: &'static str,
    how: How,
    lasts: Duration,
    nth: usize,
) -> Failure {
    Failure { name, files, calls, how, lasts, nth }
}

const ENOSPC: How = How::Fail(Errno::NOSPC.raw_os_error());
const EDQUOT: How = How::Fail(Errno::DQUOT.raw_os_error());
const EIO: How = How::Fail(Errno::IO.raw_os_error());

const FAILURES: [Failure; 15] = [
    failure("a disk that is full from then on", Files::All, FILES, How::Full, Duration::FromOn, 5),
    failure("a full disk under the ledger", Files::Ledger, FILES, How::Full, Duration::FromOn, 3),
    failure("ENOSPC once", Files::Ledger, FILES, ENOSPC, Duration::Once, 5),
    failure("ENOSPC from then on", Files::Ledger, FILES, ENOSPC, Duration::FromOn, 9),
    failure("EDQUOT from then on", Files::Ledger, FILES, EDQUOT, Duration::FromOn, 9),
    failure("EIO once", Files::Ledger, FILES, EIO, Duration::Once, 4),
    failure("EIO from then on", Files::Ledger, FILES, EIO, Duration::FromOn, 7),
    failure("a short write, then a full disk", Files::Ledger, "w", How::Short, Duration::FromOn, 9),
    failure("one short write", Files::Ledger, "w", How::Short, Duration::Once, 9),
    failure("one sync that fails", Files::Ledger, "s", EIO, Duration::Once, 1),
    failure("syncs that fail from then on", Files::Ledger, "s", EIO, Duration::FromOn, 2),
    failure("ENOSPC once", Files::Output, FILES, ENOSPC, Duration::Once, 1),
    failure("EIO from then on", Files::Output, FILES, EIO, Duration::FromOn, 1),
    failure("one short write", Files::Output, "w", How::Short, Duration::Once, 1),
    failure("one sync that fails", Files::Output, "s", EIO, Duration::Once, 1),
];

/// One list on a disk that fails.
struct Story {
    people: Vec<Applicant>,
    scene: Scene,
    server: CountingServer,
    name: String,
}

impl Story {
    fn new(failure: &Failure, at: usize) -> Self {
        let people = Applicant::many(ROWS);
        let scene = Scene::quick(&people);
        let server = CountingServer::start(|_| Reply::verdict(100));
        Self { people, scene, server, name: format!("{:?}: {} at call {at}", failure.files, failure.name) }
    }

    fn run(&self) -> crate::support::program::Run {
        let concurrency = CONCURRENCY.to_string();
        let run = self.scene.run(&self.server.endpoint());
        run.args(["--concurrency", &concurrency, "--rate", "10000/s", "--face", "off"])
    }

    /// Runs while the disk fails; `None` if the run had no such call.
    fn fail(
        &self,
        interposer: Interposer,
        failure: &Failure,
        at: usize,
    ) -> Option<(Finished, Vec<Event>, Disk)> {
        let logs = quick_folder();
        let log = logs.path().join("log");
        let mut plan = match failure.lasts {
            Duration::Once => Plan::once(failure.how, at),
            Duration::FromOn => Plan::from_on(failure.how, at),
        };
        (plan.calls, plan.paths, plan.log) = (Some(failure.calls), failure.files.paths(), Some(log.clone()));
        let before = Disk::new(self.scene.files());
        let finished = interposer.prepare(self.run(), self.scene.folder(), &plan).finish();
        self.server.settle();
        let (events, counted) = recording::read(&log, self.scene.folder());
        (counted >= at).then_some((finished, events, before))
    }

    /// The code says whose files failed, unless the failure did no harm.
    fn check_code(&self, failure: &Failure, finished: &Finished) {
        let name = &self.name;
        match finished.code {
            Some(0) => {
                let matches = self.scene.output().count("decision", "match");
                assert_eq!((matches, self.server.calls()), (ROWS, ROWS), "{name}");
                assert!(self.has_its_log(), "{name}: all is well, but commits did not go where they should");
            }
            Some(code) => {
                assert!(failure.files.codes().contains(&code), "{name}: {finished:?}");
                assert!(!finished.stderr.contains("locked"), "{name}: a disk is no lock: {finished:?}");
            }
            None => panic!("{name}: {finished:?}"),
        }
    }

    /// The ledger's header says that commits go into a write-ahead log (bytes 18 and 19 of SQLite's file format).
    fn has_its_log(&self) -> bool {
        std::fs::read(self.scene.path("reverify.db")).is_ok_and(|ledger| ledger.get(18..20) == Some(&[2, 2]))
    }

    /// Every request that went out has its intent in the ledger, now that the program is gone.
    fn check_intents(&self) -> usize {
        let books = Books::of_copy(self.scene.folder(), &self.people);
        let name = &self.name;
        let books = books.unwrap_or_else(|error| panic!("{name}: the next run is refused: {error}"));
        for (serial, of) in self.people.iter().enumerate() {
            let (asked, known) = (self.server.calls_about(&of.idcard), books.of(serial).len());
            assert!(asked <= known && asked <= 1, "{name}: {asked} requests, {known} intents");
        }
        books.doubts()
    }

    /// The next run finds a disk that works.
    fn go_on(&self, failure: &Failure) {
        let name = &self.name;
        let finished = self.run().finish();
        let table = self.scene.output();
        let doubtful: HashSet<&str> = table
            .rows
            .iter()
            .filter(|row| row["decision"] == "unresolved")
            .map(|row| &*row["idcard"])
            .collect();
        assert_eq!(finished.code, Some(i32::from(!doubtful.is_empty())), "{name}: {finished:?}");
        assert_eq!(table.count("decision", "match") + doubtful.len(), ROWS, "{name}");
        // What was answered while the disk was full is in the reserve, which was made while it was not.
        let most = if failure.how == How::Full { 0 } else { CONCURRENCY };
        assert!(doubtful.len() <= most, "{name}: {} in doubt", doubtful.len());
        assert!(self.server.billed_per_subject_max() <= 1, "{name}");
        self.run().args(["--in-doubt", "resend"]).finish().expect_code(0);
        for of in &self.people {
            let allowed = 1 + usize::from(doubtful.contains(&*of.idcard));
            assert!(self.server.calls_about(&of.idcard) <= allowed, "{name}");
        }
    }
}

/// Lets a disk fail at its `at`th call. `false`: there is no such call.
fn one_failure(interposer: Interposer, failure: &Failure, at: usize) -> bool {
    let story = Story::new(failure, at);
    let Some((finished, events, before)) = story.fail(interposer, failure, at) else { return false };
    story.check_code(failure, &finished);
    story.check_intents();
    if failure.files == Files::Ledger && failure.calls == "s" {
        no_request_went_before_its_intent_lasted(&story, &events, before);
    }
    story.go_on(failure);
    true
}

/// At the moment at which a request left, a power loss would have kept its intent. What a failed sync was to
/// save is taken for lost, whatever a later one says.
fn no_request_went_before_its_intent_lasted(story: &Story, events: &[Event], mut disk: Disk) {
    let left = events.iter().filter(|event| matches!(event, Event::RequestLeft { .. })).count();
    assert_eq!(left, story.server.calls(), "{}", story.name);
    for event in events {
        disk.apply(event);
        if let Event::RequestLeft { mobile } = event {
            let folder = quick_folder();
            disk_image::write(&disk.after(Loss::Everything), folder.path());
            let books = Books::read(folder.path(), &story.people).expect("a power loss leaves a ledger");
            let serial = story.people.iter().position(|of| of.mobile == *mobile).expect("one of ours");
            assert!(!books.of(serial).is_empty(), "{}: sent without an intent that lasts", story.name);
        }
    }
}

#[test]
fn a_disk_that_fails_at_any_call_costs_nothing_twice_and_the_next_run_is_right() {
    let Some(interposer) = Interposer::get() else { return };
    let tried = AtomicUsize::new(0);
    for failure in &FAILURES {
        let nth = if all() { 1 } else { failure.nth };
        let points = until_over(|point| one_failure(interposer, failure, 1 + (point - 1) * nth));
        assert!(points >= 1, "{failure:?} never happened");
        tried.fetch_add(points, Ordering::SeqCst);
    }
    let tried = tried.into_inner();
    say(&format!("failing disks: {tried} calls made to fail, in {} ways", FAILURES.len()));
    assert!(tried > 100, "only {tried} calls are seen");
}
