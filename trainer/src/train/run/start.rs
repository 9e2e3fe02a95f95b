//! Beginning with what another run, or a published model, has learnt.
//!
//! A model file has less than a run: no picture side of the matching model, no heads, and one generator instead of a trained and an
//! averaged one. What is missing begins anew.

use std::path::Path;

use burn::prelude::*;
use shared::model::image_encoder::ImageEncoder;
use shared::model::parameters::{Parameter, parameters_of, with_parameters};
use shared::{ModelConfig, Vocabulary};

use super::RunError;
use super::checkpoints::Which;
use super::frozen::Frozen;
use crate::config::TrainConfig;
use crate::io::model_file::{self, OpenError};
use crate::io::run_folder::RunFolder;
use crate::train::disentangling::{DiscriminatorSide, GeneratorSide, State};
use crate::train::net2net::grow;

/// Networks to begin with, as far as they fit the run's sizes.
pub struct InitialWeights {
    pub generator: Option<GeneratorSide>,
    pub average: Option<GeneratorSide>,
    pub discriminator: Option<DiscriminatorSide>,
}

impl InitialWeights {
    /// Takes them, and what stage 1 left, out of a run's newest checkpoint or a model file; says what did not fit, and how many words the
    /// data has that stage 1 did not meet.
    ///
    /// # Errors
    /// [`RunError`] where there is neither, the run has trained nothing yet, or its text side has other sizes.
    pub fn of(
        place: &Path,
        config: &TrainConfig,
        words: &Vocabulary,
        device: &Device,
        say: &mut dyn FnMut(String),
    ) -> Result<(Frozen, Self), RunError> {
        let (frozen, start) = match place.is_file() {
            true => Self::of_file(place, config, device)?,
            false => Self::of_run(place, config, device, say)?,
        };
        let (frozen, new) = frozen.with_words_of(words, config, device);
        let known = frozen.vocabulary.words().len() - new;
        let more = if new > 0 { format!(" and {new} new ones of the data") } else { String::new() };
        say(format!("beginning with the text side of {}: {known} words{more}", place.display()));
        for (name, fits) in [("generator", start.generator.is_some()), ("image encoder", start.discriminator.is_some())] {
            let end = if fits { "taken over" } else { "of other sizes there, so new" };
            say(format!("{name}: {end}"));
        }
        Ok((frozen, start))
    }

    fn of_run(
        place: &Path,
        config: &TrainConfig,
        device: &Device,
        say: &mut dyn FnMut(String),
    ) -> Result<(Frozen, Self), RunError> {
        let run = RunFolder::open(place).map_err(|_| RunError::NoModel(place.to_owned()))?;
        let theirs = run.load_config()?;
        let mut checkpoint = run.checkpoints().of_trained(Which::Last, say)?.ok_or(RunError::NotTrained)?;
        let frozen = Frozen::take(&mut checkpoint, config, device)?;
        let (fresh, old) = (State::new(config, device), State::new(&theirs, device));
        let generator = checkpoint.take_module("generator", old.generator)?;
        let average = checkpoint.take_module("average", old.average)?;
        let (from, to) = (theirs.model(), config.model());
        let start = Self {
            generator: fitted(fresh.generator, &generator, &from, &to),
            average: fitted(fresh.average, &average, &from, &to),
            discriminator: checkpoint.take_module("discriminator", fresh.discriminator).ok(),
        };
        Ok((frozen, start))
    }

    fn of_file(place: &Path, config: &TrainConfig, device: &Device) -> Result<(Frozen, Self), RunError> {
        let (file, model) = model_file::load(place, device)?;
        let (from, to) = (file.config, config.model());
        if (from.sentence_size, from.word_size) != (to.sentence_size, to.word_size) {
            return Err(RunError::OtherWords(place.to_owned()));
        }
        let theirs = GeneratorSide { text: model.text, generator: model.generator };
        let fresh = State::new(config, device);
        // A reader belongs to what it was taught on; `emblem-lab fit-styles` makes a new one in the end.
        let encoder = unfolded(&model.encoder.without_reader(), fresh.discriminator.encoder);
        let start = Self {
            generator: fitted(fresh.generator, &theirs, &from, &to),
            average: fitted(fresh.average, &theirs, &from, &to),
            discriminator: encoder.map(|encoder| DiscriminatorSide { encoder, heads: fresh.discriminator.heads }),
        };
        let vocabulary = Vocabulary::new(file.vocabulary.words().to_vec()).map_err(|e| OpenError::of(place)(e.into()))?;
        Ok((Frozen { sentence: model.sentence, matching: None, vocabulary }, start))
    }
}

/// A folded image encoder, to be trained on; `None` where it has other sizes. What its filters measure is divided out in every pass, so
/// nothing shows of how long they are, but for how fast they turn: folded ones, being short, would turn ten times as fast as fresh ones,
/// and forget in a few hundred steps. So they get the fresh ones' length.
fn unfolded(known: &ImageEncoder, fresh: ImageEncoder) -> Option<ImageEncoder> {
    let length = |parameter: &Parameter| parameter.values.iter().map(|value| value * value).sum::<f32>().sqrt();
    let (mut known, lengths) = (parameters_of(known), parameters_of(&fresh));
    for (name, parameter) in known.iter_mut().filter(|(name, _)| name.ends_with(".weight")) {
        let scale = length(lengths.get(name)?) / length(parameter).max(f32::MIN_POSITIVE);
        parameter.values.iter_mut().for_each(|value| *value *= scale);
    }
    with_parameters(fresh, known).ok()
}

/// The weights of `known` in `fresh`; `None` where they cannot be made to fit.
fn fitted(fresh: GeneratorSide, known: &GeneratorSide, from: &ModelConfig, to: &ModelConfig) -> Option<GeneratorSide> {
    let text = with_parameters(fresh.text, parameters_of(&known.text)).ok()?;
    let generator = grow(fresh.generator, &parameters_of(&known.generator), from, to).ok()?;
    Some(GeneratorSide { text, generator })
}
