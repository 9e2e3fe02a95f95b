//! What batches are drawn from the data.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, not_negative, share};
use crate::data::config::defaults;

/// What batches are drawn from the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Batches")]
pub struct SamplingConfig {
    /// Share of captions that are a content's plain name; the others add keywords and groups: 0 to 1
    // Names are what people type first, and a keyword often fits twenty contents.
    #[arg(long, default_value_t = 0.6, value_name = "SHARE", hide_short_help = true)]
    pub plain_names: f64,
    /// Share of pictures whose target is taken from the most similar other style, since their own style lacks this content: 0 to 1
    ///
    /// Steps that update the image encoder have none of them.
    // About the share of combinations that the emoji sets lack. Without, what is drawn for these is a scribble (docs/method.md).
    #[arg(long, alias = "stand-ins", default_value_t = 0.2, value_name = "SHARE", hide_short_help = true)]
    pub cross_style_targets: f64,
    /// Names of contents to draw more often, such as those that the model of --from has not learnt. Default: none
    #[arg(long, alias = "more-of", value_delimiter = ',', value_name = "NAMES", hide_short_help = true)]
    pub oversample: Vec<String>,
    /// Share of pictures that shows those contents: 0 to 1
    #[arg(long, alias = "more-share", default_value_t = 0.2, value_name = "SHARE", hide_short_help = true)]
    pub oversample_share: f64,
    /// Standard deviation of the noise on a picture's own style code, for data without style labels: at least 0. The code's own is 1
    // Each picture then owns a region of the codes rather than a point, and a random seed lands in one.
    #[arg(long, default_value_t = 0.7, value_name = "DEVIATION", hide_short_help = true)]
    pub style_noise: f64,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        defaults()
    }
}

impl Group for SamplingConfig {
    const EFFECT: Effect = Effect::Tunable;

    fn validate(&self) -> Result<(), SettingError> {
        share("plain-names", self.plain_names)?;
        share("cross-style-targets", self.cross_style_targets)?;
        share("oversample-share", self.oversample_share)?;
        not_negative("style-noise", self.style_noise)
    }
}
