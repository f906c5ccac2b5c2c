//! The reaction table, row by row, and the invariants of the caps.

use proptest::prelude::*;

use super::*;

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

/// A conductor and a clock that only a test moves.
struct Scene {
    conductor: Conductor,
    at: Duration,
    begins: Timestamp,
}

impl Scene {
    fn new(limits: Limits) -> Self {
        // 10:00 in Shanghai.
        let begins: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let now = Now { since_start: Duration::ZERO, clock: begins };
        Self { conductor: Conductor::new(limits, now, 0, 7), at: Duration::ZERO, begins }
    }

    fn now(&self) -> Now {
        Now { since_start: self.at, clock: self.begins + self.at }
    }

    /// Waits for the next call's slot and starts it; fails if anything but the rate is in the way.
    fn start(&mut self) -> Ticket {
        loop {
            match self.conductor.ask(self.now()) {
                Gate::Start(ticket) => return ticket,
                Gate::Wait(until, Pause::Rate) => self.at = until,
                other => panic!("no call may start: {other:?}"),
            }
        }
    }

    /// The same, waiting for pauses too.
    fn start_in_the_end(&mut self) -> Ticket {
        loop {
            match self.conductor.ask(self.now()) {
                Gate::Start(ticket) => return ticket,
                Gate::Wait(until, _) => self.at = until,
                other => panic!("no call may start: {other:?}"),
            }
        }
    }

    fn end(&mut self, ticket: Ticket, finding: Finding) -> Next {
        let now = self.now();
        self.conductor.ended(ticket, finding, &mut Tries::default(), now)
    }

    /// One whole call.
    fn call(&mut self, finding: Finding) -> Next {
        let ticket = self.start_in_the_end();
        self.end(ticket, finding)
    }

    fn ask(&mut self) -> Gate {
        self.conductor.ask(self.now())
    }

    /// Past the canary: several calls may be in flight.
    fn warmed_up(limits: Limits) -> Self {
        let mut scene = Self::new(limits);
        scene.call(Finding::Settled);
        scene.at += SECOND;
        scene
    }
}

#[test]
fn the_first_call_goes_alone() {
    let mut scene = Scene::new(limits());
    let canary = scene.start();
    scene.at += SECOND;
    assert_eq!(scene.ask(), Gate::WaitForAnswer);
    scene.end(canary, Finding::Settled);
    let _two = (scene.start(), scene.start());
}

#[test]
fn never_more_calls_fly_than_allowed() {
    let mut scene = Scene::warmed_up(limits());
    for _ in 0..4 {
        let _ = scene.start();
    }
    scene.at += SECOND;
    assert_eq!(scene.ask(), Gate::WaitForAnswer);
}

#[test]
fn a_settled_row_is_never_asked_again_and_the_run_goes_on() {
    for finding in [Finding::Settled, Finding::NotVerifiable] {
        let mut scene = Scene::warmed_up(limits());
        for _ in 0..20 {
            assert_eq!(scene.call(finding), Next::Done);
        }
        assert_eq!(scene.conductor.stopped(), None);
    }
}

#[test]
fn what_never_left_is_tried_again_with_a_growing_backoff() {
    let mut scene = Scene::warmed_up(limits());
    let mut tries = Tries::default();
    let mut shortest = Duration::ZERO;
    for attempt in 0..4 {
        let ticket = scene.start_in_the_end();
        let now = scene.now();
        let Next::Again(at) = scene.conductor.ended(ticket, Finding::NotSent, &mut tries, now) else {
            panic!("it stays due")
        };
        let wait = at.saturating_sub(scene.at);
        let full = BACKOFF_FIRST * (1 << attempt);
        assert!(wait >= full / 2 && wait <= full, "{wait:?}");
        assert!(wait > shortest);
        shortest = wait / 2;
        scene.at = at;
    }
}

#[test]
fn five_calls_in_a_row_that_never_left_pause_the_run_and_ten_minutes_end_it() {
    let mut scene = Scene::warmed_up(limits());
    for _ in 0..5 {
        scene.call(Finding::NotSent);
    }
    assert!(matches!(scene.ask(), Gate::Wait(_, Pause::Unreachable)));
    let began = scene.at;
    while scene.conductor.stopped().is_none() {
        scene.at += SECOND;
        scene.call(Finding::NotSent);
        assert!(scene.at < began + UNREACHABLE_GIVE_UP + UNREACHABLE_PAUSE * 2, "it gives up");
    }
    assert_eq!(scene.conductor.stopped(), Some(Stop::Unreachable));
    assert!(scene.at + SECOND >= began + UNREACHABLE_GIVE_UP);
}

