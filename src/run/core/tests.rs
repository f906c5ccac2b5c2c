//! The order of a call's steps, and what the core does about rows that wait, fail or run out.

use super::*;
use crate::domain::answer::Class;
use crate::run::conductor::OnQuota;

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> Limits {
    Limits {
        concurrency: 4,
        rate: "1000/s".parse().unwrap(),
        max_calls: None,
        max_cost: None,
        daily_limit: None,
        on_quota: OnQuota::Stop,
        deadline: None,
        wait_for_maintenance: false,
    }
}

fn moment(since_start: Duration) -> Now {
    let begins: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
    Now { since_start, clock: begins + since_start }
}

/// A core and a clock that only a test moves.
struct Scene {
    core: Core,
    at: Duration,
}

impl Scene {
    fn new(limits: Limits) -> Self {
        let core = Core::new(limits, moment(Duration::ZERO), 0, 7, Snapshot::default());
        Self { core, at: Duration::ZERO }
    }

    /// A run whose first row was answered, so that several calls may be in flight.
    fn warmed_up(limits: Limits) -> Self {
        let mut scene = Self::new(limits);
        assert_eq!(scene.on(Event::Woke), [Command::FetchRow]);
        scene.on(Event::RowReady(0));
        scene.on(Event::Reserved(0, IntentId(1000)));
        scene.on(settled(0));
        scene.on(Event::Recorded(0));
        scene.at += SECOND;
        scene
    }

    fn on(&mut self, event: Event) -> Vec<Command> {
        let mut commands = self.core.on(event, moment(self.at));
        commands.retain(|command| !matches!(command, Command::WakeAt(_)));
        commands
    }

    /// The row arrives, in its time.
    fn ready(&mut self, row: RowNumber) -> Vec<Command> {
        self.at += SECOND;
        self.on(Event::RowReady(row))
    }

    fn reserve(&self, row: RowNumber) -> Command {
        Command::Reserve { row, at: moment(self.at).clock }
    }
}

fn answer(finding: Finding) -> Box<Answer> {
    let res = (finding == Finding::Settled).then(|| "100".to_owned());
    Box::new(Answer { res, ..Answer::without_reply(finding.class(), "", moment(Duration::ZERO).clock) })
}

fn answered(row: RowNumber, finding: Finding) -> Event {
    Event::Answered(row, finding, answer(finding))
}

fn settled(row: RowNumber) -> Event {
    answered(row, Finding::Settled)
}

#[test]
fn a_row_is_sent_once_its_intent_is_durable_and_leaves_its_slot_once_its_answer_is() {
    let mut scene = Scene::new(limits());
    assert_eq!(scene.on(Event::Woke), [Command::FetchRow]);
    let reserve = scene.reserve(1);
    assert_eq!(scene.on(Event::RowReady(1)), [reserve, Command::FetchRow]);
    let intent = IntentId(5);
    assert_eq!(scene.on(Event::Reserved(1, intent)), [Command::Send { row: 1, intent }]);
    let record = Command::Record { row: 1, intent, answer: answer(Finding::Settled) };
    assert_eq!(scene.on(settled(1)), [record]);
    assert_eq!(scene.core.shown().in_flight, 1, "an answer that is not durable yet holds its slot");
    assert_eq!((scene.core.shown().done, scene.core.shown().billed), (0, 0));
    assert_eq!(scene.on(Event::Recorded(1)), [Command::Forget(1)]);
    assert_eq!((scene.core.shown().in_flight, scene.core.shown().done), (0, 1));
    assert_eq!(scene.core.shown().count(Decision::Match), 1);
    assert_eq!(scene.on(Event::RowsEnded), [Command::End]);
}

#[test]
fn no_event_out_of_its_turn_sends_or_frees_anything() {
    let every = || {
        [
            Event::Reserved(1, IntentId(9)),
            settled(1),
            Event::Recorded(1),
            Event::NotDue(2, Standing::Settled),
            Event::Reserved(2, IntentId(9)),
            settled(2),
            Event::Recorded(2),
        ]
    };
    // In each stage of row 1, the event that belongs to it is left out.
    for stage in 0..3 {
        let mut scene = Scene::new(limits());
        scene.on(Event::Woke);
        scene.on(Event::RowReady(1));
        for event in every().into_iter().take(stage) {
            scene.on(event);
        }
        for (position, event) in every().into_iter().enumerate() {
            if position == stage {
                continue;
            }
            let commands = scene.on(event.clone());
            let is_harmless = |command: &Command| matches!(command, Command::Forget(2));
            assert!(commands.iter().all(is_harmless), "{stage}: {event:?} -> {commands:?}");
            assert_eq!(scene.core.shown().in_flight, 1, "{stage}: {event:?}");
        }
    }
}

