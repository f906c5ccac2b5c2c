use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::decide::IntentId;
use crate::domain::money::Yuan;

const TOLERANCE: Tolerance = Tolerance { timeout: Duration::from_secs(60), slack: Duration::from_secs(30) };

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "as a line has it")]
fn at(second: i64) -> Option<Stretch> {
    Some(Stretch::new(moment(second), moment(second)))
}

fn line(orderid: Option<&str>, time: Option<Stretch>) -> Line {
    Line { row: 2, orderid: orderid.map(str::to_owned), time, amount: None, charge: Charge::Yes }
}

fn call(intent: i64, second: i64, known: Known, orderid: Option<&str>) -> Call {
    let ended_at = (known != Known::InDoubt).then(|| moment(second + 1));
    let orderid = orderid.map(str::to_owned);
    Call { intent: IntentId(intent), asked_at: moment(second), ended_at, orderid, known }
}

fn reconcile(lines: &[Line], covered: Option<Stretch>, lost: Option<Lost>, calls: &[Call]) -> Outcome {
    let mut reconciler = Reconciler::new(lines, covered, TOLERANCE, lost);
    calls.iter().cloned().for_each(|call| reconciler.see(call));
    reconciler.finish()
}

#[expect(clippy::unnecessary_wraps, reason = "as the reconciler takes it")]
fn a_day() -> Option<Stretch> {
    Some(Stretch::new(moment(-40_000), moment(40_000)))
}

fn findings(outcome: &Outcome) -> Vec<Finding> {
    outcome.doubts.iter().map(|(_, finding)| *finding).collect()
}

const BILLED: Finding = Finding::Settled(Verdict::Billed);
const UNBILLED: Finding = Finding::Settled(Verdict::Unbilled);

#[test]
fn lines_and_answers_with_one_orderid_belong_together_and_the_rest_is_told() {
    let lines = [
        line(Some("JH1"), at(0)),
        line(Some("JH1"), at(0)),
        line(Some("JH2"), at(5000)),
        line(Some("JH9"), at(5000)),
        Line { charge: Charge::No, ..line(Some("JH4"), at(9000)) },
        Line { charge: Charge::No, ..line(None, at(9000)) },
    ];
    let calls = [
        call(1, 0, Known::Billed, Some("JH1")),
        call(2, 5000, Known::Unbilled, Some("JH2")),
        call(3, 7000, Known::Billed, Some("JH3")),
        call(4, 9000, Known::Billed, Some("JH4")),
        call(5, 50_000, Known::Billed, Some("JH5")),
    ];
    let outcome = reconcile(&lines, a_day(), None, &calls);
    assert_eq!(
        outcome.fates,
        [
            Fate::Matched(IntentId(1)),
            Fate::Twice,
            Fate::ChargedThoughUnbilled(IntentId(2)),
            Fate::Unexplained,
            Fate::NotCharged(IntentId(4)),
            Fate::Free,
        ]
    );
    assert_eq!(outcome.missing.iter().map(|call| call.intent.0).collect::<Vec<_>>(), [3]);
    assert_eq!(outcome.outside, 1);
}

/// Doubts at these seconds, lines without an orderid at those, and what becomes of each doubt.
#[test]
fn doubts_are_settled_where_the_lines_of_their_time_leave_no_choice() {
    let far = 10_000;
    let stays = |lines, doubts| Finding::Stays(Stays::Ambiguous { lines, doubts });
    let table: [(&[i64], &[i64], &[Finding]); 9] = [
        (&[0], &[], &[UNBILLED]),
        (&[0], &[5], &[BILLED]),
        (&[0], &[5, 6], &[stays(2, 1)]),
        (&[0, 20], &[5], &[stays(1, 2), stays(1, 2)]),
        (&[0, 20], &[5, 25], &[BILLED, BILLED]),
        (&[0, 20, 40], &[], &[UNBILLED, UNBILLED, UNBILLED]),
        (&[0, far], &[5], &[BILLED, UNBILLED]),
        (&[0, far], &[far + 89], &[UNBILLED, BILLED]),
        // Windows of 30 s before to 90 s after hang together through their neighbours.
        (&[0, 100, 200], &[190], &[stays(1, 3), stays(1, 3), stays(1, 3)]),
    ];
    for (doubts, lines, expected) in table {
        let lines: Vec<Line> = lines.iter().map(|second| line(None, at(*second))).collect();
        let calls: Vec<Call> =
            (1..).zip(doubts).map(|(intent, second)| call(intent, *second, Known::InDoubt, None)).collect();
        let outcome = reconcile(&lines, a_day(), None, &calls);
        assert_eq!(findings(&outcome), expected, "{doubts:?} {lines:?}");
    }
}

