//! The whole protocol, part by part.

use burn::prelude::*;

use super::drawing::ModelDrawer;
use super::error::EvalError;
use super::evaluators::Evaluators;
use super::lookup::Lookup;
use super::model::Model;
use super::protocol::Protocol;
use super::subject::Subject;
use super::{combinations, crispness, disentanglement, distribution_metrics, everyday, morphs, retrieval, unseen_set, variance};
use crate::data::{DataError, Dataset};
use crate::report::figures::{By, Figure, Report};

/// The figure with what a table of pictures gets in it.
fn beside_table(figure: Figure, of_table: &[Figure]) -> Figure {
    match of_table.iter().find(|other| other.name == figure.name && other.by == figure.by) {
        Some(table) => figure.beside("table of pictures", table.value),
        None => figure,
    }
}

/// Measures a model by the whole protocol; `say` is told what is under way.
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
    say: &dyn Fn(&str),
) -> Result<Report, EvalError> {
    type Part = fn(&Subject<'_>) -> Result<(Vec<Figure>, Vec<String>), DataError>;
    // With whether a table of pictures is measured in the model's place; the others ask it themselves.
    let parts: [(&str, Part, bool); 9] = [
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
    let Evaluators { judge, skill, inception, unseen_set, art } = evaluators;
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
        say,
    };
    let (mut figures, mut left_out) = (vec![], vec![]);
    for (name, part, has_table) in parts {
        say(&format!("measuring: {name}"));
        let (mut found, missing) = part(&subject)?;
        if let Some(lookup) = lookup.as_ref().filter(|_| has_table && !found.is_empty()) {
            say(&format!("measuring: {name}, of a table of pictures"));
            let (of_table, _) = part(&Subject { drawer: lookup, ..subject })?;
            found = found.into_iter().map(|figure| beside_table(figure, &of_table)).collect();
        }
        figures.extend(found);
        left_out.extend(missing);
    }
    for figure in &mut figures {
        figure.seed = protocol.seed;
        figure.judge = (figure.by == By::Judge).then(|| skill.short());
    }
    let settings = &judge.settings;
    Ok(Report {
        model: model.name.clone(),
        data: source.to_owned(),
        seed: protocol.seed,
        truncation: "none".to_owned(),
        judge: format!(
            "{} steps of {} training pictures, seed {}; {}",
            settings.steps,
            settings.batch,
            settings.seed,
            skill.text()
        ),
        inception: inception.as_ref().map(|inception| inception.name.clone()),
        figures,
        left_out,
    })
}
