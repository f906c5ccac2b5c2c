//! Huffman codes made for a picture, as T.81, K.2 makes them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The longest code that a file may have, in bits.
const LONGEST: usize = 16;

/// The symbol that takes the code of nothing but ones, which no symbol of a file may have.
const RESERVED: usize = 256;

/// The codes of one table.
pub(super) struct Codes {
    /// How many codes there are of each length, from 1 bit.
    pub counts: [u8; LONGEST],
    /// The symbols, those with the shortest codes first.
    pub symbols: Vec<u8>,
    /// For each symbol its code, and that one's length in bits.
    of: [(u16, u8); 256],
}

impl Codes {
    /// Makes the shortest codes for symbols that occur so often.
    pub fn new(frequencies: &[u32; 256]) -> Self {
        let mut lengths = lengths(frequencies);
        // Those that occur most have the shortest codes, whatever has become of the lengths.
        let mut symbols: Vec<u8> =
            (0..=u8::MAX).filter(|&symbol| frequencies[usize::from(symbol)] > 0).collect();
        symbols.sort_by_key(|&symbol| Reverse(frequencies[usize::from(symbol)]));
        shorten(&mut lengths);
        let mut counts = [0; LONGEST];
        let mut of = [(0, 0); 256];
        let mut left = symbols.iter();
        let mut code = 0u16;
        for (len, (count, &wanted)) in (1u8..).zip(counts.iter_mut().zip(&lengths[1..])) {
            for &symbol in left.by_ref().take(wanted) {
                of[usize::from(symbol)] = (code, len);
                code += 1;
                *count += 1;
            }
            code <<= 1;
        }
        Self { counts, symbols, of }
    }

    /// Gives a symbol's code, and its length in bits.
    #[inline(always)]
    pub fn code(&self, symbol: u8) -> (u16, u8) {
        self.of[usize::from(symbol)]
    }
}

/// A code of as many bits as there are symbols at most.
const DEEPEST: usize = RESERVED + 1;

/// Gives how many codes there are of each length, by Huffman's procedure, the reserved one included.
fn lengths(frequencies: &[u32; 256]) -> [usize; DEEPEST + 1] {
    let mut lengths = [0; DEEPEST + 1];
    let mut parents: Vec<usize> = Vec::with_capacity(2 * DEEPEST);
    let mut rarest = BinaryHeap::with_capacity(DEEPEST);
    for &count in frequencies.iter().filter(|&&count| count > 0).chain(&[0]) {
        rarest.push(Reverse((count, parents.len())));
        parents.push(0);
    }
    let leaves = parents.len();
    while let (Some(Reverse((count, first))), Some(Reverse((other, second)))) = (rarest.pop(), rarest.pop()) {
        let parent = parents.len();
        (parents[first], parents[second]) = (parent, parent);
        rarest.push(Reverse((count + other, parent)));
        parents.push(0);
    }
    // A parent stands behind its children, so that its depth is known first.
    let mut depths = vec![0usize; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    for &depth in &depths[..leaves] {
        lengths[depth] += 1;
    }
    lengths
}

/// Makes room for codes that are too long (T.81, figure K.3), and takes the reserved one away, the longest.
fn shorten(lengths: &mut [usize; DEEPEST + 1]) {
    for len in (LONGEST + 1..lengths.len()).rev() {
        while lengths[len] > 0 {
            // Two of them become one, shorter by a bit; the other goes under a shorter one, with what was there.
            let Some(shorter) = (1..len - 1).rev().find(|&shorter| lengths[shorter] > 0) else { break };
            lengths[len] -= 2;
            lengths[len - 1] += 1;
            lengths[shorter + 1] += 2;
            lengths[shorter] -= 1;
        }
    }
    if let Some(longest) = lengths.iter_mut().rev().find(|count| **count > 0) {
        *longest -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frequencies(counts: impl IntoIterator<Item = u32>) -> [u32; 256] {
        let mut frequencies = [0; 256];
        for (place, count) in frequencies.iter_mut().zip(counts) {
            *place = count;
        }
        frequencies
    }

    /// Holds codes against what T.81, annex C asks of them.
    fn is_sound(codes: &Codes, frequencies: &[u32; 256]) {
        let used: Vec<u8> = (0..=255).filter(|&symbol| frequencies[usize::from(symbol)] > 0).collect();
        let mut symbols = codes.symbols.clone();
        symbols.sort_unstable();
        assert_eq!(symbols, used);
        assert_eq!(codes.counts.iter().map(|&count| usize::from(count)).sum::<usize>(), used.len());
        let all: Vec<(u16, u8)> = used.iter().map(|&symbol| codes.code(symbol)).collect();
        for (i, &(code, len)) in all.iter().enumerate() {
            assert!((1..=16).contains(&len) && u32::from(code) < (1 << len) - 1, "none is all ones");
            for &(other, other_len) in &all[i + 1..] {
                let shorter = len.min(other_len);
                assert_ne!(code >> (len - shorter), other >> (other_len - shorter), "none begins another");
            }
        }
    }

    fn bits(codes: &Codes, frequencies: &[u32; 256]) -> u32 {
        (0..=255).map(|symbol| frequencies[usize::from(symbol)] * u32::from(codes.code(symbol).1)).sum()
    }

    #[test]
    fn codes_are_sound_whatever_occurs() {
        let mut fibonacci = vec![1u32, 1];
        while fibonacci.len() < 40 {
            fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
        }
        let mut random = 1u32;
        let mut cases = vec![
            frequencies([]),
            frequencies([7]),
            frequencies([0, 3, 0, 3]),
            frequencies([1; 256]),
            frequencies((0..256).map(|i| i * i)),
            // As deep as can be, which has to be shortened.
            frequencies(fibonacci),
        ];
        for _ in 0..100 {
            let mut next = |_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 8) >> (random >> 27)
            };
            cases.push(frequencies((0..162).map(&mut next)));
        }
        for frequencies in &cases {
            is_sound(&Codes::new(frequencies), frequencies);
        }
    }

    #[test]
    fn what_is_frequent_is_short() {
        let frequencies = frequencies([1, 1, 2, 4, 8]);
        let codes = Codes::new(&frequencies);
        // Of the tree's longest codes the reserved one takes a place.
        assert_eq!((0..5).map(|symbol| codes.code(symbol).1).collect::<Vec<_>>(), [4, 5, 3, 2, 1]);
        assert_eq!(bits(&codes, &frequencies), 4 + 5 + 6 + 8 + 8);
    }
}
