//! Decodes the JPEGs that cameras write, scaled down on the way, in a fraction of libjpeg's time.
//!
//! One scan of Huffman codes, grey or luma with two chromas. Frequencies that the wanted size does not show are
//! stepped over, several at a time, without being looked at.
//!
//! Nothing is judged here. Whatever is of another kind, or in the least odd (a code that does not exist, a
//! block too many, a byte between the last block and the end marker), gives `None`, and libjpeg is asked. So
//! a picture that comes from here is whole: each of its blocks was read, from exactly the bits that are there.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "bits are taken out of words that are larger, and put into others that hold them"
)]
#![expect(clippy::inline_always, reason = "the reader stays in registers as long as all is one loop")]

mod bits;
mod header;
mod huffman;
mod transform;

use super::super::plane::Plane;
use super::super::raster::{Colour, Raster};
use super::markers::JpegMap;
use bits::BitReader;
use header::{Component, Header};
use huffman::{AlternatingTable, DirectTable};

/// Decodes `file`, whose markers are `map`, so that the longer side has at least `min_long_side` pixels, if the
/// picture has as many.
pub(super) fn decode(file: &[u8], map: &JpegMap, min_long_side: usize) -> Option<Raster> {
    let header = Header::read(file, map)?;
    match scale(map.width.max(map.height) as usize, min_long_side) {
        1 => Scan::<1>::new(&header, map).decode(),
        2 => Scan::<2>::new(&header, map).decode(),
        4 => Scan::<4>::new(&header, map).decode(),
        _ => Scan::<8>::new(&header, map).decode(),
    }
}

/// Chooses the eighths of its size to which a picture is decoded: 1, 2, 4 or 8.
pub(super) fn scale(long_side: usize, min_long_side: usize) -> usize {
    [1, 2, 4].into_iter().find(|eighths| long_side * eighths >= min_long_side * 8).unwrap_or(8)
}

/// A picture on its way to `S` eighths of its size.
struct Scan<'a, const S: usize> {
    reader: BitReader<'a>,
    channels: Vec<Channel<'a>>,
    restart_interval: u32,
    /// Groups of blocks, across and down.
    groups: (usize, usize),
}

/// One component of the picture, its samples so far, and those of one row of groups.
struct Channel<'a> {
    across: usize,
    down: usize,
    direct: &'a DirectTable,
    alternating: &'a AlternatingTable,
    factors: [f32; 64],
    /// The direct coefficient of the block before.
    before: i32,
    band: Vec<u8>,
    stride: usize,
    plane: Plane,
}

impl<'a, const S: usize> Scan<'a, S> {
    fn new(header: &'a Header<'a>, map: &JpegMap) -> Self {
        let (width, height) = (map.width as usize, map.height as usize);
        // The first component is the one with the most blocks.
        let (across, down) = header.components.first().map_or((1, 1), |c| (c.across, c.down));
        let groups = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        let samples = |px: usize, own: usize, most: usize| (px * own * S).div_ceil(8 * most);
        let channels = header.components.iter().filter_map(|component| {
            let width = samples(width, component.across, across);
            let height = samples(height, component.down, down);
            Channel::new::<S>(component, header, groups.0, (width, height))
        });
        Self {
            channels: channels.collect(),
            reader: BitReader::new(header.blocks),
            restart_interval: header.restart_interval,
            groups,
        }
    }

    /// Decodes all blocks; `None` if there are not exactly as many as there should be.
    fn decode(mut self) -> Option<Raster> {
        let mut reader = self.reader;
        // What lies outside the lowest columns may be left over from another block.
        let mut block = [0.0; 64];
        let (mut until_restart, mut restarts) = (self.restart_interval, 0u8);
        for _ in 0..self.groups.1 {
            for column in 0..self.groups.0 {
                if self.restart_interval > 0 {
                    if until_restart == 0 {
                        reader.restart(restarts)?;
                        restarts = restarts.wrapping_add(1);
                        until_restart = self.restart_interval;
                        self.channels.iter_mut().for_each(|channel| channel.before = 0);
                    }
                    until_restart -= 1;
                }
                for channel in &mut self.channels {
                    channel.group::<S>(&mut reader, &mut block, column)?;
                }
            }
            if reader.is_exhausted() {
                return None;
            }
            self.channels.iter_mut().for_each(Channel::take_band);
        }
        let planes: Vec<Plane> = self.channels.into_iter().map(|channel| channel.plane).collect();
        let is_whole = |plane: &Plane| plane.samples.len() == plane.width * plane.height;
        if !reader.is_at_end_of_file() || !planes.iter().all(is_whole) {
            return None;
        }
        let colour = if planes.len() == 1 { Colour::Grey } else { Colour::YCbCr };
        let &Plane { width, height, .. } = planes.first()?;
        Some(Raster { width, height, colour, planes, profile: None })
    }
}

impl<'a> Channel<'a> {
    fn new<const S: usize>(
        component: &Component,
        header: &'a Header<'a>,
        groups: usize,
        (width, height): (usize, usize),
    ) -> Option<Self> {
        let Component { across, down, ref quantiser, direct, alternating } = *component;
        let stride = groups * across * S;
        Some(Self {
            across,
            down,
            direct: header.direct[direct].as_ref()?,
            alternating: header.alternating[alternating].as_ref()?,
            factors: transform::factors::<S>(quantiser),
            before: 0,
            band: vec![0; stride * down * S],
            stride,
            plane: Plane { width, height, depth: 1, samples: Vec::with_capacity(width * height) },
        })
    }

    /// Moves the rows of one row of groups into the plane.
    fn take_band(&mut self) {
        let Plane { width, height, ref mut samples, .. } = self.plane;
        for row in self.band.chunks_exact(self.stride) {
            if samples.len() < width * height {
                samples.extend_from_slice(&row[..width]);
            }
        }
    }

    /// Decodes this component's blocks of a group.
    #[inline(always)]
    fn group<const S: usize>(
        &mut self,
        reader: &mut BitReader<'_>,
        block: &mut [f32; 64],
        column: usize,
    ) -> Option<()> {
        for row in 0..self.down {
            for i in 0..self.across {
                let at = row * S * self.stride + (column * self.across + i) * S;
                self.block::<S>(reader, block, at)?;
            }
        }
        Some(())
    }

    #[inline(always)]
    fn block<const S: usize>(
        &mut self,
        reader: &mut BitReader<'_>,
        block: &mut [f32; 64],
        at: usize,
    ) -> Option<()> {
        // What does not fit into 16 bits is none of an 8-bit picture.
        self.before = i16::try_from(self.before + self.direct.difference(reader)?).ok()?.into();
        block[..8 * S].fill(0.0);
        let mut is_flat = true;
        self.alternating.read(reader, transform::last_place::<S>(), |place, value| {
            block[usize::from(transform::PLACES[place & 63]) & 63] = value as f32 * self.factors[place & 63];
            is_flat = false;
        })?;
        block[0] = self.before as f32 * self.factors[0];
        let target = &mut self.band[at..];
        if is_flat {
            transform::flat::<S>(block[0], target, self.stride);
        } else {
            transform::inverse::<S>(block, target, self.stride);
        }
        Some(())
    }
}
