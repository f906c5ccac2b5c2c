//! The report's sections, in the order in which a reader asks: how does the list stand, what do the factors
//! say, what has to be mended, and how did the last run go beside the one before it.

mod answers;
mod runs;

use maud::{Markup, html};

use super::Facts;
use super::chart::{self, GRID_COLUMNS, GRID_ROWS, Ink, SCORED};
use super::figures::{Grid, Tally};
use super::page::{legend, number, number_or_none, picture};
use super::scores::Scores;
use crate::domain::outcome::{Decision, Factor, Factors};
use crate::domain::shanghai;
use crate::lang;
use crate::say;

/// Writes all of them.
pub(super) fn all(facts: &Facts) -> Markup {
    html! {
        (overview(facts))
        (factors(facts))
        (scores(facts))
        (carriers(facts))
        (rejected(facts))
        (doubts(facts))
        (runs::runs(facts))
        (answers::answers(facts))
        (words())
    }
}

/// The heads of the columns that compare: the list, the last run, the one before.
fn compared(facts: &Facts, first: &str) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            th.number scope="col" { (say!("report-list-now")) }
            @for (place, _) in facts.runs.iter().enumerate() { th.number scope="col" { (which(place)) } }
        } }
    }
}

fn which(place: usize) -> String {
    if place == 0 { say!("report-last-run") } else { say!("report-run-before") }
}

fn overview(facts: &Facts) -> Markup {
    let language = lang::current();
    let list = &facts.list;
    let bars: Vec<_> = Decision::ALL
        .into_iter()
        .map(|decision| (decision.title(language), list.count(decision), Ink::Decision(decision)))
        .collect();
    let title = say!("report-decisions");
    let table = html! {
        table {
            (compared(facts, &say!("report-decision")))
            tbody { @for decision in Decision::ALL {
                tr {
                    th scope="row" { span class={ "mark m-" (decision.word()) } { (decision.title(language)) } }
                    (number(list.count(decision)))
                    @for run in &facts.runs { (number(run.count(decision))) }
                }
            } }
            tfoot { tr {
                th scope="row" { (say!("report-in-all")) }
                (number(list.rows))
                @for run in &facts.runs { (number(run.decisions.iter().sum())) }
            } }
        }
    };
    html! {
        section {
            h2 { (title) }
            p.lead { (verdict(facts)) }
            (picture(&title, &chart::bars(&bars), &html! {}, &table))
            p.note { (say!("report-decisions-note")) }
        }
    }
}

/// One sentence for who reads no further.
fn verdict(facts: &Facts) -> String {
    let list = &facts.list;
    let settled: u64 =
        Decision::ALL.into_iter().filter(|decision| decision.is_settled()).map(|of| list.count(of)).sum();
    let percent = chart::percent(list.count(Decision::Match), list.rows);
    say!(
        "report-verdict",
        rows = list.rows,
        settled = settled,
        left = list.rows.saturating_sub(settled),
        percent = percent.as_str()
    )
}

fn factors(facts: &Facts) -> Markup {
    let language = lang::current();
    let grid = &facts.list.grid;
    let title = say!("report-factors-title");
    if grid.total() == 0 && facts.runs.iter().all(|run| run.grid.total() == 0) {
        return nothing(&title, &say!("report-nothing-answered"));
    }
    let all = || {
        GRID_ROWS.into_iter().flat_map(|(identity, face)| {
            GRID_COLUMNS.into_iter().map(move |mobile| Factors { identity, face, mobile })
        })
    };
    let grids: Vec<&Grid> = std::iter::once(grid).chain(facts.runs.iter().map(|run| &run.grid)).collect();
    let table = html! {
        table {
            thead { tr {
                @for factor in Factor::ALL { th scope="col" { (factor.title(language)) } }
                th.number scope="col" { (say!("report-list-now")) }
                @for (place, _) in facts.runs.iter().enumerate() { th.number scope="col" { (which(place)) } }
            } }
            tbody { @for factors in all().filter(|of| grids.iter().any(|grid| grid.count(*of) > 0)) {
                tr {
                    td { (factors.identity.title(language)) }
                    td { (factors.face.title(language)) }
                    td { (factors.mobile.title(language)) }
                    @for grid in &grids { (number(grid.count(factors))) }
                }
            } }
        }
    };
    let decisions = [Decision::Match, Decision::Mismatch, Decision::Inconclusive];
    let entries = decisions.map(|decision| (Ink::Decision(decision), decision.title(language)));
    html! {
        section {
            h2 { (title) }
            (picture(&title, &chart::grid(grid), &legend(&entries), &table))
            p.note { (say!("report-factors-note")) }
        }
    }
}

