//! `reverify photo`: shows what would be sent of pictures, so that anyone can look.
//!
//! Nothing is sent, and no ledger is touched. Pictures are prepared side by side, and told of in their order.

mod lines;
mod listing;
mod sheet;
mod side_by_side;
mod target;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::exit::{Exit, Failure};
use super::photo_args::FaceArgs;
use super::terminal;
use crate::photo::{
    FacePolicy, PhotoRejection, Prepared, Thumbnail, prepare, read_operators_file, thumbnail,
};
use crate::{lang, say};

use listing::{Listing, Picture};
use sheet::Sheet;
use target::Target;

/// So few pictures need no bar.
const MANY: usize = 12;

/// The bar's length, in columns.
const LONGEST_BAR: usize = 30;

/// Prepares pictures as a run would, and says what comes of each.
#[derive(Debug, clap::Args)]
pub struct PhotoArgs {
    /// Pictures, and folders of pictures: JPEG, PNG, WebP, TIFF, GIF or BMP
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Write what would be sent into this folder, one JPEG for each picture
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,

    /// Print one JSON object for each picture
    #[arg(long)]
    pub json: bool,

    /// Write a page that shows each original beside what would be sent
    #[arg(long, value_name = "FILE.html")]
    pub contact_sheet: Option<PathBuf>,

    /// How photos are judged.
    #[command(flatten)]
    pub face: FaceArgs,
}

/// What came of one picture.
struct Shown {
    size_bytes: Option<u64>,
    outcome: Result<Prepared, PhotoRejection>,
    thumbnail: Option<Thumbnail>,
}

/// Pictures so far.
#[derive(Default)]
struct Tally {
    sent: usize,
    warned: usize,
    rejected: usize,
}

/// Prints a line for each picture, and writes what would be sent and the page, if they are named.
///
/// # Errors
///
/// Fails if a folder, a picture or the page cannot be written, or the lines cannot be printed.
pub fn run(args: &PhotoArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let listing = Listing::of(&args.files, args.to.as_deref())?;
    let mut target = args.to.as_deref().map(|dir| Target::open(dir, &listing.pictures)).transpose()?;
    let mut sheet =
        args.contact_sheet.as_deref().map(|file| Sheet::begin(file, &listing.pictures)).transpose()?;
    let (faces, wants_thumbnail) = (args.face.policy(), sheet.is_some());
    let bar = Bar::new(listing.pictures.len());
    let mut tally = Tally::default();
    side_by_side::each_in_order(
        &listing.pictures,
        |picture| show(picture, faces, wants_thumbnail),
        |picture, shown| {
            let written = match (&shown.outcome, &mut target) {
                (Ok(prepared), Some(target)) => target.write(picture, &prepared.jpeg)?,
                _ => Ok(None),
            };
            tally.add(&shown, written.is_err());
            if let Some(sheet) = &mut sheet {
                sheet.add(picture, &shown, written.as_ref().err())?;
            }
            let line = if args.json {
                lines::json(picture, &shown, &written).to_string()
            } else {
                format!("{}  {}", printable(&picture.path), lines::line(&shown, &written))
            };
            bar.above(|| writeln!(out, "{line}")).map_err(|e| unprintable(&e))?;
            bar.draw(tally.total());
            Ok::<(), Failure>(())
        },
    )?;
    bar.clear();
    if let Some(sheet) = sheet {
        sheet.finish(&tally, faces)?;
    }
    out.flush().map_err(|e| unprintable(&e))?;
    for note in tally.notes(&listing) {
        // The lines have said it all; this is for whoever watches.
        let _ = writeln!(std::io::stderr(), "{note}");
    }
    Ok(if tally.rejected == 0 { Exit::Settled } else { Exit::Incomplete })
}

fn show(picture: &Picture, faces: FacePolicy, wants_thumbnail: bool) -> Shown {
    let bytes = match read_operators_file(&picture.path) {
        Ok(bytes) => bytes,
        Err(rejection) => return Shown { size_bytes: None, outcome: Err(rejection), thumbnail: None },
    };
    let outcome = prepare(&bytes, faces);
    let turned = outcome.as_ref().ok().map(|prepared| prepared.orientation);
    let thumbnail = if wants_thumbnail { thumbnail(&bytes, turned).ok() } else { None };
    Shown { size_bytes: Some(bytes.len() as u64), outcome, thumbnail }
}

impl Tally {
    fn add(&mut self, shown: &Shown, was_not_written: bool) {
        match &shown.outcome {
            Ok(prepared) if !was_not_written => {
                self.sent += 1;
                self.warned += usize::from(!prepared.warnings.is_empty());
            }
            _ => self.rejected += 1,
        }
    }

    fn total(&self) -> usize {
        self.sent + self.rejected
    }

    /// What is worth saying after the lines.
    fn notes(&self, listing: &Listing) -> Vec<String> {
        let mut notes = Vec::new();
        if self.total() > 1 {
            notes.push(say!(
                "photo-tally",
                total = self.total(),
                sent = self.sent,
                warned = self.warned,
                rejected = self.rejected
            ));
        }
        if listing.skipped > 0 {
            notes.push(say!("photo-skipped", count = listing.skipped));
        }
        if listing.pictures.is_empty() {
            notes.push(say!("photo-none-found"));
        }
        notes
    }
}

/// How far it is, at the bottom of a terminal; not shown for a few pictures.
struct Bar {
    of: usize,
    shown: Option<ProgressBar>,
}

impl Bar {
    fn new(of: usize) -> Self {
        let shown = (of >= MANY && terminal::is_live()).then(|| {
            let length = LONGEST_BAR.min(terminal::width() / 3);
            let template = format!("{{bar:{length}}} {{wide_msg}}");
            let style =
                ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
            bar.with_style(style.progress_chars("━╸─"))
        });
        Self { of, shown }
    }

    /// Writes a line to a standard output that may be the same terminal.
    fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.shown {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn draw(&self, done: usize) {
        let Some(bar) = &self.shown else { return };
        let left = bar.elapsed().as_secs() * (self.of - done) as u64 / done.max(1) as u64;
        let left = lang::duration(Duration::from_secs(left));
        let percent = done * 100 / self.of.max(1);
        bar.set_message(say!("photo-progress", done = done, of = self.of, percent = percent, left = left));
        bar.set_position(done as u64);
    }

    fn clear(&self) {
        if let Some(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn unprintable(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Output, say!("photo-unprintable", error = error.kind().to_string()))
}

/// Gives a path without anything that a terminal would obey.
fn printable(path: &Path) -> String {
    let is_unsafe = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    path.to_string_lossy().chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

/// The language that lines and the page are in.
fn language() -> lang::Language {
    lang::current()
}

#[cfg(test)]
mod tests;
