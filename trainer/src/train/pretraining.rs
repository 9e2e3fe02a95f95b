//! Stage 1: trains the text-image matching model, which is then frozen (patent paragraph 0026).

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use shared::Vocabulary;
use shared::model::matching::{CaptionBatch, MatchingModel};

use crate::config::TrainConfig;
use crate::data::{DataError, Dataset};
use crate::train::adam::{Adam, EPSILON};
use crate::train::batches::{self, Stream, TrainingSet};
use crate::train::losses::matching_loss;
use crate::train::metrics::Metrics;
use crate::train::schedule::cosine_decay;

/// Inverse temperature of the softmax over a batch; DAMSM's gamma3.
pub const SHARPNESS: f64 = 10.0;

/// What stays the same in this stage.
pub struct Pretraining<'a> {
    pub config: &'a TrainConfig,
    pub dataset: &'a Dataset,
    pub vocabulary: &'a Vocabulary,
    pub training: &'a TrainingSet,
    pub device: &'a Device,
}

/// What changes in it.
pub struct PretrainingState {
    pub model: MatchingModel,
    pub optimiser: ModuleOptimizer,
    /// Steps taken.
    pub step: usize,
}

impl PretrainingState {
    /// A new model and optimiser.
    pub fn new(stage: &Pretraining<'_>) -> Self {
        let device = stage.device.clone().autodiff();
        Self {
            model: MatchingModel::new(&stage.config.model(), stage.vocabulary.table_size(), &device),
            optimiser: Adam::new(0.9, 0.999, EPSILON).init(),
            step: 0,
        }
    }
}

impl Pretraining<'_> {
    /// Takes one step; `done` is the share of the stage that is over.
    ///
    /// # Errors
    /// [`DataError`] where its pictures cannot be read any more.
    pub fn step(&self, state: PretrainingState, done: f64) -> Result<(PretrainingState, Metrics), DataError> {
        let PretrainingState { model, mut optimiser, step } = state;
        let (config, dataset) = (self.config, self.dataset);
        let autodiff = self.device.clone().autodiff();
        let mut random = batches::random_for(config.start.seed, Stream::Matching, step);
        let samples = self.training.draw(config.optimiser.matching_batch, &mut random);
        // No plain names preferred here: this stage learns what all words mean.
        let limit = config.model().caption_words;
        let captions = batches::captions_of(dataset, &samples, self.vocabulary, 0.0, limit, &mut random);
        let pictures = batches::pictures(dataset, &samples, &autodiff)?;
        let same = batches::same(&samples, |s| dataset.class(s), &autodiff);
        let loss = matching_loss(
            model.sentence.forward(CaptionBatch::new(&captions, &autodiff)),
            model.picture(pictures),
            same,
            SHARPNESS,
        );
        let metrics = vec![("matching", loss.clone())];
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let model = optimiser.step(config.optimiser.matching_rate * cosine_decay(done), model, gradients);
        Ok((PretrainingState { model, optimiser, step: step + 1 }, metrics))
    }
}
