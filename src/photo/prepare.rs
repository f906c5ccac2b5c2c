//! From a file's bytes to the JPEG that is sent.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::face::{self, Face, FacePolicy, Look, Part, Region};
use super::fit::{self, FACE_LONG_SIDE, FULL_BYTES, Fitted, TARGET_LONG_SIDE, Wanted};
use super::format::{self, Format};
use super::jpeg::{self, JpegMap};
use super::memory::Permit;
use super::other::{Bmp, Following, GifFile, PngFile, TiffFile, WebP};
use super::profile::{Profile, Samples};
use super::raster::{Orientation, Raster};
use super::rejection::{PhotoRejection, PhotoWarning};
use super::{BLURRED_BELOW, MAX_SENT_BYTES, MIN_FACE_WIDTH, MIN_SENT_BYTES, SMALL_FACE_WIDTH};

/// Raised whenever [`prepare`] would judge, or make, something else than before.
pub const PREPARER_VERSION: u32 = 5;

/// Pixels of a JPEG that is decoded line by line and scaled on the way.
const MAX_PIXELS_IN_LINES: u64 = 200_000_000;

/// Pixels of all other pictures.
const MAX_PIXELS: u64 = 50_000_000;

/// The shortest side that is sent, in pixels: there is nothing to recognise on less.
const MIN_SIDE: usize = 32;

/// The shortest side that is sent without a warning, in pixels.
const FEW_PIXELS: u32 = 200;

/// Crops that are tried where the first leaves some of the budget unused.
const MAX_CROPS: usize = 5;

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
    /// How the stored picture was turned: by EXIF, and further if its face was not upright.
    pub orientation: Orientation,
    /// The face that it is about; `None` if none was found or looked for.
    pub face: Option<Face>,
    /// What was cut out, in pixels of the original, upright; `None`: all of it is sent.
    pub crop: Option<Region>,
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
    /// How it is to be turned, by EXIF.
    pub orientation: Orientation,
}

impl Prepared {
    /// Gives width and height of the original once it is upright, pixels.
    pub fn upright_size(&self) -> (u32, u32) {
        self.source.upright(self.orientation)
    }
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
/// Refuses what is not a picture, is not whole, is too large to decode or too small to recognise, and what
/// has no face where one is required.
pub fn prepare(bytes: &[u8], faces: FacePolicy) -> Result<Prepared, PhotoRejection> {
    open(bytes, |opened: Opened, decode: &mut Decode<'_>| opened.prepare(faces, decode))
}

/// A small copy of a whole picture, upright, for people to look at.
#[derive(Clone)]
pub struct Thumbnail {
    /// A JPEG.
    pub jpeg: Vec<u8>,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

/// The longer side of a thumbnail, in pixels.
const THUMBNAIL_LONG_SIDE: usize = 320;

/// Makes a small copy of a whole picture, turned as told, or as EXIF says.
///
/// # Errors
///
/// Refuses what does not decode.
pub fn thumbnail(bytes: &[u8], turned: Option<Orientation>) -> Result<Thumbnail, PhotoRejection> {
    open(bytes, |opened: Opened, decode: &mut Decode<'_>| {
        let source = opened.source;
        let raster = decode(THUMBNAIL_LONG_SIDE, Part::WHOLE)?;
        let copy = fit::small_copy(&raster, turned.unwrap_or(source.orientation), THUMBNAIL_LONG_SIDE);
        let (jpeg, width, height) = copy.ok_or(PhotoRejection::Damaged(source.format))?;
        Ok(Thumbnail { jpeg, width: width.into(), height: height.into() })
    })
}

/// Decodes the opened picture so that its longer side has at least so many pixels, if the source has them. Of
/// another part than the one that is asked for nothing has to be there.
type Decode<'a> = dyn FnMut(usize, Part) -> Result<Raster, PhotoRejection> + 'a;

/// What is done with a picture that is open.
trait Then<T>: FnOnce(Opened, &mut Decode<'_>) -> Result<T, PhotoRejection> {}

impl<T, F: FnOnce(Opened, &mut Decode<'_>) -> Result<T, PhotoRejection>> Then<T> for F {}

/// What can be told of what only decoding showed.
trait Noting {
    fn note(&mut self, warning: PhotoWarning);
}

impl Noting for Prepared {
    fn note(&mut self, warning: PhotoWarning) {
        self.warnings.push(warning);
    }
}

impl Noting for Thumbnail {
    fn note(&mut self, _: PhotoWarning) {}
}

/// A picture whose header has been read.
struct Opened {
    source: Source,
    /// The picture as it can be sent without being encoded again.
    kept: Option<Vec<u8>>,
    warnings: Vec<PhotoWarning>,
}

impl Opened {
    fn of(source: Source) -> Self {
        Self { source, kept: None, warnings: Vec::new() }
    }

    fn prepare(self, faces: FacePolicy, decode: &mut Decode<'_>) -> Result<Prepared, PhotoRejection> {
        self.source.prepare(faces, self.kept, self.warnings, decode)
    }
}

/// Opens a picture of whatever format, and does something with it.
fn open<T: Noting>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let format = format::recognise(bytes)?;
    let done = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Jpeg => open_jpeg(bytes, then),
        Format::Png => open_png(bytes, then),
        Format::WebP => open_webp(bytes, then),
        Format::Tiff => open_tiff(bytes, then),
        Format::Gif => open_gif(bytes, then),
        Format::Bmp => open_bmp(bytes, then),
    }));
    // The last resort: a decoder that panics over a file costs this row, not the run.
    done.unwrap_or(Err(PhotoRejection::Damaged(format)))
}

