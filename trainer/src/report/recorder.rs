//! Metrics and sample grids of a stage, as they come.

use std::fs::OpenOptions;
use std::io::Write;

use image::RgbImage;
use serde_json::{Map, Value};

use super::events::Events;
use super::{film, metrics};
use crate::config::StageName;
use crate::io::files::{self, FileError};
use crate::io::run_folder::RunFolder;

/// Appends a stage's values to `metrics.jsonl` and to its TensorBoard events.
pub struct Recorder<'a> {
    folder: &'a RunFolder,
    stage: StageName,
    events: Events,
}

impl<'a> Recorder<'a> {
    /// Begins at a step. What was recorded of later ones belongs to work that was lost, and is taken back.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(folder: &'a RunFolder, stage: StageName, step: usize) -> Result<Self, FileError> {
        metrics::cut(&folder.path(metrics::FILE), stage, step)?;
        let events = Events::create(&folder.path("events").join(stage.to_string()), step)?;
        Ok(Self { folder, stage, events })
    }

    /// Records named values of a step.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn values(&mut self, step: usize, seconds: f64, values: &[(String, f64)]) -> Result<(), FileError> {
        let mut line: Map<String, Value> = values.iter().map(|(name, value)| (name.clone(), (*value).into())).collect();
        line.insert("stage".into(), self.stage.to_string().into());
        line.insert("step".into(), step.into());
        line.insert("seconds".into(), seconds.into());
        let path = self.folder.path(metrics::FILE);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(format!("{}\n", Value::Object(line)).as_bytes()))
            .map_err(FileError::at(&path))?;
        self.events.scalars(step, values)
    }

    /// Keeps a grid of pictures as PNG.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn samples(&mut self, step: usize, grid: &RgbImage) -> Result<(), FileError> {
        let path = self.folder.path("samples").join(format!("{step:07}.png"));
        let png = film::png(grid).map_err(|e| FileError { path: path.clone(), source: std::io::Error::other(e) })?;
        files::replace(&path, |file| file.write_all(&png))?;
        self.events.image(step, "samples", grid.dimensions(), &png)
    }
}
