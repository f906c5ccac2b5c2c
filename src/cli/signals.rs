//! SIGINT, SIGTERM and SIGHUP: the first finishes what is in flight, the second leaves at once.

use std::io::{self, Write};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::exit::{Exit, Failure};

/// Listens for signals for the rest of the process's life.
///
/// # Errors
///
/// If the system refuses to deliver them.
pub(super) fn listen() -> Result<watch::Receiver<bool>, Failure> {
    let refused =
        |error: io::Error| Failure::new(Exit::Configuration, format!("signals cannot be received: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(refused)?;
    listen_for_full_files().map_err(refused)?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate, &mut hang_up).await;
        tell("stopping: calls in flight are being finished and recorded; once more leaves at once");
        sender.send_replace(true);
        next(&mut interrupt, &mut terminate, &mut hang_up).await;
        tell("left at once: calls in flight are in doubt, everything recorded is safe");
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
    let refused =
        |error: io::Error| Failure::new(Exit::Configuration, format!("signals cannot be received: {error}"));
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

fn tell(what: &str) {
    // Standard error may be gone with the terminal that hung up.
    let _ = writeln!(io::stderr(), "\nreverify: {what}");
}
