//! `<ledger>.status`: what a run is doing, for who asks from outside while the run holds the ledger.
//!
//! The run writes it about once a second and once more at its end. It holds counts and times, and no
//! person's data. It is a courtesy: nothing is decided by it, so it is not made to last through a crash.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::domain::shanghai;
use crate::ledger::Counts;

/// A run that has not written for so long, and whose process is gone, has broken off.
const SILENT: Duration = Duration::from_secs(10);

const LONGEST_BYTES: u64 = 64 * 1024;

/// What a run is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// It reads the input.
    #[default]
    Reading,
    /// It makes calls.
    Calling,
    /// It waits.
    Waiting,
    /// It finishes what is in flight.
    Stopping,
    /// It writes the output.
    Writing,
    /// It has ended.
    Ended,
}

/// Calls, and what they meant for money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    pub(super) calls: u64,
    pub(super) billed: u64,
    pub(super) in_doubt: u64,
}

impl Spent {
    /// Adds what came later.
    pub(super) fn and(self, later: Self) -> Self {
        Self {
            calls: self.calls + later.calls,
            billed: self.billed + later.billed,
            in_doubt: self.in_doubt + later.in_doubt,
        }
    }

    /// Takes off what came before.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            billed: self.billed.saturating_sub(earlier.billed),
            in_doubt: self.in_doubt.saturating_sub(earlier.in_doubt),
        }
    }
}

impl From<Counts> for Spent {
    fn from(Counts { calls, billed, in_doubt }: Counts) -> Self {
        Self { calls, billed, in_doubt }
    }
}

/// One look at a run, as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RunStatus {
    pub(super) phase: Phase,
    pub(super) pid: u32,
    pub(super) input: String,
    pub(super) sandbox: bool,
    /// Moments are RFC 3339.
    pub(super) started: String,
    pub(super) updated: String,
    pub(super) due: u64,
    pub(super) done: u64,
    pub(super) in_flight: u32,
    /// Rows answered in this run, by decision.
    pub(super) decisions: BTreeMap<String, u64>,
    pub(super) this_run: Spent,
    /// In the whole ledger, on this day of Asia/Shanghai.
    pub(super) today: Spent,
    /// In the whole ledger.
    pub(super) in_all: Spent,
    pub(super) address_refusals: u64,
    pub(super) calls_per_second: f64,
    /// The rate in force, in calls per second.
    pub(super) rate: f64,
    pub(super) eta_seconds: Option<u64>,
    pub(super) waiting_for: Option<String>,
    pub(super) waiting_until: Option<String>,
    pub(super) stopped: Option<String>,
    pub(super) ended: Option<String>,
    pub(super) exit_code: Option<u8>,
    pub(super) error: Option<String>,
}

impl RunStatus {
    /// Tells without touching the ledger's lock whether the run is on: a look must never keep a run from it.
    pub(super) fn seems_on(&self, now: Timestamp) -> bool {
        self.phase != Phase::Ended && (self.silence(now).is_none() || self.has_process())
    }

    /// How long the run has written nothing, if that is longer than usual.
    pub(super) fn silence(&self, now: Timestamp) -> Option<Duration> {
        let updated: Timestamp = self.updated.parse().ok()?;
        Duration::try_from(now.duration_since(updated)).ok().filter(|silence| *silence >= SILENT)
    }

    fn has_process(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        // A process of another user's cannot be signalled, but it is there.
        pid.is_some_and(|pid| matches!(test_kill_process(pid), Ok(()) | Err(rustix::io::Errno::PERM)))
    }
}

/// Where the status of a ledger's run is.
pub(super) fn path_beside(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".status");
    name.into()
}

/// Reads a ledger's status file. `None`: there is none that can be read.
pub(super) fn read(ledger: &Path) -> Option<RunStatus> {
    let mut text = String::new();
    File::open(path_beside(ledger)).ok()?.take(LONGEST_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes a ledger's status file.
///
/// # Errors
///
/// If the system refuses.
pub(super) fn write(ledger: &Path, status: &RunStatus) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(status).map_err(io::Error::other)?;
    text.push('\n');
    replace(&path_beside(ledger), 0o600, text.as_bytes())
}

/// Puts a small file in the place of another at once, so that no reader sees half of it. It is not made to
/// last: that would hold up the ledger's own writing every second.
///
/// # Errors
///
/// If the system refuses; then the old file is there still.
pub(super) fn replace(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(".part");
    let part = path.with_file_name(name);
    let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode).custom_flags(flags);
    let written = options.open(&part).and_then(|mut file| {
        // Whatever the umask says, a collector must be able to read what is meant for it.
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        file.write_all(bytes)?;
        fs::rename(&part, path)
    });
    if written.is_err() {
        // What cannot be removed was never there.
        let _ = fs::remove_file(&part);
    }
    written
}

/// The moment as the file has it.
pub(super) fn moment(moment: Timestamp) -> String {
    shanghai::rfc3339(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(updated: Timestamp, pid: u32) -> RunStatus {
        RunStatus { pid, updated: moment(updated), ..RunStatus::default() }
    }

    #[test]
    fn a_run_is_on_while_it_writes_or_its_process_lives() {
        let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let long_ago: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let nobody = u32::try_from(i32::MAX).unwrap();
        assert!(status(now, nobody).seems_on(now));
        assert!(status(long_ago, std::process::id()).seems_on(now));
        assert!(!status(long_ago, nobody).seems_on(now));
        let ended = RunStatus { phase: Phase::Ended, ..status(now, std::process::id()) };
        assert!(!ended.seems_on(now));
    }

    #[test]
    fn what_is_written_is_read_back_and_replaces_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("reverify.db");
        assert_eq!(read(&ledger), None);
        let long = RunStatus { input: "x".repeat(1000), ..RunStatus::default() };
        write(&ledger, &long).unwrap();
        let short = RunStatus { eta_seconds: Some(7), ..RunStatus::default() };
        write(&ledger, &short).unwrap();
        assert_eq!(read(&ledger), Some(short));
        fs::write(path_beside(&ledger), "{ half a").unwrap();
        assert_eq!(read(&ledger), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
