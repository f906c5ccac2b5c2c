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

use std::ops::Range;

use super::super::face::Part;
use super::super::plane::Plane;
use super::super::raster::{Colour, Raster};
use super::lanes::PLACES;
use super::markers::JpegMap;
use bits::BitReader;
use header::{Component, Header};
use huffman::{AlternatingTable, DirectTable};

/// Decodes `file`, whose markers are `map`, so that the longer side has at least `min_long_side` pixels, if the
/// picture has as many; and tells where its rows begin.
pub(super) fn decode<'a>(file: &'a [u8], map: &JpegMap, min_long_side: usize) -> Option<(Raster, Rows<'a>)> {
    let header = Header::read(file, map)?;
    let window = Window::whole(&header, map);
    match scale(map.width.max(map.height) as usize, min_long_side) {
        1 => Scan::<1>::new(&header, window).whole(),
        2 => Scan::<2>::new(&header, window).whole(),
        4 => Scan::<4>::new(&header, window).whole(),
        _ => Scan::<8>::new(&header, window).whole(),
    }
}

/// Decodes a part, with a group of blocks around it, of a picture of which all was decoded before.
pub(super) fn decode_part<'a>(
    file: &'a [u8],
    map: &JpegMap,
    min_long_side: usize,
    rows: &Rows<'a>,
    part: Part,
) -> Option<Raster> {
    let header = Header::read(file, map)?;
    let window = Window::around(part, &header, map);
    match scale(map.width.max(map.height) as usize, min_long_side) {
        1 => Scan::<1>::new(&header, window).part(rows),
        2 => Scan::<2>::new(&header, window).part(rows),
        4 => Scan::<4>::new(&header, window).part(rows),
        _ => Scan::<8>::new(&header, window).part(rows),
    }
}

/// Chooses the eighths of its size to which a picture is decoded: 1, 2, 4 or 8.
pub(super) fn scale(long_side: usize, min_long_side: usize) -> usize {
    [1, 2, 4].into_iter().find(|eighths| long_side * eighths >= min_long_side * 8).unwrap_or(8)
}

/// Where each row of groups of blocks begins.
pub(super) struct Rows<'a>(Vec<Place<'a>>);

/// A place between two groups, and what reading on from there takes.
#[derive(Clone, Copy)]
struct Place<'a> {
    reader: BitReader<'a>,
    /// Of each component, the direct coefficient of the block before.
    direct: [i32; 3],
    until_restart: u32,
    restarts: u8,
}

/// The groups of blocks that are decoded, of a picture of `width` by `height` pixels.
struct Window {
    width: usize,
    height: usize,
    /// Blocks of luma in a group, across and down.
    group: (usize, usize),
    columns: Range<usize>,
    rows: Range<usize>,
}

impl Window {
    fn whole(header: &Header<'_>, map: &JpegMap) -> Self {
        let (width, height) = (map.width as usize, map.height as usize);
        // The first component is the one with the most blocks.
        let group = header.components.first().map_or((1, 1), |c| (c.across, c.down));
        let (columns, rows) = (0..width.div_ceil(8 * group.0), 0..height.div_ceil(8 * group.1));
        Self { width, height, group, columns, rows }
    }

    /// The groups that a part touches, and one more on each side, which a filter may look at.
    fn around(part: Part, header: &Header<'_>, map: &JpegMap) -> Self {
        let whole = Self::whole(header, map);
        let touched = |begins: f64, share: f64, groups: &Range<usize>| {
            let at = |share: f64| share.clamp(0.0, 1.0) * groups.end as f64;
            let (first, last) = (at(begins).floor() as usize, at(begins + share).ceil() as usize);
            first.saturating_sub(1)..(last + 1).min(groups.end)
        };
        let columns = touched(part.left, part.width, &whole.columns);
        let rows = touched(part.top, part.height, &whole.rows);
        Self { columns, rows, ..whole }
    }

    /// The pixels of the picture that are decoded, across and down.
    fn pixels(&self) -> (Range<usize>, Range<usize>) {
        let pixels = |groups: &Range<usize>, blocks: usize, side: usize| {
            groups.start * 8 * blocks..(groups.end * 8 * blocks).min(side)
        };
        (pixels(&self.columns, self.group.0, self.width), pixels(&self.rows, self.group.1, self.height))
    }

    /// What of the picture is decoded.
    fn shows(&self) -> Part {
        let (across, down) = self.pixels();
        let share = |px: usize, side: usize| px as f64 / side as f64;
        Part {
            left: share(across.start, self.width),
            top: share(down.start, self.height),
            width: share(across.len(), self.width),
            height: share(down.len(), self.height),
        }
    }
}

