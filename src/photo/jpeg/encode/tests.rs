//! What is encoded, against what other decoders make of it and other encoders write.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::super::super::plane::Plane;
use super::super::super::tests::pictures::{BASELINE, Jpeg, decoded_elsewhere, portrait};
use super::super::tests::{WHOLE, by_libjpeg, by_sequential, likeness, repeated};
use super::Transformed;

const KINDS: [Jpeg; 5] = [
    BASELINE,
    Jpeg { sampling: SamplingFactor::R_4_4_4, ..BASELINE },
    Jpeg { sampling: SamplingFactor::R_4_2_2, ..BASELINE },
    Jpeg { sampling: SamplingFactor::R_4_4_0, ..BASELINE },
    Jpeg { colour: ColorType::Luma, ..BASELINE },
];

/// The planes of a drawing, as a file of that kind has them.
fn planes(width: usize, height: usize, grain: u8, kind: Jpeg) -> Vec<Plane> {
    let file = portrait(width, height, grain).jpeg(Jpeg { quality: 95, ..kind });
    by_sequential(&file, WHOLE).unwrap().planes
}

/// The segments of a file with this marker.
fn segments(file: &[u8], marker: u8) -> Vec<&[u8]> {
    let (mut at, mut found) = (2, Vec::new());
    while file[at + 1] != 0xda {
        let end = at + 2 + usize::from(file[at + 2]) * 256 + usize::from(file[at + 3]);
        if file[at + 1] == marker {
            found.push(&file[at + 4..end]);
        }
        at = end;
    }
    found
}

#[test]
fn at_the_highest_quality_every_sample_comes_back() {
    for (width, height) in [(97, 131), (16, 16), (33, 8), (1, 50), (50, 1), (15, 17), (160, 64)] {
        for grain in [0, 12, 127] {
            for kind in KINDS {
                let what = format!("{width}x{height}, grain {grain}, {:?}", kind.sampling);
                let planes = planes(width, height, grain, kind);
                let file = Transformed::new(&planes).unwrap().encoded(100);
                let theirs = by_libjpeg(&file, WHOLE).unwrap_or_else(|| panic!("{what}: refused"));
                let ours = by_sequential(&file, WHOLE).unwrap_or_else(|| panic!("{what}: refused by us"));
                assert_eq!((theirs.planes.len(), ours.planes.len()), (planes.len(), planes.len()), "{what}");
                for ((plane, ours), theirs) in planes.iter().zip(&ours.planes).zip(&theirs.planes) {
                    let whole = repeated(plane, width, height);
                    assert!(likeness(ours, plane) > 48.0, "{what}: {} dB", likeness(ours, plane));
                    // libjpeg's fast transform is at its worst here.
                    assert!(likeness(theirs, &whole) > 24.0, "{what}: {} dB", likeness(theirs, &whole));
                }
                let elsewhere = decoded_elsewhere(&file);
                assert_eq!((elsewhere.width, elsewhere.height), (width, height), "{what}");
            }
        }
    }
}

#[test]
fn a_quality_means_what_it_means_elsewhere_and_takes_fewer_bytes() {
    for kind in KINDS {
        for quality in [1, 10, 30, 49, 50, 51, 78, 95, 99, 100] {
            let planes = planes(200, 264, 20, kind);
            let ours = Transformed::new(&planes).unwrap().encoded(quality);
            let theirs = portrait(200, 264, 20).jpeg(Jpeg { quality, ..kind });
            // Grey pictures get one table here.
            assert!(segments(&theirs, 0xdb).starts_with(&segments(&ours, 0xdb)), "{quality}");
            // The tables that everyone uses take 420 bytes; ours have only what occurs.
            let (ours, theirs) = (ours.len(), theirs.len());
            assert!(
                ours < theirs && (quality < 30 || (ours + 420) * 3 > theirs * 2),
                "{quality}: {ours} for {theirs}"
            );
        }
    }
}

#[test]
fn a_length_is_estimated_from_all_of_a_picture_or_a_part() {
    for kind in KINDS {
        for (grain, quality) in [(0, 90), (20, 30), (20, 78), (60, 50)] {
            let planes = planes(360, 480, grain, kind);
            let picture = Transformed::new(&planes).unwrap();
            let len = picture.encoded(quality).len();
            let off = |one_in| picture.estimated_len(quality, one_in).abs_diff(len) * 100 / len;
            assert!(off(1) <= 5, "grain {grain}, quality {quality}: {} %", off(1));
            assert!(off(4) <= 15, "grain {grain}, quality {quality}: {} %", off(4));
        }
    }
}

#[test]
fn blocks_that_are_not_kept_are_the_same_when_made_anew() {
    for kind in KINDS {
        let planes = planes(97, 131, 30, kind);
        let picture = Transformed::new(&planes).unwrap();
        let kept = picture.encoded(80);
        assert!(!picture.kept.is_empty());
        let anew = Transformed { kept: Vec::new(), ..picture };
        assert!(anew.encoded(80) == kept);
    }
}

#[test]
fn what_no_file_can_hold_is_refused() {
    let wide = Plane { width: 1 << 16, height: 1, depth: 1, samples: vec![0; 1 << 16] };
    assert!(Transformed::new(&[wide]).is_none());
    assert!(Transformed::new(&[]).is_none());
}
