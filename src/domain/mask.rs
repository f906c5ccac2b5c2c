//! A person's values, masked: enough to find a row in a list by, and too little to know the person.
//!
//! Masks are for what people read (tables, problem lists, reports). What is masked may be anything that
//! stood in a cell: a number too short, a name in the wrong column. The less there is, the less is shown.

use super::repair::is_invisible;

/// What stands for hidden characters.
const STAR: char = '*';

/// Masks of a text too long to be a number end here.
const MOST_CHARS: usize = 24;

/// Masks a name: `张*`. Neither the given name nor its length is shown; a name of one character is hidden.
pub fn name(written: &str) -> String {
    let mut characters = visible(written);
    match (characters.next(), characters.next()) {
        (None, _) => String::new(),
        (Some(_), None) => STAR.to_string(),
        (Some(first), Some(_)) => format!("{first}{STAR}"),
    }
}

/// Masks an ID number: `1101**********0257`.
pub fn id_number(written: &str) -> String {
    keep_ends(written, 4, 4)
}

/// Masks a mobile number: `138****5678`.
pub fn mobile(written: &str) -> String {
    keep_ends(written, 3, 4)
}

/// Keeps so many characters at both ends, if at least four between them are hidden; else no more than a
/// quarter, at the start.
fn keep_ends(written: &str, head: usize, tail: usize) -> String {
    const LEAST_HIDDEN: usize = 4;
    let characters: Vec<char> = visible(written).take(MOST_CHARS).collect();
    let count = characters.len();
    let (head, tail) = if count >= head + LEAST_HIDDEN + tail { (head, tail) } else { (count / 4, 0) };
    let is_shown = |at: usize| at < head || at >= count - tail;
    characters.iter().enumerate().map(|(at, c)| if is_shown(at) { *c } else { STAR }).collect()
}

/// The characters of a cell that can be shown: no spaces around or inside, nothing that steers a terminal.
fn visible(written: &str) -> impl Iterator<Item = char> {
    written.chars().filter(|&c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_keeps_its_first_character_and_not_its_length() {
        for (written, masked) in [
            ("张三", "张*"),
            ("欧阳娜娜", "欧*"),
            (" 买买提·吐尔逊 ", "买*"),
            ("Anna Li", "A*"),
            ("𠀀乙", "𠀀*"),
            ("甲", "*"),
            ("", ""),
            ("\u{1b}\u{200b}", ""),
        ] {
            assert_eq!(name(written), masked, "{written:?}");
        }
    }

    #[test]
    fn whole_numbers_keep_their_ends() {
        assert_eq!(id_number("110101199003070257"), "1101**********0257");
        assert_eq!(id_number(" 11010119900307803x"), "1101**********803x");
        assert_eq!(mobile("13812345678"), "138****5678");
        assert_eq!(mobile("138 1234 5678"), "138****5678");
    }

    #[test]
    fn the_less_there_is_the_less_is_shown() {
        for (written, masked) in [
            ("", ""),
            ("张三", "**"),
            ("12345", "1****"),
            ("1381234567", "13********"),
            ("1101011990", "11********"),
        ] {
            assert_eq!(mobile(written), masked, "{written:?}");
        }
        assert_eq!(id_number("110101900307"), "1101****0307");
        assert_eq!(id_number("11010190030"), "11*********");
    }

    proptest! {
        #[test]
        fn a_mask_hides_most_and_steers_nothing(text in "\\PC{0,40}|[0-9\u{1b}\n]{0,30}") {
            for masked in [id_number(&text), mobile(&text)] {
                let shown = masked.chars().filter(|c| *c != STAR).count();
                prop_assert!(masked.chars().count() <= MOST_CHARS && shown <= 8);
                prop_assert!(masked.is_empty() || masked.contains(STAR) || text.contains(STAR));
                prop_assert!(!masked.contains(char::is_control));
            }
            prop_assert!(name(&text).chars().count() <= 2);
        }
    }
}
