//! The thread that owns the ledger during a run, and the handle that others speak to it through.
//!
//! What has arrived while one commit was being written shares the next one. Nobody is answered before
//! the commit that carries the answer is on the disk. A commit that fails is never tried again: what
//! the disk holds is then unknown, so every later request fails too and no call is started. The answers to
//! the calls in flight go into the reserve ([`super::reserve_file`]).

use std::collections::HashMap;
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::LedgerError;
use super::cache::{KnownPhoto, PhotoJudgement};
use super::key::{LedgerKey, PathMark, PhotoMark, Subject};
use super::reserve_file::{Kept, Named, ReserveFile};
use super::store::{Ledger, Reserved};
use crate::domain::answer::{Answer, Class};
use crate::domain::decide::{AskPolicy, IntentId, RunId, Standing};

/// How many requests may wait for the thread.
const QUEUE: usize = 1024;

/// How many requests share a commit at most.
const GROUP: usize = 512;

/// What is said of an intent whose commit failed, so that its call was not made.
const NEVER_SENT: &str = "the ledger failed before the call was sent";

type Reply<T> = oneshot::Sender<Result<T, LedgerError>>;

enum Request {
    Look(Box<dyn FnOnce(&Ledger) + Send>),
    Reserve { subject: Subject, policy: AskPolicy, run: RunId, now: Timestamp, reply: Reply<Reserved> },
    Record { intent: IntentId, answer: Box<Answer>, reply: Reply<()> },
    RememberPhoto { path: PathMark, known: KnownPhoto },
    RememberJudgement { photo: PhotoMark, judged: PhotoJudgement },
}

/// The ledger's thread; joined to get the ledger back.
#[derive(Debug)]
pub struct LedgerThread {
    thread: JoinHandle<Result<Ledger, LedgerError>>,
}

impl LedgerThread {
    /// Moves a ledger into a thread of its own, with room in reserve for the answers to so many calls in
    /// flight.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if there is no such room, or the system has no thread to give.
    pub fn start(ledger: Ledger, in_flight: u32) -> Result<(Self, LedgerHandle), LedgerError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let handle = LedgerHandle { sender, key: ledger.key().clone() };
        let path = ledger.path().to_owned();
        let reserve = ReserveFile::take(&path, ledger.key().reserve.clone(), in_flight)?;
        let writer = Writer { ledger, reserve, open: HashMap::new() };
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.serve(receiver))
            .map_err(|source| LedgerError::Io { path, source })?;
        Ok((Self { thread }, handle))
    }

    /// Waits until every handle is gone and the last commit is done.
    ///
    /// # Errors
    ///
    /// The first failure that the thread met, which may have lost what was handed over without waiting.
    pub fn join(self) -> Result<Ledger, LedgerError> {
        self.thread.join().unwrap_or(Err(LedgerError::Failed))
    }
}

/// Speaks to the ledger's thread: records intents and answers, and looks facts up.
#[derive(Clone, Debug)]
pub struct LedgerHandle {
    sender: mpsc::Sender<Request>,
    key: LedgerKey,
}

impl LedgerHandle {
    /// The key under which the ledger's hashes are made.
    pub fn key(&self) -> &LedgerKey {
        &self.key
    }

    /// Asks for an intent. Once this returns one, it is durable and the call may start.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read or written: then the call must not start.
    pub async fn reserve(
        &self,
        subject: Subject,
        policy: AskPolicy,
        run: RunId,
        now: Timestamp,
    ) -> Result<Reserved, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Reserve { subject, policy, run, now, reply }).await?;
        answer.await.unwrap_or(Err(LedgerError::Failed))
    }

    /// Records the answer to an intent. Once this returns, it is durable.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written: then the intent stays in doubt.
    pub async fn record(&self, intent: IntentId, answer: Answer) -> Result<(), LedgerError> {
        let (reply, done) = oneshot::channel();
        self.send(Request::Record { intent, answer: Box::new(answer), reply }).await?;
        done.await.unwrap_or(Err(LedgerError::Failed))
    }

    /// Runs a look-up on the ledger's thread.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Ledger) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, found) = oneshot::channel();
        let request = Request::Look(Box::new(move |ledger| {
            // Nobody is left to tell if the asker has gone.
            let _ = reply.send(look(ledger));
        }));
        self.send(request).await?;
        found.await.unwrap_or(Err(LedgerError::Failed))
    }

    /// Has a photo's path remembered, some time soon.
    ///
    /// # Errors
    ///
    /// If the ledger's thread has ended.
    pub async fn remember_photo(&self, path: PathMark, known: KnownPhoto) -> Result<(), LedgerError> {
        self.send(Request::RememberPhoto { path, known }).await
    }

    /// Has a judgement on a photo remembered, some time soon.
    ///
    /// # Errors
    ///
    /// If the ledger's thread has ended.
    pub async fn remember_judgement(
        &self,
        photo: PhotoMark,
        judged: PhotoJudgement,
    ) -> Result<(), LedgerError> {
        self.send(Request::RememberJudgement { photo, judged }).await
    }

    async fn send(&self, request: Request) -> Result<(), LedgerError> {
        self.sender.send(request).await.map_err(|_| LedgerError::Failed)
    }
}

/// A reply that waits for its commit.
enum Waiting {
    Reserved(Reply<Reserved>, Named),
    NotDue(Reply<Reserved>, Standing),
    Recorded(Reply<()>, IntentId, Box<Answer>),
}

