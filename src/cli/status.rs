//! `reverify status`.
//!
//! While a run holds the ledger, its status file answers; without a run, the ledger itself. `--watch` never
//! touches the ledger while a run is on, so that looking keeps no run from starting.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::announce::grouped;
use super::args::LedgerArgs;
use super::exit::{Exit, Failure};
use super::status_file::{self, Phase, RunStatus, Spent};
use super::{settings, terminal};
use crate::domain::money::Yuan;
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::ledger::{Access, EndpointKind, LedgerError, Totals};
use crate::{lang, say};

/// `reverify status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// Price of a billed call
    #[arg(long, value_name = "YUAN", env = "REVERIFY_PRICE")]
    pub price: Option<Yuan>,

    /// Look again and again while a run is on, and end with it
    #[arg(long)]
    pub watch: bool,

    /// How often --watch looks
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = super::args::parse_duration)]
    pub interval: Duration,

    /// Write JSON: one object, with --watch one a line
    #[arg(long)]
    pub json: bool,
}

/// Says what the ledger holds, or what its run is doing.
///
/// # Errors
///
/// If the ledger cannot be read, or a run holds it that tells nothing of itself.
pub(super) fn run(args: &StatusArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let path = args.ledger.ledger.as_path();
    let on = status_file::read(path).filter(|run| args.watch && run.seems_on(Timestamp::now()));
    let has_watched = on.is_some();
    if let Some(run) = on {
        watch(args, run, out)?;
    }
    let answer = match settings::try_open_ledger(&args.ledger, Access::ExistingOnly) {
        Ok(ledger) => {
            let is_sandbox = ledger.bound_to()? == Some(EndpointKind::Sandbox);
            let totals = ledger.totals(shanghai::day(Timestamp::now()))?;
            let last = status_file::read(path);
            drop(ledger);
            if args.json {
                format!("{}\n", json_of_ledger(path, &totals, is_sandbox, last.as_ref()))
            } else {
                text_of_ledger(args, &totals, is_sandbox, last.as_ref())
            }
        }
        // Its process may still have something to do, or the next run has begun already.
        Err(LedgerError::Locked { .. }) if has_watched => return Ok(Exit::Settled),
        Err(LedgerError::Locked { path: ledger, pid }) => {
            // Another command may hold the ledger: then the file tells of a run that is over.
            match status_file::read(path).filter(|run| run.pid.to_string() == pid) {
                Some(run) if args.json => format!("{}\n", json_of_run(path, &run)),
                Some(run) => text_of_run(args, &run, Timestamp::now()),
                None => return Err(LedgerError::Locked { path: ledger, pid }.into()),
            }
        }
        Err(error) => return Err(error.into()),
    };
    print(out, &answer)?;
    Ok(Exit::Settled)
}

/// Shows a run until it is over.
fn watch(args: &StatusArgs, first: RunStatus, out: &mut dyn Write) -> Result<(), Failure> {
    let path = args.ledger.ledger.as_path();
    let redraws = !args.json && io::stdout().is_terminal() && terminal::is_live();
    let mut run = first;
    loop {
        let now = Timestamp::now();
        if args.json {
            print(out, &format!("{}\n", json_of_run(path, &run)))?;
        } else if redraws {
            let text = text_of_run(args, &run, now);
            terminal::draw(&text.lines().map(str::to_owned).collect::<Vec<_>>());
        } else {
            print(out, &line_of_run(args, &run, now))?;
        }
        out.flush().map_err(|error| not_printed(&error))?;
        if !run.seems_on(now) {
            break;
        }
        std::thread::sleep(args.interval);
        // It is replaced as a whole, so it can only be gone, never half.
        match status_file::read(path) {
            Some(next) => run = next,
            None => break,
        }
    }
    if redraws {
        terminal::clear();
    }
    Ok(())
}

fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    out.write_all(text.as_bytes()).map_err(|error| not_printed(&error))
}

fn not_printed(error: &io::Error) -> Failure {
    Failure::new(Exit::Output, say!("status-not-printed", error = error.to_string()))
}

