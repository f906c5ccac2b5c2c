//! `--metrics-file`: figures of a run for the node exporter's textfile collector.
//!
//! The file is in the text format of Prometheus and replaced as a whole. What tells of an earlier run
//! (its end, the last success) is taken over from the file that is there.

use std::fmt::{Display, Write};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::status_file::{self, Phase, RunStatus};
use crate::domain::money::Yuan;
use crate::domain::outcome::Decision;

const LONGEST_BYTES: u64 = 256 * 1024;

const LAST_SUCCESS: &str = "reverify_last_success_timestamp_seconds";
const LAST_END: &str = "reverify_last_end_timestamp_seconds";
const LAST_EXIT: &str = "reverify_last_exit_code";

/// A run as the collector sees it.
pub(super) struct Figures<'a> {
    /// What it is doing.
    pub(super) status: &'a RunStatus,
    /// When it began, and what time it is, in seconds since 1970.
    pub(super) started: i64,
    pub(super) now: i64,
    /// How long it has taken.
    pub(super) seconds: f64,
    /// The price of a billed call, where it is known and anything is paid.
    pub(super) price: Option<Yuan>,
    /// Rows of the output by decision, once it is written.
    pub(super) output: Option<[u64; Decision::ALL.len()]>,
}

/// Puts the figures into the file; world-readable, as the collector needs it.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(path: &Path, figures: &Figures<'_>) -> io::Result<()> {
    let mut old = String::new();
    if let Ok(file) = File::open(path) {
        // What cannot be read tells nothing of earlier runs.
        let _ = file.take(LONGEST_BYTES).read_to_string(&mut old);
    }
    status_file::replace(path, 0o644, text(figures, &old).as_bytes())
}

/// Writes the figures, with what is still true of the old ones.
fn text(figures: &Figures<'_>, old: &str) -> String {
    let status = figures.status;
    let mut page = Page(String::new());
    let is_on = u8::from(status.phase != Phase::Ended);
    page.gauge("reverify_run_on", "1 while a run is on, 0 once it has ended.", is_on);
    page.gauge("reverify_run_start_timestamp_seconds", "When the run began.", figures.started);
    page.gauge("reverify_run_duration_seconds", "How long the run has taken so far.", figures.seconds);
    page.gauge("reverify_run_rows_due", "Rows that needed a call when the run began.", status.due);
    page.gauge("reverify_run_rows_done", "Of those, rows that the run is done with.", status.done);
    page.gauge("reverify_run_calls", "Calls of the run that the API may have seen.", status.this_run.calls);
    page.gauge("reverify_run_billed_calls", "Calls of the run that were billed.", status.this_run.billed);
    let in_doubt = status.this_run.in_doubt;
    page.gauge("reverify_run_in_doubt_calls", "Calls of the run that may have been billed.", in_doubt);
    let refusals = status.address_refusals;
    page.gauge("reverify_run_address_limit_answers", "Answers 10011 (too many calls) of the run.", refusals);
    page.gauge("reverify_run_rate", "Calls per second that the run allows itself now.", status.rate);
    page.gauge("reverify_run_in_flight_calls", "Calls of the run that are in flight.", status.in_flight);
    if let Some(price) = figures.price {
        let cost = price.times(status.this_run.billed);
        page.gauge("reverify_run_cost_yuan", "What the billed calls of the run cost.", cost);
    }
    page.head("reverify_run_rows", "gauge", "Rows answered in the run, by decision.");
    for decision in Decision::ALL {
        let count = status.decisions.get(decision.word()).copied().unwrap_or_default();
        page.line("reverify_run_rows", decision, count);
    }
    if let Some(counts) = figures.output {
        page.head("reverify_output_rows", "gauge", "Rows of the output that the run wrote, by decision.");
        for (decision, count) in Decision::ALL.into_iter().zip(counts) {
            page.line("reverify_output_rows", decision, count);
        }
    }
    page.counter("reverify_calls_total", "Calls in the whole ledger.", status.in_all.calls);
    page.counter("reverify_billed_calls_total", "Billed calls in the whole ledger.", status.in_all.billed);
    let in_doubt = status.in_all.in_doubt;
    page.gauge("reverify_in_doubt_calls", "Calls in the whole ledger that may have been billed.", in_doubt);
    add_ends(&mut page, figures, old);
    page.0
}

/// Writes what stays true between runs.
fn add_ends(page: &mut Page, figures: &Figures<'_>, old: &str) {
    let kept = |name: &str| {
        let line = old.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.trim().parse::<i64>().ok())
    };
    let exit = figures.status.exit_code;
    let ended = exit.map(|_| figures.now);
    // 1: complete, and some rows need a person. The batch as such went through.
    let succeeded = exit.filter(|exit| *exit <= 1).map(|_| figures.now);
    if let Some(time) = succeeded.or_else(|| kept(LAST_SUCCESS)) {
        page.gauge(LAST_SUCCESS, "When a run last went through to its end (exit code 0 or 1).", time);
    }
    if let Some(time) = ended.or_else(|| kept(LAST_END)) {
        page.gauge(LAST_END, "When a run last ended, however it ended.", time);
    }
    if let Some(code) = exit.map(i64::from).or_else(|| kept(LAST_EXIT)) {
        page.gauge(LAST_EXIT, "The exit code of the last run that ended.", code);
    }
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn line(&mut self, name: &str, decision: Decision, value: u64) {
        let _ = writeln!(self.0, "{name}{{decision=\"{}\"}} {value}", decision.word());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(exit: Option<u8>, now: i64, old: &str) -> String {
        let phase = if exit.is_some() { Phase::Ended } else { Phase::Calling };
        let status = RunStatus { phase, exit_code: exit, ..RunStatus::default() };
        let figures = Figures { status: &status, started: 5, now, seconds: 2.5, price: None, output: None };
        text(&figures, old)
    }

    #[test]
    fn the_last_success_outlives_the_runs_that_fail_after_it() {
        let is_in = |page: &str, line: &str| page.lines().any(|known| known == line);
        let first = page(Some(1), 100, "");
        assert!(is_in(&first, "reverify_last_success_timestamp_seconds 100"));
        let during = page(None, 200, &first);
        assert!(is_in(&during, "reverify_last_success_timestamp_seconds 100"));
        assert!(is_in(&during, "reverify_last_exit_code 1") && is_in(&during, "reverify_run_on 1"));
        let failed = page(Some(75), 300, &during);
        assert!(is_in(&failed, "reverify_last_success_timestamp_seconds 100"));
        assert!(is_in(&failed, "reverify_last_end_timestamp_seconds 300"));
        assert!(is_in(&failed, "reverify_last_exit_code 75") && is_in(&failed, "reverify_run_on 0"));
        assert!(!page(Some(74), 1, "").contains("last_success"), "there was none");
    }
}
