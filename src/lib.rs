//! `reverify` re-verifies a list of applicants against Juhe's face four-factor API, and never pays
//! twice for one answer.
//!
//! The way of a row, which is also the order to read the modules in:
//!
//! ```text
//! applicants.csv
//!   -> intake    bytes -> table -> row -> Applicant, or a reason why not
//!   -> photo     path -> bytes -> upright JPEG within the byte budget
//!   -> domain    Applicant + facts -> settled | due | held | rejected
//!   -> pace      rate, day quota, budget, deadline: may one more call start?
//!   -> ledger    the intent, durable before the first byte is sent
//!   -> api       one exchange, never retried by itself; reply -> answer
//!   -> ledger    the answer, durable before its slot is free again
//!   -> output    input + ledger -> applicants.verified.csv
//! ```
//!
//! [`lang`] is what people read, in both languages. [`run`] wires these stages together, [`cli`] is what a person sees, [`report`] is one page about a list, and [`sandbox`] imitates the
//! API for trials and tests. Dependencies point one way: `cli -> run -> {ledger, api, pace, photo,
//! intake, output} -> domain`.

pub mod lang;
pub mod domain;
pub mod intake;
pub mod photo;
pub mod ledger;
pub mod pace;
pub mod api;
pub mod output;
pub mod compare;
pub mod run;
pub mod report;
pub mod sandbox;
pub mod cli;
