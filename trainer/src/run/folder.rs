//! A run's folder: where its parts are, and whose it is.
//!
//! ```text
//! RUN/config.toml            every setting, as resolved; what makes a folder a run
//! RUN/checkpoints/           see `checkpoint`
//! RUN/lineage.json           what it began with, and on which devices it went on
//! RUN/metrics.jsonl          one line of figures every --log-every steps
//! RUN/events/                the same and the grids, for TensorBoard
//! RUN/log.txt                what was said
//! RUN/samples/, film.gif     grids of pictures, one every --grid-every steps
//! RUN/model.safetensors, model-card.md, report.html
//! RUN/cache/                 decoded pictures, where the data is not the embedded emoji
//! RUN/lock                   held by the trainer that works here
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::RunError;
use super::checkpoint::Checkpoints;
use super::files::{self, FileError};
use crate::config::TrainConfig;

const CONFIG: &str = "config.toml";

/// A run's folder.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

/// A run's folder that nobody else may train in, until this is dropped or the program ends, however it ends.
pub struct Claim {
    folder: RunFolder,
    // An operating system's lock dies with its holder, so a killed trainer leaves none behind.
    _lock: File,
}

impl std::ops::Deref for Claim {
    type Target = RunFolder;

    fn deref(&self) -> &RunFolder {
        &self.folder
    }
}

impl RunFolder {
    /// Whether there is a run in `path`.
    pub fn exists(path: &Path) -> bool {
        path.join(CONFIG).exists()
    }

    /// A run that exists, to read from.
    ///
    /// # Errors
    /// [`RunError::NoRun`]; nothing is created.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        if Self::exists(path) { Ok(Self(path.to_owned())) } else { Err(RunError::NoRun(path.to_owned())) }
    }

    /// Takes a folder to train in, making it where it does not exist, and clears what a killed trainer left unfinished.
    ///
    /// # Errors
    /// [`RunError::InUse`] where another trainer works there, [`RunError::File`] where it cannot be written to.
    pub fn claim(path: &Path) -> Result<Claim, RunError> {
        let folder = Self(path.to_owned());
        files::make_folder(path)?;
        let place = folder.path("lock");
        let mut lock = OpenOptions::new().create(true).truncate(false).write(true).open(&place).map_err(FileError::at(&place))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&place).unwrap_or_default().trim().to_owned();
                return Err(RunError::InUse { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(FileError { path: place, source }.into()),
        }
        // For whoever is turned away.
        lock.set_len(0).and_then(|()| writeln!(lock, "process {}", std::process::id())).map_err(FileError::at(&place))?;
        for name in ["", "checkpoints", "samples"] {
            let part = folder.path(name);
            files::make_folder(&part)?;
            files::clear_unfinished(&part)?;
        }
        // A dry run has its scratch in the nearest folder that there was then.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        absolute.ancestors().take(3).for_each(files::clear_scratch);
        Ok(Claim { folder, _lock: lock })
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What it is called, without the path to it.
    pub fn name(&self) -> String {
        let absolute = std::path::absolute(&self.0).unwrap_or_else(|_| self.0.clone());
        absolute.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its checkpoints.
    pub fn checkpoints(&self) -> Checkpoints {
        Checkpoints::new(self.path("checkpoints"))
    }

    /// Saves the resolved configuration.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be written.
    pub fn save_config(&self, config: &TrainConfig) -> Result<(), RunError> {
        let text = config.to_toml()?;
        Ok(files::replace(&self.path(CONFIG), |file| file.write_all(text.as_bytes()))?)
    }

    /// The configuration that the run was started with.
    ///
    /// # Errors
    /// [`RunError::SavedConfig`] where it cannot be read.
    pub fn load_config(&self) -> Result<TrainConfig, RunError> {
        let config = TrainConfig::load(&self.path(CONFIG)).and_then(|config| config.validate().map(|()| config));
        config.map_err(RunError::SavedConfig)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    #[test]
    fn a_folder_has_one_trainer_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(folder.path()).unwrap();
        let Err(RunError::InUse { holder, .. }) = RunFolder::claim(folder.path()) else { panic!("claimed twice") };
        assert_eq!(holder, format!("process {}", std::process::id()));
        drop(claim);
        // The file that a killed trainer leaves locks nobody out.
        assert!(folder.path().join("lock").exists());
        assert!(RunFolder::claim(folder.path()).is_ok());
    }

    #[test]
    fn a_claim_clears_what_a_killed_dry_run_left() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".emblem-x1y2");
        files::make_folder(&left).unwrap();
        fs::write(left.join("held"), b"").unwrap();
        RunFolder::claim(&folder.path().join("runs/first")).unwrap();
        assert!(!left.exists());
    }

    #[test]
    fn a_run_is_where_its_configuration_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(RunFolder::open(folder.path()), Err(RunError::NoRun(_))));
        let run = RunFolder::claim(folder.path()).unwrap();
        run.save_config(&TrainConfig::of_preset(Preset::Patent)).unwrap();
        assert_eq!(RunFolder::open(folder.path()).unwrap().load_config().unwrap(), TrainConfig::of_preset(Preset::Patent));
        fs::write(run.path(CONFIG), "batch = 1").unwrap();
        let error = run.load_config().unwrap_err();
        assert!(matches!(error, RunError::SavedConfig(_)) && error.to_string().contains("--batch"), "{error}");
    }
}
