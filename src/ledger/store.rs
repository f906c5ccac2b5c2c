//! The ledger as one owner sees it: open, look up, write down, commit.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::LedgerError;
use super::key::{self, LedgerKey, PathMark, Person, PhotoMark, Subject};
use super::lock::Lock;
use super::rows::{self, Unreadable};
use super::schema::{self, Found};
use super::totals::{self, Counts, Totals};
use crate::domain::answer::Answer;
use crate::domain::decide::{AskPolicy, Attempt, IntentId, RunId, Standing, Verdict, standing};

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
        f.write_str(match self {
            Self::Sandbox => "the built-in sandbox",
            Self::ThisMachine => "an endpoint on this machine",
            Self::Remote => "an endpoint elsewhere",
        })
    }
}

/// What the ledger remembers of a photo's path, as an index of a version control system does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPhoto {
    /// Length of the file, in bytes.
    pub size_bytes: u64,
    /// When its content last changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// When its inode last changed, in nanoseconds since 1970.
    pub changed_ns: i64,
    /// The bytes that it had then.
    pub photo: PhotoMark,
}

/// What preparing a photo showed, worth keeping so that the output says it again without the photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoJudgement {
    /// The version of the preparer that judged.
    pub preparer: u32,
    /// Code and sentence of the rejection, if it was rejected.
    pub rejection: Option<(String, String)>,
    /// Warnings, as the output shows them; may be empty.
    pub warnings: String,
}

/// What came of asking for an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Written down: the call may start once this is committed.
    Intent(IntentId),
    /// The subject is not due any more.
    NotDue(Standing),
}

/// An open ledger, held against every other process.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    key: LedgerKey,
    path: PathBuf,
    _lock: Lock,
}

impl Ledger {
    /// Opens a ledger with its key, and makes both on first use where that is allowed.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`]: held by another process, missing, without its key, with another's key,
    /// damaged, or of a newer schema.
    pub fn open(path: &Path, key_path: &Path, access: Access) -> Result<Self, LedgerError> {
        let io = |source| LedgerError::Io { path: path.to_owned(), source };
        if path.is_dir() {
            return Err(io(std::io::ErrorKind::IsADirectory.into()));
        }
        let exists = path.try_exists().map_err(io)?;
        if !exists && access == Access::ExistingOnly {
            return Err(LedgerError::Missing { path: path.to_owned() });
        }
        let lock = Lock::take(path)?;
        let holds_data = exists && path.metadata().map_err(io)?.len() > 0;
        let key = match (key_path.try_exists(), holds_data) {
            (Ok(false), true) => {
                return Err(LedgerError::KeyMissing { ledger: path.to_owned(), key: key_path.to_owned() });
            }
            (Ok(false), false) => LedgerKey::create(key_path)?,
            (Ok(true) | Err(_), _) => LedgerKey::load(key_path)?,
        };
        if !exists {
            key::create_private(path).map_err(io)?;
        }
        let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(sql)?;
        schema::hold(&connection).map_err(sql)?;
        // Told apart before anything is configured: setting the journal mode would write to the file.
        match schema::recognise(&connection, path)? {
            Found::Empty => {
                schema::configure(&connection).map_err(sql)?;
                schema::create(&mut connection, &key).map_err(sql)?;
            }
            Found::Ledger => schema::configure(&connection).map_err(sql)?,
        }
        let ledger = Self { connection, key, path: path.to_owned(), _lock: lock };
        ledger.check_key(key_path)?;
        Ok(ledger)
    }

    fn check_key(&self, key_path: &Path) -> Result<(), LedgerError> {
        let stored: Option<[u8; 16]> = self
            .connection
            .query_row("SELECT value FROM setting WHERE name = 'key_check'", [], |row| row.get(0))
            .optional()
            .map_err(|source| self.sql(source))?;
        if stored == Some(self.key.check()) {
            Ok(())
        } else {
            Err(LedgerError::KeyOfAnother { ledger: self.path.clone(), key: key_path.to_owned() })
        }
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
            None => self
                .connection
                .execute("INSERT INTO setting (name, value) VALUES ('endpoint', ?1)", [wanted.word()])
                .map(|_| ())
                .map_err(|source| self.sql(source)),
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
        self.connection
            .execute(
                "INSERT INTO run (started, pid, program) VALUES (?1, ?2, ?3)",
                params![now.as_millisecond(), std::process::id(), env!("CARGO_PKG_VERSION")],
            )
            .map_err(|source| self.sql(source))?;
        Ok(RunId(self.connection.last_insert_rowid()))
    }

