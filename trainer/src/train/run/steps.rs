//! The loop around the steps of both stages: stopping, looking, logging, drawing, saving.
//!
//! A stage is a function from a state and a share of the run to the next state. Everything that makes a run safe stands here, once.

use std::time::{Duration, Instant};

use burn::prelude::*;
use image::RgbImage;

use super::RunError;
use super::checkpoint::{Best, Checkpoint, CheckpointError, Position};
use super::divergence::Divergence;
use crate::config::{StageName, TrainConfig};
use crate::data::DataError;
use crate::io::run_folder::RunLock;
use crate::report::view::{StageExtent, Stop, View};
use crate::report::{Recorder, say};
use crate::train::metrics::Metrics;

/// Reading a value back makes a GPU wait for all that was asked of it, so there only every eighth step is looked at, or one with all
/// values in about as many; before a save, the last one always is. On the CPU reading costs nothing, and every step is looked at.
const LOOK_EVERY_ON_GPU: usize = 8;

/// What is said where a run goes on with data that it has not begun with.
const OTHER_DATA: &str = "warning: the data is not what it was when this run was saved: other pictures, captions, labels or parts. What \
                          was held out then may be learnt from now, so its figures are not to be trusted; where they matter, start another run";

/// A stage of training, as the loop sees it.
pub trait TrainingStage {
    /// All that its steps change.
    type State;
    const NAME: StageName;

    /// The state before the first step.
    fn fresh(&self) -> Self::State;

    /// The state that a checkpoint holds.
    ///
    /// # Errors
    /// [`CheckpointError::Foreign`].
    fn restore(&self, checkpoint: &mut Checkpoint) -> Result<Self::State, CheckpointError>;

    /// Puts all that `restore` needs into a checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`].
    fn save(&self, state: &Self::State, checkpoint: &mut Checkpoint) -> Result<(), CheckpointError>;

    /// Takes one step; `done` is the share of the stage that is over.
    ///
    /// # Errors
    /// [`DataError`] where its pictures cannot be read any more.
    fn step(&self, state: Self::State, done: f64) -> Result<(Self::State, Metrics), DataError>;

    /// Steps in all, and pictures in a step.
    fn extent(&self) -> (usize, usize);

    /// Time that may be spent, where that is limited.
    fn budget(&self) -> Option<Duration> {
        None
    }

    /// Steps between two that have all values to log.
    fn stride(&self) -> usize {
        1
    }

    /// The loss on pictures that it does not learn from, where there is a cheap one.
    fn validate(&self, _: &Self::State) -> Option<f64> {
        None
    }

    /// Pictures to look at, where there are any.
    ///
    /// # Errors
    /// As `step`.
    fn samples(&self, _: &Self::State) -> Result<Option<RgbImage>, DataError> {
        Ok(None)
    }

    /// How much of the stage is over, by steps or by time, whichever is further.
    fn done(&self, position: &Position) -> f64 {
        let by_steps = position.step as f64 / self.extent().0 as f64;
        let by_time = self.budget().map_or(0.0, |budget| position.seconds / budget.as_secs_f64());
        // Nothing to do is done; 0 / 0 would never be.
        if self.extent().0 == 0 { 1.0 } else { by_steps.max(by_time) }
    }
}

/// What surrounds the steps.
pub struct TrainLoop<'a> {
    pub config: &'a TrainConfig,
    pub folder: &'a RunLock,
    /// Digest of the data.
    pub data: &'a str,
    pub is_gpu: bool,
    pub stop: &'a Stop,
    pub view: &'a mut View,
}

