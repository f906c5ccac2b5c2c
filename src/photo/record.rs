//! What preparing a photo showed, as the ledger keeps it: names and numbers, so that it can be said in either
//! language later.
//!
//! A record begins with `=`, which no sentence does: the ledgers of earlier versions hold sentences.

use std::fmt::Write;

use super::format::{Foreign, Format};
use super::rejection::{Held, PhotoRejection, PhotoWarning};
use crate::lang::Language;
use crate::say_in;

const MARK: char = '=';

impl PhotoRejection {
    /// Writes down what the code leaves open: formats and numbers.
    pub fn record(&self) -> String {
        let values = match self {
            Self::ForeignFormat(foreign) => foreign.word().to_owned(),
            Self::UnsupportedKind(format) | Self::Animated(format) | Self::Damaged(format) => {
                format.to_string()
            }
            Self::Truncated { format, held } => match held {
                Held::Lines(percent) => format!("{format} lines {percent}"),
                Held::Passes { passes, percent } => format!("{format} passes {passes} {percent}"),
                Held::Bytes(percent) => format!("{format} bytes {percent}"),
            },
            Self::TooManyPixels { width, height } | Self::TooSmall { width, height } => {
                format!("{width} {height}")
            }
            Self::TooManyPasses { passes } => passes.to_string(),
            Self::FaceTooSmall { width } => width.to_string(),
            _ => String::new(),
        };
        format!("{MARK}{values}")
    }

    /// Reads a record back. `None`: it is a sentence of an earlier version.
    pub fn from_record(code: &str, record: &str) -> Option<Self> {
        const PLAIN: [PhotoRejection; 11] = [
            PhotoRejection::NoPath,
            PhotoRejection::OutsideFolder,
            PhotoRejection::SymbolicLink,
            PhotoRejection::Missing,
            PhotoRejection::NotAFile,
            PhotoRejection::NoPermission,
            PhotoRejection::Unreadable,
            PhotoRejection::Empty,
            PhotoRejection::FileTooLarge,
            PhotoRejection::NotAPicture,
            PhotoRejection::NoFace,
        ];
        let mut values = record.strip_prefix(MARK)?.split(' ');
        if let Some(plain) = PLAIN.into_iter().find(|plain| plain.code() == code) {
            return Some(plain);
        }
        let first = values.next()?;
        let number = |text: Option<&str>| text?.parse::<u32>().ok();
        let percent = |text: Option<&str>| text?.parse::<u8>().ok();
        let format = Format::ALL.into_iter().find(|format| format.to_string() == first);
        Some(match code {
            "photo-foreign-format" => {
                Self::ForeignFormat(Foreign::ALL.into_iter().find(|foreign| foreign.word() == first)?)
            }
            "photo-unsupported-kind" => Self::UnsupportedKind(format?),
            "photo-animated" => Self::Animated(format?),
            "photo-damaged" => Self::Damaged(format?),
            "photo-truncated" => Self::Truncated {
                format: format?,
                held: match values.next()? {
                    "lines" => Held::Lines(percent(values.next())?),
                    "passes" => {
                        Held::Passes { passes: number(values.next())?, percent: percent(values.next())? }
                    }
                    "bytes" => Held::Bytes(percent(values.next())?),
                    _ => return None,
                },
            },
            "photo-too-many-pixels" => {
                Self::TooManyPixels { width: number(Some(first))?, height: number(values.next())? }
            }
            "photo-too-small" => {
                Self::TooSmall { width: number(Some(first))?, height: number(values.next())? }
            }
            "photo-too-many-passes" => Self::TooManyPasses { passes: number(Some(first))? },
            "photo-face-too-small" => Self::FaceTooSmall { width: number(Some(first))? },
            _ => return None,
        })
    }

    /// Says what a record means; the sentence of an earlier version as it stands.
    pub fn said(code: &str, record: &str, language: Language) -> String {
        Self::from_record(code, record)
            .map_or_else(|| record.to_owned(), |rejection| rejection.text(language))
    }
}

impl PhotoWarning {
    /// Writes warnings down; an empty text for none.
    pub fn record(warnings: &[Self]) -> String {
        let mut record = String::new();
        for warning in warnings {
            let mark = if record.is_empty() { MARK } else { ';' };
            let number = match *warning {
                Self::Turned { degrees } => Some(degrees),
                Self::SeveralFaces { count } => Some(count),
                Self::SmallFace { width } => Some(width),
                Self::BlurredFace { sharpness } => Some(sharpness),
                Self::BelowBudget
                | Self::FewPixels
                | Self::NoEndMarker
                | Self::FirstOfSeveral
                | Self::NoFace => None,
            };
            // Writing to a String cannot fail.
            let _ = match number {
                Some(number) => write!(record, "{mark}{} {number}", warning.code()),
                None => write!(record, "{mark}{}", warning.code()),
            };
        }
        record
    }

