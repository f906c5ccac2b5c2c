//! Logs, and what must never be in them.
//!
//! Only this program's own events are written, at whatever level: an HTTP or TLS library's trace may hold
//! what was sent. This program's own events hold row numbers and codes, never a value of a row.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter, fmt};

use super::exit::{Exit, Failure};

/// Starts logging to a file, or to standard error if `RUST_LOG` asks for it.
///
/// # Errors
///
/// If the file cannot be opened.
pub(super) fn start(file: Option<&Path>) -> Result<(), Failure> {
    let ours = filter::filter_fn(|metadata| {
        metadata.target() == "reverify" || metadata.target().starts_with("reverify::")
    });
    let chosen = std::env::var("RUST_LOG").ok().filter(|chosen| !chosen.is_empty());
    let level =
        EnvFilter::try_new(chosen.as_deref().unwrap_or("info")).unwrap_or_else(|_| EnvFilter::new("info"));
    match (file, chosen) {
        (Some(path), _) => {
            let file =
                OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(|error| {
                    Failure::new(
                        Exit::Configuration,
                        crate::say!(
                            "log-unopened",
                            path = path.display().to_string(),
                            error = error.to_string()
                        ),
                    )
                })?;
            let lines = fmt::layer().with_ansi(false).with_writer(std::sync::Arc::new(file));
            tracing_subscriber::registry().with(lines.with_filter(level).with_filter(ours)).init();
        }
        (None, Some(_)) => {
            let lines = fmt::layer().with_writer(io::stderr);
            tracing_subscriber::registry().with(lines.with_filter(level).with_filter(ours)).init();
        }
        (None, None) => {}
    }
    Ok(())
}

/// Makes a panic say where it happened and nothing else: its message may hold a value of a row.
pub(super) fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(io::stderr(), "reverify: {}", crate::say!("panic", place = place.as_str()));
        tracing::error!(place, "panic");
    }));
}

/// Keeps names, numbers and faces out of core files.
pub(super) fn keep_memory_out_of_core_files() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // Refused only where it is not needed: nothing can raise a limit that is zero already.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}
