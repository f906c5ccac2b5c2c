//! A server that counts, and the program with everything it needs around it.

pub mod counting_server;
pub mod program;
pub mod wire;
