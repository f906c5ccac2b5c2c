//! The processor's part of preparing photos: as many threads as the machine has cores, each photo once.
//!
//! Files wait in memory only for as long as they are read or prepared, a few at a time, so that a folder of
//! large ones takes no more memory than a few of them do. What was prepared of late is kept: the photo of
//! two rows is prepared for the first one.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::ledger::PhotoMark;
use crate::photo::{self, FacePolicy, PhotoRejection, Prepared};

/// Files that may be in memory beyond those that the cores are at work on.
const READ_AHEAD: usize = 2;

/// Prepared photos that are kept for rows that name the same one, of 20 kB at most each.
const KEPT: usize = 256;

/// What came of a photo.
pub(super) type Outcome = Arc<Result<Prepared, PhotoRejection>>;

/// The cores that prepare photos, and what they have prepared.
pub(super) struct PhotoPool {
    cores: Semaphore,
    files: Semaphore,
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    outcomes: HashMap<PhotoMark, Arc<OnceCell<Outcome>>>,
    oldest_first: VecDeque<PhotoMark>,
}

impl PhotoPool {
    /// Makes a pool as wide as the machine has cores.
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            cores: Semaphore::new(cores),
            files: Semaphore::new(cores + READ_AHEAD),
            recent: Mutex::default(),
        }
    }

    /// Waits until one more file may be held in memory.
    pub(super) async fn room_for_a_file(&self) -> Option<SemaphorePermit<'_>> {
        self.files.acquire().await.ok()
    }

    /// Prepares a photo, unless that was done of late or is being done.
    pub(super) async fn prepare(&self, mark: PhotoMark, bytes: Vec<u8>, faces: FacePolicy) -> Outcome {
        let outcome = self.recent.lock().unwrap_or_else(PoisonError::into_inner).outcome_of(mark);
        let prepared = outcome.get_or_init(|| async {
            let _core = self.cores.acquire().await;
            Arc::new(off_the_loop(move || photo::prepare(&bytes, faces)).await)
        });
        Arc::clone(prepared.await)
    }
}

/// Runs what keeps a core or a disk busy without holding up the tasks that wait for the network.
pub(super) async fn off_the_loop<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Recent {
    fn outcome_of(&mut self, mark: PhotoMark) -> Arc<OnceCell<Outcome>> {
        if let Some(known) = self.outcomes.get(&mark) {
            return Arc::clone(known);
        }
        if self.oldest_first.len() == KEPT
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.outcomes.remove(&oldest);
        }
        self.oldest_first.push_back(mark);
        Arc::clone(self.outcomes.entry(mark).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Access, Ledger};

    /// Marks of photos, as a ledger makes them.
    fn marks(count: u16) -> Vec<PhotoMark> {
        let dir = tempfile::tempdir().unwrap();
        let (path, key) = (dir.path().join("ledger"), dir.path().join("key"));
        let ledger = Ledger::open(&path, &key, Access::CreateIfMissing).unwrap();
        (0..count).map(|number| ledger.key().photo(&number.to_le_bytes())).collect()
    }

    #[tokio::test]
    async fn a_photo_that_is_asked_for_twice_is_prepared_once() {
        let pool = PhotoPool::new();
        let file = include_bytes!("../../fixtures/photos/large.jpg").to_vec();
        let marks = marks(2);
        let ask = |number: usize| pool.prepare(marks[number], file.clone(), FacePolicy::Require);
        let (first, second, other) = tokio::join!(ask(0), ask(0), ask(1));
        let third = ask(0).await;
        assert!(first.is_ok());
        assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&first, &third));
        assert!(!Arc::ptr_eq(&first, &other) && first == other);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let pool = PhotoPool::new();
        let marks = marks(u16::try_from(KEPT).unwrap() + 1);
        for mark in &marks {
            let outcome = pool.prepare(*mark, b"no picture".to_vec(), FacePolicy::Off).await;
            assert!(outcome.is_err());
        }
        let recent = pool.recent.lock().unwrap();
        assert_eq!((recent.outcomes.len(), recent.oldest_first.len()), (KEPT, KEPT));
        assert!(!recent.outcomes.contains_key(&marks[0]) && recent.outcomes.contains_key(&marks[1]));
    }
}
