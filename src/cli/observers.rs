//! Who is told of a run besides the one at the terminal: `status` in another terminal, the metrics'
//! collector, systemd, and a command at the run's end.
//!
//! None of them can hold the run up or change how it ends.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::args::RunArgs;
use super::exit::{Exit, Failure};
use super::metrics::{self, Figures};
use super::service::Service;
use super::speed::Speed;
use super::status_file::{self, Phase, RunStatus, Spent, moment};
use super::{hook, progress, stops, terminal};
use crate::domain::money::Yuan;
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::lang;
use crate::ledger::{Ledger, LedgerError};
use crate::run::Report;
use crate::run::progress::Snapshot;

/// How often the files are written while a run is on.
const FILES_EVERY: Duration = Duration::from_secs(1);

/// More often than this, no watchdog needs to hear of a run.
const SHORTEST: Duration = Duration::from_millis(20);

/// Everyone who is told.
pub(super) struct Observers {
    teller: Arc<Mutex<Teller>>,
    on_finish: Option<String>,
}

impl Observers {
    /// Gets ready to tell of a run with these arguments.
    pub(super) fn new(args: &RunArgs) -> Self {
        let now = Timestamp::now();
        let teller = Teller {
            speed: Speed::new(),
            started: now,
            input: args.input.display().to_string(),
            sandbox: args.sandbox,
            price: args.price.filter(|_| !args.sandbox),
            ledger: args.ledger.ledger.clone(),
            is_ours: false,
            metrics: args.metrics_file.clone(),
            service: Service::of_environment(),
            latest: Snapshot::default(),
            day: shanghai::day(now),
            today: Spent::default(),
            earlier: Spent::default(),
            before_midnight: Spent::default(),
            written: None,
            has_complained: false,
        };
        Self { teller: Arc::new(Mutex::new(teller)), on_finish: args.on_finish.clone() }
    }

    /// Begins to tell, since the ledger is open and everything is checked. Ends with the run's channel.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub(super) fn begin(
        &self,
        ledger: &Ledger,
        mut progress: watch::Receiver<Snapshot>,
    ) -> Result<JoinHandle<()>, LedgerError> {
        let every = {
            let mut teller = self.teller();
            let (in_all, today) = ledger.spent_until(teller.day)?;
            (teller.earlier, teller.today, teller.is_ours) = (in_all.into(), today.into(), true);
            teller.service.ready();
            teller.tell(&Snapshot::default());
            teller.service.watchdog_interval().map_or(FILES_EVERY, |often| often.clamp(SHORTEST, FILES_EVERY))
        };
        let teller = Arc::clone(&self.teller);
        Ok(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(every);
            // Changes come by the thousand: only the ticks tell. A run without its sender has ended.
            while progress.has_changed().is_ok() {
                tokio::select! {
                    _ = ticks.tick() => {
                        let snapshot = progress.borrow_and_update().clone();
                        lock(&teller).tell(&snapshot);
                    }
                    () = until_gone(&mut progress) => break,
                }
            }
            lock(&teller).latest = progress.borrow().clone();
        }))
    }

    /// Tells how the run ended, now that its output is written.
    pub(super) fn end(&self, exit: Exit, report: &Report, summary: &serde_json::Value) {
        let stopped = report
            .stop
            .map(|stop| stops::describe(lang::current(), stop, report.done.last_refusal.as_deref()));
        let ending = Ending { exit, error: None, stopped, output: Some(report.rendered.decisions) };
        self.teller().end(&report.done, ending);
        self.run_hook(summary);
    }

    /// Tells that the run could not be carried through.
    pub(super) fn fail(&self, failure: &Failure, summary: &serde_json::Value) {
        let error = Some(failure.message.clone());
        let ending = Ending { exit: failure.exit, error, stopped: None, output: None };
        {
            let mut teller = self.teller();
            let latest = teller.latest.clone();
            teller.end(&latest, ending);
        }
        self.run_hook(summary);
    }

    fn run_hook(&self, summary: &serde_json::Value) {
        if let Some(command) = &self.on_finish {
            hook::run(command, summary);
        }
    }

    fn teller(&self) -> MutexGuard<'_, Teller> {
        lock(&self.teller)
    }
}

fn lock(teller: &Mutex<Teller>) -> MutexGuard<'_, Teller> {
    // Whatever broke down while telling, the next word is told anew from its beginning.
    teller.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until nobody is left who could change anything.
async fn until_gone(progress: &mut watch::Receiver<Snapshot>) {
    while progress.changed().await.is_ok() {}
}

