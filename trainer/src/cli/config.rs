//! `trainer config`: all settings, explained, as a file for `--config`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgMatches, Args};

use crate::config::file::ConfigLayers;
use crate::config::{SettingError, TrainConfig};

/// Settings of a training run, from a file and from options.
#[derive(Debug, Args)]
pub struct Options {
    /// Read settings from this TOML file; options go over them. Default: none
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    settings: TrainConfig,
}

impl Options {
    /// What was given, of what the command line may give.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn layers(&self, matches: &ArgMatches) -> Result<ConfigLayers, SettingError> {
        ConfigLayers::read(self.file.as_deref(), &self.settings, matches)
    }
}

/// Prints the settings.
///
/// # Errors
/// [`SettingError`].
pub fn run(options: &Options, matches: &ArgMatches) -> Result<()> {
    let config = options.layers(matches)?.resolve()?;
    config.validate()?;
    print!("{}", config.to_toml()?);
    Ok(())
}
