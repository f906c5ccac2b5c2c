//! The decoder for cameras' pictures against libjpeg: the same picture, and never one that libjpeg refuses.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test pictures are small"
)]

use jpeg_encoder::{ColorType, SamplingFactor};
use proptest::prelude::*;

use super::super::face::Part;
use super::super::plane::{Filter, Plane};
use super::super::raster::Raster;
use super::super::tests::pictures::{BASELINE, Jpeg, PROGRESSIVE, portrait};
use super::alarm::Padding;
use super::{Decoder, JpegMap, decode, sequential};

/// Longer than any picture here: no scaling.
pub(super) const WHOLE: usize = 10_000;

/// The kinds that the own decoder is for.
fn common() -> Vec<Jpeg> {
    let samplings =
        [SamplingFactor::R_4_4_4, SamplingFactor::R_4_2_2, SamplingFactor::R_4_2_0, SamplingFactor::R_4_4_0];
    let colours = samplings.map(|sampling| Jpeg { sampling, ..BASELINE });
    let grey = Jpeg { colour: ColorType::Luma, ..BASELINE };
    let plain = colours.into_iter().chain([grey]);
    plain.flat_map(|kind| [0, 1, 7].map(|restart| Jpeg { restart, ..kind })).collect()
}

pub(super) fn by_sequential(file: &[u8], long_side: usize) -> Option<Raster> {
    Some(sequential::decode(file, &JpegMap::read(file).ok()?, long_side)?.0)
}

pub(super) fn by_libjpeg(file: &[u8], long_side: usize) -> Option<Raster> {
    decode::decode_with(file, &JpegMap::read(file).ok()?, None, long_side, Padding::None).ok()
}

/// The ratio of signal to noise, in decibels.
pub(super) fn likeness(a: &Plane, b: &Plane) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let square = |(&a, &b): (&u8, &u8)| f64::from(a.abs_diff(b)).powi(2);
    let error = a.samples.iter().zip(&b.samples).map(square).sum::<f64>() / a.samples.len() as f64;
    10.0 * (255.0 * 255.0 / error.max(1e-9)).log10()
}

/// Repeats each sample until the plane has the size of another.
pub(super) fn repeated(plane: &Plane, width: usize, height: usize) -> Plane {
    let (across, down) = (width.div_ceil(plane.width), height.div_ceil(plane.height));
    let at = |i: usize| plane.row(i / width / down)[i % width / across];
    Plane { width, height, depth: 1, samples: (0..width * height).map(at).collect() }
}

