//! Stage 1: trains the text-image matching model, which is then frozen (patent paragraph 0026).

use burn::optim::{AdamConfig, GradientsParams};
use burn::prelude::*;
use shared::Vocabulary;
use shared::matching::MatchingModel;

use crate::batches::{self, Stream, TrainingSet};
use crate::config::TrainConfig;
use crate::data::Dataset;
use crate::losses::matching_loss;
use crate::progress::{Progress, Stop};
use crate::run::RunError;

/// Inverse temperature of the softmax over a batch; DAMSM's gamma3.
const SHARPNESS: f64 = 10.0;

/// Trains a matching model from its beginning. It takes minutes, so an interrupted stage starts again.
///
/// # Errors
/// [`RunError::Interrupted`] where the user stopped it, [`RunError::Diverged`] where the loss is no number any more.
pub fn train(
    config: &TrainConfig,
    dataset: &Dataset,
    vocabulary: &Vocabulary,
    device: &Device,
    stop: &Stop,
) -> Result<MatchingModel, RunError> {
    let shape = config.model();
    let training = TrainingSet::new(dataset);
    let autodiff = device.clone().autodiff();
    let mut model = MatchingModel::new(&shape, vocabulary.table_size(), &autodiff);
    let mut optimiser = AdamConfig::new().with_epsilon(1e-8).init();
    let mut progress = Progress::new("matching", config.matching_steps, config.matching_batch, None);

    for step in 0..config.matching_steps {
        if stop.asked() {
            return Err(RunError::Interrupted);
        }
        let mut random = batches::random_for(config.seed, Stream::Matching, step);
        let samples = training.draw(config.matching_batch, &mut random).samples;
        // No plain names preferred here: this stage learns what all words mean.
        let captions = batches::caption_batch(dataset, &samples, vocabulary, 0.0, shape.caption_words, &mut random, &autodiff);
        let pictures = batches::pictures(dataset, &samples, &autodiff)?;
        let same = batches::same(&samples, |s| dataset.class(s), &autodiff);
        let loss = matching_loss(model.sentence.forward(captions), model.picture(pictures), same, SHARPNESS);
        if step % config.log_every == 0 {
            let value = f64::from(loss.clone().into_scalar::<f32>());
            if !value.is_finite() {
                return Err(RunError::Diverged { step, what: "matching" });
            }
            progress.log(step, &[("matching".to_owned(), value)]);
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimiser.step(config.matching_rate * fall(step as f64 / config.matching_steps as f64), model, gradients);
        progress.advance(step + 1);
    }
    progress.finish();
    Ok(model.valid())
}

/// Half a cosine from 1 to 0.02: what is left of a learning rate when `done` of the training is over.
pub fn fall(done: f64) -> f64 {
    0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * done.clamp(0.0, 1.0)).cos())
}
