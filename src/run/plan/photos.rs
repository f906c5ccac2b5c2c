//! Every photo that would be sent, prepared and thrown away: what would become of it?

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::super::RunError;
use super::super::inspect::Inspector;
use super::super::survey::{self, Books, Verdict};
use crate::domain::applicant::Applicant;
use crate::intake::Table;
use crate::lang;
use crate::ledger::{PathMark, PhotoMark};
use crate::output::columns::Cause;
use crate::photo::{self, PhotoRejection, PhotoWarning};

/// What was seen of a photo.
pub(super) struct Look {
    /// Its bytes, if they could be read.
    pub(super) mark: Option<PhotoMark>,
    /// Warnings, or why it cannot be sent.
    pub(super) outcome: Result<Vec<PhotoWarning>, Cause>,
}

/// What preparing the photos showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotosSeen {
    /// Photos that were prepared.
    pub looked_at: u64,
    /// Those of them that cannot be sent.
    pub bad: u64,
    /// What is worth knowing about the others, by its name for scripts, with one sentence of it.
    pub warnings: BTreeMap<&'static str, (String, u64)>,
}

impl PhotosSeen {
    pub(super) fn of<'a>(looks: impl Iterator<Item = &'a Look>) -> Self {
        let mut seen = Self::default();
        for look in looks {
            seen.looked_at += 1;
            match &look.outcome {
                Err(_) => seen.bad += 1,
                Ok(warnings) => {
                    for warning in warnings {
                        let (_, count) = seen
                            .warnings
                            .entry(warning.code())
                            .or_insert_with(|| (warning.text(lang::current()), 0));
                        *count += 1;
                    }
                }
            }
        }
        seen
    }
}

type Job = (PathMark, Applicant);
type Done = (PathMark, Look);

/// Prepares the photo of every row that is due, each path once. A few files at a time are in memory.
pub(super) fn prepare_all(
    table: &Table,
    inspector: &Inspector,
    books: Books<'_>,
    tell: &(dyn Fn(u64) + Sync),
) -> Result<HashMap<PathMark, Look>, RunError> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (jobs, todo) = mpsc::sync_channel::<Job>(cores);
    let (results, done) = mpsc::channel::<Done>();
    let (todo, count) = (Mutex::new(todo), AtomicU64::new(0));
    let fed = thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| work(inspector, &todo, &results, &count, tell));
        }
        feed(table, inspector, books, jobs)
    });
    fed?;
    drop(results);
    Ok(done.into_iter().collect())
}

fn feed(
    table: &Table,
    inspector: &Inspector,
    books: Books<'_>,
    jobs: SyncSender<Job>,
) -> Result<(), RunError> {
    let mut sent = HashSet::new();
    survey::survey(table, inspector, books, |_, asked, verdict| {
        if let (Some(asked), Verdict::Due | Verdict::DueIfPhotoIsNew) = (asked, &verdict)
            && sent.insert(asked.path)
        {
            // The workers are there as long as there are jobs.
            let _ = jobs.send((asked.path, asked.applicant.clone()));
        }
        Ok(verdict)
    })?;
    drop(jobs);
    Ok(())
}

fn work(
    inspector: &Inspector,
    todo: &Mutex<Receiver<Job>>,
    results: &mpsc::Sender<Done>,
    count: &AtomicU64,
    tell: &(dyn Fn(u64) + Sync),
) {
    loop {
        let job = todo.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((path, applicant)) = job else { return };
        let look = look(inspector, &applicant);
        tell(count.fetch_add(1, Ordering::Relaxed) + 1);
        // Nobody waits for it any more once the input could not be read.
        let _ = results.send((path, look));
    }
}

fn look(inspector: &Inspector, applicant: &Applicant) -> Look {
    let refused = |rejection: &PhotoRejection| inspector.photo_refusal(rejection).cause;
    match inspector.read_photo(applicant) {
        Err(rejection) => Look { mark: None, outcome: Err(refused(&rejection)) },
        Ok((_, mark, bytes)) => {
            let prepared = photo::prepare(&bytes, inspector.faces());
            let outcome = prepared.map(|prepared| prepared.warnings).map_err(|rejection| refused(&rejection));
            Look { mark: Some(mark), outcome }
        }
    }
}
