//! The resident ID number (GB 11643-1999), with its ISO 7064 MOD 11-2 check character.
//!
//! Not here: whether the first six digits name a place. Areas are renamed and merged, permanent
//! residents' numbers start with 9 and residence permits with 81, 82 or 83, and all of them are genuine.

use std::fmt;

use jiff::civil::Date;

use super::rejection::Rule;
use super::repair::{
    Repair, RepairSet, Repaired, bare, full_width_to_ascii, is_invisible, is_spreadsheet_damage,
};

/// Seventeen digits and a check character, with a real date of birth in digits 7 to 14.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber(String);

impl IdNumber {
    /// Reads a number as an office wrote it: spaces, full-width digits and look-alikes of X included.
    /// One of 15 digits is converted as the standard's predecessor was: 19 before the year, and the
    /// check character at the end.
    ///
    /// # Errors
    ///
    /// Names the broken rule, and never repeats the text.
    pub fn parse(written: &str, today: Date) -> Result<Repaired<Self>, Rule> {
        let mut repairs = RepairSet::default();
        let mut number = plain(written, &mut repairs);
        if number.is_empty() {
            return Err(Rule::Empty);
        }
        if number.contains('*') {
            return Err(Rule::Masked);
        }
        if is_spreadsheet_damage(&number) {
            return Err(Rule::DamagedBySpreadsheet);
        }
        take_decimal_zero(&mut number, &mut repairs)?;
        if number.len() == 15 && is_digits(&number) {
            number.insert_str(6, "19");
            let check = check_character(number.as_bytes()).ok_or(Rule::IdCharacters)?;
            number.push(check);
            repairs.insert(Repair::FifteenDigits);
        }
        judge(&number, today)?;
        Ok(Repaired { value: Self(number), repairs })
    }

    /// Returns the number as it is sent: 18 characters, the last a digit or `X`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether the number ends in `000`. About one in a thousand does by right; many in one file
    /// mean that a spreadsheet kept only 15 digits of each.
    pub fn ends_in_000(&self) -> bool {
        self.0.ends_with("000")
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(..)") // Personal data stays out of logs.
    }
}

/// Computes the check character of the first 17 digits (ISO 7064 MOD 11-2; GB 11643-1999, annex A).
/// `None` unless there are 17 digits.
fn check_character(digits: &[u8]) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if digits.len() != WEIGHTS.len() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match (12 - sum % 11) % 11 {
        10 => Some('X'),
        value => char::from_digit(value, 10),
    }
}

/// Checks an 18-character number, the most telling rule first.
fn judge(number: &str, today: Date) -> Result<(), Rule> {
    const EARLIEST_YEAR: i16 = 1850;
    let length = number.chars().count();
    let body_length = length.saturating_sub(1);
    if !number.chars().enumerate().all(|(at, c)| c.is_ascii_digit() || (c == 'X' && at == body_length)) {
        return Err(Rule::IdCharacters);
    }
    if length != 18 {
        return Err(Rule::IdLength);
    }
    let born = birth_date(number).ok_or(Rule::IdBirthDate)?;
    if born > today {
        return Err(Rule::IdBirthInFuture);
    }
    if born.year() < EARLIEST_YEAR {
        return Err(Rule::IdBirthTooEarly);
    }
    if check_character(&number.as_bytes()[..17]) != number.chars().last() {
        let zeros = number.ends_with("000");
        return Err(if zeros { Rule::IdEndsInZeros } else { Rule::IdCheckDigit });
    }
    Ok(())
}

/// Reads digits 7 to 14 as year, month and day, if the calendar has that day.
fn birth_date(number: &str) -> Option<Date> {
    let year = number.get(6..10)?.parse().ok()?;
    let month = number.get(10..12)?.parse().ok()?;
    let day = number.get(12..14)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

/// Maps what is written to ASCII where a character can only mean one thing. Other characters stay.
fn plain(written: &str, repairs: &mut RepairSet) -> String {
    let text = bare(written, repairs);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let (c, repair) = match c {
            _ if c.is_whitespace() => (None, Some(Repair::Spaces)),
            _ if is_invisible(c) => (None, Some(Repair::Invisible)),
            _ if is_like_x(c) => (Some('X'), Some(Repair::CheckLetter)),
            _ => match full_width_to_ascii(c) {
                Some(ascii) => (Some(ascii), Some(Repair::FullWidth)),
                None => (Some(c), None),
            },
        };
        plain.extend(c);
        if let Some(repair) = repair {
            repairs.insert(repair);
        }
    }
    plain
}

