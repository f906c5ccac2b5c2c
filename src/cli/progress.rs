//! What is shown while a run is on: a bar on a terminal, a line every 10 s elsewhere, or JSON lines.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::announce::grouped;
use super::args::ProgressArg;
use super::stops;
use crate::domain::money::Yuan;
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::lang::{self, Language};
use crate::run::progress::Snapshot;

const BAR_EVERY: Duration = Duration::from_millis(200);
const LINE_EVERY: Duration = Duration::from_secs(10);
const SPEED_OVER: Duration = Duration::from_millis(900);
const JSON_EVERY: Duration = Duration::from_secs(1);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Bar,
    Lines,
    Json,
    Silent,
}

impl Style {
    /// Chooses by what was asked for and where standard error goes.
    pub(super) fn choose(asked: ProgressArg) -> Self {
        match asked {
            ProgressArg::Auto if io::stderr().is_terminal() => Self::Bar,
            ProgressArg::Auto | ProgressArg::Plain => Self::Lines,
            ProgressArg::Json => Self::Json,
            ProgressArg::None => Self::Silent,
        }
    }
}

/// Shows a run's progress until the run's end of the channel is gone.
pub(super) fn show(
    style: Style,
    price: Option<Yuan>,
    mut progress: watch::Receiver<Snapshot>,
) -> JoinHandle<()> {
    let started = Instant::now();
    tokio::spawn(async move {
        let mut screen = Screen { style, price, started, bar: None, last: (started, 0, 0.0) };
        let every = match style {
            Style::Bar => BAR_EVERY,
            Style::Lines => LINE_EVERY,
            Style::Json => JSON_EVERY,
            Style::Silent => return,
        };
        let mut ticks = tokio::time::interval(every);
        ticks.tick().await; // The first comes at once.
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let snapshot = progress.borrow_and_update().clone();
                    screen.draw(&snapshot);
                }
                changed = progress.changed() => if changed.is_err() { break },
            }
            // Changes come by the thousand: only the ticks draw.
            if progress.has_changed().is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        screen.clear();
    })
}

struct Screen {
    style: Style,
    price: Option<Yuan>,
    started: Instant,
    bar: Option<ProgressBar>,
    /// When and with how many calls the speed was last taken, and the speed.
    last: (Instant, u64, f64),
}

impl Screen {
    fn draw(&mut self, snapshot: &Snapshot) {
        if snapshot.due == 0 {
            return;
        }
        let speed = self.speed(snapshot);
        match self.style {
            Style::Bar => self.draw_bar(snapshot, speed),
            Style::Lines => {
                // Standard error may be closed; the run goes on all the same.
                let _ = writeln!(io::stderr(), "{}", line(snapshot, speed, self.eta(snapshot), self.price));
            }
            Style::Json => {
                let _ = writeln!(io::stdout(), "{}", json(snapshot, speed, self.eta(snapshot)));
            }
            Style::Silent => {}
        }
    }

    fn draw_bar(&mut self, snapshot: &Snapshot, speed: f64) {
        let bar = self.bar.get_or_insert_with(|| {
            let bar =
                ProgressBar::with_draw_target(Some(snapshot.due), ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{bar:20.green} {pos}/{len} eta {eta}  {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
            bar
        });
        bar.set_position(snapshot.done);
        bar.set_message(format!("{speed:.1}/s, {}", message(snapshot, self.price)));
    }

    /// Calls per second over the last seconds.
    fn speed(&mut self, snapshot: &Snapshot) -> f64 {
        let (since, calls, _) = self.last;
        let elapsed = since.elapsed().as_secs_f64();
        if elapsed >= SPEED_OVER.as_secs_f64() {
            let more = u32::try_from(snapshot.calls.saturating_sub(calls)).unwrap_or(u32::MAX);
            let speed = f64::from(more) / elapsed;
            self.last = (Instant::now(), snapshot.calls, speed);
        }
        self.last.2
    }

    fn eta(&self, snapshot: &Snapshot) -> Option<Duration> {
        let left = snapshot.due.checked_sub(snapshot.done)?;
        let for_all_left = self.started.elapsed().as_millis().saturating_mul(left.into());
        let seconds = for_all_left.checked_div(snapshot.done.into())? / 1000;
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What a bar says beside itself, the most important first: the rest may be cut off.
fn message(snapshot: &Snapshot, price: Option<Yuan>) -> String {
    let mut text = String::new();
    if let Some((why, until)) = snapshot.pause {
        let _ = write!(
            text,
            "waiting until {}: {}  ",
            shanghai::clock(until),
            stops::waiting_for(lang::current(), why)
        );
    } else if snapshot.rendering {
        text.push_str("writing the output  ");
    } else if snapshot.stop.is_some() {
        let _ = write!(text, "stopping, {} in flight  ", snapshot.in_flight);
    }
    let _ = write!(text, "{} in flight", snapshot.in_flight);
    for decision in Decision::ALL {
        let count = snapshot.count(decision);
        if count > 0 {
            let _ = write!(text, ", {} {}", grouped(count), decision.word());
        }
    }
    if let Some(price) = price {
        let _ = write!(text, ", {} yuan", price.times(snapshot.billed));
    }
    text
}

fn line(snapshot: &Snapshot, speed: f64, eta: Option<Duration>, price: Option<Yuan>) -> String {
    let eta = eta.map_or_else(|| "?".to_owned(), |eta| humantime::format_duration(eta).to_string());
    format!(
        "{} of {} rows, {speed:.1} calls/s, eta {eta}, {}",
        grouped(snapshot.done),
        grouped(snapshot.due),
        message(snapshot, price),
    )
}

fn json(snapshot: &Snapshot, speed: f64, eta: Option<Duration>) -> serde_json::Value {
    let decided: serde_json::Map<_, _> = Decision::ALL
        .iter()
        .map(|decision| (decision.word().to_owned(), snapshot.count(*decision).into()))
        .collect();
    serde_json::json!({
        "event": "progress",
        "done": snapshot.done,
        "due": snapshot.due,
        "in_flight": snapshot.in_flight,
        "calls": snapshot.calls,
        "calls_per_second": (speed * 10.0).round() / 10.0,
        "rate": (snapshot.rate * 10.0).round() / 10.0,
        "billed": snapshot.billed,
        "in_doubt": snapshot.in_doubt,
        "address_refusals": snapshot.address_refusals,
        "decisions": decided,
        "eta_seconds": eta.map(|eta| eta.as_secs()),
        "waiting_for": snapshot.pause.map(|(why, _)| stops::waiting_for(Language::English, why)),
        "waiting_until": snapshot.pause.map(|(_, until)| shanghai::rfc3339(until)),
    })
}
