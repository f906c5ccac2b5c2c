//! Huffman tables (T.81, annex C), laid out so that one look gives a code together with its value.

use super::bits::BitReader;

/// Bits that are looked at together.
const LOOK: u32 = 11;
const LOOKS: usize = 1 << LOOK;

/// The longest code, in bits.
const LONGEST: usize = 16;

/// What a symbol of a table of alternating coefficients says (T.81, F.1.2.2).
#[derive(Clone, Copy)]
enum Symbol {
    EndOfBlock,
    SixteenZeros,
    Value { run: u32, size: u32 },
}

impl Symbol {
    /// `None` for those that sequential pictures do not have.
    fn of(symbol: u8) -> Option<Self> {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match (run, size) {
            (0, 0) => Some(Self::EndOfBlock),
            (15, 0) => Some(Self::SixteenZeros),
            (_, 0) => None,
            _ => Some(Self::Value { run, size }),
        }
    }
}

/// Which symbol a code stands for.
struct Codes {
    /// By the next bits: the code's length in the upper byte and its symbol in the lower; 0 for longer codes.
    short: Box<[u16; LOOKS]>,
    /// For each length the end of its codes, as the upper of 16 bits, and what leads from a code to its symbol.
    ends: [u32; LONGEST + 1],
    offsets: [i32; LONGEST + 1],
    symbols: Vec<u8>,
}

impl Codes {
    /// Numbers the codes. `None` if there are more than fit, or fewer symbols than codes.
    fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Option<Self> {
        let mut short = Box::new([0; LOOKS]);
        let (mut ends, mut offsets) = ([0; LONGEST + 1], [0; LONGEST + 1]);
        let (mut code, mut first) = (0, 0);
        for (len, &count) in (1..).zip(counts) {
            let count = usize::from(count);
            if code + count > 1 << len {
                return None;
            }
            offsets[len] = i32::try_from(first).ok()? - i32::try_from(code).ok()?;
            for &symbol in symbols.get(first..first + count)? {
                if let Some(room) = (LOOK as usize).checked_sub(len) {
                    short[code << room..(code + 1) << room].fill((len << 8) as u16 | u16::from(symbol));
                }
                code += 1;
            }
            ends[len] = u32::try_from(code << (LONGEST - len)).ok()?;
            first += count;
            code <<= 1;
        }
        Some(Self { short, ends, offsets, symbols: symbols.to_vec() })
    }

    #[inline(always)]
    fn read(&self, reader: &mut BitReader<'_>) -> Option<u8> {
        let short = self.short[reader.peek::<LOOK>()];
        if short == 0 {
            let symbol;
            (symbol, *reader) = self.read_long(*reader)?;
            return Some(symbol);
        }
        reader.take(u32::from(short >> 8));
        Some(short as u8)
    }

    #[cold]
    #[inline(never)]
    fn read_long<'a>(&self, mut reader: BitReader<'a>) -> Option<(u8, BitReader<'a>)> {
        let bits = u32::try_from(reader.peek::<16>()).ok()?;
        let len = (LOOK as usize + 1..=LONGEST).find(|&len| bits < self.ends[len])?;
        reader.take(len as u32);
        let code = i32::try_from(bits >> (LONGEST - len)).ok()?;
        let symbol = self.symbols.get(usize::try_from(code + self.offsets[len]).ok()?)?;
        Some((*symbol, reader))
    }
}

/// The table of direct coefficients.
pub(super) struct DirectTable(Codes);

impl DirectTable {
    /// `None` if the table is none that an 8-bit picture has.
    pub fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Option<Self> {
        let is_known = symbols.iter().all(|&size| size <= 11);
        is_known.then(|| Codes::new(counts, symbols).map(Self)).flatten()
    }

    /// Reads by how much the direct coefficient differs from the one before.
    #[inline(always)]
    pub fn difference(&self, reader: &mut BitReader<'_>) -> Option<i32> {
        reader.ensure();
        match self.0.read(reader)? {
            0 => Some(0),
            size => Some(reader.value(size.into())),
        }
    }
}

/// The table of alternating coefficients.
pub(super) struct AlternatingTable {
    codes: Codes,
    /// By the next bits: the value in the upper half if it stands there with its code, else 0; the zeros
    /// before it; and the bits of both.
    values: Box<[u32; LOOKS]>,
    /// By the next bits: how far the coefficients lead that begin there, and how many bits they take.
    jumps: Box<[Jump; LOOKS]>,
}

