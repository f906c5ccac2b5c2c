//! How long one core takes to prepare a photo, by the size of the photo.
//!
//! The pictures are drawn here, with as many bytes for their pixels as cameras write.

use divan::Bencher;
use divan::counter::ItemsCount;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

fn main() {
    divan::main();
}

/// Width, height and length in bytes, in pixels and kB.
const CAMERA: [(u16, u16, usize); 3] = [(4032, 3024, 3_500), (2048, 1536, 910), (816, 612, 161)];

#[divan::bench(args = CAMERA, sample_count = 20)]
fn camera_photo(bencher: Bencher<'_, '_>, (width, height, kilobytes): (u16, u16, usize)) {
    bench(bencher, &photo(width, height, kilobytes * 1_000));
}

#[divan::bench(sample_count = 50)]
fn inside_the_budget(bencher: Bencher<'_, '_>) {
    bench(bencher, &photo(360, 480, 18_500));
}

fn bench(bencher: Bencher<'_, '_>, file: &[u8]) {
    bencher.counter(ItemsCount::new(1u32)).bench(|| reverify::photo::prepare(divan::black_box(file)));
}

/// Encodes a portrait with grain, at the quality that comes nearest to the length.
fn photo(width: u16, height: u16, bytes: usize) -> Vec<u8> {
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
