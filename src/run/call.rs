//! What a call consists of, one step at a time: intent, exchange, answer. The only place that spends money.
//!
//! Each step is done once and ends in the event that the core waits for. Nothing is repeated here, and
//! which step comes next is the core's to say.

use std::sync::Arc;

use jiff::Timestamp;

use super::core::Event;
use super::prepare::Question;
use crate::api::{Client, Parameters};
use crate::domain::answer::Answer;
use crate::domain::decide::{AskPolicy, IntentId, RunId};
use crate::ledger::{LedgerError, LedgerHandle, Reserved};

/// What calls need.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) client: Client,
    pub(super) ledger: LedgerHandle,
    pub(super) policy: AskPolicy,
    pub(super) run: RunId,
}

/// How a step ended, and why the ledger failed if it did.
pub(super) type Done = (Event, Option<LedgerError>);

impl Caller {
    /// Makes an intent durable, if the question is still due.
    pub(super) async fn reserve(self, question: Arc<Question>, at: Timestamp) -> Done {
        let row = question.row;
        match self.ledger.reserve(question.subject, self.policy, self.run, at).await {
            Ok(Reserved::Intent(intent)) => (Event::Reserved(row, intent), None),
            Ok(Reserved::NotDue(standing)) => (Event::NotDue(row, standing), None),
            Err(error) => (Event::NotReserved(row), Some(error)),
        }
    }

    /// Asks the API, in a task of its own that nothing cuts short. The intent is durable.
    pub(super) async fn send(self, question: Arc<Question>, intent: IntentId) -> Done {
        let row = question.row;
        let exchange = tokio::spawn(async move {
            let parameters = Parameters {
                realname: question.applicant.name().as_str(),
                idcard: question.applicant.id_number().as_str(),
                mobile: question.applicant.mobile().as_str(),
                image: &question.jpeg,
            };
            self.client.send(&parameters).await
        });
        // A task that breaks down leaves an intent without an answer.
        let Ok(exchange) = exchange.await else { return (Event::Broken(row), None) };
        tracing::debug!(
            row,
            intent = intent.0,
            class = exchange.answer.class.word(),
            finding = ?exchange.finding,
            "answered"
        );
        (Event::Answered(row, exchange.finding, Box::new(exchange.answer)), None)
    }

    /// Makes an answer durable.
    pub(super) async fn record(self, row: u64, intent: IntentId, answer: Box<Answer>) -> Done {
        match self.ledger.record(intent, *answer).await {
            Ok(()) => (Event::Recorded(row), None),
            Err(error) => (Event::NotRecorded(row), Some(error)),
        }
    }
}
