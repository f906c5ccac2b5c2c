//! `reverify status`.

use std::fmt::Write as _;
use std::io::Write;

use jiff::Timestamp;

use super::announce::{counted, grouped};
use super::args::StatusArgs;
use super::exit::{Exit, Failure};
use super::settings;
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::ledger::{Access, Counts, EndpointKind};

/// Says what the ledger holds.
///
/// # Errors
///
/// If the ledger cannot be read, or a run holds it.
pub(super) fn run(args: &StatusArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let ledger = settings::open_ledger(&args.ledger, Access::ExistingOnly)?;
    let today = shanghai::day(Timestamp::now());
    let totals = ledger.totals(today)?;
    let is_sandbox = ledger.bound_to()? == Some(EndpointKind::Sandbox);

    let mut text = String::new();
    // Writing to a String cannot fail.
    let note = if is_sandbox { ", SANDBOX: made-up answers, nothing was paid" } else { "" };
    let _ =
        writeln!(text, "{}: {}{note}\n", args.ledger.ledger.display(), counted(totals.runs, "run", "runs"));
    let _ = writeln!(text, "applicants asked about");
    for (decision, count) in Decision::ALL.iter().zip(totals.applicants) {
        let _ = writeln!(text, "  {:<14}{:>10}", decision.word(), grouped(count));
    }
    let _ = writeln!(text, "\n  {:<14}{:>10}{:>10}{:>10}", "", "calls", "billed", "in doubt");
    for (name, counts) in
        [(format!("today {}", today.strftime("%m-%d")), totals.today), ("in all".to_owned(), totals.ever)]
    {
        let Counts { calls, billed, in_doubt } = counts;
        let _ = write!(
            text,
            "  {name:<14}{:>10}{:>10}{:>10}",
            grouped(calls),
            grouped(billed),
            grouped(in_doubt)
        );
        let _ = match args.price.filter(|_| !is_sandbox) {
            Some(price) => writeln!(text, "  {} yuan", price.times(billed)),
            None => writeln!(text),
        };
    }
    if let Some(oldest) = totals.oldest_doubt {
        let _ = writeln!(
            text,
            "\n{} in doubt, the oldest since {}: what may have been billed is not asked again by itself.",
            counted(totals.ever.in_doubt, "call is", "calls are"),
            shanghai::rfc3339(oldest)
        );
    }
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Failure::new(Exit::Output, format!("the status cannot be printed: {error}")))?;
    Ok(Exit::Settled)
}
