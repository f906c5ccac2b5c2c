//! The ledger as one owner sees it: open, look up, write down, commit.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};

use super::LedgerError;
use super::anchor::{Anchor, Place};
use super::cache::{self, KnownPhoto, PhotoJudgement};
use super::chain::{self, Head, Reach};
use super::key::{LedgerKey, PathMark, Person, PhotoMark, Subject};
use super::lock::Lock;
use super::open::Opened;
use super::reserve_file::{self, Kept};
use super::rows::{self, Rollback, Unreadable};
use super::totals::{self, Counts, Totals};
use crate::domain::answer::Answer;
use crate::domain::decide::{AskPolicy, History, IntentId, Lost, RunId, Standing, Verdict, standing};
use crate::say;

/// How many pages may gather in the `-wal` file before they are brought over into the ledger.
const CHECKPOINT_PAGES: i32 = 1000;

/// Whether a ledger may be made where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Make it, and its key, on first use.
    CreateIfMissing,
    /// Only an existing one will do.
    ExistingOnly,
}

/// Whose answers a ledger holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// The built-in imitation: its answers are made up.
    Sandbox,
    /// An endpoint on this machine, which may be an imitation too.
    ThisMachine,
    /// An endpoint elsewhere.
    Remote,
}

impl EndpointKind {
    const ALL: [Self; 3] = [Self::Sandbox, Self::ThisMachine, Self::Remote];

    const fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::ThisMachine => "this machine",
            Self::Remote => "remote",
        }
    }
}

impl fmt::Display for EndpointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Sandbox => say!("endpoint-sandbox"),
            Self::ThisMachine => say!("endpoint-this-machine"),
            Self::Remote => say!("endpoint-remote"),
        })
    }
}

/// What came of asking for an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Written down: the call may start once this is committed.
    Intent(IntentId),
    /// The subject is not due any more.
    NotDue(Standing),
}

/// An open ledger, verified from its first row to its last, and held against every other process.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    key: LedgerKey,
    path: PathBuf,
    anchor: Anchor,
    head: Head,
    rollback: Option<Rollback>,
    /// Pages in the `-wal` file, as `SQLite` counted them at the last commit.
    wal_pages: Arc<AtomicI32>,
    _lock: Lock,
}

impl Ledger {
    /// Opens a ledger with its key, and makes both on first use where that is allowed. Reads all of it, and
    /// compares it with its chain and its anchor.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`]: held by another process, missing, without its key, with another's key,
    /// damaged, changed, older than it was, or of a newer schema.
    pub fn open(path: &Path, key_path: &Path, access: Access) -> Result<Self, LedgerError> {
        let opened = Opened::new(path, key_path, access)?;
        let examined = opened.examine()?;
        if let Some(fault) = examined.faults.into_iter().next() {
            return Err(LedgerError::Unsound { path: path.to_owned(), fault });
        }
        Self::begin_with(opened, examined.head)
    }

