//! Finds the face on a photo, and says what of the picture is sent.
//!
//! A false rejection is the worst outcome, so nothing is called faceless before the picture was looked at in
//! a second size, turned, tilted and with its contrast spread. All of that costs only where the first look,
//! small and cheap, finds nothing.
//!
//! Not here: recognising anybody. Where the face is leaves this folder, who it is never enters it.

mod crop;
mod detector;
mod grey;
mod level;
mod model;
mod network;
#[cfg(test)]
mod oracle;
mod scan;
mod search;
mod sharpness;
mod square;
mod window;

pub(super) use crop::{Part, around, widened};
pub(super) use search::{CLOSE_LONG_SIDE, Look, look};
pub(super) use sharpness::of as sharpness;

/// What becomes of a photo without a face that can be recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FacePolicy {
    /// Rejected, before it costs a call.
    #[default]
    Require,
    /// Sent all the same, with a warning.
    Warn,
    /// Not looked for: the whole picture is sent.
    Off,
}

impl FacePolicy {
    /// The word in options and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Warn => "warn",
            Self::Off => "off",
        }
    }
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

impl Region {
    /// Where the region is once `shown`, of which it is a part, has been scaled to `width` by `height`.
    pub(super) fn scaled_within(self, shown: Self, width: u32, height: u32) -> Self {
        let scale = |at: u32, from: u32, to: u32| {
            let scaled = (u64::from(at) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
            u32::try_from(scaled).unwrap_or(u32::MAX).min(to)
        };
        let left = scale(self.x.saturating_sub(shown.x), shown.width, width);
        let top = scale(self.y.saturating_sub(shown.y), shown.height, height);
        let right = scale((self.x + self.width).saturating_sub(shown.x), shown.width, width);
        let bottom = scale((self.y + self.height).saturating_sub(shown.y), shown.height, height);
        Self { x: left, y: top, width: right - left, height: bottom - top }
    }
}

/// The face that a photo is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face {
    /// From the brows to the chin, about, in pixels of the original, upright.
    pub found_at: Region,
    /// Its width as it is sent, pixels.
    pub width_sent: u32,
    /// Variance of the Laplacian on the face as it is sent, at a set size and contrast; see the README.
    pub sharpness: u32,
    /// Faces of similar size, this one included.
    pub similar: u32,
}

/// The narrowest face that is sent under [`FacePolicy::Require`], in pixels.
pub const MIN_FACE_WIDTH: u32 = 40;

/// The narrowest face that is sent without a warning, in pixels.
pub const SMALL_FACE_WIDTH: u32 = 64;

/// A face less sharp than this is warned of.
pub const BLURRED_BELOW: u32 = 60;
