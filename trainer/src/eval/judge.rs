//! An independent judge of pictures: what shows them, how they are drawn, and in what features they are compared.
//!
//! The models' own networks must not be asked: a generator learns to please what it is trained against, and the matching model and the
//! image encoder are just that. So the judge shares no weight with any model. It learns from real training pictures alone, to name
//! their set and to find their caption; what it makes of held-out real pictures stands beside every figure that it gives.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use rand::Rng;
use rand::seq::index;
use sha2::{Digest, Sha256};
use shared::model::matching::CaptionBatch;
use shared::picture::pictures_to_tensor;
use shared::{ModelConfig, Vocabulary};
use std::collections::{BTreeSet, HashMap};

pub use network::Network;
pub use settings::JudgeSettings;

use super::error::EvalError;
use super::rows::{rows, unit, unit_rows};
use crate::data::{ContentSplit, DataError, Dataset, Split, captions};
use crate::linalg::Matrix;
use crate::report::view::Progress;
use crate::train::adam::{Adam, EPSILON};
use crate::train::batches::{self, Stream, TrainingSet};
use crate::train::regions::Ink;
use crate::train::run::RunError;
use crate::train::schedule::cosine_decay;

/// Pictures, or captions, looked at at a time.
const CHUNK: usize = 64;
/// Pictures of which a fingerprint of the data is taken: all of the emoji's would do as well, all of somebody's own might take an hour.
const FINGERPRINT: usize = 1000;
/// Pictures that features are first scaled by.
const SCALED_BY: usize = 256;
/// Captions among which a picture's own must be found in each step of training, at most: all of the emoji's training contents.
const CANDIDATES: usize = 2048;
/// Share of them that are bare names, as which captions are asked about later.
const PLAIN: f64 = 0.7;
/// What cosines are multiplied by.
const SHARPNESS: f64 = 16.0;
/// A logit that no other is below.
const HIDDEN: f32 = -1e4;

/// A trained judge.
#[derive(Debug, Clone)]
pub struct Judge {
    pub settings: JudgeSettings,
    pub network: Network,
    /// The words of the training captions.
    pub vocabulary: Vocabulary,
    /// The sets that it can name.
    pub sets: Vec<String>,
    /// Which data it learnt from; see [`fingerprint`].
    pub data: String,
}

/// What a judge says about pictures, in their order.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// Where they lie in its features.
    pub features: Matrix,
    /// The part of these that tells hands apart.
    pub hands: Matrix,
    /// The same in the captions' space, each of length one.
    pub embedded: Vec<Vec<f32>>,
    /// Number of the most likely set.
    pub set: Vec<usize>,
}

impl Judge {
    /// Trains a judge on the training pictures and no others.
    ///
    /// # Errors
    /// [`EvalError`] where there is nothing to learn from or the pictures cannot be read.
    pub fn train(dataset: &Dataset, settings: JudgeSettings, device: &Device) -> Result<Self, EvalError> {
        let training = TrainingSet::new(dataset);
        if training.is_empty() {
            return Err(RunError::NothingToLearn.into());
        }
        let vocabulary = captions::vocabulary(&dataset.contents).map_err(RunError::from)?;
        let autodiff = device.clone().autodiff();
        device.seed(settings.seed);
        let mut network = Network::new(&settings, vocabulary.table_size(), dataset.styles.len(), &autodiff);
        let first = training.draw(SCALED_BY, &mut batches::random_for(settings.seed, Stream::Judge, settings.steps));
        network = network.scaled_to(batches::pictures(dataset, &first, &autodiff)?, &autodiff);
        let mut optimiser = Adam::new(0.9, 0.999, EPSILON).init();
        let mut progress = Progress::start();
        for step in 0..settings.steps {
            let mut random = batches::random_for(settings.seed, Stream::Judge, step);
            let samples = training.draw(settings.batch, &mut random);
            let loss = loss(&network, dataset, &vocabulary, &samples, &mut random, &autodiff)?;
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimiser.step(RATE * cosine_decay(step as f64 / settings.steps as f64), network, gradients);
            progress.tell("judge: step", step, settings.steps);
        }
        let data = fingerprint(dataset)?;
        Ok(Self { settings, network: network.valid(), vocabulary, sets: dataset.styles.clone(), data })
    }

