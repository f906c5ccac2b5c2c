//! The design's table of reactions, row by row: what came back, and what it means for the bill, for the same run,
//! for the row and for the run. Each line names the row of the table that it stands for, in the design's words.
//!
//! A line is tried twice. Once it meets one row among four: that shows what becomes of the row, whether it is
//! asked again, and whether the run goes on. Once it meets every row: that shows when the run stops. Pauses that
//! last minutes are cut short by `--max-duration`; how long they are is in the conductor's own tests and in the
//! simulation.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::counting_server::CountingServer;
use crate::support::interposer::{each_on, say};
use crate::support::program::{Applicant, Finished, Run, Scene, Table};
use crate::support::wire::Reply;

/// The ending of the mobile whose call gets the answer in question.
const ODD: &str = "555";
const ROWS: usize = 12;

/// How often the row is asked about in the run.
#[derive(Clone, Copy, Debug)]
enum SameRun {
    Never,
    Again,
    /// Later than this test waits.
    AfterAWhile,
}

/// When a run in which every call is answered so comes to its end.
#[derive(Clone, Copy, Debug)]
enum Ends {
    /// It does not: it asks about every row.
    GoesOn,
    /// After so many calls, with this exit code.
    Stops(usize, i32),
    /// It waits, here until `--max-duration` is over: so many calls, this exit code.
    Waits(usize, i32),
}

struct Line {
    /// The design's words for what came back.
    source: &'static str,
    replies: Vec<(String, Reply)>,
    billed: &'static str,
    same_run: SameRun,
    row: &'static str,
    run: Ends,
}

fn line(
    source: &'static str,
    replies: Vec<(String, Reply)>,
    billed: &'static str,
    same_run: SameRun,
    row: &'static str,
    run: Ends,
) -> Line {
    Line { source, replies, billed, same_run, row, run }
}

fn codes(codes: impl IntoIterator<Item = u32>) -> Vec<(String, Reply)> {
    codes.into_iter().map(|code| (code.to_string(), Reply::code(code))).collect()
}

fn pages(statuses: impl IntoIterator<Item = u16>) -> Vec<(String, Reply)> {
    statuses.into_iter().map(|status| (format!("HTTP {status}"), Reply::Html(status))).collect()
}

fn verdicts(decision: &str) -> Vec<(String, Reply)> {
    let of = |res: &u16| match res {
        100 => "match",
        104 | 108 | 109 | 112 | 113 | 115 => "inconclusive",
        _ => "mismatch",
    };
    (100..=116)
        .filter(|res| of(res) == decision)
        .map(|res| (format!("res {res}"), Reply::verdict(res)))
        .collect()
}

