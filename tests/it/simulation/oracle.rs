//! The invariants, written from the design and not from the program: what must hold after every event.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use reverify::domain::answer::{Answer, Class, Finding};
use reverify::domain::decide::{AskPolicy, Attempt, IntentId, RunId, Verdict};
use reverify::domain::error_code::Meaning;
use reverify::domain::outcome::Factors;
use reverify::run::core::RowNumber;
use reverify::run::stop::Stop;

use super::ledger::Ledger;
use super::orders::Orders;
use super::server::{Server, Truth};

/// A broken invariant.
#[derive(Clone, Debug)]
pub(super) struct Violation {
    pub(super) rule: &'static str,
    pub(super) detail: String,
}

pub(super) type Checked<T = ()> = Result<T, Violation>;

/// Fails unless something holds.
pub(super) fn hold(holds: bool, rule: &'static str, detail: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation { rule, detail: detail() }) }
}

/// What the oracle remembers.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    /// Paid calls that an operator allowed beyond the first, by subject.
    authorised: Vec<u64>,
    /// Intents whose answers the core was told are durable.
    acknowledged: Vec<(usize, IntentId)>,
    /// Calls that the ledger has forgotten, since an older copy of it was put back.
    lost: Vec<Truth>,
    /// Whether an operator has said what became of them, or allowed asking again.
    loss_is_settled: bool,
    /// What each run was asked to pay again for.
    policies: BTreeMap<RunId, AskPolicy>,
}

impl Oracle {
    pub(super) fn add_subject(&mut self) {
        self.authorised.push(0);
    }

    pub(super) fn begin_run(&mut self, run: RunId, policy: AskPolicy) {
        self.policies.insert(run, policy);
    }

    /// True if the options of a run allowed paying for this answer again, and an intent of it was written.
    fn policy_excuses(&self, attempt: &Attempt, history: &[Attempt]) -> bool {
        let failed = attempt.answer.as_ref().and_then(Answer::factors).is_some_and(Factors::has_failed);
        history.iter().filter(|later| later.intent > attempt.intent && later.run != attempt.run).any(
            |later| {
                let policy = &self.policies[&later.run];
                is_old(attempt, policy, later.run) || (policy.retry_inconclusive && failed)
            },
        )
    }

    /// True if an intent was written since the loss by a run that was allowed to ask again: the operator's
    /// word lasts, even where the call that it was given for was never made.
    fn was_allowed_since_the_loss(&self, ledger: &Ledger, history: &[Attempt]) -> bool {
        ledger.lost().is_some_and(|lost| {
            let was_allowed = |attempt: &Attempt| self.policies[&attempt.run].resend_doubts;
            history.iter().any(|attempt| attempt.intent > lost.after && was_allowed(attempt))
        })
    }

    /// A call is about to be made. I2, I1 and I6: it may be made only under a durable intent, only once, and
    /// only if every earlier call that cost or may cost money is excused by the operator's word.
    pub(super) fn may_send(
        &mut self,
        ledger: &Ledger,
        server: &mut Server,
        policy: &AskPolicy,
        run: RunId,
        (subject, intent): (usize, IntentId),
    ) -> Checked {
        let history = ledger.durable(subject);
        let own = history.iter().find(|attempt| attempt.intent == intent);
        let is_durable = own.is_some_and(|own| own.run == run && own.answer.is_none());
        hold(is_durable, "I2: a request without a durable intent", || {
            format!("{intent:?} of subject {subject}: {own:?}")
        })?;
        hold(!server.truths.contains_key(&intent.0), "an intent is sent once", || format!("{intent:?}"))?;
        let mut paid_again = false;
        for attempt in history.iter().filter(|attempt| attempt.intent != intent) {
            let doubtful = attempt.answer.as_ref().is_none_or(|answer| answer.class == Class::InDoubt);
            let has_word = matches!(attempt.verdict, Some(Verdict::Unbilled | Verdict::Resend));
            hold(!doubtful || has_word, "I1: asked again while in doubt", || format!("{attempt:?}"))?;
            let Some(truth) = server.truths.get_mut(&attempt.intent.0) else { continue };
            if truth.may_cost() && !truth.accounted {
                let excused =
                    attempt.verdict == Some(Verdict::Resend) || self.policy_excuses(attempt, history);
                hold(excused, "I1: asked again without the operator's word", || format!("{attempt:?}"))?;
                truth.accounted = true;
                paid_again = true;
            }
        }
        let allowed_before = self.was_allowed_since_the_loss(ledger, history);
        let lost = self.lost.iter_mut().filter(|truth| truth.subject == subject);
        for truth in lost.filter(|truth| truth.may_cost() && !truth.accounted) {
            let excused = policy.resend_doubts || self.loss_is_settled || allowed_before;
            hold(excused, "I1: asked again although its call may be lost", || format!("{truth:?}"))?;
            truth.accounted = true;
            paid_again = true;
        }
        self.authorised[subject] += u64::from(paid_again);
        settled_rows_are_not_asked(history, policy, run)?;
        let truth = Truth { subject, run, billed: false, travels: true, accounted: false };
        server.truths.insert(intent.0, truth);
        Ok(())
    }

