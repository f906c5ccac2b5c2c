//! Logs, and what must never be in them.
//!
//! Only this program's own events are written, at whatever level: an HTTP or TLS library's trace may hold
//! what was sent. This program's own events hold row numbers and codes, never a value of a row.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter, fmt};

use super::args::LogFormatArg;
use super::exit::{Exit, Failure};
use super::terminal;

/// Starts logging to a file, or to standard error if `RUST_LOG` or `--log-format` asks for it.
///
/// # Errors
///
/// If the file cannot be opened.
pub(super) fn start(file: Option<&Path>, format: Option<LogFormatArg>) -> Result<(), Failure> {
    let chosen = std::env::var("RUST_LOG").ok().filter(|chosen| !chosen.is_empty());
    let level =
        EnvFilter::try_new(chosen.as_deref().unwrap_or("info")).unwrap_or_else(|_| EnvFilter::new("info"));
    let writer = match file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            let file = file.map_err(|error| {
                let path = path.display().to_string();
                let message =
                    crate::say!("log-not-opened", path = path, error = crate::lang::os_error(&error));
                Failure::new(Exit::Configuration, message)
            })?;
            BoxMakeWriter::new(Arc::new(file))
        }
        None if chosen.is_some() || format.is_some() => BoxMakeWriter::new(|| terminal::Above),
        None => return Ok(()),
    };
    let ours = filter::filter_fn(|metadata| {
        metadata.target() == "reverify" || metadata.target().starts_with("reverify::")
    });
    let lines = fmt::layer().with_ansi(false).with_writer(writer);
    match format {
        Some(LogFormatArg::Json) => {
            let lines = lines.json().flatten_event(true);
            tracing_subscriber::registry().with(lines.with_filter(level).with_filter(ours)).init();
        }
        Some(LogFormatArg::Text) | None => {
            tracing_subscriber::registry().with(lines.with_filter(level).with_filter(ours)).init();
        }
    }
    Ok(())
}

/// Makes a panic say where it happened and nothing else: its message may hold a value of a row.
pub(super) fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(io::stderr(), "reverify: {}", crate::say!("program-error", place = place.as_str()));
        tracing::error!(place, "panic");
    }));
}

/// Keeps names, numbers and faces out of core files.
pub(super) fn keep_memory_out_of_core_files() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // Refused only where it is not needed: nothing can raise a limit that is zero already.
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}
