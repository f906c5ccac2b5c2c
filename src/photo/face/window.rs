//! One window, brought to 40 by 40 pixels, as the judges see it: how steep it is, which way, in its patches.
//!
//! Each patch has two by two cells. Of each cell eight sums are told: the slope to the right and its size, where
//! the picture falls and where it rises downwards; and the slope downwards and its size, where it falls and
//! where it rises to the right.

use super::grey::Grey;
use super::level::Steps;
use super::square::Square;

/// The side of a window, in pixels.
pub(super) const SIDE: usize = 40;

/// Sums of a cell, and numbers that describe a patch: four cells.
const SUMS: usize = 8;
pub(super) const PATCH_VALUES: usize = 4 * SUMS;

/// The least side of a patch, and the grid on which patches lie, in pixels.
const LEAST: usize = 16;
const GRID: usize = 16;

/// The forms of patches, in the order that the model numbers them: width to height.
const FORMS: [(usize, usize); 5] = [(1, 1), (1, 2), (2, 1), (2, 3), (3, 2)];

/// A part of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    x: usize,
    y: usize,
    /// Of one of its cells.
    width: usize,
    height: usize,
}

/// Lists all patches, as the model numbers them from 1.
pub(super) fn patches() -> Vec<Patch> {
    let mut patches = Vec::new();
    for (form_width, form_height) in FORMS {
        for height in (LEAST..=SIDE).filter(|height| height % 2 == 0 && height % form_height == 0) {
            let width = height / form_height * form_width;
            if width % 2 != 0 || !(LEAST..=SIDE).contains(&width) {
                continue;
            }
            for y in (0..=SIDE - height).step_by(GRID) {
                for x in (0..=SIDE - width).step_by(GRID) {
                    patches.push(Patch { x, y, width: width / 2, height: height / 2 });
                }
            }
        }
    }
    patches
}

/// The slopes of a window, summed up from its top.
pub(super) struct Window {
    pixels: [[u8; SIDE]; SIDE],
    /// `sums[y][k][x]`: the `k`th of the eight, over the pixels of column `x` above row `y`.
    sums: Vec<[[i16; SIDE]; SUMS]>,
    /// A copy of a window that reaches over the picture's edge, where it is black.
    beyond: Vec<u8>,
    values: Vec<f32>,
}

impl Window {
    pub fn new() -> Self {
        Self {
            pixels: [[0; SIDE]; SIDE],
            sums: vec![[[0; SIDE]; SUMS]; SIDE + 1],
            beyond: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Looks at a square of the picture. `false`: there is nothing of the picture in it.
    pub fn look_at(&mut self, picture: &Grey, square: Square) -> bool {
        let (width, height) = (picture.width, picture.height);
        let Some(side) = usize::try_from(square.side).ok().filter(|&side| side >= 2) else { return false };
        if let (Ok(x), Ok(y)) = (usize::try_from(square.x), usize::try_from(square.y))
            && x + side <= width
            && y + side <= height
        {
            self.sample(&picture.samples, width, (x, y), side);
            self.sum_up();
            return true;
        }
        // As much of each row as lies inside, at its place.
        let inside = |at: i32, most: usize| {
            let skipped = usize::try_from(-i64::from(at)).unwrap_or(0);
            let from = usize::try_from(at).unwrap_or(0);
            (skipped, from, (side.saturating_sub(skipped)).min(most.saturating_sub(from)))
        };
        let (left, from_x, columns) = inside(square.x, width);
        let (top, from_y, rows) = inside(square.y, height);
        if columns == 0 || rows == 0 {
            return false;
        }
        let mut beyond = std::mem::take(&mut self.beyond);
        beyond.clear();
        beyond.resize(side * side, 0);
        for row in 0..rows {
            let from = (from_y + row) * width + from_x;
            let to = (top + row) * side + left;
            beyond[to..to + columns].copy_from_slice(&picture.samples[from..from + columns]);
        }
        self.sample(&beyond, side, (0, 0), side);
        self.beyond = beyond;
        self.sum_up();
        true
    }

    /// Scales a square that lies inside, bilinearly, from four pixels each.
    fn sample(&mut self, samples: &[u8], stride: usize, (x, y): (usize, usize), side: usize) {
        let mut steps = Steps::new(side, SIDE);
        let source = |row: usize| &samples[(y + row) * stride + x..][..side];
        for (i, pixels) in self.pixels.iter_mut().enumerate() {
            let (row, share) = steps.step(i);
            steps.blend(row, share, source, pixels);
        }
    }

    fn sum_up(&mut self) {
        for y in 0..SIDE {
            let row = &self.pixels[y];
            let (above, below) = (&self.pixels[y.saturating_sub(1)], &self.pixels[(y + 1).min(SIDE - 1)]);
            // At the edges there is only one neighbour, half as far away.
            let (down, right) = (slopes(above, below, y == 0 || y + 1 == SIDE), slopes_to_the_right(row));
            let (done, todo) = self.sums.split_at_mut(y + 1);
            add(&done[y], &mut todo[0], &right, &down);
        }
    }

    /// Describes the patches, each to the length 1.
    pub fn values(&mut self, patches: &[Patch]) -> &[f32] {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        for patch in patches {
            let sums = self.sums_of(*patch);
            let length: f64 = sums.iter().map(|&sum| f64::from(sum).powi(2)).sum::<f64>().sqrt();
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "below 2^23")]
            values.extend(sums.map(|sum| if length > 0.0 { sum as f32 / length as f32 } else { 0.0 }));
        }
        self.values = values;
        &self.values
    }

