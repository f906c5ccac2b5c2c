//! The scanners: quick looks at every window, most of which a few comparisons rule out.

use super::level::{Level, REACH};
use super::window::SIDE;

/// Votes after which it is asked whether a window may go on.
pub(super) const GROUP: usize = 10;

/// A place in the window, and what each of its comparisons is worth.
pub(super) struct Vote {
    pub x: usize,
    pub y: usize,
    pub weights: Box<[f32; 256]>,
}

pub(super) struct Scanner {
    pub votes: Vec<Vote>,
    /// One for each group of votes: what those so far have to add up to.
    pub thresholds: Vec<f32>,
}

/// A window that may show a face.
pub(super) struct Hit {
    pub x: usize,
    pub y: usize,
    pub score: f32,
}

impl Scanner {
    /// Tells whether a place lies in the window with all that it reaches over.
    pub fn reaches(x: usize, y: usize) -> bool {
        x + REACH <= SIDE && y + REACH <= SIDE
    }

    fn votes_at(&self, level: &Level) -> Vec<(usize, &[f32; 256])> {
        self.votes.iter().map(|vote| (vote.y * level.width + vote.x, &*vote.weights)).collect()
    }
}

/// Looks at the windows of a level, each `step` pixels; gives the hits of each scanner, row after row.
pub(super) fn scan(scanners: &[Scanner], level: &Level, height: usize, step: usize) -> Vec<Vec<Hit>> {
    let mut hits: Vec<Vec<Hit>> = scanners.iter().map(|_| Vec::new()).collect();
    let votes: Vec<_> = scanners.iter().map(|scanner| scanner.votes_at(level)).collect();
    for y in (0..=height - SIDE).step_by(step) {
        for x in (0..=level.width - SIDE).step_by(step) {
            if level.is_flat(x, y) {
                continue;
            }
            let window = &level.darker[y * level.width + x..];
            for ((scanner, votes), hits) in scanners.iter().zip(&votes).zip(&mut hits) {
                if let Some(score) = score(window, votes, &scanner.thresholds) {
                    hits.push(Hit { x, y, score });
                }
            }
        }
    }
    hits
}

fn score(window: &[u8], votes: &[(usize, &[f32; 256])], thresholds: &[f32]) -> Option<f32> {
    let mut score = 0.0;
    for (group, &threshold) in votes.as_chunks::<GROUP>().0.iter().zip(thresholds) {
        for &(at, weights) in group {
            score += weights[usize::from(window[at])];
        }
        if score < threshold {
            return None;
        }
    }
    Some(score)
}