fn open_jpeg<T>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let map = JpegMap::read(bytes)?;
    let source = Source::of(Format::Jpeg, map.width, map.height, bytes, map.orientation);
    source.check_size(if map.in_passes { MAX_PIXELS } else { MAX_PIXELS_IN_LINES })?;
    let mut warnings = Vec::new();
    if !map.has_end_marker {
        warnings.push(PhotoWarning::NoEndMarker);
    }
    let profile = Profile::read(&map.icc, map.profile_samples());
    // Without its profile the picture would show other colours.
    let kept = if profile.is_none() { jpeg::picture_only(bytes, &map, MAX_SENT_BYTES) } else { None };
    let mut permit = None;
    let mut decoder = jpeg::Decoder::new(bytes, &map, profile.as_deref());
    then(Opened { source, kept, warnings }, &mut |min_long_side, part| {
        drop(permit.take());
        permit = Some(Permit::wait_for(decoder.working_bytes(min_long_side, part)));
        let raster = decoder.decode(min_long_side, part)?;
        Ok(match map.profile_samples() {
            Samples::Inks => raster, // Mixed by the profile already.
            Samples::Grey | Samples::Rgb => Raster { profile: profile.clone(), ..raster },
        })
    })
}

fn open_png<T>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let header = PngFile::open(bytes)?;
    let source = Source::of(Format::Png, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let samples = if header.is_grey() { Samples::Grey } else { Samples::Rgb };
    let profile = Profile::read(&header.icc, samples);
    let mut permit = None;
    then(Opened::of(source), &mut |min_long_side, _| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = PngFile::open(bytes)?.decode(min_long_side)?;
        Ok(Raster { profile: profile.clone(), ..raster })
    })
}

fn open_webp<T>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let header = WebP::open(bytes)?;
    let source = Source::of(Format::WebP, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(header.icc, Samples::Rgb);
    let mut permit = None;
    then(Opened::of(source), &mut |min_long_side, _| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = WebP::open(bytes)?.decode(min_long_side)?;
        Ok(Raster { profile: profile.clone(), ..raster })
    })
}

