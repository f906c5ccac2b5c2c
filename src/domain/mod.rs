//! The rules of the field, as values and pure functions.
//!
//! What a code means ([`outcome`], [`error_code`]), what an exchange showed ([`answer`]), and what a
//! subject's history asks for next ([`decide`]).
//!
//! Not here: async, clocks, paths on disk, SQL or HTTP. Time arrives as an argument.

pub mod answer;
pub mod applicant;
pub mod decide;
pub mod error_code;
pub mod id_number;
pub mod mask;
pub mod mobile;
pub mod money;
pub mod outcome;
pub mod person_name;
pub mod reconcile;
pub mod rejection;
pub mod repair;
pub mod shanghai;
