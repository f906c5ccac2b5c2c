//! `res` -> three factors -> decision.
//!
//! The table is the one of the API document's reply parameters; 失败 (could not be checked) and 无记录
//! (no record) are never turned into a mismatch: to a customer that is an accusation.

use crate::lang::Language;
use crate::say_in;

/// What the API says of one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// 核验通过: the factor belongs to the person.
    Pass,
    /// 核验不通过: the factor does not belong to the person.
    Mismatch,
    /// 核验失败: the factor could not be checked.
    Failed,
    /// 查询无记录: the source has no record of it.
    NoRecord,
    /// The code says nothing of this factor.
    Unchecked,
}

impl Check {
    /// Every value, in the order of the output's documentation.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Mismatch, Self::Failed, Self::NoRecord, Self::Unchecked];

    /// The word that the output's columns use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Mismatch => "mismatch",
            Self::Failed => "failed",
            Self::NoRecord => "no_record",
            Self::Unchecked => "unchecked",
        }
    }

    /// The same for people: the word itself in English.
    pub fn title(self, language: Language) -> String {
        match self {
            Self::Pass => say_in!(language, "check-pass"),
            Self::Mismatch => say_in!(language, "check-mismatch"),
            Self::Failed => say_in!(language, "check-failed"),
            Self::NoRecord => say_in!(language, "check-no-record"),
            Self::Unchecked => say_in!(language, "check-unchecked"),
        }
    }
}

/// One of the three that are judged apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Name and ID number.
    Identity,
    /// The picture.
    Face,
    /// The mobile number.
    Mobile,
}

impl Factor {
    /// All three, in the order of the output's columns.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Face, Self::Mobile];

    /// The word for scripts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Face => "face",
            Self::Mobile => "mobile",
        }
    }

    /// The same for people: the word itself in English.
    pub fn title(self, language: Language) -> String {
        match self {
            Self::Identity => say_in!(language, "factor-identity"),
            Self::Face => say_in!(language, "factor-face"),
            Self::Mobile => say_in!(language, "factor-mobile"),
        }
    }
}

/// What one `res` says of identity, face and mobile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Name and ID number belong together.
    pub identity: Check,
    /// The picture shows that person.
    pub face: Check,
    /// The mobile number is that person's.
    pub mobile: Check,
}

impl Factors {
    const fn new(identity: Check, face: Check, mobile: Check) -> Self {
        Self { identity, face, mobile }
    }

    /// True if any factor could not be checked (失败), so that asking again may tell more.
    pub fn has_failed(self) -> bool {
        [self.identity, self.face, self.mobile].contains(&Check::Failed)
    }

    /// What becomes of the applicant: a mismatch outweighs what could not be checked.
    pub fn decision(self) -> Decision {
        let all = [self.identity, self.face, self.mobile];
        if all.contains(&Check::Mismatch) {
            Decision::Mismatch
        } else if all.iter().all(|check| *check == Check::Pass) {
            Decision::Match
        } else {
            Decision::Inconclusive
        }
    }
}

/// The one word about a row that its reader acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Identity, face and mobile all pass.
    Match,
    /// At least one factor is another person's.
    Mismatch,
    /// Nothing mismatches, but something failed or has no record.
    Inconclusive,
    /// Never asked because the row cannot be asked about, or refused by the API's own validation.
    Rejected,
    /// Asked, but the answer is not known: it may have been billed.
    Unresolved,
    /// Not asked yet.
    Pending,
}

impl Decision {
    /// Every decision, in the order of the summary.
    pub const ALL: [Self; 6] =
        [Self::Match, Self::Mismatch, Self::Inconclusive, Self::Rejected, Self::Unresolved, Self::Pending];

