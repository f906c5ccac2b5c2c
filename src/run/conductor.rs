//! When a call may start, and what its ending means for the row and the run: the reaction table, as
//! events in and decisions out.
//!
//! Not here: async, clocks and sockets. Moments come in as [`Now`], chance as a seed.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::stop::{Pause, Stop};
use crate::domain::answer::{Class, Finding};
use crate::domain::decide::INTERNAL_ERROR_TRIES;
use crate::domain::money::Yuan;
use crate::domain::shanghai;
use crate::pace::{Pacer, Rate};

const DOUBTS_TO_STOP: u32 = 5;
const UNKNOWN_CODES_TO_STOP: u32 = 3;
const UNKNOWN_RES_TO_STOP: u32 = 3;
const FIELDS_REFUSED_TO_STOP: u32 = 5;
const INTERNAL_ERRORS_TO_PAUSE: u32 = 3;
const NOT_SENT_TO_PAUSE: u32 = 5;

const UNREACHABLE_PAUSE: Duration = Duration::from_secs(30);
const UNREACHABLE_GIVE_UP: Duration = Duration::from_secs(10 * 60);
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_LONGEST: Duration = Duration::from_secs(30);
const INTERNAL_ERROR_WAIT: Duration = Duration::from_secs(60);
const ADDRESS_PAUSE_FIRST: Duration = Duration::from_secs(1);
const ADDRESS_PAUSE_LONGEST: Duration = Duration::from_secs(60);
const REFUSALS_GIVE_UP: Duration = Duration::from_secs(30 * 60);
const PROBE_FIRST: Duration = Duration::from_secs(60);
const PROBE_LONGEST: Duration = Duration::from_secs(30 * 60);
const ASKED_WAIT_LEAST: Duration = Duration::from_secs(1);
const ASKED_WAIT_MOST: Duration = Duration::from_secs(5 * 60);
const ASKED_WAIT_USUAL: Duration = Duration::from_secs(5);
/// A new day's quota may begin a little late.
const AFTER_MIDNIGHT: Duration = Duration::from_secs(30);

/// One moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Since the run began; never goes back.
    pub since_start: Duration,
    /// What the wall clock shows.
    pub clock: Timestamp,
}

/// What to do at a quota's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnQuota {
    /// End the run.
    #[default]
    Stop,
    /// Sleep until the next day of Asia/Shanghai.
    Wait,
}

/// The operator's bounds of one run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Calls in flight at most.
    pub concurrency: u32,
    /// Calls in any second or minute at most.
    pub rate: Rate,
    /// Calls of this run at most.
    pub max_calls: Option<u64>,
    /// Cost of this run at most, and the price of a call.
    pub max_cost: Option<(Yuan, Yuan)>,
    /// Calls of one day of Asia/Shanghai at most, those of earlier runs included.
    pub daily_limit: Option<u64>,
    /// What to do at a quota's end.
    pub on_quota: OnQuota,
    /// No call starts at or after this moment.
    pub deadline: Option<Timestamp>,
    /// Whether the deadline is a `--stop-at`, until which maintenance is waited for.
    pub wait_for_maintenance: bool,
}

/// May one more call start?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Yes; what it may cost is reserved.
    Start(Ticket),
    /// Not before this moment since the start.
    Wait(Duration, Pause),
    /// Not before a call that is in flight has ended.
    WaitForAnswer,
    /// Not in this run.
    Stop(Stop),
}

/// A call that was allowed: handed back when it has ended.
#[must_use = "what it reserves is only freed by handing it back"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    started: Duration,
    day: Date,
}

/// How often a row has been tried in this run, by what made it try again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    not_sent: u32,
    internal_errors: usize,
}

/// What becomes of a row after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing more in this run.
    Done,
    /// Another call, not before this moment since the start.
    Again(Duration),
}

/// How many endings of a kind there were in a row.
#[derive(Clone, Copy, Debug, Default)]
struct Streaks {
    doubts: u32,
    unknown_codes: u32,
    unknown_res: u32,
    fields_refused: u32,
    internal_errors: u32,
    not_sent: u32,
}

/// Conducts one run.
#[derive(Debug)]
pub struct Conductor {
    limits: Limits,
    pacer: Pacer,
    stop: Option<Stop>,
    in_flight: u32,
    /// One call at a time: the canary, and after a doubt or a pause that only a probe can end.
    alone: bool,
    /// What was started before this moment is no probe: its answer does not end going one by one.
    probing_since: Option<Duration>,
    pause: Option<(Duration, Pause)>,
    /// Calls of this run, in flight included, without those that never left whole.
    calls: u64,
    /// Of those, the ones that may cost money.
    payable: u64,
    day: Date,
    calls_of_day: u64,
    streaks: Streaks,
    unreachable_since: Option<Duration>,
    refused_since: Option<Duration>,
    slowed_at: Option<Duration>,
    address_pause: Duration,
    probe_delay: Duration,
    probed_at: Option<Duration>,
    chance: u64,
}

