//! The budget, the size, and what is kept as it is.

use super::pictures::*;
use super::prepare;
use crate::photo::{MAX_SENT_BYTES, MIN_SENT_BYTES, PhotoRejection, PhotoWarning};
use jpeg_encoder::{ColorType, SamplingFactor};

#[test]
fn a_large_photo_lands_in_the_budget_at_480_pixels() {
    for grain in [8, 20, 40] {
        let drawing = portrait(840, 1120, grain);
        let prepared = prepare(&drawing.jpeg(BASELINE)).unwrap();
        assert!((MIN_SENT_BYTES..=MAX_SENT_BYTES).contains(&prepared.jpeg.len()), "{prepared:?}");
        assert_eq!((prepared.width, prepared.height), (360, 480), "grain {grain}");
        let sent = decoded_elsewhere(&prepared.jpeg);
        assert_eq!((sent.width, sent.height), (360, 480));
        assert_same_corners(&sent, &drawing, 12, "scaled");
        assert_eq!(prepared.warnings, []);
    }
}

#[test]
fn a_smooth_photo_gets_more_pixels_until_it_is_in_the_budget() {
    let (width, height) = (1500, 2000);
    let rgb = (0..width * height)
        .flat_map(|i| [i % width * 255 / width, i / width * 255 / height, 90].map(|s| s as u8));
    let smooth = Drawing { width, height, rgb: rgb.collect() };
    let prepared = prepare(&smooth.jpeg(Jpeg { quality: 95, ..BASELINE })).unwrap();
    assert!((MIN_SENT_BYTES..=MAX_SENT_BYTES).contains(&prepared.jpeg.len()), "{prepared:?}");
    assert!(prepared.height > 480);
}

#[test]
fn pure_noise_gets_fewer_pixels_until_it_is_in_the_budget() {
    let mut noise = portrait(800, 800, 0);
    let mut random = 1u64;
    for sample in &mut noise.rgb {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *sample = (random >> 56) as u8;
    }
    let prepared = prepare(&noise.rgb_png()).unwrap();
    assert!((MIN_SENT_BYTES..=MAX_SENT_BYTES).contains(&prepared.jpeg.len()), "{prepared:?}");
    assert!(prepared.width < 480);
}

#[test]
fn nothing_is_ever_enlarged() {
    let prepared = prepare(&portrait(210, 220, 0).rgb_png()).unwrap();
    assert_eq!((prepared.width, prepared.height), (210, 220));
    assert_eq!(prepared.warnings, [PhotoWarning::BelowBudget]);
}

#[test]
fn a_small_side_is_warned_of_and_a_tiny_one_refused() {
    let prepared = prepare(&portrait(150, 300, 60).rgb_png()).unwrap();
    assert!(prepared.warnings.contains(&PhotoWarning::FewPixels));
    for (width, height) in [(31, 400), (400, 31), (1, 1), (3200, 200)] {
        let rejection = prepare(&portrait(width, height, 9).rgb_png()).unwrap_err();
        assert_eq!(rejection.code(), "photo-too-small", "{width}x{height}");
    }
}

#[test]
fn a_photo_inside_the_budget_keeps_its_picture_and_loses_all_else() {
    for colour in [ColorType::Rgb, ColorType::Luma] {
        let drawing = portrait(420, 560, 14);
        let plain = (20..=99)
            .map(|quality| drawing.jpeg(Jpeg { quality, colour, ..BASELINE }))
            .find(|file| (17_000..=19_000).contains(&file.len()))
            .unwrap();
        let mut file = with_segment(&plain, 0xe1, &crate::photo::exif::block_with(1, true));
        file = with_segment(&file, 0xfe, b"canary of a comment");
        file = with_segment(&file, 0xe2, &vec![b'M'; 60_000]);
        file.extend(b"canary of a video");
        let prepared = prepare(&file).unwrap();
        assert_eq!(prepared.quality, None);
        assert!(prepared.jpeg == plain, "the JFIF header is the encoder's and ours alike");
        assert!(!prepared.jpeg.windows(6).any(|w| w == b"canary"));
        assert!(decoded_elsewhere(&prepared.jpeg).rgb == decoded_elsewhere(&plain).rgb);
    }
}

#[test]
fn a_small_photo_below_the_budget_keeps_its_picture_with_a_warning() {
    let plain = portrait(300, 400, 5).jpeg_between(6_000, 12_000);
    let prepared = prepare(&plain).unwrap();
    assert!(prepared.jpeg == plain);
    assert_eq!(prepared.warnings, [PhotoWarning::BelowBudget]);
}

#[test]
fn what_is_not_plain_is_encoded_again_even_inside_the_budget() {
    let drawing = portrait(420, 560, 14);
    let plain = drawing.jpeg_between(16_500, 19_500);
    let in_budget = |how: Jpeg| {
        (20..=99)
            .map(|quality| drawing.jpeg(Jpeg { quality, ..how }))
            .find(|f| (16_500..=19_900).contains(&f.len()))
            .unwrap()
    };
    let table = plain.windows(2).position(|w| w == [0xff, 0xc4]).unwrap();
    let second = table + 2 + plain[table + 2..].windows(2).position(|w| w == [0xff, 0xc4]).unwrap();
    let cases = [
        ("a table is missing", [&plain[..table], &plain[second..]].concat()),
        ("junk between segments", [&plain[..table], b"junk", &plain[table..]].concat()),
        ("progressive", in_budget(PROGRESSIVE)),
        ("inks", in_budget(Jpeg { colour: ColorType::CmykAsYcck, ..BASELINE })),
        ("turned", with_segment(&plain, 0xe1, &crate::photo::exif::block_with(6, false))),
    ];
    for (what, file) in cases {
        let prepared = prepare(&file).unwrap();
        assert!(prepared.quality.is_some(), "{what}");
        assert!(prepared.jpeg.len() <= MAX_SENT_BYTES, "{what}");
    }
}

#[test]
fn what_is_sent_is_baseline_without_metadata() {
    let drawing = portrait(900, 700, 25);
    for file in [drawing.jpeg(PROGRESSIVE), drawing.rgb_png(), drawing.webp()] {
        let jpeg = prepare(&file).unwrap().jpeg;
        let mut at = 2;
        let mut markers = Vec::new();
        while jpeg[at + 1] != 0xda {
            markers.push(jpeg[at + 1]);
            at += 2 + usize::from(jpeg[at + 2]) * 256 + usize::from(jpeg[at + 3]);
        }
        markers.dedup();
        assert_eq!(markers, [0xe0, 0xdb, 0xc0, 0xc4], "JFIF, SOF0, tables");
    }
}

#[test]
fn the_same_bytes_give_the_same_bytes() {
    let drawing = portrait(600, 480, 30);
    for file in [drawing.jpeg(BASELINE), drawing.rgb_png(), drawing.webp()] {
        assert!(prepare(&file).unwrap() == prepare(&file).unwrap());
    }
}

#[test]
fn more_pixels_than_are_decoded_are_refused_before_they_are() {
    let mut png = portrait(64, 64, 0).rgb_png();
    png[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    let crc = png_crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let mut jpeg = portrait(64, 64, 0).jpeg(Jpeg { sampling: SamplingFactor::R_4_4_4, ..BASELINE });
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    for (file, width, height) in [(png, 0x4000, 0x4000), (jpeg, 0xffff, 0xffff)] {
        assert_eq!(prepare(&file), Err(PhotoRejection::TooManyPixels { width, height }));
    }
}

fn png_crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}
