//! The built program, driven from outside against servers that count.
//!
//! [`support`] has the servers and the program's surroundings; each other module is a subject.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get makes it fail, also in its helpers"
)]

mod support;

mod again;
mod architecture;
mod disk;
mod faults;
mod harness;
mod inputs;
mod limits;
mod photos;
mod privacy;
mod reactions;
mod resume;
mod sandbox;
mod schedule;
mod settings;
mod simulation;
mod tls;