/// Lines, calls, what becomes of each line, and of each doubt.
type Case<'a> = (&'a [Line], &'a [Call], &'a [Fate], &'a [Finding]);

#[test]
fn a_line_is_said_to_be_of_a_call_or_a_doubt_only_as_often_as_they_account_for_it() {
    let stays = |lines, doubts| Finding::Stays(Stays::Ambiguous { lines, doubts });
    let far = (line(Some("JH0"), at(9000)), call(1, 9000, Known::Billed, Some("JH0")));
    let unlisted = call(2, 0, Known::Billed, Some("JH7"));
    let doubt = call(3, 10, Known::InDoubt, None);
    let bare = || line(None, at(5));
    let table: [Case<'_>; 5] = [
        // The one line without an orderid may be the call's whose orderid is not listed: nothing is proven.
        (
            &[far.0.clone(), bare()],
            &[far.1.clone(), unlisted.clone(), doubt.clone()],
            &[Fate::Matched(IntentId(1)), Fate::OfACall],
            &[stays(1, 1)],
        ),
        // A line with another orderid cannot be.
        (
            &[far.0, line(Some("JH8"), at(5))],
            &[far.1, unlisted, doubt.clone()],
            &[Fate::Matched(IntentId(1)), Fate::OfADoubt],
            &[BILLED],
        ),
        (
            &[bare(), bare(), bare()],
            &[call(1, 0, Known::Billed, None), call(2, 0, Known::SaidBilled, None), doubt.clone()],
            &[Fate::OfACall, Fate::OfACall, Fate::OfADoubt],
            &[BILLED],
        ),
        (&[bare(), bare()], &[call(1, 0, Known::Billed, None)], &[Fate::OfACall, Fate::Unexplained], &[]),
        (&[bare(), bare()], &[doubt], &[Fate::Unexplained, Fate::Unexplained], &[stays(2, 1)]),
    ];
    for (lines, calls, fates, expected) in table {
        let outcome = reconcile(lines, a_day(), None, calls);
        assert_eq!((outcome.fates.as_slice(), findings(&outcome).as_slice()), (fates, expected), "{calls:?}");
    }
}

#[test]
fn a_statement_that_may_have_more_proves_nothing_unbilled() {
    let doubt = [call(1, 0, Known::InDoubt, None)];
    let not_covered = Finding::Stays(Stays::NotCovered);
    assert_eq!(findings(&reconcile(&[], None, None, &doubt)), [not_covered]);
    let until_then = Some(Stretch::new(moment(-1000), moment(60)));
    assert_eq!(findings(&reconcile(&[], until_then, None, &doubt)), [not_covered]);
    let vague = [line(Some("JH7"), None)];
    let without_time = Finding::Stays(Stays::LinesWithoutTime { lines: 1 });
    assert_eq!(findings(&reconcile(&vague, a_day(), None, &doubt)), [without_time]);
    let perhaps = [Line { charge: Charge::Perhaps, ..line(None, at(5)) }];
    let ambiguous = Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 1 });
    assert_eq!(findings(&reconcile(&perhaps, a_day(), None, &doubt)), [ambiguous]);
    let whole_day = [line(None, Some(Stretch::new(moment(-30_000), moment(30_000))))];
    assert_eq!(findings(&reconcile(&whole_day, a_day(), None, &doubt)), [BILLED]);
}

