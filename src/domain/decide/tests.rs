use proptest::prelude::*;

use super::*;

const OLD: RunId = RunId(1);
const NOW: RunId = RunId(2);

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn answer(class: Class, error_code: &str, res: Option<&str>) -> Answer {
    Answer {
        error_code: Some(error_code.to_owned()),
        res: res.map(str::to_owned),
        seen: None,
        ..Answer::without_reply(class, "", moment(0))
    }
}

fn settled(res: &str) -> Answer {
    answer(Class::Billed, "0", Some(res))
}

fn attempt(intent: i64, run: RunId, answer: Option<Answer>) -> Attempt {
    Attempt { intent: IntentId(intent), run, asked_at: moment(intent * 100), answer, verdict: None }
}

fn plain() -> AskPolicy {
    AskPolicy::default()
}

/// A history from which nothing is lost.
fn whole(attempts: &[Attempt]) -> History {
    attempts.to_vec().into()
}

fn standing(attempts: &[Attempt], policy: &AskPolicy, run: RunId) -> Standing {
    super::standing(&whole(attempts), policy, run)
}

fn told(attempts: &[Attempt]) -> Decision {
    shown(&whole(attempts)).decision()
}

#[test]
fn every_verdict_is_read_back_from_its_word() {
    for (verdict, word) in
        [(Verdict::Billed, "billed"), (Verdict::Unbilled, "unbilled"), (Verdict::Resend, "resend")]
    {
        assert_eq!((verdict.word(), Verdict::from_word(word)), (word, Some(verdict)));
    }
    assert_eq!(Verdict::from_word("paid"), None);
}

#[test]
fn billed_is_what_was_answered_so_and_a_doubt_that_a_person_says_it_of() {
    for class in Class::ALL {
        let answered = attempt(1, OLD, Some(Answer::without_reply(class, "", moment(0))));
        assert_eq!(answered.was_billed(), class == Class::Billed, "{class:?}");
        for verdict in Verdict::ALL {
            let judged = Attempt { verdict: Some(verdict), ..answered.clone() };
            let by_word = class == Class::InDoubt && verdict == Verdict::Billed;
            assert_eq!(judged.was_billed(), class == Class::Billed || by_word, "{class:?}, {verdict:?}");
        }
    }
}

#[test]
fn what_was_never_asked_is_due() {
    assert_eq!(standing(&[], &plain(), NOW), Standing::Due);
    assert_eq!(shown(&whole(&[])), Shown::Pending(None));
}

#[test]
fn every_billed_answer_settles_whatever_its_res() {
    for res in (90..130).map(|res| res.to_string()).chain([String::new(), "x".to_owned()]) {
        let history = [attempt(1, OLD, Some(settled(&res)))];
        assert_eq!(standing(&history, &plain(), NOW), Standing::Settled, "{res}");
    }
}

#[test]
fn an_intent_without_an_answer_is_held_if_its_run_is_dead_and_in_flight_if_not() {
    assert_eq!(standing(&[attempt(1, OLD, None)], &plain(), NOW), Standing::Held);
    assert_eq!(standing(&[attempt(1, NOW, None)], &plain(), NOW), Standing::InFlight);
}

#[test]
fn a_resend_is_allowed_for_doubts_of_earlier_runs_only() {
    let resend = AskPolicy { resend_doubts: true, ..plain() };
    for doubt in [None, Some(Answer::without_reply(Class::InDoubt, "timeout", moment(0)))] {
        let history = [attempt(1, OLD, doubt.clone())];
        assert_eq!(standing(&history, &resend, NOW), Standing::DueDespite(vec![IntentId(1)]));
    }
    let now = [attempt(1, NOW, Some(Answer::without_reply(Class::InDoubt, "timeout", moment(0))))];
    assert_eq!(standing(&now, &resend, NOW), Standing::Held);
}

#[test]
fn a_verdict_decides_what_becomes_of_a_doubt() {
    for (verdict, expected, decision, billed, perhaps) in [
        (None, Standing::Held, Decision::Unresolved, false, true),
        (Some(Verdict::Billed), Standing::Held, Decision::Unresolved, true, false),
        (Some(Verdict::Unbilled), Standing::Due, Decision::Pending, false, false),
        (Some(Verdict::Resend), Standing::Due, Decision::Pending, false, true),
    ] {
        let doubt = Attempt { verdict, ..attempt(1, OLD, None) };
        assert_eq!((doubt.was_billed(), doubt.may_have_been_billed()), (billed, perhaps), "{verdict:?}");
        let history = [doubt];
        assert_eq!(standing(&history, &plain(), NOW), expected, "{verdict:?}");
        assert_eq!(told(&history), decision, "{verdict:?}");
    }
}

#[test]
fn an_old_answer_is_asked_for_again_and_shown_until_there_is_a_new_one() {
    let policy = AskPolicy { fresh_since: Some(moment(150)), ..plain() };
    let history = [attempt(1, OLD, Some(settled("100")))];
    assert_eq!(standing(&history, &policy, NOW), Standing::Due);
    assert_eq!(told(&history), Decision::Match);
    let history = [attempt(1, OLD, Some(settled("100"))), attempt(2, NOW, Some(settled("101")))];
    assert_eq!(standing(&history, &policy, NOW), Standing::Settled);
    assert_eq!(told(&history), Decision::Mismatch);
}

