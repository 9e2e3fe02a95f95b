//! `metrics.jsonl`: one JSON object a line, with `stage`, `step`, `seconds` and the values of that step.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Deserialize;

use crate::config::StageName;
use crate::io::files::{self, FileError};

pub const FILE: &str = "metrics.jsonl";

/// A step's values.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Line {
    pub stage: StageName,
    pub step: usize,
    pub seconds: f64,
    #[serde(flatten)]
    pub values: BTreeMap<String, f64>,
}

/// All of a run's lines, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics(pub Vec<Line>);

impl Metrics {
    /// Reads the file; there may be none yet. A line that a killed trainer left half written is left out.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(path: &Path) -> Result<Self, FileError> {
        Ok(Self(read_text(path)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()))
    }

    /// The last line of a stage.
    pub fn last(&self, stage: StageName) -> Option<&Line> {
        self.0.iter().rev().find(|line| line.stage == stage)
    }

    /// Every value of that name over the steps of a stage.
    pub fn curve(&self, stage: StageName, name: &str) -> Vec<(f64, f64)> {
        let lines = self.0.iter().filter(|line| line.stage == stage);
        lines.filter_map(|line| Some((line.step as f64, *line.values.get(name)?))).collect()
    }

    /// The names of a stage's values, in the alphabet's order.
    pub fn names(&self, stage: StageName) -> Vec<String> {
        let lines = self.0.iter().filter(|line| line.stage == stage);
        let mut names: Vec<String> = lines.flat_map(|line| line.values.keys().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Takes back all lines after a step of a stage, and what is half written.
///
/// # Errors
/// [`FileError`].
pub fn cut(path: &Path, stage: StageName, step: usize) -> Result<(), FileError> {
    let text = read_text(path)?;
    let stays = |line: &&str| serde_json::from_str::<Line>(line).is_ok_and(|line| (line.stage, line.step) <= (stage, step));
    let kept: String = text.lines().filter(stays).map(|line| format!("{line}\n")).collect();
    if kept == text { Ok(()) } else { files::replace(path, |file| file.write_all(kept.as_bytes())) }
}

fn read_text(path: &Path) -> Result<String, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(FileError::at(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lost_step_left_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        cut(&path, StageName::Matching, 0).unwrap();
        assert!(!path.exists());
        let line = |stage: &str, step: usize| format!(r#"{{"seconds":1.5,"stage":"{stage}","step":{step},"swap":0.5}}"#) + "\n";
        let kept = line("matching", 900) + &line("disentangling", 50) + &line("disentangling", 100);
        fs::write(&path, kept.clone() + &line("disentangling", 150) + r#"{"stage":"disent"#).unwrap();
        cut(&path, StageName::Disentangling, 100).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), kept);
        let metrics = Metrics::read(&path).unwrap();
        assert_eq!(metrics.curve(StageName::Disentangling, "swap"), [(50.0, 0.5), (100.0, 0.5)]);
        assert_eq!(metrics.names(StageName::Disentangling), ["swap"]);
        cut(&path, StageName::Matching, 900).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), line("matching", 900));
    }
}
