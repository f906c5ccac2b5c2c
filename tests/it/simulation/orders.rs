//! What an operator asks of one run, and what befalls it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reverify::domain::decide::AskPolicy;
use reverify::run::conductor::{Limits, OnQuota};

use super::chance::Chance;

pub(super) const PRICE: &str = "0.55";

/// One run's options, and its fate.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    pub(super) policy: AskPolicy,
    pub(super) limits: Limits,
    pub(super) only_first: Option<u64>,
    /// Killed instead of taking in its n-th event.
    pub(super) crash_at: Option<u64>,
    /// SIGTERM after so long.
    pub(super) interrupt_after: Option<Duration>,
    /// Its n-th commit fails.
    pub(super) failing_commit: Option<u64>,
    /// The wall clock jumps with its n-th event.
    pub(super) jump: Option<(u64, SignedDuration)>,
}

impl Orders {
    /// A run without any wish, to which nothing happens.
    pub(super) fn plain(concurrency: u32) -> Self {
        Self {
            policy: AskPolicy::default(),
            limits: Limits {
                concurrency,
                rate: "1000/s".parse().unwrap(),
                max_calls: None,
                max_cost: None,
                daily_limit: None,
                on_quota: OnQuota::Stop,
                deadline: None,
                wait_for_maintenance: false,
            },
            only_first: None,
            crash_at: None,
            interrupt_after: None,
            failing_commit: None,
            jump: None,
        }
    }

    pub(super) fn draw(chance: &mut Chance, wall: Timestamp, rows: u64, jumps: bool) -> Self {
        let mut orders = Self::plain(chance.pick(&[1, 1, 2, 3, 4, 8, 16]));
        let limits = &mut orders.limits;
        limits.rate = chance.pick(&["1000/s", "1000/s", "20/s", "2/s", "60/min"]).parse().unwrap();
        limits.max_calls = chance.maybe(15, |chance| chance.below(8));
        limits.max_cost = chance.maybe(15, |chance| {
            let price: reverify::domain::money::Yuan = PRICE.parse().unwrap();
            (price.times(chance.below(8)), price)
        });
        limits.daily_limit = chance.maybe(15, |chance| chance.below(10));
        if chance.percent(40) {
            limits.on_quota = OnQuota::Wait;
        }
        limits.deadline = chance
            .maybe(20, |chance| wall + chance.millis(0, chance.clone().pick(&[3_000, 600_000, 36_000_000])));
        limits.wait_for_maintenance = limits.deadline.is_some() && chance.percent(60);
        orders.only_first = chance.maybe(10, |chance| chance.below(5));
        orders.policy = AskPolicy {
            fresh_since: chance.maybe(20, |chance| wall - chance.millis(0, 40 * 24 * 3_600_000)),
            retry_inconclusive: chance.percent(20),
            resend_doubts: chance.percent(30),
        };
        orders.crash_at = chance.maybe(45, |chance| chance.below(2 + 8 * rows));
        orders.interrupt_after = chance.maybe(10, |chance| chance.millis(0, 5_000));
        orders.failing_commit = chance.maybe(8, |chance| chance.below(2 + 2 * rows));
        orders.jump = chance.maybe(if jumps { 60 } else { 0 }, |chance| {
            let seconds = chance.pick(&[2_i64, 90, 5_000, 100_000, 300_000]);
            let way = if chance.percent(50) { seconds } else { -seconds };
            (chance.below(2 + 6 * rows), SignedDuration::from_secs(way))
        });
        orders
    }

    /// How many calls may cost money, by `--max-cost`.
    pub(super) fn affordable(&self) -> Option<u64> {
        self.limits.max_cost.and_then(|(cap, price)| cap.calls_at(price))
    }
}
