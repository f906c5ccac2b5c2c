//! The folder that pictures are written into, of which none is ever written over an input or another one.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use super::listing::Picture;
use super::printable;
use crate::say;

/// Where a picture was written; the error says why it must not be.
pub(super) type Written = Result<Option<PathBuf>, String>;

/// The folder of `--to`.
pub(super) struct Target {
    dir: PathBuf,
    /// What must not be written over: the pictures themselves, free of symbolic links.
    inputs: HashSet<PathBuf>,
    written: HashSet<PathBuf>,
}

impl Target {
    pub(super) fn open(dir: &Path, pictures: &[Picture]) -> Result<Self, Failure> {
        let fail = |e: std::io::Error| {
            let path = printable(dir);
            Failure::new(Exit::Output, say!("photo-to-unwritable", path = path, error = e.kind().to_string()))
        };
        fs::create_dir_all(dir).map_err(fail)?;
        let dir = dir.canonicalize().map_err(fail)?;
        let inputs = pictures.iter().filter_map(|picture| picture.path.canonicalize().ok()).collect();
        Ok(Self { dir, inputs, written: HashSet::new() })
    }

    /// Writes one picture under its input's name; the inner error says why it must not be written.
    pub(super) fn write(&mut self, picture: &Picture, jpeg: &[u8]) -> Result<Written, Failure> {
        if picture.place.file_stem().is_none() {
            return Ok(Err(say!("photo-no-name")));
        }
        let path = self.dir.join(picture.place.with_extension("jpg"));
        if !self.written.insert(path.clone()) {
            return Ok(Err(say!("photo-written-already", path = printable(&path))));
        }
        if path.canonicalize().is_ok_and(|existing| self.inputs.contains(&existing)) {
            return Ok(Err(say!("photo-is-an-input", path = printable(&path))));
        }
        let written = replace(path.parent().unwrap_or(&self.dir), &path, jpeg);
        written.map(|()| Ok(Some(path.clone()))).map_err(|e| {
            let path = printable(&path);
            Failure::new(Exit::Output, say!("photo-unwritable", path = path, error = e.kind().to_string()))
        })
    }
}

/// Puts the file in place as a whole, readable by its owner alone.
fn replace(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mut file = tempfile::Builder::new()
        .prefix(".reverify-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
