//! The two limits that the document names: requests of one address, and calls of one day.
//!
//! Not here: the wall clock. Time arrives as an argument.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

/// Asia/Shanghai has had no other offset since 1991.
const SHANGHAI_OFFSET_SECONDS: u64 = 8 * 3600;
const DAY_SECONDS: u64 = 24 * 3600;
const SECOND: Duration = Duration::from_secs(1);

/// What happened in the second that ends now, instant by instant.
#[derive(Default)]
pub struct SlidingSecond {
    moments: VecDeque<Instant>,
}

impl SlidingSecond {
    /// Adds one event at `now`, and counts the events of the second that ends there, this one included.
    pub fn add(&mut self, now: Instant) -> usize {
        self.forget_before(now);
        self.moments.push_back(now);
        self.moments.len()
    }

    fn forget_before(&mut self, now: Instant) {
        while self.moments.front().is_some_and(|&moment| now.duration_since(moment) >= SECOND) {
            self.moments.pop_front();
        }
    }
}

/// 10011: the sliding second of each address. A refused request counts like any other.
#[derive(Default)]
pub struct IpLimit {
    addresses: HashMap<IpAddr, SlidingSecond>,
}

impl IpLimit {
    /// Counts one request, and says whether it is within `limit` per second.
    pub fn admits(&mut self, address: IpAddr, now: Instant, limit: u32) -> bool {
        if self.addresses.len() > 64 {
            self.addresses.retain(|_, second| {
                second.forget_before(now);
                !second.moments.is_empty()
            });
        }
        self.addresses.entry(address).or_default().add(now) <= limit as usize
    }
}

/// 10012: the calls of one day of Asia/Shanghai.
#[derive(Default)]
pub struct DayLimit {
    day: u64,
    calls: u32,
}

impl DayLimit {
    /// Counts one call if it is within `limit`, and says whether it is.
    pub fn admits(&mut self, now: SystemTime, limit: u32) -> bool {
        let day = shanghai_day(now);
        if day != self.day {
            *self = Self { day, calls: 0 };
        }
        let admitted = self.calls < limit;
        self.calls += u32::from(admitted);
        admitted
    }
}

/// Counts days since 1970-01-01 in Shanghai.
fn shanghai_day(now: SystemTime) -> u64 {
    let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (since_epoch.as_secs() + SHANGHAI_OFFSET_SECONDS) / DAY_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_second_slides() {
        let mut limit = IpLimit::default();
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        for (milliseconds, admitted) in
            [(0, true), (600, true), (700, false), (999, false), (1000, false), (1600, false), (2700, true)]
        {
            assert_eq!(limit.admits(HOME, at(milliseconds), 2), admitted, "{milliseconds} ms");
        }
    }

    #[test]
    fn addresses_do_not_share_a_limit_and_are_forgotten() {
        let mut limit = IpLimit::default();
        let start = Instant::now();
        for last in 0..=255 {
            assert!(limit.admits(IpAddr::from([127, 0, 0, last]), start, 1));
        }
        assert!(!limit.admits(IpAddr::from([127, 0, 0, 7]), start, 1));
        assert!(limit.admits(HOME, start + SECOND, 1));
        assert_eq!(limit.addresses.len(), 1);
    }

    #[test]
    fn a_day_ends_at_midnight_in_shanghai() {
        // 2024-09-13T15:59:59Z is 23:59:59 in Shanghai.
        let last_second = SystemTime::UNIX_EPOCH + Duration::from_secs(1_726_243_199);
        let mut limit = DayLimit::default();
        assert!(limit.admits(last_second, 1));
        assert!(!limit.admits(last_second, 1));
        assert!(limit.admits(last_second + SECOND, 1));
        assert!(!limit.admits(last_second + SECOND, 1));
    }
}