    fn sums_of(&self, patch: Patch) -> [i32; PATCH_VALUES] {
        let mut sums = [0; PATCH_VALUES];
        for (cell, sums) in sums.as_chunks_mut::<SUMS>().0.iter_mut().enumerate() {
            let (left, top) = (patch.x + cell % 2 * patch.width, patch.y + cell / 2 * patch.height);
            let (from, to) = (&self.sums[top], &self.sums[top + patch.height]);
            for ((sum, from), to) in sums.iter_mut().zip(from).zip(to) {
                let columns = from[left..left + patch.width].iter().zip(&to[left..left + patch.width]);
                // A column's own sum fits into 16 bits: 40 slopes of at most 510.
                *sum = columns.map(|(&from, &to)| i32::from(to - from)).sum();
            }
        }
        sums
    }
}

type Row<T> = [T; SIDE];

fn slopes(before: &Row<u8>, after: &Row<u8>, at_edge: bool) -> Row<i16> {
    let mut slopes = [0; SIDE];
    let times = if at_edge { 2 } else { 1 };
    for x in 0..SIDE {
        slopes[x] = (i16::from(after[x]) - i16::from(before[x])) * times;
    }
    slopes
}

fn slopes_to_the_right(row: &Row<u8>) -> Row<i16> {
    let mut slopes = [0; SIDE];
    for x in 1..SIDE - 1 {
        slopes[x] = i16::from(row[x + 1]) - i16::from(row[x - 1]);
    }
    slopes[0] = (i16::from(row[1]) - i16::from(row[0])) * 2;
    slopes[SIDE - 1] = (i16::from(row[SIDE - 1]) - i16::from(row[SIDE - 2])) * 2;
    slopes
}

/// Adds a row of slopes to the sums so far.
fn add(so_far: &[Row<i16>; SUMS], sums: &mut [Row<i16>; SUMS], right: &Row<i16>, down: &Row<i16>) {
    for x in 0..SIDE {
        let (dx, dy) = (right[x], down[x]);
        // All ones where the slope is downwards, so that no branch is needed.
        let (falls_right, falls_down) = (dx >> 15, dy >> 15);
        let each = [
            dx & !falls_down,
            dx.abs() & !falls_down,
            dx & falls_down,
            dx.abs() & falls_down,
            dy & !falls_right,
            dy.abs() & !falls_right,
            dy & falls_right,
            dy.abs() & falls_right,
        ];
        for k in 0..SUMS {
            sums[k][x] = so_far[k][x] + each[k];
        }
    }
}
