//! What a person sees: arguments as typed, settings as meant, one file a command, exit codes.

pub mod exit;
pub mod sandbox;
