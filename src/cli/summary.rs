//! What a run came to, for a person and for a program.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

use super::announce::{counted, grouped};
use super::args::{InDoubtArg, RunArgs};
use super::exit::{Exit, Failure};
use super::{next_step, stops};
use crate::domain::outcome::{Check, Decision};
use crate::output::text;
use crate::run::render::Rendered;
use crate::run::{Ending, Report};

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
    let mut text = String::new();
    let sandbox = if args.sandbox { ", SANDBOX: made-up answers, nothing was paid" } else { "" };
    let rows = grouped(report.rendered.rows);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{} -> {}: {rows} rows{sandbox}\n", args.input.display(), output.display());
    add_counts(&mut text, &report.rendered);
    add_calls(&mut text, args, report);
    add_rejections(&mut text, &report.rendered);
    if let Some(stop) = report.stop {
        let _ = writeln!(
            text,
            "\nStopped early: {}.",
            stops::describe(stop, report.done.last_refusal.as_deref())
        );
    }
    if report.out_of_reach > 0 {
        let rows = counted(report.out_of_reach, "row keeps its", "rows keep their");
        let _ = writeln!(text, "\n{rows} old answer: it was to be asked for anew, but the photo is gone.");
    }
    if report.input_changed {
        let _ = writeln!(
            text,
            "\nThe input was changed while the run was on: the output shows the input as it is now."
        );
    }
    add_next_steps(&mut text, args, report, arguments);
    text
}

/// Says why the run stopped, and what to do about it.
pub(super) fn stopped(report: &Report) -> Option<String> {
    let stop = report.stop?;
    Some(format!("stopped early: {}", stops::describe(stop, report.done.last_refusal.as_deref())))
}

/// Writes what an output says in all.
pub(super) fn add_counts(text: &mut String, rendered: &Rendered) {
    for decision in Decision::ALL {
        let _ = writeln!(text, "  {:<14}{:>10}", decision.word(), grouped(rendered.count(decision)));
    }
    if rendered.checks.iter().flatten().all(|count| *count == 0) {
        return;
    }
    let _ = write!(text, "\n  {:<10}", "");
    for check in Check::ALL {
        let _ = write!(text, "{:>11}", check.word());
    }
    for (factor, counts) in ["identity", "face", "mobile"].iter().zip(&rendered.checks) {
        let _ = write!(text, "\n  {factor:<10}");
        for count in counts {
            let _ = write!(text, "{:>11}", grouped(*count));
        }
    }
    text.push('\n');
}

fn add_calls(text: &mut String, args: &RunArgs, report: &Report) {
    let done = &report.done;
    let _ = write!(
        text,
        "\nThis run: {}, {} billed, {} in doubt",
        counted(done.calls, "call", "calls"),
        grouped(done.billed),
        grouped(done.in_doubt)
    );
    let _ = match args.price {
        Some(_) if args.sandbox => writeln!(text, "; nothing was paid."),
        Some(price) if done.in_doubt > 0 => {
            writeln!(
                text,
                "; {} yuan, and {} more if all doubts were billed.",
                price.times(done.billed),
                price.times(done.in_doubt)
            )
        }
        Some(price) => writeln!(text, "; {} yuan.", price.times(done.billed)),
        None => writeln!(text, "."),
    };
}

fn add_rejections(text: &mut String, rendered: &Rendered) {
    if rendered.rejected.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nRejected without a call:");
    let mut kinds: Vec<_> = rendered.rejected.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for ((column, clause), count) in kinds.iter().take(REJECTIONS) {
        let _ = writeln!(
            text,
            "  {:>6}  {}: {}",
            grouped(**count),
            text::for_terminal(column),
            text::for_terminal(clause)
        );
    }
    if let Some(more) = kinds.len().checked_sub(REJECTIONS).filter(|more| *more > 0) {
        let more = counted(more as u64, "more kind", "more kinds");
        let _ = writeln!(text, "          and {more}: see the column `reason`");
    }
}

fn add_next_steps(text: &mut String, args: &RunArgs, report: &Report, arguments: &[OsString]) {
    let rendered = &report.rendered;
    let mut steps = Vec::new();
    let unresolved = rendered.count(Decision::Unresolved);
    if unresolved > 0 {
        // A doubt of this very run is never sent again by it, so the same command does it next time.
        let added: &[&str] = if args.in_doubt == InDoubtArg::Hold { &["--in-doubt", "resend"] } else { &[] };
        steps.push(format!(
            "{} in doubt: the calls may have been billed, so they are not repeated. Look them up in Juhe's call record by the times in `detail`; to ask again and perhaps pay twice:\n    {}",
            rows(unresolved, "is", "are"),
            next_step::again(arguments, added),
        ));
    }
    let rejected = rendered.count(Decision::Rejected);
    if rejected > 0 {
        steps.push(format!("{} rejected: mend them in the input as `reason` says, and run again; nothing that is settled is paid for again.", rows(rejected, "is", "are")));
    }
    let pending = rendered.count(Decision::Pending);
    if pending > 0 {
        steps.push(format!(
            "{} not answered yet; to go on:\n    {}",
            rows(pending, "is", "are"),
            next_step::again(arguments, &[])
        ));
    }
    if steps.is_empty() {
        let _ = writeln!(text, "\nNothing is left to do.");
        return;
    }
    let _ = writeln!(text, "\nWhat to do next:");
    for step in steps {
        let _ = writeln!(text, "  - {step}");
    }
}

fn rows(count: u64, one: &str, many: &str) -> String {
    counted(count, &format!("row {one}"), &format!("rows {many}"))
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
    let checks: serde_json::Map<_, _> = ["identity", "face", "mobile"]
        .iter()
        .zip(&rendered.checks)
        .map(|(factor, counts)| {
            let counts: serde_json::Map<_, _> = Check::ALL
                .iter()
                .zip(counts)
                .map(|(check, count)| (check.word().to_owned(), (*count).into()))
                .collect();
            ((*factor).to_owned(), counts.into())
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
        "stopped": report.stop.map(|stop| stops::describe(stop, report.done.last_refusal.as_deref())),
        "out_of_reach": report.out_of_reach,
        "input_changed": report.input_changed,
    })
}
