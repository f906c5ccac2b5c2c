//! Encodes a picture as JPEG, at several qualities in turn: it is transformed once for all of them.
//!
//! The files are baseline, with a JFIF header, no metadata, and Huffman tables of their own.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "coefficients are taken out of numbers that are larger, and put into others that hold them"
)]
#![expect(clippy::inline_always, reason = "a block stays in registers as long as all is one loop")]

mod codes;
mod file;
mod forward;
mod quantiser;
#[cfg(test)]
mod tests;
mod tokens;

use super::super::plane::Plane;
use super::lanes::Lanes;
use forward::Block;
use tokens::{Tokens, reciprocals};

/// A side of a block, in samples.
const SIDE: usize = 8;

/// The middle grey, which is taken from every sample.
const MIDDLE: f32 = 128.0;

/// Samples of luma up to which all blocks are kept; of larger pictures they are made anew each time.
const MAX_SAMPLES_KEPT: usize = 1 << 20;

/// What a file has besides its blocks and the symbols of its tables, in bytes.
const FRAME_BYTES: usize = 330;

/// A picture that can be encoded at any quality.
pub(in crate::photo) struct Transformed<'a> {
    pub width: u16,
    pub height: u16,
    components: Vec<Component<'a>>,
    /// Groups of blocks, across and down.
    groups: (usize, usize),
    /// All blocks in the order of the file, if they are few.
    kept: Vec<Block>,
}

/// One component of a picture.
struct Component<'a> {
    plane: &'a Plane,
    /// Blocks in a group, across and down.
    across: usize,
    down: usize,
}

impl<'a> Transformed<'a> {
    /// Takes the luma, and the two chromas unless the picture is grey; these may have half as many samples in
    /// a row, and half as many rows. `None` if the picture is larger than a JPEG can be.
    pub fn new(planes: &'a [Plane]) -> Option<Self> {
        let (luma, chroma) = planes.split_first()?;
        let (width, height) = (u16::try_from(luma.width).ok()?, u16::try_from(luma.height).ok()?);
        let across = chroma.first().map_or(1, |chroma| 1 + usize::from(chroma.width < luma.width));
        let down = chroma.first().map_or(1, |chroma| 1 + usize::from(chroma.height < luma.height));
        let mut components = vec![Component { plane: luma, across, down }];
        components.extend(chroma.iter().map(|plane| Component { plane, across: 1, down: 1 }));
        let groups = (luma.width.div_ceil(SIDE * across), luma.height.div_ceil(SIDE * down));
        let mut picture = Self { width, height, components, groups, kept: Vec::new() };
        if luma.samples.len() <= MAX_SAMPLES_KEPT {
            let mut kept = Vec::with_capacity(picture.blocks_in_row() * groups.1);
            (0..groups.1).for_each(|row| picture.transform(row, &mut kept));
            picture.kept = kept;
        }
        Some(picture)
    }

    /// Encodes at a quality of 1 to 100, as libjpeg counts it.
    pub fn encoded(&self, quality: u8) -> Vec<u8> {
        let tokens = self.tokens(quality, 0..self.groups.1);
        file::write(self, quality, &tokens)
    }

    /// Estimates the length of what [`Self::encoded`] gives, in bytes, from one row of groups in so many.
    pub fn estimated_len(&self, quality: u8, one_in: usize) -> usize {
        let rows = (one_in / 2..self.groups.1).step_by(one_in);
        let share = (self.groups.1, rows.len().max(1));
        let tokens = self.tokens(quality, rows);
        let symbols = tokens.frequencies.as_flattened().iter().filter(|&&count| count > 0).count();
        FRAME_BYTES + symbols + tokens.entropy_bytes() * share.0 / share.1
    }

    fn blocks_in_group(&self) -> usize {
        self.components.iter().map(|component| component.across * component.down).sum()
    }

    fn blocks_in_row(&self) -> usize {
        self.groups.0 * self.blocks_in_group()
    }

    /// Quantises some rows of groups.
    fn tokens(&self, quality: u8, rows: impl ExactSizeIterator<Item = usize>) -> Tokens {
        let by = quantiser::tables(quality).map(|table| reciprocals(&table));
        let in_row = self.blocks_in_row();
        let mut tokens = Tokens::with_room_for(rows.len() * in_row);
        let mut before = [0; 3];
        let mut fresh = Vec::new();
        for row in rows {
            let blocks = if self.kept.is_empty() {
                fresh.clear();
                self.transform(row, &mut fresh);
                &fresh
            } else {
                &self.kept[row * in_row..][..in_row]
            };
            for group in blocks.chunks_exact(self.blocks_in_group()) {
                let mut blocks = group.iter();
                for (i, (component, before)) in self.components.iter().zip(&mut before).enumerate() {
                    for block in blocks.by_ref().take(component.across * component.down) {
                        tokens.take(block, &by[usize::from(i > 0)], i > 0, before);
                    }
                }
            }
        }
        tokens
    }

    /// Transforms one row of groups.
    fn transform(&self, row: usize, blocks: &mut Vec<Block>) {
        for column in 0..self.groups.0 {
            for &Component { plane, across, down } in &self.components {
                for y in row * down..(row + 1) * down {
                    for x in column * across..(column + 1) * across {
                        blocks.push(forward::transform(&samples(plane, x * SIDE, y * SIDE)));
                    }
                }
            }
        }
    }
}

/// Takes a block out of a plane, without its middle grey. Beyond the plane's edges its last samples go on.
#[inline(always)]
fn samples(plane: &Plane, x: usize, y: usize) -> [Lanes<8>; 8] {
    let mut block = [[0.0; SIDE]; SIDE];
    for (lanes, y) in block.iter_mut().zip(y..) {
        let row = plane.row(y.min(plane.height - 1));
        match row.get(x..).and_then(|rest| rest.first_chunk::<SIDE>()) {
            Some(samples) => {
                for (light, &sample) in lanes.iter_mut().zip(samples) {
                    *light = f32::from(sample) - MIDDLE;
                }
            }
            None => {
                for (light, x) in lanes.iter_mut().zip(x..) {
                    *light = f32::from(row[x.min(plane.width - 1)]) - MIDDLE;
                }
            }
        }
    }
    block
}
