//! A small network of fully connected layers.

/// Sums that are kept side by side, as wide as processors add at once.
const LANES: usize = 8;

/// The widest layer that there may be, so that what passes between layers has a place of fixed size.
const MOST_VALUES: usize = 512;

/// What a network says: its score, and how the face differs from the window in place (right, down) and side.
pub(super) const OUTPUTS: usize = 4;

pub(super) struct Layer {
    inputs: usize,
    /// A row of them for each output.
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Layer {
    /// `None` unless the numbers fit together.
    pub fn new(inputs: usize, weights: Vec<f32>, biases: Vec<f32>) -> Option<Self> {
        let fits = (1..=MOST_VALUES).contains(&inputs)
            && (1..=MOST_VALUES).contains(&biases.len())
            && weights.len() == inputs * biases.len();
        fits.then_some(Self { inputs, weights, biases })
    }

    fn run(&self, inputs: &[f32], outputs: &mut [f32]) {
        let rows = self.weights.chunks_exact(self.inputs);
        for ((row, bias), output) in rows.zip(&self.biases).zip(outputs) {
            *output = product(row, inputs) + bias;
        }
    }
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (sum, (a, b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += a * b;
    }
    sums.iter().sum()
}

pub(super) struct Network {
    layers: Vec<Layer>,
}

impl Network {
    /// `None` unless each layer takes what the one before gives, and the last gives what is asked.
    pub fn new(layers: Vec<Layer>) -> Option<Self> {
        let fits = layers.windows(2).all(|pair| pair[0].biases.len() == pair[1].inputs);
        (fits && layers.last()?.biases.len() == OUTPUTS).then_some(Self { layers })
    }

    /// Judges the values of a window, each answer from 0 to 1.
    pub fn judge(&self, values: &[f32]) -> [f32; OUTPUTS] {
        let (mut from, mut to) = ([0.0; MOST_VALUES], [0.0; MOST_VALUES]);
        let mut answers = [0.0; OUTPUTS];
        let mut inputs = values;
        for (i, layer) in self.layers.iter().enumerate() {
            if i + 1 == self.layers.len() {
                layer.run(inputs, &mut answers);
                break;
            }
            let outputs = layer.biases.len();
            layer.run(inputs, &mut to[..outputs]);
            for value in &mut to[..outputs] {
                *value = value.max(0.0);
            }
            std::mem::swap(&mut from, &mut to);
            inputs = &from[..outputs];
        }
        answers.map(|x| 1.0 / (1.0 + (-x).exp()))
    }
}
