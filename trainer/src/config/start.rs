//! What a run begins with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, within};
use crate::data::config::defaults;

/// A method, with all settings that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The patent's losses with swap supervision: a caption drawn in a style of the data must give that style's own picture of it.
    /// Measured better on held-out combinations (docs/method.md).
    #[serde(alias = "swap")]
    #[value(alias = "swap")]
    Supervised,
    /// The method of CN112990302B as its text has it, and nothing else.
    #[serde(alias = "patent")]
    #[value(alias = "patent")]
    Adversarial,
}

impl Preset {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supervised => "supervised",
            Self::Adversarial => "adversarial",
        }
    }
}

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
pub struct StartConfig {
    /// Method of training, with its settings; a file and options go over them
    #[arg(long, value_enum, default_value = "supervised")]
    pub preset: Preset,
    /// Begin with the networks of this run or model file. Default: random weights
    ///
    /// Its text encoder replaces pretraining. The generator grows, drawing as before at first, where --image-size, --tile,
    /// --mapping-size, --mapping-hidden, --generator-channels, --generator-min-channels or --detail-channels are larger here.
    #[arg(long, value_name = "RUN or MODEL")]
    pub from: Option<PathBuf>,
    /// Seed of all randomness (weights, batches, captions, noise): 0 to 9,223,372,036,854,775,807
    // A TOML file has no larger integer.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,
}

impl Default for StartConfig {
    fn default() -> Self {
        defaults()
    }
}

impl Group for StartConfig {
    const EFFECT: Effect = Effect::Fixed;

    fn validate(&self) -> Result<(), SettingError> {
        within("seed", self.seed as f64, 0.0, i64::MAX as f64, "at most 9,223,372,036,854,775,807")
    }
}
