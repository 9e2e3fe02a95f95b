//! What stage 1 leaves to stage 2.

use burn::prelude::*;
use shared::Vocabulary;
use shared::model::matching::{MatchingModel, SentenceEncoder};

use super::checkpoint::{Checkpoint, CheckpointError};
use crate::config::TrainConfig;

/// What stage 1 leaves to stage 2.
pub struct Frozen {
    /// The text side, from which stage 2 learns.
    pub sentence: SentenceEncoder,
    /// Both sides, to measure by; a run that began with a model file has the text side alone.
    pub matching: Option<MatchingModel>,
    pub vocabulary: Vocabulary,
}

impl Frozen {
    /// Of a trained matching model.
    pub fn of(matching: MatchingModel, vocabulary: Vocabulary) -> Self {
        Self { sentence: matching.sentence.clone(), matching: Some(matching), vocabulary }
    }

    /// The same with the words that only `data` has, and how many those are. Stage 1 has not taught them: each is a direction of its own, by
    /// which stage 2 can tell it from others.
    pub fn with_words_of(self, data: &Vocabulary, config: &TrainConfig, device: &Device) -> (Self, usize) {
        let vocabulary = self.vocabulary.and_words_of(data);
        let new = vocabulary.words().len() - self.vocabulary.words().len();
        if new == 0 {
            return (self, 0);
        }
        device.seed(config.start.seed);
        let fresh = SentenceEncoder::new(&config.model(), vocabulary.table_size(), device);
        let sentence = self.sentence.with_words_of(&fresh);
        let matching = self.matching.map(|mut matching| {
            matching.sentence = sentence.clone();
            matching
        });
        (Self { sentence, matching, vocabulary }, new)
    }

    /// Takes it out of any checkpoint; its weights are as far as that has come.
    ///
    /// # Errors
    /// [`CheckpointError::Foreign`].
    pub fn take(checkpoint: &mut Checkpoint, config: &TrainConfig, device: &Device) -> Result<Self, CheckpointError> {
        let words = checkpoint.take("words")?;
        let words = String::from_utf8(words).map_err(|e| checkpoint.foreign(e))?;
        let vocabulary = Vocabulary::new(words.lines().map(str::to_owned).collect()).map_err(|e| checkpoint.foreign(e))?;
        let fresh = MatchingModel::new(&config.model(), vocabulary.table_size(), device);
        if checkpoint.has("sentence") {
            let sentence = checkpoint.take_module("sentence", fresh.sentence)?;
            return Ok(Self { sentence, matching: None, vocabulary });
        }
        Ok(Self::of(checkpoint.take_module("matching", fresh)?, vocabulary))
    }

    /// Puts it into a checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn put(&self, checkpoint: &mut Checkpoint) -> Result<(), CheckpointError> {
        checkpoint.put("words", self.vocabulary.words().join("\n").into_bytes());
        match &self.matching {
            Some(matching) => checkpoint.put_module("matching", matching.clone()),
            None => checkpoint.put_module("sentence", self.sentence.clone()),
        }
    }
}
