//! The contact sheet: one page with each original beside what would be sent of it.
//!
//! The page holds everything that it shows and asks nothing of any server. It holds faces, so only its owner
//! may read it. Cards go to files without a name while pictures are prepared: memory does not grow with
//! their number, and what is rejected can come first.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::exit::{Exit, Failure};
use super::listing::Picture;
use super::{Shown, Tally, language, lines, printable};
use crate::lang::Language;
use crate::photo::{FacePolicy, Prepared, Region, Thumbnail};
use crate::{say, say_in};

const STYLE: &str = include_str!("sheet.css");

/// Nothing is loaded and nothing runs.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// A page that is being written.
pub(super) struct Sheet {
    path: PathBuf,
    folder: PathBuf,
    rejected: BufWriter<File>,
    sent: BufWriter<File>,
}

impl Sheet {
    /// Makes sure that the page can be written, before any picture is prepared.
    pub(super) fn begin(path: &Path, pictures: &[Picture]) -> Result<Self, Failure> {
        let fail = |e: io::Error| unwritable(path, &e);
        let existing = path.canonicalize().ok();
        let is_input = |picture: &Picture| picture.path.canonicalize().ok() == existing;
        if path.is_dir() || (existing.is_some() && pictures.iter().any(is_input)) {
            return Err(fail(io::ErrorKind::AlreadyExists.into()));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let cards = || tempfile::tempfile_in(&folder).map(BufWriter::new);
        let (rejected, sent) = (cards().map_err(fail)?, cards().map_err(fail)?);
        Ok(Self { path: path.to_owned(), folder, rejected, sent })
    }

    /// Adds one picture. `not_written`: why it could not be written into the folder.
    pub(super) fn add(
        &mut self,
        picture: &Picture,
        shown: &Shown,
        not_written: Option<&String>,
    ) -> Result<(), Failure> {
        let card = card(picture, shown, not_written, language()).into_string();
        let is_sent = shown.outcome.is_ok() && not_written.is_none();
        let cards = if is_sent { &mut self.sent } else { &mut self.rejected };
        cards.write_all(card.as_bytes()).map_err(|e| unwritable(&self.path, &e))
    }

    /// Puts the page in its place as a whole.
    pub(super) fn finish(self, tally: &Tally, faces: FacePolicy) -> Result<(), Failure> {
        let Self { path, folder, rejected, sent } = self;
        let write = || {
            let mut page = tempfile::Builder::new()
                .prefix(".reverify-")
                .permissions(Permissions::from_mode(0o600))
                .tempfile_in(&folder)?;
            let mut out = BufWriter::new(page.as_file_mut());
            out.write_all(head(tally, faces, language()).into_string().as_bytes())?;
            section(&mut out, rejected, tally.rejected, Kind::Rejected)?;
            section(&mut out, sent, tally.sent, Kind::Sent)?;
            out.write_all(b"</main></body></html>\n")?;
            out.flush()?;
            drop(out);
            page.as_file().sync_all()?;
            page.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| unwritable(&path, &e))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let (path, error) = (printable(path), error.kind().to_string());
    Failure::new(Exit::Output, say!("photo-sheet-unwritable", path = path, error = error))
}

#[derive(Clone, Copy)]
enum Kind {
    Rejected,
    Sent,
}

fn section(out: &mut impl Write, cards: BufWriter<File>, count: usize, kind: Kind) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let (title, class) = match kind {
        Kind::Rejected => (say_in!(language(), "photo-sheet-rejected", count = count), "rejected"),
        Kind::Sent => (say_in!(language(), "photo-sheet-sent", count = count), "sent"),
    };
    let heading = html! { h2 { (title) } (PreEscaped(format!("<section class=\"{class}\">"))) };
    out.write_all(heading.into_string().as_bytes())?;
    let mut cards = cards.into_inner().map_err(io::IntoInnerError::into_error)?;
    cards.rewind()?;
    io::copy(&mut cards, out)?;
    out.write_all(b"</section>")
}

/// The page's beginning, up to the first section.
fn head(tally: &Tally, faces: FacePolicy, language: Language) -> Markup {
    let title = say_in!(language, "photo-sheet-title");
    let code = match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    html! {
        (DOCTYPE)
        (PreEscaped(format!("<html lang=\"{code}\">")))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            h1 { (title) }
            p {
                (say_in!(
                    language,
                    "photo-tally",
                    total = tally.total(),
                    sent = tally.sent,
                    warned = tally.warned,
                    rejected = tally.rejected
                ))
                " " code { "--face " (faces.word()) }
            }
            p.legend {
                span.face {} (say_in!(language, "photo-sheet-face"))
                span.crop {} (say_in!(language, "photo-sheet-crop"))
            }
            p.care { (say_in!(language, "photo-sheet-care")) }
        }
        (PreEscaped("<main>"))
    }
}