/// How a run ended.
struct Ending {
    exit: Exit,
    error: Option<String>,
    stopped: Option<String>,
    output: Option<[u64; Decision::ALL.len()]>,
}

/// What is known of the run, and where it is told.
struct Teller {
    speed: Speed,
    started: Timestamp,
    input: String,
    sandbox: bool,
    price: Option<Yuan>,
    ledger: PathBuf,
    /// True once this run holds the ledger: another run's status is not to be touched.
    is_ours: bool,
    metrics: Option<PathBuf>,
    service: Service,
    latest: Snapshot,
    day: Date,
    /// What the ledger held of this day, and in all, when the run began.
    today: Spent,
    earlier: Spent,
    /// What this run had spent when the day began.
    before_midnight: Spent,
    written: Option<Instant>,
    has_complained: bool,
}

impl Teller {
    fn tell(&mut self, snapshot: &Snapshot) {
        self.latest = snapshot.clone();
        self.service.beat();
        if self.written.is_some_and(|written| written.elapsed() < FILES_EVERY * 9 / 10) {
            return;
        }
        self.written = Some(Instant::now());
        let status = self.status(snapshot, Timestamp::now());
        self.service.status(progress::line(
            snapshot,
            status.calls_per_second,
            self.speed.left(snapshot),
            None,
        ));
        self.write(&status, None);
    }

    fn end(&mut self, done: &Snapshot, ending: Ending) {
        let now = Timestamp::now();
        let mut status = self.status(done, now);
        status.phase = Phase::Ended;
        status.ended = Some(moment(now));
        status.exit_code = Some(ending.exit as u8);
        status.error = ending.error;
        status.stopped = ending.stopped;
        (status.eta_seconds, status.waiting_for, status.waiting_until) = (None, None, None);
        let is_anothers =
            !self.is_ours && status_file::read(&self.ledger).is_some_and(|run| run.seems_on(now));
        if !is_anothers {
            self.write(&status, ending.output);
        }
        self.service.stopping();
    }

    fn status(&mut self, snapshot: &Snapshot, now: Timestamp) -> RunStatus {
        let this_run = Spent { calls: snapshot.calls, billed: snapshot.billed, in_doubt: snapshot.in_doubt };
        if shanghai::day(now) != self.day {
            (self.day, self.today, self.before_midnight) = (shanghai::day(now), Spent::default(), this_run);
        }
        let phase = match snapshot {
            Snapshot { rendering: true, .. } => Phase::Writing,
            Snapshot { stop: Some(_), .. } => Phase::Stopping,
            Snapshot { pause: Some(_), .. } => Phase::Waiting,
            Snapshot { due: 0, .. } => Phase::Reading,
            _ => Phase::Calling,
        };
        let decisions = Decision::ALL.map(|decision| (decision.word().to_owned(), snapshot.count(decision)));
        RunStatus {
            phase,
            pid: std::process::id(),
            input: self.input.clone(),
            sandbox: self.sandbox,
            started: moment(self.started),
            updated: moment(now),
            due: snapshot.due,
            done: snapshot.done,
            in_flight: snapshot.in_flight,
            decisions: decisions.into(),
            this_run,
            today: self.today.and(this_run.since(self.before_midnight)),
            in_all: self.earlier.and(this_run),
            address_refusals: snapshot.address_refusals,
            calls_per_second: tenths(self.speed.per_second(snapshot)),
            rate: tenths(snapshot.rate),
            eta_seconds: self.speed.left(snapshot).map(|left| left.as_secs()),
            waiting_for: snapshot.pause.map(|(why, _)| stops::waiting_for(lang::current(), why)),
            waiting_until: snapshot.pause.map(|(_, until)| moment(until)),
            ..RunStatus::default()
        }
    }

    fn write(&mut self, status: &RunStatus, output: Option<[u64; Decision::ALL.len()]>) {
        if self.is_ours
            && let Err(error) = status_file::write(&self.ledger, status)
        {
            tracing::warn!(%error, "the status file could not be written");
        }
        let Some(path) = &self.metrics else { return };
        let figures = Figures {
            status,
            started: self.started.as_second(),
            now: Timestamp::now().as_second(),
            seconds: (self.speed.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            price: self.price,
            output,
        };
        if let Err(error) = metrics::write(path, &figures) {
            tracing::warn!(%error, "the metrics file could not be written");
            if !std::mem::replace(&mut self.has_complained, true) {
                let path = path.display().to_string();
                let text = crate::say!("metrics-not-written", path = path, error = error.to_string());
                terminal::say(&format!("reverify: {text}"));
            }
        }
    }
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
