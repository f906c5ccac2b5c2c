//! One process at a time: a lock on a file beside the ledger, which also names its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::LedgerError;
use super::key::with_ending;

/// Held as long as the process lives; the system lets go of it however the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a ledger.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Locked`] with the holder's process id, or [`LedgerError::Io`].
    pub(super) fn take(ledger: &Path) -> Result<Self, LedgerError> {
        let path = with_ending(ledger, ".lock");
        let io = |source| LedgerError::Io { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let readable = file.take(32).read_to_string(&mut pid).is_ok();
                let pid = pid.trim();
                let known = readable && !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
                let pid = if known { pid.to_owned() } else { "?".to_owned() };
                return Err(LedgerError::Locked { path: ledger.to_owned(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        write!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_the_lock_is_named_only_if_that_is_a_process() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("l.db");
        let held = Lock::take(&ledger).unwrap();
        for (written, shown) in
            [("4711", "4711"), (" 4711\n", "4711"), ("", "?"), ("me", "?"), ("4711x", "?")]
        {
            std::fs::write(with_ending(&ledger, ".lock"), written).unwrap();
            match Lock::take(&ledger) {
                Err(LedgerError::Locked { pid, .. }) => assert_eq!(pid, shown, "{written:?}"),
                other => panic!("it is held: {other:?}"),
            }
        }
        std::fs::write(with_ending(&ledger, ".lock"), [0xff, 0x31]).unwrap();
        assert!(matches!(Lock::take(&ledger), Err(LedgerError::Locked { pid, .. }) if pid == "?"));
        drop(held);
        assert!(Lock::take(&ledger).is_ok());
    }
}