fn open_tiff<T>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let header = TiffFile::open(bytes)?;
    let source = Source::of(Format::Tiff, header.width, header.height, bytes, header.orientation);
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(&header.icc, header.profile_samples());
    let warnings = if header.has_others { vec![PhotoWarning::FirstOfSeveral] } else { Vec::new() };
    let mut permit = None;
    then(Opened { source, kept: None, warnings }, &mut |min_long_side, _| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let raster = TiffFile::open(bytes)?.decode(min_long_side, profile.as_deref())?;
        Ok(match header.profile_samples() {
            Samples::Inks => raster, // Mixed by the profile already.
            Samples::Grey | Samples::Rgb => Raster { profile: profile.clone(), ..raster },
        })
    })
}

fn open_gif<T: Noting>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let header = GifFile::open(bytes)?;
    let source = Source::of(Format::Gif, header.width, header.height, bytes, Orientation::default());
    source.check_size(MAX_PIXELS)?;
    let profile = Profile::read(header.icc(), Samples::Rgb);
    let mut permit = None;
    let mut following = Following::None;
    let mut done = then(Opened::of(source), &mut |min_long_side, _| {
        drop(permit.take());
        permit = Some(Permit::wait_for(header.working_bytes(min_long_side)));
        let (raster, others) = GifFile::open(bytes)?.decode(min_long_side)?;
        following = others;
        Ok(Raster { profile: profile.clone(), ..raster })
    })?;
    if following == Following::Others {
        done.note(PhotoWarning::FirstOfSeveral);
    }
    Ok(done)
}

