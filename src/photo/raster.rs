//! Pixels in memory: what they mean, which way up they are, and fewer of them.

use std::borrow::Cow;
use std::sync::Arc;

use super::face::Part;
use super::plane::{Cut, Filter, Plane};
use super::profile::Profile;

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// One sample.
    Grey,
    /// Three samples.
    Rgb,
    /// Three samples in planes of their own, full range, as JPEG has them (JFIF, ITU-T T.871).
    YCbCr,
}

impl Colour {
    /// Gives the number of samples in a pixel.
    pub fn samples(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb | Self::YCbCr => 3,
        }
    }
}

/// A picture of 8-bit samples.
#[derive(Clone)]
pub(super) struct Raster {
    pub width: usize,
    pub height: usize,
    pub colour: Colour,
    /// One, with all samples of a pixel together; but YCbCr has its luma, then its two chromas, which may have
    /// fewer pixels.
    pub planes: Vec<Plane>,
    /// What the samples mean, unless it is sRGB.
    pub profile: Option<Arc<Profile>>,
    /// What of the file's picture this is.
    pub shows: Part,
}

impl Raster {
    /// Takes the samples of whole pixels, row after row.
    pub fn new(width: usize, height: usize, colour: Colour, samples: Vec<u8>) -> Self {
        let plane = |depth, samples| Plane { width, height, depth, samples };
        let planes = match colour {
            Colour::Grey | Colour::Rgb => vec![plane(colour.samples(), samples)],
            Colour::YCbCr => {
                let (pixels, _) = samples.as_chunks::<3>();
                (0..3).map(|i| plane(1, pixels.iter().map(|pixel| pixel[i]).collect())).collect()
            }
        };
        Self { width, height, colour, planes, profile: None, shows: Part::WHOLE }
    }

    /// Gives how many pixels the longer side of a part of the file's picture has here; 0 if some of it is
    /// missing.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a side"
    )]
    pub fn long_side_of(&self, part: Part) -> usize {
        let Some(part) = part.within(self.shows) else { return 0 };
        (part.width * self.width as f64).max(part.height * self.height as f64).round() as usize
    }

    /// Scales with Lanczos3 so that the longer side has `long_side` pixels; never enlarges.
    ///
    /// `None` if the size is one that the resizer refuses, which no caller asks for.
    pub fn scaled_to(&self, long_side: usize) -> Option<Self> {
        self.part_scaled_to(Part::WHOLE, long_side)
    }

    /// Cuts a part of the file's picture out and scales it with Lanczos3 so that its longer side has `long_side`
    /// pixels; never enlarges.
    ///
    /// `None` if some of it is not here, or if the size is one that the resizer refuses; no caller asks for either.
    pub fn part_scaled_to(&self, part: Part, long_side: usize) -> Option<Self> {
        let part = part.within(self.shows)?;
        let scaled = |(i, plane)| {
            let filter = if i == 0 { Filter::Lanczos } else { Filter::Cubic };
            self.plane_scaled_to(plane, part, long_side, filter)
        };
        let planes = self.planes.iter().enumerate().map(scaled).collect::<Option<Vec<_>>>()?;
        let &Plane { width, height, .. } = planes.first()?;
        let profile = self.profile.clone();
        Some(Self { width, height, colour: self.colour, planes, profile, shows: Part::WHOLE })
    }

    /// Scales the light, or the colours where the light is in them, as [`Self::scaled_to`] does all.
    pub fn light_scaled_to(&self, long_side: usize) -> Option<Plane> {
        self.plane_scaled_to(self.planes.first()?, Part::WHOLE, long_side, Filter::Lanczos)
    }

    fn plane_scaled_to(&self, plane: &Plane, part: Part, long_side: usize, filter: Filter) -> Option<Plane> {
        let (left, right) = edges(part.left, part.width, self.width)?;
        let (top, bottom) = edges(part.top, part.height, self.height)?;
        let (width, height) = (right - left, bottom - top);
        let (across, down) = ((plane.width, self.width), (plane.height, self.height));
        let cut = Cut {
            left: share(left, across),
            top: share(top, down),
            width: share(width, across),
            height: share(height, down),
        };
        let own = width.max(height);
        if long_side >= own {
            return Some(plane.cut(cut));
        }
        let rounded = |px: usize, (part, whole): (usize, usize)| ((px * part + whole / 2) / whole).max(1);
        let side = |px, of| rounded(rounded(px, (long_side, own)), of);
        let cut = Some(cut).filter(|_| part != Part::WHOLE);
        plane.scaled(cut, side(width, across), side(height, down), filter)
    }

    /// Converts the colours to sRGB, if they are others. It costs time by the pixel, so it is done last.
    pub fn in_srgb(&self) -> Cow<'_, Self> {
        let Some(profile) = &self.profile else { return Cow::Borrowed(self) };
        let mut converted = Self { profile: None, ..self.clone() };
        match self.colour {
            Colour::Grey => {
                for plane in &mut converted.planes {
                    profile.convert_grey(&mut plane.samples);
                }
            }
            Colour::Rgb | Colour::YCbCr => {
                let rgb = self.rgb();
                let mut samples = vec![0; rgb.len()];
                if profile.convert_to_rgb(&rgb, &mut samples) {
                    converted = Self::new(self.width, self.height, Colour::Rgb, samples);
                }
            }
        }
        Cow::Owned(converted)
    }

    /// Gives the pixels of a colour picture as RGB.
    fn rgb(&self) -> Cow<'_, [u8]> {
        let (luma, cb, cr) = match self.planes.as_slice() {
            [luma, cb, cr] => (luma, cb, cr),
            planes => return planes.first().map_or(&[][..], |plane| &plane.samples).into(),
        };
        let mut rgb = Vec::with_capacity(3 * luma.samples.len());
        for y in 0..self.height {
            let row = y * cb.height / self.height;
            let (blue, red) = (cb.row(row), cr.row(row));
            for (x, &light) in luma.row(y).iter().enumerate() {
                let column = x * cb.width / self.width;
                rgb.extend(ycbcr_to_rgb([light, blue[column], red[column]]));
            }
        }
        rgb.into()
    }

    /// Gives the light of each pixel; `None` for colours that no kept picture has.
    pub fn luma(self) -> Option<Vec<u8>> {
        match self.colour {
            Colour::Grey | Colour::YCbCr => self.planes.into_iter().next().map(|plane| plane.samples),
            Colour::Rgb => None,
        }
    }

    /// Turns and mirrors the picture so that its top is up.
    pub fn upright(self, orientation: Orientation) -> Self {
        let (width, height) =
            if orientation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) };
        let planes = self.planes.into_iter().map(|plane| plane.upright(orientation)).collect();
        Self { width, height, planes, ..self }
    }
}

