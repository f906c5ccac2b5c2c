//! The run's one loop: it takes prepared rows in order, asks the conductor about each call, and lets at
//! most `--concurrency` of them fly.

use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, Stream, StreamExt, poll_fn};
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use super::RunError;
use super::call::{Caller, Ending, call};
use super::conductor::{Conductor, Gate, Limits, Next, Now, Ticket, Tries};
use super::feeder::feed;
use super::heartbeat;
use super::inspect::Inspector;
use super::prepare::{Preparer, Question, Ready};
use super::progress::{self, Snapshot};
use super::stop::{Pause, Stop};
use crate::api::Client;
use crate::domain::decide::{AskPolicy, RunId, Standing};
use crate::domain::outcome::Decision;
use crate::intake::Table;
use crate::ledger::{Ledger, LedgerError, LedgerThread};

/// How many photos are prepared ahead of the calls, beyond those in flight.
const AHEAD: usize = 16;

/// What the loop works on.
pub(super) struct Dispatch {
    pub(super) table: Arc<Table>,
    pub(super) inspector: Arc<Inspector>,
    pub(super) client: Client,
    pub(super) policy: AskPolicy,
    pub(super) run: RunId,
    pub(super) only_first: Option<u64>,
    pub(super) calls_today: u64,
}

/// Makes the calls that are due, and gives the ledger back with the reason for an early end.
pub(super) async fn dispatch(
    dispatch: Dispatch,
    ledger: Ledger,
    limits: Limits,
    progress: &watch::Sender<Snapshot>,
    interrupt: watch::Receiver<bool>,
) -> Result<(Ledger, Option<Stop>), RunError> {
    let Dispatch { table, inspector, client, policy, run, only_first, calls_today } = dispatch;
    let (thread, handle) = LedgerThread::start(ledger)?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let preparer = Arc::new(Preparer {
        inspector: Arc::clone(&inspector),
        ledger: handle.clone(),
        policy,
        run,
        cores: Semaphore::new(cores),
    });
    let caller = Arc::new(Caller { client, ledger: handle.clone(), policy, run });

    let (sender, receiver) = mpsc::channel(AHEAD);
    let feeder = tokio::spawn(feed(table, inspector, handle, policy, run, sender));
    let ahead = AHEAD + usize::try_from(limits.concurrency).unwrap_or(usize::MAX).min(256);
    let rows = prepare_in_order(receiver, preparer, ahead);
    let most_retries = ahead;

    let started = Instant::now();
    let clock = Clock(started);
    let seed =
        u64::from(std::process::id()) << 32 ^ u64::try_from(run.0).unwrap_or(0) ^ 0x9E37_79B9_7F4A_7C15;
    let mut flight = Flight {
        conductor: Conductor::new(limits, clock.now(), calls_today, seed),
        clock,
        caller,
        calls: FuturesUnordered::new(),
        retries: Vec::new(),
        most_retries,
        next: None,
        left: only_first.unwrap_or(u64::MAX),
        exhausted: false,
        progress,
        failure: None,
    };
    flight.fly(pin!(rows), interrupt).await;
    let Flight { conductor, caller, failure, .. } = flight;
    drop(caller);

    let fed = match feeder.await {
        Ok(fed) => fed,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    // The thread knows best what happened to the ledger.
    let ledger =
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap_or(Err(LedgerError::Failed))?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    fed?;
    Ok((ledger, conductor.stopped()))
}

/// Prepares candidates side by side and hands them on in their order, a bounded distance ahead.
fn prepare_in_order(
    mut candidates: mpsc::Receiver<super::feeder::Candidate>,
    preparer: Arc<Preparer>,
    ahead: usize,
) -> impl Stream<Item = Result<Ready, RunError>> {
    poll_fn(move |context| candidates.poll_recv(context))
        .map(move |candidate| {
            let task = tokio::spawn(Arc::clone(&preparer).prepare(candidate));
            async move {
                match task.await {
                    Ok(ready) => ready,
                    Err(error) => std::panic::resume_unwind(error.into_panic()),
                }
            }
        })
        .buffered(ahead)
}

struct Clock(Instant);

impl Clock {
    fn now(&self) -> Now {
        Now { since_start: self.0.elapsed(), clock: Timestamp::now() }
    }
}

/// A row on its way, and how often it has been tried.
struct Traveller {
    question: Arc<Question>,
    tries: Tries,
}

struct Landing {
    traveller: Traveller,
    ticket: Ticket,
    task: JoinHandle<Ending>,
}

/// A call that has ended; without an ending if its task broke down.
type Landed = (Traveller, Ticket, Option<Ending>);

struct Flight<'a> {
    conductor: Conductor,
    clock: Clock,
    caller: Arc<Caller>,
    calls: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send>>>,
    retries: Vec<(Duration, Traveller)>,
    /// With so many rows waiting to be tried again, no new one is begun.
    most_retries: usize,
    next: Option<Traveller>,
    /// Due rows that may still be taken (`--limit`).
    left: u64,
    exhausted: bool,
    progress: &'a watch::Sender<Snapshot>,
    failure: Option<RunError>,
}

