//! A person's name, as the register of residents writes it.
//!
//! Names are brought to Unicode's form C and never to a compatibility form: NFKC would turn letters of
//! a name into others. Form C does map the compatibility ideographs U+F900 to U+FAFF to the unified ones,
//! and that is wanted: they are canonically the same letter, so the two spellings must not become two
//! paid questions, and registers use the unified one. The twelve of that block which are unified
//! ideographs in their own right stay as they are.
//!
//! Not here: whether a name is a likely one.

use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::rejection::Rule;
use super::repair::{Repair, RepairSet, Repaired, bare, full_width_to_ascii, is_invisible};

/// The dot between the parts of a name: 买买提·吐尔逊.
const MIDDLE_DOT: char = '\u{b7}';

/// A name of 1 to 50 Chinese or Latin letters, with the marks that belong between them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// The most characters that a name may have.
    pub const MAX_CHARS: usize = 50;

    /// Reads a name as an office wrote it: look-alikes of the dot, spaces around it and between the two
    /// letters of an aligned name included.
    ///
    /// # Errors
    ///
    /// Names the broken rule, and never repeats the text.
    pub fn parse(written: &str) -> Result<Repaired<Self>, Rule> {
        let mut repairs = RepairSet::default();
        let text = bare(written, &mut repairs);
        if text.is_empty() {
            return Err(Rule::Empty);
        }
        if text.chars().all(|c| is_han(c) && !is_compatibility_ideograph(c)) {
            return Self::of_length(text.to_owned(), repairs); // Nearly every name: nothing to map.
        }
        let composed = composed(text, &mut repairs);
        let name = with_marks_in_place(&composed, &mut repairs);
        judge(&name)?;
        Self::of_length(name, repairs)
    }

    /// Returns the name that is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of_length(name: String, repairs: RepairSet) -> Result<Repaired<Self>, Rule> {
        if name.chars().nth(Self::MAX_CHARS).is_some() {
            return Err(Rule::NameLength);
        }
        Ok(Repaired { value: Self(name), repairs })
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(..)") // Personal data stays out of logs.
    }
}

/// Drops invisible characters, maps full-width forms and look-alikes of the dot, and composes.
fn composed(text: &str, repairs: &mut RepairSet) -> String {
    let mut mapped = String::with_capacity(text.len());
    for c in text.chars() {
        let (c, repair) = match c {
            _ if is_invisible(c) => {
                repairs.insert(Repair::Invisible);
                continue;
            }
            _ if is_like_middle_dot(c) => (MIDDLE_DOT, Some(Repair::MiddleDot)),
            _ => match full_width_to_ascii(c) {
                Some(ascii) => (ascii, Some(Repair::FullWidth)),
                None => (c, None),
            },
        };
        mapped.push(c);
        if let Some(repair) = repair {
            repairs.insert(repair);
        }
    }
    if is_nfc(&mapped) {
        return mapped;
    }
    repairs.insert(Repair::Composed);
    mapped.nfc().collect()
}

/// Makes a full stop between Chinese letters the dot it stands for, and puts spaces right: none at a dot
/// nor in a name of two Chinese letters (张　三, spread to line up with longer ones), one elsewhere.
fn with_marks_in_place(text: &str, repairs: &mut RepairSet) -> String {
    let is_pair = is_pair_of_han(text);
    let mut name = String::with_capacity(text.len());
    let mut gap = ""; // The spaces since the last letter.
    let mut gap_start = 0;
    for (at, c) in text.char_indices() {
        if is_space(c) {
            gap = &text[gap_start..at + c.len_utf8()];
            continue;
        }
        let last = name.chars().last();
        let after = at + c.len_utf8();
        let next = || text[after..].chars().find(|&c| !is_space(c));
        let is_stop_for_dot = c == '.' && last.is_some_and(is_han) && next().is_some_and(is_han);
        let c = if is_stop_for_dot { MIDDLE_DOT } else { c };
        let room =
            if is_pair || c == MIDDLE_DOT || last == Some(MIDDLE_DOT) || gap.is_empty() { "" } else { " " };
        if is_stop_for_dot {
            repairs.insert(Repair::MiddleDot);
        }
        if room != gap {
            repairs.insert(Repair::Spaces);
        }
        name.push_str(room);
        name.push(c);
        (gap, gap_start) = ("", after);
    }
    name
}