    /// A call was billed. I1.
    pub(super) fn billed(&self, server: &Server, subject: usize) -> Checked {
        let (billed, allowed) = (server.billed_by_subject[subject], 1 + self.authorised[subject]);
        hold(billed <= allowed, "I1: billed more often than authorised", || {
            format!("subject {subject}: {billed} > {allowed}")
        })
    }

    /// The core is told that an answer is durable. I4.
    pub(super) fn recorded(&mut self, ledger: &Ledger, subject: usize, intent: IntentId) -> Checked {
        self.acknowledged.push((subject, intent));
        Self::still_there(ledger, subject, intent)
    }

    /// After a crash or a failed commit, every answer that was said to be durable is. I4.
    pub(super) fn nothing_was_lost(&self, ledger: &Ledger) -> Checked {
        self.acknowledged
            .iter()
            .try_for_each(|(subject, intent)| Self::still_there(ledger, *subject, *intent))
    }

    fn still_there(ledger: &Ledger, subject: usize, intent: IntentId) -> Checked {
        let attempt = ledger.durable(subject).iter().find(|attempt| attempt.intent == intent);
        let lasts = attempt.is_some_and(|attempt| attempt.answer.is_some());
        hold(lasts, "I4: a recorded answer is lost", || format!("{intent:?} of subject {subject}"))
    }

    /// I3: what the ledger believes encloses what was really spent.
    pub(super) fn spend_is_enclosed(ledger: &Ledger, server: &Server) -> Checked {
        let (billed, perhaps) = ledger.believed();
        // What was billed for calls that an older copy lacks cannot be in it; that some may be, it says.
        let (spent, forgotten) = (server.billed, server.forgotten);
        let holds = billed <= spent && spent <= billed + perhaps + forgotten;
        hold(holds, "I3: the ledger hides spend", || {
            format!("{billed} billed and {perhaps} in doubt, but {spent} spent, {forgotten} of it forgotten")
        })
    }

    /// I4 and I5: what one run holds open or has reserved stays within its limits.
    pub(super) fn limits_hold(ledger: &Ledger, server: &Server, orders: &Orders) -> Checked {
        let tally = ledger.of_run();
        let limits = &orders.limits;
        hold(tally.open <= u64::from(limits.concurrency), "I4: more calls open than --concurrency", || {
            format!("{tally:?}")
        })?;
        let calls = tally.calls.max(server.seen_in_run);
        hold(limits.max_calls.is_none_or(|most| calls <= most), "I5: --max-calls is passed", || {
            format!("{tally:?}")
        })?;
        let payable = tally.payable.max(server.billed_in_run);
        hold(orders.affordable().is_none_or(|most| payable <= most), "I5: --max-cost is passed", || {
            format!("{tally:?}")
        })
    }
}

