//! A small grey picture, and the ways in which it is looked at again.

use fast_image_resize as fir;
use fast_image_resize::images::{Image, ImageRef};

use super::super::raster::{Colour, Orientation, Raster};

/// Grey values, row after row.
#[derive(Clone)]
pub(super) struct Grey {
    pub width: usize,
    pub height: usize,
    pub samples: Vec<u8>,
}

impl Grey {
    /// Takes the light out of a picture, upright, with `long_side` pixels on its longer side: enlarged, too.
    ///
    /// `None` if the picture is too narrow for a size that the resizer knows.
    pub fn of(raster: &Raster, orientation: Orientation, long_side: usize) -> Option<Self> {
        let smaller = raster.light_scaled_to(long_side)?.upright(orientation);
        let samples = match raster.colour {
            Colour::Grey | Colour::YCbCr => smaller.samples,
            Colour::Rgb => smaller.samples.as_chunks().0.iter().map(|&rgb| luma(rgb)).collect(),
        };
        let grey = Self { width: smaller.width, height: smaller.height, samples };
        if grey.width.max(grey.height) < long_side { grey.enlarged(long_side) } else { Some(grey) }
    }

    fn enlarged(&self, long_side: usize) -> Option<Self> {
        let own = self.width.max(self.height);
        self.resized(self.width * long_side / own, self.height * long_side / own)
    }

    /// Scales to a size, bilinearly.
    pub fn resized(&self, width: usize, height: usize) -> Option<Self> {
        let dim = |px: usize| u32::try_from(px).ok().filter(|&px| px > 0);
        let source = ImageRef::new(dim(self.width)?, dim(self.height)?, &self.samples, fir::PixelType::U8);
        let mut target = Image::new(dim(width)?, dim(height)?, fir::PixelType::U8);
        let bilinear = fir::ResizeOptions::new()
            .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Bilinear))
            .use_alpha(false);
        fir::Resizer::new().resize(&source.ok()?, &mut target, &bilinear).ok()?;
        Some(Self { width, height, samples: target.into_vec() })
    }

    /// Turns the picture clockwise by so many right angles.
    pub fn turned(&self, quarters: u8) -> Self {
        let (w, h) = (self.width, self.height);
        let (width, height) = if quarters % 2 == 1 { (h, w) } else { (w, h) };
        let mut samples = Vec::with_capacity(w * h);
        for y in 0..height {
            for x in 0..width {
                let (from_x, from_y) = match quarters % 4 {
                    1 => (y, h - 1 - x),
                    2 => (w - 1 - x, h - 1 - y),
                    3 => (w - 1 - y, x),
                    _ => (x, y),
                };
                samples.push(self.samples[from_y * w + from_x]);
            }
        }
        Self { width, height, samples }
    }

    /// Tilts the picture about its middle, clockwise; what comes in from outside repeats the edge.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the picture's own pixels"
    )]
    pub fn tilted(&self, tilt: Tilt) -> Self {
        let (w, h) = (self.width as f32, self.height as f32);
        let mut samples = Vec::with_capacity(self.samples.len());
        for y in 0..self.height {
            for x in 0..self.width {
                let (from_x, from_y) = tilt.back(x as f32, y as f32, w, h);
                let from_x = from_x.round().clamp(0.0, w - 1.0) as usize;
                let from_y = from_y.round().clamp(0.0, h - 1.0) as usize;
                samples.push(self.samples[from_y * self.width + from_x]);
            }
        }
        Self { samples, ..*self }
    }

    /// Spreads the grey values evenly over black to white, as far as the picture has them.
    pub fn equalised(&self) -> Self {
        let histogram = self.histogram();
        let total = u64::try_from(self.samples.len()).unwrap_or(1).max(1);
        let mut below = 0;
        let table: Vec<u8> = histogram
            .iter()
            .map(|&count| {
                let middle = below + count / 2;
                below += count;
                u8::try_from(middle * 255 / total).unwrap_or(u8::MAX)
            })
            .collect();
        Self { samples: self.samples.iter().map(|&sample| table[usize::from(sample)]).collect(), ..*self }
    }

    /// Stretches the grey values to black and white where they fill only a part of the way.
    pub fn stretched(self) -> Self {
        let histogram = self.histogram();
        let slack = u64::try_from(self.samples.len() / 200).unwrap_or(0);
        let end = |counts: &mut dyn Iterator<Item = &u64>| {
            let mut seen = 0;
            counts
                .take_while(|&&count| {
                    seen += count;
                    seen <= slack
                })
                .count()
        };
        let darkest = end(&mut histogram.iter());
        let lightest = 255 - end(&mut histogram.iter().rev());
        let range = lightest.saturating_sub(darkest);
        if range == 0 || range > FULL_RANGE {
            return self;
        }
        let stretch = |sample: u8| {
            u8::try_from(usize::from(sample).saturating_sub(darkest) * 255 / range).unwrap_or(u8::MAX)
        };
        Self { samples: self.samples.iter().map(|&sample| stretch(sample)).collect(), ..self }
    }

    fn histogram(&self) -> [u64; 256] {
        let mut histogram = [0; 256];
        for &sample in &self.samples {
            histogram[usize::from(sample)] += 1;
        }
        histogram
    }
}

/// Grey values that spread over more than this are left as they are.
const FULL_RANGE: usize = 170;

fn luma([r, g, b]: [u8; 3]) -> u8 {
    u8::try_from((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29 + 128) >> 8).unwrap_or(u8::MAX)
}

/// A head that leans, as the sine and cosine of its angle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tilt {
    sine: f32,
    cosine: f32,
}

impl Tilt {
    pub fn degrees(degrees: f32) -> Self {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        Self { sine, cosine }
    }

    /// Where the point of the tilted picture was before it was tilted.
    pub fn back(self, x: f32, y: f32, width: f32, height: f32) -> (f32, f32) {
        let (cx, cy) = ((width - 1.0) / 2.0, (height - 1.0) / 2.0);
        let (dx, dy) = (x - cx, y - cy);
        (cx + dx * self.cosine + dy * self.sine, cy - dx * self.sine + dy * self.cosine)
    }
}
