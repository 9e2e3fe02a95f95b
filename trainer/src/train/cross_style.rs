//! What a set is to draw for contents that it has no picture of: another set's picture stands in.
//!
//! Of the emoji's training contents one in five lacks a picture in a given set, and of these combinations no loss says anything: the
//! generator, which learns every other by heart, fills them with scribbles, and a visitor with a random seed meets them as often. So a
//! content that a set lacks is taken from the set that draws most alike, among those that have it. It will be in another's hand, as far
//! as the style losses let it, but it will be that content. Held-out pictures are not looked at, neither here nor for what is alike.

use rand::Rng;
use rayon::prelude::*;

use crate::config::TrainConfig;
use crate::data::{DataError, Dataset, Split};
use crate::train::regions::Regions;

/// Contents looked at to see which sets draw alike.
const LOOKED_AT: usize = 256;
/// Contents that two sets must both have among these before they can be said to.
const IN_COMMON: usize = 8;
/// Side of the grid of means that pictures are compared in: a shifted line makes no other hand.
const GRID: usize = 8;
/// What a difference of colour counts beside one of lightness: a black-and-white hand would else be lent a pale coloured one's pictures
/// rather than another's with heavier lines.
const COLOUR: f64 = 8.0;
/// Contents tried for one that a set lacks and another has.
const TRIES: usize = 64;

/// For each set, what the others may stand in with.
#[derive(Debug, Clone)]
pub struct CrossStyleTargets {
    /// Training samples and their sets, by content.
    learnt: Vec<Vec<(usize, usize)>>,
    /// How differently two sets draw the same, `[set][other]`; infinite where that is not known.
    apart: Vec<Vec<f64>>,
}

impl CrossStyleTargets {
    /// What a run asks for: nothing where it does not want any, or where no set has a place of its own to draw them in.
    ///
    /// # Errors
    /// [`DataError`] where pictures cannot be read.
    pub fn asked_for(config: &TrainConfig, dataset: &Dataset, regions: Option<&Regions>) -> Result<Option<Self>, DataError> {
        let wanted = config.sampling.cross_style_targets > 0.0 && config.losses.lambda_swap > 0.0 && regions.is_some();
        wanted.then(|| Self::of(dataset)).transpose()
    }

    /// Those of a data set's training pictures.
    ///
    /// # Errors
    /// [`DataError`] where pictures cannot be read.
    pub fn of(dataset: &Dataset) -> Result<Self, DataError> {
        let mut learnt = vec![vec![]; dataset.contents.len()];
        for sample in dataset.of_split(Split::Train) {
            learnt[dataset.samples[sample].content].push((sample, dataset.samples[sample].style));
        }
        learnt.retain(|samples: &Vec<_>| !samples.is_empty());
        let shared: Vec<&Vec<(usize, usize)>> = learnt.iter().filter(|samples| samples.len() > 1).collect();
        // In their order, so that sums come out the same to the bit and a run can be repeated.
        let compared: Vec<Vec<(usize, usize, f64)>> = shared
            .par_iter()
            .step_by(shared.len().div_ceil(LOOKED_AT).max(1))
            .map(|samples| compared(dataset, samples))
            .collect::<Result<_, _>>()?;

        let sets = dataset.styles.len();
        let mut sums = vec![vec![(0, 0.0); sets]; sets];
        for (a, b, distance) in compared.into_iter().flatten() {
            for (one, other) in [(a, b), (b, a)] {
                let (count, sum) = &mut sums[one][other];
                *count += 1;
                *sum += distance;
            }
        }
        let known = |(count, sum): &(usize, f64)| if *count >= IN_COMMON { sum / *count as f64 } else { f64::INFINITY };
        let apart = sums.iter().map(|row| row.iter().map(known).collect()).collect();
        Ok(Self { learnt, apart })
    }

    /// A random content that `set` lacks, as another set has it: a training sample. `None` where none was found.
    pub fn draw(&self, set: usize, random: &mut impl Rng) -> Option<usize> {
        (0..TRIES).find_map(|_| self.for_content(random.random_range(0..self.learnt.len()), set))
    }

    /// What stands in for the picture of a content in a set; `None` where it has one to learn from, or no set is known to draw alike.
    fn for_content(&self, content: usize, set: usize) -> Option<usize> {
        let samples = &self.learnt[content];
        if samples.iter().any(|(_, of)| *of == set) {
            return None;
        }
        self.nearest(samples, set)
    }

    /// Of samples, each with its set, the one whose set draws most like `set`; `None` where that is known of none.
    pub fn nearest(&self, samples: &[(usize, usize)], set: usize) -> Option<usize> {
        let apart = |of: usize| self.apart[set][of];
        let known = samples.iter().filter(|(_, of)| apart(*of).is_finite());
        known.min_by(|(_, a), (_, b)| apart(*a).total_cmp(&apart(*b))).map(|(sample, _)| *sample)
    }

    /// Combinations of content and set that something stands in for, and all that there are.
    pub fn extent(&self) -> (usize, usize) {
        let sets = self.apart.len();
        let filled = |content: usize| (0..sets).filter(|set| self.for_content(content, *set).is_some()).count();
        ((0..self.learnt.len()).map(filled).sum(), self.learnt.len() * sets)
    }
}

