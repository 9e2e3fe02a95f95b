//! How a judge is made.

use serde::{Deserialize, Serialize};
use shared::ModelConfig;
use shared::model::config::ENCODER_TILE;

/// Side of the largest map in which sets are told apart, and of that in which contents are.
const CLOSE: usize = 32;
const FAR: usize = 16;

/// How a judge is made. All of it decides what it says, so all of it is in its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeSettings {
    /// Side of the pictures.
    pub image_size: usize,
    /// Channels at the largest map of what looks for contents, of which all others follow.
    pub channels: usize,
    /// Steps of training.
    pub steps: usize,
    /// Pictures in a step.
    pub batch: usize,
    /// Seed of its weights and batches.
    pub seed: u64,
}

impl JudgeSettings {
    /// The usual settings for pictures of a size.
    pub fn usual(image_size: usize) -> Self {
        Self { image_size, channels: 48, steps: 6000, batch: 64, seed: 1 }
    }

    /// Whether a network may be built from settings that a file claims.
    ///
    /// # Errors
    /// What is out of range.
    pub fn check(&self) -> Result<(), String> {
        [closely(self), from_afar(self)].iter().try_for_each(ModelConfig::validate).map_err(|e| e.to_string())
    }
}

/// The shape of the reader that looks closely. Its maps are four times as large, so it is half as wide.
pub fn closely(settings: &JudgeSettings) -> ModelConfig {
    shape(settings, CLOSE, settings.channels / 2)
}

/// The shape of the reader that looks from further away.
pub fn from_afar(settings: &JudgeSettings) -> ModelConfig {
    shape(settings, FAR, settings.channels)
}

fn shape(settings: &JudgeSettings, largest_map: usize, encoder_channels: usize) -> ModelConfig {
    let tile = (settings.image_size / largest_map).max(ENCODER_TILE);
    ModelConfig { image_size: settings.image_size, tile, encoder_channels, ..ModelConfig::default() }
}
