//! What can be wrong with a ledger.

use std::io;
use std::path::{Path, PathBuf};

use super::chain::Broken;
use super::store::EndpointKind;
use crate::say;

/// Why the ledger cannot be used. Whatever the reason, no call is made without it.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process has it.
    #[error("{}", say!("ledger-locked", path = shown(path), pid = pid.as_str()))]
    Locked {
        /// The ledger.
        path: PathBuf,
        /// The holder's process id, or `?`.
        pid: String,
    },
    /// There is no such file.
    #[error("{}", say!("ledger-missing", path = shown(path)))]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The ledger is there, its key is not.
    #[error("{}", say!("ledger-key-missing", ledger = shown(ledger), key = shown(key)))]
    KeyMissing {
        /// The ledger.
        ledger: PathBuf,
        /// Where the key was looked for.
        key: PathBuf,
    },
    /// The key file is not 64 hexadecimal digits.
    #[error("{}", say!("ledger-key-damaged", path = shown(path)))]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// The key belongs to another ledger.
    #[error("{}", say!("ledger-key-of-another", key = shown(key), ledger = shown(ledger)))]
    KeyOfAnother {
        /// The ledger.
        ledger: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// Another kind of file.
    #[error("{}", say!("ledger-not-a-ledger", path = shown(path)))]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer program.
    #[error("{}", say!("ledger-newer", path = shown(path), found = found.to_string(), known = known.to_string()))]
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
        "{}",
        say!("ledger-other-endpoint", path = shown(path), bound = bound.to_string(), wanted = wanted.to_string())
    )]
    OtherEndpoint {
        /// The ledger.
        path: PathBuf,
        /// What it has been used with.
        bound: EndpointKind,
        /// What was asked for.
        wanted: EndpointKind,
    },
    /// Some of its files are there, and one that belongs to them is not.
    #[error("{}", say!("ledger-half", path = shown(path), there = shown(there)))]
    Half {
        /// The ledger, which is missing or empty.
        path: PathBuf,
        /// What is there and says that there was a ledger.
        there: PathBuf,
    },
    /// It is not what it was when it was last used.
    #[error("{}", .fault.message(path))]
    Unsound {
        /// The ledger.
        path: PathBuf,
        /// How that shows.
        fault: Fault,
    },
    /// A file beside the ledger, or the ledger itself, cannot be opened, made or written.
    #[error("{}", say!("ledger-io", path = shown(path), source = source.to_string()))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `SQLite` refuses.
    #[error("{}", say!("ledger-sql", path = shown(path), source = source.to_string()))]
    Sql {
        /// The ledger.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// A row of the ledger has a value that this program never writes.
    #[error("{}", say!("ledger-damaged", path = shown(path), what = *what))]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// Which value.
        what: &'static str,
    },
    /// An earlier commit failed, so nothing that follows can be trusted to last.
    #[error("{}", say!("ledger-failed"))]
    Failed,
}

/// How it shows that a ledger is not what it was: older, changed, or damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its anchor is missing.
    AnchorMissing {
        /// Where the anchor was looked for.
        anchor: PathBuf,
    },
    /// Its anchor cannot be believed.
    AnchorUnreadable {
        /// The anchor.
        anchor: PathBuf,
    },
    /// It holds fewer groups of entries than were written.
    Behind {
        /// The groups that it holds.
        found: i64,
        /// The groups that were written.
        written: i64,
    },
    /// It has another history than the one that was written.
    Diverged {
        /// The newest group that was written, and that is another one here.
        at: i64,
    },
    /// An answer was kept in reserve for a call that it knows nothing of.
    LacksACall {
        /// The file of the reserve.
        reserve: PathBuf,
    },
    /// The chain of its groups is broken.
    Broken {
        /// The first group that is not as it was written.
        group: i64,
        /// When that group was written, if anything tells.
        time: Option<String>,
        /// How it is broken.
        what: Broken,
    },
    /// Its tables are not those that this program makes.
    TablesChanged,
    /// `SQLite` finds it damaged.
    Damaged {
        /// The first thing that it finds.
        what: String,
    },
}

impl Fault {
    /// True if `resolve --accept-rollback` can go on all the same. Damage to the file itself is not made good
    /// by any word.
    pub fn can_be_accepted(&self) -> bool {
        !matches!(self, Self::TablesChanged | Self::Damaged { .. })
    }

    /// One word for scripts and for the ledger's own record.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AnchorMissing { .. } => "anchor-missing",
            Self::AnchorUnreadable { .. } => "anchor-damaged",
            Self::Behind { .. } => "behind-anchor",
            Self::Diverged { .. } => "other-history",
            Self::LacksACall { .. } => "behind-reserve",
            Self::Broken { .. } => "chain-broken",
            Self::TablesChanged => "tables-changed",
            Self::Damaged { .. } => "damaged",
        }
    }

    /// Says what is wrong, without what to do about it.
    pub fn describe(&self) -> String {
        match self {
            Self::AnchorMissing { anchor } => say!("fault-anchor-missing", anchor = shown(anchor)),
            Self::AnchorUnreadable { anchor } => say!("fault-anchor-unreadable", anchor = shown(anchor)),
            Self::Behind { found, written } => {
                say!("fault-behind", found = *found, written = *written)
            }
            Self::Diverged { at } => say!("fault-diverged", at = *at),
            Self::LacksACall { reserve } => say!("fault-lacks-a-call", reserve = shown(reserve)),
            Self::Broken { group, time, what } => {
                let what = match what {
                    Broken::LinkMissing => say!("fault-link-missing"),
                    Broken::RowMissing(table) => say!("fault-row-missing", table = *table),
                    Broken::Changed => say!("fault-changed"),
                    Broken::RowsAdded(table) => say!("fault-rows-added", table = *table),
                };
                if let Some(time) = time {
                    say!("fault-broken-since", group = *group, time = time.as_str(), what = what)
                } else {
                    say!("fault-broken", group = *group, what = what)
                }
            }
            Self::TablesChanged => say!("fault-tables-changed"),
            Self::Damaged { what } => say!("fault-damaged", what = what.as_str()),
        }
    }

    fn message(&self, path: &Path) -> String {
        let fault = self.describe();
        if self.can_be_accepted() {
            say!("ledger-unsound", path = shown(path), fault = fault)
        } else {
            say!("ledger-unsound-damaged", path = shown(path), fault = fault)
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