/// Every two of a content's pictures that are of different sets, and how far apart they are.
fn compared(dataset: &Dataset, samples: &[(usize, usize)]) -> Result<Vec<(usize, usize, f64)>, DataError> {
    let means: Vec<Vec<f64>> =
        samples.iter().map(|(sample, _)| Ok(means(&dataset.pixels(*sample)?, dataset.image_size))).collect::<Result<_, _>>()?;
    let pairs = (0..samples.len()).flat_map(|a| (0..a).map(move |b| (a, b))).filter(|(a, b)| samples[*a].1 != samples[*b].1);
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>();
    Ok(pairs.map(|(a, b)| (samples[a].1, samples[b].1, distance(&means[a], &means[b]))).collect())
}

/// Mean lightness of the squares of a grid over a picture, RGB8 `[size, size, 3]`, and how far each colour is from it; all times the pixels of
/// a square, which is the same for every picture of a data set.
fn means(rgb: &[u8], size: usize) -> Vec<f64> {
    let mut sums = vec![[0.0; 3]; GRID * GRID];
    for (pixel, colours) in rgb.chunks_exact(3).enumerate() {
        let [row, column] = [pixel / size, pixel % size].map(|place| place * GRID / size);
        sums[row * GRID + column].iter_mut().zip(colours).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let parts = |sum: [f64; 3]| {
        let lightness = sum.iter().sum::<f64>() / 3.0;
        [lightness].into_iter().chain(sum.map(|value| COLOUR * (value - lightness)))
    };
    sums.into_iter().flat_map(parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataConfig;
    use crate::train::batches::{Stream, random_for};

    #[test]
    fn the_set_that_draws_alike_stands_in_and_nothing_held_out_does() {
        let data = DataConfig { groups: vec!["activities".into()], ..DataConfig::default() };
        let dataset = Dataset::load(&data, 32, None, &|_, _| {}).unwrap();
        let stand_ins = CrossStyleTargets::of(&dataset).unwrap();
        let set = |name: &str| dataset.styles.iter().position(|known| known == name).unwrap();
        let apart = |a: &str, b: &str| stand_ins.apart[set(a)][set(b)];
        assert!(apart("fluent-flat", "fluent-3d") < apart("fluent-flat", "twemoji"), "of one family");
        let colourful = ["noto", "noto-v1", "twemoji", "fluent-3d", "fluent-flat", "emojione2"];
        for black in ["noto-mono", "emojione2-mono", "fluent-contrast"] {
            let nearest = |sets: &[&str]| sets.iter().map(|set| apart(black, set)).fold(f64::INFINITY, f64::min);
            let others = ["noto-mono", "emojione2-mono", "fluent-contrast"].map(|other| apart(black, other));
            let furthest_black = others.into_iter().filter(|apart| apart.is_finite()).fold(0.0, f64::max);
            assert!(furthest_black < nearest(&colourful), "{black}: black on white is no coloured hand's");
        }
        assert_eq!(apart("noto", "noto-mono"), apart("noto-mono", "noto"));

        let mut random = random_for(1, Stream::Disentangling, 0);
        for of in 0..dataset.styles.len() {
            for sample in (0..50).filter_map(|_| stand_ins.draw(of, &mut random)) {
                let drawn = dataset.samples[sample];
                assert_eq!(drawn.split, Split::Train);
                let own = dataset.find(drawn.content, of).map(|own| dataset.samples[own].split);
                assert_ne!(own, Some(Split::Train), "the set has a picture of its own to learn from");
                let others = dataset.of_split(Split::Train).into_iter().map(|sample| dataset.samples[sample]);
                let nearest = others
                    .filter(|other| other.content == drawn.content)
                    .map(|other| stand_ins.apart[of][other.style])
                    .fold(f64::INFINITY, f64::min);
                assert_eq!(stand_ins.apart[of][drawn.style], nearest);
            }
        }
        let (filled, all) = stand_ins.extent();
        assert!(filled > 0 && filled + dataset.of_split(Split::Train).len() <= all, "{filled} of {all}");
    }

    #[test]
    fn sets_that_have_nothing_in_common_do_not_stand_in() {
        let apart =
            vec![vec![f64::INFINITY, 1.0, f64::INFINITY], vec![1.0, f64::INFINITY, 2.0], vec![f64::INFINITY, 2.0, f64::INFINITY]];
        let stand_ins = CrossStyleTargets { learnt: vec![vec![(7, 0)], vec![(8, 0), (9, 1)]], apart };
        assert_eq!(stand_ins.for_content(0, 2), None, "only the first set has it, and nobody knows how alike they draw");
        assert_eq!(stand_ins.for_content(1, 2), Some(9));
        assert_eq!(stand_ins.for_content(1, 1), None);
        assert_eq!(stand_ins.extent(), (2, 6));
        let mut random = random_for(1, Stream::Disentangling, 0);
        assert_eq!(stand_ins.draw(0, &mut random), None, "it has all that there is");
    }

    #[test]
    fn means_are_those_of_the_grid() {
        let picture: Vec<u8> = (0..16 * 16).flat_map(|pixel| if pixel % 16 < 2 { [10, 20, 30] } else { [0, 0, 0] }).collect();
        let means = means(&picture, 16);
        assert_eq!(means[..8], [80.0, -40.0 * COLOUR, 0.0, 40.0 * COLOUR, 0.0, 0.0, 0.0, 0.0]);
    }
}
