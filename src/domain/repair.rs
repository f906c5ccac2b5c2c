//! Repairs: what is taken off or mapped before a value is judged, and the record of it.
//!
//! A repair never invents anything: it removes what is not part of the value, or writes the same
//! character in the form that the API expects. A repaired value needs no further repair.

use std::fmt;

use crate::lang::Language;
use crate::say_in;

/// A kind of repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Repair {
    /// Spaces of any kind were removed, or inside a Latin name written as one.
    Spaces,
    /// Characters without width were removed.
    Invisible,
    /// A leading `'` or an enclosing `="…"` was removed.
    SpreadsheetMarks,
    /// Full-width forms became ASCII.
    FullWidth,
    /// A letter or sign that looks like X became X.
    CheckLetter,
    /// An ID number of 15 digits became one of 18.
    FifteenDigits,
    /// Dashes or parentheses were removed.
    Separators,
    /// `+86`, `0086` or `86` was removed.
    CountryCode,
    /// A decimal part `.0` was removed.
    DecimalZero,
    /// A look-alike of the dot in a name became U+00B7.
    MiddleDot,
    /// Characters were composed to Unicode's form C.
    Composed,
}

impl Repair {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 11] = [
        Self::Spaces,
        Self::Invisible,
        Self::SpreadsheetMarks,
        Self::FullWidth,
        Self::CheckLetter,
        Self::FifteenDigits,
        Self::Separators,
        Self::CountryCode,
        Self::DecimalZero,
        Self::MiddleDot,
        Self::Composed,
    ];

    /// Names the repair for scripts. These names do not change.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spaces => "spaces",
            Self::Invisible => "invisible",
            Self::SpreadsheetMarks => "spreadsheet-marks",
            Self::FullWidth => "full-width",
            Self::CheckLetter => "check-letter",
            Self::FifteenDigits => "fifteen-digits",
            Self::Separators => "separators",
            Self::CountryCode => "country-code",
            Self::DecimalZero => "decimal-zero",
            Self::MiddleDot => "middle-dot",
            Self::Composed => "composed",
        }
    }

    /// What was done, for people.
    pub fn clause(self, language: Language) -> String {
        match self {
            Self::Spaces => say_in!(language, "repair-spaces"),
            Self::Invisible => say_in!(language, "repair-invisible"),
            Self::SpreadsheetMarks => say_in!(language, "repair-spreadsheet-marks"),
            Self::FullWidth => say_in!(language, "repair-full-width"),
            Self::CheckLetter => say_in!(language, "repair-check-letter"),
            Self::FifteenDigits => say_in!(language, "repair-fifteen-digits"),
            Self::Separators => say_in!(language, "repair-separators"),
            Self::CountryCode => say_in!(language, "repair-country-code"),
            Self::DecimalZero => say_in!(language, "repair-decimal-zero"),
            Self::MiddleDot => say_in!(language, "repair-middle-dot"),
            Self::Composed => say_in!(language, "repair-composed"),
        }
    }
}

impl fmt::Display for Repair {
    /// The clause in English, as files have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clause(Language::English))
    }
}

/// The kinds of repair that one value needed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct RepairSet(u16);

impl RepairSet {
    /// Adds a kind.
    pub fn insert(&mut self, repair: Repair) {
        self.0 |= 1 << repair as u16;
    }

    /// Says whether the value was sent as written.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Lists the kinds in the order of [`Repair::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Repair> + use<> {
        Repair::ALL.into_iter().filter(move |&repair| self.0 & (1 << repair as u16) != 0)
    }
}

impl fmt::Debug for RepairSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// A value, and what was repaired to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired<T> {
    /// The value as it is sent.
    pub value: T,
    /// What was done to it.
    pub repairs: RepairSet,
}

/// Takes off what stands around a value: spaces, invisible characters, `'` before it, `="` and `"`
/// about it.
pub(crate) fn bare<'a>(written: &'a str, repairs: &mut RepairSet) -> &'a str {
    let mut text = written;
    loop {
        let trimmed = text.trim_matches(|c: char| {
            let repair = match c {
                _ if c.is_whitespace() => Repair::Spaces,
                _ if is_invisible(c) => Repair::Invisible,
                _ => return false,
            };
            repairs.insert(repair);
            true
        });
        let inner = trimmed
            .strip_prefix('\'')
            .or_else(|| trimmed.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')));
        match inner {
            Some(inner) => text = inner,
            None => return trimmed,
        }
        repairs.insert(Repair::SpreadsheetMarks);
    }
}

/// Says whether a character shows nothing and takes no room: format characters, fillers and variation
/// selectors. Spaces are not among them.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the ASCII character that a full-width one (U+FF01 to U+FF5E) stands for.
pub(super) const fn full_width_to_ascii(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        _ => None,
    }
}

/// Says whether a number was shown or saved by a spreadsheet in a way that loses digits: `1.38E+10`,
/// or `####` where the column was too narrow.
pub(crate) fn is_spreadsheet_damage(text: &str) -> bool {
    let number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    };
    let exponent = |text: &str| {
        let digits = text.trim_start_matches(['+', '-']);
        matches!(digits.len(), 1..=3) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let hashes = !text.is_empty() && text.bytes().all(|b| b == b'#');
    hashes || text.split_once(['e', 'E']).is_some_and(|(left, right)| number(left) && exponent(right))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_repair_has_a_name_and_a_description_of_its_own() {
        let names: HashSet<_> = Repair::ALL.iter().map(|repair| repair.code()).collect();
        for language in Language::ALL {
            let shown: HashSet<_> = Repair::ALL.iter().map(|repair| repair.clause(language)).collect();
            assert_eq!((names.len(), shown.len()), (Repair::ALL.len(), Repair::ALL.len()));
        }
    }

    #[test]
    fn a_set_lists_each_kind_once_in_order() {
        let mut set = RepairSet::default();
        for repair in Repair::ALL.into_iter().rev().chain(Repair::ALL) {
            set.insert(repair);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), Repair::ALL);
    }

    #[test]
    fn wrappers_come_off_in_any_nesting() {
        for written in ["'x", "=\"x\"", "' =\"'x\u{feff}\" ", "\u{3000}x\t", "\u{200b}''x\r\n", "=\"=\"x\"\""]
        {
            let mut repairs = RepairSet::default();
            assert_eq!(bare(written, &mut repairs), "x", "{written:?}");
            assert!(!repairs.is_empty());
        }
    }

    #[test]
    fn what_a_spreadsheet_rounds_is_told_from_other_damage() {
        for damaged in ["1.10101E+17", "1.10101199001011E+17", "1e17", "1,38E+10", "1.38E10", "####"] {
            assert!(is_spreadsheet_damage(damaged), "{damaged}");
        }
        for other in ["", "E+17", "1.1E+", "11010119900307803X", "1E+1000", "#1", "13800138000"] {
            assert!(!is_spreadsheet_damage(other), "{other}");
        }
    }
}
