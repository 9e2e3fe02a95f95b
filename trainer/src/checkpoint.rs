//! A run folder's checkpoint: everything that a step depends on, and nothing that can be worked out.
//!
//! ```text
//! RUN/config.json        the resolved configuration
//! RUN/matching/          the frozen matching model and its vocabulary
//! RUN/checkpoint/        networks, optimisers, average, step
//! ```
//!
//! Both folders are written beside their place and renamed into it, so that a stop at any moment leaves a whole one. Randomness and
//! data position need no saving (see `batches`).

use std::fs;
use std::path::{Path, PathBuf};

use burn::prelude::*;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};
use shared::Vocabulary;
use shared::matching::MatchingModel;

use crate::config::TrainConfig;
use crate::disentangling::State;

/// A checkpoint that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is damaged: {reason}. Remove it to start this part again")]
    Damaged { path: PathBuf, reason: String },
}

/// A run's folder.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

#[derive(Serialize, Deserialize)]
struct Position {
    step: usize,
    seconds: f64,
}

impl RunFolder {
    /// Makes the folder where it does not exist.
    ///
    /// # Errors
    /// [`CheckpointError::File`].
    pub fn create(path: &Path) -> Result<Self, CheckpointError> {
        fs::create_dir_all(path).map_err(at(path))?;
        Ok(Self(path.to_owned()))
    }

    /// A run that exists.
    ///
    /// # Errors
    /// [`CheckpointError::File`] where there is none; nothing is created.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        fs::metadata(path.join("config.json")).map_err(at(path))?;
        Ok(Self(path.to_owned()))
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Saves the resolved configuration.
    ///
    /// # Errors
    /// [`CheckpointError::File`].
    pub fn save_config(&self, config: &TrainConfig) -> Result<(), CheckpointError> {
        write_json(&self.path("config.json"), config)
    }

    /// The configuration that the run was started with.
    ///
    /// # Errors
    /// [`CheckpointError`] where there is none or it cannot be read.
    pub fn load_config(&self) -> Result<TrainConfig, CheckpointError> {
        read_json(&self.path("config.json"))
    }

    /// Saves the frozen matching model.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn save_matching(&self, model: &MatchingModel, vocabulary: &Vocabulary) -> Result<(), CheckpointError> {
        self.replace("matching", |folder| {
            save_module(model.clone(), &folder.join("model.bpk"))?;
            write_json(&folder.join("vocabulary.json"), &vocabulary.words())
        })
    }

    /// The matching model, if stage 1 is done.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn load_matching(
        &self,
        config: &TrainConfig,
        device: &Device,
    ) -> Result<Option<(MatchingModel, Vocabulary)>, CheckpointError> {
        let Some(folder) = self.saved("matching")? else { return Ok(None) };
        let path = folder.join("vocabulary.json");
        let vocabulary = Vocabulary::new(read_json(&path)?).map_err(|e| damaged(&path, e))?;
        let model = load_module(MatchingModel::new(&config.model(), vocabulary.table_size(), device), &folder.join("model.bpk"))?;
        Ok(Some((model, vocabulary)))
    }

    /// Saves the disentangling stage.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn save(&self, state: &State) -> Result<(), CheckpointError> {
        self.replace("checkpoint", |folder| {
            save_module(state.generator.valid(), &folder.join("generator.bpk"))?;
            save_module(state.discriminator.valid(), &folder.join("discriminator.bpk"))?;
            save_module(state.average.clone(), &folder.join("average.bpk"))?;
            let optimisers = [
                ("generator", &state.generator_optimiser),
                ("discriminator", &state.discriminator_optimiser),
                ("swap", &state.swap_optimiser),
            ];
            for (name, optimiser) in optimisers {
                let path = folder.join(format!("{name}-optimiser.bpk"));
                optimiser.save(&path).map_err(|e| damaged(&path, e))?;
            }
            write_json(&folder.join("position.json"), &Position { step: state.step, seconds: state.seconds })
        })
    }

    /// Puts the saved stage into a new one; `None` where nothing was saved.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn load(&self, state: State) -> Result<Option<State>, CheckpointError> {
        let Some(folder) = self.saved("checkpoint")? else { return Ok(None) };
        let Position { step, seconds } = read_json(&folder.join("position.json"))?;
        let optimiser = |optimiser: burn::optim::ModuleOptimizer, name: &str| {
            let path = folder.join(format!("{name}-optimiser.bpk"));
            optimiser.load(&path).map_err(|e| damaged(&path, e))
        };
        Ok(Some(State {
            generator: load_module(state.generator, &folder.join("generator.bpk"))?,
            discriminator: load_module(state.discriminator, &folder.join("discriminator.bpk"))?,
            average: load_module(state.average, &folder.join("average.bpk"))?,
            generator_optimiser: optimiser(state.generator_optimiser, "generator")?,
            discriminator_optimiser: optimiser(state.discriminator_optimiser, "discriminator")?,
            swap_optimiser: optimiser(state.swap_optimiser, "swap")?,
            step,
            seconds,
        }))
    }

    /// The folder `name`, if it was ever saved. Puts the previous one back where a stop fell between the two renames of `replace`.
    fn saved(&self, name: &str) -> Result<Option<PathBuf>, CheckpointError> {
        let (place, old) = (self.path(name), self.path(&format!("{name}.old")));
        if !place.exists() && old.exists() {
            fs::rename(&old, &place).map_err(at(&old))?;
        }
        Ok(place.exists().then_some(place))
    }

    /// Fills a new folder and puts it in the place of `name`.
    fn replace(&self, name: &str, fill: impl FnOnce(&Path) -> Result<(), CheckpointError>) -> Result<(), CheckpointError> {
        let (place, new, old) = (self.path(name), self.path(&format!("{name}.new")), self.path(&format!("{name}.old")));
        self.saved(name)?;
        for leftover in [&new, &old] {
            if leftover.exists() {
                fs::remove_dir_all(leftover).map_err(at(leftover))?;
            }
        }
        fs::create_dir(&new).map_err(at(&new))?;
        fill(&new)?;
        if place.exists() {
            fs::rename(&place, &old).map_err(at(&place))?;
        }
        fs::rename(&new, &place).map_err(at(&new))?;
        if old.exists() {
            fs::remove_dir_all(&old).map_err(at(&old))?;
        }
        Ok(())
    }
}

