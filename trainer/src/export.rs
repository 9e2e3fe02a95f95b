//! From a run folder to a model file that the page and `trainer paint` read.

use std::path::{Path, PathBuf};

use burn::prelude::*;
use shared::model_file::{self, GoldenPair, ModelFileError, ModelInfo};
use shared::{PaintError, Painter, PaintingModel, Vocabulary};

use crate::checkpoint::{CheckpointError, RunFolder};
use crate::config::TrainConfig;
use crate::disentangling::State;

/// Captions and seeds whose pictures are stored in the file, for the self-test of whoever opens it.
const GOLDEN: [(&str, u64); 3] = [("red apple", 7), ("cat face", 1), ("automobile", 42)];

/// Words that stand in for both where the model was trained on other things.
const WORDS: usize = 10;

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
    let (licence, credits) = rights(config);
    let (examples, pairs) = captions(config, &vocabulary);
    let info = ModelInfo {
        name: format!("emblem-{}-{}px", preset_name(config), config.image_size),
        licence,
        credits,
        training,
        examples,
        ..ModelInfo::default()
    };
    // Painted with the file's own rounded weights, so that the golden pictures are what any reader must get.
    let painter = Painter::from_bytes(&model_file::write(&model, &shape, &vocabulary, &info, &[])?, &device)?;
    let mut golden = Vec::new();
    for (caption, seed) in pairs {
        if painter.read(&caption).numbers.is_empty() {
            continue;
        }
        let picture = pollster::block_on(painter.paint(&caption, &painter.style_from_seed(seed)))?;
        golden.push((GoldenPair { caption, seed }, picture));
    }
    let bytes = model_file::write(&model, &shape, &vocabulary, &info, &golden)?;
    let new = path.with_extension("new");
    std::fs::write(&new, bytes)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|source| ExportError::Write { path: path.to_owned(), source })
}

/// Licence and credits of the weights. Whose pictures somebody else's are, and what they allow, only they know.
fn rights(config: &TrainConfig) -> (String, String) {
    match config.data.source.as_deref().map(|source| source.file_name().unwrap_or_default().to_string_lossy()) {
        None => ("CC-BY-4.0".to_owned(), "Trained on Noto Emoji, Twemoji, Fluent Emoji and EmojiTwo; see CREDITS.md".to_owned()),
        Some(name) => ("not stated".to_owned(), format!("Trained on the pictures in \"{name}\"")),
    }
}

/// Captions that the page offers, and those whose pictures are stored. A model of other data knows few of ours, so it offers words.
fn captions(config: &TrainConfig, vocabulary: &Vocabulary) -> (Vec<String>, Vec<(String, u64)>) {
    if config.data.source.is_none() {
        let golden = GOLDEN.map(|(caption, seed)| (caption.to_owned(), seed));
        return (EXAMPLES.map(str::to_owned).to_vec(), golden.to_vec());
    }
    let every = vocabulary.words().len().div_ceil(WORDS).max(1);
    let words: Vec<String> = vocabulary.words().iter().step_by(every).cloned().collect();
    let golden = words.iter().zip(GOLDEN).map(|(word, (_, seed))| (word.clone(), seed)).collect();
    (words, golden)
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