#[test]
fn a_doubt_whose_orderid_is_on_the_statement_is_what_the_statement_says() {
    for (charge, finding) in [
        (Charge::Yes, BILLED),
        (Charge::No, UNBILLED),
        (Charge::Perhaps, Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 1 })),
    ] {
        let lines = [Line { charge, ..line(Some("JH1"), None) }];
        let doubt = [call(1, 0, Known::InDoubt, Some("JH1"))];
        assert_eq!(findings(&reconcile(&lines, a_day(), None, &doubt)), [finding]);
    }
}

#[test]
fn calls_that_are_known_to_be_billed_have_lines_of_their_own() {
    let lines = [line(Some("JH1"), at(0)), line(None, at(10))];
    let billed = call(1, 0, Known::Billed, Some("JH1"));
    let without_orderid = call(2, 10, Known::Billed, None);
    let doubt = call(3, 12, Known::InDoubt, None);
    let outcome = reconcile(&lines, a_day(), None, &[billed.clone(), without_orderid, doubt.clone()]);
    assert_eq!(findings(&outcome), [UNBILLED]);
    assert_eq!(outcome.fates[1], Fate::OfACall);
    // What someone said may be wrong: it keeps a line from proving anything.
    let said = call(2, 10, Known::SaidBilled, None);
    let outcome = reconcile(&lines, a_day(), None, &[billed.clone(), said, doubt.clone()]);
    assert_eq!(findings(&outcome), [Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 1 })]);
    // A line with an orderid of its own is not that of a call with another.
    let foreign = [line(Some("JH8"), at(10))];
    let outcome = reconcile(&foreign, a_day(), None, &[billed]);
    assert_eq!((outcome.fates[0], outcome.missing.len()), (Fate::Unexplained, 1));
}

#[test]
fn settling_by_the_same_statement_again_finds_nothing_new() {
    let lines = [line(None, at(5)), line(None, at(6))];
    let said = [call(1, 0, Known::SaidBilled, None), call(2, 3, Known::SaidBilled, None)];
    let outcome = reconcile(&lines, a_day(), None, &said);
    assert!(outcome.doubts.is_empty());
    assert_eq!(outcome.fates, [Fate::OfACall, Fate::OfACall]);
}

#[test]
fn what_is_lost_is_settled_only_if_nothing_of_its_time_is_unexplained() {
    let lost = Lost { after: IntentId(3), since: moment(0), accepted: moment(1000) };
    let settled = reconcile(&[], a_day(), Some(lost), &[]);
    assert_eq!(settled.lost, Some(UNBILLED));
    let lines = [line(Some("JH7"), at(500))];
    let open = reconcile(&lines, a_day(), Some(lost), &[]);
    assert_eq!(open.lost, Some(Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 0 })));
    assert_eq!(reconcile(&[], None, Some(lost), &[]).lost, Some(Finding::Stays(Stays::NotCovered)));
    // A line of that time may be about anyone.
    let doubt = [call(4, 500, Known::InDoubt, None)];
    let outcome = reconcile(&[line(None, at(510))], a_day(), Some(lost), &doubt);
    assert_eq!(findings(&outcome), [Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 1 })]);
}

#[test]
fn months_are_those_of_shanghai() {
    let new_year = "2026-12-31T16:00:00Z".parse::<Timestamp>().unwrap();
    let before = Stretch::new(new_year - Duration::from_secs(1), new_year - Duration::from_secs(1));
    let after = Stretch::new(new_year, new_year);
    let price: Yuan = "0.55".parse().unwrap();
    let lines = [before, after, after].map(|time| Line { amount: Some(price), ..line(None, Some(time)) });
    let months = reconcile(&lines, None, None, &[]).months;
    let shown: Vec<_> =
        months.iter().map(|(month, counts)| (month.unwrap(), counts.lines, counts.amount.unwrap())).collect();
    assert_eq!(shown, [((2026, 12), 1, price), ((2027, 1), 2, price.times(2))]);
}

