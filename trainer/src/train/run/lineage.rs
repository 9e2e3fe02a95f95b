//! How a run's networks came to be: what it began with, and on which devices it went on.
//!
//! It is kept in the run's folder, since what a run began with may be gone or changed by the time its model is exported; the model file
//! carries it on ([`shared::TrainingStage`]).

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use shared::{ModelFile, TrainingStage};

use super::RunError;
use super::checkpoint::Position;
use super::checkpoints::Which;
use crate::config::TrainConfig;
use crate::io::files::{self, FileError};
use crate::io::hash::hex_sha256;
use crate::io::model_file::OpenError;
use crate::io::run_folder::RunFolder;

const FILE: &str = "lineage.json";

/// What a run's folder says of its origin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lineage {
    /// Stages of what it began with.
    before: Vec<TrainingStage>,
    /// That file and its SHA-256.
    began_with: Option<String>,
    devices: Vec<String>,
}

impl Lineage {
    /// Notes that a run goes on on this device; a new one, what it begins with.
    ///
    /// # Errors
    /// [`RunError`] where what it begins with cannot be read, or the note not be written.
    pub fn note(folder: &RunFolder, config: &TrainConfig, device: &str) -> Result<(), RunError> {
        let mut lineage = match Self::load(folder) {
            Some(lineage) => lineage,
            None => config.start.from.as_deref().map_or_else(|| Ok(Self::default()), Self::of)?,
        };
        if lineage.devices.last().is_none_or(|last| last != device) {
            lineage.devices.push(device.to_owned());
        }
        let text = serde_json::to_string_pretty(&lineage).unwrap_or_default();
        Ok(files::replace(&folder.path(FILE), |file| file.write_all(text.as_bytes()))?)
    }

    /// What a folder says; `None` of a run of before, or where the note is damaged.
    pub fn load(folder: &RunFolder) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.path(FILE)).ok()?).ok()
    }

    /// Of a run that begins with this run or model file.
    fn of(place: &Path) -> Result<Self, RunError> {
        if place.is_file() {
            let bytes = fs::read(place).map_err(FileError::at(place))?;
            let before = ModelFile::parse(&bytes).map_err(OpenError::of(place))?.info.lineage;
            return Ok(Self { before, began_with: Some(named(place, &bytes)), devices: vec![] });
        }
        let run = RunFolder::open(place).map_err(|_| RunError::NoModel(place.to_owned()))?;
        let config = run.load_config()?;
        // Of damaged ones is told by whoever takes the networks.
        let trained = run.checkpoints().of_trained(Which::Last, &mut drop)?.ok_or(RunError::NotTrained)?;
        let Position { stage, step, seconds, .. } = trained.position;
        let path = run.checkpoints().path(stage, step);
        let bytes = fs::read(&path).map_err(FileError::at(&path))?;
        let before = Self::load(&run).unwrap_or_default().stages(&run.name(), &config, step, seconds);
        Ok(Self { before, began_with: Some(format!("{}, {}", run.name(), named(&path, &bytes))), devices: vec![] })
    }

    /// All stages, the run's own last.
    pub fn stages(self, name: &str, config: &TrainConfig, steps: usize, seconds: f64) -> Vec<TrainingStage> {
        // Where somebody's pictures lie on their disk is not for publication, nor is where their runs do.
        let published = |(name, value): (String, String)| match name.as_str() {
            "data" => Some((name, config.data.public_name())),
            "from" => None,
            _ => Some((name, value)),
        };
        let settings: BTreeMap<String, String> = config.changes().into_iter().filter_map(published).collect();
        let own = TrainingStage {
            name: name.to_owned(),
            began_with: self.began_with,
            settings,
            steps,
            pictures: steps * config.optimiser.batch,
            minutes: (seconds / 6.0).round() / 10.0,
            devices: self.devices,
        };
        [self.before, vec![own]].concat()
    }
}

/// A file's name and the SHA-256 of its bytes.
fn named(path: &Path, bytes: &[u8]) -> String {
    format!("{} sha256:{}", path.file_name().unwrap_or_default().to_string_lossy(), hex_sha256(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    #[test]
    fn a_run_remembers_what_it_began_with_and_where_it_went_on() {
        let place = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(&place.path().join("second")).unwrap();
        let config = TrainConfig::of_preset(Preset::Supervised).with(|config| config.optimiser.batch = 7);
        Lineage::note(&claim, &config, "CPU").unwrap();
        Lineage::note(&claim, &config, "CPU").unwrap();
        Lineage::note(&claim, &config, "GPU").unwrap();
        let stages = Lineage::load(&claim).unwrap().stages("second", &config, 100, 90.0);
        let [own] = stages.as_slice() else { panic!("{stages:?}") };
        assert_eq!(
            (own.devices.as_slice(), own.steps, own.pictures, own.minutes),
            (["CPU", "GPU"].map(str::to_owned).as_slice(), 100, 700, 1.5)
        );
        assert_eq!(own.settings["batch"], "7");
        assert_eq!(own.began_with, None);
    }

    #[test]
    fn nobodys_paths_are_told() {
        let config = TrainConfig::default().with(|config| {
            config.start.from = Some("/home/ada/runs/first".into());
            config.data.source = Some("/home/ada/secret/birds".into());
        });
        let stages = Lineage::default().stages("mine", &config, 1, 1.0);
        let text = serde_json::to_string(&stages).unwrap();
        assert!(text.contains("birds") && !text.contains("ada"), "{text}");
    }

    #[test]
    fn what_is_not_there_cannot_be_begun_with() {
        let place = tempfile::tempdir().unwrap();
        let claim = RunFolder::claim(&place.path().join("run")).unwrap();
        let config = TrainConfig::default().with(|config| config.start.from = Some(place.path().join("nothing")));
        assert!(matches!(Lineage::note(&claim, &config, "CPU"), Err(RunError::NoModel(_))));
    }
}
