//! The rules of the field, as values and pure functions.
//!
//! Not here: async, clocks, paths on disk, SQL or HTTP. Time arrives as an argument.

pub mod applicant;
pub mod id_number;
pub mod mobile;
pub mod person_name;
pub mod rejection;
pub mod repair;
