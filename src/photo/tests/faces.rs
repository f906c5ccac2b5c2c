//! Faces: found, cut out with room around them, required, and warned of.

use super::pictures::*;
use crate::photo::{FacePolicy, PhotoRejection, PhotoWarning, Prepared, prepare};

fn required(file: &[u8]) -> Result<Prepared, PhotoRejection> {
    prepare(file, FacePolicy::Require)
}

#[test]
fn a_picture_without_a_face_is_refused_warned_of_or_sent_by_the_policy() {
    let drawing = portrait(420, 560, 20);
    assert_eq!(required(&drawing.jpeg(BASELINE)), Err(PhotoRejection::NoFace));
    let warned = prepare(&drawing.jpeg(BASELINE), FacePolicy::Warn).unwrap();
    assert_eq!(warned.warnings, [PhotoWarning::NoFace]);
    let off = prepare(&drawing.jpeg(BASELINE), FacePolicy::Off).unwrap();
    assert_eq!(off.warnings, []);
    assert_eq!((warned.width, warned.height), (off.width, off.height), "all of it is sent");
}
