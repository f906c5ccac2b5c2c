//! `reverify reconcile`: the provider's bill or call record against the ledger.

use std::fmt::Write as _;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::announce::grouped;
use super::args::{LedgerArgs, parse_duration};
use super::exit::{Exit, Failure};
use super::settings;
use super::statement::{self, Statement, StatementField};
use crate::domain::answer::Class;
use crate::domain::decide::{Attempt, IntentId, Verdict};
use crate::domain::money::Yuan;
use crate::domain::reconcile::{
    Call, Fate, Finding, Known, Line, Month, Outcome, Reconciler, Stays, Stretch, Tolerance,
};
use crate::domain::shanghai;
use crate::intake::{Delimiter, Encoding, TableOptions};
use crate::ledger::{Access, Ledger};
use crate::output::{file, text};
use crate::say;

/// `reverify reconcile`.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// The provider's bill or call record: a table with a header
    #[arg(value_name = "STATEMENT")]
    pub statement: PathBuf,

    /// Name a column that is not recognised: orderid=…, time=…, amount=…, code=…; may be repeated
    #[arg(long, value_name = "FIELD=NAME", value_delimiter = ',', value_parser = statement::parse_column, help_heading = "Statement")]
    pub column: Vec<(Option<StatementField>, String)>,

    /// Encoding of STATEMENT: utf-8, gb18030, utf-16le, utf-16be [default: detected]
    #[arg(long, value_name = "NAME", help_heading = "Statement")]
    pub encoding: Option<Encoding>,

    /// Delimiter of STATEMENT: comma, semicolon or tab [default: detected]
    #[arg(long, value_name = "NAME", help_heading = "Statement")]
    pub delimiter: Option<Delimiter>,

    /// Sheet of an Excel workbook, by name or by number from 1 [default: the first visible one]
    #[arg(long, value_name = "NAME", help_heading = "Statement")]
    pub sheet: Option<String>,

    /// The time in which no call is missing on it, such as 2026-11-01..2026-11-30 [default: from its first line to its last]
    #[arg(long, value_name = "FROM..TO", value_parser = parse_stretch, help_heading = "Statement")]
    pub covers: Option<Stretch>,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// How long a call may have taken: the runs' --timeout
    #[arg(long, value_name = "TIME", env = "REVERIFY_TIMEOUT", default_value = "60s", value_parser = parse_duration, help_heading = "Comparison")]
    pub timeout: Duration,

    /// By how much the provider's clock and this machine's may differ
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_duration, help_heading = "Comparison")]
    pub slack: Duration,

    /// Price of a billed call, where the statement has no amounts
    #[arg(long, value_name = "YUAN", env = "REVERIFY_PRICE", help_heading = "Comparison")]
    pub price: Option<Yuan>,

    /// Show what would be settled, and write nothing into the ledger
    #[arg(long)]
    pub dry_run: bool,

    /// Write the differences into this CSV file
    #[arg(long, value_name = "FILE")]
    pub differences: Option<PathBuf>,

    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

fn parse_stretch(text: &str) -> Result<Stretch, String> {
    let bad = || say!("reconcile-bad-stretch");
    let (from, to) = text.split_once("..").ok_or_else(bad)?;
    match (statement::parse_time(from.trim()), statement::parse_time(to.trim())) {
        (Some(from), Some(to)) if from.from <= to.until => Ok(Stretch::new(from.from, to.until)),
        _ => Err(bad()),
    }
}

/// One difference: what it is, and what is known of it.
struct Difference {
    kind: &'static str,
    row: Option<u64>,
    intent: Option<IntentId>,
    orderid: String,
    time: Option<Timestamp>,
    amount: Option<Yuan>,
    note: String,
}

