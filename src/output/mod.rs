//! What is handed back: the columns, made safe for a spreadsheet and a terminal, and the file that is
//! replaced whole or not at all.
//!
//! Not here: looking rows up in the ledger (`run::render`).

pub mod columns;
pub mod file;
pub mod text;
