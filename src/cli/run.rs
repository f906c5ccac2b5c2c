//! `reverify run`.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;

use jiff::Timestamp;
use tokio::sync::watch;

use super::args::{ProgressArg, RunArgs};
use super::exit::{Exit, Failure};
use super::observers::Observers;
use super::progress::Style;
use super::{announce, api_key, progress, settings, signals, summary, terminal};
use crate::api::{ApiKey, Client, Endpoint, Timeouts};
use crate::ledger::{Access, EndpointKind};
use crate::run::progress::Snapshot;
use crate::run::survey::Survey;
use crate::run::{self, Job};
use crate::sandbox::{DEFAULT_KEY, Sandbox, SandboxConfig};
use crate::say;

/// Verifies the input, and writes the output and a summary.
///
/// # Errors
///
/// If the run could not be carried through; a run that stops early is no error.
pub(super) fn run(args: &RunArgs, arguments: &[OsString]) -> Result<Exit, Failure> {
    if args.sandbox && args.endpoint.is_some() {
        return Err(Failure::new(Exit::Configuration, say!("run-sandbox-and-endpoint")));
    }
    let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get).max(2);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(cores).enable_all().build().map_err(
            |error| Failure::new(Exit::Unavailable, say!("no-threads", error = error.to_string())),
        )?;
    let observers = Observers::new(args);
    let ended = runtime.block_on(verify(args, arguments, &observers));
    if let Err(failure) = &ended {
        let summary = summary::failed(args, failure);
        if args.progress == ProgressArg::Json {
            // What cannot be shown does not change how the run ends.
            let _ = writeln!(io::stdout(), "{summary}");
        }
        observers.fail(failure, &summary);
    }
    ended
}

async fn verify(args: &RunArgs, arguments: &[OsString], observers: &Observers) -> Result<Exit, Failure> {
    let now = Timestamp::now();
    let (limits, policy) = (settings::limits(args, now)?, settings::policy(args, now)?);
    let sandbox = start_sandbox(args).await?;
    let (endpoint, key) = match &sandbox {
        Some(sandbox) => (parse_own(&sandbox.endpoint())?, own_key()?),
        None => (settings::endpoint(args.endpoint.as_deref())?, api_key::read(args.key_file.as_deref())?),
    };
    let kind = match (args.sandbox, endpoint.is_on_this_machine()) {
        (true, _) => EndpointKind::Sandbox,
        (false, true) => EndpointKind::ThisMachine,
        (false, false) => EndpointKind::Remote,
    };
    let client = Client::new(endpoint, key, Timeouts { whole: args.timeout, connect: args.connect_timeout })?;
    let (sender, receiver) = watch::channel(Snapshot::default());
    let interrupt = signals::listen(receiver.clone())?;

    let output = settings::output_path(&args.input, &args.output, &args.ledger, args.key_file.as_deref())?;
    let form = settings::form(&output, &args.output, args.price)?;
    let table = settings::open_table(&args.input, &args.table, &args.output, &form)?;
    let photos = settings::open_photos(&args.input, &args.table)?;
    let ledger = settings::open_ledger(&args.ledger, Access::CreateIfMissing)?;
    let observed = observers.begin(&ledger, receiver.clone())?;
    let shape = table.shape().clone();
    let job = Job {
        input: args.input.clone(),
        table,
        photos,
        faces: args.face.policy(),
        ledger,
        endpoint: kind,
        client,
        limits,
        policy,
        only_first: args.limit,
        output: output.clone(),
        form,
    };

    let style = Style::choose(args.progress);
    let screen = progress::show(style, args.price.filter(|_| !args.sandbox), receiver);
    let announce = |survey: &Survey| {
        sender.send_modify(|snapshot| {
            snapshot.due = args.limit.map_or(survey.due, |limit| limit.min(survey.due));
        });
        // What cannot be shown does not stop a run that nobody may be watching.
        match style {
            Style::Json => {
                let _ = writeln!(io::stdout(), "{}", announce::json(args, &shape, survey));
            }
            Style::Bar | Style::Lines | Style::Silent => {
                terminal::say(&announce::lines(args, &shape, survey));
            }
        }
    };
    let carried_out = run::carry_out(job, announce, &sender, interrupt).await;
    drop(sender);
    // These tasks end by themselves, and only tell.
    let _ = (screen.await, observed.await);
    if let Some(sandbox) = sandbox {
        sandbox.shut_down().await;
    }
    let report = carried_out.map_err(|error| with_remedy(error, args))?;

    if let Some(stop) = summary::stopped(&report).filter(|_| !io::stdout().is_terminal()) {
        let _ = writeln!(io::stderr(), "reverify: {stop}");
    }
    let summary = summary::json(args, &output, &report);
    let _ = match style {
        Style::Json => writeln!(io::stdout(), "{summary}"),
        Style::Bar | Style::Lines | Style::Silent => {
            write!(io::stdout(), "{}", summary::table(args, &output, &report, arguments))
        }
    };
    let exit = summary::exit(&report);
    tracing::info!(exit = exit as u8, calls = report.done.calls, billed = report.done.billed, "finished");
    observers.end(exit, &report, &summary);
    Ok(exit)
}

async fn start_sandbox(args: &RunArgs) -> Result<Option<Sandbox>, Failure> {
    if !args.sandbox {
        return Ok(None);
    }
    let started = Sandbox::start(SandboxConfig::default()).await;
    let started = started.map_err(|error| {
        Failure::new(Exit::Unavailable, say!("run-no-sandbox", error = error.to_string()))
    })?;
    Ok(Some(started))
}

fn parse_own(address: &str) -> Result<Endpoint, Failure> {
    Endpoint::parse(address).map_err(|error| Failure::new(Exit::Configuration, error.to_string()))
}

fn own_key() -> Result<ApiKey, Failure> {
    ApiKey::parse(DEFAULT_KEY).map_err(|error| Failure::new(Exit::Configuration, error.to_string()))
}

fn with_remedy(error: run::RunError, args: &RunArgs) -> Failure {
    let is_output = matches!(error, run::RunError::Output(_));
    let mut failure = Failure::from(error);
    if is_output {
        let input = args.input.to_string_lossy().into_owned();
        failure.message = say!("run-output-later", error = failure.message.as_str(), input = input);
    }
    failure
}
