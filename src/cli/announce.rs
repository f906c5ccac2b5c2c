//! The two lines before the first call: what stands in the input, and what is about to happen.

use std::fmt::Write;

use super::args::RunArgs;
use crate::domain::money::Yuan;
use crate::intake::Shape;
use crate::run::survey::Survey;

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
    let mut text = format!(
        "{}: {} rows ({}): {} due, {} settled already, {} rejected, {} in doubt",
        args.input.display(),
        grouped(survey.rows),
        shape.described(),
        grouped(survey.due),
        grouped(survey.settled),
        grouped(survey.rejected),
        grouped(survey.held),
    );
    let calls = most_calls(args, survey);
    // Writing to a String cannot fail.
    let _ = match calls {
        0 => write!(text, "\nno call to make"),
        calls => write!(
            text,
            "\nat most {} at {} with {} in flight, {} or more",
            counted(calls, "call", "calls"),
            args.rate,
            args.concurrency,
            humantime::format_duration(args.rate.time_for(calls).max(std::time::Duration::from_secs(1))),
        ),
    };
    let _ = match (args.sandbox, args.price) {
        (true, _) => write!(text, "; SANDBOX: made-up answers, nothing is paid"),
        (false, _) if calls == 0 => Ok(()),
        (false, Some(price)) => write!(text, "; at worst {} yuan", price.times(calls)),
        (false, None) => write!(text, "; --price would tell the cost"),
    };
    if survey.orphans > 0 {
        let calls = counted(survey.orphans, "call has", "calls have");
        let _ = write!(
            text,
            "\n{calls} no answer, because an earlier run broke off: what may have been billed is held in doubt",
        );
    }
    if survey.looks_damaged_by_a_spreadsheet() {
        let _ = write!(
            text,
            "\nALARM: {} of {} ID numbers end in 000: a spreadsheet has probably rounded them, and every call about a wrong number is paid for; take the file from its source again with ID numbers as text",
            grouped(survey.ids_ending_in_000),
            grouped(survey.rows),
        );
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
        "ids_ending_in_000": survey.ids_ending_in_000,
        "most_calls": calls,
        "most_cost": args.price.map(|price: Yuan| price.times(calls).to_string()),
        "sandbox": args.sandbox,
    })
}

/// Writes a number with its noun: `1 call`, `1,234 calls`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
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
