//! Every format and kind of it gives the same upright picture.

use super::pictures::*;
use super::prepare;
use crate::photo::{Format, Orientation, exif};
use jpeg_encoder::{ColorType, SamplingFactor};
use png::BitDepth;

/// Prepares, decodes what would be sent, and compares the corners.
fn assert_shows(file: &[u8], format: Format, drawing: &Drawing, tolerance: u8, what: &str) {
    let prepared = prepare(file).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(prepared.source.format, format, "{what}");
    let sent = decoded_elsewhere(&prepared.jpeg);
    assert_eq!((sent.width as u32, sent.height as u32), (prepared.width, prepared.height), "{what}");
    assert_same_corners(&sent, drawing, tolerance, what);
}

#[test]
fn all_eight_orientations_show_the_same_upright_picture() {
    let upright = portrait(400, 600, 18);
    for number in 1..=8u8 {
        let stored = stored_as(&upright, number);
        let block = exif::block_with(number, number % 2 == 0);
        let jpeg = with_segment(&stored.jpeg(BASELINE), 0xe1, &block);
        assert_shows(&jpeg, Format::Jpeg, &upright, 14, &format!("JPEG, orientation {number}"));
        let prepared = prepare(&jpeg).unwrap();
        assert_eq!((prepared.width, prepared.height), (320, 480), "orientation {number}");
        assert_eq!(prepared.source.orientation, Orientation::from_exif(number.into()).unwrap());
    }
}

/// Lays the picture down so that a viewer that obeys EXIF's number shows it upright.
fn stored_as(upright: &Drawing, number: u8) -> Drawing {
    let (w, h) = (upright.width, upright.height);
    let (width, height) = if number >= 5 { (h, w) } else { (w, h) };
    let mut rgb = vec![0; upright.rgb.len()];
    for y in 0..h {
        for x in 0..w {
            // EXIF 2.32, 4.6.4 A: where the 0th row and the 0th column of the stored picture are.
            let (sx, sy) = match number {
                1 => (x, y),
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, w - 1 - x),
                7 => (h - 1 - y, w - 1 - x),
                _ => (h - 1 - y, x),
            };
            let (from, to) = ((y * w + x) * 3, (sy * width + sx) * 3);
            rgb[to..to + 3].copy_from_slice(&upright.rgb[from..from + 3]);
        }
    }
    Drawing { width, height, rgb }
}

#[test]
fn every_kind_of_jpeg_is_read() {
    let drawing = portrait(390, 520, 15);
    let kinds = [
        ("4:2:0", BASELINE),
        ("4:2:2", Jpeg { sampling: SamplingFactor::R_4_2_2, ..BASELINE }),
        ("4:4:0", Jpeg { sampling: SamplingFactor::R_4_4_0, ..BASELINE }),
        ("4:4:4", Jpeg { sampling: SamplingFactor::R_4_4_4, ..BASELINE }),
        ("4:1:1", Jpeg { sampling: SamplingFactor::R_4_1_1, ..BASELINE }),
        ("progressive", PROGRESSIVE),
        ("restarts", Jpeg { restart: 7, ..BASELINE }),
        ("progressive with restarts", Jpeg { restart: 7, ..PROGRESSIVE }),
        ("YCCK", Jpeg { colour: ColorType::CmykAsYcck, ..BASELINE }),
        ("CMYK", Jpeg { colour: ColorType::Cmyk, ..BASELINE }),
    ];
    for (what, how) in kinds {
        assert_shows(&drawing.jpeg(how), Format::Jpeg, &drawing, 20, what);
    }
    let grey = Drawing { rgb: drawing.grey().iter().flat_map(|&g| [g; 3]).collect(), ..drawing };
    assert_shows(&grey.jpeg(Jpeg { colour: ColorType::Luma, ..BASELINE }), Format::Jpeg, &grey, 14, "grey");
}