fn scores(facts: &Facts) -> Markup {
    let language = lang::current();
    let title = say!("report-scores");
    let all: Vec<(String, &Scores)> = std::iter::once((say!("report-list-now"), &facts.list.scores))
        .chain(facts.runs.iter().enumerate().map(|(place, run)| (which(place), &run.scores)))
        .collect();
    if all.iter().all(|(_, scores)| scores.is_empty()) {
        return nothing(&title, &say!("report-no-scores"));
    }
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (say!("report-decision")) }
                th scope="col" {}
                @for head in [say!("report-count"), say!("report-least"), say!("report-median"), say!("report-most")] {
                    th.number scope="col" { (head) }
                }
            } }
            tbody { @for (group, decision) in SCORED.into_iter().enumerate() {
                @for (whose, scores) in &all {
                    @if let Some(spread) = scores.spread(group) {
                        tr {
                            th scope="row" { span class={ "mark m-" (decision.word()) } { (decision.title(language)) } }
                            td.time { (whose) }
                            (number(spread.count))
                            @for value in [spread.least, spread.median, spread.most] {
                                td.number { (shown_score(value)) }
                            }
                        }
                    }
                }
            } }
        }
    };
    let entries = SCORED.map(|decision| (Ink::Decision(decision), decision.title(language)));
    let drawn = facts.list.scores.picture(20).map(|picture| chart::scores(&picture)).unwrap_or_default();
    let unreadable = facts.list.scores.unreadable;
    html! {
        section {
            h2 { (title) }
            (picture(&title, &drawn, &legend(&entries), &table))
            p.note { (say!("report-scores-note")) }
            @if unreadable > 0 { p.note { (say!("report-scores-unreadable", count = unreadable)) } }
        }
    }
}

/// A score to a thousandth, without zeros at its end.
fn shown_score(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn carriers(facts: &Facts) -> Markup {
    let title = say!("report-carriers");
    let tallies: Vec<&Tally> =
        std::iter::once(&facts.list.carriers).chain(facts.runs.iter().map(|run| &run.carriers)).collect();
    let (most, others) = facts.list.carriers.most();
    if most.is_empty() {
        return nothing(&title, &say!("report-no-carriers"));
    }
    let mut bars: Vec<_> =
        most.iter().map(|(name, count)| ((*name).to_owned(), *count, Ink::Billed)).collect();
    if others > 0 {
        bars.push((say!("report-others"), others, Ink::Unbilled));
    }
    let table = html! {
        table {
            (compared(facts, &say!("report-carrier")))
            tbody {
                @for (name, _) in &most {
                    tr {
                        th scope="row" { (name) }
                        @for tally in &tallies { (number(tally.count(name))) }
                    }
                }
                @if others > 0 {
                    tr {
                        th scope="row" { (say!("report-others")) }
                        (number(others))
                        @for _ in &facts.runs { (number_or_none(None)) }
                    }
                }
            }
        }
    };
    html! { section { h2 { (title) } (picture(&title, &chart::bars(&bars), &html! {}, &table)) } }
}

fn rejected(facts: &Facts) -> Markup {
    let title = say!("report-rejected");
    let list = &facts.list;
    if list.refused.is_empty() && list.refused_by_api.is_empty() {
        return nothing(&title, &say!("report-nothing-rejected"));
    }
    let mut reasons: Vec<(String, String, u64)> = list
        .refused
        .iter()
        .map(|((column, clause), count)| (column.clone(), clause.clone(), *count))
        .collect();
    reasons.extend(list.refused_by_api.iter().map(|(code, count)| {
        (say!("report-by-the-api"), format!("{code} {}", answers::meaning_of_code(code)), *count)
    }));
    reasons.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.cmp(other)));
    html! {
        section {
            h2 { (title) }
            div.scroll { table {
                thead { tr {
                    th scope="col" { (say!("report-column")) }
                    th scope="col" { (say!("report-what-to-mend")) }
                    th.number scope="col" { (say!("report-count")) }
                } }
                tbody { @for (column, clause, count) in &reasons {
                    tr { td { (column) } td.words { (clause) } (number(*count)) }
                } }
            } }
            p.note { (say!("report-rejected-note")) }
        }
    }
}

fn doubts(facts: &Facts) -> Markup {
    let title = say!("report-doubts");
    let list = &facts.list;
    let count = list.count(Decision::Unresolved);
    if count == 0 {
        return nothing(&title, &say!("report-no-doubts"));
    }
    let left = count.saturating_sub(list.doubts.len() as u64);
    html! {
        section {
            h2 { (title) }
            p.lead { (say!("report-doubts-lead", rows = count)) }
            div.scroll { table {
                thead { tr {
                    th.number scope="col" { (say!("report-row")) }
                    th scope="col" { (say!("report-asked-at")) }
                    th scope="col" { (say!("report-seen")) }
                } }
                tbody { @for doubt in &list.doubts {
                    tr {
                        td.number { (doubt.row) }
                        td.time { (shanghai::rfc3339(doubt.asked_at)) }
                        td.words { @match &doubt.seen { Some(seen) => (seen), None => (say!("report-no-answer")) } }
                    }
                } }
            } }
            @if left > 0 { p.note { (say!("report-more-doubts", rows = left)) } }
        }
    }
}

/// What the decisions mean, for who meets them for the first time.
fn words() -> Markup {
    let language = lang::current();
    let meanings = [
        (Decision::Match, say!("report-word-match")),
        (Decision::Mismatch, say!("report-word-mismatch")),
        (Decision::Inconclusive, say!("report-word-inconclusive")),
        (Decision::Rejected, say!("report-word-rejected")),
        (Decision::Unresolved, say!("report-word-unresolved")),
        (Decision::Pending, say!("report-word-pending")),
    ];
    html! {
        section.keep {
            h2 { (say!("report-words")) }
            dl.words {
                @for (decision, meaning) in meanings {
                    dt { span class={ "mark m-" (decision.word()) } { (decision.title(language)) } }
                    dd { (meaning) }
                }
            }
        }
    }
}

fn nothing(title: &str, why: &str) -> Markup {
    html! { section.keep { h2 { (title) } p.note { (why) } } }
}
