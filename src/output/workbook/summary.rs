//! The sheet that a reader opens first after the rows: how many of each, and what they cost.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::{ADDED_HEADER, Formats, header};
use crate::domain::money::Yuan;
use crate::domain::outcome::{Check, Decision, Factor};
use crate::lang::Language;
use crate::say_in;

/// What an output says in all, for its own sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows written.
    pub rows: u64,
    /// Rows by decision, in the order of [`Decision::ALL`].
    pub decisions: [u64; Decision::ALL.len()],
    /// Checks by factor, in the order of [`Factor::ALL`] and [`Check::ALL`].
    pub checks: [[u64; Check::ALL.len()]; 3],
    /// Rows whose calls were billed.
    pub billed_rows: u64,
    /// Rows with a call that may have been billed.
    pub perhaps_billed_rows: u64,
    /// Calls that were billed; rows of one applicant share theirs.
    pub billed_calls: u64,
    /// Calls that may have been billed.
    pub doubtful_calls: u64,
    /// Why rows were rejected: the column, the clause, and how many.
    pub rejected: Vec<(String, u64)>,
    /// The price of a billed call.
    pub price: Option<Yuan>,
    /// The answers are the sandbox's.
    pub is_made_up: bool,
}

/// Writes the sheet from its top to its end.
struct Writer<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    bold: Format,
    number: Format,
}

pub(super) fn fill(
    sheet: &mut Worksheet,
    summary: &Summary,
    formats: &Formats,
    language: Language,
) -> Result<(), XlsxError> {
    sheet.set_name(say_in!(language, "output-sheet-summary"))?;
    sheet.set_column_width(0, 46)?;
    sheet.set_column_range_width(1, 5, 18)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let number = Format::new().set_num_format("#,##0");
    let mut writer = Writer { sheet, row: 0, bold: Format::new().set_bold(), number };
    if summary.is_made_up {
        let text = say_in!(language, "output-made-up-sheet");
        writer.sheet.write_string_with_format(0, 0, text, &writer.bold)?;
        writer.row = 2;
    }
    writer.decisions(summary, formats, language)?;
    writer.factors(summary, formats, language)?;
    writer.money(summary, language)?;
    writer.rejections(summary, language)
}

impl Writer<'_> {
    fn header(&mut self, names: &[&str]) -> Result<(), XlsxError> {
        for (column, name) in (0..).zip(names) {
            self.sheet.write_string_with_format(self.row, column, *name, &header(ADDED_HEADER))?;
        }
        self.row += 1;
        Ok(())
    }

    fn number(&mut self, column: u16, count: u64) -> Result<(), XlsxError> {
        // Counts of rows are far from where a floating-point number is no longer exact.
        let count: f64 = u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
        self.sheet.write_number_with_format(self.row, column, count, &self.number)?;
        Ok(())
    }

    fn decisions(
        &mut self,
        summary: &Summary,
        formats: &Formats,
        language: Language,
    ) -> Result<(), XlsxError> {
        let (decision, count) = (say_in!(language, "output-decision"), say_in!(language, "output-count"));
        self.header(&[&decision, &count, &say_in!(language, "output-meaning"), "", "", ""])?;
        for (decision, count) in Decision::ALL.into_iter().zip(summary.decisions) {
            let name = with_title(decision.word(), &decision.title(language));
            self.sheet.write_string_with_format(self.row, 0, name, formats.of_decision(decision))?;
            self.number(1, count)?;
            self.sheet.write_string(self.row, 2, meaning(decision, language))?;
            self.row += 1;
        }
        self.sheet.write_string_with_format(self.row, 0, say_in!(language, "output-rows"), &self.bold)?;
        self.number(1, summary.rows)?;
        self.row += 2;
        Ok(())
    }

    fn factors(&mut self, summary: &Summary, formats: &Formats, language: Language) -> Result<(), XlsxError> {
        let mut names = vec![say_in!(language, "output-factor")];
        names.extend(Check::ALL.map(|check| with_title(check.word(), &check.title(language))));
        self.header(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        for (factor, counts) in Factor::ALL.into_iter().zip(summary.checks) {
            let name = with_title(factor.word(), &factor.title(language));
            self.sheet.write_string_with_format(self.row, 0, name, &formats.text)?;
            for (column, count) in (1..).zip(counts) {
                self.number(column, count)?;
            }
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    fn money(&mut self, summary: &Summary, language: Language) -> Result<(), XlsxError> {
        for (name, count) in [
            (say_in!(language, "output-billed-rows"), summary.billed_rows),
            (say_in!(language, "output-perhaps-billed-rows"), summary.perhaps_billed_rows),
            (say_in!(language, "output-billed-calls"), summary.billed_calls),
            (say_in!(language, "output-doubtful-calls"), summary.doubtful_calls),
        ] {
            self.sheet.write_string(self.row, 0, name)?;
            self.number(1, count)?;
            self.row += 1;
        }
        if let Some(price) = summary.price.filter(|_| !summary.is_made_up) {
            let cost = say_in!(language, "output-cost", price = price.to_string());
            for (name, calls) in [
                (cost, summary.billed_calls),
                (say_in!(language, "output-doubtful-cost"), summary.doubtful_calls),
            ] {
                self.sheet.write_string(self.row, 0, name)?;
                // As text: an amount is exact, and a floating-point number is not.
                self.sheet.write_string(self.row, 1, price.times(calls).to_string())?;
                self.row += 1;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn rejections(&mut self, summary: &Summary, language: Language) -> Result<(), XlsxError> {
        if summary.rejected.is_empty() {
            return Ok(());
        }
        let reasons = say_in!(language, "output-rejected-reasons");
        self.header(&[&say_in!(language, "output-count"), &reasons, "", "", "", ""])?;
        for (reason, count) in &summary.rejected {
            self.number(0, *count)?;
            // Last in its row, where it may be of any length.
            self.sheet.write_string(self.row, 1, reason)?;
            self.row += 1;
        }
        Ok(())
    }
}

/// A word for scripts, with what people call it behind where that is something else.
pub(super) fn with_title(word: &str, title: &str) -> String {
    if word == title { word.to_owned() } else { format!("{word} {title}") }
}

fn meaning(decision: Decision, language: Language) -> String {
    match decision {
        Decision::Match => say_in!(language, "output-decision-match"),
        Decision::Mismatch => say_in!(language, "output-decision-mismatch"),
        Decision::Inconclusive => say_in!(language, "output-decision-inconclusive"),
        Decision::Rejected => say_in!(language, "output-decision-rejected"),
        Decision::Unresolved => say_in!(language, "output-decision-unresolved"),
        Decision::Pending => say_in!(language, "output-decision-pending"),
    }
}