/// Where a share of a side begins and ends, in whole pixels; `None` if that is nothing.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture"
)]
fn edges(begins: f64, share: f64, side: usize) -> Option<(usize, usize)> {
    let edge = |share: f64| (share * side as f64).round().clamp(0.0, side as f64) as usize;
    let (first, last) = (edge(begins), edge(begins + share));
    (first < last).then_some((first, last))
}

/// What of a plane's side goes with so many pixels of the picture's.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn share(px: usize, (plane, picture): (usize, usize)) -> f64 {
    (px * plane) as f64 / picture as f64
}

/// Turns a pixel of JFIF's YCbCr (ITU-T T.871, section 7) into RGB.
fn ycbcr_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    const ONE: i32 = 1 << 16;
    let (y, cb, cr) = (i32::from(y) * ONE + ONE / 2, i32::from(cb) - 128, i32::from(cr) - 128);
    // 1.402, 0.344136, 0.714136 and 1.772, times 2^16.
    [y + 91_881 * cr, y - 22_553 * cb - 46_802 * cr, y + 116_130 * cb]
        .map(|sample| u8::try_from((sample >> 16).clamp(0, 255)).unwrap_or(u8::MAX))
}

/// Turns an RGB pixel into JFIF's YCbCr (ITU-T T.871, section 7).
pub(super) fn rgb_to_ycbcr([r, g, b]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    const MIDDLE: i32 = 128 << 16;
    let [r, g, b] = [r, g, b].map(i32::from);
    // 0.299, 0.587, 0.114; 0.168736, 0.331264, 0.5; 0.418688 and 0.081312, times 2^16.
    let light = 19_595 * r + 38_470 * g + 7_471 * b;
    let blue = MIDDLE - 11_059 * r - 21_709 * g + 32_768 * b;
    let red = MIDDLE + 32_768 * r - 27_439 * g - 5_329 * b;
    [light, blue, red].map(|sample| u8::try_from((sample + HALF) >> 16).unwrap_or(u8::MAX))
}

