//! The anchor: how far the ledger had come, in a small file of its own beside it.
//!
//! SQLite alone opens a ledger whose `-wal` is gone, whose WAL has one flipped bit, or that is last week's
//! backup, and has silently forgotten what was asked since. The anchor remembers the newest group of the
//! chain by number and hash, so that a ledger behind it is noticed.
//!
//! It is never ahead of what lasts in the ledger: it moves only after the commit that it names. It holds
//! three lines, each in a block of its own. The first is written when the file is made anew, which is
//! durable and atomic: at the start of a run, at each checkpoint and at the end. The other two are
//! written in turn after every commit, without waiting for the disk: such a line outlasts `kill -9`, and a
//! power cut loses or tears no more than that line, which leaves an older one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::LedgerError;
use super::chain::{Hash, Head};
use super::key::{self, Seal, from_hex, parent, sync_folder, to_hex, with_ending};

/// Each line has a block of the file to itself, so that one that is torn leaves the others whole.
const BLOCK_BYTES: usize = 4096;

/// What is written of a block: one sector, which a disk writes whole or not at all.
const LINE_BYTES: usize = 512;

const MAGIC: &str = "reverify-anchor-1";

/// A place in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) sequence: i64,
    pub(super) hash: Hash,
}

impl From<&Head> for Place {
    fn from(head: &Head) -> Self {
        Self { sequence: head.sequence, hash: head.hash }
    }
}

/// What stands in an anchor's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no such file.
    None,
    /// There is one, and none of it can be believed: damaged, or made with another key.
    Unreadable,
    /// The newest place that it names.
    At(Place),
}

/// The anchor of an open ledger.
#[derive(Debug)]
pub(super) struct Anchor {
    path: PathBuf,
    seal: Seal,
    file: Option<File>,
}

impl Anchor {
    /// The anchor of a ledger, wherever it stands.
    pub(super) fn of(ledger: &Path, seal: Seal) -> Self {
        Self { path: path(ledger), seal, file: None }
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if it is there and cannot be read.
    pub(super) fn read(&self) -> Result<Found, LedgerError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::None),
            Err(error) => return Err(self.io(error)),
        };
        let mut bytes = Vec::new();
        file.take(4 * BLOCK_BYTES as u64).read_to_end(&mut bytes).map_err(|error| self.io(error))?;
        let mut places = bytes.chunks(BLOCK_BYTES).map(|block| self.parse(block));
        // The first line was durable before the file had its name: without it this is no anchor.
        let Some(Some(first)) = places.next() else { return Ok(Found::Unreadable) };
        let newest = places
            .flatten()
            .fold(first, |newest, place| if place.sequence > newest.sequence { place } else { newest });
        Ok(Found::At(newest))
    }

    /// Makes the file anew, atomically and durably.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`]; what stood there before still does, or this does.
    pub(super) fn replace(&mut self, place: Place) -> Result<(), LedgerError> {
        self.file = None;
        let file = self.try_replace(place).map_err(|error| self.io(error))?;
        self.file = Some(file);
        Ok(())
    }

    fn try_replace(&self, place: Place) -> io::Result<File> {
        let part = with_ending(&self.path, ".part");
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        let mut blocks = self.line(place);
        blocks.resize(3 * BLOCK_BYTES, b' ');
        file.write_all(&blocks)?;
        file.sync_all()?;
        fs::rename(&part, &self.path)?;
        sync_folder(parent(&self.path))?;
        Ok(file)
    }

    /// Notes how far the ledger has come since the file was made, without waiting for the disk.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`].
    pub(super) fn advance(&mut self, place: Place) -> Result<(), LedgerError> {
        let Some(file) = &self.file else { return self.replace(place) };
        let block = if place.sequence % 2 == 0 { 1 } else { 2 };
        file.write_all_at(&self.line(place), block * BLOCK_BYTES as u64).map_err(|error| self.io(error))
    }

    fn line(&self, place: Place) -> Vec<u8> {
        let said = said(place);
        let mut line =
            format!("{said} {}\n", to_hex(self.seal.mark(said.as_bytes()).as_bytes())).into_bytes();
        line.resize(LINE_BYTES, b' ');
        line
    }

    fn parse(&self, block: &[u8]) -> Option<Place> {
        let text = std::str::from_utf8(block.get(..LINE_BYTES)?).ok()?;
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some(MAGIC) {
            return None;
        }
        let place = Place { sequence: words.next()?.parse().ok()?, hash: from_hex(words.next()?)? };
        let mark = from_hex(words.next()?)?;
        // Compared in constant time, as `blake3::Hash` does.
        (self.seal.mark(said(place).as_bytes()) == blake3::Hash::from_bytes(mark)).then_some(place)
    }

    fn io(&self, source: io::Error) -> LedgerError {
        LedgerError::Io { path: self.path.clone(), source }
    }
}