#[test]
fn one_answer_ends_the_count_of_lost_connections() {
    let mut scene = Scene::warmed_up(limits());
    for _ in 0..30 {
        for _ in 0..4 {
            scene.call(Finding::NotSent);
            scene.at += Duration::from_secs(20);
        }
        scene.call(Finding::Settled);
    }
    assert_eq!(scene.conductor.stopped(), None);
}

#[test]
fn an_invalid_certificate_ends_the_run_at_once() {
    let mut scene = Scene::new(limits());
    assert_eq!(scene.call(Finding::CertificateInvalid), Next::Done);
    assert_eq!(scene.ask(), Gate::Stop(Stop::CertificateInvalid));
}

#[test]
fn a_doubt_is_never_repeated_and_lets_one_call_fly_until_an_answer_comes() {
    let mut scene = Scene::warmed_up(limits());
    assert_eq!(scene.call(Finding::Doubt), Next::Done);
    let probe = scene.start();
    scene.at += SECOND;
    assert_eq!(scene.ask(), Gate::WaitForAnswer);
    scene.end(probe, Finding::Settled);
    let _two = (scene.start(), scene.start());
}

#[test]
fn five_doubts_in_a_row_end_the_run_and_four_do_not() {
    let mut scene = Scene::warmed_up(limits());
    for _ in 0..4 {
        scene.call(Finding::Doubt);
    }
    scene.call(Finding::Settled);
    for _ in 0..4 {
        scene.call(Finding::Doubt);
    }
    assert_eq!(scene.conductor.stopped(), None);
    scene.call(Finding::Doubt);
    assert_eq!(scene.conductor.stopped(), Some(Stop::Doubts));
}

#[test]
fn strange_answers_end_the_run_after_a_few_in_a_row_and_are_not_repeated() {
    for (finding, count, stop) in [
        (Finding::UnknownRes, 3, Stop::UnknownRes),
        (Finding::UnknownCode, 3, Stop::UnknownCodes),
        (Finding::FieldsRefused, 5, Stop::FieldsRefused),
    ] {
        let mut scene = Scene::warmed_up(limits());
        for _ in 1..count {
            assert_eq!(scene.call(finding), Next::Done);
        }
        scene.call(Finding::Settled);
        for _ in 1..count {
            scene.call(finding);
        }
        assert_eq!(scene.conductor.stopped(), None, "{finding:?}");
        scene.call(finding);
        assert_eq!(scene.conductor.stopped(), Some(stop));
    }
}

#[test]
fn what_no_further_call_can_mend_ends_the_run_at_the_first_one() {
    for (finding, stop) in [
        (Finding::KeyRefused, Stop::KeyRefused),
        (Finding::UndocumentedRefusal, Stop::KeyRefused),
        (Finding::ServiceStopped, Stop::ServiceStopped),
        (Finding::QuotaUsedUp, Stop::QuotaUsedUp),
        (Finding::Maintenance, Stop::Maintenance),
        (Finding::ClientError(404), Stop::ClientError(404)),
        (Finding::ClientError(403), Stop::AccessRefused(403)),
    ] {
        let mut scene = Scene::new(limits());
        assert_eq!(scene.call(finding), Next::Done, "{finding:?}");
        assert_eq!(scene.ask(), Gate::Stop(stop));
    }
}

#[test]
fn a_rate_refusal_pauses_all_halves_the_rate_once_and_the_row_stays_due() {
    let mut scene = Scene::warmed_up(limits());
    let together = [scene.start(), scene.start(), scene.start()];
    for ticket in together {
        assert!(matches!(scene.end(ticket, Finding::PerAddressLimit), Next::Again(_)));
    }
    assert!(matches!(scene.ask(), Gate::Wait(_, Pause::AddressLimit)));
    assert!((scene.conductor.calls_per_second() - 500.0).abs() < 1.0, "three refusals of one burst are one");
    scene.at += SECOND * 2;
    scene.call(Finding::PerAddressLimit);
    assert!((scene.conductor.calls_per_second() - 250.0).abs() < 1.0);
    for _ in 0..600 {
        scene.at += SECOND;
        scene.call(Finding::Settled);
    }
    assert!((scene.conductor.calls_per_second() - 1000.0).abs() < 1.0, "it climbs back");
}

#[test]
fn rate_refusals_and_nothing_else_end_the_run_in_the_end() {
    let mut scene = Scene::warmed_up(limits());
    let began = scene.at;
    while scene.conductor.stopped().is_none() {
        scene.call(Finding::PerAddressLimit);
        assert!(scene.at < began + REFUSALS_GIVE_UP * 2);
    }
    assert_eq!(scene.conductor.stopped(), Some(Stop::AddressLimit));
}