/// How the stored picture has to be turned, as EXIF 2.32 numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// Takes EXIF's number; `None` unless 1 to 8.
    pub fn from_exif(number: u16) -> Option<Self> {
        u8::try_from(number).ok().filter(|n| (1..=8).contains(n)).map(Self)
    }

    /// Gives EXIF's number, 1 to 8; 1 is upright.
    pub fn exif(self) -> u8 {
        self.0
    }

    /// Tells whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Turns further, clockwise, by so many right angles.
    #[must_use]
    pub fn turned(self, quarters: u8) -> Self {
        // The stored picture mirrored or not, then turned clockwise by 0 to 3 right angles.
        const PLAIN: [u8; 4] = [1, 6, 3, 8];
        const MIRRORED: [u8; 4] = [2, 7, 4, 5];
        let turned = [PLAIN, MIRRORED].into_iter().find_map(|row| {
            let at = row.iter().position(|&number| number == self.0)?;
            Some(row[(at + usize::from(quarters)) % 4])
        });
        Self(turned.unwrap_or(self.0))
    }

    /// Where the point `x`, `y` of the upright picture is on the stored one, both as shares of their sides.
    pub(super) fn source_share(self, x: f64, y: f64) -> (f64, f64) {
        match self.0 {
            2 => (1.0 - x, y),
            3 => (1.0 - x, 1.0 - y),
            4 => (x, 1.0 - y),
            5 => (y, x),
            6 => (y, 1.0 - x),
            7 => (1.0 - y, 1.0 - x),
            8 => (1.0 - y, x),
            _ => (x, y),
        }
    }

    /// Where the pixel `x`, `y` of the upright picture stands in the stored one of `w` by `h`.
    pub(super) fn source_of(self, x: usize, y: usize, w: usize, h: usize) -> (usize, usize) {
        match self.0 {
            2 => (w - 1 - x, y),
            3 => (w - 1 - x, h - 1 - y),
            4 => (x, h - 1 - y),
            5 => (y, x),
            6 => (y, h - 1 - x),
            7 => (w - 1 - y, h - 1 - x),
            8 => (w - 1 - y, x),
            _ => (x, y),
        }
    }
}

/// Averages boxes of pixels while rows arrive, so that a large picture is never whole in memory.
pub(super) struct BoxReducer {
    width: usize,
    colour: Colour,
    factor: usize,
    sums: Vec<u32>,
    rows_in_sums: u32,
    width_reduced: usize,
    height_reduced: usize,
    reduced: Vec<u8>,
}

impl BoxReducer {
    /// Starts on a picture of `width` by `height`; the longer side keeps at least `min_long_side`.
    pub fn new(width: usize, height: usize, colour: Colour, min_long_side: usize) -> Self {
        let factor = Self::factor(width.max(height), min_long_side);
        let (w, h) = (width.div_ceil(factor), height.div_ceil(factor));
        Self {
            width,
            colour,
            factor,
            sums: vec![0; w * colour.samples()],
            rows_in_sums: 0,
            width_reduced: w,
            height_reduced: h,
            reduced: Vec::with_capacity(w * h * colour.samples()),
        }
    }

    /// Gives the side of the boxes, in pixels.
    pub fn factor(long_side: usize, min_long_side: usize) -> usize {
        (long_side / min_long_side.max(1)).max(1)
    }

    /// Takes the next row, of exactly the width that was announced.
    pub fn push(&mut self, row: &[u8]) {
        if self.factor == 1 {
            self.reduced.extend_from_slice(row);
            return;
        }
        match self.colour.samples() {
            1 => self.add::<1>(row),
            _ => self.add::<3>(row),
        }
        self.rows_in_sums += 1;
        if self.rows_in_sums as usize == self.factor {
            self.flush();
        }
    }

    fn add<const N: usize>(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<N>();
        let (sums, _) = self.sums.as_chunks_mut::<N>();
        for (sum, group) in sums.iter_mut().zip(pixels.chunks(self.factor)) {
            for pixel in group {
                for (s, &p) in sum.iter_mut().zip(pixel) {
                    *s += u32::from(p);
                }
            }
        }
    }

