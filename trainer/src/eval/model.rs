//! The model that is measured: a run's newest checkpoint, or a model file.

use std::path::{Path, PathBuf};

use burn::prelude::*;
use shared::Vocabulary;
use shared::model::image_encoder::ImageEncoder;
use shared::model::matching::{MatchingModel, SentenceEncoder};

use super::error::EvalError;
use crate::config::TrainConfig;
use crate::data::{DataConfig, emoji, words};
use crate::io::model_file;
use crate::io::run_folder::RunFolder;
use crate::train::disentangling::GeneratorSide;
use crate::train::run::{RunError, Trained, Which};

/// What is measured, as it lies on the disk.
#[derive(Debug, Clone)]
pub enum ModelPath {
    Run(RunFolder),
    File(PathBuf),
}

impl ModelPath {
    /// A run's folder, or a model file.
    ///
    /// # Errors
    /// [`RunError::NoModel`] where there is neither.
    pub fn of(path: &Path) -> Result<Self, EvalError> {
        match (RunFolder::open(path), path.is_file()) {
            (Ok(run), _) => Ok(Self::Run(run)),
            (Err(_), true) => Ok(Self::File(path.to_owned())),
            (Err(_), false) => Err(RunError::NoModel(path.to_owned()).into()),
        }
    }

    /// The run, where it is one.
    pub fn run(&self) -> Option<&RunFolder> {
        match self {
            Self::Run(run) => Some(run),
            Self::File(_) => None,
        }
    }
}

/// A model's networks, wherever they come from.
pub struct Model {
    /// For the report: a name without the path to it, which is nobody's business.
    pub name: String,
    pub vocabulary: Vocabulary,
    pub sentence: SentenceEncoder,
    /// The matching model's both sides; a model file holds one.
    pub matching: Option<MatchingModel>,
    pub side: GeneratorSide,
    pub encoder: ImageEncoder,
    pub image_size: usize,
    pub style_size: usize,
    pub caption_words: usize,
    /// What it was trained on, where that is recorded.
    pub data: DataConfig,
}

impl Model {
    /// Loads a model.
    ///
    /// # Errors
    /// [`EvalError`] where it cannot be read.
    pub fn load(place: &ModelPath, device: &Device) -> Result<Self, EvalError> {
        match place {
            ModelPath::Run(folder) => {
                let config = folder.load_config()?;
                let trained = Trained::load(folder, &config, Which::Last, device, &mut |line| tracing::warn!("{line}"))?;
                let (preset, step) = (config.start.preset.name(), trained.step);
                let name = format!("{}, preset {preset}, {step} steps of {}", folder.name(), config.optimiser.batch);
                let model = Self::of_run(name, &config, trained);
                // As it would be exported.
                Ok(Self { vocabulary: words::understood(model.vocabulary.clone(), &config.data)?, ..model })
            }
            ModelPath::File(path) => {
                let (file, model) = model_file::load(path, device)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                Ok(Self {
                    name: format!("{name} ({})", file.info.name),
                    image_size: file.config.image_size,
                    style_size: file.config.style_size,
                    caption_words: file.config.caption_words,
                    data: emoji::learnt_by(&file.vocabulary)?,
                    vocabulary: file.vocabulary,
                    sentence: model.sentence,
                    matching: None,
                    side: GeneratorSide { text: model.text, generator: model.generator },
                    encoder: model.encoder,
                })
            }
        }
    }

    /// The networks of a run.
    pub fn of_run(name: String, config: &TrainConfig, trained: Trained) -> Self {
        Self {
            name,
            vocabulary: trained.frozen.vocabulary,
            sentence: trained.frozen.sentence,
            matching: trained.frozen.matching,
            side: trained.generator,
            encoder: trained.encoder,
            image_size: config.shape.image_size,
            style_size: config.shape.style_size,
            caption_words: config.model().caption_words,
            data: config.data.clone(),
        }
    }
}
