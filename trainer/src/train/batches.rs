//! Batches: which pictures, which captions and which noise a step sees.
//!
//! A step's randomness comes from the run's seed and the step's number alone. So there is no random state and no data position to
//! save: whoever knows the step can continue.

use std::collections::HashSet;

use burn::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use shared::Vocabulary;
use shared::picture::pictures_to_tensor;
use shared::style::StyleCode;

use crate::data::{DataError, Dataset, Split, captions};

/// Which stream of randomness: the stages must not see the same batches in the same order.
#[derive(Debug, Clone, Copy)]
pub enum Stream {
    Matching = 1,
    Disentangling = 2,
    Evaluation = 3,
    Judge = 4,
    StyleReader = 5,
}

/// The generator for one step of one stream.
pub fn random_for(seed: u64, stream: Stream, step: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(((stream as u64) << 48) | step as u64);
    random
}

/// The training pictures by set.
#[derive(Debug, Clone)]
pub struct TrainingSet {
    by_style: Vec<Vec<usize>>,
    /// Those of them to draw more often, and the share that is drawn from these alone.
    more: Vec<Vec<usize>>,
    more_share: f64,
}

impl TrainingSet {
    /// All training samples of a data set, in its order. Sets without any are left out.
    pub fn new(dataset: &Dataset) -> Self {
        Self { by_style: by_style(dataset, |_| true), more: vec![], more_share: 0.0 }
    }

    /// The same with a `share` of what is drawn kept for contents of these names.
    ///
    /// # Errors
    /// The name that no training picture's content has.
    pub fn with_more_of(self, dataset: &Dataset, names: &[String], share: f64) -> Result<Self, String> {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let of_content: Vec<String> = dataset.contents.iter().map(captions::canonical).collect();
        let trained = |sample: &usize| of_content[dataset.samples[*sample].content].as_str();
        let known: HashSet<&str> = self.by_style.iter().flatten().map(trained).collect();
        match names.iter().find(|name| !known.contains(name.as_str())) {
            Some(name) => Err(name.clone()),
            None => {
                Ok(Self { more: by_style(dataset, |content| names.contains(&of_content[content])), more_share: share, ..self })
            }
        }
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.by_style.iter().map(Vec::len).sum()
    }

    /// Whether there is nothing to learn from.
    pub fn is_empty(&self) -> bool {
        self.by_style.is_empty()
    }

    /// Draws a batch: sets uniformly, so that the largest does not set the tone, then a picture of each. Indices into the data set.
    ///
    /// # Panics
    /// Where the set is empty; the caller has refused such data.
    pub fn draw(&self, batch: usize, random: &mut impl Rng) -> Vec<usize> {
        let mut one = || {
            let styles = if !self.more.is_empty() && random.random_bool(self.more_share) { &self.more } else { &self.by_style };
            let style = &styles[random.random_range(0..styles.len())];
            style[random.random_range(0..style.len())]
        };
        (0..batch).map(|_| one()).collect()
    }
}

/// Training samples of the wanted contents, by set; sets without any are left out.
fn by_style(dataset: &Dataset, wanted: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut by_style = vec![vec![]; dataset.styles.len()];
    for index in dataset.of_split(Split::Train) {
        let sample = dataset.samples[index];
        if wanted(sample.content) {
            by_style[sample.style].push(index);
        }
    }
    by_style.retain(|samples| !samples.is_empty());
    by_style
}

/// Pictures as [`pictures_to_tensor`] makes them, which a GPU is sent as bytes: four times as many would be what it waits for.
///
/// # Shapes
/// `rgb` holds `count` pictures of `size` x `size` x 3 bytes; the result is `[count, 3, size, size]`
pub fn upload(rgb: &[u8], count: usize, size: usize, device: &Device) -> Tensor<4> {
    // What is no multiple of four is no picture of a model, but may be one of a test.
    if *device == Device::flex() || !rgb.len().is_multiple_of(4) {
        return pictures_to_tensor(rgb, count, size, device);
    }
    unpacked(rgb, device).reshape([count, size, size, 3]).permute([0, 3, 1, 2])
}

/// Bytes as the model sees them, sent four to a number, since not every GPU can address bytes: `[bytes]`.
fn unpacked(bytes: &[u8], device: &Device) -> Tensor<1> {
    let numbers: Vec<i32> = bytes.as_chunks().0.iter().map(|four| i32::from_le_bytes(*four)).collect();
    let numbers = Tensor::<1, Int>::from_data(TensorData::new(numbers, [bytes.len() / 4]), device);
    let byte = |place: i64| numbers.clone().bitwise_right_shift_scalar(8 * place).bitwise_and_scalar(255).float();
    let bytes = Tensor::stack::<2>((0..4).map(byte).collect(), 1).flatten::<1>(0, 1);
    bytes / 127.5 - 1.0
}

/// Pictures of the given samples: `[batch, 3, size, size]`.
///
/// # Errors
/// [`DataError::Cache`] where they are read from disk and cannot be any more.
pub fn pictures(dataset: &Dataset, samples: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
    let mut rgb = Vec::with_capacity(samples.len() * dataset.image_size * dataset.image_size * 3);
    for sample in samples {
        rgb.extend_from_slice(&dataset.pixels(*sample)?);
    }
    Ok(upload(&rgb, samples.len(), dataset.image_size, device))
}

/// A caption at random for each sample, as word numbers; `plain` is the share of bare names.
pub fn captions_of(
    dataset: &Dataset,
    samples: &[usize],
    vocabulary: &Vocabulary,
    plain: f64,
    limit: usize,
    random: &mut impl Rng,
) -> Vec<Vec<u32>> {
    let numbers = |index: &usize| {
        let content = &dataset.contents[dataset.samples[*index].content];
        vocabulary.read(&captions::for_training(content, plain, random), limit).numbers
    };
    samples.iter().map(numbers).collect()
}

