//! Several numbers treated alike, and the order in which a block's coefficients are written.

#![expect(clippy::inline_always, reason = "a block stays in registers as long as all is one loop")]

/// Samples of one row, or one coefficient of several columns.
pub(super) type Lanes<const N: usize> = [f32; N];

#[inline(always)]
pub(super) fn plus<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    std::array::from_fn(|i| a[i] + b[i])
}

#[inline(always)]
pub(super) fn minus<const N: usize>(a: Lanes<N>, b: Lanes<N>) -> Lanes<N> {
    std::array::from_fn(|i| a[i] - b[i])
}

#[inline(always)]
pub(super) fn times<const N: usize>(a: Lanes<N>, factor: f32) -> Lanes<N> {
    a.map(|a| a * factor)
}

/// Makes columns of rows.
#[inline(always)]
pub(super) fn transposed<const N: usize>(rows: &[Lanes<N>; N]) -> [Lanes<N>; N] {
    std::array::from_fn(|x| std::array::from_fn(|y| rows[y][x]))
}

/// Where the coefficients of a block stand, in the order of the file: columns before rows, as what lies between
/// the two steps of a transform has them.
pub(super) const PLACES: [u8; 64] = places();

/// Walks the zigzag of T.81, figure A.6.
const fn places() -> [u8; 64] {
    let mut places = [0; 64];
    let (mut row, mut column, mut i) = (0u8, 0u8, 0);
    while i < 64 {
        places[i] = column * 8 + row;
        let goes_up = (row + column) % 2 == 0;
        if goes_up {
            if column == 7 {
                row += 1;
            } else {
                column += 1;
                row = row.saturating_sub(1);
            }
        } else if row == 7 {
            column += 1;
        } else {
            row += 1;
            column = column.saturating_sub(1);
        }
        i += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_a_zigzag() {
        let mut seen = PLACES;
        seen.sort_unstable();
        assert!((0..64).eq(seen));
        assert_eq!(PLACES[..10], [0, 8, 1, 2, 9, 16, 24, 17, 10, 3]);
        assert_eq!(PLACES[60..], [61, 62, 55, 63]);
    }
}
