//! The detector itself: a cascade of classifiers over windows of 40 pixels, in every size (`SeetaFace`).
//!
//! Model: Visual Information Processing and Learning group, Institute of Computing Technology, Chinese
//! Academy of Sciences; see `LICENSE.seetaface` beside this file.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::grey::Grey;

static MODEL: &[u8] = include_bytes!("seeta_fd_frontal_v1.0.bin");

/// The side of the smallest face that is found, in pixels.
pub(super) const WINDOW: usize = 40;

/// What a single window that looks like a face scores at most; windows that agree add up.
const LOWEST_SCORE: f64 = 0.95;

/// A square that looks like a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sight {
    pub x: f32,
    pub y: f32,
    pub side: f32,
    pub score: f32,
}

thread_local! {
    /// The model is read once in each thread that prepares photos.
    static DETECTOR: RefCell<Option<Box<dyn rustface::Detector>>> = const { RefCell::new(None) };
}

/// Finds what looks like a face, the best first.
pub(super) fn detect(picture: &Grey) -> Vec<Sight> {
    if picture.width.min(picture.height) < WINDOW {
        return Vec::new();
    }
    // A detector that breaks down over a picture has seen no face on it, and is made anew for the next one.
    let found = DETECTOR.with(|detector| {
        let mut detector = detector.borrow_mut();
        let mut taken = match detector.take() {
            Some(ready) => ready,
            None => rustface::create_detector_with_model(rustface::read_model(MODEL).ok()?),
        };
        taken.set_score_thresh(LOWEST_SCORE);
        let found = catch_unwind(AssertUnwindSafe(|| run(&mut *taken, picture))).ok()?;
        *detector = Some(taken);
        Some(found)
    });
    let mut found = found.unwrap_or_default();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "pixels of a small picture")]
fn run(detector: &mut dyn rustface::Detector, picture: &Grey) -> Vec<Sight> {
    let side = |px: usize| u32::try_from(px).unwrap_or(0);
    let image = rustface::ImageData::new(&picture.samples, side(picture.width), side(picture.height));
    let sights = detector.detect(&image).into_iter().map(|face| {
        let at = face.bbox();
        Sight { x: at.x() as f32, y: at.y() as f32, side: at.width() as f32, score: face.score() as f32 }
    });
    sights.filter(|sight| sight.side > 0.0).collect()
}
