//! The chain: each group of rows that was committed together is bound by a keyed hash to all groups
//! before it, so that no row can be changed, removed or put in afterwards without its being noticed.
//!
//! A row of `link` stands for one group. It names the last row of each table that the group reaches to, and
//! holds a hash over its own number, the hash before it, and every value of the group's rows in a form in
//! which nothing can run together. A link that starts anew covers all rows from the first: the ledger was
//! made by an older program, or an operator accepted it as it was.

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Rows, params};

use super::key::Seal;

/// The tables under the chain. Their rows are numbered from 1 without a gap, and only ever added.
pub(super) const CHAINED: [&str; 6] = ["setting", "run", "intent", "answer", "resolution", "rollback"];

/// The place of a table in [`CHAINED`].
pub(super) const INTENT: usize = 2;

pub(super) type Hash = [u8; 32];

/// The columns of a link, in the order in which [`read_link`] takes them.
const LINK: &str = "id, anew, setting, run, intent, answer, resolution, rollback, hash";

/// The newest group: its number, its hash, and the last row of each table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) sequence: i64,
    pub(super) hash: Hash,
    pub(super) last: [i64; CHAINED.len()],
}

impl Head {
    /// Before the first group.
    pub(super) const START: Self = Self { sequence: 0, hash: [0; 32], last: [0; CHAINED.len()] };
}

/// Where a group begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// After the group before it.
    SinceLast,
    /// At the first row of every table.
    Anew,
}

/// What is wrong with a chain, from which group on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Break {
    pub(super) sequence: i64,
    pub(super) what: Broken,
}

/// How a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A link of the chain is missing.
    LinkMissing,
    /// A row that the group had is missing.
    RowMissing(&'static str),
    /// The rows of the group are not those that were written.
    Changed,
    /// There are rows that no group has.
    RowsAdded(&'static str),
}

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) head: Head,
    /// The link that the verification began with: the newest that starts anew.
    pub(super) from: i64,
}

/// Adds a link over the rows that were added since the last; none if there are none.
pub(super) fn seal(
    connection: &Connection,
    seal: &Seal,
    head: &Head,
    reach: Reach,
) -> rusqlite::Result<Option<Head>> {
    let sequence = head.sequence + 1;
    let mut digest = Digest::new(seal, sequence, &head.hash, reach);
    let from = if reach == Reach::Anew { [0; CHAINED.len()] } else { head.last };
    let mut last = from;
    for (table, name) in CHAINED.iter().enumerate() {
        let query = format!("SELECT * FROM {name} WHERE id > ?1 ORDER BY id");
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query([from[table]])?;
        digest.table(table);
        while let Some(row) = rows.next()? {
            last[table] = row.get(0)?;
            digest.row(row)?;
        }
    }
    if last == from && reach == Reach::SinceLast {
        return Ok(None);
    }
    let head = Head { sequence, hash: digest.finish(&last), last };
    insert(connection, &head, reach)?;
    Ok(Some(head))
}

fn insert(connection: &Connection, head: &Head, reach: Reach) -> rusqlite::Result<()> {
    let [setting, run, intent, answer, resolution, rollback] = head.last;
    let insert = format!("INSERT INTO link ({LINK}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    let anew = reach == Reach::Anew;
    let values = params![head.sequence, anew, setting, run, intent, answer, resolution, rollback, head.hash];
    connection.prepare_cached(&insert)?.execute(values)?;
    Ok(())
}

/// The hash of one group, or of the beginning.
pub(super) fn hash_of(connection: &Connection, sequence: i64) -> rusqlite::Result<Option<Hash>> {
    if sequence == 0 {
        return Ok(Some(Head::START.hash));
    }
    connection.query_row("SELECT hash FROM link WHERE id = ?1", [sequence], |row| row.get(0)).optional()
}

/// Reads the newest link as it stands there, unverified.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<Head> {
    let query = format!("SELECT {LINK} FROM link ORDER BY id DESC LIMIT 1");
    let newest = connection.query_row(&query, [], |row| Ok(read_link(row)?.0)).optional()?;
    Ok(newest.unwrap_or(Head::START))
}

