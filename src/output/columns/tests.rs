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

fn of(attempts: &[Attempt], notes: &str, language: Language) -> Columns {
    Columns::of_history(&attempts.to_vec().into(), notes, language)
}

fn cell<'a>(columns: &'a Columns, name: &str) -> &'a str {
    &columns.cells[NAMES.iter().position(|known| *known == name).unwrap()]
}

#[test]
fn every_res_fills_its_columns() {
    for res in outcome::DOCUMENTED {
        let factors = outcome::factors(res).unwrap();
        let columns = of(
            &[attempt(1, Some(answer(Class::Billed, "0", Some(&res.to_string()))))],
            "",
            Language::English,
        );
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
    let columns = of(&[attempt(1, Some(answer(Class::Billed, "0", Some("777"))))], "", Language::English);
    assert_eq!(
        (cell(&columns, "decision"), cell(&columns, "res"), cell(&columns, "billed")),
        ("inconclusive", "777", "yes")
    );
    assert_eq!(cell(&columns, "identity_check"), "");
}

#[test]
fn what_could_not_be_verified_is_inconclusive_and_never_a_mismatch() {
    let columns = of(&[attempt(1, Some(answer(Class::Unbilled, "280105", None)))], "", Language::English);
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
        let columns = of(&[attempt(1, answer)], "", Language::English);
        assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("unresolved", "unknown"));
        let detail = cell(&columns, "detail");
        assert!(detail.contains(word) && detail.contains("2026-11-23T02:00:00+08:00"), "{detail}");
        assert_eq!(cell(&columns, "verified_at"), "");
    }
}

#[test]
fn a_row_that_waits_says_why_and_costs_nothing() {
    let columns = of(&[attempt(1, Some(answer(Class::Unbilled, "10012", None)))], "", Language::English);
    assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("pending", "no"));
    assert_eq!(cell(&columns, "error_code"), "10012");
    let columns = of(&[], "repaired: idcard (spaces removed)", Language::English);
    assert_eq!((cell(&columns, "decision"), cell(&columns, "attempts")), ("pending", "0"));
    assert!(cell(&columns, "detail").ends_with("repaired: idcard (spaces removed)"));
}

#[test]
fn an_answer_after_an_allowed_resend_still_tells_of_the_doubt() {
    let doubt = Attempt { verdict: Some(Verdict::Resend), ..attempt(1, None) };
    let columns =
        of(&[doubt, attempt(2, Some(answer(Class::Billed, "0", Some("100"))))], "", Language::English);
    assert_eq!((cell(&columns, "decision"), cell(&columns, "billed")), ("match", "yes"));
    assert_eq!(cell(&columns, "attempts"), "2");
    assert!(cell(&columns, "detail").contains("1 more call"));
}

#[test]
fn a_refusal_names_the_files_own_column() {
    let cause = Cause::Value(Rule::IdCheckDigit);
    let refusal = Refusal { field: Field::Idcard, column: "身份证号".into(), cause };
    let columns = Columns::of_refusal(&refusal, &History::default(), Language::English);
    assert_eq!(cell(&columns, "decision"), "rejected");
    assert_eq!(cell(&columns, "reason"), format!("身份证号: {}", Rule::IdCheckDigit));
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
    let columns = of(&[attempt(1, Some(hostile))], "", Language::English);
    assert_eq!(text::for_spreadsheet(cell(&columns, "resmsg")), "'=HYPERLINK(1)");
    assert!(!cell(&columns, "carrier").contains('\u{1b}'));
}

#[test]
fn names_of_columns_are_different_in_both_languages_and_among_each_other() {
    let all: std::collections::BTreeSet<_> = NAMES.iter().chain(&CHINESE_NAMES).collect();
    assert_eq!(all.len(), 2 * NAMES.len());
}

#[test]
fn prose_is_chinese_where_that_was_asked_for_and_words_of_scripts_stay() {
    let chinese = Language::Chinese;
    let columns = of(&[attempt(1, None)], "", chinese);
    assert_eq!(cell(&columns, "decision"), "unresolved");
    assert!(cell(&columns, "detail").contains("2026-11-23T02:00:00+08:00"));
    let cause =
        Cause::Photo {
            code: "photo-empty".into(), english: "in English".into(), chinese: "用中文".into()
        };
    let refusal = Refusal { field: Field::Photo, column: "照片".into(), cause };
    let columns = Columns::of_refusal(&refusal, &History::default(), chinese);
    assert!(cell(&columns, "detail").contains("photo-empty"));
    assert!(cell(&columns, "reason").contains("用中文"));
    assert!(
        cell(&Columns::of_refusal(&refusal, &History::default(), Language::English), "reason")
            .contains("in English")
    );
}