/// A world in which it is known what was billed: calls, and the statement that follows from them.
fn any_world() -> impl Strategy<Value = Vec<(i64, u8, bool, bool, i64)>> {
    proptest::collection::vec((0_i64..400, 0_u8..4, any::<bool>(), any::<bool>(), 0_i64..59), 0..14)
}

/// The counts of the months, in their order.
fn months(outcome: &Outcome) -> Vec<(u64, u64, u64)> {
    outcome.months.values().map(|month| (month.lines, month.billed, month.in_doubt)).collect()
}

#[test]
fn every_line_that_is_charged_and_every_call_is_counted_in_its_month_once() {
    let later = 40 * 24 * 3600;
    let lines = [
        line(Some("JH1"), at(0)),
        line(Some("JH2"), at(10)),
        Line { charge: Charge::No, ..line(Some("JH3"), at(20)) },
        line(Some("JH9"), at(later)),
        line(Some("JH8"), None),
    ];
    let calls = [
        call(1, 0, Known::Billed, Some("JH1")),
        call(2, 10, Known::InDoubt, Some("JH2")),
        call(3, 20, Known::InDoubt, Some("JH3")),
        call(4, 30, Known::SaidBilled, None),
        call(5, 40, Known::Unbilled, None),
        call(6, later, Known::InDoubt, None),
        call(7, later + 5, Known::InDoubt, None),
    ];
    let outcome = reconcile(&lines, None, None, &calls);
    // Without a time; with what was settled here; with two doubts that stay.
    assert_eq!(months(&outcome), [(1, 0, 0), (2, 3, 0), (1, 0, 2)]);
    assert_eq!(outcome.fates[2], Fate::Free, "it costs nothing, as everybody says");
}

#[test]
fn calls_before_and_after_the_time_of_the_statement_are_counted_and_those_within_it_are_missing() {
    let covered = Some(Stretch::new(moment(0), moment(100)));
    let lines = [line(Some("JH0"), at(50))];
    let seconds = [-1, 0, 50, 99, 100, 200];
    let calls: Vec<Call> = (1..)
        .zip(seconds)
        .map(|(intent, second)| call(intent, second, Known::Billed, Some(&format!("JH{intent}"))))
        .collect();
    let outcome = reconcile(&lines, covered, None, &calls);
    let missing: Vec<i64> = outcome.missing.iter().map(|call| call.intent.0).collect();
    assert_eq!((missing, outcome.outside), (vec![2, 3, 4], 3), "the exchange must lie within it");
    // A call without an orderid is not looked for by one.
    let outcome = reconcile(&lines, covered, None, &[call(1, 50, Known::Billed, None)]);
    assert!(outcome.missing.is_empty() && outcome.outside == 0);
}

#[test]
fn lines_without_a_time_are_counted_and_those_that_are_explained_stand_in_nobodys_way() {
    let doubt = call(9, 0, Known::InDoubt, None);
    let vague = [line(Some("JH7"), None), line(None, None), line(Some("JH1"), None)];
    let known = call(1, 9000, Known::Billed, Some("JH1"));
    let outcome = reconcile(&vague, a_day(), None, &[known.clone(), doubt.clone()]);
    assert_eq!(findings(&outcome), [Finding::Stays(Stays::LinesWithoutTime { lines: 2 })]);
    // What is matched, charged twice or free is about no doubt, with or without a time.
    for time in [None, at(5)] {
        let free = Line { charge: Charge::No, ..line(None, time) };
        let lines = [line(Some("JH1"), time), line(Some("JH1"), time), free];
        let outcome = reconcile(&lines, a_day(), None, &[known.clone(), doubt.clone()]);
        assert_eq!(findings(&outcome), [UNBILLED], "{time:?}");
    }
}

