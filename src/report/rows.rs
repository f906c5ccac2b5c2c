//! The report's rows, with the persons masked.

use std::io::{self, Write};

use maud::{Markup, html};

use crate::domain::answer::Answer;
use crate::domain::decide::{Shown, shown};
use crate::domain::outcome::Decision;
use crate::domain::{mask, shanghai};
use crate::intake::Row;
use crate::lang;
use crate::output::seen::in_language;
use crate::output::text::for_terminal;
use crate::run::retell::Told;
use crate::say;

/// What stands before the first row.
pub(super) fn head() -> String {
    let heads = [
        say!("report-row"),
        say!("report-name"),
        say!("report-id-number"),
        say!("report-mobile"),
        say!("report-decision"),
        say!("report-factors"),
        say!("report-answer"),
        say!("report-score"),
        say!("report-carrier"),
        say!("report-verified-at"),
    ];
    let head = html! { thead { tr { @for head in heads { th scope="col" { (head) } } } } };
    let about = html! { h2 id="rows" { (say!("report-rows")) } p.note { (say!("report-rows-note")) } };
    format!(
        "<section class=\"rows\">{}<div class=\"scroll\"><table>{}<tbody>\n",
        about.into_string(),
        head.into_string()
    )
}

/// What stands behind the last one.
pub(super) fn tail() -> &'static str {
    "</tbody></table></div></section>\n"
}

/// Writes one row.
///
/// # Errors
///
/// If the writer fails.
pub fn row(out: &mut dyn Write, row: &Row, told: &Told) -> io::Result<()> {
    out.write_all(markup(row, told).into_string().as_bytes())?;
    out.write_all(b"\n")
}

fn markup(row: &Row, told: &Told) -> Markup {
    let written = row.as_written();
    let language = lang::current();
    let shown = shown(&told.history);
    let decision = told.refusal.as_ref().map_or_else(|| shown.decision(), |_| Decision::Rejected);
    let answer = match shown {
        _ if told.refusal.is_some() => None,
        Shown::Answered(_, answer) | Shown::NotVerifiable(_, answer) | Shown::Refused(_, answer) => {
            Some(answer)
        }
        Shown::Unresolved(attempt) => attempt.answer.as_ref(),
        Shown::Lost(_) => None,
        Shown::Pending(attempt) => attempt.and_then(|attempt| attempt.answer.as_ref()),
    };
    let factors = answer.and_then(Answer::factors);
    let of = |text: Option<&String>| text.map(|text| for_terminal(text)).unwrap_or_default();
    let words = match (&told.refusal, answer) {
        (Some(refusal), _) => {
            format!("{}: {}", for_terminal(&refusal.column), for_terminal(&super::clause(refusal)))
        }
        (None, Some(answer)) => {
            let code = of(answer.res.as_ref().or(answer.error_code.as_ref()));
            let seen = answer.seen.as_deref().map(|seen| in_language(language, seen).into_owned());
            let words = of(answer.resmsg.as_ref().or(answer.reason.as_ref()).or(seen.as_ref()));
            format!("{code} {words}")
        }
        (None, None) => String::new(),
    };
    html! {
        tr {
            td.number { (row.number()) }
            td { (mask::name(written.realname)) }
            td.code { (mask::id_number(written.idcard)) }
            td.code { (mask::mobile(written.mobile)) }
            td { span class={ "mark m-" (decision.word()) } { (decision.title(language)) } }
            td {
                @if let Some(factors) = factors {
                    (factors.identity.title(language)) " / " (factors.face.title(language)) " / " (factors.mobile.title(language))
                }
            }
            td.words { (words) }
            td.number { (of(answer.and_then(|answer| answer.score.as_ref()))) }
            td { (of(answer.and_then(|answer| answer.carrier.as_ref()))) }
            td.time { @if let Some(answer) = answer { (shanghai::rfc3339(answer.time)) } }
        }
    }
}
