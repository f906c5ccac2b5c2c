//! A rectangle of 8-bit samples: scaled, cut and turned.

use fast_image_resize as fir;
use fast_image_resize::images::{Image, ImageRef};

use super::raster::Orientation;

/// Samples, row after row, without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plane {
    pub width: usize,
    pub height: usize,
    /// Samples of a pixel: 1 or 3.
    pub depth: usize,
    pub samples: Vec<u8>,
}

/// What of a plane is meant, in its own pixels, which need not be whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// How samples between others are made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filter {
    /// Sharp: for the light.
    Lanczos,
    /// A little softer, and cheaper: for colours, which eyes see less sharply.
    Cubic,
    /// The mean of what a new pixel covers.
    Mean,
}

impl Plane {
    /// Gives the samples of one row.
    pub fn row(&self, y: usize) -> &[u8] {
        let row = self.width * self.depth;
        &self.samples[y * row..][..row]
    }

    /// Scales the part to a size; `None` if the resizer refuses it.
    pub fn scaled(&self, cut: Option<Cut>, width: usize, height: usize, filter: Filter) -> Option<Self> {
        let kind = if self.depth == 1 { fir::PixelType::U8 } else { fir::PixelType::U8x3 };
        let side = |px: usize| u32::try_from(px).ok();
        let source = ImageRef::new(side(self.width)?, side(self.height)?, &self.samples, kind).ok()?;
        let mut target = Image::new(side(width)?, side(height)?, kind);
        let filter = match filter {
            Filter::Lanczos => fir::FilterType::Lanczos3,
            Filter::Cubic => fir::FilterType::CatmullRom,
            Filter::Mean => fir::FilterType::Box,
        };
        let options =
            fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(filter)).use_alpha(false);
        let options = match cut {
            None => options,
            Some(Cut { left, top, width, height }) => options.crop(left, top, width, height),
        };
        fir::Resizer::new().resize(&source, &mut target, &options).ok()?;
        Some(Self { width, height, depth: self.depth, samples: target.into_vec() })
    }

    /// Cuts out the pixels that the part touches.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the plane"
    )]
    pub fn cut(&self, cut: Cut) -> Self {
        let within = |at: f64, side: usize| at.clamp(0.0, side as f64) as usize;
        let (left, top) = (within(cut.left.floor(), self.width), within(cut.top.floor(), self.height));
        let right = within((cut.left + cut.width).ceil(), self.width);
        let bottom = within((cut.top + cut.height).ceil(), self.height);
        let mut samples = Vec::with_capacity((right - left) * (bottom - top) * self.depth);
        for y in top..bottom {
            samples.extend_from_slice(&self.row(y)[left * self.depth..right * self.depth]);
        }
        Self { width: right - left, height: bottom - top, depth: self.depth, samples }
    }

    /// Turns and mirrors so that the top is up.
    pub fn upright(self, orientation: Orientation) -> Self {
        match self.depth {
            _ if orientation == Orientation::default() => self,
            1 => self.turned::<1>(orientation),
            _ => self.turned::<3>(orientation),
        }
    }

    fn turned<const N: usize>(self, orientation: Orientation) -> Self {
        let (w, h) = (self.width, self.height);
        let (width, height) = if orientation.swaps_sides() { (h, w) } else { (w, h) };
        let mut samples = vec![0; self.samples.len()];
        let (source, _) = self.samples.as_chunks::<N>();
        let (target, _) = samples.as_chunks_mut::<N>();
        for y in 0..height {
            for x in 0..width {
                let (from_x, from_y) = orientation.source_of(x, y, w, h);
                target[y * width + x] = source[from_y * w + from_x];
            }
        }
        Self { width, height, depth: self.depth, samples }
    }
}
