//! Whether every index has every row of its table, and finds it.
//!
//! A row that its index lacks would not be found when its subject is looked up, and would be paid for again.
//! SQLite's own check looks each row up in each index, in an order that jumps all over the file. Here each
//! index is read once, from its first entry to its last: they must stand in order, which is what a search
//! relies on, and be the very entries that the table's rows call for, by a sum of keyed hashes.

use std::cmp::Ordering;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Each index that rows are looked up by: its name, its table and its column.
const INDEXES: [(&str, &str, &str); 4] = [
    ("sqlite_autoindex_setting_1", "setting", "name"),
    ("intent_of_subject", "intent", "subject"),
    ("sqlite_autoindex_answer_1", "answer", "intent"),
    ("resolution_of_intent", "resolution", "intent"),
];

/// Says what is wrong with the first index that is not right.
pub(super) fn first_damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut secret = [0; 32];
    if let Err(error) = getrandom::fill(&mut secret) {
        return Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error)));
    }
    for (index, table, column) in INDEXES {
        let rows = read(connection, &secret, &format!("SELECT {column}, id FROM {table} NOT INDEXED"))?;
        let query = format!("SELECT {column}, id FROM {table} INDEXED BY {index}");
        let entries = read(connection, &secret, &query)?;
        if !entries.in_order {
            return Ok(Some(format!("entries of index {index} are out of order")));
        }
        if (entries.count, entries.sum) != (rows.count, rows.sum) {
            return Ok(Some(format!("index {index} has not the rows of its table")));
        }
    }
    Ok(None)
}

/// What reading pairs of key and row came to.
struct Read {
    count: u64,
    /// Of the pairs' keyed hashes, whatever their order.
    sum: [u64; 4],
    /// Each pair is greater than the one before.
    in_order: bool,
}

fn read(connection: &Connection, secret: &[u8; 32], query: &str) -> rusqlite::Result<Read> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut read = Read { count: 0, sum: [0; 4], in_order: true };
    let (mut last, mut pair) = (Pair::default(), Pair::default());
    while let Some(row) = rows.next()? {
        pair.set(row.get_ref(0)?, row.get(1)?);
        read.in_order &= read.count == 0 || last.compare(&pair) == Ordering::Less;
        read.count += 1;
        let hash = blake3::keyed_hash(secret, &pair.bytes);
        for (sum, part) in read.sum.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            let part = part.try_into().map_or(0, u64::from_le_bytes);
            *sum = sum.wrapping_add(part);
        }
        std::mem::swap(&mut last, &mut pair);
    }
    Ok(read)
}

/// A key and the row that has it.
#[derive(Default)]
struct Pair {
    /// The row and the key with its type, as they are hashed.
    bytes: Vec<u8>,
    /// The key, if it is a number.
    number: Option<i64>,
    row: i64,
}

impl Pair {
    const KEY: usize = 9;

    fn set(&mut self, key: ValueRef<'_>, row: i64) {
        (self.row, self.number) = (row, None);
        self.bytes.clear();
        self.bytes.extend_from_slice(&row.to_le_bytes());
        match key {
            ValueRef::Null => self.bytes.push(b'n'),
            ValueRef::Integer(number) => {
                self.number = Some(number);
                self.bytes.push(b'i');
                self.bytes.extend_from_slice(&number.to_le_bytes());
            }
            ValueRef::Real(number) => {
                self.bytes.push(b'f');
                self.bytes.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            ValueRef::Text(text) => {
                self.bytes.push(b't');
                self.bytes.extend_from_slice(text);
            }
            ValueRef::Blob(blob) => {
                self.bytes.push(b'u');
                self.bytes.extend_from_slice(blob);
            }
        }
    }

    /// As an index orders them: numbers by size, text before blobs and both byte by byte, then by row.
    fn compare(&self, other: &Self) -> Ordering {
        let keys = match (self.number, other.number) {
            (Some(own), Some(others)) => own.cmp(&others),
            _ => self.bytes[Self::KEY - 1..].cmp(&other.bytes[Self::KEY - 1..]),
        };
        keys.then(self.row.cmp(&other.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE setting (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                 CREATE TABLE intent (id INTEGER PRIMARY KEY, subject BLOB NOT NULL) STRICT;
                 CREATE INDEX intent_of_subject ON intent (subject);
                 CREATE TABLE answer (id INTEGER PRIMARY KEY, intent INTEGER NOT NULL UNIQUE) STRICT;
                 CREATE TABLE resolution (id INTEGER PRIMARY KEY, intent INTEGER NOT NULL) STRICT;
                 CREATE INDEX resolution_of_intent ON resolution (intent);
                 INSERT INTO setting (name) VALUES ('b'), ('a'), ('ab');
                 INSERT INTO intent (subject)
                   WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
                   SELECT CAST(printf('%05d', n * 7919 % 1000) AS BLOB) FROM n;
                 INSERT INTO answer (intent) SELECT 3001 - id FROM intent;
                 INSERT INTO resolution (intent) SELECT id % 50 - 9 FROM intent WHERE id % 3 = 0;",
            )
            .unwrap();
        connection
    }

    /// Makes an index by one definition, and says that it has another.
    fn pass_off(connection: &Connection, (index, table, column): (&str, &str, &str), made_as: &str) {
        connection
            .execute_batch(&format!(
                "DROP INDEX {index};
                 CREATE INDEX {index} ON {table} {made_as};
                 PRAGMA writable_schema = on;
                 UPDATE sqlite_schema SET sql = 'CREATE INDEX {index} ON {table} ({column})' WHERE name = '{index}';
                 PRAGMA writable_schema = reset;"
            ))
            .unwrap();
    }

    #[test]
    fn an_index_that_lacks_a_row_has_another_key_or_another_order_is_noticed() {
        assert_eq!(first_damage(&ledger()).unwrap(), None);
        for of in INDEXES.into_iter().filter(|(index, ..)| !index.starts_with("sqlite_")) {
            let (index, _, column) = of;
            for made_as in [
                format!("({column}) WHERE id != 12"),
                format!("({column}) WHERE id < 1000"),
                format!("({column}) WHERE id > 1"),
                format!("({column} DESC)"),
                format!("(CASE id WHEN 12 THEN 7 ELSE {column} END)"),
                format!("({column}, id DESC)"),
            ] {
                let connection = ledger();
                pass_off(&connection, of, &made_as);
                let found = first_damage(&connection).unwrap();
                assert!(found.is_some_and(|found| found.contains(index)), "{index} {made_as}");
                let sqlite: String =
                    connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).unwrap();
                assert_ne!(sqlite, "ok", "{index} {made_as}");
            }
            let sound = ledger();
            pass_off(&sound, of, &format!("({column})"));
            assert_eq!(first_damage(&sound).unwrap(), None);
        }
    }
}