/// Compares, settles what the statement proves, and tells.
///
/// # Errors
///
/// If the statement or the ledger cannot be read or written.
pub(super) fn run(args: &ReconcileArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    if let Some(path) = &args.differences {
        file::check_replaceable(path)?;
    }
    let options = TableOptions {
        encoding: args.encoding,
        delimiter: args.delimiter,
        sheet: args.sheet.clone(),
        ..TableOptions::default()
    };
    let columns: Vec<_> =
        args.column.iter().filter_map(|(field, name)| Some(((*field)?, name.clone()))).collect();
    let statement = statement::read(&args.statement, &options, &columns)?;
    let mut ledger = settings::open_ledger(&args.ledger, Access::ExistingOnly)?;
    let covered = args.covers.or_else(|| covered(&statement.lines));
    let outcome = compare(args, &statement.lines, covered, &ledger)?;

    let settled: Vec<(IntentId, Verdict)> = outcome
        .doubts
        .iter()
        .filter_map(|(call, finding)| match finding {
            Finding::Settled(verdict) => Some((call.intent, *verdict)),
            Finding::Stays(_) => None,
        })
        .collect();
    let lost = match outcome.lost {
        Some(Finding::Settled(verdict)) => Some(verdict),
        _ => None,
    };
    if !args.dry_run && (!settled.is_empty() || lost.is_some()) {
        let why = format!("reverify reconcile {}", args.statement.display());
        ledger.settle(&settled, lost, &settings::operator(), &why, Timestamp::now())?;
        ledger.checkpoint()?;
    }
    drop(ledger);

    let differences = differences(&statement.lines, &outcome);
    if let Some(path) = &args.differences {
        write_differences(path, &differences)?;
    }
    let shown = if args.json {
        format!("{}\n", json_of(args, &statement, covered, &outcome, &differences))
    } else {
        text_of(args, &statement, covered, &outcome, &differences)
    };
    let written = out.write_all(shown.as_bytes());
    written.map_err(|error| {
        Failure::new(Exit::Output, say!("resolve-unprintable", error = error.to_string()))
    })?;
    let stays = outcome.doubts.len() > settled.len() || outcome.lost.is_some() && lost.is_none();
    let is_even = differences.iter().all(|difference| difference.kind.starts_with("settled"));
    Ok(if stays || !is_even { Exit::Incomplete } else { Exit::Settled })
}

/// From a statement's first line to its last.
fn covered(lines: &[Line]) -> Option<Stretch> {
    let times = || lines.iter().filter_map(|line| line.time);
    let from = times().map(|time| time.from).min()?;
    Some(Stretch::new(from, times().map(|time| time.until).max()?))
}

fn compare(
    args: &ReconcileArgs,
    lines: &[Line],
    covered: Option<Stretch>,
    ledger: &Ledger,
) -> Result<Outcome, Failure> {
    let tolerance = Tolerance { timeout: args.timeout, slack: args.slack };
    let mut reconciler = Reconciler::new(lines, covered, tolerance, ledger.lost());
    ledger.each_call(|_, attempt| {
        reconciler.see(call_of(attempt));
        ControlFlow::Continue(())
    })?;
    Ok(reconciler.finish())
}

fn call_of(attempt: Attempt) -> Call {
    let class = attempt.answer.as_ref().map(|answer| answer.class);
    let known = match (class, attempt.verdict) {
        (Some(Class::Billed), _) => Known::Billed,
        (Some(Class::Unbilled | Class::NotSent), _) => Known::Unbilled,
        (Some(Class::InDoubt) | None, Some(Verdict::Billed)) => Known::SaidBilled,
        (Some(Class::InDoubt) | None, Some(Verdict::Unbilled)) => Known::SaidUnbilled,
        // A resend that was allowed says nothing of the first call.
        (Some(Class::InDoubt) | None, Some(Verdict::Resend)) => Known::Resent,
        (Some(Class::InDoubt) | None, None) => Known::InDoubt,
    };
    let (ended_at, orderid) = match attempt.answer {
        Some(answer) => (Some(answer.time), answer.orderid.filter(|orderid| !orderid.is_empty())),
        None => (None, None),
    };
    Call { intent: attempt.intent, asked_at: attempt.asked_at, ended_at, orderid, known }
}

