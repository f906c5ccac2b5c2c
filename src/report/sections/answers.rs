//! What the API answered, and what its document says of that.

use maud::{Markup, html};

use super::{nothing, which};
use crate::domain::error_code;
use crate::domain::outcome::{self, Factor, Factors};
use crate::lang::{self, Language};
use crate::ledger::reporting::AnswerGroup;
use crate::output::seen::in_language;
use crate::output::text::for_terminal;
use crate::report::Facts;
use crate::report::page::number;
use crate::say;

pub(super) fn answers(facts: &Facts) -> Markup {
    let title = say!("report-answers");
    let key = |group: &AnswerGroup| {
        let AnswerGroup { class, error_code, res, seen, verdict, .. } = group.clone();
        (class, error_code, res, seen, verdict)
    };
    let mut groups: Vec<(&AnswerGroup, Vec<u64>)> = Vec::new();
    for (place, run) in facts.runs.iter().enumerate() {
        for group in &run.answers {
            let known = groups.iter().position(|(known, _)| key(known) == key(group));
            let known = known.unwrap_or_else(|| {
                groups.push((group, vec![0; facts.runs.len()]));
                groups.len() - 1
            });
            groups[known].1[place] += group.count;
        }
    }
    if groups.is_empty() {
        return nothing(&title, &say!("report-nothing-asked"));
    }
    let others: Vec<u64> = facts.runs.iter().map(|run| run.other_answers).collect();
    html! {
        section {
            h2 { (title) }
            div.scroll { table {
                thead { tr {
                    th scope="col" { "error_code" }
                    th scope="col" { "res" }
                    th scope="col" { (say!("report-meaning")) }
                    th scope="col" { (say!("report-api-words")) }
                    th scope="col" { (say!("report-is-billed")) }
                    @for (place, _) in facts.runs.iter().enumerate() { th.number scope="col" { (which(place)) } }
                } }
                tbody {
                    @for (group, counts) in &groups {
                        tr {
                            td.code { (of(group.error_code.as_ref())) }
                            td.code { (of(group.res.as_ref())) }
                            td.words { (meaning(group)) }
                            td.words { (api_words(group)) }
                            td { (is_billed(group)) }
                            @for count in counts { (number(*count)) }
                        }
                    }
                    @if others.iter().any(|count| *count > 0) {
                        tr { td colspan="5" { (say!("report-others")) } @for count in &others { (number(*count)) } }
                    }
                }
            } }
            p.note { (say!("report-answers-note")) }
        }
    }
}

fn of(text: Option<&String>) -> String {
    text.map(|text| for_terminal(text)).unwrap_or_default()
}

/// What the API's document says of an answer, or what was seen instead of one.
fn meaning(group: &AnswerGroup) -> String {
    if let (Some("0"), Some(res)) = (group.error_code.as_deref(), group.res.as_deref()) {
        let language = lang::current();
        return match (outcome::factors_of_text(res), res.parse().ok().and_then(outcome::sentence)) {
            (Some(_), Some(sentence)) if language == Language::Chinese => sentence.to_owned(),
            (Some(Factors { identity, face, mobile }), _) => Factor::ALL
                .into_iter()
                .zip([identity, face, mobile])
                .map(|(factor, check)| format!("{} {}", factor.title(language), check.title(language)))
                .collect::<Vec<_>>()
                .join(", "),
            (None, _) => say!("report-not-documented"),
        };
    }
    match (&group.error_code, &group.seen) {
        (Some(code), _) => meaning_of_code(code),
        (None, Some(seen)) => for_terminal(&in_language(lang::current(), seen)),
        (None, None) => say!("report-no-answer"),
    }
}

pub(super) fn meaning_of_code(code: &str) -> String {
    let line = code.parse().ok().and_then(error_code::find);
    match line {
        Some(line) if lang::current() == Language::Chinese => line.text.to_owned(),
        Some(line) => format!("{} ({})", line.english, line.text),
        None => say!("report-not-documented"),
    }
}

/// The API's own words, unless they only repeat the document's.
fn api_words(group: &AnswerGroup) -> String {
    let words = [&group.resmsg, &group.reason].into_iter().flatten().map(|words| for_terminal(words));
    words.filter(|words| !words.trim().is_empty()).collect::<Vec<_>>().join(" · ")
}

fn is_billed(group: &AnswerGroup) -> String {
    let is_doubtful = matches!(group.class.as_deref(), None | Some("in_doubt"));
    match (group.class.as_deref(), group.verdict.as_deref()) {
        (Some("billed"), _) => say!("report-yes"),
        (_, Some("billed")) if is_doubtful => say!("report-yes"),
        (_, Some("unbilled")) if is_doubtful => say!("report-no"),
        _ if is_doubtful => say!("report-unknown"),
        _ => say!("report-no"),
    }
}
