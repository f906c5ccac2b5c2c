//! `error_code` -> billed? again? what becomes of row and run? One table.
//!
//! The API document says of money only this: `error_code` is 0 when the call is billed. What it lists
//! as an error is therefore not billed; what it does not list may be.

use crate::lang::Language;
use crate::say_in;

/// What a code means for money, the row and the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// 0: answered, and billed.
    Answered,
    /// The API's own validation refuses a field: the row is rejected.
    FieldsRefused,
    /// 280105: neither identity nor mobile could be verified; worth asking on another day.
    NotVerifiable,
    /// The key, the account or this machine's address is refused: no call can succeed.
    KeyRefused,
    /// 10021: the interface has been shut down.
    ServiceStopped,
    /// 10011: too many calls from this address.
    PerAddressLimit,
    /// 10012, 10013: the day's or the test key's calls are used up.
    QuotaUsedUp,
    /// 10014: an internal error, about which the document itself warns to check the order.
    InternalError,
    /// 10020: the interface is being maintained.
    Maintenance,
    /// Stands in the numbers of the key refusals, but not in the document: may be billed, and the run stops.
    UndocumentedRefusal,
    /// The document lacks it: may be billed.
    Unknown,
}

/// What the operator should do about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// There is nothing to do.
    Nothing,
    /// Look the key up.
    CheckKey,
    /// Apply for the interface.
    Apply,
    /// Renew the key.
    RenewKey,
    /// Submit the account's certification.
    Certify,
    /// Allow this machine as a source.
    AllowSource,
    /// Put this machine's address on the white list.
    AllowAddress,
    /// Ask Juhe.
    AskJuhe,
    /// Nothing, or lower `--rate`.
    LowerRate,
    /// Go on tomorrow.
    Tomorrow,
    /// Use another key.
    NoTestKey,
    /// Compare with the bill.
    CompareOrders,
    /// Go on later.
    Later,
    /// Correct the row.
    MendRow,
    /// Correct its ID number.
    MendIdNumber,
    /// Correct its mobile number.
    MendMobile,
    /// Correct its name.
    MendName,
    /// Nothing: it is asked again.
    AskedAgain,
}

impl Remedy {
    /// Says it.
    pub fn text(self, language: Language) -> String {
        match self {
            Self::Nothing => say_in!(language, "remedy-nothing"),
            Self::CheckKey => say_in!(language, "remedy-check-key"),
            Self::Apply => say_in!(language, "remedy-apply"),
            Self::RenewKey => say_in!(language, "remedy-renew-key"),
            Self::Certify => say_in!(language, "remedy-certify"),
            Self::AllowSource => say_in!(language, "remedy-allow-source"),
            Self::AllowAddress => say_in!(language, "remedy-allow-address"),
            Self::AskJuhe => say_in!(language, "remedy-ask-juhe"),
            Self::LowerRate => say_in!(language, "remedy-lower-rate"),
            Self::Tomorrow => say_in!(language, "remedy-tomorrow"),
            Self::NoTestKey => say_in!(language, "remedy-no-test-key"),
            Self::CompareOrders => say_in!(language, "remedy-compare-orders"),
            Self::Later => say_in!(language, "remedy-later"),
            Self::MendRow => say_in!(language, "remedy-mend-row"),
            Self::MendIdNumber => say_in!(language, "remedy-mend-id-number"),
            Self::MendMobile => say_in!(language, "remedy-mend-mobile"),
            Self::MendName => say_in!(language, "remedy-mend-name"),
            Self::AskedAgain => say_in!(language, "remedy-asked-again"),
        }
    }
}

/// One line of the document's tables of error codes.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCode {
    /// The number.
    pub code: u32,
    /// The number's predecessor (`resultcode`), where the document names one.
    pub old_code: Option<u16>,
    /// The document's own words.
    pub text: &'static str,
    /// The same in English.
    pub english: &'static str,
    /// What it means for row and run.
    pub meaning: Meaning,
    /// What the operator should do.
    pub remedy: Remedy,
}

const fn line(
    code: u32,
    old_code: Option<u16>,
    text: &'static str,
    english: &'static str,
    meaning: Meaning,
    remedy: Remedy,
) -> ErrorCode {
    ErrorCode { code, old_code, text, english, meaning, remedy }
}

