//! The page around the report's sections, and the small pieces that they share.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Facts;
use super::figures::Timeline;
use crate::domain::shanghai;
use crate::lang::{self, Language};
use crate::ledger::EndpointKind;
use crate::output::text::for_terminal;
use crate::say;

/// No script, nothing fetched, no form, no frame: what the file itself holds is all there is.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Writes the page's beginning: everything before the first section.
pub(super) fn head(facts: &Facts) -> String {
    let language = match lang::current() {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    let list = for_terminal(&facts.input);
    let title = say!("report-title");
    let page = html! {
        (DOCTYPE)
        (PreEscaped(format!("<html lang=\"{language}\">")))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex, nofollow";
            title { (title) ": " (list) }
            style { (PreEscaped(include_str!("style.css"))) }
        }
        (PreEscaped("<body><main>"))
        header {
            h1 { (title) }
            p.list { (list) }
            dl.about {
                div { dt { (say!("report-made-at")) } dd { (shanghai::rfc3339(facts.made_at)) } }
                div { dt { (say!("report-ledger")) } dd { (for_terminal(&facts.ledger)) } }
                div { dt { (say!("report-program")) } dd { "reverify " (env!("CARGO_PKG_VERSION")) } }
            }
        }
        @match facts.kind {
            Some(EndpointKind::Sandbox) => p.banner role="note" { strong { "SANDBOX" } " " (say!("report-sandbox")) },
            Some(EndpointKind::ThisMachine) => p.banner role="note" { (say!("report-this-machine")) },
            Some(EndpointKind::Remote) | None => {},
        }
    };
    page.into_string()
}

/// Writes the page's end.
pub(super) fn tail() -> String {
    let foot = html! { footer { p { (say!("report-foot")) } } };
    format!("{}</main></body></html>\n", foot.into_string())
}

/// Shows a picture with a table beside it.
pub(super) fn picture(
    title: &str,
    drawn: &[(&'static str, String)],
    legend: &Markup,
    beside: &Markup,
) -> Markup {
    html! {
        div.pair {
            figure role="img" aria-label=(title) {
                @for (class, svg) in drawn {
                    div class={ "drawing " (class) } aria-hidden="true" { (PreEscaped(svg)) }
                }
                (legend)
            }
            div.scroll { (beside) }
        }
    }
}

/// Shows what a picture's colours stand for.
pub(super) fn legend(entries: &[(super::chart::Ink, String)]) -> Markup {
    html! {
        ul.legend {
            @for (ink, words) in entries {
                li { span class={ "swatch b-" (ink.name()) } {} (words) }
            }
        }
    }
}

/// A count, with its thousands apart.
pub(super) fn number(count: u64) -> Markup {
    html! { td.number { (super::grouped(count)) } }
}

/// A count that is worth nothing if it is none.
pub(super) fn number_or_none(count: Option<u64>) -> Markup {
    html! { td.number { @match count { Some(count) => (super::grouped(count)), None => "–" } } }
}

/// The clock time at which a stretch begins, with the day where there are several.
pub(super) fn clock_of(timeline: &Timeline, stretch: i64) -> String {
    let at = |stretch: i64| {
        let seconds = timeline.minutes.saturating_mul(60).saturating_mul(stretch);
        timeline.from.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(timeline.from)
    };
    let last = i64::try_from(timeline.stretches.len()).unwrap_or_default();
    let moment = shanghai::rfc3339(at(stretch));
    // `2026-11-25T08:11:05+08:00`
    if shanghai::day(at(0)) == shanghai::day(at(last)) {
        moment.get(11..16).unwrap_or_default().to_owned()
    } else {
        moment.get(5..16).unwrap_or_default().replace('T', " ")
    }
}
