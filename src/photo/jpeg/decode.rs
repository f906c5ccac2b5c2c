//! Decodes a JPEG at about the size that is wanted, or finds that it is not whole.

use std::io::Read;

use mozjpeg::decompress::DecompressBuilder;
use mozjpeg::{ColorSpace, Decompress};

use super::super::format::Format;
use super::super::raster::{Colour, Raster};
use super::super::rejection::PhotoRejection;
use super::alarm::{self, Alarm, Padding};
use super::markers::{Components, JpegMap};

/// libjpeg scales by eighths while it decodes.
const EIGHTHS: usize = 8;

const END_MARKER: &[u8] = &[0xff, 0xd9];

/// Decodes `file`, whose markers are `map`, so that the longer side has at least `min_long_side`
/// pixels, if the picture has as many.
///
/// # Errors
///
/// Refuses a picture of which a single block is missing or wrong.
pub(in crate::photo) fn decode(
    file: &[u8],
    map: &JpegMap,
    min_long_side: usize,
) -> Result<Raster, PhotoRejection> {
    let padding = if map.has_end_marker { Padding::AFewBytes } else { Padding::None };
    decode_with(file, map, min_long_side, padding)
}

pub(super) fn decode_with(
    file: &[u8],
    map: &JpegMap,
    min_long_side: usize,
    padding: Padding,
) -> Result<Raster, PhotoRejection> {
    let refuse = |alarm| match alarm {
        Alarm::Truncated => PhotoRejection::Truncated(Format::Jpeg),
        Alarm::Damaged => PhotoRejection::Damaged(Format::Jpeg),
    };
    alarm::catch(|| run_libjpeg(file, map, min_long_side, padding))
        .and_then(|decoded| decoded.map_err(|_| Alarm::Damaged))
        .map_err(refuse)
}

/// Estimates what decoding holds in memory at most, in bytes.
pub(in crate::photo) fn working_bytes(map: &JpegMap, min_long_side: usize) -> usize {
    let (width, height) = (map.width as usize, map.height as usize);
    let scale = eighths(width.max(height), min_long_side);
    let raster = (width * scale / EIGHTHS + 1) * (height * scale / EIGHTHS + 1) * 4;
    // All coefficients, of two bytes each, chroma most often at a quarter.
    let coefficients = if map.in_passes { width * height * 3 } else { 0 };
    raster + coefficients + (512 << 10)
}

fn eighths(long_side: usize, min_long_side: usize) -> usize {
    (min_long_side * EIGHTHS).div_ceil(long_side.max(1)).clamp(1, EIGHTHS)
}

fn run_libjpeg(
    file: &[u8],
    map: &JpegMap,
    min_long_side: usize,
    padding: Padding,
) -> std::io::Result<Raster> {
    let end: &[u8] = if map.has_end_marker { &[] } else { END_MARKER };
    let scale = eighths(map.width.max(map.height) as usize, min_long_side);
    let builder: DecompressBuilder<'_> = Decompress::with_err(alarm::error_manager(padding));
    let mut decoder = builder.from_reader(file[..map.end].chain(end))?;
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
    let samples = match map.components {
        Components::Inks { inverted } => without_inks(&mut started, inverted)?,
        _ => started.read_scanlines::<u8>()?,
    };
    started.finish()?;
    Ok(Raster { width, height, colour, samples })
}

/// Mixes the four inks to RGB, line by line.
fn without_inks<R: std::io::BufRead>(
    started: &mut mozjpeg::decompress::DecompressStarted<R>,
    inverted: bool,
) -> std::io::Result<Vec<u8>> {
    let (width, height) = (started.width(), started.height());
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut line = vec![0; width * 4];
    for _ in 0..height {
        started.read_scanlines_into::<u8>(&mut line)?;
        let (pixels, _) = line.as_chunks::<4>();
        for &[c, m, y, k] in pixels {
            rgb.extend([c, m, y].map(|ink| mixed(ink, k, inverted)));
        }
    }
    Ok(rgb)
}

fn mixed(ink: u8, black: u8, inverted: bool) -> u8 {
    let (light, white) = if inverted { (ink, black) } else { (255 - ink, 255 - black) };
    let product = u16::from(light) * u16::from(white);
    u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
}
