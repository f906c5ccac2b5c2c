//! The ledger's tables, and the check that a file has them.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::LedgerError;
use super::key::LedgerKey;

/// `rvfy`, in the header of every ledger.
const APPLICATION_ID: i64 = 0x7276_6679;

/// The newest schema that this program knows.
pub(super) const SCHEMA_VERSION: i64 = 1;

/// Times are milliseconds since 1970 in UTC. `subject` and `photo` are keyed hashes.
const TABLES: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE run (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, pid INTEGER NOT NULL, program TEXT NOT NULL) STRICT;

CREATE TABLE intent (
  id INTEGER PRIMARY KEY,
  subject BLOB NOT NULL,
  time INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run (id)
) STRICT;
CREATE INDEX intent_of_subject ON intent (subject);

CREATE TABLE answer (
  intent INTEGER PRIMARY KEY REFERENCES intent (id),
  class TEXT NOT NULL,
  error_code TEXT, res TEXT, resmsg TEXT, score TEXT, carrier TEXT, orderid TEXT, reason TEXT,
  http_status INTEGER,
  seen TEXT,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE resolution (
  id INTEGER PRIMARY KEY,
  intent INTEGER NOT NULL REFERENCES intent (id),
  verdict TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX resolution_of_intent ON resolution (intent);

CREATE TABLE photo_path (
  path BLOB PRIMARY KEY,
  size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
  photo BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE photo_judgement (
  photo BLOB PRIMARY KEY,
  preparer INTEGER NOT NULL,
  code TEXT, reason TEXT, warnings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What carries money or says what became of it is only ever added.
const APPEND_ONLY: [&str; 4] = ["run", "intent", "answer", "resolution"];

/// Keeps every other process out from the first look on. Writes nothing.
pub(super) fn hold(connection: &Connection) -> rusqlite::Result<()> {
    // Plans that depend on bound values would be made anew for every row.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")
}

/// Makes the connection safe and fast for money: nothing is reported done before it is on the disk.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    use_write_ahead_log(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Says where commits go. The statement names the new mode before it writes it down, so that one look at its
/// answer would miss a disk that fails: it is carried on to its end.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let mut answers = statement.query([])?;
    let mut mode = String::new();
    while let Some(answer) = answers.next()? {
        mode = answer.get(0)?;
    }
    if mode == "wal" { Ok(()) } else { Err(rusqlite::Error::InvalidQuery) }
}

/// Makes the tables of a new ledger in one transaction.
pub(super) fn create(connection: &mut Connection, key: &LedgerKey) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    for table in APPEND_ONLY {
        transaction.execute_batch(&format!(
            "CREATE TRIGGER {table}_is_never_updated BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;
             CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;"
        ))?;
    }
    transaction.execute("INSERT INTO setting (name, value) VALUES ('key_check', ?1)", [key.check()])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}

/// What a file that `SQLite` can open turned out to be.
pub(super) enum Found {
    /// No tables yet.
    Empty,
    /// A ledger of a schema that this program knows.
    Ledger,
}

/// Tells an empty file from a ledger, and refuses what is neither.
///
/// # Errors
///
/// [`LedgerError::NotALedger`] and [`LedgerError::Newer`].
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<Found, LedgerError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let not_a_ledger = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            LedgerError::NotALedger { path: path.to_owned() }
        }
        _ => LedgerError::Sql { path: path.to_owned(), source },
    };
    let application = number("application_id").map_err(not_a_ledger)?;
    let version = number("user_version").map_err(not_a_ledger)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(not_a_ledger)?;
    match (application, version) {
        (0, 0) if tables == 0 => Ok(Found::Empty),
        (APPLICATION_ID, 1..=SCHEMA_VERSION) => Ok(Found::Ledger),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
            Err(LedgerError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION })
        }
        _ => Err(LedgerError::NotALedger { path: path.to_owned() }),
    }
}
