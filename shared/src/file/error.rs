//! Every way in which a file can be no model, with its advice.

use crate::model::config::ConfigError;
use crate::model::parameters::ParameterError;
use crate::text::caption::{SynonymError, VocabularyError};
use crate::text::names::NamesError;
use crate::text::word_vectors::WordVectorsError;

/// Raised whenever a reader of one would misread the other, or believe a file that proves less than it should.
pub(super) const VERSION: &str = "4";

/// A model file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFileError {
    #[error("the file is empty")]
    Empty,
    #[error("this is a web page, not a model file")]
    WebPage,
    #[error("this is no safetensors file: {0}")]
    NotSafetensors(String),
    #[error("the file ends too early: {0}")]
    Truncated(String),
    #[error("this safetensors file is not an Emblem model")]
    NotEmblem,
    #[error("the file has version {0:?}, this program reads {VERSION:?}")]
    Version(String),
    #[error("the file is damaged: its weights and pictures do not have the checksum that they were written with")]
    Damaged,
    #[error("the metadata has no {0:?}")]
    MissingMetadata(&'static str),
    #[error("the metadata's {key:?} cannot be read: {reason}")]
    Metadata { key: &'static str, reason: String },
    #[error("the model's configuration is out of range: {0}")]
    Config(#[from] ConfigError),
    #[error("the model's vocabulary cannot be used: {0}")]
    Vocabulary(#[from] VocabularyError),
    #[error("the model's table of synonyms cannot be used: {0}")]
    Synonyms(#[from] SynonymError),
    #[error("the names of what the model has learnt cannot be used: {0}")]
    Names(#[from] NamesError),
    #[error("what the words mean cannot be read: {0}")]
    Meanings(#[from] WordVectorsError),
    #[error("{0}")]
    Weights(#[from] ParameterError),
    #[error("the tensor {name} is stored as {found}, not as {expected}")]
    Dtype { name: String, expected: &'static str, found: String },
    #[error("the golden picture {0}, its layers or its style are missing or have the wrong size")]
    Golden(usize),
    #[error("the file has no golden pictures, so no device can be tested with it")]
    NoGolden,
}

impl ModelFileError {
    /// Stable identifier for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "model.empty",
            Self::WebPage => "model.web-page",
            Self::NotSafetensors(_) => "model.not-safetensors",
            Self::Truncated(_) => "model.truncated",
            Self::NotEmblem => "model.not-emblem",
            Self::Version(_) => "model.version",
            Self::Damaged => "model.damaged",
            Self::MissingMetadata(_) | Self::Metadata { .. } => "model.metadata",
            Self::Config(_) => "model.config",
            Self::Vocabulary(_) => "model.vocabulary",
            Self::Synonyms(_) => "model.synonyms",
            Self::Names(_) | Self::Meanings(_) => "model.names",
            Self::Weights(ParameterError::NotFinite { .. }) => "model.not-finite",
            Self::Weights(_) | Self::Dtype { .. } => "model.weights",
            Self::Golden(_) | Self::NoGolden => "model.golden",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty | Self::Truncated(_) => "download or copy the file again; it was cut off on the way",
            Self::Damaged => "download or copy the file again, or export it again with `trainer export`",
            Self::WebPage => "check the model's address: a server often answers a wrong one with a page",
            Self::NotSafetensors(_) | Self::NotEmblem => "choose a model file that `trainer` has written (…/model.safetensors)",
            Self::Version(_) => "use the program version that belongs to this model, or export the model again",
            Self::Weights(ParameterError::NotFinite { .. }) => "the training run diverged; export an earlier checkpoint",
            _ => "the file is damaged or was edited; export it again with `trainer export`",
        }
    }
}
