//! The report's sections, in the order in which a reader asks: how does the list stand, what do the factors
//! say, what has to be mended, and how did the last run go beside the one before it.

use maud::{Markup, html};

use super::Facts;
use super::chart::{self, GRID_COLUMNS, GRID_ROWS, Ink, PARTS, SCORED};
use super::figures::{Grid, RunFigures, Tally, Timeline};
use super::page::{clock_of, legend, number, number_or_none, picture};
use super::scores::Scores;
use crate::domain::error_code;
use crate::domain::outcome::{self, Decision, Factor, Factors};
use crate::domain::shanghai;
use crate::lang::{self, Language};
use crate::ledger::reporting::AnswerGroup;
use crate::output::seen::in_language;
use crate::output::text::for_terminal;
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
        (runs(facts))
        (answers(facts))
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
        (say!("report-by-the-api"), format!("{code} {}", meaning_of_code(code)), *count)
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

fn runs(facts: &Facts) -> Markup {
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
                seconds.map_or_else(
                    || "–".to_owned(),
                    |took| crate::lang::duration(crate::lang::current(), took),
                )
            }),
        ),
        (say!("report-calls"), of(&|run| super::grouped(run.counts.calls))),
        (say!("report-billed"), of(&|run| super::grouped(run.counts.billed))),
    ];
    if let Some(price) = facts.price {
        let cost = |run: &RunFigures| say!("report-yuan", yuan = price.times(run.counts.billed).to_string());
        let perhaps =
            |run: &RunFigures| say!("report-yuan", yuan = price.times(run.counts.in_doubt).to_string());
        table.push((say!("report-cost", price = price.to_string()), of(&cost)));
        table.push((say!("report-perhaps-cost"), of(&perhaps)));
    }
    table.extend([
        (say!("report-in-doubt"), of(&|run| super::grouped(run.counts.in_doubt))),
        (say!("report-address-limit"), of(&|run| super::grouped(run.address_limit))),
        (say!("report-not-sent"), of(&|run| super::grouped(run.not_sent))),
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

fn answers(facts: &Facts) -> Markup {
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

fn meaning_of_code(code: &str) -> String {
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
