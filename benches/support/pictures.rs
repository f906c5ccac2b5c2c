//! Pictures as cameras write them, drawn so that no person is on them.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Encodes a portrait with grain, at the quality that comes nearest to the length.
pub fn photo(width: u16, height: u16, bytes: usize) -> Vec<u8> {
    let rgb = portrait(width.into(), height.into());
    let encode = |quality| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
        encoder.encode(&rgb, width, height, ColorType::Rgb).expect("a picture of this size can be encoded");
        file
    };
    let (mut low, mut high) = (1, 100);
    while high - low > 1 {
        let middle = u8::midpoint(low, high);
        if encode(middle).len() > bytes { high = middle } else { low = middle }
    }
    encode(low)
}

/// Draws a bright oval on a gradient, and grain of several sizes over it, as skin and cloth have.
fn portrait(width: usize, height: usize) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (x * 256 / width, y * 256 / height);
            let (dx, dy) = (fx.abs_diff(128), fy.abs_diff(128));
            let is_face = dx * dx * 2 + dy * dy < 6_000;
            let base = if is_face { [215, 170, 140] } else { [60 + fx / 4, 90 + fy / 4, 120] };
            let grain = [1, 4, 16, 64]
                .map(|cell| hash(x * 512 / width.min(2_048) / cell, y * 512 / height.min(2_048) / cell) % 14);
            let grain = grain.iter().sum::<usize>() + hash(x, y) % 10;
            rgb.extend(base.map(|c| u8::try_from((c + grain).saturating_sub(30)).unwrap_or(u8::MAX)));
        }
    }
    rgb
}

fn hash(x: usize, y: usize) -> usize {
    let mixed = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
    mixed >> 15 & 0xffff
}
