//! What stays the same in the stage.

use burn::prelude::*;
use shared::Vocabulary;
use shared::model::matching::SentenceEncoder;

use crate::config::TrainConfig;
use crate::data::{DataError, Dataset};
use crate::train::batches::TrainingSet;
use crate::train::cross_style::CrossStyleTargets;
use crate::train::regions::Regions;
use crate::train::sentences::Sentences;

/// What stays the same in this stage.
pub struct Stage<'a> {
    pub config: &'a TrainConfig,
    pub dataset: &'a Dataset,
    pub vocabulary: &'a Vocabulary,
    /// Frozen after stage 1.
    pub sentence: &'a SentenceEncoder,
    /// What it reads in captions.
    pub sentences: Sentences,
    pub training: &'a TrainingSet,
    /// Where the data's sets lie among style codes; `None` where it has none.
    pub regions: Option<Regions>,
    /// Pictures for what a set has none of; `None` where a run does without.
    pub stand_ins: Option<CrossStyleTargets>,
    pub device: &'a Device,
}

impl<'a> Stage<'a> {
    /// On this data, with the text encoder that stage 1 has left; no picture stands in for another.
    pub fn new(
        config: &'a TrainConfig,
        (dataset, training): (&'a Dataset, &'a TrainingSet),
        (vocabulary, sentence): (&'a Vocabulary, &'a SentenceEncoder),
        device: &'a Device,
    ) -> Self {
        let sentences = Sentences::of(sentence);
        let regions = Regions::of(dataset, config.shape.style_size);
        Self { config, dataset, vocabulary, sentence, sentences, training, regions, stand_ins: None, device }
    }

    /// The same with pictures that stand in for what a set has none of, where the settings ask for them.
    ///
    /// # Errors
    /// [`DataError`] where pictures cannot be read.
    pub fn with_stand_ins(self) -> Result<Self, DataError> {
        Ok(Self { stand_ins: CrossStyleTargets::asked_for(self.config, self.dataset, self.regions.as_ref())?, ..self })
    }
}
