//! BMP: uncompressed, 1 to 32 bits, read in place row by row.
//!
//! Source: Microsoft's "Bitmap Storage" (BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER,
//! BITMAPV5HEADER). Not here: run-length coding, which no camera or scanner of photographs writes.

use super::super::bytes::Bytes;
use super::super::format::Format;
use super::super::raster::{BoxReducer, Colour, Raster};
use super::super::rejection::{Held, PhotoRejection};
use super::{ZeroTail, on_white};

const NO_LINE_THERE: PhotoRejection = cut_off(Held::Lines(0));
const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::Bmp);
const UNSUPPORTED: PhotoRejection = PhotoRejection::UnsupportedKind(Format::Bmp);

const FILE_HEADER_BYTES: usize = 14;
const BI_RGB: u32 = 0;
const BI_BITFIELDS: u32 = 3;

/// A BMP file whose header is read.
pub(in crate::photo) struct Bmp<'a> {
    pub width: u32,
    pub height: u32,
    pixels: &'a [u8],
    stride: usize,
    top_down: bool,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// 1, 4 or 8 bits: an index into colours of three or four bytes.
    Indexed { bits: usize, colours: &'a [u8], colour_bytes: usize },
    /// 24 bits: blue, green, red.
    Bgr,
    /// 16 or 32 bits: red, green, blue and alpha under their masks.
    Masked { bytes: usize, masks: [Mask; 4] },
}

/// Some adjacent bits of a pixel.
#[derive(Clone, Copy)]
struct Mask {
    bits: u32,
}

impl<'a> Bmp<'a> {
    /// Reads the headers, and checks that every row is there.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, contradicts itself or is run-length coded.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let bytes = Bytes(file);
        let offset = bytes.u32_le(10).and_then(|n| usize::try_from(n).ok()).ok_or(NO_LINE_THERE)?;
        let header_bytes = bytes.u32_le(14).ok_or(NO_LINE_THERE)? as usize;
        let at = FILE_HEADER_BYTES;
        let (width, height, bits, compression, used) = if header_bytes == 12 {
            let side = |at| bytes.u16_le(at).map(i64::from);
            (side(at + 4), side(at + 6), bytes.u16_le(at + 10), Some(BI_RGB), Some(0))
        } else {
            let side = |at| bytes.i32_le(at).map(i64::from);
            (side(at + 4), side(at + 8), bytes.u16_le(at + 14), bytes.u32_le(at + 16), bytes.u32_le(at + 32))
        };
        let (width, signed_height) = (width.ok_or(NO_LINE_THERE)?, height.ok_or(NO_LINE_THERE)?);
        let (bits, compression) = (bits.ok_or(NO_LINE_THERE)?, compression.ok_or(NO_LINE_THERE)?);
        let width = u32::try_from(width).ok().filter(|&w| w > 0).ok_or(DAMAGED)?;
        let height = u32::try_from(signed_height.abs()).ok().filter(|&h| h > 0).ok_or(DAMAGED)?;
        let kind = match (bits, compression) {
            (1 | 4 | 8, BI_RGB) => {
                let colour_bytes = if header_bytes == 12 { 3 } else { 4 };
                let most = 1 << bits;
                let count = match used.ok_or(NO_LINE_THERE)? as usize {
                    0 => most,
                    n => n.min(most),
                };
                let colours = bytes.slice(at + header_bytes, count * colour_bytes).ok_or(NO_LINE_THERE)?;
                Kind::Indexed { bits: usize::from(bits), colours, colour_bytes }
            }
            (24, BI_RGB) => Kind::Bgr,
            (16, BI_RGB) => Kind::Masked { bytes: 2, masks: [0x7c00, 0x03e0, 0x001f, 0].map(Mask::new) },
            (32, BI_RGB) => Kind::Masked { bytes: 4, masks: [0xff_0000, 0xff00, 0xff, 0].map(Mask::new) },
            (16 | 32, BI_BITFIELDS) => {
                // After the 40 bytes that all versions share: behind the header, or within it.
                let mask = |i: usize| bytes.u32_le(at + 40 + 4 * i).map(Mask::new).ok_or(NO_LINE_THERE);
                let alpha = if header_bytes >= 56 { mask(3)? } else { Mask::new(0) };
                Kind::Masked { bytes: usize::from(bits / 8), masks: [mask(0)?, mask(1)?, mask(2)?, alpha] }
            }
            _ => return Err(UNSUPPORTED),
        };
        // 64-bit: the product of a 32-bit width and 32 bits fits.
        let stride =
            usize::try_from((u64::from(width) * u64::from(bits)).div_ceil(32) * 4).map_err(|_| DAMAGED)?;
        let len = stride.checked_mul(height as usize).ok_or(DAMAGED)?;
        let Some(pixels) = bytes.slice(offset, len) else {
            let lines = file.len().saturating_sub(offset) / stride;
            return Err(cut_off(Held::lines(lines, height as usize)));
        };
        let mut tail = ZeroTail::default();
        for row in pixels.chunks_exact(stride) {
            tail.push(row);
        }
        if let Some(lines) = tail.lines_before() {
            return Err(cut_off(Held::lines(lines, height as usize)));
        }
        let kind = kind.without_unused_alpha(pixels);
        Ok(Self { width, height, pixels, stride, top_down: signed_height < 0, kind })
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        width.div_ceil(factor) * height.div_ceil(factor) * 3 + width * 16
    }

    /// Decodes the picture; the longer side keeps at least `min_long_side` pixels.
    ///
    /// # Errors
    ///
    /// Refuses an index that is not among the colours.
    pub fn decode(&self, min_long_side: usize) -> Result<Raster, PhotoRejection> {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut reducer = BoxReducer::new(width, height, Colour::Rgb, min_long_side);
        let mut line = Vec::with_capacity(width * 3);
        for y in 0..height {
            let stored = if self.top_down { y } else { height - 1 - y };
            line.clear();
            self.kind.read_row(&self.pixels[stored * self.stride..][..self.stride], width, &mut line)?;
            reducer.push(&line);
        }
        reducer.finish().ok_or(DAMAGED)
    }
}

