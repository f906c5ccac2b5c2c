//! The ledger's tables, and the check that a file has them.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::LedgerError;
use super::cache;
use super::chain::{self, Head, Reach};
use super::index;
use super::key::LedgerKey;

/// `rvfy`, in the header of every ledger.
const APPLICATION_ID: i64 = 0x7276_6679;

/// The newest schema that this program knows.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// The schema before the chain.
const UNCHAINED: i64 = 1;

/// Times are milliseconds since 1970 in UTC. `subject` and `photo` are keyed hashes.
const TABLES: &str = "
CREATE TABLE setting (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value ANY NOT NULL) STRICT;

CREATE TABLE run (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, pid INTEGER NOT NULL, program TEXT NOT NULL) STRICT;

CREATE TABLE intent (
  id INTEGER PRIMARY KEY,
  subject BLOB NOT NULL,
  time INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run (id),
  despite INTEGER REFERENCES rollback (id)
) STRICT;
CREATE INDEX intent_of_subject ON intent (subject);

CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  intent INTEGER NOT NULL UNIQUE REFERENCES intent (id),
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

CREATE TABLE rollback (
  id INTEGER PRIMARY KEY,
  verdict TEXT NOT NULL,
  after INTEGER NOT NULL, since INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE link (
  id INTEGER PRIMARY KEY,
  anew INTEGER NOT NULL,
  setting INTEGER NOT NULL, run INTEGER NOT NULL, intent INTEGER NOT NULL,
  answer INTEGER NOT NULL, resolution INTEGER NOT NULL, rollback INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE photo_path (
  path BLOB PRIMARY KEY,
  size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
  photo BLOB NOT NULL,
  mark BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE photo_judgement (
  photo BLOB PRIMARY KEY,
  preparer INTEGER NOT NULL,
  code TEXT, reason TEXT, warnings TEXT NOT NULL,
  mark BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// What carries money or says what became of it is only ever added.
const APPEND_ONLY: [&str; 7] = ["setting", "run", "intent", "answer", "resolution", "rollback", "link"];

/// Keeps every other process out from the first look on. Writes nothing, not even when it is closed: what
/// turns out not to be right is left as it is.
pub(super) fn hold(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
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

/// Makes the tables and what belongs to them, inside a transaction.
fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    for table in APPEND_ONLY {
        connection.execute_batch(&format!(
            "CREATE TRIGGER {table}_is_never_updated BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;
             CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END;"
        ))?;
    }
    Ok(())
}

fn insert_setting(connection: &Connection, name: &str, value: &[u8; 16]) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", (name, value)).map(|_| ())
}

/// Makes the tables of a new ledger in one transaction. `identity` tells it from every other ledger, those
/// with the same key included.
pub(super) fn create(
    connection: &mut Connection,
    key: &LedgerKey,
    identity: [u8; 16],
) -> rusqlite::Result<Head> {
    let transaction = connection.transaction()?;
    create_tables(&transaction)?;
    insert_setting(&transaction, "key_check", &key.check())?;
    insert_setting(&transaction, "identity", &identity)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    let head = chain::seal(&transaction, &key.chain, &Head::START, Reach::Anew)?;
    transaction.commit()?;
    Ok(head.unwrap_or(Head::START))
}

/// Brings a ledger from before the chain to the newest schema in one transaction: the same facts, under one
/// link.
pub(super) fn migrate(
    connection: &mut Connection,
    key: &LedgerKey,
    identity: [u8; 16],
) -> rusqlite::Result<Head> {
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction()?;
    let names = |kind: &str| -> rusqlite::Result<Vec<String>> {
        let query = "SELECT name FROM sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite_%'";
        let mut statement = transaction.prepare(query)?;
        let names = statement.query_map([kind], |row| row.get(0))?;
        names.collect()
    };
    for (kind, names) in [("TRIGGER", names("trigger")?), ("INDEX", names("index")?)] {
        for name in names {
            transaction.execute_batch(&format!("DROP {kind} {name}"))?;
        }
    }
    let tables = names("table")?;
    for table in &tables {
        transaction.execute_batch(&format!("ALTER TABLE {table} RENAME TO old_{table}"))?;
    }
    create_tables(&transaction)?;
    transaction.execute_batch(
        "INSERT INTO setting (name, value) SELECT name, value FROM old_setting ORDER BY name != 'key_check', name;
         INSERT INTO run (id, started, pid, program) SELECT id, started, pid, program FROM old_run ORDER BY id;
         INSERT INTO intent (id, subject, time, run) SELECT id, subject, time, run FROM old_intent ORDER BY id;
         INSERT INTO answer (intent, class, error_code, res, resmsg, score, carrier, orderid, reason, http_status, seen, time)
           SELECT intent, class, error_code, res, resmsg, score, carrier, orderid, reason, http_status, seen, time
           FROM old_answer ORDER BY intent;
         INSERT INTO resolution (id, intent, verdict, who, why, time)
           SELECT id, intent, verdict, who, why, time FROM old_resolution ORDER BY id;",
    )?;
    cache::bring_over(&transaction, key)?;
    insert_setting(&transaction, "identity", &identity)?;
    for table in &tables {
        transaction.execute_batch(&format!("DROP TABLE old_{table}"))?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    let head = chain::seal(&transaction, &key.chain, &Head::START, Reach::Anew)?;
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(head.unwrap_or(Head::START))
}

/// Says whether the file has the tables, indexes and triggers that this program makes, and no others.
pub(super) fn is_as_made(connection: &Connection) -> rusqlite::Result<bool> {
    let made = Connection::open_in_memory()?;
    create_tables(&made)?;
    Ok(shape(connection)? == shape(&made)?)
}

fn shape(connection: &Connection) -> rusqlite::Result<Vec<(String, String, Option<String>)>> {
    let mut statement =
        connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")?;
    let shape = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    shape.collect()
}

/// Has `SQLite` read a whole file of whatever schema: its pages and its indexes.
pub(super) fn first_damage_of_any(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

/// Reads a whole ledger: that its pages hold together, and that every index has every row. Ten times as fast.
pub(super) fn first_damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Ok(Some(found));
    }
    index::first_damage(connection)
}

/// What a file that `SQLite` can open turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No tables yet.
    Empty,
    /// A ledger of the schema before the chain.
    Unchained,
    /// A ledger.
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
        (APPLICATION_ID, UNCHAINED) => Ok(Found::Unchained),
        (APPLICATION_ID, SCHEMA_VERSION) => Ok(Found::Ledger),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
            Err(LedgerError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION })
        }
        _ => Err(LedgerError::NotALedger { path: path.to_owned() }),
    }
}