#[test]
fn what_this_run_has_asked_is_fresh_even_if_the_clock_says_otherwise() {
    let policy = AskPolicy { fresh_since: Some(moment(1_000_000)), ..plain() };
    assert_eq!(standing(&[attempt(1, OLD, Some(settled("100")))], &policy, NOW), Standing::Due);
    assert_eq!(standing(&[attempt(1, NOW, Some(settled("100")))], &policy, NOW), Standing::Settled);
}

#[test]
fn retrying_the_inconclusive_pays_again_for_failed_factors_once_a_run() {
    let policy = AskPolicy { retry_inconclusive: true, ..plain() };
    for res in crate::domain::outcome::DOCUMENTED {
        let failed = crate::domain::outcome::factors(res).unwrap().has_failed();
        let old = [attempt(1, OLD, Some(settled(&res.to_string())))];
        let expected = if failed { Standing::Due } else { Standing::Settled };
        assert_eq!(standing(&old, &policy, NOW), expected, "{res}");
        let now = [attempt(1, NOW, Some(settled(&res.to_string())))];
        assert_eq!(standing(&now, &policy, NOW), Standing::Settled, "{res}");
    }
}

#[test]
fn what_could_not_be_verified_is_asked_once_a_run_and_three_times_in_all() {
    let unverified = |intent, run| attempt(intent, RunId(run), Some(answer(Class::Unbilled, "280105", None)));
    let mut history = Vec::new();
    for run in 1..=3 {
        assert_eq!(standing(&history, &plain(), RunId(run)), Standing::Due, "run {run}");
        history.push(unverified(run, run));
        assert_eq!(standing(&history, &plain(), RunId(run)), Standing::Settled, "run {run}");
        assert_eq!(told(&history), Decision::Inconclusive);
    }
    assert_eq!(standing(&history, &plain(), RunId(4)), Standing::Settled);
}

#[test]
fn what_the_api_refuses_is_rejected_and_not_asked_again() {
    for code in ["280101", "280102", "280103", "280104"] {
        let history = [attempt(1, OLD, Some(answer(Class::Unbilled, code, None)))];
        assert_eq!(standing(&history, &plain(), NOW), Standing::Refused);
        assert_eq!(told(&history), Decision::Rejected);
    }
}

#[test]
fn what_was_refused_for_the_runs_sake_stays_due() {
    for code in ["10001", "10011", "10012", "10013", "10014", "10020", "10021"] {
        let history = [attempt(1, OLD, Some(answer(Class::Unbilled, code, None)))];
        assert_eq!(standing(&history, &plain(), NOW), Standing::Due, "{code}");
        assert_eq!(told(&history), Decision::Pending, "{code}");
    }
    let twice: Vec<Attempt> =
        (1..=2).map(|i| attempt(i, NOW, Some(answer(Class::Unbilled, "10014", None)))).collect();
    assert_eq!(standing(&twice[..1], &plain(), NOW), Standing::Due);
    assert_eq!(standing(&twice, &plain(), NOW), Standing::Spent);
    assert_eq!(standing(&twice, &plain(), RunId(3)), Standing::Due);
}

#[test]
fn a_run_asked_in_vain_if_the_last_time_brought_no_answer() {
    let refused = || answer(Class::Unbilled, "", None);
    let (old, matched) = (attempt(1, OLD, Some(settled("104"))), attempt(3, NOW, Some(settled("100"))));
    let (nothing, unknown) = (attempt(2, NOW, Some(refused())), attempt(2, NOW, None));
    let not_verifiable = attempt(2, NOW, Some(answer(Class::Unbilled, "280105", None)));
    for (attempts, vain) in [
        (vec![], false),
        (vec![old.clone()], false),
        (vec![old.clone(), nothing.clone()], true),
        (vec![old.clone(), unknown], true),
        (vec![old.clone(), not_verifiable], false),
        // Another row of the same person brought it after all.
        (vec![old.clone(), nothing.clone(), matched.clone()], false),
        (vec![old, matched, attempt(4, NOW, Some(refused()))], true),
    ] {
        assert_eq!(asked_in_vain(&attempts, NOW), vain, "{attempts:?}");
    }
}

/// Set back to a copy whose last intent was the second.
fn set_back(attempts: &[Attempt]) -> History {
    let lost = Lost { after: IntentId(2), since: moment(200), accepted: moment(250) };
    History { attempts: attempts.to_vec(), lost: Some(lost) }
}

