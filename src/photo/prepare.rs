//! From a file's bytes to the JPEG that is sent.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::fit::{self, TARGET_LONG_SIDE};
use super::format::{self, Format};
use super::jpeg::{self, JpegMap};
use super::memory::Permit;
use super::other::{Bmp, Following, GifFile, PngFile, TiffFile, WebP};
use super::profile::{Profile, Samples};
use super::raster::{Orientation, Raster};
use super::rejection::{PhotoRejection, PhotoWarning};
use super::{MAX_SENT_BYTES, MIN_SENT_BYTES};

/// Raised whenever [`prepare`] would judge, or make, something else than before.
pub const PREPARER_VERSION: u32 = 2;

/// Pixels of a JPEG that is decoded line by line and scaled on the way.
const MAX_PIXELS_IN_LINES: u64 = 200_000_000;

/// Pixels of all other pictures.
const MAX_PIXELS: u64 = 50_000_000;

/// The shortest side that is sent, in pixels: there is nothing to recognise on less.
const MIN_SIDE: usize = 32;

/// The shortest side that is sent without a warning, in pixels.
const FEW_PIXELS: u32 = 200;

/// A photo as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// A baseline JPEG, upright, without metadata, of at most [`MAX_SENT_BYTES`].
    pub jpeg: Vec<u8>,
    /// What it was made from.
    pub source: Source,
    /// Width as sent, pixels.
    pub width: u32,
    /// Height as sent, pixels.
    pub height: u32,
    /// JPEG quality, 1 to 100; `None`: the source's own blocks, untouched.
    pub quality: Option<u8>,
    /// What is worth knowing, each once.
    pub warnings: Vec<PhotoWarning>,
}

/// The file that a photo came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its format, by its bytes.
    pub format: Format,
    /// Width as stored, pixels.
    pub width: u32,
    /// Height as stored, pixels.
    pub height: u32,
    /// Length, bytes.
    pub size_bytes: u64,
    /// How it was turned.
    pub orientation: Orientation,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A face stays out of logs.
        write!(f, "Prepared({}x{}, {} bytes, ..)", self.width, self.height, self.jpeg.len())
    }
}

/// Makes of a picture file the JPEG that is sent. The same bytes always give the same bytes.
///
/// # Errors
///
/// Refuses what is not a picture, is not whole, is too large to decode or too small to recognise.
pub fn prepare(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let format = format::recognise(bytes)?;
    let prepared = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Jpeg => prepare_jpeg(bytes),
        Format::Png => prepare_png(bytes),
        Format::WebP => prepare_webp(bytes),
        Format::Tiff => prepare_tiff(bytes),
        Format::Gif => prepare_gif(bytes),
        Format::Bmp => prepare_bmp(bytes),
    }));
    // The last resort: a decoder that panics over a file costs this row, not the run.
    prepared.unwrap_or(Err(PhotoRejection::Damaged(format)))
}

fn prepare_jpeg(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let map = JpegMap::read(bytes)?;
    let source = Source::of(Format::Jpeg, map.width, map.height, bytes, map.orientation);
    source.check_size(if map.in_passes { MAX_PIXELS } else { MAX_PIXELS_IN_LINES })?;
    let mut warnings = Vec::new();
    if !map.has_end_marker {
        warnings.push(PhotoWarning::NoEndMarker);
    }
    let profile = Profile::read(&map.icc, map.profile_samples());
    // Without its profile the picture would show other colours.
    if profile.is_none()
        && let Some(jpeg) = jpeg::picture_only(bytes, &map, MAX_SENT_BYTES)
    {
        return Ok(source.prepared(jpeg, map.width, map.height, None, warnings));
    }
    let mut permit = None;
    source.fit(warnings, |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(jpeg::working_bytes(&map, min_long_side)));
        let raster = jpeg::decode(bytes, &map, profile.as_deref(), min_long_side)?;
        Ok(match map.profile_samples() {
            Samples::Inks => raster, // Mixed by the profile already.
            Samples::Grey | Samples::Rgb => Raster { profile: profile.clone(), ..raster },
        })
    })
}

fn prepare_png(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let header = PngFile::open(bytes)?;
    let source = Source::of(Format::Png, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let samples = if header.is_grey() { Samples::Grey } else { Samples::Rgb };
    let profile = Profile::read(&header.icc, samples);
    let mut permit = None;
    source.fit(Vec::new(), |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = PngFile::open(bytes)?.decode(min_long_side)?;
        Ok(Raster { profile: profile.clone(), ..raster })
    })
}

