//! TIFF: its first picture, strip by strip or tile row by tile row.
//!
//! Grey, RGB, CMYK and palettes, 1 to 16 bits, plain, LZW, Deflate or `PackBits`. Not here: JPEG and fax in
//! TIFF, floating point, CIE L*a*b*, and the raw files of cameras, which are TIFFs by their beginning.

use std::io::{Cursor, Read, Seek, SeekFrom};

use tiff::TiffError;
use tiff::decoder::{ChunkType, Decoder, Limits, TiffCodingUnit};
use tiff::tags::Tag;

use super::super::exif;
use super::super::format::{Foreign, Format};
use super::super::profile::{MAX_PROFILE_BYTES, Profile, Samples, mix_inks};
use super::super::raster::{BoxReducer, Colour, Orientation, Raster};
use super::super::rejection::{Held, PhotoRejection};
use super::{ZeroTail, on_white};

const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::Tiff);
const UNSUPPORTED: PhotoRejection = PhotoRejection::UnsupportedKind(Format::Tiff);

/// The largest strip or row of tiles that is decoded at once, in bytes.
const MAX_BAND_BYTES: usize = 64 << 20;

/// Tag 0x00fe: a bit says that the picture is a small copy of another one in the file.
const NEW_SUBFILE_TYPE: u16 = 0x00fe;
/// Tag 0x0106.
const PHOTOMETRIC: u16 = 0x0106;
/// Tag 0xc612 of Adobe's DNG.
const DNG_VERSION: Tag = Tag::Unknown(0xc612);

/// `PhotometricInterpretation` (TIFF 6.0, section 8).
mod photometric {
    pub const WHITE_IS_ZERO: u16 = 0;
    pub const BLACK_IS_ZERO: u16 = 1;
    pub const RGB: u16 = 2;
    pub const PALETTE: u16 = 3;
    pub const INKS: u16 = 5;
    pub const COLOUR_FILTERS: u16 = 32803;
    pub const LINEAR_RAW: u16 = 34892;
}

/// A TIFF whose first directory is read.
pub(in crate::photo) struct TiffFile<'a> {
    decoder: Decoder<AsGrey<'a>>,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    pub icc: Vec<u8>,
    pub has_others: bool,
    layout: Layout,
}

/// How the samples lie.
struct Layout {
    kind: Kind,
    /// Bits of a sample: 1, 2, 4, 8 or 16.
    bits: usize,
    /// Samples of a pixel as they are decoded.
    samples: usize,
    is_planar: bool,
    is_compressed: bool,
    /// Width and height of a strip or tile, in pixels.
    chunk: (usize, usize),
    chunks_across: usize,
}

enum Kind {
    Grey(Alpha),
    Rgb(Alpha),
    Inks,
    Indexed(Vec<[u8; 3]>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alpha {
    None,
    Straight,
    /// The colours are multiplied by it already, as over black.
    Multiplied,
}

impl<'a> TiffFile<'a> {
    /// Reads the first directory.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, contradicts itself, is of a rare kind, or a camera's raw file.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let held = match exif::first_directory(file) {
            Some(directory) if directory >= file.len() => Held::bytes(file.len(), directory),
            _ => Held::Lines(0),
        };
        let photometric = exif::short(file, PHOTOMETRIC).map(|(_, value)| value);
        let is_small_copy = exif::short(file, NEW_SUBFILE_TYPE).is_some_and(|(_, value)| value & 1 == 1);
        if is_small_copy || matches!(photometric, Some(photometric::COLOUR_FILTERS | photometric::LINEAR_RAW))
        {
            return Err(PhotoRejection::ForeignFormat(Foreign::Raw));
        }
        let mut decoder = Decoder::new(AsGrey::new(file)).map_err(|e| refusal(&e, held))?;
        decoder = decoder.with_limits(limits());
        if decoder.find_tag(DNG_VERSION).is_ok_and(|version| version.is_some()) {
            return Err(PhotoRejection::ForeignFormat(Foreign::Raw));
        }
        let (width, height) = decoder.dimensions().map_err(|e| refusal(&e, held))?;
        let layout = Layout::read(&mut decoder, photometric)?;
        let icc = decoder.find_tag(Tag::IccProfile).ok().flatten().and_then(|icc| icc.into_u8_vec().ok());
        let has_others = decoder.more_images();
        Ok(Self {
            decoder,
            width,
            height,
            orientation: exif::orientation(file),
            icc: icc.unwrap_or_default(),
            has_others,
            layout,
        })
    }

