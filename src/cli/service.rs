//! What systemd is told of a run: that it is ready, how it gets ahead, that it lives, that it ends.
//!
//! Nothing happens where `$NOTIFY_SOCKET` is not set.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::run::heartbeat;

/// A run as a service of systemd's.
#[derive(Debug)]
pub(super) struct Service {
    is_one: bool,
    watchdog: Option<Duration>,
    beats: u64,
    status: String,
}

impl Service {
    /// Looks whether a service manager listens.
    pub(super) fn of_environment() -> Self {
        let is_one = std::env::var_os("NOTIFY_SOCKET").is_some();
        let watchdog = sd_notify::watchdog_enabled().filter(|_| is_one);
        Self { is_one, watchdog, beats: 0, status: String::new() }
    }

    /// How often the watchdog wants to hear of the run: twice in its time.
    pub(super) fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog.map(|longest| longest / 2)
    }

    /// Says that everything was opened and checked, and the work begins.
    pub(super) fn ready(&self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// Says how far the run is.
    pub(super) fn status(&mut self, status: String) {
        if self.is_one && status != self.status {
            self.tell(&[NotifyState::Status(&status)]);
            self.status = status;
        }
    }

    /// Says that the run lives, if it has done anything since this was last asked.
    pub(super) fn beat(&mut self) {
        let beats = heartbeat::beats();
        if self.watchdog.is_some() && beats != self.beats {
            self.beats = beats;
            self.tell(&[NotifyState::Watchdog]);
        }
    }

    /// Says that the work is done and the process is about to end.
    pub(super) fn stopping(&self) {
        self.tell(&[NotifyState::Stopping]);
    }

    fn tell(&self, what: &[NotifyState<'_>]) {
        if self.is_one {
            // A manager that does not listen changes nothing about the run.
            let _ = sd_notify::notify(what);
        }
    }
}