    /// Goes on with what was found to be right.
    pub(super) fn begin_with(opened: Opened, head: Head) -> Result<Self, LedgerError> {
        opened.trust()?;
        let wal_pages = Arc::new(AtomicI32::new(0));
        let counted = Arc::clone(&wal_pages);
        let Opened { mut connection, key, path, anchor, lock, kept, .. } = opened;
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            Ok(())
        };
        // In the place of SQLite's own checkpoints: the anchor moves with each.
        connection.wal_hook(Some(hook)).map_err(|source| LedgerError::Sql { path: path.clone(), source })?;
        let mut ledger = Self { connection, key, path, anchor, head, rollback: None, wal_pages, _lock: lock };
        ledger.rollback = rows::rollback(&ledger.connection).map_err(|error| ledger.unreadable(error))?;
        ledger.bring_over(&kept)?;
        ledger.checkpoint()?;
        Ok(ledger)
    }

    /// The key under which this ledger's hashes are made.
    pub fn key(&self) -> &LedgerKey {
        &self.key
    }

    /// Where the ledger is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Binds the ledger to one kind of endpoint for good.
    ///
    /// # Errors
    ///
    /// [`LedgerError::OtherEndpoint`] if it has been used with the other kind.
    pub fn bind(&mut self, wanted: EndpointKind) -> Result<(), LedgerError> {
        match self.bound_to()? {
            Some(bound) if bound == wanted => Ok(()),
            Some(bound) => Err(LedgerError::OtherEndpoint { path: self.path.clone(), bound, wanted }),
            None => self.in_a_group(|ledger| {
                ledger.execute("INSERT INTO setting (name, value) VALUES ('endpoint', ?1)", [wanted.word()])
            }),
        }
    }

    /// The kind of endpoint whose answers the ledger holds, once there was one.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn bound_to(&self) -> Result<Option<EndpointKind>, LedgerError> {
        let word: Option<String> = self
            .connection
            .query_row("SELECT value FROM setting WHERE name = 'endpoint'", [], |row| row.get(0))
            .optional()
            .map_err(|source| self.sql(source))?;
        match word {
            None => Ok(None),
            Some(word) => match EndpointKind::ALL.into_iter().find(|kind| kind.word() == word) {
                Some(kind) => Ok(Some(kind)),
                None => {
                    Err(LedgerError::Damaged { path: self.path.clone(), what: "its endpoint is unknown" })
                }
            },
        }
    }

    /// Writes down that a run begins.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn begin_run(&mut self, now: Timestamp) -> Result<RunId, LedgerError> {
        self.in_a_group(|ledger| {
            ledger.execute(
                "INSERT INTO run (started, pid, program) VALUES (?1, ?2, ?3)",
                params![now.as_millisecond(), std::process::id(), env!("CARGO_PKG_VERSION")],
            )?;
            Ok(RunId(ledger.connection.last_insert_rowid()))
        })
    }

    /// Everything that is known of a subject, oldest first.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read, or is damaged.
    pub fn history(&self, subject: Subject) -> Result<History, LedgerError> {
        let attempts = rows::history(&self.connection, subject).map_err(|error| self.unreadable(error))?;
        Ok(History { attempts, ..self.history_of_a_stranger() })
    }

    /// What is known of a subject about which nothing is: that calls may be lost.
    pub fn history_of_a_stranger(&self) -> History {
        History { attempts: Vec::new(), lost: self.rollback.map(|rollback| rollback.lost) }
    }

    /// Says whether anything was ever asked about a person, with whatever photo.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn knows(&self, person: Person) -> Result<bool, LedgerError> {
        let query = "SELECT EXISTS (SELECT 1 FROM intent WHERE subject BETWEEN ?1 AND ?2)";
        let mut statement = self.connection.prepare_cached(query).map_err(|source| self.sql(source))?;
        statement.query_row(person.range(), |row| row.get(0)).map_err(|source| self.sql(source))
    }

    /// What is remembered of the photo at a path.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn photo_at(&self, path: PathMark) -> Result<Option<KnownPhoto>, LedgerError> {
        cache::photo_at(&self.connection, &self.key.cache, path).map_err(|source| self.sql(source))
    }

    /// What preparing a photo showed, if it was worth keeping.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn judgement_of(&self, photo: PhotoMark) -> Result<Option<PhotoJudgement>, LedgerError> {
        cache::judgement_of(&self.connection, &self.key.cache, photo).map_err(|source| self.sql(source))
    }

    /// Remembers which bytes are at a path. Lost in a crash, it costs one more reading of the file.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn remember_photo(&self, path: PathMark, known: &KnownPhoto) -> Result<(), LedgerError> {
        cache::remember_photo(&self.connection, &self.key.cache, path, known)
            .map_err(|source| self.sql(source))
    }

    /// Remembers what preparing a photo showed.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn remember_judgement(&self, photo: PhotoMark, judged: &PhotoJudgement) -> Result<(), LedgerError> {
        cache::remember_judgement(&self.connection, &self.key.cache, photo, judged)
            .map_err(|source| self.sql(source))
    }

    /// Writes an intent down if the subject is due, in the same transaction that looked.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read or written.
    pub fn reserve(
        &mut self,
        subject: Subject,
        policy: &AskPolicy,
        run: RunId,
        now: Timestamp,
    ) -> Result<Reserved, LedgerError> {
        let history = self.history(subject)?;
        let doubts = match standing(&history, policy, run) {
            Standing::Due => Vec::new(),
            Standing::DueDespite(doubts) => doubts,
            other => return Ok(Reserved::NotDue(other)),
        };
        let despite =
            self.rollback.filter(|_| history.may_lack_a_call().is_some()).map(|rollback| rollback.id);
        self.in_a_group(|ledger| {
            for doubt in doubts {
                ledger.resolve(doubt, Verdict::Resend, "operator", "--in-doubt resend", now)?;
            }
            rows::insert_intent(&ledger.connection, subject, run, despite, now)
                .map(Reserved::Intent)
                .map_err(|source| ledger.sql(source))
        })
    }

    /// Writes the answer to an intent down.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written, or the intent has its answer already.
    pub fn record(&mut self, intent: IntentId, answer: &Answer) -> Result<(), LedgerError> {
        self.in_a_group(|ledger| {
            rows::insert_answer(&ledger.connection, intent, answer).map_err(|source| ledger.sql(source))
        })
    }

    /// Settles a doubt, or allows a resend.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn resolve(
        &mut self,
        intent: IntentId,
        verdict: Verdict,
        who: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        self.in_a_group(|ledger| {
            rows::insert_resolution(&ledger.connection, intent, verdict, who, why, now)
                .map_err(|source| ledger.sql(source))
        })
    }

    /// Counts the calls of one day of Asia/Shanghai.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn counts_of_day(&self, day: Date) -> Result<Counts, LedgerError> {
        totals::counts_of_day(&self.connection, day).map_err(|source| self.sql(source))
    }

    /// Counts the calls of runs that broke off before they could record an answer, and about which nobody
    /// has said anything yet. Only before this run's first call are these all orphans.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn orphans(&self) -> Result<u64, LedgerError> {
        totals::orphans(&self.connection).map_err(|source| self.sql(source))
    }

    /// Counts everything.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read, or is damaged.
    pub fn totals(&self, today: Date) -> Result<Totals, LedgerError> {
        totals::totals(&self.connection, today).map_err(|error| self.unreadable(error))
    }

    /// Reads with a query of this folder's.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        query(&self.connection).map_err(|source| self.sql(source))
    }

    /// Brings everything into the ledger's main file and moves the anchor up to it, so that nothing rests on
    /// the `-wal` file any more.
    ///
    /// # Errors
    ///
    /// If the ledger or its anchor cannot be written.
    pub fn checkpoint(&mut self) -> Result<(), LedgerError> {
        self.or_give_up(|ledger| {
            let query = "PRAGMA wal_checkpoint(PASSIVE)";
            let busy: i64 = ledger
                .connection
                .query_row(query, [], |row| row.get(0))
                .map_err(|source| ledger.sql(source))?;
            if busy != 0 {
                let failed = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
                return Err(ledger.sql(rusqlite::Error::SqliteFailure(failed, None)));
            }
            ledger.wal_pages.store(0, Ordering::Relaxed);
            ledger.anchor.replace(Place::from(&ledger.head))
        })
    }

    /// Reads with a query that looks at values too.
    pub(super) fn read_with(
        &self,
        query: impl FnOnce(&Connection) -> Result<(), Unreadable>,
    ) -> Result<(), LedgerError> {
        query(&self.connection).map_err(|error| self.unreadable(error))
    }

    /// Writes a word on what is lost down, inside a group.
    pub(super) fn insert_rollback(
        &mut self,
        verdict: &str,
        lost: &Lost,
        who: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        rows::insert_rollback(&self.connection, verdict, lost, who, why, now)
            .map_err(|source| self.sql(source))?;
        self.rollback = rows::rollback(&self.connection).map_err(|error| self.unreadable(error))?;
        Ok(())
    }

    /// Brings what an earlier run kept in reserve into the ledger, and removes the reserve. What is here
    /// already is left alone.
    fn bring_over(&mut self, kept: &[Kept]) -> Result<(), LedgerError> {
        if !kept.is_empty() {
            self.in_a_group(|ledger| {
                for Kept { of, answer } in kept {
                    let known =
                        rows::intent(&ledger.connection, of.intent).map_err(|source| ledger.sql(source))?;
                    let named = (of.run, of.subject, of.asked_at.as_millisecond(), false);
                    if known == Some(named) {
                        ledger.record(of.intent, answer)?;
                    }
                }
                Ok(())
            })?;
        }
        reserve_file::remove(&self.path)
    }

    /// Begins a group of writes.
    pub(super) fn begin(&self) -> Result<(), LedgerError> {
        self.execute("BEGIN IMMEDIATE", [])
    }

    /// Ends a group of writes: when it returns, they last, they are under the chain, and the anchor says so.
    pub(super) fn commit(&mut self) -> Result<(), LedgerError> {
        self.or_give_up(|ledger| {
            let sealed = chain::seal(&ledger.connection, &ledger.key.chain, &ledger.head, Reach::SinceLast)
                .map_err(|source| ledger.sql(source))?;
            ledger.execute("COMMIT", [])?;
            if let Some(head) = sealed {
                ledger.head = head;
                ledger.anchor.advance(Place::from(&head))?;
            }
            if ledger.wal_pages.load(Ordering::Relaxed) >= CHECKPOINT_PAGES {
                ledger.checkpoint()?;
            }
            Ok(())
        })
    }

    /// Writes as a group of its own, unless one has begun already.
    pub(super) fn in_a_group<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        if !self.connection.is_autocommit() {
            return write(self);
        }
        self.begin()?;
        match write(self) {
            Ok(written) => self.commit().map(|()| written),
            Err(error) => {
                // What the group has written goes with it; that it was refused is what counts.
                let _ = self.execute("ROLLBACK", []);
                Err(error)
            }
        }
    }

    /// After a failure nobody knows what the disk holds: then closing leaves the files as they are, and the
    /// next opening reads them anew.
    fn or_give_up<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let written = write(self);
        if written.is_err() {
            // It was accepted for this connection before, and the failure is what must be told.
            let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
        written
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), LedgerError> {
        let executed =
            self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        executed.map(|_| ()).map_err(|source| self.sql(source))
    }

    fn sql(&self, source: rusqlite::Error) -> LedgerError {
        LedgerError::Sql { path: self.path.clone(), source }
    }

    fn unreadable(&self, error: Unreadable) -> LedgerError {
        match error {
            Unreadable::Sql(source) => self.sql(source),
            Unreadable::Damaged(what) => LedgerError::Damaged { path: self.path.clone(), what },
        }
    }
}

#[cfg(test)]
mod tests;
