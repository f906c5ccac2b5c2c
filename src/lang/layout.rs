//! Text in columns: a Chinese character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What no line begins with.
const CLOSING: &str = "，。、；：？！）》」』”’…—·,.;:?!)]}";

/// The columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Fills a text up to `columns` with spaces after it.
pub fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Fills a text up to `columns` with spaces before it.
pub fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Breaks text into lines of at most `columns`: at spaces, and between Chinese characters.
pub fn wrapped(text: &str, columns: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| wrapped_line(line, columns)).collect();
    lines.join("\n")
}

fn wrapped_line(line: &str, columns: usize) -> String {
    let (mut done, mut taken) = (String::new(), 0);
    let indent: String = line.chars().take_while(|character| *character == ' ').collect();
    for piece in pieces(line) {
        let wide = width(piece.trim_end());
        if taken > 0 && taken + wide > columns {
            done.truncate(done.trim_end().len());
            done.push('\n');
            done.push_str(&indent);
            taken = indent.len();
        }
        done.push_str(piece);
        taken += width(piece);
    }
    done
}

/// Takes a line apart into what must not be broken.
fn pieces(line: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let mut before: Option<char> = None;
    for (position, character) in line.char_indices() {
        let breaks = before.is_some_and(|before| {
            let is_wide = |character: char| character.width() == Some(2);
            let after_space = before == ' ' && character != ' ';
            let between = (is_wide(before) || is_wide(character)) && before != ' ' && character != ' ';
            let opens = "（《「『“‘([".contains(before);
            after_space || (between && !opens && !CLOSING.contains(character))
        });
        if breaks {
            pieces.push(&line[start..position]);
            start = position;
        }
        before = Some(character);
    }
    pieces.push(&line[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!((left("一致", 6), right("一致", 6)), ("一致  ".to_owned(), "  一致".to_owned()));
        assert_eq!(right("match", 3), "match");
    }

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters_and_never_begin_with_a_comma() {
        assert_eq!(wrapped("one two three", 7), "one two\nthree");
        assert_eq!(wrapped("一二三，四五", 6), "一二\n三，四\n五");
        assert_eq!(wrapped("用 --rate 调低", 9), "用 --rate\n调低");
        assert_eq!(wrapped("  甲乙丙", 6), "  甲乙\n  丙");
        assert_eq!(wrapped("longer-than-the-line", 4), "longer-than-the-line");
    }
}
