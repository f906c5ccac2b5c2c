//! Encodes a picture into the byte budget: as many pixels as the target has, at the quality that fits.
//!
//! Quality gives way first, down to where faces suffer, then pixels. A picture that stays under the
//! budget at the highest quality gets more pixels, if its source has them. Nothing is ever enlarged.

use super::face::Part;
use super::jpeg::Transformed;
use super::plane::{Filter, Plane};
use super::raster::{Colour, Orientation, Raster, rgb_to_ycbcr};
use super::{MAX_SENT_BYTES, MIN_SENT_BYTES};

/// The longer side of a whole picture as it is sent, in pixels.
pub(super) const TARGET_LONG_SIDE: usize = 480;

/// The longer side of what is sent around a face, in pixels: best for recognisers at 16 to 20 kB.
pub(super) const FACE_LONG_SIDE: usize = 400;

/// The longest side that is sent, in pixels: only a nearly empty picture would need more.
const MAX_LONG_SIDE: usize = 4096;

const LOWEST_QUALITY: u8 = 30;
const HIGHEST_QUALITY: u8 = 95;
const USUAL_QUALITY: u8 = 78;

/// From here on a step in quality is some hundreds of bytes, so that more pixels fill the budget better.
const COARSE_QUALITY: u8 = 88;

/// The quality of a copy that only people look at.
const COPY_QUALITY: u8 = 70;

/// What the search aims at, and what it is content with, in bytes.
pub(super) const AIM_BYTES: usize = 19_500;
pub(super) const FULL_BYTES: usize = 19_000;

/// Encodes of one size in pixels, after which whatever is inside the budget is taken.
const MAX_ENCODES: usize = 4;

/// A probe takes one row of blocks in so many; a picture of fewer rows is not probed.
const ONE_ROW_IN: usize = 4;
const LEAST_HEIGHT: usize = 128;

/// Probes that are made at most, and the step in quality that needs no further one.
const MAX_PROBES: usize = 4;
const NEAR: u8 = 2;

/// Sizes in pixels that are tried before the best so far is taken.
const MAX_ROUNDS: usize = 8;

/// A picture that can be sent.
pub(super) struct Fitted {
    pub jpeg: Vec<u8>,
    pub width: usize,
    pub height: usize,
    pub quality: u8,
    /// The light of each pixel, before it was encoded.
    pub luma: Vec<u8>,
}

/// What of a picture is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// The part of the stored picture.
    pub part: Part,
    /// The longer side of that part, in the source's pixels.
    pub part_long_side: usize,
    /// The longer side of the whole picture, in the source's pixels.
    pub source_long_side: usize,
    /// The longer side as it is sent, in pixels, if the budget agrees.
    pub target: usize,
    /// How the part is turned.
    pub orientation: Orientation,
}

impl Wanted {
    /// How many pixels the whole picture needs so that the part has twice as many as are sent: that keeps
    /// Lanczos sharp, and costs little more than the target itself.
    fn decoded_for(&self, side: usize) -> usize {
        (2 * side * self.source_long_side).div_ceil(self.part_long_side.max(1))
    }
}

/// Fits the part that is wanted into the budget. `decode` is told how many pixels the whole picture's longer
/// side should have at least, and gives fewer only if the source has no more; it is also told which part is
/// wanted, and may give that alone. `decoded` is what it gave last.
///
/// # Errors
///
/// Passes on what `decode` refuses. `Ok(None)`: nothing under the limit was found, at no size.
pub(super) fn fit<E>(
    wanted: &Wanted,
    decoded: &mut Option<Raster>,
    mut decode: impl FnMut(usize, Part) -> Result<Raster, E>,
) -> Result<Option<Fitted>, E> {
    let most = wanted.part_long_side.min(MAX_LONG_SIDE);
    let mut side = wanted.target.min(most);
    let mut start = USUAL_QUALITY;
    let mut best: Option<Fitted> = None;
    for _ in 0..MAX_ROUNDS {
        if decoded.as_ref().is_none_or(|raster| raster.long_side_of(wanted.part) < side) {
            *decoded = None; // Before the larger one is made.
            *decoded = Some(decode(wanted.decoded_for(side), wanted.part)?);
        }
        let Some(raster) = decoded else { break };
        let planes = || planes(raster, wanted, side);
        let Some(halved) = planes().and_then(with_halved_chroma) else { break };
        let Some(picture) = Transformed::new(&halved) else { break };
        let found = search(&picture, &halved, probe(&picture, &halved, start));
        let more_pixels_would_help = found.is_all_that_quality_gives() && side < most;
        if found.is_inside && !more_pixels_would_help {
            keep_better(&mut best, found.best);
            return Ok(best);
        }
        keep_better(&mut best, found.best);
        let next = match found.verdict {
            Verdict::TooMuch(bytes) => side_for(side, bytes).min(side - 1),
            Verdict::TooLittle(bytes) if side < most => side_for(side, bytes).clamp(side + 1, most),
            Verdict::TooLittle(_) => {
                let whole = planes().filter(|planes| has_whole_chroma(planes)).unwrap_or_default();
                let picture = Transformed::new(&whole);
                let found = picture.and_then(|picture| search(&picture, &whole, HIGHEST_QUALITY).best);
                keep_better(&mut best, found);
                break;
            }
        };
        if next == 0 {
            break;
        }
        side = next;
        start = found.quality;
    }
    Ok(best)
}

