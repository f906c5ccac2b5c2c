//! Exit codes, and the one sentence that goes with each failure.

use std::fmt;

/// How the program ends. The numbers are a contract with other people's scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every row is settled.
    Settled = 0,
    /// The run is complete, but rows are rejected, unresolved or pending; or a file was refused.
    Incomplete = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The input cannot be read.
    Input = 65,
    /// The API is stopped or unreachable.
    Unavailable = 69,
    /// The output cannot be written.
    Output = 73,
    /// The ledger cannot be read or written, is damaged, or is held by another process.
    Ledger = 74,
    /// Stopped early by a quota, budget, deadline or signal: run again to go on.
    StoppedEarly = 75,
    /// The API refuses the key or this machine's address.
    Refused = 77,
    /// The configuration is wrong.
    Configuration = 78,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work: an exit code, what is wrong, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// The code that the process ends with.
    pub exit: Exit,
    /// One sentence: what is wrong, where, and what to do. Never a person's data.
    pub message: String,
}

impl Failure {
    /// Pairs an exit code with its sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
