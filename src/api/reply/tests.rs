use proptest::prelude::*;

use super::*;

const SECRETS: [&str; 4] = ["测试甲", "00000019900101001X", "13900000100", "key-0123456789"];

fn judged(status: u16, body: &str) -> Exchange {
    judge(status, None, body.as_bytes(), &SECRETS, Timestamp::UNIX_EPOCH)
}

/// The document's samples, cut out of its text word for word.
fn samples() -> Vec<&'static str> {
    include_str!("../../../tests/it/support/api-samples.txt").split("======\n").collect()
}

#[test]
fn the_documents_first_sample_is_not_json_and_so_in_doubt() {
    let exchange = judged(200, samples()[0]);
    assert!(samples()[0].contains("通过\"，"), "the full-width comma is there");
    assert_eq!(exchange.finding, Finding::Doubt);
    assert_eq!(exchange.answer.class, Class::InDoubt);
}

#[test]
fn the_documents_second_sample_is_billed_and_settled() {
    let exchange = judged(200, samples()[1]);
    assert_eq!(exchange.finding, Finding::Settled);
    let answer = exchange.answer;
    assert_eq!(answer.class, Class::Billed);
    assert_eq!(answer.res.as_deref(), Some("101"));
    assert_eq!(answer.score.as_deref(), Some("982.7"));
    assert_eq!(answer.carrier.as_deref(), Some("联通"));
    assert_eq!(answer.orderid.as_deref(), Some("JH801240913174904FOzde"));
    assert_eq!(answer.resmsg.as_deref(), Some("身份、人像核验通过，手机号核验不通过"));
}

#[test]
fn the_documents_third_sample_is_in_doubt_and_unbilled_once_it_is_json() {
    assert_eq!(judged(200, samples()[2]).finding, Finding::Doubt);
    let mended = samples()[2].replace("JZU80\",", "JZU80\"");
    let exchange = judged(200, &mended);
    assert_eq!((exchange.finding, exchange.answer.class), (Finding::NotVerifiable, Class::Unbilled));
    assert_eq!(exchange.answer.orderid.as_deref(), Some("JH801240913170041JZU80"));
}