/// The thread: the ledger, the reserve, and the intents whose answers are still to come.
struct Writer {
    ledger: Ledger,
    reserve: ReserveFile,
    open: HashMap<IntentId, Named>,
}

impl Writer {
    fn serve(mut self, mut requests: mpsc::Receiver<Request>) -> Result<Ledger, LedgerError> {
        let mut group = Vec::new();
        while requests.blocking_recv_many(&mut group, GROUP) > 0 {
            if let Err(error) = self.commit_group(&mut group) {
                self.outlast(group, requests);
                return Err(error);
            }
        }
        self.ledger.checkpoint()?;
        self.reserve.give_back()?;
        Ok(self.ledger)
    }

    /// Commits what arrived together. What is left in the group after a failure was not looked at.
    fn commit_group(&mut self, group: &mut Vec<Request>) -> Result<(), LedgerError> {
        let mut waiting = Vec::new();
        let done = self.write_group(group, &mut waiting);
        if done.is_err() {
            self.keep_what_waited(&waiting);
        }
        for reply in waiting {
            self.answer(reply, done.is_ok());
        }
        done
    }

    fn write_group(
        &mut self,
        group: &mut Vec<Request>,
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), LedgerError> {
        let ledger = &mut self.ledger;
        let mut requests = std::mem::take(group).into_iter();
        let mut has_begun = false;
        let mut write = |request: Request| -> Result<(), LedgerError> {
            if !has_begun && !matches!(request, Request::Look(_)) {
                has_begun = true;
                ledger.begin()?;
            }
            match request {
                Request::Look(look) => look(ledger),
                Request::Reserve { subject, policy, run, now, reply } => {
                    waiting.push(match ledger.reserve(subject, &policy, run, now)? {
                        Reserved::Intent(intent) => {
                            Waiting::Reserved(reply, Named { intent, run, subject, asked_at: now })
                        }
                        Reserved::NotDue(standing) => Waiting::NotDue(reply, standing),
                    });
                }
                Request::Record { intent, answer, reply } => {
                    let recorded = ledger.record(intent, &answer);
                    waiting.push(Waiting::Recorded(reply, intent, answer));
                    recorded?;
                }
                Request::RememberPhoto { path, known } => ledger.remember_photo(path, &known)?,
                Request::RememberJudgement { photo, judged } => ledger.remember_judgement(photo, &judged)?,
            }
            Ok(())
        };
        let written = requests.by_ref().try_for_each(&mut write);
        group.extend(requests);
        written?;
        if has_begun { self.ledger.commit() } else { Ok(()) }
    }

    /// Tells an asker what came of the commit. One who has gone needs no answer.
    fn answer(&mut self, waiting: Waiting, committed: bool) {
        match waiting {
            Waiting::Reserved(reply, named) => {
                if committed {
                    self.open.insert(named.intent, named);
                }
                let _ = reply.send(if committed {
                    Ok(Reserved::Intent(named.intent))
                } else {
                    Err(LedgerError::Failed)
                });
            }
            Waiting::NotDue(reply, standing) => {
                let _ = reply.send(if committed {
                    Ok(Reserved::NotDue(standing))
                } else {
                    Err(LedgerError::Failed)
                });
            }
            Waiting::Recorded(reply, intent, _) => {
                self.open.remove(&intent);
                let _ = reply.send(if committed { Ok(()) } else { Err(LedgerError::Failed) });
            }
        }
    }

    /// Keeps what a failed commit held: answers, and that no call was sent for its intents, which may have
    /// lasted or not.
    fn keep_what_waited(&mut self, waiting: &[Waiting]) {
        let now = Timestamp::now();
        let kept = waiting.iter().filter_map(|waiting| match waiting {
            Waiting::Reserved(_, named) => {
                let answer = Answer::without_reply(Class::NotSent, NEVER_SENT, now);
                Some(Kept { of: *named, answer })
            }
            Waiting::NotDue(..) => None,
            Waiting::Recorded(_, intent, answer) => {
                let of = *self.open.get(intent)?;
                Some(Kept { of, answer: Answer::clone(answer) })
            }
        });
        let kept: Vec<Kept> = kept.collect();
        self.keep(&kept);
    }

    /// After a failure: keeps the answers to the calls in flight as they come in, until nobody is left who
    /// could hand one over. Everything else is refused by letting go of its reply.
    fn outlast(&mut self, mut group: Vec<Request>, mut requests: mpsc::Receiver<Request>) {
        loop {
            let mut kept = Vec::new();
            let mut refused = Vec::new();
            for request in group.drain(..) {
                if let Request::Record { intent, answer, reply } = request {
                    kept.extend(self.open.remove(&intent).map(|of| Kept { of, answer: *answer }));
                    refused.push(reply);
                }
            }
            self.keep(&kept);
            for reply in refused {
                let _ = reply.send(Err(LedgerError::Failed));
            }
            if requests.blocking_recv_many(&mut group, GROUP) == 0 {
                return;
            }
        }
    }

    fn keep(&mut self, kept: &[Kept]) {
        if kept.is_empty() {
            return;
        }
        match self.reserve.keep(kept) {
            Ok(()) => tracing::warn!(answers = kept.len(), "kept in reserve: the ledger has failed"),
            // Then they stay in doubt, which is what the ledger says of them already.
            Err(error) => tracing::error!(answers = kept.len(), %error, "lost: the reserve failed too"),
        }
    }
}
