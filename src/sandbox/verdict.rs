//! What the API answers: the document's two tables, and replies in its shape.
//!
//! Not here: when a call is refused (`check`, `limits`), or what is billed (`service`).

use serde::Serialize;

use super::fault::Fault;

/// The code that comes with an order number although nothing was verified.
const NOTHING_VERIFIED: u32 = 280_105;

/// The `res` that the document lacks.
const UNKNOWN_RES: u16 = 777;

/// What a face is worth on the document's scale, where a pass reads 982.7.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Pass,
    Mismatch,
    /// "人像核验通过或人像核验不通过时不为0": otherwise it is.
    NotScored,
}

#[derive(Serialize)]
struct Reply<'a> {
    reason: &'a str,
    result: Option<Order<'a>>,
    error_code: u32,
}

#[derive(Serialize)]
struct Order<'a> {
    orderid: &'a str,
    #[serde(flatten)]
    verdict: Option<Verdict<'a>>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    res: u16,
    resmsg: &'a str,
    score: f64,
    #[serde(rename = "type")]
    carrier: &'a str,
}

/// What a mobile's last three digits ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A verdict with this `res`.
    Res(u16),
    /// Something that goes wrong.
    Fault(Fault),
    /// 10014 the first time, then `res` 100.
    BusyOnce,
}

/// Reads the wish from a mobile number, as the table in the module's head lists it.
pub fn wish(mobile: &[u8; 11]) -> Wish {
    let ending = mobile[8..].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    match ending {
        100..=116 => Wish::Res(ending),
        910 => Wish::Fault(Fault::Code(NOTHING_VERIFIED)),
        912 => Wish::Fault(Fault::Http(500)),
        913 => Wish::Fault(Fault::Hang),
        914 => Wish::Fault(Fault::ResetAfterBodyBilled),
        915 => Wish::Fault(Fault::Truncate),
        916 => Wish::Fault(Fault::UnknownRes),
        917 => Wish::Fault(Fault::Code(299_999)),
        918 => Wish::BusyOnce,
        _ => Wish::Res(100),
    }
}

/// Renders a billed reply. `seed` varies the score within what its verdict allows.
pub fn billed(res: u16, mobile: &[u8; 11], orderid: &str, seed: u64) -> String {
    let (face, resmsg) = meaning(res);
    // Below 2^10, so the conversion is exact.
    let spread = f64::from((seed % 1000) as u16) / 10.0;
    let score = match face {
        Face::Pass => 900.0 + spread,
        Face::Mismatch => 100.0 + spread,
        Face::NotScored => 0.0,
    };
    let verdict = Some(Verdict { res, resmsg, score, carrier: carrier(mobile) });
    render(&Reply { reason: "成功", result: Some(Order { orderid, verdict }), error_code: 0 })
}

/// Renders a billed reply whose `res` the document lacks.
pub fn billed_unknown(mobile: &[u8; 11], orderid: &str, seed: u64) -> String {
    billed(UNKNOWN_RES, mobile, orderid, seed)
}

/// Renders a reply that is not billed: 280105 with an order number, all others without a result.
pub fn refused(code: u32, reason: &str, orderid: &str) -> String {
    let result = (code == NOTHING_VERIFIED).then_some(Order { orderid, verdict: None });
    render(&Reply { reason, result, error_code: code })
}

fn render(reply: &Reply<'_>) -> String {
    serde_json::to_string(reply).expect("strings and finite numbers are always JSON")
}

/// The document's `res` table: the face's part of it, and its words.
const fn meaning(res: u16) -> (Face, &'static str) {
    use Face::{Mismatch, NotScored, Pass};
    match res {
        100 => (Pass, "身份、人像核验通过，手机号核验通过"),
        101 => (Pass, "身份、人像核验通过，手机号核验不通过"),
        102 => (Mismatch, "身份、手机核验通过，人像核验不通过"),
        103 => (Mismatch, "身份核验通过，手机、人像核验不通过"),
        104 => (NotScored, "身份、手机号核验成功，人像核验失败"),
        105 => (NotScored, "身份核验不通过，手机号核验通过"),
        106 => (NotScored, "身份核验成功，手机号核验不通过，人像核验失败"),
        107 => (NotScored, "身份核验不通过、手机号核验不通过"),
        108 => (Pass, "身份、人像核验通过，手机号核验失败"),
        109 => (Pass, "身份、人像核验通过，手机号查询无记录"),
        110 => (Mismatch, "身份核验通过，人像核验不通过，手机号核验失败"),
        111 => (Mismatch, "身份核验通过，人像核验不通过，手机号查询无记录"),
        112 => (NotScored, "身份核验成功，手机号、人像核验失败"),
        113 => (NotScored, "身份核验成功，手机号查询无记录，人像核验失败"),
        114 => (NotScored, "身份核验不通过、手机号核验失败"),
        115 => (NotScored, "手机号核验通过，身份核验失败"),
        116 => (NotScored, "手机号核验不通过，身份核验失败"),
        _ => (NotScored, "未知结果"),
    }
}

