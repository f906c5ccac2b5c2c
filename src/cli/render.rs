//! `reverify render`.

use std::io::Write;

use super::args::RenderArgs;
use super::exit::{Exit, Failure};
use super::{settings, summary};
use crate::ledger::Access;
use crate::photo::PhotoFolder;
use crate::run::{self, Photos};

/// Writes the output again, without any call.
///
/// # Errors
///
/// If the input or the ledger cannot be read, or the output cannot be written.
pub(super) fn run(args: &RenderArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let output = settings::output_path(&args.input, &args.output, &args.ledger, None)?;
    let form = settings::form(&output, &args.output, args.price)?;
    let table = settings::open_table(&args.input, &args.table, &args.output, &form)?;
    // Photos may be gone: what was answered about them is in the ledger.
    let folder = settings::photo_folder(&args.input, &args.table);
    let photos = match PhotoFolder::open(&folder) {
        Ok(folder) => Photos::Open(folder),
        Err(_) => Photos::Gone(std::path::absolute(&folder).unwrap_or(folder)),
    };
    let ledger = settings::open_ledger(&args.ledger, Access::ExistingOnly)?;
    let faces = args.face.policy();
    let rendered = run::render_again(&args.input, &table, photos, faces, &ledger, &output, &form)?;
    let mut text = summary::files(&args.input, &output, rendered.rows);
    text.push_str("\n\n");
    summary::add_counts(&mut text, &rendered);
    // The output is written; that is what counts.
    let _ = out.write_all(text.as_bytes());
    Ok(if rendered.is_settled() { Exit::Settled } else { Exit::Incomplete })
}
