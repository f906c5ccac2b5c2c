//! `reverify codes`: the API's codes in plain words.

use std::fmt::Write as _;
use std::io::Write;

use super::args::CodesArgs;
use super::exit::{Exit, Failure};
use crate::domain::error_code::{self, ErrorCode, Meaning};
use crate::domain::outcome;

/// Explains one code, or all.
///
/// # Errors
///
/// If there is no such code.
pub(super) fn run(args: &CodesArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut text = String::new();
    match &args.code {
        None => {
            add_results(&mut text, outcome::DOCUMENTED);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\nerror_code  billed");
            for line in error_code::TABLE {
                add_error(&mut text, line);
            }
        }
        Some(code) => match code.trim().parse::<u32>() {
            Ok(res @ 100..=116) => {
                let res = u16::try_from(res).unwrap_or(u16::MAX);
                add_results(&mut text, res..=res);
            }
            Ok(number) if error_code::find(number).is_some() => {
                if let Some(line) = error_code::find(number) {
                    add_error(&mut text, line);
                    let _ = writeln!(
                        text,
                        "            what to do: {}",
                        line.remedy.text(crate::lang::current())
                    );
                    if let Some(old) = line.old_code {
                        let _ = writeln!(text, "            old resultcode: {old}");
                    }
                }
            }
            _ => {
                let message = format!(
                    "the API's document has no code `{}`: an answer with an unknown code may have been billed, and its row is held",
                    crate::output::text::for_terminal(code)
                );
                return Err(Failure::new(Exit::Usage, message));
            }
        },
    }
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Failure::new(Exit::Output, format!("the codes cannot be printed: {error}")))?;
    Ok(Exit::Settled)
}

fn add_results(text: &mut String, codes: std::ops::RangeInclusive<u16>) {
    let _ = writeln!(text, "res  decision      identity  face      mobile");
    for res in codes {
        if let (Some(factors), Some(sentence)) = (outcome::factors(res), outcome::sentence(res)) {
            let _ = writeln!(
                text,
                "{res}  {:<12}  {:<8}  {:<8}  {:<9}  {sentence}",
                factors.decision().word(),
                factors.identity.word(),
                factors.face.word(),
                factors.mobile.word(),
            );
        }
    }
}

fn add_error(text: &mut String, line: &ErrorCode) {
    let billed = match line.meaning.billed() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let row = match line.meaning {
        Meaning::Answered => "the row is settled",
        Meaning::FieldsRefused => "the row is rejected",
        Meaning::NotVerifiable => "the row is inconclusive, asked three times in all",
        Meaning::KeyRefused | Meaning::ServiceStopped => "the run stops",
        Meaning::PerAddressLimit => "all pause, the rate halves",
        Meaning::QuotaUsedUp => "the run stops, or waits for tomorrow",
        Meaning::InternalError => "asked once more after a minute",
        Meaning::Maintenance => "the run stops, or waits",
        Meaning::UndocumentedRefusal | Meaning::Unknown => "the row is held",
    };
    let _ = writeln!(text, "{:<10}  {billed:<6}  {}: {} ({row})", line.code, line.text, line.english);
}
