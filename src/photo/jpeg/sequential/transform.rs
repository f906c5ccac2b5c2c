//! From coefficients to samples: the inverse cosine transform, whole or of the lowest frequencies only.
//!
//! The lowest `S` by `S` coefficients of a block, transformed as a block of that size, are the picture at `S`
//! eighths of its size. The factors that the steps have in common are multiplied into the quantiser's table.

use std::f64::consts::{PI, SQRT_2};

use super::super::lanes::{Lanes, PLACES, minus, plus, times, transposed};

/// The last place that counts for a transform to `S` by `S` samples.
pub(super) const fn last_place<const S: usize>() -> usize {
    match S {
        1 => 0,
        2 => 4,
        4 => 24,
        _ => 63,
    }
}

/// Prepares a quantiser's table, in the order of the file, for a transform to `S` by `S` samples.
pub(super) fn factors<const S: usize>(quantiser: &[u8; 64]) -> [f32; 64] {
    let side = |i: u8| match (S, i) {
        (8, 1..) => SQRT_2 * (f64::from(i) * PI / 16.0).cos(),
        _ => 1.0,
    };
    std::array::from_fn(|i| {
        let (column, row) = (PLACES[i] / 8, PLACES[i] % 8);
        (f64::from(quantiser[i]) * side(column) * side(row) / 8.0) as f32
    })
}

/// Transforms a block whose coefficients were multiplied by [`factors`], and writes the samples to rows of
/// `target` that lie `stride` apart.
#[inline(always)]
pub(super) fn inverse<const S: usize>(block: &[f32; 64], target: &mut [u8], stride: usize) {
    match S {
        1 => target[0] = sample(block[0]),
        2 => {
            let [a, b, c, d] = [block[0], block[8], block[1], block[9]];
            let ((left, right), (left_slope, right_slope)) = ((a + b, a - b), (c + d, c - d));
            target[..2].copy_from_slice(&[left + left_slope, right + right_slope].map(sample));
            target[stride..stride + 2].copy_from_slice(&[left - left_slope, right - right_slope].map(sample));
        }
        4 => write(&four(transposed(&four(columns(block)))), target, stride),
        _ => write(&eight(transposed(&eight(columns(block)))), target, stride),
    }
}

/// Fills a block that has nothing but its direct coefficient.
#[inline(always)]
pub(super) fn flat<const S: usize>(direct: f32, target: &mut [u8], stride: usize) {
    for row in target.chunks_mut(stride).take(S) {
        row[..S].fill(sample(direct));
    }
}

/// The lowest coefficients, column by column.
#[inline(always)]
fn columns<const S: usize>(block: &[f32; 64]) -> [Lanes<S>; S] {
    std::array::from_fn(|x| std::array::from_fn(|y| block[x * 8 + y]))
}

#[inline(always)]
fn write<const S: usize>(rows: &[Lanes<S>; S], target: &mut [u8], stride: usize) {
    for (row, target) in rows.iter().zip(target.chunks_mut(stride)) {
        for (target, &light) in target[..S].iter_mut().zip(row) {
            *target = sample(light);
        }
    }
}

/// Rounds, and adds the middle grey that JPEG takes away.
#[inline(always)]
fn sample(light: f32) -> u8 {
    /// Added to a small number, it leaves that number, rounded, in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0;
    let clamped = (light + 128.0).clamp(0.0, 255.0);
    (clamped + ROUNDING).to_bits() as u8
}

/// The transform of four, times two.
#[inline(always)]
fn four([c0, c1, c2, c3]: [Lanes<4>; 4]) -> [Lanes<4>; 4] {
    // The root of two, times the cosines of 22.5 and 67.5 degrees.
    const WIDE: f32 = 1.306_563;
    const NARROW: f32 = 0.541_196_1;
    let (outer, inner) = (plus(c0, c2), minus(c0, c2));
    let outer_slope = plus(times(c1, WIDE), times(c3, NARROW));
    let inner_slope = minus(times(c1, NARROW), times(c3, WIDE));
    [plus(outer, outer_slope), plus(inner, inner_slope), minus(inner, inner_slope), minus(outer, outer_slope)]
}

