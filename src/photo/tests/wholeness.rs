//! A picture of which a piece is missing is never sent.

use super::pictures::*;
use super::prepare;
use crate::photo::{Held, PhotoRejection, PhotoWarning, exif};
use jpeg_encoder::ColorType;

/// Where files are cut, in percent.
const CUTS: &[usize] = &[5, 40, 75, 90, 97, 99];

/// JPEGs of all codings, large and small.
fn jpegs() -> Vec<(&'static str, Vec<u8>)> {
    let (large, small) = (portrait(360, 480, 24), portrait(420, 560, 14));
    vec![
        ("baseline", large.jpeg(BASELINE)),
        ("with restarts", large.jpeg(Jpeg { restart: 5, ..BASELINE })),
        ("progressive", large.jpeg(PROGRESSIVE)),
        ("grey", large.jpeg(Jpeg { colour: ColorType::Luma, ..BASELINE })),
        ("YCCK", large.jpeg(Jpeg { colour: ColorType::CmykAsYcck, ..BASELINE })),
        ("inside the budget", small.jpeg_between(17_000, 19_500)),
    ]
}

fn others() -> Vec<(&'static str, Vec<u8>)> {
    let drawing = portrait(253, 331, 20);
    let bgr = |line: &[u8]| line.chunks(3).flat_map(|p| [p[2], p[1], p[0]]).collect::<Vec<_>>();
    vec![
        ("PNG", drawing.rgb_png()),
        ("interlaced PNG", include_bytes!("../../../fixtures/photo/interlaced.png").to_vec()),
        ("lossless WebP", drawing.webp()),
        ("lossy WebP", include_bytes!("../../../fixtures/photo/lossy.webp").to_vec()),
        ("BMP", drawing.bmp(24, &[], 0, bgr)),
        ("TIFF", drawing.tiff(TiffKind { photometric: 2, samples: 3, ..TIFF_GREY }, &drawing.rgb)),
        ("LZW TIFF", include_bytes!("../../../fixtures/photo/cmyk.tif").to_vec()),
        ("GIF", drawing.gif(GIF)),
        ("interlaced GIF", drawing.gif(GifKind { interlaced: true, ..GIF })),
    ]
}