#[test]
fn a_row_that_is_not_due_any_more_costs_nothing_and_frees_its_slot() {
    let mut scene = Scene::new(Limits { max_calls: Some(1), ..limits() });
    scene.on(Event::Woke);
    scene.on(Event::RowReady(1));
    assert_eq!(scene.on(Event::NotDue(1, Standing::Settled)), [Command::Forget(1)]);
    assert_eq!((scene.core.shown().in_flight, scene.core.shown().done), (0, 1));
    let commands = scene.ready(2);
    assert_eq!(commands, [scene.reserve(2), Command::FetchRow]);
}

#[test]
fn a_row_that_nobody_answered_elsewhere_is_counted_and_an_answered_one_is_not() {
    for (standing, unresolved, pending) in [
        (Standing::Held, 1, 0),
        (Standing::Spent, 0, 1),
        (Standing::Settled, 0, 0),
        (Standing::InFlight, 0, 0),
        (Standing::Refused, 0, 0),
    ] {
        let mut scene = Scene::new(limits());
        scene.on(Event::Woke);
        scene.on(Event::RowNotDue(standing.clone()));
        assert_eq!(scene.core.shown().count(Decision::Unresolved), unresolved, "{standing:?}");
        assert_eq!(scene.core.shown().count(Decision::Pending), pending, "{standing:?}");
        assert_eq!(scene.core.shown().done, 1);
    }
}

#[test]
fn a_refused_photo_is_counted_and_the_next_row_fetched() {
    let mut scene = Scene::new(limits());
    scene.on(Event::Woke);
    assert_eq!(scene.on(Event::RowRefused), [Command::FetchRow]);
    assert_eq!(scene.core.shown().count(Decision::Rejected), 1);
}

#[test]
fn what_never_left_waits_without_a_slot_and_is_reserved_anew() {
    let mut scene = Scene::warmed_up(limits());
    scene.ready(1);
    scene.on(Event::Reserved(1, IntentId(1)));
    scene.on(answered(1, Finding::NotSent));
    let commands = scene.on(Event::Recorded(1));
    assert_eq!(commands, [], "it is kept, and tried later");
    assert_eq!((scene.core.shown().in_flight, scene.core.shown().done), (0, 1));
    scene.at += SECOND;
    assert_eq!(scene.on(Event::Woke), [scene.reserve(1)]);
}

#[test]
fn the_run_does_not_end_while_a_row_waits_to_be_tried_again() {
    let mut scene = Scene::warmed_up(limits());
    scene.ready(1);
    scene.on(Event::Reserved(1, IntentId(1)));
    scene.on(answered(1, Finding::InternalError));
    scene.on(Event::RowsEnded);
    let commands = scene.core.on(Event::Recorded(1), moment(scene.at));
    assert_eq!(commands, [Command::WakeAt(scene.at + SECOND * 60)]);
    scene.at += SECOND * 60;
    assert_eq!(scene.on(Event::Woke), [scene.reserve(1)]);
    scene.on(Event::Reserved(1, IntentId(2)));
    scene.on(answered(1, Finding::InternalError));
    assert_eq!(scene.on(Event::Recorded(1)), [Command::Forget(1), Command::End]);
    assert_eq!(scene.core.shown().count(Decision::Pending), 1);
}

#[test]
fn an_interruption_finishes_what_is_in_flight_and_starts_nothing() {
    let mut scene = Scene::warmed_up(limits());
    scene.ready(1);
    scene.ready(2);
    scene.on(Event::Reserved(1, IntentId(1)));
    assert_eq!(scene.on(Event::Interrupted), []);
    assert_eq!(scene.core.stopped(), Some(Stop::Signal));
    assert_eq!(
        scene.on(Event::Reserved(2, IntentId(2))),
        [Command::Send { row: 2, intent: IntentId(2) }],
        "what holds a slot is finished"
    );
    assert_eq!(scene.ready(3), [], "nothing new begins");
    scene.on(settled(1));
    scene.on(settled(2));
    scene.on(Event::Recorded(1));
    assert_eq!(scene.on(Event::Recorded(2)), [Command::Forget(2), Command::End]);
}

#[test]
fn a_ledger_that_failed_lets_nothing_more_be_sent_even_under_a_durable_intent() {
    for failure in [Event::NotReserved(2), Event::NotRecorded(3), Event::RowsFailed] {
        let mut scene = Scene::warmed_up(limits());
        for row in 1..=3 {
            scene.ready(row);
        }
        scene.on(Event::Reserved(3, IntentId(3)));
        scene.on(settled(3));
        scene.on(failure.clone());
        assert_eq!(scene.core.stopped(), Some(Stop::LedgerFailed), "{failure:?}");
        let commands = scene.on(Event::Reserved(1, IntentId(1)));
        assert!(!commands.iter().any(|command| matches!(command, Command::Send { .. })), "{failure:?}");
        scene.on(Event::NotReserved(2));
        let last = scene.on(Event::NotRecorded(3));
        let ended = last.contains(&Command::End) || matches!(failure, Event::NotRecorded(_));
        assert!(ended && scene.core.shown().in_flight == 0, "{failure:?}: {last:?}");
    }
}

