//! What training keeps in a run's folder: its settings and its checkpoints.

use std::io::Write;
use std::path::Path;

use super::RunError;
use super::checkpoints::Checkpoints;
use crate::config::TrainConfig;
use crate::io::files;
use crate::io::run_folder::{CHECKPOINTS, CONFIG, LOCK, MODEL, RunFolder};

impl RunFolder {
    /// Whether the run in `path` has something to lose. A trainer that was stopped before its first checkpoint leaves a lock and settings;
    /// settings alone are somebody's.
    pub fn has_begun(path: &Path) -> bool {
        let is_ours = path.join(LOCK).exists();
        let is_any = || Checkpoints::new(path.join(CHECKPOINTS)).are_any() || path.join(MODEL).exists();
        Self::exists(path) && (!is_ours || is_any())
    }

    /// Its checkpoints.
    pub fn checkpoints(&self) -> Checkpoints {
        Checkpoints::new(self.path(CHECKPOINTS))
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
    use std::fs;

    use super::*;
    use crate::config::{Preset, StageName};
    use crate::io::run_folder::FolderError;
    use crate::train::run::checkpoint::{Checkpoint, Position};

    #[test]
    fn a_run_is_where_its_configuration_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(RunFolder::open(folder.path()), Err(FolderError::NoRun(_))));
        let run = RunFolder::claim(folder.path()).unwrap();
        run.save_config(&TrainConfig::of_preset(Preset::Adversarial)).unwrap();
        assert_eq!(RunFolder::open(folder.path()).unwrap().load_config().unwrap(), TrainConfig::of_preset(Preset::Adversarial));
        fs::write(run.path(CONFIG), "batch = 1").unwrap();
        let error = run.load_config().unwrap_err();
        assert!(matches!(error, RunError::SavedConfig(_)) && error.to_string().contains("--batch"), "{error}");
    }

    #[test]
    fn a_run_has_begun_with_its_first_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!RunFolder::has_begun(folder.path()));
        // Settings that no trainer has put there are not to be written over.
        fs::write(folder.path().join(CONFIG), "steps = 7").unwrap();
        assert!(RunFolder::has_begun(folder.path()));
        let run = RunFolder::claim(folder.path()).unwrap();
        run.save_config(&TrainConfig::default()).unwrap();
        assert!(!RunFolder::has_begun(folder.path()));
        fs::write(run.path("checkpoints/matching-0000002.ckpt.new"), "half").unwrap();
        assert!(!RunFolder::has_begun(folder.path()), "nothing was saved");
        for left in ["checkpoints/matching-0000002.ckpt.damaged", MODEL] {
            fs::write(run.path(left), "x").unwrap();
            assert!(RunFolder::has_begun(folder.path()), "{left}");
            fs::remove_file(run.path(left)).unwrap();
        }
        run.checkpoints().save(&Checkpoint::new(Position::start(StageName::Matching)), 1).unwrap();
        assert!(RunFolder::has_begun(folder.path()));
    }
}
