//! What each loss counts.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, not_negative, share};
use crate::data::config::defaults;

/// Weights and forms of the losses. A new loss needs a field here; its range is checked with the others'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Losses")]
pub struct LossWeights {
    /// Weight of the content loss in both adversarial totals: at least 0
    #[arg(long, default_value_t = 1.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_content: f64,
    /// Margin alpha of the content loss, a triplet loss over correlations: at least 0
    // 0.5 in the paper's code.
    #[arg(long, default_value_t = 0.5, value_name = "ALPHA", hide_short_help = true)]
    pub margin: f64,
    /// Weight of the style loss, in the adversarial totals and beside the swap loss: at least 0
    // At 20 and above, z shows as colour casts and dots.
    #[arg(long, default_value_t = 4.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_style: f64,
    /// Scale of the style loss's gradient where it reaches the generator beside the swap loss: 0 to 1
    ///
    /// The image encoder's own gradient is not scaled. From the start, a large one makes the generator satisfy the style loss with dots;
    /// once it can draw, 0.5 is better.
    // E has to learn to read what is drawn. A generator that is pushed as hard from the start writes z into the picture as a pattern of
    // dots, long before the codes mean anything.
    #[arg(long, alias = "style-share", default_value_t = 0.1, value_name = "SCALE", hide_short_help = true)]
    pub style_gradient_scale: f64,
    /// Weight of the swap loss, which compares a drawn picture with the style's true one: at least 0; 0 trains without supervision
    // Pixel losses are of the order of 0.1, the patent's of 1: the pictures lead, the adversary sharpens.
    #[arg(long, default_value_t = 40.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_swap: f64,
    /// Weight of the edge loss beside the swap loss: at least 0
    #[arg(long, default_value_t = 20.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_edge: f64,
    /// Weight of the penalty on pixels that are right by mixing layers, at full sharpness: at least 0
    ///
    /// Without it, layers are mixed into colours that none of them has, which shows as specks when a picture is enlarged. From random
    /// weights take a small one, such as 0.2; a larger one leaves empty paper.
    #[arg(long, default_value_t = 2.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_undecided: f64,
    /// Weight of the style classification loss, by which the image encoder tells the data's styles apart: at least 0
    #[arg(long, alias = "lambda-set", default_value_t = 3.0, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_style_class: f64,
    /// Weight of the adversarial loss in the generator's total: at least 0
    // At 1 beside the swap loss it draws dots, at 0.2 specks on the paper.
    #[arg(long, default_value_t = 0.05, value_name = "WEIGHT", hide_short_help = true)]
    pub lambda_adversarial: f64,
    /// Form of the adversarial loss
    #[arg(long, alias = "adversarial", value_enum, default_value = "hinge", value_name = "FORM", hide_short_help = true)]
    pub adversarial_loss: Adversarial,
}

/// How logits become a loss: s(x) for real pictures, s(x') for generated ones, s(x~) for real pictures with a wrong caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Adversarial {
    /// L_D = mean [1 - s(x)]+ + mean [1 + s(x')]+, L_G = - mean s(x'). Bounded gradients; the default of DF-GAN and most since.
    Hinge,
    /// L_D = mean -log sigma(s(x)) - log (1 - sigma(s(x'))), L_G = mean -log sigma(s(x')). What the paper's code does.
    CrossEntropy,
}

impl Default for LossWeights {
    fn default() -> Self {
        defaults()
    }
}

impl Group for LossWeights {
    const EFFECT: Effect = Effect::Tunable;

    fn validate(&self) -> Result<(), SettingError> {
        let numbers = toml::Table::try_from(self).map_err(|error| SettingError::Unfit(error.to_string()))?;
        for (name, value) in &numbers {
            value.as_float().map_or(Ok(()), |value| not_negative(name, value))?;
        }
        share("style-gradient-scale", self.style_gradient_scale)
    }
}
