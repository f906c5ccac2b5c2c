//! Why a row is not sent: one clause for each rule, for the clerk who has to mend the row.
//!
//! Not here: the text that broke the rule. A rejection can go to any log.

use std::fmt;

use super::applicant::Field;

/// The first thing in a row that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Rejection {
    /// Which of the four values.
    pub field: Field,
    /// Which rule it breaks.
    pub rule: Rule,
}

/// A rule that a value breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Nothing is there.
    Empty,
    /// Scientific notation, `####`, or 18 digits with a decimal part.
    DamagedBySpreadsheet,
    /// Digits are hidden behind `*`.
    Masked,
    /// An ID number of some other length.
    IdLength,
    /// An ID number with something else than digits and a final X.
    IdCharacters,
    /// An ID number whose digits 7 to 14 are no day of the calendar.
    IdBirthDate,
    /// An ID number of somebody not born yet.
    IdBirthInFuture,
    /// An ID number of somebody born before 1850.
    IdBirthTooEarly,
    /// An ID number whose last character does not follow from the others.
    IdCheckDigit,
    /// The same, where the last three digits are zeros.
    IdEndsInZeros,
    /// A mobile number with something else than digits.
    MobileCharacters,
    /// A mobile number of some other length.
    MobileLength,
    /// A number that is not a mobile's.
    MobileStart,
    /// A name of more than 50 characters.
    NameLength,
    /// A name with U+FFFD.
    NameReplacement,
    /// A name with a question mark.
    NameQuestionMark,
    /// A name with a character of the private-use areas.
    NamePrivateUse,
    /// A name with a control character.
    NameControl,
    /// A name with a digit.
    NameDigit,
    /// A name with a space between Chinese characters.
    NameSpace,
    /// A name with a dot, hyphen or the like where no letter stands beside it.
    NamePunctuation,
    /// A name with any other character that is neither Chinese nor Latin.
    NameCharacter,
}

impl Rule {
    /// Every rule, in the order of the enum.
    pub const ALL: [Self; 22] = [
        Self::Empty,
        Self::DamagedBySpreadsheet,
        Self::Masked,
        Self::IdLength,
        Self::IdCharacters,
        Self::IdBirthDate,
        Self::IdBirthInFuture,
        Self::IdBirthTooEarly,
        Self::IdCheckDigit,
        Self::IdEndsInZeros,
        Self::MobileCharacters,
        Self::MobileLength,
        Self::MobileStart,
        Self::NameLength,
        Self::NameReplacement,
        Self::NameQuestionMark,
        Self::NamePrivateUse,
        Self::NameControl,
        Self::NameDigit,
        Self::NameSpace,
        Self::NamePunctuation,
        Self::NameCharacter,
    ];

    /// Names the rule for scripts. These names do not change.
    pub const fn code(self) -> &'static str {
        self.text().0
    }

    /// The rule's name for scripts, and its clause for people.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("empty", "nothing is filled in"),
            Self::DamagedBySpreadsheet => (
                "damaged-by-spreadsheet",
                "damaged by a spreadsheet: it was rounded as a number, take it from the source again as text",
            ),
            Self::Masked => ("masked", "digits are hidden behind *: the whole number is needed"),
            Self::IdLength => ("id-length", "an ID number has 18 characters (the old ones 15), this has not"),
            Self::IdCharacters => ("id-characters", "it holds something else than digits and a final X"),
            Self::IdBirthDate => ("id-birth-date", "digits 7 to 14 are not a date: a digit was mistyped"),
            Self::IdBirthInFuture => ("id-birth-in-future", "its date of birth lies in the future"),
            Self::IdBirthTooEarly => ("id-birth-too-early", "its date of birth lies before 1850"),
            Self::IdCheckDigit => {
                ("id-check-digit", "the last character does not fit the other 17: a digit was mistyped")
            }
            Self::IdEndsInZeros => (
                "id-ends-in-000",
                "damaged by a spreadsheet, it seems: the last three digits became zeros and do not fit the others",
            ),
            Self::MobileCharacters => {
                ("mobile-characters", "it holds something else than one number's digits")
            }
            Self::MobileLength => ("mobile-length", "a mobile number has 11 digits, this has not"),
            Self::MobileStart => ("mobile-start", "a mobile number starts with 13 to 19, this does not"),
            Self::NameLength => ("name-length", "it is longer than 50 characters"),
            Self::NameReplacement => {
                ("name-replacement-character", "a character was lost when the file was converted (U+FFFD)")
            }
            Self::NameQuestionMark => {
                ("name-question-mark", "it holds a question mark, which often stands for a lost character")
            }
            Self::NamePrivateUse => (
                "name-private-use",
                "it holds a private-use character, which only one system's fonts can show",
            ),
            Self::NameControl => ("name-control", "it holds a line break, tab or other control character"),
            Self::NameDigit => ("name-digit", "it holds a digit"),
            Self::NameSpace => (
                "name-space",
                "it holds a space between Chinese characters: remove it, or write the dot · if one belongs there",
            ),
            Self::NamePunctuation => {
                ("name-punctuation", "it holds a dot, hyphen or other mark with no letter beside it")
            }
            Self::NameCharacter => {
                ("name-character", "it holds a character that is neither a Chinese nor a Latin letter")
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_and_a_clause_of_its_own() {
        let names: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        let clauses: HashSet<_> = Rule::ALL.iter().map(ToString::to_string).collect();
        assert_eq!((names.len(), clauses.len()), (Rule::ALL.len(), Rule::ALL.len()));
        for rule in Rule::ALL {
            assert!(rule.code().bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit()));
            assert!(!rule.to_string().ends_with('.'), "{rule}");
        }
    }

    #[test]
    fn a_rejection_names_the_field() {
        let rejection = Rejection { field: Field::Mobile, rule: Rule::Empty };
        assert_eq!(rejection.to_string(), "mobile: nothing is filled in");
    }
}