fn open_bmp<T>(bytes: &[u8], then: impl Then<T>) -> Result<T, PhotoRejection> {
    let bmp = Bmp::open(bytes)?;
    let source = Source::of(Format::Bmp, bmp.width, bmp.height, bytes, Orientation::default());
    source.check_size(MAX_PIXELS)?;
    let mut permit = None;
    then(Opened::of(source), &mut |min_long_side, _| {
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

    /// Finds the face, chooses what is sent, and encodes it; or keeps `kept`, which can be sent as it is.
    fn prepare(
        self,
        faces: FacePolicy,
        kept: Option<Vec<u8>>,
        mut warnings: Vec<PhotoWarning>,
        decode: &mut Decode<'_>,
    ) -> Result<Prepared, PhotoRejection> {
        let (look, mut decoded) = match faces {
            FacePolicy::Off => (None, None),
            FacePolicy::Require | FacePolicy::Warn => self.look(decode)?,
        };
        let quarters = look.as_ref().map_or(0, |look| look.quarters);
        if quarters > 0 {
            warnings.push(PhotoWarning::Turned { degrees: 90 * u32::from(quarters) });
        }
        let orientation = self.orientation.turned(quarters);
        if let Some(jpeg) = kept.filter(|_| quarters == 0) {
            let sent = Sent { face: look, crop: None, orientation, warnings };
            let luma = decoded.take().and_then(Raster::luma);
            return self.finish(
                faces,
                sent,
                jpeg,
                (self.width, self.height),
                None,
                &luma.unwrap_or_default(),
            );
        }
        let (width, height) = self.upright(orientation);
        let mut crop = look.as_ref().and_then(|look| face::around(look.face, width, height));
        let mut best: Option<(Fitted, Option<Region>)> = None;
        for _ in 0..MAX_CROPS {
            let wanted = self.wanted(orientation, look.as_ref(), crop);
            // Noise fits at some size; what fits at none is no picture.
            let fitted =
                fit::fit(&wanted, &mut decoded, &mut *decode)?.ok_or(PhotoRejection::Damaged(self.format))?;
            let bytes = fitted.jpeg.len();
            let is_better = best.as_ref().is_none_or(|(best, _)| bytes > best.jpeg.len());
            let tried = crop;
            if is_better {
                best = Some((fitted, tried));
            }
            // A source that is small has no pixels to add, but more of the picture fills the budget.
            crop = match tried {
                Some(region) if bytes < FULL_BYTES => face::widened(region, bytes, width, height),
                _ => break,
            };
        }
        let (fitted, crop) = best.ok_or(PhotoRejection::Damaged(self.format))?;
        let Fitted { jpeg, width, height, quality, luma } = fitted;
        let side = |px: usize| u32::try_from(px).unwrap_or(u32::MAX);
        let sent = Sent { face: look, crop, orientation, warnings };
        self.finish(faces, sent, jpeg, (side(width), side(height)), Some(quality), &luma)
    }

    /// Looks for the face; gives the decoded picture back for what is made of it.
    fn look(&self, decode: &mut Decode<'_>) -> Result<(Option<Look>, Option<Raster>), PhotoRejection> {
        let size = (self.width, self.height);
        // Once, large enough for the closest look and for what is made of it.
        let raster = decode(face::CLOSE_LONG_SIDE, Part::WHOLE)?;
        Ok((face::look(&raster, self.orientation, size), Some(raster)))
    }

    fn wanted(&self, orientation: Orientation, look: Option<&Look>, crop: Option<Region>) -> Wanted {
        let source_long_side = self.width.max(self.height) as usize;
        let (width, height) = self.upright(orientation);
        let target = if look.is_some() { FACE_LONG_SIDE } else { TARGET_LONG_SIDE };
        match crop {
            None => Wanted {
                part: Part::WHOLE,
                part_long_side: source_long_side,
                source_long_side,
                target,
                orientation,
            },
            Some(crop) => Wanted {
                part: Part::stored(crop, orientation, width, height),
                part_long_side: crop.width.max(crop.height) as usize,
                source_long_side,
                target,
                orientation,
            },
        }
    }

    /// Gives width and height of the picture once it is upright.
    fn upright(&self, orientation: Orientation) -> (u32, u32) {
        if orientation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Judges the face as it is sent.
    fn finish(
        self,
        faces: FacePolicy,
        sent: Sent,
        jpeg: Vec<u8>,
        (width, height): (u32, u32),
        quality: Option<u8>,
        luma: &[u8],
    ) -> Result<Prepared, PhotoRejection> {
        let Sent { face: look, crop, orientation, mut warnings } = sent;
        if jpeg.len() < MIN_SENT_BYTES {
            warnings.push(PhotoWarning::BelowBudget);
        }
        if self.width.min(self.height) < FEW_PIXELS {
            warnings.push(PhotoWarning::FewPixels);
        }
        let face = look.map(|look| {
            let (all_width, all_height) = self.upright(orientation);
            let shown = crop.unwrap_or(Region { x: 0, y: 0, width: all_width, height: all_height });
            let at = look.face.scaled_within(shown, width, height);
            let sharpness = face::sharpness(luma, width as usize, height as usize, at);
            let sharpness = sharpness.unwrap_or(u32::MAX);
            Face { found_at: look.face, width_sent: at.width, sharpness, similar: look.similar }
        });
        match face {
            None if faces == FacePolicy::Require => return Err(PhotoRejection::NoFace),
            None if faces == FacePolicy::Warn => warnings.push(PhotoWarning::NoFace),
            None => {}
            Some(face) => face.judge(faces, &mut warnings)?,
        }
        Ok(Prepared { jpeg, source: self, width, height, quality, orientation, face, crop, warnings })
    }
}

/// What is known of a picture before it is encoded.
struct Sent {
    face: Option<Look>,
    crop: Option<Region>,
    orientation: Orientation,
    warnings: Vec<PhotoWarning>,
}

impl Face {
    fn judge(self, faces: FacePolicy, warnings: &mut Vec<PhotoWarning>) -> Result<(), PhotoRejection> {
        let width = self.width_sent;
        if width < MIN_FACE_WIDTH && faces == FacePolicy::Require {
            return Err(PhotoRejection::FaceTooSmall { width });
        }
        if self.similar > 1 {
            warnings.push(PhotoWarning::SeveralFaces { count: self.similar });
        }
        if width < SMALL_FACE_WIDTH {
            warnings.push(PhotoWarning::SmallFace { width });
        }
        if self.sharpness < BLURRED_BELOW {
            warnings.push(PhotoWarning::BlurredFace { sharpness: self.sharpness });
        }
        Ok(())
    }
}
