//! What a program did to its files and its connections, in its order, as the interposer wrote it down.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// One call.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file was opened for writing that was there already.
    Opened { name: String, inode: u64, emptied: bool },
    /// A file was made.
    Created { name: String, inode: u64 },
    /// Bytes were written.
    Written { inode: u64, offset: usize, bytes: Vec<u8> },
    /// A file's length was set.
    Cut { inode: u64, length: usize },
    /// Room was made up to this length.
    Allocated { inode: u64, length: usize },
    /// A file or, without a name, the folder was made to last; or the system failed to.
    Synced { name: Option<String>, inode: u64, failed: bool },
    /// A file got another name.
    Renamed { from: String, to: String },
    /// A file got a further name.
    Linked { from: String, to: String },
    /// A name was removed.
    Removed { name: String },
    /// The last byte of a request about the holder of this mobile went out.
    RequestLeft { mobile: String },
    /// Something that changes neither.
    Other,
}

/// Reads a log: the events, and how many of them were counted. Names are those inside `folder`.
pub fn read(log: &Path, folder: &Path) -> (Vec<Event>, usize) {
    let bytes = fs::read(log).expect("the program wrote its log");
    let folder = folder.canonicalize().expect("the folder is there");
    let folder = folder.to_str().expect("temporary names are text");
    let mut reader = Reader { rest: &bytes, folder, counted: 0 };
    let mut streams: HashMap<u32, Vec<u8>> = HashMap::new();
    let mut events = Vec::new();
    while let Some(event) = reader.next(&mut streams) {
        events.push(event);
    }
    (events, reader.counted)
}

struct Reader<'a> {
    rest: &'a [u8],
    folder: &'a str,
    counted: usize,
}

impl Reader<'_> {
    fn next(&mut self, streams: &mut HashMap<u32, Vec<u8>>) -> Option<Event> {
        if self.rest.is_empty() {
            return None;
        }
        let [kind, path, to, fd] = [(); 4].map(|()| u32::from_le_bytes(self.take(4).try_into().unwrap()));
        let inode = self.number();
        let (offset, result) = (self.number().cast_signed(), self.number().cast_signed());
        self.counted = usize::try_from(self.number()).unwrap();
        let length = self.number();
        let path = self.name(path);
        let to = self.name(to);
        let bytes = self.take(usize::try_from(length).unwrap()).to_vec();
        let kind = char::from_u32(kind).expect("a letter");
        let at = || usize::try_from(offset).expect("an offset");
        if result < 0 && kind != 's' {
            return Some(Event::Other);
        }
        Some(match kind {
            'o' | 'T' => Event::Opened { name: path.expect("a name"), inode, emptied: kind == 'T' },
            'c' => Event::Created { name: path.expect("a name"), inode },
            'w' => Event::Written { inode, offset: at(), bytes },
            't' => Event::Cut { inode, length: at() },
            'a' => Event::Allocated { inode, length: at() },
            's' => Event::Synced { name: path, inode, failed: result < 0 },
            'r' => Event::Renamed { from: path.expect("a name"), to: to.expect("a name") },
            'l' => Event::Linked { from: path.expect("a name"), to: to.expect("a name") },
            'u' => Event::Removed { name: path.expect("a name") },
            'C' => {
                streams.insert(fd, Vec::new());
                Event::Other
            }
            'S' => {
                let stream = streams.entry(fd).or_default();
                stream.extend_from_slice(&bytes);
                complete_request(stream).map_or(Event::Other, |mobile| Event::RequestLeft { mobile })
            }
            _ => Event::Other,
        })
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().unwrap())
    }

    /// The path inside the folder; `None` for the folder itself.
    fn name(&mut self, length: u32) -> Option<String> {
        let folder = self.folder;
        let path = String::from_utf8(self.take(length as usize).to_vec()).expect("temporary names are text");
        let inside = path.strip_prefix(folder).unwrap_or(&path).replace("/./", "/");
        let inside = inside.trim_start_matches('/');
        (!inside.is_empty()).then(|| inside.to_owned())
    }
}

/// Takes a whole request off the stream, and returns the mobile that it is about.
fn complete_request(stream: &mut Vec<u8>) -> Option<String> {
    let text = String::from_utf8_lossy(stream).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let line = head.to_lowercase();
    let length = line.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    if body.len() < length {
        return None;
    }
    stream.clear();
    let field = body.split('&').find_map(|field| field.strip_prefix("mobile="));
    Some(field.expect("a request has a mobile").to_owned())
}
