//! Colour profiles, inks and orientations of files that other programs wrote.

use super::pictures::*;
use super::prepare;

/// Colours of the four quarters of the drawn fixtures, as sRGB.
const QUARTERS: [[u8; 3]; 4] = [[200, 40, 40], [40, 180, 60], [50, 60, 200], [220, 210, 60]];

fn assert_quarters(file: &[u8], expected: [[u8; 3]; 4], tolerance: u8, what: &str) {
    let prepared = prepare(file).unwrap_or_else(|e| panic!("{what}: {e}"));
    let found = corners(&decoded_elsewhere(&prepared.jpeg));
    for (a, b) in found.iter().flatten().zip(expected.iter().flatten()) {
        assert!(a.abs_diff(*b) <= tolerance, "{what}: {found:?}, not {expected:?}");
    }
}

#[test]
fn display_p3_is_sent_as_srgb_whatever_the_format() {
    let files: [(&str, &[u8]); 4] = [
        ("JPEG", include_bytes!("../../../fixtures/photo/p3.jpg")),
        ("PNG", include_bytes!("../../../fixtures/photo/p3.png")),
        ("WebP", include_bytes!("../../../fixtures/photo/p3.webp")),
        ("TIFF", include_bytes!("../../../fixtures/photo/p3.tif")),
    ];
    for (what, file) in files {
        // Read as sRGB, the red would be 184, 60, 52.
        assert_quarters(file, QUARTERS, 9, what);
    }
}

#[test]
fn a_jpeg_inside_the_budget_is_not_kept_when_its_profile_changes_it() {
    let p3 = include_bytes!("../../../fixtures/photo/p3.jpg");
    assert!(prepare(p3).unwrap().quality.is_some());
    let plain = portrait(420, 560, 14).jpeg_between(17_000, 19_000);
    assert!(prepare(&plain).unwrap().quality.is_none());
    let srgb = moxcms::ColorProfile::new_srgb().encode().unwrap();
    let tagged = with_segment(&plain, 0xe2, &[b"ICC_PROFILE\0\x01\x01", srgb.as_slice()].concat());
    assert!(prepare(&tagged).unwrap().jpeg == prepare(&plain).unwrap().jpeg);
}

#[test]
fn a_profile_in_pieces_is_put_together_and_one_that_lacks_a_piece_is_ignored() {
    let plain = portrait(300, 400, 20).jpeg(BASELINE);
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let piece = |number: u8, of: u8, bytes: &[u8]| [b"ICC_PROFILE\0", &[number, of][..], bytes].concat();
    let (first, second) = p3.split_at(p3.len() / 2);
    let with = |pieces: &[Vec<u8>]| {
        let tagged = pieces.iter().fold(plain.clone(), |file, piece| with_segment(&file, 0xe2, piece));
        prepare(&tagged).unwrap().jpeg
    };
    let whole = with(&[piece(1, 1, &p3)]);
    assert!(whole != prepare(&plain).unwrap().jpeg);
    assert!(with(&[piece(1, 2, first), piece(2, 2, second)]) == whole);
    assert!(with(&[piece(2, 2, second), piece(1, 2, first)]) == whole);
    for broken in [
        vec![piece(1, 2, first)],
        vec![piece(1, 2, first), piece(1, 2, second)],
        vec![piece(1, 3, first), piece(2, 3, second)],
        vec![piece(1, 1, first)],
        vec![piece(1, 1, &vec![0x55; 3000])],
        vec![b"ICC_PROFILE\0".to_vec()],
    ] {
        assert!(with(&broken) == prepare(&plain).unwrap().jpeg);
    }
}

#[test]
fn a_bomb_in_place_of_a_profile_is_ignored() {
    use std::io::Write;
    let plain = portrait(300, 400, 9).rgb_png();
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        deflated.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let body = [&b"bomb\0\0"[..], &deflated.finish().unwrap()].concat();
    for name in [b"iCCP", b"zTXt"] {
        let bomb = with_chunk(&plain, *name, &body);
        assert!(prepare(&bomb).unwrap().jpeg == prepare(&plain).unwrap().jpeg);
    }
}

#[test]
fn a_png_is_turned_by_an_exif_chunk_before_or_behind_its_pixels() {
    assert_quarters(include_bytes!("../../../fixtures/photo/exif-6.png"), QUARTERS, 9, "PNG");
    let stored = portrait(300, 400, 9).rgb_png();
    let block = crate::photo::exif::block_with(8, true);
    let exif = block.strip_prefix(b"Exif\0\0").unwrap();
    let before = prepare(&with_chunk(&stored, *b"eXIf", exif)).unwrap();
    assert_eq!((before.source.orientation.exif(), before.width, before.height), (8, 400, 300));
    let mut behind = stored[..stored.len() - 12].to_vec();
    behind.extend(chunk_of(*b"eXIf", exif));
    behind.extend(&stored[stored.len() - 12..]);
    assert!(prepare(&behind).unwrap().jpeg == before.jpeg);
}

#[test]
fn webp_and_tiff_are_turned_by_their_orientation() {
    assert_quarters(include_bytes!("../../../fixtures/photo/exif-6.webp"), QUARTERS, 12, "WebP");
    let tiff = include_bytes!("../../../fixtures/photo/turned-6.tif");
    assert_quarters(tiff, QUARTERS, 9, "TIFF");
    assert_eq!(prepare(tiff).unwrap().source.orientation.exif(), 6);
}

#[test]
fn inks_are_mixed_by_their_profile() {
    let file = include_bytes!("../../../fixtures/photo/cmyk-profile.jpg");
    // An ink leaves 40 % of the light, which is 169 in sRGB. The rule of thumb would give pure colours, and
    // black.
    let expected = [[169, 255, 255], [255, 169, 255], [255, 255, 169], [169, 169, 169]];
    assert_quarters(file, expected, 9, "with its profile");
    // The same file, its profile made unreadable.
    let mut broken = file.to_vec();
    let at = broken.windows(11).position(|w| w == b"ICC_PROFILE").unwrap();
    broken[at] = b'X';
    assert_quarters(&broken, [[0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0]], 9, "without");
}

#[test]
fn tiffs_and_gifs_of_other_programs_are_read() {
    assert_quarters(include_bytes!("../../../fixtures/photo/cmyk.tif"), QUARTERS, 9, "CMYK");
    assert_quarters(include_bytes!("../../../fixtures/photo/palette.tif"), QUARTERS, 9, "palette");
    assert_quarters(include_bytes!("../../../fixtures/photo/two.tif"), QUARTERS, 9, "the first of two");
    assert_quarters(include_bytes!("../../../fixtures/photo/two.gif"), QUARTERS, 9, "the first of two");
}
