//! How the last run went beside the one before it.

use maud::{Markup, html};

use super::{nothing, which};
use crate::domain::shanghai;
use crate::report::Facts;
use crate::report::chart::{self, Ink, PARTS};
use crate::report::figures::{RunFigures, Timeline};
use crate::report::page::{clock_of, legend, number};
use crate::{lang, say};

pub(super) fn runs(facts: &Facts) -> Markup {
    let title = say!("report-runs");
    if facts.runs.is_empty() {
        return nothing(&title, &say!("report-no-runs"));
    }
    html! {
        section.runs {
            h2 { (title) }
            div.scroll { table.facts {
                thead { tr {
                    th scope="col" {}
                    @for (place, _) in facts.runs.iter().enumerate() { th.number scope="col" { (which(place)) } }
                } }
                tbody { @for (head, values) in run_facts(facts) {
                    tr { th scope="row" { (head) } @for value in values { td.number { (value) } } }
                } }
            } }
            p.note { (say!("report-runs-note")) }
            div.pair {
                @for (place, run) in facts.runs.iter().enumerate() { div { (calls_over_time(place, run)) } }
                @if facts.runs.len() == 1 { p.note { (say!("report-no-run-before")) } }
            }
        }
    }
}

fn run_facts(facts: &Facts) -> Vec<(String, Vec<String>)> {
    let of = |value: &dyn Fn(&RunFigures) -> String| facts.runs.iter().map(value).collect::<Vec<_>>();
    let mut table = vec![
        (say!("report-number-of-run"), of(&|run| run.run.0.to_string())),
        (say!("report-began"), of(&|run| shanghai::rfc3339(run.started))),
        (
            say!("report-took"),
            of(&|run| {
                let took = run.last_heard.map(|last| last.duration_since(run.started));
                let took = took.and_then(|took| std::time::Duration::try_from(took).ok());
                let seconds = took.map(|took| std::time::Duration::from_secs(took.as_secs()));
                seconds.map_or_else(|| "–".to_owned(), lang::duration)
            }),
        ),
        (say!("report-calls"), of(&|run| crate::report::grouped(run.counts.calls))),
        (say!("report-billed"), of(&|run| crate::report::grouped(run.counts.billed))),
    ];
    if let Some(price) = facts.price {
        let cost = |run: &RunFigures| say!("report-yuan", yuan = price.times(run.counts.billed).to_string());
        let perhaps =
            |run: &RunFigures| say!("report-yuan", yuan = price.times(run.counts.in_doubt).to_string());
        table.push((say!("report-cost", price = price.to_string()), of(&cost)));
        table.push((say!("report-perhaps-cost"), of(&perhaps)));
    }
    table.extend([
        (say!("report-in-doubt"), of(&|run| crate::report::grouped(run.counts.in_doubt))),
        (say!("report-address-limit"), of(&|run| crate::report::grouped(run.address_limit))),
        (say!("report-not-sent"), of(&|run| crate::report::grouped(run.not_sent))),
    ]);
    table
}

fn part_title(ink: Ink) -> String {
    match ink {
        Ink::Billed => say!("report-part-billed"),
        Ink::AddressLimit => say!("report-part-limit"),
        Ink::InDoubt => say!("report-part-doubt"),
        Ink::NotSent => say!("report-part-unsent"),
        _ => say!("report-part-unbilled"),
    }
}

fn calls_over_time(place: usize, run: &RunFigures) -> Markup {
    let Some(timeline) = &run.timeline else {
        return html! { p.note { (which(place)) ": " (say!("report-no-calls")) } };
    };
    let minutes = timeline.minutes;
    let title = format!("{}: {}", which(place), say!("report-calls-per-minutes", minutes = minutes));
    let parts: Vec<_> = PARTS
        .into_iter()
        .filter(|(_, count)| timeline.stretches.iter().any(|stretch| count(stretch) > 0))
        .collect();
    let entries: Vec<_> = parts.iter().map(|(ink, _)| (*ink, part_title(*ink))).collect();
    html! {
        div.keep {
            h3 { (title) }
            @if run.address_limit > 0 { p.note { (slowed(timeline, run.address_limit)) } }
            figure role="img" aria-label=(title) {
                @for (class, svg) in chart::timeline(timeline) {
                    div class={ "drawing " (class) } aria-hidden="true" { (maud::PreEscaped(svg)) }
                }
                (legend(&entries))
            }
        }
        details {
            summary { (say!("report-as-table")) }
            div.scroll { table {
                thead { tr {
                    th scope="col" { (say!("report-time")) }
                    @for (ink, _) in &parts { th.number scope="col" { (part_title(*ink)) } }
                } }
                tbody { @for (at, stretch) in (0..).zip(&timeline.stretches) {
                    tr {
                        th scope="row" { (clock_of(timeline, at)) }
                        @for (_, count) in &parts { (number(count(stretch))) }
                    }
                } }
            } }
        }
    }
}

/// Says when the API slowed the run down.
fn slowed(timeline: &Timeline, answers: u64) -> String {
    let slow: Vec<i64> = (0..)
        .zip(&timeline.stretches)
        .filter(|(_, stretch)| stretch.address_limit > 0)
        .map(|(at, _)| at)
        .collect();
    let first = slow.first().map(|at| clock_of(timeline, *at)).unwrap_or_default();
    let last = slow.last().map(|at| clock_of(timeline, *at)).unwrap_or_default();
    say!("report-slowed", answers = answers, first = first.as_str(), last = last.as_str())
}
