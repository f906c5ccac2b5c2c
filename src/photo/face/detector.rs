//! The detector itself: a funnel of classifiers over windows of 40 pixels, in every size of the picture.
//!
//! Scanners look at every window, and few go on; networks judge those at the picture's full size, and move the
//! window to the face; windows that agree become one, whose score is their sum. (S. Wu, M. Kan, Z. He, S. Shan,
//! X. Chen: Funnel-structured cascade for multi-view face detection with alignment-awareness, 2016.)
//!
//! Nothing here depends on what a picture holds but how long it takes, and that has a bound.

use std::collections::HashMap;

use super::grey::Grey;
use super::level::{self, Level};
use super::model::{Judge, Model};
use super::scan;
use super::square::{Square, merged};
use super::window::Window;

pub(super) use super::window::SIDE as WINDOW;

/// What a single window that looks like a face scores at most is 1; windows that agree add up.
const LOWEST_SCORE: f64 = 0.95;

/// How carefully the detector looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// From window to window, in pixels.
    step: usize,
    /// From one size of the picture to the next.
    shrink: f32,
    /// The smallest face that is looked for, in pixels.
    smallest: f32,
    /// What a window has to score at each judge; `None`: as the model says.
    threshold: Option<f32>,
}

impl Manner {
    /// As the model was made for.
    pub const USUAL: Self = Self { step: 4, shrink: 0.8, smallest: 40.0, threshold: None };

    /// For what is large, if it is there.
    pub const LARGE: Self = Self { smallest: 50.0, ..Self::USUAL };

    /// For what is large, and half hidden or blurred: windows close together, and content with less.
    pub const LENIENT: Self = Self { step: 2, shrink: 0.9, smallest: 64.0, threshold: Some(0.3) };
}

/// Windows of one scanner that are judged at most, the best ones: many times what photographs have.
const MOST_WINDOWS: usize = 2_000;

/// A square that looks like a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sight {
    pub x: f32,
    pub y: f32,
    pub side: f32,
    pub score: f32,
}

/// Finds what looks like a face, the best first.
pub(super) fn detect(picture: &Grey, manner: Manner) -> Vec<Sight> {
    let Some(model) = Model::get() else { return Vec::new() };
    if picture.width.min(picture.height) < WINDOW {
        return Vec::new();
    }
    let mut squares = proposals(model, picture, manner);
    let mut window = Window::new();
    for judge in &model.judges {
        squares = judged(judge, manner, picture, squares, &mut window);
        if let Some(share) = judge.merged_above {
            squares = merged(squares, share);
        }
    }
    squares.retain(|square| square.score >= LOWEST_SCORE && square.side > 0);
    squares.sort_by(|a, b| b.score.total_cmp(&a.score));
    squares.into_iter().map(Sight::of).collect()
}

impl Sight {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a small picture")]
    fn of(square: Square) -> Self {
        let Square { x, y, side, score } = square;
        Self { x: x as f32, y: y as f32, side: side as f32, score: score as f32 }
    }
}

/// Scans the picture in all sizes.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small picture's pixels"
)]
fn proposals(model: &Model, picture: &Grey, manner: Manner) -> Vec<Square> {
    let (width, height) = (picture.width, picture.height);
    let mut found: Vec<Vec<Square>> = model.scanners.iter().map(|_| Vec::new()).collect();
    let smallest = WINDOW as f32 / width.min(height) as f32;
    let mut scale = WINDOW as f32 / manner.smallest;
    while scale >= smallest {
        let size = |px: usize| ((px as f32 * scale) as usize).max(WINDOW);
        let smaller = (scale < 1.0).then(|| level::scaled(picture, size(width), size(height)));
        let shown = smaller.as_ref().unwrap_or(picture);
        let back = |px: usize| (px as f32 / scale + 0.5) as i32;
        let hits = scan::scan(&model.scanners, &Level::of(shown), shown.height, manner.step);
        for (found, hits) in found.iter_mut().zip(hits) {
            found.extend(hits.into_iter().map(|hit| Square {
                x: back(hit.x),
                y: back(hit.y),
                side: back(WINDOW),
                score: hit.score.into(),
            }));
        }
        scale *= manner.shrink;
    }
    let best = |mut squares: Vec<Square>| {
        squares.sort_by(|a, b| b.score.total_cmp(&a.score));
        squares.truncate(MOST_WINDOWS);
        merged(squares, Model::MERGED_ABOVE)
    };
    found.into_iter().flat_map(best).collect()
}

/// Keeps the squares that a judge takes for a face, moved to where it sees the face.
fn judged(
    judge: &Judge,
    manner: Manner,
    picture: &Grey,
    squares: Vec<Square>,
    window: &mut Window,
) -> Vec<Square> {
    let threshold = manner.threshold.unwrap_or(judge.threshold);
    // The scanners agree about many windows: each is judged once.
    let mut known: HashMap<(i32, i32, i32), Option<Square>> = HashMap::with_capacity(squares.len());
    let judge = |square: Square| {
        *known.entry((square.x, square.y, square.side)).or_insert_with(|| {
            if !window.look_at(picture, square) {
                return None;
            }
            let answers = judge.network.judge(window.values(&judge.patches));
            (answers[0] > threshold).then(|| square.moved(answers))
        })
    };
    squares.into_iter().filter_map(judge).collect()
}

impl Square {
    /// Moves the square as a judge says.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a small picture")]
    fn moved(self, [score, right, down, larger]: [f32; 4]) -> Self {
        let change = |answer: f32| answer * 2.0 - 1.0;
        let own = self.side as f32;
        let side = (change(larger) * own + own + 0.5).floor();
        // What reaches over the upper and left edges is judged with black there, and measured from the edges.
        let at = |at: i32, answer: f32| {
            (change(answer) * own + at.max(0) as f32 + (own - side) * 0.5 + 0.5).floor() as i32
        };
        Self { x: at(self.x, right), y: at(self.y, down), side: side as i32, score: score.into() }
    }
}
