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

/// How a test TIFF is laid out.
#[derive(Clone, Copy)]
pub struct TiffKind {
    pub photometric: u16,
    pub bits: u16,
    pub samples: u16,
    pub compression: u16,
    pub planar: u16,
    /// `u16::MAX`: no extra samples.
    pub extra: u16,
    pub rows: usize,
    pub tile: usize,
    pub big_endian: bool,
}

pub const TIFF_GREY: TiffKind = TiffKind {
    photometric: 1,
    bits: 8,
    samples: 1,
    compression: 1,
    planar: 1,
    extra: u16::MAX,
    rows: 50,
    tile: 0,
    big_endian: false,
};

impl Drawing {
    /// Writes a TIFF in strips (TIFF 6.0), its directory behind the pixels.
    pub fn tiff(&self, kind: TiffKind, samples: &[u8]) -> Vec<u8> {
        let planes = if kind.planar == 2 { usize::from(kind.samples) } else { 1 };
        let per_pixel = usize::from(kind.bits * kind.samples) / planes;
        let row = (self.width * per_pixel).div_ceil(8);
        let strips: Vec<&[u8]> =
            samples.chunks(row * self.height).flat_map(|plane| plane.chunks(row * kind.rows)).collect();
        self.tiff_of(kind, &strips, &[(278, vec![kind.rows as u32])], (273, 279))
    }

    /// Writes an RGB TIFF in square tiles, filled up with grey at the edges.
    pub fn tiff_in_tiles(&self, kind: TiffKind) -> Vec<u8> {
        let mut tiles = Vec::new();
        for top in (0..self.height).step_by(kind.tile) {
            for left in (0..self.width).step_by(kind.tile) {
                let mut tile = vec![0x77; kind.tile * kind.tile * 3];
                for y in 0..kind.tile.min(self.height - top) {
                    let len = 3 * kind.tile.min(self.width - left);
                    let from = ((top + y) * self.width + left) * 3;
                    tile[y * kind.tile * 3..][..len].copy_from_slice(&self.rgb[from..from + len]);
                }
                tiles.push(tile);
            }
        }
        let tiles: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
        let side = kind.tile as u32;
        self.tiff_of(kind, &tiles, &[(322, vec![side]), (323, vec![side])], (324, 325))
    }

    fn tiff_of(
        &self,
        kind: TiffKind,
        chunks: &[&[u8]],
        chunk_sides: &[(u16, Vec<u32>)],
        (offsets_tag, counts_tag): (u16, u16),
    ) -> Vec<u8> {
        let order = |le: &mut [u8]| {
            if kind.big_endian {
                le.reverse();
            }
        };
        let short = |n: u16| {
            let mut bytes = n.to_le_bytes();
            order(&mut bytes);
            bytes
        };
        let long = |n: u32| {
            let mut bytes = n.to_le_bytes();
            order(&mut bytes);
            bytes
        };
        let mut file = if kind.big_endian { b"MM\0*\0\0\0\0".to_vec() } else { b"II*\0\0\0\0\0".to_vec() };
        let mut offsets = Vec::new();
        for chunk in chunks {
            offsets.push(file.len() as u32);
            file.extend_from_slice(chunk);
        }
        let counts = chunks.iter().map(|chunk| chunk.len() as u32).collect();
        let mut tags = vec![
            (256, vec![self.width as u32]),
            (257, vec![self.height as u32]),
            (258, vec![u32::from(kind.bits); usize::from(kind.samples)]),
            (259, vec![u32::from(kind.compression)]),
            (262, vec![u32::from(kind.photometric)]),
            (277, vec![u32::from(kind.samples)]),
            (284, vec![u32::from(kind.planar)]),
            (offsets_tag, offsets),
            (counts_tag, counts),
        ];
        tags.extend_from_slice(chunk_sides);
        if kind.extra != u16::MAX {
            tags.push((338, vec![u32::from(kind.extra)]));
        }
        tags.sort_by_key(|&(tag, _)| tag);
        let mut entries = Vec::new();
        for (tag, values) in &tags {
            // All numbers as LONG but those that the standard wants as SHORT.
            let is_short = matches!(tag, 258 | 259 | 262 | 277 | 284 | 338);
            let stored: Vec<u8> = if is_short {
                values.iter().flat_map(|&v| short(v as u16)).collect()
            } else {
                values.iter().flat_map(|&v| long(v)).collect()
            };
            entries.extend(short(*tag));
            entries.extend(short(if is_short { 3 } else { 4 }));
            entries.extend(long(values.len() as u32));
            if stored.len() <= 4 {
                entries.extend(&stored);
                entries.extend(vec![0; 4 - stored.len()]);
            } else {
                entries.extend(long(file.len() as u32));
                file.extend(stored);
            }
        }
        let directory = long(file.len() as u32);
        file[4..8].copy_from_slice(&directory);
        file.extend(short(tags.len() as u16));
        file.extend(entries);
        file.extend([0; 4]);
        file
    }
}

/// How a test GIF is made.
#[derive(Clone, Copy)]
pub struct GifKind {
    pub interlaced: bool,
    /// Rows from the top that are transparent.
    pub clear_rows: usize,
    /// Width and height of the screen, if others than the picture's.
    pub screen: Option<(u16, u16)>,
}

pub const GIF: GifKind = GifKind { interlaced: false, clear_rows: 0, screen: None };

impl Drawing {
    /// Encodes as a GIF with three levels of red, green and blue each.
    pub fn gif(&self, kind: GifKind) -> Vec<u8> {
        const LEVELS: usize = 6;
        const CLEAR: u8 = 255;
        let step = |s: u8| (usize::from(s) * (LEVELS - 1) + 127) / 255;
        let level = |i: usize| (i % LEVELS * 255 / (LEVELS - 1)) as u8;
        let mut palette: Vec<u8> = (0..LEVELS.pow(3))
            .flat_map(|i| [level(i / (LEVELS * LEVELS)), level(i / LEVELS), level(i)])
            .collect();
        palette.resize(3 * 256, 0);
        let pixels = self.rgb.chunks(3).enumerate().map(|(i, p)| {
            let index = (step(p[0]) * LEVELS + step(p[1])) * LEVELS + step(p[2]);
            if i / self.width < kind.clear_rows { CLEAR } else { index as u8 }
        });
        let mut indices: Vec<u8> = pixels.collect();
        if kind.interlaced {
            let row = |y: usize| indices[y * self.width..][..self.width].to_vec();
            let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
            let order = passes.into_iter().flat_map(|(from, by)| (from..self.height).step_by(by));
            indices = order.flat_map(row).collect();
        }
        let (width, height) = (self.width as u16, self.height as u16);
        let (screen_width, screen_height) = kind.screen.unwrap_or((width, height));
        let mut file = Vec::new();
        let mut encoder = gif::Encoder::new(&mut file, screen_width, screen_height, &palette).unwrap();
        let frame = gif::Frame {
            width,
            height,
            buffer: indices.into(),
            interlaced: kind.interlaced,
            transparent: (kind.clear_rows > 0).then_some(CLEAR),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        file
    }
}

/// Makes a PNG chunk, its checksum included.
pub fn chunk_of(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [&name, body].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&named);
    [&(body.len() as u32).to_be_bytes(), named.as_slice(), &crc.sum().to_be_bytes()].concat()
}

/// Puts a chunk right behind a PNG's header.
pub fn with_chunk(png: &[u8], name: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk_of(name, body), &png[33..]].concat()
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
