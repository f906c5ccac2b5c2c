//! A run: the stages wired together, from the input's first row to the output's last.
//!
//! ```text
//! survey    what stands in the input, and what of it is missing in the ledger   (before any call)
//! feeder    rows that may be due, in the input's order
//! prepare   photo -> bytes -> subject; due? -> JPEG                              (ordered)
//! pool      as many photos at once as there are cores, each prepared once
//! dispatch  what the core says is to be done: at most --concurrency calls in flight
//! call      intent, exchange, answer, each a step that is done once
//! render    input + ledger -> output
//! ```
//!
//! Every queue is bounded, so memory does not grow with the input. What the run decides is in [`core`]
//! (the rows on their way) and [`conductor`] (when a call may start): functions of values, which know no
//! clock and no socket.
//!
//! Not here: what is shown on the terminal (`cli`).

mod call;
pub mod conductor;
pub mod core;
mod dispatch;
mod feeder;
pub mod heartbeat;
mod inspect;
pub mod plan;
mod pool;
mod prepare;
pub mod progress;
pub mod render;
pub mod retell;
pub mod stop;
pub mod survey;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::api::Client;
use crate::domain::decide::AskPolicy;
use crate::domain::shanghai;
use crate::intake::{IntakeError, Table};
use crate::ledger::{EndpointKind, Ledger, LedgerError};
use crate::output::file::OutputError;
use crate::photo::{FacePolicy, PhotoFolder};

use conductor::Limits;
use inspect::Inspector;
pub use inspect::Photos;
use progress::Snapshot;
use render::{Form, Rendered};
use stop::Stop;
use survey::{Books, Survey};

/// Everything that a run needs, opened and checked.
#[derive(Debug)]
pub struct Job {
    /// Where the input is.
    pub input: PathBuf,
    /// The input.
    pub table: Table,
    /// The folder that photos are read from.
    pub photos: PhotoFolder,
    /// What becomes of photos without a face.
    pub faces: FacePolicy,
    /// The ledger.
    pub ledger: Ledger,
    /// Whose answers it will hold.
    pub endpoint: EndpointKind,
    /// What speaks to the API.
    pub client: Client,
    /// The operator's bounds.
    pub limits: Limits,
    /// What is asked again.
    pub policy: AskPolicy,
    /// Only so many due rows.
    pub only_first: Option<u64>,
    /// Where the output goes.
    pub output: PathBuf,
    /// What it is to be.
    pub form: Form,
}

/// Why a run could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The input cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The output cannot be written. The calls that were made are in the ledger.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// Why it ended before its last row, if it did.
    pub stop: Option<Stop>,
    /// What it did.
    pub done: Snapshot,
    /// What the output says now.
    pub rendered: Rendered,
    /// Rows that were to be asked anew and could not be, since their photo is gone.
    pub out_of_reach: u64,
    /// The input's file was changed while the run was on.
    pub input_changed: bool,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every row is settled.
    Settled,
    /// Every row was gone through, but some are rejected, unresolved or pending.
    Incomplete,
    /// It ended before its last row.
    Stopped(Stop),
}

impl Report {
    /// Sums the run up in one word.
    pub fn ending(&self) -> Ending {
        match self.stop {
            _ if self.is_settled() => Ending::Settled,
            Some(stop) => Ending::Stopped(stop),
            None => Ending::Incomplete,
        }
    }

    fn is_settled(&self) -> bool {
        self.rendered.is_settled() && self.out_of_reach == 0
    }
}

/// Carries a run through: surveys, calls, renders.
///
/// `surveyed` is told what is about to happen before the first call, `progress` what has happened so
/// far. Setting `interrupt` starts no further call and finishes what is in flight.
///
/// # Errors
///
/// If the input, the ledger or the output fails. Nothing that was answered and recorded is lost.
pub async fn carry_out(
    job: Job,
    surveyed: impl FnOnce(&Survey),
    progress: &watch::Sender<Snapshot>,
    interrupt: watch::Receiver<bool>,
) -> Result<Report, RunError> {
    let Job {
        input,
        table,
        photos,
        faces,
        mut ledger,
        endpoint,
        client,
        limits,
        policy,
        only_first,
        output,
        form,
    } = job;
    let started = Timestamp::now();
    ledger.bind(endpoint)?;
    let run = ledger.begin_run(started)?;
    let table = Arc::new(table);
    let inspector =
        Inspector::new(&table, Photos::Open(photos), ledger.key().clone(), shanghai::day(started));

    let inspector = Arc::new(inspector.judging_by(faces));
    let (ledger, survey) = {
        let (table, inspector) = (Arc::clone(&table), Arc::clone(&inspector));
        off_the_loop(move || {
            let books = Books { ledger: Some(&ledger), policy: &policy, run };
            let survey = survey::survey(&table, &inspector, books, |_, _, verdict| Ok(verdict))?;
            Ok::<_, RunError>((ledger, survey))
        })
        .await?
    };
    tracing::info!(
        run = run.0,
        rows = survey.rows,
        due = survey.due,
        settled = survey.settled,
        rejected = survey.rejected,
        in_doubt = survey.held,
        "surveyed"
    );
    surveyed(&survey);

    let calls_today = ledger.counts_of_day(shanghai::day(started))?.calls;
    let due = only_first.map_or(survey.due, |first| first.min(survey.due));
    let (ledger, stop) = if due == 0 {
        (ledger, None)
    } else {
        let dispatch = dispatch::Dispatch {
            table: Arc::clone(&table),
            inspector: Arc::clone(&inspector),
            client,
            policy,
            run,
            only_first,
            calls_today,
        };
        dispatch::dispatch(dispatch, ledger, limits, progress, interrupt).await?
    };
    if let Some(stop) = stop {
        tracing::warn!(?stop, "stopped early");
    }
    progress.send_modify(|snapshot| snapshot.rendering = true);
    let input_changed = table.changed().unwrap_or(true);
    let wanted = Some(render::Wanted { policy, run });
    let rendered =
        off_the_loop(move || render::render(&input, &table, &inspector, &ledger, &output, &form, wanted))
            .await?;
    let done = progress.borrow().clone();
    Ok(Report { stop, done, rendered, out_of_reach: survey.out_of_reach, input_changed })
}

/// Renders the output again from the input and the ledger, without any call.
///
/// # Errors
///
/// If the input, the ledger or the output fails.
pub fn render_again(
    input: &Path,
    table: &Table,
    photos: Photos,
    faces: FacePolicy,
    ledger: &Ledger,
    output: &Path,
    form: &Form,
) -> Result<Rendered, RunError> {
    let today = shanghai::day(Timestamp::now());
    let inspector = Inspector::new(table, photos, ledger.key().clone(), today).judging_by(faces);
    render::render(input, table, &inspector, ledger, output, form, None)
}

/// Runs what blocks without holding up the tasks that wait for the network.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RunError> + Send + 'static,
) -> Result<T, RunError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
