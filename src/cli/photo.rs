//! `reverify photo`: shows what would be sent of a picture, so that anyone can look.
//!
//! Nothing is sent, and no ledger is touched.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::photo_args::FaceArgs;
use crate::photo::{FacePolicy, Orientation, PhotoRejection, Prepared, prepare, read_operators_file};

/// Prepares pictures as a run would, and says what comes of each.
#[derive(Debug, clap::Args)]
pub struct PhotoArgs {
    /// Pictures: JPEG, PNG, WebP, TIFF, GIF or BMP
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Write what would be sent into this folder, one JPEG for each picture
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,

    /// How photos are judged.
    #[command(flatten)]
    pub face: FaceArgs,
}

/// Prints a line for each picture, and writes what would be sent if a folder is named.
///
/// # Errors
///
/// Fails if the folder or a picture in it cannot be written, or the lines cannot be printed.
pub fn run(args: &PhotoArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut target = args.to.as_deref().map(|dir| Target::open(dir, &args.files)).transpose()?;
    let mut exit = Exit::Settled;
    for file in &args.files {
        let line = match show(file, args.face.policy(), target.as_mut())? {
            Ok(line) => line,
            Err(reason) => {
                exit = Exit::Incomplete;
                format!("rejected: {reason}")
            }
        };
        writeln!(out, "{}  {line}", printable(file))
            .map_err(|e| Failure::new(Exit::Output, format!("the lines cannot be printed: {}", e.kind())))?;
    }
    Ok(exit)
}

/// Prepares one picture; the inner error is the reason why it is not sent, or not written.
fn show(
    file: &Path,
    faces: FacePolicy,
    target: Option<&mut Target>,
) -> Result<Result<String, String>, Failure> {
    let refused = |rejection: PhotoRejection| rejection.to_string();
    let prepared = match read_operators_file(file).and_then(|bytes| prepare(&bytes, faces)) {
        Ok(prepared) => prepared,
        Err(rejection) => return Ok(Err(refused(rejection))),
    };
    if let Some(target) = target
        && let Err(reason) = target.write(file, &prepared.jpeg)?
    {
        return Ok(Err(reason));
    }
    Ok(Ok(describe(&prepared)))
}

/// The folder that pictures are written into.
struct Target {
    dir: PathBuf,
    /// What must not be written over: the pictures themselves, free of symbolic links.
    inputs: HashSet<PathBuf>,
    written: HashSet<OsString>,
}

impl Target {
    fn open(dir: &Path, files: &[PathBuf]) -> Result<Self, Failure> {
        let fail = |e: std::io::Error| {
            let dir = printable(dir);
            Failure::new(Exit::Output, format!("{dir} cannot be written ({}); name another --to", e.kind()))
        };
        fs::create_dir_all(dir).map_err(fail)?;
        let dir = dir.canonicalize().map_err(fail)?;
        let inputs = files.iter().filter_map(|file| file.canonicalize().ok()).collect();
        Ok(Self { dir, inputs, written: HashSet::new() })
    }

    /// Writes one picture under its input's stem; the inner error says why it must not be written.
    fn write(&mut self, file: &Path, jpeg: &[u8]) -> Result<Result<(), String>, Failure> {
        let Some(stem) = file.file_stem() else {
            return Ok(Err("the path has no file name".to_owned()));
        };
        let mut name = stem.to_owned();
        name.push(".jpg");
        let path = self.dir.join(&name);
        if !self.written.insert(name) {
            return Ok(Err(format!("{} was written already, from another file", printable(&path))));
        }
        if path.canonicalize().is_ok_and(|existing| self.inputs.contains(&existing)) {
            return Ok(Err(format!("{} is an input itself; name another --to", printable(&path))));
        }
        replace(&self.dir, &path, jpeg).map(Ok).map_err(|e| {
            Failure::new(Exit::Output, format!("{} cannot be written ({})", printable(&path), e.kind()))
        })
    }
}

/// Puts the file in place as a whole, readable by its owner alone.
fn replace(dir: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".reverify-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn describe(prepared: &Prepared) -> String {
    let source = &prepared.source;
    let mut line =
        format!("{}x{} {} {}", source.width, source.height, source.format, size(source.size_bytes));
    if source.orientation != Orientation::default() {
        // Writing to a string cannot fail.
        let _ = write!(line, ", turned by EXIF {}", source.orientation.exif());
    }
    let _ = write!(line, "  ->  {}x{}, ", prepared.width, prepared.height);
    match prepared.quality {
        Some(quality) => {
            let _ = write!(line, "quality {quality}");
        }
        None => line.push_str("kept as it is"),
    }
    let _ = write!(line, ", {} bytes", grouped(prepared.jpeg.len()));
    for warning in &prepared.warnings {
        let _ = write!(line, " ({warning})");
    }
    line
}

/// Gives a size as people say it, in powers of ten.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", (bytes + 50_000) / 1_000_000, (bytes + 50_000) % 1_000_000 / 100_000),
    }
}

fn grouped(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

/// Gives a path without anything that a terminal would obey.
fn printable(path: &Path) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    path.to_string_lossy().chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests;