/// The document's `error_code` tables, for codes that only a script asks for.
pub const fn reason(code: u32) -> &'static str {
    match code {
        10001 => "错误的请求KEY",
        10002 => "该KEY无请求权限",
        10003 => "KEY过期",
        10004 => "错误的OPENID",
        10005 => "应用未审核超时，请提交认证",
        10007 => "未知的请求源",
        10008 => "被禁止的IP",
        10009 => "被禁止的KEY",
        10011 => "当前IP请求超过限制",
        10012 => "请求超过次数限制",
        10013 => "测试KEY超过请求限制",
        10014 => "系统内部异常",
        10020 => "接口维护",
        10021 => "接口停用",
        280_101 => "任一参数不能为空",
        280_102 => "身份证号格式错",
        280_103 => "手机号格式错误",
        280_104 => "姓名格式错误",
        NOTHING_VERIFIED => "身份核验失败、手机号核验失败",
        _ => "未知错误",
    }
}

/// The carrier that a prefix was given to; 移动 where nobody has it.
fn carrier(mobile: &[u8; 11]) -> &'static str {
    match &mobile[..3] {
        b"130" | b"131" | b"132" | b"145" | b"155" | b"156" | b"166" | b"167" | b"171" | b"175" | b"176"
        | b"185" | b"186" | b"196" => "联通",
        b"133" | b"149" | b"153" | b"162" | b"173" | b"177" | b"180" | b"181" | b"189" | b"190" | b"191"
        | b"193" | b"199" => "电信",
        _ => "移动",
    }
}

/// Makes the order number of the `call`th call: `JH801`, the second in Shanghai, five letters or digits.
pub fn orderid(call: u64, now: jiff::Timestamp) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const COUNT: u64 = 36_u64.pow(5);
    let second = jiff::tz::Offset::constant(8).to_datetime(now).strftime("%y%m%d%H%M%S");
    // A multiplier that shares no factor with 36 visits every suffix before it repeats one.
    let mut number = call.wrapping_mul(39_916_801) % COUNT;
    let mut suffix = String::with_capacity(5);
    for _ in 0..5 {
        suffix.push(char::from(LETTERS[(number % 36) as usize]));
        number /= 36;
    }
    format!("JH801{second}{suffix}")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_score_is_zero_exactly_where_the_face_was_not_judged() {
        for res in 100..=116 {
            let reply: serde_json::Value =
                serde_json::from_str(&billed(res, b"13000000000", "JH1", u64::MAX)).unwrap();
            let words = meaning(res).1;
            let scored = words.contains("人像核验通过")
                || words.contains("人像核验不通过")
                || words.contains("手机、人像核验不通过");
            assert_eq!(reply["result"]["score"].as_f64().unwrap() > 0.0, scored, "{res} {words}");
            assert_eq!(reply["result"]["res"], res);
            assert_eq!(reply["result"]["type"], "联通");
            assert_eq!(reply["error_code"], 0);
        }
    }

    #[test]
    fn only_280105_carries_an_order_number_without_a_verdict() {
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let nothing = parse(&refused(280_105, reason(280_105), "JH1"));
        assert_eq!(nothing["result"], serde_json::json!({"orderid": "JH1"}));
        assert!(parse(&refused(10001, reason(10001), "JH1"))["result"].is_null());
    }

    #[test]
    fn order_numbers_differ_and_name_the_second_in_shanghai() {
        let moment = "2024-09-13T09:00:41Z".parse().unwrap();
        let numbers: HashSet<_> = (0..10_000).map(|call| orderid(call, moment)).collect();
        assert_eq!(numbers.len(), 10_000);
        assert!(numbers.iter().all(|number| number.starts_with("JH801240913170041") && number.len() == 22));
    }
}