#[test]
fn a_reply_is_read_leniently_where_its_meaning_is_plain() {
    for (body, finding) in [
        (r#"{"error_code":"0","result":{"res":"100"}}"#, Finding::Settled),
        (r#"{"error_code":0,"result":{"res":100.0,"score":"1"}}"#, Finding::Settled),
        (r#"{"error_code":" 0 ","result":{"res":" 100 "}}"#, Finding::Settled),
        ("\u{feff}{\"error_code\":0,\"result\":{\"res\":116}}\r\n", Finding::Settled),
        (r#"{"error_code":0,"result":null}"#, Finding::UnknownRes),
        (r#"{"error_code":0,"result":[]}"#, Finding::UnknownRes),
        (r#"{"error_code":0}"#, Finding::UnknownRes),
        (r#"{"error_code":0,"result":{"res":777}}"#, Finding::UnknownRes),
        (r#"{"error_code":0,"result":"x"}"#, Finding::UnknownRes),
        (
            r#"{"error_code":280105,"reason":"x","result":{"orderid":"JH1"},"more":{}}"#,
            Finding::NotVerifiable,
        ),
        (r#"{"resultcode":"111","error_code":10011,"reason":"x","result":null}"#, Finding::PerAddressLimit),
        (r#"{"error_code":"10012","result":[]}"#, Finding::QuotaUsedUp),
        (r#"{"error_code":299999}"#, Finding::UnknownCode),
        (r#"{"error_code":"E42"}"#, Finding::UnknownCode),
        (r#"{"error_code":-1}"#, Finding::UnknownCode),
        (r#"{"error_code":10006}"#, Finding::UndocumentedRefusal),
    ] {
        assert_eq!(judged(200, body).finding, finding, "{body}");
    }
}

#[test]
fn what_is_not_the_documented_json_is_in_doubt() {
    for body in [
        "",
        " ",
        "null",
        "0",
        "[]",
        "\"0\"",
        "{}",
        "<html></html>",
        r#"{"error_code":null}"#,
        r#"{"error_code":true}"#,
        r#"{"error_code":""}"#,
        r#"{"error_code":[0]}"#,
        r#"{"error_code":0"#,
        r#"{"error_code":0} {}"#,
        r#"{"error_code":0,"error_code":10011}"#,
        r#"{"error_code":0,"result":{"res":100,"res":101}}"#,
        r#"{"ERROR_CODE":0}"#,
    ] {
        let exchange = judged(200, body);
        assert_eq!((exchange.finding, exchange.answer.class), (Finding::Doubt, Class::InDoubt), "{body}");
        assert!(exchange.answer.seen.is_some());
    }
}

#[test]
fn the_status_decides_where_the_body_does_not() {
    let billed = r#"{"error_code":0,"result":{"res":100}}"#;
    let quota = r#"{"error_code":10012}"#;
    for (status, retry_after, body, finding) in [
        (201, None, billed, Finding::Settled),
        (204, None, "", Finding::Doubt),
        (301, None, "", Finding::Doubt),
        (302, None, billed, Finding::Doubt),
        (400, None, "", Finding::ClientError(400)),
        (400, None, quota, Finding::QuotaUsedUp),
        (400, None, billed, Finding::Doubt),
        (401, None, "x", Finding::ClientError(401)),
        (404, None, "<html>", Finding::ClientError(404)),
        (404, None, r#"{"error_code":999}"#, Finding::ClientError(404)),
        (408, None, "", Finding::Doubt),
        (429, None, "", Finding::AskedToWait(None)),
        (429, Some(9), "", Finding::AskedToWait(Some(Duration::from_secs(9)))),
        (429, Some(9), billed, Finding::Doubt),
        (500, None, quota, Finding::Doubt),
        (502, None, "<html>", Finding::Doubt),
        (503, None, "", Finding::Doubt),
        (503, Some(3), "", Finding::AskedToWait(Some(Duration::from_secs(3)))),
        (503, Some(3), billed, Finding::Doubt),
        (504, Some(3), "", Finding::Doubt),
    ] {
        let wait = retry_after.map(Duration::from_secs);
        let exchange = judge(status, wait, body.as_bytes(), &SECRETS, Timestamp::UNIX_EPOCH);
        assert_eq!(exchange.finding, finding, "{status} {retry_after:?} {body}");
        assert_eq!(exchange.answer.class, finding.class());
        assert_eq!(exchange.answer.http_status, Some(status));
    }
}

#[test]
fn what_the_api_repeats_of_the_request_is_blotted_out() {
    let body = r#"{"error_code":280102,"reason":"测试甲 00000019900101001X 13900000100 key-0123456789 错","result":{"orderid":"测试甲"}}"#;
    let answer = judged(200, body).answer;
    assert_eq!(answer.reason.as_deref(), Some("[realname] [idcard] [mobile] [key] 错"));
    assert_eq!(answer.orderid.as_deref(), Some("[realname]"));
    let own = judge(
        200,
        None,
        r#"{"error_code":280101,"reason":"任一参数不能为空"}"#.as_bytes(),
        &["参数", "1", "2", "3"],
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(own.answer.reason.as_deref(), Some("任一参数不能为空"), "the document's own words stay");
}

proptest! {
    #[test]
    fn no_reply_whatever_breaks_the_program_or_counts_as_unbilled_without_a_code(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let exchange = judge(200, None, &body, &SECRETS, Timestamp::UNIX_EPOCH);
        prop_assert_eq!(exchange.finding.class(), exchange.answer.class);
        if exchange.answer.error_code.is_none() {
            prop_assert_eq!(exchange.answer.class, Class::InDoubt);
        }
    }

    #[test]
    fn a_documented_reply_cut_anywhere_is_in_doubt(cut in 0_usize..60) {
        let body = r#"{"reason":"x","result":{"res":100,"score":1},"error_code":0}"#;
        prop_assume!(cut < body.len());
        prop_assert_eq!(judged(200, &body[..cut]).finding, Finding::Doubt);
    }
}
