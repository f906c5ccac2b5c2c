//! The sheet that explains every code of the API.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::summary::with_title;
use super::{ADDED_HEADER, Formats, header};
use crate::domain::error_code;
use crate::domain::outcome::{self, Check};
use crate::lang::Language;
use crate::output::columns;
use crate::say_in;

pub(super) fn fill(sheet: &mut Worksheet, formats: &Formats, language: Language) -> Result<(), XlsxError> {
    sheet.set_name(say_in!(language, "output-sheet-codes"))?;
    for (column, width) in [(0, 10), (1, 52), (2, 50), (3, 20), (4, 20), (5, 20)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let mut row = results(sheet, formats, language)? + 1;
    errors(sheet, &mut row, language)
}

fn results(sheet: &mut Worksheet, formats: &Formats, language: Language) -> Result<u32, XlsxError> {
    let names = columns::names(language);
    let document = say_in!(language, "output-document");
    let header_cells = [names[4], &document, names[0], names[1], names[2], names[3]];
    write_header(sheet, 0, &header_cells)?;
    let mut row = 1;
    for res in outcome::DOCUMENTED {
        let (Some(factors), Some(sentence)) = (outcome::factors(res), outcome::sentence(res)) else {
            continue;
        };
        let decision = factors.decision();
        sheet.write_string(row, 0, res.to_string())?;
        sheet.write_string(row, 1, sentence)?;
        let name = with_title(decision.word(), &decision.title(language));
        sheet.write_string_with_format(row, 2, name, formats.of_decision(decision))?;
        for (column, check) in (3..).zip([factors.identity, factors.face, factors.mobile]) {
            let name = with_title(check.word(), &check.title(language));
            let format =
                if check == Check::Unchecked { &formats.text } else { formats.of_check(check.word()) };
            sheet.write_string_with_format(row, column, name, format)?;
        }
        row += 1;
    }
    Ok(row)
}

fn errors(sheet: &mut Worksheet, row: &mut u32, language: Language) -> Result<(), XlsxError> {
    let names = columns::names(language);
    let document = say_in!(language, "output-document");
    let english = say_in!(language, "output-english");
    let billed = say_in!(language, "output-code-billed");
    write_header(
        sheet,
        *row,
        &[names[9], &document, &english, &billed, &say_in!(language, "output-remedy"), ""],
    )?;
    *row += 1;
    for line in error_code::TABLE {
        let billed = match line.meaning.billed() {
            Some(true) => say_in!(language, "output-yes"),
            Some(false) => say_in!(language, "output-no"),
            None => say_in!(language, "output-unknown"),
        };
        let top = Format::new().set_align(FormatAlign::Top);
        sheet.write_string_with_format(*row, 0, line.code.to_string(), &top)?;
        sheet.write_string_with_format(*row, 1, line.text, &top)?;
        sheet.write_string_with_format(*row, 2, line.english, &top)?;
        sheet.write_string_with_format(*row, 3, billed, &top)?;
        sheet.write_string_with_format(*row, 4, line.remedy.text(language), &top)?;
        *row += 1;
    }
    Ok(())
}

fn write_header(sheet: &mut Worksheet, row: u32, names: &[&str; 6]) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(names) {
        sheet.write_string_with_format(row, column, *name, &header(ADDED_HEADER))?;
    }
    Ok(())
}
