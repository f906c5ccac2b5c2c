//! Text from elsewhere, made safe to show.

/// Makes a text safe for a spreadsheet's cell: no formula, no control characters.
pub fn for_spreadsheet(text: &str) -> String {
    let shown = for_terminal(text);
    if begins_formula(text) { format!("'{shown}") } else { shown }
}

/// Says whether a spreadsheet that opens a text file takes the text for the beginning of a formula; a leading
/// `'` makes it text.
pub fn begins_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// Says whether a text is a number with its sign, which calculates nothing: `-5`, `+86`, `-0.3`.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, decimals].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Makes a text safe for a terminal and for one line: control characters, line separators and marks that
/// turn the direction of text become spaces.
pub fn for_terminal(text: &str) -> String {
    text.chars().map(|character| if is_unsafe(character) { ' ' } else { character }).collect()
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_takes_for_a_formula_is_quoted() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert!(for_spreadsheet(text).starts_with('\''), "{text:?}");
        }
        for text in ["", "982.7", "成功", "a=b", "'=1", " 1"] {
            assert_eq!(for_spreadsheet(text), text);
        }
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let hostile = "a\u{1b}[31mb\u{7}\u{9b}c\nd\r\u{202e}e\u{2066}f\u{2028}g\0";
        assert_eq!(for_terminal(hostile), "a [31mb  c d  e f g ");
    }
}