#[test]
fn a_quota_can_be_waited_for_until_the_next_day_of_shanghai() {
    let mut scene = Scene::warmed_up(Limits { on_quota: OnQuota::Wait, ..limits() });
    assert!(matches!(scene.call(Finding::QuotaUsedUp), Next::Again(_)));
    let Gate::Wait(until, Pause::Quota) = scene.ask() else { panic!("it sleeps") };
    assert_eq!((until + Duration::ZERO).as_secs() / 3600, 14, "from ten in the morning to midnight");
    scene.at = until;
    let _ = scene.start();
}

#[test]
fn a_pause_that_outlasts_the_deadline_ends_the_run_at_once() {
    let deadline = "2026-11-23T10:00:00Z".parse().unwrap();
    let limits = Limits { on_quota: OnQuota::Wait, deadline: Some(deadline), ..limits() };
    let mut scene = Scene::warmed_up(limits);
    scene.call(Finding::QuotaUsedUp);
    assert_eq!(scene.ask(), Gate::Stop(Stop::QuotaUsedUp));
}

#[test]
fn an_internal_error_is_tried_once_more_after_a_minute_and_three_in_a_row_pause() {
    let mut scene = Scene::warmed_up(limits());
    let mut tries = Tries::default();
    for expected in [true, false] {
        let ticket = scene.start_in_the_end();
        let now = scene.now();
        let next = scene.conductor.ended(ticket, Finding::InternalError, &mut tries, now);
        match next {
            Next::Again(at) => assert!(expected && at == scene.at + INTERNAL_ERROR_WAIT),
            Next::Done => assert!(!expected),
        }
    }
    assert!(matches!(scene.ask(), Gate::Start(_) | Gate::Wait(_, Pause::Rate)), "two do not pause");
    let mut scene = Scene::warmed_up(limits());
    for _ in 0..3 {
        scene.call(Finding::InternalError);
    }
    assert!(matches!(scene.ask(), Gate::Wait(_, Pause::InternalErrors)));
}

