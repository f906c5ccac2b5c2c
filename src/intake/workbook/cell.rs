//! A workbook's cell as text: what the office sees in it, as far as no digit is lost.

use std::fmt::Write;

use calamine::{DataRef, ExcelDateTime, Style};

/// From here on a floating-point number no longer holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes cells. Knows which styles fill numbers up with zeros (`000123`).
pub(super) struct Pen {
    /// By style: the least number of digits.
    digits: Vec<usize>,
}

impl Pen {
    pub(super) fn new(styles: &[Style]) -> Self {
        let digits = |style: &Style| {
            let code = style.number_format.as_ref().map_or("", |format| format.format_code.as_str());
            if code.bytes().all(|byte| byte == b'0') { code.len() } else { 0 }
        };
        Self { digits: styles.iter().map(digits).collect() }
    }

    /// Writes a cell's value into `text`, which is empty.
    pub(super) fn write(&self, value: &DataRef<'_>, style: usize, text: &mut String) {
        // Writing to a String cannot fail.
        let _ = match value {
            DataRef::Empty => Ok(()),
            DataRef::String(cell) => write_text(cell, text),
            DataRef::SharedString(cell) => write_text(cell, text),
            DataRef::Int(number) => write!(text, "{number}"),
            DataRef::Float(number) => {
                write_number(*number, self.digits.get(style).copied().unwrap_or(0), text)
            }
            DataRef::Bool(is_true) => text.write_str(if *is_true { "TRUE" } else { "FALSE" }),
            DataRef::Error(error) => write!(text, "{error}"),
            DataRef::DateTime(moment) => write_moment(moment, text),
            DataRef::DateTimeIso(iso) | DataRef::DurationIso(iso) => write_text(iso, text),
        };
    }
}

/// Text as it stands, but for a zero character, which no text file has.
fn write_text(cell: &str, text: &mut String) -> std::fmt::Result {
    cell.chars().try_for_each(|c| text.write_char(if c == '\0' { '\u{fffd}' } else { c }))
}

/// A whole number that is exact is written with all of its digits. A larger one has lost its last digits (an
/// ID number of 18 has lost three), and is written so that it shows: `1.10101199003070E+17`.
fn write_number(number: f64, digits: usize, text: &mut String) -> std::fmt::Result {
    if number.fract() == 0.0 && number.abs() < EXACT {
        return write!(text, "{number:0digits$.0}");
    }
    // As many significant digits as a spreadsheet has: 0.1 + 0.2 is 0.3.
    let scientific = format!("{number:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number.abs() >= EXACT || exponent < -9 {
        return write!(text, "{mantissa}E{exponent:+03}");
    }
    let decimals = usize::try_from(14 - exponent).unwrap_or(0);
    let plain = format!("{number:.decimals$}");
    text.write_str(plain.trim_end_matches('0').trim_end_matches('.'))
}

/// Dates as `2026-11-24`, with the time where there is one; times and durations as `10:20:30`.
fn write_moment(moment: &ExcelDateTime, text: &mut String) -> std::fmt::Result {
    const SECONDS_A_DAY: f64 = 86_400.0;
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        let seconds = (value * SECONDS_A_DAY).round().clamp(-1e15, 1e15);
        let sign = if seconds < 0.0 { "-" } else { "" };
        let seconds = format!("{:.0}", seconds.abs()).parse::<u64>().unwrap_or(0);
        return write!(text, "{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    // To the second, as it is shown: half a millisecond of rounding must not show 59.
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let _ = milli;
    write!(text, "{year:04}-{month:02}-{day:02}")?;
    if (hour, minute, second) == (0, 0, 0) {
        return Ok(());
    }
    write!(text, " {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn number(number: f64, digits: usize) -> String {
        let mut text = String::new();
        write_number(number, digits, &mut text).unwrap();
        text
    }

    #[test]
    fn whole_numbers_keep_every_digit_that_is_there() {
        for (value, text) in [
            (0.0, "0"),
            (-5.0, "-5"),
            (13_800_138_000.0, "13800138000"),
            (110_105_491_231_002.0, "110105491231002"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(number(value, 0), text);
        }
        assert_eq!((number(123.0, 6), number(-7.0, 3)), ("000123".to_owned(), "-07".to_owned()));
    }

    #[test]
    fn a_number_of_18_digits_shows_that_it_lost_some() {
        for value in [110_105_194_912_310_020.0, 440_524_188_001_010_014.0, 1.1e17, -1e17] {
            let text = number(value, 0);
            assert!(crate::domain::repair::is_spreadsheet_damage(text.trim_start_matches('-')), "{text}");
        }
        assert_eq!(number(110_105_194_912_310_020.0, 0), "1.10105194912310E+17");
    }

    #[test]
    fn fractions_are_shown_as_a_spreadsheet_shows_them() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (0.55, "0.55"),
            (-1.5, "-1.5"),
            (982.7, "982.7"),
            (123_456_789.123_456, "123456789.123456"),
            (1.0 / 3.0, "0.333333333333333"),
            (1e-12, "1.00000000000000E-12"),
        ] {
            assert_eq!(number(value, 0), text);
        }
    }

    #[test]
    fn dates_and_times_are_written_as_a_person_reads_them() {
        use ExcelDateTimeType::{DateTime, TimeDelta};
        for (value, kind, text) in [
            (46_350.0, DateTime, "2026-11-24"),
            (46_350.5, DateTime, "2026-11-24 12:00:00"),
            (0.5, DateTime, "12:00:00"),
            (1.25, TimeDelta, "30:00:00"),
        ] {
            let mut shown = String::new();
            write_moment(&ExcelDateTime::new(value, kind, false), &mut shown).unwrap();
            assert_eq!(shown, text);
        }
    }
}
