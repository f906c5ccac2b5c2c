//! When a call may start: the canary, the caps, the deadline, days and pauses. [`reactions`] has the endings.

mod reactions;

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
fn a_quota_can_be_waited_for_until_the_next_day_of_shanghai() {
    let mut scene = Scene::warmed_up(Limits { on_quota: OnQuota::Wait, ..limits() });
    assert!(matches!(scene.call(Finding::QuotaUsedUp), Next::Again(_)));
    let Gate::Wait(until, Pause::Quota) = scene.ask() else { panic!("it sleeps") };
    assert_eq!((until + Duration::ZERO).as_secs() / 3600, 14, "from ten in the morning to midnight");
    scene.at = until;
    let _ = scene.start();
}

#[test]
fn a_pause_that_outlasts_the_deadline_ends_the_run_at_once_and_says_which_of_the_two_is_why() {
    let wait = Some(SECOND * 100);
    for (finding, times, stop) in [
        // The API answers and would be waited for: the run's own time is too short.
        (Finding::PerAddressLimit, 1, Stop::Deadline),
        (Finding::AskedToWait(wait), 1, Stop::Deadline),
        (Finding::AskedToWait(None), 1, Stop::Deadline),
        (Finding::InternalError, INTERNAL_ERRORS_TO_PAUSE, Stop::Deadline),
        // The API says that it is no use, or says nothing at all.
        (Finding::QuotaUsedUp, 1, Stop::QuotaUsedUp),
        (Finding::Maintenance, 1, Stop::Maintenance),
        (Finding::NotSent, NOT_SENT_TO_PAUSE, Stop::Unreachable),
    ] {
        let mut limits = Limits { on_quota: OnQuota::Wait, wait_for_maintenance: true, ..limits() };
        let mut scene = Scene::warmed_up(limits.clone());
        limits.deadline = Some(scene.now().clock + SECOND);
        scene.conductor.limits = limits;
        for _ in 0..times {
            assert_eq!(scene.conductor.stopped(), None, "{finding:?}");
            scene.call(finding);
        }
        assert_eq!(scene.ask(), Gate::Stop(stop), "{finding:?}");
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
