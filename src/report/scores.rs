//! How scores are spread, without keeping them: the API's scale is not documented, so the bins find it.

use std::collections::BTreeMap;

/// More bins than this are merged by tens.
const MOST_BINS: usize = 4096;

/// The finest bin: a thousandth.
const FINEST: i32 = -3;

/// The groups that are told apart: match, mismatch, inconclusive.
pub(super) const GROUPS: usize = 3;

/// Scores counted in bins whose width is a power of ten.
#[derive(Clone, Debug)]
pub(super) struct Scores {
    /// The width of a bin is ten to this.
    exponent: i32,
    bins: BTreeMap<i64, [u64; GROUPS]>,
    /// Scores that are no number.
    pub(super) unreadable: u64,
}

impl Default for Scores {
    fn default() -> Self {
        Self { exponent: FINEST, bins: BTreeMap::new(), unreadable: 0 }
    }
}

/// Smallest, middle and largest score of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) count: u64,
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) most: f64,
}

/// Bins for a picture: where the first begins, how wide they are, and what is in them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) from: f64,
    pub(super) width: f64,
    pub(super) bins: Vec<[u64; GROUPS]>,
}

impl Scores {
    /// Counts a score, as the API wrote it.
    pub(super) fn add(&mut self, written: &str, group: usize, count: u64) {
        let Some(score) = written.trim().parse::<f64>().ok().filter(|score| score.abs() < 1e12) else {
            self.unreadable += count;
            return;
        };
        let bin = self.bin_of(score);
        if let Some(known) = self.bins.entry(bin).or_default().get_mut(group) {
            *known += count;
        }
        while self.bins.len() > MOST_BINS {
            self.coarsen();
        }
    }

    /// True if there is no score to show.
    pub(super) fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    #[expect(clippy::cast_possible_truncation, reason = "below 1e12, a thousandth at the finest")]
    fn bin_of(&self, score: f64) -> i64 {
        // A tiny bit is added so that 982.7 does not fall below its own bin.
        (score / self.width() + 1e-6).floor() as i64
    }

    fn width(&self) -> f64 {
        10f64.powi(self.exponent)
    }

    fn coarsen(&mut self) {
        self.exponent += 1;
        for (bin, counts) in std::mem::take(&mut self.bins) {
            let wide = self.bins.entry(bin.div_euclid(10)).or_default();
            for (all, more) in wide.iter_mut().zip(counts) {
                *all += more;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "bins are far below 2^52")]
    fn value(&self, bin: i64) -> f64 {
        bin as f64 * self.width()
    }

    /// How one group is spread. `None`: it has no score.
    pub(super) fn spread(&self, group: usize) -> Option<Spread> {
        let in_group = || self.bins.iter().filter(|(_, counts)| counts[group] > 0);
        let count: u64 = in_group().map(|(_, counts)| counts[group]).sum();
        let least = *in_group().next()?.0;
        let most = *in_group().next_back()?.0;
        let mut seen = 0;
        let middle = in_group().find(|(_, counts)| {
            seen += counts[group];
            seen * 2 >= count
        });
        let median = middle.map_or(least, |(bin, _)| *bin);
        Some(Spread { count, least: self.value(least), median: self.value(median), most: self.value(most) })
    }

    /// Gathers the bins into at most so many of a round width.
    #[expect(clippy::cast_precision_loss, reason = "bins are far below 2^52")]
    pub(super) fn picture(&self, most_bins: i64) -> Option<Picture> {
        let (first, last) = (*self.bins.first_key_value()?.0, *self.bins.last_key_value()?.0);
        let fits = |step: &i64| last.div_euclid(*step) - first.div_euclid(*step) < most_bins;
        let mut tens = 1;
        let step = loop {
            if let Some(step) = [1, 2, 5].map(|step| step * tens).into_iter().find(fits) {
                break step;
            }
            tens *= 10;
        };
        let begin = first.div_euclid(step);
        let count = usize::try_from(last.div_euclid(step) - begin + 1).unwrap_or(1);
        let mut bins = vec![[0; GROUPS]; count];
        for (bin, counts) in &self.bins {
            let place = usize::try_from(bin.div_euclid(step) - begin).unwrap_or_default();
            for (all, more) in bins[place].iter_mut().zip(counts) {
                *all += more;
            }
        }
        Some(Picture { from: self.value(begin * step), width: step as f64 * self.width(), bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_any_scale_are_gathered_into_few_bins_and_none_is_lost() {
        for scale in [0.001, 1.0, 1000.0, 1e9] {
            let mut scores = Scores::default();
            for number in 0..10_000_u32 {
                scores.add(&(f64::from(number) * scale / 10.0).to_string(), (number % 3) as usize, 2);
            }
            let picture = scores.picture(20).unwrap();
            assert!((5..=20).contains(&picture.bins.len()), "{scale}: {}", picture.bins.len());
            assert_eq!(picture.bins.iter().flatten().sum::<u64>(), 20_000);
            let spread = scores.spread(0).unwrap();
            assert_eq!(spread.count, 6668);
            assert!(spread.median > spread.least && spread.median < spread.most);
        }
    }

    #[test]
    fn a_score_falls_into_its_own_bin_and_what_is_no_number_is_counted_apart() {
        let mut scores = Scores::default();
        scores.add("982.7", 0, 3);
        scores.add("很高", 0, 2);
        scores.add("inf", 1, 1);
        let spread = scores.spread(0).unwrap();
        assert_eq!((spread.count, format!("{:.1}", spread.median)), (3, "982.7".to_owned()));
        assert_eq!((scores.unreadable, scores.spread(1)), (3, None));
        assert_eq!(scores.picture(20).unwrap().bins.len(), 1);
        assert!(Scores::default().picture(20).is_none());
    }
}
