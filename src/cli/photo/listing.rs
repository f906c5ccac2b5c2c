//! Which pictures are meant: files as they are named, and what is in the folders that are named.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use super::printable;
use crate::photo::is_picture;
use crate::say;

/// Endings of picture files, those included that are refused with a reason.
const ENDINGS: [&str; 17] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "tif", "tiff", "gif", "heic", "heif", "avif",
    "jxl", "jp2", "dng",
];

/// Bytes by which a picture is known that has no such ending.
const BEGINNING_BYTES: usize = 64;

/// Folders within folders that are gone into.
const MAX_DEPTH: usize = 64;

/// A picture that is to be shown.
pub(super) struct Picture {
    /// Where it is, as it is shown.
    pub path: PathBuf,
    /// Where it goes below `--to`, before its ending is changed.
    pub place: PathBuf,
}

/// Pictures, in their order.
#[derive(Default)]
pub(super) struct Listing {
    pub pictures: Vec<Picture>,
    /// Files in folders that are no pictures, hidden, or links.
    pub skipped: usize,
}

impl Listing {
    /// Lists the files, and the pictures in the folders by name; leaves out what is below `to`.
    pub(super) fn of(named: &[PathBuf], to: Option<&Path>) -> Result<Self, Failure> {
        let mut listing = Self::default();
        let to = to.and_then(|to| to.canonicalize().ok());
        for path in named {
            if path.is_dir() {
                listing.add_folder(path, Path::new(""), to.as_deref(), 0)?;
            } else {
                let place = path.file_name().map(PathBuf::from).unwrap_or_default();
                listing.pictures.push(Picture { path: path.clone(), place });
            }
        }
        Ok(listing)
    }

    fn add_folder(
        &mut self,
        folder: &Path,
        place: &Path,
        to: Option<&Path>,
        depth: usize,
    ) -> Result<(), Failure> {
        let fail = |e: std::io::Error| {
            Failure::new(
                Exit::Input,
                say!("photo-folder-unreadable", path = printable(folder), error = e.kind().to_string()),
            )
        };
        let mut entries = fs::read_dir(folder).map_err(fail)?.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(fail)?;
            if name.as_encoded_bytes().starts_with(b".") || kind.is_symlink() {
                self.skipped += 1;
            } else if kind.is_dir() {
                let is_output = to.is_some() && path.canonicalize().ok().as_deref() == to;
                if !is_output && depth < MAX_DEPTH {
                    self.add_folder(&path, &place.join(&name), to, depth + 1)?;
                }
            } else if kind.is_file() && looks_like_a_picture(&path) {
                self.pictures.push(Picture { path, place: place.join(&name) });
            } else {
                self.skipped += 1;
            }
        }
        Ok(())
    }
}

fn looks_like_a_picture(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    if ending.is_some_and(|ending| ENDINGS.contains(&&*ending)) {
        return true;
    }
    let mut beginning = Vec::new();
    let read =
        fs::File::open(path).and_then(|file| file.take(BEGINNING_BYTES as u64).read_to_end(&mut beginning));
    read.is_ok() && is_picture(&beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_listed_by_name_with_what_is_no_picture_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        for name in ["b.jpg", "a/2.PNG", "a/1.heic", "z.tif", "shown/old.jpg"] {
            write(name, b"x");
        }
        write("no ending", b"\xff\xd8\xff\xe0");
        for name in ["list.csv", ".hidden.jpg", "a/notes.txt"] {
            write(name, b"text");
        }
        std::os::unix::fs::symlink(dir.path().join("b.jpg"), dir.path().join("link.jpg")).unwrap();
        let to = dir.path().join("shown");
        let named = [dir.path().to_owned(), dir.path().join("list.csv")];
        let listing = Listing::of(&named, Some(&to)).unwrap();
        let places: Vec<_> = listing.pictures.iter().map(|picture| picture.place.to_str().unwrap()).collect();
        assert_eq!(places, ["a/1.heic", "a/2.PNG", "b.jpg", "no ending", "z.tif", "list.csv"]);
        assert_eq!(listing.skipped, 4, "the list, the notes, the hidden one and the link");
    }
}
