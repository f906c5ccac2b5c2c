//! The header: which column is which.

use super::error::{Problem, shown};
use crate::domain::applicant::Field;
use crate::domain::repair::{RepairSet, bare, is_invisible, is_spreadsheet_damage};
use crate::say;

/// Names by which a field's column is known, in lower case.
const fn known_names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Realname => &["realname", "姓名", "客户姓名", "真实姓名"],
        Field::Idcard => &["idcard", "身份证号", "身份证号码", "证件号码"],
        Field::Mobile => &["mobile", "手机号", "手机号码", "联系电话"],
        Field::Photo => &["photo", "照片", "照片路径", "人像", "image"],
    }
}

/// The columns of a table by name.
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    pub(super) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let tidy = |name: String| bare(&name, &mut RepairSet::default()).to_owned();
        Self { names: names.into_iter().map(tidy).collect() }
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }

    /// Finds each field's column, in the order of [`Field::ALL`]. `chosen` goes before the known names.
    pub(super) fn find_fields(&self, chosen: &[(Field, String)]) -> Result<[usize; 4], Problem> {
        let mut columns = [usize::MAX; 4];
        let mut missing = Vec::new();
        for (column, field) in columns.iter_mut().zip(Field::ALL) {
            match self.find(field, chosen)? {
                Some(index) => *column = index,
                None => missing.push(field),
            }
        }
        if !missing.is_empty() {
            let found = self.shown(0..self.names.len());
            return Err(if self.is_person() {
                Problem::NoHeader
            } else {
                Problem::MissingColumns { missing, found }
            });
        }
        for (index, field) in Field::ALL.into_iter().enumerate() {
            if columns[..index].contains(&columns[index]) {
                return Err(Problem::ColumnUsedTwice { field });
            }
        }
        Ok(columns)
    }

    /// Finds the fields' columns as far as there is one and no other that could be it.
    pub(super) fn find_present(&self, chosen: &[(Field, String)]) -> [usize; 4] {
        Field::ALL.map(|field| self.find(field, chosen).ok().flatten().unwrap_or(usize::MAX))
    }

    /// Refuses a column that the output is going to add.
    pub(super) fn check_collisions(&self, added: &[String], prefix: &str) -> Result<(), Problem> {
        let taken = added.iter().find_map(|added| self.matching(&[added.as_str()]).next());
        let Some(index) = taken else { return Ok(()) };
        Err(Problem::Collision { name: shown(&self.names[index]), remedy: format!("new_{prefix}") })
    }

    /// Names a column for a message: its number from 1, and its name if it has a presentable one.
    pub(super) fn label(&self, index: usize) -> String {
        match self.names.get(index) {
            Some(name) if !name.is_empty() && !self.is_person() => {
                say!("intake-column-named", number = (index + 1).to_string(), name = shown(name))
            }
            _ => number_label(index),
        }
    }

    fn find(&self, field: Field, chosen: &[(Field, String)]) -> Result<Option<usize>, Problem> {
        let mut choices = chosen.iter().filter(|(of, _)| *of == field);
        let choice = choices.next().map(|(_, name)| name.as_str());
        if choices.next().is_some() {
            return Err(Problem::ColumnUsedTwice { field });
        }
        let matching: Vec<usize> = match choice {
            Some(name) => self.matching(&[name]).collect(),
            None => self.matching(known_names(field)).collect(),
        };
        match (matching.as_slice(), choice) {
            ([], Some(_)) if self.is_person() => Err(Problem::NoHeader),
            ([], Some(name)) => Err(Problem::NoSuchColumn {
                field,
                name: shown(name),
                found: self.shown(0..self.names.len()),
            }),
            ([], None) => Ok(None),
            (&[index], _) => Ok(Some(index)),
            _ => Err(Problem::AmbiguousColumn { field, found: self.shown(matching) }),
        }
    }

    fn matching<'a>(&'a self, wanted: &[&str]) -> impl Iterator<Item = usize> + use<'a> {
        let wanted: Vec<String> = wanted.iter().map(|name| key(name)).collect();
        (0..self.names.len()).filter(move |&index| wanted.contains(&key(&self.names[index])))
    }

    /// Says whether this is no header but the first applicant, whose cells must not be shown: no known name
    /// is there, and a cell with the digits of a mobile or ID number, or their ruins, is.
    fn is_person(&self) -> bool {
        const DIGITS: usize = 7; // What is left of 138****8000.
        let is_number = |name: &String| name.chars().filter(|c| c.is_numeric()).count() >= DIGITS;
        let has_number = self.names.iter().any(|name| is_number(name) || is_spreadsheet_damage(name));
        has_number && Field::ALL.into_iter().all(|field| self.matching(known_names(field)).next().is_none())
    }

    fn shown(&self, columns: impl IntoIterator<Item = usize>) -> String {
        const MOST: usize = 20;
        let mut names: Vec<_> = columns.into_iter().map(|index| shown(&self.names[index])).collect();
        if names.len() > MOST {
            names.truncate(MOST);
            names.push("…".to_owned());
        }
        names.join(", ")
    }
}

/// Names a column by its number alone.
pub(super) fn number_label(index: usize) -> String {
    say!("intake-column", number = (index + 1).to_string())
}

/// Makes names comparable: case, spaces and invisible characters do not count.
fn key(name: &str) -> String {
    let visible: String = name.chars().filter(|&c| !is_invisible(c)).collect();
    bare(&visible, &mut RepairSet::default()).to_lowercase()
}
