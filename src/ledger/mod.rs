//! The ledger: every paid call, written down before it is made.
//!
//! One SQLite file holds facts: which subject was asked when ([`Ledger`] keeps intents), and what came
//! back (answers, resolutions). An intent with no answer is in doubt: it may have been billed. Nothing
//! is updated in place, so what was true once can always be read again.
//!
//! SQLite alone would open an older copy, or one whose `-wal` file is gone, as if nothing were missing. So
//! what is committed together is chained by hash to all that was before (`chain`), and a small file
//! beside the ledger says how far it had come (`anchor`). Whatever does not fit is refused (`open`).
//!
//! The file holds no name, number, mobile or photo: only hashes under a key that lives in a file of its
//! own ([`LedgerKey`]). While a run is on, one thread owns the connection, and what arrives together
//! shares one commit ([`LedgerHandle`]).
//!
//! Not here: choosing what to call (`domain::decide`), or HTTP (`api`). Nothing outside this folder
//! writes SQL.

mod anchor;
mod audit;
mod cache;
mod chain;
mod doubts;
mod error;
mod index;
mod key;
mod lock;
mod open;
pub mod reporting;
mod reserve_file;
mod rows;
mod schema;
mod store;
mod totals;
mod writer;

pub use audit::{Audit, Entries, accept_rollback, audit};
pub use cache::{KnownPhoto, PhotoJudgement};
pub use chain::Broken;
pub use doubts::Doubt;
pub use error::{Fault, LedgerError};
pub use key::{LedgerKey, PathMark, Person, PhotoMark, Subject};
pub use store::{Access, EndpointKind, Ledger, Reserved};
pub use totals::{Counts, Totals};
pub use writer::{LedgerHandle, LedgerThread};