/// A picture on its way to `S` eighths of its size.
struct Scan<'h, 'f, const S: usize> {
    blocks: &'f [u8],
    channels: Vec<Channel<'h>>,
    restart_interval: u32,
    window: Window,
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

impl<'h, 'f, const S: usize> Scan<'h, 'f, S> {
    fn new(header: &'h Header<'f>, window: Window) -> Self {
        let channels = header.components.iter().filter_map(|c| Channel::new::<S>(c, header, &window));
        Self {
            channels: channels.collect(),
            blocks: header.blocks,
            restart_interval: header.restart_interval,
            window,
        }
    }

    /// Decodes all blocks; `None` if there are not exactly as many as there should be.
    fn whole(mut self) -> Option<(Raster, Rows<'f>)> {
        let mut place = Place {
            reader: BitReader::new(self.blocks),
            direct: [0; 3],
            until_restart: self.restart_interval,
            restarts: 0,
        };
        let mut rows = Vec::with_capacity(self.window.rows.end);
        for _ in self.window.rows.clone() {
            rows.push(place);
            place = self.row(place)?;
            if place.reader.is_exhausted() {
                return None;
            }
        }
        if !place.reader.is_at_end_of_file() {
            return None;
        }
        Some((self.finish()?, Rows(rows)))
    }

    /// Decodes the window's blocks.
    fn part(mut self, rows: &Rows<'f>) -> Option<Raster> {
        for row in self.window.rows.clone() {
            self.row(*rows.0.get(row)?)?;
        }
        self.finish()
    }

    /// Decodes a row of groups up to the window's end, and tells where that is.
    #[inline(always)]
    fn row(&mut self, mut place: Place<'f>) -> Option<Place<'f>> {
        let mut reader = place.reader;
        // What lies outside the lowest columns may be left over from another block.
        let mut block = [0.0; 64];
        for (channel, direct) in self.channels.iter_mut().zip(place.direct) {
            channel.before = direct;
        }
        let Range { start, end } = self.window.columns;
        for column in 0..end {
            if self.restart_interval > 0 {
                if place.until_restart == 0 {
                    reader.restart(place.restarts)?;
                    place.restarts = place.restarts.wrapping_add(1);
                    place.until_restart = self.restart_interval;
                    self.channels.iter_mut().for_each(|channel| channel.before = 0);
                }
                place.until_restart -= 1;
            }
            for channel in &mut self.channels {
                match column.checked_sub(start) {
                    Some(column) => channel.group::<S>(&mut reader, &mut block, column)?,
                    None => reader = channel.step_over(reader)?,
                }
            }
        }
        self.channels.iter_mut().for_each(Channel::take_band);
        for (channel, direct) in self.channels.iter().zip(&mut place.direct) {
            *direct = channel.before;
        }
        Some(Place { reader, ..place })
    }

    fn finish(self) -> Option<Raster> {
        let shows = self.window.shows();
        let planes: Vec<Plane> = self.channels.into_iter().map(|channel| channel.plane).collect();
        let is_whole = |plane: &Plane| plane.samples.len() == plane.width * plane.height;
        if !planes.iter().all(is_whole) {
            return None;
        }
        let colour = if planes.len() == 1 { Colour::Grey } else { Colour::YCbCr };
        let &Plane { width, height, .. } = planes.first()?;
        Some(Raster { width, height, colour, planes, profile: None, shows })
    }
}

impl<'a> Channel<'a> {
    fn new<const S: usize>(component: &Component, header: &'a Header<'_>, window: &Window) -> Option<Self> {
        let Component { across, down, ref quantiser, direct, alternating } = *component;
        let samples = |px: Range<usize>, own: usize, most: usize| {
            (px.end * own * S).div_ceil(8 * most) - px.start * own * S / (8 * most)
        };
        let pixels = window.pixels();
        let (width, height) =
            (samples(pixels.0, across, window.group.0), samples(pixels.1, down, window.group.1));
        let stride = window.columns.len() * across * S;
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

    /// Reads a group's blocks of this component for what the next ones need.
    fn step_over<'f>(&mut self, mut reader: BitReader<'f>) -> Option<BitReader<'f>> {
        for _ in 0..self.across * self.down {
            self.read_direct(&mut reader)?;
            self.alternating.skip(&mut reader, 1)?;
        }
        Some(reader)
    }

    #[inline(always)]
    fn read_direct(&mut self, reader: &mut BitReader<'_>) -> Option<()> {
        // What does not fit into 16 bits is none of an 8-bit picture.
        self.before = i16::try_from(self.before + self.direct.difference(reader)?).ok()?.into();
        Some(())
    }

    #[inline(always)]
    fn block<const S: usize>(
        &mut self,
        reader: &mut BitReader<'_>,
        block: &mut [f32; 64],
        at: usize,
    ) -> Option<()> {
        self.read_direct(reader)?;
        block[..8 * S].fill(0.0);
        let mut is_flat = true;
        self.alternating.read(reader, transform::last_place::<S>(), |place, value| {
            block[usize::from(PLACES[place & 63]) & 63] = value as f32 * self.factors[place & 63];
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