#[test]
fn rgb_components_and_plain_inks_are_told_apart_from_their_usual_forms() {
    let drawing = portrait(400, 400, 15);
    // Encoded as if YCbCr, and declared RGB by Adobe's marker: the samples are then RGB as they stand.
    let raw = drawing.jpeg(Jpeg { colour: ColorType::Ycbcr, sampling: SamplingFactor::R_4_4_4, ..BASELINE });
    let without_jfif = [&raw[..2], &raw[20..]].concat();
    let rgb = with_segment(&without_jfif, 0xee, b"Adobe\0\x64\0\0\0\0\0");
    assert_shows(&rgb, Format::Jpeg, &drawing, 16, "RGB by Adobe's marker");
}

#[test]
fn every_kind_of_png_is_read() {
    let drawing = portrait(400, 500, 9);
    let sixteen: Vec<u8> = drawing.rgb.iter().flat_map(|&s| [s, 0x5a]).collect();
    let rgba: Vec<u8> = drawing.rgb.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let grey_alpha: Vec<u8> = drawing.grey().iter().flat_map(|&g| [g, 255]).collect();
    let grey = Drawing { rgb: drawing.grey().iter().flat_map(|&g| [g; 3]).collect(), ..drawing.clone() };
    let cases = [
        ("16-bit", png::ColorType::Rgb, BitDepth::Sixteen, sixteen, &drawing),
        ("RGB", png::ColorType::Rgb, BitDepth::Eight, drawing.rgb.clone(), &drawing),
        ("RGBA", png::ColorType::Rgba, BitDepth::Eight, rgba, &drawing),
        ("grey", png::ColorType::Grayscale, BitDepth::Eight, drawing.grey(), &grey),
        ("grey, alpha", png::ColorType::GrayscaleAlpha, BitDepth::Eight, grey_alpha, &grey),
    ];
    for (what, colour, depth, samples, shown) in cases {
        assert_shows(&drawing.png(colour, depth, &samples, None), Format::Png, shown, 14, what);
    }
    // Three bits of red, three of green, two of blue.
    let palette: Vec<u8> =
        (0..=255u8).flat_map(|i| [i & 0xe0 | 16, i << 3 & 0xe0 | 16, i << 6 | 32]).collect();
    let indices: Vec<u8> =
        drawing.rgb.chunks(3).map(|p| p[0] & 0xe0 | (p[1] & 0xe0) >> 3 | p[2] >> 6).collect();
    let indexed = drawing.png(png::ColorType::Indexed, BitDepth::Eight, &indices, Some(&palette));
    assert_shows(&indexed, Format::Png, &drawing, 40, "palette");
}

#[test]
fn what_is_transparent_is_sent_white() {
    let drawing = portrait(600, 600, 9);
    let rgba: Vec<u8> = drawing
        .rgb
        .chunks(3)
        .enumerate()
        .flat_map(|(i, p)| [p[0], p[1], p[2], if i < 600 * 200 { 0 } else { 255 }])
        .collect();
    let shown = Drawing {
        rgb: drawing.rgb.iter().enumerate().map(|(i, &s)| if i < 600 * 200 * 3 { 255 } else { s }).collect(),
        ..drawing.clone()
    };
    let png = drawing.png(png::ColorType::Rgba, BitDepth::Eight, &rgba, None);
    assert_shows(&png, Format::Png, &shown, 12, "PNG");
    let mut webp = Vec::new();
    image_webp::WebPEncoder::new(&mut webp).encode(&rgba, 600, 600, image_webp::ColorType::Rgba8).unwrap();
    assert_shows(&webp, Format::WebP, &shown, 12, "WebP");
}

#[test]
fn interlaced_png_and_lossy_webp_are_read() {
    // No encoder at hand makes these two.
    let drawing = blocks();
    let interlaced = include_bytes!("../../../fixtures/photo/interlaced.png");
    let lossy = include_bytes!("../../../fixtures/photo/lossy.webp");
    assert_shows(interlaced, Format::Png, &drawing, 8, "interlaced PNG");
    assert_shows(lossy, Format::WebP, &drawing, 14, "lossy WebP");
    assert_eq!(prepare(lossy).unwrap().source.width, 240);
}

/// What the two fixtures show: four corners of a quarter each.
fn blocks() -> Drawing {
    let colours = [[200, 40, 40], [40, 180, 60], [50, 60, 200], [220, 210, 60]];
    let rgb = (0..320 * 240).flat_map(|i| colours[i % 240 / 120 + 2 * (i / 240 / 160)]).collect();
    Drawing { width: 240, height: 320, rgb }
}

