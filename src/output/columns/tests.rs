use jiff::Timestamp;

use super::*;
use crate::domain::answer::Class;
use crate::domain::decide::{History, IntentId, RunId, Verdict};
use crate::domain::outcome;

fn attempt(intent: i64, answer: Option<Answer>) -> Attempt {
    let asked_at = "2026-11-22T18:00:00Z".parse().unwrap();
    Attempt { intent: IntentId(intent), run: RunId(1), asked_at, answer, verdict: None }
}

fn answer(class: Class, code: &str, res: Option<&str>) -> Answer {
    let time: Timestamp = "2026-11-22T18:00:01Z".parse().unwrap();
    Answer {
        error_code: Some(code.to_owned()),
        res: res.map(str::to_owned),
        seen: None,
        ..Answer::without_reply(class, "", time)
    }
}

fn of(attempts: &[Attempt], notes: &str) -> Columns {
    Columns::of_history(&attempts.to_vec().into(), notes)
}

fn cell<'a>(columns: &'a Columns, name: &str) -> &'a str {
    &columns.cells[NAMES.iter().position(|known| *known == name).unwrap()]
}

#[test]
fn every_res_fills_its_columns() {
    for res in outcome::DOCUMENTED {
        let factors = outcome::factors(res).unwrap();
        let columns = of(&[attempt(1, Some(answer(Class::Billed, "0", Some(&res.to_string()))))], "");
        assert_eq!(cell(&columns, "decision"), factors.decision().word());
        assert_eq!(cell(&columns, "identity_check"), factors.identity.word());
        assert_eq!(cell(&columns, "face_check"), factors.face.word());
        assert_eq!(cell(&columns, "mobile_check"), factors.mobile.word());
        assert_eq!(cell(&columns, "res"), res.to_string());
        assert_eq!(cell(&columns, "error_code"), "0");
        assert_eq!(cell(&columns, "billed"), "yes");
        assert_eq!(cell(&columns, "attempts"), "1");
        assert_eq!(cell(&columns, "verified_at"), "2026-11-23T02:00:01+08:00");
        assert_eq!(cell(&columns, "detail"), "");
    }
}

#[test]
fn an_unknown_res_is_inconclusive_billed_and_kept_word_for_word() {
    let columns = of(&[attempt(1, Some(answer(Class::Billed, "0", Some("777"))))], "");
    assert_eq!(
        (cell(&columns, "decision"), cell(&columns, "res"), cell(&columns, "billed")),
        ("inconclusive", "777", "yes")
    );
    assert_eq!(cell(&columns, "identity_check"), "");
}

#[test]
fn what_could_not_be_verified_is_inconclusive_and_never_a_mismatch() {
    let columns = of(&[attempt(1, Some(answer(Class::Unbilled, "280105", None)))], "");
    assert_eq!(cell(&columns, "decision"), "inconclusive");
    assert_eq!(cell(&columns, "identity_check"), "failed");
    assert_eq!((cell(&columns, "mobile_check"), cell(&columns, "billed")), ("failed", "no"));
}

#[test]
fn a_doubt_says_when_and_that_it_may_have_been_billed() {
    for (answer, word) in [
        (None, "no answer was recorded"),
        (Some(Answer::without_reply(Class::InDoubt, "HTTP 502", Timestamp::UNIX_EPOCH)), "HTTP 502"),
        (Some(answer(Class::InDoubt, "299999", None)), "error_code 299999"),
    ] {
        let columns = of(&[attempt(1, answer)], "");
        assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("unresolved", "unknown"));
        let detail = cell(&columns, "detail");
        assert!(detail.contains(word) && detail.contains("2026-11-23T02:00:00+08:00"), "{detail}");
        assert_eq!(cell(&columns, "verified_at"), "");
    }
}

#[test]
fn a_row_that_waits_says_why_and_costs_nothing() {
    let columns = of(&[attempt(1, Some(answer(Class::Unbilled, "10012", None)))], "");
    assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("pending", "no"));
    assert_eq!(cell(&columns, "error_code"), "10012");
    let columns = of(&[], "repaired: idcard (spaces removed)");
    assert_eq!((cell(&columns, "decision"), cell(&columns, "attempts")), ("pending", "0"));
    assert!(cell(&columns, "detail").ends_with("repaired: idcard (spaces removed)"));
}

#[test]
fn an_answer_after_an_allowed_resend_still_tells_of_the_doubt() {
    let doubt = Attempt { verdict: Some(Verdict::Resend), ..attempt(1, None) };
    let columns = of(&[doubt, attempt(2, Some(answer(Class::Billed, "0", Some("100"))))], "");
    assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("match", "yes"));
    assert_eq!(cell(&columns, "attempts"), "2");
    assert!(cell(&columns, "detail").contains("1 more call"));
}

#[test]
fn a_refusal_names_the_files_own_column() {
    let refusal =
        Refusal {
            column: "身份证号".into(), code: "id-check-digit".into(), clause: "it is wrong".into()
        };
    let columns = Columns::of_refusal(&refusal, &History::default());
    assert_eq!(cell(&columns, "decision"), "rejected");
    assert_eq!(cell(&columns, "reason"), "身份证号: it is wrong");
    assert_eq!(cell(&columns, "detail"), "column 身份证号; id-check-digit");
    assert_eq!((cell(&columns, "billed"), cell(&columns, "attempts")), ("no", "0"));
}

#[test]
fn no_text_of_the_api_becomes_a_formula() {
    let hostile = Answer {
        resmsg: Some("=HYPERLINK(1)".into()),
        carrier: Some("\u{1b}[31m".into()),
        ..answer(Class::Billed, "0", Some("100"))
    };
    let columns = of(&[attempt(1, Some(hostile))], "");
    assert_eq!(cell(&columns, "resmsg"), "'=HYPERLINK(1)");
    assert!(!cell(&columns, "carrier").contains('\u{1b}'));
}
