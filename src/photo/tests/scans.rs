//! TIFF as scanners write it, and GIF, in every kind that is read.

use super::pictures::*;
use super::prepare;
use crate::photo::{Format, PhotoWarning};

fn assert_shows(file: &[u8], format: Format, drawing: &Drawing, tolerance: u8, what: &str) {
    let prepared = prepare(file).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(prepared.source.format, format, "{what}");
    assert_same_corners(&decoded_elsewhere(&prepared.jpeg), drawing, tolerance, what);
}

fn grey_of(drawing: &Drawing) -> Drawing {
    Drawing { rgb: drawing.grey().iter().flat_map(|&g| [g; 3]).collect(), ..drawing.clone() }
}

/// Interleaves an alpha that is 255 in the lower half and 0 above it.
fn half_transparent(drawing: &Drawing) -> (Vec<u8>, Drawing) {
    let half = drawing.width * drawing.height / 2;
    let rgba = drawing.rgb.chunks(3).enumerate();
    let rgba = rgba.flat_map(|(i, p)| [p[0], p[1], p[2], if i < half { 0 } else { 255 }]).collect();
    let shown = drawing.rgb.iter().enumerate().map(|(i, &s)| if i < half * 3 { 255 } else { s }).collect();
    (rgba, Drawing { rgb: shown, ..drawing.clone() })
}

#[test]
fn every_kind_of_tiff_is_read() {
    let drawing = portrait(150, 201, 12);
    let grey = grey_of(&drawing);
    let wide = |samples: &[u8], big: bool| -> Vec<u8> {
        samples.iter().flat_map(|&s| if big { [s, 0x5a] } else { [0x5a, s] }).collect()
    };
    let inverted: Vec<u8> = drawing.grey().iter().map(|g| 255 - g).collect();
    let (rgba, on_white) = half_transparent(&drawing);
    let multiplied: Vec<u8> =
        rgba.chunks(4).flat_map(|p| if p[3] == 0 { [0; 4] } else { [p[0], p[1], p[2], 255] }).collect();
    let planes: Vec<u8> = (0..3).flat_map(|i| drawing.rgb.iter().skip(i).step_by(3)).copied().collect();
    let rgb = TiffKind { photometric: 2, bits: 8, samples: 3, ..TIFF_GREY };
    let cases = [
        ("grey", TIFF_GREY, drawing.grey(), &grey),
        ("grey, white is zero", TiffKind { photometric: 0, ..TIFF_GREY }, inverted, &grey),
        ("grey, 16 bits", TiffKind { bits: 16, ..TIFF_GREY }, wide(&drawing.grey(), false), &grey),
        ("RGB", rgb, drawing.rgb.clone(), &drawing),
        ("RGB, one strip", TiffKind { rows: 201, ..rgb }, drawing.rgb.clone(), &drawing),
        ("RGB, big end first", TiffKind { big_endian: true, ..rgb }, drawing.rgb.clone(), &drawing),
        ("RGB, 16 bits", TiffKind { bits: 16, ..rgb }, wide(&drawing.rgb, false), &drawing),
        (
            "RGB, 16 bits, big end first",
            TiffKind { bits: 16, big_endian: true, ..rgb },
            wide(&drawing.rgb, true),
            &drawing,
        ),
        ("RGB in planes", TiffKind { planar: 2, rows: 201, ..rgb }, planes, &drawing),
        ("RGB and alpha", TiffKind { samples: 4, extra: 2, ..rgb }, rgba.clone(), &on_white),
        ("multiplied", TiffKind { samples: 4, extra: 1, ..rgb }, multiplied, &on_white),
        ("RGB and something", TiffKind { samples: 4, extra: 0, ..rgb }, rgba, &drawing),
    ];
    for (what, kind, samples, shown) in cases {
        assert_shows(&drawing.tiff(kind, &samples), Format::Tiff, shown, 14, what);
    }
}

