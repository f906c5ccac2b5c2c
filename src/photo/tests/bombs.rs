//! Small files that announce much more than they hold: refused by their headers, before anything is decoded.

use super::pictures::*;
use super::prepare;
use crate::photo::{Format, Held, PhotoRejection};

fn refused(file: &[u8]) -> PhotoRejection {
    prepare(file).expect_err("a bomb is refused")
}

#[test]
fn sides_that_no_photo_has_are_refused_by_the_header() {
    let small = portrait(64, 64, 9);
    let mut png = small.rgb_png();
    for at in [16, 20] {
        png[at..at + 4].copy_from_slice(&12_000u32.to_be_bytes());
    }
    let crc = chunk_of(*b"IHDR", &png[16..29]);
    png[8..33].copy_from_slice(&crc);
    assert_eq!(refused(&png), PhotoRejection::TooManyPixels { width: 12_000, height: 12_000 });

    let mut jpeg = small.jpeg(BASELINE);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    for at in [frame + 5, frame + 7] {
        jpeg[at..at + 2].copy_from_slice(&65_500u16.to_be_bytes());
    }
    assert_eq!(refused(&jpeg), PhotoRejection::TooManyPixels { width: 65_500, height: 65_500 });

    let screen = small.gif(GifKind { screen: Some((65_535, 65_535)), ..GIF });
    assert_eq!(refused(&screen), PhotoRejection::TooManyPixels { width: 65_535, height: 65_535 });

    let tiff = small.tiff(TIFF_GREY, &small.grey());
    let mut wide = tiff.clone();
    let mut patch = |tag: u16, value: u32| {
        let directory = u32::from_le_bytes(*wide[4..].first_chunk().unwrap()) as usize;
        let entry = wide[directory..].windows(2).position(|w| w == tag.to_le_bytes()).unwrap();
        wide[directory + entry + 8..directory + entry + 12].copy_from_slice(&value.to_le_bytes());
    };
    patch(256, 3_000_000_000);
    assert!(matches!(refused(&wide), PhotoRejection::TooManyPixels { .. }), "{:?}", refused(&wide));

    let bgr = |line: &[u8]| line.to_vec();
    let mut bmp = small.bmp(24, &[], 0, bgr);
    bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    assert!(matches!(refused(&bmp), PhotoRejection::Truncated { format: Format::Bmp, .. }));
}

#[test]
fn an_icon_is_refused_by_its_name_whatever_it_announces() {
    assert_eq!(refused(b"\0\0\x01\0\xff\xff\0\0\0\0\x01\0\x20\0").code(), "photo-foreign-format");
}

#[test]
fn thousands_of_passes_are_refused_however_small_they_are() {
    let file = portrait(300, 400, 20).jpeg(PROGRESSIVE);
    let last = file.windows(2).rposition(|w| w == [0xff, 0xda]).unwrap();
    let scan = &file[last..file.len() - 2];
    let many = [&file[..file.len() - 2], &scan.repeat(3_000), &[0xff, 0xd9]].concat();
    assert!(matches!(refused(&many), PhotoRejection::TooManyPasses { passes: 101 }));
    // Fewer do for a picture of 48 megapixels: the passes count by what they go over.
    let mut large = [&file[..file.len() - 2], &scan.repeat(30), &[0xff, 0xd9]].concat();
    let frame = large.windows(2).position(|w| w == [0xff, 0xc2]).unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[6000u16.to_be_bytes(), 8000u16.to_be_bytes()].concat());
    assert!(matches!(refused(&large), PhotoRejection::TooManyPasses { passes: 21 }), "{:?}", refused(&large));
}

#[test]
fn a_header_of_countless_pieces_is_refused() {
    let file = portrait(64, 64, 9).jpeg(BASELINE);
    // An empty table, and a byte between it and the next.
    let pieces = [0xff, 0xc4, 0, 2, 0x11].repeat(200_000);
    assert_eq!(refused(&[&file[..2], &pieces, &file[2..]].concat()).code(), "photo-damaged");
}

#[test]
fn a_directory_that_leads_to_itself_leads_nowhere() {
    let drawing = portrait(300, 400, 12);
    let tiff = drawing.tiff(TIFF_GREY, &drawing.grey());
    let mut circle = tiff.clone();
    let len = circle.len();
    let directory: [u8; 4] = *circle[4..].first_chunk().unwrap();
    circle[len - 4..].copy_from_slice(&directory);
    // Its picture is whole, and the only one that is looked at.
    assert!(prepare(&circle).is_ok() || refused(&circle).code() == "photo-damaged");

    let mut exif = crate::photo::exif::block_with(6, false);
    exif.extend([8, 0, 0, 0]);
    let turned = with_segment(&drawing.jpeg(BASELINE), 0xe1, &exif);
    assert_eq!(prepare(&turned).unwrap().source.orientation.exif(), 6);
}

#[test]
fn a_strip_that_is_announced_larger_than_the_file_is_cut_off() {
    let drawing = portrait(64, 64, 12);
    let strips = TiffKind { rows: 64, ..TIFF_GREY };
    let mut tiff = drawing.tiff(strips, &drawing.grey()[..640]);
    // The directory stands behind the ten lines that are there.
    let directory = u32::from_le_bytes(*tiff[4..].first_chunk().unwrap()) as usize;
    let moved = tiff.split_off(directory);
    tiff[4..8].copy_from_slice(&8u32.to_le_bytes());
    let first: Vec<u8> = tiff[..8].iter().chain(&moved).chain(&tiff[8..]).copied().collect();
    let at = first[8..].windows(2).position(|w| w == 273u16.to_le_bytes()).unwrap() + 8;
    let mut first = first;
    let strip = (8 + moved.len()) as u32;
    first[at + 8..at + 12].copy_from_slice(&strip.to_le_bytes());
    assert_eq!(refused(&first), PhotoRejection::Truncated { format: Format::Tiff, held: Held::Lines(0) });
}

#[test]
fn tiles_of_any_size_take_no_memory_that_the_picture_does_not_need() {
    let drawing = portrait(64, 64, 12);
    let kind = TiffKind { photometric: 2, samples: 3, tile: 64, ..TIFF_GREY };
    for side in [u32::MAX, 1 << 30, 1 << 20] {
        let mut tiff = drawing.tiff_in_tiles(kind);
        let directory = u32::from_le_bytes(*tiff[4..].first_chunk().unwrap()) as usize;
        let at = tiff[directory..].windows(2).position(|w| w == 322u16.to_le_bytes()).unwrap() + directory;
        tiff[at + 8..at + 12].copy_from_slice(&side.to_le_bytes());
        assert!(matches!(
            refused(&tiff).code(),
            "photo-unsupported-kind" | "photo-damaged" | "photo-truncated"
        ));
    }
}
