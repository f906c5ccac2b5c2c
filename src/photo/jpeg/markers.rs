//! Reads a JPEG's markers (ITU-T T.81, annex B): which segments are picture, and whether all of it is there.
//!
//! Pixels are not looked at here. What this finds complete may still have damaged blocks, and the
//! decoder tells.

use std::ops::Range;

use super::super::bytes::Bytes;
use super::super::exif;
use super::super::format::Format;
use super::super::profile::{MAX_PROFILE_BYTES, Samples};
use super::super::raster::Orientation;
use super::super::rejection::{Held, PhotoRejection};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
pub(super) const SOF0: u8 = 0xc0;
pub(super) const SOS: u8 = 0xda;
pub(super) const DQT: u8 = 0xdb;
pub(super) const DRI: u8 = 0xdd;
pub(super) const DHT: u8 = 0xc4;
const JPG: u8 = 0xc8;
const DAC: u8 = 0xcc;
const DNL: u8 = 0xdc;
const TEM: u8 = 0x01;

/// More scans than any encoder writes: each costs a pass over the whole picture.
const MAX_SCANS: u32 = 100;

/// Pixels that all passes may go over together: twenty over the largest picture that comes in passes.
const MAX_PASSED_PIXELS: u64 = 1_000_000_000;

/// More separate pieces of picture than any file has that is not made to fill memory.
const MAX_PIECES: usize = 4096;

/// How the blocks are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::photo) enum Coding {
    /// SOF0: what every decoder reads.
    Baseline,
    /// SOF1: as baseline, with more tables.
    Extended,
    /// SOF2.
    Progressive,
}

/// What the samples of the components mean, by the rules that libjpeg and browsers follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::photo) enum Components {
    Grey,
    YCbCr,
    Rgb,
    /// CMYK or YCCK; Adobe's programs store the inks inverted and say so with their marker.
    Inks {
        inverted: bool,
    },
}

/// A JPEG file, laid open.
#[derive(Clone, Debug)]
pub(in crate::photo) struct JpegMap {
    pub coding: Coding,
    pub components: Components,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    /// Whether a decoder has to hold the whole picture: its blocks come in several passes.
    pub in_passes: bool,
    /// Passes over the blocks.
    pub scans: u32,
    /// What all coefficients take in memory, in bytes.
    pub coefficient_bytes: usize,
    /// The colour profile, put together; empty if there is none.
    pub icc: Vec<u8>,
    /// Whether nothing stands between the segments and every table that is used is there. Decoders differ
    /// over files that are not like that.
    pub is_tidy: bool,
    /// Where the bytes lie that make the picture, scans with their blocks included; no end marker.
    pub picture: Vec<Range<usize>>,
    /// Where the picture ends, its end marker included if it has one. Phones append whole videos after it.
    pub end: usize,
    pub has_end_marker: bool,
}

struct Component {
    id: u8,
    /// How densely it is sampled, across and down.
    sampling: (usize, usize),
    /// For each coefficient the bits that are still to come; `None` before its first scan.
    missing_bits: [Option<u8>; 64],
}

struct Frame {
    coding: Coding,
    width: u32,
    height: u32,
    components: Vec<Component>,
}

#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    adobe_transform: Option<u8>,
    jfif: bool,
    orientation: Option<Orientation>,
    picture: Vec<Range<usize>>,
    scans: u32,
    has_junk: bool,
    huffman: HuffmanTables,
    profile: ProfilePieces,
}

const NO_LINE_THERE: PhotoRejection =
    PhotoRejection::Truncated { format: Format::Jpeg, held: Held::Lines(0) };
const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::Jpeg);
const UNSUPPORTED: PhotoRejection = PhotoRejection::UnsupportedKind(Format::Jpeg);

