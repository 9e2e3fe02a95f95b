//! An independent judge of pictures: what shows them, how they are drawn, and in what features they are compared.
//!
//! The models' own networks must not be asked: a generator learns to please what it is trained against, and the matching model and the
//! image encoder are just that. So the judge shares no weight with any model. It learns from real training pictures alone, to name
//! their set and to find their caption; what it makes of held-out real pictures stands beside every figure that it gives.

use burn::module::{Initializer, Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::prelude::*;
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::config::{ENCODER_END, ENCODER_TILE};
use shared::image_encoder::Trunk;
use shared::matching::{CaptionBatch, SentenceEncoder};
use shared::picture::pictures_to_tensor;
use shared::{Constraint, ModelConfig, Vocabulary};
use std::time::{Duration, Instant};

use super::matrix::Matrix;
use crate::adam::{Adam, EPSILON};
use crate::batches::{self, Stream, TrainingSet};
use crate::data::{DataError, Dataset, Split, captions};
use crate::losses::matching_loss;
use crate::matching_stage::{SHARPNESS, fall};
use crate::regions::Ink;
use crate::run::{self, RunError};
use crate::view::duration;

/// Pictures, or captions, looked at at a time.
const CHUNK: usize = 64;
/// Pictures of which a fingerprint of the data is taken: all of the emoji's would do as well, all of somebody's own might take an hour.
const FINGERPRINT: usize = 1000;
/// Pictures that features are first scaled by.
const SCALED_BY: usize = 256;
/// Side of the largest map that pictures are looked at in.
const LARGEST_MAP: usize = 16;
/// How often training says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(20);

/// How a judge is made. All of it decides what it says, so all of it is in its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeSettings {
    /// Side of the pictures.
    pub image_size: usize,
    /// Channels at the trunk's largest map, of which the other maps follow. Half the image encoder's: with so few
    /// pictures to learn from a wider one was not better on others, only slower.
    pub channels: usize,
    /// Steps of training: what one core does in five minutes at 64 px.
    pub steps: usize,
    /// Pictures in a step; a larger batch is a harder question for the captions.
    pub batch: usize,
    /// Seed of its weights and batches.
    pub seed: u64,
}

impl JudgeSettings {
    /// The usual settings for pictures of a size.
    pub fn usual(image_size: usize) -> Self {
        Self { image_size, channels: 32, steps: 2500, batch: 64, seed: 1 }
    }

    /// Whether a network may be built from settings that a file claims.
    ///
    /// # Errors
    /// What is out of range.
    pub fn check(&self) -> Result<(), String> {
        self.shape().validate().map_err(|e| e.to_string())
    }

    fn shape(&self) -> ModelConfig {
        // Larger pictures are scaled down first, as image encoders do it: looking closer told it no more, at four times the cost.
        let tile = (self.image_size / LARGEST_MAP).max(ENCODER_TILE);
        ModelConfig { image_size: self.image_size, tile, encoder_channels: self.channels, ..ModelConfig::default() }
    }
}

/// The judge's weights.
#[derive(Module, Debug)]
pub struct Network {
    trunk: Trunk,
    /// Usual value, and one over the usual deviation, of each feature. Means over maps of centred filters hardly differ from picture to
    /// picture; brought to one scale the heads learn from all of them at once, and distances count them alike.
    middle: Param<Tensor<1>>,
    scale: Param<Tensor<1>>,
    /// Names the set.
    sets: Linear,
    /// Into the captions' space.
    project: Linear,
    sentence: SentenceEncoder,
}

impl Network {
    /// Random weights.
    pub fn new(settings: &JudgeSettings, table_size: usize, sets: usize, device: &Device) -> Self {
        let shape = settings.shape();
        let features = features(&shape);
        Self {
            trunk: Trunk::new(&shape, Constraint { centred: true, bounded: false }, device),
            middle: Initializer::Zeros.init([features], device),
            scale: Initializer::Ones.init([features], device),
            sets: LinearConfig::new(features, sets.max(1)).init(device),
            project: LinearConfig::new(features, shape.sentence_size).init(device),
            sentence: SentenceEncoder::new(&shape, table_size, device),
        }
    }

    fn features(&self, pictures: Tensor<4>) -> Tensor<2> {
        (self.trunk.means(pictures) - self.middle.val().unsqueeze::<2>()) * self.scale.val().unsqueeze::<2>()
    }

    /// Brings the features to one scale, as they are before training; from there they are learnt like everything else.
    fn scaled_to(self, pictures: Tensor<4>, device: &Device) -> Self {
        let seen = Matrix::from_rows(&rows(self.trunk.means(pictures)));
        let covariance = seen.covariance();
        let middle: Vec<f32> = seen.mean().iter().map(|value| *value as f32).collect();
        let scale: Vec<f32> = (0..seen.columns()).map(|i| 1.0 / (covariance.row(i)[i].sqrt() as f32 + 1e-3)).collect();
        let param = |values: Vec<f32>| Param::from_data(TensorData::new(values, [seen.columns()]), device);
        Self { middle: param(middle), scale: param(scale), ..self }
    }
}

/// Features of a picture: the means of all maps, see [`Trunk::means`]. The last map alone knows what is drawn better than how.
fn features(shape: &ModelConfig) -> usize {
    let maps = std::iter::successors(Some(shape.largest_map()), |map| Some(map / 2)).take_while(|map| *map >= ENCODER_END);
    shape.encoder_channels / 2 + maps.map(|map| shape.encoder_channels_at(map)).sum::<usize>()
}

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
pub struct Verdict {
    /// Where they lie in its features.
    pub features: Matrix,
    /// The same in the captions' space, each of length one.
    pub embedded: Vec<Vec<f32>>,
    /// Number of the most likely set.
    pub set: Vec<usize>,
}

