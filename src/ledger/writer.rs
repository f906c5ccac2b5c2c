//! The thread that owns the ledger during a run, and the handle that others speak to it through.
//!
//! What has arrived while one commit was being written shares the next one. Nobody is answered before
//! the commit that carries the answer is on the disk. A commit that fails is never tried again: what
//! the disk holds is then unknown, so every later request fails too and no call is started.

use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::LedgerError;
use super::cache::{KnownPhoto, PhotoJudgement};
use super::key::{LedgerKey, PathMark, PhotoMark, Subject};
use super::store::{Ledger, Reserved};
use crate::domain::answer::Answer;
use crate::domain::decide::{AskPolicy, IntentId, RunId};

/// How many requests may wait for the thread.
const QUEUE: usize = 1024;

/// How many requests share a commit at most.
const GROUP: usize = 512;

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
    /// Moves a ledger into a thread of its own.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if the system has no thread to give.
    pub fn start(ledger: Ledger) -> Result<(Self, LedgerHandle), LedgerError> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let handle = LedgerHandle { sender, key: ledger.key().clone() };
        let path = ledger.path().to_owned();
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serve(ledger, receiver))
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
    Reserved(Reply<Reserved>, Reserved),
    Recorded(Reply<()>),
}

impl Waiting {
    fn answer(self, committed: bool) {
        // An asker who has gone needs no answer.
        match self {
            Self::Reserved(reply, reserved) => {
                let _ = reply.send(if committed { Ok(reserved) } else { Err(LedgerError::Failed) });
            }
            Self::Recorded(reply) => {
                let _ = reply.send(if committed { Ok(()) } else { Err(LedgerError::Failed) });
            }
        }
    }
}

fn serve(mut ledger: Ledger, mut requests: mpsc::Receiver<Request>) -> Result<Ledger, LedgerError> {
    let mut group = Vec::new();
    while requests.blocking_recv_many(&mut group, GROUP) > 0 {
        commit_group(&mut ledger, &mut group)?; // Dropping the receiver refuses whatever comes later.
    }
    ledger.checkpoint()?;
    Ok(ledger)
}

fn commit_group(ledger: &mut Ledger, group: &mut Vec<Request>) -> Result<(), LedgerError> {
    let mut waiting = Vec::new();
    let done = write_group(ledger, group, &mut waiting);
    for reply in waiting {
        reply.answer(done.is_ok());
    }
    done
}

fn write_group(
    ledger: &mut Ledger,
    group: &mut Vec<Request>,
    waiting: &mut Vec<Waiting>,
) -> Result<(), LedgerError> {
    let mut has_begun = false;
    for request in group.drain(..) {
        if !has_begun && !matches!(request, Request::Look(_)) {
            ledger.begin()?;
            has_begun = true;
        }
        match request {
            Request::Look(look) => look(ledger),
            Request::Reserve { subject, policy, run, now, reply } => {
                let reserved = ledger.reserve(subject, &policy, run, now)?;
                waiting.push(Waiting::Reserved(reply, reserved));
            }
            Request::Record { intent, answer, reply } => {
                ledger.record(intent, &answer)?;
                waiting.push(Waiting::Recorded(reply));
            }
            Request::RememberPhoto { path, known } => ledger.remember_photo(path, &known)?,
            Request::RememberJudgement { photo, judged } => ledger.remember_judgement(photo, &judged)?,
        }
    }
    if has_begun { ledger.commit() } else { Ok(()) }
}
