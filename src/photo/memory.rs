//! One account of large buffers for the whole process, so that two photos never add up.

use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};

/// What all photos in preparation may hold together, in bytes.
const BUDGET_BYTES: usize = 32 << 20;

static HELD: Mutex<usize> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

/// Some of the budget, given back when dropped.
///
/// A thread that holds one must not ask for another: two such threads would wait for each other.
#[must_use = "the memory counts only while the permit is held"]
pub(super) struct Permit {
    bytes: usize,
}

impl Permit {
    /// Waits until `bytes` fit in the budget. A larger request takes all of it, and so runs alone.
    pub fn wait_for(bytes: usize) -> Self {
        return_large_buffers_when_freed();
        let bytes = bytes.min(BUDGET_BYTES);
        let mut held = account();
        while *held + bytes > BUDGET_BYTES {
            held = RETURNED.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held += bytes;
        Self { bytes }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *account() -= self.bytes;
        RETURNED.notify_all();
    }
}

/// Keeps the allocator from holding on to freed pictures.
///
/// glibc learns from the first large buffer that is freed to keep the next ones, in each thread: what one
/// thread gave back would still count when the other takes its turn. A threshold that is set is not learnt.
fn return_large_buffers_when_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: Once = Once::new();
        /// Buffers from this size on are mapped, and unmapped when freed; in bytes.
        const MAPPED_FROM_BYTES: i32 = 4 << 20;
        /// Smaller ones are kept for the next photo up to this together, in each thread; in bytes.
        const KEPT_BYTES: i32 = 8 << 20;
        ONCE.call_once(|| {
            #[expect(unsafe_code, reason = "the allocator is set through the C library")]
            // SAFETY: mallopt takes two integers, and may be called at any time from any thread. That it
            // may refuse is no harm: memory is then held for longer.
            unsafe {
                libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
                libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
            }
        });
    }
}

/// The count stays right whoever panics, since no code that can panic runs under the lock.
fn account() -> MutexGuard<'static, usize> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn permits_never_pass_the_budget_together() {
        static INSIDE: AtomicUsize = AtomicUsize::new(0);
        const EACH: usize = BUDGET_BYTES / 2 + 1;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for bytes in [EACH, usize::MAX] {
                        let _permit = Permit::wait_for(bytes);
                        assert_eq!(INSIDE.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        INSIDE.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }
}
