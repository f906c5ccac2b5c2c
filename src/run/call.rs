//! One call: intent, exchange, answer. The only place that spends money.
//!
//! It runs in a task of its own, whose handle may be dropped without cutting it short, and it repeats
//! nothing: whether a row is tried again is the conductor's to say.

use std::sync::Arc;

use jiff::Timestamp;

use super::prepare::Question;
use crate::api::{Client, Parameters};
use crate::domain::answer::{Answer, Finding};
use crate::domain::decide::{AskPolicy, RunId, Standing};
use crate::ledger::{LedgerError, LedgerHandle, Reserved};

/// What calls need.
pub(super) struct Caller {
    pub(super) client: Client,
    pub(super) ledger: LedgerHandle,
    pub(super) policy: AskPolicy,
    pub(super) run: RunId,
}

/// How a call ended.
pub(super) enum Ending {
    /// Nothing was sent: the row is not due any more.
    NotDue(Standing),
    /// It was sent, or tried to, and what came of it is recorded.
    Recorded(Finding, Answer),
    /// The ledger failed: before sending, or with an answer that is lost and leaves the intent in doubt.
    LedgerFailed(LedgerError),
}

/// Makes one call about a question.
pub(super) async fn call(caller: Arc<Caller>, question: Arc<Question>) -> Ending {
    let reserved = caller.ledger.reserve(question.subject, caller.policy, caller.run, Timestamp::now()).await;
    let intent = match reserved {
        Ok(Reserved::Intent(intent)) => intent,
        Ok(Reserved::NotDue(standing)) => return Ending::NotDue(standing),
        Err(error) => return Ending::LedgerFailed(error),
    };
    let parameters = Parameters {
        realname: question.applicant.name().as_str(),
        idcard: question.applicant.id_number().as_str(),
        mobile: question.applicant.mobile().as_str(),
        image: &question.jpeg,
    };
    let exchange = caller.client.send(&parameters).await;
    let answer = exchange.answer;
    tracing::debug!(
        row = question.row,
        intent = intent.0,
        class = answer.class.word(),
        finding = ?exchange.finding,
        "answered"
    );
    match caller.ledger.record(intent, answer.clone()).await {
        Ok(()) => Ending::Recorded(exchange.finding, answer),
        Err(error) => Ending::LedgerFailed(error),
    }
}