fn assert_refused(file: &[u8], what: &str) {
    match prepare(file) {
        Ok(prepared) => panic!("{what}: sent as {prepared:?}"),
        Err(e) => assert!(
            matches!(
                e.code(),
                "photo-truncated" | "photo-damaged" | "photo-not-a-picture" | "photo-unsupported-kind"
            ),
            "{what}: {e}"
        ),
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    for (kind, file) in jpegs().into_iter().chain(others()) {
        assert!(prepare(&file).is_ok(), "{kind}");
        for &percent in CUTS {
            assert_refused(&file[..file.len() * percent / 100], &format!("{kind}, {percent} %"));
        }
        for missing in [8, 16, 40] {
            assert_refused(&file[..file.len() - missing], &format!("{kind}, {missing} bytes missing"));
        }
    }
}

#[test]
fn a_file_that_is_cut_off_says_how_much_of_it_is_there() {
    let said = |file: &[u8]| match prepare(file) {
        Err(PhotoRejection::Truncated { held, .. }) => held,
        other => panic!("{other:?}"),
    };
    let half = |file: &[u8]| file[..file.len() / 2].to_vec();
    let all = jpegs().into_iter().chain(others()).collect::<std::collections::HashMap<_, _>>();
    for kind in ["baseline", "with restarts", "grey", "YCCK", "inside the budget", "PNG", "BMP", "GIF"] {
        let held = said(&half(&all[kind]));
        assert!(matches!(held, Held::Lines(30..=70)), "{kind}: {held:?}");
    }
    // A TIFF may end with the list of where its strips are.
    for kind in ["lossless WebP", "lossy WebP", "TIFF", "LZW TIFF"] {
        let held = said(&half(&all[kind]));
        assert!(matches!(held, Held::Bytes(49..=52)), "{kind}: {held:?}");
    }
    let progressive = &all["progressive"];
    let held = said(&half(progressive));
    assert!(matches!(held, Held::Passes { passes: 1.., percent: 1..=99 }), "{held:?}");
    assert_eq!(said(&progressive[..20]), Held::Lines(0));
    let message = prepare(&half(&all["baseline"])).unwrap_err().to_string();
    assert!(message.contains(" % of its lines are there"), "{message}");
}

#[test]
fn a_cut_jpeg_with_an_end_marker_put_behind_it_is_refused() {
    for (kind, file) in jpegs() {
        for &percent in CUTS {
            let mut cut = file[..file.len() * percent / 100].to_vec();
            cut.extend([0xff, 0xd9]);
            assert_refused(&cut, &format!("{kind}, {percent} %"));
        }
    }
}

#[test]
fn a_file_whose_tail_is_zeros_is_refused() {
    for (kind, file) in jpegs().into_iter().chain(others()) {
        for &percent in CUTS {
            let from = file.len() * percent / 100;
            let mut zeroed = file.clone();
            zeroed[from..].fill(0);
            assert_refused(&zeroed, &format!("{kind}, zeros from {percent} %"));
            if matches!(kind, "PNG" | "interlaced PNG") || kind.ends_with("WebP") || kind == "BMP" {
                continue;
            }
            // The same with the end marker in its place: the blocks alone have to give it away.
            let end = zeroed.len() - 2;
            zeroed[end..].copy_from_slice(&[0xff, 0xd9]);
            assert_refused(&zeroed, &format!("{kind}, zeros from {percent} % to the end marker"));
        }
    }
}

#[test]
fn a_progressive_jpeg_without_its_last_scan_is_refused() {
    let file = portrait(360, 480, 24).jpeg(PROGRESSIVE);
    let last_scan = file.windows(2).rposition(|w| w == [0xff, 0xda]).unwrap();
    let mut cut = file[..last_scan].to_vec();
    assert_refused(&cut, "cut");
    cut.extend([0xff, 0xd9]);
    assert_refused(&cut, "closed");
}

#[test]
fn a_jpeg_that_lacks_only_its_end_marker_is_sent_with_a_warning() {
    for (kind, file) in jpegs() {
        let whole = prepare(&file).unwrap();
        let cut = prepare(&file[..file.len() - 2]).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert!(cut.jpeg == whole.jpeg, "{kind}");
        assert!(cut.warnings.contains(&PhotoWarning::NoEndMarker), "{kind}");
    }
}

#[test]
fn missing_bytes_in_the_middle_are_noticed() {
    for (kind, file) in jpegs() {
        let middle = file.len() / 2;
        let mut hole = file.clone();
        hole.drain(middle..middle + 2000);
        assert_refused(&hole, kind);
    }
}

#[test]
fn what_phones_append_is_neither_read_nor_sent() {
    for (kind, file) in jpegs() {
        let expected = prepare(&file).unwrap();
        let mut motion = file.clone();
        motion.extend(b"\0\0\0\x18ftypmp42");
        motion.extend((0..100_000u32).map(|i| (i * 7) as u8));
        assert!(prepare(&motion).unwrap().jpeg == expected.jpeg, "{kind}, a video behind it");
        let mut second = file.clone();
        second.extend(portrait(200, 200, 3).jpeg(BASELINE));
        assert!(prepare(&second).unwrap().jpeg == expected.jpeg, "{kind}, a second picture behind it");
    }
}

#[test]
fn a_thumbnail_in_the_header_is_not_taken_for_the_picture() {
    let drawing = portrait(360, 480, 24);
    let file = drawing.jpeg(BASELINE);
    let mut block = exif::block_with(1, true);
    block.extend(portrait(160, 120, 60).jpeg(BASELINE));
    let with_thumbnail = with_segment(&file, 0xe1, &block);
    assert!(prepare(&with_thumbnail).unwrap().jpeg == prepare(&file).unwrap().jpeg);
}

#[test]
fn padding_before_the_end_marker_is_let_pass_if_it_is_a_few_bytes() {
    for (kind, file) in jpegs() {
        let mut padded = file[..file.len() - 2].to_vec();
        padded.extend([0, 0, 0, 0xff, 0xd9]);
        assert!(prepare(&padded).is_ok(), "{kind}");
        let end = padded.len() - 2;
        padded.splice(end..end, [0x5a; 100]);
        assert_refused(&padded, kind);
    }
}
