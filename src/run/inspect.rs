//! A row, looked at: can it be asked about, and what does the ledger know of it already?

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::domain::applicant::{Applicant, Field, Repairs};
use crate::domain::decide::{History, Shown, shown};
use crate::domain::rejection::Rejection;
use crate::intake::{Row, Table};
use crate::lang::Language;
use crate::ledger::{
    KnownPhoto, Ledger, LedgerError, LedgerKey, PathMark, Person, PhotoJudgement, PhotoMark, Subject,
};
use crate::output::columns::{Cause, Refusal};
use crate::photo::{FacePolicy, PREPARER_VERSION, PhotoFolder, PhotoRejection, Stamp};

/// The folder that photos are read from.
#[derive(Debug)]
pub enum Photos {
    /// It is there.
    Open(PhotoFolder),
    /// It was at this path, and is gone: what was answered about its photos is in the ledger.
    Gone(PathBuf),
}

impl Photos {
    fn path(&self) -> &Path {
        match self {
            Self::Open(folder) => folder.path(),
            Self::Gone(path) => path,
        }
    }

    fn folder(&self) -> Result<&PhotoFolder, PhotoRejection> {
        match self {
            Self::Open(folder) => Ok(folder),
            Self::Gone(_) => Err(PhotoRejection::Missing),
        }
    }
}

/// Looks at rows of one table.
#[derive(Debug)]
pub(super) struct Inspector {
    photos: Photos,
    key: LedgerKey,
    today: Date,
    columns: [String; 4],
    faces: FacePolicy,
}

/// A row whose values can be sent, if its photo can.
pub(super) struct Asked {
    pub(super) applicant: Applicant,
    pub(super) repairs: Repairs,
    pub(super) path: PathMark,
    pub(super) stamp: Result<Stamp, PhotoRejection>,
}

/// What the ledger knows of a row.
pub(super) enum Found {
    /// It cannot be asked about.
    Refused(Refusal, History),
    /// Its subject, everything known of it, and what preparing its photo showed.
    Subject(KnownSubject),
    /// The photo's bytes must be read to know.
    PhotoUnread,
    /// Neither the photo's path nor the person was ever met: there is nothing to know.
    NeverMet,
}

/// A subject and its history.
pub(super) struct KnownSubject {
    pub(super) photo: PhotoMark,
    pub(super) history: History,
    pub(super) warnings: String,
    /// False where the photo is gone, so that nothing more can be asked.
    pub(super) can_be_asked: bool,
}

impl Inspector {
    pub(super) fn new(table: &Table, photos: Photos, key: LedgerKey, today: Date) -> Self {
        let columns = Field::ALL.map(|field| table.header_name(field).to_owned());
        Self { photos, key, today, columns, faces: FacePolicy::default() }
    }

    /// Judges photos by another policy than the default.
    pub(super) fn judging_by(self, faces: FacePolicy) -> Self {
        Self { faces, ..self }
    }

    /// What becomes of photos without a face.
    pub(super) fn faces(&self) -> FacePolicy {
        self.faces
    }

    /// Reads a row's values and looks, without reading it, whether its photo is there.
    pub(super) fn inspect(&self, row: &Row) -> Result<Asked, Refusal> {
        let parsed = Applicant::parse(&row.as_written(), self.today);
        let (applicant, repairs) = parsed.map_err(|rejection| self.refusal(rejection))?;
        let inside = applicant.photo().as_str();
        let stamp = self.photos.folder().and_then(|folder| folder.stat(inside));
        let path = self.key.path(self.photos.path(), inside);
        Ok(Asked { applicant, repairs, path, stamp })
    }

