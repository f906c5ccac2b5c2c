//! A rate as an operator writes it: `10/s`, `300/min`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Calls in a stretch of time, never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    calls: u32,
    window: Duration,
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::say!("bad-rate"))]
pub struct BadRate;

impl Rate {
    /// What the limit of the API's own examples leaves room for.
    pub const DEFAULT: Self = Self { calls: 10, window: Duration::from_secs(1) };

    /// How many calls fit into a window.
    pub const fn calls(self) -> u32 {
        self.calls
    }

    /// The window.
    pub const fn window(self) -> Duration {
        self.window
    }

    /// How long `calls` calls take at this rate.
    pub fn time_for(self, calls: u64) -> Duration {
        let seconds = self.window.as_secs().saturating_mul(calls) / u64::from(self.calls);
        Duration::from_secs(seconds)
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (calls, unit) = text.trim().split_once('/').ok_or(BadRate)?;
        let window = match unit.trim() {
            "s" | "sec" | "second" => Duration::from_secs(1),
            "m" | "min" | "minute" => Duration::from_secs(60),
            _ => return Err(BadRate),
        };
        let calls = calls.trim();
        if calls.is_empty() || !calls.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadRate);
        }
        match calls.parse() {
            Ok(calls @ 1..=10_000_000) => Ok(Self { calls, window }),
            _ => Err(BadRate),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.calls, if self.window.as_secs() == 1 { "s" } else { "min" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_take_their_time() {
        for (text, calls, seconds) in [("10/s", 100, 10), ("300/min", 600, 120), ("1/s", 0, 0)] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.time_for(calls), Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn rates_are_read_as_written() {
        for (text, written) in
            [("10/s", "10/s"), ("300/min", "300/min"), (" 1 / s ", "1/s"), ("5/m", "5/min")]
        {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), written);
        }
        for text in ["", "10", "0/s", "-1/s", "1.5/s", "10/h", "/s", "10000001/s", "+5/s", "１０/s"] {
            assert_eq!(text.parse::<Rate>(), Err(BadRate), "{text:?}");
        }
    }
}
