//! The report's pictures, drawn by plotters as SVG.
//!
//! Colours are roles: the picture names them, and the page's style sheet says what they are on light and on
//! dark ground. Each picture is drawn twice, for a desk and for a phone, and the style sheet shows one.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::figures::{Grid, Timeline};
use super::scores::Picture;
use crate::domain::outcome::{Check, Decision, Factors};
use crate::ledger::reporting::Stretch;
use crate::say;

/// Widths in which each picture is drawn, with the class of each.
const WIDTHS: [(u32, &str); 2] = [(640, "wide"), (340, "narrow")];

/// The height of letters; the backend divides by 1.24.
const LETTERS: f64 = 13.0 * 1.24;

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Soft,
    Line,
    Decision(Decision),
    Billed,
    Unbilled,
    AddressLimit,
    InDoubt,
    NotSent,
}

impl Ink {
    const ALL: [Self; 14] = [
        Self::Text,
        Self::Soft,
        Self::Line,
        Self::Decision(Decision::Match),
        Self::Decision(Decision::Mismatch),
        Self::Decision(Decision::Inconclusive),
        Self::Decision(Decision::Rejected),
        Self::Decision(Decision::Unresolved),
        Self::Decision(Decision::Pending),
        Self::Billed,
        Self::Unbilled,
        Self::AddressLimit,
        Self::InDoubt,
        Self::NotSent,
    ];

    /// Its name in the style sheet.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Soft => "soft",
            Self::Line => "line",
            Self::Decision(decision) => decision.word(),
            Self::Billed => "billed",
            Self::Unbilled => "unbilled",
            Self::AddressLimit => "limit",
            Self::InDoubt => "doubt",
            Self::NotSent => "unsent",
        }
    }

    /// A colour that stands for the role until the picture is finished.
    fn colour(self) -> RGBColor {
        let place = Self::ALL.iter().position(|known| *known == self).unwrap_or_default();
        RGBColor(0xFA, 0xCE, u8::try_from(place).unwrap_or_default())
    }
}

/// A part of a stretch of time: its colour, and how to count it.
type Part = (Ink, fn(&Stretch) -> u64);

/// The parts, from the bottom up.
pub(super) const PARTS: [Part; 5] = [
    (Ink::Billed, |stretch| stretch.billed),
    (Ink::Unbilled, |stretch| stretch.unbilled),
    (Ink::InDoubt, |stretch| stretch.in_doubt),
    (Ink::NotSent, |stretch| stretch.not_sent),
    (Ink::AddressLimit, |stretch| stretch.address_limit),
];

/// The decisions that have scores, in the order of their groups.
pub(super) const SCORED: [Decision; 3] = [Decision::Match, Decision::Mismatch, Decision::Inconclusive];

/// What the API can say of identity and face together, top to bottom.
pub(super) const GRID_ROWS: [(Check, Check); 5] = [
    (Check::Pass, Check::Pass),
    (Check::Pass, Check::Mismatch),
    (Check::Pass, Check::Failed),
    (Check::Mismatch, Check::Unchecked),
    (Check::Failed, Check::Unchecked),
];