    /// The word that the output's column uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::Inconclusive => "inconclusive",
            Self::Rejected => "rejected",
            Self::Unresolved => "unresolved",
            Self::Pending => "pending",
        }
    }

    /// The same for people: the word itself in English.
    pub fn title(self, language: Language) -> String {
        match self {
            Self::Match => say_in!(language, "decision-match"),
            Self::Mismatch => say_in!(language, "decision-mismatch"),
            Self::Inconclusive => say_in!(language, "decision-inconclusive"),
            Self::Rejected => say_in!(language, "decision-rejected"),
            Self::Unresolved => say_in!(language, "decision-unresolved"),
            Self::Pending => say_in!(language, "decision-pending"),
        }
    }

    /// True where nothing remains to be done about the row.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Match | Self::Mismatch | Self::Inconclusive)
    }
}

/// What `res` says of identity, face and mobile. `None`: the document lacks this code.
pub const fn factors(res: u16) -> Option<Factors> {
    use Check::{Failed, Mismatch, NoRecord, Pass, Unchecked};
    Some(match res {
        100 => Factors::new(Pass, Pass, Pass), // 身份、人像核验通过，手机号核验通过
        101 => Factors::new(Pass, Pass, Mismatch), // 身份、人像核验通过，手机号核验不通过
        102 => Factors::new(Pass, Mismatch, Pass), // 身份、手机核验通过，人像核验不通过
        103 => Factors::new(Pass, Mismatch, Mismatch), // 身份核验通过，手机、人像核验不通过
        104 => Factors::new(Pass, Failed, Pass), // 身份、手机号核验成功，人像核验失败
        105 => Factors::new(Mismatch, Unchecked, Pass), // 身份核验不通过，手机号核验通过
        106 => Factors::new(Pass, Failed, Mismatch), // 身份核验成功，手机号核验不通过，人像核验失败
        107 => Factors::new(Mismatch, Unchecked, Mismatch), // 身份核验不通过、手机号核验不通过
        108 => Factors::new(Pass, Pass, Failed), // 身份、人像核验通过，手机号核验失败
        109 => Factors::new(Pass, Pass, NoRecord), // 身份、人像核验通过，手机号查询无记录
        110 => Factors::new(Pass, Mismatch, Failed), // 身份核验通过，人像核验不通过，手机号核验失败
        111 => Factors::new(Pass, Mismatch, NoRecord), // 身份核验通过，人像核验不通过，手机号查询无记录
        112 => Factors::new(Pass, Failed, Failed), // 身份核验成功，手机号、人像核验失败
        113 => Factors::new(Pass, Failed, NoRecord), // 身份核验成功，手机号查询无记录，人像核验失败
        114 => Factors::new(Mismatch, Unchecked, Failed), // 身份核验不通过、手机号核验失败
        115 => Factors::new(Failed, Unchecked, Pass), // 手机号核验通过，身份核验失败
        116 => Factors::new(Failed, Unchecked, Mismatch), // 手机号核验不通过，身份核验失败
        _ => return None,
    })
}

/// The `res` codes of the API document.
pub const DOCUMENTED: std::ops::RangeInclusive<u16> = 100..=116;

/// The document's own sentence about a `res`.
pub const fn sentence(res: u16) -> Option<&'static str> {
    Some(match res {
        100 => "身份、人像核验通过，手机号核验通过",
        101 => "身份、人像核验通过，手机号核验不通过",
        102 => "身份、手机核验通过，人像核验不通过",
        103 => "身份核验通过，手机、人像核验不通过",
        104 => "身份、手机号核验成功，人像核验失败",
        105 => "身份核验不通过，手机号核验通过",
        106 => "身份核验成功，手机号核验不通过，人像核验失败",
        107 => "身份核验不通过、手机号核验不通过",
        108 => "身份、人像核验通过，手机号核验失败",
        109 => "身份、人像核验通过，手机号查询无记录",
        110 => "身份核验通过，人像核验不通过，手机号核验失败",
        111 => "身份核验通过，人像核验不通过，手机号查询无记录",
        112 => "身份核验成功，手机号、人像核验失败",
        113 => "身份核验成功，手机号查询无记录，人像核验失败",
        114 => "身份核验不通过、手机号核验失败",
        115 => "手机号核验通过，身份核验失败",
        116 => "手机号核验不通过，身份核验失败",
        _ => return None,
    })
}