fn text_of_ledger(args: &StatusArgs, totals: &Totals, is_sandbox: bool, last: Option<&RunStatus>) -> String {
    let mut text = String::new();
    let ledger = args.ledger.ledger.display().to_string();
    let note = if is_sandbox { say!("status-sandbox") } else { String::new() };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}{note}\n", say!("status-ledger", path = ledger.as_str(), runs = totals.runs));
    let _ = writeln!(text, "{}", say!("status-applicants"));
    let decisions = Decision::ALL.map(|decision| decision.title(lang::current()));
    for (decision, count) in decisions.iter().zip(totals.applicants) {
        let _ = writeln!(text, "  {}{:>10}", padded(decision, 14), grouped(count));
    }
    let table = [(today(), Spent::from(totals.today)), (say!("status-in-all"), Spent::from(totals.ever))];
    add_spending(&mut text, &table, args.price.filter(|_| !is_sandbox));
    if let Some(oldest) = totals.oldest_doubt {
        let oldest = shanghai::rfc3339(oldest);
        let doubts = say!("status-doubts", calls = totals.ever.in_doubt, since = oldest.as_str());
        let _ = writeln!(text, "\n{doubts}");
    }
    if let Some(last) = last {
        let _ = writeln!(text, "\n{}", describe_last(last));
    }
    text
}

/// Says how the last run ended; nobody holds the ledger, so it is over, whatever its file says.
fn describe_last(last: &RunStatus) -> String {
    match (&last.ended, last.exit_code) {
        (Some(ended), Some(code)) if last.phase == Phase::Ended => {
            let why = last.error.as_deref().or(last.stopped.as_deref());
            let why =
                why.map(|why| format!("\n  {}", crate::output::text::for_terminal(why))).unwrap_or_default();
            say!("status-last-ended", at = ended.as_str(), code = code.to_string()) + &why
        }
        _ => say!("status-last-broke-off", at = last.updated.as_str(), calls = last.in_flight),
    }
}

fn text_of_run(args: &StatusArgs, run: &RunStatus, now: Timestamp) -> String {
    let mut text = String::new();
    let ledger = args.ledger.ledger.display().to_string();
    let pid = run.pid.to_string();
    let note = if run.sandbox { say!("status-sandbox") } else { String::new() };
    let on = say!("status-run-on", path = ledger.as_str(), pid = pid.as_str(), since = run.started.as_str());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{on}{note}");
    let _ = writeln!(text, "{}", crate::output::text::for_terminal(&run.input));
    if let Some(silence) = run.silence(now) {
        let _ = writeln!(text, "{}", say!("status-silent", seconds = silence.as_secs()));
    }
    let _ = writeln!(text, "\n{}", doing(run));
    for (decision, count) in decisions(run).filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "  {}{:>10}", padded(&decision.title(lang::current()), 14), grouped(count));
    }
    let table =
        [(say!("status-this-run"), run.this_run), (today(), run.today), (say!("status-in-all"), run.in_all)];
    add_spending(&mut text, &table, args.price.filter(|_| !run.sandbox));
    if run.address_refusals > 0 {
        let _ = writeln!(
            text,
            "\n{}",
            say!("status-slowed", answers = run.address_refusals, rate = run.rate.to_string())
        );
    }
    text
}

fn line_of_run(args: &StatusArgs, run: &RunStatus, now: Timestamp) -> String {
    let counts = decisions(run)
        .filter(|(_, count)| *count > 0)
        .map(|(decision, count)| {
            let title = decision.title(lang::current());
            say!("progress-count", count = count, what = title.as_str())
        })
        .collect::<Vec<_>>();
    let mut parts = vec![shanghai::clock(now), doing(run)];
    parts.extend(counts);
    if let Some(price) = args.price.filter(|_| !run.sandbox) {
        let cost = price.times(run.this_run.billed).to_string();
        parts.push(say!("progress-cost", yuan = cost.as_str()));
    }
    parts.join(&say!("progress-comma")) + "\n"
}

