//! The plan as a person reads it, and as a program does.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::PlanArgs;
use super::figures::{Figures, Nights};
use crate::cli::announce::grouped;
use crate::domain::repair::Repair;
use crate::intake::Shape;
use crate::lang::{self, Language, layout};
use crate::output::text;
use crate::run::plan::{Conflict, Plan, Reason};
use crate::say;

/// The columns of a terminal that a line's words take before its number.
const WORDS: usize = 46;
const NUMBER: usize = 12;
/// The most lines of one part.
const LINES: usize = 12;

/// Writes the table.
pub(super) fn text(
    plan: &Plan,
    figures: &Figures,
    args: &PlanArgs,
    shape: &Shape,
    has_ledger: bool,
    listed: Option<(&Path, u64)>,
) -> String {
    let mut page = Page(String::new());
    let input = args.run.input.display().to_string();
    page.line(&say!("plan-title", input = input, rows = plan.survey.rows, shape = shape.described()));
    page.blank();
    rows(&mut page, plan);
    if !has_ledger {
        page.note(&say!("plan-no-ledger", ledger = args.run.ledger.ledger.display().to_string()));
    }
    reasons(&mut page, plan);
    repairs(&mut page, plan);
    likeness(&mut page, plan);
    photos(&mut page, plan, args);
    alarm(&mut page, plan);
    calls(&mut page, plan, figures, args);
    page.blank();
    match listed {
        Some((path, count)) => {
            page.line(&say!("plan-problems-written", path = path.display().to_string(), count = count));
        }
        None if plan.survey.rejected > 0 || plan.likeness.conflicts > 0 => {
            page.line(&say!("plan-problems-hint"));
        }
        None => page.line(&say!("plan-nothing-was-sent")),
    }
    page.0
}

/// Lines of words and numbers. Writing to a String cannot fail.
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.blank();
        self.line(text);
    }

    fn note(&mut self, text: &str) {
        self.line(&format!("  {text}"));
    }

    /// A line with a number at its end, in a column of its own; Chinese characters take two places.
    fn count(&mut self, words: &str, number: &str) {
        let words = text::for_terminal(words);
        let _ = writeln!(self.0, "  {} {}", layout::left(&words, WORDS), layout::right(number, NUMBER));
    }
}

fn rows(page: &mut Page, plan: &Plan) {
    let survey = &plan.survey;
    page.count(&say!("plan-due"), &grouped(survey.due));
    page.count(&say!("plan-settled"), &grouped(survey.settled));
    page.count(&say!("plan-rejected"), &grouped(survey.rejected));
    page.count(&say!("plan-held"), &grouped(survey.held));
    if survey.out_of_reach > 0 {
        page.count(&say!("plan-out-of-reach"), &grouped(survey.out_of_reach));
    }
    if survey.orphans > 0 {
        page.note(&say!("plan-orphans", count = survey.orphans));
    }
}

fn reasons(page: &mut Page, plan: &Plan) {
    if plan.reasons.is_empty() {
        return;
    }
    page.heading(&say!("plan-reasons"));
    for reason in plan.reasons.iter().take(LINES) {
        let clause = reason.cause.clause(lang::current());
        let column = text::for_terminal(&reason.column);
        let _ = writeln!(page.0, "  {:>6}  {column}: {}", grouped(reason.count), text::for_terminal(&clause));
        let _ = writeln!(page.0, "          {}", named_rows(&reason.rows, reason.count));
    }
    if let Some(more) = plan.reasons.len().checked_sub(LINES).filter(|more| *more > 0) {
        page.note(&say!("plan-more-reasons", count = more));
    }
}

fn repairs(page: &mut Page, plan: &Plan) {
    if plan.repairs.is_empty() {
        return;
    }
    page.heading(&say!("plan-repairs", count = plan.survey.repaired));
    for ((field, repair), count) in &plan.repairs {
        let field = field.parameter();
        let repair = repair.clause(lang::current());
        let _ = writeln!(page.0, "  {:>6}  {field}: {repair}", grouped(*count));
    }
}

