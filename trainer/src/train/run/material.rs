//! What a run learns from.

use std::collections::HashMap;
use std::path::Path;

use shared::Vocabulary;

use super::RunError;
use crate::config::{SettingError, TrainConfig};
use crate::data::{self, ContentSplit, Dataset, captions};
use crate::train::batches::TrainingSet;
use crate::train::regions::MOST_SETS;

/// A run's data, and what follows from it.
pub struct TrainingData {
    pub dataset: Dataset,
    pub training: TrainingSet,
    pub vocabulary: Vocabulary,
}

/// Loads a run's data, decoded pictures kept below its `folder` if there is one, and says what it is.
///
/// # Errors
/// [`RunError`] where there is nothing to learn from.
pub fn load(config: &TrainConfig, folder: Option<&Path>, say: &mut dyn FnMut(&str)) -> Result<TrainingData, RunError> {
    let dataset = data::load(&config.data, config.shape.image_size, folder)?;
    let (training, vocabulary) = learnable(&dataset)?;
    let training = training
        .with_more_of(&dataset, &config.sampling.oversample, config.sampling.oversample_share)
        .map_err(SettingError::Oversample)?;
    say(&format!(
        "{} contents in {} styles; {} pictures to learn from; {} words",
        dataset.contents.len(),
        dataset.styles.len(),
        training.len(),
        vocabulary.words().len()
    ));
    if let Some(warning) = crowded(&dataset) {
        say(&warning);
    }
    if dataset.styles.len() > MOST_SETS && config.losses.lambda_swap > 0.0 {
        say(&format!(
            "more styles than style codes can keep apart ({MOST_SETS}): each picture lends its own to itself, which is reconstruction"
        ));
    }
    Ok(TrainingData { dataset, training, vocabulary })
}

/// What of some data is to be learnt from.
///
/// # Errors
/// [`RunError::NothingToLearn`] where there is nothing, [`RunError::Vocabulary`] where it has no words.
pub fn learnable(dataset: &Dataset) -> Result<(TrainingSet, Vocabulary), RunError> {
    let training = TrainingSet::new(dataset);
    if training.is_empty() { Err(RunError::NothingToLearn) } else { Ok((training, captions::vocabulary(&dataset.contents)?)) }
}

/// A warning where one class covers more than half of the training contents: those of a class are not told apart, so little is learnt.
fn crowded(dataset: &Dataset) -> Option<String> {
    let mut members: HashMap<usize, Vec<&str>> = HashMap::new();
    let trained = dataset.contents.iter().filter(|content| content.split == ContentSplit::Train);
    trained.for_each(|content| members.entry(content.class).or_default().push(&content.key));
    let all: usize = members.values().map(Vec::len).sum();
    let largest = members.into_values().max_by_key(Vec::len).filter(|class| class.len() > 1 && 2 * class.len() > all)?;
    Some(format!(
        "warning: one class holds {} of the {all} contents to learn from ({}, {} ...). Contents of a class are not told apart, so little \
         can be learnt from them: name more classes, or none",
        largest.len(),
        largest[0],
        largest[1]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Content;
    use crate::train::run::tests::material;

    #[test]
    fn a_class_of_more_than_half_is_warned_of() {
        let TrainingData { mut dataset, .. } = material();
        assert_eq!(crowded(&dataset), None);
        let trained = |content: &Content| content.split == ContentSplit::Train;
        let all = dataset.contents.iter().filter(|content| trained(content)).count();
        let mut members = dataset.contents.iter_mut().filter(|content| trained(content));
        members.by_ref().take(all / 2).for_each(|content| content.class = 0);
        assert_eq!(crowded(&dataset), None, "half is not more than half");
        dataset.contents.iter_mut().filter(|content| trained(content)).take(all / 2 + 1).for_each(|content| content.class = 0);
        let warning = crowded(&dataset).unwrap();
        assert!(warning.contains(&format!("{} of the {all} contents", all / 2 + 1)), "{warning}");
    }
}
