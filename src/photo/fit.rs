//! Encodes a picture into the byte budget: as many pixels as the target has, at the quality that fits.
//!
//! Quality gives way first, down to where faces suffer, then pixels. A picture that stays under the
//! budget at the highest quality gets more pixels, if its source has them. Nothing is ever enlarged.

use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, SamplingFactor, rgb_to_ycbcr,
};

use super::face::Part;
use super::plane::{Filter, Plane};
use super::raster::{Colour, Orientation, Raster};
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

/// Tables and headers of a JPEG as it is encoded here, in bytes.
const HEADER_BYTES: usize = 600;

/// A probe takes one band of blocks in so many, of so many rows.
const ONE_BAND_IN: usize = 4;
const BAND_ROWS: usize = 16;

/// Probes that are made at most, and the step in quality that needs no further one.
const MAX_PROBES: usize = 3;
const NEAR: u8 = 3;

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

    /// How many pixels the part's longer side has in a decoded picture.
    fn pixels_in(&self, raster: &Raster) -> usize {
        (raster.long_side() * self.part_long_side).div_ceil(self.source_long_side.max(1))
    }
}

/// Fits the part that is wanted into the budget. `decode` is told how many pixels the whole picture's longer
/// side should have at least, and gives fewer only if the source has no more; `decoded` is what it gave
/// last.
///
/// # Errors
///
/// Passes on what `decode` refuses. `Ok(None)`: nothing under the limit was found, at no size.
pub(super) fn fit<E>(
    wanted: &Wanted,
    decoded: &mut Option<Raster>,
    mut decode: impl FnMut(usize) -> Result<Raster, E>,
) -> Result<Option<Fitted>, E> {
    let most = wanted.part_long_side.min(MAX_LONG_SIDE);
    let mut side = wanted.target.min(most);
    let mut start = USUAL_QUALITY;
    let mut best: Option<Fitted> = None;
    for _ in 0..MAX_ROUNDS {
        if decoded.as_ref().is_none_or(|raster| wanted.pixels_in(raster) < side) {
            *decoded = None; // Before the larger one is made.
            *decoded = Some(decode(wanted.decoded_for(side))?);
        }
        let Some(raster) = decoded else { break };
        let scaled =
            raster.part_scaled_to(wanted.part, side).map(|scaled| scaled.upright(wanted.orientation));
        let Some(upright) = scaled.and_then(Encodable::of) else { break };
        let Some(halved) = upright.clone().with_halved_chroma() else { break };
        let found = search(&halved, SamplingFactor::R_4_2_0, probe(&halved, start));
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
                keep_better(&mut best, search(&upright, SamplingFactor::R_4_4_4, HIGHEST_QUALITY).best);
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
    let planes = Encodable::of(small)?.with_halved_chroma()?;
    let jpeg = encode(&planes, COPY_QUALITY, SamplingFactor::R_4_2_0)?;
    Some((jpeg, planes.width, planes.height))
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
fn probe(picture: &Encodable, start: u8) -> u8 {
    let Some((part, share)) = picture.sample() else { return start };
    let (mut quality, mut slope) = (start, USUAL_SLOPE);
    let mut last: Option<(u8, usize)> = None;
    for _ in 0..MAX_PROBES {
        let Some(jpeg) = encode(&part, quality, SamplingFactor::R_4_2_0) else { return start };
        let bytes = HEADER_BYTES + jpeg.len().saturating_sub(HEADER_BYTES) * share.1 / share.0;
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
fn search(picture: &Encodable, sampling: SamplingFactor, start: u8) -> Found {
    let mut below = LOWEST_QUALITY - 1;
    let mut above = HIGHEST_QUALITY + 1;
    let mut best: Option<Fitted> = None;
    let mut too_much = 0;
    let mut slope = USUAL_SLOPE;
    let mut last: Option<(u8, usize)> = None;
    let mut quality = start;
    for encodes in 1.. {
        let Some(jpeg) = encode(picture, quality, sampling) else { break };
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
        best.luma = picture.planes.first().map(|luma| luma.samples.clone()).unwrap_or_default();
    }
    let (is_inside, verdict) = match &best {
        None => (false, Verdict::TooMuch(too_much)),
        Some(fitted) => (fitted.jpeg.len() >= MIN_SENT_BYTES, Verdict::TooLittle(fitted.jpeg.len())),
    };
    Found { best, is_inside, verdict, quality }
}

/// Encodes as baseline, with a JFIF header and no metadata.
fn encode(picture: &Encodable, quality: u8, sampling: SamplingFactor) -> Option<Vec<u8>> {
    let mut jpeg = Vec::with_capacity(MAX_SENT_BYTES + MAX_SENT_BYTES / 2);
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(sampling);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Nearest);
    encoder.encode_image(picture).ok()?;
    Some(jpeg)
}

/// A picture as the encoder wants it, taken apart once for all the qualities that are tried.
#[derive(Clone)]
struct Encodable {
    width: u16,
    height: u16,
    /// Luma, and the two chromas unless the picture is grey; these may have fewer pixels.
    planes: Vec<Plane>,
}

impl Encodable {
    /// `None` if a side is longer than JPEG can have.
    fn of(picture: Raster) -> Option<Self> {
        let picture = if picture.profile.is_some() { picture.in_srgb().into_owned() } else { picture };
        let (width, height) = (u16::try_from(picture.width).ok()?, u16::try_from(picture.height).ok()?);
        let planes = match (picture.colour, picture.planes.as_slice()) {
            (Colour::Rgb, [rgb]) => apart(rgb),
            _ => picture.planes,
        };
        Some(Self { width, height, planes })
    }

    /// Gives the chroma half the width and height; each of its samples stands there twice in a row, since an
    /// encoder that takes one sample of four wants rows of full width.
    fn with_halved_chroma(self) -> Option<Self> {
        let full = usize::from(self.width);
        let (width, height) = (full.div_ceil(2), usize::from(self.height).div_ceil(2));
        let halved = |(i, plane): (usize, Plane)| {
            if i == 0 {
                return Some(plane);
            }
            let is_as_wanted = (plane.width, plane.height) == (width, height);
            let plane = if is_as_wanted { plane } else { plane.scaled(None, width, height, Filter::Mean)? };
            let mut samples = vec![0; full * height];
            for (twice, row) in samples.chunks_exact_mut(full).zip(plane.samples.chunks_exact(width)) {
                for (pair, &sample) in twice.chunks_mut(2).zip(row) {
                    pair.fill(sample);
                }
            }
            Some(Plane { width: full, height, depth: 1, samples })
        };
        let planes = self.planes.into_iter().enumerate().map(halved).collect::<Option<_>>()?;
        Some(Self { planes, ..self })
    }

    /// Takes bands of rows out of a picture with halved chroma, and says how many rows they have of how many.
    /// `None`: it is too low to be judged by a part.
    fn sample(&self) -> Option<(Self, (usize, usize))> {
        let height = usize::from(self.height);
        if height < 2 * ONE_BAND_IN * BAND_ROWS {
            return None;
        }
        let bands = |(i, plane): (usize, &Plane)| {
            let rows = if i == 0 { BAND_ROWS } else { BAND_ROWS / 2 };
            let bands =
                plane.samples.chunks_exact(rows * plane.width).skip(ONE_BAND_IN / 2).step_by(ONE_BAND_IN);
            let samples = bands.collect::<Vec<_>>().concat();
            Plane { height: samples.len() / plane.width, samples, ..*plane }
        };
        let planes: Vec<Plane> = self.planes.iter().enumerate().map(bands).collect();
        let rows = planes.first()?.height;
        Some((Self { width: self.width, height: u16::try_from(rows).ok()?, planes }, (rows, height)))
    }
}

/// Takes RGB pixels apart into planes of luma and chroma.
fn apart(rgb: &Plane) -> Vec<Plane> {
    let (pixels, _) = rgb.samples.as_chunks();
    let mut planes = vec![Plane { depth: 1, samples: vec![0; pixels.len()], ..*rgb }; 3];
    for (i, &[r, g, b]) in pixels.iter().enumerate() {
        let (y, cb, cr) = rgb_to_ycbcr(r, g, b);
        for (plane, sample) in planes.iter_mut().zip([y, cb, cr]) {
            plane.samples[i] = sample;
        }
    }
    planes
}

impl ImageBuffer for &Encodable {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.planes.len() == 1 { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        for (buffer, plane) in buffers.iter_mut().zip(&self.planes) {
            let row = plane.row(usize::from(y) * plane.height / height);
            if plane.width == width {
                buffer.extend_from_slice(row);
            } else {
                buffer.extend((0..width).map(|x| row[x * plane.width / width]));
            }
        }
    }
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
