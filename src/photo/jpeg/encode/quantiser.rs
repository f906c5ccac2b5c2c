//! How coarse a quality is, as libjpeg counts it.

use super::super::lanes::PLACES;

/// The tables of T.81, K.1, row after row.
const LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, //
    12, 12, 14, 19, 26, 58, 60, 55, //
    14, 13, 16, 24, 40, 57, 69, 56, //
    14, 17, 22, 29, 51, 87, 80, 62, //
    18, 22, 37, 56, 68, 109, 103, 77, //
    24, 35, 55, 64, 81, 104, 113, 92, //
    49, 64, 78, 87, 103, 121, 120, 101, //
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// The same for chroma, but for the rest, which is [`REST`].
const CHROMA: [[u16; 4]; 4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]];
const REST: u16 = 99;

/// Gives the tables for luma and for chroma in the order of the file, for a quality from 1 to 100.
pub(super) fn tables(quality: u8) -> [[u8; 64]; 2] {
    let quality = u16::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    let scaled = |step: u16| u8::try_from(((u32::from(step) * u32::from(percent) + 50) / 100).clamp(1, 255));
    let of = |step: &dyn Fn(usize, usize) -> u16| {
        PLACES.map(|place| scaled(step(usize::from(place % 8), usize::from(place / 8))).unwrap_or(u8::MAX))
    };
    let chroma = |row: usize, column: usize| {
        CHROMA.get(row).and_then(|steps| steps.get(column)).copied().unwrap_or(REST)
    };
    [of(&|row, column| LUMA[row * 8 + column]), of(&chroma)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_those_of_libjpeg() {
        let [luma, chroma] = tables(50);
        assert_eq!(luma[..8], [16, 11, 12, 14, 12, 10, 16, 14]);
        assert_eq!(chroma[..8], [17, 18, 18, 24, 21, 24, 47, 26]);
        assert_eq!(tables(100), [[1; 64]; 2]);
        assert_eq!(tables(95)[0][..3], [2, 1, 1]);
        assert_eq!(tables(1)[0], [255; 64]);
        assert_eq!(tables(30)[0][..3], [27, 18, 20]);
    }
}
