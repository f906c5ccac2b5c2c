//! What a scan needs: its tables, and how its blocks are arranged.

use super::super::super::bytes::Bytes;
use super::super::markers::{Coding, Components, DHT, DQT, DRI, JpegMap, SOS};
use super::huffman::{AlternatingTable, DirectTable};

/// A picture whose one scan is about to be read.
pub(super) struct Header<'a> {
    /// The components, in the order of the scan.
    pub components: Vec<Component>,
    pub direct: [Option<DirectTable>; 4],
    pub alternating: [Option<AlternatingTable>; 4],
    /// Groups of blocks between two restart markers; 0: there are none.
    pub restart_interval: u32,
    /// The scan's bytes.
    pub blocks: &'a [u8],
}

/// One component of the picture.
pub(super) struct Component {
    /// Blocks in a group, across and down.
    pub across: usize,
    pub down: usize,
    /// In the order of the file.
    pub quantiser: [u8; 64],
    /// The numbers of its tables.
    pub direct: usize,
    pub alternating: usize,
}

/// The tables as they are defined before the scan.
#[derive(Default)]
struct Tables {
    quantisers: [Option<[u8; 64]>; 4],
    direct: [Option<DirectTable>; 4],
    alternating: [Option<AlternatingTable>; 4],
    restart_interval: u32,
    /// For each component its number, its sampling, and the number of its quantiser.
    frame: Vec<[u8; 3]>,
}

impl<'a> Header<'a> {
    /// Reads all that stands before the scan. `None` unless the picture is of the common kind: one scan,
    /// grey or luma with two chromas of the same, half or quarter size, 8-bit tables, and nothing odd.
    pub fn read(file: &'a [u8], map: &JpegMap) -> Option<Self> {
        let is_common = matches!(map.coding, Coding::Baseline | Coding::Extended)
            && matches!(map.components, Components::Grey | Components::YCbCr)
            && map.is_tidy
            && !map.in_passes;
        if !is_common {
            return None;
        }
        let mut tables = Tables::default();
        for piece in &map.picture {
            let bytes = Bytes(file.get(..piece.end)?);
            let mut at = piece.start;
            while at < piece.end {
                let marker = bytes.u8(at + 1)?;
                let len = usize::from(bytes.u16_be(at + 2)?);
                let segment = bytes.slice(at + 4, len.checked_sub(2)?)?;
                at += 2 + len;
                if marker == SOS {
                    // Nothing but the end marker may follow the blocks.
                    let end = map.end - if map.has_end_marker { 2 } else { 0 };
                    return (piece.end == end).then(|| tables.scan(segment, &file[at..end]))?;
                }
                tables.segment(marker, segment)?;
            }
        }
        None
    }
}

impl Tables {
    fn segment(&mut self, marker: u8, segment: &[u8]) -> Option<()> {
        match marker {
            DQT => self.define_quantisers(segment),
            DHT => self.define_codes(segment),
            DRI => {
                self.restart_interval = Bytes(segment).u16_be(0)?.into();
                (segment.len() == 2).then_some(())
            }
            _ => {
                let (_, components) = segment.split_at_checked(6)?;
                self.frame = components.as_chunks().0.to_vec();
                (self.frame.len() * 3 == components.len()).then_some(())
            }
        }
    }

    fn define_quantisers(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&[number, ref table @ ..], rest)) = segment.split_first_chunk::<65>() {
            // Numbers from 16 on are tables of 16 bits.
            *self.quantisers.get_mut(usize::from(number))? = Some(*table);
            segment = rest;
        }
        segment.is_empty().then_some(())
    }

    fn define_codes(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&[head, ref counts @ ..], rest)) = segment.split_first_chunk::<17>() {
            let (symbols, rest) = rest.split_at_checked(counts.iter().map(|&n| usize::from(n)).sum())?;
            let number = usize::from(head & 15);
            match head >> 4 {
                0 => *self.direct.get_mut(number)? = Some(DirectTable::new(counts, symbols)?),
                1 => *self.alternating.get_mut(number)? = Some(AlternatingTable::new(counts, symbols)?),
                _ => return None,
            }
            segment = rest;
        }
        segment.is_empty().then_some(())
    }

    fn scan<'a>(self, header: &[u8], blocks: &'a [u8]) -> Option<Header<'a>> {
        let (&count, rest) = header.split_first()?;
        let (choices, spectrum) = rest.split_at_checked(2 * usize::from(count))?;
        if spectrum != [0, 63, 0] || usize::from(count) != self.frame.len() {
            return None;
        }
        let components = self
            .frame
            .iter()
            .zip(choices.as_chunks().0)
            .map(|(&[id, sampling, quantiser], &[chosen, codes])| {
                let (direct, alternating) = (usize::from(codes >> 4), usize::from(codes & 15));
                self.direct.get(direct)?.as_ref()?;
                self.alternating.get(alternating)?.as_ref()?;
                let quantiser = (*self.quantisers.get(usize::from(quantiser))?)?;
                // A single component's blocks follow each other, whatever its sampling.
                let sampling = if count == 1 { 0x11 } else { sampling };
                let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
                (id == chosen).then_some(Component { across, down, quantiser, direct, alternating })
            })
            .collect::<Option<Vec<_>>>()?;
        let is_known = match components.as_slice() {
            [_] => true,
            [luma, chromas @ ..] if chromas.len() == 2 => {
                matches!((luma.across, luma.down), (1 | 2, 1 | 2))
                    && chromas.iter().all(|chroma| (chroma.across, chroma.down) == (1, 1))
            }
            _ => false,
        };
        let Self { direct, alternating, restart_interval, .. } = self;
        is_known.then_some(Header { components, direct, alternating, restart_interval, blocks })
    }
}