fn save_module<M: Module>(module: M, path: &Path) -> Result<(), CheckpointError> {
    module.into_record().save(path).map_err(|e| damaged(path, e))
}

fn load_module<M: Module>(module: M, path: &Path) -> Result<M, CheckpointError> {
    let record = ModuleRecord::load(path).map_err(|e| damaged(path, e))?;
    module.try_load_record(record).map_err(|e| damaged(path, e))
}

fn write_json<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<(), CheckpointError> {
    let text = serde_json::to_string_pretty(value).map_err(|e| damaged(path, e))?;
    fs::write(path, text + "\n").map_err(at(path))
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, CheckpointError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    serde_json::from_str(&text).map_err(|e| damaged(path, e))
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> CheckpointError + '_ {
    move |source| CheckpointError::File { path: path.to_owned(), source }
}

fn damaged(path: &Path, reason: impl std::fmt::Display) -> CheckpointError {
    CheckpointError::Damaged { path: path.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    #[test]
    fn a_stop_between_two_renames_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path()).unwrap();
        run.replace("part", |new| write_json(&new.join("a.json"), &1)).unwrap();
        fs::rename(run.path("part"), run.path("part.old")).unwrap();
        fs::create_dir(run.path("part.new")).unwrap();
        let found = run.saved("part").unwrap().unwrap();
        assert_eq!(read_json::<i32>(&found.join("a.json")).unwrap(), 1);

        fs::rename(run.path("part"), run.path("part.old")).unwrap();
        let failed = run.replace("part", |new| Err(damaged(new, "full disk")));
        assert!(failed.is_err());
        assert!(run.saved("part").unwrap().is_some(), "the earlier one must outlive a failed save");
    }

    #[test]
    fn what_is_missing_or_damaged_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(RunFolder::open(folder.path()), Err(CheckpointError::File { .. })));
        let run = RunFolder::create(folder.path()).unwrap();
        run.save_config(&TrainConfig::of_preset(Preset::Patent)).unwrap();
        assert_eq!(RunFolder::open(folder.path()).unwrap().load_config().unwrap(), TrainConfig::of_preset(Preset::Patent));
        assert!(run.load_matching(&TrainConfig::default(), &Device::flex()).unwrap().is_none());
        fs::create_dir(run.path("matching")).unwrap();
        fs::write(run.path("matching/vocabulary.json"), "[1").unwrap();
        let error = run.load_matching(&TrainConfig::default(), &Device::flex()).unwrap_err();
        assert!(error.to_string().contains("vocabulary.json is damaged"), "{error}");
    }
}
