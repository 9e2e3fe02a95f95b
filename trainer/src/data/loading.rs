//! From a configuration to pictures.

use std::path::Path;

use super::config::DataConfig;
use super::dataset::Dataset;
use super::error::DataError;
use super::progress::{Progress, tell};
use super::{emoji, own};

/// Image sizes that make sense: below, nothing is recognisable; above, a generator of this kind has nothing to add.
pub const IMAGE_SIZES: std::ops::RangeInclusive<usize> = 8..=512;

impl Dataset {
    /// Loads what the configuration names, decoding every picture unless the cache has them.
    ///
    /// `run` is the run's folder: pictures that are not the program's own are cached below it, unless the configuration says where.
    ///
    /// # Errors
    /// See [`DataError`]. Pictures that cannot be used are warnings until they are more than the configuration allows.
    pub fn load(config: &DataConfig, image_size: usize, run: Option<&Path>, progress: Progress) -> Result<Self, DataError> {
        if !IMAGE_SIZES.contains(&image_size) {
            return Err(DataError::ImageSize(image_size));
        }
        let below_run = run.map(|folder| folder.join("cache"));
        match &config.source {
            None => emoji::load(config, image_size, below_run.as_deref(), progress),
            Some(source) => own::load(source, config, image_size, below_run.as_deref(), progress),
        }
    }
}

/// Loads a run's data, says how far that is where somebody is looking, and what whoever starts with it should read.
///
/// # Errors
/// As [`Dataset::load`].
pub fn load(config: &DataConfig, image_size: usize, run: Option<&Path>) -> Result<Dataset, DataError> {
    let dataset = Dataset::load(config, image_size, run, &tell)?;
    dataset.remarks().for_each(|line| tracing::info!("{line}"));
    Ok(dataset)
}
