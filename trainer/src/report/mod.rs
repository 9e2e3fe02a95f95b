//! What a run shows and leaves: a view while it trains, metrics as they come, and at the end a film, a model card and a report.
//!
//! - [`view`]: what a person sees on the terminal; [`Recorder`]: metrics, events and sample grids in the run's folder
//! - [`publish`](publish()): film, model card and report from what the folder holds; [`figures`]: an evaluation's numbers in them

mod card;
mod error;
mod events;
pub mod figures;
mod film;
mod log;
mod metrics;
mod page;
mod publish;
mod recorder;
pub mod view;

pub use card::with_training;
pub use film::png;
pub use log::say;
pub use publish::{FIGURES, publish};
pub use recorder::Recorder;
