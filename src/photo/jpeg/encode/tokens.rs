//! From coefficients to the symbols of the file and the bits that follow them (T.81, F.1.2).

use super::forward::{Block, STEPS, rounded};

/// A table of codes: for the direct coefficients or the others, of luma or of chroma.
pub(super) const TABLES: usize = 4;

/// The number of a table.
pub(super) fn table(is_chroma: bool, is_alternating: bool) -> usize {
    usize::from(is_chroma) * 2 + usize::from(is_alternating)
}

const END_OF_BLOCK: u8 = 0;
const SIXTEEN_ZEROS: u8 = 0xf0;

/// A symbol of one of the tables, with the bits that follow its code.
#[derive(Clone, Copy)]
pub(super) struct Token(u32);

impl Token {
    fn new(table: usize, symbol: u8, bits: u16) -> Self {
        Self((table as u32) << 24 | u32::from(symbol) << 16 | u32::from(bits))
    }

    pub fn table(self) -> usize {
        (self.0 >> 24) as usize % TABLES
    }

    pub fn symbol(self) -> u8 {
        (self.0 >> 16) as u8
    }

    pub fn bits(self) -> u16 {
        self.0 as u16
    }
}

/// How many bits follow a symbol.
pub(super) fn bits_behind(symbol: u8) -> u32 {
    u32::from(symbol & 15)
}

/// How often each symbol of each table occurs.
pub(super) type Frequencies = [[u32; 256]; TABLES];

/// The symbols of a picture or of a part, in the order of the file.
pub(super) struct Tokens {
    pub all: Vec<Token>,
    pub frequencies: Frequencies,
}

/// What a quantiser's table is multiplied by.
pub(super) type Reciprocals = [f32; 64];

/// Turns a quantiser's table round.
pub(super) fn reciprocals(quantiser: &[u8; 64]) -> Reciprocals {
    quantiser.map(|step| 1.0 / (STEPS * f32::from(step)))
}

impl Tokens {
    pub fn with_room_for(blocks: usize) -> Self {
        Self { all: Vec::with_capacity(blocks * 8), frequencies: [[0; 256]; TABLES] }
    }

    fn push(&mut self, table: usize, symbol: u8, bits: u16) {
        self.frequencies[table][usize::from(symbol)] += 1;
        self.all.push(Token::new(table, symbol, bits));
    }

    /// Takes a block, and leaves its direct coefficient for the next one of its component in `before`.
    #[inline(always)]
    pub fn take(&mut self, block: &Block, by: &Reciprocals, is_chroma: bool, before: &mut i16) {
        let mut quantised = [0; 64];
        for ((quantised, &coefficient), &by) in quantised.iter_mut().zip(block).zip(by) {
            *quantised = rounded(f32::from(coefficient) * by);
        }
        let direct = std::mem::take(&mut quantised[0]);
        let (size, bits) = sized(direct - *before);
        *before = direct;
        self.push(table(is_chroma, false), size, bits);
        let table = table(is_chroma, true);
        // The direct coefficient, which is taken away, is none of the zeros.
        let mut zeros = -1;
        for four in quantised.as_chunks::<4>().0 {
            if *four == [0; 4] {
                zeros += 4;
                continue;
            }
            for &value in four {
                if value == 0 {
                    zeros += 1;
                    continue;
                }
                while zeros > 15 {
                    self.push(table, SIXTEEN_ZEROS, 0);
                    zeros -= 16;
                }
                let (size, bits) = sized(value);
                self.push(table, (zeros as u8) << 4 | size, bits);
                zeros = 0;
            }
        }
        if zeros > 0 {
            self.push(table, END_OF_BLOCK, 0);
        }
    }

    /// Estimates the length of all of it in bytes, codes and what follows them: Huffman's codes come within a few
    /// percent of the entropy.
    pub fn entropy_bytes(&self) -> usize {
        let of = |frequencies: &[u32; 256]| -> f64 {
            let total: u32 = frequencies.iter().sum();
            let used = (0..=u8::MAX).zip(frequencies).filter(|&(_, &count)| count > 0);
            used.map(|(symbol, &count)| {
                let code = (f64::from(total) / f64::from(count)).log2().max(1.0);
                f64::from(count) * (code + f64::from(bits_behind(symbol)))
            })
            .sum()
        };
        let bits: f64 = self.frequencies.iter().map(of).sum();
        (bits / 8.0) as usize
    }
}

/// How many bits a value takes, and these (T.81, F.1.2.1): of a negative one, those of one less.
#[inline(always)]
fn sized(value: i16) -> (u8, u16) {
    let size = 16 - value.unsigned_abs().leading_zeros();
    let sign = value >> 15;
    ((size as u8), (value + sign) as u16 & ((1u32 << size) - 1) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_bits_that_the_standard_gives_them() {
        for (value, size, bits) in [
            (0, 0, 0),
            (1, 1, 1),
            (-1, 1, 0),
            (2, 2, 2),
            (3, 2, 3),
            (-3, 2, 0),
            (-2, 2, 1),
            (-1023, 10, 0),
            (1023, 10, 1023),
            (-2047, 11, 0),
        ] {
            assert_eq!(sized(value), (size, bits), "{value}");
        }
    }

    #[test]
    fn a_block_becomes_runs_and_values() {
        let by = reciprocals(&[1; 64]);
        let mut block = [0; 64];
        for (place, value) in [(0, 5), (1, -1), (4, 3), (40, 1), (63, 2)] {
            block[place] = value * STEPS as i16;
        }
        let (mut tokens, mut before) = (Tokens::with_room_for(2), 3);
        tokens.take(&block, &by, false, &mut before);
        let seen: Vec<_> =
            tokens.all.iter().map(|token| (token.table(), token.symbol(), token.bits())).collect();
        let expected = [
            (0, 2, 2),
            (1, 0x01, 0),
            (1, 0x22, 3),
            (1, 0xf0, 0),
            (1, 0xf0, 0),
            (1, 0x31, 1),
            (1, 0xf0, 0),
            (1, 0x62, 2),
        ];
        assert_eq!(seen, expected, "the last place is taken: no end of the block");
        assert_eq!(before, 5);
        tokens.all.clear();
        block = [0; 64];
        tokens.take(&block, &by, true, &mut before);
        let seen: Vec<_> =
            tokens.all.iter().map(|token| (token.table(), token.symbol(), token.bits())).collect();
        assert_eq!(seen, [(2, 3, 2), (3, 0, 0)]);
    }
}
