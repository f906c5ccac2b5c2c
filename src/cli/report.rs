//! `reverify report`.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::Timestamp;

use super::args::{ColumnNamesArg, LedgerArgs, OutputArgs, TableArgs};
use super::exit::{Exit, Failure};
use super::settings;
use crate::domain::money::Yuan;
use crate::intake::Table;
use crate::ledger::{Access, Ledger};
use crate::output::file;
use crate::photo::PhotoFolder;
use crate::report::{self, Facts, ListFigures};
use crate::run::retell::retell;
use crate::run::{Photos, RunError};
use crate::say;

/// `reverify report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The input of the run
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,

    /// The report [default: INPUT with .report.html for its extension]
    // Not `output`: that is the run's in the environment and in reverify.toml, and must not be overwritten.
    #[arg(
        short = 'o',
        long,
        visible_alias = "output",
        value_name = "FILE",
        env = "REVERIFY_REPORT_FILE",
        help_heading = "Output"
    )]
    pub report_file: Option<PathBuf>,

    /// Add the rows, with names and numbers masked
    #[arg(long, env = "REVERIFY_WITH_ROWS", value_parser = BoolishValueParser::new(), help_heading = "Output")]
    pub with_rows: bool,

    /// Price of a billed call
    #[arg(long, value_name = "YUAN", env = "REVERIFY_PRICE", help_heading = "Output")]
    pub price: Option<Yuan>,

    /// How the input is read.
    #[command(flatten)]
    pub table: TableArgs,

    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Writes the report from the input and the ledger, without any call.
///
/// # Errors
///
/// If the input or the ledger cannot be read, or the report cannot be written.
pub(super) fn run(args: &ReportArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let named = args.report_file.clone().unwrap_or_else(|| args.input.with_extension("report.html"));
    let output = OutputArgs { output: Some(named), prefix: String::new(), column_names: ColumnNamesArg::En };
    let path = settings::output_path(&args.input, &output, &args.ledger, None)?;
    let table = settings::open_report_table(&args.input, &args.table)?;
    let ledger = settings::open_ledger(&args.ledger, Access::ExistingOnly)?;

    let mut list = ListFigures::default();
    retell(&table, photos(args), &ledger, |row, told| {
        list.add(row.number(), &told);
        Ok(())
    })?;
    let facts = Facts::gather(&args.input, list, &ledger, args.price, Timestamp::now())?;

    let mode = std::fs::metadata(&args.input).map_or(0o600, |input| input.permissions().mode());
    // What fails inside is either the file (the closure's own error) or what it is made from.
    let mut failure = None;
    let written = file::replace(&path, mode, |writer| {
        report::write_head(writer, &facts)?;
        if args.with_rows {
            report::write_rows_head(writer)?;
            match write_rows(args, &table, &ledger, writer) {
                Ok(written) => written?,
                Err(error) => {
                    failure = Some(error);
                    return Err(io::ErrorKind::Other.into());
                }
            }
            report::write_rows_tail(writer)?;
        }
        report::write_tail(writer)
    });
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    written?;
    // The report is written; that is what counts.
    let _ = writeln!(out, "{}", say!("report-written", path = path.display().to_string()));
    Ok(Exit::Settled)
}

/// The outer result is about what is read, the inner one about the file that is written.
fn write_rows(
    args: &ReportArgs,
    table: &Table,
    ledger: &Ledger,
    writer: &mut dyn Write,
) -> Result<io::Result<()>, RunError> {
    let mut written = Ok(());
    retell(table, photos(args), ledger, |row, told| {
        if written.is_ok() {
            written = report::write_row(writer, row, &told);
        }
        Ok(())
    })?;
    Ok(written)
}

/// Photos may be gone: what was answered about them is in the ledger.
fn photos(args: &ReportArgs) -> Photos {
    let folder = settings::photo_folder(&args.input, &args.table);
    match PhotoFolder::open(&folder) {
        Ok(folder) => Photos::Open(folder),
        Err(_) => Photos::Gone(std::path::absolute(&folder).unwrap_or(folder)),
    }
}
