//! Arguments as meant: defaults that depend on others, files opened, contradictions refused.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::args::{ColumnNamesArg, InDoubtArg, LedgerArgs, OnQuotaArg, OutputArgs, RunArgs, TableArgs};
use super::exit::{Exit, Failure};
use crate::api::{ClientError, Endpoint};
use crate::domain::decide::AskPolicy;
use crate::domain::money::Yuan;
use crate::domain::shanghai;
use crate::intake::{IntakeError, SheetLimits, Table, TableOptions};
use crate::lang::Language;
use crate::ledger::{Access, Ledger, LedgerError};
use crate::output::file::{self, OutputError};
use crate::output::{columns, text, workbook};
use crate::photo::{PhotoFolder, PhotoFolderError};
use crate::run::RunError;
use crate::run::conductor::{Limits, OnQuota};
use crate::run::render::{Form, Kind};
use crate::say;

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        Self::new(Exit::Input, error.to_string())
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let exit = match error {
            LedgerError::OtherEndpoint { .. } => Exit::Configuration,
            _ => Exit::Ledger,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::new(Exit::Output, error.to_string())
    }
}

impl From<PhotoFolderError> for Failure {
    fn from(error: PhotoFolderError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Intake(error) => error.into(),
            RunError::Ledger(error) => error.into(),
            RunError::Output(error) => error.into(),
        }
    }
}

/// Opens the input, with the output's columns ruled out in it, and says what is odd about a workbook.
pub(super) fn open_table(
    input: &Path,
    args: &TableArgs,
    output: &OutputArgs,
    form: &Form,
) -> Result<Table, Failure> {
    let options = TableOptions {
        encoding: args.encoding,
        delimiter: args.delimiter,
        columns: args.column.clone(),
        sheet: args.sheet.clone(),
        prefix: output.prefix.clone(),
    };
    let table = Table::open(input, &options, columns::names(form.language))?;
    if form.kind == Kind::Workbook {
        let (rows, columns, cell_units) =
            (workbook::MAX_ROWS, workbook::MAX_COLUMNS, workbook::MAX_CELL_UNITS);
        table.check_fits_workbook(&SheetLimits { rows, columns, cell_units })?;
    }
    let sheet = table.shape().sheet().map(text::for_terminal).unwrap_or_default();
    for note in table.notes() {
        // Standard error may be closed; the run goes on all the same.
        let _ = writeln!(io::stderr(), "reverify: {}", note.sentence(&sheet));
    }
    Ok(table)
}

/// What the output is to be, by its name and by what was asked for.
pub(super) fn form(output: &Path, args: &OutputArgs, price: Option<Yuan>) -> Result<Form, Failure> {
    let language = match args.column_names {
        ColumnNamesArg::En => Language::English,
        ColumnNamesArg::Zh => Language::Chinese,
    };
    let extension =
        output.extension().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    let kind = match extension.as_str() {
        "xlsx" => Kind::Workbook,
        // Some systems export text under the name .xls, and get it back under that name.
        "xls" | "xlsm" | "xlsb" | "ods" | "et" if args.output.is_some() => {
            let path = output.display().to_string();
            return Err(Failure::new(Exit::Usage, say!("output-other-workbook", path = path)));
        }
        _ => Kind::Text,
    };
    Ok(Form { kind, language, price })
}

/// Opens an input to tell about it: it may have the output's columns, as an output has.
pub(super) fn open_report_table(input: &Path, args: &TableArgs) -> Result<Table, Failure> {
    let options = TableOptions {
        encoding: args.encoding,
        delimiter: args.delimiter,
        columns: args.column.clone(),
        sheet: args.sheet.clone(),
        prefix: String::new(),
    };
    Ok(Table::open(input, &options, &[])?)
}

/// The folder that photos are read from.
pub(super) fn photo_folder(input: &Path, args: &TableArgs) -> PathBuf {
    let beside = match input.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    args.photos.clone().unwrap_or_else(|| beside.to_owned())
}

/// Opens the folder that photos are read from.
pub(super) fn open_photos(input: &Path, args: &TableArgs) -> Result<PhotoFolder, Failure> {
    Ok(PhotoFolder::open(&photo_folder(input, args))?)
}

/// The output's path: what was named, or beside the input.
pub(super) fn output_name(input: &Path, args: &OutputArgs) -> PathBuf {
    args.output.clone().unwrap_or_else(|| output_beside(input))
}

/// Where the output goes; refused if that is the input, or cannot be written.
pub(super) fn output_path(
    input: &Path,
    args: &OutputArgs,
    ledger: &LedgerArgs,
    key_file: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let output = output_name(input, args);
    refuse_overwriting(&output, input, ledger, key_file)?;
    file::check_replaceable(&output)?;
    Ok(output)
}

