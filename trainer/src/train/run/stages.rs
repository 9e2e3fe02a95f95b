//! The two stages of the method as the loop of `steps` sees them, and what each must save.

use std::time::Duration;

use burn::optim::ModuleOptimizer;
use burn::prelude::*;
use image::RgbImage;
use shared::model::image_encoder::ImageEncoder;

use super::RunError;
use super::checkpoint::{Checkpoint, CheckpointError};
use super::checkpoints::Which;
use super::frozen::Frozen;
use super::start::InitialWeights;
use super::steps::TrainingStage;
use super::validation::Validation;
use crate::config::{StageName, TrainConfig};
use crate::data::DataError;
use crate::io::run_folder::RunFolder;
use crate::train::disentangling::{GeneratorSide, Stage, State};
use crate::train::grid;
use crate::train::metrics::Metrics;
use crate::train::pretraining::{Pretraining, PretrainingState};

impl TrainingStage for Pretraining<'_> {
    type State = PretrainingState;
    const NAME: StageName = StageName::Matching;

    fn fresh(&self) -> PretrainingState {
        self.device.seed(self.config.start.seed);
        PretrainingState::new(self)
    }

    fn restore(&self, checkpoint: &mut Checkpoint) -> Result<PretrainingState, CheckpointError> {
        let fresh = PretrainingState::new(self);
        let optimiser = checkpoint.take_optimiser("optimiser", fresh.optimiser)?;
        let frozen = Frozen::take(checkpoint, self.config, &self.device.clone().autodiff())?;
        if frozen.vocabulary.words() != self.vocabulary.words() {
            return Err(checkpoint.foreign("the data has other words than when the run began"));
        }
        let model = frozen.matching.ok_or_else(|| checkpoint.foreign("it has half a matching model"))?;
        Ok(PretrainingState { model, optimiser, step: checkpoint.position.step })
    }

    fn save(&self, state: &PretrainingState, checkpoint: &mut Checkpoint) -> Result<(), CheckpointError> {
        Frozen::of(state.model.valid(), self.vocabulary.clone()).put(checkpoint)?;
        checkpoint.put_optimiser("optimiser", &state.optimiser)
    }

    fn step(&self, state: PretrainingState, done: f64) -> Result<(PretrainingState, Metrics), DataError> {
        Pretraining::step(self, state, done)
    }

    fn extent(&self) -> (usize, usize) {
        (self.config.schedule.matching_steps, self.config.optimiser.matching_batch)
    }
}

/// Stage 2 with what is drawn, measured and saved beside its steps.
pub struct Disentangling<'a> {
    pub stage: Stage<'a>,
    pub frozen: &'a Frozen,
    /// What it begins with instead of random networks.
    pub start: Option<InitialWeights>,
    pub validation: Option<Validation>,
}

impl TrainingStage for Disentangling<'_> {
    type State = State;
    const NAME: StageName = StageName::Disentangling;

    fn fresh(&self) -> State {
        self.stage.device.seed(self.stage.config.start.seed);
        let fresh = State::new(self.stage.config, self.stage.device);
        match &self.start {
            Some(InitialWeights { generator, average, discriminator }) => State {
                generator: generator.clone().unwrap_or(fresh.generator),
                average: average.clone().unwrap_or(fresh.average),
                discriminator: discriminator.clone().unwrap_or(fresh.discriminator),
                ..fresh
            },
            None => fresh,
        }
    }

    fn restore(&self, checkpoint: &mut Checkpoint) -> Result<State, CheckpointError> {
        let fresh = self.fresh();
        let mut optimiser = |part: &str, fresh: ModuleOptimizer| checkpoint.take_optimiser(part, fresh);
        let generator_optimiser = optimiser("generator-optimiser", fresh.generator_optimiser)?;
        let discriminator_optimiser = optimiser("discriminator-optimiser", fresh.discriminator_optimiser)?;
        let swap_optimiser = optimiser("swap-optimiser", fresh.swap_optimiser)?;
        Ok(State {
            generator: checkpoint.take_module("generator", fresh.generator)?,
            discriminator: checkpoint.take_module("discriminator", fresh.discriminator)?,
            average: checkpoint.take_module("average", fresh.average)?,
            generator_optimiser,
            discriminator_optimiser,
            swap_optimiser,
            step: checkpoint.position.step,
        })
    }

    fn save(&self, state: &State, checkpoint: &mut Checkpoint) -> Result<(), CheckpointError> {
        self.frozen.put(checkpoint)?;
        checkpoint.put_module("generator", state.generator.valid())?;
        checkpoint.put_module("discriminator", state.discriminator.valid())?;
        checkpoint.put_module("average", state.average.clone())?;
        checkpoint.put_optimiser("generator-optimiser", &state.generator_optimiser)?;
        checkpoint.put_optimiser("discriminator-optimiser", &state.discriminator_optimiser)?;
        checkpoint.put_optimiser("swap-optimiser", &state.swap_optimiser)
    }

    fn step(&self, state: State, done: f64) -> Result<(State, Metrics), DataError> {
        self.stage.step(state, done)
    }

    fn extent(&self) -> (usize, usize) {
        (self.stage.config.schedule.steps, self.stage.config.optimiser.batch)
    }

    fn budget(&self) -> Option<Duration> {
        self.stage.config.schedule.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0))
    }

    fn stride(&self) -> usize {
        // Steps with the adversarial terms have the most to say.
        self.stage.config.schedule.adversarial_every
    }

    fn validate(&self, state: &State) -> Option<f64> {
        Some(self.validation.as_ref()?.loss(state, &self.frozen.sentence, self.stage.device))
    }

    fn samples(&self, state: &State) -> Result<Option<RgbImage>, DataError> {
        let Stage { dataset, vocabulary, sentence, config, device, .. } = &self.stage;
        grid::draw(dataset, vocabulary, sentence, &state.average, config.shape.style_size, device).map(Some)
    }
}

/// A run's networks, to draw with and to measure.
pub struct Trained {
    pub frozen: Frozen,
    /// The published, averaged weights.
    pub generator: GeneratorSide,
    pub encoder: ImageEncoder,
    /// Steps of stage 2.
    pub step: usize,
    /// Seconds of stage 2.
    pub seconds: f64,
}

impl Trained {
    /// Loads them from a run's checkpoint; a damaged one is passed to `say`.
    ///
    /// # Errors
    /// [`RunError::NotTrained`] where stage 2 has saved nothing yet, or why it cannot be read.
    pub fn load(
        folder: &RunFolder,
        config: &TrainConfig,
        which: Which,
        device: &Device,
        say: &mut dyn FnMut(String),
    ) -> Result<Self, RunError> {
        let mut checkpoint = folder.checkpoints().of_trained(which, say)?.ok_or(RunError::NotTrained)?;
        let frozen = Frozen::take(&mut checkpoint, config, device)?;
        let fresh = State::new(config, device);
        let discriminator = checkpoint.take_module("discriminator", fresh.discriminator.valid())?;
        Ok(Self {
            frozen,
            generator: checkpoint.take_module("average", fresh.average)?,
            encoder: discriminator.encoder.folded(),
            step: checkpoint.position.step,
            seconds: checkpoint.position.seconds,
        })
    }
}
