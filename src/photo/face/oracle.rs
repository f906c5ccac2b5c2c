//! The detector against another implementation of it, `rustface`, which the tests alone depend on.

#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "test pictures are small")]

use rustface::{Detector, ImageData};

use super::super::tests::pictures::{Drawing, decoded_elsewhere};
use super::detector::{Manner, Sight, detect};
use super::grey::Grey;

const MODEL: &[u8] = include_bytes!("seeta_fd_frontal_v1.0.bin");

const PHOTOGRAPHS: [(&str, &[u8]); 6] = [
    ("Eileen", include_bytes!("../../../fixtures/photos/larger.jpg")),
    ("Grace", include_bytes!("../../../fixtures/portraits/hopper.jpg")),
    ("Barack", include_bytes!("../../../fixtures/portraits/obama.jpg")),
    ("Joe", include_bytes!("../../../fixtures/portraits/biden.jpg")),
    ("ready", include_bytes!("../../../fixtures/photos/ready.jpg")),
    ("small", include_bytes!("../../../fixtures/photos/below-budget.jpg")),
];

struct Oracle(Box<dyn Detector>);

impl Oracle {
    fn new() -> Self {
        let mut detector = rustface::create_detector_with_model(rustface::read_model(MODEL).unwrap());
        detector.set_score_thresh(0.95);
        Self(detector)
    }

    fn detect(&mut self, picture: &Grey) -> Vec<Sight> {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let found = self.0.detect(&ImageData::new(&picture.samples, width, height));
        let mut found: Vec<Sight> = found
            .into_iter()
            .map(|face| {
                let at = face.bbox();
                Sight {
                    x: at.x() as f32,
                    y: at.y() as f32,
                    side: at.width() as f32,
                    score: face.score() as f32,
                }
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }
}

/// Both see the same squares, to a pixel, with the same scores, to a hundredth.
fn assert_agreed(oracle: &mut Oracle, picture: &Grey, what: &str) -> usize {
    let (ours, theirs) = (detect(picture, Manner::USUAL), oracle.detect(picture));
    assert_eq!(ours.len(), theirs.len(), "{what}: {ours:?} and {theirs:?}");
    for sight in &ours {
        let is_same = |other: &Sight| {
            (sight.x - other.x).abs() <= 1.0
                && (sight.y - other.y).abs() <= 1.0
                && (sight.side - other.side).abs() <= 1.0
                && (sight.score - other.score).abs() < 0.01
        };
        assert!(theirs.iter().any(is_same), "{what}: {sight:?} is not among {theirs:?}");
    }
    ours.len()
}

fn grey(drawing: &Drawing) -> Grey {
    Grey { width: drawing.width, height: drawing.height, samples: drawing.grey() }
}

fn scaled(picture: &Grey, long_side: usize) -> Grey {
    let own = picture.width.max(picture.height);
    picture.resized(picture.width * long_side / own, picture.height * long_side / own).unwrap()
}

#[test]
fn the_detector_sees_on_portraits_what_the_other_one_sees() {
    let mut oracle = Oracle::new();
    let mut seen = 0;
    for (who, file) in PHOTOGRAPHS {
        let whole = grey(&decoded_elsewhere(file));
        for (long_side, turns) in [(90, 4), (161, 4), (320, 1)] {
            let picture = scaled(&whole, long_side);
            for quarters in 0..turns {
                let what = format!("{who}, {long_side} pixels, turned by {quarters}");
                seen += assert_agreed(&mut oracle, &picture.turned(quarters), &what);
            }
            let what = format!("{who}, {long_side} pixels, equalised");
            seen += assert_agreed(&mut oracle, &picture.equalised(), &what);
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn the_detector_sees_in_noise_of_any_size_what_the_other_one_sees() {
    let mut oracle = Oracle::new();
    let mut random = 0x2545_f491_u32;
    let mut next = move || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random >> 8
    };
    for case in 0..60 {
        let (width, height) = (40 + next() as usize % 150, 40 + next() as usize % 150);
        // From grains of a pixel to clouds.
        let grain = 1 << (case % 6);
        let cells: Vec<u8> = (0..(width / grain + 1) * (height / grain + 1)).map(|_| next() as u8).collect();
        let sample = |at: usize| cells[(at / width / grain) * (width / grain + 1) + at % width / grain];
        let picture = Grey { width, height, samples: (0..width * height).map(sample).collect() };
        assert_agreed(&mut oracle, &picture, &format!("case {case}, {width}x{height}, grain {grain}"));
    }
}

#[test]
fn a_face_at_the_edges_is_seen_as_the_other_one_sees_it() {
    let mut oracle = Oracle::new();
    let mut seen = 0;
    for (who, file) in PHOTOGRAPHS {
        let whole = scaled(&grey(&decoded_elsewhere(file)), 240);
        for (left, top) in [(0, 0), (40, 0), (0, 30), (60, 40), (90, 20)] {
            for (width, height) in [(150, 130), (110, 110), (70, 100)] {
                let (left, top) = (left.min(whole.width / 3), top.min(whole.height / 3));
                let (width, height) = (width.min(whole.width - left), height.min(whole.height - top));
                let rows = whole.samples.chunks(whole.width).skip(top).take(height);
                let samples = rows.flat_map(|row| row[left..left + width].to_vec()).collect();
                let cut = Grey { width, height, samples };
                seen += assert_agreed(&mut oracle, &cut, &format!("{who}, {width}x{height} at {left},{top}"));
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
