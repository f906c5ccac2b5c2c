//! How fast: the operator's rate, and less of it where the API says so.
//!
//! Time comes in as a value, so that a test (or a simulation) can let a night pass in no time.
//!
//! Not here: quotas, budgets and pauses (`run::conductor`), which decide whether a call may start at all.

mod pacer;
mod rate;

pub use pacer::Pacer;
pub use rate::{BadRate, Rate};
