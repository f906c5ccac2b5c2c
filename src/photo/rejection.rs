//! Why a photo is refused, and what is worth saying about one that is not.

use std::fmt;

use super::face::FacePolicy;
use super::format::{Foreign, Format};

/// Why a photo cannot be sent: one clause that a clerk understands, never the path or the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhotoRejection {
    /// The row names no photo.
    NoPath,
    /// The path is absolute, has `..`, a drive letter or a NUL: it does not stay in the folder.
    OutsideFolder,
    /// Some part of the path is a symbolic link.
    SymbolicLink,
    /// There is no such file.
    Missing,
    /// A directory, pipe, socket or device.
    NotAFile,
    /// The file or a folder on the way may not be read.
    NoPermission,
    /// Reading failed for another reason.
    Unreadable,
    /// The file has no bytes.
    Empty,
    /// The file is larger than [`super::MAX_FILE_BYTES`].
    FileTooLarge,
    /// No picture format is recognised.
    NotAPicture,
    /// A format that is recognised, and not read.
    ForeignFormat(Foreign),
    /// A rare kind of a format that is read otherwise.
    UnsupportedKind(Format),
    /// More than one picture that move.
    Animated(Format),
    /// The file ends before the picture does.
    Truncated {
        /// What the file begins as.
        format: Format,
        /// How much of the picture it holds.
        held: Held,
    },
    /// The picture's bytes contradict themselves.
    Damaged(Format),
    /// More pixels than are decoded.
    TooManyPixels {
        /// Declared width, pixels.
        width: u32,
        /// Declared height, pixels.
        height: u32,
    },
    /// A progressive JPEG in more passes than any camera or program writes: each goes over the whole picture.
    TooManyPasses {
        /// Passes that were counted.
        passes: u32,
    },
    /// Nothing could be recognised on it.
    TooSmall {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
    },
    /// No face was found, in any size and any way up.
    NoFace,
    /// The face has too few pixels.
    FaceTooSmall {
        /// Width of the face as it would be sent, pixels.
        width: u32,
    },
}

impl PhotoRejection {
    /// Gives the stable name of the reason, for tables and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPath => "photo-no-path",
            Self::OutsideFolder => "photo-outside-folder",
            Self::SymbolicLink => "photo-symbolic-link",
            Self::Missing => "photo-missing",
            Self::NotAFile => "photo-not-a-file",
            Self::NoPermission => "photo-no-permission",
            Self::Unreadable => "photo-unreadable",
            Self::Empty => "photo-empty",
            Self::FileTooLarge => "photo-file-too-large",
            Self::NotAPicture => "photo-not-a-picture",
            Self::ForeignFormat(_) => "photo-foreign-format",
            Self::UnsupportedKind(_) => "photo-unsupported-kind",
            Self::Animated(_) => "photo-animated",
            Self::Truncated { .. } => "photo-truncated",
            Self::Damaged(_) => "photo-damaged",
            Self::TooManyPixels { .. } => "photo-too-many-pixels",
            Self::TooManyPasses { .. } => "photo-too-many-passes",
            Self::TooSmall { .. } => "photo-too-small",
            Self::NoFace => "photo-no-face",
            Self::FaceTooSmall { .. } => "photo-face-too-small",
        }
    }

    /// Tells whether a photo that was rejected with this code is rejected under another policy, too.
    pub fn holds(code: &str, faces: FacePolicy) -> bool {
        let is_about_the_face = [Self::NoFace.code(), Self::FaceTooSmall { width: 0 }.code()].contains(&code);
        faces == FacePolicy::Require || !is_about_the_face
    }

    /// Tells whether the path is at fault, so that the same bytes elsewhere may be fine.
    ///
    /// `false`: the picture's own bytes are at fault, wherever they lie.
    pub fn is_about_the_path(&self) -> bool {
        matches!(
            self,
            Self::NoPath
                | Self::OutsideFolder
                | Self::SymbolicLink
                | Self::Missing
                | Self::NotAFile
                | Self::NoPermission
                | Self::Unreadable
        )
    }
}