impl Conductor {
    /// Begins a run on a day on which earlier runs have made `calls_of_day` calls.
    pub fn new(limits: Limits, now: Now, calls_of_day: u64, seed: u64) -> Self {
        Self {
            pacer: Pacer::new(limits.rate),
            limits,
            stop: None,
            in_flight: 0,
            alone: true,
            probing_since: None,
            pause: None,
            calls: 0,
            payable: 0,
            day: shanghai::day(now.clock),
            calls_of_day,
            streaks: Streaks::default(),
            unreachable_since: None,
            refused_since: None,
            slowed_at: None,
            address_pause: ADDRESS_PAUSE_FIRST,
            probe_delay: PROBE_FIRST,
            probed_at: None,
            chance: seed | 1,
        }
    }

    /// Why no further call starts, once that is so.
    pub fn stopped(&self) -> Option<Stop> {
        self.stop
    }

    /// Ends the run from outside; the first reason stays.
    pub fn stop(&mut self, stop: Stop) {
        self.stop.get_or_insert(stop);
    }

    /// When `--stop-at` or `--max-duration` ends the run, as a moment since its start.
    pub fn deadline(&self, now: Now) -> Option<Duration> {
        let left = self.limits.deadline?.duration_since(now.clock);
        Some(now.since_start + Duration::try_from(left).unwrap_or(Duration::ZERO))
    }

    /// Calls that were started and have not ended.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// The rate in force, in calls per second.
    pub fn calls_per_second(&self) -> f64 {
        self.pacer.calls_per_second()
    }

    /// Decides whether a call may start now, and reserves what it may cost if so.
    pub fn ask(&mut self, now: Now) -> Gate {
        self.stop_at_the_deadline(now);
        if let Some(stop) = self.stop {
            return Gate::Stop(stop);
        }
        if let Some((until, why)) = self.pause {
            if now.since_start < until {
                return Gate::Wait(until, why);
            }
            self.pause = None;
        }
        let most = if self.alone { 1 } else { self.limits.concurrency };
        if self.in_flight >= most {
            return Gate::WaitForAnswer;
        }
        self.begin_day(now);
        if let Some(spent) = self.spent() {
            if self.in_flight > 0 {
                return Gate::WaitForAnswer; // Its ending may free what it reserves.
            }
            return self.at_the_end_of(spent, now);
        }
        if let Err(until) = self.pacer.take(now.since_start) {
            return Gate::Wait(until, Pause::Rate);
        }
        self.in_flight += 1;
        self.calls += 1;
        self.payable += 1;
        self.calls_of_day += 1;
        Gate::Start(Ticket { started: now.since_start, day: self.day })
    }

    /// Ends the run if its time has come.
    pub fn stop_at_the_deadline(&mut self, now: Now) {
        if self.limits.deadline.is_some_and(|deadline| now.clock >= deadline) {
            self.stop(Stop::Deadline);
        }
    }

    /// Takes a ticket back whose call was not made after all.
    pub fn cancelled(&mut self, ticket: Ticket) {
        self.end(ticket, Class::NotSent);
    }

    /// Takes a ticket back whose call was never answered for: a doubt.
    pub fn lost(&mut self, ticket: Ticket, now: Now) {
        let mut tries = Tries::default();
        self.ended(ticket, Finding::Doubt, &mut tries, now);
    }

    /// Decides what an ending means for its row, and lets the run react to it.
    pub fn ended(&mut self, ticket: Ticket, finding: Finding, tries: &mut Tries, now: Now) -> Next {
        self.end(ticket, finding.class());
        self.count(finding, ticket);
        let at = now.since_start;
        match finding {
            Finding::Settled | Finding::NotVerifiable => {
                self.pacer.accepted(at);
                Next::Done
            }
            Finding::UnknownRes => {
                self.done_unless(self.streaks.unknown_res >= UNKNOWN_RES_TO_STOP, Stop::UnknownRes)
            }
            Finding::FieldsRefused => {
                self.done_unless(self.streaks.fields_refused >= FIELDS_REFUSED_TO_STOP, Stop::FieldsRefused)
            }
            Finding::UnknownCode => {
                self.done_unless(self.streaks.unknown_codes >= UNKNOWN_CODES_TO_STOP, Stop::UnknownCodes)
            }
            Finding::Doubt => {
                self.alone = true;
                self.done_unless(self.streaks.doubts >= DOUBTS_TO_STOP, Stop::Doubts)
            }
            Finding::KeyRefused | Finding::UndocumentedRefusal => self.done_unless(true, Stop::KeyRefused),
            Finding::ServiceStopped => self.done_unless(true, Stop::ServiceStopped),
            Finding::CertificateInvalid => self.done_unless(true, Stop::CertificateInvalid),
            Finding::ClientError(status @ (401 | 403)) => self.done_unless(true, Stop::AccessRefused(status)),
            Finding::ClientError(status) => self.done_unless(true, Stop::ClientError(status)),
            Finding::NotSent => self.not_sent(tries, now),
            Finding::InternalError => self.internal_error(tries, now),
            Finding::PerAddressLimit => self.address_limit(ticket, now),
            Finding::QuotaUsedUp => self.quota_used_up(now),
            Finding::Maintenance => self.maintenance(ticket, now),
            Finding::AskedToWait(wait) => self.asked_to_wait(wait, now),
        }
    }

