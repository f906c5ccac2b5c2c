//! Pictures for tests: drawn, then encoded by other means than the program's own.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// RGB pixels.
#[derive(Clone)]
pub struct Drawing {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
}

/// Draws something like a portrait: a bright oval on a gradient, corners of four colours, and grain.
pub fn portrait(width: usize, height: usize, grain: u8) -> Drawing {
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut random = 0x2545_f491_u32;
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (x * 256 / width, y * 256 / height);
            let (dx, dy) = (fx.abs_diff(128), fy.abs_diff(128));
            let base: [usize; 3] = match (fx / 64, fy / 64) {
                (0, 0) => [220, 30, 30],
                (3, 0) => [30, 200, 30],
                (0, 3) => [30, 30, 220],
                (3, 3) => [230, 220, 40],
                _ if dx * dx * 2 + dy * dy < 6000 => [225 - dy / 2, 180 - dx / 2, 150],
                _ => [60 + fx / 4, 90 + fy / 4, 120],
            };
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = i32::from(grain) * ((random >> 24) as i32 - 128) / 128;
            rgb.extend(base.map(|c| (i32::try_from(c).unwrap() + noise).clamp(0, 255) as u8));
        }
    }
    Drawing { width, height, rgb }
}

/// How a test JPEG is coded.
#[derive(Clone, Copy)]
pub struct Jpeg {
    pub quality: u8,
    pub progressive: bool,
    pub sampling: SamplingFactor,
    pub colour: ColorType,
    pub restart: u16,
}

pub const BASELINE: Jpeg = Jpeg {
    quality: 85,
    progressive: false,
    sampling: SamplingFactor::R_4_2_0,
    colour: ColorType::Rgb,
    restart: 0,
};
pub const PROGRESSIVE: Jpeg = Jpeg { progressive: true, ..BASELINE };

impl Drawing {
    pub fn grey(&self) -> Vec<u8> {
        self.rgb
            .chunks(3)
            .map(|p| ((u16::from(p[0]) + 2 * u16::from(p[1]) + u16::from(p[2])) / 4) as u8)
            .collect()
    }

    pub fn jpeg(&self, how: Jpeg) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, how.quality);
        encoder.set_sampling_factor(how.sampling);
        encoder.set_progressive(how.progressive);
        if how.restart > 0 {
            encoder.set_restart_interval(how.restart);
        }
        let samples = match how.colour {
            ColorType::Luma => self.grey(),
            // No black ink: cyan, magenta and yellow alone.
            ColorType::Cmyk | ColorType::CmykAsYcck => {
                self.rgb.chunks(3).flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 0]).collect()
            }
            _ => self.rgb.clone(),
        };
        let (width, height) = (self.width as u16, self.height as u16);
        encoder.encode(&samples, width, height, how.colour).unwrap();
        file
    }

    /// Encodes with as many bytes as lie between the two bounds.
    pub fn jpeg_between(&self, low: usize, high: usize) -> Vec<u8> {
        (20..=99)
            .map(|quality| self.jpeg(Jpeg { quality, ..BASELINE }))
            .find(|file| (low..=high).contains(&file.len()))
            .expect("some quality gives such a size")
    }

    pub fn png(
        &self,
        colour: png::ColorType,
        depth: png::BitDepth,
        samples: &[u8],
        palette: Option<&[u8]>,
    ) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if let Some(palette) = palette {
            encoder.set_palette(palette);
        }
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        file
    }

    pub fn rgb_png(&self) -> Vec<u8> {
        self.png(png::ColorType::Rgb, png::BitDepth::Eight, &self.rgb, None)
    }

    pub fn webp(&self) -> Vec<u8> {
        let mut file = Vec::new();
        image_webp::WebPEncoder::new(&mut file)
            .encode(&self.rgb, self.width as u32, self.height as u32, image_webp::ColorType::Rgb8)
            .unwrap();
        file
    }

    /// Writes a BMP with a header of 40 bytes; `row` makes the stored bytes of one row of RGB.
    pub fn bmp(
        &self,
        bits: u16,
        colours: &[u8],
        compression: u32,
        row: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let offset = 54 + colours.len();
        let mut pixels = Vec::new();
        for line in self.rgb.chunks(self.width * 3).rev() {
            let mut stored = row(line);
            stored.resize(stored.len().next_multiple_of(4), 0);
            pixels.extend(stored);
        }
        let mut file = b"BM".to_vec();
        let long = |n: usize| (n as u32).to_le_bytes();
        file.extend(long(offset + pixels.len()));
        file.extend([0; 4]);
        file.extend(long(offset));
        file.extend(long(40));
        file.extend(long(self.width));
        file.extend(long(self.height));
        file.extend([1, 0]);
        file.extend(bits.to_le_bytes());
        file.extend(compression.to_le_bytes());
        file.extend([0; 20]);
        file.extend(colours);
        file.extend(pixels);
        file
    }
}

/// Puts a segment right behind the start marker.
pub fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let mut file = jpeg[..2].to_vec();
    file.extend([0xff, marker]);
    file.extend(((body.len() + 2) as u16).to_be_bytes());
    file.extend(body);
    file.extend(&jpeg[2..]);
    file
}

/// Decodes with a decoder that the program itself does not use, to RGB.
pub fn decoded_elsewhere(jpeg: &[u8]) -> Drawing {
    use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
    let options = DecoderOptions::default().set_strict_mode(true).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let rgb = decoder.decode().expect("what is sent decodes anywhere");
    let (width, height) = decoder.dimensions().unwrap();
    Drawing { width, height, rgb }
}

/// Gives the mean colours of the four corners: top left, top right, bottom left, bottom right.
pub fn corners(drawing: &Drawing) -> [[u8; 3]; 4] {
    let (w, h) = (drawing.width, drawing.height);
    [(w / 10, h / 10), (w * 9 / 10, h / 10), (w / 10, h * 9 / 10), (w * 9 / 10, h * 9 / 10)].map(|(x, y)| {
        let mut sums = [0u32; 3];
        for (dx, dy) in (0..25).map(|i| (i % 5, i / 5)) {
            let at = ((y + dy - 2) * w + x + dx - 2) * 3;
            for (sum, &sample) in sums.iter_mut().zip(&drawing.rgb[at..at + 3]) {
                *sum += u32::from(sample);
            }
        }
        sums.map(|sum| (sum / 25) as u8)
    })
}

/// Fails unless the two pictures have the same colours in their corners.
pub fn assert_same_corners(found: &Drawing, expected: &Drawing, tolerance: u8, what: &str) {
    for (i, (a, b)) in corners(found).iter().zip(corners(expected)).enumerate() {
        for (x, y) in a.iter().zip(b) {
            assert!(x.abs_diff(y) <= tolerance, "{what}: corner {i} is {a:?}, not {b:?}");
        }
    }
}
