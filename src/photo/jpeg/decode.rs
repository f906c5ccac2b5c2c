//! Decodes a JPEG at about the size that is wanted, or finds that it is not whole.

use std::cell::Cell;
use std::io::Read;

use mozjpeg::decompress::DecompressBuilder;
use mozjpeg::{ColorSpace, ColorSpaceExt, Decompress};

use super::super::face::Part;
use super::super::format::Format;
use super::super::plane::Plane;
use super::super::profile::{Profile, mix_inks};
use super::super::raster::{Colour, Raster};
use super::super::rejection::{Held, PhotoRejection};
use super::alarm::{self, Alarm, Padding};
use super::markers::{Components, JpegMap};
use super::sequential::{self, Rows};

/// libjpeg scales by eighths while it decodes.
const EIGHTHS: usize = 8;

/// Samples that a decoded part may have around it, on both sides together.
const AROUND: f64 = 64.0;

const END_MARKER: &[u8] = &[0xff, 0xd9];

/// Lines that are read at once, so that it is known where a picture ends.
const LINES_AT_ONCE: usize = 8;

/// A file that is decoded once, or at several sizes in turn.
pub(in crate::photo) struct Decoder<'a> {
    file: &'a [u8],
    map: &'a JpegMap,
    profile: Option<&'a Profile>,
    /// Where its rows begin, once it was decoded without libjpeg.
    rows: Option<Rows<'a>>,
}

impl<'a> Decoder<'a> {
    /// Takes a file, whose markers are `map`. If it has four inks, they are mixed by `profile`.
    pub fn new(file: &'a [u8], map: &'a JpegMap, profile: Option<&'a Profile>) -> Self {
        Self { file, map, profile, rows: None }
    }

    /// Decodes the picture so that the longer side has at least `min_long_side` pixels, if it has as many.
    /// Once it is known to be whole, it may be the part alone that is decoded, with a little around it.
    ///
    /// # Errors
    ///
    /// Refuses a picture of which a single block is missing or wrong.
    pub fn decode(&mut self, min_long_side: usize, part: Part) -> Result<Raster, PhotoRejection> {
        let Self { file, map, profile, .. } = *self;
        if let Some(rows) = &self.rows {
            if let Some(raster) = sequential::decode_part(file, map, min_long_side, rows, part) {
                return Ok(raster);
            }
        } else if let Some((raster, rows)) = sequential::decode(file, map, min_long_side) {
            self.rows = Some(rows);
            return Ok(raster);
        }
        let padding = if map.has_end_marker { Padding::AFewBytes } else { Padding::None };
        decode_with(file, map, profile, min_long_side, padding)
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, far below 2^52"
    )]
    pub fn working_bytes(&self, min_long_side: usize, part: Part) -> usize {
        let (width, height) = (self.map.width as usize, self.map.height as usize);
        // What libjpeg decodes is never larger.
        let scale = sequential::scale(width.max(height), min_long_side);
        let (across, down) = match self.rows {
            Some(_) => (part.width, part.height),
            None => (1.0, 1.0),
        };
        let side = |px: usize, share: f64| (px * scale / EIGHTHS) as f64 * share + AROUND;
        let raster = side(width, across) * side(height, down) * 4.0;
        let coefficients = if self.map.in_passes { self.map.coefficient_bytes } else { 0 };
        raster as usize + coefficients + (512 << 10)
    }
}

pub(super) fn decode_with(
    file: &[u8],
    map: &JpegMap,
    profile: Option<&Profile>,
    min_long_side: usize,
    padding: Padding,
) -> Result<Raster, PhotoRejection> {
    let job = Job { file, map, profile, min_long_side, padding, lines: Cell::new((0, 1)) };
    let refuse = |alarm| match alarm {
        Alarm::Truncated => PhotoRejection::Truncated { format: Format::Jpeg, held: job.held() },
        Alarm::Damaged => PhotoRejection::Damaged(Format::Jpeg),
    };
    alarm::catch(|| job.run()).and_then(|decoded| decoded.map_err(|_| Alarm::Damaged)).map_err(refuse)
}

fn eighths(long_side: usize, min_long_side: usize) -> usize {
    (min_long_side * EIGHTHS).div_ceil(long_side.max(1)).clamp(1, EIGHTHS)
}

