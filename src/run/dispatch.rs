//! Carries out what the core says: fetches prepared rows, has intents and answers written down, sends, and
//! tells the core how each of these ended.
//!
//! Not here: any decision.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, Stream, StreamExt, poll_fn};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::RunError;
use super::call::{Caller, Done};
use super::conductor::{Limits, Now};
use super::core::{Command, Core, Event, RowNumber};
use super::feeder::feed;
use super::heartbeat;
use super::inspect::Inspector;
use super::pool::PhotoPool;
use super::prepare::{Preparer, Question, Ready};
use super::progress::Snapshot;
use super::stop::Stop;
use crate::api::Client;
use crate::domain::decide::{AskPolicy, RunId};
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
    let (thread, handle) = LedgerThread::start(ledger, limits.concurrency)?;
    let preparer = Arc::new(Preparer {
        inspector: Arc::clone(&inspector),
        ledger: handle.clone(),
        policy,
        run,
        photos: PhotoPool::new(),
    });
    let caller = Caller { client, ledger: handle.clone(), policy, run };

    let (sender, receiver) = mpsc::channel(AHEAD);
    let feeder = tokio::spawn(feed(table, inspector, handle, policy, run, sender));
    let ahead = AHEAD + usize::try_from(limits.concurrency).unwrap_or(usize::MAX).min(256);
    let rows = prepare_in_order(receiver, preparer, ahead);

    let clock = Clock(Instant::now());
    let seed =
        u64::from(std::process::id()) << 32 ^ u64::try_from(run.0).unwrap_or(0) ^ 0x9E37_79B9_7F4A_7C15;
    let core = Core::new(limits, clock.now(), calls_today, seed, progress.borrow().clone());
    let mut flight = Flight {
        core: core.taking_only(only_first.unwrap_or(u64::MAX)),
        clock,
        caller,
        questions: HashMap::new(),
        steps: FuturesUnordered::new(),
        is_fetching: false,
        wake_at: None,
        is_over: false,
        progress,
        failure: None,
    };
    flight.fly(pin!(rows), interrupt).await;
    let Flight { core, caller, steps, failure, .. } = flight;
    drop((caller, steps));

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
    Ok((ledger, core.stopped()))
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

    fn at(&self, since_start: Duration) -> tokio::time::Instant {
        let far = Duration::from_secs(365 * 24 * 3600);
        tokio::time::Instant::from_std(self.0 + since_start.min(far))
    }
}

type Step = Pin<Box<dyn Future<Output = Done> + Send>>;

struct Flight<'a> {
    core: Core,
    clock: Clock,
    caller: Caller,
    /// What the rows on their way ask.
    questions: HashMap<RowNumber, Arc<Question>>,
    /// What is being done about them.
    steps: FuturesUnordered<Step>,
    is_fetching: bool,
    wake_at: Option<tokio::time::Instant>,
    is_over: bool,
    progress: &'a watch::Sender<Snapshot>,
    failure: Option<RunError>,
}

impl Flight<'_> {
    async fn fly(
        &mut self,
        mut prepared: Pin<&mut impl Stream<Item = Result<Ready, RunError>>>,
        mut interrupt: watch::Receiver<bool>,
    ) {
        self.tell(Event::Woke);
        let mut heart = tokio::time::interval(heartbeat::EVERY);
        while !self.is_over {
            heartbeat::beat();
            let is_idle = self.steps.is_empty();
            let wake_at = self.wake_at;
            tokio::select! {
                biased;
                Ok(()) = interrupt.changed(), if self.core.stopped().is_none() => {
                    if *interrupt.borrow_and_update() {
                        self.tell(Event::Interrupted);
                    }
                }
                Some((event, failure)) = self.steps.next(), if !is_idle => {
                    self.note(failure.map(RunError::from));
                    self.tell(event);
                }
                ready = prepared.next(), if self.is_fetching => {
                    let event = self.fetched(ready);
                    self.tell(event);
                }
                () = tokio::time::sleep_until(wake_at.unwrap_or_else(tokio::time::Instant::now)), if wake_at.is_some() => {
                    self.wake_at = None;
                    self.tell(Event::Woke);
                }
                _ = heart.tick() => {}
            }
        }
    }

    fn tell(&mut self, event: Event) {
        for command in self.core.on(event, self.clock.now()) {
            self.carry_out(command);
        }
        self.progress.send_modify(|shown| shown.clone_from(self.core.shown()));
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::FetchRow => self.is_fetching = true,
            Command::Reserve { row, at } => {
                self.begin(row, |caller, question| Box::pin(caller.reserve(question, at)));
            }
            Command::Send { row, intent } => {
                self.begin(row, |caller, question| Box::pin(caller.send(question, intent)));
            }
            Command::Record { row, intent, answer } => {
                self.begin(row, |caller, _| Box::pin(caller.record(row, intent, answer)));
            }
            Command::Forget(row) => drop(self.questions.remove(&row)),
            Command::WakeAt(since_start) => self.wake_at = Some(self.clock.at(since_start)),
            Command::End => self.is_over = true,
        }
    }

    fn begin(&mut self, row: RowNumber, step: impl FnOnce(Caller, Arc<Question>) -> Step) {
        if let Some(question) = self.questions.get(&row) {
            self.steps.push(step(self.caller.clone(), Arc::clone(question)));
        }
    }

    fn fetched(&mut self, ready: Option<Result<Ready, RunError>>) -> Event {
        self.is_fetching = false;
        match ready {
            None => Event::RowsEnded,
            Some(Err(error)) => {
                self.note(Some(error));
                Event::RowsFailed
            }
            Some(Ok(Ready::Refused)) => Event::RowRefused,
            Some(Ok(Ready::NotDue(standing))) => Event::RowNotDue(standing),
            Some(Ok(Ready::Ask(question))) => {
                let row = question.row;
                self.questions.insert(row, Arc::from(question));
                Event::RowReady(row)
            }
        }
    }

    /// Keeps the first failure.
    fn note(&mut self, failure: Option<RunError>) {
        self.failure = self.failure.take().or(failure);
    }
}
