//! The steps of a run: what happens, what the core says to it, and how that is carried out.

use std::time::Duration;

use reverify::domain::answer::{Class, Finding};
use reverify::domain::decide::IntentId;
use reverify::run::conductor::Now;
use reverify::run::core::{Command, Event, RowNumber};
use reverify::run::stop::Stop;

use super::ledger::Request;
use super::oracle::{Checked, hold};
use super::process::{Process, is_due};
use super::replies;
use super::sabotage::Sabotage;
use super::server::Way;
use super::world::{Coming, Photo, World};

/// `--timeout`.
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    pub(super) fn happen(&mut self, process: &mut Process<'_>, what: Coming, is_own: bool) -> Checked {
        match what {
            Coming::Arrival { row, intent, patience } => {
                let (seen_at, event) = self.arrive(row, intent, patience)?;
                if is_own && self.at < patience {
                    self.at_time(seen_at, Coming::Tell(event));
                }
                Ok(())
            }
            Coming::Commit => self.commit(process),
            Coming::Wake(at) if process.alarm == Some(at) => {
                process.alarm = None;
                self.tell(process, Event::Woke)
            }
            Coming::Wake(_) => Ok(()),
            Coming::Fetched(event) => {
                process.fetched += u64::from(!matches!(event, Event::RowsEnded | Event::RowsFailed));
                process.ready += u64::from(matches!(event, Event::RowReady(_)));
                self.tell(process, event)
            }
            Coming::Tell(event) => {
                if let Event::Answered(row, finding, _) = &event {
                    let sent = process.in_hand.iter_mut().find(|(in_hand, ..)| in_hand == row);
                    sent.expect("it was sent").2 = *finding;
                }
                let event = self.garble(event);
                self.tell(process, event)
            }
        }
    }

    /// What a sabotaged program makes of an answer.
    fn garble(&self, event: Event) -> Event {
        match (self.sabotage, event) {
            (Sabotage::RepeatsAfterATimeout, Event::Answered(row, Finding::Doubt, _)) => {
                let exchange = replies::not_sent(Finding::NotSent);
                Event::Answered(row, exchange.finding, Box::new(exchange.answer))
            }
            (Sabotage::TakesUnknownCodesForFree, Event::Answered(row, Finding::UnknownCode, mut answer)) => {
                answer.class = Class::Unbilled;
                Event::Answered(row, Finding::UnknownCode, answer)
            }
            (Sabotage::HurriesAfterADoubt, Event::Answered(row, Finding::Doubt, answer)) => {
                Event::Answered(row, Finding::UnknownCode, answer)
            }
            (_, event) => event,
        }
    }

    /// Tells the core of an event, and carries out what it says.
    fn tell(&mut self, process: &mut Process<'_>, event: Event) -> Checked {
        self.note(|| format!("event {event:?}"));
        self.watch_event(process, &event)?;
        let was_stopped = process.core.stopped().is_some();
        let now = Now { since_start: self.at.saturating_sub(process.began), clock: self.wall() };
        for command in process.core.on(event, now) {
            self.note(|| format!("      {command:?}"));
            self.carry_out(process, command, was_stopped)?;
        }
        match process.core.stopped().filter(|_| !was_stopped) {
            Some(stop) => process.watch.stops(stop, self.at),
            None => Ok(()),
        }
    }

    fn watch_event(&mut self, process: &mut Process<'_>, event: &Event) -> Checked {
        match event {
            Event::Reserved(row, intent) => {
                self.the_days_limit_holds(process, self.subject_of(*row), *intent)
            }
            Event::NotDue(row, _) | Event::NotReserved(row) | Event::NotRecorded(row) => {
                process.watch.ended(*row);
                Ok(())
            }
            Event::Broken(row) => {
                process.watch.ended(*row);
                process.in_hand.retain(|(in_hand, ..)| in_hand != row);
                self.ledger.gave_up_a_call();
                Ok(())
            }
            Event::Recorded(row) => {
                let position = process.in_hand.iter().position(|(in_hand, ..)| in_hand == row);
                let (_, intent, finding) = process.in_hand.swap_remove(position.expect("it was sent"));
                process.watch.recorded(*row, finding, self.at);
                self.oracle.recorded(&self.ledger, self.subject_of(*row), intent)
            }
            _ => Ok(()),
        }
    }

    fn carry_out(&mut self, process: &mut Process<'_>, command: Command, was_stopped: bool) -> Checked {
        match command {
            Command::FetchRow => self.fetch(process),
            Command::Reserve { row, at } => {
                hold(
                    !was_stopped && process.core.stopped() != Some(Stop::LedgerFailed),
                    "a call starts after the stop",
                    || format!("row {row}"),
                )?;
                let in_time = process.orders.limits.deadline.is_none_or(|deadline| at < deadline);
                hold(in_time, "a call starts at or after the deadline", || format!("row {row} at {at}"))?;
                process.watch.started(process.orders, row, self.at)?;
                let subject = self.subject_of(row);
                let (policy, run) = (process.orders.policy, process.run);
                self.ask_the_ledger(
                    process,
                    Request::Reserve { row, subject, at: self.stamp(), policy, run },
                );
            }
            Command::Send { row, intent } => self.send(process, row, intent)?,
            Command::Record { row, intent, answer } => {
                let subject = self.subject_of(row);
                self.ask_the_ledger(process, Request::Record { row, subject, intent, answer });
            }
            Command::Forget(_) => process.forgotten += 1,
            Command::WakeAt(since_start) => {
                let at = (process.began + since_start).max(self.at);
                process.alarm = Some(at);
                if self.sabotage != Sabotage::OversleepsTheAlarm || !self.chance.percent(5) {
                    self.at_time(at, Coming::Wake(at));
                }
            }
            Command::End => process.over = true,
        }
        Ok(())
    }

    fn fetch(&mut self, process: &mut Process<'_>) {
        let event = loop {
            let Some(row) = self.rows.get(process.cursor).copied() else { break Event::RowsEnded };
            process.cursor += 1;
            let number = process.cursor as RowNumber;
            if !process.due_at_first[process.cursor - 1] {
                continue;
            }
            if self.sabotage == Sabotage::LosesARow && self.chance.percent(10) {
                continue;
            }
            if row.photo == Photo::Bad {
                break Event::RowRefused;
            }
            self.rows[process.cursor - 1].photo = Photo::Known;
            // It may have been looked up a good while ago.
            let standing = self.standing(row, &process.orders.policy, process.run);
            break if is_due(&standing) || (row.photo == Photo::Known && self.chance.percent(50)) {
                Event::RowReady(number)
            } else {
                Event::RowNotDue(standing)
            };
        };
        let takes =
            if self.chance.percent(20) { self.chance.millis(0, 5_000) } else { self.chance.millis(0, 20) };
        self.later(takes, Coming::Fetched(event));
    }

    fn ask_the_ledger(&mut self, process: &mut Process<'_>, request: Request) {
        if self.ledger.ask(request) {
            self.begin_commit();
        }
        self.refuse_what_comes_too_late(process);
    }

    fn begin_commit(&mut self) {
        if !self.ledger.begin_group() {
            return;
        }
        for reply in self.ledger.replies_too_early() {
            self.later(Duration::ZERO, Coming::Tell(reply));
        }
        let takes = self.chance.millis(0, 12);
        self.later(takes, Coming::Commit);
    }

    fn commit(&mut self, process: &mut Process<'_>) -> Checked {
        let replies = if process.orders.failing_commit == Some(process.commits) {
            let lasts = self.chance.percent(50);
            self.note(|| format!("the commit fails; it lasts all the same: {lasts}"));
            process.ledger_failed = true;
            self.ledger.fail(lasts)
        } else {
            self.note(|| "commit".to_owned());
            self.ledger.commit()
        };
        process.commits += 1;
        for reply in replies {
            let takes = self.chance.millis(0, 1);
            self.later(takes, Coming::Tell(reply));
        }
        self.begin_commit_of_what_waits(process);
        self.oracle.nothing_was_lost(&self.ledger)
    }

    fn begin_commit_of_what_waits(&mut self, process: &mut Process<'_>) {
        if !self.ledger.has_failed() {
            self.begin_commit();
        }
        self.refuse_what_comes_too_late(process);
    }

    fn refuse_what_comes_too_late(&mut self, process: &mut Process<'_>) {
        for refusal in self.ledger.refusals() {
            process.ledger_failed = true;
            self.later(Duration::ZERO, Coming::Tell(refusal));
        }
    }

    fn send(&mut self, process: &mut Process<'_>, row: RowNumber, intent: IntentId) -> Checked {
        let subject = self.subject_of(row);
        self.oracle.may_send(
            &self.ledger,
            &mut self.server,
            &process.orders.policy,
            process.run,
            (subject, intent),
        )?;
        hold(
            !process.ledger_failed || process.core.stopped().is_none(),
            "a call is made after the ledger failed",
            || format!("row {row}"),
        )?;
        process.in_hand.push((row, intent, Finding::Doubt));
        self.calls += 1;
        match self.server.way(self.at, &mut self.chance) {
            Way::NotSent(finding) => {
                self.server.not_travelling(intent);
                let exchange = replies::not_sent(finding);
                self.answer_later(row, exchange);
            }
            Way::Lost => {
                self.server.not_travelling(intent);
                if self.chance.percent(5) {
                    self.later(Duration::ZERO, Coming::Tell(Event::Broken(row)));
                    return Ok(());
                }
                self.answer_later(row, replies::doubt());
            }
            Way::Arrives(takes) => {
                let patience = self.at + PATIENCE;
                if takes >= PATIENCE {
                    let doubt = replies::doubt();
                    let event = Event::Answered(row, doubt.finding, Box::new(doubt.answer));
                    self.later(PATIENCE, Coming::Tell(event));
                    self.later(takes, Coming::Arrival { row, intent, patience });
                } else {
                    self.later(takes, Coming::Arrival { row, intent, patience });
                }
            }
        }
        Ok(())
    }

    fn answer_later(&mut self, row: RowNumber, exchange: reverify::api::Exchange) {
        let takes = if self.chance.percent(30) { PATIENCE } else { self.chance.millis(0, 400) };
        self.later(takes, Coming::Tell(Event::Answered(row, exchange.finding, Box::new(exchange.answer))));
    }
}