#[test]
fn a_call_that_breaks_down_is_in_doubt_and_is_not_repeated() {
    let mut scene = Scene::warmed_up(limits());
    scene.ready(1);
    scene.on(Event::Reserved(1, IntentId(1)));
    assert_eq!(scene.on(Event::Broken(1)), [Command::Forget(1)]);
    assert_eq!(scene.core.shown().count(Decision::Unresolved), 1);
    scene.at += SECOND * 1000;
    assert_eq!(scene.on(Event::Woke), []);
    assert_eq!(scene.on(Event::RowsEnded), [Command::End]);
}

#[test]
fn a_limit_of_rows_takes_so_many_and_fetches_no_more() {
    let mut scene = Scene::new(limits());
    scene.core = scene.core.taking_only(1);
    assert_eq!(scene.on(Event::Woke), [Command::FetchRow]);
    let reserve = scene.reserve(1);
    assert_eq!(scene.on(Event::RowReady(1)), [reserve], "one is enough");
    scene.on(Event::Reserved(1, IntentId(1)));
    scene.on(settled(1));
    assert_eq!(scene.on(Event::Recorded(1)), [Command::Forget(1), Command::End]);
    let mut scene = Scene::new(limits());
    scene.core = scene.core.taking_only(0);
    assert_eq!(scene.on(Event::Woke), [Command::End]);
}

#[test]
fn a_deadline_ends_a_run_that_waits_for_nothing_else() {
    let deadline = moment(SECOND * 30).clock;
    let mut scene = Scene::warmed_up(Limits { deadline: Some(deadline), ..limits() });
    scene.ready(1);
    scene.on(Event::Reserved(1, IntentId(1)));
    scene.on(answered(1, Finding::InternalError));
    let commands = scene.core.on(Event::Recorded(1), moment(scene.at));
    assert_eq!(commands, [], "the deadline's alarm was set before");
    scene.at = SECOND * 30;
    assert_eq!(scene.on(Event::Woke), [Command::End]);
    assert_eq!(scene.core.stopped(), Some(Stop::Deadline));
}

#[test]
fn with_many_rows_waiting_no_new_one_is_begun() {
    let mut scene = Scene::warmed_up(limits());
    let mut row = 0;
    // Every other row is to be tried again in a minute; three of these in a row would pause all.
    while scene.core.waiting.len() < scene.core.most_waiting {
        row += 1;
        let commands = scene.ready(row);
        assert_eq!(commands, [scene.reserve(row), Command::FetchRow], "{row}");
        scene.on(Event::Reserved(row, IntentId(1)));
        scene.on(answered(row, if row % 2 == 0 { Finding::Settled } else { Finding::InternalError }));
        scene.on(Event::Recorded(row));
    }
    assert_eq!(scene.ready(row + 1), [], "the next one waits");
    scene.at += SECOND * 60;
    let commands = scene.on(Event::Woke);
    assert!(commands.contains(&scene.reserve(1)), "{commands:?}");
}

#[test]
fn a_pause_is_shown_while_it_lasts_and_a_wait_for_a_slot_is_not() {
    let mut scene = Scene::warmed_up(limits());
    scene.ready(1);
    scene.ready(2);
    scene.on(Event::Reserved(1, IntentId(1)));
    scene.on(answered(1, Finding::AskedToWait(Some(SECOND * 7))));
    scene.on(Event::Recorded(1));
    assert_eq!(scene.core.shown().pause, None, "nothing waits to start yet");
    scene.on(Event::RowReady(3));
    let until = moment(scene.at + SECOND * 7).clock;
    assert_eq!(scene.core.shown().pause, Some((Pause::AskedToWait, until)));
    scene.at += SECOND * 7;
    scene.on(Event::Woke);
    assert_eq!(scene.core.shown().pause, None);
}

#[test]
fn what_ended_the_run_is_told_and_not_what_landed_after_it() {
    let mut scene = Scene::warmed_up(limits());
    for (row, code) in [(1, "10001"), (2, "10011")] {
        scene.ready(row);
        scene.on(Event::Reserved(row, IntentId(1)));
        let finding = if row == 1 { Finding::KeyRefused } else { Finding::PerAddressLimit };
        let answer = Answer { error_code: Some(code.to_owned()), class: Class::Unbilled, ..*answer(finding) };
        scene.on(Event::Answered(row, finding, Box::new(answer)));
    }
    scene.on(Event::Recorded(1));
    scene.on(Event::Recorded(2));
    assert_eq!(scene.core.stopped(), Some(Stop::KeyRefused));
    assert_eq!(scene.core.shown().last_refusal.as_deref(), Some("10001"));
}
