//! SIGINT, SIGTERM and SIGHUP: the first finishes what is in flight, the second leaves at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::exit::{Exit, Failure};
use super::terminal;
use crate::run::progress::Snapshot;
use crate::say;

/// Listens for signals for the rest of the process's life. `progress` tells what is in flight then.
///
/// # Errors
///
/// If the system refuses to deliver them.
pub(super) fn listen(progress: watch::Receiver<Snapshot>) -> Result<watch::Receiver<bool>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(refused)?;
    listen_for_full_files().map_err(refused)?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate, &mut hang_up).await;
        let in_flight = progress.borrow().in_flight;
        tell(&say!("signal-first", calls = in_flight));
        sender.send_replace(true);
        next(&mut interrupt, &mut terminate, &mut hang_up).await;
        let in_flight = progress.borrow().in_flight;
        terminal::clear();
        tell(&say!("signal-second", calls = in_flight));
        std::process::exit(Exit::StoppedEarly as i32);
    });
    Ok(receiver)
}

/// Makes of a file that may not grow any further an error to report, not a reason to die.
///
/// # Errors
///
/// If the system refuses to deliver signals.
pub(super) fn outlast_full_files() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(refused)?;
    let _inside = runtime.enter();
    listen_for_full_files().map_err(refused)
}

/// Once listened for, the signal never ends the process again.
fn listen_for_full_files() -> io::Result<()> {
    signal(SignalKind::from_raw(libc::SIGXFSZ)).map(drop)
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal, hang_up: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn refused(error: io::Error) -> Failure {
    Failure::new(Exit::Configuration, say!("signal-refused", error = error.to_string()))
}

fn tell(what: &str) {
    // The terminal has written ^C into its line.
    terminal::say(&format!("\nreverify: {what}"));
}