impl Flight<'_> {
    async fn fly(
        &mut self,
        mut prepared: Pin<&mut impl Stream<Item = Result<Ready, RunError>>>,
        mut interrupt: watch::Receiver<bool>,
    ) {
        let mut heart = tokio::time::interval(heartbeat::EVERY);
        loop {
            heartbeat::beat();
            let mut wake = self.start_what_may_start();
            let nothing_left = self.exhausted && self.next.is_none() && self.retries.is_empty();
            if !nothing_left {
                // What waits for longer than the run may last must not hold it up.
                let now = self.clock.now();
                self.conductor.stop_at_the_deadline(now);
                let deadline = self.conductor.deadline(now).map(|at| self.at(at));
                wake = wake.into_iter().chain(deadline).min();
            }
            self.show();
            let stopping = self.conductor.stopped().is_some();
            let idle = self.calls.is_empty();
            if idle && (stopping || nothing_left) {
                return;
            }
            let wants_row = !stopping && !self.exhausted && self.next.is_none();
            let wakes = wake.is_some() && !stopping;
            let wake = wake.unwrap_or_else(tokio::time::Instant::now);
            tokio::select! {
                biased;
                Ok(()) = interrupt.changed(), if !stopping => {
                    if *interrupt.borrow_and_update() {
                        self.conductor.stop(Stop::Signal);
                    }
                }
                Some((traveller, ticket, ending)) = self.calls.next(), if !idle => self.land(traveller, ticket, ending),
                ready = prepared.next(), if wants_row => self.take(ready),
                () = tokio::time::sleep_until(wake), if wakes => {}
                _ = heart.tick() => {}
            }
        }
    }

    /// Starts calls until the conductor says no, and returns when to ask again.
    fn start_what_may_start(&mut self) -> Option<tokio::time::Instant> {
        loop {
            let now = self.clock.now();
            let ready = self.retries.iter().position(|(at, _)| *at <= now.since_start);
            let may_take_next = self.next.is_some() && self.retries.len() < self.most_retries;
            if ready.is_none() && !may_take_next {
                return self.retries.iter().map(|(at, _)| *at).min().map(|at| self.at(at));
            }
            match self.conductor.ask(now) {
                Gate::Start(ticket) => {
                    let traveller = match ready {
                        Some(position) => Some(self.retries.swap_remove(position).1),
                        None => self.next.take(),
                    };
                    match traveller {
                        Some(traveller) => self.start(traveller, ticket),
                        None => self.conductor.cancelled(ticket),
                    }
                }
                Gate::Wait(until, why) => {
                    self.show_pause(until, why, now);
                    return Some(self.at(until));
                }
                Gate::WaitForAnswer | Gate::Stop(_) => return None,
            }
            if self.next.is_none() {
                return self.retries.iter().map(|(at, _)| *at).min().map(|at| self.at(at));
            }
        }
    }

    fn start(&mut self, traveller: Traveller, ticket: Ticket) {
        self.progress.send_modify(|snapshot| snapshot.pause = None);
        let task = tokio::spawn(call(Arc::clone(&self.caller), Arc::clone(&traveller.question)));
        let landing = Landing { traveller, ticket, task };
        self.calls.push(Box::pin(async move {
            let Landing { traveller, ticket, task } = landing;
            (traveller, ticket, task.await.ok())
        }));
    }

    fn land(&mut self, mut traveller: Traveller, ticket: Ticket, ending: Option<Ending>) {
        let now = self.clock.now();
        match ending {
            // The task broke down: its intent has no answer, and so it is in doubt.
            None => {
                self.conductor.lost(ticket, now);
                self.finish(Decision::Unresolved);
            }
            Some(Ending::NotDue(standing)) => {
                self.conductor.cancelled(ticket);
                self.finish_not_due(&standing);
            }
            Some(Ending::LedgerFailed(error)) => {
                self.conductor.lost(ticket, now);
                self.fail(error.into());
            }
            Some(Ending::Recorded(finding, answer)) => {
                let next = self.conductor.ended(ticket, finding, &mut traveller.tries, now);
                self.progress.send_modify(|snapshot| snapshot.count_answer(finding, &answer));
                match next {
                    Next::Again(at) => self.retries.push((at, traveller)),
                    Next::Done => self.finish(progress::decision(finding, &answer)),
                }
            }
        }
    }

    fn take(&mut self, ready: Option<Result<Ready, RunError>>) {
        match ready {
            None => self.exhausted = true,
            Some(Err(error)) => self.fail(error),
            Some(Ok(Ready::Refused)) => self.finish(Decision::Rejected),
            Some(Ok(Ready::NotDue(standing))) => self.finish_not_due(&standing),
            Some(Ok(Ready::Ask(question))) => {
                self.left = self.left.saturating_sub(1);
                self.exhausted = self.left == 0;
                self.next = Some(Traveller { question: Arc::from(question), tries: Tries::default() });
            }
        }
    }

    fn fail(&mut self, error: RunError) {
        self.conductor.stop(Stop::LedgerFailed);
        self.failure.get_or_insert(error);
    }

    fn finish(&mut self, decision: Decision) {
        self.progress.send_modify(|snapshot| {
            snapshot.done += 1;
            snapshot.add(decision);
        });
    }

    /// A row that needs no call of its own: another row asked for it, or an earlier file did.
    fn finish_not_due(&mut self, standing: &Standing) {
        self.progress.send_modify(|snapshot| {
            snapshot.done += 1;
            if matches!(standing, Standing::Held) {
                snapshot.add(Decision::Unresolved);
            }
        });
    }

    fn show(&self) {
        let (in_flight, rate) = (self.conductor.in_flight(), self.conductor.calls_per_second());
        let stop = self.conductor.stopped();
        self.progress.send_modify(|snapshot| {
            snapshot.in_flight = in_flight;
            snapshot.rate = rate;
            snapshot.stop = stop;
        });
    }

    fn show_pause(&self, until: Duration, why: Pause, now: Now) {
        let wait = until.saturating_sub(now.since_start);
        let ends = now.clock.checked_add(wait).unwrap_or(Timestamp::MAX);
        self.progress.send_modify(|snapshot| snapshot.pause = (why != Pause::Rate).then_some((why, ends)));
    }

    fn at(&self, since_start: Duration) -> tokio::time::Instant {
        let far = Duration::from_secs(365 * 24 * 3600);
        tokio::time::Instant::from_std(self.clock.0 + since_start.min(far))
    }
}