/// Says whether a character is read as X: small, full-width, Roman ten, multiplication sign, Greek chi or
/// Cyrillic ha.
const fn is_like_x(c: char) -> bool {
    matches!(c, 'x' | 'ｘ' | 'Ｘ' | '\u{2169}' | '\u{2179}' | '×' | '\u{2715}' | '\u{2a2f}')
        || matches!(c, '\u{3a7}' | '\u{3c7}' | '\u{425}' | '\u{445}')
}

/// Takes `.0` off 15 digits, which a floating-point number holds exactly; it cannot hold 18.
fn take_decimal_zero(number: &mut String, repairs: &mut RepairSet) -> Result<(), Rule> {
    let Some(integer) = number.strip_suffix(".0").filter(|integer| is_digits(integer)) else {
        return Ok(());
    };
    if integer.len() > 15 {
        return Err(Rule::DamagedBySpreadsheet);
    }
    number.truncate(integer.len());
    repairs.insert(Repair::DecimalZero);
    Ok(())
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 6, 30);

    #[test]
    fn only_seventeen_digits_have_a_check_character() {
        assert_eq!(check_character(b"11010119900307803"), Some('X'));
        for wrong in
            [&b""[..], b"1101011990030780", b"110101199003078030", b"1101011990030780A", b"1101011990030780/"]
        {
            assert_eq!(check_character(wrong), None);
        }
    }

    fn parse(written: &str) -> Result<String, Rule> {
        IdNumber::parse(written, TODAY).map(|parsed| parsed.value.as_str().to_owned())
    }

    #[test]
    fn the_standards_own_example_fits_its_check_character() {
        // GB 11643-1999 shows these two.
        assert_eq!(parse("11010519491231002X").as_deref(), Ok("11010519491231002X"));
        assert_eq!(parse("440524188001010014").as_deref(), Ok("440524188001010014"));
    }

    #[test]
    fn what_offices_do_to_a_number_is_undone() {
        for (written, repair) in [
            (" 110105 19491231 002X\u{3000}", Repair::Spaces),
            ("11010519491231002x", Repair::CheckLetter),
            ("11010519491231002Ｘ", Repair::CheckLetter),
            ("11010519491231002\u{2169}", Repair::CheckLetter),
            ("11010519491231002\u{2179}", Repair::CheckLetter),
            ("11010519491231002×", Repair::CheckLetter),
            ("11010519491231002\u{425}", Repair::CheckLetter),
            ("11010519491231002\u{445}", Repair::CheckLetter),
            ("１１０１０５19491231002X", Repair::FullWidth),
            ("110105\u{feff}19491231\u{200b}002X", Repair::Invisible),
            ("'11010519491231002X", Repair::SpreadsheetMarks),
            ("=\"11010519491231002X\"", Repair::SpreadsheetMarks),
            ("110105491231002", Repair::FifteenDigits),
        ] {
            let parsed = IdNumber::parse(written, TODAY).unwrap();
            assert_eq!(parsed.value.as_str(), "11010519491231002X", "{written}");
            assert_eq!(parsed.repairs.iter().collect::<Vec<_>>(), [repair], "{written}");
        }
    }

    #[test]
    fn each_damage_is_named_by_its_own_rule() {
        for (written, rule) in [
            ("", Rule::Empty),
            ("'", Rule::Empty),
            ("1.10101E+17", Rule::DamagedBySpreadsheet),
            ("1.10101199001011e+17", Rule::DamagedBySpreadsheet),
            ("１．１Ｅ＋１７", Rule::DamagedBySpreadsheet),
            ("###########", Rule::DamagedBySpreadsheet),
            ("110105194912310020.0", Rule::DamagedBySpreadsheet),
            ("110105********002X", Rule::Masked),
            ("1101051949123100", Rule::IdLength),
            ("1101051949123100200", Rule::IdLength),
            ("1101051949123X", Rule::IdLength),
            ("110105-19491231-002X", Rule::IdCharacters),
            ("11010519491231X02X", Rule::IdCharacters),
            ("测试", Rule::IdCharacters),
            ("110105194902310020", Rule::IdBirthDate),
            ("11010519491301002X", Rule::IdBirthDate),
            ("110105490231002", Rule::IdBirthDate),
            ("110105202607010025", Rule::IdBirthInFuture),
            ("110105184912310022", Rule::IdBirthTooEarly),
            ("110105194912310021", Rule::IdCheckDigit),
            ("110105194912310000", Rule::IdEndsInZeros),
        ] {
            assert_eq!(parse(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn fifteen_digits_with_a_decimal_zero_are_whole() {
        assert_eq!(parse("110105491231002.0").as_deref(), Ok("11010519491231002X"));
    }

    #[test]
    fn numbers_of_foreign_residents_and_unassigned_areas_are_genuine() {
        for area in ["911124", "810000", "820000", "830000", "000000", "999999"] {
            let number = format!("{area}19900307001");
            let number = format!("{number}{}", check_character(number.as_bytes()).unwrap());
            assert_eq!(parse(&number), Ok(number));
        }
    }

    #[test]
    fn somebody_born_today_is_not_born_in_the_future() {
        let digits = "00000020260630001";
        let number = format!("{digits}{}", check_character(digits.as_bytes()).unwrap());
        assert_eq!(parse(&number), Ok(number));
    }

    #[test]
    fn a_number_that_ends_in_zeros_by_right_is_accepted_and_told() {
        let number = (0..100)
            .map(|area| format!("{area:06}199003071000"))
            .find(|number| parse(number).is_ok())
            .unwrap();
        assert!(IdNumber::parse(&number, TODAY).unwrap().value.ends_in_000());
        assert!(!IdNumber::parse("11010519491231002X", TODAY).unwrap().value.ends_in_000());
    }

    /// A valid number of somebody who cannot exist, the area being unassigned.
    fn valid(years: RangeInclusive<u32>) -> impl Strategy<Value = String> {
        (0..100_u32, years, 1..=12_u32, 1..=28_u32, 0..1000_u32).prop_map(|(area, y, m, d, n)| {
            let digits = format!("0000{area:02}{y:04}{m:02}{d:02}{n:03}");
            let check = check_character(digits.as_bytes()).expect("17 digits");
            format!("{digits}{check}")
        })
    }

    fn full_width(number: &str) -> String {
        let widen = |c: char| char::from_u32(u32::from(c) + 0xfee0).expect("full-width ASCII");
        number.chars().map(widen).collect()
    }

    proptest! {
        #[test]
        fn repairable_damage_never_changes_the_number(
            number in valid(1850..=2025),
            at in 0..19_usize,
            space in prop::sample::select(vec![' ', '\u{a0}', '\u{3000}', '\u{200b}', '\u{feff}', '\t']),
            x in prop::sample::select(vec!["x", "Ⅹ", "ⅹ", "×", "Х", "х", "ｘ"]),
            wide: bool,
            wrap in 0..3,
        ) {
            let mut damaged = if wide { full_width(&number) } else { number.clone() };
            let at = damaged.char_indices().map(|(i, _)| i).nth(at).unwrap_or(damaged.len());
            damaged.insert(at, space);
            damaged = damaged.replace(['X', 'Ｘ'], x);
            damaged = match wrap { 0 => format!("'{damaged}"), 1 => format!("=\"{damaged}\""), _ => damaged };
            prop_assert_eq!(parse(&damaged), Ok(number));
        }

        #[test]
        fn a_repaired_number_needs_no_more_repair(text in "[0-9Xx' ０-９]{0,22}|0000[0-9]{2}19[0-9]{2}0[1-9]1[0-9]{4}[0-9X]") {
            if let Ok(parsed) = IdNumber::parse(&text, TODAY) {
                let again = IdNumber::parse(parsed.value.as_str(), TODAY).unwrap();
                prop_assert_eq!(again.value, parsed.value);
                prop_assert!(again.repairs.is_empty());
            }
        }

        #[test]
        fn seventeen_digits_accept_exactly_one_check_character(number in valid(1850..=2025)) {
            let accepted = "0123456789X".chars().filter(|check| parse(&format!("{}{check}", &number[..17])).is_ok());
            prop_assert_eq!(accepted.count(), 1);
        }

        #[test]
        fn old_and_new_numbers_of_one_person_are_one_value(number in valid(1900..=1999)) {
            let old = format!("{}{}", &number[..6], &number[8..17]);
            prop_assert_eq!(parse(&old), Ok(number));
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