impl TrainLoop<'_> {
    /// Takes a stage's steps, from its beginning or from a checkpoint of it, and saves the last.
    ///
    /// # Errors
    /// [`RunError::Diverged`], nothing of which is saved; [`RunError::Interrupted`], saved; or what cannot be written.
    pub fn run<S: TrainingStage>(&mut self, stage: &S, from: Option<Checkpoint>) -> Result<S::State, RunError> {
        let mut saved = from.as_ref().map(|checkpoint| checkpoint.position.step);
        let (mut state, mut position) = match from {
            Some(mut checkpoint) => (stage.restore(&mut checkpoint)?, checkpoint.position),
            None => (stage.fresh(), Position::start(S::NAME)),
        };
        let before = position.data.replace(self.data.to_owned());
        if before.is_some_and(|before| before != self.data) {
            say(self.folder, self.view, OTHER_DATA);
        }
        let mut recorder = Recorder::open(self.folder, S::NAME, position.step)?;
        let (steps, batch) = stage.extent();
        let budget = stage.budget().map(|budget| budget.saturating_sub(Duration::from_secs_f64(position.seconds)));
        self.view.begin(StageExtent { stage: S::NAME, steps, batch, first: position.step, budget });
        let (before, started) = (position.seconds, Instant::now());
        let log_every = self.config.housekeeping.log_every.next_multiple_of(stage.stride());
        let look_every = if self.is_gpu { LOOK_EVERY_ON_GPU.next_multiple_of(stage.stride()) } else { 1 };
        // Values of the last step, until somebody has looked at them.
        let mut unseen = Metrics::new();
        loop {
            let done = stage.done(&position);
            let (finished, stopping) = (done >= 1.0, self.stop.asked());
            let step = position.step;
            let due = |every: usize| step > 0 && step.is_multiple_of(every);
            if (finished || stopping || due(self.config.housekeeping.save_every)) && saved != Some(position.step) {
                look(&mut position, &std::mem::take(&mut unseen))?;
                // Who asked for a stop does not wait for figures.
                let loss = if stopping { None } else { stage.validate(&state) };
                self.save(stage, &state, loss, &mut position, &mut recorder)?;
                saved = Some(position.step);
            }
            if (finished || due(self.config.housekeeping.grid_every))
                && let Some(grid) = stage.samples(&state)?
            {
                recorder.samples(position.step, &grid)?;
            }
            if finished {
                break;
            }
            if stopping {
                return Err(RunError::Interrupted { stage: S::NAME, step: position.step });
            }
            let (next, metrics) = stage.step(state, done)?;
            state = next;
            // As the stage counts them: those with all values are the multiples of its stride.
            let [log, seen] = [log_every, look_every].map(|every| position.step.is_multiple_of(every));
            position.step += 1;
            position.seconds = before + started.elapsed().as_secs_f64();
            self.view.advance(position.step);
            unseen = metrics;
            if log || seen {
                let values = look(&mut position, &std::mem::take(&mut unseen))?;
                if log {
                    self.view.log(position.step, &values);
                    recorder.values(position.step, position.seconds, &values)?;
                }
            }
        }
        self.view.end();
        Ok(state)
    }

    fn save<S: TrainingStage>(
        &mut self,
        stage: &S,
        state: &S::State,
        validation: Option<f64>,
        position: &mut Position,
        recorder: &mut Recorder,
    ) -> Result<(), RunError> {
        if let Some(loss) = validation {
            let value = [("validation".to_owned(), loss)];
            self.view.log(position.step, &value);
            recorder.values(position.step, position.seconds, &value)?;
            if position.best.is_none_or(|best| loss < best.loss) {
                position.best = Some(Best { step: position.step, loss });
            }
        }
        let mut checkpoint = Checkpoint::new(position.clone());
        match stage.save(state, &mut checkpoint) {
            Err(CheckpointError::NotFinite { part }) => {
                let trouble = Divergence::NotFinite { what: part.to_owned() };
                return Err(RunError::Diverged { stage: S::NAME, step: position.step, trouble });
            }
            saved => saved?,
        }
        Ok(self.folder.checkpoints().save(&checkpoint, self.config.housekeeping.keep_checkpoints)?)
    }
}

/// Reads a step's values back and judges them.
fn look(position: &mut Position, metrics: &Metrics) -> Result<Vec<(String, f64)>, RunError> {
    // One after another, each would be waited for.
    let tensors: Vec<_> = metrics.iter().map(|(_, tensor)| tensor.clone()).collect();
    let read: Vec<f32> = if tensors.is_empty() { vec![] } else { Tensor::cat(tensors, 0).into_data().iter().collect() };
    let values: Vec<(String, f64)> =
        metrics.iter().zip(read).map(|((name, _), value)| ((*name).to_owned(), f64::from(value))).collect();
    let diverged = |trouble| RunError::Diverged { stage: position.stage, step: position.step, trouble };
    position.watch.look(position.step, &values).map_err(diverged)?;
    Ok(values)
}
