//! Keeps a JPEG's picture as it is, and drops all else that is in the file.

use super::super::raster::Orientation;
use super::alarm::Padding;
use super::decode::decode_with;
use super::markers::{Coding, Components, JpegMap};

/// SOI, and a JFIF header of this program's own making, without density or thumbnail: the same
/// beginning as every photo has that is encoded here.
pub(super) const BEGINNING: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";
pub(super) const END: &[u8] = b"\xff\xd9";

/// Writes the picture of `file` anew without touching a block, if it can be sent like that: baseline,
/// upright, grey or YCbCr, at most `max_bytes` long, and decoded to its last block right now.
///
/// `None`: it has to be encoded again, or is damaged, which decoding it will tell.
pub(in crate::photo) fn picture_only(file: &[u8], map: &JpegMap, max_bytes: usize) -> Option<Vec<u8>> {
    let plain = map.coding == Coding::Baseline
        && map.is_tidy
        && map.orientation == Orientation::default()
        && matches!(map.components, Components::Grey | Components::YCbCr);
    let len = BEGINNING.len() + map.picture.iter().map(ExactSizeIterator::len).sum::<usize>() + END.len();
    if !plain || len > max_bytes {
        return None;
    }
    let mut kept = Vec::with_capacity(len);
    kept.extend_from_slice(BEGINNING);
    for segment in &map.picture {
        kept.extend_from_slice(&file[segment.clone()]);
    }
    kept.extend_from_slice(END);
    // What is sent is what is checked: the file as written here, with not a byte too many in it.
    let kept_map = JpegMap::read(&kept).ok()?;
    decode_with(&kept, &kept_map, None, 1, Padding::None).ok()?;
    Some(kept)
}