    fn flush(&mut self) {
        let n = self.colour.samples();
        let last = self.width_reduced - 1;
        let last_columns = self.width - last * self.factor;
        for (i, pixel) in self.sums.chunks(n).enumerate() {
            let columns = if i == last { last_columns } else { self.factor };
            // A box is far smaller than 2^32 / 255 pixels, by the limit on pixels.
            let count = u32::try_from(columns).unwrap_or(u32::MAX).saturating_mul(self.rows_in_sums);
            let mean = |&sum: &u32| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX);
            self.reduced.extend(pixel.iter().map(mean));
        }
        self.sums.fill(0);
        self.rows_in_sums = 0;
    }

    /// Gives the reduced picture; `None` if rows are missing.
    pub fn finish(mut self) -> Option<Raster> {
        if self.rows_in_sums > 0 {
            self.flush();
        }
        let Self { width_reduced: width, height_reduced: height, colour, reduced, .. } = self;
        (reduced.len() == width * height * colour.samples())
            .then(|| Raster::new(width, height, colour, reduced))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::face::Region;

    #[test]
    fn every_orientation_moves_the_corners_where_exif_says() {
        // Stored 3x2, letters as they lie in the file; expected as a viewer shows them.
        let cases = [
            (1, "abcdef", 3),
            (2, "cbafed", 3),
            (3, "fedcba", 3),
            (4, "defabc", 3),
            (5, "adbecf", 2),
            (6, "daebfc", 2),
            (7, "fcebda", 2),
            (8, "cfbead", 2),
        ];
        for (number, expected, width) in cases {
            let stored = Raster::new(3, 2, Colour::Grey, b"abcdef".to_vec());
            let upright = stored.upright(Orientation::from_exif(number).unwrap());
            assert_eq!(upright.planes[0].samples, expected.as_bytes(), "orientation {number}");
            assert_eq!(upright.width, width, "orientation {number}");
        }
    }

    #[test]
    fn turning_further_is_turning_twice() {
        let stored = Raster::new(3, 2, Colour::Grey, b"abcdef".to_vec());
        for number in 1..=8 {
            let first = Orientation::from_exif(number).unwrap();
            for (quarters, second) in [(0, 1), (1, 6), (2, 3), (3, 8)] {
                let twice = stored.clone().upright(first).upright(Orientation::from_exif(second).unwrap());
                let once = stored.clone().upright(first.turned(quarters));
                assert_eq!(once.planes, twice.planes, "{number} turned by {quarters}");
            }
        }
    }

    #[test]
    fn a_part_is_found_again_in_the_stored_picture() {
        let stored = Raster::new(4, 2, Colour::Grey, b"abcdefgh".to_vec());
        for number in 1..=8 {
            let orientation = Orientation::from_exif(number).unwrap();
            let upright = stored.clone().upright(orientation);
            let (w, h) = if orientation.swaps_sides() { (2, 4) } else { (4, 2) };
            let region = Region { x: 1, y: 1, width: w - 1, height: h - 1 };
            let part = Part::stored(region, orientation, w, h);
            let cut = stored.part_scaled_to(part, 99).unwrap().upright(orientation);
            let expected: Vec<u8> = upright.planes[0]
                .samples
                .chunks(upright.width)
                .skip(1)
                .flat_map(|row| row[1..].to_vec())
                .collect();
            assert_eq!(cut.planes[0].samples, expected, "orientation {number}");
        }
    }

    #[test]
    fn a_box_at_the_edge_is_averaged_over_the_pixels_it_has() {
        let mut boxes = BoxReducer::new(5, 3, Colour::Grey, 2);
        boxes.push(&[0, 10, 20, 30, 100]);
        boxes.push(&[0, 10, 20, 30, 200]);
        boxes.push(&[40, 40, 80, 80, 7]);
        let reduced = boxes.finish().unwrap();
        assert_eq!((reduced.width, reduced.height), (3, 2));
        assert_eq!(reduced.planes[0].samples, [5, 25, 150, 40, 80, 7]);
    }

    #[test]
    fn a_reducer_that_misses_rows_gives_nothing() {
        let mut reducer = BoxReducer::new(4, 8, Colour::Rgb, 4);
        reducer.push(&[1; 12]);
        assert!(reducer.finish().is_none());
    }

    #[test]
    fn a_pixel_survives_the_way_to_rgb_and_back() {
        for rgb in [[0, 0, 0], [255, 255, 255], [200, 150, 130], [255, 0, 0], [0, 255, 0], [0, 0, 255]] {
            let of_another = jpeg_encoder::rgb_to_ycbcr(rgb[0], rgb[1], rgb[2]);
            let ours = rgb_to_ycbcr(rgb);
            assert_eq!(ours, <[u8; 3]>::from(of_another), "{rgb:?}");
            let back = ycbcr_to_rgb(ours);
            assert!(back.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 2), "{rgb:?} became {back:?}");
        }
    }

    #[test]
    fn scaling_never_enlarges() {
        let small = Raster::new(4, 2, Colour::Grey, vec![9; 8]);
        let same = small.scaled_to(480).unwrap();
        assert_eq!((same.width, same.height), (4, 2));
    }
}