#[test]
fn whoever_may_have_been_asked_in_what_is_lost_is_held_until_a_resend_is_allowed() {
    let resend = AskPolicy { resend_doubts: true, ..plain() };
    let not_sent = answer(Class::NotSent, "", None);
    for attempts in [
        vec![],
        vec![attempt(2, OLD, Some(not_sent.clone()))],
        vec![attempt(1, OLD, Some(answer(Class::Unbilled, "10012", None)))],
        vec![Attempt { verdict: Some(Verdict::Unbilled), ..attempt(1, OLD, None) }],
    ] {
        let history = set_back(&attempts);
        assert_eq!(super::standing(&history, &plain(), NOW), Standing::Held, "{attempts:?}");
        assert_eq!(super::standing(&history, &resend, NOW), Standing::DueDespite(vec![]), "{attempts:?}");
        assert!(matches!(shown(&history), Shown::Lost(_)), "{attempts:?}");
    }
    // An old answer stays an answer, but a new one is not asked for as if nothing had been lost.
    let answered = set_back(&[attempt(1, OLD, Some(settled("104")))]);
    assert_eq!(super::standing(&answered, &plain(), NOW), Standing::Settled);
    assert_eq!(shown(&answered).decision(), Decision::Inconclusive);
    for again in [
        AskPolicy { fresh_since: Some(moment(1000)), ..plain() },
        AskPolicy { retry_inconclusive: true, ..plain() },
    ] {
        assert_eq!(super::standing(&answered, &again, NOW), Standing::Held);
    }
}

#[test]
fn what_was_asked_after_the_loss_is_known_again() {
    let not_sent = answer(Class::NotSent, "", None);
    let history = set_back(&[attempt(3, OLD, Some(not_sent))]);
    assert_eq!(super::standing(&history, &plain(), NOW), Standing::Due);
    assert_eq!(shown(&history).decision(), Decision::Pending);
    let doubtful = set_back(&[attempt(1, OLD, None)]);
    let resend = AskPolicy { resend_doubts: true, ..plain() };
    assert_eq!(super::standing(&doubtful, &resend, NOW), Standing::DueDespite(vec![IntentId(1)]));
}

fn any_attempt(intent: i64) -> impl Strategy<Value = Attempt> {
    let code = prop_oneof![
        Just(("0", Class::Billed)),
        Just(("280101", Class::Unbilled)),
        Just(("280105", Class::Unbilled)),
        Just(("10011", Class::Unbilled)),
        Just(("10014", Class::Unbilled)),
        Just(("299999", Class::InDoubt)),
        Just(("", Class::NotSent)),
    ];
    let verdict = proptest::option::of(prop_oneof![
        Just(Verdict::Billed),
        Just(Verdict::Unbilled),
        Just(Verdict::Resend)
    ]);
    (proptest::option::of((code, 100_u16..117)), verdict, 1_i64..4).prop_map(
        move |(answered, verdict, run)| {
            let answer = answered.map(|((code, class), res)| {
                answer(class, code, (code == "0").then_some(res.to_string()).as_deref())
            });
            Attempt { verdict, ..attempt(intent, RunId(run), answer) }
        },
    )
}

fn any_history() -> impl Strategy<Value = Vec<Attempt>> {
    proptest::collection::vec(Just(()), 0..6).prop_flat_map(|places| {
        (1..=i64::try_from(places.len()).unwrap()).map(any_attempt).collect::<Vec<_>>()
    })
}

proptest! {
    /// The heart of the matter: without the operator's word, nothing that may have been billed is asked again.
    #[test]
    fn a_subject_that_may_have_been_billed_is_never_due_by_itself(history in any_history()) {
        let doubtful = history.iter().any(|attempt| attempt.is_doubtful() && !matches!(attempt.verdict, Some(Verdict::Unbilled | Verdict::Resend)));
        let billed = history.iter().any(|attempt| attempt.answer.as_ref().is_some_and(|answer| answer.class == Class::Billed));
        let standing = standing(&history, &plain(), RunId(9));
        if doubtful || billed {
            prop_assert!(!matches!(standing, Standing::Due | Standing::DueDespite(_)), "{standing:?}");
        }
    }

    /// After a loss, one more call needs one more word from the operator, whatever is known.
    #[test]
    fn nobody_is_due_by_himself_after_a_loss(attempts in any_history()) {
        let since = attempts.iter().any(|attempt| attempt.intent > IntentId(2));
        let standing = super::standing(&set_back(&attempts), &plain(), RunId(9));
        if !since {
            prop_assert!(!matches!(standing, Standing::Due | Standing::DueDespite(_)), "{standing:?}");
        }
    }

    #[test]
    fn what_is_shown_as_unresolved_is_what_is_held(history in any_history()) {
        let held = matches!(standing(&history, &plain(), RunId(9)), Standing::Held);
        prop_assert_eq!(held, told(&history) == Decision::Unresolved);
    }

    #[test]
    fn a_resend_names_every_doubt_that_blocks(history in any_history()) {
        let policy = AskPolicy { resend_doubts: true, ..plain() };
        if let Standing::DueDespite(doubts) = standing(&history, &policy, RunId(9)) {
            let mut after = history.clone();
            for attempt in after.iter_mut().filter(|attempt| doubts.contains(&attempt.intent)) {
                attempt.verdict = Some(Verdict::Resend);
            }
            prop_assert!(!after.iter().any(Attempt::blocks));
            prop_assert_ne!(standing(&after, &plain(), RunId(9)), Standing::Held);
        }
    }
}
