//! How sharp a face is: the variance of the Laplacian, at a set size and contrast.

use super::Region;
use super::grey::Grey;

/// The side that a face is brought to before it is measured, in pixels; smaller ones are measured as they are.
const SIDE: usize = 96;

/// The variance that the grey values of a face are brought to, so that a dark photo is not called blurred.
const VARIANCE: f64 = 2500.0;

/// Measures the face at `face` on a grey picture. `None` if there is too little of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few thousand samples of 0 to 255"
)]
pub(in crate::photo) fn of(luma: &[u8], width: usize, height: usize, face: Region) -> Option<u32> {
    let (x, y) = (face.x as usize, face.y as usize);
    let (right, bottom) = ((x + face.width as usize).min(width), (y + face.height as usize).min(height));
    if x + 8 > right || y + 8 > bottom || luma.len() < width * height {
        return None;
    }
    let rows = (y..bottom).flat_map(|row| luma[row * width + x..row * width + right].iter().copied());
    let cut = Grey { width: right - x, height: bottom - y, samples: rows.collect() };
    let own = cut.width.max(cut.height);
    let cut = if own > SIDE { cut.resized(cut.width * SIDE / own, cut.height * SIDE / own)? } else { cut };
    let values: Vec<f64> = cut.samples.iter().map(|&sample| f64::from(sample)).collect();
    let w = cut.width;
    let laplacian: Vec<f64> = (1..cut.height - 1)
        .flat_map(|y| (1..w - 1).map(move |x| y * w + x))
        .map(|at| values[at - 1] + values[at + 1] + values[at - w] + values[at + w] - 4.0 * values[at])
        .collect();
    let contrast = variance(&values).max(1.0);
    Some((variance(&laplacian) * VARIANCE / contrast).round() as u32)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
fn variance(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count
}