#[test]
fn lossless_webp_is_read() {
    let drawing = portrait(750, 1000, 9);
    assert_shows(&drawing.webp(), Format::WebP, &drawing, 12, "lossless");
}

#[test]
fn every_depth_of_bmp_is_read() {
    let drawing = portrait(501, 401, 12);
    let bgr = |line: &[u8]| line.chunks(3).flat_map(|p| [p[2], p[1], p[0]]).collect::<Vec<_>>();
    let bgrx = |line: &[u8]| line.chunks(3).flat_map(|p| [p[2], p[1], p[0], 0]).collect::<Vec<_>>();
    let rgb555 = |line: &[u8]| {
        let pixel = |p: &[u8]| u16::from(p[0] >> 3) << 10 | u16::from(p[1] >> 3) << 5 | u16::from(p[2] >> 3);
        line.chunks(3).flat_map(|p| pixel(p).to_le_bytes()).collect::<Vec<_>>()
    };
    let rgb565 = |line: &[u8]| {
        let pixel = |p: &[u8]| u16::from(p[0] >> 3) << 11 | u16::from(p[1] >> 2) << 5 | u16::from(p[2] >> 3);
        line.chunks(3).flat_map(|p| pixel(p).to_le_bytes()).collect::<Vec<_>>()
    };
    let masks: Vec<u8> = [0xf800u32, 0x07e0, 0x001f].iter().flat_map(|m| m.to_le_bytes()).collect();
    let table: Vec<u8> =
        (0..=255u8).flat_map(|i| [i << 6 | 32, i << 3 & 0xe0 | 16, i & 0xe0 | 16, 0]).collect();
    let indices = |line: &[u8]| {
        line.chunks(3).map(|p| p[0] & 0xe0 | (p[1] & 0xe0) >> 3 | p[2] >> 6).collect::<Vec<_>>()
    };
    let cases = [
        ("24 bits", drawing.bmp(24, &[], 0, bgr), 12),
        ("32 bits", drawing.bmp(32, &[], 0, bgrx), 12),
        ("16 bits", drawing.bmp(16, &[], 0, rgb555), 18),
        ("16 bits, masks", drawing.bmp(16, &masks, 3, rgb565), 18),
        ("8 bits", drawing.bmp(8, &table, 0, indices), 40),
    ];
    for (what, file, tolerance) in cases {
        assert_shows(&file, Format::Bmp, &drawing, tolerance, what);
    }
}

#[test]
fn bmps_of_few_colours_are_read() {
    let drawing = blocks();
    let nibbles = |line: &[u8]| {
        let index = |p: &[u8]| u8::from(p[0] > 150) | u8::from(p[1] > 150) << 1 | u8::from(p[2] > 150) << 2;
        line.chunks(6).map(|two| index(&two[..3]) << 4 | index(&two[3..])).collect::<Vec<_>>()
    };
    let mut table = [0u8; 64];
    for (index, bgr) in [(1, [40, 40, 200]), (2, [60, 180, 40]), (4, [200, 60, 50]), (3, [60, 210, 220])] {
        table[index * 4..index * 4 + 3].copy_from_slice(&bgr);
    }
    assert_shows(&drawing.bmp(4, &table, 0, nibbles), Format::Bmp, &drawing, 10, "4 bits");

    let bits = |line: &[u8]| {
        line.chunks(24)
            .map(|eight| eight.chunks(3).fold(0, |byte, p| byte << 1 | u8::from(p[0] > 150)))
            .collect::<Vec<_>>()
    };
    let two_colours = Drawing {
        rgb: drawing.rgb.chunks(3).flat_map(|p| if p[0] > 150 { [250; 3] } else { [10; 3] }).collect(),
        ..drawing.clone()
    };
    let table = [10, 10, 10, 0, 250, 250, 250, 0];
    assert_shows(&drawing.bmp(1, &table, 0, bits), Format::Bmp, &two_colours, 10, "1 bit");
}