    /// Looks up what the ledger knows of a row.
    pub(super) fn look_up(&self, ledger: &Ledger, asked: &Asked) -> Result<Found, LedgerError> {
        let known = ledger.photo_at(asked.path)?;
        match (&asked.stamp, known) {
            (Ok(stamp), Some(known)) if is_same(stamp, &known) => self.with_photo(ledger, asked, known.photo),
            (Ok(_), None) if !ledger.knows(self.person(&asked.applicant))? => Ok(Found::NeverMet),
            (Ok(_), _) => Ok(Found::PhotoUnread),
            (Err(rejection), None) => Ok(Found::Refused(self.photo_refusal(rejection), History::default())),
            (Err(rejection), Some(known)) => {
                // What was answered stays answered when the photo has been deleted since.
                match self.with_photo(ledger, asked, known.photo)? {
                    Found::Subject(subject) if !matches!(shown(&subject.history), Shown::Pending(_)) => {
                        Ok(Found::Subject(KnownSubject { can_be_asked: false, ..subject }))
                    }
                    Found::Subject(KnownSubject { history, .. }) => {
                        Ok(Found::Refused(self.photo_refusal(rejection), history))
                    }
                    // Nor does a bad photo get better by being deleted.
                    other => Ok(other),
                }
            }
        }
    }

    /// Looks up what the ledger knows of a row whose photo's bytes are known.
    pub(super) fn with_photo(
        &self,
        ledger: &Ledger,
        asked: &Asked,
        photo: PhotoMark,
    ) -> Result<Found, LedgerError> {
        let subject = self.subject(&asked.applicant, photo);
        let history = ledger.history(subject)?;
        let (rejection, warnings) = match ledger.judgement_of(photo)? {
            Some(PhotoJudgement { preparer, rejection, warnings }) => {
                let holds =
                    |code: &str| preparer == PREPARER_VERSION && PhotoRejection::holds(code, self.faces);
                // Warnings are of the picture that was sent, whatever would be sent today.
                (rejection.filter(|(code, _)| holds(code)), warnings)
            }
            None => (None, String::new()),
        };
        match rejection {
            // An earlier version of the preparer may have sent what this one refuses.
            Some((code, record)) if matches!(shown(&history), Shown::Pending(_)) => {
                let english = PhotoRejection::said(&code, &record, Language::English);
                let chinese = PhotoRejection::said(&code, &record, Language::Chinese);
                Ok(Found::Refused(self.photo_refused(Cause::Photo { code, english, chinese }), history))
            }
            _ => Ok(Found::Subject(KnownSubject { photo, history, warnings, can_be_asked: true })),
        }
    }

    /// Reads a photo's bytes, with its stamp and their hash.
    pub(super) fn read_photo(
        &self,
        applicant: &Applicant,
    ) -> Result<(Stamp, PhotoMark, Vec<u8>), PhotoRejection> {
        let (stamp, bytes) = self.photos.folder()?.read(applicant.photo().as_str())?;
        let mark = self.key.photo(&bytes);
        Ok((stamp, mark, bytes))
    }

    fn person(&self, applicant: &Applicant) -> Person {
        let (name, id_number) = (applicant.name().as_str(), applicant.id_number().as_str());
        self.key.person(name, id_number, applicant.mobile().as_str())
    }

    pub(super) fn subject(&self, applicant: &Applicant, photo: PhotoMark) -> Subject {
        self.key.subject(
            applicant.name().as_str(),
            applicant.id_number().as_str(),
            applicant.mobile().as_str(),
            photo,
        )
    }

    pub(super) fn photo_refusal(&self, rejection: &PhotoRejection) -> Refusal {
        let (english, chinese) = (rejection.text(Language::English), rejection.text(Language::Chinese));
        self.photo_refused(Cause::Photo { code: rejection.code().to_owned(), english, chinese })
    }

    pub(super) fn photo_refused(&self, cause: Cause) -> Refusal {
        Refusal { field: Field::Photo, column: self.column(Field::Photo), cause }
    }

    fn refusal(&self, rejection: Rejection) -> Refusal {
        let Rejection { field, rule } = rejection;
        Refusal { field, column: self.column(field), cause: Cause::Value(rule) }
    }

    fn column(&self, field: Field) -> String {
        let position = Field::ALL.iter().position(|known| *known == field);
        position.map_or_else(|| field.parameter().to_owned(), |position| self.columns[position].clone())
    }
}

/// Tells whether a file is the one that was hashed: length and both times, as git's index does.
fn is_same(stamp: &Stamp, known: &KnownPhoto) -> bool {
    stamp.len == known.size_bytes && stamp.mtime_ns == known.modified_ns && stamp.ctime_ns == known.changed_ns
}
