//! What a ledger is and holds, told whether or not it is right; and going on with an older copy.

use std::path::Path;

use jiff::Timestamp;

use super::LedgerError;
use super::anchor;
use super::chain::{self, CHAINED, Reach};
use super::error::Fault;
use super::open::{Examined, Opened};
use super::rows;
use super::store::{Access, Ledger};
use super::totals;
use crate::domain::decide::{IntentId, Lost};

/// What an audit of a ledger shows.
#[derive(Clone, Debug)]
pub struct Audit {
    /// What is wrong with it, the worst first. Empty: nothing is.
    pub faults: Vec<Fault>,
    /// Groups of entries in its chain.
    pub groups: i64,
    /// The group from which on the chain was verified: the first, unless the ledger was made by an older
    /// program or accepted as it was.
    pub verified_from: i64,
    /// The group that the anchor names, if there is an anchor that can be believed.
    pub anchor: Option<i64>,
    /// What it holds, unless it is too damaged to be counted.
    pub counts: Option<Entries>,
}

/// How many entries a ledger has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Runs.
    pub runs: u64,
    /// Intents: calls that were made or about to be made.
    pub intents: u64,
    /// Answers.
    pub answers: u64,
    /// Words of operators on doubts.
    pub resolutions: u64,
    /// Words of operators on older copies that were accepted.
    pub rollbacks: u64,
    /// Calls that were billed for certain.
    pub billed: u64,
    /// Calls that may have been billed.
    pub in_doubt: u64,
}

/// Reads a whole ledger and says what is wrong with it, if anything is. Changes nothing in it.
///
/// # Errors
///
/// If its files cannot be opened, or no ledger is there.
pub fn audit(path: &Path, key_path: &Path) -> Result<Audit, LedgerError> {
    let opened = Opened::new(path, key_path, Access::ExistingOnly)?;
    let Examined { head, from, faults } = opened.examine()?;
    let anchor = match opened.found {
        anchor::Found::At(place) => Some(place.sequence),
        anchor::Found::None | anchor::Found::Unreadable => None,
    };
    // What is damaged may not even be counted; that is told as a fault already.
    let counts = count(&opened).ok();
    Ok(Audit { faults, groups: head.sequence, verified_from: from, anchor, counts })
}

fn count(opened: &Opened) -> rusqlite::Result<Entries> {
    let mut rows = [0; CHAINED.len()];
    for (count, table) in rows.iter_mut().zip(CHAINED) {
        let query = format!("SELECT count(*) FROM {table}");
        *count = opened.connection.query_row(&query, [], |row| row.get(0))?;
    }
    let [_, runs, intents, answers, resolutions, rollbacks] = rows;
    let ever = totals::counts_ever(&opened.connection)?;
    let (billed, in_doubt) = (ever.billed, ever.in_doubt);
    Ok(Entries { runs, intents, answers, resolutions, rollbacks, billed, in_doubt })
}

/// Goes on with a ledger as it is, although it is older than it was, or changed: from now on whoever has no
/// answer in it counts as in doubt. Returns it with what was wrong; nothing is done where nothing was.
///
/// # Errors
///
/// If it is damaged in a way that no word makes good, or cannot be opened or written.
pub fn accept_rollback(
    path: &Path,
    key_path: &Path,
    who: &str,
    why: &str,
    now: Timestamp,
) -> Result<(Ledger, Vec<Fault>), LedgerError> {
    let mut opened = Opened::new(path, key_path, Access::ExistingOnly)?;
    let Examined { head, faults, .. } = opened.examine()?;
    if faults.is_empty() {
        return Ok((Ledger::begin_with(opened, head)?, faults));
    }
    let stray = || Fault::Damaged { what: "a row refers to another that is missing".to_owned() };
    let beyond_words = faults.iter().find(|fault| !fault.can_be_accepted()).cloned();
    let beyond_words = match beyond_words {
        None if opened.has_stray_rows()? => Some(stray()),
        found => found,
    };
    if let Some(fault) = beyond_words {
        return Err(LedgerError::Unsound { path: path.to_owned(), fault });
    }
    let lost = newest_entry(&opened, now)?;
    let described: Vec<String> = faults.iter().map(Fault::code).map(str::to_owned).collect();
    let why = format!("{why} ({})", described.join(", "));
    let sql = |source| LedgerError::Sql { path: path.to_owned(), source };
    let transaction = opened.connection.transaction().map_err(sql)?;
    rows::insert_rollback(&transaction, rows::ACCEPTED, &lost, who, &why, now).map_err(sql)?;
    let sealed = chain::seal(&transaction, &opened.key.chain, &head, Reach::Anew).map_err(sql)?;
    transaction.commit().map_err(sql)?;
    Ok((Ledger::begin_with(opened, sealed.unwrap_or(head))?, faults))
}

/// Where the copy ends.
fn newest_entry(opened: &Opened, now: Timestamp) -> Result<Lost, LedgerError> {
    let query = "SELECT (SELECT ifnull(max(id), 0) FROM intent),
                        max(ifnull((SELECT max(time) FROM intent), 0), ifnull((SELECT max(time) FROM answer), 0),
                            ifnull((SELECT max(started) FROM run), 0))";
    let (after, since): (i64, i64) = opened
        .connection
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|source| opened.sql(source))?;
    let since = Timestamp::from_millisecond(since).unwrap_or(Timestamp::UNIX_EPOCH).min(now);
    Ok(Lost { after: IntentId(after), since, accepted: now })
}
