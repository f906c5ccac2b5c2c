//! What kind of file this is, by its bytes and never by its name.

use std::fmt;

use super::rejection::PhotoRejection;
use crate::lang::Language;
use crate::say_in;

/// A picture format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// ITU-T T.81.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649.
    WebP,
    /// Aldus's TIFF 6.0, and its larger kind.
    Tiff,
    /// GIF 87a and 89a.
    Gif,
    /// The Windows device-independent bitmap.
    Bmp,
}

impl Format {
    /// Every one, in the order of the enum.
    pub(super) const ALL: [Self; 6] = [Self::Jpeg, Self::Png, Self::WebP, Self::Tiff, Self::Gif, Self::Bmp];
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
        })
    }
}

/// A format that is recognised so that the refusal can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// The still pictures of newer phones.
    Heic,
    /// A still picture in AV1.
    Avif,
    /// MP4 and its kin.
    Video,
    /// What a camera's sensor saw, in one of its maker's formats.
    Raw,
    /// PDF.
    Pdf,
    /// PSD.
    Photoshop,
    /// JPEG XL.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// ICO.
    Icon,
    /// SVG.
    Svg,
    /// ZIP, and so the documents of office programs.
    Zip,
}

impl Foreign {
    /// Every one, in the order of the enum.
    pub(super) const ALL: [Self; 11] = [
        Self::Heic,
        Self::Avif,
        Self::Video,
        Self::Raw,
        Self::Pdf,
        Self::Photoshop,
        Self::JpegXl,
        Self::Jpeg2000,
        Self::Icon,
        Self::Svg,
        Self::Zip,
    ];

    /// Names the format for the ledger. These names do not change.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::Video => "video",
            Self::Raw => "raw",
            Self::Pdf => "pdf",
            Self::Photoshop => "photoshop",
            Self::JpegXl => "jpeg-xl",
            Self::Jpeg2000 => "jpeg-2000",
            Self::Icon => "icon",
            Self::Svg => "svg",
            Self::Zip => "zip",
        }
    }

    /// Says what the file is, and how it becomes one that is read.
    pub(super) fn text(self, language: Language) -> String {
        match self {
            Self::Heic => say_in!(language, "photo-foreign-heic"),
            Self::Avif => say_in!(language, "photo-foreign-avif"),
            Self::Video => say_in!(language, "photo-foreign-video"),
            Self::Raw => say_in!(language, "photo-foreign-raw"),
            Self::Pdf => say_in!(language, "photo-foreign-pdf"),
            Self::Photoshop => say_in!(language, "photo-foreign-photoshop"),
            Self::JpegXl => say_in!(language, "photo-foreign-jpeg-xl"),
            Self::Jpeg2000 => say_in!(language, "photo-foreign-jpeg-2000"),
            Self::Icon => say_in!(language, "photo-foreign-icon"),
            Self::Svg => say_in!(language, "photo-foreign-svg"),
            Self::Zip => say_in!(language, "photo-foreign-zip"),
        }
    }

    /// Tells whether it is a picture at all, of which there is none in a video or a document.
    fn is_picture(self) -> bool {
        !matches!(self, Self::Video | Self::Pdf | Self::Zip | Self::Svg | Self::Icon)
    }
}

/// Tells by the first bytes whether a file is a picture, of whatever format.
pub fn is_picture(beginning: &[u8]) -> bool {
    match recognise(beginning) {
        Ok(_) => true,
        Err(PhotoRejection::ForeignFormat(foreign)) => foreign.is_picture(),
        Err(_) => false,
    }
}

/// Recognises the format by the first bytes.
///
/// # Errors
///
/// Refuses what is not read, by name where the name is known.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format, PhotoRejection> {
    const BEGINNINGS: &[(&[u8], Format)] = &[
        (b"\xff\xd8\xff", Format::Jpeg),
        (b"\x89PNG\r\n\x1a\n", Format::Png),
        (b"GIF87a", Format::Gif),
        (b"GIF89a", Format::Gif),
        (b"II*\0", Format::Tiff),
        (b"MM\0*", Format::Tiff),
        (b"II+\0", Format::Tiff),
        (b"MM\0+", Format::Tiff),
    ];
    if bytes.is_empty() {
        return Err(PhotoRejection::Empty);
    }
    // Canon's raw files begin as TIFF does.
    if bytes.get(8..10) == Some(b"CR") && bytes.starts_with(b"II*\0") {
        return Err(PhotoRejection::ForeignFormat(Foreign::Raw));
    }
    if let Some(&(_, format)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Ok(format);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::WebP);
    }
    // "BM" alone begins many a text, so the size of the second header has to be a known one, too.
    if bytes.starts_with(b"BM") && matches!(bytes.get(14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124)) {
        return Ok(Format::Bmp);
    }
    Err(foreign(bytes).map_or(PhotoRejection::NotAPicture, PhotoRejection::ForeignFormat))
}