    /// Looks at RGB pictures of its size.
    pub fn look(&self, pictures: &[Vec<u8>], device: &Device) -> Predictions {
        let (mut features, mut hands, mut embedded, mut set) = (vec![], vec![], vec![], vec![]);
        for chunk in pictures.chunks(CHUNK) {
            let seen = self.network.look(pictures_to_tensor(&chunk.concat(), chunk.len(), self.settings.image_size, device));
            embedded.extend(unit_rows(seen.shown));
            set.extend(seen.sets.argmax(1).into_data().iter::<i64>().map(|set| set as usize));
            hands.extend(rows(seen.hands));
            features.extend(rows(seen.features));
        }
        Predictions { features: Matrix::from_rows(&features), hands: Matrix::from_rows(&hands), embedded, set }
    }

    /// A caption as it reads it.
    pub fn read(&self, caption: &str) -> Vec<u32> {
        self.vocabulary.read(caption, ModelConfig::default().caption_words).numbers
    }

    /// Captions, as it reads them, in the space of the pictures: each of length one.
    pub fn captions(&self, captions: &[Vec<u32>], device: &Device) -> Vec<Vec<f32>> {
        captions.chunks(CHUNK).flat_map(|chunk| unit_rows(self.network.read(CaptionBatch::new(chunk, device)))).collect()
    }

    /// Whether it can name the sets of this data.
    pub fn knows_sets_of(&self, dataset: &Dataset) -> bool {
        dataset.has_styles() && self.sets == dataset.styles
    }
}

/// Adam's rate; pretraining's is half, with a batch of the same size and no sets to name.
const RATE: f64 = 2e-3;
/// How far a picture is shifted, as a share of its side: less than the sets themselves differ by.
const SHIFT: f64 = 0.08;
/// How far its colours are changed. A hand is a hand in any ink, and a style seed may change it so far.
const INK: f32 = 0.3;

/// How often a picture is blurred, at most. One of the emoji's sets is rendered softly, the others have crisp outlines: a judge that saw them
/// all as they are named the soft one for anything soft (of real held-out pictures blurred by a pixel 36 % were named right instead of
/// 66 %), and a hand is a hand in whatever softness.
const SOFTEST: f32 = 3.0;
/// Less than nothing is nothing: a third of the pictures stay crisp.
const CRISP: f32 = -SOFTEST / 2.0;

/// What the judge learns: own captions before others', own set before others.
fn loss(
    network: &Network,
    dataset: &Dataset,
    vocabulary: &Vocabulary,
    samples: &[usize],
    random: &mut impl Rng,
    device: &Device,
) -> Result<Tensor<1>, DataError> {
    let size = dataset.image_size;
    let mut rgb = Vec::with_capacity(samples.len() * size * size * 3);
    for sample in samples {
        let mut picture = shifted(&dataset.pixels(*sample)?, size, random);
        Ink::random(random).apply(&mut picture, INK);
        rgb.extend(picture);
    }
    let softness: Vec<f32> = samples.iter().map(|_| random.random_range(CRISP..SOFTEST).max(0.0)).collect();
    let seen = network.look(softened(pictures_to_tensor(&rgb, samples.len(), size, device), &softness));
    let content = content_loss(network, dataset, vocabulary, samples, seen.shown, random, device);
    if !dataset.has_styles() {
        return Ok(content);
    }
    let labels: Vec<i32> = samples.iter().map(|s| dataset.samples[*s].style as i32).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [samples.len()]), device);
    let style = CrossEntropyLossConfig::new().init(device).forward(seen.sets, labels);
    Ok(content + style)
}

