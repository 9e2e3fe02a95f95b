//! How long a run trains, and when what joins.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, at_least_one, share, within};
use crate::data::config::defaults;

/// Steps of a stage, at most.
const MOST_STEPS: usize = 1_000_000_000;
/// Two years.
const MOST_MINUTES: f64 = 1e6;

/// How long a run trains, and when what joins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Schedule")]
pub struct Schedule {
    /// Steps of the disentangling stage: up to 1,000,000,000; 0 chooses by device, 60,000 on a GPU, 12,000 on a CPU
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = None)]
    pub steps: usize,
    /// Time limit of the disentangling stage in minutes: up to 1,000,000. Default: none
    ///
    /// Learning rates fall towards whichever end comes first; without --steps, towards this one.
    #[arg(long, value_name = "M", help_heading = None)]
    pub minutes: Option<f64>,
    /// Steps of text-image pretraining, which the sentence encoder comes from: up to 1,000,000,000
    // About 13 passes over the data: its accuracy on unseen captions has stopped rising by then.
    #[arg(long, default_value_t = 1400, value_name = "N", hide_short_help = true)]
    pub matching_steps: usize,
    /// Share of the run after which the adversarial losses join the swap loss: 0 to 1; 1 for never
    // An adversary from the start pulls the generator apart before it can draw (docs/method.md); once pictures are recognisable it
    // sharpens them, and style codes mean something that z can follow.
    #[arg(long, alias = "patent-from", default_value_t = 0.6, value_name = "SHARE", hide_short_help = true)]
    pub adversarial_start: f64,
    /// Take the adversarial losses every N steps: at least 1. A step with them costs three times one without
    #[arg(long, alias = "patent-every", default_value_t = 2, value_name = "N", hide_short_help = true)]
    pub adversarial_every: usize,
    /// Update the image encoder by the swap and style losses every N steps: at least 1
    ///
    /// Where the data has style labels the generator does not need the image encoder, which takes half of a step's time. The adversarial
    /// losses update it besides.
    #[arg(long, alias = "lend-every", default_value_t = 4, value_name = "N", hide_short_help = true)]
    pub style_encoder_every: usize,
    /// Steps in which layers reach full sharpness, cut to half of the run: at least 0; 0 for a run that begins with trained layers
    #[arg(long, default_value_t = 4000, value_name = "N", hide_short_help = true)]
    pub sharpness_warm_up: usize,
}

/// What ends the disentangling stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// So many steps, or a time limit that comes before.
    Steps(usize),
    /// The time limit alone.
    Time,
    /// As many steps as suit the device.
    ByDevice,
}

impl Default for Schedule {
    fn default() -> Self {
        defaults()
    }
}

impl Schedule {
    /// What ends the disentangling stage.
    pub fn budget(&self) -> Budget {
        match (self.steps, self.minutes) {
            (0 | MOST_STEPS, Some(_)) => Budget::Time,
            (0, None) => Budget::ByDevice,
            (steps, _) => Budget::Steps(steps),
        }
    }

    /// The same with its number of steps: what suits the device is `usual`, and a time limit alone allows the most there can be.
    pub fn planned(&self, usual: usize) -> Self {
        let steps = match self.budget() {
            Budget::Steps(steps) => steps,
            Budget::Time => MOST_STEPS,
            Budget::ByDevice => usual,
        };
        Self { steps, ..self.clone() }
    }
}

impl Group for Schedule {
    const EFFECT: Effect = Effect::Tunable;

    fn validate(&self) -> Result<(), SettingError> {
        for (option, steps) in [("steps", self.steps), ("matching-steps", self.matching_steps)] {
            within(option, steps as f64, 0.0, MOST_STEPS as f64, "at most 1,000,000,000")?;
        }
        within("minutes", self.minutes.unwrap_or(1.0), 0.0, MOST_MINUTES, "0 to 1,000,000")?;
        at_least_one("adversarial-every", self.adversarial_every)?;
        at_least_one("style-encoder-every", self.style_encoder_every)?;
        share("adversarial-start", self.adversarial_start)
    }
}
