//! What the run does about each kind of ending: the table of reactions.

use super::*;

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
fn half_an_hour_of_nothing_but_requests_to_wait_ends_the_run_and_one_answer_begins_anew() {
    for is_interrupted in [false, true] {
        let mut scene = Scene::warmed_up(limits());
        let (middle, end) = (scene.at + REFUSALS_GIVE_UP / 2, scene.at + REFUSALS_GIVE_UP);
        while scene.conductor.stopped().is_none() && scene.at < end + REFUSALS_GIVE_UP / 2 {
            if is_interrupted && scene.at >= middle && scene.at < end {
                scene.call(Finding::Settled);
            }
            let ticket = scene.start_in_the_end();
            let _ = scene.end(ticket, Finding::AskedToWait(None));
        }
        if is_interrupted {
            assert_eq!(scene.conductor.stopped(), None);
        } else {
            assert_eq!(scene.conductor.stopped(), Some(Stop::Busy));
            assert!(scene.at >= end && scene.at < end + SECOND * 10, "{:?} {end:?}", scene.at);
        }
    }
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
