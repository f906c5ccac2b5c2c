//! Work on many items, as wide as the machine's cores, whose results come in the items' order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Results that may wait for an earlier one, for each core.
const AHEAD: usize = 4;

struct Shared<R> {
    next: usize,
    taken: usize,
    results: BTreeMap<usize, R>,
    /// Nothing more is to be begun: the receiver failed, or a worker broke down.
    stopped: bool,
    working: usize,
}

/// Calls `work` for each item on some core, and `receive` here, in the items' order.
///
/// # Errors
///
/// Passes on the first error of `receive`, after which nothing more is begun.
pub(super) fn each_in_order<T: Sync, R: Send, E>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut receive: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(items.len().max(1));
    let ahead = cores * AHEAD;
    let shared =
        Mutex::new(Shared { next: 0, taken: 0, results: BTreeMap::new(), stopped: false, working: cores });
    let changed = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let wait = |guard| changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let _leaving = Leaving(|| {
                    let mut shared = lock();
                    shared.working -= 1;
                    // One that panicked leaves a result missing that the others must not run away from.
                    shared.stopped |= thread::panicking();
                    changed.notify_all();
                });
                loop {
                    let mut guard = lock();
                    while !guard.stopped && guard.next < items.len() && guard.next >= guard.taken + ahead {
                        guard = wait(guard);
                    }
                    if guard.stopped || guard.next >= items.len() {
                        return;
                    }
                    let at = guard.next;
                    guard.next += 1;
                    drop(guard);
                    let result = work(&items[at]);
                    lock().results.insert(at, result);
                    changed.notify_all();
                }
            });
        }
        for (at, item) in items.iter().enumerate() {
            let mut guard: MutexGuard<'_, Shared<R>> = lock();
            let result = loop {
                if let Some(result) = guard.results.remove(&at) {
                    break Some(result);
                }
                if guard.working == 0 {
                    break None;
                }
                guard = wait(guard);
            };
            guard.taken = at + 1;
            drop(guard);
            changed.notify_all();
            // Without a result, a worker has panicked, and the scope passes that on.
            let Some(result) = result else { return Ok(()) };
            if let Err(error) = receive(item, result) {
                lock().stopped = true;
                changed.notify_all();
                return Err(error);
            }
        }
        Ok(())
    })
}

/// Does something however a thread ends.
struct Leaving<F: FnMut()>(F);

impl<F: FnMut()> Drop for Leaving<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_and_none_runs_far_ahead() {
        let items: Vec<usize> = (0..1000).collect();
        let (begun, received) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = thread::available_parallelism().map_or(1, NonZeroUsize::get) * (AHEAD + 1);
        let mut seen = Vec::new();
        each_in_order(
            &items,
            |item| {
                let begun = begun.fetch_add(1, Ordering::SeqCst) + 1;
                assert!(begun <= received.load(Ordering::SeqCst) + most + 1);
                item * 2
            },
            |item, result| {
                received.fetch_add(1, Ordering::SeqCst);
                seen.push((*item, result));
                Ok::<_, ()>(())
            },
        )
        .unwrap();
        assert!(seen.iter().enumerate().all(|(at, pair)| *pair == (at, at * 2)));
        assert_eq!(seen.len(), 1000);
    }

    #[test]
    fn an_error_ends_it() {
        let begun = AtomicUsize::new(0);
        let items = [(); 1000];
        let result = each_in_order(&items, |()| begun.fetch_add(1, Ordering::SeqCst), |(), _| Err("full"));
        assert_eq!(result, Err("full"));
        assert!(begun.into_inner() < 1000);
    }

    #[test]
    fn no_item_is_no_work() {
        assert_eq!(each_in_order(&[] as &[u8], |_| (), |_, ()| Err(())), Ok(()));
    }
}
