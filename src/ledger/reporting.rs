//! Figures for people: what was spent so far, and what one run asked and was answered.
//!
//! Everything is counted by `SQLite` and handed over group by group, so that memory does not grow with the
//! ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::totals::{self, Counts};
use super::{Ledger, LedgerError};
use crate::domain::decide::RunId;

/// A run, and where its intents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSpan {
    /// Which run.
    pub run: RunId,
    /// When it began.
    pub started: Timestamp,
    /// How many calls it wrote down, whatever became of them.
    pub intents: u64,
    first: i64,
    last: i64,
}

/// Answers of a run that are the same but for whom they are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerGroup {
    /// How many there are.
    pub count: u64,
    /// What they mean for money, as the ledger has it; `None` where no answer was recorded.
    pub class: Option<String>,
    /// `error_code`, word for word.
    pub error_code: Option<String>,
    /// `res`, word for word.
    pub res: Option<String>,
    /// What was seen instead of a documented answer.
    pub seen: Option<String>,
    /// The latest word on a doubt.
    pub verdict: Option<String>,
    /// One of their `resmsg`.
    pub resmsg: Option<String>,
    /// One of their `reason`.
    pub reason: Option<String>,
}

/// What became of calls that began in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Billed.
    pub billed: u64,
    /// Answered and not billed, 10011 apart.
    pub unbilled: u64,
    /// Answered with 10011.
    pub address_limit: u64,
    /// Without a documented answer.
    pub in_doubt: u64,
    /// Never left whole.
    pub not_sent: u64,
}

const GROUPS: &str = "
SELECT count(*) AS number, class, error_code, res, seen, verdict, max(resmsg), max(reason) FROM (
  SELECT a.class, a.error_code, a.res, a.seen, a.resmsg, a.reason,
         (SELECT r.verdict FROM resolution r WHERE r.intent = i.id ORDER BY r.id DESC LIMIT 1) AS verdict
  FROM intent i LEFT JOIN answer a ON a.intent = i.id WHERE i.id BETWEEN ?1 AND ?2 AND i.run = ?3)
GROUP BY class, error_code, res, seen, verdict ORDER BY number DESC, class, error_code, res, seen, verdict";

const SCORES: &str = "
SELECT a.res, a.score, count(*) FROM intent i JOIN answer a ON a.intent = i.id
WHERE i.id BETWEEN ?1 AND ?2 AND i.run = ?3 AND a.class = 'billed' AND a.score IS NOT NULL
GROUP BY a.res, a.score";

const CARRIERS: &str = "
SELECT a.carrier, count(*) AS number FROM intent i JOIN answer a ON a.intent = i.id
WHERE i.id BETWEEN ?1 AND ?2 AND i.run = ?3 AND a.class = 'billed' AND a.carrier IS NOT NULL AND a.carrier <> ''
GROUP BY a.carrier ORDER BY number DESC, a.carrier";

const STRETCHES: &str = "
SELECT (i.time - ?4) / ?5 AS stretch,
       count(*) FILTER (WHERE a.class = 'billed'),
       count(*) FILTER (WHERE a.class = 'unbilled' AND a.error_code IS NOT '10011'),
       count(*) FILTER (WHERE a.class = 'unbilled' AND a.error_code IS '10011'),
       count(*) FILTER (WHERE a.class IS NULL OR a.class = 'in_doubt'),
       count(*) FILTER (WHERE a.class = 'not_sent')
FROM intent i LEFT JOIN answer a ON a.intent = i.id WHERE i.id BETWEEN ?1 AND ?2 AND i.run = ?3
GROUP BY stretch ORDER BY stretch";