/// What a run is doing, in one line.
fn doing(run: &RunStatus) -> String {
    let text = crate::output::text::for_terminal;
    let speed = format!("{:.1}", run.calls_per_second);
    let left = run.eta_seconds.map(Duration::from_secs).map(lang::duration);
    let ahead = say!(
        "status-ahead",
        done = run.done,
        due = run.due,
        speed = speed.as_str(),
        left = left.as_deref().unwrap_or("?"),
        in_flight = run.in_flight
    );
    match run.phase {
        Phase::Reading => say!("progress-reading"),
        Phase::Calling => ahead,
        Phase::Waiting => {
            let until: Option<Timestamp> = run.waiting_until.as_deref().and_then(|until| until.parse().ok());
            let until = until.map_or_else(|| "?".to_owned(), shanghai::clock);
            let why = text(run.waiting_for.as_deref().unwrap_or_default());
            let waiting = say!("progress-waiting", until = until.as_str(), why = why.as_str());
            format!("{waiting}{}{ahead}", say!("progress-semicolon"))
        }
        Phase::Stopping => say!("status-stopping", calls = run.in_flight),
        Phase::Writing => say!("progress-writing"),
        Phase::Ended => {
            let code = run.exit_code.unwrap_or_default().to_string();
            let at = run.ended.as_deref().unwrap_or_default();
            say!("status-last-ended", at = at, code = code)
        }
    }
}

fn decisions(run: &RunStatus) -> impl Iterator<Item = (Decision, u64)> {
    let count = |decision: Decision| run.decisions.get(decision.word()).copied().unwrap_or_default();
    Decision::ALL.into_iter().map(move |decision| (decision, count(decision)))
}

fn today() -> String {
    let today = shanghai::day(Timestamp::now()).strftime("%m-%d").to_string();
    say!("status-today", day = today.as_str())
}

fn add_spending(text: &mut String, table: &[(String, Spent)], price: Option<Yuan>) {
    let heads = [say!("status-calls"), say!("status-billed"), say!("status-in-doubt")];
    // Writing to a String cannot fail.
    let _ = write!(text, "\n  {:<14}", "");
    for head in &heads {
        let _ = write!(text, "{}", padded_left(head, 10));
    }
    text.push('\n');
    for (name, Spent { calls, billed, in_doubt }) in table {
        let _ = write!(text, "  {}", padded(name, 14));
        for count in [calls, billed, in_doubt] {
            let _ = write!(text, "{:>10}", grouped(*count));
        }
        if let Some(price) = price {
            let cost = price.times(*billed).to_string();
            let _ = write!(text, "  {}", say!("progress-cost", yuan = cost.as_str()));
        }
        text.push('\n');
    }
}

/// Fills up with spaces to a width on the terminal, where a Chinese character takes two columns.
fn padded(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Left, None).into_owned()
}

fn padded_left(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Right, None).into_owned()
}

fn json_of_ledger(
    path: &Path,
    totals: &Totals,
    is_sandbox: bool,
    last: Option<&RunStatus>,
) -> serde_json::Value {
    let applicants: serde_json::Map<_, _> = Decision::ALL
        .into_iter()
        .zip(totals.applicants)
        .map(|(decision, count)| (decision.word().to_owned(), count.into()))
        .collect();
    // Nobody holds the ledger: a file that says otherwise is of a run that broke off.
    let last_run = last.map(|last| {
        let broke_off = last.phase != Phase::Ended;
        json!({ "broke_off": broke_off, "status": last })
    });
    json!({
        "ledger": path.display().to_string(),
        "run_on": false,
        "sandbox": is_sandbox,
        "runs": totals.runs,
        "applicants": applicants,
        "today": Spent::from(totals.today),
        "in_all": Spent::from(totals.ever),
        "oldest_doubt": totals.oldest_doubt.map(shanghai::rfc3339),
        "last_run": last_run,
    })
}

fn json_of_run(path: &Path, run: &RunStatus) -> serde_json::Value {
    json!({
        "ledger": path.display().to_string(),
        "run_on": run.seems_on(Timestamp::now()),
        "sandbox": run.sandbox,
        "today": run.today,
        "in_all": run.in_all,
        "run": run,
    })
}