/// Cross-entropy of each picture's own caption among those of other training contents, and not of the batch's alone: a question so easy
/// teaches little.
fn content_loss(
    network: &Network,
    dataset: &Dataset,
    vocabulary: &Vocabulary,
    samples: &[usize],
    shown: Tensor<2>,
    random: &mut impl Rng,
    device: &Device,
) -> Tensor<1> {
    let contents: Vec<usize> = samples.iter().map(|sample| dataset.samples[*sample].content).collect();
    let candidates = candidates(dataset, &contents, random);
    let caption = |content: &usize| {
        let caption = captions::for_training(&dataset.contents[*content], PLAIN, random);
        vocabulary.read(&caption, ModelConfig::default().caption_words).numbers
    };
    let captions: Vec<Vec<u32>> = candidates.iter().map(caption).collect();
    let read = unit(network.read(CaptionBatch::new(&captions, device)));
    // Others of the same class are right as well, and ask for nothing.
    let class = |content: usize| dataset.contents[content].class;
    let hidden = |own: usize, other: usize| if own != other && class(own) == class(other) { HIDDEN } else { 0.0 };
    let hidden: Vec<f32> = contents.iter().flat_map(|own| candidates.iter().map(move |other| hidden(*own, *other))).collect();
    let hidden = Tensor::<2>::from_data(TensorData::new(hidden, [contents.len(), candidates.len()]), device);
    let place: HashMap<usize, i32> = candidates.iter().enumerate().map(|(place, content)| (*content, place as i32)).collect();
    let own: Vec<i32> = contents.iter().map(|content| place[content]).collect();
    let own = Tensor::<1, Int>::from_data(TensorData::new(own, [contents.len()]), device);
    let logits = unit(shown).matmul(read.transpose()) * SHARPNESS + hidden;
    CrossEntropyLossConfig::new().init(device).forward(logits, own)
}

/// The contents of a batch, once each, and other training contents at random.
fn candidates(dataset: &Dataset, contents: &[usize], random: &mut impl Rng) -> Vec<usize> {
    let mut all: Vec<usize> = contents.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let others = (0..dataset.contents.len()).filter(|content| dataset.contents[*content].split == ContentSplit::Train);
    let others: Vec<usize> = others.filter(|content| all.binary_search(content).is_err()).collect();
    let wanted = CANDIDATES.saturating_sub(all.len()).min(others.len());
    all.extend(index::sample(random, others.len(), wanted).into_iter().map(|place| others[place]));
    all
}

/// Pictures blurred `softness` times, each by the mean of a pixel and its neighbours; a part of a time is what lies between.
///
/// # Shapes
/// - pictures: `[batch, channels, height, width]` to the same; softness: one a picture, up to [`SOFTEST`]
fn softened(pictures: Tensor<4>, softness: &[f32]) -> Tensor<4> {
    let options =
        AvgPoolOptions { kernel_size: [3, 3], stride: [1, 1], padding: [(1, 1); 2], count_include_pad: false, ceil_mode: false };
    let mut blurred = pictures.clone();
    let mut sum = pictures.zeros_like();
    for times in 0..=SOFTEST as usize {
        if times > 0 {
            blurred = avg_pool2d(blurred, options.clone());
        }
        let share: Vec<f32> = softness.iter().map(|softness| (1.0 - (softness - times as f32).abs()).max(0.0)).collect();
        sum = sum + blurred.clone() * Tensor::from_data(TensorData::new(share, [softness.len(), 1, 1, 1]), &pictures.device());
    }
    sum
}

/// A picture moved by a few pixels; what comes in at the edge is the edge. Thousands of pictures seen a few dozen times each would else
/// be learnt by heart.
fn shifted(rgb: &[u8], size: usize, random: &mut impl Rng) -> Vec<u8> {
    let most = (SHIFT * size as f64).round() as i32;
    let (right, down) = (random.random_range(-most..=most), random.random_range(-most..=most));
    let clamped = |place: usize, by: i32| (place as i32 - by).clamp(0, size as i32 - 1) as usize;
    let mut moved = Vec::with_capacity(rgb.len());
    for y in 0..size {
        let line = clamped(y, down) * size;
        for x in 0..size {
            moved.extend_from_slice(&rgb[3 * (line + clamped(x, right))..][..3]);
        }
    }
    moved
}

/// Names data by what a judge learns from it: contents, captions, sets, split and some of the pictures.
///
/// # Errors
/// [`DataError`] where the pictures cannot be read.
pub fn fingerprint(dataset: &Dataset) -> Result<String, DataError> {
    let mut digest = Sha256::new();
    digest.update(format!("{} {:?}", dataset.image_size, dataset.styles));
    for sample in &dataset.samples {
        let content = &dataset.contents[sample.content];
        digest.update(format!("{} {} {} {:?}\n", content.key, captions::canonical(content), sample.style, sample.split));
    }
    let training = dataset.of_split(Split::Train);
    for sample in training.iter().step_by(training.len().div_ceil(FINGERPRINT).max(1)) {
        digest.update(dataset.pixels(*sample)?);
    }
    Ok(hex::encode(digest.finalize()))
}

mod network;
mod settings;
#[cfg(test)]
pub mod tests;
