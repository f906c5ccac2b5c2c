//! GIF: its first picture, on white where it is transparent or does not reach.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};

use super::super::format::Format;
use super::super::raster::{BoxReducer, Colour, Raster};
use super::super::rejection::{Held, PhotoRejection};

const DAMAGED: PhotoRejection = PhotoRejection::Damaged(Format::Gif);

/// A GIF whose first picture begins.
pub(in crate::photo) struct GifFile<'a> {
    decoder: Decoder<&'a [u8]>,
    pub width: u32,
    pub height: u32,
    frame: Frame,
}

/// Where the picture lies on the screen, in pixels.
#[derive(Clone, Copy)]
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    is_interlaced: bool,
    transparent: Option<u8>,
}

impl<'a> GifFile<'a> {
    /// Reads what stands before the pixels of the first picture.
    ///
    /// # Errors
    ///
    /// Says whether the file is cut off, damaged or without a picture.
    pub fn open(file: &'a [u8]) -> Result<Self, PhotoRejection> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        // Profiles and comments; the pixels are counted before they are decoded.
        options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::MIN.saturating_add(4 << 20)));
        options.allow_unknown_blocks(true);
        let held = Held::Lines(0);
        let mut decoder = options.read_info(file).map_err(|e| refusal(&e, held))?;
        let (screen_width, screen_height) = (decoder.width(), decoder.height());
        let first = decoder.next_frame_info().map_err(|e| refusal(&e, held))?;
        let first = first.ok_or(PhotoRejection::Truncated { format: Format::Gif, held })?;
        let frame = Frame {
            left: first.left.into(),
            top: first.top.into(),
            width: first.width.into(),
            height: first.height.into(),
            is_interlaced: first.interlaced,
            transparent: first.transparent,
        };
        if frame.width == 0 || frame.height == 0 {
            return Err(DAMAGED);
        }
        // A screen that is smaller than its picture is a mistake that all viewers forgive.
        let side = |screen: u16, at: u16, len: u16| u32::from(screen).max(u32::from(at) + u32::from(len));
        let width = side(screen_width, first.left, first.width);
        let height = side(screen_height, first.top, first.height);
        Ok(Self { decoder, width, height, frame })
    }

    /// Gives the colour profile; empty if there is none.
    pub fn icc(&self) -> &[u8] {
        self.decoder.icc_profile().unwrap_or_default()
    }

    /// Estimates what decoding holds in memory at most, in bytes.
    pub fn working_bytes(&self, min_long_side: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let factor = BoxReducer::factor(width.max(height), min_long_side);
        let reduced = width.div_ceil(factor) * height.div_ceil(factor) * 3;
        let whole = if self.frame.is_interlaced { self.frame.width * self.frame.height } else { 0 };
        reduced + whole + width * 16
    }

    /// Decodes the first picture; the longer side keeps at least `min_long_side` pixels. Tells whether others
    /// follow.
    ///
    /// # Errors
    ///
    /// Refuses a picture of which a part is missing or wrong.
    pub fn decode(mut self, min_long_side: usize) -> Result<(Raster, Following), PhotoRejection> {
        let (width, height) = (self.width as usize, self.height as usize);
        let frame = self.frame;
        let palette = self.decoder.palette().map_err(|e| refusal(&e, Held::Lines(0)))?.to_vec();
        let palette = palette.as_chunks::<3>().0;
        let mut whole = Vec::new();
        if frame.is_interlaced {
            whole = vec![0; frame.width * frame.height];
            self.decoder.read_into_buffer(&mut whole).map_err(|e| refusal(&e, Held::Lines(0)))?;
        }
        let mut indices = vec![0; frame.width];
        let mut line = vec![255; width * 3];
        let mut reducer = BoxReducer::new(width, height, Colour::Rgb, min_long_side);
        for y in 0..height {
            let Some(in_frame) = y.checked_sub(frame.top).filter(|&y| y < frame.height) else {
                line.fill(255);
                reducer.push(&line);
                continue;
            };
            let held = Held::lines(in_frame, frame.height);
            let row = if frame.is_interlaced {
                &whole[in_frame * frame.width..][..frame.width]
            } else {
                let is_there = self.decoder.fill_buffer(&mut indices).map_err(|e| refusal(&e, held))?;
                if !is_there {
                    return Err(PhotoRejection::Truncated { format: Format::Gif, held });
                }
                &indices
            };
            let pixels = &mut line.as_chunks_mut::<3>().0[frame.left..][..frame.width];
            for (pixel, &index) in pixels.iter_mut().zip(row) {
                *pixel = match palette.get(usize::from(index)) {
                    _ if frame.transparent == Some(index) => [255; 3],
                    Some(&colour) => colour,
                    None => return Err(DAMAGED),
                };
            }
            reducer.push(&line);
        }
        let following = match self.decoder.next_frame_info() {
            Ok(Some(_)) => Following::Others,
            Ok(None) | Err(_) => Following::None,
        };
        Ok((reducer.finish().ok_or(DAMAGED)?, following))
    }
}

/// Whether more pictures follow the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::photo) enum Following {
    None,
    Others,
}

fn refusal(error: &DecodingError, held: Held) -> PhotoRejection {
    match error {
        DecodingError::UnexpectedEof => PhotoRejection::Truncated { format: Format::Gif, held },
        DecodingError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            PhotoRejection::Truncated { format: Format::Gif, held }
        }
        _ => DAMAGED,
    }
}
