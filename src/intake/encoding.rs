//! Which encoding a file is in: byte order mark, zero bytes, or what is valid throughout.

use std::borrow::Cow;
use std::fmt;
use std::str::{self, FromStr};

use encoding_rs::{DecoderResult, GB18030};

use super::error::{ForeignFile, Problem};
use crate::say;

/// The encodings that an input may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB18030, and with it its subsets GBK and GB2312.
    Gb18030,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// Returns the bytes of its byte order mark, U+FEFF.
    pub const fn byte_order_mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => &[0xef, 0xbb, 0xbf],
            Self::Gb18030 => &[0x84, 0x31, 0x95, 0x33],
            Self::Utf16Le => &[0xff, 0xfe],
            Self::Utf16Be => &[0xfe, 0xff],
        }
    }

    /// Says whether the file is read as UTF-8 by transcoding it first.
    pub(crate) const fn is_utf16(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// Decodes a cell. UTF-16 arrives here as UTF-8.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
            Self::Utf8 | Self::Utf16Le | Self::Utf16Be => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        }
    }

    /// Returns where the first byte is that does not decode.
    pub(super) fn first_bad_byte(self, bytes: &[u8]) -> Option<usize> {
        if self != Self::Gb18030 {
            return str::from_utf8(bytes).err().map(|error| error.valid_up_to());
        }
        if self.decode(bytes).is_some() {
            return None;
        }
        let mut decoder = GB18030.new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 4);
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut vec![0; room], true);
        match result {
            DecoderResult::Malformed(bad, after) => {
                Some(read.saturating_sub(usize::from(bad) + usize::from(after)))
            }
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Some(read),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        })
    }
}

/// A name that is none of the encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::say!("intake-unknown-encoding"))]
pub struct UnknownEncoding;

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    /// Reads a name of `--encoding`. Plain `utf-16` is the low byte first, unless a byte order mark says
    /// otherwise.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "gb18030" | "gbk" | "gb2312" => Ok(Self::Gb18030),
            "utf-16" | "utf16" | "utf-16le" | "utf16le" => Ok(Self::Utf16Le),
            "utf-16be" | "utf16be" => Ok(Self::Utf16Be),
            _ => Err(UnknownEncoding),
        }
    }
}

/// How an encoding was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// By a byte order mark at the start.
    ByteOrderMark,
    /// By where the zero bytes of ASCII in UTF-16 are.
    ZeroBytes,
    /// Every row decodes.
    ValidThroughout,
    /// `--encoding` says so.
    Told,
    /// It is a workbook, whose text is Unicode.
    Workbook,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::ByteOrderMark => say!("intake-found-mark"),
            Self::ZeroBytes => say!("intake-found-zeros"),
            Self::ValidThroughout => say!("intake-found-throughout"),
            Self::Told => say!("intake-found-told"),
            Self::Workbook => say!("intake-found-workbook"),
        })
    }
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The encoding, unless all rows must be seen to know.
    pub(super) encoding: Option<Encoding>,
    pub(super) found: Found,
    /// The file starts with the encoding's byte order mark.
    pub(super) has_mark: bool,
}

impl Start {
    /// A workbook's sheet, written down as a spreadsheet writes CSV.
    pub(super) const SHEET: Self =
        Self { encoding: Some(Encoding::Utf8), found: Found::Workbook, has_mark: true };
}

/// Judges the start of a file.
///
/// # Errors
///
/// Well-known formats that are no text, and a UTF-16 that was asked for and is not there.
pub(super) fn judge_start(head: &[u8], told: Option<Encoding>) -> Result<Start, Problem> {
    const MARKED: [Encoding; 4] = [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be];
    if let Some(format) = known_format(head) {
        return Err(Problem::NotText(format));
    }
    let marked = MARKED.into_iter().find(|encoding| head.starts_with(encoding.byte_order_mark()));
    if let Some(told) = told {
        // In UTF-16 the mark decides the byte order: read the other way round it is no character.
        let marked = marked.filter(|&marked| marked == told || marked.is_utf16() && told.is_utf16());
        if marked.is_none() && told.is_utf16() && !head.is_empty() && utf16_order(head).is_none() {
            return Err(Problem::NotUtf16);
        }
        let encoding = Some(marked.unwrap_or(told));
        return Ok(Start { encoding, found: Found::Told, has_mark: marked.is_some() });
    }
    if marked.is_some() {
        return Ok(Start { encoding: marked, found: Found::ByteOrderMark, has_mark: true });
    }
    let encoding = if head.contains(&0) { utf16_order(head) } else { None };
    let found = if encoding.is_some() { Found::ZeroBytes } else { Found::ValidThroughout };
    Ok(Start { encoding, found, has_mark: false })
}

/// Finds the byte order of UTF-16 by its delimiters and line ends: most bytes that could be one have a zero
/// beside them, always on the same side. (A few are the lower half of a Chinese character.)
fn utf16_order(head: &[u8]) -> Option<Encoding> {
    let is_separator = |byte: u8| matches!(byte, b',' | b';' | b'\t' | b'\n' | b'\r');
    let separators = head.iter().filter(|&&byte| is_separator(byte)).count();
    let pairs = |low: usize, high: usize| {
        head.chunks_exact(2).filter(|unit| is_separator(unit[low]) && unit[high] == 0).count()
    };
    let is_clear = |pairs: usize| pairs > 0 && pairs * 2 >= separators;
    if is_clear(pairs(0, 1)) {
        Some(Encoding::Utf16Le)
    } else if is_clear(pairs(1, 0)) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Recognises the formats that people take for CSV, or mistake one file for another with.
fn known_format(head: &[u8]) -> Option<ForeignFile> {
    use ForeignFile::{Archive, Database, Markup, OldOffice, Pdf, Picture};
    const FORMATS: [(&[u8], ForeignFile); 11] = [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OldOffice),
        (b"%PDF-", Pdf),
        (b"\xff\xd8\xff", Picture("JPEG")),
        (b"\x89PNG", Picture("PNG")),
        (b"GIF8", Picture("GIF")),
        (b"RIFF", Picture("WebP")),
        (b"II*\0", Picture("TIFF")),
        (b"\x1f\x8b", Archive("gzip")),
        (b"7z\xbc\xaf", Archive("7-Zip")),
        (b"Rar!", Archive("RAR")),
        (b"SQLite format 3", Database),
    ];
    let text = head.trim_ascii_start();
    let text = text.strip_prefix(Encoding::Utf8.byte_order_mark()).unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"<") {
        return Some(Markup);
    }
    FORMATS.iter().find(|(start, _)| head.starts_with(start)).map(|&(_, name)| name)
}
