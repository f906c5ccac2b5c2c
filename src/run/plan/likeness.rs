//! Rows that are alike: the same applicant twice, and one ID number with two names or two mobiles.
//!
//! Each row leaves 24 bytes: a hash of 64 bits of its ID number and of 32 bits of the other values, under a
//! key of this process. Ten million rows take 240 MB.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::super::inspect::Asked;
use crate::ledger::PhotoMark;

/// The most groups and rows of a group that are named.
const NAMED_GROUPS: usize = 100;
const NAMED_ROWS: usize = 20;

/// What is alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Rows whose applicant and photo stand in a row above.
    pub repeated_rows: u64,
    /// Calls that these rows do not need.
    pub calls_saved: u64,
    /// Due rows whose applicant stands in another row with another photo: each is a question of its own.
    pub other_photos: u64,
    /// ID numbers that stand with more than one name or mobile.
    pub conflicts: u64,
    /// The first of them.
    pub named: Vec<Conflict>,
    /// Every row that is alike another one, by its number, for the list of problems.
    pub rows: Vec<(u64, Alike)>,
}

/// One ID number with more than one name or mobile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The first rows that it stands in.
    pub rows: Vec<u64>,
    /// How many more there are.
    pub more_rows: u64,
    /// The names differ.
    pub names: bool,
    /// The mobiles differ.
    pub mobiles: bool,
}

/// What a row shares with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// The ID number, but not the name.
    OtherName(u64),
    /// The ID number, but not the mobile.
    OtherMobile(u64),
    /// All values.
    Repeated(u64),
}

/// A row's values as hashes. The fields' order is that of sorting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Trace {
    id: u64,
    name: u32,
    mobile: u32,
    photo: u32,
    /// The row's number, and in the lowest bit whether it is due.
    row: u32,
}

impl Trace {
    fn number(self) -> u64 {
        u64::from(self.row >> 1)
    }

    fn is_due(self) -> bool {
        self.row & 1 == 1
    }
}

#[derive(Default)]
pub(super) struct Likenesses {
    hasher: RandomState,
    traces: Vec<Trace>,
}

impl Likenesses {
    pub(super) fn add(&mut self, row: u64, asked: &Asked, photo: Option<PhotoMark>, is_due: bool) {
        let Some(row) = u32::try_from(row).ok().filter(|row| row.leading_zeros() > 0) else { return };
        let photo = match photo {
            Some(content) => self.hasher.hash_one(content),
            None => self.hasher.hash_one(asked.path),
        };
        // The lower half of a hash is a hash.
        let short = |hash: u64| u32::try_from(hash & u64::from(u32::MAX)).unwrap_or_default();
        let applicant = &asked.applicant;
        self.traces.push(Trace {
            id: self.hasher.hash_one(applicant.id_number().as_str()),
            name: short(self.hasher.hash_one(applicant.name().as_str())),
            mobile: short(self.hasher.hash_one(applicant.mobile().as_str())),
            photo: short(photo),
            row: row << 1 | u32::from(is_due),
        });
    }

    pub(super) fn settle(mut self) -> Likeness {
        self.traces.sort_unstable();
        let mut likeness = Likeness::default();
        for group in self.traces.chunk_by(|a, b| a.id == b.id).filter(|group| group.len() > 1) {
            compare(group, &mut likeness);
        }
        likeness.named.sort_by_key(|conflict| conflict.rows.first().copied());
        likeness.named.truncate(NAMED_GROUPS);
        likeness.rows.sort_unstable();
        likeness
    }
}