fn is_pair_of_han(text: &str) -> bool {
    let mut letters = text.chars().filter(|&c| !is_space(c));
    letters.next().is_some_and(is_han) && letters.next().is_some_and(is_han) && letters.next().is_none()
}

/// Says whether a character is a space and not a line break or tab.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Names the rule that the first unfit character breaks.
fn judge(name: &str) -> Result<(), Rule> {
    let mut before = None;
    let mut read = name.chars().peekable();
    while let Some(c) = read.next() {
        let after = read.peek().copied();
        let is_fit = match c {
            _ if is_han(c) || is_latin(c) => true,
            _ if is_combining_mark(c) => before.is_some_and(is_latin_or_mark),
            '?' => return Err(Rule::NameQuestionMark),
            '\u{fffd}' => return Err(Rule::NameReplacement),
            ' ' if before.is_some_and(is_han) && after.is_some_and(is_han) => return Err(Rule::NameSpace),
            ' ' => true,
            MIDDLE_DOT => {
                let is_letter = |c: Option<char>| c.is_some_and(|c| is_han(c) || is_latin_or_mark(c));
                if !(is_letter(before) && is_letter(after)) {
                    return Err(Rule::NamePunctuation);
                }
                true
            }
            '-' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}' | '.' | ',' => {
                if !before.is_some_and(|c| c == '.' || is_latin_or_mark(c)) {
                    return Err(Rule::NamePunctuation);
                }
                true
            }
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => return Err(Rule::NamePrivateUse),
            _ if c.is_control() || c.is_whitespace() => return Err(Rule::NameControl),
            _ if c.is_numeric() => return Err(Rule::NameDigit),
            _ => false,
        };
        if !is_fit {
            return Err(Rule::NameCharacter);
        }
        before = Some(c);
    }
    Ok(())
}

/// Says whether a character is a Chinese one: the unified ideographs with all extensions, whole planes 2
/// and 3 (which Unicode sets aside for ideographs, so that a new extension needs no new program), the
/// compatibility ideographs, and the letters 〇 and 々. Radicals are not letters.
const fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2fffd}'
        | '\u{30000}'..='\u{3fffd}' | '\u{f900}'..='\u{faff}' | '\u{3005}' | '\u{3007}')
}

const fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// Says whether a character is a letter of the Latin script, whatever its marks.
fn is_latin(c: char) -> bool {
    let in_block = matches!(c,
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{2af}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}'
        | '\u{a722}'..='\u{a78e}' | '\u{a790}'..='\u{a7ff}');
    in_block && c.is_alphabetic()
}

const fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}')
}

fn is_latin_or_mark(c: char) -> bool {
    is_latin(c) || is_combining_mark(c)
}

