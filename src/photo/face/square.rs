//! Squares that may show a face, and how those that agree become one.

/// A square of the picture, in whole pixels; it may reach over the edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    pub x: i32,
    pub y: i32,
    pub side: i32,
    pub score: f64,
}

impl Square {
    /// The share that two squares have in common, of what they cover together.
    fn overlap(self, other: Self) -> f32 {
        let inner = |a: i32, b: i32| (a + self.side).min(b + other.side) - a.max(b);
        let (width, height) = (inner(self.x, other.x), inner(self.y, other.y));
        if width <= 0 || height <= 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a small picture's pixels")]
        let area = |width: i32, height: i32| (i64::from(width) * i64::from(height)) as f32;
        let common = area(width, height);
        common / (area(self.side, self.side) + area(other.side, other.side) - common)
    }
}

/// Takes squares that overlap the best of them by more than `share` together; their scores add up.
pub(super) fn merged(mut squares: Vec<Square>, share: f32) -> Vec<Square> {
    squares.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut merged = Vec::new();
    while let Some((&best, others)) = squares.split_first() {
        let mut score = best.score;
        let mut apart = Vec::with_capacity(others.len());
        for &other in others {
            if best.overlap(other) > share {
                score += other.score;
            } else {
                apart.push(other);
            }
        }
        merged.push(Square { score, ..best });
        squares = apart;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_that_overlap_add_up_under_the_best_of_them() {
        let square = |x, y, side, score| Square { x, y, side, score };
        let found = merged(
            vec![
                square(100, 0, 40, 5.0),
                square(0, 0, 40, 2.0),
                square(1, 0, 40, 3.0),
                square(0, 20, 40, 0.5),
            ],
            0.8,
        );
        assert_eq!(found, [square(100, 0, 40, 5.0), square(1, 0, 40, 5.0), square(0, 20, 40, 0.5)]);
    }

    #[test]
    fn the_share_in_common_is_that_of_both_together() {
        let square = |x, y, side| Square { x, y, side, score: 0.0 };
        for (a, b, expected) in [
            (square(0, 0, 10), square(0, 0, 10), 1.0),
            (square(0, 0, 10), square(5, 0, 10), 1.0 / 3.0),
            (square(0, 0, 10), square(10, 0, 10), 0.0),
            (square(-5, -5, 10), square(0, 0, 5), 0.25),
            (square(i32::MIN / 4, 0, 10), square(i32::MAX / 4, 0, 10), 0.0),
        ] {
            assert!((a.overlap(b) - expected).abs() < 1e-6, "{a:?} {b:?}");
            assert!((b.overlap(a) - expected).abs() < 1e-6, "{b:?} {a:?}");
        }
    }
}