impl JpegMap {
    /// Walks over all markers from the first to the picture's end.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, contradicts itself, or is of a kind that is not decoded
    /// (arithmetic coding, lossless, 12 bits, hierarchical).
    pub fn read(file: &[u8]) -> Result<Self, PhotoRejection> {
        let bytes = Bytes(file);
        let mut walk = Walk::default();
        let mut at = 2; // After SOI, by which the format was recognised.
        loop {
            let Some(marker_at) = next_marker(file, at) else {
                return walk.finish_without_end_marker(file);
            };
            walk.has_junk |= file[at..marker_at].iter().any(|&byte| byte != 0xff);
            let marker = file[marker_at];
            let body = marker_at + 1;
            if marker == EOI {
                return walk.finish(body, true);
            }
            if marker == SOI {
                return Err(DAMAGED);
            }
            if marker == TEM || (0xd0..=0xd7).contains(&marker) {
                at = body; // No length follows.
                continue;
            }
            let len = match bytes.u16_be(body).map(usize::from) {
                Some(0 | 1) => return Err(DAMAGED),
                Some(len) => len,
                None => return Err(walk.truncated()),
            };
            let Some(segment) = bytes.slice(body + 2, len - 2) else { return Err(walk.truncated()) };
            let end = body + len;
            at = walk.segment(marker, segment, marker_at - 1, end, file)?;
        }
    }
}

impl JpegMap {
    /// What the samples are that a profile of this picture has to be about.
    pub fn profile_samples(&self) -> Samples {
        match self.components {
            Components::Grey => Samples::Grey,
            Components::YCbCr | Components::Rgb => Samples::Rgb,
            Components::Inks { .. } => Samples::Inks,
        }
    }

    /// Says how much is there if the last pass is not whole.
    pub(super) fn held_but_for_the_last_pass(&self) -> Held {
        let passes = self.scans as usize;
        match Held::lines(passes.saturating_sub(1), passes) {
            Held::Lines(percent) => Held::Passes { passes: self.scans, percent },
            other => other,
        }
    }
}

impl Walk {
    /// Takes in one segment; gives where the next one may begin.
    fn segment(
        &mut self,
        marker: u8,
        segment: &[u8],
        start: usize,
        end: usize,
        file: &[u8],
    ) -> Result<usize, PhotoRejection> {
        match marker {
            0xc0..=0xc2 => {
                if self.frame.is_some() {
                    return Err(DAMAGED);
                }
                self.frame = Some(Frame::read(marker, segment)?);
            }
            DHT => self.huffman.note_tables(segment),
            DQT | DRI => {}
            JPG | DAC | DNL | 0xc3 | 0xc5..=0xcf => return Err(UNSUPPORTED),
            SOS => {
                self.scans += 1;
                let frame = self.frame.as_mut().ok_or(DAMAGED)?;
                let pixels = u64::from(frame.width) * u64::from(frame.height);
                if self.scans > MAX_SCANS
                    || self.scans > 1 && pixels > MAX_PASSED_PIXELS / u64::from(self.scans)
                {
                    return Err(PhotoRejection::TooManyPasses { passes: self.scans });
                }
                frame.note_scan(segment).ok_or(DAMAGED)?;
                self.huffman.note_scan(segment);
                let end = end_of_blocks(file, end);
                self.add_piece(start..end)?;
                return Ok(end);
            }
            _ => {
                self.note_application(marker, segment);
                return Ok(end);
            }
        }
        self.add_piece(start..end)?;
        Ok(end)
    }

    /// Adds bytes to the picture, to the piece before if they follow it.
    fn add_piece(&mut self, piece: Range<usize>) -> Result<(), PhotoRejection> {
        let pieces = self.picture.len();
        match self.picture.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ if pieces == MAX_PIECES => return Err(DAMAGED),
            _ => self.picture.push(piece),
        }
        Ok(())
    }

    fn note_application(&mut self, marker: u8, segment: &[u8]) {
        match marker {
            0xe0 if segment.starts_with(b"JFIF\0") && segment.len() >= 14 => self.jfif = true,
            // The first EXIF block counts; a second one is a thumbnail's or an editor's leftover.
            0xe1 if segment.starts_with(b"Exif\0\0") && self.orientation.is_none() => {
                self.orientation = Some(exif::orientation(segment));
            }
            0xe2 => self.profile.note(segment),
            0xee if segment.starts_with(b"Adobe") && segment.len() >= 12 => {
                self.adobe_transform = Some(segment[11]);
            }
            _ => {}
        }
    }

    fn finish_without_end_marker(self, file: &[u8]) -> Result<JpegMap, PhotoRejection> {
        let end = self.picture.last().map_or(0, |last| last.end);
        // What a copy left half written is filled up with zeros. One zero is common: it is how the standard's
        // tables code that both chromas of the last block are as before.
        if file[..end].ends_with(&[0, 0]) && !file[..end].ends_with(&[0xff, 0, 0]) {
            let written = file[..end].iter().rposition(|&byte| byte != 0).unwrap_or(0);
            let held = Held::bytes(written, file.len());
            return Err(PhotoRejection::Truncated { format: Format::Jpeg, held });
        }
        self.finish(end, false)
    }

    /// Says how much is there of a file that ends before its picture does.
    fn truncated(&self) -> PhotoRejection {
        match &self.frame {
            Some(frame) if self.scans > 0 => {
                let held = Held::Passes { passes: self.scans, percent: frame.percent_held() };
                PhotoRejection::Truncated { format: Format::Jpeg, held }
            }
            _ => NO_LINE_THERE,
        }
    }

    fn finish(self, end: usize, has_end_marker: bool) -> Result<JpegMap, PhotoRejection> {
        if self.scans == 0 || !self.frame.as_ref().is_some_and(Frame::is_complete) {
            return Err(self.truncated());
        }
        let frame = self.frame.ok_or(NO_LINE_THERE)?;
        Ok(JpegMap {
            coding: frame.coding,
            components: frame.meaning(self.jfif, self.adobe_transform).ok_or(UNSUPPORTED)?,
            width: frame.width,
            height: frame.height,
            orientation: self.orientation.unwrap_or_default(),
            in_passes: self.scans > 1 || frame.coding == Coding::Progressive,
            scans: self.scans,
            coefficient_bytes: frame.coefficient_bytes(),
            icc: self.profile.put_together(),
            is_tidy: !self.has_junk && !self.huffman.one_is_missing,
            picture: self.picture,
            end,
            has_end_marker,
        })
    }
}

