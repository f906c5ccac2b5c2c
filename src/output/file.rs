//! A file that is complete-old or complete-new at every moment, and lasts once it is reported written.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::say;

/// The output could not be written; what was at its path before is there still.
#[derive(Debug, thiserror::Error)]
#[error("{}", say!("output-cannot-write", path = path.display().to_string(), reason = crate::lang::os_error(source)))]
pub struct OutputError {
    /// Where the output was to go.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

const BUFFER_BYTES: usize = 256 * 1024;

/// Writes a file beside `path`, makes it last, and puts it in the place of `path`.
///
/// `mode` are the permission bits of a file that is new; one that is replaced keeps its own.
///
/// # Errors
///
/// Whatever `write` or the system says; then nothing is left behind and nothing has changed.
pub fn replace<T>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>,
) -> Result<T, OutputError> {
    try_replace(path, mode, write).map_err(|source| OutputError { path: path.to_owned(), source })
}

/// Finds out, before anything is spent, whether `path` could be replaced.
///
/// # Errors
///
/// If there is something else than a file, or no file can be made beside it.
pub fn check_replaceable(path: &Path) -> Result<(), OutputError> {
    let check = || {
        let target = target(path)?;
        let part = Part::create(&target)?;
        part.remove()
    };
    check().map_err(|source| OutputError { path: path.to_owned(), source })
}

fn try_replace<T>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>,
) -> io::Result<T> {
    let target = target(path)?;
    let mode = fs::metadata(&target).map_or(mode, |known| known.permissions().mode()) & 0o666;
    let part = Part::create(&target)?;
    let fill = || {
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, &part.file);
        let written = write(&mut writer)?;
        writer.flush()?;
        drop(writer);
        part.file.set_permissions(Permissions::from_mode(mode))?;
        part.file.sync_all()?;
        fs::rename(&part.path, &target)?;
        Ok(written)
    };
    match fill() {
        Ok(written) => {
            File::open(folder_of(&target))?.sync_all()?;
            Ok(written)
        }
        Err(error) => {
            part.remove()?;
            Err(error)
        }
    }
}

/// The file that is to be replaced: where a link leads to, and never a device or a folder.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::metadata(path) {
        Ok(known) if known.is_file() => fs::canonicalize(path),
        Ok(known) if known.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, say!("output-not-regular"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(error),
    }
}

/// The new file while it is being written. Its name follows from the target's, so that what a crash leaves
/// behind (rows with names in them) is written over by the next run, and not left lying about.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn create(target: &Path) -> io::Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        name.push(".part");
        let path = folder_of(target).join(name);
        let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600).custom_flags(flags);
        let file = options.open(&path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, say!("output-busy")),
            TryLockError::Error(error) => error,
        })?;
        file.set_len(0)?;
        Ok(Self { path, file })
    }

    fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

/// The folder that a file is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let failed = replace(&path, 0o600, |writer| {
            writer.write_all(b"half")?;
            Err::<(), _>(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_takes_the_mode_and_an_old_one_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        replace(&path, 0o640, |writer| writer.write_all(b"one")).unwrap();
        assert_eq!(mode(), 0o640);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        replace(&path, 0o640, |writer| writer.write_all(b"two")).unwrap();
        assert_eq!((mode(), fs::read_to_string(&path).unwrap().as_str()), (0o600, "two"));
    }

    #[test]
    fn a_device_is_no_output_and_a_link_leads_to_its_file() {
        assert!(check_replaceable(Path::new("/dev/null")).is_err());
        assert!(replace(Path::new("/dev/full"), 0o600, |_| Ok(())).is_err());
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.csv"), folder.path().join("link.csv"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, 0o600, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_a_crash_left_behind_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(folder.path().join(".out.csv.part"), "half an output").unwrap();
        replace(&path, 0o600, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_no_output() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_replaceable(folder.path()).is_err());
        assert!(check_replaceable(&folder.path().join("missing/out.csv")).is_err());
        assert!(check_replaceable(&folder.path().join("out.csv")).is_ok());
    }
}
