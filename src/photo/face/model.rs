//! The model as it is compiled in: read once in a process, checked, and only looked at afterwards.
//!
//! Its numbers are little-endian, 32 bits each. First come the scanners, which look at every window of every
//! size; then the judges, networks that look at fewer and fewer windows, longer and longer.
//!
//! Model: Visual Information Processing and Learning group, Institute of Computing Technology, Chinese
//! Academy of Sciences (`SeetaFace`); see `LICENSE.seetaface` beside this file.

use std::sync::OnceLock;

use super::network::{Layer, Network};
use super::scan::{GROUP, Scanner, Vote};
use super::window::{self, PATCH_VALUES, Patch};

static FILE: &[u8] = include_bytes!("seeta_fd_frontal_v1.0.bin");

/// How far windows overlap that are taken together after the scanners and between judges, and in the end, as
/// shares of both together.
const SAME_WINDOW: f32 = 0.8;
const SAME_FACE: f32 = 0.3;

/// Kinds of a classifier in the file.
const SCANNER: usize = 0;
const NETWORK: usize = 1;

/// More than a count in the model may be, so that a damaged file allocates nothing large.
const MOST: usize = 1 << 12;

/// Windows of every size, down to faces.
pub(super) struct Model {
    pub scanners: Vec<Scanner>,
    pub judges: Vec<Judge>,
}

/// A network that says whether a window shows a face, and where in it.
pub(super) struct Judge {
    /// The parts of the window that it looks at.
    pub patches: Vec<Patch>,
    pub network: Network,
    /// A window that scores more than this goes on.
    pub threshold: f32,
    /// Windows that overlap more than this become one afterwards.
    pub merged_above: Option<f32>,
}

impl Model {
    /// How far the windows of a scanner overlap that become one.
    pub const MERGED_ABOVE: f32 = SAME_WINDOW;

    /// Gives the one that is compiled in. `None` would mean that it is damaged, which a test rules out.
    pub fn get() -> Option<&'static Self> {
        static MODEL: OnceLock<Option<Model>> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(FILE)).as_ref()
    }

    fn read(file: &[u8]) -> Option<Self> {
        let mut numbers = Numbers(file.as_chunks().0);
        let levels = numbers.count()?;
        let mut scanners = Vec::new();
        for _ in 0..numbers.count()? {
            numbers.expect(1)?; // stage
            numbers.expect(SCANNER)?;
            scanners.push(scanner(&mut numbers)?);
            numbers.expect_none()?; // sources
        }
        let mut judges = Vec::new();
        for level in 1..levels {
            numbers.expect(1)?; // classifier
            let stages = numbers.count()?;
            for stage in 1..=stages {
                numbers.expect(NETWORK)?;
                let merged_above = match (stage == stages, level + 1 == levels) {
                    (false, _) => Some(SAME_WINDOW),
                    (true, true) => Some(SAME_FACE),
                    (true, false) => None,
                };
                judges.push(judge(&mut numbers, merged_above)?);
            }
            // Each level goes over all that the one before has left.
            let sources = if level == 1 { scanners.len() } else { 1 };
            numbers.expect(sources)?;
            for source in 0..sources {
                numbers.expect(source)?;
            }
        }
        (numbers.0.is_empty() && !scanners.is_empty() && !judges.is_empty())
            .then_some(Self { scanners, judges })
    }
}

fn scanner(numbers: &mut Numbers<'_>) -> Option<Scanner> {
    let votes = numbers.count()?;
    numbers.expect(usize::from(u8::MAX))?; // values of a feature, beside 0
    let places: Option<Vec<_>> = (0..votes).map(|_| Some((numbers.count()?, numbers.count()?))).collect();
    let thresholds: Option<Vec<f32>> = (0..votes).map(|_| numbers.real()).collect();
    let votes = places?.into_iter().map(|(x, y)| {
        let mut weights = [0.0; 256];
        for weight in &mut weights {
            *weight = numbers.real()?;
        }
        Scanner::reaches(x, y).then(|| Vote { x, y, weights: Box::new(weights) })
    });
    let votes: Option<Vec<Vote>> = votes.collect();
    let votes = votes?;
    // Only the last of each group decides.
    let thresholds = thresholds?.into_iter().skip(GROUP - 1).step_by(GROUP).collect();
    votes.len().is_multiple_of(GROUP).then_some(Scanner { votes, thresholds })
}

fn judge(numbers: &mut Numbers<'_>, merged_above: Option<f32>) -> Option<Judge> {
    let layers = numbers.count()?;
    let known = window::patches();
    let patches: Option<Vec<Patch>> =
        (0..numbers.count()?).map(|_| known.get(numbers.count()?.checked_sub(1)?).copied()).collect();
    let patches = patches?;
    let threshold = numbers.real()?;
    let mut inputs = numbers.count()?;
    if inputs != patches.len() * PATCH_VALUES {
        return None;
    }
    let layers = (1..layers).map(|_| {
        let outputs = numbers.count()?;
        let weights: Option<Vec<f32>> = (0..inputs * outputs).map(|_| numbers.real()).collect();
        let biases: Option<Vec<f32>> = (0..outputs).map(|_| numbers.real()).collect();
        Layer::new(std::mem::replace(&mut inputs, outputs), weights?, biases?)
    });
    let layers: Option<Vec<Layer>> = layers.collect();
    Some(Judge { patches, network: Network::new(layers?)?, threshold, merged_above })
}

/// What is still to be read.
struct Numbers<'a>(&'a [[u8; 4]]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<[u8; 4]> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(i32::from_le_bytes(self.next()?)).ok()?;
        (count <= MOST).then_some(count)
    }

    fn expect(&mut self, count: usize) -> Option<()> {
        (self.count()? == count).then_some(())
    }

    /// The model writes a list that it does not have with a length of -1.
    fn expect_none(&mut self) -> Option<()> {
        (self.next()? == (-1_i32).to_le_bytes()).then_some(())
    }

    fn real(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.next()?)).filter(|real| real.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_is_compiled_in_is_read_to_its_last_number() {
        let model = Model::get().unwrap();
        assert_eq!(model.scanners.len(), 3);
        assert_eq!(model.scanners.iter().map(|scanner| scanner.votes.len()).sum::<usize>(), 450);
        let patches: Vec<usize> = model.judges.iter().map(|judge| judge.patches.len()).collect();
        assert_eq!(patches, [4, 8, 16]);
        let merged: Vec<Option<f32>> = model.judges.iter().map(|judge| judge.merged_above).collect();
        assert_eq!(merged, [Some(SAME_WINDOW), None, Some(SAME_FACE)]);
    }

    #[test]
    fn a_model_that_is_cut_off_or_changed_in_its_structure_is_none() {
        for length in [0, 4, 40, 4_000, 500_000, FILE.len() - 4] {
            assert!(Model::read(&FILE[..length]).is_none(), "{length} bytes");
        }
        for at in [0, 4, 8, 12, 16, 20] {
            let mut changed = FILE.to_vec();
            changed[at + 2] ^= 0x40;
            assert!(Model::read(&changed).is_none(), "byte {at}");
        }
        let mut longer = FILE.to_vec();
        longer.extend([0; 4]);
        assert!(Model::read(&longer).is_none(), "longer");
    }
}
