//! The ledger's key, and the hashes that stand for persons, photos and paths.
//!
//! A plain hash of an ID number is reversed in hours by trying all of them; a keyed one is not. The key
//! is 32 random bytes in a file of its own, written as 64 hexadecimal digits, mode 0600.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::ledger::LedgerError;

const KEY_BYTES: usize = 32;

/// The first 16 bytes of a keyed hash: enough that no two of a billion ever meet.
pub type Mark = [u8; 16];

/// Stands for one applicant with one photo: the mark of the person, then that of person and photo. So
/// everything about one person lies together, and it can be told without a photo that nothing is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Subject(pub(super) [u8; 32]);

/// Stands for one applicant, whatever the photo.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Person(Mark);

impl Person {
    /// The least and the greatest subject that this person can have.
    pub(super) fn range(self) -> [[u8; 32]; 2] {
        [[0; 16], [0xff; 16]].map(|photo| joined(self.0, photo))
    }
}

/// Stands for the bytes of a photo as it was handed in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PhotoMark(pub(super) Mark);

/// Stands for a photo's path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PathMark(pub(super) Mark);

/// A key for one purpose, under which what was written is known again.
#[derive(Clone)]
pub(super) struct Seal([u8; KEY_BYTES]);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    pub(super) fn new(purpose: &str, secret: &[u8; KEY_BYTES]) -> Self {
        Self(blake3::derive_key(purpose, secret))
    }

    /// Hashes in pieces.
    pub(super) fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.0)
    }

    /// Hashes in one go.
    pub(super) fn mark(&self, bytes: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.0, bytes)
    }
}

/// The key under which a ledger's hashes are made.
#[derive(Clone)]
pub struct LedgerKey {
    subject: [u8; KEY_BYTES],
    person: [u8; KEY_BYTES],
    photo: [u8; KEY_BYTES],
    path: [u8; KEY_BYTES],
    check: Mark,
    pub(super) chain: Seal,
    pub(super) anchor: Seal,
    pub(super) cache: Seal,
    pub(super) reserve: Seal,
}

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerKey(..)")
    }
}

impl LedgerKey {
    fn from_secret(secret: &[u8; KEY_BYTES]) -> Self {
        Self {
            subject: blake3::derive_key("reverify ledger: subject", secret),
            person: blake3::derive_key("reverify ledger: person", secret),
            photo: blake3::derive_key("reverify ledger: photo bytes", secret),
            path: blake3::derive_key("reverify ledger: photo path", secret),
            check: shorten(&blake3::derive_key("reverify ledger: key check", secret)),
            chain: Seal::new("reverify ledger: chain", secret),
            anchor: Seal::new("reverify ledger: anchor", secret),
            cache: Seal::new("reverify ledger: photo caches", secret),
            reserve: Seal::new("reverify ledger: answers in reserve", secret),
        }
    }

    /// Makes a key that nothing is ever kept under, for looking at an input before there is a ledger.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn throwaway() -> io::Result<Self> {
        let mut secret = [0; KEY_BYTES];
        getrandom::fill(&mut secret)?;
        Ok(Self::from_secret(&secret))
    }

    /// Stands for the key in the ledger, to recognise it by.
    pub(super) fn check(&self) -> Mark {
        self.check
    }

    /// Hashes the bytes of a photo as it was handed in.
    pub fn photo(&self, bytes: &[u8]) -> PhotoMark {
        PhotoMark(shorten(blake3::keyed_hash(&self.photo, bytes).as_bytes()))
    }

    /// Hashes a photo's path: the folder's own path, and the path inside it.
    pub fn path(&self, folder: &Path, inside: &str) -> PathMark {
        PathMark(mark_of_parts(&self.path, &[folder.as_os_str().as_encoded_bytes(), inside.as_bytes()]))
    }

    /// Hashes an applicant: normalised name, ID number and mobile, each with its length before it.
    pub fn person(&self, realname: &str, idcard: &str, mobile: &str) -> Person {
        Person(mark_of_parts(&self.person, &[realname.as_bytes(), idcard.as_bytes(), mobile.as_bytes()]))
    }

    /// Hashes an applicant with one photo: the values as for a person, and the hash of the photo's bytes.
    pub fn subject(&self, realname: &str, idcard: &str, mobile: &str, photo: PhotoMark) -> Subject {
        let parts = [realname.as_bytes(), idcard.as_bytes(), mobile.as_bytes(), &photo.0];
        Subject(joined(self.person(realname, idcard, mobile).0, mark_of_parts(&self.subject, &parts)))
    }

    /// Reads a key file.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if it cannot be read, [`LedgerError::KeyDamaged`] if it holds no key.
    pub(super) fn load(path: &Path) -> Result<Self, LedgerError> {
        let io = |source| LedgerError::Io { path: path.to_owned(), source };
        let mut text = String::new();
        let file = File::open(path).map_err(io)?;
        match file.take(1024).read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(LedgerError::KeyDamaged { path: path.to_owned() });
            }
            Err(error) => return Err(io(error)),
        }
        let secret =
            from_hex(text.trim()).ok_or_else(|| LedgerError::KeyDamaged { path: path.to_owned() })?;
        Ok(Self::from_secret(&secret))
    }

    /// Makes a new key file that outlasts a power cut; fails if there is one.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Io`] if it cannot be written.
    pub(super) fn create(path: &Path) -> Result<Self, LedgerError> {
        let io = |source| LedgerError::Io { path: path.to_owned(), source };
        let mut secret = [0; KEY_BYTES];
        getrandom::fill(&mut secret).map_err(|error| io(error.into()))?;
        // Written whole before it has its name: a crash leaves no half key behind.
        let folder = parent(path);
        let mut file = tempfile::Builder::new().prefix(".ledger-key").tempfile_in(folder).map_err(io)?;
        file.write_all(to_hex(&secret).as_bytes()).map_err(io)?;
        file.write_all(b"\n").map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        file.persist_noclobber(path).map_err(|error| io(error.error))?;
        sync_folder(folder).map_err(io)?;
        Ok(Self::from_secret(&secret))
    }
}

