//! The mainland mobile number.
//!
//! Not here: which prefixes the carriers have opened. They open new ones every year.

use std::fmt;

use super::rejection::Rule;
use super::repair::{
    Repair, RepairSet, Repaired, bare, full_width_to_ascii, is_invisible, is_spreadsheet_damage,
};

/// A mainland mobile number: eleven digits, the first `1`, the second `3` to `9`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads a number as an office wrote it: `+86`, spaces, dashes, parentheses, a trailing `.0` and
    /// full-width digits included.
    ///
    /// # Errors
    ///
    /// Names the broken rule, and never repeats the text.
    pub fn parse(written: &str) -> Result<Repaired<Self>, Rule> {
        let mut repairs = RepairSet::default();
        let text = plain(written, &mut repairs);
        if text.is_empty() {
            return Err(Rule::Empty);
        }
        if text.contains('*') {
            return Err(Rule::Masked);
        }
        if is_spreadsheet_damage(&text) {
            return Err(Rule::DamagedBySpreadsheet);
        }
        let number = without_country_code(without_decimal_zero(&text, &mut repairs), &mut repairs);
        if !number.bytes().all(|b| b.is_ascii_digit()) || number.is_empty() {
            return Err(Rule::MobileCharacters);
        }
        if number.len() != 11 {
            return Err(Rule::MobileLength);
        }
        if !matches!(number.as_bytes(), [b'1', b'3'..=b'9', ..]) {
            return Err(Rule::MobileStart);
        }
        Ok(Repaired { value: Self(number.to_owned()), repairs })
    }

    /// Returns the eleven digits that are sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(..)") // Personal data stays out of logs.
    }
}

/// Maps what is written to ASCII and drops what only groups the digits. Other characters stay.
fn plain(written: &str, repairs: &mut RepairSet) -> String {
    let text = bare(written, repairs);
    // In `1.38E-10` the dash is no separator: such a cell is to be recognised as it stands.
    let scientific = is_spreadsheet_damage(text);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let repair = match c {
            _ if c.is_whitespace() => Some(Repair::Spaces),
            _ if is_invisible(c) => Some(Repair::Invisible),
            _ if is_grouping(c) && !scientific => Some(Repair::Separators),
            _ => None,
        };
        if let Some(repair) = repair {
            repairs.insert(repair);
        } else if let Some(ascii) = full_width_to_ascii(c) {
            repairs.insert(Repair::FullWidth);
            plain.push(ascii);
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Says whether a character is a dash of any kind or a parenthesis.
const fn is_grouping(c: char) -> bool {
    matches!(c, '-' | '\u{58a}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{207b}' | '\u{208b}' | '\u{2212}')
        || matches!(
            c,
            '\u{2e3a}' | '\u{2e3b}' | '\u{301c}' | '\u{fe31}' | '\u{fe32}' | '\u{fe58}' | '\u{fe63}' | '－'
        )
        || matches!(c, '(' | ')' | '（' | '）')
}

/// Takes `.0` off the end: a number that went through floating point, which holds eleven digits exactly.
fn without_decimal_zero<'a>(text: &'a str, repairs: &mut RepairSet) -> &'a str {
    match text.strip_suffix(".0") {
        Some(integer) => {
            repairs.insert(Repair::DecimalZero);
            integer
        }
        None => text,
    }
}

/// Takes the country code off, if eleven characters remain. `86` alone starts no mobile number.
fn without_country_code<'a>(text: &'a str, repairs: &mut RepairSet) -> &'a str {
    let number = ["+86", "0086", "86"]
        .into_iter()
        .find_map(|code| text.strip_prefix(code))
        .filter(|number| number.len() == 11);
    match number {
        Some(number) => {
            repairs.insert(Repair::CountryCode);
            number
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(written: &str) -> Result<String, Rule> {
        Mobile::parse(written).map(|parsed| parsed.value.as_str().to_owned())
    }

    #[test]
    fn what_offices_do_to_a_number_is_undone() {
        use Repair::{CountryCode, DecimalZero, FullWidth, Invisible, Separators, Spaces, SpreadsheetMarks};
        for (written, repairs) in [
            ("13800138000", &[][..]),
            ("+8613800138000", &[CountryCode]),
            ("008613800138000", &[CountryCode]),
            ("8613800138000", &[CountryCode]),
            ("＋８６13800138000", &[FullWidth, CountryCode]),
            (" 138 0013\u{a0}8000", &[Spaces]),
            ("138-0013-8000", &[Separators]),
            ("138\u{2013}0013\u{2212}8000", &[Separators]),
            ("(+86)138－00138000", &[Separators, CountryCode]),
            ("13800138000.0", &[DecimalZero]),
            ("１３８00138000", &[FullWidth]),
            ("'13800138000", &[SpreadsheetMarks]),
            ("=\"13800138000\"", &[SpreadsheetMarks]),
            ("\u{202d}13800138000\u{202c}", &[Invisible]),
            ("138\u{200b}0013\u{2060}8000", &[Invisible]),
        ] {
            let parsed = Mobile::parse(written).unwrap_or_else(|rule| panic!("{written}: {rule}"));
            assert_eq!(parsed.value.as_str(), "13800138000", "{written}");
            assert_eq!(parsed.repairs.iter().collect::<Vec<_>>(), repairs, "{written}");
        }
    }

    #[test]
    fn each_damage_is_named_by_its_own_rule() {
        for (written, rule) in [
            ("", Rule::Empty),
            ("-", Rule::Empty),
            ("1.38E+10", Rule::DamagedBySpreadsheet),
            ("1.38E-10", Rule::DamagedBySpreadsheet),
            ("1.3800138e10", Rule::DamagedBySpreadsheet),
            ("########", Rule::DamagedBySpreadsheet),
            ("138****8000", Rule::Masked),
            ("138.0013.8000", Rule::MobileCharacters),
            ("13800138000/13900139000", Rule::MobileCharacters),
            ("+85291234567", Rule::MobileCharacters),
            (".0", Rule::MobileCharacters),
            ("1380013800", Rule::MobileLength),
            ("138001380000", Rule::MobileLength),
            ("12800138000", Rule::MobileStart),
            ("01012345678", Rule::MobileStart),
            ("86138001380", Rule::MobileStart),
        ] {
            assert_eq!(parse(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn no_second_digit_from_three_to_nine_is_refused() {
        for second in 0..=9 {
            assert_eq!(parse(&format!("1{second}800138000")).is_ok(), second >= 3);
        }
    }

    proptest! {
        #[test]
        fn a_repaired_number_needs_no_more_repair(text in "['+ (]{0,2}(0086|86)?1[0-9-]{9,13}(\\.0)?") {
            if let Ok(parsed) = Mobile::parse(&text) {
                let again = Mobile::parse(parsed.value.as_str()).unwrap();
                prop_assert_eq!(again.value, parsed.value);
                prop_assert!(again.repairs.is_empty());
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
