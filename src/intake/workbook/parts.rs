//! The parts of a workbook's archive: how large they really are, before anything reads them, and what of a
//! sheet its cells do not say.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::super::error::{ForeignFile, Problem};
use super::super::source::FileAt;

/// What all parts that are read may come to, unpacked.
const MAX_UNPACKED_BYTES: u64 = 1024 * 1024 * 1024;
/// What the texts that cells share, which are held in memory, may come to.
const MAX_SHARED_BYTES: u64 = 256 * 1024 * 1024;
/// The most parts of an archive; Excel writes a few dozen.
const MAX_PARTS: usize = 20_000;
/// The least that one shared text takes: `<si/>`.
const SHARED_TEXT_BYTES: u64 = 5;

type Archive = ZipArchive<BufReader<FileAt>>;

/// An archive that was measured.
pub(super) struct Parts {
    /// The sheets' parts, in the workbook's order.
    sheets: Vec<String>,
}

/// What was seen of a sheet.
#[derive(Default)]
pub(super) struct Look {
    pub(super) hidden_rows: u64,
    pub(super) merged_cells: u64,
}

impl Parts {
    /// Unpacks every part once, without keeping it, and finds the sheets.
    pub(super) fn measure(file: &Arc<File>) -> Result<Self, Problem> {
        let mut archive = open(file)?;
        if archive.len() > MAX_PARTS {
            return Err(Problem::WorkbookTooLarge);
        }
        let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
        let has = |part: &str| names.iter().any(|name| name.eq_ignore_ascii_case(part));
        if !names.iter().any(|name| name.to_ascii_lowercase().starts_with("xl/")) {
            let is_open_document = has("content.xml") && has("mimetype");
            return Err(Problem::NotText(if is_open_document {
                ForeignFile::OpenDocument
            } else {
                ForeignFile::Zip
            }));
        }
        if has("xl/workbook.bin") {
            return Err(Problem::NotText(ForeignFile::BinaryWorkbook));
        }
        let mut left = MAX_UNPACKED_BYTES;
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).map_err(|_| damaged())?;
            let name = part.name().map_err(|_| damaged())?.to_ascii_lowercase();
            let is_read = [".xml", ".rels", ".bin"].iter().any(|ending| name.ends_with(ending));
            if !is_read {
                continue; // Pictures and the like stay packed.
            }
            let is_shared = name.ends_with("sharedstrings.xml");
            let most = if is_shared { left.min(MAX_SHARED_BYTES) } else { left };
            let size = io::copy(&mut (&mut part).take(most + 1), &mut io::sink()).map_err(|_| damaged())?;
            if size > most {
                return Err(Problem::WorkbookTooLarge);
            }
            left -= size;
            drop(part);
            if is_shared {
                check_count(&mut archive, index, size)?;
            }
        }
        let sheets = sheets(&mut archive, &names)?;
        Ok(Self { sheets })
    }

    /// Looks through a sheet for what its cells do not say.
    pub(super) fn look_at_sheet(&self, file: &Arc<File>, number: usize) -> Result<Look, Problem> {
        let mut look = Look::default();
        let Some(name) = self.sheets.get(number) else { return Ok(look) };
        let mut archive = open(file)?;
        let Some(mut xml) = reader(&mut archive, name) else { return Ok(look) };
        each_element(&mut xml, |element| {
            match element.local_name().as_ref() {
                "row" if is_set(element, "hidden") => look.hidden_rows += 1,
                "mergeCell" => look.merged_cells += 1,
                _ => {}
            }
            true
        })?;
        Ok(look)
    }
}

fn open(file: &Arc<File>) -> Result<Archive, Problem> {
    ZipArchive::new(BufReader::new(FileAt::new(Arc::clone(file), 0))).map_err(|_| damaged())
}

fn damaged() -> Problem {
    Problem::WorkbookDamaged { row: None }
}

/// Shared texts are counted at their start, and room is made for so many: more than can be there is a lie.
fn check_count(archive: &mut Archive, index: usize, size: u64) -> Result<(), Problem> {
    let part = archive.by_index(index).map_err(|_| damaged())?;
    let mut xml = Reader::from_reader(BufReader::new(part));
    let mut is_bearable = true;
    each_element(&mut xml, |element| {
        if element.local_name().as_ref() == "sst" {
            let count = attribute(element, "uniqueCount").and_then(|count| count.parse::<u64>().ok());
            is_bearable = count.is_none_or(|count| count <= size / SHARED_TEXT_BYTES + 1);
        }
        false // Only the first element.
    })?;
    if is_bearable { Ok(()) } else { Err(damaged()) }
}

/// Finds the sheets' parts, in the workbook's order.
fn sheets(archive: &mut Archive, names: &[String]) -> Result<Vec<String>, Problem> {
    let actual = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted));
    let mut targets = Vec::new();
    if let Some(mut xml) = actual("xl/_rels/workbook.xml.rels").and_then(|name| reader(archive, name)) {
        each_element(&mut xml, |element| {
            if let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) {
                targets.push((id, target));
            }
            true
        })?;
    }
    let mut found = Vec::new();
    if let Some(mut xml) = actual("xl/workbook.xml").and_then(|name| reader(archive, name)) {
        each_element(&mut xml, |element| {
            if element.local_name().as_ref() == "sheet" {
                let id = attribute(element, "id").unwrap_or_default();
                let target = targets.iter().find(|(known, _)| *known == id).map_or("", |(_, target)| target);
                let path = match target.strip_prefix('/') {
                    Some(path) => path.to_owned(),
                    None => format!("xl/{target}"),
                };
                found.push(actual(&path).cloned().unwrap_or_default());
            }
            true
        })?;
    }
    Ok(found)
}

fn reader<'a>(
    archive: &'a mut Archive,
    name: &str,
) -> Option<Reader<BufReader<zip::read::ZipFile<'a, BufReader<FileAt>>>>> {
    Some(Reader::from_reader(BufReader::new(archive.by_name(name).ok()?)))
}

/// Goes through the elements of a part, until `more` says no.
fn each_element<R: BufRead>(
    xml: &mut Reader<R>,
    mut more: impl FnMut(&BytesStart<'_>) -> bool,
) -> Result<(), Problem> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                if !more(&element) {
                    return Ok(());
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(damaged()),
        }
    }
}

/// An attribute by its local name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|found| found.key.local_name().as_ref() == name)?;
    Some(found.value.to_string())
}

fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| matches!(value.as_str(), "1" | "true"))
}