/// Over several coefficients at once, of which nobody wants the values.
#[derive(Clone, Copy, Default)]
struct Jump {
    /// 0: no code is whole within the bits that were looked at.
    bits: u8,
    places: u8,
    ends_block: bool,
}

impl AlternatingTable {
    /// `None` if the table is none that a sequential picture has.
    pub fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Option<Self> {
        let codes = Codes::new(counts, symbols)?;
        let mut table =
            Self { codes, values: Box::new([0; LOOKS]), jumps: Box::new([Jump::default(); LOOKS]) };
        for look in 0..LOOKS {
            table.values[look] = table.value_at(look).unwrap_or(0);
            table.jumps[look] = table.jump_at(look);
        }
        Some(table)
    }

    /// The symbol whose code begins so many bits into a look, and where it ends.
    fn symbol_at(&self, look: usize, from: u32) -> Option<(Symbol, u32)> {
        let short = self.codes.short[look << from & (LOOKS - 1)];
        let end = from + u32::from(short >> 8);
        if short == 0 || end > LOOK { None } else { Symbol::of(short as u8).map(|symbol| (symbol, end)) }
    }

    fn value_at(&self, look: usize) -> Option<u32> {
        let (Symbol::Value { run, size }, end) = self.symbol_at(look, 0)? else { return None };
        let room = LOOK.checked_sub(end + size)?;
        let read = (look >> room & ((1 << size) - 1)) as i32;
        let value = if read >> (size - 1) == 0 { read + 1 - (1 << size) } else { read };
        Some((value as u32) << 16 | run << 8 | (end + size))
    }

    fn jump_at(&self, look: usize) -> Jump {
        let mut jump = Jump::default();
        while u32::from(jump.bits) < LOOK {
            let Some((symbol, end)) = self.symbol_at(look, jump.bits.into()) else { break };
            match symbol {
                Symbol::EndOfBlock => {
                    return Jump { bits: end as u8, ends_block: true, ..jump };
                }
                Symbol::SixteenZeros => jump = Jump { bits: end as u8, places: jump.places + 16, ..jump },
                Symbol::Value { run, size } => {
                    let places = jump.places + run as u8 + 1;
                    jump = Jump { bits: (end + size) as u8, places, ..jump };
                }
            }
        }
        jump
    }

    /// Reads a block's alternating coefficients, and calls `keep` with the place and the value of each up to the
    /// place `last`. `None`: these are no codes, or too many.
    #[inline(always)]
    pub fn read(
        &self,
        reader: &mut BitReader<'_>,
        last: usize,
        mut keep: impl FnMut(usize, i32),
    ) -> Option<()> {
        let mut place = 1;
        while place <= last {
            reader.ensure();
            let entry = self.values[reader.peek::<LOOK>()];
            let (run, value) = if entry >> 16 == 0 {
                match Symbol::of(self.codes.read(reader)?)? {
                    Symbol::EndOfBlock => return Some(()),
                    Symbol::SixteenZeros => {
                        place += 16;
                        continue;
                    }
                    Symbol::Value { run, size } => (run, reader.value(size)),
                }
            } else {
                reader.take(entry & 0xff);
                (entry >> 8 & 0xff, entry as i32 >> 16)
            };
            place += run as usize;
            if place >= BLOCK {
                return None;
            }
            keep(place, value);
            place += 1;
        }
        self.skip(reader, place)
    }

    /// Reads the rest of a block, from a place on.
    #[inline(always)]
    pub fn skip(&self, reader: &mut BitReader<'_>, mut place: usize) -> Option<()> {
        while place < BLOCK {
            reader.ensure();
            let jump = self.jumps[reader.peek::<LOOK>()];
            let next = place + usize::from(jump.places);
            // Beyond the last place the codes of the next block begin.
            if next < BLOCK && jump.bits > 0 {
                reader.take(jump.bits.into());
                if jump.ends_block {
                    return Some(());
                }
                place = next;
                continue;
            }
            match Symbol::of(self.codes.read(reader)?)? {
                Symbol::EndOfBlock => return Some(()),
                Symbol::SixteenZeros => place += 16,
                Symbol::Value { run, size } => {
                    reader.take(size);
                    place += run as usize + 1;
                }
            }
        }
        (place == BLOCK).then_some(())
    }
}

/// Coefficients of a block.
const BLOCK: usize = 64;