/// What it can say of the mobile number, left to right.
pub(super) const GRID_COLUMNS: [Check; 4] = [Check::Pass, Check::Mismatch, Check::Failed, Check::NoRecord];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws in both widths, and makes roles of the colours.
fn both(height: impl Fn(u32) -> u32, draw: impl Fn(&Area<'_>, u32) -> Drawn) -> Vec<(&'static str, String)> {
    WIDTHS
        .into_iter()
        .map(|(width, class)| {
            let mut svg = String::new();
            {
                let area = SVGBackend::with_string(&mut svg, (width, height(width))).into_drawing_area();
                let drawn = draw(&area, width).and_then(|()| Ok(area.present()?));
                if let Err(error) = drawn {
                    // The table beside it says the same.
                    tracing::warn!(%error, "a picture could not be drawn");
                }
            }
            (class, with_roles(&svg))
        })
        .collect()
}

fn with_roles(svg: &str) -> String {
    let mut svg = svg.to_owned();
    for ink in Ink::ALL {
        let RGBColor(red, green, blue) = ink.colour();
        for (attribute, prefix) in [("fill", "f"), ("stroke", "s")] {
            let colour = format!("{attribute}=\"#{red:02X}{green:02X}{blue:02X}\"");
            svg = svg.replace(&colour, &format!("class=\"{prefix}-{}\"", ink.name()));
        }
    }
    svg
}

fn text(area: &Area<'_>, words: &str, at: (i32, i32), ink: Ink, anchor: HPos) -> Drawn {
    sized_text(area, LETTERS, words, at, ink, anchor)
}

fn sized_text(area: &Area<'_>, letters: f64, words: &str, at: (i32, i32), ink: Ink, anchor: HPos) -> Drawn {
    let style = ("sans-serif", letters).into_font().color(&ink.colour());
    area.draw(&Text::new(words.to_owned(), at, style.pos(Pos::new(anchor, VPos::Center))))?;
    Ok(())
}

fn place(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Cuts a text to so many characters.
fn cut(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    words.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Draws a lying bar for each count.
pub(super) fn bars(items: &[(String, u64, Ink)]) -> Vec<(&'static str, String)> {
    const ROW: i32 = 30;
    let most = items.iter().map(|(_, count, _)| *count).max().unwrap_or_default().max(1);
    let total: u64 = items.iter().map(|(_, count, _)| count).sum();
    let height = u32::try_from(items.len()).unwrap_or(1).max(1) * 30;
    both(
        |_| height,
        |area, width| {
            let (left, letters) = if width > 400 { (150, 18) } else { (104, 12) };
            let longest = place(width) - left - 112;
            for (row, (label, count, ink)) in items.iter().enumerate() {
                let top = i32::try_from(row).unwrap_or_default() * ROW;
                text(area, &cut(label, letters), (left - 10, top + 15), Ink::Text, HPos::Right)?;
                let length = u128::from(*count) * u128::from(longest.unsigned_abs()) / u128::from(most);
                let length = i32::try_from(length).unwrap_or(longest).max(i32::from(*count > 0) * 2);
                area.draw(&Rectangle::new(
                    [(left, top + 5), (left + length, top + 25)],
                    ink.colour().filled(),
                ))?;
                let words = say!("report-share", count = *count, percent = percent(*count, total));
                text(area, &words, (left + length + 8, top + 15), Ink::Text, HPos::Left)?;
            }
            Ok(())
        },
    )
}

/// A share in percent with one decimal, as text.
pub(super) fn percent(count: u64, total: u64) -> String {
    let tenths = (u128::from(count) * 1000 + u128::from(total) / 2).checked_div(u128::from(total));
    let tenths = tenths.unwrap_or_default();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Draws how many rows have each combination of identity, face and mobile.
pub(super) fn grid(grid: &Grid) -> Vec<(&'static str, String)> {
    const TOP: i32 = 52;
    const CELL: i32 = 46;
    let language = crate::lang::current();
    let most = grid.total().max(1);
    both(
        |_| 52 + 46 * 5,
        |area, width| {
            let (left, letters) = if width > 400 { (190, LETTERS) } else { (116, LETTERS * 0.84) };
            let text = |words: &str, at, ink, anchor| sized_text(area, letters, words, at, ink, anchor);
            let cell = (place(width) - left) / 4;
            let title = say!("report-mobile");
            text(&title, (left + cell * 2, 10), Ink::Soft, HPos::Center)?;
            for (column, mobile) in GRID_COLUMNS.into_iter().enumerate() {
                let x = left + cell * i32::try_from(column)? + cell / 2;
                text(&mobile.title(language), (x, 36), Ink::Text, HPos::Center)?;
            }
            for (row, (identity, face)) in GRID_ROWS.into_iter().enumerate() {
                let top = TOP + CELL * i32::try_from(row)?;
                let (identity_title, face_title) = (identity.title(language), face.title(language));
                let first = say!("report-identity-is", check = identity_title.as_str());
                let second = say!("report-face-is", check = face_title.as_str());
                text(&first, (left - 10, top + 14), Ink::Text, HPos::Right)?;
                text(&second, (left - 10, top + 31), Ink::Soft, HPos::Right)?;
                for (column, mobile) in GRID_COLUMNS.into_iter().enumerate() {
                    let factors = Factors { identity, face, mobile };
                    let count = grid.count(factors);
                    let (x, y) = (left + cell * i32::try_from(column)?, top);
                    let corners = [(x + 2, y + 2), (x + cell - 2, y + CELL - 2)];
                    let ink = Ink::Decision(factors.decision());
                    if count > 0 {
                        // Even one row in a million is to be seen.
                        let strength = 0.16 + 0.5 * share(count, most);
                        area.draw(&Rectangle::new(corners, ink.colour().mix(strength).filled()))?;
                    }
                    area.draw(&Rectangle::new(corners, Ink::Line.colour().stroke_width(1)))?;
                    let words = super::grouped(count);
                    let ink = if count > 0 { Ink::Text } else { Ink::Soft };
                    text(&words, (x + cell / 2, y + CELL / 2), ink, HPos::Center)?;
                }
            }
            Ok(())
        },
    )
}

#[expect(clippy::cast_precision_loss, reason = "a picture needs no more")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Draws how scores are spread, by decision.
pub(super) fn scores(picture: &Picture) -> Vec<(&'static str, String)> {
    let columns: Vec<Vec<(Ink, u64)>> = picture
        .bins
        .iter()
        .map(|bin| SCORED.into_iter().zip(*bin).map(|(of, count)| (Ink::Decision(of), count)).collect())
        .collect();
    let decimals = usize::from(picture.width < 1.0) * 3;
    stacked(&columns, |bin| format!("{:.*}", decimals, picture.from + f64::from(bin) * picture.width))
}

/// Draws a run's calls over time.
pub(super) fn timeline(timeline: &Timeline) -> Vec<(&'static str, String)> {
    let columns: Vec<Vec<(Ink, u64)>> = timeline
        .stretches
        .iter()
        .map(|stretch| PARTS.into_iter().map(|(ink, count)| (ink, count(stretch))).collect())
        .collect();
    stacked(&columns, |stretch| super::page::clock_of(timeline, i64::from(stretch)))
}

/// Draws standing bars of parts one above the other.
fn stacked(columns: &[Vec<(Ink, u64)>], label: impl Fn(i32) -> String) -> Vec<(&'static str, String)> {
    let highest = columns.iter().map(|parts| parts.iter().map(|(_, count)| count).sum::<u64>()).max();
    let highest = highest.unwrap_or_default().max(1);
    let last = i32::try_from(columns.len()).unwrap_or(i32::MAX).max(1);
    both(
        |width| if width > 400 { 260 } else { 220 },
        |area, width| {
            let letters = ("sans-serif", LETTERS).into_font().color(&Ink::Soft.colour());
            let digits = u32::try_from(super::grouped(highest).len()).unwrap_or(8);
            let mut chart = ChartBuilder::on(area)
                .margin_top(12)
                .margin_right(26)
                .x_label_area_size(30)
                .y_label_area_size(14 + 8 * digits)
                .build_cartesian_2d(0..last, 0..highest + highest.div_ceil(12))?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                // None at all sends plotters into an endless search.
                .max_light_lines(1)
                .light_line_style(TRANSPARENT)
                .bold_line_style(Ink::Line.colour())
                .axis_style(Ink::Line.colour())
                .label_style(letters)
                .x_labels(if width > 400 { 8 } else { 4 })
                .y_labels(5)
                .x_label_formatter(&|column| label(*column))
                .y_label_formatter(&|count| super::grouped(*count))
                .draw()?;
            let gap = u32::from(columns.len() <= 100);
            for (column, parts) in (0..).zip(columns) {
                let mut below = 0;
                for (ink, count) in parts.iter().filter(|(_, count)| *count > 0) {
                    let corners = [(column, below), (column + 1, below + count)];
                    let mut bar = Rectangle::new(corners, ink.colour().filled());
                    bar.set_margin(0, 0, gap, gap);
                    chart.draw_series(std::iter::once(bar))?;
                    below += count;
                }
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_roles_for_colours_and_text_stays_text() {
        let hostile = "</text><script>alert(1)</script>".to_owned();
        for (_, svg) in bars(&[(hostile, 3, Ink::Billed), ("零".to_owned(), 0, Ink::Text)]) {
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
            assert!(!svg.contains("<script") && svg.contains("&lt;/text&gt;"), "{svg}");
            assert!(!svg.contains("#FACE") && svg.contains("class=\"f-billed\""), "{svg}");
        }
    }

    #[test]
    fn every_size_of_run_and_of_count_can_be_drawn() {
        for length in [1, 2, 3, 7, 59, 101, 240] {
            for count in [0, 1, 2, 9, 1000, 123_456_789] {
                let stretch = Stretch { billed: count, address_limit: count / 2, ..Stretch::default() };
                let stretches = vec![stretch; length];
                let from = "2026-11-24T15:59:00Z".parse().unwrap();
                for (_, svg) in timeline(&Timeline { from, minutes: 1, stretches }) {
                    assert_eq!(svg.contains("class=\"f-billed\""), count > 0, "{length} {count}");
                }
                let picture = Picture { from: 0.0, width: 0.2, bins: vec![[count, 0, 1]; length] };
                assert_eq!(scores(&picture).len(), 2);
            }
        }
    }

    #[test]
    fn shares_are_rounded_to_a_tenth() {
        for (count, total, text) in [(1, 3, "33.3"), (2, 3, "66.7"), (0, 0, "0.0"), (5, 5, "100.0")] {
            assert_eq!(percent(count, total), text);
        }
    }
}
