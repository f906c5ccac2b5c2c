//! How long one core takes to prepare a photo, by the size of the photo.
//!
//! The pictures are drawn here, with as many bytes for their pixels as cameras write.

use divan::Bencher;
use divan::counter::ItemsCount;

#[path = "support/pictures.rs"]
mod pictures;

use pictures::photo;
use reverify::photo::FacePolicy;

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
    bencher
        .counter(ItemsCount::new(1u32))
        .bench(|| reverify::photo::prepare(divan::black_box(file), FacePolicy::Off));
}