    /// What the samples are that a profile has to be about.
    pub fn profile_samples(&self) -> Samples {
        match self.layout.kind {
            Kind::Grey(_) => Samples::Grey,
            Kind::Rgb(_) | Kind::Indexed(_) => Samples::Rgb,
            Kind::Inks => Samples::Inks,
        }
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        let reduced = width.div_ceil(factor) * height.div_ceil(factor) * 3;
        self.layout.band_bytes(width, height).saturating_add(reduced + width * 16)
    }

    /// Decodes the first picture; the longer side keeps at least `min_long_side` pixels. Inks are mixed by
    /// `profile`.
    ///
    /// # Errors
    ///
    /// Refuses a picture of which a part is missing or wrong.
    pub fn decode(
        mut self,
        min_long_side: usize,
        profile: Option<&Profile>,
    ) -> Result<Raster, PhotoRejection> {
        let (width, height) = (self.width as usize, self.height as usize);
        if self.layout.band_bytes(width, height) > MAX_BAND_BYTES {
            return Err(UNSUPPORTED);
        }
        let colour = if matches!(self.layout.kind, Kind::Grey(_)) { Colour::Grey } else { Colour::Rgb };
        let mut reducer = BoxReducer::new(width, height, colour, min_long_side);
        let mut line = vec![0; width * colour.samples()];
        let mut samples = Vec::with_capacity(width * self.layout.samples);
        let mut band = Vec::new();
        let mut unit = Vec::new();
        let mut tail = ZeroTail::default();
        let row_bytes = self.layout.row_bytes(width);
        for top in (0..height).step_by(self.layout.chunk.1) {
            let rows = self.layout.chunk.1.min(height - top);
            self.read_band(top, rows, &mut unit, &mut band)?;
            for row in band.chunks_exact(row_bytes).take(rows) {
                if !self.layout.is_compressed {
                    tail.push(row);
                }
                self.layout.unpack(row, width, &mut samples);
                self.layout.kind.write_row(&samples, profile, &mut line)?;
                reducer.push(&line);
            }
        }
        if let Some(lines) = tail.lines_before() {
            return Err(PhotoRejection::Truncated { format: Format::Tiff, held: Held::lines(lines, height) });
        }
        reducer.finish().ok_or(DAMAGED)
    }

    /// Decodes the strips or tiles from line `top` on, laid side by side into whole rows.
    fn read_band(
        &mut self,
        top: usize,
        rows: usize,
        unit: &mut Vec<u8>,
        band: &mut Vec<u8>,
    ) -> Result<(), PhotoRejection> {
        let (width, layout) = (self.width as usize, &self.layout);
        let held = Held::lines(top, self.height as usize);
        let first = top / layout.chunk.1 * layout.chunks_across;
        let index = |i: usize| u32::try_from(first + i).map_err(|_| DAMAGED);
        if layout.chunks_across == 1 && !layout.is_planar {
            band.resize(layout.row_bytes(width) * rows, 0);
            return self.decoder.read_chunk_bytes(index(0)?, band).map_err(|e| refusal(&e, held));
        }
        band.resize(layout.row_bytes(width) * rows, 0);
        let planes = if layout.is_planar { layout.samples } else { 1 };
        let pixel_bytes = layout.samples * layout.bits / 8;
        let piece_bytes = pixel_bytes / planes;
        if pixel_bytes == 0 {
            return Err(UNSUPPORTED); // Tiles of less than a byte a sample.
        }
        for across in 0..layout.chunks_across {
            let left = across * layout.chunk.0;
            let columns = layout.chunk.0.min(width - left);
            let plane_bytes = columns * rows * piece_bytes;
            unit.resize(plane_bytes * planes, 0);
            let read = self.decoder.read_coding_unit_bytes(TiffCodingUnit(index(across)?), unit);
            read.map_err(|e| refusal(&e, held))?;
            for (plane, pieces) in unit.chunks_exact(plane_bytes).enumerate() {
                for (row, line) in pieces.chunks_exact(columns * piece_bytes).enumerate() {
                    let start = (row * width + left) * pixel_bytes + plane * piece_bytes;
                    let targets = band[start..].chunks_mut(pixel_bytes);
                    for (target, piece) in targets.zip(line.chunks_exact(piece_bytes)) {
                        target[..piece_bytes].copy_from_slice(piece);
                    }
                }
            }
        }
        Ok(())
    }
}

