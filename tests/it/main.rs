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
mod browser;
mod column_names;
mod crash_points;
mod diff;
mod disk;
mod excel;
mod failing_disks;
mod faults;
mod harness;
mod inputs;
mod ledger_tamper;
mod limits;
mod messages;
mod migration;
mod photos;
mod plan;
mod power_loss;
mod privacy;
mod reaction_table;
mod reactions;
mod readme;
mod report;
mod resolve;
mod resume;
mod sandbox;
mod schedule;
mod settings;
mod setup;
mod simulation;
mod soak;
mod telling;
mod tls;
mod zoo;
