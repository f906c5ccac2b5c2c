//! What can be wrong with a ledger.

use std::io;
use std::path::PathBuf;

use super::store::EndpointKind;

/// Why the ledger cannot be used. Whatever the reason, no call is made without it.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process has it.
    #[error(
        "the ledger {path} is in use by process {pid}: wait until that run has ended, or name another with --ledger"
    )]
    Locked {
        /// The ledger.
        path: PathBuf,
        /// The holder's process id, or `?`.
        pid: String,
    },
    /// There is no such file.
    #[error("there is no ledger at {path}: name it with --ledger, or run `reverify run` first")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The ledger is there, its key is not.
    #[error(
        "the ledger {ledger} is there, but its key file {key} is not: without it no applicant can be recognised and everyone would be paid for again; restore the key file, or name it with --ledger-key-file"
    )]
    KeyMissing {
        /// The ledger.
        ledger: PathBuf,
        /// Where the key was looked for.
        key: PathBuf,
    },
    /// The key file is not 64 hexadecimal digits.
    #[error(
        "the ledger key file {path} is damaged: it must hold 64 hexadecimal digits; restore it from a backup"
    )]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// The key belongs to another ledger.
    #[error(
        "the key file {key} belongs to another ledger than {ledger}: name the right one with --ledger-key-file"
    )]
    KeyOfAnother {
        /// The ledger.
        ledger: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// Another kind of file.
    #[error(
        "{path} is not a reverify ledger, or it is damaged: restore it from a backup, or name another with --ledger"
    )]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer program.
    #[error(
        "the ledger {path} was written by a newer reverify (schema {found}, this program knows {known}): use that version"
    )]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// The schema that it has.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Sandbox and real answers must not mix.
    #[error(
        "the ledger {path} was used with {bound}, so it cannot be used with {wanted}: their answers must not mix; name another with --ledger"
    )]
    OtherEndpoint {
        /// The ledger.
        path: PathBuf,
        /// What it has been used with.
        bound: EndpointKind,
        /// What was asked for.
        wanted: EndpointKind,
    },
    /// A file beside the ledger, or the ledger itself, cannot be opened, made or written.
    #[error("cannot use {path} for the ledger: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `SQLite` refuses.
    #[error("the ledger {path} cannot be read or written: {source}")]
    Sql {
        /// The ledger.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// A row of the ledger has a value that this program never writes.
    #[error("the ledger {path} is damaged: {what}; restore it from a backup")]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// Which value.
        what: &'static str,
    },
    /// An earlier commit failed, so nothing that follows can be trusted to last.
    #[error("the ledger could not be written, so no further call is made")]
    Failed,
}
