//! Looks for the face: small first, then larger, turned, with its contrast spread, tilted, and leniently.
//!
//! The detector's score is a sum over windows that agree. On 34 portraits the best window scored 3.5 to 46
//! upright, and up to 8 on its head; 94 pictures without a face gave 1.3 at most in the first look, and 3.1
//! in any other.
//!
//! A picture without a face goes through all looks, so they are few, and none is larger than it has to be: all
//! of them together cost about thirty times the first.

use super::super::raster::{Orientation, Raster};
use super::Region;
use super::detector::{self, Manner, Sight};
use super::grey::{Grey, Tilt};

/// The longer side at which a picture is looked at first, and again if nothing was found, in pixels.
const FIRST_LONG_SIDE: usize = 320;
const SECOND_LONG_SIDE: usize = 640;

/// The longer side at which a picture is looked at where something was changed about it: turned, for one.
const CHANGED_LONG_SIDE: usize = 400;

/// The longer side at which faces are found that are small in a large picture, in pixels.
pub(in crate::photo) const CLOSE_LONG_SIDE: usize = 960;

/// What is found is a face.
const FACE: f32 = 1.9;

/// The same where the picture had to be changed to find it.
const FACE_WHEN_CHANGED: f32 = 3.0;

/// The same where the detector was content with less. Of 94 pictures without a face none came so far that had
/// not passed before; of 31 that were refused with a mask, dark glasses or a heavy blur, nine did.
const FACE_WHEN_LENIENT: f32 = 2.55;

/// What is found is a face that stands upright, whatever else might be found.
const UPRIGHT_FACE: f32 = 10.0;

/// What is found in a picture that was turned is a face, and the picture lay on its side.
const TURNED_FACE: f32 = 4.0;

/// A turned picture's face has to beat the others, the upright one included, by this.
const CLEARLY: f32 = 2.5;

/// A second face counts if it is at least so wide compared with the first, and as sure as this.
const SIMILAR: f32 = 0.6;
const SECOND_FACE: f32 = 5.0;

/// Angles in degrees at which a head may lean.
const TILTS: [f32; 4] = [-25.0, 25.0, -45.0, 45.0];

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::photo) struct Look {
    /// Right angles, clockwise, that set the picture upright beyond what EXIF says.
    pub quarters: u8,
    /// The face, in pixels of the picture that is upright then.
    pub face: Region,
    /// Faces of similar size, the main one included.
    pub similar: u32,
}

/// A picture in one size, and what was seen on it.
struct Seen {
    width: usize,
    height: usize,
    sights: Vec<Sight>,
}

impl Seen {
    fn of(picture: &Grey, manner: Manner) -> Self {
        Self { width: picture.width, height: picture.height, sights: detector::detect(picture, manner) }
    }

    fn best(&self) -> f32 {
        self.sights.first().map_or(0.0, |sight| sight.score)
    }
}

/// Looks for a face on a picture that is stored with `width` by `height` pixels, and decoded to `raster`.
pub(in crate::photo) fn look(
    raster: &Raster,
    orientation: Orientation,
    (width, height): (u32, u32),
) -> Option<Look> {
    let source = Source::new(orientation, width, height);
    let in_size = |long_side: usize| Grey::of(raster, orientation, long_side).map(Grey::stretched);
    let first = in_size(FIRST_LONG_SIDE)?;
    let mut upright = see(&first);
    let is_seen_small = upright.best() >= FACE;
    if !is_seen_small && source.allows(SECOND_LONG_SIDE) {
        upright = in_size(SECOND_LONG_SIDE).as_ref().map_or(upright, see);
    }
    if upright.best() >= UPRIGHT_FACE {
        return source.found(0, &upright);
    }
    // What is seen at the small size upright, is seen there turned.
    let is_larger = !is_seen_small && source.allows(CHANGED_LONG_SIDE);
    let larger = if is_larger { in_size(CHANGED_LONG_SIDE) } else { None };
    let changing = larger.as_ref().unwrap_or(&first);
    if let Some((quarters, turned)) = turned(changing, upright.best()) {
        // Seen as it would have been seen upright, so that the same is sent.
        let again = see(&first.turned(quarters));
        return source.found(quarters, if again.best() >= FACE { &again } else { &turned });
    }
    if upright.best() >= FACE {
        return source.found(0, &upright);
    }
    let changed = changed(changing, &first);
    if let Some(look) = changed.and_then(|seen| source.found(0, &seen)) {
        return Some(look);
    }
    if width.max(height) as usize >= CLOSE_LONG_SIDE {
        let seen = see(&in_size(CLOSE_LONG_SIDE)?);
        if seen.best() >= FACE_WHEN_CHANGED {
            return source.found(0, &seen);
        }
    }
    lenient(&first).and_then(|seen| source.found(0, &seen))
}

fn see(picture: &Grey) -> Seen {
    Seen::of(picture, Manner::USUAL)
}

