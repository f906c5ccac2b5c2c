//! How fast a run gets ahead, and how long it has still to go.

use std::time::{Duration, Instant};

use crate::run::progress::Snapshot;

/// The speed is taken anew when so much time has passed.
const OVER: Duration = Duration::from_millis(900);

/// Measures a run's speed.
#[derive(Debug)]
pub(super) struct Speed {
    started: Instant,
    taken: Instant,
    calls: u64,
    per_second: f64,
}

impl Speed {
    /// Begins to measure.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { started: now, taken: now, calls: 0, per_second: 0.0 }
    }

    /// Calls per second, over the last second or so.
    pub(super) fn per_second(&mut self, snapshot: &Snapshot) -> f64 {
        let elapsed = self.taken.elapsed();
        if elapsed >= OVER {
            let more = u32::try_from(snapshot.calls.saturating_sub(self.calls)).unwrap_or(u32::MAX);
            self.per_second = f64::from(more) / elapsed.as_secs_f64();
            (self.taken, self.calls) = (Instant::now(), snapshot.calls);
        }
        self.per_second
    }

    /// How long the rows that are left will take if they go as those before. `None`: nobody knows yet.
    pub(super) fn left(&self, snapshot: &Snapshot) -> Option<Duration> {
        left(self.started.elapsed(), snapshot.done, snapshot.due)
    }

    /// How long the run has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

fn left(elapsed: Duration, done: u64, due: u64) -> Option<Duration> {
    let left = due.checked_sub(done)?;
    let for_all_left = elapsed.as_millis().saturating_mul(left.into());
    let seconds = for_all_left.checked_div(done.into())? / 1000;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_for_each_row_as_what_is_done() {
        let seconds = Duration::from_secs;
        assert_eq!(left(seconds(10), 0, 50), None);
        assert_eq!(left(seconds(10), 10, 50), Some(seconds(40)));
        assert_eq!(left(seconds(10), 50, 50), Some(seconds(0)));
        assert_eq!(left(seconds(10), 51, 50), None);
    }
}
