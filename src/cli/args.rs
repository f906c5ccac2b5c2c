//! Arguments as typed. Every option of a run has one name as flag, environment variable and line of
//! `reverify.toml`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::audit::AuditArgs;
use super::config::ConfigArgs;
use super::diff::DiffArgs;
use super::doctor::DoctorArgs;
use super::init::InitArgs;
use super::man::ManArgs;
use super::photo::PhotoArgs;
use super::photo_args::FaceArgs;
use super::plan::PlanArgs;
use super::reconcile::ReconcileArgs;
use super::report::ReportArgs;
use super::resolve::ResolveArgs;
use super::sandbox::SandboxArgs;
use super::status::StatusArgs;
use crate::domain::applicant::Field;
use crate::domain::money::Yuan;
use crate::intake::{Delimiter, Encoding};
use crate::lang::Language;
use crate::pace::Rate;
use crate::say;

/// Re-verifies a list of applicants against Juhe's face four-factor API (人脸四要素核验), and never pays
/// twice for one answer.
#[derive(Debug, Parser)]
#[command(name = "reverify", version, max_term_width = 100, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Read options from this file [default: reverify.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "REVERIFY_CONFIG")]
    pub config: Option<PathBuf>,

    /// Language of messages and help: en or zh [default: the locale's]
    #[arg(long, global = true, value_name = "LANG", env = "REVERIFY_LANG")]
    pub lang: Option<Language>,

    /// Write a log to this file; RUST_LOG chooses how much
    #[arg(long, global = true, value_name = "FILE", env = "REVERIFY_LOG_FILE")]
    pub log_file: Option<PathBuf>,

    /// Lines of the log for people (text) or programs (json); without --log-file they go to standard error
    #[arg(long, global = true, value_name = "HOW", env = "REVERIFY_LOG_FORMAT")]
    pub log_format: Option<LogFormatArg>,
}

/// `--log-format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  every row is settled
   1  the run is complete, but rows are rejected, unresolved or pending
   2  the command line is wrong
  65  the input cannot be read
  69  the API is stopped or unreachable
  73  the output cannot be written
  74  the ledger cannot be used: locked, damaged, or the disk fails
  75  stopped early by a quota, budget, deadline or signal: run again to go on
  77  the key or this machine's address is refused
  78  the configuration is wrong";

/// The command itself, with the options that every command has.
pub(super) fn root() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

pub(super) const KEY_FILE: &str =
    "File with the API key [default: $JUHE_KEY, else $CREDENTIALS_DIRECTORY/juhe_key]";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify every row of INPUT that has no answer yet, and write the output
    Run(Box<RunArgs>),
    /// Show what a run of INPUT would do: problems, calls, cost, time; without a call and without a key
    Plan(Box<PlanArgs>),
    /// Compare two outputs: who changed, who is new, who is gone
    Diff(DiffArgs),
    /// Write the output again from INPUT and the ledger, without any call
    Render(RenderArgs),
    /// Show what pictures would be sent
    Photo(PhotoArgs),
    /// Say what the ledger holds, and how a run that is on gets ahead
    Status(StatusArgs),
    /// List what is in doubt, and settle it by hand
    Resolve(Box<ResolveArgs>),
    /// Compare the provider's bill or call record with the ledger, and settle doubts by it
    Reconcile(Box<ReconcileArgs>),
    /// Verify every entry of the ledger, and count them
    Audit(AuditArgs),
    /// Make a report of INPUT and its last two runs: one HTML file
    Report(ReportArgs),
    /// Explain the API's codes
    Codes(CodesArgs),
    /// Make an example to start from: a list, a documented reverify.toml, and the file for the API key
    Init(InitArgs),
    /// Say which options are in force for `run`, and where each comes from
    Config(ConfigArgs),
    /// Check this machine before a run: key, ledger, folders, clock, connection; nothing is paid
    Doctor(DoctorArgs),
    /// Serve an imitation of the API on this machine
    Sandbox(SandboxArgs),
    /// Print a shell's completion script
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}

