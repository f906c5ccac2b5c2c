//! Every system call a crash point: the program is killed before it, after it, or with half of it done, and
//! whatever it was, nothing is paid for twice and nothing that was known is lost.
//!
//! What counts as a point: each write, sync, rename, removal, creation and change of length or mode of a file
//! of the run, and each connect, send and receive. `REVERIFY_CRASH_ALL=1` tries all of them in every way.

use std::collections::HashSet;

use crate::support::books::Books;
use crate::support::counting_server::CountingServer;
use crate::support::interposer::{How, Interposer, Plan, all, say, until_over};
use crate::support::program::{Applicant, Finished, Run, Scene, Table};
use crate::support::wire::Reply;

const ROWS: usize = 20;
const CONCURRENCY: usize = 4;

/// What stood at the output's path before the first run.
const OLD_OUTPUT: &[u8] = b"an output of last month\n";

/// A verdict whose number tells it from every other.
fn numbered_verdict(number: usize) -> Reply {
    Reply::json(&format!(
        r#"{{"reason":"成功","result":{{"orderid":"JH{number}","res":100,"resmsg":"核验","score":982.7,"type":"联通"}},"error_code":0}}"#
    ))
}

/// One list, one ledger, one server, and the runs that are killed.
struct Story {
    people: Vec<Applicant>,
    scene: Scene,
    server: CountingServer,
    interposer: Interposer,
    kills: usize,
    outputs: HashSet<Vec<u8>>,
}

impl Story {
    fn new(interposer: Interposer) -> Self {
        let people = Applicant::many(ROWS);
        let scene = Scene::quick(&people);
        scene.write("applicants.verified.csv", OLD_OUTPUT);
        let server = CountingServer::start(|request| numbered_verdict(request.number));
        Self { people, scene, server, interposer, kills: 0, outputs: HashSet::from([OLD_OUTPUT.to_vec()]) }
    }

    fn run(&self) -> Run {
        let concurrency = CONCURRENCY.to_string();
        let run = self.scene.run(&self.server.endpoint());
        run.args(["--concurrency", &concurrency, "--rate", "10000/s", "--face", "off"])
    }

    /// Runs until the call that the plan names. `false`: the run was over before it.
    fn run_until(&mut self, how: How, at: usize) -> bool {
        let plan = Plan::once(how, at);
        let ended = self.interposer.prepare(self.run(), self.scene.folder(), &plan).finish();
        let killed = ended.code.is_none();
        self.kills += usize::from(killed);
        assert!(killed || ended.code == Some(i32::from(self.doubts() > 0)), "{ended:?}");
        killed
    }

    fn doubts(&self) -> usize {
        Books::of_copy(self.scene.folder(), &self.people).expect("the ledger is whole").doubts()
    }

    /// Checks what a kill has left, before anything repairs it.
    fn check_the_dead(&mut self) -> Books {
        self.server.settle();
        let books = Books::of_copy(self.scene.folder(), &self.people);
        let books = books.expect("a crash leaves a ledger that can be used");
        let (billed, doubts, spent) = (books.billed(), books.doubts(), self.server.billed());
        assert!(billed <= spent && spent <= billed + doubts, "{billed} <= {spent} <= {billed} + {doubts}");
        assert!(doubts <= self.kills * CONCURRENCY, "{doubts} in doubt after {} kills", self.kills);
        for (serial, of) in self.people.iter().enumerate() {
            let (asked, known) = (self.server.calls_about(&of.idcard), books.of(serial).len());
            assert!(asked <= known, "{asked} requests, {known} intents");
            assert!(asked <= 1, "asked again");
        }
        if let Some(bytes) = self.scene.output_bytes()
            && !self.outputs.contains(&bytes)
        {
            let rows = self.scene.output().rows.len();
            assert!(bytes.ends_with(b"\n") && rows == ROWS, "an output is complete-old or complete-new");
            self.outputs.insert(bytes);
        }
        books
    }

    /// Goes on to the end, and checks that it is the right one.
    fn finish(&mut self, dead: &Books, thoroughly: bool) {
        let finished = self.run().finish();
        self.check_answers_kept(dead, &finished);
        let table = self.scene.output();
        let in_doubt = table.count("decision", "unresolved");
        assert_eq!(table.count("decision", "match") + in_doubt, ROWS);
        assert_eq!(finished.code, Some(i32::from(in_doubt > 0)), "{finished:?}");
        assert!(in_doubt <= self.kills * CONCURRENCY, "{in_doubt} in doubt");
        assert!(self.server.billed_per_subject_max() <= 1 && self.server.calls() <= ROWS);
        self.check_spend(&table);
        if in_doubt > 0 {
            self.resend_what_is_in_doubt(&table);
        }
        if thoroughly {
            self.check_that_nothing_is_left_to_do();
        }
    }

