//! An independent judge of style: a small network that names the set of a real picture, trained afresh from real pictures alone.
//!
//! It shares no weight with the model that it judges, so that a style the encoder merely claims to see does not count.

use burn::nn::{Linear, LinearConfig, loss::CrossEntropyLossConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use shared::Constraint;
use shared::ModelConfig;
use shared::config::ENCODER_END;
use shared::image_encoder::{Trunk, spatial_mean};

use crate::batches::{self, Stream, TrainingSet};
use crate::data::{DataError, Dataset};
use crate::matching_stage::fall;

/// Steps of its training: enough to name the set of four in five unseen pictures; more changes the figures by less than a point.
pub const STEPS: usize = 400;
const BATCH: usize = 64;
/// Pictures judged at a time.
const CHUNK: usize = 64;

/// Names the set that a picture looks like.
#[derive(Module, Debug)]
pub struct StyleJudge {
    trunk: Trunk,
    output: Linear,
}

impl StyleJudge {
    /// Trains a judge on the training pictures.
    ///
    /// # Errors
    /// [`DataError`] where they cannot be read any more.
    pub fn train(dataset: &Dataset, seed: u64, steps: usize, device: &Device) -> Result<Self, DataError> {
        let shape = ModelConfig { image_size: dataset.image_size, encoder_channels: 32, ..ModelConfig::default() };
        let autodiff = device.clone().autodiff();
        let output = LinearConfig::new(shape.encoder_channels_at(ENCODER_END), dataset.styles.len()).init(&autodiff);
        let mut judge = Self { trunk: Trunk::new(&shape, Constraint { centred: true, bounded: false }, &autodiff), output };
        let training = TrainingSet::new(dataset);
        let loss = CrossEntropyLossConfig::new().init(&autodiff);
        let mut optimiser = AdamConfig::new().with_epsilon(1e-8).init();
        for step in 0..steps {
            let mut random = batches::random_for(seed, Stream::Evaluation, step);
            let samples = training.draw(BATCH, &mut random).samples;
            let labels: Vec<i32> = samples.iter().map(|s| dataset.samples[*s].style as i32).collect();
            let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [BATCH]), &autodiff);
            let logits = judge.forward(batches::pictures(dataset, &samples, &autodiff)?);
            let gradients = GradientsParams::from_grads(loss.forward(logits, labels).backward(), &judge);
            judge = optimiser.step(2e-3 * fall(step as f64 / steps as f64), judge, gradients);
        }
        Ok(judge.valid())
    }

    /// The most likely set of each RGB picture, as an index into the data set's styles.
    pub fn name(&self, pictures: &[Vec<u8>], size: usize, device: &Device) -> Vec<usize> {
        let chunk = |pictures: &[Vec<u8>]| {
            let tensor = shared::picture::pictures_to_tensor(&pictures.concat(), pictures.len(), size, device);
            self.forward(tensor).argmax(1).into_data().iter::<i64>().map(|style| style as usize).collect::<Vec<_>>()
        };
        pictures.chunks(CHUNK).flat_map(chunk).collect()
    }

    fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        self.output.forward(spatial_mean(self.trunk.forward(pictures)))
    }
}
