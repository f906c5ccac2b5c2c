//! A picture in one line, for people and for programs.

use serde_json::{Value, json};

use super::listing::Picture;
use super::target::Written;
use super::{Shown, language, printable};
use crate::lang::Language;
use crate::photo::{Orientation, PhotoWarning, Prepared, Region};
use crate::say_in;

/// Writes what came of a picture, without its path.
pub(super) fn line(shown: &Shown, written: &Written) -> String {
    match (&shown.outcome, written) {
        (Ok(prepared), Ok(_)) => describe(prepared, language()),
        (Ok(_), Err(reason)) => say_in!(language(), "photo-rejected", reason = reason.as_str()),
        (Err(rejection), _) => say_in!(language(), "photo-rejected", reason = rejection.text(language())),
    }
}

fn describe(prepared: &Prepared, language: Language) -> String {
    let warnings: Vec<String> = warnings(prepared).map(|warning| warning.text(language)).collect();
    let mut line = format!("{}  ->  {}", source(prepared, language), sent(prepared, language));
    if !warnings.is_empty() {
        line.push_str(&say_in!(
            language,
            "photo-warnings",
            warnings = warnings.join(&say_in!(language, "photo-semicolon"))
        ));
    }
    line
}

/// Warnings that are not said of the source already.
pub(super) fn warnings(prepared: &Prepared) -> impl Iterator<Item = &PhotoWarning> {
    prepared.warnings.iter().filter(|warning| !matches!(warning, PhotoWarning::Turned { .. }))
}

/// `4032x3024 JPEG 3.6 MB, turned by EXIF 6, face 812 px`.
pub(super) fn source(prepared: &Prepared, language: Language) -> String {
    let source = &prepared.source;
    let mut parts =
        vec![format!("{}x{} {} {}", source.width, source.height, source.format, size(source.size_bytes))];
    if source.orientation != Orientation::default() {
        parts.push(say_in!(language, "photo-turned-by-exif", number = source.orientation.exif().to_string()));
    }
    if let Some(degrees) = turned(prepared) {
        parts.push(say_in!(language, "photo-turned-by-face", degrees = degrees.to_string()));
    }
    if let Some(face) = &prepared.face {
        parts.push(say_in!(language, "photo-face", width = face.found_at.width.to_string()));
    }
    parts.join(&say_in!(language, "photo-comma"))
}

/// `400x500, quality 71, 19,412 bytes`.
pub(super) fn sent(prepared: &Prepared, language: Language) -> String {
    let size = format!("{}x{}", prepared.width, prepared.height);
    let bytes = prepared.jpeg.len();
    if let Some(quality) = prepared.quality {
        say_in!(language, "photo-sent", size = size, quality = quality.to_string(), bytes = bytes)
    } else {
        say_in!(language, "photo-kept", size = size, bytes = bytes)
    }
}

fn turned(prepared: &Prepared) -> Option<u32> {
    prepared.warnings.iter().find_map(|warning| match warning {
        PhotoWarning::Turned { degrees } => Some(*degrees),
        _ => None,
    })
}

/// Gives a size as people say it, in powers of ten.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..999_500 => format!("{} kB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", (bytes + 50_000) / 1_000_000, (bytes + 50_000) % 1_000_000 / 100_000),
    }
}

/// The same for programs. Words and sentences are English whatever the language, so that nothing depends on it.
pub(super) fn json(picture: &Picture, shown: &Shown, written: &Written) -> Value {
    let file = picture.path.to_string_lossy();
    let rejected = match (&shown.outcome, written) {
        (Err(rejection), _) => json!({
            "code": rejection.code(),
            "reason": rejection.text(Language::English),
        }),
        (Ok(_), Err(reason)) => json!({ "code": "photo-not-written", "reason": reason }),
        (Ok(_), Ok(_)) => Value::Null,
    };
    let Ok(prepared) = &shown.outcome else {
        return json!({ "file": file, "size_bytes": shown.size_bytes, "rejected": rejected });
    };
    let source = &prepared.source;
    let warnings: Vec<Value> = prepared
        .warnings
        .iter()
        .map(|warning| json!({ "code": warning.code(), "text": warning.text(Language::English) }))
        .collect();
    json!({
        "file": file,
        "size_bytes": source.size_bytes,
        "format": source.format.to_string(),
        "width": source.width,
        "height": source.height,
        "exif_orientation": source.orientation.exif(),
        "turned_degrees": turned(prepared).unwrap_or(0),
        "face": prepared.face.as_ref().map(|face| json!({
            "x": face.found_at.x,
            "y": face.found_at.y,
            "width": face.found_at.width,
            "height": face.found_at.height,
            "width_sent": face.width_sent,
            "sharpness": face.sharpness,
            "similar": face.similar,
        })),
        "crop": prepared.crop.map(region),
        "sent": {
            "width": prepared.width,
            "height": prepared.height,
            "quality": prepared.quality,
            "bytes": prepared.jpeg.len(),
            "written_to": written.as_ref().ok().and_then(|path| path.as_deref()).map(printable),
        },
        "warnings": warnings,
        "rejected": rejected,
    })
}

fn region(region: Region) -> Value {
    json!({ "x": region.x, "y": region.y, "width": region.width, "height": region.height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(
            [999, 1_000, 999_499, 999_500, 3_621_000].map(size),
            ["999 B", "1 kB", "999 kB", "1.0 MB", "3.6 MB"]
        );
    }
}
