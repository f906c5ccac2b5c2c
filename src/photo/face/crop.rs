//! What of the picture is sent: the head with the room around it that recognisers want.

use super::super::fit::AIM_BYTES;
use super::super::raster::Orientation;
use super::Region;

/// Shares of the face's width that are kept on both sides, above and below it.
///
/// Together 2.2 times the face's width, which recognised best among the crops that were measured. The
/// detector's square goes from the brows to the chin, so there is more to keep above than below.
const BESIDE: f32 = 0.6;
const ABOVE: f32 = 0.9;
const BELOW: f32 = 0.7;

/// A crop that keeps more of the picture than this is not worth cutting: the portrait is tight already.
const TIGHT: f32 = 0.8;

/// Chooses what is sent of an upright picture of `width` by `height` pixels. `None`: all of it.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture"
)]
pub(in crate::photo) fn around(face: Region, width: u32, height: u32) -> Option<Region> {
    let (w, h) = (width as f32, height as f32);
    let side = face.width as f32;
    let (x, y) = (face.x as f32, face.y as f32);
    let left = (x - BESIDE * side).max(0.0).floor();
    let right = (x + (1.0 + BESIDE) * side).min(w).ceil();
    let top = (y - ABOVE * side).max(0.0).floor();
    let bottom = (y + face.height as f32 + BELOW * side).min(h).ceil();
    if right <= left || bottom <= top || (right - left) * (bottom - top) > TIGHT * w * h {
        return None;
    }
    Some(Region {
        x: left as u32,
        y: top as u32,
        width: ((right - left) as u32).min(width - left as u32),
        height: ((bottom - top) as u32).min(height - top as u32),
    })
}

/// Widens a crop that came to so few `bytes` on all sides, so that it fills the budget. `None`: all of the
/// picture.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture"
)]
pub(in crate::photo) fn widened(crop: Region, bytes: usize, width: u32, height: u32) -> Option<Region> {
    // Bytes go with the area; what is added is background, which takes fewer.
    let factor = (AIM_BYTES as f32 / bytes.max(1) as f32).sqrt().clamp(1.01, 2.0);
    let add = |side: u32| ((side as f32 * (factor - 1.0) / 2.0).ceil() as u32).max(1);
    let (beside, above) = (add(crop.width), add(crop.height));
    let (left, top) = (crop.x.saturating_sub(beside), crop.y.saturating_sub(above));
    let right = (crop.x + crop.width + beside).min(width);
    let bottom = (crop.y + crop.height + above).min(height);
    let is_all = (left, top, right, bottom) == (0, 0, width, height);
    (!is_all).then(|| Region { x: left, y: top, width: right - left, height: bottom - top })
}

/// A part of the picture as it is stored, in shares of its sides, so that it holds at any scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::photo) struct Part {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Part {
    /// The whole picture.
    pub const WHOLE: Self = Self { left: 0.0, top: 0.0, width: 1.0, height: 1.0 };

    /// The same part in shares of another part of the picture. `None`: that one lacks some of it.
    pub fn within(self, other: Self) -> Option<Self> {
        // Edges that lie on the same pixel come apart by less than this.
        const NOTHING: f64 = 1e-9;
        let share = |at: f64, len: f64, begins: f64, of: f64| {
            let (first, last) = (at - begins, at + len - begins - of);
            (first >= -NOTHING && last <= NOTHING).then_some((first / of, len / of))
        };
        let (left, width) = share(self.left, self.width, other.left, other.width)?;
        let (top, height) = share(self.top, self.height, other.top, other.height)?;
        Some(Self { left, top, width, height })
    }

    /// Takes a region of the upright picture of `width` by `height` back to the stored one.
    pub fn stored(region: Region, orientation: Orientation, width: u32, height: u32) -> Self {
        let (w, h) = (f64::from(width), f64::from(height));
        let (left, top) = (f64::from(region.x) / w, f64::from(region.y) / h);
        let (right, bottom) =
            (f64::from(region.x + region.width) / w, f64::from(region.y + region.height) / h);
        let (a, b) = (orientation.source_share(left, top), orientation.source_share(right, bottom));
        let (left, top) = (a.0.min(b.0), a.1.min(b.1));
        Self { left, top, width: (a.0 - b.0).abs(), height: (a.1 - b.1).abs() }
    }
}