/// Refuses to write over what is read or kept.
pub(super) fn refuse_overwriting(
    output: &Path,
    input: &Path,
    ledger: &LedgerArgs,
    key_file: Option<&Path>,
) -> Result<(), Failure> {
    let ledger_key = ledger_key_path(ledger);
    let shown = output.display().to_string();
    let used = [
        (Some(input), say!("output-is-input", path = shown.as_str())),
        (Some(&*ledger.ledger), say!("output-is-ledger", path = shown.as_str())),
        (Some(&*ledger_key), say!("output-is-ledger-key", path = shown.as_str())),
        (key_file, say!("output-is-key-file", path = shown.as_str())),
    ];
    for (other, message) in used {
        if other.is_some_and(|other| is_same_file(output, other)) {
            return Err(Failure::new(Exit::Usage, message));
        }
    }
    Ok(())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => one == other,
    }
}

/// The output's place where none is named: beside the input.
pub(super) fn output_beside(input: &Path) -> PathBuf {
    let mut name = input.file_stem().unwrap_or_default().to_owned();
    name.push(".verified");
    if input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsm")) {
        name.push(".xlsx"); // Macros do not come along.
    } else if let Some(extension) = input.extension() {
        name.push(".");
        name.push(extension);
    }
    input.with_file_name(name)
}

/// Where the ledger's key is.
pub(super) fn ledger_key_path(args: &LedgerArgs) -> PathBuf {
    args.ledger_key_file.clone().unwrap_or_else(|| {
        let mut name = args.ledger.as_os_str().to_owned();
        name.push(".key");
        name.into()
    })
}

/// Who is at the keyboard: the name that the system knows the operator by, and the number behind it.
pub(super) fn operator() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    let name = named.map(|name| text::for_terminal(&name)).find(|name| !name.is_empty());
    let number = rustix::process::getuid().as_raw();
    name.map_or_else(|| format!("uid {number}"), |name| format!("{name} (uid {number})"))
}

/// Opens the ledger.
pub(super) fn open_ledger(args: &LedgerArgs, access: Access) -> Result<Ledger, Failure> {
    Ok(try_open_ledger(args, access)?)
}

/// Opens the ledger, for who knows more to do than to give up.
pub(super) fn try_open_ledger(args: &LedgerArgs, access: Access) -> Result<Ledger, LedgerError> {
    Ledger::open(&args.ledger, &ledger_key_path(args), access)
}

/// The endpoint that was named, or Juhe's.
pub(super) fn endpoint(named: Option<&str>) -> Result<Endpoint, Failure> {
    match named {
        None => Ok(Endpoint::default()),
        Some(text) => Endpoint::parse(text).map_err(|error| {
            Failure::new(Exit::Configuration, say!("endpoint-unusable", error = error.to_string()))
        }),
    }
}

/// The operator's bounds.
pub(super) fn limits(args: &RunArgs, now: Timestamp) -> Result<Limits, Failure> {
    let max_cost = match (args.max_cost, args.price) {
        (None, _) => None,
        (Some(cost), Some(price)) => Some((cost, price)),
        (Some(_), None) => {
            return Err(Failure::new(Exit::Configuration, say!("max-cost-needs-price")));
        }
    };
    let by_clock = args.stop_at.map(|time| shanghai::next_at(now, time));
    let by_duration = args.max_duration.map(|longest| now.checked_add(longest).unwrap_or(Timestamp::MAX));
    Ok(Limits {
        concurrency: args.concurrency,
        rate: args.rate,
        max_calls: args.max_calls,
        max_cost,
        daily_limit: args.daily_limit,
        on_quota: match args.on_quota {
            OnQuotaArg::Stop => OnQuota::Stop,
            OnQuotaArg::Wait => OnQuota::Wait,
        },
        deadline: by_clock.into_iter().chain(by_duration).min(),
        wait_for_maintenance: args.stop_at.is_some(),
    })
}

/// What is asked again.
///
/// # Errors
///
/// If `--since` lies in the future: every run until then would ask, and pay, for all rows again.
pub(super) fn policy(args: &RunArgs, now: Timestamp) -> Result<AskPolicy, Failure> {
    if args.since.is_some_and(|since| since > shanghai::day(now)) {
        return Err(Failure::new(Exit::Configuration, say!("since-in-future")));
    }
    let by_age = args.max_age.map(|age| now.checked_sub(age).unwrap_or(Timestamp::MIN));
    let by_date = args.since.map(shanghai::start_of);
    Ok(AskPolicy {
        fresh_since: by_age.into_iter().chain(by_date).max(),
        retry_inconclusive: args.retry_inconclusive,
        resend_doubts: args.in_doubt == InDoubtArg::Resend,
    })
}