/// Says whether a character is drawn like the dot in a name. The full stop is judged by what is around it.
const fn is_like_middle_dot(c: char) -> bool {
    matches!(c, '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{30fb}' | '\u{ff65}' | '\u{22c5}' | '\u{2219}')
        || matches!(
            c,
            '\u{387}' | '\u{1427}' | '\u{16eb}' | '\u{2e31}' | '\u{2e33}' | '\u{318d}' | '\u{a78f}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(written: &str) -> Result<String, Rule> {
        PersonName::parse(written).map(|parsed| parsed.value.as_str().to_owned())
    }

    #[test]
    fn names_of_every_kind_are_sent_as_written() {
        for name in [
            "甲",
            "测试甲",
            "买买提·吐尔逊",
            "㐂乙",
            "𠀀𪜀𫝀𫠠𬺰",
            "\u{2ebf0}\u{30000}\u{31350}\u{323b0}",
            "〇一",
            "\u{fa0e}\u{fa29}",
            "Zoë Müller-Łukasz",
            "O'Brien",
            "D’Arcy Nguyễn",
            "J.-P. Smith, Jr.",
            "José·García",
            "M\u{325}a",
            "李Peter",
            "李 Peter",
        ] {
            let parsed = PersonName::parse(name).unwrap_or_else(|rule| panic!("{name}: {rule}"));
            assert_eq!(parsed.value.as_str(), name);
            assert!(parsed.repairs.is_empty(), "{name}: {:?}", parsed.repairs);
        }
    }

    #[test]
    fn what_offices_do_to_a_name_is_undone() {
        use Repair::{Composed, FullWidth, Invisible, MiddleDot, Spaces, SpreadsheetMarks};
        for (written, name, repairs) in [
            ("\u{3000}测试甲\u{a0}\r\n", "测试甲", &[Spaces][..]),
            ("测\u{200b}试\u{feff}甲", "测试甲", &[Invisible]),
            ("葛\u{e0100}乙", "葛乙", &[Invisible]),
            ("'测试甲", "测试甲", &[SpreadsheetMarks]),
            ("样　本", "样本", &[Spaces]),
            ("样本 · 乙", "样本·乙", &[Spaces]),
            ("样本 . 乙", "样本·乙", &[Spaces, MiddleDot]),
            ("样本.乙", "样本·乙", &[MiddleDot]),
            ("样本．乙", "样本·乙", &[FullWidth, MiddleDot]),
            ("Zoe\u{308}", "Zoë", &[Composed]),
            ("\u{f9dc}\u{2f800}", "隆丽", &[Composed]),
            ("Ａnna", "Anna", &[FullWidth]),
            ("Anna \u{3000} Li", "Anna Li", &[Spaces]),
            ("Anna\u{a0}Li", "Anna Li", &[Spaces]),
        ] {
            let parsed = PersonName::parse(written).unwrap_or_else(|rule| panic!("{written}: {rule}"));
            assert_eq!(parsed.value.as_str(), name);
            assert_eq!(parsed.repairs.iter().collect::<Vec<_>>(), repairs, "{written}");
        }
    }

    #[test]
    fn every_look_alike_becomes_the_middle_dot() {
        for dot in "•‧・･．.⋅∙·ᐧ․᛫⸱⸳ㆍꞏ".chars() {
            assert_eq!(parse(&format!("样本{dot}乙")).as_deref(), Ok("样本·乙"), "{dot:?}");
        }
    }

    #[test]
    fn each_damage_is_named_by_its_own_rule() {
        for (written, rule) in [
            ("", Rule::Empty),
            ("\u{200b}", Rule::Empty),
            ("测?甲", Rule::NameQuestionMark),
            ("测？甲", Rule::NameQuestionMark),
            ("测\u{fffd}", Rule::NameReplacement),
            ("测\u{e863}", Rule::NamePrivateUse),
            ("测\u{f0000}", Rule::NamePrivateUse),
            ("测\n试甲", Rule::NameControl),
            ("测\u{7}试", Rule::NameControl),
            ("测试1", Rule::NameDigit),
            ("测试２", Rule::NameDigit),
            ("测试①", Rule::NameDigit),
            ("样本 乙丙", Rule::NameSpace),
            ("·测试", Rule::NamePunctuation),
            ("测··试", Rule::NamePunctuation),
            ("测-试", Rule::NamePunctuation),
            ("测试。", Rule::NameCharacter),
            ("测试(甲)", Rule::NameCharacter),
            ("⼀乙", Rule::NameCharacter),
            ("Иван", Rule::NameCharacter),
            ("\u{308}a", Rule::NameCharacter),
        ] {
            assert_eq!(parse(written), Err(rule), "{written:?}");
        }
    }

    #[test]
    fn fifty_characters_are_a_name_and_fifty_one_are_not() {
        for letter in ["甲", "𠀀", "a"] {
            assert!(parse(&letter.repeat(50)).is_ok());
            assert_eq!(parse(&letter.repeat(51)), Err(Rule::NameLength));
        }
    }

    proptest! {
        #[test]
        fn a_repaired_name_needs_no_more_repair(
            text in concat!(
                "[甲乙隆\u{f9dc}\u{2f800}aeＡé\u{308}\u{301}\u{325}·•.．\u{387}\u{212a}",
                "\u{2000}'’ \u{3000}\u{200b}\u{34f}=\"-]{1,9}",
            ),
        ) {
            if let Ok(parsed) = PersonName::parse(&text) {
                let again = PersonName::parse(parsed.value.as_str());
                prop_assert_eq!(again.as_ref().map(|again| again.value.as_str()), Ok(parsed.value.as_str()));
                prop_assert!(again.is_ok_and(|again| again.repairs.is_empty()));
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn no_name_is_sent_with_a_character_that_means_damage(text in any::<String>()) {
            if let Ok(name) = parse(&text) {
                let has_damage = name.contains(['?', '\u{fffd}', '\n', '\t']);
                prop_assert!(!has_damage);
                prop_assert!(is_nfc(&name) && (1..=50).contains(&name.chars().count()));
            }
        }
    }
}
