//! `trainer check`: a look at data before training on it.

use anyhow::Result;

use crate::config::{Group, ShapeConfig};
use crate::data::check;
use crate::train::run::{self, RunError};

/// Checks data as a run would, to the same end.
///
/// # Errors
/// Where a run would refuse to start.
pub fn run(options: &check::Options) -> Result<()> {
    ShapeConfig { image_size: options.image_size, ..ShapeConfig::default() }.validate()?;
    run::learnable(&check::run(options).map_err(RunError::from)?)?;
    Ok(())
}
