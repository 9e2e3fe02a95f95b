//! Where a run trains, and what it writes how often.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::SettingError;
use super::group::{Effect, Group, at_least_one};
use crate::data::config::defaults;
use crate::io::device::DeviceChoice;

/// Where a run trains, and what it writes how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(default, rename_all = "kebab-case")]
#[command(next_help_heading = "Housekeeping")]
pub struct HousekeepingConfig {
    /// Where to train; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto", help_heading = None)]
    pub device: DeviceChoice,
    /// Write metrics every N steps: at least 1
    #[arg(long, default_value_t = 50, value_name = "N", hide_short_help = true)]
    pub log_every: usize,
    /// Draw the grid of samples every N steps: at least 1
    #[arg(long, default_value_t = 500, value_name = "N", hide_short_help = true)]
    pub grid_every: usize,
    /// Save a checkpoint every N steps: at least 1
    #[arg(long, default_value_t = 500, value_name = "N", hide_short_help = true)]
    pub save_every: usize,
    /// Keep the last N checkpoints, and the one that is best on the validation pictures: at least 1
    #[arg(long, alias = "keep", default_value_t = 3, value_name = "N", hide_short_help = true)]
    pub keep_checkpoints: usize,
}

impl Default for HousekeepingConfig {
    fn default() -> Self {
        defaults()
    }
}

impl Group for HousekeepingConfig {
    const EFFECT: Effect = Effect::Housekeeping;

    fn validate(&self) -> Result<(), SettingError> {
        at_least_one("log-every", self.log_every)?;
        at_least_one("grid-every", self.grid_every)?;
        at_least_one("save-every", self.save_every)?;
        at_least_one("keep-checkpoints", self.keep_checkpoints)
    }
}
