//! The two lines before the first call: what stands in the input, and what is about to happen.

use std::time::Duration;

use super::args::RunArgs;
use crate::domain::money::Yuan;
use crate::intake::Shape;
use crate::lang::{self, Language};
use crate::run::survey::Survey;
use crate::say;

/// How many calls a run makes at worst.
pub(super) fn most_calls(args: &RunArgs, survey: &Survey) -> u64 {
    let affordable = args.max_cost.zip(args.price).and_then(|(cost, price)| cost.calls_at(price));
    [args.limit, args.max_calls, args.daily_limit, affordable]
        .into_iter()
        .flatten()
        .fold(survey.due, u64::min)
}

/// Writes the lines; the second is about money.
pub(super) fn lines(args: &RunArgs, shape: &Shape, survey: &Survey) -> String {
    let mut text = say!(
        "announce-input",
        input = args.input.display().to_string(),
        rows = survey.rows,
        form = shape.described(),
        due = survey.due,
        settled = survey.settled,
        rejected = survey.rejected,
        held = survey.held,
    );
    let calls = most_calls(args, survey);
    text.push('\n');
    text.push_str(&match calls {
        0 => say!("announce-no-call"),
        calls => say!(
            "announce-calls",
            calls = calls,
            rate = args.rate.to_string(),
            concurrency = args.concurrency,
            time = lang::duration(args.rate.time_for(calls).max(Duration::from_secs(1))),
        ),
    });
    let money = match (args.sandbox, args.price) {
        (true, _) => Some(say!("announce-sandbox")),
        (false, _) if calls == 0 => None,
        (false, Some(price)) => Some(say!("announce-cost", cost = price.times(calls).to_string())),
        (false, None) => Some(say!("announce-no-price")),
    };
    if let Some(money) = money {
        text.push_str(match lang::current() {
            Language::English => "; ",
            Language::Chinese => "；",
        });
        text.push_str(&money);
    }
    if survey.orphans > 0 {
        text.push('\n');
        text.push_str(&say!("announce-orphans", calls = survey.orphans));
    }
    if survey.photo_warnings > 0 {
        text.push('\n');
        text.push_str(&say!("announce-photo-warnings", rows = survey.photo_warnings));
    }
    if survey.looks_damaged_by_a_spreadsheet() {
        text.push('\n');
        text.push_str(&say!("announce-alarm", count = survey.ids_ending_in_000, rows = survey.rows));
    }
    text
}

/// The same for programs.
pub(super) fn json(args: &RunArgs, shape: &Shape, survey: &Survey) -> serde_json::Value {
    let calls = most_calls(args, survey);
    serde_json::json!({
        "event": "start",
        "input": args.input.display().to_string(),
        "encoding": shape.encoding().to_string(),
        "delimiter": shape.delimiter().to_string(),
        "sheet": shape.sheet(),
        "rows": survey.rows,
        "due": survey.due,
        "settled": survey.settled,
        "rejected": survey.rejected,
        "in_doubt": survey.held,
        "orphans": survey.orphans,
        "repaired": survey.repaired,
        "photo_warnings": survey.photo_warnings,
        "ids_ending_in_000": survey.ids_ending_in_000,
        "most_calls": calls,
        "most_cost": args.price.map(|price: Yuan| price.times(calls).to_string()),
        "sandbox": args.sandbox,
    })
}

/// Writes a number with a comma between thousands: `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