/// Both tables of the document, service codes and system codes, in ascending order; 0 first.
pub const TABLE: &[ErrorCode] = &[
    line(0, None, "成功", "answered and billed", Meaning::Answered, Remedy::Nothing),
    line(10001, Some(101), "错误的请求KEY", "the key is wrong", Meaning::KeyRefused, Remedy::CheckKey),
    line(
        10002,
        Some(102),
        "该KEY无请求权限",
        "the key has no right to this interface",
        Meaning::KeyRefused,
        Remedy::Apply,
    ),
    line(10003, Some(103), "KEY过期", "the key has expired", Meaning::KeyRefused, Remedy::RenewKey),
    line(10004, Some(104), "错误的OPENID", "the OPENID is wrong", Meaning::KeyRefused, Remedy::CheckKey),
    line(
        10005,
        Some(105),
        "应用未审核超时，请提交认证",
        "the application was not approved in time",
        Meaning::KeyRefused,
        Remedy::Certify,
    ),
    line(
        10007,
        Some(107),
        "未知的请求源",
        "the source of the request is unknown",
        Meaning::KeyRefused,
        Remedy::AllowSource,
    ),
    line(
        10008,
        Some(108),
        "被禁止的IP",
        "this machine's address is forbidden",
        Meaning::KeyRefused,
        Remedy::AllowAddress,
    ),
    line(10009, Some(109), "被禁止的KEY", "the key is forbidden", Meaning::KeyRefused, Remedy::AskJuhe),
    line(
        10011,
        Some(111),
        "当前IP请求超过限制",
        "too many calls from this address",
        Meaning::PerAddressLimit,
        Remedy::LowerRate,
    ),
    line(
        10012,
        Some(112),
        "请求超过次数限制",
        "the day's calls are used up",
        Meaning::QuotaUsedUp,
        Remedy::Tomorrow,
    ),
    line(
        10013,
        Some(113),
        "测试KEY超过请求限制",
        "the test key's calls are used up",
        Meaning::QuotaUsedUp,
        Remedy::NoTestKey,
    ),
    line(
        10014,
        Some(114),
        "系统内部异常",
        "an internal error at Juhe",
        Meaning::InternalError,
        Remedy::CompareOrders,
    ),
    line(
        10020,
        Some(120),
        "接口维护",
        "the interface is being maintained",
        Meaning::Maintenance,
        Remedy::Later,
    ),
    line(
        10021,
        Some(121),
        "接口停用",
        "the interface has been shut down",
        Meaning::ServiceStopped,
        Remedy::AskJuhe,
    ),
    line(280_101, None, "任一参数不能为空", "a parameter is empty", Meaning::FieldsRefused, Remedy::MendRow),
    line(
        280_102,
        None,
        "身份证号格式错",
        "the ID number's form is wrong",
        Meaning::FieldsRefused,
        Remedy::MendIdNumber,
    ),
    line(
        280_103,
        None,
        "手机号格式错误",
        "the mobile number's form is wrong",
        Meaning::FieldsRefused,
        Remedy::MendMobile,
    ),
    line(280_104, None, "姓名格式错误", "the name's form is wrong", Meaning::FieldsRefused, Remedy::MendName),
    line(
        280_105,
        None,
        "身份核验失败、手机号核验失败",
        "neither identity nor mobile could be verified",
        Meaning::NotVerifiable,
        Remedy::AskedAgain,
    ),
];

/// Looks a code up as a reply wrote it: total, for numbers and for any other text.
pub fn meaning(code: &str) -> Meaning {
    let Ok(number) = code.parse::<u32>() else { return Meaning::Unknown };
    match find(number) {
        Some(line) => line.meaning,
        None if (10_001..=10_009).contains(&number) => Meaning::UndocumentedRefusal,
        None => Meaning::Unknown,
    }
}

/// The document's line about a code.
pub fn find(code: u32) -> Option<&'static ErrorCode> {
    TABLE.iter().find(|line| line.code == code)
}

impl Meaning {
    /// Whether an answer of this meaning costs money. `None`: nobody can tell.
    pub const fn billed(self) -> Option<bool> {
        match self {
            Self::Answered => Some(true),
            Self::Unknown | Self::UndocumentedRefusal => None,
            Self::FieldsRefused
            | Self::NotVerifiable
            | Self::KeyRefused
            | Self::ServiceStopped
            | Self::PerAddressLimit
            | Self::QuotaUsedUp
            | Self::InternalError
            | Self::Maintenance => Some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documents() {
        let document = include_str!("../../tests/it/support/api-codes.txt");
        for line in document.lines().filter(|line| !line.is_empty()) {
            let (code, text) = line.split_once(' ').expect("code and text");
            let known = find(code.parse().expect("a number")).expect("in the table");
            assert_eq!(known.text, text, "{code}");
        }
        assert_eq!(document.lines().filter(|line| !line.is_empty()).count() + 1, TABLE.len());
        assert!(TABLE.is_sorted_by_key(|line| line.code));
    }

    #[test]
    fn only_zero_is_billed_and_only_the_undocumented_is_unknown() {
        for code in 0..300_000_u32 {
            let billed = meaning(&code.to_string()).billed();
            let expected = if code == 0 { Some(true) } else { find(code).map(|_| false) };
            assert_eq!(billed, expected, "{code}");
        }
    }

    #[test]
    fn what_the_document_lacks_among_the_key_refusals_stops_like_one() {
        for (code, expected) in [
            ("10000", Meaning::Unknown),
            ("10006", Meaning::UndocumentedRefusal),
            ("10009", Meaning::KeyRefused),
            ("10010", Meaning::Unknown),
            ("299999", Meaning::Unknown),
        ] {
            assert_eq!(meaning(code), expected, "{code}");
        }
    }

    #[test]
    fn text_that_is_no_number_is_unknown() {
        for code in ["", "abc", "-1", "99999999999999999999", "0.5", "1e3"] {
            assert_eq!(meaning(code), Meaning::Unknown, "{code:?}");
        }
    }
}
