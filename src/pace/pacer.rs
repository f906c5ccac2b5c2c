//! Spaces calls out (governor's GCRA), halves the rate when the API refuses it, and climbs back.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::Rate;

/// Calls travel with jitter. Each window is stretched by this much, so that calls which bunch up on the
/// way still do not exceed the rate where the API counts them.
const JITTER_ALLOWANCE: Duration = Duration::from_millis(25);

/// The slowest that refusals make the run: one call in this time.
const SLOWEST: Duration = Duration::from_secs(10);

/// How often the rate climbs.
const CLIMB_EVERY: Duration = Duration::from_secs(1);

/// What a climb adds, as a share of the full rate: quickly until near where it was refused, then slowly.
const CLIMB_FAST: f64 = 0.05;
const CLIMB_SLOWLY: f64 = 0.005;
const NEAR: f64 = 0.9;

type Limiter = RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<Nanos>>;

/// Says when the next call may start. Moments are durations since the run began.
#[derive(Debug)]
pub struct Pacer {
    rate: Rate,
    clock: FakeRelativeClock,
    clock_shows: Duration,
    limiter: Limiter,
    /// The share of the full rate that is in force, above 0 and at most 1.
    share: f64,
    refused_share: f64,
    climbed_at: Duration,
}

impl Pacer {
    /// Starts at the full rate.
    pub fn new(rate: Rate) -> Self {
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(quota(rate, 1.0), clock.clone());
        Self {
            rate,
            clock,
            clock_shows: Duration::ZERO,
            limiter,
            share: 1.0,
            refused_share: 1.0,
            climbed_at: Duration::ZERO,
        }
    }

    /// The rate in force, in calls per second.
    pub fn calls_per_second(&self) -> f64 {
        f64::from(self.rate.calls()) * self.share / self.rate.window().as_secs_f64()
    }

    /// Takes a slot, or says when to ask again.
    ///
    /// # Errors
    ///
    /// The moment at which the next slot is free.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.set_clock(now);
        self.limiter.check().map_err(|not_until| now + not_until.wait_time_from(self.clock.now()))
    }

    /// Halves the rate: the API has refused it.
    pub fn slow_down(&mut self, now: Duration) {
        self.refused_share = self.share;
        self.climbed_at = now;
        let least = interval(self.rate, 1.0).as_secs_f64() / SLOWEST.as_secs_f64();
        self.set_share((self.share / 2.0).max(least.min(self.share)), now);
    }

    /// Climbs back a little, at most once in a while: the API has accepted a call.
    pub fn accepted(&mut self, now: Duration) {
        if self.share >= 1.0 || now < self.climbed_at + CLIMB_EVERY {
            return;
        }
        self.climbed_at = now;
        let step = if self.share < NEAR * self.refused_share { CLIMB_FAST } else { CLIMB_SLOWLY };
        self.set_share((self.share + step).min(1.0), now);
    }

    fn set_share(&mut self, share: f64, now: Duration) {
        self.share = share;
        self.set_clock(now);
        self.limiter = RateLimiter::direct_with_clock(quota(self.rate, share), self.clock.clone());
        // A new limiter begins with free slots; the ones before it have just been used.
        while self.limiter.check().is_ok() {}
    }

    fn set_clock(&mut self, now: Duration) {
        self.clock.advance(now.saturating_sub(self.clock_shows));
        self.clock_shows = self.clock_shows.max(now);
    }
}

fn interval(rate: Rate, share: f64) -> Duration {
    (rate.window() + JITTER_ALLOWANCE).div_f64(f64::from(rate.calls()) * share)
}