    fn check_answers_kept(&self, dead: &Books, finished: &Finished) {
        let kept = Books::of_copy(self.scene.folder(), &self.people).expect("the ledger is whole").answers();
        for answer in dead.answers() {
            assert!(kept.contains(&answer), "{answer:?} is lost; {finished:?}");
        }
        for (serial, of) in self.people.iter().enumerate() {
            // Known to the dead, settled or in doubt: not asked again.
            let before = dead.of(serial).len();
            assert!(before == 0 || self.server.calls_about(&of.idcard) <= before);
        }
    }

    fn check_spend(&self, table: &Table) {
        let (certain, unknown) = (table.count("billed", "yes"), table.count("billed", "unknown"));
        let spent = self.server.billed();
        assert!(certain <= spent && spent <= certain + unknown, "{certain} {spent} {unknown}");
    }

    fn resend_what_is_in_doubt(&self, table: &Table) {
        let doubtful: HashSet<&str> = table
            .rows
            .iter()
            .filter(|row| row["decision"] == "unresolved")
            .map(|row| &*row["idcard"])
            .collect();
        let calls = self.server.calls();
        self.run().args(["--in-doubt", "resend"]).finish().expect_code(0);
        assert_eq!(self.scene.output().count("decision", "match"), ROWS);
        assert_eq!(self.server.calls(), calls + doubtful.len());
        for of in &self.people {
            let allowed = 1 + usize::from(doubtful.contains(&*of.idcard));
            assert!(self.server.calls_about(&of.idcard) <= allowed);
        }
    }

    fn check_that_nothing_is_left_to_do(&self) {
        let (calls, output) = (self.server.calls(), self.scene.output_bytes());
        self.run().args(["--in-doubt", "resend"]).finish().expect_code(0);
        self.scene.render("applicants.csv").finish().expect_code(0);
        assert_eq!((self.server.calls(), self.scene.output_bytes()), (calls, output));
    }
}

/// Kills a run at its `at`th call, and goes on. `false`: there is no such call.
fn a_kill_at(interposer: Interposer, how: How, at: usize) -> bool {
    let mut story = Story::new(interposer);
    if !story.run_until(how, at) {
        return false;
    }
    let dead = story.check_the_dead();
    story.finish(&dead, all() || at.is_multiple_of(4));
    true
}

/// Kills a run at its `first` call, the one that resumes it at its `at`th, and goes on.
fn a_kill_of_the_resumed_at(interposer: Interposer, first: usize, how: How, at: usize) -> bool {
    let mut story = Story::new(interposer);
    assert!(story.run_until(How::KillBefore, first), "a run has more than {first} calls");
    story.check_the_dead();
    if !story.run_until(how, at) {
        return false;
    }
    let dead = story.check_the_dead();
    story.finish(&dead, all() || at.is_multiple_of(4));
    true
}

/// Every `nth` number, from `first` on, if not all are to be tried.
fn thinned(nth: usize, first: usize, point: usize) -> usize {
    if all() { point } else { first + (point - 1) * nth }
}

#[test]
fn a_kill_before_any_system_call_pays_for_nothing_twice_and_loses_no_answer() {
    let Some(interposer) = Interposer::get() else { return };
    let tried = until_over(|point| a_kill_at(interposer, How::KillBefore, point));
    say(&format!("crash points: {tried} tried, killed before each system call of a run of {ROWS} rows"));
    assert!(tried > 150, "only {tried} calls are seen");
}

#[test]
fn a_kill_after_a_system_call_or_half_way_through_it_is_no_different() {
    let Some(interposer) = Interposer::get() else { return };
    let after = until_over(|point| a_kill_at(interposer, How::KillAfter, thinned(5, 1, point)));
    let half = until_over(|point| a_kill_at(interposer, How::KillHalf, thinned(5, 3, point)));
    say(&format!("crash points: {after} tried with the call done, {half} with half of it done"));
    assert!(after > 30 && half > 30, "only {after} and {half} calls are seen");
}

#[test]
fn a_resumed_run_may_be_killed_at_any_system_call_too() {
    let Some(interposer) = Interposer::get() else { return };
    let mut tried = 0;
    // The first run ended while the ledger was being made, before any answer, and in the midst of its calls.
    for (first, nth) in [(20, 9), (60, 7), (120, 5), (150, 5)] {
        for how in [How::KillBefore, How::KillHalf] {
            let start = 1 + first % nth;
            tried += until_over(|point| {
                a_kill_of_the_resumed_at(interposer, first, how, thinned(nth, start, point))
            });
        }
    }
    say(&format!("crash points: {tried} tried in runs that resume a killed one"));
    assert!(tried > 100, "only {tried} calls are seen");
}
