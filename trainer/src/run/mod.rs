//! A training run from data to model file, and what keeps it safe.
//!
//! A run is in its folder: whoever opens that finds where to go on. So to continue after a stop and to go back after a divergence
//! are the same thing, [`attempt`]: take a whole checkpoint and train from there.
//!
//! - [`folder`]: where a run's parts are, and the lock on it; [`lineage`]: what it began with
//! - [`checkpoint`]: what is saved, and how it survives; [`files`]: how any file does
//! - [`steps`]: the loop around the steps; [`stages`]: the two stages as it sees them; [`start`]: what they begin with
//! - [`watch`]: noticing that a run has gone astray; [`retries`]: where it goes on then; [`validation`]: which checkpoint is best
//! - [`plan`] is `--dry-run`

pub mod checkpoint;
mod error;
pub mod files;
pub mod folder;
pub mod lineage;
pub mod plan;
mod retries;
mod stages;
mod start;
mod steps;
mod validation;
mod watch;

use std::collections::HashMap;
use std::path::Path;

use burn::prelude::*;
use shared::Vocabulary;

use crate::batches::TrainingSet;
use crate::config::{MOST_STEPS, SettingError, TrainConfig};
use crate::data::{self, Content, ContentSplit, DataError, Dataset};
use crate::device::{self, Chosen};
use crate::disentangling::Stage;
use crate::export;
use crate::matching_stage::MatchingStage;
use crate::record;
use crate::regions::{MOST_SETS, Regions};
use crate::sentences::Sentences;
use crate::stand_ins::StandIns;
use crate::view::{Stop, View};

pub use checkpoint::Which;
pub use error::RunError;
pub use folder::{Claim, RunFolder};
pub use lineage::Lineage;
pub use stages::Trained;

use checkpoint::{Checkpoint, StageName};
use stages::{Disentangling, Frozen};
use start::Start;
use steps::Session;
use validation::Validation;

/// Steps of the disentangling stage where the user has not said.
const STEPS_ON_GPU: usize = 60_000;
const STEPS_ON_CPU: usize = 12_000;
/// A run that diverges is tried again so many times from about the same place, then given up.
const TRIES: usize = 3;
/// Learning rates of a try, as a share of those before.
const SLOWER: f64 = 0.5;

/// A run's data, and what follows from it.
pub struct Material {
    pub dataset: Dataset,
    pub training: TrainingSet,
    pub vocabulary: Vocabulary,
}

/// Trains from the beginning, or continues where the folder's newest checkpoint stands; exports the model and reports.
///
/// # Errors
/// [`RunError`]; the run folder keeps the last checkpoints.
pub fn train(mut config: TrainConfig, folder: &Claim, stop: &Stop, view: &mut View) -> Result<(), RunError> {
    config.validate()?;
    let chosen = device::open(config.device)?;
    say(folder, view, &format!("training on the {}", chosen.reason));
    config.steps = planned_steps(&config, &chosen);
    folder.save_config(&config)?;
    Lineage::note(folder, &config, &chosen.reason)?;
    let material = load(&config, Some(&folder.path("")), &mut |line| say(folder, view, line))?;
    stop.begin();

    let attempt = |config: &_, from, view: &mut _| attempt(config, &material, &chosen, folder, from, stop, view);
    let step = retries::insist(&mut config, folder, view, attempt)?;
    finish(&config, folder, step, stop, view)
}

/// Exports the model of a trained run and reports. All is saved by then, so a stop leaves what is not begun to the next `--resume`.
fn finish(config: &TrainConfig, folder: &Claim, step: usize, stop: &Stop, view: &mut View) -> Result<(), RunError> {
    let heed = || if stop.asked() { Err(RunError::Interrupted { stage: StageName::Disentangling, step }) } else { Ok(()) };
    heed()?;
    let path = folder.path("model.safetensors");
    export::export(folder, config, Which::Last, &path)?;
    say(folder, view, &format!("model written to {}", path.display()));
    heed()?;
    record::publish(folder, config)?;
    say(folder, view, &format!("report: {}", folder.path("report.html").display()));
    Ok(())
}

