//! Input + ledger -> output, and what it says in all.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::RunError;
use super::heartbeat;
use super::inspect::{Asked, Found, Inspector, KnownSubject};
use crate::domain::decide::{AskPolicy, History, IntentId, RunId, Standing, asked_in_vain, standing};
use crate::domain::money::Yuan;
use crate::domain::outcome::{Check, Decision};
use crate::intake::{Row, Table};
use crate::lang::Language;
use crate::ledger::{EndpointKind, Ledger};
use crate::output::columns::{Billed, Cause, Columns, Refusal, separator};
use crate::output::file;
use crate::output::mirror::Mirror;
use crate::output::workbook::{Book, Summary};
use crate::photo::PhotoWarning;
use crate::say_in;

/// What an output says in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Rows written.
    pub rows: u64,
    /// Rows by decision, in the order of [`Decision::ALL`].
    pub decisions: [u64; Decision::ALL.len()],
    /// Checks by factor (identity, face, mobile), in the order of [`Check::ALL`].
    pub checks: [[u64; Check::ALL.len()]; 3],
    /// Rows whose calls were billed.
    pub billed: u64,
    /// Rows with a call that may have been billed.
    pub perhaps_billed: u64,
    /// Rows whose photo deserves a warning.
    pub photo_warnings: u64,
    /// Rows that show an older answer than the run was to bring.
    pub stale: u64,
    /// Rejected rows by the column at fault and the name of the rule that it breaks.
    pub rejected: BTreeMap<(String, String), RejectedKind>,
}

/// Rows that are rejected for the same reason, whatever the figures in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedKind {
    /// How many.
    pub rows: u64,
    /// The reason of the first of them.
    first: Cause,
    /// Whether others have other figures in theirs.
    varies: bool,
}

impl RejectedKind {
    fn new(first: Cause) -> Self {
        Self { rows: 0, first, varies: false }
    }

    fn add(&mut self, cause: &Cause) {
        self.rows += 1;
        self.varies |= self.first != *cause;
    }

    /// One clause for all of them: that of the first, and where others differ, that it is an example.
    pub fn clause(&self, language: Language) -> String {
        let clause = self.first.clause(language);
        if self.varies { say_in!(language, "output-such-as", clause = clause) } else { clause }
    }
}

impl Rendered {
    /// How many rows have a decision.
    pub fn count(&self, decision: Decision) -> u64 {
        let position = Decision::ALL.iter().position(|known| *known == decision);
        position.map_or(0, |position| self.decisions[position])
    }

    /// True if nothing remains to be done about any row.
    pub fn is_settled(&self) -> bool {
        self.stale == 0
            && Decision::ALL.iter().all(|decision| decision.is_settled() || self.count(*decision) == 0)
    }

    fn add(&mut self, columns: &Columns) {
        self.rows += 1;
        let position = |decision| Decision::ALL.iter().position(|known| *known == decision);
        if let Some(position) = position(columns.decision) {
            self.decisions[position] += 1;
        }
        if let Some(factors) = columns.factors {
            for (counts, check) in
                self.checks.iter_mut().zip([factors.identity, factors.face, factors.mobile])
            {
                if let Some(position) = Check::ALL.iter().position(|known| *known == check) {
                    counts[position] += 1;
                }
            }
        }
        self.billed += u64::from(columns.billed == Billed::Yes);
        self.perhaps_billed += u64::from(columns.billed == Billed::Unknown);
    }
}

/// What an output is to be.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Text or workbook.
    pub kind: Kind,
    /// The language of the added columns' names and prose, whatever that of the process is.
    pub language: Language,
    /// The price of a billed call, for a workbook's summary.
    pub price: Option<Yuan>,
}

/// Text or workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// CSV in the input's own shape.
    #[default]
    Text,
    /// An Excel workbook.
    Workbook,
}

/// What a run was to ask, against which its output's rows are held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) policy: AskPolicy,
    pub(super) run: RunId,
}

impl Wanted {
    /// True if a subject still lacks what the run was to bring.
    fn is_missing_in(&self, history: &History) -> bool {
        standing(history, &self.policy, self.run) != Standing::Settled || asked_in_vain(history, self.run)
    }
}

