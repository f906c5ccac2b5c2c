//! A file that is complete-old or complete-new at every moment, and lasts once it is reported written.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The output could not be written; what was at its path before is there still.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the output {path}: {source}; the file that was there before is untouched")]
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
/// If it is a folder, or no file can be made beside it.
pub fn check_replaceable(path: &Path) -> Result<(), OutputError> {
    let error = |source| OutputError { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(error(io::ErrorKind::IsADirectory.into()));
    }
    temporary(path).map(drop).map_err(error)
}

fn try_replace<T>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>,
) -> io::Result<T> {
    let temporary = temporary(path)?;
    let mode = fs::metadata(path).map_or(mode, |known| known.permissions().mode()) & 0o666;
    let mut writer = BufWriter::with_capacity(BUFFER_BYTES, temporary.as_file());
    let written = write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    File::open(folder_of(path))?.sync_all()?;
    Ok(written)
}

fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".reverify-").suffix(".part").tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
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
    fn a_folder_is_no_output() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_replaceable(folder.path()).is_err());
        assert!(check_replaceable(&folder.path().join("missing/out.csv")).is_err());
        assert!(check_replaceable(&folder.path().join("out.csv")).is_ok());
    }
}
