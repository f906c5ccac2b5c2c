//! `reverify audit`: reads the whole ledger and says whether it is what was written.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::announce::grouped;
use super::args::LedgerArgs;
use super::exit::{Exit, Failure};
use super::settings;
use crate::ledger::{self, Audit, Entries, Fault};
use crate::say;

/// `reverify audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,

    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Verifies every entry of the ledger against its chain and its anchor, and counts them.
///
/// # Errors
///
/// If the ledger cannot be opened at all.
pub(super) fn run(args: &AuditArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let path = &args.ledger.ledger;
    let audit = ledger::audit(path, &settings::ledger_key_path(&args.ledger)).map_err(Failure::from);
    let text = match &audit {
        Ok(audit) if args.json => format!("{}\n", json_of(args, audit)),
        Ok(audit) => text_of(args, audit),
        Err(failure) if args.json => {
            let fault = json!({"code": "unusable", "message": failure.message});
            format!("{}\n", json!({"ledger": path.display().to_string(), "sound": false, "faults": [fault]}))
        }
        Err(_) => String::new(),
    };
    let written = out.write_all(text.as_bytes());
    written
        .map_err(|error| Failure::new(Exit::Output, say!("audit-unprintable", error = error.to_string())))?;
    let audit = audit?;
    Ok(if audit.faults.is_empty() { Exit::Settled } else { Exit::Ledger })
}

fn text_of(args: &AuditArgs, audit: &Audit) -> String {
    let path = args.ledger.ledger.display().to_string();
    let mut lines = Vec::new();
    if audit.faults.is_empty() {
        lines.push(say!("audit-sound", path = path));
    } else {
        lines.push(say!("audit-unsound", path = path));
        lines.extend(audit.faults.iter().map(|fault| format!("  - {}", fault.describe())));
    }
    lines.push(String::new());
    let mut count = |name: String, value: String| lines.push(format!("  {value:>12}  {name}"));
    let number = |count: i64| grouped(u64::try_from(count).unwrap_or(0));
    match audit.verified_from {
        0 => count(say!("audit-groups-unverified"), number(audit.groups)),
        1 => count(say!("audit-groups"), number(audit.groups)),
        from => count(say!("audit-groups-from", from = from), number(audit.groups)),
    }
    count(say!("audit-anchor"), audit.anchor.map_or_else(|| "-".to_owned(), number));
    if let Some(Entries { runs, intents, answers, resolutions, rollbacks, billed, in_doubt }) = audit.counts {
        for (name, value) in [
            (say!("audit-runs"), runs),
            (say!("audit-intents"), intents),
            (say!("audit-answers"), answers),
            (say!("audit-resolutions"), resolutions),
            (say!("audit-rollbacks"), rollbacks),
            (say!("audit-billed"), billed),
            (say!("audit-in-doubt"), in_doubt),
        ] {
            count(name, grouped(value));
        }
    }
    if !audit.faults.is_empty() {
        lines.push(String::new());
        let can_go_on = audit.faults.iter().all(Fault::can_be_accepted);
        lines.push(if can_go_on { say!("audit-remedy") } else { say!("audit-remedy-damaged") });
    }
    lines.join("\n") + "\n"
}

fn json_of(args: &AuditArgs, audit: &Audit) -> serde_json::Value {
    let faults: Vec<_> = audit
        .faults
        .iter()
        .map(|fault| json!({"code": fault.code(), "message": fault.describe(), "acceptable": fault.can_be_accepted()}))
        .collect();
    let mut object = json!({
        "ledger": args.ledger.ledger.display().to_string(),
        "sound": audit.faults.is_empty(),
        "faults": faults,
        "groups": audit.groups,
        "verified_from": audit.verified_from,
        "anchor": audit.anchor,
    });
    if let Some(Entries { runs, intents, answers, resolutions, rollbacks, billed, in_doubt }) = audit.counts {
        for (name, count) in [
            ("runs", runs),
            ("intents", intents),
            ("answers", answers),
            ("resolutions", resolutions),
            ("rollbacks", rollbacks),
            ("billed", billed),
            ("in_doubt", in_doubt),
        ] {
            object[name] = count.into();
        }
    }
    object
}