/// Turns the picture by right angles: it lies on its side if one of them beats all others by far.
fn turned(picture: &Grey, upright: f32) -> Option<(u8, Seen)> {
    let mut turned: Vec<(u8, Seen)> =
        (1..=3).map(|quarters| (quarters, see(&picture.turned(quarters)))).collect();
    turned.sort_by(|a, b| b.1.best().total_cmp(&a.1.best()));
    let others = turned[1].1.best().max(upright);
    turned.into_iter().next().filter(|(_, best)| best.best() >= TURNED_FACE.max(others * CLEARLY))
}

/// Looks again with the contrast spread, then with the head set straight.
fn changed(picture: &Grey, smaller: &Grey) -> Option<Seen> {
    let equalised = see(&picture.equalised());
    if equalised.best() >= FACE_WHEN_CHANGED {
        return Some(equalised);
    }
    TILTS.iter().find_map(|&degrees| {
        let tilt = Tilt::degrees(degrees);
        let mut seen = Seen::of(&smaller.tilted(tilt), Manner::LARGE);
        if seen.best() < FACE_WHEN_CHANGED {
            return None;
        }
        for sight in &mut seen.sights {
            *sight = untilted(*sight, tilt, smaller);
        }
        Some(seen)
    })
}

/// Looks once more, content with less, for a face that is half hidden or blurred: one that stands where a
/// portrait has it, and fills as much of the picture.
fn lenient(picture: &Grey) -> Option<Seen> {
    let see = |picture: &Grey| {
        let mut seen = Seen::of(picture, Manner::LENIENT);
        seen.sights.retain(|sight| is_where_portraits_have_it(sight, picture));
        (seen.best() >= FACE_WHEN_LENIENT).then_some(seen)
    };
    see(picture).or_else(|| see(&picture.equalised()))
}

#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn is_where_portraits_have_it(sight: &Sight, picture: &Grey) -> bool {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let (x, y) = ((sight.x + sight.side / 2.0) / width, (sight.y + sight.side / 2.0) / height);
    (0.25..0.75).contains(&x) && (0.12..0.7).contains(&y) && sight.side >= 0.2 * width.min(height)
}

/// Where a sight of the tilted picture is on the picture itself: the same square about its own middle.
#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn untilted(sight: Sight, tilt: Tilt, picture: &Grey) -> Sight {
    let half = sight.side / 2.0;
    let (x, y) = tilt.back(sight.x + half, sight.y + half, picture.width as f32, picture.height as f32);
    Sight { x: x - half, y: y - half, ..sight }
}

/// The picture that the sights are to be told about: upright by EXIF.
struct Source {
    width: u32,
    height: u32,
}

impl Source {
    fn new(orientation: Orientation, width: u32, height: u32) -> Self {
        let (width, height) = if orientation.swaps_sides() { (height, width) } else { (width, height) };
        Self { width, height }
    }

    /// Enlarging more than twice shows nothing that was not seen before.
    fn allows(&self, long_side: usize) -> bool {
        self.width.max(self.height) as usize * 2 > long_side
    }

    /// Chooses the main face: wide and sure.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a few faces, far below 2^23"
    )]
    fn found(&self, quarters: u8, seen: &Seen) -> Option<Look> {
        let weight = |sight: &Sight| sight.side * sight.score.min(UPRIGHT_FACE);
        let least = (seen.best() * 0.2).max(FACE);
        let sure = seen.sights.iter().filter(|sight| sight.score >= least);
        let main = *sure.max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
        let is_another = |sight: &&Sight| {
            sight.score >= SECOND_FACE && sight.side >= SIMILAR * main.side && !overlap(sight, &main)
        };
        let similar = 1 + seen.sights.iter().filter(is_another).count();
        let (width, height) =
            if quarters % 2 == 1 { (self.height, self.width) } else { (self.width, self.height) };
        let scale = width.max(height) as f32 / seen.width.max(seen.height) as f32;
        let face = region(&main, scale, width, height)?;
        Some(Look { quarters, face, similar: similar as u32 })
    }
}

fn overlap(a: &Sight, b: &Sight) -> bool {
    let inner = |a: f32, a_side: f32, b: f32, b_side: f32| (a + a_side).min(b + b_side) - a.max(b);
    let (w, h) = (inner(a.x, a.side, b.x, b.side), inner(a.y, a.side, b.y, b.side));
    w > 0.0 && h > 0.0 && w * h > 0.2 * a.side.min(b.side).powi(2)
}

/// Cuts a sight off at the picture's edges, in the picture's own pixels.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture"
)]
fn region(sight: &Sight, scale: f32, width: u32, height: u32) -> Option<Region> {
    let clamp = |at: f32, most: u32| (at * scale).round().clamp(0.0, most as f32) as u32;
    let (left, right) = (clamp(sight.x, width), clamp(sight.x + sight.side, width));
    let (top, bottom) = (clamp(sight.y, height), clamp(sight.y + sight.side, height));
    (right > left && bottom > top).then(|| Region {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
    })
}
