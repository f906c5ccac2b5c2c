//! Why a row is not sent: one clause for each rule, for the clerk who has to mend the row.
//!
//! Not here: the text that broke the rule. A rejection can go to any log.

use std::fmt;

use super::applicant::Field;
use crate::lang::Language;
use crate::say_in;

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
        match self {
            Self::Empty => "empty",
            Self::DamagedBySpreadsheet => "damaged-by-spreadsheet",
            Self::Masked => "masked",
            Self::IdLength => "id-length",
            Self::IdCharacters => "id-characters",
            Self::IdBirthDate => "id-birth-date",
            Self::IdBirthInFuture => "id-birth-in-future",
            Self::IdBirthTooEarly => "id-birth-too-early",
            Self::IdCheckDigit => "id-check-digit",
            Self::IdEndsInZeros => "id-ends-in-000",
            Self::MobileCharacters => "mobile-characters",
            Self::MobileLength => "mobile-length",
            Self::MobileStart => "mobile-start",
            Self::NameLength => "name-length",
            Self::NameReplacement => "name-replacement-character",
            Self::NameQuestionMark => "name-question-mark",
            Self::NamePrivateUse => "name-private-use",
            Self::NameControl => "name-control",
            Self::NameDigit => "name-digit",
            Self::NameSpace => "name-space",
            Self::NamePunctuation => "name-punctuation",
            Self::NameCharacter => "name-character",
        }
    }

    /// One clause for people: what is wrong, and where it helps, what to do.
    pub fn clause(self, language: Language) -> String {
        match self {
            Self::Empty => say_in!(language, "rule-empty"),
            Self::DamagedBySpreadsheet => say_in!(language, "rule-damaged-by-spreadsheet"),
            Self::Masked => say_in!(language, "rule-masked"),
            Self::IdLength => say_in!(language, "rule-id-length"),
            Self::IdCharacters => say_in!(language, "rule-id-characters"),
            Self::IdBirthDate => say_in!(language, "rule-id-birth-date"),
            Self::IdBirthInFuture => say_in!(language, "rule-id-birth-in-future"),
            Self::IdBirthTooEarly => say_in!(language, "rule-id-birth-too-early"),
            Self::IdCheckDigit => say_in!(language, "rule-id-check-digit"),
            Self::IdEndsInZeros => say_in!(language, "rule-id-ends-in-000"),
            Self::MobileCharacters => say_in!(language, "rule-mobile-characters"),
            Self::MobileLength => say_in!(language, "rule-mobile-length"),
            Self::MobileStart => say_in!(language, "rule-mobile-start"),
            Self::NameLength => say_in!(language, "rule-name-length"),
            Self::NameReplacement => say_in!(language, "rule-name-replacement-character"),
            Self::NameQuestionMark => say_in!(language, "rule-name-question-mark"),
            Self::NamePrivateUse => say_in!(language, "rule-name-private-use"),
            Self::NameControl => say_in!(language, "rule-name-control"),
            Self::NameDigit => say_in!(language, "rule-name-digit"),
            Self::NameSpace => say_in!(language, "rule-name-space"),
            Self::NamePunctuation => say_in!(language, "rule-name-punctuation"),
            Self::NameCharacter => say_in!(language, "rule-name-character"),
        }
    }
}

impl fmt::Display for Rule {
    /// The clause in English, as files have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clause(Language::English))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_and_a_clause_of_its_own() {
        let names: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        for language in Language::ALL {
            let clauses: HashSet<_> = Rule::ALL.iter().map(|rule| rule.clause(language)).collect();
            assert_eq!((names.len(), clauses.len()), (Rule::ALL.len(), Rule::ALL.len()));
        }
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