/// What the decoder may allocate for what the file announces.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_BAND_BYTES;
    limits.intermediate_buffer_size = MAX_BAND_BYTES;
    limits.ifd_value_size = MAX_PROFILE_BYTES;
    limits
}

impl Layout {
    fn read(decoder: &mut Decoder<AsGrey<'_>>, photometric: Option<u16>) -> Result<Self, PhotoRejection> {
        let number = |decoder: &mut Decoder<_>, tag, default: usize| {
            let found = decoder.find_tag(tag).map_err(|e| refusal(&e, Held::Lines(0)))?;
            // Where a list is allowed, its first number is the one of all.
            found.map_or(Ok(default), |value| {
                let all = value.into_u32_vec().map_err(|_| DAMAGED)?;
                usize::try_from(*all.first().ok_or(DAMAGED)?).map_err(|_| DAMAGED)
            })
        };
        let bits = number(decoder, Tag::BitsPerSample, 1)?;
        let stored = number(decoder, Tag::SamplesPerPixel, 1)?;
        let is_planar = stored > 1 && number(decoder, Tag::PlanarConfiguration, 1)? == 2;
        let is_compressed = number(decoder, Tag::Compression, 1)? != 1;
        let alpha = match number(decoder, Tag::ExtraSamples, usize::MAX)? {
            1 => Alpha::Multiplied,
            2 => Alpha::Straight,
            _ => Alpha::None,
        };
        let is_counted = number(decoder, Tag::SampleFormat, 1)? == 1;
        if !is_counted || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
            return Err(UNSUPPORTED);
        }
        let samples =
            usize::from(decoder.colortype().map_err(|e| refusal(&e, Held::Lines(0)))?.num_samples());
        let photometric = match photometric {
            Some(photometric) => usize::from(photometric),
            None => number(decoder, Tag::PhotometricInterpretation, usize::MAX)?, // The larger kind of TIFF.
        };
        let kind = match (u16::try_from(photometric).map_err(|_| UNSUPPORTED)?, samples) {
            (photometric::WHITE_IS_ZERO | photometric::BLACK_IS_ZERO, 1) => Kind::Grey(Alpha::None),
            (photometric::WHITE_IS_ZERO | photometric::BLACK_IS_ZERO, 2) => Kind::Grey(alpha),
            (photometric::RGB, 3) => Kind::Rgb(Alpha::None),
            (photometric::RGB, 4) => Kind::Rgb(alpha),
            (photometric::INKS, 4) => Kind::Inks,
            (photometric::PALETTE, 1) if bits <= 8 => Kind::Indexed(read_colours(decoder, bits)?),
            _ => return Err(UNSUPPORTED),
        };
        let (width, _) = decoder.dimensions().map_err(|e| refusal(&e, Held::Lines(0)))?;
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        let chunks_across = match decoder.get_chunk_type() {
            ChunkType::Strip => 1,
            ChunkType::Tile => width.div_ceil(chunk_width.max(1)) as usize,
        };
        let chunk = (chunk_width as usize, chunk_height as usize);
        Ok(Self { kind, bits, samples, is_planar, is_compressed, chunk, chunks_across })
    }

    fn row_bytes(&self, width: usize) -> usize {
        width.saturating_mul(self.samples * self.bits).div_ceil(8)
    }

    /// Gives what a strip, or a row of tiles, takes while it is decoded, in bytes.
    fn band_bytes(&self, width: usize, height: usize) -> usize {
        let rows = self.chunk.1.min(height);
        let band = self.row_bytes(width).saturating_mul(rows);
        // A tile is decoded as a whole, however far it reaches over the edge.
        let tile = self.row_bytes(self.chunk.0).saturating_mul(rows);
        if self.chunks_across == 1 && !self.is_planar { tile } else { band.saturating_add(tile) }
    }

    /// Spreads a row's samples to a byte each; indices keep their value.
    fn unpack(&self, row: &[u8], width: usize, samples: &mut Vec<u8>) {
        samples.clear();
        match self.bits {
            8 => samples.extend_from_slice(row),
            16 => samples.extend(row.as_chunks().0.iter().map(|&bytes| high_byte(u16::from_ne_bytes(bytes)))),
            bits => {
                let most = (1u8 << bits) - 1;
                let factor = if matches!(self.kind, Kind::Indexed(_)) { 1 } else { 255 / most };
                samples.extend((0..width * self.samples).map(|i| {
                    let (byte, shift) = (i * bits / 8, 8 - bits - i * bits % 8);
                    (row[byte] >> shift & most) * factor
                }));
            }
        }
    }
}

