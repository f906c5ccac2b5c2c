//! `reverify doctor`: what would go wrong, before a run does. Nothing is asked of the API, and nothing paid.

mod checks;
mod connection;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::args::{KEY_FILE, LedgerArgs, parse_duration};
use super::exit::{Exit, Failure};
use crate::lang::layout;
use crate::say;

/// Columns of a check's state and of its name.
const STATE: usize = 8;
const NAME: usize = 12;

/// `reverify doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The list that is to be verified, if it is there already
    #[arg(value_name = "INPUT")]
    pub input: Option<PathBuf>,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// The only folder that photos are read from [default: INPUT's]
    #[arg(long, value_name = "DIR", env = "REVERIFY_PHOTOS", help_heading = "Input")]
    pub photos: Option<PathBuf>,

    /// The output [default: beside INPUT]
    #[arg(short, long, value_name = "FILE", env = "REVERIFY_OUTPUT", help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Where the API key is.
    #[arg(long, value_name = "FILE", env = "REVERIFY_KEY_FILE", help = KEY_FILE, help_heading = "API")]
    pub key_file: Option<PathBuf>,

    /// The API's address: https, or http to this machine only [default: Juhe's]
    #[arg(long, value_name = "URL", env = "REVERIFY_ENDPOINT", help_heading = "API")]
    pub endpoint: Option<String>,

    /// Check for a trial with the built-in imitation: neither key nor connection is needed
    #[arg(long, env = "REVERIFY_SANDBOX", value_parser = BoolishValueParser::new(), help_heading = "API")]
    pub sandbox: bool,

    /// How long connecting may take
    #[arg(long, value_name = "TIME", env = "REVERIFY_CONNECT_TIMEOUT", default_value = "10s", value_parser = parse_duration, help_heading = "API")]
    pub connect_timeout: Duration,

    /// Write JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    Warning,
    Problem,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    fn title(self) -> String {
        match self {
            Self::Fine => say!("doctor-ok"),
            Self::Warning => say!("doctor-warning"),
            Self::Problem => say!("doctor-problem"),
        }
    }
}

/// One line: what was looked at, how it is, and what to do about it.
#[derive(Clone, Debug)]
struct Check {
    /// A name for scripts.
    name: &'static str,
    title: String,
    state: State,
    message: String,
}

impl Check {
    fn new(name: &'static str, title: String, state: State, message: String) -> Self {
        Self { name, title, state, message }
    }
}

/// Looks at everything that a run needs, and says what to do about what is wrong.
///
/// # Errors
///
/// If standard output cannot be written.
pub(super) fn run(args: &DoctorArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut checks = checks::of_this_machine(args);
    checks.extend(connection::checks(args));
    let problems = checks.iter().filter(|check| check.state == State::Problem).count();
    let text = if args.json { json(&checks) } else { table(&checks) };
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Failure::new(Exit::Output, say!("not-printed", error = error.to_string())))?;
    Ok(if problems == 0 { Exit::Settled } else { Exit::Incomplete })
}

fn table(checks: &[Check]) -> String {
    let mut text = String::new();
    let columns = super::help::columns();
    let indent = STATE + NAME;
    for check in checks {
        let message = layout::wrapped(&check.message, columns.saturating_sub(indent).max(20));
        let message = message.replace('\n', &format!("\n{}", " ".repeat(indent)));
        text.push_str(&layout::left(&check.state.title(), STATE));
        text.push_str(&layout::left(&check.title, NAME));
        text.push_str(&message);
        text.push('\n');
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let sum = match (count(State::Problem), count(State::Warning)) {
        (0, 0) => say!("doctor-all-fine"),
        (problems, warnings) => say!("doctor-sum", problems = problems, warnings = warnings),
    };
    text.push('\n');
    text.push_str(&sum);
    text.push('\n');
    text
}

fn json(checks: &[Check]) -> String {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let lines: Vec<_> = checks
        .iter()
        .map(|check| {
            serde_json::json!({ "check": check.name, "state": check.state.word(), "message": check.message })
        })
        .collect();
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    format!("{}\n", serde_json::json!({ "checks": lines, "problems": problems, "warnings": warnings }))
}
