//! The terminal: lines at its bottom that are drawn again and again, and text that goes above them.
//!
//! One place owns standard error while a run is on, so that a log line or a signal's word never tears
//! the lines apart. Terminals may be narrow, and may be resized at any moment.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use console::{Term, measure_text_width, truncate_str};

/// The width where the terminal does not tell its own.
const USUAL_WIDTH: usize = 80;

static CANVAS: Mutex<Canvas> = Mutex::new(Canvas { drawn: Vec::new(), used: 0 });

/// What is drawn just now.
struct Canvas {
    drawn: Vec<String>,
    /// The width for which it was drawn.
    used: usize,
}

fn canvas() -> MutexGuard<'static, Canvas> {
    // A panic while drawing leaves nothing worse behind than a torn line.
    CANVAS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says whether lines can be drawn again on standard error.
pub(super) fn is_live() -> bool {
    io::stderr().is_terminal() && !is_dumb(std::env::var("TERM").ok().as_deref())
}

/// Says whether standard error may have colours.
pub(super) fn has_colours() -> bool {
    colours(|name| std::env::var(name).ok().filter(|value| !value.is_empty()), is_live())
}

/// `NO_COLOR` says no before `CLICOLOR_FORCE` says yes, as with the help's colours.
fn colours(variable: impl Fn(&str) -> Option<String>, is_live: bool) -> bool {
    let is_on = |name: &str| variable(name).map(|value| value != "0");
    if variable("NO_COLOR").is_some() {
        false
    } else if is_on("CLICOLOR_FORCE") == Some(true) {
        true
    } else {
        is_live && is_on("CLICOLOR") != Some(false)
    }
}

fn is_dumb(term: Option<&str>) -> bool {
    term == Some("dumb")
}

/// How many columns standard error has.
pub(super) fn width() -> usize {
    let width = Term::stderr().size_checked().map_or(0, |(_, columns)| usize::from(columns));
    if width == 0 { USUAL_WIDTH } else { width }
}

/// Draws lines in the place of those drawn before; what is too wide is cut off.
pub(super) fn draw(lines: &[String]) {
    let mut canvas = canvas();
    let width = width();
    let text = redraw(&mut canvas, lines, width);
    put(&text);
}

/// Removes what is drawn.
pub(super) fn clear() {
    draw(&[]);
}

/// Writes a text above what is drawn.
pub(super) fn say(text: &str) {
    let mut canvas = canvas();
    let lines = std::mem::take(&mut canvas.drawn);
    let width = width();
    let mut all = erase(&lines, width);
    all.push_str(text);
    all.push('\n');
    all.push_str(&redraw(&mut canvas, &lines, width));
    put(&all);
}

fn put(text: &str) {
    if text.is_empty() {
        return;
    }
    // Standard error may be closed; the run goes on all the same.
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

fn redraw(canvas: &mut Canvas, lines: &[String], width: usize) -> String {
    // A line as wide as the terminal would wrap on some.
    let most = width.saturating_sub(1).max(1);
    let cut: Vec<String> = lines.iter().map(|line| truncate_str(line, most, "…").into_owned()).collect();
    if cut == canvas.drawn && canvas.used == width {
        return String::new();
    }
    let mut text = erase(&canvas.drawn, width);
    text.push_str(&cut.join("\r\n"));
    (canvas.drawn, canvas.used) = (cut, width);
    text
}

/// Goes back to where the lines began and clears from there on. In a terminal that has become narrower since,
/// they take more lines than they did.
fn erase(drawn: &[String], width: usize) -> String {
    if drawn.is_empty() {
        return String::new();
    }
    let rows = |line: &String| measure_text_width(line).div_ceil(width.max(1)).max(1);
    let mut text = String::from("\r");
    let above = drawn.iter().map(rows).sum::<usize>() - 1;
    if above > 0 {
        // Writing to a String cannot fail.
        let _ = write!(text, "\u{1b}[{above}A");
    }
    text.push_str("\u{1b}[J");
    text
}

/// Standard error as a writer whose whole lines go above what is drawn.
#[derive(Debug, Default)]
pub(super) struct Above;

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        say(String::from_utf8_lossy(bytes).trim_end_matches('\n'));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Breaks a text into lines of a width, between words where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut add = |piece: &str| {
        let line = lines.last_mut().expect("it begins with a line");
        if !line.is_empty() && measure_text_width(line) + measure_text_width(piece.trim_end()) > width {
            lines.push(piece.trim_start().to_owned());
        } else {
            line.push_str(piece);
        }
    };
    for word in text.split_inclusive(' ') {
        if measure_text_width(word) <= width && word.is_ascii() {
            add(word);
        } else {
            // Chinese has no spaces, and may be broken anywhere.
            for character in word.chars() {
                add(character.encode_utf8(&mut [0; 4]));
            }
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours_with(set: &[(&str, &str)], is_live: bool) -> bool {
        let find = |name: &str| set.iter().find(|(known, _)| *known == name);
        colours(|name| find(name).map(|(_, value)| (*value).to_owned()), is_live)
    }

    #[test]
    fn colours_are_chosen_by_the_usual_variables() {
        assert!(colours_with(&[], true) && !colours_with(&[], false));
        assert!(!colours_with(&[("NO_COLOR", "1")], true));
        assert!(!colours_with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true));
        assert!(colours_with(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!colours_with(&[("CLICOLOR_FORCE", "0")], false));
        assert!(!colours_with(&[("CLICOLOR", "0")], true));
    }

    #[test]
    fn lines_are_cut_to_the_terminal_and_erased_as_they_lie_now() {
        let mut canvas = Canvas { drawn: Vec::new(), used: 0 };
        let lines = ["一二三四五六七八九十".to_owned(), "abc".to_owned()];
        assert_eq!(redraw(&mut canvas, &lines, 11), "一二三四…\r\nabc");
        assert_eq!(redraw(&mut canvas, &lines, 11), "", "nothing has changed");
        // Nine columns wide, drawn in 11, now in 4: three rows, and the second line's one.
        assert_eq!(redraw(&mut canvas, &["x".to_owned()], 4), "\r\u{1b}[3A\u{1b}[Jx");
        assert_eq!(redraw(&mut canvas, &[], 4), "\r\u{1b}[J");
        assert_eq!(redraw(&mut canvas, &[], 4), "");
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let text = "waiting until 02:00:30: 10011, too many calls 等到两点钟再继续";
        for width in 2..80 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|line| measure_text_width(line) <= width), "{width}: {lines:?}");
            let joined: String = lines.concat();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""), "{width}");
        }
        assert_eq!(wrap("waiting until 02:00", 10), ["waiting", "until", "02:00"]);
    }
}