fn prepare_webp(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let header = WebP::open(bytes)?;
    let source = Source::of(Format::WebP, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(header.icc, Samples::Rgb);
    let mut permit = None;
    source.fit(Vec::new(), |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = WebP::open(bytes)?.decode(min_long_side)?;
        Ok(Raster { profile: profile.clone(), ..raster })
    })
}

fn prepare_tiff(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let header = TiffFile::open(bytes)?;
    let source = Source::of(Format::Tiff, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(&header.icc, header.profile_samples());
    let warnings = if header.has_others { vec![PhotoWarning::FirstOfSeveral] } else { Vec::new() };
    let mut permit = None;
    source.fit(warnings, |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = TiffFile::open(bytes)?.decode(min_long_side, profile.as_deref())?;
        Ok(match header.profile_samples() {
            Samples::Inks => raster, // Mixed by the profile already.
            Samples::Grey | Samples::Rgb => Raster { profile: profile.clone(), ..raster },
        })
    })
}

fn prepare_gif(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let header = GifFile::open(bytes)?;
    let source = Source::of(Format::Gif, header.width, header.height, bytes, Orientation::default());
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(header.icc(), Samples::Rgb);
    let mut permit = None;
    let mut following = Following::None;
    let mut prepared = source.fit(Vec::new(), |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let (raster, others) = GifFile::open(bytes)?.decode(min_long_side)?;
        following = others;
        Ok(Raster { profile: profile.clone(), ..raster })
    })?;
    if following == Following::Others {
        prepared.warnings.push(PhotoWarning::FirstOfSeveral);
    }
    Ok(prepared)
}

fn prepare_bmp(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    let bmp = Bmp::open(bytes)?;
    let source = Source::of(Format::Bmp, bmp.width, bmp.height, bytes, Orientation::default());
    source.check_size(MAX_PIXELS)?;
    let mut permit = None;
    source.fit(Vec::new(), |min_long_side| {
        drop(permit.take());
        permit = Some(Permit::wait_for(bmp.working_bytes(min_long_side)));
        bmp.decode(min_long_side)
    })
}

impl Source {
    fn of(format: Format, width: u32, height: u32, bytes: &[u8], orientation: Orientation) -> Self {
        Self { format, width, height, size_bytes: bytes.len() as u64, orientation }
    }

    /// Refuses a picture that is too large to decode, or on which nothing could be recognised.
    fn check_size(&self, max_pixels: u64) -> Result<(), PhotoRejection> {
        let (width, height) = (self.width, self.height);
        if u64::from(width) * u64::from(height) > max_pixels {
            return Err(PhotoRejection::TooManyPixels { width, height });
        }
        let (short, long) = (width.min(height) as usize, width.max(height) as usize);
        // A strip counts as it is sent, scaled down.
        let short_as_sent = if long > TARGET_LONG_SIDE { short * TARGET_LONG_SIDE / long } else { short };
        if short_as_sent < MIN_SIDE {
            return Err(PhotoRejection::TooSmall { width, height });
        }
        Ok(())
    }

    fn fit(
        self,
        warnings: Vec<PhotoWarning>,
        decode: impl FnMut(usize) -> Result<Raster, PhotoRejection>,
    ) -> Result<Prepared, PhotoRejection> {
        let long_side = self.width.max(self.height) as usize;
        let fitted = fit::fit(long_side, self.orientation, decode)?;
        // Noise fits at some size; what fits at none is no picture.
        let fitted = fitted.ok_or(PhotoRejection::Damaged(self.format))?;
        let side = |px: usize| u32::try_from(px).unwrap_or(u32::MAX);
        let (width, height) = (side(fitted.width), side(fitted.height));
        Ok(self.prepared(fitted.jpeg, width, height, Some(fitted.quality), warnings))
    }

    fn prepared(
        self,
        jpeg: Vec<u8>,
        width: u32,
        height: u32,
        quality: Option<u8>,
        mut warnings: Vec<PhotoWarning>,
    ) -> Prepared {
        if jpeg.len() < MIN_SENT_BYTES {
            warnings.push(PhotoWarning::BelowBudget);
        }
        if self.width.min(self.height) < FEW_PIXELS {
            warnings.push(PhotoWarning::FewPixels);
        }
        Prepared { jpeg, source: self, width, height, quality, warnings }
    }
}
