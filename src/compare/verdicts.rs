//! An output read again: the columns that were added to it, wherever they stand, and what they say of a row.

use std::path::Path;

use jiff::civil::Date;

use crate::domain::applicant::Field;
use crate::domain::id_number::IdNumber;
use crate::domain::mask;
use crate::domain::mobile::Mobile;
use crate::domain::outcome::{Check, Decision};
use crate::domain::person_name::PersonName;
use crate::intake::{IntakeError, Row, Rows, Shape, Table, TableOptions};
use crate::lang::Language;
use crate::output::columns::{self, NAMES};
use crate::say;

/// An output that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum NotAnOutput {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] IntakeError),
    /// It has not the columns that are added to an output.
    #[error("{}", say!("diff-no-output", path = path.as_str()))]
    NoColumns {
        /// The file.
        path: String,
    },
    /// The column to join by is not there.
    #[error("{}", say!("diff-no-such-column", path = path.as_str(), name = name.as_str()))]
    NoSuchColumn {
        /// The file.
        path: String,
        /// The column.
        name: String,
    },
    /// There is no column for a value of the applicant.
    #[error("{}", say!("diff-no-applicant", path = path.as_str(), field = field.parameter()))]
    NoApplicant {
        /// The file.
        path: String,
        /// The value.
        field: Field,
    },
}

/// What makes two rows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinBy {
    /// The same name, ID number and mobile, after repairs.
    Applicant,
    /// The same text in the column with this name.
    Column(String),
}

/// What an output says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `None`: the cell is empty or holds another word.
    pub decision: Option<Decision>,
    /// Identity, face and mobile.
    pub checks: [Option<Check>; 3],
    /// The code, if it is one of three digits or so.
    pub res: Option<u16>,
}

/// An output, opened.
pub struct OutputFile {
    table: Table,
    /// Where the added columns are: decision, the three checks, `res`.
    places: [usize; 5],
    /// The column to join by.
    by: Option<usize>,
}

impl OutputFile {
    /// Opens an output and finds its columns.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no output, or has not the columns to join by.
    pub fn open(
        path: &Path,
        options: &TableOptions,
        prefix: Option<&str>,
        by: &JoinBy,
    ) -> Result<Self, NotAnOutput> {
        let shown = || path.display().to_string();
        let table = Table::open_loosely(path, options)?;
        let columns = table.shape().columns();
        let places = find_added(columns, prefix).ok_or_else(|| NotAnOutput::NoColumns { path: shown() })?;
        let by = match by {
            JoinBy::Applicant => {
                let fields = [Field::Realname, Field::Idcard, Field::Mobile];
                match fields.into_iter().find(|field| table.shape().find_column_of(*field).is_none()) {
                    Some(field) => return Err(NotAnOutput::NoApplicant { path: shown(), field }),
                    None => None,
                }
            }
            JoinBy::Column(name) => {
                let found = columns.iter().position(|column| column == name.trim());
                let missing = || NotAnOutput::NoSuchColumn { path: shown(), name: name.clone() };
                Some(found.ok_or_else(missing)?)
            }
        };
        Ok(Self { table, places, by })
    }

    /// How many rows it has.
    pub fn row_count(&self) -> u64 {
        self.table.row_count()
    }

    pub(super) fn rows(&self) -> Result<Rows, IntakeError> {
        self.table.rows()
    }

    /// What it says of a row.
    pub(super) fn verdict(&self, row: &Row) -> Verdict {
        let mut cell = String::new();
        let mut words = self.places.map(|column| {
            read(row, self.table.shape(), column, &mut cell);
            cell.trim().trim_start_matches('\'').to_owned()
        });
        let res = std::mem::take(&mut words[4]);
        let check = |word: &str| Check::ALL.into_iter().find(|check| check.word() == word);
        Verdict {
            decision: Decision::ALL.into_iter().find(|decision| decision.word() == words[0]),
            checks: [check(&words[1]), check(&words[2]), check(&words[3])],
            res: res.parse().ok(),
        }
    }

