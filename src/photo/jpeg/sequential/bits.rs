//! The bits of a scan, eight bytes at a time.

/// Reads bits up to a marker. Behind the last one come zeros, and it is counted how many.
///
/// What is rare takes it and gives it back by value, so that it stays in registers all the rest of the time.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bit is the highest. Below those that count may already stand the bits to come.
    bits: u64,
    count: u32,
    /// How many of those that count are zeros from behind the end.
    padding: u32,
}

/// Bits that are there after [`BitReader::ensure`]: enough for the longest code and its value.
const ENSURED: u32 = 32;

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, bits: 0, count: 0, padding: 0 }
    }

    /// Sees to it that a code and its value can be read.
    #[inline(always)]
    pub fn ensure(&mut self) {
        if self.count < ENSURED {
            self.refill();
        }
    }

    #[inline(always)]
    fn refill(&mut self) {
        if let Some(chunk) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_be_bytes(*chunk);
            if !has_byte_of_ones(word) {
                let bytes = (u64::BITS - self.count) / 8;
                self.bits |= word >> self.count;
                self.at += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        *self = self.refilled_slowly();
    }

    #[cold]
    #[inline(never)]
    fn refilled_slowly(mut self) -> Self {
        while self.count <= u64::BITS - 8 {
            let byte = match self.bytes.get(self.at..) {
                Some(&[0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some(&[byte, ..]) if byte != 0xff => {
                    self.at += 1;
                    byte
                }
                _ => {
                    self.padding += 8;
                    0
                }
            };
            self.bits |= u64::from(byte) << (u64::BITS - 8 - self.count);
            self.count += 8;
        }
        self
    }

    /// Gives the next `N` bits without taking them.
    #[inline(always)]
    pub fn peek<const N: u32>(&self) -> usize {
        (self.bits >> (u64::BITS - N)) as usize
    }

    /// Takes bits, fewer than are ensured.
    #[inline(always)]
    pub fn take(&mut self, count: u32) {
        self.bits <<= count;
        self.count -= count;
    }

    /// Reads a value of 1 to 15 bits, of which the first tells the sign (T.81, F.2.2.1).
    #[inline(always)]
    pub fn value(&mut self, size: u32) -> i32 {
        let read = (self.bits >> (u64::BITS - size)) as i32;
        self.take(size);
        if read >> (size - 1) == 0 { read + 1 - (1 << size) } else { read }
    }

    /// Tells whether more was read than is there.
    pub fn is_exhausted(&self) -> bool {
        self.count < self.padding
    }

    /// Tells whether all bytes up to a marker or the end were read, and no more.
    pub fn is_at_end(&self) -> bool {
        let is_marker = matches!(self.bytes.get(self.at..), Some([] | &[0xff, 1..=0xff, ..]));
        !self.is_exhausted() && self.count - self.padding < 8 && is_marker
    }

    /// Tells whether no byte at all is left.
    pub fn is_at_end_of_file(&self) -> bool {
        self.is_at_end() && self.at == self.bytes.len()
    }

    /// Goes on behind the restart marker of this number; `None` if another thing stands there.
    pub fn restart(&mut self, number: u8) -> Option<()> {
        let marker = [0xff, 0xd0 | number & 7];
        let is_next = self.is_at_end() && self.bytes.get(self.at..)?.starts_with(&marker);
        is_next.then(|| *self = Self { at: self.at + marker.len(), ..Self::new(self.bytes) })
    }
}

/// Tells whether one of the eight bytes is 0xff, behind which another rule begins.
fn has_byte_of_ones(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zeros = !word;
    zeros.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_whatever_bytes_they_stand_in() {
        let plain: Vec<u8> =
            (0..400u32).map(|i| if i % 7 == 3 { 0xff } else { ((i * 151) >> 2) as u8 }).collect();
        let stuffed: Vec<u8> =
            plain.iter().flat_map(|&byte| if byte == 0xff { vec![byte, 0] } else { vec![byte] }).collect();
        let mut reader = BitReader::new(&stuffed);
        let mut at = 0;
        for step in (1..=13).cycle() {
            if at + step > plain.len() * 8 {
                break;
            }
            reader.ensure();
            let bits: Vec<u32> = (at..at + 9)
                .map(|bit| plain.get(bit / 8).map_or(0, |b| u32::from(b >> (7 - bit % 8) & 1)))
                .collect();
            let expected = bits.iter().fold(0, |all, bit| all << 1 | bit);
            assert_eq!(reader.peek::<9>(), expected as usize, "at bit {at}");
            reader.take(step as u32);
            assert!(!reader.is_exhausted(), "at bit {at}");
            at += step;
        }
        reader.ensure();
        reader.take(14);
        assert!(reader.is_exhausted());
    }

    #[test]
    fn a_restart_is_taken_only_where_all_before_it_was_read() {
        let bytes = [0b1010_1010, 0xff, 0xd3, 0b1100_0000];
        let mut reader = BitReader::new(&bytes);
        reader.ensure();
        assert!(reader.restart(3).is_none(), "a byte is left");
        reader.take(3);
        assert!(reader.restart(2).is_none(), "another number");
        assert!(reader.restart(3).is_some());
        assert!(!reader.is_at_end_of_file());
        reader.ensure();
        assert_eq!(reader.peek::<2>(), 3);
        reader.take(2);
        assert!(reader.is_at_end_of_file());
        reader.take(7);
        assert!(!reader.is_at_end_of_file(), "more than there is");
    }

    #[test]
    fn values_are_signed_by_their_first_bit() {
        for (size, bits, value) in [(1, 0, -1), (1, 1, 1), (2, 0, -3), (2, 3, 3), (3, 3, -4), (3, 4, 4)] {
            let bytes = [(bits << (8 - size)) as u8];
            let mut reader = BitReader::new(&bytes);
            reader.ensure();
            assert_eq!(reader.value(size), value, "{bits} of {size} bits");
        }
    }
}
