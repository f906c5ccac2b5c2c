//! `reverify plan`: what a run would do, without a call and without a key.

mod figures;
mod problems;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;
use jiff::Timestamp;

use super::args::{ProgressArg, RunArgs};
use super::exit::{Exit, Failure};
use super::{settings, terminal};
use crate::ledger::{Access, EndpointKind, Ledger, LedgerError};
use crate::run::plan::{LookAtPhotos, Planner};
use crate::run::{Photos, RunError};
use crate::say;
use figures::Figures;

const REDRAWN_EVERY: Duration = Duration::from_millis(100);

/// `reverify plan`. The options of `run` are taken with the same meaning, so that the same line can be typed.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Prepare every photo that would be sent, and say which cannot be
    #[arg(long, env = "REVERIFY_PHOTOS_TOO", value_parser = clap::builder::BoolishValueParser::new(), help_heading = "Input")]
    pub photos_too: bool,

    /// Write one line per problem to this CSV file, personal data masked, to hand back
    #[arg(long, value_name = "FILE", env = "REVERIFY_PROBLEMS", help_heading = "Output")]
    pub problems: Option<PathBuf>,

    /// Print JSON instead of a table
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// What a run takes.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Shows what a run would do.
///
/// # Errors
///
/// If the input or the ledger cannot be read, or the list of problems cannot be written.
pub(super) fn run(args: &PlanArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let now = Timestamp::now();
    let of_run = &args.run;
    let (limits, policy) = (settings::limits(of_run, now)?, settings::policy(of_run, now)?);
    let output = settings::output_name(&of_run.input, &of_run.output);
    let form = settings::form(&output, &of_run.output, of_run.price)?;
    let input = &of_run.input;
    if let Some(path) = &args.problems {
        settings::refuse_overwriting(path, input, &of_run.ledger, of_run.key_file.as_deref())?;
    }
    let table = settings::open_table(input, &of_run.table, &of_run.output, &form)?;
    let photos = settings::open_photos(input, &of_run.table)?;
    let ledger = open_ledger(of_run)?;

    let mut planner =
        Planner::new(&table, Photos::Open(photos), of_run.face.policy(), ledger.as_ref(), policy, now)
            .map_err(|error| {
                Failure::new(Exit::Unavailable, say!("plan-no-random", error = error.to_string()))
            })?;
    let is_live = args.run.progress == ProgressArg::Auto && terminal::is_live();
    let drawn = Mutex::new(Instant::now());
    // How many photos there will be is not known before the last: only those that are done are counted.
    let tell = |done: u64| {
        let Ok(mut last) = drawn.try_lock() else { return };
        if is_live && last.elapsed() >= REDRAWN_EVERY {
            *last = Instant::now();
            terminal::draw(&[say!("plan-photos-looked-at", count = done)]);
        }
    };
    let look = if args.photos_too { LookAtPhotos::Prepare(&tell) } else { LookAtPhotos::No };
    let plan = planner.plan(&look, now)?;
    if is_live {
        terminal::clear();
    }
    let listed = match &args.problems {
        None => None,
        Some(path) => Some((path.as_path(), problems::write(path, &planner, &plan)?)),
    };

    let figures = Figures::of(&plan, of_run, &limits, now);
    let text = if args.json {
        format!("{:#}\n", table::json(&plan, &figures, args, table.shape(), listed))
    } else {
        table::text(&plan, &figures, args, table.shape(), ledger.is_some(), listed)
    };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written
        .map_err(|error| Failure::new(Exit::Output, say!("plan-unprintable", error = error.to_string())))?;
    Ok(if plan.is_clean() { Exit::Settled } else { Exit::Incomplete })
}

/// Opens the ledger if there is one. None is made, and no key: that is for the first run to do.
fn open_ledger(args: &RunArgs) -> Result<Option<Ledger>, Failure> {
    let path = &args.ledger.ledger;
    if !path.try_exists().unwrap_or(true) {
        return Ok(None);
    }
    let ledger = settings::open_ledger(&args.ledger, Access::ExistingOnly)?;
    let wanted = match (args.sandbox, settings::endpoint(args.endpoint.as_deref())?.is_on_this_machine()) {
        (true, _) => EndpointKind::Sandbox,
        (false, true) => EndpointKind::ThisMachine,
        (false, false) => EndpointKind::Remote,
    };
    if let Some(bound) = ledger.bound_to().map_err(RunError::from)?
        && bound != wanted
    {
        let refusal = LedgerError::OtherEndpoint { path: path.clone(), bound, wanted };
        // Standard error may be closed; the plan is shown all the same.
        let _ = writeln!(
            io::stderr(),
            "reverify: {}",
            say!("plan-other-endpoint", refusal = refusal.to_string())
        );
    }
    Ok(Some(ledger))
}
