//! Rows that may be due, in the input's order, with the settled ones left out.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::RunError;
use super::inspect::{Asked, Found, Inspector};
use crate::domain::decide::{AskPolicy, RunId, Standing, standing};
use crate::intake::{Row, Table};
use crate::ledger::{LedgerHandle, PhotoMark};

/// How many rows are looked up together.
const TOGETHER: usize = 128;

/// A row that may need a call.
pub(super) struct Candidate {
    pub(super) row: u64,
    pub(super) asked: Asked,
    /// The photo's bytes as they were known when the row was found to be due.
    pub(super) photo: Option<PhotoMark>,
}

/// Reads the table and sends on what may be due, until the receiver is gone.
pub(super) async fn feed(
    table: Arc<Table>,
    inspector: Arc<Inspector>,
    ledger: LedgerHandle,
    policy: AskPolicy,
    run: RunId,
    candidates: mpsc::Sender<Candidate>,
) -> Result<(), RunError> {
    let (sender, mut chunks) = mpsc::channel(2);
    let reader = {
        let inspector = Arc::clone(&inspector);
        tokio::task::spawn_blocking(move || read_chunks(&table, &inspector, &sender))
    };
    while let Some(chunk) = chunks.recv().await {
        let inspector = Arc::clone(&inspector);
        let due = ledger
            .look(move |ledger| {
                let stranger = ledger.history_of_a_stranger();
                let mut due = Vec::new();
                for (row, asked) in chunk {
                    let photo = match inspector.look_up(ledger, &asked)? {
                        Found::Refused(..) => continue,
                        Found::PhotoUnread => None,
                        Found::NeverMet => match standing(&stranger, &policy, run) {
                            Standing::Held => continue,
                            _ => None,
                        },
                        Found::Subject(known) => match standing(&known.history, &policy, run) {
                            Standing::Due | Standing::DueDespite(_) if known.can_be_asked => {
                                Some(known.photo)
                            }
                            _ => continue,
                        },
                    };
                    due.push(Candidate { row, asked, photo });
                }
                Ok(due)
            })
            .await?;
        for candidate in due {
            if candidates.send(candidate).await.is_err() {
                return Ok(()); // Enough rows, or the run is stopping.
            }
        }
    }
    match reader.await {
        Ok(read) => read,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn read_chunks(
    table: &Table,
    inspector: &Inspector,
    chunks: &mpsc::Sender<Vec<(u64, Asked)>>,
) -> Result<(), RunError> {
    let mut rows = table.rows()?;
    let mut row = Row::default();
    let mut chunk = Vec::with_capacity(TOGETHER);
    while rows.read_into(&mut row)? {
        if let Ok(asked) = inspector.inspect(&row) {
            chunk.push((row.number(), asked));
        }
        if chunk.len() == TOGETHER && chunks.blocking_send(std::mem::take(&mut chunk)).is_err() {
            return Ok(());
        }
    }
    // A receiver that is gone wants no more rows.
    let _ = chunks.blocking_send(chunk);
    Ok(())
}
