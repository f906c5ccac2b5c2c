//! An applicant: four values that can be sent, or the first reason why they cannot.
//!
//! Parsing repairs what offices and spreadsheets do to numbers and names; every repair is reported,
//! and none of them touches the file.
//!
//! Not here: opening the photo, or judging whether its path is safe.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::id_number::IdNumber;
use super::mobile::Mobile;
use super::person_name::PersonName;
use super::rejection::{Rejection, Rule};
use super::repair::{Repair, RepairSet, Repaired, bare};

/// One of the four values that the API compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// 姓名.
    Realname,
    /// 身份证号码.
    Idcard,
    /// 手机号码.
    Mobile,
    /// 人脸图片, in the input as a path.
    Photo,
}

impl Field {
    /// All four, in the order in which they are judged.
    pub const ALL: [Self; 4] = [Self::Realname, Self::Idcard, Self::Mobile, Self::Photo];

    /// Names the field as `--column` and the messages do.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Realname => "realname",
            Self::Idcard => "idcard",
            Self::Mobile => "mobile",
            Self::Photo => "photo",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.parameter())
    }
}

/// A name that is none of the four fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", crate::say!("bad-field"))]
pub struct UnknownField;

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|field| field.parameter() == name).ok_or(UnknownField)
    }
}

/// The four cells of a row as they stand in the file, decoded and unquoted.
#[derive(Clone, Copy)]
pub struct AsWritten<'a> {
    /// The cell of [`Field::Realname`].
    pub realname: &'a str,
    /// The cell of [`Field::Idcard`].
    pub idcard: &'a str,
    /// The cell of [`Field::Mobile`].
    pub mobile: &'a str,
    /// The cell of [`Field::Photo`].
    pub photo: &'a str,
}

impl fmt::Debug for AsWritten<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsWritten(..)") // Personal data stays out of logs.
    }
}

/// A person to be asked about. Exists only if all four values can be sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Applicant {
    name: PersonName,
    id_number: IdNumber,
    mobile: Mobile,
    photo: PhotoPath,
}

impl Applicant {
    /// Reads a row's four cells, and says what had to be repaired. A birth after `today` is refused.
    ///
    /// # Errors
    ///
    /// Names the first field that cannot be sent and the rule that it breaks, never its text.
    pub fn parse(written: &AsWritten<'_>, today: Date) -> Result<(Self, Repairs), Rejection> {
        let reject = |field| move |rule: Rule| Rejection { field, rule };
        let name = PersonName::parse(written.realname).map_err(reject(Field::Realname))?;
        let id_number = IdNumber::parse(written.idcard, today).map_err(reject(Field::Idcard))?;
        let mobile = Mobile::parse(written.mobile).map_err(reject(Field::Mobile))?;
        let photo = PhotoPath::parse(written.photo).map_err(reject(Field::Photo))?;
        let repairs = Repairs([name.repairs, id_number.repairs, mobile.repairs, photo.repairs]);
        let applicant =
            Self { name: name.value, id_number: id_number.value, mobile: mobile.value, photo: photo.value };
        Ok((applicant, repairs))
    }

    /// Returns the name that is sent.
    pub fn name(&self) -> &PersonName {
        &self.name
    }

    /// Returns the ID number that is sent.
    pub fn id_number(&self) -> &IdNumber {
        &self.id_number
    }

    /// Returns the mobile number that is sent.
    pub fn mobile(&self) -> &Mobile {
        &self.mobile
    }

    /// Returns where the photo is said to be.
    pub fn photo(&self) -> &PhotoPath {
        &self.photo
    }
}

impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Applicant(..)") // Personal data stays out of logs.
    }
}

/// Where a row says that its photo is: never empty, and not yet known to be safe to open.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhotoPath(String);

impl PhotoPath {
    /// Reads a path, without the spaces, invisible characters and spreadsheet marks around it. What
    /// stands inside is the file's own name and stays as it is.
    ///
    /// # Errors
    ///
    /// Refuses a cell with nothing in it.
    pub fn parse(written: &str) -> Result<Repaired<Self>, Rule> {
        let mut repairs = RepairSet::default();
        let path = bare(written, &mut repairs);
        if path.is_empty() {
            return Err(Rule::Empty);
        }
        Ok(Repaired { value: Self(path.to_owned()), repairs })
    }

    /// Returns the path as it is to be opened, relative to the photo folder.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhotoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhotoPath(..)") // Photos are often named after the person.
    }
}

/// What was repaired in a row, by field. Holds no text of the row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs([RepairSet; 4]);

