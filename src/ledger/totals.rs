//! Counts over the whole ledger: calls, bills, doubts, and what is known of its applicants.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;

use super::key::Subject;
use super::rows::{self, Unreadable};
use crate::domain::decide::{History, shown};
use crate::domain::outcome::Decision;
use crate::domain::shanghai;

/// How many calls there were, and what they meant for money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that the API may have seen: all but those that never left whole.
    pub calls: u64,
    /// Calls that were billed for certain.
    pub billed: u64,
    /// Calls that may have been billed.
    pub in_doubt: u64,
}

/// What `status` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Since the ledger was made.
    pub ever: Counts,
    /// On one day of Asia/Shanghai.
    pub today: Counts,
    /// Applicants (with one photo each) by decision, in the order of [`Decision::ALL`].
    pub applicants: [u64; Decision::ALL.len()],
    /// When the oldest call that is in doubt was made.
    pub oldest_doubt: Option<Timestamp>,
    /// How many runs there were.
    pub runs: u64,
}

const COUNTS: &str = "
SELECT count(*) FILTER (WHERE class IS NOT 'not_sent'),
       count(*) FILTER (WHERE class IS 'billed' OR (doubtful AND verdict IS 'billed')),
       count(*) FILTER (WHERE doubtful AND (verdict IS NULL OR verdict = 'resend')),
       min(time) FILTER (WHERE doubtful AND (verdict IS NULL OR verdict = 'resend'))
FROM (SELECT i.time AS time, a.class AS class, a.class IS NULL OR a.class = 'in_doubt' AS doubtful,
             (SELECT r.verdict FROM resolution r WHERE r.intent = i.id ORDER BY r.id DESC LIMIT 1) AS verdict
      FROM intent i LEFT JOIN answer a ON a.intent = i.id WHERE i.time >= ?1 AND i.time < ?2)";

/// Counts the calls of one day of Asia/Shanghai.
pub(super) fn counts_of_day(connection: &Connection, day: Date) -> rusqlite::Result<Counts> {
    let start = shanghai::start_of(day);
    counts(connection, start.as_millisecond(), shanghai::next_midnight(start).as_millisecond())
        .map(|(counts, _)| counts)
}

/// Counts all calls.
pub(super) fn counts_ever(connection: &Connection) -> rusqlite::Result<Counts> {
    counts(connection, i64::MIN, i64::MAX).map(|(counts, _)| counts)
}

fn counts(connection: &Connection, from: i64, until: i64) -> rusqlite::Result<(Counts, Option<i64>)> {
    connection.query_row(COUNTS, [from, until], |row| {
        Ok((Counts { calls: row.get(0)?, billed: row.get(1)?, in_doubt: row.get(2)? }, row.get(3)?))
    })
}

/// Counts the intents that have no answer and no word on their doubt: their runs broke off.
pub(super) fn orphans(connection: &Connection) -> rusqlite::Result<u64> {
    // An answer belongs to one intent and an intent has one answer at most: both counts are quick.
    let query = "SELECT (SELECT count(*) FROM intent) - (SELECT count(*) FROM answer)
                      - (SELECT count(DISTINCT r.intent) FROM resolution r
                         WHERE NOT EXISTS (SELECT 1 FROM answer a WHERE a.intent = r.intent))";
    connection.query_row(query, [], |row| row.get(0))
}

/// Counts everything.
pub(super) fn totals(connection: &Connection, today: Date) -> Result<Totals, Unreadable> {
    let lost = rows::rollback(connection)?.map(|rollback| rollback.lost);
    let (ever, oldest) = counts(connection, i64::MIN, i64::MAX)?;
    let mut totals = Totals {
        ever,
        today: counts_of_day(connection, today)?,
        oldest_doubt: oldest.and_then(|time| Timestamp::from_millisecond(time).ok()),
        runs: connection.query_row("SELECT count(*) FROM run", [], |row| row.get(0))?,
        ..Totals::default()
    };
    let mut statement = connection.prepare("SELECT DISTINCT subject FROM intent ORDER BY subject")?;
    let mut subjects = statement.query([])?;
    while let Some(row) = subjects.next()? {
        let history = History { attempts: rows::history(connection, Subject(row.get(0)?))?, lost };
        let decision = shown(&history).decision();
        let position = Decision::ALL.iter().position(|known| *known == decision);
        totals.applicants[position.expect("every decision is listed")] += 1;
    }
    Ok(totals)
}
