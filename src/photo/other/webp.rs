//! WebP, lossy and lossless, whole in memory: its decoder knows no rows.
//!
//! A lossy picture stays in the planes that it is coded in, which take half the memory of RGB.

use std::io::{Cursor, ErrorKind};

use image_webp::vp8::{Frame, Vp8Decoder};
use image_webp::{DecodingError, WebPDecoder};

use super::super::bytes::Bytes;
use super::super::exif;
use super::super::format::Format;
use super::super::raster::{BoxReducer, Colour, Orientation, Raster};
use super::super::rejection::{Held, PhotoRejection};
use super::on_white;

const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::WebP);

/// This many zeros at the end of the coded picture are no code: WebP has no checksum, and what a copy
/// left half written is padded with zeros.
const SUSPICIOUS_ZEROS: usize = 32;

/// A WebP file whose header is read.
pub(in crate::photo) struct WebP<'a> {
    decoder: WebPDecoder<Cursor<&'a [u8]>>,
    /// The coded picture, if it is lossy and has no alpha.
    lossy: Option<&'a [u8]>,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    pub icc: &'a [u8],
}

/// What the chunks of a file hold (RFC 9649, section 2.3).
#[derive(Default)]
struct Chunks<'a> {
    /// The file without what is appended.
    riff: &'a [u8],
    /// The coded picture, if it is a lossy one.
    lossy: Option<&'a [u8]>,
    has_alpha: bool,
    exif: &'a [u8],
    icc: &'a [u8],
}

