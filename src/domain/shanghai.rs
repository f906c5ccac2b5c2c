//! Days and clock times of Asia/Shanghai, which is where the API counts its days.
//!
//! A fixed UTC+8: China has had no daylight saving time since 1991.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{self, Offset};

const OFFSET: Offset = tz::offset(8);

/// The calendar day of a moment.
pub fn day(moment: Timestamp) -> Date {
    at(moment).date()
}

/// The moment at which a calendar day begins.
pub fn start_of(day: Date) -> Timestamp {
    moment_of(day.to_datetime(Time::midnight()))
}

/// The first moment of the day after the one that `moment` is in.
pub fn next_midnight(moment: Timestamp) -> Timestamp {
    day(moment).tomorrow().map_or(Timestamp::MAX, start_of)
}

/// The next moment, after `moment`, at which clocks show `time`.
pub fn next_at(moment: Timestamp, time: Time) -> Timestamp {
    let today = moment_of(day(moment).to_datetime(time));
    if today > moment {
        return today;
    }
    day(moment).tomorrow().map_or(Timestamp::MAX, |tomorrow| moment_of(tomorrow.to_datetime(time)))
}

/// The moment as RFC 3339 in whole seconds, `2026-11-23T02:00:00+08:00`.
pub fn rfc3339(moment: Timestamp) -> String {
    at(moment).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

/// The clock time of a moment, `02:00:07`.
pub fn clock(moment: Timestamp) -> String {
    at(moment).strftime("%H:%M:%S").to_string()
}

fn at(moment: Timestamp) -> DateTime {
    OFFSET.to_datetime(moment)
}

fn moment_of(local: DateTime) -> Timestamp {
    OFFSET.to_timestamp(local).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn a_day_begins_at_16_utc_of_the_day_before() {
        assert_eq!(day(moment("2026-11-22T15:59:59Z")).to_string(), "2026-11-22");
        assert_eq!(day(moment("2026-11-22T16:00:00Z")).to_string(), "2026-11-23");
        assert_eq!(next_midnight(moment("2026-11-22T15:59:59Z")), moment("2026-11-22T16:00:00Z"));
        assert_eq!(next_midnight(moment("2026-11-22T16:00:00Z")), moment("2026-11-23T16:00:00Z"));
        assert_eq!(start_of(day(moment("2026-11-22T20:00:00Z"))), moment("2026-11-22T16:00:00Z"));
    }

    #[test]
    fn a_time_that_has_passed_today_means_tomorrow() {
        let six = jiff::civil::time(6, 0, 0, 0);
        assert_eq!(next_at(moment("2026-11-22T21:00:00Z"), six), moment("2026-11-22T22:00:00Z"));
        assert_eq!(next_at(moment("2026-11-22T22:00:00Z"), six), moment("2026-11-23T22:00:00Z"));
    }

    #[test]
    fn moments_are_written_with_their_offset() {
        assert_eq!(rfc3339(moment("2026-11-22T18:00:00.9Z")), "2026-11-23T02:00:00+08:00");
        assert_eq!(clock(moment("2026-11-22T18:00:07Z")), "02:00:07");
    }
}
