//! The reserve: room on the disk that is taken before the first call, so that the answers in flight have a
//! place when the ledger itself cannot be written any more.
//!
//! Once the ledger has failed, each answer that still comes in goes here, with a mark under the ledger's key,
//! and so does the word that a call which was written down was never sent. The next opening brings them into
//! the ledger and removes the file. An entry names its intent by number, run, time and subject, so that it
//! can be taken for no other. It holds what the ledger would hold: no name, number or photo.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::key::{Seal, Subject, from_hex, parent, sync_folder, to_hex, with_ending};
use crate::domain::answer::{Answer, Class};
use crate::domain::decide::{IntentId, RunId};

/// Room for what is always there, and for each call in flight.
const BASE_BYTES: u64 = 64 * 1024;
const BYTES_A_CALL: u64 = 4 * 1024;

const LENGTH_BYTES: usize = 4;
const MARK_BYTES: usize = 32;

/// An intent, named so that it can be taken for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) intent: IntentId,
    pub(super) run: RunId,
    pub(super) subject: Subject,
    pub(super) asked_at: Timestamp,
}

/// An answer that could not be written into the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) of: Named,
    pub(super) answer: Answer,
}

/// The form of an entry in the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    intent: i64,
    run: i64,
    subject: String,
    asked_at: i64,
    class: String,
    error_code: Option<String>,
    res: Option<String>,
    resmsg: Option<String>,
    score: Option<String>,
    carrier: Option<String>,
    orderid: Option<String>,
    reason: Option<String>,
    http_status: Option<u16>,
    seen: Option<String>,
    time: i64,
}

/// The file, ready to be written to.
#[derive(Debug)]
pub(super) struct ReserveFile {
    path: PathBuf,
    file: File,
    seal: Seal,
    room_bytes: u64,
    end: u64,
}

impl ReserveFile {
    /// Takes room for so many calls in flight. What an earlier run left there must have been brought over.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if there is no room: then no call may be made.
    pub(super) fn take(ledger: &Path, seal: Seal, in_flight: u32) -> Result<Self, LedgerError> {
        let path = path(ledger);
        let room_bytes = BASE_BYTES + u64::from(in_flight) * BYTES_A_CALL;
        match try_take(&path, room_bytes) {
            Ok(file) => Ok(Self { path, file, seal, room_bytes, end: 0 }),
            Err(source) => Err(LedgerError::Io { path, source }),
        }
    }

    /// Keeps answers; they last when this returns.
    ///
    /// # Errors
    ///
    /// If they cannot be written, or there is no room left: then their intents stay in doubt.
    pub(super) fn keep(&mut self, kept: &[Kept]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for kept in kept {
            let entry = serde_json::to_vec(&Entry::from(kept))?;
            let length = u32::try_from(entry.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(&entry);
            bytes.extend_from_slice(self.seal.mark(&entry).as_bytes());
        }
        let end = self.end + bytes.len() as u64;
        if end > self.room_bytes {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_all_at(&bytes, self.end)?;
        self.end = end;
        self.file.sync_data()
    }

    /// Gives the room back: nothing is in it.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`].
    pub(super) fn give_back(self) -> Result<(), LedgerError> {
        drop(self.file);
        remove_file(&self.path)
    }
}

fn try_take(path: &Path, room_bytes: u64) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // Written, not only promised: some file systems take room for a promise and break it.
    io::copy(&mut io::repeat(0).take(room_bytes), &mut io::BufWriter::with_capacity(64 * 1024, &mut file))?;
    file.flush()?;
    file.sync_all()?;
    sync_folder(parent(path))?;
    Ok(file)
}

/// Where the reserve of a ledger is.
pub(super) fn path(ledger: &Path) -> PathBuf {
    with_ending(ledger, ".reserve")
}

/// Reads what an earlier run kept. An entry that is torn ends the list: nobody relied on it.
///
/// # Errors
///
/// [`LedgerError::Io`] if the file is there and cannot be read.
pub(super) fn read(ledger: &Path, seal: &Seal) -> Result<Vec<Kept>, LedgerError> {
    let path = path(ledger);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(LedgerError::Io { path, source }),
    };
    let mut rest = bytes.as_slice();
    let mut kept = Vec::new();
    while let Some((entry, after)) = next_entry(rest, seal) {
        kept.push(entry);
        rest = after;
    }
    Ok(kept)
}

fn next_entry<'a>(bytes: &'a [u8], seal: &Seal) -> Option<(Kept, &'a [u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length > 0)?;
    let (entry, rest) = rest.split_at_checked(length)?;
    let (mark, rest) = rest.split_first_chunk::<MARK_BYTES>()?;
    if seal.mark(entry) != blake3::Hash::from_bytes(*mark) {
        return None;
    }
    let entry: Entry = serde_json::from_slice(entry).ok()?;
    Some((Kept::try_from(entry).ok()?, rest))
}

/// Removes the file, if there is one.
///
/// # Errors
///
/// [`LedgerError::Io`].
pub(super) fn remove(ledger: &Path) -> Result<(), LedgerError> {
    remove_file(&path(ledger))
}