impl Repairs {
    /// Lists the repairs: fields in the order of [`Field::ALL`], repairs in that of [`Repair::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Field, Repair)> + use<> {
        let sets = self.0;
        Field::ALL
            .into_iter()
            .zip(sets)
            .flat_map(|(field, set)| set.iter().map(move |repair| (field, repair)))
    }

    /// Says whether the row was sent as it was written.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|set| set.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const GOOD: AsWritten<'_> = AsWritten {
        realname: "测试甲",
        idcard: "11010119900307803X",
        mobile: "13800138000",
        photo: "photos/a.jpg",
    };

    #[test]
    fn a_clean_row_is_sent_as_written() {
        let (applicant, repairs) = Applicant::parse(&GOOD, date(2026, 1, 1)).unwrap();
        assert_eq!(applicant.name().as_str(), GOOD.realname);
        assert_eq!(applicant.id_number().as_str(), GOOD.idcard);
        assert_eq!(applicant.mobile().as_str(), GOOD.mobile);
        assert_eq!(applicant.photo().as_str(), GOOD.photo);
        assert!(repairs.is_empty());
        assert_eq!(repairs.iter().count(), 0);
    }

    #[test]
    fn repairs_are_listed_by_field() {
        let written = AsWritten {
            realname: " 测试甲",
            idcard: "'１1010119900307803x",
            mobile: "+86 138-0013-8000",
            photo: "\u{202a}a.jpg",
        };
        let (_, repairs) = Applicant::parse(&written, date(2026, 1, 1)).unwrap();
        let listed: Vec<_> = repairs.iter().collect();
        assert!(!repairs.is_empty());
        assert_eq!(
            listed,
            [
                (Field::Realname, Repair::Spaces),
                (Field::Idcard, Repair::SpreadsheetMarks),
                (Field::Idcard, Repair::FullWidth),
                (Field::Idcard, Repair::CheckLetter),
                (Field::Mobile, Repair::Spaces),
                (Field::Mobile, Repair::Separators),
                (Field::Mobile, Repair::CountryCode),
                (Field::Photo, Repair::Invisible),
            ]
        );
    }

    #[test]
    fn each_empty_field_is_rejected_under_its_own_name() {
        for field in Field::ALL {
            let mut written = GOOD;
            *match field {
                Field::Realname => &mut written.realname,
                Field::Idcard => &mut written.idcard,
                Field::Mobile => &mut written.mobile,
                Field::Photo => &mut written.photo,
            } = "\u{3000}\u{200b} ";
            let rejection = Applicant::parse(&written, date(2026, 1, 1)).unwrap_err();
            assert_eq!(rejection, Rejection { field, rule: Rule::Empty });
        }
    }

    #[test]
    fn a_path_keeps_what_is_inside_its_name() {
        let parsed = PhotoPath::parse("=\" 张 三\u{200d}.jpg\u{a0}\"").unwrap();
        assert_eq!(parsed.value.as_str(), "张 三\u{200d}.jpg");
    }

    #[test]
    fn no_debug_output_shows_a_value() {
        let (applicant, _) = Applicant::parse(&GOOD, date(2026, 1, 1)).unwrap();
        let shown = format!(
            "{applicant:?} {:?} {:?} {:?} {:?} {GOOD:?}",
            applicant.name(),
            applicant.id_number(),
            applicant.mobile(),
            applicant.photo()
        );
        for value in [GOOD.realname, GOOD.idcard, GOOD.mobile, GOOD.photo] {
            assert!(!shown.contains(value), "{shown}");
        }
    }

    #[test]
    fn a_field_is_read_from_its_own_name() {
        for field in Field::ALL {
            assert_eq!(field.parameter().parse(), Ok(field));
        }
        assert_eq!("name".parse::<Field>(), Err(UnknownField));
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(texts in prop::array::uniform4(".{0,60}")) {
            let [realname, idcard, mobile, photo] = &texts;
            let _ = Applicant::parse(&AsWritten { realname, idcard, mobile, photo }, date(2026, 1, 1));
        }

        #[test]
        fn a_repaired_path_needs_no_more_repair(text in "[ '=\"\u{200b}\u{feff}a-c/.]{0,12}") {
            if let Ok(parsed) = PhotoPath::parse(&text) {
                let again = PhotoPath::parse(parsed.value.as_str()).unwrap();
                prop_assert_eq!(again.value, parsed.value);
                prop_assert!(again.repairs.is_empty());
            }
        }
    }
}