fn card(picture: &Picture, shown: &Shown, not_written: Option<&String>, language: Language) -> Markup {
    let path = printable(&picture.path);
    let reason = match (&shown.outcome, not_written) {
        (Err(rejection), _) => Some(rejection.text(language)),
        (Ok(_), Some(reason)) => Some(reason.clone()),
        (Ok(_), None) => None,
    };
    let prepared = shown.outcome.as_ref().ok();
    html! {
        article.rejected[reason.is_some()] {
            h3 { (path) }
            @if let Some(reason) = &reason { p.reason { (reason) } }
            div.pair {
                figure {
                    (original(shown.thumbnail.as_ref(), prepared, language))
                    figcaption { (original_caption(shown, language)) }
                }
                @if let Some(prepared) = prepared {
                    span.arrow aria-hidden="true" { "→" }
                    figure {
                        img src=(data_uri(&prepared.jpeg)) width=(prepared.width) height=(prepared.height)
                            alt=(say_in!(language, "photo-sheet-as-sent"));
                        figcaption { (lines::sent(prepared, language)) }
                    }
                }
            }
            @if let Some(prepared) = prepared {
                ul.warnings {
                    @for warning in lines::warnings(prepared) { li { (warning.text(language)) } }
                }
            }
        }
    }
}

fn original_caption(shown: &Shown, language: Language) -> String {
    match (&shown.outcome, shown.size_bytes) {
        (Ok(prepared), _) => lines::source(prepared, language),
        (Err(_), Some(bytes)) => lines::size(bytes),
        (Err(_), None) => String::new(),
    }
}

/// The original, upright and small, with the face and what is cut out drawn on it.
fn original(thumbnail: Option<&Thumbnail>, prepared: Option<&Prepared>, language: Language) -> Markup {
    let Some(thumbnail) = thumbnail else {
        return html! { div.nothing { (say_in!(language, "photo-sheet-nothing")) } };
    };
    let alt = say_in!(language, "photo-sheet-original");
    html! {
        div.original style={ "aspect-ratio:" (thumbnail.width) "/" (thumbnail.height) ";width:" (thumbnail.width) "px" } {
            img src=(data_uri(&thumbnail.jpeg)) width=(thumbnail.width) height=(thumbnail.height) alt=(alt);
            @if let Some(prepared) = prepared {
                @let (width, height) = prepared.upright_size();
                svg viewBox={ "0 0 " (width) " " (height) } preserveAspectRatio="none" aria-hidden="true" {
                    @if let Some(crop) = prepared.crop { (frame("crop", crop)) }
                    @if let Some(face) = &prepared.face { (frame("face", face.found_at)) }
                }
            }
        }
    }
}

fn frame(class: &str, region: Region) -> Markup {
    html! {
        // Twice, so that it shows on light and on dark.
        rect class="under" x=(region.x) y=(region.y) width=(region.width) height=(region.height) {}
        rect class=(class) x=(region.x) y=(region.y) width=(region.width) height=(region.height) {}
    }
}

fn data_uri(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg))
}
