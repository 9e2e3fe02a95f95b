//! From a run folder to a model file that the page and `trainer paint` read.

use std::path::{Path, PathBuf};

use burn::prelude::*;
use shared::{Golden, ModelFile, ModelFileError, ModelInfo, PaintError, Painter, PaintingModel};

use crate::checkpoint::{CheckpointError, RunFolder};
use crate::config::TrainConfig;
use crate::disentangling::State;

/// Captions and seeds whose pictures are stored in the file, for the self-test of whoever opens it.
const GOLDEN: [(&str, u64); 3] = [("red apple", 7), ("cat face", 1), ("automobile", 42)];

/// Captions that the page offers.
const EXAMPLES: [&str; 10] = [
    "a red apple",
    "a cat face",
    "a rocket",
    "a birthday cake",
    "an octopus",
    "a sunflower",
    "a house",
    "a guitar",
    "a hamburger",
    "a fish",
];

/// A model that cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("this run has not saved its generator yet; let it train on, or stop it with Ctrl-C, which saves")]
    NotTrained,
    #[error(transparent)]
    Model(#[from] ModelFileError),
    #[error("the model cannot draw: {0}")]
    Paint(#[from] PaintError),
    #[error("{path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
}

/// Writes the averaged generator of a run's checkpoint with everything that drawing needs. Works on the CPU, whatever trained it.
///
/// # Errors
/// [`ExportError`].
pub fn export(folder: &RunFolder, config: &TrainConfig, path: &Path) -> Result<(), ExportError> {
    let device = Device::flex();
    let (matching, vocabulary) = folder.load_matching(config, &device)?.ok_or(ExportError::NotTrained)?;
    let state = folder.load(State::new(config, &device))?.ok_or(ExportError::NotTrained)?;
    let shape = shared::ModelConfig { spectral_norm: false, ..config.model() };
    let training = training(config, &state);
    let model = PaintingModel {
        sentence: matching.sentence,
        text: state.average.text,
        generator: state.average.generator,
        encoder: state.discriminator.valid().encoder.folded(),
    };
    let info = ModelInfo {
        name: format!("emblem-{}-{}px", preset_name(config), config.image_size),
        licence: "CC-BY-4.0".to_owned(),
        credits: "Trained on Noto Emoji, Twemoji, Fluent Emoji and EmojiTwo; see CREDITS.md".to_owned(),
        training,
        examples: EXAMPLES.map(str::to_owned).to_vec(),
        ..ModelInfo::default()
    };
    let mut file = ModelFile::of(&model, shape, vocabulary, info)?;
    file.golden = golden(&file, &device)?;
    let bytes = file.to_bytes()?;
    let new = path.with_extension("new");
    std::fs::write(&new, bytes)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|source| ExportError::Write { path: path.to_owned(), source })
}

/// Painted with the file's own rounded weights, so that they are what any reader must get. A model of other things than [`GOLDEN`]
/// names is tested with words of its own.
fn golden(file: &ModelFile, device: &Device) -> Result<Vec<Golden>, ExportError> {
    let painter = Painter::from_file(file.clone(), device)?;
    let own = file.vocabulary.words().iter().map(String::as_str).zip(0..);
    let known = GOLDEN.into_iter().chain(own).filter(|(caption, _)| !painter.read(caption).numbers.is_empty());
    known.take(GOLDEN.len()).map(|(caption, seed)| Ok(pollster::block_on(painter.golden(caption, seed))?)).collect()
}

fn preset_name(config: &TrainConfig) -> &'static str {
    match config.preset {
        crate::config::Preset::Swap => "swap",
        crate::config::Preset::Patent => "patent",
    }
}

fn training(config: &TrainConfig, state: &State) -> std::collections::BTreeMap<String, String> {
    let lines = [
        ("preset", preset_name(config).to_owned()),
        ("steps", state.step.to_string()),
        ("batch", config.batch.to_string()),
        ("minutes", format!("{:.0}", state.seconds / 60.0)),
        ("seed", config.seed.to_string()),
    ];
    lines.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
