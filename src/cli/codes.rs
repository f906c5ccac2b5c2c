//! `reverify codes`: the API's codes in plain words, in both languages whatever the process speaks.

use std::fmt::Write as _;
use std::io::Write;

use super::args::CodesArgs;
use super::exit::{Exit, Failure};
use crate::domain::error_code::{self, ErrorCode, Meaning};
use crate::domain::outcome::{self, Check, Decision};
use crate::lang::{Language, layout};
use crate::{say, say_in};

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
                    for language in Language::ALL {
                        let remedy = say_in!(language, "codes-remedy", remedy = line.remedy.text(language));
                        let _ = writeln!(text, "            {remedy}");
                    }
                    if let Some(old) = line.old_code {
                        let old = say!("codes-old", code = old.to_string());
                        let _ = writeln!(text, "            {old}");
                    }
                }
            }
            _ => {
                let code = crate::output::text::for_terminal(code);
                return Err(Failure::new(Exit::Usage, say!("codes-unknown", code = code)));
            }
        },
    }
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Failure::new(Exit::Output, say!("not-printed", error = error.to_string())))?;
    Ok(Exit::Settled)
}

fn add_results(text: &mut String, codes: std::ops::RangeInclusive<u16>) {
    let in_detail = codes.clone().count() == 1;
    let _ = writeln!(text, "res  decision      identity  face      mobile");
    for res in codes {
        let (Some(factors), Some(sentence)) = (outcome::factors(res), outcome::sentence(res)) else {
            continue;
        };
        let checks = [factors.identity, factors.face, factors.mobile];
        let [identity, face, mobile] = checks.map(Check::word);
        let decision = factors.decision();
        let _ = writeln!(
            text,
            "{res}  {:<12}  {identity:<8}  {face:<8}  {mobile:<9}  {sentence}",
            decision.word()
        );
        if in_detail {
            let columns = [12, 8, 8];
            let zh = Language::Chinese;
            let titles = [decision.title(zh), factors.identity.title(zh), factors.face.title(zh)];
            let line: Vec<String> =
                titles.iter().zip(columns).map(|(title, columns)| layout::left(title, columns)).collect();
            let _ = writeln!(text, "     {}  {}", line.join("  "), factors.mobile.title(zh));
        }
    }
    if !in_detail {
        let meanings =
            Decision::ALL.map(|decision| both(decision.word(), &decision.title(Language::Chinese)));
        let checks = Check::ALL.map(|check| both(check.word(), &check.title(Language::Chinese)));
        let _ = writeln!(text, "\n{}\n{}", meanings.join(", "), checks.join(", "));
    }
}

fn both(word: &str, title: &str) -> String {
    format!("{word} {title}")
}

fn add_error(text: &mut String, line: &ErrorCode) {
    let billed = match line.meaning.billed() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let [english, chinese] = Language::ALL.map(|language| consequence(line.meaning, language));
    let _ = writeln!(text, "{:<10}  {billed:<6}  {}: {}", line.code, line.text, line.english);
    let _ = writeln!(text, "                    {english} / {chinese}");
}

/// What an answer means for its row and the run.
fn consequence(meaning: Meaning, language: Language) -> String {
    match meaning {
        Meaning::Answered => say_in!(language, "codes-settled"),
        Meaning::FieldsRefused => say_in!(language, "codes-rejected"),
        Meaning::NotVerifiable => say_in!(language, "codes-inconclusive"),
        Meaning::KeyRefused | Meaning::ServiceStopped => say_in!(language, "codes-stops"),
        Meaning::PerAddressLimit => say_in!(language, "codes-slows"),
        Meaning::QuotaUsedUp => say_in!(language, "codes-quota"),
        Meaning::InternalError => say_in!(language, "codes-once-more"),
        Meaning::Maintenance => say_in!(language, "codes-waits"),
        Meaning::UndocumentedRefusal | Meaning::Unknown => say_in!(language, "codes-held"),
    }
}
