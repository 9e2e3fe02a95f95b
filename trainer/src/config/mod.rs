//! One structure for the command line, the configuration file, the saved configuration and the run itself.
//!
//! `--preset` chooses a whole [`TrainConfig`]; a file's settings go over it, options over both. The result is saved in the run folder
//! and is what `--resume` continues with. A setting has one name: the option `--image-size` is the file's key `image-size`.
//!
//! Settings come in groups ([`Group`]), flat on the command line and in files. A group holds what one part of training needs, checks its
//! ranges, and says whether a run that has begun may change it. What is used rarely is shown by `--help` and not by `-h`.

mod data;
mod error;
pub mod file;
mod group;
mod housekeeping;
mod losses;
mod optimiser;
mod sampling;
mod schedule;
mod shape;
mod stage;
mod start;

use clap::Args;
use serde::{Deserialize, Serialize};
use shared::ModelConfig;

use crate::data::DataConfig;

pub use error::SettingError;
pub use group::{Effect, Group};
pub use housekeeping::HousekeepingConfig;
pub use losses::{Adversarial, LossWeights};
pub use optimiser::OptimiserConfig;
pub use sampling::SamplingConfig;
pub use schedule::{Budget, Schedule};
pub use shape::ShapeConfig;
pub use stage::StageName;
pub use start::{Preset, StartConfig};

/// Everything that decides a training run, and nothing that is in no group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Args)]
pub struct TrainConfig {
    #[command(flatten)]
    #[serde(flatten)]
    pub start: StartConfig,
    #[command(flatten)]
    #[serde(flatten)]
    pub shape: ShapeConfig,
    #[command(flatten)]
    #[serde(flatten)]
    pub schedule: Schedule,
    #[command(flatten)]
    #[serde(flatten)]
    pub optimiser: OptimiserConfig,
    #[command(flatten)]
    #[serde(flatten)]
    pub losses: LossWeights,
    #[command(flatten)]
    #[serde(flatten)]
    pub sampling: SamplingConfig,
    #[command(flatten)]
    #[serde(flatten)]
    pub data: DataConfig,
    #[command(flatten)]
    #[serde(flatten)]
    pub housekeeping: HousekeepingConfig,
}

impl TrainConfig {
    /// A preset with its own settings.
    pub fn of_preset(preset: Preset) -> Self {
        Self::default().with(|config| {
            config.start.preset = preset;
            match preset {
                // The defaults.
                Preset::Supervised => {}
                Preset::Adversarial => {
                    config.shape.style_size = 8;
                    config.losses.lambda_swap = 0.0;
                    config.losses.lambda_edge = 0.0;
                    config.losses.lambda_style_class = 0.0;
                    config.losses.lambda_style = 1.0;
                    config.losses.lambda_adversarial = 1.0;
                    config.sampling.cross_style_targets = 0.0;
                    config.schedule.adversarial_start = 0.0;
                    config.schedule.adversarial_every = 1;
                    // DF-GAN's rates, at which an adversarial generator of this kind is known to be stable.
                    config.optimiser.generator_rate = 2e-4;
                    config.optimiser.discriminator_rate = 4e-4;
                    config.optimiser.beta1 = 0.0;
                }
            }
        })
    }

    /// The same with a change.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Lowers a stage's learning rates, for a run that has diverged in it.
    pub fn slow_down(&mut self, stage: StageName, factor: f64) {
        let rates = &mut self.optimiser;
        match stage {
            StageName::Matching => rates.matching_rate *= factor,
            StageName::Disentangling => {
                rates.generator_rate *= factor;
                rates.discriminator_rate *= factor;
            }
        }
    }

    /// Checks every setting that could stop or spoil a run later.
    ///
    /// # Errors
    /// [`SettingError`] names the option and what it may be.
    pub fn validate(&self) -> Result<(), SettingError> {
        self.groups().into_iter().try_for_each(|group| group.validate())
    }

    /// The shape of the model to train.
    pub fn model(&self) -> ModelConfig {
        // Colour jitter is learnt from true pictures.
        self.shape.model(self.shape.colour_jitter > 0.0 && self.losses.lambda_swap > 0.0)
    }

    /// All groups. A field that is none does not compile here, nor does one that is left out.
    fn groups(&self) -> [&dyn group::AnyGroup; 9] {
        let Self { start, shape, schedule, optimiser, losses, sampling, data, housekeeping } = self;
        [start, shape, schedule, optimiser, losses, sampling, &data.loading, data, housekeeping]
    }
}

#[cfg(test)]
mod tests;