impl<'a> WebP<'a> {
    /// Reads what stands before the pixels.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, damaged or animated.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let chunks = Chunks::read(file)?;
        let decoder = WebPDecoder::new(Cursor::new(chunks.riff)).map_err(|e| refusal(&e))?;
        if decoder.is_animated() {
            return Err(PhotoRejection::Animated(Format::WebP));
        }
        let (width, height) = decoder.dimensions();
        Ok(Self {
            decoder,
            lossy: chunks.lossy.filter(|_| !chunks.has_alpha),
            width,
            height,
            orientation: exif::orientation(chunks.exif),
            icc: chunks.icc,
        })
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        let a_pixel = if self.lossy.is_some() { 2 } else { 8 };
        width * height * a_pixel + width.div_ceil(factor) * height.div_ceil(factor) * 3
    }

    /// Decodes the picture; the longer side keeps at least `min_long_side` pixels.
    ///
    /// # Errors
    ///
    /// Refuses a picture of which a part is missing or wrong.
    pub fn decode(mut self, min_long_side: usize) -> Result<Raster, PhotoRejection> {
        let (width, height) = (self.width as usize, self.height as usize);
        if let Some(coded) = self.lossy {
            let frame = Vp8Decoder::decode_frame(Cursor::new(coded)).map_err(|e| refusal(&e))?;
            if (usize::from(frame.width), usize::from(frame.height)) != (width, height) {
                return Err(DAMAGED);
            }
            return reduced_planes(&frame, min_long_side).ok_or(DAMAGED);
        }
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

/// Turns VP8's planes (chroma at half the size, sides rounded up to 16) into JPEG's YCbCr.
///
/// Both have the matrix of BT.601, so only the range differs: 16 to 235 and 16 to 240 against 0 to 255
/// (RFC 6386, section 9.2; ITU-T T.871).
fn reduced_planes(frame: &Frame, min_long_side: usize) -> Option<Raster> {
    let luma = full_range((16, 0), 219);
    let chroma = full_range((128, 128), 224);
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let stride = width.next_multiple_of(16);
    let mut reducer = BoxReducer::new(width, height, Colour::YCbCr, min_long_side);
    let mut line = Vec::with_capacity(width * 3 + 3);
    for y in 0..height {
        let ys = frame.ybuf.get(y * stride..)?.get(..stride)?;
        let half = y / 2 * (stride / 2);
        let us = frame.ubuf.get(half..)?.get(..stride / 2)?;
        let vs = frame.vbuf.get(half..)?.get(..stride / 2)?;
        line.clear();
        for ((pair, &u), &v) in ys.as_chunks::<2>().0.iter().zip(us).zip(vs).take(width.div_ceil(2)) {
            let (cb, cr) = (chroma[usize::from(u)], chroma[usize::from(v)]);
            line.extend_from_slice(&[luma[usize::from(pair[0])], cb, cr, luma[usize::from(pair[1])], cb, cr]);
        }
        reducer.push(&line[..width * 3]);
    }
    reducer.finish()
}

/// Tabulates the way from studio range to full range: the first of the pair becomes the second, and
/// `steps` become 255.
fn full_range((from, to): (i32, i32), steps: i32) -> [u8; 256] {
    let mut table = [0; 256];
    for (stored, full) in (0..).zip(&mut table) {
        let scaled = ((stored - from) * 255 * 2 + steps).div_euclid(steps * 2) + to;
        *full = u8::try_from(scaled.clamp(0, 255)).unwrap_or(u8::MAX);
    }
    table
}

impl<'a> Chunks<'a> {
    /// Checks that every chunk is whole.
    fn read(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let bytes = Bytes(file);
        let announced = bytes.u32_le(4).and_then(|n| usize::try_from(n).ok()).and_then(|n| n.checked_add(8));
        let announced = announced.ok_or(DAMAGED)?;
        let held = Held::bytes(file.len(), announced);
        let truncated = PhotoRejection::Truncated { format: Format::WebP, held };
        let riff = bytes.slice(0, announced).ok_or(truncated)?;
        let bytes = Bytes(riff);
        let mut chunks = Self { riff, ..Self::default() };
        let mut at = 12;
        while at < riff.len() {
            let name = bytes.slice(at, 4).ok_or(DAMAGED)?;
            let len = bytes.u32_le(at + 4).and_then(|n| usize::try_from(n).ok()).ok_or(DAMAGED)?;
            let held = Held::bytes(riff.len(), at.saturating_add(8).saturating_add(len));
            let truncated = |held| PhotoRejection::Truncated { format: Format::WebP, held };
            let body = bytes.slice(at + 8, len).ok_or(truncated(held))?;
            let is_coded = matches!(name, b"VP8 " | b"VP8L" | b"ALPH");
            if is_coded && body.len() > SUSPICIOUS_ZEROS && body.ends_with(&[0; SUSPICIOUS_ZEROS]) {
                let zeros = body.iter().rev().take_while(|&&byte| byte == 0).count();
                return Err(truncated(Held::bytes(body.len() - zeros, body.len())));
            }
            match name {
                b"VP8 " => chunks.lossy = chunks.lossy.or(Some(body)),
                b"ALPH" => chunks.has_alpha = true,
                b"EXIF" if chunks.exif.is_empty() => chunks.exif = body,
                b"ICCP" if chunks.icc.is_empty() => chunks.icc = body,
                _ => {}
            }
            at += 8 + len + len % 2;
        }
        Ok(chunks)
    }
}

fn refusal(error: &DecodingError) -> PhotoRejection {
    match error {
        // All chunks are whole, so what they hold is not.
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => DAMAGED,
        DecodingError::UnsupportedFeature(_) => PhotoRejection::UnsupportedKind(Format::WebP),
        _ => DAMAGED,
    }
}

#[cfg(test)]
mod tests {
    use super::full_range;

    #[test]
    fn studio_range_becomes_full_range() {
        let (luma, chroma) = (full_range((16, 0), 219), full_range((128, 128), 224));
        assert_eq!([0, 16, 126, 235, 255].map(|i| luma[i]), [0, 0, 128, 255, 255]);
        assert_eq!([0, 16, 128, 240, 255].map(|i| chroma[i]), [0, 1, 128, 255, 255]);
    }
}
