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
    // A file that may not grow any further is an error to report, not a reason to die. Once listened for,
    // the signal never ends the process again.
    let _ = signal(SignalKind::from_raw(libc::SIGXFSZ)).map_err(refused)?;
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
