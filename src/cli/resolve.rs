//! `reverify resolve`: lists what is in doubt, and writes down what a person says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::Timestamp;
use serde_json::json;

use super::args::{LedgerArgs, TableArgs};
use super::exit::{Exit, Failure};
use super::settings;
use crate::domain::decide::{IntentId, Lost, Verdict};
use crate::domain::shanghai;
use crate::intake::{Table, TableOptions};
use crate::ledger::{self, Access, Doubt, Ledger};
use crate::output::{seen, text};
use crate::photo::PhotoFolder;
use crate::run::Photos;
use crate::run::retell::retell;
use crate::{lang, say};

/// `reverify resolve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(group = ArgGroup::new("verdict").args(["billed", "unbilled", "resend"]).requires("reason").requires("which"))]
#[command(group = ArgGroup::new("which").args(["row", "intent", "lost", "all"]).multiple(true).requires("verdict"))]
pub struct ResolveArgs {
    /// Inputs in which the rows in doubt are to be named
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,

    /// How the input is read.
    #[command(flatten)]
    pub table: TableArgs,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// The calls were billed, and their answers are lost: they are not asked again
    #[arg(long, help_heading = "What became of them")]
    pub billed: bool,

    /// The calls were not billed: the next run asks again
    #[arg(long, help_heading = "What became of them")]
    pub unbilled: bool,

    /// It stays unknown: the next run asks again, and perhaps pays a second time
    #[arg(long, help_heading = "What became of them")]
    pub resend: bool,

    /// How that is known; it is written into the ledger with your name and the time
    #[arg(long, value_name = "TEXT", help_heading = "What became of them")]
    pub reason: Option<String>,

    /// Rows of INPUT, numbered as in a spreadsheet: 7 or 7-9; may be repeated
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_rows, requires = "inputs", help_heading = "Which calls")]
    pub row: Vec<RangeInclusive<u64>>,

    /// Calls by the numbers that the list shows; may be repeated
    #[arg(long, value_name = "N", value_delimiter = ',', help_heading = "Which calls")]
    pub intent: Vec<i64>,

    /// The calls that are lost with an older copy of the ledger
    #[arg(long, help_heading = "Which calls")]
    pub lost: bool,

    /// Everything in doubt
    #[arg(long, help_heading = "Which calls")]
    pub all: bool,

    /// Go on with a ledger that is older than it was, or changed: whoever has no answer in it is held in doubt
    #[arg(long, requires = "reason", conflicts_with_all = ["verdict", "which"], help_heading = "Ledger")]
    pub accept_rollback: bool,

    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

fn parse_rows(text: &str) -> Result<RangeInclusive<u64>, String> {
    let number = |digits: &str| digits.trim().parse::<u64>().ok().filter(|row| *row > 1);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(say!("resolve-bad-row")),
    }
}

/// The rows that share a call: file and number.
type Rows = BTreeMap<IntentId, Vec<(String, u64)>>;