impl<'a> Kind<'a> {
    /// Drops an alpha that is zero everywhere: some programs declare one and never write it.
    fn without_unused_alpha(mut self, pixels: &'a [u8]) -> Self {
        if let Self::Masked { bytes, masks } = &mut self {
            let alpha = masks[3];
            if !pixels.chunks_exact(*bytes).any(|pixel| alpha.of(little_endian(pixel)) > 0) {
                masks[3] = Mask::new(0);
            }
        }
        self
    }

    /// Appends the row's pixels as RGB.
    fn read_row(&self, row: &[u8], width: usize, line: &mut Vec<u8>) -> Result<(), PhotoRejection> {
        match self {
            Self::Indexed { bits, colours, colour_bytes } => {
                for x in 0..width {
                    let bit = x * bits;
                    let index = usize::from(row[bit / 8] >> (8 - bits - bit % 8)) & ((1 << bits) - 1);
                    let bgr = colours.get(index * colour_bytes..).and_then(|c| c.get(..3)).ok_or(DAMAGED)?;
                    line.extend([bgr[2], bgr[1], bgr[0]]);
                }
            }
            Self::Bgr => line.extend(row.as_chunks().0.iter().take(width).flat_map(|&[b, g, r]| [r, g, b])),
            Self::Masked { bytes, masks: [r, g, b, a] } => {
                for stored in row.chunks_exact(*bytes).take(width) {
                    let pixel = little_endian(stored);
                    let alpha = if a.bits == 0 { 255 } else { a.of(pixel) };
                    line.extend([r, g, b].map(|mask| on_white(mask.of(pixel), alpha)));
                }
            }
        }
        Ok(())
    }
}

fn little_endian(pixel: &[u8]) -> u32 {
    pixel.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte))
}

impl Mask {
    fn new(bits: u32) -> Self {
        Self { bits }
    }

    /// Takes its bits out of a pixel, spread over 0 to 255.
    fn of(self, pixel: u32) -> u8 {
        if self.bits == 0 {
            return 0;
        }
        let shift = self.bits.trailing_zeros();
        let (value, most) = (u64::from((pixel & self.bits) >> shift), u64::from(self.bits >> shift));
        u8::try_from((value * 255 + most / 2) / most).unwrap_or(u8::MAX)
    }
}

const fn cut_off(held: Held) -> PhotoRejection {
    PhotoRejection::Truncated { format: Format::Bmp, held }
}
