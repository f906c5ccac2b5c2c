//! Opening a ledger: what must be true of its files before a single call may be made.
//!
//! The files come into being in an order in which every crash leaves a state that goes on by itself: key,
//! anchor (at the beginning of the chain), ledger, tables. So a ledger without an anchor, or an anchor that
//! has moved on beside an empty ledger, was not left by a crash: somebody took a part of it away.
//!
//! What is refused is left as it is: nothing is written, and the `-wal` file is kept, until the whole chain
//! has been read and found to be right.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::LedgerError;
use super::anchor::{self, Anchor, Place};
use super::chain::{self, CHAINED, Head, INTENT};
use super::error::Fault;
use super::key::{self, LedgerKey, with_ending};
use super::lock::Lock;
use super::reserve_file::{self, Kept};
use super::rows;
use super::schema;
use super::store::Access;
use crate::domain::answer::Class;
use crate::domain::shanghai;

/// A ledger's files, locked and opened, and nothing said yet of whether they are right.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) key: LedgerKey,
    pub(super) path: PathBuf,
    pub(super) anchor: Anchor,
    pub(super) found: anchor::Found,
    pub(super) lock: Lock,
    /// Answers that an earlier run could not write into the ledger.
    pub(super) kept: Vec<Kept>,
}

/// What looking at every row showed.
pub(super) struct Examined {
    /// The newest group, as it stands there; verified if there is no fault.
    pub(super) head: Head,
    /// The link that the verification began with.
    pub(super) from: i64,
    /// What is wrong, the worst first.
    pub(super) faults: Vec<Fault>,
}

impl Opened {
    /// Locks and opens the files, and makes them on first use where that is allowed.
    pub(super) fn new(path: &Path, key_path: &Path, access: Access) -> Result<Self, LedgerError> {
        let io = |source| LedgerError::Io { path: path.to_owned(), source };
        if path.is_dir() {
            return Err(io(io::ErrorKind::IsADirectory.into()));
        }
        let exists = path.try_exists().map_err(io)?;
        let traces = traces(path);
        if !exists && access == Access::ExistingOnly && traces.is_empty() {
            return Err(LedgerError::Missing { path: path.to_owned() });
        }
        let lock = Lock::take(path)?;
        let holds_data = exists && path.metadata().map_err(io)?.len() > 0;
        let key = match key_path.try_exists() {
            Ok(false) if holds_data || !traces.is_empty() => {
                return Err(LedgerError::KeyMissing { ledger: path.to_owned(), key: key_path.to_owned() });
            }
            Ok(false) => LedgerKey::create(key_path)?,
            Ok(true) | Err(_) => LedgerKey::load(key_path)?,
        };
        let mut anchor = Anchor::of(path, key.anchor.clone());
        let mut found = anchor.read()?;
        if !holds_data {
            refuse_half(path, &anchor, found)?;
            if !exists && access == Access::ExistingOnly {
                return Err(LedgerError::Missing { path: path.to_owned() });
            }
            if found == anchor::Found::None {
                anchor.replace(Place::from(&Head::START))?;
                found = anchor.read()?;
            }
            if !exists {
                key::create_private(path).map_err(io)?;
            }
        }
        let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(sql)?;
        schema::hold(&connection).map_err(sql)?;
        let kept = reserve_file::read(path, &key.reserve)?;
        let mut opened = Self { connection, key, path: path.to_owned(), anchor, found, lock, kept };
        opened.complete(key_path)?;
        Ok(opened)
    }

    /// Makes the tables where there are none yet, and brings those of an older program up to date.
    fn complete(&mut self, key_path: &Path) -> Result<(), LedgerError> {
        // Told apart before anything is configured: setting the journal mode would write to the file.
        let found = schema::recognise(&self.connection, &self.path)?;
        let has_begun = match self.found {
            anchor::Found::None => false,
            anchor::Found::Unreadable => true,
            anchor::Found::At(place) => place.sequence > 0,
        };
        match found {
            schema::Found::Ledger => {
                schema::configure(&self.connection).map_err(|source| self.sql(source))?;
            }
            schema::Found::Empty | schema::Found::Unchained if has_begun => {
                let there = self.anchor.path().to_owned();
                return Err(LedgerError::Half { path: self.path.clone(), there });
            }
            schema::Found::Empty => self.fill(schema::create)?,
            schema::Found::Unchained => {
                self.check_key(key_path)?;
                self.refuse_damage()?;
                // Before the chain begins, so that a crash in between leaves no ledger without an anchor.
                self.anchor.replace(Place::from(&Head::START))?;
                self.fill(schema::migrate)?;
            }
        }
        self.check_key(key_path)
    }