/// Reads a `res` as the reply wrote it; `None` where the document lacks it.
pub fn factors_of_text(res: &str) -> Option<Factors> {
    res.parse().ok().and_then(factors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_the_words_that_scripts_know_them_by() {
        assert_eq!(Factor::ALL.map(Factor::word), ["identity", "face", "mobile"]);
    }

    /// Reads the factors back out of the document's Chinese sentence, by rules of its own.
    fn read_sentence(sentence: &str) -> Factors {
        let verdict = |text: &str| {
            if text.contains("不通过") {
                Check::Mismatch
            } else if text.contains("无记录") {
                Check::NoRecord
            } else if text.contains("失败") {
                Check::Failed
            } else {
                Check::Pass
            }
        };
        let mut factors = Factors::new(Check::Unchecked, Check::Unchecked, Check::Unchecked);
        let mut waiting: Vec<&str> = Vec::new();
        for part in sentence.split(['，', '、']) {
            waiting.push(part);
            if !["通过", "成功", "失败", "无记录"].iter().any(|end| part.ends_with(end)) {
                continue;
            }
            for name in waiting.drain(..) {
                let target = match name {
                    name if name.starts_with("身份") => &mut factors.identity,
                    name if name.starts_with("人像") => &mut factors.face,
                    name if name.starts_with("手机") => &mut factors.mobile,
                    _ => panic!("a part names no factor: {name}"),
                };
                *target = verdict(part);
            }
        }
        factors
    }

    #[test]
    fn every_documented_res_says_what_its_sentence_says() {
        for res in DOCUMENTED {
            let sentence = sentence(res).expect("documented");
            assert_eq!(factors(res), Some(read_sentence(sentence)), "{res} {sentence}");
        }
    }

    #[test]
    fn what_failed_is_told_from_what_has_no_record_for_every_res() {
        for res in DOCUMENTED {
            let sentence = sentence(res).expect("documented");
            let has_failed = factors(res).expect("documented").has_failed();
            assert_eq!(has_failed, sentence.contains("失败"), "{res} {sentence}");
        }
    }

    #[test]
    fn the_words_that_other_programs_read_stay_as_they_are() {
        let checks = Check::ALL.map(Check::word);
        assert_eq!(checks, ["pass", "mismatch", "failed", "no_record", "unchecked"]);
        let decisions = Decision::ALL.map(Decision::word);
        assert_eq!(decisions, ["match", "mismatch", "inconclusive", "rejected", "unresolved", "pending"]);
        let settled = Decision::ALL.map(Decision::is_settled);
        assert_eq!(settled, [true, true, true, false, false, false]);
    }

    #[test]
    fn no_other_res_has_a_meaning() {
        for res in (0..=u16::MAX).filter(|res| !DOCUMENTED.contains(res)) {
            assert_eq!(factors(res), None);
            assert_eq!(sentence(res), None);
        }
    }

    #[test]
    fn a_decision_follows_from_the_factors_for_every_res() {
        for res in DOCUMENTED {
            let decision = factors(res).expect("documented").decision();
            let expected = match res {
                100 => Decision::Match,
                104 | 108 | 109 | 112 | 113 | 115 => Decision::Inconclusive,
                _ => Decision::Mismatch,
            };
            assert_eq!(decision, expected, "{res}");
        }
    }

    #[test]
    fn what_could_not_be_checked_is_never_a_mismatch() {
        for identity in Check::ALL {
            for face in Check::ALL {
                for mobile in Check::ALL {
                    let all = [identity, face, mobile];
                    let decision = Factors::new(identity, face, mobile).decision();
                    assert_eq!(decision == Decision::Mismatch, all.contains(&Check::Mismatch));
                    assert_eq!(decision == Decision::Match, all == [Check::Pass; 3]);
                }
            }
        }
    }
}
