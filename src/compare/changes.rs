//! The join, and what differs.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use jiff::civil::Date;

use super::verdicts::{OutputFile, Verdict};
use crate::intake::{IntakeError, Row};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind.
    pub kind: Kind,
    /// The row in the older output, and what it says there.
    pub old: Option<(u64, Verdict)>,
    /// The same in the newer one.
    pub new: Option<(u64, Verdict)>,
    /// What the row may be shown as.
    pub shown: Vec<String>,
}

/// Kinds of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In both, with another decision or factor.
    Changed,
    /// Only in the newer one.
    New,
    /// Only in the older one.
    Gone,
}

impl Kind {
    /// The word for scripts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// How many rows there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In both, and the same.
    pub unchanged: u64,
    /// In both, with another decision or factor.
    pub changed: u64,
    /// Only in the newer one.
    pub new: u64,
    /// Only in the older one.
    pub gone: u64,
    /// Rows that share what they are joined by with a row above, in the older and in the newer output. The
    /// second is compared with the second, and one too many with the last there is.
    pub repeated: [u64; 2],
    /// Rows with nothing to be joined by.
    pub nameless: [u64; 2],
}

impl Counts {
    /// True if anything differs.
    pub fn any(&self) -> bool {
        self.changed + self.new + self.gone > 0
    }
}

/// A row of the older output.
struct Entry {
    row: u64,
    verdict: Verdict,
    met: bool,
    /// Of the first of its like: how many more there are.
    more: u32,
}

/// Rows by what they are joined by (a hash of 128 bits under a key of this process), and which of several.
struct Index {
    hashers: [RandomState; 2],
    entries: HashMap<(u128, u32), Entry>,
}

impl Index {
    fn hash(&self, key: &str) -> u128 {
        let [high, low] = [0, 1].map(|half| u128::from(self.hashers[half].hash_one(key)));
        high << 64 | low
    }
}

/// Compares two outputs and hands over every difference: first those of the newer one's rows, in their order,
/// then the rows that are gone.
///
/// # Errors
///
/// If an output cannot be read any more; and what `take` returns.
pub fn compare(
    old: &OutputFile,
    new: &OutputFile,
    today: Date,
    mut take: impl FnMut(&Change) -> io::Result<()>,
) -> Result<io::Result<Counts>, IntakeError> {
    let mut counts = Counts::default();
    let mut index = index(old, today, &mut counts)?;
    let mut seen: HashMap<u128, u32> = HashMap::new();
    let mut rows = new.rows()?;
    let (mut row, mut key) = (Row::default(), String::new());
    while rows.read_into(&mut row)? {
        new.key(&row, today, &mut key);
        if key.is_empty() {
            counts.nameless[1] += 1;
            continue;
        }
        let hash = index.hash(&key);
        let times = seen.entry(hash).or_default();
        let nth = *times;
        *times += 1;
        counts.repeated[1] += u64::from(nth > 0);
        let verdict = new.verdict(&row);
        let now = Some((row.number(), verdict));
        let change = if let Some(entry) = find(&mut index, hash, nth) {
            entry.met = true;
            if entry.verdict.says_the_same_as(&verdict) {
                counts.unchanged += 1;
                continue;
            }
            counts.changed += 1;
            let before = Some((entry.row, entry.verdict));
            Change { kind: Kind::Changed, old: before, new: now, shown: new.shown(&row) }
        } else {
            counts.new += 1;
            Change { kind: Kind::New, old: None, new: now, shown: new.shown(&row) }
        };
        if let Err(error) = take(&change) {
            return Ok(Err(error));
        }
    }
    gone(old, &index, &seen, today, &mut counts, take)
}

fn index(old: &OutputFile, today: Date, counts: &mut Counts) -> Result<Index, IntakeError> {
    let mut index = Index { hashers: [RandomState::new(), RandomState::new()], entries: HashMap::new() };
    let mut rows = old.rows()?;
    let (mut row, mut key) = (Row::default(), String::new());
    while rows.read_into(&mut row)? {
        old.key(&row, today, &mut key);
        if key.is_empty() {
            counts.nameless[0] += 1;
            continue;
        }
        let hash = index.hash(&key);
        let entry = Entry { row: row.number(), verdict: old.verdict(&row), met: false, more: 0 };
        let nth = index.entries.get_mut(&(hash, 0)).map_or(0, |first| {
            first.more += 1;
            first.more
        });
        counts.repeated[0] += u64::from(nth > 0);
        index.entries.insert((hash, nth), entry);
    }
    Ok(index)
}

/// The entry that a row is compared with: the one as far down among its like, or the last one.
fn find(index: &mut Index, hash: u128, nth: u32) -> Option<&mut Entry> {
    let nth = nth.min(index.entries.get(&(hash, 0))?.more);
    index.entries.get_mut(&(hash, nth))
}

/// Passes through the older output once more for the rows that were not met, with what they may be shown as.
fn gone(
    old: &OutputFile,
    index: &Index,
    seen: &HashMap<u128, u32>,
    today: Date,
    counts: &mut Counts,
    mut take: impl FnMut(&Change) -> io::Result<()>,
) -> Result<io::Result<Counts>, IntakeError> {
    let is_left = index.entries.iter().any(|((hash, _), entry)| !entry.met && !seen.contains_key(hash));
    if !is_left {
        return Ok(Ok(*counts));
    }
    let mut rows = old.rows()?;
    let (mut row, mut key) = (Row::default(), String::new());
    while rows.read_into(&mut row)? {
        old.key(&row, today, &mut key);
        if key.is_empty() || seen.contains_key(&index.hash(&key)) {
            continue; // One too many of its like is not gone.
        }
        counts.gone += 1;
        let old_row = Some((row.number(), old.verdict(&row)));
        let change = Change { kind: Kind::Gone, old: old_row, new: None, shown: old.shown(&row) };
        if let Err(error) = take(&change) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(*counts))
}

impl Verdict {
    /// The code alone makes no difference where decision and factors are the same.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.decision == other.decision && self.checks == other.checks
    }
}