    /// Everything that is known of a subject, oldest first.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read, or is damaged.
    pub fn history(&self, subject: Subject) -> Result<Vec<Attempt>, LedgerError> {
        rows::history(&self.connection, subject).map_err(|error| self.unreadable(error))
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
        let query = "SELECT size_bytes, modified_ns, changed_ns, photo FROM photo_path WHERE path = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(KnownPhoto {
                size_bytes: row.get(0)?,
                modified_ns: row.get(1)?,
                changed_ns: row.get(2)?,
                photo: PhotoMark(row.get(3)?),
            })
        };
        let mut statement = self.connection.prepare_cached(query).map_err(|source| self.sql(source))?;
        statement.query_row([path.0], read).optional().map_err(|source| self.sql(source))
    }

    /// What preparing a photo showed, if it was worth keeping.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn judgement_of(&self, photo: PhotoMark) -> Result<Option<PhotoJudgement>, LedgerError> {
        let query = "SELECT preparer, code, reason, warnings FROM photo_judgement WHERE photo = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            let code: Option<String> = row.get(1)?;
            let reason: Option<String> = row.get(2)?;
            Ok(PhotoJudgement { preparer: row.get(0)?, rejection: code.zip(reason), warnings: row.get(3)? })
        };
        let mut statement = self.connection.prepare_cached(query).map_err(|source| self.sql(source))?;
        statement.query_row([photo.0], read).optional().map_err(|source| self.sql(source))
    }

    /// Remembers which bytes are at a path. Lost in a crash, it costs one more reading of the file.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn remember_photo(&self, path: PathMark, known: &KnownPhoto) -> Result<(), LedgerError> {
        let insert = "INSERT OR REPLACE INTO photo_path (path, size_bytes, modified_ns, changed_ns, photo)
                      VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![path.0, known.size_bytes, known.modified_ns, known.changed_ns, known.photo.0];
        self.execute(insert, values)
    }

    /// Remembers what preparing a photo showed.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn remember_judgement(&self, photo: PhotoMark, judged: &PhotoJudgement) -> Result<(), LedgerError> {
        let insert = "INSERT OR REPLACE INTO photo_judgement (photo, preparer, code, reason, warnings)
                      VALUES (?1, ?2, ?3, ?4, ?5)";
        let (code, reason) = judged.rejection.clone().unzip();
        self.execute(insert, params![photo.0, judged.preparer, code, reason, judged.warnings])
    }

    /// Writes an intent down if the subject is due, in the same transaction that looked.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read or written.
    pub fn reserve(
        &self,
        subject: Subject,
        policy: &AskPolicy,
        run: RunId,
        now: Timestamp,
    ) -> Result<Reserved, LedgerError> {
        let despite = match standing(&self.history(subject)?, policy, run) {
            Standing::Due => Vec::new(),
            Standing::DueDespite(doubts) => doubts,
            other => return Ok(Reserved::NotDue(other)),
        };
        for doubt in despite {
            let why = "--in-doubt resend";
            rows::insert_resolution(&self.connection, doubt, Verdict::Resend, "operator", why, now)
                .map_err(|source| self.sql(source))?;
        }
        let intent =
            rows::insert_intent(&self.connection, subject, run, now).map_err(|source| self.sql(source))?;
        Ok(Reserved::Intent(intent))
    }

    /// Writes the answer to an intent down.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written, or the intent has its answer already.
    pub fn record(&self, intent: IntentId, answer: &Answer) -> Result<(), LedgerError> {
        rows::insert_answer(&self.connection, intent, answer).map_err(|source| self.sql(source))
    }

    /// Settles a doubt, or allows a resend.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be written.
    pub fn resolve(
        &self,
        intent: IntentId,
        verdict: Verdict,
        who: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        rows::insert_resolution(&self.connection, intent, verdict, who, why, now)
            .map_err(|source| self.sql(source))
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

    /// Begins a group of writes.
    pub(super) fn begin(&self) -> Result<(), LedgerError> {
        self.execute("BEGIN IMMEDIATE", [])
    }

    /// Ends a group of writes; when it returns, they last.
    pub(super) fn commit(&self) -> Result<(), LedgerError> {
        self.execute("COMMIT", [])
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