/// How the input is read.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// Encoding of INPUT: utf-8, gb18030, utf-16le, utf-16be [default: detected]
    #[arg(long, value_name = "NAME", env = "REVERIFY_ENCODING", help_heading = "Input")]
    pub encoding: Option<Encoding>,

    /// Delimiter of INPUT: comma, semicolon or tab [default: detected]
    #[arg(long, value_name = "NAME", env = "REVERIFY_DELIMITER", help_heading = "Input")]
    pub delimiter: Option<Delimiter>,

    /// Sheet of an Excel workbook, by name or by number from 1 [default: the first visible one]
    #[arg(long, value_name = "NAME", env = "REVERIFY_SHEET", help_heading = "Input")]
    pub sheet: Option<String>,

    /// Name a column that is not recognised, such as realname=客户; may be repeated
    #[arg(long, value_name = "FIELD=NAME", env = "REVERIFY_COLUMN", value_delimiter = ',', value_parser = parse_column, help_heading = "Input")]
    pub column: Vec<(Field, String)>,

    /// The only folder that photos are read from [default: INPUT's]
    #[arg(long, value_name = "DIR", env = "REVERIFY_PHOTOS", help_heading = "Input")]
    pub photos: Option<PathBuf>,
}

/// Where the output goes.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The output, a workbook if it ends in .xlsx [default: INPUT with .verified before its extension]
    #[arg(short, long, value_name = "FILE", env = "REVERIFY_OUTPUT", help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Put this before the names of the columns that are added
    #[arg(
        long,
        value_name = "TEXT",
        env = "REVERIFY_PREFIX",
        default_value = "",
        hide_default_value = true,
        help_heading = "Output"
    )]
    pub prefix: String,

    /// Language of the added columns' names and of the prose in their cells
    #[arg(
        long,
        value_name = "LANGUAGE",
        env = "REVERIFY_COLUMN_NAMES",
        default_value = "en",
        help_heading = "Output"
    )]
    pub column_names: ColumnNamesArg,
}

/// `--column-names`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColumnNamesArg {
    /// English names, as scripts know them.
    En,
    /// Chinese names, and the cells of prose in Chinese.
    Zh,
}

/// Which ledger.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// The ledger
    #[arg(
        long,
        value_name = "FILE",
        env = "REVERIFY_LEDGER",
        default_value = "reverify.db",
        help_heading = "Ledger"
    )]
    pub ledger: PathBuf,

    /// The ledger's hash key [default: the ledger's name with .key]
    #[arg(long, value_name = "FILE", env = "REVERIFY_LEDGER_KEY_FILE", help_heading = "Ledger")]
    pub ledger_key_file: Option<PathBuf>,
}

