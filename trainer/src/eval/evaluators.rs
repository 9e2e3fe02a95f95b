//! Who is asked: the judge, found or trained, and whoever was named besides.

use std::path::{Path, PathBuf};

use burn::prelude::*;

use super::error::{EvalError, JudgeError};
use super::inception::Inception;
use super::judge::{self, Judge, JudgeSettings};
use super::judge_file;
use super::model::Model;
use super::protocol::Protocol;
use super::retrieval::JudgeAccuracy;
use crate::data::Dataset;
use crate::data::emoji::TrueArt;
use crate::io::hash::hex_sha256;
use crate::report::figures::{By, Figure, Report};

/// A judge that has been found or made, and how good it is on the data at hand.
pub struct Evaluators {
    pub judge: Judge,
    pub skill: JudgeAccuracy,
    /// Asked as well, where its weights were given, how like real pictures the drawn ones are.
    pub inception: Option<Inception>,
    /// Pictures of a set that the model has never seen, where they were given: can it lend their style?
    pub unseen_set: Option<Vec<Vec<u8>>>,
    /// The drawings behind the pictures, where the data are the embedded emoji: what is drawn large is measured against them.
    pub art: Option<TrueArt>,
}

impl Evaluators {
    /// Asks a judge about the held-out pictures of the data.
    ///
    /// # Errors
    /// [`EvalError`] where they cannot be read.
    pub fn new(judge: Judge, dataset: &Dataset, protocol: &Protocol, device: &Device) -> Result<Self, EvalError> {
        let skill = JudgeAccuracy::of(&judge, dataset, protocol, device)?;
        Ok(Self { judge, skill, inception: None, unseen_set: None, art: None })
    }

    /// What these have found of a model on data called `source`, with who was asked and how the draws were made.
    pub fn report(
        &self,
        model: &Model,
        source: &str,
        protocol: &Protocol,
        (mut figures, left_out): (Vec<Figure>, Vec<String>),
    ) -> Report {
        for figure in &mut figures {
            figure.seed = protocol.seed;
            figure.judge = (figure.by == By::Judge).then(|| self.skill.short());
        }
        let JudgeSettings { steps, batch, seed, .. } = self.judge.settings;
        Report {
            model: model.name.clone(),
            data: source.to_owned(),
            seed: protocol.seed,
            truncation: "none".to_owned(),
            judge: format!("{steps} steps of {batch} training pictures, seed {seed}; {}", self.skill.text()),
            inception: self.inception.as_ref().map(|inception| inception.name.clone()),
            figures,
            left_out,
        }
    }

    /// The judge of a file, which must be for pictures of this size.
    ///
    /// # Errors
    /// [`EvalError::Judge`].
    pub fn from_file(path: &Path, dataset: &Dataset, protocol: &Protocol, device: &Device) -> Result<Self, EvalError> {
        let judge = judge_file::load(path, device)?;
        let (size, model) = (judge.settings.image_size, dataset.image_size);
        if size != model {
            return Err(JudgeError::Size { path: path.to_owned(), judge: size, model }.into());
        }
        if judge.data != judge::fingerprint(dataset)? {
            tracing::warn!("this judge learnt from other data; pictures held out here may have been among them");
        }
        Self::new(judge, dataset, protocol, device)
    }

    /// The usual judge for this data: the one that comes with the program, or from the folder where the last such one was kept, else
    /// trained now and kept there.
    ///
    /// # Errors
    /// [`EvalError`] where it cannot be trained; one that cannot be kept is a warning.
    pub fn usual(
        dataset: &Dataset,
        source: &str,
        keep_in: &Path,
        protocol: &Protocol,
        device: &Device,
    ) -> Result<Self, EvalError> {
        let settings = JudgeSettings::usual(dataset.image_size);
        let data = judge::fingerprint(dataset)?;
        match judge_file::embedded(device) {
            Ok(judge) if (&judge.settings, &judge.data) == (&settings, &data) => {
                tracing::info!("judge: the one that comes with this program");
                return Self::new(judge, dataset, protocol, device);
            }
            _ => {}
        }
        let path = kept(keep_in, &settings, &data);
        if path.exists() {
            match judge_file::load(&path, device) {
                Ok(judge) => {
                    tracing::info!("judge: {}, trained earlier", path.display());
                    return Self::new(judge, dataset, protocol, device);
                }
                Err(error) => tracing::warn!("{error}; training it anew"),
            }
        }
        tracing::info!("judge: none given with --judge, so one is trained now, with seed {}", settings.seed);
        let judge = Judge::train(dataset, settings, device)?;
        let evaluators = Self::new(judge, dataset, protocol, device)?;
        match judge_file::save(&evaluators.judge, &evaluators.skill, source, &path) {
            Ok(()) => tracing::info!("judge: kept as {} for the next time", path.display()),
            Err(error) => tracing::warn!("the judge is not kept: {error}"),
        }
        Ok(evaluators)
    }
}

/// Where a judge of such settings and such data is kept.
fn kept(folder: &Path, settings: &JudgeSettings, data: &str) -> PathBuf {
    let digest = hex_sha256(format!("{settings:?} {data}"));
    folder.join(format!("judge-{}.safetensors", &digest[..12]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_are_kept_by_their_settings_and_data() {
        let folder = Path::new("runs");
        let usual = JudgeSettings::usual(64);
        assert_eq!(kept(folder, &usual, "a"), kept(folder, &usual, "a"));
        assert_ne!(kept(folder, &usual, "a"), kept(folder, &usual, "b"));
        assert_ne!(kept(folder, &usual, "a"), kept(folder, &JudgeSettings { seed: 2, ..usual.clone() }, "a"));
    }
}
