//! One size of the picture, as the scanners see it: for each place, which of its eight neighbours are lighter.

use super::grey::Grey;
use super::window::SIDE;

/// The side of the squares that are compared, in pixels: a place's own, and the eight around it.
const SQUARE: usize = 3;

/// What a place reaches over, to the right and below, in pixels.
pub(super) const REACH: usize = 3 * SQUARE;

/// The step from window to window, which is the side of the blocks whose light is summed up, in pixels.
pub(super) const STEP: usize = 4;
const BLOCKS: usize = SIDE / STEP;

/// Light varies less than this over a window without a face: standard deviation, of 0 to 255.
const FLAT: u64 = 10;

/// Where pixels of one line are taken from when it is scaled: the first of two, and the share of the second.
pub(super) struct Steps {
    steps: Vec<(usize, f64)>,
    /// Two lines of the source, and how they look with these steps.
    lines: [(Option<usize>, Vec<f64>); 2],
}

impl Steps {
    /// From `from` pixels, two at least, to `to`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a line"
    )]
    pub fn new(from: usize, to: usize) -> Self {
        let scale = from as f64 / to as f64;
        let step = |i: usize| {
            let at = scale * i as f64;
            let first = (at as usize).min(from - 2);
            (first, at - first as f64)
        };
        Self { steps: (0..to).map(step).collect(), lines: [(None, vec![0.0; to]), (None, vec![0.0; to])] }
    }

    pub fn step(&self, i: usize) -> (usize, f64) {
        self.steps[i]
    }

    /// Blends the source's line `number` with the next, `share` of that one, into the steps of a line.
    /// Numbers only go up.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of samples of 0 to 255, cut off"
    )]
    pub fn blend<'a>(
        &mut self,
        number: usize,
        share: f64,
        source: impl Fn(usize) -> &'a [u8],
        line: &mut [u8],
    ) {
        if self.lines[1].0 == Some(number) {
            self.lines.swap(0, 1);
        }
        for (which, number) in [number, number + 1].into_iter().enumerate() {
            let (known, blended) = &mut self.lines[which];
            if *known != Some(number) {
                *known = Some(number);
                let source = source(number);
                for (blended, &(first, next)) in blended.iter_mut().zip(&self.steps) {
                    let pair = &source[first..first + 2];
                    *blended = (1.0 - next) * f64::from(pair[0]) + next * f64::from(pair[1]);
                }
            }
        }
        let [(_, upper), (_, lower)] = &self.lines;
        for ((pixel, upper), lower) in line.iter_mut().zip(upper).zip(lower) {
            *pixel = ((1.0 - share) * upper + share * lower) as u8;
        }
    }
}

/// Scales a picture down to a size, bilinearly, from four pixels each.
pub(super) fn scaled(picture: &Grey, width: usize, height: usize) -> Grey {
    let (mut columns, rows) = (Steps::new(picture.width, width), Steps::new(picture.height, height));
    let source = |row: usize| &picture.samples[row * picture.width..(row + 1) * picture.width];
    let mut samples = vec![0; width * height];
    for (y, line) in samples.chunks_exact_mut(width).enumerate() {
        let (row, share) = rows.step(y);
        columns.blend(row, share, source, line);
    }
    Grey { width, height, samples }
}

pub(super) struct Level {
    pub width: usize,
    /// One bit for each neighbour that is no lighter than the place; nothing where the reach ends.
    pub darker: Vec<u8>,
    /// Of the blocks above and left of each corner: light, and its square.
    light: Vec<(u64, u64)>,
    blocks_across: usize,
}

impl Level {
    /// Of a picture with at least a window's sides.
    pub fn of(picture: &Grey) -> Self {
        let (light, blocks_across) = light(picture);
        Self { width: picture.width, darker: darker(picture), light, blocks_across }
    }

