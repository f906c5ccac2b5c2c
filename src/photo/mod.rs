//! Photos: from a path in a list to the JPEG that is sent.
//!
//! What leaves here is an upright baseline JPEG of at most 20,000 bytes, without metadata, that was
//! decoded to its last block before: a picture that is cut off or damaged is refused with a reason,
//! because a half-grey face costs as much as a whole one. No bytes of a file that is not a picture can
//! pass, and no file outside the photo folder can be read.
//!
//! The way of a photo: [`PhotoFolder`] opens it, [`prepare()`] recognises, decodes, turns, scales and
//! encodes it. Everything here is synchronous and bound by the processor; callers bring the threads.
//!
//! Not here: hashing, caching, base64, and which row a photo belongs to.

mod bytes;
mod exif;
mod face;
mod fit;
mod folder;
mod format;
mod jpeg;
mod memory;
mod other;
mod plane;
mod prepare;
mod profile;
mod raster;
mod record;
mod rejection;
#[cfg(test)]
mod tests;

pub use face::{BLURRED_BELOW, Face, FacePolicy, MIN_FACE_WIDTH, Region, SMALL_FACE_WIDTH};
pub use folder::{MAX_FILE_BYTES, PhotoFolder, PhotoFolderError, Stamp, read_operators_file};
pub use format::{Foreign, Format, is_picture};
pub use prepare::{PREPARER_VERSION, Prepared, Source, Thumbnail, prepare, thumbnail};
pub use raster::Orientation;
pub use rejection::{Held, PhotoRejection, PhotoWarning};

/// The most that is ever sent, in bytes: under 20 K whether K is 1,000 or 1,024.
pub const MAX_SENT_BYTES: usize = 20_000;

/// The least that is sent where the source has more to give, in bytes: 16 K of 1,024.
pub const MIN_SENT_BYTES: usize = 16_384;