#[test]
fn of_two_lines_with_one_orderid_the_one_that_is_charged_stands_for_it() {
    for free_first in [true, false] {
        let free = Line { charge: Charge::No, ..line(Some("JH1"), at(0)) };
        let mut lines = vec![free, line(Some("JH1"), at(0))];
        if !free_first {
            lines.reverse();
        }
        let outcome = reconcile(&lines, a_day(), None, &[call(1, 0, Known::Billed, Some("JH1"))]);
        let charged = usize::from(free_first);
        assert_eq!(outcome.fates[charged], Fate::Matched(IntentId(1)));
        assert_eq!(outcome.fates[1 - charged], Fate::Free);
    }
}

#[test]
fn the_time_of_what_is_lost_ends_a_while_after_the_copy_was_accepted_and_touches_only_its_own() {
    let lost = Lost { after: IntentId(3), since: moment(0), accepted: moment(1000) };
    // From 30 seconds before to 60 + 30 seconds after.
    for (second, is_within) in [(-31, false), (-30, true), (500, true), (1090, true), (1091, false)] {
        let outcome = reconcile(&[line(None, at(second))], a_day(), Some(lost), &[]);
        assert_eq!(outcome.lost != Some(UNBILLED), is_within, "{second}");
    }
    // A line proves a doubt billed where nothing that is lost could have it instead.
    for (second, finding) in
        [(-200, BILLED), (1300, BILLED), (500, Finding::Stays(Stays::Ambiguous { lines: 1, doubts: 1 }))]
    {
        let doubt = [call(4, second, Known::InDoubt, None)];
        let outcome = reconcile(&[line(None, at(second))], a_day(), Some(lost), &doubt);
        assert_eq!(findings(&outcome), [finding], "{second}");
    }
    for (covered, finding) in [
        (Some(Stretch::new(moment(-30), moment(1090))), UNBILLED),
        (Some(Stretch::new(moment(-29), moment(1090))), Finding::Stays(Stays::NotCovered)),
        (Some(Stretch::new(moment(-30), moment(1089))), Finding::Stays(Stays::NotCovered)),
    ] {
        assert_eq!(reconcile(&[], covered, Some(lost), &[]).lost, Some(finding));
    }
    let vague = reconcile(&[line(None, None)], a_day(), Some(lost), &[]);
    assert_eq!(vague.lost, Some(Finding::Stays(Stays::LinesWithoutTime { lines: 1 })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever else is on it, a statement that has a line for a doubt never proves it unbilled.
    #[test]
    fn no_doubt_that_was_billed_is_settled_as_unbilled(
        world in any_world(),
        foreign in proptest::collection::vec((0_i64..400, any::<bool>()), 0..3),
        names_orderids in any::<bool>(),
    ) {
        let mut lines = Vec::new();
        let mut calls = Vec::new();
        let mut truly_billed = Vec::new();
        for (intent, (second, kind, billed, has_orderid, delay)) in (1..).zip(world) {
            let known = [Known::Billed, Known::InDoubt, Known::InDoubt, Known::Unbilled][usize::from(kind)];
            let billed = match known { Known::Billed => true, Known::Unbilled => false, _ => billed };
            let orderid = format!("JH{intent}");
            let delay = if known == Known::Billed { delay % 2 } else { delay };
            if billed {
                truly_billed.push(IntentId(intent));
                lines.push(line(names_orderids.then_some(orderid.as_str()), at(second + delay)));
            }
            let answered = known == Known::Billed && has_orderid;
            calls.push(call(intent, second, known, answered.then_some(orderid.as_str())));
        }
        for (number, (second, has_orderid)) in (0..).zip(foreign) {
            let orderid = format!("OTHER{number}");
            lines.push(line((names_orderids && has_orderid).then_some(orderid.as_str()), at(second)));
        }
        let outcome = reconcile(&lines, a_day(), None, &calls);
        for (call, finding) in &outcome.doubts {
            if truly_billed.contains(&call.intent) {
                prop_assert_ne!(*finding, UNBILLED, "{:?}", call);
            }
        }
        let again = reconcile(&lines, a_day(), None, &calls);
        prop_assert_eq!(findings(&again), findings(&outcome));
        prop_assert_eq!(outcome.fates.len(), lines.len());
    }
}