#[test]
fn a_tiff_in_tiles_is_read_to_its_edges() {
    let drawing = portrait(150, 201, 12);
    let rgb = TiffKind { photometric: 2, samples: 3, ..TIFF_GREY };
    for tile in [64, 256] {
        let kind = TiffKind { tile, ..rgb };
        assert_shows(&drawing.tiff_in_tiles(kind), Format::Tiff, &drawing, 14, &format!("tiles of {tile}"));
    }
}

#[test]
fn a_tiff_of_one_bit_is_read() {
    let drawing = portrait(304, 400, 0);
    let light = |p: &[u8]| p.iter().map(|&s| u32::from(s)).sum::<u32>() > 320;
    let bits: Vec<u8> = drawing
        .rgb
        .chunks(24)
        .map(|eight| eight.chunks(3).fold(0, |byte, p| byte << 1 | u8::from(light(p))))
        .collect();
    let shown = Drawing {
        rgb: drawing.rgb.chunks(3).flat_map(|p| [if light(p) { 255 } else { 0 }; 3]).collect(),
        ..drawing
    };
    let kind = TiffKind { bits: 1, ..TIFF_GREY };
    assert_shows(&shown.tiff(kind, &bits), Format::Tiff, &shown, 10, "1 bit");
}

#[test]
fn a_raw_file_is_refused_by_its_name_and_a_rare_tiff_as_rare() {
    let drawing = portrait(64, 64, 12);
    let code = |kind: TiffKind| {
        let samples = if kind.samples == 3 { drawing.rgb.clone() } else { drawing.grey() };
        prepare(&drawing.tiff(kind, &samples)).unwrap_err().to_string()
    };
    assert_eq!(
        code(TiffKind { photometric: 32803, ..TIFF_GREY }),
        "the file is a raw camera file; convert it to JPEG"
    );
    for rare in [
        TiffKind { photometric: 8, samples: 3, ..TIFF_GREY },
        TiffKind { compression: 7, ..TIFF_GREY },
        TiffKind { compression: 4, ..TIFF_GREY },
    ] {
        assert!(code(rare).starts_with("a rare kind of TIFF"), "{}", code(rare));
    }
}

#[test]
fn gifs_are_read_and_white_where_they_are_transparent_or_do_not_reach() {
    let drawing = portrait(320, 400, 0);
    for interlaced in [false, true] {
        let what = if interlaced { "interlaced" } else { "in order" };
        let kind = GifKind { interlaced, ..GIF };
        assert_shows(&drawing.gif(kind), Format::Gif, &drawing, 34, what);
    }
    let sky = Drawing {
        rgb: drawing.rgb.iter().enumerate().map(|(i, &s)| if i < 320 * 100 * 3 { 255 } else { s }).collect(),
        ..drawing.clone()
    };
    assert_shows(&drawing.gif(GifKind { clear_rows: 100, ..GIF }), Format::Gif, &sky, 34, "transparent");
    let smaller = prepare(&drawing.gif(GifKind { screen: Some((200, 90)), ..GIF })).unwrap();
    assert_eq!((smaller.source.width, smaller.source.height), (320, 400), "a screen that is too small");
    let wider = prepare(&drawing.gif(GifKind { screen: Some((420, 400)), ..GIF })).unwrap();
    let sent = decoded_elsewhere(&wider.jpeg);
    assert_eq!((sent.width, sent.height), (420, 400));
    assert!(corners(&sent)[1].iter().all(|&s| s > 250), "where the picture does not reach");
}

#[test]
fn the_first_of_several_pictures_is_sent_and_said_to_be() {
    let one = portrait(320, 400, 0).gif(GIF);
    assert!(!prepare(&one).unwrap().warnings.contains(&PhotoWarning::FirstOfSeveral));
    for file in [
        &include_bytes!("../../../fixtures/photo/two.gif")[..],
        include_bytes!("../../../fixtures/photo/two.tif"),
    ] {
        assert!(prepare(file).unwrap().warnings.contains(&PhotoWarning::FirstOfSeveral));
    }
}
