//! A training run from data to trained networks, and what keeps it safe.
//!
//! A run is in its folder: whoever opens that finds where to go on. So to continue after a stop and to go back after a divergence
//! are the same thing, an attempt: take a whole checkpoint and train from there.
//!
//! - [`folder`]: what a run keeps in its folder; [`lineage`]: what it began with; [`checkpoint`]: what is saved; [`checkpoints`]: which of them are kept
//! - [`material`]: what it learns from; [`attempt`](mod@attempt): from data to trained networks
//! - [`steps`]: the loop around the steps; [`stages`]: the two stages as it sees them; [`start`]: what they begin with
//! - [`divergence`]: noticing that a run has gone astray; [`retries`]: where it goes on then; [`validation`]: which checkpoint is best
//! - [`plan`] is `--dry-run`

mod attempt;
pub mod checkpoint;
mod checkpoints;
mod divergence;
mod error;
mod folder;
mod frozen;
mod lineage;
mod material;
pub mod plan;
mod retries;
mod stages;
mod start;
mod steps;
mod validation;

pub use attempt::train;
pub use checkpoints::Which;
pub use error::RunError;
pub use lineage::Lineage;
pub use material::{TrainingData, learnable, load};
pub use stages::Trained;

#[cfg(test)]
mod tests;