/// Trains from a checkpoint, or from the beginning, to the end; how many steps that were.
fn attempt(
    config: &TrainConfig,
    material: &Material,
    chosen: &Chosen,
    folder: &Claim,
    from: Option<Checkpoint>,
    stop: &Stop,
    view: &mut View,
) -> Result<usize, RunError> {
    let Material { dataset, training, vocabulary } = material;
    let device = &chosen.device;
    let mut session = Session { config, folder, data: &dataset.digest, is_gpu: chosen.is_gpu, stop, view };
    let mut start = None;
    let (frozen, from) = match (from, &config.from) {
        (Some(mut checkpoint), _) if checkpoint.position.stage == StageName::Disentangling => {
            (Frozen::take(&mut checkpoint, config, device)?, Some(checkpoint))
        }
        (None, Some(run)) => {
            let (frozen, networks) = Start::of(run, config, vocabulary, device, &mut |line| say(folder, session.view, &line))?;
            start = Some(networks);
            (frozen, None)
        }
        (from, _) => {
            let stage = MatchingStage { config, dataset, vocabulary, training, device };
            let state = session.run(&stage, from)?;
            (Frozen::of(state.model.valid(), vocabulary.clone()), None)
        }
    };
    let regions = Regions::of(dataset, config.style_size);
    let stand_ins = StandIns::asked_for(config, dataset, regions.as_ref())?;
    if let Some((filled, all)) = stand_ins.as_ref().map(StandIns::extent) {
        let line = format!(
            "{filled} of {all} combinations of content and style have no picture to learn from; another style's stands in"
        );
        say(folder, session.view, &line);
    }
    let stage = Stage {
        config,
        dataset,
        vocabulary: &frozen.vocabulary,
        sentence: &frozen.sentence,
        sentences: Sentences::of(&frozen.sentence),
        training,
        stand_ins,
        regions,
        device,
    };
    let validation = Validation::new(dataset, &frozen.vocabulary, stage.regions.as_ref(), config.seed, device)?;
    Ok(session.run(&Disentangling { stage, frozen: &frozen, start, validation }, from)?.step)
}

/// Says it to whoever watches, and to the run's log.
fn say(folder: &RunFolder, view: &mut View, line: &str) {
    view.say(line);
    record::note(folder, line);
}

/// Steps of the disentangling stage.
fn planned_steps(config: &TrainConfig, chosen: &Chosen) -> usize {
    match (config.steps, config.minutes) {
        (0, Some(_)) => MOST_STEPS,
        (0, None) if chosen.is_gpu => STEPS_ON_GPU,
        (0, None) => STEPS_ON_CPU,
        (steps, _) => steps,
    }
}

/// Loads a run's data, decoded pictures kept below its `folder` if there is one, and says what it is.
///
/// # Errors
/// [`RunError`] where there is nothing to learn from.
pub fn load(config: &TrainConfig, folder: Option<&Path>, say: &mut dyn FnMut(&str)) -> Result<Material, RunError> {
    let dataset = load_data(config, folder)?;
    let (training, vocabulary) = learnable(&dataset)?;
    let training = training.with_more_of(&dataset, &config.more_of, config.more_share).map_err(SettingError::MoreOf)?;
    say(&format!(
        "{} contents in {} styles; {} pictures to learn from; {} words",
        dataset.contents.len(),
        dataset.styles.len(),
        training.len(),
        vocabulary.words().len()
    ));
    if let Some(warning) = crowded(&dataset) {
        say(&warning);
    }
    if dataset.styles.len() > MOST_SETS && config.lambda_swap > 0.0 {
        say(&format!(
            "more styles than style codes can keep apart ({MOST_SETS}): each picture lends its own to itself, which is reconstruction"
        ));
    }
    Ok(Material { dataset, training, vocabulary })
}

/// What of some data is to be learnt from.
///
/// # Errors
/// [`RunError::NothingToLearn`] where there is nothing, [`RunError::Vocabulary`] where it has no words.
pub fn learnable(dataset: &Dataset) -> Result<(TrainingSet, Vocabulary), RunError> {
    let training = TrainingSet::new(dataset);
    if training.is_empty() { Err(RunError::NothingToLearn) } else { Ok((training, vocabulary(&dataset.contents)?)) }
}

/// A warning where one class covers more than half of the training contents: those of a class are not told apart, so little is learnt.
fn crowded(dataset: &Dataset) -> Option<String> {
    let mut members: HashMap<usize, Vec<&str>> = HashMap::new();
    let trained = dataset.contents.iter().filter(|content| content.split == ContentSplit::Train);
    trained.for_each(|content| members.entry(content.class).or_default().push(&content.key));
    let all: usize = members.values().map(Vec::len).sum();
    let largest = members.into_values().max_by_key(Vec::len).filter(|class| class.len() > 1 && 2 * class.len() > all)?;
    Some(format!(
        "warning: one class holds {} of the {all} contents to learn from ({}, {} ...). Contents of a class are not told apart, so little \
         can be learnt from them: name more classes, or none",
        largest.len(),
        largest[0],
        largest[1]
    ))
}

/// The pictures that a run's configuration names.
///
/// # Errors
/// [`DataError`].
pub fn load_data(config: &TrainConfig, folder: Option<&Path>) -> Result<Dataset, DataError> {
    let dataset = Dataset::load(&config.data, config.image_size, folder, &data::tell)?;
    dataset.remarks().for_each(|line| eprintln!("{line}"));
    Ok(dataset)
}

/// The words of all training contents: a word that only held-out contents have must stay unknown.
///
/// # Errors
/// Where there are none.
pub fn vocabulary(contents: &[Content]) -> Result<Vocabulary, shared::text::caption::VocabularyError> {
    let trained = contents.iter().filter(|content| content.split == ContentSplit::Train);
    Vocabulary::of_captions(trained.flat_map(|content| content.captions.texts()))
}

#[cfg(test)]
mod tests;
