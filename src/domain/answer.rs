//! What one exchange with the API showed: for money ([`Class`]), for the run ([`Finding`]), and as
//! evidence ([`Answer`]).

use std::time::Duration;

use jiff::Timestamp;

use super::error_code::{self, Meaning};
use super::outcome;

/// What an exchange means for money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The request never left whole: the API cannot have billed it.
    NotSent,
    /// Answered, and the document says that this answer is not billed.
    Unbilled,
    /// `error_code` 0.
    Billed,
    /// The request may have left whole, and no answer says what became of it.
    InDoubt,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::NotSent, Self::Unbilled, Self::Billed, Self::InDoubt];

    /// The word that the ledger keeps.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Unbilled => "unbilled",
            Self::Billed => "billed",
            Self::InDoubt => "in_doubt",
        }
    }

    /// Reads the ledger's word back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// The answer to one intent, as the ledger keeps it. All texts are the API's own, cleared of the
/// applicant's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it means for money.
    pub class: Class,
    /// `error_code`, word for word.
    pub error_code: Option<String>,
    /// `res`, word for word.
    pub res: Option<String>,
    /// `resmsg`.
    pub resmsg: Option<String>,
    /// `score`, word for word: its scale differs between Juhe's products.
    pub score: Option<String>,
    /// `type`: the carrier.
    pub carrier: Option<String>,
    /// `orderid`, Juhe's number of the call.
    pub orderid: Option<String>,
    /// `reason`.
    pub reason: Option<String>,
    /// The HTTP status, if one arrived.
    pub http_status: Option<u16>,
    /// What was seen instead of a documented answer, such as `timeout` or `reply cut short`.
    pub seen: Option<String>,
    /// When the exchange ended.
    pub time: Timestamp,
}

impl Answer {
    /// An answer that consists of what was seen, and nothing from the API.
    pub fn without_reply(class: Class, seen: impl Into<String>, time: Timestamp) -> Self {
        Self {
            class,
            error_code: None,
            res: None,
            resmsg: None,
            score: None,
            carrier: None,
            orderid: None,
            reason: None,
            http_status: None,
            seen: Some(seen.into()),
            time,
        }
    }

    /// What the answer's `error_code` means, if it has one.
    pub fn meaning(&self) -> Option<Meaning> {
        self.error_code.as_deref().map(error_code::meaning)
    }

    /// What the answer's `res` says of the factors, if the document has it.
    pub fn factors(&self) -> Option<outcome::Factors> {
        self.res.as_deref().and_then(outcome::factors_of_text)
    }
}

/// What one exchange showed, as far as the row and the run must react to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Name resolution, connecting, TLS or sending failed before the last frame was taken.
    NotSent,
    /// The server's certificate is invalid: no request was sent.
    CertificateInvalid,
    /// Sent whole, and no documented answer came back.
    Doubt,
    /// Code 0 with a `res` that the document has.
    Settled,
    /// Code 0 with a `res` that is missing or that the document lacks.
    UnknownRes,
    /// 280101 to 280104.
    FieldsRefused,
    /// 280105.
    NotVerifiable,
    /// 10001 to 10009.
    KeyRefused,
    /// 10021.
    ServiceStopped,
    /// 10011.
    PerAddressLimit,
    /// 10012 or 10013.
    QuotaUsedUp,
    /// 10014.
    InternalError,
    /// 10020.
    Maintenance,
    /// 429, or 503 with `Retry-After`: how long the server asked to wait.
    AskedToWait(Option<Duration>),
    /// Another 4xx status: the request was not processed.
    ClientError(u16),
    /// A code that the document lacks.
    UnknownCode,
    /// A code among the key refusals' numbers that the document lacks.
    UndocumentedRefusal,
}

impl Finding {
    /// What a documented reply with this code and `res` shows.
    pub fn of_reply(meaning: Meaning, res: Option<&str>) -> Self {
        match meaning {
            Meaning::Answered if res.and_then(outcome::factors_of_text).is_some() => Self::Settled,
            Meaning::Answered => Self::UnknownRes,
            Meaning::FieldsRefused => Self::FieldsRefused,
            Meaning::NotVerifiable => Self::NotVerifiable,
            Meaning::KeyRefused => Self::KeyRefused,
            Meaning::ServiceStopped => Self::ServiceStopped,
            Meaning::PerAddressLimit => Self::PerAddressLimit,
            Meaning::QuotaUsedUp => Self::QuotaUsedUp,
            Meaning::InternalError => Self::InternalError,
            Meaning::Maintenance => Self::Maintenance,
            Meaning::UndocumentedRefusal => Self::UndocumentedRefusal,
            Meaning::Unknown => Self::UnknownCode,
        }
    }

    /// What the finding means for money.
    pub const fn class(self) -> Class {
        match self {
            Self::NotSent | Self::CertificateInvalid => Class::NotSent,
            Self::Doubt | Self::UnknownCode | Self::UndocumentedRefusal => Class::InDoubt,
            Self::Settled | Self::UnknownRes => Class::Billed,
            Self::FieldsRefused
            | Self::NotVerifiable
            | Self::KeyRefused
            | Self::ServiceStopped
            | Self::PerAddressLimit
            | Self::QuotaUsedUp
            | Self::InternalError
            | Self::Maintenance
            | Self::AskedToWait(_)
            | Self::ClientError(_) => Class::Unbilled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_and_its_code_agree_about_money() {
        let codes = error_code::TABLE.iter().map(|line| line.code.to_string());
        for code in codes.chain(["10006", "299999", "abc"].map(String::from)) {
            let meaning = error_code::meaning(&code);
            let class = Finding::of_reply(meaning, Some("100")).class();
            let expected = match meaning.billed() {
                Some(true) => Class::Billed,
                Some(false) => Class::Unbilled,
                None => Class::InDoubt,
            };
            assert_eq!(class, expected, "{code}");
        }
    }

    #[test]
    fn a_billed_answer_with_a_documented_res_settles() {
        for res in outcome::DOCUMENTED {
            assert_eq!(Finding::of_reply(Meaning::Answered, Some(&res.to_string())), Finding::Settled);
        }
    }

    #[test]
    fn a_billed_answer_without_a_documented_res_is_unknown() {
        for res in [None, Some(""), Some("99"), Some("117"), Some("abc")] {
            assert_eq!(Finding::of_reply(Meaning::Answered, res), Finding::UnknownRes);
        }
    }

    #[test]
    fn every_class_is_read_back_from_its_word() {
        for class in Class::ALL {
            assert_eq!(Class::from_word(class.word()), Some(class));
        }
        assert_eq!(Class::from_word("paid"), None);
    }
}