    fn fill(
        &mut self,
        fill: impl Fn(&mut Connection, &LedgerKey, [u8; 16]) -> rusqlite::Result<Head>,
    ) -> Result<(), LedgerError> {
        let mut identity = [0; 16];
        getrandom::fill(&mut identity)
            .map_err(|error| LedgerError::Io { path: self.path.clone(), source: error.into() })?;
        let filled = schema::configure(&self.connection)
            .and_then(|()| fill(&mut self.connection, &self.key, identity));
        filled.map_err(|source| self.sql(source))?;
        self.found = self.anchor.read()?;
        Ok(())
    }

    fn check_key(&self, key_path: &Path) -> Result<(), LedgerError> {
        let query = "SELECT value FROM setting WHERE name = 'key_check'";
        let stored: rusqlite::Result<Option<[u8; 16]>> =
            self.connection.query_row(query, [], |row| row.get(0)).optional();
        match stored {
            Ok(Some(stored)) if stored == self.key.check() => Ok(()),
            Ok(_) => Err(LedgerError::KeyOfAnother { ledger: self.path.clone(), key: key_path.to_owned() }),
            Err(source) => Err(self.sql(source)),
        }
    }

    fn refuse_damage(&self) -> Result<(), LedgerError> {
        match self.damage(schema::first_damage_of_any)? {
            None => Ok(()),
            Some(fault) => Err(LedgerError::Unsound { path: self.path.clone(), fault }),
        }
    }

    fn damage(
        &self,
        first: impl Fn(&Connection) -> rusqlite::Result<Option<String>>,
    ) -> Result<Option<Fault>, LedgerError> {
        match first(&self.connection) {
            Ok(found) => Ok(found.map(|what| Fault::Damaged { what })),
            Err(error) => self.damage_of(error).map(Some),
        }
    }