#[test]
fn a_part_is_the_same_part_of_the_whole() {
    let part = |left, top, width, height| Part { left, top, width, height };
    let parts = [
        Part::WHOLE,
        part(0.4, 0.3, 0.3, 0.25),
        part(0.0, 0.6, 0.1, 0.4),
        part(0.93, 0.0, 0.07, 0.01),
        part(0.5, 0.5, 1e-6, 1e-6),
    ];
    for (width, height) in [(197, 261), (33, 8), (16, 16)] {
        for kind in common() {
            let file = portrait(width, height, 30).jpeg(kind);
            let map = JpegMap::read(&file).unwrap();
            for scale in [1, 2, 4, 8] {
                let long_side = width.max(height) * scale / 8;
                let (whole, rows) = sequential::decode(&file, &map, long_side).unwrap();
                for part in parts {
                    let found = sequential::decode_part(&file, &map, long_side, &rows, part).unwrap();
                    assert!(part.within(found.shows).is_some(), "{part:?} is not within {:?}", found.shows);
                    let begins = |share: f64, side: usize| (share * side as f64).round() as usize * scale / 8;
                    let (left, top) = (begins(found.shows.left, width), begins(found.shows.top, height));
                    for (plane, all) in found.planes.iter().zip(&whole.planes) {
                        let left = if all.width < whole.width { left / 2 } else { left };
                        let top = if all.height < whole.height { top / 2 } else { top };
                        for y in 0..plane.height {
                            assert!(plane.row(y) == &all.row(top + y)[left..left + plane.width]);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_decoder_gives_a_part_alone_once_it_has_seen_the_whole() {
    let head = Part { left: 0.35, top: 0.3, width: 0.3, height: 0.4 };
    for (kind, gives_parts) in [(BASELINE, true), (PROGRESSIVE, false)] {
        let file = portrait(800, 1000, 10).jpeg(kind);
        let map = JpegMap::read(&file).unwrap();
        let mut decoder = Decoder::new(&file, &map, None);
        let least = decoder.working_bytes(1000, head);
        let first = decoder.decode(1000, head).unwrap();
        assert_eq!(first.shows, Part::WHOLE, "whether all of it is there is not known yet");
        let second = decoder.decode(1000, head).unwrap();
        assert_eq!(second.shows != Part::WHOLE, gives_parts);
        assert_eq!(decoder.working_bytes(1000, head) < least, gives_parts);
        let (first, second) = (first.part_scaled_to(head, 200), second.part_scaled_to(head, 200));
        let (first, second) = (first.unwrap(), second.unwrap());
        for (plane, other) in first.planes.iter().zip(&second.planes) {
            assert!(likeness(plane, other) > 45.0, "{}", likeness(plane, other));
        }
    }
}

#[test]
fn the_picture_is_the_one_that_libjpeg_gives() {
    for (width, height) in [(97, 131), (16, 16), (33, 8), (160, 64), (1, 50)] {
        for grain in [0, 12, 90] {
            for kind in common() {
                let file = portrait(width, height, grain).jpeg(kind);
                let what =
                    format!("{width}x{height}, grain {grain}, {:?}, restart {}", kind.sampling, kind.restart);
                let ours = by_sequential(&file, WHOLE).unwrap_or_else(|| panic!("{what}: left to libjpeg"));
                let theirs = by_libjpeg(&file, WHOLE).unwrap();
                assert_eq!(ours.planes.len(), theirs.planes.len(), "{what}");
                for (plane, expected) in ours.planes.iter().zip(&theirs.planes) {
                    let likeness = likeness(&repeated(plane, width, height), expected);
                    assert!(likeness > 45.0, "{what}: {likeness} dB");
                }
            }
        }
    }
}

#[test]
fn a_picture_that_is_scaled_down_is_the_whole_one_with_fewer_pixels() {
    let (width, height) = (640, 480);
    for kind in common().into_iter().filter(|kind| kind.restart == 0) {
        let file = portrait(width, height, 6).jpeg(kind);
        let whole = by_sequential(&file, WHOLE).unwrap();
        for (long_side, scale) in [(80, 1), (81, 2), (160, 2), (161, 4), (320, 4), (321, 8)] {
            let scaled = by_sequential(&file, long_side).unwrap();
            assert_eq!((scaled.width, scaled.height), (width * scale / 8, height * scale / 8));
            for (plane, whole) in scaled.planes.iter().zip(&whole.planes) {
                let expected = whole.scaled(None, plane.width, plane.height, Filter::Mean).unwrap();
                let likeness = likeness(plane, &expected);
                assert!(likeness > 34.0, "{:?} at {scale}/8: {likeness} dB", kind.sampling);
            }
        }
    }
}

#[test]
fn what_cameras_do_not_write_is_left_to_libjpeg() {
    let drawing = portrait(64, 48, 20);
    let kinds = [
        PROGRESSIVE,
        Jpeg { colour: ColorType::CmykAsYcck, ..BASELINE },
        Jpeg { sampling: SamplingFactor::R_4_1_1, ..BASELINE },
    ];
    for kind in kinds {
        assert!(by_sequential(&drawing.jpeg(kind), WHOLE).is_none(), "{:?}", kind.sampling);
    }
    let mut padded = drawing.jpeg(BASELINE);
    padded.insert(padded.len() - 2, 0);
    assert!(by_sequential(&padded, WHOLE).is_none(), "a byte before the end marker");
}

#[test]
fn a_picture_of_which_a_byte_is_missing_does_not_come_from_here() {
    for kind in common() {
        let file = portrait(40, 56, 30).jpeg(kind);
        let blocks = file.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap() + 14;
        let end = file.len() - 2;
        for long_side in [14, WHOLE] {
            for len in (blocks..end - 20).step_by(37).chain(end - 20..end) {
                let mut cut = file[..len].to_vec();
                assert!(by_sequential(&cut, long_side).is_none(), "{len} of {}", file.len());
                cut.extend([0xff, 0xd9]);
                assert!(by_sequential(&cut, long_side).is_none(), "{len} of {}, closed", file.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_comes_from_here_that_libjpeg_refuses(
        kind in 0..15usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
        long_side in prop::sample::select(vec![10, 20, 40, WHOLE]),
    ) {
        let mut file = portrait(80, 56, 30).jpeg(common()[kind]);
        for (index, byte, change) in changes {
            let at = 2 + index.index(file.len() - 2); // What the format is recognised by stays.
            match change {
                0 => { file.remove(at); }
                1 => file.insert(at, byte),
                _ => file[at] = byte,
            }
        }
        if by_sequential(&file, long_side).is_some() {
            // libjpeg refuses whole files over segments that it does not know; they are no part of the picture.
            let map = JpegMap::read(&file).unwrap();
            let segments = map.picture.iter().map(|segment| &file[segment.clone()]);
            let picture: Vec<&[u8]> = [&[0xff, 0xd8][..]].into_iter().chain(segments).chain([&[0xff, 0xd9][..]]).collect();
            prop_assert!(by_libjpeg(&picture.concat(), long_side).is_some());
        }
    }
}
