//! PNG, row by row unless it is interlaced; every checksum is checked, and the end has to be there.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;
use png::{BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, Limits, Reader, Transformations};

use super::super::bytes::Bytes;
use super::super::exif;
use super::super::format::Format;
use super::super::profile::MAX_PROFILE_BYTES;
use super::super::raster::{BoxReducer, Colour, Orientation, Raster};
use super::super::rejection::{Held, PhotoRejection};
use super::on_white;

/// What the decoder may allocate besides the picture: one row and one chunk, in bytes.
const DECODER_LIMIT_BYTES: usize = 8 << 20;

/// A PNG whose header is read.
pub(in crate::photo) struct PngFile<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    pub icc: Vec<u8>,
}

impl<'a> PngFile<'a> {
    /// Reads what stands before the pixels.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off or damaged.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let mut options = DecodeOptions::default();
        options.set_ignore_checksums(false);
        options.set_ignore_text_chunk(true);
        options.set_ignore_iccp_chunk(true);
        let mut decoder = Decoder::new_with_options(Cursor::new(file), options);
        decoder.set_limits(Limits { bytes: DECODER_LIMIT_BYTES });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let reader = decoder.read_info().map_err(|e| refusal(&e, Held::Lines(0)))?;
        let (width, height) = (reader.info().width, reader.info().height);
        // Some programs write the orientation behind the pixels.
        let orientation = chunk(file, *b"eXIf").map(exif::orientation).unwrap_or_default();
        let icc = chunk(file, *b"iCCP").and_then(inflated_profile).unwrap_or_default();
        Ok(Self { reader, width, height, orientation, icc })
    }

    /// Tells whether the samples are grey.
    pub fn is_grey(&self) -> bool {
        matches!(self.reader.output_color_type().0, ColorType::Grayscale | ColorType::GrayscaleAlpha)
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        let reduced = width.div_ceil(factor) * height.div_ceil(factor) * 3;
        let whole = if self.reader.info().interlaced { width * height * 4 } else { 0 };
        reduced + whole + width * 16
    }

    /// Decodes to the end of the file; the longer side keeps at least `min_long_side` pixels.
    ///
    /// # Errors
    ///
    /// Refuses a file that is cut off, or of which a checksum is wrong.
    pub fn decode(mut self, min_long_side: usize) -> Result<Raster, PhotoRejection> {
        let damaged = PhotoRejection::Damaged(Format::Png);
        let (kind, depth) = self.reader.output_color_type();
        if depth != BitDepth::Eight {
            return Err(PhotoRejection::UnsupportedKind(Format::Png));
        }
        let (width, height) = (self.width as usize, self.height as usize);
        let colour = match kind {
            ColorType::Grayscale | ColorType::GrayscaleAlpha => Colour::Grey,
            ColorType::Rgb | ColorType::Rgba | ColorType::Indexed => Colour::Rgb,
        };
        let mut reducer = BoxReducer::new(width, height, colour, min_long_side);
        let mut line = Vec::with_capacity(width * colour.samples());
        let mut lines = 0;
        if self.reader.info().interlaced {
            let size = self.reader.output_buffer_size().ok_or(damaged.clone())?;
            let mut whole = vec![0; size];
            // Of seven coarse pictures, and nobody knows how many are there.
            self.reader.next_frame(&mut whole).map_err(|e| refusal(&e, Held::Lines(0)))?;
            for row in whole.chunks_exact(width * kind.samples()) {
                reducer.push(opaque(row, kind, &mut line));
            }
        } else {
            while let Some(row) =
                self.reader.next_row().map_err(|e| refusal(&e, Held::lines(lines, height)))?
            {
                reducer.push(opaque(row.data(), kind, &mut line));
                lines += 1;
            }
        }
        self.reader.finish().map_err(|e| refusal(&e, Held::lines(lines, height)))?;
        reducer.finish().ok_or(damaged)
    }
}

/// Gives the row without alpha, in `line` if it has to be laid on white first.
fn opaque<'r>(row: &'r [u8], kind: ColorType, line: &'r mut Vec<u8>) -> &'r [u8] {
    line.clear();
    match kind {
        ColorType::GrayscaleAlpha => {
            line.extend(row.as_chunks().0.iter().map(|&[grey, a]| on_white(grey, a)));
        }
        ColorType::Rgba => {
            line.extend(row.as_chunks().0.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| on_white(c, a))));
        }
        ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed => return row,
    }
    line
}

/// Finds a chunk by its name, wherever it stands (ISO/IEC 15948, 5.3).
fn chunk(file: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    let bytes = Bytes(file);
    let mut at = 8; // After the signature.
    loop {
        let len = usize::try_from(bytes.u32_be(at)?).ok()?;
        if bytes.slice(at + 4, 4)? == wanted {
            return bytes.slice(at + 8, len);
        }
        at = at.checked_add(len)?.checked_add(12)?;
    }
}

/// Inflates an iCCP chunk, as far as a profile may be long (ISO/IEC 15948, 11.3.3.3).
fn inflated_profile(chunk: &[u8]) -> Option<Vec<u8>> {
    let name_end = memchr::memchr(0, chunk)?;
    let deflated = chunk.get(name_end + 2..)?; // Behind the method, of which there is one.
    let mut icc = Vec::new();
    ZlibDecoder::new(deflated).take(MAX_PROFILE_BYTES as u64 + 1).read_to_end(&mut icc).ok()?;
    Some(icc)
}

fn refusal(error: &DecodingError, held: Held) -> PhotoRejection {
    match error {
        DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            PhotoRejection::Truncated { format: Format::Png, held }
        }
        _ => PhotoRejection::Damaged(Format::Png),
    }
}
