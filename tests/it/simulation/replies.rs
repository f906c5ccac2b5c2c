//! What the model server can answer: bytes as the API writes them, read by the program's own reader once.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use reverify::api::{self, Exchange};
use reverify::domain::answer::{Answer, Class, Finding};
use reverify::domain::error_code::{Meaning, TABLE};

use super::chance::Chance;

/// Whether the server bills with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bills {
    Yes,
    No,
    /// The document does not say: either.
    Perhaps,
}

/// One reply, and what the program makes of it.
#[derive(Clone, Debug)]
pub(super) struct Scripted {
    pub(super) bills: Bills,
    pub(super) exchange: Exchange,
}

/// All replies, by what they are about.
#[derive(Debug)]
pub(super) struct Menu {
    pub(super) settled: Vec<Scripted>,
    pub(super) unknown_res: Vec<Scripted>,
    pub(super) fields_refused: Vec<Scripted>,
    pub(super) not_verifiable: Vec<Scripted>,
    pub(super) key_refused: Vec<Scripted>,
    pub(super) quota: Vec<Scripted>,
    pub(super) address: Vec<Scripted>,
    pub(super) internal: Vec<Scripted>,
    pub(super) maintenance: Vec<Scripted>,
    pub(super) unknown_code: Vec<Scripted>,
    pub(super) asked_to_wait: Vec<Scripted>,
    pub(super) client_error: Vec<Scripted>,
    /// Nothing documented arrives.
    pub(super) garbled: Vec<Scripted>,
}

/// The menu, made once.
pub(super) fn menu() -> &'static Menu {
    static MENU: OnceLock<Menu> = OnceLock::new();
    MENU.get_or_init(make)
}

/// One of several replies.
pub(super) fn one_of<'a>(replies: &'a [Scripted], chance: &mut Chance) -> &'a Scripted {
    &replies[usize::try_from(chance.below(replies.len() as u64)).unwrap()]
}

fn reply(status: u16, retry_after: Option<u64>, bills: Bills, body: &str) -> Scripted {
    let secrets = ["张三丰", "110101199003077774", "13800000100", "0123456789abcdef0123456789abcdef"];
    let retry_after = retry_after.map(Duration::from_secs);
    let exchange = api::judge(status, retry_after, body.as_bytes(), &secrets, Timestamp::UNIX_EPOCH);
    Scripted { bills, exchange }
}

fn refusal(code: &str) -> String {
    format!(r#"{{"error_code": {code}, "reason": "no", "result": null}}"#)
}

fn answered(res: &str) -> String {
    format!(r#"{{"error_code": 0, "reason": "成功", "result": {{"res": {res}, "orderid": "J1"}}}}"#)
}

fn documented(meaning: Meaning) -> Vec<Scripted> {
    let lines = TABLE.iter().filter(|line| line.meaning == meaning);
    lines.map(|line| reply(200, None, Bills::No, &refusal(&line.code.to_string()))).collect()
}

fn make() -> Menu {
    let yes = |res: &str| reply(200, None, Bills::Yes, &answered(res));
    let status = |status, retry_after, bills| reply(status, retry_after, bills, "<html>");
    let mut key_refused = documented(Meaning::KeyRefused);
    key_refused.extend(documented(Meaning::ServiceStopped));
    key_refused.push(reply(200, None, Bills::Perhaps, &refusal("10006")));
    Menu {
        settled: (100..=116).flat_map(|res| [yes(&res.to_string()), yes(&format!("\"{res}\""))]).collect(),
        unknown_res: ["99", "117", "null", "\"x\"", "[]"].map(yes).into(),
        fields_refused: documented(Meaning::FieldsRefused),
        not_verifiable: documented(Meaning::NotVerifiable),
        key_refused,
        quota: documented(Meaning::QuotaUsedUp),
        address: documented(Meaning::PerAddressLimit),
        internal: documented(Meaning::InternalError),
        maintenance: documented(Meaning::Maintenance),
        unknown_code: ["299999", "10010", "\"abc\"", "1", "-1"]
            .map(|code| reply(200, None, Bills::Perhaps, &refusal(code)))
            .into(),
        asked_to_wait: vec![
            status(429, None, Bills::No),
            status(429, Some(30), Bills::No),
            status(429, Some(100_000), Bills::No),
            status(503, Some(20), Bills::No),
            reply(429, Some(15), Bills::No, &refusal("10011")),
        ],
        client_error: vec![
            status(404, None, Bills::No),
            status(403, None, Bills::No),
            status(401, None, Bills::No),
            reply(400, None, Bills::No, &refusal("10001")),
            reply(413, None, Bills::No, &refusal("299999")),
        ],
        garbled: vec![
            status(500, None, Bills::Perhaps),
            status(502, None, Bills::Perhaps),
            status(503, None, Bills::Perhaps),
            status(302, None, Bills::Perhaps),
            status(408, None, Bills::Perhaps),
            reply(500, None, Bills::Yes, &answered("100")),
            reply(400, None, Bills::Yes, &answered("100")),
            reply(429, Some(1), Bills::Yes, &answered("100")),
            reply(200, None, Bills::Perhaps, ""),
            reply(200, None, Bills::Perhaps, "null"),
            reply(200, None, Bills::Perhaps, r#"{"error_code": 0, "error_code": 10011}"#),
            reply(200, None, Bills::Yes, r#"{"error_code": 0, "reason": "成功"，"result": {"res": 100}}"#),
            reply(200, None, Bills::Yes, &answered("100")[..40]),
        ],
    }
}

/// A request that never left whole.
pub(super) fn not_sent(finding: Finding) -> Exchange {
    Exchange { finding, answer: Answer::without_reply(Class::NotSent, "refused", Timestamp::UNIX_EPOCH) }
}

/// A request that was sent, and nothing that came back.
pub(super) fn doubt() -> Exchange {
    let answer = Answer::without_reply(Class::InDoubt, "timeout", Timestamp::UNIX_EPOCH);
    Exchange { finding: Finding::Doubt, answer }
}

#[test]
fn the_menu_of_replies_has_every_documented_code_under_its_finding() {
    let menu = menu();
    let groups = [
        (&menu.settled, &[Finding::Settled][..]),
        (&menu.unknown_res, &[Finding::UnknownRes]),
        (&menu.fields_refused, &[Finding::FieldsRefused]),
        (&menu.not_verifiable, &[Finding::NotVerifiable]),
        (&menu.key_refused, &[Finding::KeyRefused, Finding::ServiceStopped, Finding::UndocumentedRefusal]),
        (&menu.quota, &[Finding::QuotaUsedUp]),
        (&menu.address, &[Finding::PerAddressLimit]),
        (&menu.internal, &[Finding::InternalError]),
        (&menu.maintenance, &[Finding::Maintenance]),
        (&menu.unknown_code, &[Finding::UnknownCode]),
        (&menu.garbled, &[Finding::Doubt]),
    ];
    let mut codes = std::collections::BTreeSet::new();
    for (replies, findings) in groups {
        for Scripted { bills, exchange } in replies {
            assert!(findings.contains(&exchange.finding), "{exchange:?}");
            assert_eq!(exchange.finding.class(), exchange.answer.class);
            // What may have been billed is never called unbilled, and the other way round.
            let may_cost = matches!(exchange.answer.class, Class::Billed | Class::InDoubt);
            assert_eq!(may_cost, *bills != Bills::No, "{exchange:?}");
            codes.extend(exchange.answer.error_code.clone());
        }
    }
    assert!(TABLE.iter().all(|line| codes.contains(&line.code.to_string())), "{codes:?}");
}