/// Lists what is in doubt, or settles it.
///
/// # Errors
///
/// If the ledger or an input cannot be read, or nothing in doubt is named.
pub(super) fn run(args: &ResolveArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let reason = args.reason.as_deref().map(str::trim);
    if reason.is_some_and(str::is_empty) {
        return Err(Failure::new(Exit::Usage, say!("resolve-empty-reason")));
    }
    let mut text = String::new();
    let mut accepted = Vec::new();
    let mut ledger = match reason {
        Some(reason) if args.accept_rollback => {
            let key = settings::ledger_key_path(&args.ledger);
            let now = Timestamp::now();
            let (ledger, faults) =
                ledger::accept_rollback(&args.ledger.ledger, &key, &settings::operator(), reason, now)?;
            if faults.is_empty() {
                text.push_str(&say!("resolve-nothing-to-accept"));
            } else {
                text.push_str(&say!("resolve-accepted"));
            }
            text.push('\n');
            accepted = faults;
            ledger
        }
        _ => settings::open_ledger(&args.ledger, Access::ExistingOnly)?,
    };
    let (rows, strangers) = rows_in_doubt(args, &ledger)?;
    let mut settled = Vec::new();
    if let (Some(verdict), Some(reason)) = (verdict(args), reason) {
        settled = choose(args, &ledger, &rows, &strangers)?;
        let words: Vec<_> = settled.iter().map(|intent| (*intent, verdict)).collect();
        let lost = ledger.lost().filter(|_| args.lost || args.all).map(|_| verdict);
        ledger.settle(&words, lost, &settings::operator(), reason, Timestamp::now())?;
        let count = settled.len() as u64 + u64::from(lost.is_some());
        text.push_str(&say!("resolve-settled", count = count, verdict = verdict.word()));
        text.push('\n');
    }
    let open: Vec<Doubt> =
        ledger.doubts()?.into_iter().filter(|doubt| doubt.attempt.verdict.is_none()).collect();
    let lost = ledger.lost();
    ledger.checkpoint()?;
    let shown = if args.json {
        let accepted: Vec<_> = accepted.iter().map(ledger::Fault::code).collect();
        format!("{}\n", json_of(&open, lost, &rows, &settled, &accepted))
    } else {
        text + &list(args, &open, lost, &rows)
    };
    let written = out.write_all(shown.as_bytes());
    written.map_err(|error| {
        Failure::new(Exit::Output, say!("resolve-unprintable", error = error.to_string()))
    })?;
    Ok(if open.is_empty() && lost.is_none() { Exit::Settled } else { Exit::Incomplete })
}

fn verdict(args: &ResolveArgs) -> Option<Verdict> {
    [(args.billed, Verdict::Billed), (args.unbilled, Verdict::Unbilled), (args.resend, Verdict::Resend)]
        .into_iter()
        .find_map(|(is_said, verdict)| is_said.then_some(verdict))
}

/// Finds the rows of the inputs that share a call in doubt, and those that are in doubt without a call.
fn rows_in_doubt(args: &ResolveArgs, ledger: &Ledger) -> Result<(Rows, BTreeSet<u64>), Failure> {
    let mut rows = Rows::new();
    let mut strangers = BTreeSet::new();
    for input in &args.inputs {
        let options = TableOptions {
            encoding: args.table.encoding,
            delimiter: args.table.delimiter,
            columns: args.table.column.clone(),
            sheet: args.table.sheet.clone(),
            ..TableOptions::default()
        };
        let table = Table::open(input, &options, &[])?;
        let folder = settings::photo_folder(input, &args.table);
        let photos = match PhotoFolder::open(&folder) {
            Ok(folder) => Photos::Open(folder),
            Err(_) => Photos::Gone(std::path::absolute(&folder).unwrap_or(folder)),
        };
        let file = input.display().to_string();
        retell(&table, photos, ledger, |row, told| {
            for attempt in told.history.iter().filter(|attempt| attempt.is_doubtful()) {
                rows.entry(attempt.intent).or_default().push((file.clone(), row.number()));
            }
            if told.history.may_lack_a_call().is_some() {
                strangers.insert(row.number());
            }
            Ok(())
        })?;
    }
    Ok((rows, strangers))
}

/// The calls that the operator means.
fn choose(
    args: &ResolveArgs,
    ledger: &Ledger,
    rows: &Rows,
    strangers: &BTreeSet<u64>,
) -> Result<Vec<IntentId>, Failure> {
    let usage = |message| Err(Failure::new(Exit::Usage, message));
    // A doubt about which asking again was allowed is over: the next call has taken its place.
    let doubts: Vec<Doubt> = ledger.doubts()?.into_iter().filter(|doubt| doubt.attempt.blocks()).collect();
    let mut chosen = BTreeSet::new();
    if !args.row.is_empty() && args.inputs.len() > 1 {
        return usage(say!("resolve-rows-of-many"));
    }
    for range in &args.row {
        let meant: Vec<IntentId> = rows
            .iter()
            .filter(|(_, rows)| rows.iter().any(|(_, row)| range.contains(row)))
            .map(|(intent, _)| *intent)
            .filter(|intent| doubts.iter().any(|doubt| doubt.attempt.intent == *intent))
            .collect();
        if meant.is_empty() {
            let row = range.start().to_string();
            return usage(if range.clone().any(|row| strangers.contains(&row)) {
                say!("resolve-row-is-lost", row = row)
            } else {
                say!("resolve-row-not-in-doubt", row = row)
            });
        }
        chosen.extend(meant);
    }
    for intent in &args.intent {
        if !doubts.iter().any(|doubt| doubt.attempt.intent.0 == *intent) {
            return usage(say!("resolve-intent-not-in-doubt", intent = intent.to_string()));
        }
        chosen.insert(IntentId(*intent));
    }
    if args.all {
        let open = doubts.iter().filter(|doubt| doubt.attempt.verdict.is_none());
        chosen.extend(open.map(|doubt| doubt.attempt.intent));
    }
    if args.lost && ledger.lost().is_none() {
        return usage(say!("resolve-nothing-lost"));
    }
    Ok(chosen.into_iter().collect())
}