/// Where the anchor of a ledger is.
pub(super) fn path(ledger: &Path) -> PathBuf {
    key::with_ending(ledger, ".anchor")
}

fn said(place: Place) -> String {
    format!("{MAGIC} {} {}", place.sequence, to_hex(&place.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(sequence: i64) -> Place {
        Place { sequence, hash: [u8::try_from(sequence % 251).unwrap(); 32] }
    }

    fn anchor(folder: &Path) -> Anchor {
        Anchor::of(&folder.join("l.db"), Seal::new("test", &[7; 32]))
    }

    #[test]
    fn the_newest_place_is_read_back_and_an_older_one_where_it_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let mut anchor = anchor(folder.path());
        assert_eq!(anchor.read().unwrap(), Found::None);
        anchor.replace(place(0)).unwrap();
        assert_eq!(anchor.read().unwrap(), Found::At(place(0)));
        for sequence in 1..=5 {
            anchor.advance(place(sequence)).unwrap();
            assert_eq!(anchor.read().unwrap(), Found::At(place(sequence)));
        }
        let whole = fs::read(anchor.path()).unwrap();
        // The fifth stands in the third block, the fourth in the second, where the file began in the first.
        for (torn, left) in [(vec![2], 4), (vec![1, 2], 0), (vec![1], 5)] {
            let mut bytes = whole.clone();
            for block in torn {
                bytes[block * BLOCK_BYTES + 60] ^= 1;
            }
            fs::write(anchor.path(), bytes).unwrap();
            assert_eq!(anchor.read().unwrap(), Found::At(place(left)));
        }
    }

    #[test]
    fn an_anchor_that_is_there_and_cannot_be_read_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let anchor = anchor(folder.path());
        fs::create_dir(anchor.path()).unwrap();
        assert!(anchor.read().is_err());
        fs::remove_dir(anchor.path()).unwrap();
        std::os::unix::fs::symlink(anchor.path(), anchor.path()).unwrap();
        assert!(anchor.read().is_err());
    }

    #[test]
    fn no_flipped_bit_and_no_other_key_makes_another_place_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut anchor = anchor(folder.path());
        anchor.replace(place(41)).unwrap();
        let whole = fs::read(anchor.path()).unwrap();
        for bit in 0..LINE_BYTES * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(anchor.path(), bytes).unwrap();
            let found = anchor.read().unwrap();
            assert!(
                matches!(found, Found::Unreadable) || found == Found::At(place(41)),
                "bit {bit}: {found:?}"
            );
        }
        fs::write(anchor.path(), &whole).unwrap();
        let other = Anchor::of(&folder.path().join("l.db"), Seal::new("test", &[8; 32]));
        assert_eq!(other.read().unwrap(), Found::Unreadable);
        for length in [0, 10, LINE_BYTES - 1, LINE_BYTES, BLOCK_BYTES, 2 * BLOCK_BYTES] {
            fs::write(anchor.path(), &whole[..length]).unwrap();
            let expected = if length < LINE_BYTES { Found::Unreadable } else { Found::At(place(41)) };
            assert_eq!(anchor.read().unwrap(), expected, "{length} bytes");
        }
    }
}
