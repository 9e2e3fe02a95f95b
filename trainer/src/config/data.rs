//! The data's settings among the groups. What they are is said where data is loaded.

use clap::{Arg, Args, Command};

use super::SettingError;
use super::group::{Effect, Group};
use crate::data::config::{DataConfig, LoadingConfig};

impl Group for DataConfig {
    const EFFECT: Effect = Effect::Fixed;

    fn options() -> Vec<Arg> {
        let inside = LoadingConfig::options();
        let own = |option: &&Arg| inside.iter().all(|other| other.get_id() != option.get_id());
        Self::augment_args(Command::new("settings")).get_arguments().filter(own).cloned().collect()
    }

    fn validate(&self) -> Result<(), SettingError> {
        // Every value that can be read has a meaning; whether the data is there, loading tells.
        Ok(())
    }
}

impl Group for LoadingConfig {
    const EFFECT: Effect = Effect::Housekeeping;

    fn validate(&self) -> Result<(), SettingError> {
        Ok(())
    }
}
