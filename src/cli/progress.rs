//! What is shown while a run is on: a bar on a terminal, a line every 10 s elsewhere, or JSON lines.

use std::io::{self, Write};
use std::time::Duration;

use console::measure_text_width;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::args::ProgressArg;
use super::speed::Speed;
use super::{stops, terminal};
use crate::domain::money::Yuan;
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::lang::Language;
use crate::run::progress::Snapshot;
use crate::run::stop::Stop;
use crate::{lang, say};

const BAR_EVERY: Duration = Duration::from_millis(200);
const LINE_EVERY: Duration = Duration::from_secs(10);
const JSON_EVERY: Duration = Duration::from_secs(1);

/// Reading an input that takes longer than this is worth a word.
const LONG_READING: Duration = Duration::from_secs(1);

const SHORTEST_BAR: usize = 4;
const LONGEST_BAR: usize = 30;

/// More lines than this say no more about why nothing happens.
const LONGEST_NOTICE: usize = 7;

/// Counts that do not fit into so many lines are cut off.
const LONGEST_COUNTS: usize = 2;

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
            ProgressArg::Auto if terminal::is_live() => Self::Bar,
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
    let mut screen = Screen { style, price, speed: Speed::new(), noticed: None };
    tokio::spawn(async move {
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
                changed = progress.changed() => match changed {
                    Ok(()) => screen.notice(&progress.borrow_and_update().clone()),
                    Err(_) => break,
                },
            }
            // Changes come by the thousand: only the ticks draw.
            if progress.has_changed().is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if style == Style::Bar {
            terminal::clear();
        }
    })
}

struct Screen {
    style: Style,
    price: Option<Yuan>,
    speed: Speed,
    /// Why nothing started when that was last written as a line.
    noticed: Option<String>,
}

impl Screen {
    fn draw(&mut self, snapshot: &Snapshot) {
        let speed = self.speed.per_second(snapshot);
        match self.style {
            Style::Bar => {
                let is_slow = self.speed.elapsed() >= LONG_READING;
                let lines = if snapshot.due > 0 {
                    let colours = terminal::has_colours();
                    bar(snapshot, speed, self.speed.left(snapshot), self.price, terminal::width(), colours)
                } else if is_slow && !snapshot.rendering {
                    vec![say!("progress-reading")]
                } else {
                    Vec::new()
                };
                terminal::draw(&lines);
            }
            Style::Lines if snapshot.due > 0 => {
                self.noticed = notice(snapshot);
                // Standard error may be closed; the run goes on all the same.
                let text = line(snapshot, speed, self.speed.left(snapshot), self.price);
                let _ = writeln!(io::stderr(), "{text}");
            }
            Style::Json if snapshot.due > 0 => {
                let _ = writeln!(io::stdout(), "{}", json(snapshot, speed, self.speed.left(snapshot)));
            }
            Style::Lines | Style::Json | Style::Silent => {}
        }
    }

    /// Says at once, where lines are 10 s apart, why nothing starts any more.
    fn notice(&mut self, snapshot: &Snapshot) {
        let is_news = snapshot.pause.is_some() || snapshot.stop.is_some_and(|stop| stop != Stop::Signal);
        if self.style != Style::Lines || !is_news || snapshot.rendering {
            return;
        }
        let now = notice(snapshot);
        // A stop's count of calls in flight goes down: that is no news.
        let without_digits = |text: &Option<String>| {
            text.as_deref().map(|text| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>())
        };
        if now.is_some() && without_digits(&now) != without_digits(&self.noticed) {
            let _ = writeln!(io::stderr(), "{}", now.as_deref().unwrap_or_default());
        }
        self.noticed = now;
    }
}

