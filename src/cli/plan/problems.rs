//! The list that goes back to whoever made the input: one line per problem, personal data masked.

use std::path::Path;

use crate::cli::exit::Failure;
use crate::domain::applicant::Field;
use crate::domain::rejection::Rule;
use crate::lang;
use crate::output::columns::Cause;
use crate::output::{file, text};
use crate::run::plan::problems::{Finding, Problem};
use crate::run::plan::{Plan, Planner};
use crate::say;

/// Writes the list, for a spreadsheet to open, and counts its lines. It is its maker's alone until it is
/// handed on.
pub(super) fn write(path: &Path, planner: &Planner<'_>, plan: &Plan) -> Result<u64, Failure> {
    let mut count = 0;
    let mut failure = None;
    let written = file::replace(path, 0o600, |writer| {
        std::io::Write::write_all(writer, "\u{feff}".as_bytes())?;
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(writer);
        csv.write_record(header())?;
        let take = |problem: &Problem| {
            count += 1;
            csv.write_record(line(problem).map(|cell| text::for_spreadsheet(&cell)))?;
            Ok(())
        };
        let is_suspicious = plan.survey.looks_damaged_by_a_spreadsheet();
        match planner.each_problem(&plan.likeness, is_suspicious, take) {
            Ok(taken) => taken?,
            Err(error) => {
                failure = Some(error);
                return Err(std::io::ErrorKind::Other.into());
            }
        }
        csv.flush()
    });
    match failure {
        Some(failure) => Err(failure.into()),
        None => written.map(|()| count).map_err(Failure::from),
    }
}

fn header() -> [String; 8] {
    [
        say!("problems-row"),
        say!("problems-column"),
        say!("problems-problem"),
        say!("problems-what-to-do"),
        say!("problems-name"),
        say!("problems-idcard"),
        say!("problems-mobile"),
        say!("problems-code"),
    ]
}

fn line(problem: &Problem) -> [String; 8] {
    let (what, remedy, code) = describe(&problem.finding);
    let [name, idcard, mobile] = problem.masked.clone();
    [problem.row.to_string(), problem.column.clone(), what, remedy, name, idcard, mobile, code]
}

/// What is wrong, what to do about it, and its name for scripts.
fn describe(finding: &Finding) -> (String, String, String) {
    let of_row = |row: u64| row.to_string();
    let (what, remedy, code) = match finding {
        Finding::Refused(field, cause) => {
            let what = cause.clause(lang::current());
            return (what, remedy_of(*field, cause), cause.code().to_owned());
        }
        Finding::RefusedByApi => {
            (say!("problems-refused-by-api"), say!("problems-correct-row"), "refused-by-api")
        }
        Finding::OtherName(row) => (
            say!("problems-other-name", row = of_row(*row)),
            say!("problems-which-is-right"),
            "same-id-other-name",
        ),
        Finding::OtherMobile(row) => (
            say!("problems-other-mobile", row = of_row(*row)),
            say!("problems-which-is-right"),
            "same-id-other-mobile",
        ),
        Finding::Repeated(row) => (
            say!("problems-repeated", row = of_row(*row)),
            say!("problems-repeated-remedy"),
            "same-applicant",
        ),
        Finding::EndsIn000 => (say!("problems-ends-in-000"), say!("problems-take-again"), "id-ends-in-000"),
        Finding::Photo(warning) => {
            (warning.text(lang::current()), say!("problems-better-photo"), warning.code())
        }
    };
    (what, remedy, code.to_owned())
}

fn remedy_of(field: Field, cause: &Cause) -> String {
    let rule = match cause {
        Cause::Value(rule) => *rule,
        Cause::Photo { code, .. } => {
            return match code.as_str() {
                "photo-no-path"
                | "photo-missing"
                | "photo-outside-folder"
                | "photo-symbolic-link"
                | "photo-not-a-file" => say!("problems-photo-path"),
                "photo-no-permission" | "photo-unreadable" => say!("problems-photo-permission"),
                _ => say!("problems-new-photo"),
            };
        }
    };
    match (rule, field) {
        (Rule::Empty, _) => say!("problems-fill-in"),
        (Rule::DamagedBySpreadsheet | Rule::IdEndsInZeros, _) => say!("problems-take-again"),
        (Rule::Masked, _) => say!("problems-whole-number"),
        (_, Field::Realname) => say!("problems-correct-name"),
        (_, Field::Idcard) => say!("problems-correct-idcard"),
        (_, Field::Mobile) => say!("problems-correct-mobile"),
        (_, Field::Photo) => say!("problems-photo-path"),
    }
}
