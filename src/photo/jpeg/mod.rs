//! JPEG: what the file says of itself, and its pixels, decoded to the last block or not at all.
//!
//! libjpeg decodes for as long as it can and paints the rest grey. Here its warnings end the decoding
//! ([`alarm`]), and what it does not look at is checked on the markers ([`markers`]). The common kind of photo
//! is decoded without it, faster ([`sequential`]), and what is sent is encoded without it, too ([`encode`]).

mod alarm;
mod decode;
mod encode;
mod keep;
mod lanes;
pub(super) mod markers;
mod sequential;
#[cfg(test)]
mod tests;

pub(super) use decode::Decoder;
pub(super) use encode::Transformed;
pub(super) use keep::picture_only;
pub(super) use markers::JpegMap;
