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
//! - [`distances`]: the mathematics; [`evaluators`]: who is asked; [`evaluate`]: all of it, by the table `PARTS`

mod combinations;
mod crispness;
mod disentanglement;
mod distances;
mod distribution_metrics;
mod drawing;
mod error;
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

use burn::prelude::*;

use crate::data::{DataError, Dataset};
use crate::report::figures::{Figure, Report};
use drawing::ModelDrawer;
use lookup::Lookup;
use subject::Subject;

pub use error::EvalError;
pub use evaluators::Evaluators;
pub use inception::Inception;
pub use judge::{Judge, JudgeSettings};
pub use judge_file::save;
pub use model::{Model, ModelPath};
pub use protocol::Protocol;
pub use unseen_set::pictures as pictures_of_unseen_set;

/// Figures, and those that could not be had, with the reason.
type Part = fn(&Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError>;

/// All that is measured, in the order of the report. With whether a table of pictures is measured in the model's place; the others ask
/// it themselves.
const PARTS: [(&str, Part, bool); 9] = [
    ("R-precision", retrieval::figures, true),
    ("FID, KID, precision, recall, density, coverage", distribution_metrics::figures, true),
    ("recovery of z and content", disentanglement::figures, true),
    ("captions against styles", variance::figures, true),
    ("held-out combinations", combinations::figures, false),
    ("everyday words", everyday::figures, true),
    ("a style lent by an unseen set", unseen_set::figures, true),
    ("training pictures, edges, plain colour", crispness::figures, false),
    ("blends of two hands", morphs::figures, false),
];

/// Measures a model by the whole protocol.
///
/// # Errors
/// [`EvalError`] where pictures cannot be read.
pub fn evaluate(
    model: &Model,
    evaluators: &Evaluators,
    dataset: &Dataset,
    source: &str,
    protocol: &Protocol,
    device: &Device,
) -> Result<Report, EvalError> {
    let Evaluators { judge, inception, unseen_set, art, .. } = evaluators;
    let lookup = Lookup::of(dataset, model)?;
    let subject = Subject {
        model,
        drawer: &ModelDrawer { model, device },
        lookup: lookup.as_ref(),
        art: art.as_ref(),
        judge,
        inception: inception.as_ref(),
        unseen_set: unseen_set.as_deref(),
        dataset,
        protocol,
        device,
    };
    let (mut figures, mut left_out) = (vec![], vec![]);
    for (name, part, has_table) in PARTS {
        tracing::info!("measuring: {name}");
        let (mut found, missing) = part(&subject)?;
        if let Some(lookup) = lookup.as_ref().filter(|_| has_table && !found.is_empty()) {
            tracing::info!("measuring: {name}, of a table of pictures");
            let (of_table, _) = part(&Subject { drawer: lookup, ..subject })?;
            found = found.into_iter().map(|figure| beside_table(figure, &of_table)).collect();
        }
        figures.extend(found);
        left_out.extend(missing);
    }
    Ok(evaluators.report(model, source, protocol, (figures, left_out)))
}

/// The figure with what a table of pictures gets in it.
fn beside_table(figure: Figure, of_table: &[Figure]) -> Figure {
    match of_table.iter().find(|other| other.name == figure.name && other.by == figure.by) {
        Some(table) => figure.beside("table of pictures", table.value),
        None => figure,
    }
}

#[cfg(test)]
mod tests;
