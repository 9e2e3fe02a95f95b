//! Sizes of the networks.

use clap::Args;
use serde::{Deserialize, Serialize};
use shared::ModelConfig;

use super::SettingError;
use super::group::{Effect, Group, share};
use crate::data::config::defaults;

/// Sizes of the networks, which a checkpoint's weights have to fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Model")]
pub struct ShapeConfig {
    /// Side of the pictures in pixels: 32, 64, 128 or 256
    #[arg(long, default_value_t = 64, value_name = "PIXELS", help_heading = None)]
    pub image_size: usize,
    /// Layers that a picture is composed of, paper included: 2 to 32, or 0 for a generator of pixels
    ///
    /// Layers can be drawn at any size and saved as SVG.
    // Nine of ten pictures have eight flat colours at most.
    #[arg(long, default_value_t = ModelConfig::default().layers, value_name = "N", help_heading = None)]
    pub layers: usize,
    /// Length of the style code z: 3 to 1024
    ///
    /// Up to 8 suits data with a handful of styles; data in which every picture has its own style needs more.
    // Standardised, these are a point of a sphere, which nine sets share out among them (docs/method.md): with eight numbers a random
    // style was far from all of them, and with four the sets could not pass each other while they were sorting themselves out.
    #[arg(long, default_value_t = ModelConfig::default().style_size, value_name = "N", hide_short_help = true)]
    pub style_size: usize,
    /// Side in pixels of the tiles that the generator draws: 4 or 8. With 8, a picture of twice the side costs 1.5 times as much
    #[arg(long, default_value_t = ModelConfig::default().tile, value_name = "PIXELS", hide_short_help = true)]
    pub tile: usize,
    /// Length of the condition that caption and style are mapped to, which modulates every generator layer: 1 to 2048
    #[arg(long, default_value_t = ModelConfig::default().mapping_size, value_name = "N", hide_short_help = true)]
    pub mapping_size: usize,
    /// Hidden units of the mapping from caption and style to that condition: 1 to 16384. More of them tell more pairs of content and
    /// style apart
    #[arg(long, default_value_t = ModelConfig::default().mapping_hidden, value_name = "N", hide_short_help = true)]
    pub mapping_hidden: usize,
    /// Channels of a second output map of twice the resolution, for a generator of pixels: 0 to 256; 0 leaves it out
    #[arg(long, default_value_t = ModelConfig::default().detail_channels, value_name = "N", hide_short_help = true)]
    pub detail_channels: usize,
    /// Generator channels at 8 x 8, halved at each larger map: a multiple of 16, from 16 to 1024
    #[arg(long, default_value_t = ModelConfig::default().generator_channels, value_name = "N", hide_short_help = true)]
    pub generator_channels: usize,
    /// Channels that a generator map has at least: 1 to 1024
    // The largest map's are the patterns that every tile is a sum of.
    #[arg(long, alias = "generator-least", default_value_t = ModelConfig::default().generator_least, value_name = "N", hide_short_help = true)]
    pub generator_min_channels: usize,
    /// Image encoder channels at its largest map, doubled at each smaller one up to four times: 4 to 512
    #[arg(long, default_value_t = ModelConfig::default().encoder_channels, value_name = "N", hide_short_help = true)]
    pub encoder_channels: usize,
    /// Colour jitter of the true pictures that the style code decides, as a share of the depth of colour: 0 to 1; 0 for none
    ///
    /// So a style seed also varies the colours of each style in the data.
    // At 0.3 the sets can still be told apart at a glance, and black ink leans visibly to brown, blue or green.
    #[arg(long, alias = "ink", default_value_t = 0.3, value_name = "SHARE", hide_short_help = true)]
    pub colour_jitter: f64,
}

impl Default for ShapeConfig {
    fn default() -> Self {
        defaults()
    }
}

impl ShapeConfig {
    /// The model to train; `jittered` says whether its generator learns colour jitter.
    pub fn model(&self, jittered: bool) -> ModelConfig {
        ModelConfig {
            image_size: self.image_size,
            style_size: self.style_size,
            tile: self.tile,
            layers: self.layers,
            mapping_size: self.mapping_size,
            mapping_hidden: self.mapping_hidden,
            detail_channels: self.detail_channels,
            generator_least: self.generator_min_channels,
            mixes_ink: jittered,
            generator_channels: self.generator_channels,
            encoder_channels: self.encoder_channels,
            ..ModelConfig::default()
        }
    }
}

impl Group for ShapeConfig {
    const EFFECT: Effect = Effect::Fixed;

    fn validate(&self) -> Result<(), SettingError> {
        self.model(false).validate().map_err(|error| SettingError::Range {
            option: match error.field {
                "generator_least" => "generator-min-channels".to_owned(),
                field => field.replace('_', "-"),
            },
            found: error.found as f64,
            rule: error.rule,
        })?;
        share("colour-jitter", self.colour_jitter)
    }
}