impl Oracle {
    /// An older copy was put back, which ends with this intent.
    pub(super) fn set_back(&mut self, ledger: &Ledger, server: &mut Server, after: IntentId) {
        let forgotten = server.truths.split_off(&(after.0 + 1));
        server.forgotten += forgotten.values().filter(|truth| truth.billed).count() as u64;
        self.lost.extend(forgotten.into_values());
        self.loss_is_settled = false;
        self.acknowledged.retain(|(subject, intent)| Self::still_there(ledger, *subject, *intent).is_ok());
    }

    /// An operator has settled what is lost.
    pub(super) fn settle_what_is_lost(&mut self) {
        self.loss_is_settled = true;
    }
}

fn is_old(attempt: &Attempt, policy: &AskPolicy, run: RunId) -> bool {
    attempt.run != run && policy.fresh_since.is_some_and(|since| attempt.asked_at < since)
}

/// I6, for answers that cost nothing: a refusal by the API's own validation is final, 280105 is asked three
/// times in all and once a run, 10014 twice a run.
fn settled_rows_are_not_asked(history: &[Attempt], policy: &AskPolicy, run: RunId) -> Checked {
    let (mut unverified, mut unverified_now, mut internal_now) = (0, 0, 0);
    for attempt in history.iter().rev().filter(|attempt| !is_old(attempt, policy, run)) {
        if attempt.is_doubtful() && attempt.verdict == Some(Verdict::Resend) {
            break; // It was asked anew on the operator's word, and that doubt is what is sent again.
        }
        let Some(answer) = &attempt.answer else { continue };
        if answer.class == Class::Billed {
            break; // What was refused before a paid answer says nothing any more; money has its own rule.
        }
        match answer.meaning().filter(|_| answer.class == Class::Unbilled) {
            Some(Meaning::FieldsRefused) => {
                return hold(false, "I6: a refused row is asked again", || format!("{attempt:?}"));
            }
            Some(Meaning::NotVerifiable) => {
                unverified += 1;
                unverified_now += u32::from(attempt.run == run);
            }
            Some(Meaning::InternalError) => internal_now += u32::from(attempt.run == run),
            _ => {}
        }
    }
    let holds = unverified < 3 && unverified_now == 0 && internal_now < 2;
    hold(holds, "I6: asked more often than the table of reactions allows", || format!("{history:?}"))
}

