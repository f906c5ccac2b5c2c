//! The checks that need nothing but this machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Check, DoctorArgs, State};
use crate::cli::{api_key, settings};
use crate::ledger::{Access, LedgerError};
use crate::photo::PhotoFolder;
use crate::say;

const MEBIBYTE: u64 = 1 << 20;
/// Less free space than this ends a run soon; less than the second is worth a word.
const TOO_LITTLE: u64 = 64 * MEBIBYTE;
const LITTLE: u64 = 1024 * MEBIBYTE;

/// Key, ledger, folders and disk.
pub(super) fn of_this_machine(args: &DoctorArgs) -> Vec<Check> {
    let mut checks = vec![key(args)];
    checks.push(ledger(args));
    let ledger_folder = folder_of(&args.ledger.ledger);
    checks.push(folder("ledger-folder", say!("doctor-ledger-folder"), &ledger_folder));
    let output = output_of(args);
    let output_folder = folder_of(&output);
    if output_folder != ledger_folder {
        checks.push(folder("output-folder", say!("doctor-output-folder"), &output_folder));
    }
    checks.push(replaceable(&output));
    checks.push(private_files(args, &output));
    if args.input.is_some() || args.photos.is_some() {
        checks.push(photos(args));
    }
    checks.push(space(&ledger_folder, &output_folder));
    checks
}

fn key(args: &DoctorArgs) -> Check {
    let check = |state, message| Check::new("key", say!("doctor-key"), state, message);
    if args.sandbox {
        return check(State::Fine, say!("doctor-key-sandbox"));
    }
    let Some(source) = api_key::Source::find(args.key_file.as_deref()) else {
        return check(State::Problem, say!("key-missing").lines().next().unwrap_or_default().to_owned());
    };
    if let Err(failure) = source.read() {
        return check(State::Problem, failure.message);
    }
    let place = source.shown();
    let mode = source.file().and_then(|path| fs::metadata(path).ok()).map(|known| known.mode() & 0o777);
    match mode {
        Some(mode) if mode & 0o077 != 0 => {
            let mode = format!("{mode:04o}");
            check(State::Warning, say!("doctor-key-open", path = place, mode = mode))
        }
        Some(mode) => {
            let mode = format!("{mode:04o}");
            check(State::Fine, say!("doctor-key-fine", path = place, mode = mode))
        }
        None => check(State::Warning, say!("doctor-key-variable", place = place)),
    }
}

fn ledger(args: &DoctorArgs) -> Check {
    let check = |state, message| Check::new("ledger", say!("doctor-ledger"), state, message);
    let path = args.ledger.ledger.display().to_string();
    let opened = settings::try_open_ledger(&args.ledger, Access::ExistingOnly);
    match opened.and_then(|ledger| ledger.bound_to()) {
        Ok(bound) => {
            let bound = bound.map_or_else(|| say!("doctor-ledger-unused"), |kind| kind.to_string());
            check(State::Fine, say!("doctor-ledger-fine", path = path, bound = bound))
        }
        Err(LedgerError::Missing { .. }) => check(State::Fine, say!("doctor-ledger-none", path = path)),
        Err(LedgerError::Locked { pid, .. }) => {
            check(State::Warning, say!("doctor-ledger-held", path = path, pid = pid))
        }
        Err(error) => check(State::Problem, error.to_string()),
    }
}

/// A folder must let this program make, rename and remove files.
fn folder(name: &'static str, title: String, path: &Path) -> Check {
    let shown = path.display().to_string();
    match tempfile::Builder::new().prefix(".reverify-").tempfile_in(path) {
        Ok(_) => Check::new(name, title, State::Fine, say!("doctor-folder-fine", path = shown)),
        Err(error) => {
            // The error of a temporary file names that file.
            let error = error.kind().to_string();
            Check::new(name, title, State::Problem, say!("doctor-folder-bad", path = shown, error = error))
        }
    }
}

/// The output is written beside its place and renamed into it: both must be on one file system.
fn replaceable(output: &Path) -> Check {
    let check = |state, message| Check::new("output", say!("doctor-output"), state, message);
    let shown = output.display().to_string();
    let target = fs::canonicalize(output);
    let Ok(target) = target else {
        return check(State::Fine, say!("doctor-output-new", path = shown));
    };
    let (file, folder) = (fs::metadata(&target), fs::metadata(folder_of(&target)));
    match (file, folder) {
        (Ok(file), _) if !file.is_file() => {
            check(State::Problem, say!("doctor-output-no-file", path = shown))
        }
        (Ok(file), Ok(folder)) if file.dev() != folder.dev() => {
            check(State::Problem, say!("doctor-output-mounted", path = shown))
        }
        (Ok(_), Ok(_)) => check(State::Fine, say!("doctor-output-fine", path = shown)),
        (Err(error), _) | (_, Err(error)) => {
            let error = error.to_string();
            check(State::Problem, say!("doctor-output-unseen", path = shown, error = error))
        }
    }
}

/// Input, output and the ledger's key hold what not everybody should read.
fn private_files(args: &DoctorArgs, output: &Path) -> Check {
    let check = |state, message| Check::new("privacy", say!("doctor-privacy"), state, message);
    let ledger_key = settings::ledger_key_path(&args.ledger);
    let files = [args.input.as_deref(), Some(output), Some(&*args.ledger.ledger), Some(&*ledger_key)];
    let is_open =
        |path: &&Path| fs::metadata(path).is_ok_and(|known| known.is_file() && known.mode() & 0o004 != 0);
    let open: Vec<String> =
        files.into_iter().flatten().filter(is_open).map(|path| path.display().to_string()).collect();
    if open.is_empty() {
        check(State::Fine, say!("doctor-privacy-fine"))
    } else {
        check(State::Warning, say!("doctor-privacy-open", paths = open.join(", ")))
    }
}

fn photos(args: &DoctorArgs) -> Check {
    let path =
        args.photos.clone().unwrap_or_else(|| folder_of(args.input.as_deref().unwrap_or(Path::new("."))));
    let (state, message) = match PhotoFolder::open(&path) {
        Ok(_) => (State::Fine, say!("doctor-photos-fine", path = path.display().to_string())),
        Err(error) => (State::Problem, error.to_string()),
    };
    Check::new("photos", say!("doctor-photos"), state, message)
}

fn space(ledger: &Path, output: &Path) -> Check {
    let check = |state, message| Check::new("disk", say!("doctor-disk"), state, message);
    let free = |path: &Path| {
        let known = rustix::fs::statvfs(path).ok()?;
        Some(known.f_bavail.saturating_mul(known.f_frsize))
    };
    let known = [ledger, output].into_iter().filter_map(|path| free(path).map(|bytes| (bytes, path)));
    let Some((bytes, path)) = known.min_by_key(|(bytes, _)| *bytes) else {
        return check(State::Warning, say!("doctor-disk-unknown"));
    };
    let (free, path) = (bytes / MEBIBYTE, path.display().to_string());
    match bytes {
        0..TOO_LITTLE => check(State::Problem, say!("doctor-disk-full", free = free, path = path)),
        TOO_LITTLE..LITTLE => check(State::Warning, say!("doctor-disk-low", free = free, path = path)),
        LITTLE.. => check(State::Fine, say!("doctor-disk-fine", free = free, path = path)),
    }
}

fn output_of(args: &DoctorArgs) -> PathBuf {
    match (&args.output, &args.input) {
        (Some(output), _) => output.clone(),
        (None, Some(input)) => settings::output_beside(input),
        (None, None) => PathBuf::from("applicants.verified.csv"),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