#[test]
fn maintenance_is_probed_ever_more_rarely_until_the_deadline() {
    let deadline = "2026-11-23T14:00:00Z".parse().unwrap();
    let limits = Limits { wait_for_maintenance: true, deadline: Some(deadline), ..limits() };
    let mut scene = Scene::warmed_up(limits);
    let mut before = Duration::ZERO;
    let mut probes = Vec::new();
    while scene.conductor.stopped().is_none() {
        let ticket = scene.start_in_the_end();
        probes.push(scene.at.saturating_sub(before));
        before = scene.at;
        scene.at += SECOND;
        assert_eq!(scene.conductor.in_flight(), 1, "one probe at a time");
        scene.end(ticket, Finding::Maintenance);
    }
    assert_eq!(scene.conductor.stopped(), Some(Stop::Maintenance));
    assert!(
        probes[1..].iter().all(|gap| *gap >= PROBE_FIRST && *gap <= PROBE_LONGEST + SECOND * 2),
        "{probes:?}"
    );
    assert!(probes[2] > probes[1]);
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for_within_reason() {
    for (asked, least, most) in [
        (None, ASKED_WAIT_USUAL, ASKED_WAIT_USUAL),
        (Some(Duration::ZERO), ASKED_WAIT_LEAST, ASKED_WAIT_LEAST),
        (Some(SECOND * 7), SECOND * 7, SECOND * 7),
        (Some(SECOND * 100_000), ASKED_WAIT_MOST, ASKED_WAIT_MOST),
    ] {
        let mut scene = Scene::warmed_up(limits());
        let ticket = scene.start();
        let at = scene.at;
        assert!(matches!(scene.end(ticket, Finding::AskedToWait(asked)), Next::Again(_)));
        let Gate::Wait(until, Pause::AskedToWait) = scene.ask() else { panic!("all pause") };
        assert!(until >= at + least && until <= at + most, "{asked:?}");
    }
}

#[test]
fn a_deadline_starts_nothing_more() {
    let deadline = "2026-11-23T02:00:05Z".parse().unwrap();
    let mut scene = Scene::warmed_up(Limits { deadline: Some(deadline), ..limits() });
    let _ = scene.start();
    scene.at = SECOND * 5;
    assert_eq!(scene.ask(), Gate::Stop(Stop::Deadline));
}

#[test]
fn a_new_day_frees_the_daily_limit_and_a_clock_set_back_does_not() {
    let mut scene = Scene::warmed_up(Limits { daily_limit: Some(3), ..limits() });
    scene.call(Finding::Settled);
    scene.call(Finding::PerAddressLimit);
    let mut back = scene.now();
    back.clock -= Duration::from_secs(30 * 3600);
    back.since_start += SECOND * 2;
    assert_eq!(scene.conductor.ask(back), Gate::Stop(Stop::DailyLimit));

    let mut scene = Scene::warmed_up(Limits { daily_limit: Some(3), on_quota: OnQuota::Wait, ..limits() });
    scene.call(Finding::Settled);
    scene.call(Finding::Settled);
    let Gate::Wait(until, Pause::Quota) = scene.ask() else { panic!("it sleeps") };
    scene.at = until;
    scene.call(Finding::Settled);
}

#[test]
fn an_answer_that_was_under_way_before_maintenance_began_lets_no_second_probe_fly() {
    let deadline = "2026-11-23T14:00:00Z".parse().unwrap();
    let limits = Limits { wait_for_maintenance: true, deadline: Some(deadline), ..limits() };
    let mut scene = Scene::warmed_up(limits);
    let (before, refused) = (scene.start(), scene.start());
    scene.at += SECOND;
    scene.end(refused, Finding::Maintenance);
    scene.end(before, Finding::Settled);
    let probe = scene.start_in_the_end();
    scene.at += SECOND;
    assert_eq!(scene.ask(), Gate::WaitForAnswer);
    scene.end(probe, Finding::Settled);
    let _two = (scene.start(), scene.start());
}

#[test]
fn maintenance_that_is_over_is_probed_from_the_start_when_it_comes_again() {
    let deadline = "2026-11-23T14:00:00Z".parse().unwrap();
    let limits = Limits { wait_for_maintenance: true, deadline: Some(deadline), ..limits() };
    let mut scene = Scene::warmed_up(limits);
    for _ in 0..4 {
        scene.call(Finding::Maintenance);
        scene.at += SECOND;
    }
    scene.call(Finding::Settled);
    scene.at += SECOND;
    scene.call(Finding::Maintenance);
    let Gate::Wait(until, Pause::Maintenance) = scene.ask() else { panic!("it waits") };
    assert_eq!(until, scene.at + PROBE_FIRST);
}

#[test]
fn pauses_and_patience_last_as_long_as_the_table_of_reactions_says() {
    assert_eq!(UNREACHABLE_GIVE_UP.as_secs(), 600);
    assert_eq!(REFUSALS_GIVE_UP.as_secs(), 1_800);
    assert_eq!((PROBE_FIRST.as_secs(), PROBE_LONGEST.as_secs()), (60, 1_800));
    assert_eq!((ASKED_WAIT_LEAST.as_secs(), ASKED_WAIT_MOST.as_secs()), (1, 300));
    assert_eq!(INTERNAL_ERROR_WAIT.as_secs(), 60);
}

#[test]
fn a_cap_lets_as_many_calls_as_it_says_and_waits_for_what_a_call_in_flight_may_free() {
    let price: Yuan = "0.55".parse().unwrap();
    let caps = [
        (Limits { max_calls: Some(2), ..limits() }, Stop::MaxCalls),
        (Limits { max_cost: Some((price.times(2), price)), ..limits() }, Stop::MaxCost),
        (Limits { daily_limit: Some(2), ..limits() }, Stop::DailyLimit),
    ];
    for (limits, stop) in caps {
        let mut scene = Scene::warmed_up(limits);
        let last = scene.start();
        scene.at += SECOND;
        assert_eq!(scene.ask(), Gate::WaitForAnswer, "{stop:?}: it may yet cost nothing");
        scene.end(last, Finding::NotSent);
        scene.at += SECOND;
        let last = scene.start();
        scene.end(last, Finding::Settled);
        scene.at += SECOND;
        assert_eq!(scene.ask(), Gate::Stop(stop));
    }
}

#[test]
fn a_call_of_yesterday_that_never_left_frees_nothing_of_today() {
    // 14 hours later it is midnight in Shanghai.
    let mut scene = Scene::warmed_up(Limits { daily_limit: Some(2), ..limits() });
    let yesterdays = scene.start();
    scene.at = Duration::from_secs(14 * 3600 + 1);
    let todays = scene.start();
    scene.end(yesterdays, Finding::NotSent);
    scene.at += SECOND;
    assert_eq!(scene.ask(), Gate::WaitForAnswer, "what flew over midnight counts for both days");
    scene.end(todays, Finding::Settled);
    assert_eq!(scene.ask(), Gate::Stop(Stop::DailyLimit));
}

#[test]
fn each_rate_refusal_in_a_row_pauses_twice_as_long_up_to_a_minute() {
    let mut scene = Scene::warmed_up(limits());
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        let ticket = scene.start_in_the_end();
        scene.at += SECOND;
        scene.end(ticket, Finding::PerAddressLimit);
        let Gate::Wait(until, Pause::AddressLimit) = scene.ask() else { panic!("all pause") };
        assert_eq!(until, scene.at + SECOND * seconds);
    }
    scene.call(Finding::Settled);
    scene.at += SECOND * 20;
    let ticket = scene.start_in_the_end();
    scene.at += SECOND;
    scene.end(ticket, Finding::PerAddressLimit);
    let Gate::Wait(until, Pause::AddressLimit) = scene.ask() else { panic!("all pause") };
    assert_eq!(until, scene.at + SECOND, "an answer ends the row");
}

