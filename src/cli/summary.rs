//! What a run came to, for a person and for a program.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use super::announce::grouped;
use super::args::{InDoubtArg, RunArgs};
use super::exit::{Exit, Failure};
use super::{next_step, stops};
use crate::domain::outcome::{Check, Decision, Factor};
use crate::lang::{self, Language, layout};
use crate::output::text;
use crate::run::render::Rendered;
use crate::run::{Ending, Report};
use crate::say;

/// The most kinds of rejection that the summary lists.
const REJECTIONS: usize = 12;

/// How a run ends.
pub(super) fn exit(report: &Report) -> Exit {
    match report.ending() {
        Ending::Settled => Exit::Settled,
        Ending::Incomplete => Exit::Incomplete,
        Ending::Stopped(stop) => stops::exit(stop),
    }
}

/// Writes the summary.
pub(super) fn table(args: &RunArgs, output: &Path, report: &Report, arguments: &[OsString]) -> String {
    let mut text = files(&args.input, output, report.rendered.rows);
    if args.sandbox {
        text.push_str(comma());
        text.push_str(&say!("summary-sandbox"));
    }
    text.push_str("\n\n");
    add_counts(&mut text, &report.rendered);
    add_calls(&mut text, args, report);
    add_rejections(&mut text, &report.rendered);
    let mut add = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{line}");
    };
    if let Some(stop) = report.stop {
        let why = stops::describe(lang::current(), stop, report.done.last_refusal.as_deref());
        add(say!("summary-stopped", why = why));
    }
    if report.out_of_reach > 0 {
        add(say!("summary-old-answers", rows = report.out_of_reach));
    }
    if report.input_changed {
        add(say!("summary-input-changed"));
    }
    add_next_steps(&mut text, args, report, arguments);
    text
}

/// Says what was read and what was written.
pub(super) fn files(input: &Path, output: &Path, rows: u64) -> String {
    let (input, output) = (input.display().to_string(), output.display().to_string());
    say!("summary-files", input = input, output = output, rows = rows)
}

/// Says why the run stopped, and what to do about it.
pub(super) fn stopped(report: &Report) -> Option<String> {
    let why = stops::describe(lang::current(), report.stop?, report.done.last_refusal.as_deref());
    Some(say!("run-stopped", why = why))
}

/// Writes what an output says in all.
pub(super) fn add_counts(text: &mut String, rendered: &Rendered) {
    let language = lang::current();
    for decision in Decision::ALL {
        let (label, columns) = match language {
            Language::English => (decision.word().to_owned(), 14),
            Language::Chinese => (format!("{}（{}）", decision.title(language), decision.word()), 26),
        };
        let count = layout::right(&grouped(rendered.count(decision)), 10);
        let _ = writeln!(text, "  {}{count}", layout::left(&label, columns));
    }
    if rendered.checks.iter().flatten().all(|count| *count == 0) {
        return;
    }
    let _ = write!(text, "\n  {:<10}", "");
    for check in Check::ALL {
        text.push_str(&layout::right(&check.title(language), 11));
    }
    for (factor, counts) in Factor::ALL.iter().zip(&rendered.checks) {
        let _ = write!(text, "\n  {}", layout::left(&factor.title(language), 10));
        for count in counts {
            text.push_str(&layout::right(&grouped(*count), 11));
        }
    }
    text.push('\n');
}

fn add_calls(text: &mut String, args: &RunArgs, report: &Report) {
    let done = &report.done;
    let calls = say!("summary-calls", calls = done.calls, billed = done.billed, doubts = done.in_doubt);
    let _ = write!(text, "\n{calls}");
    let cost = args.price.map(|price| match done.in_doubt {
        _ if args.sandbox => say!("summary-nothing-paid"),
        0 => say!("summary-cost", cost = price.times(done.billed).to_string()),
        doubts => say!(
            "summary-cost-and-doubts",
            cost = price.times(done.billed).to_string(),
            more = price.times(doubts).to_string(),
        ),
    });
    let (semicolon, full_stop) = match lang::current() {
        Language::English => ("; ", "."),
        Language::Chinese => ("；", "。"),
    };
    if let Some(cost) = cost {
        text.push_str(semicolon);
        text.push_str(&cost);
    }
    text.push_str(full_stop);
    text.push('\n');
}

fn comma() -> &'static str {
    match lang::current() {
        Language::English => ", ",
        Language::Chinese => "，",
    }
}

