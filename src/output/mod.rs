//! What is handed back: the input's own rows as they stood, the columns that are added to them, and the
//! file that is replaced whole or not at all.
//!
//! Not here: looking rows up in the ledger (`run::render`).

pub mod columns;
pub mod file;
pub mod mirror;
pub mod seen;
pub mod text;
pub mod workbook;
