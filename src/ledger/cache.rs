//! What the ledger remembers of photos, so that a run need not read them all again.
//!
//! These rows carry no money and are not under the chain. Each has a mark of its own, so that a row that
//! was damaged is not believed: then the photo is read once more.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::key::{LedgerKey, Mark, PathMark, PhotoMark, Seal};

/// What the ledger remembers of a photo's path, as an index of a version control system does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPhoto {
    /// Length of the file, in bytes.
    pub size_bytes: u64,
    /// When its content last changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// When its inode last changed, in nanoseconds since 1970.
    pub changed_ns: i64,
    /// The bytes that it had then.
    pub photo: PhotoMark,
}

/// What preparing a photo showed, worth keeping so that the output says it again without the photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoJudgement {
    /// The version of the preparer that judged.
    pub preparer: u32,
    /// Code and sentence of the rejection, if it was rejected.
    pub rejection: Option<(String, String)>,
    /// Warnings, as the output shows them; may be empty.
    pub warnings: String,
}

/// What is remembered of the photo at a path.
pub(super) fn photo_at(
    connection: &Connection,
    seal: &Seal,
    path: PathMark,
) -> rusqlite::Result<Option<KnownPhoto>> {
    let query = "SELECT size_bytes, modified_ns, changed_ns, photo, mark FROM photo_path WHERE path = ?1";
    let read = |row: &Row<'_>| {
        let known = KnownPhoto {
            size_bytes: row.get(0)?,
            modified_ns: row.get(1)?,
            changed_ns: row.get(2)?,
            photo: PhotoMark(row.get(3)?),
        };
        Ok((known, row.get::<_, Mark>(4)?))
    };
    let found = connection.prepare_cached(query)?.query_row([path.0], read).optional()?;
    Ok(found.and_then(|(known, mark)| (mark == mark_of_path(seal, path, &known)).then_some(known)))
}

/// What preparing a photo showed, if it was worth keeping.
pub(super) fn judgement_of(
    connection: &Connection,
    seal: &Seal,
    photo: PhotoMark,
) -> rusqlite::Result<Option<PhotoJudgement>> {
    let query = "SELECT preparer, code, reason, warnings, mark FROM photo_judgement WHERE photo = ?1";
    let read = |row: &Row<'_>| {
        let code: Option<String> = row.get(1)?;
        let reason: Option<String> = row.get(2)?;
        let judged =
            PhotoJudgement { preparer: row.get(0)?, rejection: code.zip(reason), warnings: row.get(3)? };
        Ok((judged, row.get::<_, Mark>(4)?))
    };
    let found = connection.prepare_cached(query)?.query_row([photo.0], read).optional()?;
    Ok(found.and_then(|(judged, mark)| (mark == mark_of_judgement(seal, photo, &judged)).then_some(judged)))
}

pub(super) fn remember_photo(
    connection: &Connection,
    seal: &Seal,
    path: PathMark,
    known: &KnownPhoto,
) -> rusqlite::Result<()> {
    let insert = "INSERT OR REPLACE INTO photo_path (path, size_bytes, modified_ns, changed_ns, photo, mark)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mark = mark_of_path(seal, path, known);
    let values = params![path.0, known.size_bytes, known.modified_ns, known.changed_ns, known.photo.0, mark];
    connection.prepare_cached(insert)?.execute(values).map(|_| ())
}

pub(super) fn remember_judgement(
    connection: &Connection,
    seal: &Seal,
    photo: PhotoMark,
    judged: &PhotoJudgement,
) -> rusqlite::Result<()> {
    let insert = "INSERT OR REPLACE INTO photo_judgement (photo, preparer, code, reason, warnings, mark)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mark = mark_of_judgement(seal, photo, judged);
    let (code, reason) = judged.rejection.clone().unzip();
    let values = params![photo.0, judged.preparer, code, reason, judged.warnings, mark];
    connection.prepare_cached(insert)?.execute(values).map(|_| ())
}

/// Marks what a ledger from before the marks remembers.
pub(super) fn bring_over(connection: &Connection, key: &LedgerKey) -> rusqlite::Result<()> {
    let query = "SELECT size_bytes, modified_ns, changed_ns, photo, path FROM old_photo_path";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let known = KnownPhoto {
            size_bytes: row.get(0)?,
            modified_ns: row.get(1)?,
            changed_ns: row.get(2)?,
            photo: PhotoMark(row.get(3)?),
        };
        remember_photo(connection, &key.cache, PathMark(row.get(4)?), &known)?;
    }
    let query = "SELECT preparer, code, reason, warnings, photo FROM old_photo_judgement";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let code: Option<String> = row.get(1)?;
        let judged =
            PhotoJudgement { preparer: row.get(0)?, rejection: code.zip(row.get(2)?), warnings: row.get(3)? };
        remember_judgement(connection, &key.cache, PhotoMark(row.get(4)?), &judged)?;
    }
    Ok(())
}

fn mark_of_path(seal: &Seal, path: PathMark, known: &KnownPhoto) -> Mark {
    let mut hasher = seal.hasher();
    hasher.update(b"path").update(&path.0).update(&known.size_bytes.to_le_bytes());
    hasher.update(&known.modified_ns.to_le_bytes()).update(&known.changed_ns.to_le_bytes());
    hasher.update(&known.photo.0);
    shorten(&hasher)
}

fn mark_of_judgement(seal: &Seal, photo: PhotoMark, judged: &PhotoJudgement) -> Mark {
    let mut hasher = seal.hasher();
    hasher.update(b"judgement").update(&photo.0).update(&judged.preparer.to_le_bytes());
    let (code, reason) = judged.rejection.as_ref().map_or(("", ""), |(code, reason)| (code, reason));
    for text in [code, reason, &judged.warnings] {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    shorten(&hasher)
}

fn shorten(hasher: &blake3::Hasher) -> Mark {
    let mut mark = [0; 16];
    hasher.finalize_xof().fill(&mut mark);
    mark
}