/// Style noise, standardised as [`StyleCode::from_seed`] has it: `[batch, size]`.
pub fn noise(batch: usize, size: usize, random: &mut impl Rng, device: &Device) -> Tensor<2> {
    let codes: Vec<StyleCode> = (0..batch).map(|_| StyleCode::from_seed(random.random(), size)).collect();
    styles_to_tensor(&codes, device)
}

/// Style codes as a tensor: `[codes, size]`.
pub fn styles_to_tensor(codes: &[StyleCode], device: &Device) -> Tensor<2> {
    let size = codes.first().map_or(0, |code| code.values().len());
    let values: Vec<f32> = codes.iter().flat_map(|code| code.values()).copied().collect();
    Tensor::from_data(TensorData::new(values, [codes.len(), size]), device)
}

/// For each row of a batch of two at least, another one: rows in pairs have each other, so that a batch can be cut between two pairs
/// (patent paragraph 0056, which allows any choice). The last row of an odd batch has the first.
pub fn others(batch: usize) -> Vec<usize> {
    (0..batch).map(|row| if row ^ 1 < batch { row ^ 1 } else { 0 }).collect()
}

/// One where two samples have the same `key`, else zero: `[samples, samples]`.
pub fn same(samples: &[usize], key: impl Fn(usize) -> usize, device: &Device) -> Tensor<2> {
    let one = |a: &usize, b: &usize| if key(*a) == key(*b) { 1.0 } else { 0.0 };
    let values: Vec<f32> = samples.iter().flat_map(|a| samples.iter().map(|b| one(a, b)).collect::<Vec<_>>()).collect();
    Tensor::from_data(TensorData::new(values, [samples.len(), samples.len()]), device)
}

/// One at each row's index, else zero: `[indices, classes]`.
pub fn one_hot(indices: &[usize], classes: usize, device: &Device) -> Tensor<2> {
    let values: Vec<f32> =
        indices.iter().flat_map(|index| (0..classes).map(move |class| f32::from(u8::from(class == *index)))).collect();
    Tensor::from_data(TensorData::new(values, [indices.len(), classes]), device)
}

/// Rows of a matrix in another order: `[batch, features]`.
pub fn rows(matrix: Tensor<2>, order: &[usize]) -> Tensor<2> {
    let indices: Vec<i32> = order.iter().map(|i| *i as i32).collect();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [order.len()]), &matrix.device());
    matrix.select(0, indices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataConfig;

    #[test]
    fn bytes_arrive_as_pictures_do() {
        let device = Device::flex();
        let rgb: Vec<u8> = (0..=255).chain((0..=255).rev()).chain(100..=155).chain(0..=7).collect();
        let expected = pictures_to_tensor(&rgb, 3, 8, &device);
        let sent = unpacked(&rgb, &device).reshape([3, 8, 8, 3]).permute([0, 3, 1, 2]);
        sent.into_data().assert_approx_eq::<f32>(&expected.into_data(), burn::tensor::Tolerance::default());
    }

    #[test]
    fn a_step_knows_its_randomness() {
        let draw = |seed, stream, step| random_for(seed, stream, step).random::<u64>();
        assert_eq!(draw(1, Stream::Matching, 5), draw(1, Stream::Matching, 5));
        let all = [
            draw(1, Stream::Matching, 5),
            draw(1, Stream::Matching, 6),
            draw(2, Stream::Matching, 5),
            draw(1, Stream::Disentangling, 5),
        ];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    }

    #[test]
    fn sets_are_drawn_alike_whatever_their_size() {
        let set = TrainingSet { by_style: vec![(0..90).collect(), vec![100, 101]], more: vec![], more_share: 0.0 };
        let draw = set.draw(2000, &mut random_for(1, Stream::Disentangling, 0));
        let small = draw.iter().filter(|sample| **sample >= 100).count();
        assert!((900..1100).contains(&small), "{small} of 2000");
        assert!((0..90).all(|sample| draw.contains(&sample)));
    }

    #[test]
    fn more_is_drawn_of_what_is_named() {
        let data = DataConfig { groups: vec!["objects".into()], ..DataConfig::default() };
        let dataset = Dataset::load(&data, 32, None, &|_, _| {}).unwrap();
        let set = TrainingSet::new(&dataset);
        let names = ["Drum".to_owned(), "floppy disk ".to_owned()];
        let share_of = |set: &TrainingSet| {
            let drawn = set.draw(2000, &mut random_for(1, Stream::Disentangling, 0));
            let name = |sample: &usize| captions::canonical(&dataset.contents[dataset.samples[*sample].content]);
            drawn.iter().filter(|sample| ["drum", "floppy disk"].contains(&name(sample).as_str())).count()
        };
        assert!(share_of(&set) < 100, "two of {}", dataset.contents.len());
        let more = set.clone().with_more_of(&dataset, &names, 0.25).unwrap();
        assert!((500..650).contains(&share_of(&more)), "{}", share_of(&more));
        assert_eq!(more.len(), set.len());
        assert_eq!(set.clone().with_more_of(&dataset, &["briefs".into()], 0.25).unwrap_err(), "briefs", "held out");
        let same = set.clone().with_more_of(&dataset, &[], 0.25).unwrap();
        assert_eq!(share_of(&same), share_of(&set));
    }

    #[test]
    fn a_negative_is_never_oneself() {
        assert_eq!(others(4), [1, 0, 3, 2]);
        assert_eq!(others(2), [1, 0]);
        assert_eq!(others(3), [1, 0, 0]);
    }
}