/// Encodes a whole picture small, for people to look at; gives its width and height, too.
pub(super) fn small_copy(
    raster: &Raster,
    orientation: Orientation,
    long_side: usize,
) -> Option<(Vec<u8>, u16, u16)> {
    let small = raster.scaled_to(long_side)?.upright(orientation);
    let planes = with_halved_chroma(apart(small))?;
    let picture = Transformed::new(&planes)?;
    Some((picture.encoded(COPY_QUALITY), picture.width, picture.height))
}

/// Cuts out the part that is wanted, and gives its luma, and its chroma if it has colours.
fn planes(raster: &Raster, wanted: &Wanted, side: usize) -> Option<Vec<Plane>> {
    raster.part_scaled_to(wanted.part, side).map(|scaled| apart(scaled.upright(wanted.orientation)))
}

/// Bytes go with the area, so pixels of a side with the root of them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a guess, and far below 2^52"
)]
fn side_for(side: usize, bytes: usize) -> usize {
    (side as f64 * (AIM_BYTES as f64 / bytes.max(1) as f64).sqrt().clamp(0.25, 4.0)) as usize
}

fn keep_better(best: &mut Option<Fitted>, found: Option<Fitted>) {
    if found.as_ref().map_or(0, |f| f.jpeg.len()) > best.as_ref().map_or(0, |b| b.jpeg.len()) {
        *best = found;
    }
}

struct Found {
    /// The largest that is not above the budget.
    best: Option<Fitted>,
    /// Whether that is inside the budget.
    is_inside: bool,
    verdict: Verdict,
    /// The quality that was tried last.
    quality: u8,
}

impl Found {
    /// Tells whether a high quality leaves some of the budget unused, and the next step would pass it.
    fn is_all_that_quality_gives(&self) -> bool {
        let is_all = |best: &Fitted| best.quality >= COARSE_QUALITY && best.jpeg.len() < FULL_BYTES;
        self.best.as_ref().is_some_and(is_all)
    }
}

/// Which way the number of pixels has to go, with the bytes that came nearest.
enum Verdict {
    TooMuch(usize),
    TooLittle(usize),
}

/// Guesses the quality from a part of the picture, which takes a part of the time.
fn probe(picture: &Transformed<'_>, planes: &[Plane], start: u8) -> u8 {
    if planes.first().is_none_or(|luma| luma.height < LEAST_HEIGHT) {
        return start;
    }
    let (mut quality, mut slope) = (start, USUAL_SLOPE);
    let mut last: Option<(u8, usize)> = None;
    for _ in 0..MAX_PROBES {
        let bytes = picture.estimated_len(quality, ONE_ROW_IN);
        if let Some((other, other_bytes)) = last {
            slope = slope_through(quality, bytes, other, other_bytes);
        }
        last = Some((quality, bytes));
        let next = predicted(quality, bytes, slope).clamp(LOWEST_QUALITY, HIGHEST_QUALITY);
        if next.abs_diff(quality) <= NEAR {
            return next;
        }
        quality = next;
    }
    quality
}

