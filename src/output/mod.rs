//! output

pub mod mirror;