    /// An error that says that the file is damaged is a finding, not a failure to look.
    fn damage_of(&self, error: rusqlite::Error) -> Result<Fault, LedgerError> {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                Ok(Fault::Damaged { what: error.to_string() })
            }
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Ok(Fault::Damaged { what: error.to_string() }),
            _ => Err(self.sql(error)),
        }
    }

    /// Reads everything, and compares it with its chain and its anchor.
    pub(super) fn examine(&self) -> Result<Examined, LedgerError> {
        let nothing = |faults| Examined { head: Head::START, from: 0, faults };
        let as_made = match schema::is_as_made(&self.connection) {
            Ok(as_made) => as_made,
            Err(error) => return Ok(nothing(vec![self.damage_of(error)?])),
        };
        if !as_made {
            return Ok(nothing(vec![Fault::TablesChanged]));
        }
        if let Some(fault) = self.damage(schema::first_damage)? {
            return Ok(nothing(vec![fault]));
        }
        let verified = match chain::verify(&self.connection, &self.key.chain) {
            Ok(verified) => verified,
            Err(error) => return Ok(nothing(vec![self.damage_of(error)?])),
        };
        let mut faults = Vec::new();
        let newest = chain::newest(&self.connection).map_err(|source| self.sql(source))?;
        let (head, from) = match verified {
            Ok(verified) => (verified.head, verified.from),
            Err(broken) => {
                faults.push(self.describe(broken)?);
                (newest, 0)
            }
        };
        faults.extend(self.compare_with_anchor(&head)?);
        faults.extend(self.compare_with_reserve()?);
        Ok(Examined { head, from, faults })
    }

    fn compare_with_anchor(&self, head: &Head) -> Result<Option<Fault>, LedgerError> {
        let anchor = self.anchor.path().to_owned();
        let place = match self.found {
            anchor::Found::None => return Ok(Some(Fault::AnchorMissing { anchor })),
            anchor::Found::Unreadable => return Ok(Some(Fault::AnchorUnreadable { anchor })),
            anchor::Found::At(place) => place,
        };
        if place.sequence > head.sequence {
            return Ok(Some(Fault::Behind { found: head.sequence, written: place.sequence }));
        }
        let hash = chain::hash_of(&self.connection, place.sequence).map_err(|source| self.sql(source))?;
        Ok((hash != Some(place.hash)).then_some(Fault::Diverged { at: place.sequence }))
    }

    /// An answer in reserve belongs to an intent that was durable before its call was sent.
    fn compare_with_reserve(&self) -> Result<Option<Fault>, LedgerError> {
        for Kept { of, answer } in &self.kept {
            let known = rows::intent(&self.connection, of.intent).map_err(|source| self.sql(source))?;
            let is_known = known.is_some_and(|(run, subject, time, _)| {
                (run, subject, time) == (of.run, of.subject, of.asked_at.as_millisecond())
            });
            // An intent whose commit failed was not sent, and need not have lasted.
            if !is_known && answer.class != Class::NotSent {
                return Ok(Some(Fault::LacksACall { reserve: reserve_file::path(&self.path) }));
            }
        }
        Ok(None)
    }

    fn describe(&self, broken: chain::Break) -> Result<Fault, LedgerError> {
        let time = self.time_of_group(broken.sequence).map_err(|source| self.sql(source))?;
        Ok(Fault::Broken { group: broken.sequence, time, what: broken.what })
    }

    /// When a group's first intent was written, as far as the ledger can still be believed.
    fn time_of_group(&self, sequence: i64) -> rusqlite::Result<Option<String>> {
        let column = CHAINED[INTENT];
        let query = format!(
            "SELECT min(time) FROM intent WHERE id > ifnull((SELECT {column} FROM link WHERE id = ?1 - 1), 0)"
        );
        let time: Option<i64> = self.connection.query_row(&query, [sequence], |row| row.get(0))?;
        Ok(time.and_then(|time| jiff::Timestamp::from_millisecond(time).ok()).map(shanghai::rfc3339))
    }

    /// Says whether a row refers to another that is missing.
    pub(super) fn has_stray_rows(&self) -> Result<bool, LedgerError> {
        let look = || self.connection.prepare("PRAGMA foreign_key_check")?.exists([]);
        look().map_err(|source| self.sql(source))
    }

    /// Lets what was found to be right be written to: from now on closing it tidies the `-wal` file away.
    pub(super) fn trust(&self) -> Result<(), LedgerError> {
        self.connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
            .map(|_| ())
            .map_err(|source| self.sql(source))
    }

    pub(super) fn sql(&self, source: rusqlite::Error) -> LedgerError {
        LedgerError::Sql { path: self.path.clone(), source }
    }
}

/// What says that there was a ledger at a path: an anchor, or a `-wal` file with something in it.
fn traces(path: &Path) -> Vec<PathBuf> {
    let anchor = anchor::path(path);
    let wal = with_ending(path, "-wal");
    let has_content = wal.metadata().is_ok_and(|wal| wal.len() > 0);
    let anchor = anchor.exists().then_some(anchor);
    anchor.into_iter().chain(has_content.then_some(wal)).collect()
}

/// Refuses to begin anew beside the remains of a ledger.
fn refuse_half(path: &Path, anchor: &Anchor, found: anchor::Found) -> Result<(), LedgerError> {
    let wal = with_ending(path, "-wal");
    let there = match found {
        anchor::Found::At(place) if place.sequence > 0 => anchor.path().to_owned(),
        anchor::Found::Unreadable => anchor.path().to_owned(),
        _ if wal.metadata().is_ok_and(|wal| wal.len() > 0) => wal,
        _ => return Ok(()),
    };
    Err(LedgerError::Half { path: path.to_owned(), there })
}

#[cfg(test)]
mod tests;
