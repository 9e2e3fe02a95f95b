//! A training run from data to model file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use burn::prelude::*;
use shared::Vocabulary;

use crate::batches::TrainingSet;
use crate::checkpoint::{CheckpointError, RunFolder};
use crate::config::{MOST_STEPS, SettingError, TrainConfig};
use crate::data::{self, Content, ContentSplit, DataError, Dataset};
use crate::device::{self, Chosen, DeviceError};
use crate::disentangling::{Readings, Stage, State};
use crate::export::{self, ExportError};
use crate::grid;
use crate::matching_stage;
use crate::progress::{Progress, Stop, duration};

/// Steps of the disentangling stage where the user has not said.
const STEPS_ON_GPU: usize = 60_000;
const STEPS_ON_CPU: usize = 12_000;

/// Why a run ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("the data has no training pictures")]
    NothingToLearn,
    #[error(transparent)]
    Vocabulary(#[from] shared::caption::VocabularyError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(
        "the {what} loss was no number any more at step {step}; the last checkpoint is from before it: continue with `--resume` and a lower rate, such as --generator-rate 3e-4"
    )]
    Diverged { step: usize, what: &'static str },
    #[error("stopped; `--resume` continues")]
    Interrupted,
    #[error("{path}: {source}")]
    Write { path: std::path::PathBuf, source: std::io::Error },
    #[error("the sample grid could not be written: {0}")]
    Grid(#[from] image::ImageError),
}

/// Trains from the beginning, or continues where the folder's checkpoint stands, and exports the model.
///
/// # Errors
/// [`RunError`]; the run folder keeps the last checkpoint.
pub fn train(mut config: TrainConfig, folder: &RunFolder, stop: &Stop) -> Result<(), RunError> {
    config.validate()?;
    let Chosen { device, reason, is_gpu } = device::open(config.device)?;
    println!("training on the {reason}");
    if config.steps == 0 {
        config.steps = match config.minutes {
            Some(_) => MOST_STEPS,
            None if is_gpu => STEPS_ON_GPU,
            None => STEPS_ON_CPU,
        };
    }
    folder.save_config(&config)?;
    device.seed(config.seed);

    let dataset = load_data(&config, folder)?;
    let training = TrainingSet::new(&dataset);
    if training.is_empty() {
        return Err(RunError::NothingToLearn);
    }
    println!("{} contents in {} styles; {} pictures to learn from", dataset.contents.len(), dataset.styles.len(), training.len());
    let (matching, vocabulary) = match folder.load_matching(&config, &device)? {
        Some(done) => done,
        None => {
            let vocabulary = vocabulary(&dataset.contents)?;
            println!("{} words", vocabulary.words().len());
            let model = matching_stage::train(&config, &dataset, &vocabulary, &device, stop)?;
            folder.save_matching(&model, &vocabulary)?;
            (model, vocabulary)
        }
    };
    let stage = Stage {
        config: &config,
        dataset: &dataset,
        vocabulary: &vocabulary,
        sentence: &matching.sentence,
        training: &training,
        device: &device,
    };
    disentangle(&stage, folder, &device, stop)?;
    let path = folder.path("model.safetensors");
    export::export(folder, &config, &path)?;
    println!("model written to {}", path.display());
    Ok(())
}

/// The pictures that the run's configuration names.
///
/// # Errors
/// [`DataError`].
pub fn load_data(config: &TrainConfig, folder: &RunFolder) -> Result<Dataset, DataError> {
    let dataset = Dataset::load(&config.data, config.image_size, Some(&folder.path("")), &data::tell)?;
    for warning in &dataset.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(dataset)
}

/// The words of all training contents: a word that only held-out contents have must stay unknown.
fn vocabulary(contents: &[Content]) -> Result<Vocabulary, shared::caption::VocabularyError> {
    let trained = contents.iter().filter(|content| content.split == ContentSplit::Train);
    Vocabulary::of_captions(trained.flat_map(|content| content.captions.texts()))
}

/// Stage 2, with all that surrounds its steps.
fn disentangle(stage: &Stage<'_>, folder: &RunFolder, device: &Device, stop: &Stop) -> Result<(), RunError> {
    let config = stage.config;
    let mut state = folder.load(State::new(config, device))?.unwrap_or_else(|| State::new(config, device));
    let budget = config.minutes.map(|minutes| Duration::from_secs_f64((minutes * 60.0 - state.seconds).max(0.0)));
    let mut progress = Progress::new("disentangling", config.steps, config.batch, budget).starting_at(state.step);
    let before = state.seconds;
    let started = Instant::now();
    let mut next_log = 0;
    let mut last = Readings::new();
    loop {
        let done = done(config, &state);
        let finished = done >= 1.0;
        if finished || stop.asked() || (state.step > 0 && state.step % config.save_every == 0) {
            // Never over a good checkpoint with one that has gone astray.
            read(&last, state.step)?;
            folder.save(&state)?;
        }
        if finished || (state.step % config.grid_every == 0 && state.step > 0) {
            let picture = grid::draw(stage.dataset, stage.vocabulary, stage.sentence, &state.average, config.style_size, device)?;
            grid::save(&folder.path("samples").join(format!("{:07}.png", state.step)), &picture)?;
        }
        if finished {
            break;
        }
        if stop.asked() {
            println!("saved at step {} after {}", state.step, duration(Duration::from_secs_f64(state.seconds)));
            return Err(RunError::Interrupted);
        }
        let (next, readings) = stage.step(state, done)?;
        state = next;
        state.seconds = before + started.elapsed().as_secs_f64();
        progress.advance(state.step);
        // Steps with the adversarial terms have the most to say.
        let informative = readings.iter().any(|(name, _)| name.starts_with("d_")) || done < config.patent_from;
        if informative && state.step >= next_log {
            next_log = state.step + config.log_every;
            log(folder, &mut progress, &state, read(&readings, state.step)?)?;
        }
        last = readings;
    }
    progress.finish();
    Ok(())
}

/// How much of the run is over, by steps or by time, whichever is further.
fn done(config: &TrainConfig, state: &State) -> f64 {
    let by_steps = state.step as f64 / config.steps as f64;
    let by_time = config.minutes.map_or(0.0, |minutes| state.seconds / (minutes * 60.0));
    by_steps.max(by_time)
}

/// Reads a step's values back.
///
/// # Errors
/// [`RunError::Diverged`] where one is no number any more.
fn read(readings: &Readings, step: usize) -> Result<Vec<(String, f64)>, RunError> {
    let value = |(name, tensor): &(&'static str, Tensor<1>)| match f64::from(tensor.clone().into_scalar::<f32>()) {
        value if value.is_finite() => Ok(((*name).to_owned(), value)),
        _ => Err(RunError::Diverged { step, what: name }),
    };
    readings.iter().map(value).collect()
}

/// Shows the values and appends them to the metrics.
fn log(folder: &RunFolder, progress: &mut Progress, state: &State, values: Vec<(String, f64)>) -> Result<(), RunError> {
    progress.log(state.step, &values);
    let mut line: serde_json::Map<String, serde_json::Value> =
        values.into_iter().map(|(name, value)| (name, value.into())).collect();
    line.insert("step".into(), state.step.into());
    line.insert("seconds".into(), state.seconds.into());
    let path = folder.path("metrics.jsonl");
    append(&path, &serde_json::Value::Object(line).to_string()).map_err(|source| RunError::Write { path, source })
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    writeln!(OpenOptions::new().create(true).append(true).open(path)?, "{line}")
}
