//! The rules of the field, as values and pure functions.
//!
//! Not here: async, clocks, paths on disk, SQL or HTTP. Time arrives as an argument.
