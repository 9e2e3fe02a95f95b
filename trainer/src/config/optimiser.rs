//! How weights are updated.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, positive, within};
use crate::data::config::defaults;

/// Pictures in a step, at most: beyond, a typing error is likelier than a machine with the memory.
const MOST_PICTURES: f64 = 4096.0;

/// How weights are updated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Optimiser")]
pub struct OptimiserConfig {
    /// Pictures in a step: 2 to 4096
    // The paper's code has 12: with few thousand pictures, more updates teach more than larger ones.
    #[arg(long, default_value_t = 16, value_name = "N", help_heading = None)]
    pub batch: usize,
    /// Pictures in a step of pretraining: 2 to 4096
    // A larger batch is a harder question: the right one of 64.
    #[arg(long, default_value_t = 64, value_name = "N", hide_short_help = true)]
    pub matching_batch: usize,
    /// Learning rate of pretraining at its start: above 0
    #[arg(long, default_value_t = 1e-3, value_name = "RATE", hide_short_help = true)]
    pub matching_rate: f64,
    /// Highest learning rate of generator and text encoder: above 0. It warms up, then falls along a cosine
    #[arg(long, default_value_t = 1e-3, value_name = "RATE", hide_short_help = true)]
    pub generator_rate: f64,
    /// The same of all that comes before the generator's last layer and colours (its trunk and the text encoder), as a share of that: 0 to 1
    // A trained trunk that gets a new head is thrown back by the rate that the head needs.
    #[arg(long, default_value_t = 1.0, value_name = "SHARE", hide_short_help = true)]
    pub trunk_rate: f64,
    /// Steps in which the trunk does not learn at all: 0 or more
    // A new head's first gradients say nothing.
    #[arg(long, default_value_t = 0, value_name = "STEPS", hide_short_help = true)]
    pub trunk_start: usize,
    /// Highest learning rate of image encoder and discriminator heads: above 0
    // It joins late, when rates have fallen to a third, and has to catch up with the generator.
    #[arg(long, default_value_t = 2e-3, value_name = "RATE", hide_short_help = true)]
    pub discriminator_rate: f64,
    /// Adam's beta1 in the disentangling stage: 0 to 0.999
    // Momentum and a moving opponent do not go together; supervised by pictures it may have some.
    #[arg(long, default_value_t = 0.5, value_name = "BETA", hide_short_help = true)]
    pub beta1: f64,
    /// Half-life, in pictures, of the exponential moving average of the generator's weights, which is what is exported: above 0
    // StyleGAN's: ten thousand pictures.
    #[arg(long, alias = "average-half-life", default_value_t = 10_000.0, value_name = "PICTURES", hide_short_help = true)]
    pub ema_half_life: f64,
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        defaults()
    }
}

impl Group for OptimiserConfig {
    const EFFECT: Effect = Effect::Tunable;

    fn validate(&self) -> Result<(), SettingError> {
        for (option, batch) in [("batch", self.batch), ("matching-batch", self.matching_batch)] {
            within(option, batch as f64, 2.0, MOST_PICTURES, "2 to 4096: every caption needs a negative")?;
        }
        for (option, value) in [
            ("matching-rate", self.matching_rate),
            ("generator-rate", self.generator_rate),
            ("discriminator-rate", self.discriminator_rate),
            ("ema-half-life", self.ema_half_life),
        ] {
            positive(option, value)?;
        }
        within("trunk-rate", self.trunk_rate, 0.0, 1.0, "a number from 0 to 1")?;
        within("beta1", self.beta1, 0.0, 0.999, "a number from 0 to 0.999")
    }
}
