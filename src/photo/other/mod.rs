//! PNG, WebP, TIFF, GIF and BMP: their pixels as RGB or grey on white, already reduced where rows come in
//! order.

mod bmp;
mod gif;
mod png;
mod tiff;
mod webp;

pub(super) use bmp::Bmp;
pub(super) use gif::{Following, GifFile};
pub(super) use png::PngFile;
pub(super) use tiff::TiffFile;
pub(super) use webp::WebP;

/// Lays a sample with alpha on white.
fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u16::from(sample), u16::from(alpha));
    u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}

/// Finds a row that breaks off into zeros that never end, which is what a copy left half written.
///
/// A black border begins with a row, and a black background is at a row's beginning as at its end. Formats
/// without a checksum or a code give no more to go by: what breaks off between two rows looks like a border.
#[derive(Default)]
struct ZeroTail {
    rows: usize,
    /// The last row that is not all zeros, if it breaks off.
    broken: Option<usize>,
    last: usize,
}

impl ZeroTail {
    /// Takes the next row as it is stored.
    fn push(&mut self, row: &[u8]) {
        if let Some(end) = row.iter().rposition(|&byte| byte != 0) {
            let written = &row[..=end];
            let slack = row.len() / 100 + 3; // A row may happen to end in a few black pixels.
            let breaks_off = written.len() > slack
                && row.len() - written.len() > slack
                && memchr::memchr_iter(0, written).count() < written.len() / 4;
            self.last = self.rows;
            self.broken = breaks_off.then_some(self.rows);
        }
        self.rows += 1;
    }

    /// Gives the number of whole rows before the one that broke off.
    fn lines_before(&self) -> Option<usize> {
        self.broken.filter(|_| self.last + 1 < self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::ZeroTail;

    #[test]
    fn a_row_that_breaks_off_into_zeros_is_noticed_and_a_black_border_is_not() {
        let (full, half, black) = ([7; 40], [[7; 20], [0; 20]].concat(), [0; 40]);
        let lines_before = |rows: &[&[u8]]| {
            let mut tail = ZeroTail::default();
            for row in rows {
                tail.push(row);
            }
            tail.lines_before()
        };
        assert_eq!(lines_before(&[&full, &half, &black]), Some(1));
        assert_eq!(lines_before(&[&full, &full, &black]), None);
        assert_eq!(lines_before(&[&full, &half, &full]), None);
        assert_eq!(lines_before(&[&full, &half]), None);
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        assert_eq!(
            [(0, 0), (0, 255), (200, 128), (255, 1)].map(|(s, a)| super::on_white(s, a)),
            [255, 0, 227, 255]
        );
    }
}