fn differences(lines: &[Line], outcome: &Outcome) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (line, fate) in lines.iter().zip(&outcome.fates) {
        let (kind, intent) = match fate {
            Fate::Unexplained => ("unexplained", None),
            Fate::Twice => ("charged_twice", None),
            Fate::ChargedThoughUnbilled(intent) => ("charged_though_unbilled", Some(*intent)),
            Fate::NotCharged(intent) => ("not_charged", Some(*intent)),
            Fate::Matched(_) | Fate::OfADoubt | Fate::OfACall | Fate::Free => continue,
        };
        differences.push(Difference {
            kind,
            row: Some(line.row),
            intent,
            orderid: line.orderid.clone().unwrap_or_default(),
            time: line.time.map(|time| time.from),
            amount: line.amount,
            note: String::new(),
        });
    }
    let of_call = |kind, call: &Call, note| Difference {
        kind,
        row: None,
        intent: Some(call.intent),
        orderid: call.orderid.clone().unwrap_or_default(),
        time: Some(call.asked_at),
        amount: None,
        note,
    };
    differences.extend(outcome.missing.iter().map(|call| of_call("missing", call, String::new())));
    for (call, finding) in &outcome.doubts {
        differences.push(match finding {
            Finding::Settled(Verdict::Billed) => of_call("settled_billed", call, String::new()),
            Finding::Settled(_) => of_call("settled_unbilled", call, String::new()),
            Finding::Stays(stays) => of_call("in_doubt", call, why_it_stays(*stays)),
        });
    }
    differences
}

fn why_it_stays(stays: Stays) -> String {
    match stays {
        Stays::NotCovered => say!("reconcile-not-covered"),
        Stays::Ambiguous { lines, doubts } => say!("reconcile-ambiguous", lines = lines, doubts = doubts),
        Stays::LinesWithoutTime { lines } => say!("reconcile-without-time", lines = lines),
    }
}

fn write_differences(path: &Path, differences: &[Difference]) -> Result<(), Failure> {
    file::replace(path, 0o600, |writer| {
        let mut csv = csv::Writer::from_writer(writer);
        csv.write_record(["kind", "statement_row", "call", "orderid", "time", "amount", "note"])?;
        for difference in differences {
            csv.write_record([
                difference.kind,
                &difference.row.map(|row| row.to_string()).unwrap_or_default(),
                &difference.intent.map(|intent| intent.0.to_string()).unwrap_or_default(),
                &text::for_spreadsheet(&difference.orderid),
                &difference.time.map(shanghai::rfc3339).unwrap_or_default(),
                &difference.amount.map(|amount| amount.to_string()).unwrap_or_default(),
                &difference.note,
            ])?;
        }
        csv.flush()
    })?;
    Ok(())
}

fn sum_of(month: &Month, price: Option<Yuan>) -> Option<Yuan> {
    month.amount.or_else(|| price.map(|price| price.times(month.lines)))
}

fn name_of(month: Option<(i16, i8)>) -> String {
    month.map_or_else(|| "-".to_owned(), |(year, month)| format!("{year:04}-{month:02}"))
}

fn count(differences: &[Difference], kind: &str) -> u64 {
    differences.iter().filter(|difference| difference.kind == kind).count() as u64
}

/// How many differences of a kind are shown on the screen; the CSV has them all.
const SHOWN: usize = 10;