fn add_rejections(text: &mut String, rendered: &Rendered) {
    if rendered.photo_warnings > 0 {
        let _ = writeln!(text, "\n{}", say!("summary-photo-warnings", rows = rendered.photo_warnings));
    }
    if rendered.rejected.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", say!("summary-rejected"));
    let mut kinds: Vec<_> = rendered.rejected.iter().collect();
    kinds.sort_by_key(|(_, kind)| std::cmp::Reverse(kind.rows));
    for ((column, _), kind) in kinds.iter().take(REJECTIONS) {
        let column = text::for_terminal(column);
        let clause = kind.clause(lang::current());
        let clause = text::for_terminal(&clause);
        let _ = writeln!(text, "  {:>6}  {column}: {clause}", grouped(kind.rows));
    }
    if let Some(more) = kinds.len().checked_sub(REJECTIONS).filter(|more| *more > 0) {
        let _ = writeln!(text, "          {}", say!("summary-more-kinds", kinds = more));
    }
}

fn add_next_steps(text: &mut String, args: &RunArgs, report: &Report, arguments: &[OsString]) {
    let rendered = &report.rendered;
    let mut steps = Vec::new();
    let unresolved = rendered.count(Decision::Unresolved);
    if unresolved > 0 {
        steps.push(settling(args, unresolved, arguments));
    }
    let rejected = rendered.count(Decision::Rejected);
    if rejected > 0 {
        steps.push(say!("summary-next-rejected", rows = rejected));
    }
    let pending = rendered.count(Decision::Pending);
    if pending > 0 {
        let step = say!("summary-next-pending", rows = pending);
        steps.push(format!("{step}\n    {}", next_step::again(arguments, &[])));
    }
    let old = rendered.stale.saturating_sub(report.out_of_reach);
    if old > 0 {
        let step = say!("summary-next-old-answers", rows = old);
        steps.push(format!("{step}\n    {}", next_step::again(arguments, &[])));
    }
    if steps.is_empty() && report.out_of_reach == 0 {
        let _ = writeln!(text, "\n{}", say!("summary-nothing-left"));
        return;
    }
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", say!("summary-next"));
    for step in steps {
        let _ = writeln!(text, "  - {step}");
    }
}

/// What there is to do about rows in doubt: look them up, settle them, or pay again.
fn settling(args: &RunArgs, rows: u64, arguments: &[OsString]) -> String {
    let path = |path: &Path| next_step::quoted(&path.display().to_string());
    let mut ledger = path(&args.ledger.ledger);
    if let Some(key) = &args.ledger.ledger_key_file {
        let _ = write!(ledger, " --ledger-key-file {}", path(key));
    }
    let mut input = path(&args.input);
    if let Some(photos) = &args.table.photos {
        let _ = write!(input, " --photos {}", path(photos));
    }
    // A doubt of this very run is never sent again by it, so the same command does it next time.
    let added: &[&str] = if args.in_doubt == InDoubtArg::Hold { &["--in-doubt", "resend"] } else { &[] };
    [
        say!("summary-next-doubts", rows = rows),
        format!("  reverify reconcile {} --ledger {ledger}", say!("summary-statement")),
        format!("  reverify resolve {input} --ledger {ledger}"),
        say!("summary-next-doubts-resend"),
        format!("  {}", next_step::again(arguments, added)),
    ]
    .join("\n    ")
}

/// The summary of a run that could not be carried through, for programs.
pub(super) fn failed(args: &RunArgs, failure: &Failure) -> serde_json::Value {
    serde_json::json!({
        "event": "failed",
        "exit_code": failure.exit as u8,
        "input": args.input.display().to_string(),
        "sandbox": args.sandbox,
        "error": failure.message,
    })
}

/// The same for programs.
pub(super) fn json(args: &RunArgs, output: &Path, report: &Report) -> serde_json::Value {
    let rendered = &report.rendered;
    let decisions: serde_json::Map<_, _> = Decision::ALL
        .iter()
        .map(|decision| (decision.word().to_owned(), rendered.count(*decision).into()))
        .collect();
    let checks: serde_json::Map<_, _> = Factor::ALL
        .iter()
        .zip(&rendered.checks)
        .map(|(factor, counts)| {
            let counts: serde_json::Map<_, _> = Check::ALL
                .iter()
                .zip(counts)
                .map(|(check, count)| (check.word().to_owned(), (*count).into()))
                .collect();
            (factor.word().to_owned(), counts.into())
        })
        .collect();
    serde_json::json!({
        "event": "finished",
        "exit_code": exit(report) as u8,
        "input": args.input.display().to_string(),
        "output": output.display().to_string(),
        "sandbox": args.sandbox,
        "rows": rendered.rows,
        "decisions": decisions,
        "checks": checks,
        "calls": report.done.calls,
        "billed": report.done.billed,
        "in_doubt": report.done.in_doubt,
        "cost": args.price.filter(|_| !args.sandbox).map(|price| price.times(report.done.billed).to_string()),
        "rows_billed": rendered.billed,
        "rows_perhaps_billed": rendered.perhaps_billed,
        "stopped": report.stop.map(|stop| stops::describe(Language::English, stop, report.done.last_refusal.as_deref())),
        "out_of_reach": report.out_of_reach,
        "old_answers": rendered.stale,
        "input_changed": report.input_changed,
    })
}
