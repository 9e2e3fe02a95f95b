//! Settings come in groups, and the group says what a run in progress may do with them.

use clap::{Arg, Args, Command};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SettingError;

/// What a group's settings decide, and with it whether they may change when a run is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// How a run learns from its first step on: they stay as they are once it has begun.
    Fixed,
    /// How it learns from now on: a resumed run may have other ones.
    Tunable,
    /// Nothing of what is learnt: where it runs, what it writes and when.
    Housekeeping,
}

/// Some settings of one concern. The same structure is read from the command line and from a file.
pub trait Group: Args + Serialize + DeserializeOwned {
    const EFFECT: Effect;

    /// Its options, without those of a group inside it.
    fn options() -> Vec<Arg> {
        Self::augment_args(Command::new("settings")).get_arguments().cloned().collect()
    }

    /// Checks every setting that could stop or spoil a run later.
    ///
    /// # Errors
    /// [`SettingError`] names the option and what it may be.
    fn validate(&self) -> Result<(), SettingError>;
}

/// A group whose type has been forgotten.
pub(super) trait AnyGroup {
    fn effect(&self) -> Effect;
    fn options(&self) -> Vec<Arg>;
    /// Reads its settings, and no others, from the text of a file: only so do messages name the line.
    fn try_text(&self, text: &str) -> Result<(), toml::de::Error>;
    fn validate(&self) -> Result<(), SettingError>;
}

impl<G: Group> AnyGroup for G {
    fn effect(&self) -> Effect {
        G::EFFECT
    }

    fn options(&self) -> Vec<Arg> {
        G::options()
    }

    fn try_text(&self, text: &str) -> Result<(), toml::de::Error> {
        toml::from_str::<G>(text).map(drop)
    }

    fn validate(&self) -> Result<(), SettingError> {
        Group::validate(self)
    }
}

/// Refuses a number outside `least` to `most`, or none at all.
pub(super) fn within(option: &str, found: f64, least: f64, most: f64, rule: &'static str) -> Result<(), SettingError> {
    // Infinity is no number to train with, wherever the limit is.
    match (least..=most).contains(&found) && found.is_finite() {
        true => Ok(()),
        false => Err(SettingError::Range { option: option.to_owned(), found, rule }),
    }
}

pub(super) fn share(option: &str, found: f64) -> Result<(), SettingError> {
    within(option, found, 0.0, 1.0, "a number from 0 to 1")
}

pub(super) fn not_negative(option: &str, found: f64) -> Result<(), SettingError> {
    within(option, found, 0.0, f64::MAX, "a number of at least 0")
}

pub(super) fn positive(option: &str, found: f64) -> Result<(), SettingError> {
    within(option, found, f64::MIN_POSITIVE, f64::MAX, "a number above 0")
}

pub(super) fn at_least_one(option: &str, found: usize) -> Result<(), SettingError> {
    within(option, found as f64, 1.0, f64::MAX, "at least 1")
}
