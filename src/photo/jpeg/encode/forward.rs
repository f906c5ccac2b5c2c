//! From samples to coefficients: the cosine transform of a block of eight by eight.

use super::super::lanes::{Lanes, PLACES, minus, plus, times, transposed};

/// The coefficients of a block in the order of the file, in steps of one [`STEPS`]th.
pub(super) type Block = [i16; 64];

/// Steps of a stored coefficient: as fine as 16 bits allow for the largest one, of 1,024.
pub(super) const STEPS: f32 = 16.0;

/// Added to a small number, it leaves that number, rounded, in the lowest bits.
const ROUNDING: f32 = 12_582_912.0;

/// Rounds to the nearest whole number, which has to fit.
#[inline(always)]
pub(super) fn rounded(number: f32) -> i16 {
    (number + ROUNDING).to_bits() as i16
}

/// What the transform leaves to be multiplied, for each coefficient in the order of the file.
const FACTORS: [f32; 64] = factors();

const fn factors() -> [f32; 64] {
    // One, then the root of two times the cosine of so many sixteenths of half a turn.
    const SIDES: [f64; 8] = [
        1.0,
        1.387_039_845_322_147_5,
        1.306_562_964_876_376_5,
        1.175_875_602_419_359,
        1.0,
        0.785_694_958_387_102_2,
        0.541_196_100_146_197,
        0.275_899_379_282_943_1,
    ];
    let mut factors = [0.0; 64];
    let mut i = 0;
    while i < 64 {
        let (column, row) = (PLACES[i] / 8, PLACES[i] % 8);
        factors[i] = (STEPS as f64 / (8.0 * SIDES[column as usize] * SIDES[row as usize])) as f32;
        i += 1;
    }
    factors
}

/// Transforms rows of samples, from which the middle grey was taken (T.81, A.3.3).
#[inline(always)]
pub(super) fn transform(rows: &[Lanes<8>; 8]) -> Block {
    let columns = eight(transposed(&eight(*rows)));
    let mut block = [0; 64];
    for ((coefficient, place), factor) in block.iter_mut().zip(PLACES).zip(FACTORS) {
        *coefficient = rounded(columns[usize::from(place / 8 % 8)][usize::from(place % 8)] * factor);
    }
    block
}

/// The transform of eight with five multiplications, after Arai, Agui and Nakajima.
#[inline(always)]
fn eight([s0, s1, s2, s3, s4, s5, s6, s7]: [Lanes<8>; 8]) -> [Lanes<8>; 8] {
    const HALF_ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;
    // The sine of 22.5 degrees, then the cosine less and plus the sine.
    const SINE: f32 = 0.382_683_43;
    const LESS: f32 = 0.541_196_1;
    const MORE: f32 = 1.306_563;
    let (outer, inner) = (plus(s0, s7), plus(s3, s4));
    let (second, third) = (plus(s1, s6), plus(s2, s5));
    let (even, bend) = (plus(outer, inner), minus(outer, inner));
    let (middle, slope) = (plus(second, third), minus(second, third));
    let turned = times(plus(slope, bend), HALF_ROOT);

    let (a, b, c, d) = (minus(s3, s4), minus(s2, s5), minus(s1, s6), minus(s0, s7));
    let (ab, bc, cd) = (plus(a, b), times(plus(b, c), HALF_ROOT), plus(c, d));
    let common = times(minus(ab, cd), SINE);
    let (low, high) = (plus(times(ab, LESS), common), plus(times(cd, MORE), common));
    let (sum, difference) = (plus(d, bc), minus(d, bc));
    [
        plus(even, middle),
        plus(sum, high),
        plus(bend, turned),
        minus(difference, low),
        minus(even, middle),
        plus(difference, low),
        minus(bend, turned),
        minus(sum, high),
    ]
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "places within a block")]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn defined(rows: &[Lanes<8>; 8], column: usize, row: usize) -> f64 {
        let base = |i: usize, at: usize| {
            let share = if i == 0 { 0.5_f64.sqrt() } else { 1.0 };
            share * ((2 * at + 1) as f64 * i as f64 * PI / 16.0).cos()
        };
        let mut sum = 0.0;
        for (y, samples) in rows.iter().enumerate() {
            for (x, &sample) in samples.iter().enumerate() {
                sum += f64::from(sample) * base(column, x) * base(row, y);
            }
        }
        sum / 4.0
    }

    #[test]
    fn the_transform_is_as_the_standard_defines_it() {
        let mut random = 7u32;
        for round in 0..200 {
            let rows: [Lanes<8>; 8] = std::array::from_fn(|y| {
                std::array::from_fn(|x| match round {
                    0 => -128.0,
                    1 => 127.0,
                    2 => {
                        if (x + y) % 2 == 0 {
                            127.0
                        } else {
                            -128.0
                        }
                    }
                    _ => {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        f32::from((random >> 24) as u8) - 128.0
                    }
                })
            });
            for (i, coefficient) in transform(&rows).into_iter().enumerate() {
                let (column, row) = (usize::from(PLACES[i] / 8), usize::from(PLACES[i] % 8));
                let expected = defined(&rows, column, row);
                let got = f64::from(coefficient) / f64::from(STEPS);
                assert!((got - expected).abs() < 0.04, "{round}: {got} for {expected} at {column}, {row}");
            }
        }
    }
}