/// The folder that a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a folder's entries last.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes an empty file that only its owner can read, if there is none.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.sync_all()?;
    sync_folder(parent(path))
}

/// A path with an ending added: `reverify.db` -> `reverify.db.key`.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn mark_of_parts(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> Mark {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    shorten(hasher.finalize().as_bytes())
}

fn joined(person: Mark, rest: Mark) -> [u8; 32] {
    let mut subject = [0; 32];
    subject[..16].copy_from_slice(&person);
    subject[16..].copy_from_slice(&rest);
    subject
}

fn shorten(hash: &[u8; 32]) -> Mark {
    let mut mark = [0; 16];
    mark.copy_from_slice(&hash[..16]);
    mark
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}"); // Writing to a String cannot fail.
    }
    digits
}

pub(super) fn from_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| digit.try_into().ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if digits.len() == 2 * KEY_BYTES { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let new = LedgerKey::create(&path).unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap()) & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(LedgerKey::load(&path).unwrap().check(), new.check());
        assert!(LedgerKey::create(&path).is_err(), "a key is never written over");
    }

    #[test]
    fn what_is_no_key_is_told_from_what_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        for text in [&b""[..], b"0123", b"no key", &[0xff; 64]] {
            std::fs::write(&path, text).unwrap();
            let loaded = LedgerKey::load(&path).map(|_| ());
            assert!(matches!(loaded, Err(LedgerError::KeyDamaged { .. })), "{loaded:?}");
        }
        let loaded = LedgerKey::load(folder.path()).map(|_| ());
        assert!(matches!(loaded, Err(LedgerError::Io { .. })), "{loaded:?}");
    }

    #[test]
    fn a_path_without_a_folder_is_in_the_working_folder() {
        for (path, folder) in [("l.db", "."), ("a/l.db", "a"), ("./l.db", "."), ("/l.db", "/")] {
            assert_eq!(parent(Path::new(path)), Path::new(folder), "{path}");
        }
    }

    #[test]
    fn hashes_in_pieces_are_under_the_key_too() {
        let [one, other] = [7, 8].map(|byte| Seal::new("test", &[byte; 32]));
        let pieces = |seal: &Seal| seal.hasher().update(b"a").update(b"b").finalize();
        assert_eq!(pieces(&one), one.mark(b"ab"));
        assert_ne!(pieces(&one), pieces(&other));
    }

    #[test]
    fn a_damaged_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        for text in [&b""[..], b"abc", &[b'g'; 64], &[0xff; 64], &[b'a'; 63], &[b'a'; 65]] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(LedgerKey::load(&path), Err(LedgerError::KeyDamaged { .. })));
        }
    }

    #[test]
    fn fields_that_run_together_are_different_subjects() {
        let key = LedgerKey::from_secret(&[7; 32]);
        let photo = key.photo(b"photo");
        assert_ne!(key.subject("ab", "c", "d", photo), key.subject("a", "bc", "d", photo));
        assert_ne!(key.subject("a", "b", "c", photo), key.subject("a", "b", "c", key.photo(b"other")));
        assert_ne!(
            key.subject("a", "b", "c", photo),
            LedgerKey::from_secret(&[8; 32]).subject("a", "b", "c", photo)
        );
        assert_eq!(key.subject("a", "b", "c", photo), key.subject("a", "b", "c", photo));
    }
}
