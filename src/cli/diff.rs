//! `reverify diff`: what two outputs of the same people say differently.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::announce::grouped;
use super::args::parse_column;
use super::exit::{Exit, Failure};
use crate::compare::{Change, Counts, JoinBy, Kind, NotAnOutput, OutputFile, Verdict, compare};
use crate::domain::applicant::Field;
use crate::domain::outcome::{Check, Decision, Factor};
use crate::domain::shanghai;
use crate::intake::{Delimiter, Encoding, TableOptions};
use crate::lang::{self, layout};
use crate::output::{file, text};
use crate::say;

/// The most differences that a terminal is shown, and that JSON lists. The CSV file has all.
const SHOWN: usize = 20;
const LISTED: usize = 10_000;

/// `reverify diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The older output, CSV or Excel
    #[arg(value_name = "OLD")]
    pub old: PathBuf,

    /// The newer output, CSV or Excel
    #[arg(value_name = "NEW")]
    pub new: PathBuf,

    /// Join rows by this column [default: by name, ID card and mobile]
    #[arg(long, value_name = "COLUMN", env = "REVERIFY_BY")]
    pub by: Option<String>,

    /// Write every difference to this CSV file, personal data masked
    #[arg(long, value_name = "FILE", env = "REVERIFY_CSV")]
    pub csv: Option<PathBuf>,

    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,

    /// What stands before the names of the added columns [default: found]
    #[arg(long, value_name = "TEXT")]
    pub prefix: Option<String>,

    /// Sheet of an Excel workbook, by name or by number from 1 [default: the first visible one]
    #[arg(long, value_name = "NAME", env = "REVERIFY_SHEET")]
    pub sheet: Option<String>,

    /// Name a column that is not recognised, such as realname=客户; may be repeated
    #[arg(long, value_name = "FIELD=NAME", env = "REVERIFY_COLUMN", value_delimiter = ',', value_parser = parse_column)]
    pub column: Vec<(Field, String)>,

    /// Encoding of both: utf-8, gb18030, utf-16le, utf-16be [default: detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Encoding>,

    /// Delimiter of both: comma, semicolon or tab [default: detected]
    #[arg(long, value_name = "NAME")]
    pub delimiter: Option<Delimiter>,
}

impl From<NotAnOutput> for Failure {
    fn from(error: NotAnOutput) -> Self {
        Self::new(Exit::Input, error.to_string())
    }
}

/// Compares two outputs.
///
/// # Errors
///
/// If one of them cannot be read or is no output, or the differences cannot be written.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let by = args.by.clone().map_or(JoinBy::Applicant, JoinBy::Column);
    let options = TableOptions {
        encoding: args.encoding,
        delimiter: args.delimiter,
        columns: args.column.clone(),
        sheet: args.sheet.clone(),
        prefix: String::new(),
    };
    let open = |path: &Path| OutputFile::open(path, &options, args.prefix.as_deref(), &by);
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    if let Some(path) = &args.csv {
        refuse_overwriting(path, [&args.old, &args.new])?;
    }
    let mut found = Found::default();
    let counts = match &args.csv {
        None => {
            let compared = compare(&old, &new, today(), |change| {
                found.keep(change);
                Ok(())
            })?;
            compared.map_err(|error| unprintable(&error))?
        }
        Some(path) => write_csv(path, &old, &new, &mut found)?,
    };
    let shown = if args.json {
        format!("{:#}\n", as_json(args, &counts, &found, [old.row_count(), new.row_count()]))
    } else {
        as_text(args, &counts, &found, [old.row_count(), new.row_count()])
    };
    out.write_all(shown.as_bytes()).and_then(|()| out.flush()).map_err(|error| unprintable(&error))?;
    Ok(if counts.any() { Exit::Incomplete } else { Exit::Settled })
}

fn today() -> jiff::civil::Date {
    shanghai::day(Timestamp::now())
}

fn unprintable(error: &io::Error) -> Failure {
    Failure::new(Exit::Output, say!("diff-unprintable", error = error.to_string()))
}

fn refuse_overwriting(path: &Path, read: [&PathBuf; 2]) -> Result<(), Failure> {
    let same = |other: &&PathBuf| match (path.canonicalize(), other.canonicalize()) {
        (Ok(path), Ok(other)) => path == other,
        _ => false,
    };
    if read.iter().any(same) {
        let path = path.display().to_string();
        return Err(Failure::new(Exit::Usage, say!("diff-would-overwrite", path = path)));
    }
    Ok(())
}

/// Differences that are shown, and how often each decision became another.
#[derive(Default)]
struct Found {
    first: Vec<Change>,
    turns: std::collections::BTreeMap<(Option<Decision>, Option<Decision>), u64>,
}

impl Found {
    fn keep(&mut self, change: &Change) {
        if let (Some((_, old)), Some((_, new))) = (&change.old, &change.new) {
            *self.turns.entry((old.decision, new.decision)).or_default() += 1;
        }
        if self.first.len() < LISTED {
            self.first.push(change.clone());
        }
    }
}

