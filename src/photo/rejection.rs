//! Why a photo is refused, and what is worth saying about one that is not.

use std::fmt;

use super::face::{BLURRED_BELOW, FacePolicy, MIN_FACE_WIDTH};
use super::format::{Foreign, Format};
use crate::lang::Language;
use crate::say_in;

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

impl PhotoRejection {
    /// One clause for people: what is wrong, and where it helps, what to do.
    pub fn text(&self, language: Language) -> String {
        let size = |width: &u32, height: &u32| format!("{width}x{height}");
        match self {
            Self::NoPath => say_in!(language, "photo-no-path"),
            Self::OutsideFolder => say_in!(language, "photo-outside-folder"),
            Self::SymbolicLink => say_in!(language, "photo-symbolic-link"),
            Self::Missing => say_in!(language, "photo-missing"),
            Self::NotAFile => say_in!(language, "photo-not-a-file"),
            Self::NoPermission => say_in!(language, "photo-no-permission"),
            Self::Unreadable => say_in!(language, "photo-unreadable"),
            Self::Empty => say_in!(language, "photo-empty"),
            Self::FileTooLarge => say_in!(language, "photo-file-too-large"),
            Self::NotAPicture => say_in!(language, "photo-not-a-picture"),
            Self::ForeignFormat(foreign) => foreign.text(language),
            Self::UnsupportedKind(format) => {
                say_in!(language, "photo-unsupported-kind", format = format.to_string())
            }
            Self::Animated(format) => say_in!(language, "photo-animated", format = format.to_string()),
            Self::Truncated { format, held } => held.text(*format, language),
            Self::Damaged(format) => say_in!(language, "photo-damaged", format = format.to_string()),
            Self::TooManyPixels { width, height } => {
                say_in!(language, "photo-too-many-pixels", size = size(width, height))
            }
            Self::TooManyPasses { passes } => {
                say_in!(language, "photo-too-many-passes", passes = *passes)
            }
            Self::TooSmall { width, height } => {
                say_in!(language, "photo-too-small", size = size(width, height))
            }
            Self::NoFace => say_in!(language, "photo-no-face"),
            Self::FaceTooSmall { width } => {
                say_in!(language, "photo-face-too-small", width = *width, least = MIN_FACE_WIDTH)
            }
        }
    }
}

/// English, whatever the language of the process: what is written to files must not depend on it.
impl fmt::Display for PhotoRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
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

impl Held {
    fn text(self, format: Format, language: Language) -> String {
        let format = format.to_string();
        match self {
            Self::Lines(percent) => {
                say_in!(language, "photo-truncated-lines", format = format, percent = u32::from(percent))
            }
            Self::Passes { passes, percent } => say_in!(
                language,
                "photo-truncated-passes",
                format = format,
                passes = passes,
                percent = u32::from(percent)
            ),
            Self::Bytes(percent) => {
                say_in!(language, "photo-truncated-bytes", format = format, percent = u32::from(percent))
            }
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

impl PhotoWarning {
    /// One clause for people.
    pub fn text(self, language: Language) -> String {
        match self {
            Self::BelowBudget => say_in!(language, "photo-below-budget"),
            Self::FewPixels => say_in!(language, "photo-few-pixels"),
            Self::NoEndMarker => say_in!(language, "photo-no-end-marker"),
            Self::FirstOfSeveral => say_in!(language, "photo-first-of-several"),
            Self::Turned { degrees } => say_in!(language, "photo-turned", degrees = degrees),
            Self::NoFace => say_in!(language, "photo-warned-no-face"),
            Self::SeveralFaces { count } => say_in!(language, "photo-several-faces", count = count),
            Self::SmallFace { width } => say_in!(language, "photo-small-face", width = width),
            Self::BlurredFace { sharpness } => {
                say_in!(language, "photo-blurred-face", sharpness = sharpness, least = BLURRED_BELOW)
            }
        }
    }
}

/// English, whatever the language of the process: what is written to files must not depend on it.
impl fmt::Display for PhotoWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}