impl fmt::Display for PhotoRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPath => f.write_str("no photo is named"),
            Self::OutsideFolder => f.write_str(
                "the photo's path leaves the photo folder; write it relative to the folder, without \"..\"",
            ),
            Self::SymbolicLink => f.write_str(
                "the photo's path goes through a symbolic link; put the file itself in the folder",
            ),
            Self::Missing => f.write_str("the photo's file does not exist"),
            Self::NotAFile => f.write_str("the photo's path names something that is not a regular file"),
            Self::NoPermission => f.write_str("the photo's file may not be read by this user"),
            Self::Unreadable => f.write_str("the photo's file cannot be read"),
            Self::Empty => f.write_str("the photo's file is empty"),
            Self::FileTooLarge => f.write_str("the photo's file is larger than 32 MiB"),
            Self::NotAPicture => {
                f.write_str("the file is not a picture; JPEG, PNG, WebP, TIFF, GIF and BMP are read")
            }
            Self::ForeignFormat(foreign) => write!(f, "the file is {foreign}; {}", foreign.remedy()),
            Self::UnsupportedKind(format) => {
                write!(f, "a rare kind of {format} that is not read; save it as an ordinary JPEG")
            }
            Self::Animated(format) => write!(f, "an animated {format}; save one picture of it as JPEG"),
            Self::Truncated { format, held } => {
                write!(f, "the {format} is cut off before the picture ends{held}; copy the original again")
            }
            Self::Damaged(format) => {
                write!(f, "the {format} is damaged and does not decode; copy the original again")
            }
            Self::TooManyPixels { width, height } => {
                write!(f, "{width}x{height} pixels are more than are decoded; save it smaller")
            }
            Self::TooManyPasses { passes } => {
                write!(f, "the JPEG comes in {passes} passes or more, which no camera writes; save it again")
            }
            Self::TooSmall { width, height } => {
                write!(f, "{width}x{height} pixels are too few or too narrow to recognise a face on")
            }
            Self::NoFace => f.write_str(
                "no face is found on the photo; use a photo of the face from the front (--face warn sends it all the same)",
            ),
            Self::FaceTooSmall { width } => write!(
                f,
                "the face is only {width} pixels wide, 40 are the least; use a photo taken closer (--face warn sends it all the same)"
            ),
        }
    }
}

impl std::error::Error for PhotoRejection {}

/// How much a file that is cut off holds of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// The upper lines, in percent of all.
    Lines(u8),
    /// A coarse picture of all lines.
    Passes {
        /// Passes that are there, the last perhaps in part.
        passes: u32,
        /// What they hold, in percent of all coefficients.
        percent: u8,
    },
    /// The first bytes, in percent of those that the file announces.
    Bytes(u8),
}

impl Held {
    /// Lines that are there, of all.
    pub(super) fn lines(there: usize, of: usize) -> Self {
        Self::Lines(percent(there, of))
    }

    /// Bytes that are there, of all.
    pub(super) fn bytes(there: usize, of: usize) -> Self {
        Self::Bytes(percent(there, of))
    }
}

/// Never says that all is there: it is asked where something is missing.
fn percent(part: usize, of: usize) -> u8 {
    let percent = (part as u128 * 100).checked_div(of as u128).unwrap_or(0);
    u8::try_from(percent.min(99)).unwrap_or(99)
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines(percent) => write!(f, ", {percent} % of its lines are there"),
            Self::Passes { passes, percent } => {
                write!(f, ", {passes} of its passes are there, with {percent} % of the detail")
            }
            Self::Bytes(percent) => write!(f, ", {percent} % of the file is there"),
        }
    }
}

/// What is worth knowing about a photo that is sent all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhotoWarning {
    /// Fewer bytes than the API asks for, because the source has no more to give.
    BelowBudget,
    /// A side of the picture has fewer than 200 pixels.
    FewPixels,
    /// The JPEG lacks its end marker, with all of the picture there.
    NoEndMarker,
    /// The file holds several pictures, and the first is taken.
    FirstOfSeveral,
    /// The face stood another way up than the file says, and the photo was turned.
    Turned {
        /// How far, degrees clockwise.
        degrees: u32,
    },
    /// No face was found.
    NoFace,
    /// Several faces of similar size.
    SeveralFaces {
        /// How many.
        count: u32,
    },
    /// The face has few pixels.
    SmallFace {
        /// Its width as it is sent, pixels.
        width: u32,
    },
    /// The face is blurred.
    BlurredFace {
        /// How sharp it is.
        sharpness: u32,
    },
}

impl PhotoWarning {
    /// Gives the stable name of the warning, for tables and tests.
    pub fn code(self) -> &'static str {
        match self {
            Self::BelowBudget => "photo-below-budget",
            Self::FewPixels => "photo-few-pixels",
            Self::NoEndMarker => "photo-no-end-marker",
            Self::FirstOfSeveral => "photo-first-of-several",
            Self::Turned { .. } => "photo-turned",
            Self::NoFace => "photo-no-face",
            Self::SeveralFaces { .. } => "photo-several-faces",
            Self::SmallFace { .. } => "photo-small-face",
            Self::BlurredFace { .. } => "photo-blurred-face",
        }
    }
}

impl fmt::Display for PhotoWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BelowBudget => f.write_str("smaller than the API asks for, the source has no more to give"),
            Self::FewPixels => f.write_str("a side has fewer than 200 pixels"),
            Self::NoEndMarker => f.write_str("the file lacks its end marker, the picture is whole"),
            Self::FirstOfSeveral => f.write_str("the file holds several pictures, the first is taken"),
            Self::Turned { degrees } => write!(f, "turned by {degrees} degrees, so that its face is upright"),
            Self::NoFace => f.write_str("no face is found"),
            Self::SeveralFaces { count } => write!(f, "{count} faces of similar size"),
            Self::SmallFace { width } => write!(f, "the face is only {width} pixels wide as sent"),
            Self::BlurredFace { sharpness } => write!(f, "the face is blurred (sharpness {sharpness})"),
        }
    }
}
