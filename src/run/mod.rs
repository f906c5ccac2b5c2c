//! run
pub mod conductor; pub mod stop;
