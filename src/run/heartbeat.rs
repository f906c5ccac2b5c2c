//! A sign of life for a watchdog: it counts what was really done, so that work that hangs is noticed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often the run's loop beats while it has nothing else to do than to wait.
pub(super) const EVERY: Duration = Duration::from_millis(250);

static BEATS: AtomicU64 = AtomicU64::new(0);

/// One row was read or written, or the run's loop came round once more.
pub(super) fn beat() {
    BEATS.fetch_add(1, Ordering::Relaxed);
}

/// How many beats there were since the process began.
pub fn beats() -> u64 {
    BEATS.load(Ordering::Relaxed)
}
