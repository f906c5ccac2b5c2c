//! Opens photos inside one folder, and nothing outside it.
//!
//! A list of applicants must not be able to send `/etc/shadow` to a third party. So a path is walked
//! part by part from an open folder, no symbolic link is followed, and only a regular file is read.
//! Nothing is compared as text after the file system has resolved it, so there is no moment between a
//! check and its use.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{self, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::rejection::PhotoRejection;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// Opens a folder to go through it, without the right to list it where the system can tell the two apart.
#[cfg(target_os = "linux")]
const PASS_THROUGH: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASS_THROUGH: OFlags = OFlags::RDONLY;

/// The folder that photos are read from.
#[derive(Debug)]
pub struct PhotoFolder {
    handle: OwnedFd,
    path: PathBuf,
}

/// Why the photo folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}", crate::say!("photo-folder-unopened", path = path.display().to_string()))]
pub struct PhotoFolderError {
    path: PathBuf,
    source: std::io::Error,
}

/// What tells whether a file is still the one that was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Length, bytes.
    pub len: u64,
    /// Time of the last change of the bytes, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Time of the last change of the bytes or of the file's attributes, nanoseconds since 1970.
    pub ctime_ns: i64,
}

impl PhotoFolder {
    /// Opens the folder. It may itself be a symbolic link: that is the operator's choice.
    ///
    /// # Errors
    ///
    /// Names the folder if it does not exist, is none or may not be entered.
    pub fn open(dir: &Path) -> Result<Self, PhotoFolderError> {
        let wrap = |source: std::io::Error| PhotoFolderError { path: dir.to_owned(), source };
        let path = dir.canonicalize().map_err(wrap)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = fs::open(&path, flags, Mode::empty()).map_err(|e| wrap(e.into()))?;
        Ok(Self { handle, path })
    }

    /// Gives the folder's absolute path, free of symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at a photo without reading it.
    ///
    /// # Errors
    ///
    /// Refuses exactly what [`PhotoFolder::read`] refuses before it reads.
    pub fn stat(&self, relative: &str) -> Result<Stamp, PhotoRejection> {
        self.open_photo(relative).map(|(_, stamp)| stamp)
    }

    /// Reads a photo, with the stamp of the very file that was read.
    ///
    /// # Errors
    ///
    /// Refuses a path that leaves the folder or goes through a symbolic link, what is not a regular
    /// file, and an empty or oversized one.
    pub fn read(&self, relative: &str) -> Result<(Stamp, Vec<u8>), PhotoRejection> {
        let (file, stamp) = self.open_photo(relative)?;
        Ok((stamp, read_capped(file, stamp)?))
    }

    fn open_photo(&self, relative: &str) -> Result<(File, Stamp), PhotoRejection> {
        let parts = parts_of(relative)?;
        let Some((name, folders)) = parts.split_last() else {
            return Err(PhotoRejection::NotAFile);
        };
        let mut inner: Option<OwnedFd> = None;
        for part in folders {
            let at = inner.as_ref().map_or(self.handle.as_fd(), AsFd::as_fd);
            let flags = PASS_THROUGH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let next = fs::openat(at, *part, flags, Mode::empty()).map_err(|e| refusal(at, part, e))?;
            inner = Some(next);
        }
        let at = inner.as_ref().map_or(self.handle.as_fd(), AsFd::as_fd);
        // Without NONBLOCK a pipe with no writer would hold the run for ever.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = fs::openat(at, *name, flags, Mode::empty()).map_err(|e| refusal(at, name, e))?;
        stamp_of(file.into())
    }
}

/// Reads a file that the operator named on the command line: any path, but a regular file of bearable size.
///
/// # Errors
///
/// Refuses what is missing, unreadable, not a regular file, empty or oversized.
pub fn read_operators_file(path: &Path) -> Result<Vec<u8>, PhotoRejection> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = fs::open(path, flags, Mode::empty()).map_err(reason)?;
    let (file, stamp) = stamp_of(file.into())?;
    read_capped(file, stamp)
}

/// Splits a path as it stands in a list, Windows' separators included.
fn parts_of(relative: &str) -> Result<Vec<&str>, PhotoRejection> {
    if relative.trim().is_empty() {
        return Err(PhotoRejection::NoPath);
    }
    let is_separator = |c| c == '/' || c == '\\';
    let has_drive = relative.as_bytes().get(1) == Some(&b':') && relative.as_bytes()[0].is_ascii_alphabetic();
    if relative.starts_with(is_separator) || has_drive || relative.contains('\0') {
        return Err(PhotoRejection::OutsideFolder);
    }
    let parts: Vec<&str> = relative.split(is_separator).filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(PhotoRejection::OutsideFolder);
    }
    // "a.jpg/" names a folder, not the file.
    if relative.ends_with(is_separator) { Err(PhotoRejection::NotAFile) } else { Ok(parts) }
}

/// Asks once more about a part that did not open, because ENOTDIR may mean a link or a file.
fn refusal(at: impl AsFd, part: &str, error: Errno) -> PhotoRejection {
    if matches!(error, Errno::NOTDIR | Errno::LOOP | Errno::MLINK) {
        let kind =
            fs::statat(at, part, fs::AtFlags::SYMLINK_NOFOLLOW).map(|s| FileType::from_raw_mode(s.st_mode));
        return match kind {
            Ok(FileType::Symlink) => PhotoRejection::SymbolicLink,
            // "a.jpg/b": a file where a folder should be, so nothing is there.
            _ => PhotoRejection::Missing,
        };
    }
    reason(error)
}

fn reason(error: Errno) -> PhotoRejection {
    match error {
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::INVAL => PhotoRejection::Missing,
        Errno::ACCESS | Errno::PERM => PhotoRejection::NoPermission,
        Errno::NXIO | Errno::NODEV | Errno::ISDIR => PhotoRejection::NotAFile,
        Errno::LOOP => PhotoRejection::SymbolicLink,
        _ => PhotoRejection::Unreadable,
    }
}

/// Stamps an open file, which has to be regular and of bearable size.
fn stamp_of(file: File) -> Result<(File, Stamp), PhotoRejection> {
    use std::os::unix::fs::MetadataExt;
    let meta = file.metadata().map_err(|_| PhotoRejection::Unreadable)?;
    if !meta.is_file() {
        return Err(PhotoRejection::NotAFile);
    }
    let nanoseconds = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
    let stamp = Stamp {
        len: meta.len(),
        mtime_ns: nanoseconds(meta.mtime(), meta.mtime_nsec()),
        ctime_ns: nanoseconds(meta.ctime(), meta.ctime_nsec()),
    };
    match stamp.len {
        0 => Err(PhotoRejection::Empty),
        len if len > MAX_FILE_BYTES => Err(PhotoRejection::FileTooLarge),
        _ => Ok((file, stamp)),
    }
}

fn read_capped(file: File, stamp: Stamp) -> Result<Vec<u8>, PhotoRejection> {
    // The length was capped before; one byte more shows a file that grows meanwhile.
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.len).unwrap_or(0) + 1);
    file.take(stamp.len + 1).read_to_end(&mut bytes).map_err(|_| PhotoRejection::Unreadable)?;
    if bytes.len() as u64 == stamp.len { Ok(bytes) } else { Err(PhotoRejection::Unreadable) }
}