/// What was seen of a call in doubt.
pub(super) fn seen(doubt: &Doubt) -> String {
    match &doubt.attempt.answer {
        None => say!("resolve-no-answer"),
        Some(answer) => match (&answer.seen, &answer.error_code) {
            (Some(seen), _) => text::for_terminal(&seen::in_language(lang::current(), seen)),
            (None, Some(code)) => say!("resolve-unknown-code", code = text::for_terminal(code)),
            (None, None) => say!("resolve-no-answer"),
        },
    }
}

fn list(args: &ResolveArgs, open: &[Doubt], lost: Option<Lost>, rows: &Rows) -> String {
    let mut lines = Vec::new();
    if open.is_empty() && lost.is_none() {
        lines.push(say!("resolve-none"));
    }
    if !open.is_empty() {
        lines.push(say!("resolve-count", count = open.len() as u64));
        let width =
            open.iter().map(|doubt| doubt.attempt.intent.0.to_string().len()).max().unwrap_or(1).max(4);
        for doubt in open {
            let (intent, when) = (doubt.attempt.intent, shanghai::rfc3339(doubt.attempt.asked_at));
            lines.push(format!("  {:>width$}  {when}  {}", intent.0, seen(doubt)));
            for (file, row) in rows.get(&intent).into_iter().flatten() {
                let place = say!("resolve-row", file = text::for_terminal(file), row = row.to_string());
                lines.push(format!("  {:width$}  {place}", ""));
            }
        }
        if args.inputs.is_empty() {
            lines.push(say!("resolve-name-the-input"));
        }
    }
    if let Some(lost) = lost {
        let (since, accepted) = (shanghai::rfc3339(lost.since), shanghai::rfc3339(lost.accepted));
        lines.push(say!("resolve-lost", since = since, accepted = accepted));
    }
    if verdict(args).is_none() && (!open.is_empty() || lost.is_some()) {
        lines.push(say!("resolve-how"));
    }
    lines.join("\n") + "\n"
}

fn json_of(
    open: &[Doubt],
    lost: Option<Lost>,
    rows: &Rows,
    settled: &[IntentId],
    accepted: &[&str],
) -> serde_json::Value {
    let doubts: Vec<_> = open
        .iter()
        .map(|doubt| {
            let rows: Vec<_> = rows
                .get(&doubt.attempt.intent)
                .into_iter()
                .flatten()
                .map(|(file, row)| json!({"file": file, "row": row}))
                .collect();
            let answer = doubt.attempt.answer.as_ref();
            json!({
                "intent": doubt.attempt.intent.0,
                "run": doubt.attempt.run.0,
                "asked_at": shanghai::rfc3339(doubt.attempt.asked_at),
                "ended_at": answer.map(|answer| shanghai::rfc3339(answer.time)),
                "seen": answer.and_then(|answer| answer.seen.as_deref()),
                "error_code": answer.and_then(|answer| answer.error_code.as_deref()),
                "orderid": answer.and_then(|answer| answer.orderid.as_deref()),
                "rows": rows,
            })
        })
        .collect();
    json!({
        "in_doubt": doubts,
        "lost": lost.map(|lost| json!({
            "since": shanghai::rfc3339(lost.since),
            "accepted": shanghai::rfc3339(lost.accepted),
        })),
        "settled": settled.iter().map(|intent| intent.0).collect::<Vec<_>>(),
        "accepted": accepted,
    })
}