/// Timers are late by a millisecond or so. A few slots may be caught up on where calls are that close:
/// half of those that the stretched window leaves free, so that the other half is left for the jitter.
fn quota(rate: Rate, share: f64) -> Quota {
    let interval = interval(rate, share);
    let left_free = JITTER_ALLOWANCE.as_nanos() / interval.as_nanos().max(1);
    let caught_up = u32::try_from(left_free / 2).unwrap_or(u32::MAX);
    let burst = NonZeroU32::MIN.saturating_add(caught_up);
    Quota::with_period(interval)
        .map_or_else(|| Quota::per_second(NonZeroU32::MAX), |quota| quota.allow_burst(burst))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as fast as the pacer allows, each wait late by up to `late`, and returns the send times.
    fn send_for(pacer: &mut Pacer, seconds: u64, late: Duration) -> Vec<Duration> {
        send_from(pacer, Duration::ZERO, seconds, late)
    }

    fn send_from(pacer: &mut Pacer, start: Duration, seconds: u64, late: Duration) -> Vec<Duration> {
        let mut now = start;
        let mut sent = Vec::new();
        while now < start + Duration::from_secs(seconds) {
            match pacer.take(now) {
                Ok(()) => sent.push(now),
                Err(until) => now = until + late,
            }
        }
        sent
    }

    fn most_in_any_window(sent: &[Duration], window: Duration) -> usize {
        (0..sent.len())
            .map(|first| sent[first..].partition_point(|time| *time <= sent[first] + window))
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn no_window_ever_holds_more_calls_than_the_rate_even_with_jitter() {
        for (text, seconds) in
            [("1/s", 30), ("10/s", 30), ("37/s", 20), ("100/s", 10), ("2000/s", 5), ("30/min", 300)]
        {
            for late in [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(7)] {
                let rate: Rate = text.parse().unwrap();
                let mut sent = send_for(&mut Pacer::new(rate), seconds, late);
                // Every other call is held up on its way.
                for time in sent.iter_mut().step_by(2) {
                    *time += Duration::from_millis(8);
                }
                sent.sort_unstable();
                let most = most_in_any_window(&sent, rate.window());
                assert!(most <= rate.calls() as usize, "{text}, late by {late:?}: {most}");
            }
        }
    }

    #[test]
    fn nearly_all_of_the_rate_is_used() {
        for text in ["10/s", "100/s", "2000/s"] {
            let rate: Rate = text.parse().unwrap();
            let sent = send_for(&mut Pacer::new(rate), 10, Duration::from_millis(1));
            let calls = f64::from(u32::try_from(sent.len()).unwrap());
            assert!(calls >= 0.95 * f64::from(rate.calls()) * 10.0, "{text}: {calls}");
        }
    }

    #[test]
    fn a_refusal_halves_the_rate_and_time_brings_it_back() {
        let mut pacer = Pacer::new("100/s".parse().unwrap());
        pacer.slow_down(Duration::from_secs(1));
        assert!((pacer.calls_per_second() - 50.0).abs() < 1e-6);
        assert!(pacer.take(Duration::from_secs(1)).is_err(), "a slower rate begins with a wait");
        for second in 2..300 {
            pacer.accepted(Duration::from_secs(second));
        }
        assert!((pacer.calls_per_second() - 100.0).abs() < 1e-6);
    }

    #[test]
    fn after_refusals_calls_are_as_far_apart_as_the_rate_says() {
        for refusals in 1..=4 {
            let mut pacer = Pacer::new("100/s".parse().unwrap());
            send_for(&mut pacer, 2, Duration::ZERO);
            let start = Duration::from_secs(2);
            (0..refusals).for_each(|_| pacer.slow_down(start));
            let sent = send_from(&mut pacer, start, 10, Duration::ZERO);
            let allowed = 100.0 / f64::from(1 << refusals);
            let most = f64::from(u32::try_from(most_in_any_window(&sent, Duration::from_secs(1))).unwrap());
            let all = f64::from(u32::try_from(sent.len()).unwrap());
            assert!(most <= allowed.ceil(), "{refusals} refusals: {most} in a second");
            assert!(all >= 0.9 * allowed * 10.0, "{refusals} refusals: {all} in ten seconds");
        }
    }

    #[test]
    fn the_rate_climbs_once_a_second_quickly_at_first_and_slowly_near_where_it_was_refused() {
        let mut pacer = Pacer::new("100/s".parse().unwrap());
        let at = |millis| Duration::from_millis(millis);
        pacer.slow_down(at(0));
        let mut expect = |millis, rate: f64| {
            pacer.accepted(at(millis));
            assert!((pacer.calls_per_second() - rate).abs() < 1e-6, "{millis}: {}", pacer.calls_per_second());
        };
        expect(999, 50.0);
        expect(1_000, 55.0);
        expect(1_999, 55.0);
        expect(2_000, 60.0);
        for (second, rate) in (3..=8).zip([65.0, 70.0, 75.0, 80.0, 85.0, 90.0]) {
            expect(second * 1_000, rate);
        }
        expect(9_000, 90.5);
        expect(10_000, 91.0);
        // Refused again at 91: halved, and slow from 81.9 on.
        pacer.slow_down(at(10_000));
        let mut rate = 45.5;
        for second in 11..=22 {
            pacer.accepted(at(second * 1_000));
            rate += if rate < 81.9 { 5.0 } else { 0.5 };
            assert!((pacer.calls_per_second() - rate).abs() < 1e-6, "{second}: {}", pacer.calls_per_second());
        }
        assert!((rate - 87.5).abs() < 1e-6, "{rate}");
    }

    #[test]
    fn a_rate_by_the_minute_is_told_by_the_second_and_slows_to_a_call_in_ten_seconds() {
        let mut pacer = Pacer::new("300/min".parse().unwrap());
        assert!((pacer.calls_per_second() - 5.0).abs() < 1e-6);
        for second in 0..100 {
            pacer.slow_down(Duration::from_secs(second));
        }
        let slowest = 60.025 / 60.0 / 10.0;
        assert!((pacer.calls_per_second() - slowest).abs() < 1e-3, "{}", pacer.calls_per_second());
    }

    #[test]
    fn refusals_never_stop_the_run_altogether() {
        let mut pacer = Pacer::new("10/s".parse().unwrap());
        for second in 0..100 {
            pacer.slow_down(Duration::from_secs(second));
        }
        let until = pacer.take(Duration::from_secs(99)).unwrap_err();
        assert!(until <= Duration::from_secs(99) + SLOWEST * 2, "{until:?}");
    }
}
