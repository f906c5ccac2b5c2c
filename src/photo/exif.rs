//! The one entry of EXIF that matters here: which way up the picture is.

use super::bytes::Bytes;
use super::raster::Orientation;

/// Tag 0x0112 of EXIF 2.32, `Orientation`.
const ORIENTATION_TAG: u16 = 0x0112;

/// The longest list of entries that is searched; cameras write a few dozen.
const MAX_ENTRIES: u16 = 1000;

/// Finds the orientation in a TIFF block, with or without the `Exif\0\0` of JPEG in front.
///
/// Anything that is not well formed counts as upright, as every viewer has it.
pub(super) fn orientation(block: &[u8]) -> Orientation {
    let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
    short(tiff, ORIENTATION_TAG).and_then(|(_, value)| Orientation::from_exif(value)).unwrap_or_default()
}

/// A TIFF block and the order of its bytes.
#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: Bytes<'a>,
    big_endian: bool,
}

impl<'a> Tiff<'a> {
    fn new(block: &'a [u8]) -> Option<Self> {
        let big_endian = match block.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        Some(Self { bytes: Bytes(block), big_endian })
    }

    fn u16(self, at: usize) -> Option<u16> {
        if self.big_endian { self.bytes.u16_be(at) } else { self.bytes.u16_le(at) }
    }

    fn u32(self, at: usize) -> Option<u32> {
        if self.big_endian { self.bytes.u32_be(at) } else { self.bytes.u32_le(at) }
    }
}

/// Gives where a TIFF block says that its first directory stands, be it there or not.
pub(super) fn first_directory(block: &[u8]) -> Option<usize> {
    usize::try_from(Tiff::new(block)?.u32(4)?).ok()
}

/// Finds an entry of one short number in a TIFF block's first directory: where it stands, and its value.
///
/// No other directory is looked at, so that none can lead in a circle.
pub(super) fn short(block: &[u8], tag: u16) -> Option<(usize, u16)> {
    let tiff = Tiff::new(block)?;
    let directory = first_directory(block)?;
    let entries = tiff.u16(directory)?.min(MAX_ENTRIES);
    let entry = (0..usize::from(entries))
        .filter_map(|i| directory.checked_add(2 + 12 * i))
        .find(|&entry| tiff.u16(entry) == Some(tag))?;
    let value = match tiff.u16(entry + 2)? {
        3 => tiff.u16(entry + 8)?,                                     // SHORT
        4 => tiff.u32(entry + 8).and_then(|v| u16::try_from(v).ok())?, // LONG, against the rules
        _ => return None,
    };
    Some((entry + 8, value))
}

/// Builds the smallest EXIF block with an orientation, as it stands in an APP1 segment.
#[cfg(test)]
pub(super) fn block_with(orientation: u8, big_endian: bool) -> Vec<u8> {
    let mut block = b"Exif\0\0".to_vec();
    if big_endian {
        block.extend_from_slice(b"MM\0*\0\0\0\x08\0\x02");
        block.extend_from_slice(b"\x01\x0f\0\x02\0\0\0\x04abc\0");
        block.extend_from_slice(&[1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    } else {
        block.extend_from_slice(b"II*\0\x08\0\0\0\x02\0");
        block.extend_from_slice(b"\x0f\x01\x02\0\x04\0\0\0abc\0");
        block.extend_from_slice(&[0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orientation_is_found_in_both_byte_orders() {
        for value in 1..=8u8 {
            for big_endian in [true, false] {
                let found = orientation(&block_with(value, big_endian));
                assert_eq!(Some(found), Orientation::from_exif(value.into()), "{value} {big_endian}");
            }
        }
    }

    #[test]
    fn a_broken_block_counts_as_upright() {
        let whole = block_with(6, true);
        let cases: &[&[u8]] = &[
            b"",
            b"Exif\0\0",
            b"Exif\0\0MM\0*\xff\xff\xff\xff",
            b"II*\0\x08\0\0\0\xff\xff",
            &block_with(0, true),
            &block_with(9, false),
            &whole[..30],
        ];
        for block in cases {
            assert_eq!(orientation(block), Orientation::default(), "{block:?}");
        }
    }
}