impl Ledger {
    /// Counts the calls of the whole ledger, and those of one day of Asia/Shanghai.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn spent_until(&self, today: Date) -> Result<(Counts, Counts), LedgerError> {
        self.read(|connection| {
            Ok((totals::counts_ever(connection)?, totals::counts_of_day(connection, today)?))
        })
    }

    /// Lists the runs, oldest first.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn runs(&self) -> Result<Vec<RunSpan>, LedgerError> {
        self.read(|connection| {
            let mut spans = BTreeMap::new();
            let mut statement = connection.prepare("SELECT id, started FROM run")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let started = Timestamp::from_millisecond(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH);
                let (run, intents, first, last) = (RunId(row.get(0)?), 0, i64::MAX, i64::MIN);
                spans.insert(row.get::<_, i64>(0)?, RunSpan { run, started, intents, first, last });
            }
            let mut statement = connection.prepare("SELECT id, run FROM intent")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (id, run): (i64, i64) = (row.get(0)?, row.get(1)?);
                if let Some(span) = spans.get_mut(&run) {
                    span.intents += 1;
                    (span.first, span.last) = (span.first.min(id), span.last.max(id));
                }
            }
            Ok(spans.into_values().collect())
        })
    }

    /// Hands over the answers of a run, the most frequent first.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn answers_of(&self, span: &RunSpan, mut each: impl FnMut(AnswerGroup)) -> Result<(), LedgerError> {
        self.each_of(span, GROUPS, |row| {
            each(AnswerGroup {
                count: row.get(0)?,
                class: row.get(1)?,
                error_code: row.get(2)?,
                res: row.get(3)?,
                seen: row.get(4)?,
                verdict: row.get(5)?,
                resmsg: row.get(6)?,
                reason: row.get(7)?,
            });
            Ok(())
        })
    }

    /// Hands over the scores of a run: `res`, score, and how many there are.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn scores_of(
        &self,
        span: &RunSpan,
        mut each: impl FnMut(Option<&str>, &str, u64),
    ) -> Result<(), LedgerError> {
        self.each_of(span, SCORES, |row| {
            let (res, score): (Option<String>, String) = (row.get(0)?, row.get(1)?);
            each(res.as_deref(), &score, row.get(2)?);
            Ok(())
        })
    }

    /// Hands over the carriers of a run, the most frequent first, and how often each was answered.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn carriers_of(&self, span: &RunSpan, mut each: impl FnMut(&str, u64)) -> Result<(), LedgerError> {
        self.each_of(span, CARRIERS, |row| {
            each(&row.get::<_, String>(0)?, row.get(1)?);
            Ok(())
        })
    }

    /// When a run made its first call, and when it last made one or had an answer. `None`: it made no call.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn times_of(&self, span: &RunSpan) -> Result<Option<(Timestamp, Timestamp)>, LedgerError> {
        let query = "SELECT min(i.time), max(max(i.time, coalesce(a.time, i.time)))
                     FROM intent i LEFT JOIN answer a ON a.intent = i.id
                     WHERE i.id BETWEEN ?1 AND ?2 AND i.run = ?3";
        let mut times = None;
        self.each_of(span, query, |row| {
            let moment = |column| {
                Ok::<_, rusqlite::Error>(
                    row.get::<_, Option<i64>>(column)?
                        .and_then(|time| Timestamp::from_millisecond(time).ok()),
                )
            };
            times = moment(0)?.zip(moment(1)?);
            Ok(())
        })?;
        Ok(times)
    }

    /// Hands over what became of a run's calls, by stretches of so many milliseconds from a moment on.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn stretches_of(
        &self,
        span: &RunSpan,
        from: Timestamp,
        milliseconds: i64,
        mut each: impl FnMut(i64, Stretch),
    ) -> Result<(), LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare(STRETCHES)?;
            let (first, last, run) = (span.first, span.last, span.run.0);
            let mut rows =
                statement.query(params![first, last, run, from.as_millisecond(), milliseconds.max(1)])?;
            while let Some(row) = rows.next()? {
                let stretch = Stretch {
                    billed: row.get(1)?,
                    unbilled: row.get(2)?,
                    address_limit: row.get(3)?,
                    in_doubt: row.get(4)?,
                    not_sent: row.get(5)?,
                };
                each(row.get(0)?, stretch);
            }
            Ok(())
        })
    }

    fn each_of(
        &self,
        span: &RunSpan,
        query: &str,
        mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare(query)?;
            let mut rows = statement.query([span.first, span.last, span.run.0])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