fn likeness(page: &mut Page, plan: &Plan) {
    let likeness = &plan.likeness;
    if likeness.repeated_rows > 0 || likeness.other_photos > 0 {
        page.heading(&say!("plan-same-applicant"));
        page.count(&say!("plan-repeated"), &grouped(likeness.repeated_rows));
        page.count(&say!("plan-calls-saved"), &grouped(likeness.calls_saved));
        if likeness.other_photos > 0 {
            page.count(&say!("plan-other-photos"), &grouped(likeness.other_photos));
        }
    }
    if likeness.conflicts == 0 {
        return;
    }
    page.heading(&say!("plan-conflicts", count = likeness.conflicts));
    for conflict in likeness.named.iter().take(LINES) {
        let what = difference(conflict);
        let rows = named_rows(&conflict.rows, conflict.rows.len() as u64 + conflict.more_rows);
        page.note(&say!("plan-conflict", rows = rows, what = what));
    }
    if let Some(more) = likeness.conflicts.checked_sub(LINES as u64).filter(|more| *more > 0) {
        page.note(&say!("plan-more-conflicts", count = more));
    }
}

fn difference(conflict: &Conflict) -> String {
    match (conflict.names, conflict.mobiles) {
        (true, true) => say!("plan-other-name-and-mobile"),
        (true, false) => say!("plan-other-name"),
        _ => say!("plan-other-mobile"),
    }
}

fn photos(page: &mut Page, plan: &Plan, args: &PlanArgs) {
    page.heading(&say!("plan-photos"));
    match &plan.photos {
        None => {
            let missing = plan.reasons.iter().filter(|reason| is_about_a_photo(reason));
            page.count(&say!("plan-photos-missing"), &grouped(missing.map(|reason| reason.count).sum()));
            if !args.photos_too {
                page.note(&say!("plan-photos-hint"));
            }
        }
        Some(seen) => {
            page.count(&say!("plan-photos-prepared"), &grouped(seen.looked_at));
            page.count(&say!("plan-photos-bad"), &grouped(seen.bad));
            for (sentence, count) in seen.warnings.values() {
                page.count(sentence, &grouped(*count));
            }
        }
    }
}

fn is_about_a_photo(reason: &Reason) -> bool {
    reason.field == crate::domain::applicant::Field::Photo
}

fn alarm(page: &mut Page, plan: &Plan) {
    let survey = &plan.survey;
    if survey.looks_damaged_by_a_spreadsheet() {
        page.heading(&say!("plan-alarm", count = survey.ids_ending_in_000, rows = survey.rows));
    } else if survey.ids_ending_in_000 > 0 {
        page.blank();
        page.count(&say!("plan-ids-ending-in-000"), &grouped(survey.ids_ending_in_000));
    }
}

fn calls(page: &mut Page, plan: &Plan, figures: &Figures, args: &PlanArgs) {
    page.heading(&say!("plan-calls"));
    page.count(&say!("plan-calls-at-worst"), &grouped(figures.calls));
    let unknown = || if args.run.sandbox { say!("plan-free") } else { say!("plan-price-unknown") };
    let cost = figures.cost.map_or_else(unknown, |cost| say!("plan-yuan", amount = cost.to_string()));
    page.count(&say!("plan-cost-at-worst"), &cost);
    if figures.calls_of_one_run < figures.calls {
        page.count(&say!("plan-calls-of-one-run"), &grouped(figures.calls_of_one_run));
        if let Some(cost) = figures.cost_of_one_run {
            page.count(&say!("plan-cost-of-one-run"), &say!("plan-yuan", amount = cost.to_string()));
        }
    }
    let rate = args.run.rate.to_string();
    page.count(&say!("plan-time", rate = rate.as_str()), &time(figures.least));
    page.note(&say!(
        "plan-concurrency",
        concurrency = args.run.concurrency,
        rate = rate,
        time = time(figures.call_may_take)
    ));
    if plan.calls_today > 0 {
        page.count(&say!("plan-calls-today"), &grouped(plan.calls_today));
    }
    if let Some(Nights { count, calls_in_one }) = figures.nights {
        page.count(&say!("plan-calls-a-night"), &grouped(calls_in_one));
        page.count(&say!("plan-nights"), &count.map_or_else(|| say!("plan-never"), grouped));
    }
}