    /// Reads a record back. `None`: it is a sentence of an earlier version.
    pub fn from_record(record: &str) -> Option<Vec<Self>> {
        if record.is_empty() {
            return Some(Vec::new());
        }
        record.strip_prefix(MARK)?.split(';').map(Self::one_from).collect()
    }

    fn one_from(record: &str) -> Option<Self> {
        let (code, number) = match record.split_once(' ') {
            Some((code, number)) => (code, number.parse().ok()?),
            None => (record, 0),
        };
        let all = [
            Self::BelowBudget,
            Self::FewPixels,
            Self::NoEndMarker,
            Self::FirstOfSeveral,
            Self::NoFace,
            Self::Turned { degrees: number },
            Self::SeveralFaces { count: number },
            Self::SmallFace { width: number },
            Self::BlurredFace { sharpness: number },
        ];
        all.into_iter().find(|warning| warning.code() == code)
    }

    /// Says what a record means; the sentence of an earlier version as it stands.
    pub fn said(record: &str, language: Language) -> String {
        let Some(warnings) = Self::from_record(record) else { return record.to_owned() };
        let said: Vec<String> = warnings.into_iter().map(|warning| warning.text(language)).collect();
        said.join(&say_in!(language, "photo-semicolon"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_is_read_back_as_it_was_written() {
        let mut all = vec![
            PhotoRejection::NoPath,
            PhotoRejection::OutsideFolder,
            PhotoRejection::SymbolicLink,
            PhotoRejection::Missing,
            PhotoRejection::NotAFile,
            PhotoRejection::NoPermission,
            PhotoRejection::Unreadable,
            PhotoRejection::Empty,
            PhotoRejection::FileTooLarge,
            PhotoRejection::NotAPicture,
            PhotoRejection::NoFace,
            PhotoRejection::FaceTooSmall { width: 31 },
            PhotoRejection::TooManyPixels { width: 65_500, height: 65_501 },
            PhotoRejection::TooSmall { width: 3, height: 400 },
            PhotoRejection::TooManyPasses { passes: 101 },
        ];
        all.extend(Foreign::ALL.map(PhotoRejection::ForeignFormat));
        for format in Format::ALL {
            all.extend([
                PhotoRejection::UnsupportedKind(format),
                PhotoRejection::Animated(format),
                PhotoRejection::Damaged(format),
            ]);
            for held in [Held::Lines(55), Held::Passes { passes: 3, percent: 40 }, Held::Bytes(5)] {
                all.push(PhotoRejection::Truncated { format, held });
            }
        }
        for rejection in all {
            let record = rejection.record();
            assert_eq!(PhotoRejection::from_record(rejection.code(), &record), Some(rejection), "{record}");
        }
    }

    #[test]
    fn every_warning_is_read_back_as_it_was_written() {
        let all = [
            PhotoWarning::BelowBudget,
            PhotoWarning::FewPixels,
            PhotoWarning::NoEndMarker,
            PhotoWarning::FirstOfSeveral,
            PhotoWarning::Turned { degrees: 90 },
            PhotoWarning::NoFace,
            PhotoWarning::SeveralFaces { count: 2 },
            PhotoWarning::SmallFace { width: 52 },
            PhotoWarning::BlurredFace { sharpness: 17 },
        ];
        for some in [&all[..], &all[3..5], &[]] {
            assert_eq!(PhotoWarning::from_record(&PhotoWarning::record(some)).as_deref(), Some(some));
        }
    }

    #[test]
    fn what_earlier_versions_wrote_is_said_as_it_stands() {
        let said = PhotoRejection::said("photo-damaged", "the JPEG is damaged", Language::Chinese);
        assert_eq!(said, "the JPEG is damaged");
        assert_eq!(
            PhotoWarning::said("a side is short; it is grey", Language::Chinese),
            "a side is short; it is grey"
        );
        assert_eq!(
            PhotoRejection::said("photo-face-too-small", "=31", Language::English),
            PhotoRejection::FaceTooSmall { width: 31 }.to_string()
        );
    }
}
