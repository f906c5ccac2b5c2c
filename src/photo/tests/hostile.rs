//! No bytes whatever make the program panic, and no file that is no picture is ever sent.

use super::pictures::*;
use super::prepare;
use crate::photo::MAX_SENT_BYTES;
use proptest::prelude::*;
use std::sync::LazyLock;

static PICTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let drawing = portrait(96, 128, 25);
    let bgr = |line: &[u8]| line.chunks(3).flat_map(|p| [p[2], p[1], p[0]]).collect::<Vec<_>>();
    vec![
        drawing.jpeg(BASELINE),
        drawing.jpeg(PROGRESSIVE),
        drawing.jpeg(Jpeg { restart: 3, ..BASELINE }),
        drawing.jpeg(Jpeg { colour: jpeg_encoder::ColorType::CmykAsYcck, ..BASELINE }),
        with_segment(&drawing.jpeg(BASELINE), 0xe1, &crate::photo::exif::block_with(6, true)),
        drawing.rgb_png(),
        include_bytes!("../../../fixtures/photo/interlaced.png").to_vec(),
        drawing.webp(),
        include_bytes!("../../../fixtures/photo/lossy.webp").to_vec(),
        drawing.bmp(24, &[], 0, bgr),
        drawing.gif(GIF),
        drawing.gif(GifKind { interlaced: true, clear_rows: 20, ..GIF }),
        include_bytes!("../../../fixtures/photo/two.gif").to_vec(),
        drawing.tiff(TiffKind { photometric: 2, samples: 3, ..TIFF_GREY }, &drawing.rgb),
        drawing.tiff(TiffKind { big_endian: true, ..TIFF_GREY }, &drawing.grey()),
        drawing.tiff_in_tiles(TiffKind { photometric: 2, samples: 3, tile: 64, ..TIFF_GREY }),
        include_bytes!("../../../fixtures/photo/palette.tif").to_vec(),
        include_bytes!("../../../fixtures/photo/cmyk.tif").to_vec(),
        include_bytes!("../../../fixtures/photo/p3.jpg").to_vec(),
        include_bytes!("../../../fixtures/photo/p3.png").to_vec(),
        include_bytes!("../../../fixtures/photo/p3.webp").to_vec(),
        include_bytes!("../../../fixtures/photo/p3.tif").to_vec(),
        include_bytes!("../../../fixtures/photo/cmyk-profile.jpg").to_vec(),
        include_bytes!("../../../fixtures/photo/turned-6.tif").to_vec(),
    ]
});

/// One change to a file.
#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Drop(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => any::<prop::sample::Index>().prop_map(Change::Cut),
        1 => (any::<prop::sample::Index>(), 1..200usize).prop_map(|(at, len)| Change::Drop(at, len)),
        1 => (any::<prop::sample::Index>(), 1..200usize).prop_map(|(at, len)| Change::Repeat(at, len)),
    ]
}

fn changed(mut file: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if file.is_empty() {
            break;
        }
        match change {
            Change::Set(at, byte) => {
                let at = at.index(file.len());
                file[at] = *byte;
            }
            Change::Cut(at) => file.truncate(at.index(file.len())),
            Change::Drop(at, len) => {
                let at = at.index(file.len());
                file.drain(at..(at + len).min(file.len()));
            }
            Change::Repeat(at, len) => {
                let at = at.index(file.len());
                let piece = file[at..(at + len).min(file.len())].to_vec();
                file.splice(at..at, piece);
            }
        }
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_picture_is_refused_or_sent_whole(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let file = changed(PICTURES[which.index(PICTURES.len())].clone(), &changes);
        if let Ok(prepared) = prepare(&file) {
            prop_assert!(prepared.jpeg.len() <= MAX_SENT_BYTES);
            let sent = decoded_elsewhere(&prepared.jpeg);
            prop_assert_eq!((sent.width as u32, sent.height as u32), (prepared.width, prepared.height));
        }
    }

    #[test]
    fn bytes_that_only_begin_like_a_picture_are_refused(
        beginning in 0..8usize,
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let beginnings: [&[u8]; 8] = [
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x80\x01\0\0WEBPVP8 ",
            b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
            b"II*\0\x08\0\0\0",
            b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10",
            b"GIF89a\x40\0\x40\0\x80\0\0",
            b"",
        ];
        let file = [beginnings[beginning], &rest].concat();
        prop_assert!(prepare(&file).is_err());
    }
}

#[test]
fn a_text_is_never_sent() {
    for text in [
        &b"root:x:0:0:root:/root:/bin/bash\n"[..],
        b"-----BEGIN PRIVATE KEY-----",
        b"BM is how this text begins",
    ] {
        assert_eq!(prepare(text).unwrap_err().code(), "photo-not-a-picture");
    }
}