impl Component {
    fn read(header: &[u8]) -> Self {
        let sampling = header.get(1).map_or((1, 1), |&s| (usize::from(s >> 4), usize::from(s & 15)));
        Self { id: header[0], sampling, missing_bits: [None; 64] }
    }
}

impl Frame {
    /// Gives what all coefficients take in memory, in bytes.
    fn coefficient_bytes(&self) -> usize {
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1).max(1);
        let (across, down) = (most(|c| c.sampling.0), most(|c| c.sampling.1));
        let side = |px: u32, own: usize, most: usize| (px as usize * own).div_ceil(most);
        let samples =
            |c: &Component| side(self.width, c.sampling.0, across) * side(self.height, c.sampling.1, down);
        self.components.iter().map(samples).sum::<usize>() * size_of::<i16>()
    }

    fn read(marker: u8, segment: &[u8]) -> Result<Self, PhotoRejection> {
        let bytes = Bytes(segment);
        let header = || {
            let (precision, height, width) = (bytes.u8(0)?, bytes.u16_be(1)?, bytes.u16_be(3)?);
            let components = (0..usize::from(bytes.u8(5)?))
                .map(|i| bytes.slice(6 + 3 * i, 3).map(Component::read))
                .collect::<Option<Vec<_>>>()?;
            Some((precision, u32::from(width), u32::from(height), components))
        };
        let (precision, width, height, components) = header().ok_or(DAMAGED)?;
        if precision != 8 || height == 0 {
            return Err(UNSUPPORTED); // 12 bits; the height given later, in a DNL segment
        }
        if width == 0 || components.is_empty() {
            return Err(DAMAGED);
        }
        let coding = match marker {
            SOF0 => Coding::Baseline,
            0xc1 => Coding::Extended,
            _ => Coding::Progressive,
        };
        Ok(Self { coding, width, height, components })
    }

    /// Notes which bits of which coefficients a scan brings; `None` if its header makes no sense.
    fn note_scan(&mut self, header: &[u8]) -> Option<()> {
        let bytes = Bytes(header);
        let count = usize::from(bytes.u8(0)?);
        let parameters = bytes.slice(1 + 2 * count, 3)?;
        let (first, last, low) = match self.coding {
            Coding::Progressive => (parameters[0], parameters[1], parameters[2] & 0x0f),
            Coding::Baseline | Coding::Extended => (0, 63, 0),
        };
        for i in 0..count {
            let id = bytes.u8(1 + 2 * i)?;
            let component = self.components.iter_mut().find(|c| c.id == id)?;
            component.missing_bits.get_mut(usize::from(first)..=usize::from(last))?.fill(Some(low));
        }
        Some(())
    }

    /// Tells whether the scans brought every bit of every coefficient.
    fn is_complete(&self) -> bool {
        self.components.iter().all(|c| c.missing_bits.iter().all(|&bits| bits == Some(0)))
    }

    /// Gives the share of coefficients that the scans brought, one whose last bits are missing as half of one.
    fn percent_held(&self) -> u8 {
        let all = self.components.iter().flat_map(|c| &c.missing_bits);
        let halves =
            all.clone().map(|bits| bits.map_or(0, |low| if low == 0 { 2 } else { 1 })).sum::<usize>();
        match Held::lines(halves, 2 * all.count()) {
            Held::Lines(percent) => percent,
            _ => 0,
        }
    }

    fn meaning(&self, jfif: bool, adobe_transform: Option<u8>) -> Option<Components> {
        let ids: Vec<u8> = self.components.iter().map(|c| c.id).collect();
        match (ids.as_slice(), adobe_transform) {
            ([_], _) => Some(Components::Grey),
            ([..], Some(0)) if ids.len() == 3 && !jfif => Some(Components::Rgb),
            (b"RGB", None) if !jfif => Some(Components::Rgb),
            ([_, _, _], _) => Some(Components::YCbCr),
            ([_, _, _, _], adobe) => Some(Components::Inks { inverted: adobe.is_some() }),
            _ => None,
        }
    }
}