/// The rows of the table that a server can cause. `DNS, connect, TLS transport` and `certificate invalid` are in
/// `zoo.rs` and `tls.rs`, local validation in `inputs.rs` and `photos.rs`.
fn table() -> Vec<Line> {
    let named = |replies: Vec<(&str, Reply)>| {
        replies.into_iter().map(|(name, reply)| (name.to_owned(), reply)).collect::<Vec<_>>()
    };
    let body_was_sent = "timeout, reset, truncation, non-JSON, 3xx, 408, 5xx after the body was sent";
    let mut lost = named(vec![
        ("timeout", Reply::Hang),
        ("reset", Reply::ResetAfterBody),
        ("end", Reply::CloseAfterBody),
        ("truncation", Reply::Truncated),
        ("non-JSON", Reply::json("<html>")),
    ]);
    lost.extend(pages([200, 302, 304, 408, 500, 502, 503, 504]));
    let unknown_res = named(vec![
        ("res 777", Reply::verdict(777)),
        ("no res", Reply::json(r#"{"reason":"成功","result":{"orderid":"JH1"},"error_code":0}"#)),
        ("no result", Reply::json(r#"{"reason":"成功","result":null,"error_code":0}"#)),
    ]);
    let asks_to_wait = named(vec![
        ("429", Reply::retry_after(429, 1)),
        ("503 with Retry-After", Reply::retry_after(503, 1)),
    ]);
    let far_away = named(vec![("429", Reply::retry_after(429, 200)), ("503", Reply::retry_after(503, 200))]);
    let settled = "0 with a known `res`";
    vec![
        line(body_was_sent, lost, "unknown", SameRun::Never, "unresolved", Ends::Stops(5, 69)),
        line(settled, verdicts("match"), "yes", SameRun::Never, "match", Ends::GoesOn),
        line(settled, verdicts("mismatch"), "yes", SameRun::Never, "mismatch", Ends::GoesOn),
        line(settled, verdicts("inconclusive"), "yes", SameRun::Never, "inconclusive", Ends::GoesOn),
        line(
            "0 with an unknown or missing `res`",
            unknown_res,
            "yes",
            SameRun::Never,
            "inconclusive",
            Ends::Stops(3, 69),
        ),
        line(
            "280101 to 280104",
            codes(280_101..=280_104),
            "no",
            SameRun::Never,
            "rejected",
            Ends::Stops(5, 69),
        ),
        line("280105", codes([280_105]), "no", SameRun::Never, "inconclusive", Ends::GoesOn),
        line(
            "10001 to 10009, 10021",
            codes([10001, 10002, 10003, 10004, 10005, 10007, 10008, 10009]),
            "no",
            SameRun::Never,
            "pending",
            Ends::Stops(1, 77),
        ),
        line("10001 to 10009, 10021", codes([10021]), "no", SameRun::Never, "pending", Ends::Stops(1, 69)),
        line("10011", codes([10011]), "no", SameRun::Again, "match", Ends::Waits(1, 75)),
        line("10012, 10013", codes([10012, 10013]), "no", SameRun::Never, "pending", Ends::Stops(1, 75)),
        line("10014", codes([10014]), "no", SameRun::AfterAWhile, "pending", Ends::Waits(3, 75)),
        line("10020", codes([10020]), "no", SameRun::Never, "pending", Ends::Stops(1, 69)),
        line("429, 503 with Retry-After", asks_to_wait, "no", SameRun::Again, "match", Ends::Waits(1, 75)),
        line(
            "429, 503 with Retry-After",
            far_away,
            "no",
            SameRun::AfterAWhile,
            "pending",
            Ends::Waits(1, 75),
        ),
        line(
            "other 4xx",
            pages([400, 404, 405, 409, 413, 422]),
            "no",
            SameRun::Never,
            "pending",
            Ends::Stops(1, 69),
        ),
        line("other 4xx", pages([401, 403]), "no", SameRun::Never, "pending", Ends::Stops(1, 77)),
        line(
            "a code that the document lacks",
            codes([1, 200, 10010, 10022, 280_100, 280_106, 299_999]),
            "unknown",
            SameRun::Never,
            "unresolved",
            Ends::Stops(3, 69),
        ),
    ]
}

/// Four rows, one of which is answered so the first time it is asked about, and well from then on.
fn met_by_one_row(line: &Line, reply: &Reply) -> (Finished, Table, CountingServer) {
    let asked = AtomicUsize::new(0);
    let reply = reply.clone();
    let server = CountingServer::start(move |request| {
        let is_odd = request.mobile_ends(ODD) && asked.fetch_add(1, Ordering::SeqCst) == 0;
        if is_odd { reply.clone() } else { Reply::verdict(100) }
    });
    let scene = Scene::quick(&Applicant::with_endings(&["100", ODD, "101", "102"]));
    let finished = limited(line, &scene, &server).finish();
    (finished, scene.output(), server)
}

/// Rows that are all answered so.
fn met_by_every_row(line: &Line, reply: &Reply) -> (Finished, Table, usize) {
    let reply = reply.clone();
    let server = CountingServer::start(move |_| reply.clone());
    let scene = Scene::quick(&Applicant::many(ROWS));
    let finished = limited(line, &scene, &server).finish();
    (finished, scene.output(), server.calls())
}

fn limited(line: &Line, scene: &Scene, server: &CountingServer) -> Run {
    let waits = matches!(line.same_run, SameRun::AfterAWhile) || matches!(line.run, Ends::Waits(..));
    let most = if waits { "6s" } else { "60s" };
    let run = scene.run(&server.endpoint());
    run.args(["--concurrency", "1", "--face", "off", "--timeout", "3s", "--max-duration", most])
}

fn check_one_row(line: &Line, name: &str, reply: &Reply) -> Result<(), String> {
    let (finished, table, server) = met_by_one_row(line, reply);
    let row = &table.rows[1];
    let (decision, billed, asked) = (&*row["decision"], &*row["billed"], server.calls_for(ODD));
    let is_again = matches!(line.same_run, SameRun::Again);
    let expected_bill = if is_again { "yes" } else { line.billed };
    let expected_calls = if is_again { 2 } else { 1 };
    let others = table.count("decision", "match") - usize::from(decision == "match");
    let goes_on = match (line.run, line.same_run) {
        (Ends::Stops(1, _), _) => others == 1,
        (Ends::Waits(..), SameRun::AfterAWhile) => others >= 1,
        _ => others == 3,
    };
    let right = (decision, billed, asked) == (line.row, expected_bill, expected_calls)
        && goes_on
        && server.billed_per_subject_max() <= 1;
    if right {
        Ok(())
    } else {
        Err(format!(
            "{name} in one row: {decision}, billed {billed}, {asked} calls, {others} others; {finished:?}"
        ))
    }
}

fn check_every_row(line: &Line, name: &str, reply: &Reply) -> Result<(), String> {
    let (finished, table, calls) = met_by_every_row(line, reply);
    let expected = match line.run {
        Ends::GoesOn => calls == ROWS && table.count("decision", line.row) == ROWS,
        Ends::Stops(most, code) => {
            let left = if line.row == "pending" { ROWS } else { ROWS - most };
            calls == most && finished.code == Some(code) && table.count("decision", "pending") == left
        }
        // While it waits it asks now and then.
        Ends::Waits(least, code) => {
            let pending = table.count("decision", "pending");
            calls >= least && finished.code == Some(code) && pending == ROWS
        }
    };
    if expected { Ok(()) } else { Err(format!("{name} in every row: {calls} calls; {finished:?}")) }
}

#[test]
fn every_line_of_the_designs_table_of_reactions_holds() {
    let table = table();
    let tries: Vec<(&Line, &(String, Reply))> =
        table.iter().flat_map(|line| line.replies.iter().map(move |reply| (line, reply))).collect();
    let wrong = AtomicUsize::new(0);
    each_on(6, &tries, |(line, (name, reply))| {
        for found in [check_one_row(line, name, reply), check_every_row(line, name, reply)] {
            if let Err(found) = found {
                wrong.fetch_add(1, Ordering::SeqCst);
                say(&format!("{}: {found}", line.source));
            }
        }
    });
    say(&format!("the table of reactions: {} lines, {} replies", table.len(), tries.len()));
    assert_eq!(wrong.into_inner(), 0, "lines of the table that do not hold");
}
