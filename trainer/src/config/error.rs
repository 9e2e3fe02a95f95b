//! What is wrong with settings.

use std::path::PathBuf;

/// A setting that cannot be trained with.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("{option} cannot be changed in a run that has begun; start another with --run")]
    Fixed { option: String },
    #[error("--{option} is {found}; it must be {rule}")]
    Range { option: String, found: f64, rule: &'static str },
    #[error("cannot read {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is no configuration: {reason}")]
    Syntax { path: PathBuf, reason: String },
    #[error("{path} has the setting `{name}`, which does not exist{advice}; `trainer config` prints all settings")]
    Unknown { path: PathBuf, name: String, advice: String },
    #[error("{path} has `{name} = {value}`, but {reason}; delete the line")]
    Retired { path: PathBuf, name: &'static str, value: String, reason: &'static str },
    #[error(
        "--oversample names {0:?}, but no training picture is called that; a name is the whole first caption, and what is held out has none"
    )]
    Oversample(String),
    #[error("these settings do not fit together: {0}")]
    Unfit(String),
}

impl SettingError {
    /// 3 for a file that cannot be read, else 2: wrong usage.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::File { .. }) { 3 } else { 2 }
    }
}
