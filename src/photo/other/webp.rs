//! WebP, lossy and lossless, whole in memory: its decoder knows no rows.

use std::io::{Cursor, ErrorKind};

use image_webp::{DecodingError, WebPDecoder};

use super::super::bytes::Bytes;
use super::super::exif;
use super::super::format::Format;
use super::super::raster::{BoxReducer, Colour, Orientation, Raster};
use super::super::rejection::PhotoRejection;
use super::on_white;

const TRUNCATED: PhotoRejection = PhotoRejection::Truncated(Format::WebP);
const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::WebP);

/// This many zeros at the end of the coded picture are no code: WebP has no checksum, and what a copy
/// left half written is padded with zeros.
const SUSPICIOUS_ZEROS: usize = 32;

/// A WebP file whose header is read.
pub(in crate::photo) struct WebP<'a> {
    decoder: WebPDecoder<Cursor<&'a [u8]>>,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
}

impl<'a> WebP<'a> {
    /// Reads what stands before the pixels.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, damaged or animated.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let riff = check_chunks(file)?;
        let mut decoder = WebPDecoder::new(Cursor::new(riff)).map_err(|e| refusal(&e))?;
        if decoder.is_animated() {
            return Err(PhotoRejection::Animated(Format::WebP));
        }
        let (width, height) = decoder.dimensions();
        // Metadata is small, or it is none.
        decoder.set_memory_limit(1 << 20);
        let exif = decoder.exif_metadata().ok().flatten();
        let orientation = exif.as_deref().map(exif::orientation).unwrap_or_default();
        Ok(Self { decoder, width, height, orientation })
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        width * height * 8 + width.div_ceil(factor) * height.div_ceil(factor) * 3
    }

    /// Decodes the picture; the longer side keeps at least `min_long_side` pixels.
    ///
    /// # Errors
    ///
    /// Refuses a picture of which a part is missing or wrong.
    pub fn decode(mut self, min_long_side: usize) -> Result<Raster, PhotoRejection> {
        let (width, height) = (self.width as usize, self.height as usize);
        let samples = if self.decoder.has_alpha() { 4 } else { 3 };
        let mut whole = vec![0; self.decoder.output_buffer_size().ok_or(DAMAGED)?];
        self.decoder.read_image(&mut whole).map_err(|e| refusal(&e))?;
        let mut reducer = BoxReducer::new(width, height, Colour::Rgb, min_long_side);
        let mut line = Vec::with_capacity(width * 3);
        for row in whole.chunks_exact(width * samples) {
            if samples == 3 {
                reducer.push(row);
                continue;
            }
            line.clear();
            line.extend(row.as_chunks().0.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| on_white(c, a))));
            reducer.push(&line);
        }
        reducer.finish().ok_or(DAMAGED)
    }
}

/// Checks that every chunk is whole (RFC 9649, section 2.3); gives the file without what is appended.
fn check_chunks(file: &[u8]) -> Result<&[u8], PhotoRejection> {
    let bytes = Bytes(file);
    let size = bytes.u32_le(4).and_then(|n| usize::try_from(n).ok()).ok_or(TRUNCATED)?;
    let riff = bytes.slice(0, size.checked_add(8).ok_or(DAMAGED)?).ok_or(TRUNCATED)?;
    let bytes = Bytes(riff);
    let mut at = 12;
    while at < riff.len() {
        let name = bytes.slice(at, 4).ok_or(DAMAGED)?;
        let len = bytes.u32_le(at + 4).and_then(|n| usize::try_from(n).ok()).ok_or(DAMAGED)?;
        let body = bytes.slice(at + 8, len).ok_or(TRUNCATED)?;
        if matches!(name, b"VP8 " | b"VP8L" | b"ALPH")
            && body.len() > SUSPICIOUS_ZEROS
            && body.ends_with(&[0; SUSPICIOUS_ZEROS])
        {
            return Err(TRUNCATED);
        }
        at += 8 + len + len % 2;
    }
    Ok(riff)
}

fn refusal(error: &DecodingError) -> PhotoRejection {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => TRUNCATED,
        DecodingError::UnsupportedFeature(_) => PhotoRejection::UnsupportedKind(Format::WebP),
        _ => DAMAGED,
    }
}