fn remove_file(path: &Path) -> Result<(), LedgerError> {
    let removed = match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed,
    };
    removed
        .and_then(|()| sync_folder(parent(path)))
        .map_err(|source| LedgerError::Io { path: path.to_owned(), source })
}

impl From<&Kept> for Entry {
    fn from(kept: &Kept) -> Self {
        let Kept { of, answer } = kept;
        let answer = answer.clone();
        Self {
            intent: of.intent.0,
            run: of.run.0,
            subject: to_hex(&of.subject.0),
            asked_at: of.asked_at.as_millisecond(),
            class: answer.class.word().to_owned(),
            error_code: answer.error_code,
            res: answer.res,
            resmsg: answer.resmsg,
            score: answer.score,
            carrier: answer.carrier,
            orderid: answer.orderid,
            reason: answer.reason,
            http_status: answer.http_status,
            seen: answer.seen,
            time: answer.time.as_millisecond(),
        }
    }
}

/// An entry with a value that this program never writes.
struct Unknown;

impl TryFrom<Entry> for Kept {
    type Error = Unknown;

    fn try_from(entry: Entry) -> Result<Self, Unknown> {
        let moment = |time| Timestamp::from_millisecond(time).map_err(|_| Unknown);
        let of = Named {
            intent: IntentId(entry.intent),
            run: RunId(entry.run),
            subject: Subject(from_hex(&entry.subject).ok_or(Unknown)?),
            asked_at: moment(entry.asked_at)?,
        };
        let answer = Answer {
            class: Class::from_word(&entry.class).ok_or(Unknown)?,
            error_code: entry.error_code,
            res: entry.res,
            resmsg: entry.resmsg,
            score: entry.score,
            carrier: entry.carrier,
            orderid: entry.orderid,
            reason: entry.reason,
            http_status: entry.http_status,
            seen: entry.seen,
            time: moment(entry.time)?,
        };
        Ok(Self { of, answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(intent: i64) -> Kept {
        let time = Timestamp::from_millisecond(1_764_000_000_123).unwrap();
        let of = Named {
            intent: IntentId(intent),
            run: RunId(3),
            subject: Subject([u8::try_from(intent).unwrap(); 32]),
            asked_at: time,
        };
        let answer = Answer {
            error_code: Some("0".into()),
            resmsg: Some("身份、人像核验通过\n\"".into()),
            score: Some("982.70".into()),
            http_status: Some(200),
            seen: None,
            ..Answer::without_reply(Class::Billed, "", time)
        };
        Kept { of, answer }
    }

    #[test]
    fn what_is_kept_is_read_back_until_the_first_that_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("l.db");
        let seal = Seal::new("test", &[7; 32]);
        assert_eq!(read(&ledger, &seal).unwrap(), []);
        let mut reserve = ReserveFile::take(&ledger, seal.clone(), 2).unwrap();
        assert_eq!(path(&ledger).metadata().unwrap().len(), BASE_BYTES + 2 * BYTES_A_CALL);
        assert_eq!(read(&ledger, &seal).unwrap(), []);
        reserve.keep(&[kept(1), kept(2)]).unwrap();
        reserve.keep(&[kept(3)]).unwrap();
        let all = [kept(1), kept(2), kept(3)];
        assert_eq!(read(&ledger, &seal).unwrap(), all);
        assert_eq!(read(&ledger, &Seal::new("test", &[8; 32])).unwrap(), []);
        let bytes = fs::read(path(&ledger)).unwrap();
        let used = usize::try_from(reserve.end).unwrap();
        for at in (0..used).step_by(7) {
            let mut torn = bytes.clone();
            torn[at] ^= 0x10;
            fs::write(path(&ledger), torn).unwrap();
            let left = read(&ledger, &seal).unwrap();
            assert!(left.len() < 3 && all.starts_with(&left), "{at}: {left:?}");
        }
        remove(&ledger).unwrap();
        assert!(!path(&ledger).exists());
        remove(&ledger).unwrap();
        ReserveFile::take(&ledger, seal, 1).unwrap().give_back().unwrap();
        assert!(!path(&ledger).exists());
    }

    #[test]
    fn a_reserve_that_is_there_and_cannot_be_read_or_removed_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("l.db");
        fs::create_dir(path(&ledger)).unwrap();
        let seal = Seal::new("test", &[7; 32]);
        assert!(read(&ledger, &seal).is_err());
        assert!(remove(&ledger).is_err());
        assert!(ReserveFile::take(&ledger, seal, 1).is_err());
    }

    #[test]
    fn more_than_there_is_room_for_is_refused_and_harms_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("l.db");
        let seal = Seal::new("test", &[7; 32]);
        let mut reserve = ReserveFile::take(&ledger, seal.clone(), 1).unwrap();
        reserve.keep(&[kept(1)]).unwrap();
        let mut long = kept(2);
        long.answer.reason = Some("很".repeat(100_000));
        assert!(reserve.keep(&[long]).is_err());
        reserve.keep(&[kept(3)]).unwrap();
        assert_eq!(read(&ledger, &seal).unwrap(), [kept(1), kept(3)]);
        assert_eq!(path(&ledger).metadata().unwrap().len(), BASE_BYTES + BYTES_A_CALL);
    }
}
