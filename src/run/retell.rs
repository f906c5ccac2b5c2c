//! Input + ledger -> what is known of each row, for whoever tells it in another form than the output.

use jiff::Timestamp;

use super::inspect::{Found, Inspector, KnownSubject, Photos};
use super::{RunError, heartbeat};
use crate::domain::decide::History;
use crate::domain::shanghai;
use crate::intake::{Row, Table};
use crate::ledger::Ledger;
use crate::output::columns::Refusal;

/// What is known of a row.
#[derive(Debug)]
pub struct Told {
    /// Why it is not asked about.
    pub refusal: Option<Refusal>,
    /// Everything that was asked and answered about its applicant, oldest first.
    pub history: History,
}

/// Goes through the input's rows in their order, without any call.
///
/// # Errors
///
/// If the input or the ledger cannot be read, or `visit` fails.
pub fn retell(
    table: &Table,
    photos: Photos,
    ledger: &Ledger,
    mut visit: impl FnMut(&Row, Told) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let today = shanghai::day(Timestamp::now());
    let inspector = Inspector::new(table, photos, ledger.key().clone(), today);
    let mut rows = table.rows()?;
    let mut row = Row::default();
    while rows.read_into(&mut row)? {
        heartbeat::beat();
        visit(&row, told(&row, &inspector, ledger)?)?;
    }
    Ok(())
}

fn told(row: &Row, inspector: &Inspector, ledger: &Ledger) -> Result<Told, RunError> {
    let asked = match inspector.inspect(row) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Told { refusal: Some(refusal), history: History::default() }),
    };
    let found = match inspector.look_up(ledger, &asked)? {
        Found::PhotoUnread => match inspector.read_photo(&asked.applicant) {
            Ok((_, photo, _)) => inspector.with_photo(ledger, &asked, photo)?,
            Err(rejection) => Found::Refused(inspector.photo_refusal(&rejection), History::default()),
        },
        found => found,
    };
    Ok(match found {
        Found::Refused(refusal, history) => Told { refusal: Some(refusal), history },
        Found::Subject(KnownSubject { history, .. }) => Told { refusal: None, history },
        Found::NeverMet | Found::PhotoUnread => {
            Told { refusal: None, history: ledger.history_of_a_stranger() }
        }
    })
}