/// Writes the output: every row of the input with what the ledger says of it. `wanted`: what it was to say.
pub(super) fn render(
    input: &Path,
    table: &Table,
    inspector: &Inspector,
    ledger: &Ledger,
    output: &Path,
    form: &Form,
    wanted: Option<Wanted>,
) -> Result<Rendered, RunError> {
    let mode = std::fs::metadata(input).map_or(0o600, |input| input.permissions().mode());
    let is_sandbox = ledger.bound_to()? == Some(EndpointKind::Sandbox);
    let mut renderer = Renderer {
        inspector,
        ledger,
        is_sandbox,
        language: form.language,
        wanted,
        rendered: Rendered::default(),
        calls: (form.kind == Kind::Workbook).then(Calls::default),
    };
    // What fails inside is either the file (the closure's own error) or what it is made from.
    let mut failure = None;
    let written = file::replace(output, mode, |writer| {
        let mut sink = match form.kind {
            Kind::Text => Sink::Text(Box::new(Mirror::new(&mut *writer, table.shape())?)),
            Kind::Workbook => {
                let (shape, folder) = (table.shape(), file::folder_of(output));
                Sink::Workbook(Box::new(Book::new(folder, shape.columns(), shape.added(), form.language)?))
            }
        };
        match write_rows(table, &mut renderer, &mut sink) {
            Ok(written) => written?,
            Err(error) => {
                failure = Some(error);
                return Err(std::io::ErrorKind::Other.into());
            }
        }
        match sink {
            Sink::Text(mirror) => mirror.finish().map(|_| ())?,
            Sink::Workbook(book) => book.finish(&renderer.summary(form.price), writer)?,
        }
        Ok(())
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    written?;
    Ok(renderer.rendered)
}

fn write_rows(
    table: &Table,
    renderer: &mut Renderer<'_>,
    sink: &mut Sink<impl Write>,
) -> Result<std::io::Result<()>, RunError> {
    let mut rows = table.rows()?;
    let mut row = Row::default();
    while rows.read_into(&mut row)? {
        let columns = renderer.columns_of(&row)?;
        renderer.rendered.add(&columns);
        heartbeat::beat();
        if let Err(error) = sink.row(table, &row, &columns) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// Where rows go.
enum Sink<W> {
    Text(Box<Mirror<W>>),
    Workbook(Box<Book>),
}

impl<W: Write> Sink<W> {
    fn row(&mut self, table: &Table, row: &Row, columns: &Columns) -> std::io::Result<()> {
        match self {
            Self::Text(mirror) => mirror.row(row, &columns.cells),
            Self::Workbook(book) => {
                let count = table.shape().columns().len();
                let mut own = vec![String::new(); count];
                for (column, cell) in own.iter_mut().enumerate() {
                    row.read_cell(table.shape(), column, cell)?;
                }
                book.row(own.iter().map(String::as_str), columns.decision, &columns.cells)
            }
        }
    }
}

/// The calls of a workbook's rows, which rows of one applicant share.
#[derive(Default)]
struct Calls {
    billed: HashSet<IntentId>,
    doubtful: HashSet<IntentId>,
}

/// Turns rows into columns, and counts.
struct Renderer<'a> {
    inspector: &'a Inspector,
    ledger: &'a Ledger,
    is_sandbox: bool,
    language: Language,
    wanted: Option<Wanted>,
    rendered: Rendered,
    calls: Option<Calls>,
}

impl Renderer<'_> {
    fn columns_of(&mut self, row: &Row) -> Result<Columns, RunError> {
        let asked = match self.inspector.inspect(row) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(self.refuse(&refusal, &History::default())),
        };
        let found = match self.inspector.look_up(self.ledger, &asked)? {
            Found::PhotoUnread => match self.inspector.read_photo(&asked.applicant) {
                Ok((_, photo, _)) => self.inspector.with_photo(self.ledger, &asked, photo)?,
                Err(rejection) => {
                    Found::Refused(self.inspector.photo_refusal(&rejection), History::default())
                }
            },
            found => found,
        };
        Ok(match found {
            Found::Refused(refusal, history) => self.refuse(&refusal, &history),
            Found::Subject(KnownSubject { history, warnings, .. }) => {
                self.count(&history);
                self.rendered.photo_warnings += u64::from(!warnings.is_empty());
                let made_up = self.is_sandbox && !history.is_empty();
                let notes = notes(&asked, &warnings, made_up, self.language);
                let columns = Columns::of_history(&history, &notes, self.language);
                let is_stale = columns.decision.is_settled()
                    && self.wanted.is_some_and(|wanted| wanted.is_missing_in(&history));
                self.rendered.stale += u64::from(is_stale);
                columns
            }
            // The bytes of an unread one were read just now.
            Found::NeverMet | Found::PhotoUnread => {
                let notes = notes(&asked, "", false, self.language);
                Columns::of_history(&self.ledger.history_of_a_stranger(), &notes, self.language)
            }
        })
    }

    fn refuse(&mut self, refusal: &Refusal, history: &History) -> Columns {
        self.count(history);
        let kind = (refusal.column.clone(), refusal.cause.code().to_owned());
        let known = self.rendered.rejected.entry(kind);
        known.or_insert_with(|| RejectedKind::new(refusal.cause.clone())).add(&refusal.cause);
        Columns::of_refusal(refusal, history, self.language)
    }

    fn count(&mut self, history: &History) {
        let Some(calls) = &mut self.calls else { return };
        for attempt in history.iter() {
            if attempt.was_billed() {
                calls.billed.insert(attempt.intent);
            } else if attempt.may_have_been_billed() {
                calls.doubtful.insert(attempt.intent);
            }
        }
    }

    fn summary(&self, price: Option<Yuan>) -> Summary {
        let Rendered { rows, decisions, checks, billed, perhaps_billed, rejected, .. } = &self.rendered;
        let (billed_calls, doubtful_calls) =
            self.calls.as_ref().map_or((0, 0), |calls| (calls.billed.len(), calls.doubtful.len()));
        let rejected = rejected.iter().map(|((column, _), kind)| {
            let (column, clause) = (column.as_str(), kind.clause(self.language));
            (say_in!(self.language, "output-refusal", column = column, clause = clause), kind.rows)
        });
        Summary {
            rows: *rows,
            decisions: *decisions,
            checks: *checks,
            billed_rows: *billed,
            perhaps_billed_rows: *perhaps_billed,
            billed_calls: billed_calls as u64,
            doubtful_calls: doubtful_calls as u64,
            rejected: rejected.collect(),
            price,
            is_made_up: self.is_sandbox,
        }
    }
}

/// What was repaired, and what preparing the photo showed.
fn notes(asked: &Asked, warnings: &str, made_up: bool, language: Language) -> String {
    let mut notes = Vec::new();
    if made_up {
        notes.push(say_in!(language, "output-made-up"));
    }
    let repairs: Vec<String> = asked
        .repairs
        .iter()
        .map(|(field, repair)| {
            let repair = repair.clause(language);
            say_in!(language, "output-repair", field = field.parameter(), repair = repair)
        })
        .collect();
    if !repairs.is_empty() {
        let between = if language == Language::Chinese { "，" } else { ", " };
        notes.push(say_in!(language, "output-repaired", repairs = repairs.join(between)));
    }
    if !warnings.is_empty() {
        notes.push(say_in!(language, "output-photo", warnings = PhotoWarning::said(warnings, language)));
    }
    notes.join(separator(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_a_photo(width: u32) -> Cause {
        let clause = format!("the face is {width} px wide");
        Cause::Photo { code: "photo-face-too-small".into(), english: clause.clone(), chinese: clause }
    }

    #[test]
    fn rows_rejected_for_one_reason_are_one_kind_whatever_its_figures() {
        let mut kind = RejectedKind::new(of_a_photo(20));
        kind.add(&of_a_photo(20));
        assert_eq!((kind.rows, &*kind.clause(Language::English)), (1, "the face is 20 px wide"));
        kind.add(&of_a_photo(21));
        let clause = kind.clause(Language::English);
        assert_eq!((kind.rows, &*clause), (2, "the face is 20 px wide, and the like"));
    }
}
