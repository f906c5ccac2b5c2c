//! Yuan, exact to a hundredth of a fen.

use std::fmt;
use std::str::FromStr;

const UNITS_PER_YUAN: u64 = 10_000;

/// An amount in yuan: never negative, exact to 0.0001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Yuan(u64);

impl Yuan {
    /// What `calls` calls cost at this price; saturates.
    #[must_use]
    pub const fn times(self, calls: u64) -> Self {
        Self(self.0.saturating_mul(calls))
    }

    /// Two amounts together; saturates.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// How many calls at `price` this amount allows. `None`: they are free.
    pub const fn calls_at(self, price: Self) -> Option<u64> {
        self.0.checked_div(price.0)
    }
}

/// The text is no amount of yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::say!("bad-yuan"))]
pub struct NotYuan;

impl FromStr for Yuan {
    type Err = NotYuan;

    fn from_str(text: &str) -> Result<Self, NotYuan> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 4 {
            return Err(NotYuan);
        }
        let whole: u64 = whole.parse().map_err(|_| NotYuan)?;
        let decimals: u64 = format!("{decimals:0<4}").parse().map_err(|_| NotYuan)?;
        whole
            .checked_mul(UNITS_PER_YUAN)
            .and_then(|units| units.checked_add(decimals))
            .map(Self)
            .ok_or(NotYuan)
    }
}

impl fmt::Display for Yuan {
    /// Writes at least two decimals, and four only where they are not zero: `0.55`, `12.00`, `0.0125`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / UNITS_PER_YUAN, self.0 % UNITS_PER_YUAN);
        if rest.is_multiple_of(100) {
            write!(f, "{whole}.{:02}", rest / 100)
        } else {
            write!(f, "{whole}.{rest:04}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, written) in [("0.55", "0.55"), ("1", "1.00"), ("0.0125", "0.0125"), ("12.5", "12.50")] {
            assert_eq!(text.parse::<Yuan>().expect("yuan").to_string(), written);
        }
        for text in ["", ".", "1.", ".5", "-1", "1,5", "1.00001", "1e3", "99999999999999999999", "１"] {
            assert_eq!(text.parse::<Yuan>(), Err(NotYuan), "{text:?}");
        }
    }

    #[test]
    fn a_cap_allows_the_calls_it_can_pay_and_no_more() {
        let cap: Yuan = "1.00".parse().expect("yuan");
        assert_eq!(cap.calls_at("0.55".parse().expect("yuan")), Some(1));
        assert_eq!(cap.calls_at("0.25".parse().expect("yuan")), Some(4));
        assert_eq!(cap.calls_at("0".parse().expect("yuan")), None);
        assert_eq!("0.55".parse::<Yuan>().expect("yuan").times(3).to_string(), "1.65");
    }
}