/// The transform of eight with five multiplications, after Arai, Agui and Nakajima.
#[inline(always)]
fn eight([c0, c1, c2, c3, c4, c5, c6, c7]: [Lanes<8>; 8]) -> [Lanes<8>; 8] {
    const ROOT: f32 = std::f32::consts::SQRT_2;
    // Twice the cosine of 22.5 degrees; of that, less and more twice its sine.
    const BOTH: f32 = 1.847_759_1;
    const LESS: f32 = 1.082_392_2;
    const MORE: f32 = 2.613_126;
    let (sum, difference) = (plus(c0, c4), minus(c0, c4));
    let bend = plus(c2, c6);
    let twist = minus(times(minus(c2, c6), ROOT), bend);
    let even = [plus(sum, bend), plus(difference, twist), minus(difference, twist), minus(sum, bend)];

    let (a, b) = (plus(c5, c3), minus(c5, c3));
    let (c, d) = (plus(c1, c7), minus(c1, c7));
    let first = plus(c, a);
    let turned = times(plus(b, d), BOTH);
    let second = minus(minus(turned, times(b, MORE)), first);
    let third = minus(times(minus(c, a), ROOT), second);
    let fourth = minus(minus(turned, times(d, LESS)), third);
    let odd = [first, second, third, fourth];
    std::array::from_fn(|i| if i < 4 { plus(even[i], odd[i]) } else { minus(even[7 - i], odd[7 - i]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition (T.81, A.3.3), for a picture of `side` by `side` from the lowest coefficients.
    fn defined(coefficients: &[f64; 64], side: usize, x: usize, y: usize) -> f64 {
        let base = |i: usize, at: usize| {
            let share = if i == 0 { 0.5_f64.sqrt() } else { 1.0 };
            share * ((2 * at + 1) as f64 * i as f64 * PI / (2 * side) as f64).cos()
        };
        let mut sum = 0.0;
        for row in 0..side {
            for column in 0..side {
                sum += coefficients[row * 8 + column] * base(column, x) * base(row, y);
            }
        }
        sum / 4.0 + 128.0
    }

    fn is_as_defined<const S: usize>() {
        let quantiser: [u8; 64] = std::array::from_fn(|i| 1 + i as u8 / 3);
        let factors = factors::<S>(&quantiser);
        let mut random = 7u32;
        for round in 0..200 {
            let (mut block, mut coefficients) = ([0.0; 64], [0.0; 64]);
            for i in 0..64 {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let value = if i == 0 || i < round { (random >> 27) as i32 - 16 } else { 0 };
                let (column, row) = (usize::from(PLACES[i] / 8), usize::from(PLACES[i] % 8));
                coefficients[row * 8 + column] = f64::from(value * i32::from(quantiser[i]));
                block[usize::from(PLACES[i])] = value as f32 * factors[i];
            }
            let mut samples = vec![0; S * 10];
            inverse::<S>(&block, &mut samples, 10);
            for y in 0..S {
                for x in 0..S {
                    let expected = defined(&coefficients, S, x, y).clamp(0.0, 255.0);
                    let got = f64::from(samples[y * 10 + x]);
                    assert!((got - expected).abs() < 0.501, "{S}: {got} for {expected} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn every_transform_is_as_the_standard_defines_it() {
        is_as_defined::<1>();
        is_as_defined::<2>();
        is_as_defined::<4>();
        is_as_defined::<8>();
    }

    #[test]
    fn the_last_place_that_counts_is_that_of_the_highest_wanted_frequency() {
        for (last, side) in [(last_place::<2>(), 2), (last_place::<4>(), 4), (last_place::<8>(), 8)] {
            let is_wanted = |place: &u8| place / 8 < side && place % 8 < side;
            assert_eq!(PLACES.iter().rposition(is_wanted), Some(last));
        }
    }

    #[test]
    fn a_flat_block_is_what_its_direct_coefficient_says() {
        let (mut flat_rows, mut rows) = ([0; 64], [0; 64]);
        for direct in [-300.0, -128.0, -0.6, 0.0, 99.4, 127.0, 300.0] {
            let mut block = [0.0; 64];
            block[0] = direct;
            inverse::<8>(&block, &mut rows, 8);
            flat::<8>(direct, &mut flat_rows, 8);
            assert_eq!(rows, flat_rows, "{direct}");
        }
    }
}
