//! Figures of a model, by one protocol: `trainer eval`.
//!
//! The design decision is who is asked. A model is measured by an independent judge wherever a judge is needed at all; where its own
//! networks are asked, because that is the question, the figure says so. Every figure stands beside what it would be by chance, or what
//! real pictures get. Held-out combinations and test contents are looked at here and nowhere else; validation contents are left for
//! choosing between runs, and the judge learns from training pictures only.
//!
//! - [`protocol`]: how many of everything; [`model`] and [`subject`]: what is measured; [`judge`] and [`judge_file`]: who judges it; [`inception`]: in whose features papers compare pictures
//! - [`drawing`]: who draws: the model, or in its place [`lookup`], a table of pictures
//! - [`retrieval`]: does a picture show its caption? [`distribution_metrics`]: are pictures like real ones? [`crispness`]: as crisp, pair by pair?
//! - [`everyday`]: is a caption of words that were never trained on understood?
//! - [`disentanglement`], [`variance`], [`combinations`]: do content and style come apart? [`unseen_set`]: is a style lent that was never seen?
//! - [`scenes`]: does a picture show all that a caption says?
//! - [`distances`]: the mathematics; [`evaluators`]: who is asked; [`evaluate`](mod@evaluate): all of it

mod combinations;
mod crispness;
mod disentanglement;
mod distances;
mod distribution_metrics;
mod drawing;
mod error;
mod evaluate;
mod evaluators;
mod everyday;
mod inception;
mod judge;
mod judge_file;
mod lookup;
mod model;
mod morphs;
mod protocol;
mod retrieval;
mod rows;
pub mod scenes;
mod subject;
mod unseen_set;
mod variance;

pub use error::EvalError;
pub use evaluate::evaluate;
pub use evaluators::Evaluators;
pub use inception::Inception;
pub use judge::{Judge, JudgeSettings};
pub use judge_file::save;
pub use model::{Model, ModelPath};
pub use protocol::Protocol;
pub use unseen_set::pictures as pictures_of_unseen_set;

#[cfg(test)]
mod tests;