#[test]
fn of_two_pauses_the_longer_one_holds_whichever_came_first() {
    for waits in [[7, 100], [100, 7]] {
        let mut scene = Scene::warmed_up(limits());
        let together = [scene.start(), scene.start()];
        let at = scene.at;
        for (ticket, wait) in together.into_iter().zip(waits) {
            scene.end(ticket, Finding::AskedToWait(Some(SECOND * wait)));
        }
        let Gate::Wait(until, Pause::AskedToWait) = scene.ask() else { panic!("all pause") };
        assert_eq!(until, at + SECOND * 100, "{waits:?}");
    }
}

#[test]
fn backoffs_are_spread_between_half_and_the_whole() {
    let mut scene = Scene::warmed_up(limits());
    let mut waits = Vec::new();
    for _ in 0..200 {
        let Next::Again(at) = scene.call(Finding::NotSent) else { panic!("it stays due") };
        waits.push(at.saturating_sub(scene.at));
        scene.call(Finding::Settled);
    }
    let (least, most) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
    assert!(least >= BACKOFF_FIRST / 2 && most <= BACKOFF_FIRST);
    assert!(most > least + BACKOFF_FIRST / 4, "{least:?} to {most:?}");
}

#[test]
fn a_daily_limit_of_nothing_is_not_waited_for() {
    let mut scene = Scene::new(Limits { daily_limit: Some(0), on_quota: OnQuota::Wait, ..limits() });
    assert_eq!(scene.ask(), Gate::Stop(Stop::DailyLimit));
}

const FINDINGS: [Finding; 10] = [
    Finding::NotSent,
    Finding::Doubt,
    Finding::Settled,
    Finding::UnknownRes,
    Finding::FieldsRefused,
    Finding::NotVerifiable,
    Finding::PerAddressLimit,
    Finding::InternalError,
    Finding::AskedToWait(None),
    Finding::UnknownCode,
];

proptest! {
    /// Whatever comes back in whatever order, what is reserved never passes a cap.
    #[test]
    fn no_cap_is_ever_passed(
        max_calls in proptest::option::of(1_u64..20), affordable in proptest::option::of(1_u64..20),
        daily in proptest::option::of(1_u64..20), concurrency in 1_u32..6,
        script in proptest::collection::vec((0_usize..FINDINGS.len(), 0_u64..40), 1..120),
    ) {
        let price: Yuan = "0.55".parse().unwrap();
        let max_cost = affordable.map(|calls| (price.times(calls), price));
        let limits = Limits { concurrency, max_calls, max_cost, daily_limit: daily, ..limits() };
        let mut scene = Scene::new(limits);
        let mut flying: Vec<Ticket> = Vec::new();
        let (mut seen, mut payable) = (0_u64, 0_u64);
        for (finding, wait) in script {
            scene.at += Duration::from_secs(wait);
            while let Gate::Start(ticket) = scene.ask() {
                flying.push(ticket);
            }
            let reserved = flying.len() as u64;
            prop_assert!(flying.len() <= concurrency as usize);
            prop_assert!(max_calls.is_none_or(|most| seen + reserved <= most));
            prop_assert!(affordable.is_none_or(|most| payable + reserved <= most));
            prop_assert!(daily.is_none_or(|most| seen + reserved <= most));
            if let Some(ticket) = flying.pop() {
                let finding = FINDINGS[finding];
                seen += u64::from(finding.class() != Class::NotSent);
                payable += u64::from(matches!(finding.class(), Class::Billed | Class::InDoubt));
                scene.end(ticket, finding);
            }
        }
    }
}