fn write_csv(path: &Path, old: &OutputFile, new: &OutputFile, found: &mut Found) -> Result<Counts, Failure> {
    let mut failure = None;
    let written = file::replace(path, 0o600, |writer: &mut BufWriter<&File>| {
        writer.write_all("\u{feff}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(writer);
        csv.write_record(CSV_HEADER)?;
        let compared = compare(old, new, today(), |change| {
            found.keep(change);
            csv.write_record(csv_line(change).map(|cell| text::for_spreadsheet(&cell)))?;
            Ok(())
        });
        match compared {
            Ok(counts) => {
                let counts = counts?;
                csv.flush()?;
                Ok(counts)
            }
            Err(error) => {
                failure = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    });
    match failure {
        Some(failure) => Err(failure.into()),
        None => written.map_err(Failure::from),
    }
}

const CSV_HEADER: [&str; 15] = [
    "change",
    "old_row",
    "new_row",
    "key",
    "old_decision",
    "new_decision",
    "old_identity_check",
    "new_identity_check",
    "old_face_check",
    "new_face_check",
    "old_mobile_check",
    "new_mobile_check",
    "old_res",
    "new_res",
    "what",
];

fn csv_line(change: &Change) -> [String; 15] {
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    let row = |side: Option<&(u64, Verdict)>| side.map_or_else(String::new, |(row, _)| row.to_string());
    let decision =
        |side: Option<&(u64, Verdict)>| decision_word(side.and_then(|(_, verdict)| verdict.decision));
    let check = |side: Option<&(u64, Verdict)>, at: usize| {
        side.and_then(|(_, verdict)| verdict.checks[at])
            .map_or_else(String::new, |check| check.word().to_owned())
    };
    let res = |side: Option<&(u64, Verdict)>| {
        side.and_then(|(_, verdict)| verdict.res).map_or_else(String::new, |res| res.to_string())
    };
    [
        change.kind.word().to_owned(),
        row(old),
        row(new),
        change.shown.join(" "),
        decision(old),
        decision(new),
        check(old, 0),
        check(new, 0),
        check(old, 1),
        check(new, 1),
        check(old, 2),
        check(new, 2),
        res(old),
        res(new),
        what(change),
    ]
}

fn decision_word(decision: Option<Decision>) -> String {
    decision.map_or_else(String::new, |decision| decision.word().to_owned())
}

/// What the difference means, in words.
fn what(change: &Change) -> String {
    match (change.old.as_ref(), change.new.as_ref()) {
        (Some((_, old)), Some((_, new))) => {
            let mut clauses: Vec<String> = Factor::ALL
                .into_iter()
                .zip(old.checks.into_iter().zip(new.checks))
                .filter(|(_, (old, new))| old != new)
                .filter_map(|(factor, (old, new))| turn(factor, old, new?))
                .collect();
            if clauses.is_empty() {
                clauses.extend(new.decision.map(becomes));
            }
            clauses.join(if lang::current() == lang::Language::Chinese { "；" } else { "; " })
        }
        (None, _) => say!("diff-is-new"),
        (_, None) => say!("diff-is-gone"),
    }
}

/// What it means that a factor says something else now. Nothing where it was not known before and fits.
fn turn(factor: Factor, old: Option<Check>, new: Check) -> Option<String> {
    let was_known = matches!(old, Some(Check::Pass | Check::Mismatch));
    Some(match (factor, new) {
        (Factor::Mobile, Check::Mismatch) if old == Some(Check::Pass) => say!("diff-mobile-now-anothers"),
        (Factor::Mobile, Check::Mismatch) => say!("diff-mobile-anothers"),
        (Factor::Mobile, Check::Pass) if was_known => say!("diff-mobile-now-own"),
        (Factor::Mobile, Check::Pass) => say!("diff-mobile-own"),
        (Factor::Mobile, Check::NoRecord) => say!("diff-mobile-no-record"),
        (Factor::Mobile, Check::Failed) => say!("diff-mobile-failed"),
        (Factor::Face, Check::Mismatch) => say!("diff-face-mismatch"),
        (Factor::Face, Check::Pass) => say!("diff-face-pass"),
        (Factor::Face, Check::Failed | Check::NoRecord) => say!("diff-face-failed"),
        (Factor::Identity, Check::Mismatch) => say!("diff-identity-mismatch"),
        (Factor::Identity, Check::Pass) => say!("diff-identity-pass"),
        (Factor::Identity, Check::Failed | Check::NoRecord) => say!("diff-identity-failed"),
        (_, Check::Unchecked) => return None,
    })
}

fn becomes(decision: Decision) -> String {
    match decision {
        Decision::Match | Decision::Mismatch | Decision::Inconclusive => say!("diff-answered"),
        Decision::Rejected => say!("diff-rejected"),
        Decision::Unresolved => say!("diff-unresolved"),
        Decision::Pending => say!("diff-pending"),
    }
}

fn as_text(args: &DiffArgs, counts: &Counts, found: &Found, rows: [u64; 2]) -> String {
    const WORDS: usize = 40;
    let mut page = String::new();
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    let count = |words: &str, count: u64| format!("  {} {:>10}", layout::left(words, WORDS), grouped(count));
    let (old, new) = (args.old.display().to_string(), args.new.display().to_string());
    line(&say!("diff-title", old = old, old_rows = rows[0], new = new, new_rows = rows[1]));
    let by = args.by.as_deref().map(text::for_terminal);
    line(&by.map_or_else(|| say!("diff-by-applicant"), |by| say!("diff-by-column", column = by)));
    line("");
    line(&count(&say!("diff-unchanged"), counts.unchanged));
    line(&count(&say!("diff-changed"), counts.changed));
    for ((old, new), times) in &found.turns {
        line(&count(&format!("  {} -> {}", named(*old), named(*new)), *times));
    }
    line(&count(&say!("diff-new"), counts.new));
    line(&count(&say!("diff-gone"), counts.gone));
    for (origin, path) in [(0, &args.old), (1, &args.new)] {
        let path = path.display().to_string();
        if counts.repeated[origin] > 0 {
            line(&format!(
                "  {}",
                say!("diff-repeated", path = path.as_str(), count = counts.repeated[origin])
            ));
        }
        if counts.nameless[origin] > 0 {
            line(&format!("  {}", say!("diff-nameless", path = path, count = counts.nameless[origin])));
        }
    }
    if !found.first.is_empty() {
        line("");
    }
    for change in found.first.iter().take(SHOWN) {
        line(&format!("  {}", place(change)));
        line(&format!("      {}", turn_of(change)));
    }
    let more = (counts.changed + counts.new + counts.gone).saturating_sub(SHOWN as u64);
    match (&args.csv, more) {
        (Some(path), _) => line(&format!("\n{}", say!("diff-written", path = path.display().to_string()))),
        (None, 0) => {}
        (None, more) => line(&format!("\n{}", say!("diff-more", count = more))),
    }
    page
}

fn named(decision: Option<Decision>) -> &'static str {
    decision.map_or("?", Decision::word)
}

/// Where the difference is: rows, and whom.
fn place(change: &Change) -> String {
    let whom = text::for_terminal(&change.shown.join(" "));
    let row = |side: &Option<(u64, Verdict)>| side.map(|(row, _)| row.to_string()).unwrap_or_default();
    let (old, new) = (row(&change.old), row(&change.new));
    match change.kind {
        Kind::Changed => say!("diff-at-both", old = old, new = new, whom = whom),
        Kind::New => say!("diff-at-new", row = new, whom = whom),
        Kind::Gone => say!("diff-at-old", row = old, whom = whom),
    }
}

fn turn_of(change: &Change) -> String {
    let said = |side: &Option<(u64, Verdict)>| {
        side.map(|(_, verdict)| {
            let res = verdict.res.map(|res| format!(" ({res})")).unwrap_or_default();
            format!("{}{res}", named(verdict.decision))
        })
    };
    let what = what(change);
    match (said(&change.old), said(&change.new)) {
        (Some(old), Some(new)) => say!("diff-turn", old = old, new = new, what = what),
        (Some(only), None) | (None, Some(only)) => say!("diff-only", said = only, what = what),
        (None, None) => what,
    }
}

fn as_json(args: &DiffArgs, counts: &Counts, found: &Found, rows: [u64; 2]) -> Value {
    let side = |side: &Option<(u64, Verdict)>| {
        side.map(|(row, verdict)| {
            let check = |at: usize| verdict.checks[at].map(Check::word);
            json!({
                "row": row,
                "decision": verdict.decision.map(Decision::word),
                "identity_check": check(0),
                "face_check": check(1),
                "mobile_check": check(2),
                "res": verdict.res,
            })
        })
    };
    let changes: Vec<Value> = found
        .first
        .iter()
        .map(|change| {
            json!({
                "change": change.kind.word(),
                "key": change.shown.join(" "),
                "old": side(&change.old),
                "new": side(&change.new),
                "what": what(change),
            })
        })
        .collect();
    let turns: Vec<Value> = found
        .turns
        .iter()
        .map(|((old, new), count)| {
            json!({ "old": old.map(Decision::word), "new": new.map(Decision::word), "count": count })
        })
        .collect();
    let all = counts.changed + counts.new + counts.gone;
    json!({
        "old": { "file": args.old.display().to_string(), "rows": rows[0], "repeated": counts.repeated[0], "without_key": counts.nameless[0] },
        "new": { "file": args.new.display().to_string(), "rows": rows[1], "repeated": counts.repeated[1], "without_key": counts.nameless[1] },
        "by": args.by,
        "unchanged": counts.unchanged,
        "changed": counts.changed,
        "added": counts.new,
        "gone": counts.gone,
        "decisions": turns,
        "changes": changes,
        "more_changes": all - found.first.len() as u64,
        "csv": args.csv.as_ref().map(|path| path.display().to_string()),
    })
}