/// Compares the rows of one ID number.
fn compare(group: &[Trace], likeness: &mut Likeness) {
    for person in group.chunk_by(|a, b| (a.name, a.mobile) == (b.name, b.mobile)) {
        let mut due_photos = 0;
        for rows in person.chunk_by(|a, b| a.photo == b.photo) {
            let due = rows.iter().filter(|row| row.is_due()).count() as u64;
            likeness.calls_saved += due.saturating_sub(1);
            likeness.repeated_rows += rows.len() as u64 - 1;
            due_photos += u64::from(due > 0);
            let first = rows[0].number();
            likeness.rows.extend(rows[1..].iter().map(|row| (row.number(), Alike::Repeated(first))));
        }
        likeness.other_photos += due_photos.saturating_sub(1);
    }
    let first = group.iter().copied().min_by_key(|trace| trace.row).unwrap_or(group[0]);
    let names = group.iter().any(|trace| trace.name != first.name);
    let mobiles = group.iter().any(|trace| trace.mobile != first.mobile);
    if !(names || mobiles) {
        return;
    }
    likeness.conflicts += 1;
    // The row to compare with: the first one, and for that the first that differs from it.
    let differing = |differs: fn(&Trace, &Trace) -> bool| {
        let other = group.iter().filter(|trace| differs(trace, &first)).map(|trace| trace.number()).min();
        move |trace: &Trace| {
            if differs(trace, &first) {
                Some(first.number())
            } else {
                other.filter(|_| trace.row == first.row)
            }
        }
    };
    let (other_name, other_mobile) =
        (differing(|a, b| a.name != b.name), differing(|a, b| a.mobile != b.mobile));
    for trace in group {
        likeness.rows.extend(other_name(trace).map(|row| (trace.number(), Alike::OtherName(row))));
        likeness.rows.extend(other_mobile(trace).map(|row| (trace.number(), Alike::OtherMobile(row))));
    }
    if likeness.named.len() < 2 * NAMED_GROUPS {
        let mut rows: Vec<u64> = group.iter().map(|trace| trace.number()).collect();
        rows.sort_unstable();
        let more_rows = rows.len().saturating_sub(NAMED_ROWS) as u64;
        rows.truncate(NAMED_ROWS);
        likeness.named.push(Conflict { rows, more_rows, names, mobiles });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(row: u32, id: u64, name: u32, mobile: u32, photo: u32) -> Trace {
        Trace { id, name, mobile, photo, row: row << 1 | 1 }
    }

    fn settled(traces: Vec<Trace>) -> Likeness {
        Likenesses { traces, ..Likenesses::default() }.settle()
    }

    #[test]
    fn a_trace_takes_24_bytes() {
        assert_eq!(size_of::<Trace>(), 24);
    }

    #[test]
    fn the_same_applicant_twice_saves_a_call_and_another_photo_does_not() {
        let likeness = settled(vec![
            trace(2, 1, 1, 1, 1),
            trace(3, 2, 1, 1, 1),
            trace(4, 1, 1, 1, 1),
            trace(5, 1, 1, 1, 9),
        ]);
        assert_eq!((likeness.repeated_rows, likeness.calls_saved, likeness.other_photos), (1, 1, 1));
        assert_eq!(likeness.rows, [(4, Alike::Repeated(2))]);
        assert_eq!(likeness.conflicts, 0);
    }

    #[test]
    fn one_id_number_with_two_names_or_mobiles_is_told_of_every_row_that_differs() {
        let likeness = settled(vec![
            trace(9, 1, 2, 1, 1),
            trace(2, 1, 1, 1, 1),
            trace(5, 1, 1, 7, 1),
            trace(3, 8, 1, 1, 1),
            trace(6, 1, 1, 1, 1),
        ]);
        assert_eq!(likeness.conflicts, 1);
        assert_eq!(
            likeness.named,
            [Conflict { rows: vec![2, 5, 6, 9], more_rows: 0, names: true, mobiles: true }]
        );
        assert_eq!(
            likeness.rows,
            [
                (2, Alike::OtherName(9)),
                (2, Alike::OtherMobile(5)),
                (5, Alike::OtherMobile(2)),
                (6, Alike::Repeated(2)),
                (9, Alike::OtherName(2)),
            ]
        );
    }

    #[test]
    fn a_file_that_is_one_row_over_and_over_is_compared_in_no_time() {
        let rows = 200_000;
        let likeness = settled((2..rows + 2).map(|row| trace(row, 1, 1, row % 2, 1)).collect());
        assert_eq!((likeness.conflicts, likeness.repeated_rows), (1, u64::from(rows) - 2));
        assert_eq!(likeness.named[0].more_rows, u64::from(rows) - NAMED_ROWS as u64);
    }
}
