//! What a disk may hold after the power went: a model of files, names and syncs, and the images that it allows.
//!
//! The model knows no more than POSIX promises. What a file held at its last sync is there. Of what was
//! written since, each sector of 512 bytes (or each page of 4,096) has any of the states that it went through,
//! whatever its neighbours have; the length is any that the file had. Names are durable when the folder was
//! synced; of what became of them since, any prefix or any subset is there. A sync that failed has dropped what
//! it was to save, and a later one that succeeds does not bring it back: so Linux does it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::recording::Event;

/// A small generator, so that an image can be told from another by its seed alone.
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
    AtLeast(usize),
}

#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Put(String, usize),
    Gone(String),
}

/// Files and names as they are, and as they were when they were last made to last.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    name_changes: Vec<Vec<NameChange>>,
    inodes: BTreeMap<u64, usize>,
}

/// How much of what was not synced is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// All of it.
    Everything,
    /// None of it.
    Nothing,
    /// Whatever this seed chooses.
    Some(u64),
}

/// Content by name.
pub type Image = BTreeMap<String, Vec<u8>>;

impl Disk {
    /// Starts from files that are durable.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut disk = Self::default();
        for (name, bytes) in files {
            disk.names.insert(name, disk.files.len());
            disk.files.push(File { durable: bytes, pending: Vec::new() });
        }
        disk.durable_names.clone_from(&disk.names);
        disk
    }

    /// Lets an event happen.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { name, inode, emptied } => {
                let file = self.names[name];
                self.inodes.insert(*inode, file);
                if *emptied {
                    self.files[file].pending.push(Change::Length(0));
                }
            }
            Event::Created { name, inode } => {
                self.inodes.insert(*inode, self.files.len());
                self.change_names(vec![NameChange::Put(name.clone(), self.files.len())]);
                self.files.push(File::default());
            }
            Event::Written { inode, offset, bytes } => {
                self.change(*inode, Change::Write { offset: *offset, bytes: bytes.clone() });
            }
            Event::Cut { inode, length } => self.change(*inode, Change::Length(*length)),
            Event::Allocated { inode, length } => self.change(*inode, Change::AtLeast(*length)),
            Event::Synced { name: None, failed, .. } => {
                if !failed {
                    self.durable_names.clone_from(&self.names);
                    self.name_changes.clear();
                }
            }
            Event::Synced { name: Some(_), inode, failed } => {
                if let Some(file) = self.inodes.get(inode) {
                    let file = &mut self.files[*file];
                    let pending = std::mem::take(&mut file.pending);
                    if !failed {
                        file.durable = applied(&file.durable, &pending);
                    }
                }
            }
            Event::Renamed { from, to } => {
                let file = self.names[from];
                self.change_names(vec![NameChange::Put(to.clone(), file), NameChange::Gone(from.clone())]);
            }
            Event::Linked { from, to } => {
                let file = self.names[from];
                self.change_names(vec![NameChange::Put(to.clone(), file)]);
            }
            Event::Removed { name } => self.change_names(vec![NameChange::Gone(name.clone())]),
            Event::RequestLeft { .. } | Event::Other => {}
        }
    }

    /// What the program itself would read now.
    pub fn as_it_is(&self) -> Image {
        let content = |file: &usize| applied(&self.files[*file].durable, &self.files[*file].pending);
        self.names.iter().map(|(name, file)| (name.clone(), content(file))).collect()
    }

    /// What may be there when the power comes back.
    pub fn after(&self, loss: Loss) -> Image {
        let (names, mut random) = match loss {
            Loss::Everything => (self.durable_names.clone(), None),
            Loss::Nothing => return self.as_it_is(),
            Loss::Some(seed) => {
                let mut random = Random::new(seed);
                (self.some_names(&mut random), Some(random))
            }
        };
        let mut content = |file: &File| match &mut random {
            None => file.durable.clone(),
            Some(random) => torn(file, random),
        };
        names.into_iter().map(|(name, file)| (name, content(&self.files[file]))).collect()
    }

    fn change(&mut self, inode: u64, change: Change) {
        let file = self.inodes[&inode];
        self.files[file].pending.push(change);
    }

    fn change_names(&mut self, changes: Vec<NameChange>) {
        for change in &changes {
            apply_name(&mut self.names, change);
        }
        self.name_changes.push(changes);
    }

    /// A prefix of the names' changes, as a journal keeps them, or any subset.
    fn some_names(&self, random: &mut Random) -> BTreeMap<String, usize> {
        let mut names = self.durable_names.clone();
        let count = self.name_changes.len();
        let (in_order, until) = (random.below(2) == 0, random.below(count + 1));
        for (position, changes) in self.name_changes.iter().enumerate() {
            if if in_order { position < until } else { random.below(2) == 0 } {
                for change in changes {
                    apply_name(&mut names, change);
                }
            }
        }
        names
    }
}

fn apply_name(names: &mut BTreeMap<String, usize>, change: &NameChange) {
    match change {
        NameChange::Put(name, file) => drop(names.insert(name.clone(), *file)),
        NameChange::Gone(name) => drop(names.remove(name)),
    }
}

fn applied(durable: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut content = durable.to_vec();
    for change in changes {
        apply(&mut content, change);
    }
    content
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*offset..end].copy_from_slice(bytes);
        }
        Change::Length(length) => content.resize(*length, 0),
        Change::AtLeast(length) => {
            let length = content.len().max(*length);
            content.resize(length, 0);
        }
    }
}

/// Each sector or page as it was after some of the changes, and the length likewise.
fn torn(file: &File, random: &mut Random) -> Vec<u8> {
    let changes = &file.pending;
    if changes.is_empty() {
        return file.durable.clone();
    }
    let cut = random.below(changes.len() + 1);
    // After a cut in length, sectors of before and after cannot be told apart: then changes last in order.
    let shrinks = changes.iter().any(|change| matches!(change, Change::Length(_)));
    let kind = if shrinks { 0 } else { random.below(5) };
    if kind == 0 {
        return applied(&file.durable, &changes[..cut]);
    }
    let sector = if random.below(2) == 0 { 512 } else { 4096 };
    let states: Vec<Vec<u8>> =
        (0..=changes.len()).map(|count| applied(&file.durable, &changes[..count])).collect();
    let whole = &states[changes.len()];
    let odd_one = random.below(whole.len() / sector + 1);
    let mut content = vec![0; whole.len()];
    for (number, start) in (0..whole.len()).step_by(sector).enumerate() {
        let state = match kind {
            // Any state; all but one; none but one; up to a point but for one.
            1 => random.below(states.len()),
            2 => {
                if number == odd_one {
                    random.below(states.len())
                } else {
                    changes.len()
                }
            }
            3 => {
                if number == odd_one {
                    random.below(states.len())
                } else {
                    0
                }
            }
            _ => {
                if number == odd_one {
                    random.below(states.len())
                } else {
                    cut
                }
            }
        };
        let end = (start + sector).min(states[state].len());
        if start < end {
            content[start..end].copy_from_slice(&states[state][start..end]);
        }
    }
    // Nothing beyond its end is there, and what is there without having been written is zero.
    let length = if random.below(2) == 0 { whole.len() } else { states[random.below(states.len())].len() };
    content.resize(length, 0);
    content
}

/// Puts an image into an empty folder.
pub fn write(image: &Image, folder: &Path) {
    for (name, content) in image {
        fs::write(folder.join(name), content).expect("the temporary folder is writable");
    }
}
