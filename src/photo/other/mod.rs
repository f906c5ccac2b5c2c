//! PNG, WebP and BMP: their pixels as RGB or grey on white, already reduced where rows come in order.

mod bmp;
mod png;
mod webp;

pub(super) use bmp::Bmp;
pub(super) use png::PngFile;
pub(super) use webp::WebP;

/// Lays a sample with alpha on white.
fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u16::from(sample), u16::from(alpha));
    u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_transparent_becomes_white() {
        assert_eq!(
            [(0, 0), (0, 255), (200, 128), (255, 1)].map(|(s, a)| super::on_white(s, a)),
            [255, 0, 227, 255]
        );
    }
}