    /// What a row is joined by; empty if it has nothing of it. Never shown.
    pub(super) fn key(&self, row: &Row, today: Date, key: &mut String) {
        key.clear();
        let mut cell = String::new();
        if let Some(column) = self.by {
            read(row, self.table.shape(), column, &mut cell);
            // The quote that keeps a spreadsheet from calculating is no part of the text.
            key.push_str(cell.trim().trim_start_matches('\''));
            return;
        }
        let written = row.as_written();
        let texts = [written.realname, written.idcard, written.mobile].map(str::trim);
        if texts.iter().all(|text| text.is_empty()) {
            return;
        }
        let name = PersonName::parse(texts[0]).map(|parsed| parsed.value.as_str().to_owned());
        let idcard = IdNumber::parse(texts[1], today).map(|parsed| parsed.value.as_str().to_owned());
        let mobile = Mobile::parse(texts[2]).map(|parsed| parsed.value.as_str().to_owned());
        for (parsed, text) in [name, idcard, mobile].into_iter().zip(texts) {
            key.push_str(&parsed.unwrap_or_else(|_| text.to_owned()));
            key.push('\0');
        }
    }

    /// What a row may be shown as: the join column's text, or the applicant masked.
    pub(super) fn shown(&self, row: &Row) -> Vec<String> {
        let shape = self.table.shape();
        let written = row.as_written();
        let Some(column) = self.by else {
            return vec![mask::name(written.realname), mask::id_number(written.idcard)];
        };
        let mut cell = String::new();
        read(row, shape, column, &mut cell);
        let field = Field::ALL.into_iter().find(|field| shape.find_column_of(*field) == Some(column));
        vec![match field {
            Some(Field::Realname) => mask::name(&cell),
            Some(Field::Idcard) => mask::id_number(&cell),
            Some(Field::Mobile) => mask::mobile(&cell),
            Some(Field::Photo) | None => cell,
        }]
    }
}

fn read(row: &Row, shape: &Shape, column: usize, cell: &mut String) {
    // The whole file was decoded when it was opened.
    if row.read_cell(shape, column, cell).is_err() {
        cell.clear();
    }
}

/// Finds decision, checks and `res`: in the last columns, where they are written, whatever stands before their
/// names; or by their names anywhere.
fn find_added(columns: &[String], prefix: Option<&str>) -> Option<[usize; 5]> {
    let in_language = |language: Language| {
        let names = columns::names(language);
        let at_the_end = || {
            let first = columns.len().checked_sub(NAMES.len())?;
            let prefix = columns[first].strip_suffix(names[0])?;
            let fits = |(column, name): (&String, &&str)| column.strip_prefix(prefix) == Some(*name);
            columns[first..].iter().zip(names).all(fits).then(|| [0, 1, 2, 3, 4].map(|place| first + place))
        };
        let by_name = |prefix: &str| {
            let mut places = [0; 5];
            for (place, name) in places.iter_mut().zip(names) {
                let wanted = |column: &String| column.strip_prefix(prefix) == Some(*name);
                *place = columns.iter().rposition(wanted)?;
            }
            Some(places)
        };
        match prefix {
            Some(prefix) => by_name(prefix),
            None => at_the_end().or_else(|| by_name("")),
        }
    };
    [Language::English, Language::Chinese].into_iter().find_map(in_language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(prefix: &str, language: Language) -> Vec<String> {
        let own = ["serial", "姓名"].map(str::to_owned);
        let added = columns::names(language).iter().map(|name| format!("{prefix}{name}"));
        own.into_iter().chain(added).collect()
    }

    #[test]
    fn added_columns_are_found_in_either_language_behind_any_prefix() {
        for language in [Language::English, Language::Chinese] {
            for prefix in ["", "new_", "二次"] {
                let columns = names(prefix, language);
                assert_eq!(find_added(&columns, None), Some([2, 3, 4, 5, 6]), "{prefix}");
                assert_eq!(find_added(&columns, Some(prefix)), Some([2, 3, 4, 5, 6]), "{prefix}");
            }
        }
        assert_eq!(find_added(&["姓名".to_owned()], None), None);
        assert_eq!(find_added(&names("x", Language::English), Some("y")), None);
    }

    #[test]
    fn the_last_set_counts_and_a_column_that_somebody_added_does_no_harm() {
        let mut columns = names("", Language::English);
        columns.extend(names("new_", Language::English).into_iter().skip(2));
        assert_eq!(find_added(&columns, None), Some([17, 18, 19, 20, 21]));
        assert_eq!(find_added(&columns, Some("")), Some([2, 3, 4, 5, 6]));
        let mut columns = names("", Language::Chinese);
        columns.push("办理人".to_owned());
        assert_eq!(find_added(&columns, None), Some([2, 3, 4, 5, 6]));
    }
}
