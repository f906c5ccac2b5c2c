//! What the ledger knows of each row of an input, for commands that make no call.

use jiff::Timestamp;

use super::inspect::{Found, Inspector, KnownSubject};
use super::{Photos, RunError};
use crate::domain::decide::History;
use crate::domain::shanghai;
use crate::intake::{Row, Table};
use crate::ledger::Ledger;

/// Looks up the history of every row that can be asked about, by its number. Rows about which nothing is
/// known have none, unless calls about them may be lost.
///
/// # Errors
///
/// If the input or the ledger cannot be read.
pub fn histories(table: &Table, photos: Photos, ledger: &Ledger) -> Result<Vec<(u64, History)>, RunError> {
    let today = shanghai::day(Timestamp::now());
    let inspector = Inspector::new(table, photos, ledger.key().clone(), today);
    let mut found = Vec::new();
    let mut rows = table.rows()?;
    let mut row = Row::default();
    while rows.read_into(&mut row)? {
        let Ok(asked) = inspector.inspect(&row) else { continue };
        let history = match inspector.look_up(ledger, &asked)? {
            Found::PhotoUnread => match inspector.read_photo(&asked.applicant) {
                Ok((_, photo, _)) => match inspector.with_photo(ledger, &asked, photo)? {
                    Found::Subject(KnownSubject { history, .. }) | Found::Refused(_, history) => history,
                    Found::PhotoUnread | Found::NeverMet => continue,
                },
                Err(_) => continue,
            },
            Found::Subject(KnownSubject { history, .. }) | Found::Refused(_, history) => history,
            Found::NeverMet => ledger.history_of_a_stranger(),
        };
        if !history.is_empty() || history.lost.is_some() {
            found.push((row.number(), history));
        }
    }
    Ok(found)
}