impl Kind {
    /// Writes the row's pixels as grey or RGB.
    fn write_row(
        &self,
        samples: &[u8],
        profile: Option<&Profile>,
        line: &mut [u8],
    ) -> Result<(), PhotoRejection> {
        match self {
            Self::Grey(Alpha::None) | Self::Rgb(Alpha::None) if samples.len() == line.len() => {
                line.copy_from_slice(samples);
            }
            Self::Grey(alpha) => {
                for (pixel, &[grey, a]) in line.iter_mut().zip(samples.as_chunks().0) {
                    *pixel = alpha.lay(grey, a);
                }
            }
            Self::Rgb(alpha) => {
                for (pixel, &[r, g, b, a]) in line.as_chunks_mut().0.iter_mut().zip(samples.as_chunks().0) {
                    *pixel = [r, g, b].map(|sample| alpha.lay(sample, a));
                }
            }
            Self::Inks => mix_inks(profile, samples, line),
            Self::Indexed(colours) => {
                for (pixel, &index) in line.as_chunks_mut().0.iter_mut().zip(samples) {
                    *pixel = *colours.get(usize::from(index)).ok_or(DAMAGED)?;
                }
            }
        }
        Ok(())
    }
}

impl Alpha {
    /// Lays a sample on white.
    fn lay(self, sample: u8, alpha: u8) -> u8 {
        match self {
            Self::None => sample,
            Self::Straight => on_white(sample, alpha),
            Self::Multiplied => sample.saturating_add(255 - alpha),
        }
    }
}

/// Reads the colours of a palette: all reds, all greens, all blues, of 16 bits.
fn read_colours(decoder: &mut Decoder<AsGrey<'_>>, bits: usize) -> Result<Vec<[u8; 3]>, PhotoRejection> {
    let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(|e| refusal(&e, Held::Lines(0)))?;
    let count = 1 << bits;
    if map.len() < 3 * count {
        return Err(DAMAGED);
    }
    // Some programs write bytes into them.
    let are_bytes = map.iter().all(|&colour| colour < 256);
    let sample = |i: usize| if are_bytes { map[i].to_le_bytes()[0] } else { high_byte(map[i]) };
    Ok((0..count).map(|i| [sample(i), sample(count + i), sample(2 * count + i)]).collect())
}

fn high_byte(sample: u16) -> u8 {
    sample.to_be_bytes()[0]
}

fn refusal(error: &TiffError, held: Held) -> PhotoRejection {
    match error {
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            PhotoRejection::Truncated { format: Format::Tiff, held }
        }
        TiffError::UnsupportedError(_) => UNSUPPORTED,
        _ => DAMAGED,
    }
}

/// The file, its palette passed off as grey: the decoder knows no palettes, but unpacks their indices well.
struct AsGrey<'a> {
    file: Cursor<&'a [u8]>,
    /// Where the number stands that says that there is a palette.
    palette_at: Option<u64>,
    grey: [u8; 2],
}

impl<'a> AsGrey<'a> {
    fn new(file: &'a [u8]) -> Self {
        let photometric = exif::short(file, PHOTOMETRIC);
        let palette_at =
            photometric.filter(|&(_, value)| value == photometric::PALETTE).map(|(at, _)| at as u64);
        let grey = photometric::BLACK_IS_ZERO;
        let grey = if file.starts_with(b"II") { grey.to_le_bytes() } else { grey.to_be_bytes() };
        Self { file: Cursor::new(file), palette_at, grey }
    }
}

impl Read for AsGrey<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let start = self.file.position();
        let len = self.file.read(buffer)?;
        if let Some(palette_at) = self.palette_at {
            for (at, byte) in (palette_at..).zip(self.grey) {
                let offset = at.checked_sub(start).and_then(|offset| usize::try_from(offset).ok());
                if let Some(target) = offset.and_then(|offset| buffer[..len].get_mut(offset)) {
                    *target = byte;
                }
            }
        }
        Ok(len)
    }
}

impl Seek for AsGrey<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}