impl Judge {
    /// Trains a judge on the training pictures and no others; `say` is told how far it is.
    ///
    /// # Errors
    /// [`RunError`] where there is nothing to learn from or the pictures cannot be read.
    pub fn train(dataset: &Dataset, settings: JudgeSettings, device: &Device, say: &dyn Fn(&str)) -> Result<Self, RunError> {
        let training = TrainingSet::new(dataset);
        if training.is_empty() {
            return Err(RunError::NothingToLearn);
        }
        let vocabulary = run::vocabulary(&dataset.contents)?;
        let autodiff = device.clone().autodiff();
        device.seed(settings.seed);
        let mut network = Network::new(&settings, vocabulary.table_size(), dataset.styles.len(), &autodiff);
        let first = training.draw(SCALED_BY, &mut batches::random_for(settings.seed, Stream::Judge, settings.steps));
        network = network.scaled_to(batches::pictures(dataset, &first, &autodiff)?, &autodiff);
        let mut optimiser = Adam::new(0.9, 0.999, EPSILON).init();
        let (started, mut told) = (Instant::now(), Instant::now());
        for step in 0..settings.steps {
            let mut random = batches::random_for(settings.seed, Stream::Judge, step);
            let samples = training.draw(settings.batch, &mut random);
            let loss = loss(&network, dataset, &vocabulary, &samples, &mut random, &autodiff)?;
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimiser.step(RATE * fall(step as f64 / settings.steps as f64), network, gradients);
            if told.elapsed() > TELL_EVERY {
                let left = started.elapsed().mul_f64((settings.steps - step - 1) as f64 / (step + 1) as f64);
                say(&format!("judge: step {} of {}, {} left", step + 1, settings.steps, duration(left)));
                told = Instant::now();
            }
        }
        let data = fingerprint(dataset)?;
        Ok(Self { settings, network: network.valid(), vocabulary, sets: dataset.styles.clone(), data })
    }

    /// Looks at RGB pictures of its size.
    pub fn look(&self, pictures: &[Vec<u8>], device: &Device) -> Verdict {
        let (mut features, mut embedded, mut set) = (vec![], vec![], vec![]);
        for chunk in pictures.chunks(CHUNK) {
            let seen = self.network.features(pictures_to_tensor(&chunk.concat(), chunk.len(), self.settings.image_size, device));
            embedded.extend(unit_rows(self.network.project.forward(seen.clone())));
            set.extend(self.network.sets.forward(seen.clone()).argmax(1).into_data().iter::<i64>().map(|set| set as usize));
            features.extend(rows(seen));
        }
        Verdict { features: Matrix::from_rows(&features), embedded, set }
    }

    /// A caption as it reads it.
    pub fn read(&self, caption: &str) -> Vec<u32> {
        self.vocabulary.read(caption, self.settings.shape().caption_words).numbers
    }

    /// Captions, as it reads them, in the space of the pictures: each of length one.
    pub fn captions(&self, captions: &[Vec<u32>], device: &Device) -> Vec<Vec<f32>> {
        embed_captions(&self.network.sentence, captions, device)
    }

    /// Whether it can name the sets of this data.
    pub fn knows_sets_of(&self, dataset: &Dataset) -> bool {
        dataset.has_styles() && self.sets == dataset.styles
    }
}

/// Adam's rate; the matching stage's is half, with a batch of the same size and no sets to name.
const RATE: f64 = 2e-3;
/// How far a picture is shifted, as a share of its side: less than the sets themselves differ by.
const SHIFT: f64 = 0.08;
/// How far its colours are changed. A hand is a hand in any ink, and a style seed may change it so far.
const INK: f32 = 0.3;

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
    let seen = network.features(pictures_to_tensor(&rgb, samples.len(), size, device));
    let words = ModelConfig::default().caption_words;
    let captions = batches::captions_of(dataset, samples, vocabulary, 0.0, words, random);
    let same = batches::same(samples, |s| dataset.class(s), device);
    let sentence = network.sentence.forward(CaptionBatch::new(&captions, device));
    let content = matching_loss(sentence, network.project.forward(seen.clone()), same, SHARPNESS);
    if !dataset.has_styles() {
        return Ok(content);
    }
    let labels: Vec<i32> = samples.iter().map(|s| dataset.samples[*s].style as i32).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [samples.len()]), device);
    let style = CrossEntropyLossConfig::new().init(device).forward(network.sets.forward(seen), labels);
    Ok(content + style)
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
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Captions, as word numbers, in the space of pictures: each of length one.
pub fn embed_captions(sentence: &SentenceEncoder, captions: &[Vec<u32>], device: &Device) -> Vec<Vec<f32>> {
    captions.chunks(CHUNK).flat_map(|chunk| unit_rows(sentence.forward(CaptionBatch::new(chunk, device)))).collect()
}

/// Rows moved to length one, read back.
pub fn unit_rows(matrix: Tensor<2>) -> Vec<Vec<f32>> {
    let unit = matrix.clone() / (matrix.square().sum_dim(1) + 1e-8).sqrt();
    rows(unit)
}

/// Rows, read back.
pub fn rows(matrix: Tensor<2>) -> Vec<Vec<f32>> {
    let [_, features] = matrix.dims();
    matrix.into_data().iter::<f32>().collect::<Vec<_>>().chunks(features.max(1)).map(<[f32]>::to_vec).collect()
}

#[cfg(test)]
pub mod tests;
