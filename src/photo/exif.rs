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
    find(Bytes(tiff)).and_then(Orientation::from_exif).unwrap_or_default()
}

fn find(tiff: Bytes<'_>) -> Option<u16> {
    let big_endian = match tiff.slice(0, 4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at| if big_endian { tiff.u16_be(at) } else { tiff.u16_le(at) };
    let u32_at = |at| if big_endian { tiff.u32_be(at) } else { tiff.u32_le(at) };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    let entries = u16_at(directory)?.min(MAX_ENTRIES);
    (0..usize::from(entries))
        .filter_map(|i| directory.checked_add(2 + 12 * i))
        .find(|&entry| u16_at(entry) == Some(ORIENTATION_TAG))
        .and_then(|entry| match u16_at(entry + 2)? {
            3 => u16_at(entry + 8),                                     // SHORT
            4 => u32_at(entry + 8).and_then(|v| u16::try_from(v).ok()), // LONG, against the rules
            _ => None,
        })
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
