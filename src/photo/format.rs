//! What kind of file this is, by its bytes and never by its name.

use std::fmt;

use super::rejection::PhotoRejection;

/// A picture format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// ITU-T T.81.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649.
    WebP,
    /// The Windows device-independent bitmap.
    Bmp,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
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
    /// GIF, moving or not.
    Gif,
    /// TIFF, and the raw files of many cameras.
    Tiff,
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

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Video => "a video",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF or a raw camera file",
            Self::Pdf => "PDF",
            Self::Photoshop => "a Photoshop file",
            Self::JpegXl => "JPEG XL",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Icon => "an icon",
            Self::Svg => "SVG",
            Self::Zip => "a ZIP archive or an office document",
        })
    }
}

/// Recognises the format by the first bytes.
///
/// # Errors
///
/// Refuses what is not read, by name where the name is known.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format, PhotoRejection> {
    if bytes.is_empty() {
        return Err(PhotoRejection::Empty);
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Ok(Format::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(Format::Png);
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
        (b"GIF8", Foreign::Gif),
        (b"II*\0", Foreign::Tiff),
        (b"MM\0*", Foreign::Tiff),
        (b"II+\0", Foreign::Tiff),
        (b"MM\0+", Foreign::Tiff),
        (b"%PDF-", Foreign::Pdf),
        (b"8BPS", Foreign::Photoshop),
        (b"\xff\x0a", Foreign::JpegXl),
        (b"\0\0\0\x0cJXL \r\n\x87\n", Foreign::JpegXl),
        (b"\0\0\0\x0cjP  \r\n\x87\n", Foreign::Jpeg2000),
        (b"\xff\x4f\xff\x51", Foreign::Jpeg2000),
        (b"\0\0\x01\0", Foreign::Icon),
        (b"<svg", Foreign::Svg),
        (b"PK\x03\x04", Foreign::Zip),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        // ISO base media file format: the brand tells a still picture from a video.
        return Some(match bytes.get(8..12)? {
            b"avif" | b"avis" => Foreign::Avif,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => Foreign::Heic,
            _ => Foreign::Video,
        });
    }
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|&(_, foreign)| foreign)
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
            (b"GIF89a", Err(PhotoRejection::ForeignFormat(Foreign::Gif))),
            (b"II*\0\x08\0\0\0", Err(PhotoRejection::ForeignFormat(Foreign::Tiff))),
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
        assert_eq!(
            PhotoRejection::ForeignFormat(Foreign::Heic).to_string(),
            "the file is HEIC; convert it to JPEG"
        );
    }
}