    fn end(&mut self, ticket: Ticket, class: Class) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if class == Class::NotSent {
            self.calls = self.calls.saturating_sub(1);
            if ticket.day == self.day {
                self.calls_of_day = self.calls_of_day.saturating_sub(1);
            }
        }
        if matches!(class, Class::NotSent | Class::Unbilled) {
            self.payable = self.payable.saturating_sub(1);
        }
    }

    /// Counts what came in a row; an answer of any kind ends the streaks of all other kinds.
    fn count(&mut self, finding: Finding, ticket: Ticket) {
        let before = self.streaks;
        let answered = !matches!(finding, Finding::NotSent | Finding::CertificateInvalid | Finding::Doubt);
        if answered {
            self.streaks = Streaks::default();
            self.unreachable_since = None;
            let is_probe = self.probing_since.is_none_or(|since| ticket.started > since);
            if is_probe && !matches!(finding, Finding::Maintenance | Finding::QuotaUsedUp) {
                self.alone = false;
                self.probing_since = None;
                self.probe_delay = PROBE_FIRST;
            }
        }
        if answered && !matches!(finding, Finding::PerAddressLimit | Finding::AskedToWait(_)) {
            self.refused_since = None;
            self.address_pause = ADDRESS_PAUSE_FIRST;
        }
        match finding {
            Finding::Doubt => self.streaks.doubts = before.doubts + 1,
            Finding::UnknownCode => self.streaks.unknown_codes = before.unknown_codes + 1,
            Finding::UnknownRes => self.streaks.unknown_res = before.unknown_res + 1,
            Finding::FieldsRefused => self.streaks.fields_refused = before.fields_refused + 1,
            Finding::InternalError => self.streaks.internal_errors = before.internal_errors + 1,
            Finding::NotSent => self.streaks.not_sent = before.not_sent + 1,
            _ => {}
        }
    }

    fn done_unless(&mut self, stops: bool, stop: Stop) -> Next {
        if stops {
            self.stop(stop);
        }
        Next::Done
    }

    fn not_sent(&mut self, tries: &mut Tries, now: Now) -> Next {
        let at = now.since_start;
        let since = *self.unreachable_since.get_or_insert(at);
        if at.saturating_sub(since) >= UNREACHABLE_GIVE_UP {
            self.stop(Stop::Unreachable);
        }
        if self.streaks.not_sent.is_multiple_of(NOT_SENT_TO_PAUSE) {
            self.probe_from(now);
            self.pause_for(UNREACHABLE_PAUSE, Pause::Unreachable, Stop::Unreachable, now);
        }
        let backoff = BACKOFF_FIRST.saturating_mul(1 << tries.not_sent.min(16)).min(BACKOFF_LONGEST);
        tries.not_sent += 1;
        Next::Again(at + backoff.mul_f64(0.5 + self.chance() / 2.0))
    }

    fn internal_error(&mut self, tries: &mut Tries, now: Now) -> Next {
        if self.streaks.internal_errors >= INTERNAL_ERRORS_TO_PAUSE {
            self.probe_from(now);
            self.pause_for(INTERNAL_ERROR_WAIT, Pause::InternalErrors, Stop::Deadline, now);
        }
        tries.internal_errors += 1;
        if tries.internal_errors < INTERNAL_ERROR_TRIES {
            Next::Again(now.since_start + INTERNAL_ERROR_WAIT)
        } else {
            Next::Done
        }
    }

    fn address_limit(&mut self, ticket: Ticket, now: Now) -> Next {
        let at = now.since_start;
        let since = *self.refused_since.get_or_insert(at);
        if at.saturating_sub(since) >= REFUSALS_GIVE_UP {
            self.stop(Stop::AddressLimit);
        }
        // Calls that left before the rate was halved say nothing about the new rate.
        if self.slowed_at.is_none_or(|slowed| ticket.started > slowed) {
            self.pacer.slow_down(at);
            self.slowed_at = Some(at);
            self.pause_for(self.address_pause, Pause::AddressLimit, Stop::Deadline, now);
            self.address_pause = (self.address_pause * 2).min(ADDRESS_PAUSE_LONGEST);
        }
        Next::Again(self.pause.map_or(at, |(until, _)| until))
    }

    fn quota_used_up(&mut self, now: Now) -> Next {
        match self.limits.on_quota {
            OnQuota::Stop => self.done_unless(true, Stop::QuotaUsedUp),
            OnQuota::Wait => {
                self.wait_for_tomorrow(Stop::QuotaUsedUp, now);
                Next::Again(self.pause.map_or(now.since_start, |(until, _)| until))
            }
        }
    }

    fn maintenance(&mut self, ticket: Ticket, now: Now) -> Next {
        if !self.limits.wait_for_maintenance {
            return self.done_unless(true, Stop::Maintenance);
        }
        self.probe_from(now);
        if self.probed_at.is_none_or(|probed| ticket.started > probed) {
            self.probed_at = Some(now.since_start);
            self.pause_for(self.probe_delay, Pause::Maintenance, Stop::Maintenance, now);
            self.probe_delay = (self.probe_delay * 2).min(PROBE_LONGEST);
        }
        Next::Again(self.pause.map_or(now.since_start, |(until, _)| until))
    }

    fn asked_to_wait(&mut self, wait: Option<Duration>, now: Now) -> Next {
        let at = now.since_start;
        let since = *self.refused_since.get_or_insert(at);
        if at.saturating_sub(since) >= REFUSALS_GIVE_UP {
            self.stop(Stop::Busy);
        }
        let wait = wait.unwrap_or(ASKED_WAIT_USUAL).clamp(ASKED_WAIT_LEAST, ASKED_WAIT_MOST);
        self.pause_for(wait, Pause::AskedToWait, Stop::Deadline, now);
        Next::Again(at + wait)
    }

    /// From now on one call at a time, until one that starts later is answered.
    fn probe_from(&mut self, now: Now) {
        self.alone = true;
        self.probing_since = Some(now.since_start);
    }

    fn wait_for_tomorrow(&mut self, or_else: Stop, now: Now) {
        self.probe_from(now);
        let left = shanghai::next_midnight(now.clock).duration_since(now.clock);
        let left: Duration = left.try_into().unwrap_or_default();
        self.pause_for(left + AFTER_MIDNIGHT, Pause::Quota, or_else, now);
    }

    /// Lets nothing start for a while; a pause that would outlast the deadline ends the run at once. What the
    /// API asks to wait for is then cut short by the deadline; where nobody answers, or 10020 does, that is why.
    fn pause_for(&mut self, wait: Duration, why: Pause, or_else: Stop, now: Now) {
        let ends = now.clock.checked_add(wait).unwrap_or(Timestamp::MAX);
        if self.limits.deadline.is_some_and(|deadline| ends >= deadline) {
            self.stop(or_else);
            return;
        }
        let until = now.since_start + wait;
        if self.pause.is_none_or(|(known, _)| known < until) {
            self.pause = Some((until, why));
        }
    }

    fn begin_day(&mut self, now: Now) {
        let today = shanghai::day(now.clock);
        // A clock that is set back must not free a day's calls.
        if today > self.day {
            self.day = today;
            self.calls_of_day = u64::from(self.in_flight);
        }
    }

    fn spent(&self) -> Option<Stop> {
        let affordable = self.limits.max_cost.and_then(|(cap, price)| cap.calls_at(price));
        if self.limits.max_calls.is_some_and(|most| self.calls >= most) {
            Some(Stop::MaxCalls)
        } else if affordable.is_some_and(|most| self.payable >= most) {
            Some(Stop::MaxCost)
        } else if self.limits.daily_limit.is_some_and(|most| self.calls_of_day >= most) {
            Some(Stop::DailyLimit)
        } else {
            None
        }
    }

    fn at_the_end_of(&mut self, spent: Stop, now: Now) -> Gate {
        // No day is waited for that allows no call either.
        let tomorrow_helps = spent == Stop::DailyLimit && self.limits.daily_limit != Some(0);
        if tomorrow_helps && self.limits.on_quota == OnQuota::Wait {
            self.wait_for_tomorrow(Stop::DailyLimit, now);
            if let Some((until, why)) = self.pause {
                return Gate::Wait(until, why);
            }
        }
        self.stop(spent);
        Gate::Stop(self.stop.unwrap_or(spent))
    }

    /// A number from 0 to 1 (xorshift: jitter needs no more).
    fn chance(&mut self) -> f64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        f64::from(u32::try_from(self.chance >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