/// The reactions of one run that can be seen from outside, kept apart from the conductor's own state.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// One call at a time: before the first answer, and after a doubt until an answer arrives.
    alone: bool,
    /// Rows in flight, and since when.
    flying: Vec<(RowNumber, Duration)>,
    started: VecDeque<Duration>,
    /// When 10020 was last heard: until a probe is answered otherwise, probes go one by one.
    maintenance: Option<Duration>,
    /// Since when there was nothing but 10011, 429 and 503.
    refused: Option<Duration>,
    /// Calls, billed, in doubt.
    pub(super) told: (u64, u64, u64),
    /// Kinds of findings that were met, as bits.
    pub(super) met: u32,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self { alone: true, ..Self::default() }
    }

    /// A call is allowed by the core.
    pub(super) fn started(&mut self, orders: &Orders, row: RowNumber, now: Duration) -> Checked {
        self.flying.push((row, now));
        hold(!self.alone || self.flying.len() == 1, "a call flies beside a canary or a probe", || {
            format!("{:?}", self.flying)
        })?;
        if let Some(heard) = self.maintenance {
            let probes = self.flying.iter().filter(|(_, started)| *started > heard).count();
            let is_late = now >= heard + Duration::from_secs(60);
            hold(is_late && probes == 1, "10020 is probed by one call at a time, a minute apart", || {
                format!("heard at {heard:?}, now {now:?}: {:?}", self.flying)
            })?;
        }
        let (rate, window) = (orders.limits.rate.calls() as usize, orders.limits.rate.window());
        self.started.push_back(now);
        while self.started.front().is_some_and(|at| *at + window < now) {
            self.started.pop_front();
        }
        hold(self.started.len() <= rate, "--rate is passed", || format!("{} in a window", self.started.len()))
    }

    /// A call has ended, and its answer is durable.
    pub(super) fn recorded(&mut self, row: RowNumber, finding: Finding, now: Duration) {
        let started = self.ended(row);
        self.met |= 1 << kind(finding);
        match finding.class() {
            Class::Billed => self.told.1 += 1,
            Class::InDoubt => self.told.2 += 1,
            Class::Unbilled | Class::NotSent => {}
        }
        self.told.0 += u64::from(finding.class() != Class::NotSent);
        match finding {
            Finding::PerAddressLimit | Finding::AskedToWait(_) => drop(self.refused.get_or_insert(now)),
            Finding::NotSent | Finding::CertificateInvalid | Finding::Doubt => {}
            _ => self.refused = None,
        }
        match finding {
            Finding::Doubt => self.alone = true,
            // What left before 10020 was heard is no probe.
            Finding::Maintenance if self.maintenance.is_some_and(|heard| started <= heard) => {}
            Finding::Maintenance => self.maintenance = Some(now),
            Finding::NotSent | Finding::CertificateInvalid | Finding::QuotaUsedUp => {}
            _ => {
                self.alone = false;
                self.maintenance = self.maintenance.filter(|heard| started <= *heard);
            }
        }
    }

    /// The run says that it stops. That the API asks to wait is a reason after half an hour of nothing else;
    /// where the run's own time is too short for a wait, that is the reason.
    pub(super) fn stops(&self, stop: Stop, now: Duration) -> Checked {
        let patience = Duration::from_secs(30 * 60);
        let was_patient = self.refused.is_some_and(|since| now.saturating_sub(since) >= patience);
        let gives_up = matches!(stop, Stop::Busy | Stop::AddressLimit);
        hold(!gives_up || was_patient, "half an hour of refusals is waited for", || {
            format!("{stop:?} at {now:?}, refused since {:?}", self.refused)
        })
    }

    /// A call has ended; returns when it was started.
    pub(super) fn ended(&mut self, row: RowNumber) -> Duration {
        let position = self.flying.iter().position(|(flying, _)| *flying == row);
        self.flying.swap_remove(position.expect("what ends was started")).1
    }
}

/// How many kinds of findings there are.
pub(super) const KINDS: u32 = 17;

/// The position of a finding's kind.
fn kind(finding: Finding) -> u32 {
    match finding {
        Finding::NotSent => 0,
        Finding::CertificateInvalid => 1,
        Finding::Doubt => 2,
        Finding::Settled => 3,
        Finding::UnknownRes => 4,
        Finding::FieldsRefused => 5,
        Finding::NotVerifiable => 6,
        Finding::KeyRefused => 7,
        Finding::ServiceStopped => 8,
        Finding::PerAddressLimit => 9,
        Finding::QuotaUsedUp => 10,
        Finding::InternalError => 11,
        Finding::Maintenance => 12,
        Finding::AskedToWait(_) => 13,
        Finding::ClientError(_) => 14,
        Finding::UnknownCode => 15,
        Finding::UndocumentedRefusal => 16,
    }
}

/// How many kinds of stops there are.
pub(super) const STOPS: u32 = 20;

/// The position of a stop's kind.
pub(super) fn kind_of_stop(stop: Stop) -> u32 {
    match stop {
        Stop::MaxCalls => 0,
        Stop::MaxCost => 1,
        Stop::DailyLimit => 2,
        Stop::QuotaUsedUp => 3,
        Stop::Deadline => 4,
        Stop::Signal => 5,
        Stop::AddressLimit => 6,
        Stop::KeyRefused => 7,
        Stop::AccessRefused(_) => 8,
        Stop::ServiceStopped => 9,
        Stop::Maintenance => 10,
        Stop::CertificateInvalid => 11,
        Stop::Unreachable => 12,
        Stop::Busy => 13,
        Stop::Doubts => 14,
        Stop::UnknownCodes => 15,
        Stop::UnknownRes => 16,
        Stop::FieldsRefused => 17,
        Stop::ClientError(_) => 18,
        Stop::LedgerFailed => 19,
    }
}
