//! The whole way from a file's bytes to what is sent.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "test pictures are small"
)]

mod bombs;
mod colours;
mod faces;
mod fitting;
mod folder;
mod formats;
mod hostile;
pub(super) mod pictures;
mod scans;
mod wholeness;

use super::{FacePolicy, PhotoRejection, Prepared};

/// Prepares a drawing, on which there is no face.
fn prepare(bytes: &[u8]) -> Result<Prepared, PhotoRejection> {
    super::prepare(bytes, FacePolicy::Off)
}