/// What a bar looks like in a terminal of a width: the bar, why nothing starts, and what came so far.
fn bar(
    snapshot: &Snapshot,
    speed: f64,
    left: Option<Duration>,
    price: Option<Yuan>,
    width: usize,
    colours: bool,
) -> Vec<String> {
    let paint = |text: &str, code: &str| {
        if colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let room = width.saturating_sub(1).max(1);
    let mut lines = vec![first_line(snapshot, speed, left, room, &paint)];
    if let Some(notice) = notice(snapshot) {
        let notice = terminal::wrap(&notice, room).into_iter().take(LONGEST_NOTICE);
        lines.extend(notice.map(|line| paint(&line, "33")));
    }
    let mut counts = terminal::wrap(&counts(snapshot, price), room);
    if counts.len() > LONGEST_COUNTS {
        counts.truncate(LONGEST_COUNTS);
        if let Some(last) = counts.last_mut() {
            *last = format!("{}…", console::truncate_str(last, room.saturating_sub(1), ""));
        }
    }
    lines.extend(counts);
    lines
}

fn first_line(
    snapshot: &Snapshot,
    speed: f64,
    left: Option<Duration>,
    room: usize,
    paint: &impl Fn(&str, &str) -> String,
) -> String {
    let Snapshot { done, due, .. } = *snapshot;
    let percent = u128::from(done) * 100 / u128::from(due.max(1));
    let mut text = say!("progress-of", done = done, due = due);
    let per_second = format!("{speed:.1}");
    for piece in [
        left.map(|left| say!("progress-left", time = lang::duration(left))),
        Some(format!("{percent}%")),
        Some(say!("progress-speed", speed = per_second.as_str())),
    ]
    .into_iter()
    .flatten()
    {
        if measure_text_width(&text) + 2 + measure_text_width(&piece) + SHORTEST_BAR < room {
            text = format!("{text}  {piece}");
        }
    }
    let length = room.saturating_sub(measure_text_width(&text) + 1).min(LONGEST_BAR);
    if length < SHORTEST_BAR {
        return text;
    }
    let filled = u128::from(done) * length as u128 / u128::from(due.max(1));
    let filled = usize::try_from(filled).unwrap_or(length).min(length);
    let (full, rest) = ("━".repeat(filled), "─".repeat(length - filled));
    format!("{}{} {text}", paint(&full, "32"), paint(&rest, "2"))
}

/// Says why no call starts just now, and until when; or what is being finished.
fn notice(snapshot: &Snapshot) -> Option<String> {
    let in_flight = snapshot.in_flight;
    if snapshot.rendering {
        return Some(say!("progress-writing"));
    }
    match (snapshot.stop, snapshot.pause) {
        (Some(Stop::Signal), _) => Some(say!("progress-told-to-stop", calls = in_flight)),
        (Some(stop), _) => {
            let why = stops::describe(lang::current(), stop, snapshot.last_refusal.as_deref());
            Some(say!("progress-stopping", why = why.as_str(), calls = in_flight))
        }
        (None, Some((why, until))) => {
            let (until, why) = (shanghai::clock(until), stops::waiting_for(lang::current(), why));
            Some(say!("progress-waiting", until = until.as_str(), why = why.as_str()))
        }
        (None, None) => None,
    }
}

/// What came so far.
fn counts(snapshot: &Snapshot, price: Option<Yuan>) -> String {
    let mut parts = vec![say!("progress-in-flight", calls = snapshot.in_flight)];
    for decision in Decision::ALL {
        let count = snapshot.count(decision);
        if count > 0 {
            let title = decision.title(lang::current());
            parts.push(say!("progress-count", count = count, what = title.as_str()));
        }
    }
    if let Some(price) = price {
        let cost = price.times(snapshot.billed).to_string();
        parts.push(say!("progress-cost", yuan = cost.as_str()));
    }
    parts.join(&say!("progress-comma"))
}

/// A run's progress in one line.
pub(super) fn line(snapshot: &Snapshot, speed: f64, left: Option<Duration>, price: Option<Yuan>) -> String {
    if snapshot.due == 0 {
        return if snapshot.rendering { say!("progress-writing") } else { say!("progress-reading") };
    }
    let left = left.map_or_else(|| "?".to_owned(), lang::duration);
    let speed = format!("{speed:.1}");
    let notice = notice(snapshot).map(|notice| notice + &say!("progress-semicolon")).unwrap_or_default();
    say!(
        "progress-line",
        done = snapshot.done,
        due = snapshot.due,
        speed = speed.as_str(),
        left = left.as_str(),
        rest = format!("{notice}{}", counts(snapshot, price))
    )
}

fn json(snapshot: &Snapshot, speed: f64, left: Option<Duration>) -> serde_json::Value {
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
        "eta_seconds": left.map(|left| left.as_secs()),
        "waiting_for": snapshot.pause.map(|(why, _)| stops::waiting_for(Language::English, why)),
        "waiting_until": snapshot.pause.map(|(_, until)| shanghai::rfc3339(until)),
        "stopping": snapshot.stop.map(|stop| stops::describe(Language::English, stop, snapshot.last_refusal.as_deref())),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::run::stop::Pause;

    fn snapshot() -> Snapshot {
        let mut decided = [0; Decision::ALL.len()];
        decided[..3].copy_from_slice(&[1200, 30, 4]);
        Snapshot { due: 5000, done: 1234, decided, in_flight: 8, billed: 1234, ..Snapshot::default() }
    }

    fn shown(snapshot: &Snapshot, width: usize) -> Vec<String> {
        let price = "0.55".parse().ok();
        bar(snapshot, 9.8, Some(Duration::from_secs(372)), price, width, false)
    }

    #[test]
    fn a_bar_fits_every_terminal_and_says_the_most_important_first() {
        assert_eq!(
            shown(&snapshot(), 80),
            [
                "━━━━━━━──────────────────────── 1,234 of 5,000  6m 12s left  24%  9.8/s"
                    .replacen("─", "", 1),
                "8 in flight, 1,200 match, 30 mismatch, 4 inconclusive, 678.70 yuan".to_owned(),
            ]
        );
        assert_eq!(shown(&snapshot(), 20)[0], "──── 1,234 of 5,000");
        for width in 1..120 {
            for line in shown(&snapshot(), width) {
                assert!(measure_text_width(&line) < width.max(15), "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_pause_says_why_and_until_when_and_so_does_a_stop_even_where_it_is_narrow() {
        let until: Timestamp = "2026-11-24T18:00:30Z".parse().unwrap();
        let waiting = Snapshot { pause: Some((Pause::AddressLimit, until)), ..snapshot() };
        let stopping = Snapshot { stop: Some(Stop::MaxCalls), ..snapshot() };
        let told = Snapshot { stop: Some(Stop::Signal), ..snapshot() };
        for width in [20, 40, 80, 200] {
            let waiting = shown(&waiting, width).join(" ");
            assert!(waiting.contains("02:00:30") && waiting.contains("10011"), "{width}: {waiting}");
            let stopping = shown(&stopping, width).join(" ");
            assert!(stopping.contains("--max-calls") && stopping.contains("8 calls"), "{width}: {stopping}");
            let told = shown(&told, width).join(" ");
            assert!(told.contains("8 calls") && told.contains("at once"), "{width}: {told}");
        }
    }
}
