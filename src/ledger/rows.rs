//! Rows of the ledger's tables <-> values of the domain.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::key::Subject;
use crate::domain::answer::{Answer, Class};
use crate::domain::decide::{Attempt, IntentId, Lost, RunId, Verdict};

/// The columns that [`read_attempt`] takes, of intents with their answers.
macro_rules! attempts {
    ($which:literal) => {
        concat!(
            "SELECT i.id, i.run, i.time,
                    a.class, a.error_code, a.res, a.resmsg, a.score, a.carrier, a.orderid, a.reason,
                    a.http_status, a.seen, a.time,
                    (SELECT r.verdict FROM resolution r WHERE r.intent = i.id ORDER BY r.id DESC LIMIT 1),
                    i.subject
             FROM intent i LEFT JOIN answer a ON a.intent = i.id ",
            $which,
            " ORDER BY i.id"
        )
    };
}

const HISTORY: &str = attempts!("WHERE i.subject = ?1");

/// Why a history could not be read.
pub(super) enum Unreadable {
    /// `SQLite` refuses.
    Sql(rusqlite::Error),
    /// A column holds what this program never writes.
    Damaged(&'static str),
}

impl From<rusqlite::Error> for Unreadable {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Reads everything that is known of a subject, oldest first.
pub(super) fn history(connection: &Connection, subject: Subject) -> Result<Vec<Attempt>, Unreadable> {
    let mut statement = connection.prepare_cached(HISTORY)?;
    let mut rows = statement.query([subject.0])?;
    let mut history = Vec::new();
    while let Some(row) = rows.next()? {
        history.push(read_attempt(row)?);
    }
    Ok(history)
}

/// Takes every attempt, oldest first.
pub(super) fn each_attempt(
    connection: &Connection,
    take: &mut impl FnMut(Subject, Attempt) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    each_of(connection, attempts!(""), take)
}

/// Takes every attempt without an answer that says whether it was billed, oldest first.
pub(super) fn each_doubtful_attempt(
    connection: &Connection,
    take: &mut impl FnMut(Subject, Attempt) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    each_of(connection, attempts!("WHERE a.class IS NULL OR a.class = 'in_doubt'"), take)
}

fn each_of(
    connection: &Connection,
    query: &str,
    take: &mut impl FnMut(Subject, Attempt) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if take(Subject(row.get(15)?), read_attempt(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

/// How an intent is known: by run, subject and time, and whether it has its answer.
pub(super) fn intent(
    connection: &Connection,
    id: IntentId,
) -> rusqlite::Result<Option<(RunId, Subject, i64, bool)>> {
    let query = "SELECT run, subject, time, EXISTS (SELECT 1 FROM answer a WHERE a.intent = i.id)
                 FROM intent i WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((RunId(row.get(0)?), Subject(row.get(1)?), row.get(2)?, row.get(3)?));
    connection.query_row(query, [id.0], read).optional()
}

fn read_attempt(row: &Row<'_>) -> Result<Attempt, Unreadable> {
    let answer = match row.get::<_, Option<String>>(3)? {
        Some(class) => Some(read_answer(row, &class)?),
        None => None,
    };
    let verdict = match row.get::<_, Option<String>>(14)? {
        Some(word) => {
            Some(Verdict::from_word(&word).ok_or(Unreadable::Damaged("a resolution's verdict is unknown"))?)
        }
        None => None,
    };
    Ok(Attempt {
        intent: IntentId(row.get(0)?),
        run: RunId(row.get(1)?),
        asked_at: read_time(row, 2)?,
        answer,
        verdict,
    })
}

fn read_answer(row: &Row<'_>, class: &str) -> Result<Answer, Unreadable> {
    Ok(Answer {
        class: Class::from_word(class).ok_or(Unreadable::Damaged("an answer's class is unknown"))?,
        error_code: row.get(4)?,
        res: row.get(5)?,
        resmsg: row.get(6)?,
        score: row.get(7)?,
        carrier: row.get(8)?,
        orderid: row.get(9)?,
        reason: row.get(10)?,
        http_status: row.get(11)?,
        seen: row.get(12)?,
        time: read_time(row, 13)?,
    })
}

fn read_time(row: &Row<'_>, column: usize) -> Result<Timestamp, Unreadable> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| Unreadable::Damaged("a time is out of range"))
}

/// An older copy of the ledger that was accepted, and what it lacks, as long as that is not settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rollback {
    pub(super) id: i64,
    pub(super) lost: Lost,
}

/// What `rollback` holds when an older copy is accepted; the other words are those of a [`Verdict`].
pub(super) const ACCEPTED: &str = "accepted";

/// Reads what is lost and not settled yet.
pub(super) fn rollback(connection: &Connection) -> Result<Option<Rollback>, Unreadable> {
    let mut statement =
        connection.prepare("SELECT id, verdict, after, since, time FROM rollback ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut open = None;
    while let Some(row) = rows.next()? {
        let word: String = row.get(1)?;
        if word == ACCEPTED {
            let (since, accepted) = (read_time(row, 3)?, read_time(row, 4)?);
            let lost = Lost { after: IntentId(row.get(2)?), since, accepted };
            open = Some(Rollback { id: row.get(0)?, lost });
            continue;
        }
        match Verdict::from_word(&word) {
            Some(Verdict::Unbilled | Verdict::Resend) => open = None,
            Some(Verdict::Billed) => {} // Whoever it was, the answer is lost: nobody is asked again.
            None => return Err(Unreadable::Damaged("a word about a rollback is unknown")),
        }
    }
    Ok(open)
}

/// Adds a word on an older copy that was accepted, or on what it lacks.
pub(super) fn insert_rollback(
    connection: &Connection,
    verdict: &str,
    lost: &Lost,
    who: &str,
    why: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let insert =
        "INSERT INTO rollback (verdict, after, since, who, why, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (after, since) = (lost.after.0, lost.since.as_millisecond());
    connection.execute(insert, params![verdict, after, since, who, why, now.as_millisecond()])?;
    Ok(())
}

/// Adds an intent.
pub(super) fn insert_intent(
    connection: &Connection,
    subject: Subject,
    run: RunId,
    despite: Option<i64>,
    time: Timestamp,
) -> rusqlite::Result<IntentId> {
    connection
        .prepare_cached("INSERT INTO intent (subject, time, run, despite) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![subject.0, time.as_millisecond(), run.0, despite])?;
    Ok(IntentId(connection.last_insert_rowid()))
}

/// Adds the answer to an intent.
pub(super) fn insert_answer(
    connection: &Connection,
    intent: IntentId,
    answer: &Answer,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO answer (intent, class, error_code, res, resmsg, score, carrier, orderid, reason, http_status, seen, time)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            intent.0,
            answer.class.word(),
            answer.error_code,
            answer.res,
            answer.resmsg,
            answer.score,
            answer.carrier,
            answer.orderid,
            answer.reason,
            answer.http_status,
            answer.seen,
            answer.time.as_millisecond(),
        ])?;
    Ok(())
}

/// Adds a word on a doubt.
pub(super) fn insert_resolution(
    connection: &Connection,
    intent: IntentId,
    verdict: Verdict,
    who: &str,
    why: &str,
    time: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO resolution (intent, verdict, who, why, time) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![intent.0, verdict.word(), who, why, time.as_millisecond()])?;
    Ok(())
}