/// `reverify run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A CSV file or an Excel workbook with a header: name, ID card, mobile and photo path
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,

    /// How the input is read.
    #[command(flatten)]
    pub table: TableArgs,

    /// How photos are judged.
    #[command(flatten)]
    pub face: FaceArgs,

    /// Where the output goes.
    #[command(flatten)]
    pub output: OutputArgs,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// Where the API key is.
    #[arg(long, value_name = "FILE", env = "REVERIFY_KEY_FILE", help = KEY_FILE, help_heading = "API")]
    pub key_file: Option<PathBuf>,

    /// The API's address: https, or http to this machine only [default: Juhe's]
    #[arg(long, value_name = "URL", env = "REVERIFY_ENDPOINT", help_heading = "API")]
    pub endpoint: Option<String>,

    /// Start the built-in imitation of the API and use it: no key, no cost
    #[arg(long, env = "REVERIFY_SANDBOX", value_parser = BoolishValueParser::new(), help_heading = "API")]
    pub sandbox: bool,

    /// How long a call may take
    #[arg(long, value_name = "TIME", env = "REVERIFY_TIMEOUT", default_value = "60s", value_parser = parse_duration, help_heading = "API")]
    pub timeout: Duration,

    /// How long connecting may take
    #[arg(long, value_name = "TIME", env = "REVERIFY_CONNECT_TIMEOUT", default_value = "10s", value_parser = parse_duration, help_heading = "API")]
    pub connect_timeout: Duration,

    /// Never more calls than this: N/s or N/min
    #[arg(long, value_name = "N/UNIT", env = "REVERIFY_RATE", default_value_t = Rate::DEFAULT, help_heading = "Limits")]
    pub rate: Rate,

    /// Calls in flight
    #[arg(long, value_name = "N", env = "REVERIFY_CONCURRENCY", default_value_t = 8, value_parser = parse_concurrency, help_heading = "Limits")]
    pub concurrency: u32,

    /// Calls in one day of Asia/Shanghai, all runs of the ledger together
    #[arg(long, value_name = "N", env = "REVERIFY_DAILY_LIMIT", value_parser = parse_count, help_heading = "Limits")]
    pub daily_limit: Option<u64>,

    /// At 10012, 10013 or the daily limit
    #[arg(
        long,
        value_name = "WHAT",
        env = "REVERIFY_ON_QUOTA",
        default_value = "stop",
        help_heading = "Limits"
    )]
    pub on_quota: OnQuotaArg,

    /// Calls of this run
    #[arg(long, value_name = "N", env = "REVERIFY_MAX_CALLS", value_parser = parse_count, help_heading = "Limits")]
    pub max_calls: Option<u64>,

    /// Price of a billed call
    #[arg(long, value_name = "YUAN", env = "REVERIFY_PRICE", help_heading = "Limits")]
    pub price: Option<Yuan>,

    /// Cost of this run; needs --price
    #[arg(long, value_name = "YUAN", env = "REVERIFY_MAX_COST", help_heading = "Limits")]
    pub max_cost: Option<Yuan>,

    /// Only the first N due rows
    #[arg(long, value_name = "N", env = "REVERIFY_LIMIT", value_parser = parse_count, help_heading = "Limits")]
    pub limit: Option<u64>,

    /// Start no call from this time of Asia/Shanghai on
    #[arg(long, value_name = "HH:MM", env = "REVERIFY_STOP_AT", value_parser = parse_clock, help_heading = "Limits")]
    pub stop_at: Option<jiff::civil::Time>,

    /// Start no call after this time
    #[arg(long, value_name = "TIME", env = "REVERIFY_MAX_DURATION", value_parser = parse_duration, help_heading = "Limits")]
    pub max_duration: Option<Duration>,

    /// Ask again where the answer is older, such as 90d
    #[arg(long, value_name = "TIME", env = "REVERIFY_MAX_AGE", value_parser = parse_duration, help_heading = "What is asked again")]
    pub max_age: Option<Duration>,

    /// Ask again where the answer is from before this day of Asia/Shanghai
    #[arg(long, value_name = "DATE", env = "REVERIFY_SINCE", value_parser = parse_date, help_heading = "What is asked again")]
    pub since: Option<jiff::civil::Date>,

    /// Pay again where a factor could not be checked
    #[arg(long, env = "REVERIFY_RETRY_INCONCLUSIVE", value_parser = BoolishValueParser::new(), help_heading = "What is asked again")]
    pub retry_inconclusive: bool,

    /// What becomes of rows that may have been billed: hold them, or ask (and perhaps pay) again
    #[arg(
        long,
        value_name = "WHAT",
        env = "REVERIFY_IN_DOUBT",
        default_value = "hold",
        help_heading = "What is asked again"
    )]
    pub in_doubt: InDoubtArg,

    /// A bar on a terminal and a line every 10 s elsewhere, or one of the others
    #[arg(
        long,
        value_name = "HOW",
        env = "REVERIFY_PROGRESS",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub progress: ProgressArg,

    /// Keep this file up to date for the node exporter's textfile collector (a name that ends in .prom)
    #[arg(long, value_name = "FILE", env = "REVERIFY_METRICS_FILE", help_heading = "Output")]
    pub metrics_file: Option<PathBuf>,

    /// Hand the summary as JSON to this shell command once the run has ended, however it ended
    #[arg(long, value_name = "COMMAND", env = "REVERIFY_ON_FINISH", help_heading = "Output")]
    pub on_finish: Option<String>,
}