/// Looks for the quality whose size is nearest below the budget's end, by prediction and bisection.
fn search(picture: &Transformed<'_>, planes: &[Plane], start: u8) -> Found {
    let mut below = LOWEST_QUALITY - 1;
    let mut above = HIGHEST_QUALITY + 1;
    let mut best: Option<Fitted> = None;
    let mut too_much = 0;
    let mut slope = USUAL_SLOPE;
    let mut last: Option<(u8, usize)> = None;
    let mut quality = start;
    for encodes in 1.. {
        let jpeg = picture.encoded(quality);
        let bytes = jpeg.len();
        if bytes > MAX_SENT_BYTES {
            above = quality;
            too_much = bytes;
        } else {
            below = quality;
            let (width, height) = (picture.width.into(), picture.height.into());
            best = Some(Fitted { jpeg, width, height, quality, luma: Vec::new() });
        }
        let has = best.as_ref().map_or(0, |best| best.jpeg.len());
        let is_enough = has >= FULL_BYTES || (encodes >= MAX_ENCODES && has >= MIN_SENT_BYTES);
        if is_enough || above - below <= 1 {
            break;
        }
        if let Some((other, other_bytes)) = last {
            slope = slope_through(quality, bytes, other, other_bytes);
        }
        last = Some((quality, bytes));
        quality = predicted(quality, bytes, slope).clamp(below + 1, above - 1);
    }
    if let Some(best) = &mut best {
        best.luma = planes.first().map(|luma| luma.samples.clone()).unwrap_or_default();
    }
    let (is_inside, verdict) = match &best {
        None => (false, Verdict::TooMuch(too_much)),
        Some(fitted) => (fitted.jpeg.len() >= MIN_SENT_BYTES, Verdict::TooLittle(fitted.jpeg.len())),
    };
    Found { best, is_inside, verdict, quality }
}

/// Takes a picture apart into its luma, and its chroma if it has colours, in sRGB.
fn apart(picture: Raster) -> Vec<Plane> {
    let picture = if picture.profile.is_some() { picture.in_srgb().into_owned() } else { picture };
    match (picture.colour, picture.planes.as_slice()) {
        (Colour::Rgb, [rgb]) => {
            let (pixels, _) = rgb.samples.as_chunks();
            let mut planes = vec![Plane { depth: 1, samples: vec![0; pixels.len()], ..*rgb }; 3];
            for (i, &pixel) in pixels.iter().enumerate() {
                for (plane, sample) in planes.iter_mut().zip(rgb_to_ycbcr(pixel)) {
                    plane.samples[i] = sample;
                }
            }
            planes
        }
        _ => picture.planes,
    }
}

/// True if a picture has colours, as finely as its light.
fn has_whole_chroma(planes: &[Plane]) -> bool {
    let size = |plane: &Plane| (plane.width, plane.height);
    planes.len() > 1 && planes.iter().all(|plane| size(plane) == size(&planes[0]))
}

/// Gives chroma half the width and height of luma.
fn with_halved_chroma(mut planes: Vec<Plane>) -> Option<Vec<Plane>> {
    if let Some((luma, chroma)) = planes.split_first_mut() {
        let (width, height) = (luma.width.div_ceil(2), luma.height.div_ceil(2));
        for plane in chroma {
            if (plane.width, plane.height) != (width, height) {
                *plane = plane.scaled(None, width, height, Filter::Mean)?;
            }
        }
    }
    Some(planes)
}

/// Bytes go with a power of the quantiser's scale, the minus 0.65th for most photographs.
const USUAL_SLOPE: f64 = 0.65;

/// The factor that libjpeg's quality puts on the quantiser's table, in percent.
fn scale_of(quality: u8) -> f64 {
    let quality = f64::from(quality);
    if quality < 50.0 { 5000.0 / quality } else { 200.0 - 2.0 * quality }
}

fn quality_of(scale: f64) -> u8 {
    let quality = if scale > 100.0 { 5000.0 / scale } else { (200.0 - scale) / 2.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to two digits")]
    let quality = quality.round().clamp(1.0, 99.0) as u8;
    quality
}

#[expect(clippy::cast_precision_loss, reason = "a guess, and far below 2^52")]
fn slope_through(quality: u8, bytes: usize, other: u8, other_bytes: usize) -> f64 {
    let slope = (bytes as f64 / other_bytes as f64).ln() / (scale_of(other) / scale_of(quality)).ln();
    if slope.is_finite() { slope.clamp(0.2, 1.5) } else { USUAL_SLOPE }
}

#[expect(clippy::cast_precision_loss, reason = "a guess, and far below 2^52")]
fn predicted(quality: u8, bytes: usize, slope: f64) -> u8 {
    quality_of(scale_of(quality) * (bytes as f64 / AIM_BYTES as f64).powf(1.0 / slope))
}
