//! The connection to the API's host, and what its clock says of this machine's.

use jiff::Timestamp;

use super::{Check, DoctorArgs, State};
use crate::api::{self, NoAnswer, Seen, Timeouts};
use crate::cli::settings;
use crate::say;

/// A clock may be so many seconds wrong without a word, and so many without harm.
const UNNOTICED: u64 = 30;
const HARMLESS: u64 = 300;

/// Connects to the host without asking the API anything.
pub(super) fn checks(args: &DoctorArgs) -> Vec<Check> {
    let check = |state, message| Check::new("connection", say!("doctor-connection"), state, message);
    if args.sandbox {
        return vec![check(State::Fine, say!("doctor-connection-sandbox"))];
    }
    let endpoint = match settings::endpoint(args.endpoint.as_deref()) {
        Ok(endpoint) => endpoint,
        Err(failure) => return vec![check(State::Problem, failure.message)],
    };
    let timeouts = Timeouts { whole: args.connect_timeout * 2, connect: args.connect_timeout };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let probed = match runtime {
        Ok(runtime) => runtime.block_on(api::probe(&endpoint, timeouts)),
        Err(error) => return vec![check(State::Problem, say!("no-threads", error = error.to_string()))],
    };
    let host = endpoint.host();
    match probed {
        Err(error) => vec![check(State::Problem, error.to_string()), unknown_clock()],
        Ok(Err(NoAnswer { is_about_the_certificate: true, .. })) => {
            vec![check(State::Problem, say!("doctor-connection-certificate", host = host)), unknown_clock()]
        }
        Ok(Err(NoAnswer { seen, .. })) => {
            vec![
                check(State::Problem, say!("doctor-connection-none", host = host, seen = seen)),
                unknown_clock(),
            ]
        }
        Ok(Ok(Seen { status, date })) => {
            let message = say!("doctor-connection-fine", host = host, status = status.to_string());
            vec![check(State::Fine, message), date.map_or_else(unknown_clock, clock)]
        }
    }
}

fn unknown_clock() -> Check {
    Check::new("clock", say!("doctor-clock"), State::Warning, say!("doctor-clock-unknown"))
}

fn clock(theirs: Timestamp) -> Check {
    let check = |state, message| Check::new("clock", say!("doctor-clock"), state, message);
    let wrong = Timestamp::now().as_second().abs_diff(theirs.as_second());
    match wrong {
        0..=UNNOTICED => check(State::Fine, say!("doctor-clock-fine", seconds = wrong)),
        _ if wrong <= HARMLESS => check(State::Warning, say!("doctor-clock-wrong", seconds = wrong)),
        _ => check(State::Problem, say!("doctor-clock-wrong", seconds = wrong)),
    }
}