fn foreign(bytes: &[u8]) -> Option<Foreign> {
    const BEGINNINGS: &[(&[u8], Foreign)] = &[
        (b"%PDF-", Foreign::Pdf),
        (b"8BPS", Foreign::Photoshop),
        (b"\xff\x0a", Foreign::JpegXl),
        (b"\0\0\0\x0cJXL \r\n\x87\n", Foreign::JpegXl),
        (b"\0\0\0\x0cjP  \r\n\x87\n", Foreign::Jpeg2000),
        (b"\xff\x4f\xff\x51", Foreign::Jpeg2000),
        (b"FUJIFILMCCD-RAW", Foreign::Raw),
        (b"IIRO", Foreign::Raw),  // Olympus
        (b"IIRS", Foreign::Raw),  // Olympus
        (b"IIU\0", Foreign::Raw), // Panasonic
        (b"FOVb", Foreign::Raw),  // Sigma
        (b"\0\0\x01\0", Foreign::Icon),
        (b"<svg", Foreign::Svg),
        (b"PK\x03\x04", Foreign::Zip),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(by_brand(bytes));
    }
    if bytes.starts_with(b"<?xml") && memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"<svg").is_some()
    {
        return Some(Foreign::Svg);
    }
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|&(_, foreign)| foreign)
}

/// Tells still pictures from videos by the brands of an ISO base media file (ISO/IEC 14496-12, 4.3): the
/// file's own and those that it is compatible with.
fn by_brand(bytes: &[u8]) -> Foreign {
    let size = bytes.first_chunk().map_or(0, |&size| u32::from_be_bytes(size) as usize);
    let brands = bytes.get(8..size.clamp(12, 256).min(bytes.len())).unwrap_or_default();
    let has = |wanted: &[&[u8; 4]]| brands.as_chunks().0.iter().any(|brand| wanted.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        return Foreign::Avif;
    }
    if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
        return Foreign::Heic;
    }
    if has(&[b"crx "]) { Foreign::Raw } else { Foreign::Video }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_recognised_by_its_bytes() {
        let cases: &[(&[u8], Result<Format, PhotoRejection>)] = &[
            (b"\xff\xd8\xff\xe0", Ok(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Ok(Format::Png)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Ok(Format::WebP)),
            (b"RIFF\x10\0\0\0WAVEfmt ", Err(PhotoRejection::NotAPicture)),
            (b"BM____________\x28\0\0\0", Ok(Format::Bmp)),
            (b"BMW is a maker of cars", Err(PhotoRejection::NotAPicture)),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Err(PhotoRejection::ForeignFormat(Foreign::Heic))),
            (b"\0\0\0\x18ftypavif\0\0\0\0", Err(PhotoRejection::ForeignFormat(Foreign::Avif))),
            (b"\0\0\0\x18ftypisom\0\0\0\0", Err(PhotoRejection::ForeignFormat(Foreign::Video))),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Err(PhotoRejection::ForeignFormat(Foreign::Heic))),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Err(PhotoRejection::ForeignFormat(Foreign::Avif))),
            (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", Err(PhotoRejection::ForeignFormat(Foreign::Raw))),
            (b"GIF89a", Ok(Format::Gif)),
            (b"II*\0\x08\0\0\0", Ok(Format::Tiff)),
            (b"II*\0\x10\0\0\0CR\x02\0", Err(PhotoRejection::ForeignFormat(Foreign::Raw))),
            (b"\0\0\x01\0\x01\0", Err(PhotoRejection::ForeignFormat(Foreign::Icon))),
            (b"<?xml version='1.0'?><svg/>", Err(PhotoRejection::ForeignFormat(Foreign::Svg))),
            (b"<?xml version='1.0'?><html/>", Err(PhotoRejection::NotAPicture)),
            (b"%PDF-1.7", Err(PhotoRejection::ForeignFormat(Foreign::Pdf))),
            (b"root:x:0:0:root:/root:/bin/bash", Err(PhotoRejection::NotAPicture)),
            (b"", Err(PhotoRejection::Empty)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(recognise(bytes), *expected, "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_foreign_format_is_refused_with_the_advice_to_convert_it() {
        let said = |foreign| PhotoRejection::ForeignFormat(foreign).to_string();
        assert_eq!(
            said(Foreign::Heic),
            "the file is HEIC; export it as JPEG, or convert it with heif-convert (on the iPhone, Settings > \
             Camera > Formats > Most Compatible makes it take JPEGs)"
        );
        assert_eq!(said(Foreign::Raw), "the file is a raw camera file; convert it to JPEG");
    }
}