/// The pieces of a colour profile, each with its number and how many there are (ICC.1, annex B.4).
#[derive(Default)]
struct ProfilePieces(Vec<(u8, u8, Vec<u8>)>);

impl ProfilePieces {
    fn note(&mut self, segment: &[u8]) {
        let Some(&[number, count, ref piece @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") else { return };
        let held = self.0.iter().map(|(_, _, piece)| piece.len()).sum::<usize>();
        if self.0.len() < usize::from(u8::MAX) && held + piece.len() <= MAX_PROFILE_BYTES {
            self.0.push((number, count, piece.to_vec()));
        }
    }

    /// Gives the whole profile; nothing if a piece is missing or there twice.
    fn put_together(mut self) -> Vec<u8> {
        self.0.sort_by_key(|&(number, ..)| number);
        let count = self.0.len();
        let is_whole = (1..)
            .zip(&self.0)
            .all(|(i, &(number, of, _))| usize::from(number) == i && usize::from(of) == count);
        if is_whole { self.0.into_iter().flat_map(|(_, _, piece)| piece).collect() } else { Vec::new() }
    }
}

/// Which Huffman tables were defined, and whether a scan used one that was not: a decoder may then take
/// the standard's example, or give up.
#[derive(Default)]
struct HuffmanTables {
    /// For direct and for alternating coefficients, a bit for each of the four tables.
    defined: [u8; 2],
    one_is_missing: bool,
}

impl HuffmanTables {
    /// Notes the tables of a DHT segment; what is wrong with them, the decoder tells.
    fn note_tables(&mut self, mut segment: &[u8]) {
        while let Some((&[head, ref counts @ ..], _)) = segment.split_first_chunk::<17>() {
            self.defined[usize::from(head >> 4 & 1)] |= 1 << (head & 3);
            let symbols = counts.iter().map(|&n| usize::from(n)).sum::<usize>();
            segment = segment.get(17 + symbols..).unwrap_or_default();
        }
    }

    /// Notes the tables that the components of a sequential scan name.
    fn note_scan(&mut self, header: &[u8]) {
        let count = header.first().map_or(0, |&n| usize::from(n));
        for &[_, tables] in header.get(1..).unwrap_or_default().as_chunks().0.iter().take(count) {
            let (direct, alternating) = (tables >> 4 & 3, tables & 3);
            self.one_is_missing |=
                self.defined[0] & 1 << direct == 0 || self.defined[1] & 1 << alternating == 0;
        }
    }
}

/// Finds the next marker's second byte at or after `at`, over junk and fill bytes.
fn next_marker(file: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += file.get(at..)?.iter().position(|&b| b == 0xff)?;
        at += file[at..].iter().position(|&b| b != 0xff)?;
        if file[at] != 0 {
            return Some(at);
        }
    }
}

/// Finds where the coded blocks end: before the first marker that is not a restart.
fn end_of_blocks(file: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr(0xff, &file[at..]) {
        let second = at + found + 1;
        match file.get(second) {
            Some(0 | 0xd0..=0xd7) => at = second + 1,
            Some(0xff) => at = second,
            // A marker; or half of one, or of a stuffed byte, where the file ends.
            Some(_) | None => return second - 1,
        }
    }
    file.len()
}
