//! Training, from one step to a whole run.
//!
//! - [`pretraining`] is stage 1: the text-image matching model. [`disentangling`] is stage 2, the patent's; [`losses`] has every formula,
//!   [`drawn`] what is drawn as they look at it.
//! - [`batches`] says which pictures, captions and noise a step sees; [`regions`] where styles lie among style codes; [`sentences`] keeps
//!   what the frozen text encoder makes of captions; [`cross_style`] has pictures for contents that a style lacks.
//! - [`adam`], [`ema`] and [`schedule`] move weights; [`net2net`] widens a network without changing what it draws.
//! - [`run`] is the loop around the steps, with its checkpoints. [`export`] makes a model file of a run, [`style_reader`] teaches one
//!   to read styles more exactly; [`grid`] draws sample grids.

pub mod adam;
pub mod batches;
pub mod cross_style;
pub mod disentangling;
pub mod drawn;
mod ema;
pub mod export;
pub mod grid;
pub mod losses;
pub mod metrics;
mod net2net;
pub mod pretraining;
pub mod regions;
pub mod run;
pub mod schedule;
pub mod sentences;
pub mod style_reader;
