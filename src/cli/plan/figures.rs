//! What the plan comes to: calls, money, hours and nights.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::args::RunArgs;
use crate::domain::money::Yuan;
use crate::domain::shanghai;
use crate::pace::Rate;
use crate::run::conductor::Limits;
use crate::run::plan::Plan;

/// The figures of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    /// Calls until every due row is answered, at worst.
    pub(super) calls: u64,
    /// What they cost.
    pub(super) cost: Option<Yuan>,
    /// Calls of one run within its caps, at worst.
    pub(super) calls_of_one_run: u64,
    /// What they cost.
    pub(super) cost_of_one_run: Option<Yuan>,
    /// The least time for all calls at the rate.
    pub(super) least: Duration,
    /// How long a call may take for the calls in flight to keep up with the rate.
    pub(super) call_may_take: Duration,
    /// Under a daily limit or within a window.
    pub(super) nights: Option<Nights>,
}

/// How the calls spread over nights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nights {
    /// How many; `None`: no call is allowed in any.
    pub(super) count: Option<u64>,
    /// Calls in one.
    pub(super) calls_in_one: u64,
}

impl Figures {
    pub(super) fn of(plan: &Plan, args: &RunArgs, limits: &Limits, now: Timestamp) -> Self {
        let calls = plan.most_calls();
        let affordable = args.max_cost.zip(args.price).and_then(|(cost, price)| cost.calls_at(price));
        let left_today = args.daily_limit.map(|limit| limit.saturating_sub(plan.calls_today));
        let caps = [args.limit, args.max_calls, affordable];
        let window = limits.deadline.map(|deadline| window(args, now, deadline));
        let in_window = window.map(|window| calls_within(args.rate, window));
        let most = |more: [Option<u64>; 2]| caps.into_iter().chain(more).flatten().fold(calls, u64::min);
        let calls_of_one_run = most([left_today, in_window]);
        let a_night = [args.daily_limit, in_window];
        let nights = a_night.iter().any(Option::is_some).then(|| {
            let calls_in_one = caps.into_iter().chain(a_night).flatten().min().unwrap_or(calls);
            Nights { count: count_nights(calls, calls_of_one_run, calls_in_one), calls_in_one }
        });
        let price = args.price.filter(|_| !args.sandbox);
        Self {
            calls,
            cost: price.map(|price| price.times(calls)),
            calls_of_one_run,
            cost_of_one_run: price.map(|price| price.times(calls_of_one_run)),
            least: args.rate.time_for(calls).max(Duration::from_secs(calls.min(1))),
            call_may_take: args.rate.window() * args.concurrency / args.rate.calls().max(1),
            nights,
        }
    }
}

/// How long a run that begins at this time of day may start calls.
fn window(args: &RunArgs, now: Timestamp, deadline: Timestamp) -> Duration {
    let until = args.stop_at.map_or(deadline, |time| shanghai::next_at(now, time).min(deadline));
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// How many calls a rate allows in a time.
fn calls_within(rate: Rate, time: Duration) -> u64 {
    let windows = time.as_nanos() * u128::from(rate.calls()) / rate.window().as_nanos().max(1);
    u64::try_from(windows).unwrap_or(u64::MAX)
}

/// The first night may have less left of its day than the others.
fn count_nights(calls: u64, in_the_first: u64, in_one: u64) -> Option<u64> {
    if calls == 0 {
        return Some(0);
    }
    let rest = calls.saturating_sub(in_the_first);
    match (rest, in_one) {
        (0, _) => Some(1),
        (_, 0) => None,
        (rest, in_one) => Some(rest.div_ceil(in_one) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_are_counted_up_and_the_first_may_be_short() {
        for (calls, first, one, nights) in [
            (0, 0, 10, Some(0)),
            (10, 10, 10, Some(1)),
            (11, 10, 10, Some(2)),
            (25, 5, 10, Some(3)),
            (25, 0, 10, Some(4)),
            (1, 0, 0, None),
        ] {
            assert_eq!(count_nights(calls, first, one), nights, "{calls}, {first}, {one}");
        }
    }

    #[test]
    fn a_rate_allows_so_many_calls_in_a_time() {
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        assert_eq!(calls_within(rate("10/s"), Duration::from_secs(3600)), 36_000);
        assert_eq!(calls_within(rate("90/min"), Duration::from_secs(20)), 30);
        assert_eq!(calls_within(rate("10/s"), Duration::ZERO), 0);
    }
}
