//! The segments of the file, and the bits of its scan (T.81, annex B).

use super::super::keep::{BEGINNING, END};
use super::super::markers::{DHT, DQT, SOF0, SOS};
use super::Transformed;
use super::codes::Codes;
use super::quantiser;
use super::tokens::{TABLES, Tokens, bits_behind};

/// Writes all of a file.
pub(super) fn write(picture: &Transformed<'_>, quality: u8, tokens: &Tokens) -> Vec<u8> {
    let components = picture.components.len();
    let has_chroma = components > 1;
    let codes: [Codes; TABLES] = std::array::from_fn(|table| Codes::new(&tokens.frequencies[table]));
    let mut file = Vec::with_capacity(1024 + tokens.entropy_bytes() * 9 / 8);
    file.extend_from_slice(BEGINNING);
    for (number, table) in (0..).zip(quantiser::tables(quality)).take(1 + usize::from(has_chroma)) {
        segment(&mut file, DQT, &[&[number], &table]);
    }
    let [(high, low), (wide, narrow)] = [picture.height, picture.width].map(|side| side.to_be_bytes().into());
    let mut frame = vec![8, high, low, wide, narrow, components as u8];
    let mut scan = vec![components as u8];
    for (i, component) in (0u8..).zip(&picture.components) {
        let tables = u8::from(i > 0);
        frame.extend([i + 1, (component.across << 4 | component.down) as u8, tables]);
        scan.extend([i + 1, tables << 4 | tables]);
    }
    scan.extend([0, 63, 0]);
    segment(&mut file, SOF0, &[&frame]);
    for (table, codes) in (0..).zip(&codes).take(if has_chroma { TABLES } else { TABLES / 2 }) {
        let (number, class) = (table / 2, table % 2);
        segment(&mut file, DHT, &[&[class << 4 | number], &codes.counts, &codes.symbols]);
    }
    segment(&mut file, SOS, &[&scan]);
    let mut bits = BitWriter { file, bits: 0, count: 0 };
    for token in &tokens.all {
        let symbol = token.symbol();
        let (code, len) = codes[token.table()].code(symbol);
        let behind = bits_behind(symbol);
        bits.push(u32::from(code) << behind | u32::from(token.bits()), u32::from(len) + behind);
    }
    let mut file = bits.finish();
    file.extend_from_slice(END);
    file
}

fn segment(file: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let len = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    file.extend([0xff, marker]);
    file.extend((len as u16).to_be_bytes());
    for part in parts {
        file.extend_from_slice(part);
    }
}

/// Writes bits, the highest first, and a zero behind each byte of ones.
struct BitWriter {
    file: Vec<u8>,
    /// The lowest `count` bits are not written yet.
    bits: u64,
    count: u32,
}

impl BitWriter {
    /// Takes at most 32 bits.
    #[inline(always)]
    fn push(&mut self, bits: u32, len: u32) {
        self.bits = self.bits << len | u64::from(bits);
        self.count += len;
        if self.count >= 32 {
            self.count -= 32;
            self.put((self.bits >> self.count) as u32);
        }
    }

    #[inline(always)]
    fn put(&mut self, word: u32) {
        let bytes = word.to_be_bytes();
        if bytes.contains(&0xff) {
            for byte in bytes {
                self.put_byte(byte);
            }
        } else {
            self.file.extend_from_slice(&bytes);
        }
    }

    fn put_byte(&mut self, byte: u8) {
        self.file.push(byte);
        if byte == 0xff {
            self.file.push(0);
        }
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        let filled = self.count.next_multiple_of(8);
        let ones = filled - self.count;
        let bits = self.bits << ones | ((1 << ones) - 1);
        for at in (0..filled / 8).rev() {
            self.put_byte((bits >> (at * 8)) as u8);
        }
        self.file
    }
}