/// One picture, and how far it has come.
struct Job<'a> {
    file: &'a [u8],
    map: &'a JpegMap,
    profile: Option<&'a Profile>,
    min_long_side: usize,
    padding: Padding,
    /// Lines that are decoded, of how many.
    lines: Cell<(usize, usize)>,
}

impl Job<'_> {
    fn run(&self) -> std::io::Result<Raster> {
        let map = self.map;
        let end: &[u8] = if map.has_end_marker { &[] } else { END_MARKER };
        let scale = eighths(map.width.max(map.height) as usize, self.min_long_side);
        let builder: DecompressBuilder<'_> = Decompress::with_err(alarm::error_manager(self.padding));
        let mut decoder = builder.from_reader(self.file[..map.end].chain(end))?;
        // The numerator is 1 to 8.
        decoder.scale(u8::try_from(scale).unwrap_or(8));
        // The picture is scaled down afterwards, which smooths chroma better than libjpeg would here.
        decoder.do_fancy_upsampling(false);
        // Scaling and quantising hide what the slower transform would add.
        decoder.dct_method(mozjpeg::DctMethod::IntegerFast);
        let (space, colour) = match map.components {
            Components::Grey => (ColorSpace::JCS_GRAYSCALE, Colour::Grey),
            Components::YCbCr => (ColorSpace::JCS_YCbCr, Colour::YCbCr),
            Components::Rgb => (ColorSpace::JCS_RGB, Colour::Rgb),
            Components::Inks { .. } => (ColorSpace::JCS_CMYK, Colour::Rgb),
        };
        let mut started = decoder.to_colorspace(space)?;
        let (width, height) = (started.width(), started.height());
        let mut picture = Lines::new(width, height, colour);
        let per_pixel = space.num_components();
        let mut lines = vec![0; width * per_pixel * LINES_AT_ONCE];
        let mut mixed = vec![0; width * 3 * LINES_AT_ONCE];
        for done in (0..height).step_by(LINES_AT_ONCE) {
            self.lines.set((done, height));
            let count = LINES_AT_ONCE.min(height - done);
            let lines = &mut lines[..width * per_pixel * count];
            started.read_scanlines_into::<u8>(lines)?;
            if let Components::Inks { inverted } = map.components {
                if inverted {
                    for ink in lines.iter_mut() {
                        *ink = 255 - *ink;
                    }
                }
                let mixed = &mut mixed[..width * 3 * count];
                mix_inks(self.profile, lines, mixed);
                picture.push(mixed);
            } else {
                picture.push(lines);
            }
        }
        started.finish()?;
        Ok(picture.finish())
    }

    /// Says how much of a picture that ended early was there.
    fn held(&self) -> Held {
        let (done, height) = self.lines.get();
        if self.map.in_passes { self.map.held_but_for_the_last_pass() } else { Held::lines(done, height) }
    }
}

/// A picture that grows line by line.
struct Lines {
    width: usize,
    height: usize,
    colour: Colour,
    planes: Vec<Vec<u8>>,
}

impl Lines {
    fn new(width: usize, height: usize, colour: Colour) -> Self {
        let planes = if colour == Colour::YCbCr { 3 } else { 1 };
        let room = width * height * colour.samples() / planes;
        Self { width, height, colour, planes: vec![Vec::with_capacity(room); planes] }
    }

    /// Takes whole lines of pixels.
    fn push(&mut self, lines: &[u8]) {
        match self.planes.as_mut_slice() {
            [luma, cb, cr] => {
                let (pixels, _) = lines.as_chunks::<3>();
                luma.extend(pixels.iter().map(|pixel| pixel[0]));
                cb.extend(pixels.iter().map(|pixel| pixel[1]));
                cr.extend(pixels.iter().map(|pixel| pixel[2]));
            }
            planes => planes.iter_mut().for_each(|plane| plane.extend_from_slice(lines)),
        }
    }

    fn finish(self) -> Raster {
        let Self { width, height, colour, planes } = self;
        let depth = colour.samples() / planes.len();
        let planes = planes.into_iter().map(|samples| Plane { width, height, depth, samples }).collect();
        Raster { width, height, colour, planes, profile: None, shows: Part::WHOLE }
    }
}