    /// Tells whether the window is too flat for a face, to a block.
    pub fn is_flat(&self, x: usize, y: usize) -> bool {
        const PIXELS: u64 = (SIDE * SIDE) as u64;
        let corner = |x: usize, y: usize| self.light[y * (self.blocks_across + 1) + x];
        let (left, top) = (x / STEP, y / STEP);
        let (right, bottom) = (left + BLOCKS, top + BLOCKS);
        let (all, before) = (corner(right, bottom), corner(left, top));
        let (above, beside) = (corner(right, top), corner(left, bottom));
        let sum = all.0 + before.0 - above.0 - beside.0;
        let squares = all.1 + before.1 - above.1 - beside.1;
        // The variance times the pixels' number twice, so that whole numbers do.
        PIXELS * squares - sum * sum <= FLAT * FLAT * PIXELS * PIXELS
    }
}

/// Sums up blocks of `STEP` by `STEP` pixels; a row and a column of zeroes come first.
fn light(picture: &Grey) -> (Vec<(u64, u64)>, usize) {
    let (across, down) = (picture.width / STEP, picture.height / STEP);
    let mut light = vec![(0, 0); (across + 1) * (down + 1)];
    for y in 0..down {
        let mut blocks = vec![(0_u32, 0_u32); across];
        for row in picture.samples.chunks_exact(picture.width).skip(y * STEP).take(STEP) {
            for (block, pixels) in blocks.iter_mut().zip(row.as_chunks::<STEP>().0) {
                for &pixel in pixels {
                    let pixel = u32::from(pixel);
                    block.0 += pixel;
                    block.1 += pixel * pixel;
                }
            }
        }
        let (done, todo) = light.split_at_mut((y + 1) * (across + 1));
        let above = &done[y * (across + 1)..];
        let mut row = (0, 0);
        for (x, block) in blocks.into_iter().enumerate() {
            row = (row.0 + u64::from(block.0), row.1 + u64::from(block.1));
            todo[x + 1] = (above[x + 1].0 + row.0, above[x + 1].1 + row.1);
        }
    }
    (light, across)
}

/// Compares the light of each square with that of its neighbours.
fn darker(picture: &Grey) -> Vec<u8> {
    let (width, height) = (picture.width, picture.height);
    let squares = squares(picture);
    let mut darker = vec![0; width * height];
    let places = (width + 1).saturating_sub(REACH);
    for y in 0..(height + 1).saturating_sub(REACH) {
        let row = |square: usize| {
            let from = (y + square * SQUARE) * width;
            let row = &squares[from..from + width];
            [&row[..places], &row[SQUARE..SQUARE + places], &row[2 * SQUARE..2 * SQUARE + places]]
        };
        let ([nw, n, ne], [w, own, e], [sw, s, se]) = (row(0), row(1), row(2));
        let line = &mut darker[y * width..y * width + places];
        for x in 0..places {
            let own = own[x];
            let bit = |neighbour: u16, bit: u8| if own >= neighbour { 1 << bit } else { 0 };
            line[x] = bit(nw[x], 7)
                | bit(n[x], 6)
                | bit(ne[x], 5)
                | bit(w[x], 4)
                | bit(e[x], 3)
                | bit(sw[x], 2)
                | bit(s[x], 1)
                | bit(se[x], 0);
        }
    }
    darker
}

/// Sums up the square that begins at each pixel.
fn squares(picture: &Grey) -> Vec<u16> {
    let width = picture.width;
    let mut squares = vec![0_u16; width * picture.height];
    let mut columns = vec![0_u16; width];
    for (y, line) in squares.chunks_exact_mut(width).enumerate() {
        let Some(rows) = picture.samples.get(y * width..(y + SQUARE) * width) else { break };
        let (first, rest) = rows.split_at(width);
        let (second, third) = rest.split_at(width);
        for x in 0..width {
            columns[x] = u16::from(first[x]) + u16::from(second[x]) + u16::from(third[x]);
        }
        let places = width + 1 - SQUARE;
        let (a, b, c) = (&columns[..places], &columns[1..=places], &columns[2..places + 2]);
        let line = &mut line[..places];
        for x in 0..places {
            line[x] = a[x] + b[x] + c[x];
        }
    }
    squares
}
