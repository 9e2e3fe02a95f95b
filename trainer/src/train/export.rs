//! From a run folder to a model file that the page and `trainer paint` read.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use burn::prelude::*;
use shared::text::names::Name;
use shared::{
    Golden, ModelFile, ModelFileError, ModelInfo, NamedStyle, PaintError, Painter, PaintingModel, TrainingStage, Vocabulary,
};

use super::regions::Regions;
use super::run::{Lineage, RunError, Trained, Which};
use crate::config::TrainConfig;
use crate::data::{DataConfig, DataError, emoji, words};
use crate::io::files::{self, FileError};
use crate::io::model_file::{self, OpenError};
use crate::io::run_folder::RunFolder;

/// Captions and seeds whose pictures are stored in the file, for the self-test of whoever opens it.
const GOLDEN: [(&str, u64); 3] = [("red apple", 7), ("cat face", 1), ("automobile", 42)];

/// Captions that the page offers.
const EXAMPLES: [&str; 12] = [
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
    "a mushroom",
    "a bicycle",
];

/// A model that cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Model(#[from] ModelFileError),
    #[error("the model cannot draw: {0}")]
    Paint(#[from] PaintError),
    #[error("the model has learnt nothing by name, so it has no names to renew; name a run's folder, or a model of the emoji")]
    Nameless,
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl ExportError {
    /// As [`RunError::exit_code`].
    pub fn exit_code(&self) -> u8 {
        if let Self::Run(error) = self { error.exit_code() } else { 3 }
    }
}

/// Writes the averaged generator of a run's checkpoint with everything that drawing needs. Works on the CPU, whatever trained it.
///
/// # Errors
/// [`ExportError`] where the run cannot be read, or its model must not be published.
pub fn export(folder: &RunFolder, config: &TrainConfig, which: Which, path: &Path) -> Result<(), ExportError> {
    let trained = Trained::load(folder, config, which, &Device::flex(), &mut |line| tracing::warn!("{line}"))?;
    let lineage = Lineage::load(folder).unwrap_or_default();
    let lineage = lineage.stages(&folder.name(), config, trained.step, trained.seconds);
    let bytes = model_bytes(config, trained, lineage)?;
    Ok(files::replace(path, |file| file.write_all(&bytes))?)
}

/// Writes a published model again, with what its things are called as the emoji's tables have it now. What it has learnt stays as it is.
///
/// # Errors
/// [`ExportError`] where the file cannot be read, or has no names.
pub fn renew(model: &Path, path: &Path) -> Result<(), ExportError> {
    let mut file = model_file::read(model)?;
    file.vocabulary = renamed(&file.vocabulary, emoji::names(&DataConfig::default())?)?;
    let bytes = file.to_bytes().map_err(OpenError::of(model))?;
    Ok(files::replace(path, |file| file.write_all(&bytes))?)
}

/// The vocabulary with these names in the place of its own of the same name.
fn renamed(vocabulary: &Vocabulary, names: Vec<Name>) -> Result<Vocabulary, ExportError> {
    let old = vocabulary.names().ok_or(ExportError::Nameless)?;
    let mut new: HashMap<String, Name> = names.into_iter().map(|name| (name.name.clone(), name)).collect();
    let names = old.names().iter().map(|name| new.remove(&name.name).unwrap_or_else(|| name.clone())).collect();
    let vectors = old.vectors().clone();
    let plain = Vocabulary::new(vocabulary.words().to_vec()).map_err(ModelFileError::from)?;
    Ok(plain.with_names(names, vectors).map_err(ModelFileError::from)?)
}

/// The model file of trained networks.
///
/// # Errors
/// [`ExportError`], also where a weight is not finite.
fn model_bytes(config: &TrainConfig, trained: Trained, lineage: Vec<TrainingStage>) -> Result<Vec<u8>, ExportError> {
    let training = training(config, &trained);
    let Trained { frozen, generator, encoder, .. } = trained;
    let vocabulary = words::understood(frozen.vocabulary, &config.data)?;
    let shape = shared::ModelConfig { constrained: false, ..config.model() };
    let model = PaintingModel { sentence: frozen.sentence, text: generator.text, generator: generator.generator, encoder };
    let (licence, credits) = rights(config);
    let examples = examples(config, &vocabulary);
    let info = ModelInfo {
        name: format!("emblem-{}-{}px", config.start.preset.name(), config.shape.image_size),
        licence,
        credits,
        training,
        lineage,
        examples,
        styles: styles(config)?,
        ..ModelInfo::default()
    };
    file_bytes(&model, shape, vocabulary, info)
}

/// The file of a model as it is published, with what devices are tested by.
///
/// # Errors
/// [`ExportError`], also where a weight is not finite.
pub fn file_bytes(
    model: &PaintingModel,
    shape: shared::ModelConfig,
    vocabulary: Vocabulary,
    info: ModelInfo,
) -> Result<Vec<u8>, ExportError> {
    let mut file = ModelFile::of(model, shape, vocabulary, info)?;
    file.golden = golden(&file, &Device::flex())?;
    Ok(file.to_bytes()?)
}

/// Painted with the file's own rounded weights, so that they are what any reader must get. A model of other things than [`GOLDEN`]
/// names is tested with words of its own.
fn golden(file: &ModelFile, device: &Device) -> Result<Vec<Golden>, ExportError> {
    let painter = Painter::from_file(file.clone(), device)?;
    let own = file.vocabulary.words().iter().map(String::as_str).zip(0..);
    let known = GOLDEN.into_iter().chain(own).filter(|(caption, _)| !painter.read(caption).numbers.is_empty());
    known.take(GOLDEN.len()).map(|(caption, seed)| Ok(pollster::block_on(painter.golden(caption, seed))?)).collect()
}

/// Licence and credits of the weights. Whose pictures somebody else's are, and what they allow, only they know.
fn rights(config: &TrainConfig) -> (String, String) {
    match config.data.source.as_deref().map(|source| source.file_name().unwrap_or_default().to_string_lossy()) {
        None => ("CC-BY-4.0".to_owned(), "Trained on Noto Emoji, Twemoji, Fluent Emoji and EmojiTwo; see CREDITS.md".to_owned()),
        Some(name) => ("not stated".to_owned(), format!("Trained on the pictures in \"{name}\"")),
    }
}

/// Captions that the page offers. A model of other data knows few of ours, so it offers words of its own.
fn examples(config: &TrainConfig, vocabulary: &Vocabulary) -> Vec<String> {
    if config.data.source.is_none() {
        return EXAMPLES.map(str::to_owned).to_vec();
    }
    let every = vocabulary.words().len().div_ceil(EXAMPLES.len()).max(1);
    vocabulary.words().iter().step_by(every).cloned().collect()
}

/// The sets at the centres of their regions. What the sets of somebody's own data are called, only the data say.
fn styles(config: &TrainConfig) -> Result<Vec<NamedStyle>, ExportError> {
    if config.data.source.is_some() || config.losses.lambda_swap == 0.0 {
        return Ok(vec![]);
    }
    let sets = emoji::set_names(&config.data)?;
    let Some(regions) = Regions::of_sets(sets.len(), config.shape.style_size) else { return Ok(vec![]) };
    let named = |(set, name)| NamedStyle { name, code: regions.centre_code(set).values().to_vec() };
    Ok(sets.into_iter().enumerate().map(named).collect())
}

fn training(config: &TrainConfig, trained: &Trained) -> std::collections::BTreeMap<String, String> {
    let lines = [
        ("preset", config.start.preset.name().to_owned()),
        ("steps", trained.step.to_string()),
        ("batch", config.optimiser.batch.to_string()),
        ("minutes", format!("{:.0}", trained.seconds / 60.0)),
        ("seed", config.start.seed.to_string()),
    ];
    lines.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
