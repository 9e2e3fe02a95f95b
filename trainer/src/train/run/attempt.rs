//! From a run's data to its trained networks, in as many attempts as that takes.

use burn::prelude::*;

use super::checkpoint::Checkpoint;
use super::frozen::Frozen;
use super::material::{TrainingData, load};
use super::plan::planned;
use super::stages::Disentangling;
use super::start::InitialWeights;
use super::steps::TrainLoop;
use super::validation::Validation;
use super::{Lineage, RunError, retries};
use crate::config::{StageName, TrainConfig};
use crate::io::device::{self, Chosen};
use crate::io::run_folder::RunLock;
use crate::report::say;
use crate::report::view::{Stop, View};
use crate::train::cross_style::CrossStyleTargets;
use crate::train::disentangling::Stage;
use crate::train::pretraining::Pretraining;

/// Trains from the beginning, or continues where the folder's newest checkpoint stands; how many steps of stage 2 that were, and the settings in the end: learning rates are halved after a divergence.
///
/// # Errors
/// [`RunError`]; the run folder keeps the last checkpoints.
pub fn train(mut config: TrainConfig, folder: &RunLock, stop: &Stop, view: &mut View) -> Result<(TrainConfig, usize), RunError> {
    config.validate()?;
    let chosen = device::open(config.housekeeping.device)?;
    say(folder, view, &format!("training on the {}", chosen.reason));
    config.schedule = planned(&config, &chosen);
    folder.save_config(&config)?;
    Lineage::note(folder, &config, &chosen.reason)?;
    let material = load(&config, Some(&folder.path("")), &mut |line| say(folder, view, line))?;
    stop.begin();

    let attempt = |config: &_, from, view: &mut _| attempt(config, &material, &chosen, folder, from, stop, view);
    let step = retries::retry(&mut config, folder, view, attempt)?;
    Ok((config, step))
}

/// Trains from a checkpoint, or from the beginning, to the end; how many steps that were.
///
/// # Errors
/// As [`train`].
pub fn attempt(
    config: &TrainConfig,
    material: &TrainingData,
    chosen: &Chosen,
    folder: &RunLock,
    from: Option<Checkpoint>,
    stop: &Stop,
    view: &mut View,
) -> Result<usize, RunError> {
    let TrainingData { dataset, training, vocabulary } = material;
    let device = &chosen.device;
    let mut session = TrainLoop { config, folder, data: &dataset.digest, is_gpu: chosen.is_gpu, stop, view };
    let mut start = None;
    let (frozen, from) = match (from, &config.start.from) {
        (Some(mut checkpoint), _) if checkpoint.position.stage == StageName::Disentangling => {
            (Frozen::take(&mut checkpoint, config, device)?, Some(checkpoint))
        }
        (None, Some(run)) => {
            let (frozen, networks) =
                InitialWeights::of(run, config, vocabulary, device, &mut |line| say(folder, session.view, &line))?;
            start = Some(networks);
            (frozen, None)
        }
        (from, _) => {
            let stage = Pretraining { config, dataset, vocabulary, training, device };
            let state = session.run(&stage, from)?;
            (Frozen::of(state.model.valid(), vocabulary.clone()), None)
        }
    };
    let texts = (&frozen.vocabulary, &frozen.sentence);
    let stage = Stage::new(config, (dataset, training), texts, device).with_stand_ins()?;
    if let Some((filled, all)) = stage.stand_ins.as_ref().map(CrossStyleTargets::extent) {
        let line = format!(
            "{filled} of {all} combinations of content and style have no picture to learn from; another style's stands in"
        );
        say(folder, session.view, &line);
    }
    let validation = Validation::new(dataset, &frozen.vocabulary, stage.regions.as_ref(), config.start.seed, device)?;
    Ok(session.run(&Disentangling { stage, frozen: &frozen, start, validation }, from)?.step)
}