fn text_of(
    args: &ReconcileArgs,
    statement: &Statement,
    covered: Option<Stretch>,
    outcome: &Outcome,
    differences: &[Difference],
) -> String {
    let mut lines = Vec::new();
    let path = args.statement.display().to_string();
    let count_of_lines = statement.lines.len() as u64;
    lines.push(if let Some(Stretch { from, until }) = covered {
        let (from, until) = (shanghai::rfc3339(from), shanghai::rfc3339(until));
        say!("reconcile-head", path = path, lines = count_of_lines, from = from, until = until)
    } else {
        say!("reconcile-head-timeless", path = path, lines = count_of_lines)
    });
    if statement.passed_over > 0 {
        lines.push(say!("reconcile-passed-over", count = statement.passed_over));
    }
    lines.push(String::new());
    let matched = outcome.fates.iter().filter(|fate| matches!(fate, Fate::Matched(_))).count();
    lines.push(format!("  {:>10}  {}", grouped(matched as u64), say!("reconcile-matched")));
    for (kind, sentence) in [
        ("unexplained", say!("reconcile-unexplained")),
        ("charged_twice", say!("reconcile-twice")),
        ("charged_though_unbilled", say!("reconcile-though-unbilled")),
        ("not_charged", say!("reconcile-not-charged")),
        ("missing", say!("reconcile-missing")),
        ("settled_billed", say!("reconcile-settled-billed")),
        ("settled_unbilled", say!("reconcile-settled-unbilled")),
        ("in_doubt", say!("reconcile-in-doubt")),
    ] {
        lines.push(format!("  {:>10}  {sentence}", grouped(count(differences, kind))));
        let of_kind = || differences.iter().filter(|difference| difference.kind == kind);
        for difference in of_kind().take(SHOWN) {
            let mut line = format!("  {:10}    ", "");
            if let Some(row) = difference.row {
                let _ = write!(line, "{} ", say!("reconcile-row", row = row.to_string()));
            }
            if let Some(intent) = difference.intent {
                let _ = write!(line, "{} ", say!("reconcile-call", intent = intent.0.to_string()));
            }
            let time = difference.time.map(shanghai::rfc3339).unwrap_or_default();
            let _ = write!(line, "{time} {}", text::for_terminal(&difference.orderid));
            lines.push(line.trim_end().to_owned());
            if !difference.note.is_empty() {
                lines.push(format!("  {:10}      {}", "", difference.note));
            }
        }
        if of_kind().count() > SHOWN {
            lines.push(format!(
                "  {:10}    {}",
                "",
                say!("reconcile-more", count = (of_kind().count() - SHOWN) as u64)
            ));
        }
    }
    if outcome.outside > 0 {
        lines.push(format!("  {:>10}  {}", grouped(outcome.outside), say!("reconcile-outside")));
    }
    match outcome.lost {
        Some(Finding::Settled(_)) => lines.push(say!("reconcile-lost-settled")),
        Some(Finding::Stays(stays)) => lines.push(say!("reconcile-lost-stays", why = why_it_stays(stays))),
        None => {}
    }
    lines.push(String::new());
    lines.push(format!(
        "  {:<10}{:>12}{:>14}{:>12}{:>12}",
        say!("reconcile-month"),
        say!("reconcile-lines"),
        say!("reconcile-yuan"),
        say!("reconcile-billed"),
        say!("reconcile-doubts")
    ));
    for (month, counts) in &outcome.months {
        let sum = sum_of(counts, args.price).map_or_else(|| "-".to_owned(), |sum| sum.to_string());
        lines.push(format!(
            "  {:<10}{:>12}{sum:>14}{:>12}{:>12}",
            name_of(*month),
            grouped(counts.lines),
            grouped(counts.billed),
            grouped(counts.in_doubt)
        ));
    }
    if args.dry_run {
        lines.push(String::new());
        lines.push(say!("reconcile-dry-run"));
    }
    lines.join("\n") + "\n"
}

fn json_of(
    args: &ReconcileArgs,
    statement: &Statement,
    covered: Option<Stretch>,
    outcome: &Outcome,
    differences: &[Difference],
) -> serde_json::Value {
    let listed: Vec<_> = differences
        .iter()
        .map(|difference| {
            json!({
                "kind": difference.kind,
                "statement_row": difference.row,
                "call": difference.intent.map(|intent| intent.0),
                "orderid": difference.orderid,
                "time": difference.time.map(shanghai::rfc3339),
                "amount": difference.amount.map(|amount| amount.to_string()),
                "note": difference.note,
            })
        })
        .collect();
    let months: Vec<_> = outcome
        .months
        .iter()
        .map(|(month, counts)| {
            json!({
                "month": month.map(|month| name_of(Some(month))),
                "statement_lines": counts.lines,
                "yuan": sum_of(counts, args.price).map(|sum| sum.to_string()),
                "ledger_billed": counts.billed,
                "ledger_in_doubt": counts.in_doubt,
            })
        })
        .collect();
    let kinds = [
        "unexplained",
        "charged_twice",
        "charged_though_unbilled",
        "not_charged",
        "missing",
        "settled_billed",
        "settled_unbilled",
        "in_doubt",
    ];
    let counts: serde_json::Map<_, _> =
        kinds.into_iter().map(|kind| (kind.to_owned(), count(differences, kind).into())).collect();
    let matched = outcome.fates.iter().filter(|fate| matches!(fate, Fate::Matched(_))).count();
    json!({
        "statement": args.statement.display().to_string(),
        "lines": statement.lines.len(),
        "passed_over": statement.passed_over,
        "covers": covered.map(|covered| json!({"from": shanghai::rfc3339(covered.from), "until": shanghai::rfc3339(covered.until)})),
        "dry_run": args.dry_run,
        "matched": matched,
        "outside": outcome.outside,
        "counts": counts,
        "lost": outcome.lost.map(|finding| match finding {
            Finding::Settled(verdict) => verdict.word().to_owned(),
            Finding::Stays(stays) => why_it_stays(stays),
        }),
        "differences": listed,
        "months": months,
    })
}