/// Reads every row under the chain, from the newest link that starts anew, and compares.
pub(super) fn verify(connection: &Connection, seal: &Seal) -> rusqlite::Result<Result<Verified, Break>> {
    let broken = |sequence, what| Ok(Err(Break { sequence, what }));
    let from: i64 =
        connection.query_row("SELECT ifnull(max(id), 1) FROM link WHERE anew", [], |row| row.get(0))?;
    let mut head = Head { sequence: from - 1, ..Head::START };
    head.hash = hash_of(connection, head.sequence)?.unwrap_or_default();

    let mut tables = Vec::with_capacity(CHAINED.len());
    for name in CHAINED {
        tables.push(connection.prepare(&format!("SELECT * FROM {name} ORDER BY id"))?);
    }
    let mut cursors = tables.iter_mut().map(|table| table.query([])).collect::<Result<Vec<Rows<'_>>, _>>()?;
    for cursor in &mut cursors {
        cursor.advance()?;
    }
    let query = format!("SELECT {LINK} FROM link WHERE id >= ?1 ORDER BY id");
    let mut statement = connection.prepare(&query)?;
    let mut links = statement.query([from])?;
    while let Some(row) = links.next()? {
        let (link, reach) = read_link(row)?;
        if link.sequence != head.sequence + 1 {
            return broken(head.sequence + 1, Broken::LinkMissing);
        }
        let mut digest = Digest::new(seal, link.sequence, &head.hash, reach);
        for (table, cursor) in cursors.iter_mut().enumerate() {
            digest.table(table);
            let mut rows = if reach == Reach::Anew { 0 } else { head.last[table] };
            while let Some(row) = cursor.get() {
                if row.get::<_, i64>(0)? > link.last[table] {
                    break;
                }
                digest.row(row)?;
                rows += 1;
                cursor.advance()?;
            }
            if rows != link.last[table] && reach == Reach::SinceLast {
                return broken(link.sequence, Broken::RowMissing(CHAINED[table]));
            }
        }
        if digest.finish(&link.last) != link.hash {
            return broken(link.sequence, Broken::Changed);
        }
        head = link;
    }
    for (table, cursor) in cursors.iter().enumerate() {
        if cursor.get().is_some() {
            return broken(head.sequence + 1, Broken::RowsAdded(CHAINED[table]));
        }
    }
    Ok(Ok(Verified { head, from }))
}

fn read_link(row: &Row<'_>) -> rusqlite::Result<(Head, Reach)> {
    let mut last = [0; CHAINED.len()];
    for (table, last) in last.iter_mut().enumerate() {
        *last = row.get(2 + table)?;
    }
    let reach = if row.get(1)? { Reach::Anew } else { Reach::SinceLast };
    Ok((Head { sequence: row.get(0)?, hash: row.get(8)?, last }, reach))
}

/// The hash of a group while it is being taken.
struct Digest {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl Digest {
    /// Long enough to make hashing worth its while, short enough to stay in the cache.
    const BUFFER_BYTES: usize = 16 * 1024;

    fn new(seal: &Seal, sequence: i64, previous: &Hash, reach: Reach) -> Self {
        let mut buffer = Vec::with_capacity(2 * Self::BUFFER_BYTES);
        buffer.extend_from_slice(&sequence.to_le_bytes());
        buffer.extend_from_slice(previous);
        buffer.push(u8::from(reach == Reach::Anew));
        Self { hasher: seal.hasher(), buffer }
    }

    fn table(&mut self, table: usize) {
        self.buffer.extend_from_slice(&[b'T', u8::try_from(table).unwrap_or(u8::MAX)]);
    }

    /// Adds a row: each value with its type, and with its length where that varies.
    fn row(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let columns = row.as_ref().column_count();
        self.buffer.extend_from_slice(&[b'R', u8::try_from(columns).unwrap_or(u8::MAX)]);
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => self.buffer.push(b'n'),
                ValueRef::Integer(number) => self.add(b'i', &number.to_le_bytes()),
                ValueRef::Real(number) => self.add(b'f', &number.to_bits().to_le_bytes()),
                ValueRef::Text(text) => self.add_long(b't', text),
                ValueRef::Blob(bytes) => self.add_long(b'b', bytes),
            }
        }
        if self.buffer.len() > Self::BUFFER_BYTES {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
        Ok(())
    }

    fn add(&mut self, kind: u8, bytes: &[u8]) {
        self.buffer.push(kind);
        self.buffer.extend_from_slice(bytes);
    }

    fn add_long(&mut self, kind: u8, bytes: &[u8]) {
        self.add(kind, &(bytes.len() as u64).to_le_bytes());
        self.buffer.extend_from_slice(bytes);
    }

    fn finish(mut self, last: &[i64; CHAINED.len()]) -> Hash {
        self.buffer.push(b'E');
        for number in last {
            self.buffer.extend_from_slice(&number.to_le_bytes());
        }
        self.hasher.update(&self.buffer);
        *self.hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_bound_to_its_number_its_past_its_reach_and_its_tables() {
        let seal = Seal::new("test", &[7; 32]);
        let hash = |sequence, past: u8, reach, table, last: i64| {
            let mut digest = Digest::new(&seal, sequence, &[past; 32], reach);
            digest.table(table);
            digest.finish(&[last; CHAINED.len()])
        };
        let hashes = [
            hash(1, 0, Reach::Anew, 0, 0),
            hash(2, 0, Reach::Anew, 0, 0),
            hash(1, 1, Reach::Anew, 0, 0),
            hash(1, 0, Reach::SinceLast, 0, 0),
            hash(1, 0, Reach::Anew, 1, 0),
            hash(1, 0, Reach::Anew, 0, 1),
        ];
        for (at, one) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(one), "{at}");
        }
    }
}