/// A time that is long enough to be told in two units: `2days 3h`.
fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let rounded = match seconds {
        0 => Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(0)),
        1..=3599 => Duration::from_secs(seconds),
        3600..=86_399 => Duration::from_secs(seconds / 60 * 60),
        _ => Duration::from_secs(seconds / 3600 * 3600),
    };
    lang::duration(rounded)
}

fn named_rows(rows: &[u64], count: u64) -> String {
    let between = if lang::current() == Language::Chinese { "、" } else { ", " };
    let named: Vec<String> = rows.iter().map(u64::to_string).collect();
    let named = named.join(between);
    match count.saturating_sub(rows.len() as u64) {
        0 => say!("plan-rows-named", count = rows.len(), rows = named),
        more => say!("plan-rows-named-and-more", rows = named, more = more),
    }
}

/// The same for programs: the words do not follow the language.
pub(super) fn json(
    plan: &Plan,
    figures: &Figures,
    args: &PlanArgs,
    shape: &Shape,
    listed: Option<(&Path, u64)>,
) -> serde_json::Value {
    let survey = &plan.survey;
    let run = &args.run;
    let reasons: Vec<_> = plan
        .reasons
        .iter()
        .map(|reason| {
            json!({
                "column": reason.column,
                "field": reason.field.parameter(),
                "code": reason.cause.code(),
                "count": reason.count,
                "first_rows": reason.rows,
            })
        })
        .collect();
    let repairs: Vec<_> = plan
        .repairs
        .iter()
        .map(|((field, repair), count)| {
            json!({ "field": field.parameter(), "repair": Repair::code(*repair), "count": count })
        })
        .collect();
    let groups: Vec<_> = plan
        .likeness
        .named
        .iter()
        .map(|conflict| {
            json!({
                "rows": conflict.rows,
                "more_rows": conflict.more_rows,
                "names_differ": conflict.names,
                "mobiles_differ": conflict.mobiles,
            })
        })
        .collect();
    let photos = plan.photos.as_ref().map(|seen| {
        let warnings: serde_json::Map<_, _> =
            seen.warnings.iter().map(|(code, (_, count))| ((*code).to_owned(), (*count).into())).collect();
        json!({ "looked_at": seen.looked_at, "bad": seen.bad, "warnings": warnings })
    });
    let missing: u64 =
        plan.reasons.iter().filter(|reason| is_about_a_photo(reason)).map(|reason| reason.count).sum();
    json!({
        "input": run.input.display().to_string(),
        "encoding": shape.encoding().to_string(),
        "sheet": shape.sheet(),
        "rows": survey.rows,
        "due": survey.due,
        "settled": survey.settled,
        "rejected": survey.rejected,
        "in_doubt": survey.held,
        "out_of_reach": survey.out_of_reach,
        "orphans": survey.orphans,
        "rejected_by_reason": reasons,
        "repaired": survey.repaired,
        "repairs": repairs,
        "duplicates": {
            "rows": plan.likeness.repeated_rows,
            "calls_saved": plan.likeness.calls_saved,
            "same_person_other_photo": plan.likeness.other_photos,
        },
        "conflicts": { "id_numbers": plan.likeness.conflicts, "groups": groups },
        "ids_ending_in_000": survey.ids_ending_in_000,
        "looks_damaged_by_a_spreadsheet": survey.looks_damaged_by_a_spreadsheet(),
        "photos_rejected": missing,
        "photos": photos,
        "most_calls": figures.calls,
        "most_cost": figures.cost.map(|cost| cost.to_string()),
        "most_calls_of_one_run": figures.calls_of_one_run,
        "most_cost_of_one_run": figures.cost_of_one_run.map(|cost| cost.to_string()),
        "rate": run.rate.to_string(),
        "concurrency": run.concurrency,
        "least_seconds": figures.least.as_secs(),
        "calls_today": plan.calls_today,
        "daily_limit": run.daily_limit,
        "calls_a_night": figures.nights.map(|nights| nights.calls_in_one),
        "nights": figures.nights.and_then(|nights| nights.count),
        "sandbox": run.sandbox,
        "problems_file": listed.map(|(path, _)| path.display().to_string()),
        "problems": listed.map(|(_, count)| count),
    })
}