/// `reverify render`.
#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The input of the run
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,

    /// How the input is read.
    #[command(flatten)]
    pub table: TableArgs,

    /// How photos are judged.
    #[command(flatten)]
    pub face: FaceArgs,

    /// Where the output goes.
    #[command(flatten)]
    pub output: OutputArgs,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// Price of a billed call, for a workbook's summary
    #[arg(long, value_name = "YUAN", env = "REVERIFY_PRICE")]
    pub price: Option<Yuan>,
}

/// `reverify codes`.
#[derive(Debug, Args)]
pub struct CodesArgs {
    /// One `res` or `error_code`; all of them if none is named
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `reverify completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// `--on-quota`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnQuotaArg {
    /// End the run.
    Stop,
    /// Sleep until the next day.
    Wait,
}

/// `--in-doubt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InDoubtArg {
    /// Do not ask again.
    Hold,
    /// Ask again, and perhaps pay twice.
    Resend,
}

/// `--progress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressArg {
    /// A bar on a terminal, plain lines elsewhere.
    Auto,
    /// A line every 10 s.
    Plain,
    /// JSON lines on standard output.
    Json,
    /// Nothing.
    None,
}

pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| say!("bad-duration"))?;
    if duration.is_zero() { Err(say!("bad-duration-zero")) } else { Ok(duration) }
}

/// A whole number, zero included.
pub(super) fn parse_count(text: &str) -> Result<u64, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or_else(|| say!("bad-count"))
}

fn parse_concurrency(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|calls| (1..=10_000).contains(calls)).ok_or_else(|| say!("bad-concurrency"))
}

fn parse_clock(text: &str) -> Result<jiff::civil::Time, String> {
    let bad = || say!("bad-clock");
    let (hours, minutes) = text.split_once(':').ok_or_else(bad)?;
    let number =
        |digits: &str| if digits.len() <= 2 { digits.parse::<i8>().map_err(|_| bad()) } else { Err(bad()) };
    jiff::civil::Time::new(number(hours)?, number(minutes)?, 0, 0).map_err(|_| bad())
}

fn parse_date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| say!("bad-date"))
}

pub(super) fn parse_column(text: &str) -> Result<(Field, String), String> {
    let bad = || say!("bad-column");
    let (field, name) = text.split_once('=').ok_or_else(bad)?;
    if name.trim().is_empty() {
        Err(bad())
    } else {
        Ok((field.trim().parse().map_err(|_| bad())?, name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_of_a_run_has_its_environment_variable() {
        let command = Cli::command();
        let run = command.find_subcommand("run").expect("run");
        for argument in run
            .get_arguments()
            .filter(|argument| argument.get_long().is_some_and(|name| name != "help" && name != "version"))
        {
            let name = argument.get_long().expect("filtered");
            let variable = format!("REVERIFY_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(variable.as_str()));
        }
    }

    #[test]
    fn bad_values_are_refused() {
        for arguments in [
            ["--rate", "10"],
            ["--concurrency", "0"],
            ["--stop-at", "25:00"],
            ["--stop-at", "6"],
            ["--since", "yesterday"],
            ["--max-age", "90"],
            ["--timeout", "0s"],
            ["--column", "name=x"],
            ["--price", "-1"],
            ["--on-quota", "maybe"],
        ] {
            let arguments = [&["reverify", "run", "in.csv"], &arguments[..]].concat();
            assert!(Cli::try_parse_from(&arguments).is_err(), "{arguments:?}");
        }
    }
}
