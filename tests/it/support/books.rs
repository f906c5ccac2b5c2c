//! What a ledger says of each applicant, read from a copy of its files as a crash left them.

use std::fs;
use std::path::{Path, PathBuf};

use reverify::domain::answer::Class;
use reverify::domain::decide::{AskPolicy, Attempt, History, RunId, Standing, standing};
use reverify::ledger::{Access, Ledger, LedgerError};
use tempfile::TempDir;

use super::program::Applicant;

/// A folder in memory where the system has one: what is tried a thousand times need not wait for a disk.
pub fn quick_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.or_else(|_| TempDir::new()).expect("the temporary folder is writable")
}

/// The ledger's account of each applicant, in their order.
#[derive(Debug)]
pub struct Books {
    histories: Vec<History>,
}

impl Books {
    /// Copies the ledger in `folder` with all that lies beside it, and reads the copy as a run would.
    ///
    /// # Errors
    ///
    /// What a run would refuse with.
    pub fn of_copy(folder: &Path, applicants: &[Applicant]) -> Result<Self, LedgerError> {
        let copy = quick_folder();
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let from: PathBuf = entry.expect("the folder is readable").path();
            let name = from.file_name().expect("a file has a name").to_owned();
            let is_of_the_ledger = name.to_string_lossy().starts_with("reverify.db");
            if is_of_the_ledger || Path::new(&name).extension() == Some("jpg".as_ref()) {
                fs::copy(&from, copy.path().join(name)).expect("the copy fits");
            }
        }
        Self::read(copy.path(), applicants)
    }

    /// Reads the ledger in `folder` as a run would, which may change its files.
    ///
    /// # Errors
    ///
    /// What a run would refuse with.
    pub fn read(folder: &Path, applicants: &[Applicant]) -> Result<Self, LedgerError> {
        let (path, key) = (folder.join("reverify.db"), folder.join("reverify.db.key"));
        let ledger = Ledger::open(&path, &key, Access::CreateIfMissing)?;
        let history = |of: &Applicant| {
            let photo = fs::read(folder.join(&of.photo)).expect("the photo is there");
            let key = ledger.key();
            ledger.history(key.subject(&of.realname, &of.idcard, &of.mobile, key.photo(&photo)))
        };
        Ok(Self { histories: applicants.iter().map(history).collect::<Result<_, _>>()? })
    }

    /// Returns everything known of an applicant.
    pub fn of(&self, serial: usize) -> &History {
        &self.histories[serial]
    }

    /// Says what a run that comes next may do about an applicant.
    pub fn standing(&self, serial: usize) -> Standing {
        standing(self.of(serial), &AskPolicy::default(), RunId(i64::MAX))
    }

    /// Counts the calls that may have been billed, and nobody knows.
    pub fn doubts(&self) -> usize {
        self.attempts().filter(|attempt| attempt.may_have_been_billed()).count()
    }

    /// Counts the calls that were billed for certain.
    pub fn billed(&self) -> usize {
        self.attempts().filter(|attempt| attempt.was_billed()).count()
    }

    /// Says of every answer whose it is and what it was.
    pub fn answers(&self) -> Vec<(i64, Class, Option<String>)> {
        let answered = |attempt: &Attempt| {
            let answer = attempt.answer.as_ref()?;
            Some((attempt.intent.0, answer.class, answer.orderid.clone()))
        };
        self.attempts().filter_map(answered).collect()
    }

    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.histories.iter().flat_map(|history| history.iter())
    }
}
