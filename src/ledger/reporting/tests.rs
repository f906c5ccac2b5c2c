use std::collections::BTreeMap;

use super::*;
use crate::domain::answer::{Answer, Class};
use crate::domain::decide::{AskPolicy, IntentId, Verdict};
use crate::domain::outcome::Decision;
use crate::domain::shanghai;
use crate::ledger::{Access, Reserved};

/// A second from the midnight in Shanghai with which 25 November 2025 begins.
fn now(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

/// Two runs. The first: one billed the day before, one refused for the address. The second: one billed, one
/// not sent, one lost and later said to be billed, one never answered.
fn two_runs(folder: &std::path::Path) -> (Ledger, Vec<IntentId>) {
    let mut ledger =
        Ledger::open(&folder.join("l.db"), &folder.join("l.db.key"), Access::CreateIfMissing).unwrap();
    let mut intents = Vec::new();
    let mut ask = |ledger: &mut Ledger, run, name: &str, at| {
        let subject = ledger.key().subject(name, "1", "2", ledger.key().photo(b"p"));
        match ledger.reserve(subject, &AskPolicy::default(), run, at).unwrap() {
            Reserved::Intent(intent) => intents.push(intent),
            Reserved::NotDue(standing) => panic!("{name}: {standing:?}"),
        }
        *intents.last().unwrap()
    };
    let billed = |res: &str, score: &str, carrier: &str, at| Answer {
        error_code: Some("0".into()),
        res: Some(res.into()),
        score: Some(score.into()),
        carrier: Some(carrier.into()),
        ..Answer::without_reply(Class::Billed, "", at)
    };
    let run = ledger.begin_run(now(-3_600)).unwrap();
    let intent = ask(&mut ledger, run, "a", now(-3_600));
    ledger.record(intent, &billed("100", "940.5", "联通", now(-3_599))).unwrap();
    let intent = ask(&mut ledger, run, "b", now(0));
    let refused =
        Answer { error_code: Some("10011".into()), ..Answer::without_reply(Class::Unbilled, "", now(1)) };
    ledger.record(intent, &refused).unwrap();
    let run = ledger.begin_run(now(10)).unwrap();
    let intent = ask(&mut ledger, run, "c", now(11));
    ledger.record(intent, &billed("101", "300", "移动", now(12))).unwrap();
    let intent = ask(&mut ledger, run, "d", now(13));
    ledger.record(intent, &Answer::without_reply(Class::NotSent, "no route", now(14))).unwrap();
    let intent = ask(&mut ledger, run, "e", now(15));
    ledger.record(intent, &Answer::without_reply(Class::InDoubt, "lost", now(75))).unwrap();
    ledger.resolve(intent, Verdict::Billed, "me", "on the bill", now(80)).unwrap();
    ask(&mut ledger, run, "f", now(16));
    (ledger, intents)
}

/// The calls that may have been billed, and the latest word on each.
fn words(ledger: &Ledger) -> Vec<(IntentId, Option<Verdict>)> {
    let doubts = ledger.doubts().unwrap();
    doubts.into_iter().map(|doubt| (doubt.attempt.intent, doubt.attempt.verdict)).collect()
}

#[test]
fn a_run_is_told_by_what_it_asked_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, _) = two_runs(folder.path());
    let runs = ledger.runs().unwrap();
    assert_eq!(
        runs.iter().map(|run| (run.started, run.intents)).collect::<Vec<_>>(),
        [(now(-3_600), 2), (now(10), 4)]
    );
    let span = &runs[1];
    assert_eq!(ledger.times_of(span).unwrap(), Some((now(11), now(75))));

    let mut answers = Vec::new();
    ledger
        .answers_of(span, |group| answers.push((group.count, group.class, group.seen, group.verdict)))
        .unwrap();
    answers.sort();
    let word = |word: &str| Some(word.to_owned());
    assert_eq!(
        answers,
        [
            (1, None, None, None),
            (1, word("billed"), word(""), None),
            (1, word("in_doubt"), word("lost"), word("billed")),
            (1, word("not_sent"), word("no route"), None),
        ]
    );
    let mut scores = Vec::new();
    ledger
        .scores_of(span, |res, score, count| scores.push((res.map(str::to_owned), score.to_owned(), count)))
        .unwrap();
    assert_eq!(scores, [(word("101"), "300".to_owned(), 1)]);
    let mut carriers = Vec::new();
    ledger.carriers_of(span, |carrier, count| carriers.push((carrier.to_owned(), count))).unwrap();
    assert_eq!(carriers, [("移动".to_owned(), 1)]);

    let stretches = |span, from| {
        let mut stretches = BTreeMap::new();
        ledger
            .stretches_of(span, from, 2_000, |place, stretch| {
                stretches.insert(place, stretch);
            })
            .unwrap();
        stretches
    };
    let one = Stretch::default();
    let of_second = stretches(span, now(11));
    assert_eq!(
        of_second.into_iter().collect::<Vec<_>>(),
        [
            (0, Stretch { billed: 1, ..one }),
            (1, Stretch { not_sent: 1, ..one }),
            (2, Stretch { in_doubt: 2, ..one }),
        ]
    );
    let of_first = stretches(&runs[0], now(0));
    assert_eq!(
        of_first.into_iter().collect::<Vec<_>>(),
        [(-1_800, Stretch { billed: 1, ..one }), (0, Stretch { address_limit: 1, ..one }),]
    );
}

#[test]
fn what_was_spent_is_counted_in_all_and_by_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, intents) = two_runs(folder.path());
    let day = shanghai::day(now(0));
    let ever = Counts { calls: 5, billed: 3, in_doubt: 1 };
    let today = Counts { calls: 4, billed: 2, in_doubt: 1 };
    assert_eq!(ledger.spent_until(day).unwrap(), (ever, today));
    assert_eq!(ledger.counts_of_day(day).unwrap(), today);
    let before = ledger.counts_of_day(day.yesterday().unwrap()).unwrap();
    assert_eq!(before, Counts { calls: 1, billed: 1, in_doubt: 0 });
    let totals = ledger.totals(day).unwrap();
    assert_eq!((totals.ever, totals.today, totals.runs), (ever, today, 2));
    assert_eq!(totals.oldest_doubt, Some(now(16)));
    let applicants: u64 = totals.applicants.iter().sum();
    assert_eq!((applicants, totals.applicants.len()), (6, Decision::ALL.len()));
    assert_eq!(ledger.orphans().unwrap(), 1);

    assert_eq!(words(&ledger), [(intents[4], Some(Verdict::Billed)), (intents[5], None)]);
    let mut calls = Vec::new();
    let each = ledger.each_call(|_, attempt| {
        calls.push(attempt.intent);
        std::ops::ControlFlow::Continue(())
    });
    each.unwrap();
    assert_eq!(calls, intents);
    assert_eq!(ledger.lost(), None);
}

#[test]
fn words_on_doubts_settle_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ledger, intents) = two_runs(folder.path());
    ledger.settle(&[(intents[5], Verdict::Unbilled)], None, "me", "by the bill", now(90)).unwrap();
    assert_eq!(words(&ledger), [(intents[4], Some(Verdict::Billed)), (intents[5], Some(Verdict::Unbilled))]);
    assert_eq!(ledger.orphans().unwrap(), 0);
    let ever = Counts { calls: 5, billed: 3, in_doubt: 0 };
    assert_eq!(ledger.totals(shanghai::day(now(0))).unwrap().ever, ever);
}
