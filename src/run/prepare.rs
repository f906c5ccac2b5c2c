//! A candidate's photo: read, recognised, and prepared if the row is due.

use std::sync::Arc;

use jiff::Timestamp;

use super::RunError;
use super::feeder::Candidate;
use super::inspect::{Found, Inspector};
use super::pool::{PhotoPool, off_the_loop};
use crate::domain::applicant::Applicant;
use crate::domain::decide::{AskPolicy, RunId, Standing, standing};
use crate::ledger::{KnownPhoto, LedgerHandle, PhotoJudgement, PhotoMark, Subject};
use crate::photo::{PREPARER_VERSION, PhotoRejection, PhotoWarning, Prepared, Stamp};

/// A file that was changed this short a time before it was read may be changed again without its times
/// showing it: what it held is remembered, in case it is deleted, and read anew as long as it is there.
const RACY_NS: i128 = 2_000_000_000;

/// A row that is ready to be asked about.
pub(super) struct Question {
    pub(super) row: u64,
    pub(super) applicant: Applicant,
    pub(super) subject: Subject,
    pub(super) jpeg: Vec<u8>,
}

/// What came of preparing a row.
pub(super) enum Ready {
    /// It can be asked about.
    Ask(Box<Question>),
    /// Its photo cannot be sent.
    Refused,
    /// It is not due after all.
    NotDue(Standing),
}

/// What preparing needs.
pub(super) struct Preparer {
    pub(super) inspector: Arc<Inspector>,
    pub(super) ledger: LedgerHandle,
    pub(super) policy: AskPolicy,
    pub(super) run: RunId,
    pub(super) photos: PhotoPool,
}

impl Preparer {
    /// Reads and prepares one candidate's photo.
    pub(super) async fn prepare(self: Arc<Self>, candidate: Candidate) -> Result<Ready, RunError> {
        let _file = self.photos.room_for_a_file().await;
        let candidate = Arc::new(candidate);
        let read = {
            let (this, candidate) = (Arc::clone(&self), Arc::clone(&candidate));
            off_the_loop(move || this.inspector.read_photo(&candidate.asked.applicant)).await
        };
        let (stamp, mark, bytes) = match read {
            Ok(read) => read,
            Err(rejection) => {
                tracing::info!(row = candidate.row, reason = rejection.code(), "photo cannot be read");
                return Ok(Ready::Refused);
            }
        };
        if candidate.photo != Some(mark) {
            self.remember(&candidate, stamp, mark).await?;
            match self.look_up(&candidate, mark).await? {
                None => return Ok(Ready::Refused),
                Some(Standing::Due | Standing::DueDespite(_)) => {}
                Some(other) => return Ok(Ready::NotDue(other)),
            }
        }
        let prepared = self.photos.prepare(mark, bytes, self.inspector.faces()).await;
        self.judge(&candidate, mark, &prepared).await
    }

    async fn remember(&self, candidate: &Candidate, stamp: Stamp, photo: PhotoMark) -> Result<(), RunError> {
        let newest = i128::from(stamp.mtime_ns.max(stamp.ctime_ns));
        let is_racy = Timestamp::now().as_nanosecond() - newest < RACY_NS;
        let known = KnownPhoto {
            size_bytes: stamp.len,
            // Such a time is no file's: the bytes are read again while there is a file to read, and known
            // when there is none any more.
            modified_ns: if is_racy { i64::MIN } else { stamp.mtime_ns },
            changed_ns: stamp.ctime_ns,
            photo,
        };
        Ok(self.ledger.remember_photo(candidate.asked.path, known).await?)
    }

    /// Asks the ledger about a row whose photo is known now. `None`: its photo is known to be bad.
    async fn look_up(
        &self,
        candidate: &Arc<Candidate>,
        photo: PhotoMark,
    ) -> Result<Option<Standing>, RunError> {
        let (inspector, candidate) = (Arc::clone(&self.inspector), Arc::clone(candidate));
        let (policy, run) = (self.policy, self.run);
        let found = self.ledger.look(move |ledger| {
            Ok(match inspector.with_photo(ledger, &candidate.asked, photo)? {
                Found::Subject(known) => Some(standing(&known.history, &policy, run)),
                Found::Refused(..) | Found::PhotoUnread | Found::NeverMet => None,
            })
        });
        Ok(found.await?)
    }

    async fn judge(
        &self,
        candidate: &Candidate,
        photo: PhotoMark,
        prepared: &Result<Prepared, PhotoRejection>,
    ) -> Result<Ready, RunError> {
        let judgement =
            |rejection, warnings| PhotoJudgement { preparer: PREPARER_VERSION, rejection, warnings };
        match prepared {
            Ok(prepared) => {
                if !prepared.warnings.is_empty() {
                    let warnings = PhotoWarning::record(&prepared.warnings);
                    self.ledger.remember_judgement(photo, judgement(None, warnings)).await?;
                }
                let applicant = candidate.asked.applicant.clone();
                let subject = self.inspector.subject(&applicant, photo);
                Ok(Ready::Ask(Box::new(Question {
                    row: candidate.row,
                    applicant,
                    subject,
                    jpeg: prepared.jpeg.clone(),
                })))
            }
            Err(rejection) => {
                tracing::info!(row = candidate.row, reason = rejection.code(), "photo cannot be sent");
                let rejection = Some((rejection.code().to_owned(), rejection.record()));
                self.ledger.remember_judgement(photo, judgement(rejection, String::new())).await?;
                Ok(Ready::Refused)
            }
        }
    }
}
