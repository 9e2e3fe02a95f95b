//! What a run leaves to be read: figures as they come, and at the end a film, a model card and a report.

mod card;
mod chart;
mod events;
mod film;
mod metrics;
mod report;

use std::fs::OpenOptions;
use std::io::Write;

use image::RgbImage;
use serde_json::{Map, Value};

use crate::config::TrainConfig;
use crate::run::checkpoint::StageName;
use crate::run::files::{self, FileError};
use crate::run::{RunError, RunFolder};

pub use film::png;

use events::Events;
use metrics::Metrics;

/// Where the last evaluation's figures are.
pub const FIGURES: &str = "figures.json";
/// Where what was said is kept.
const LOG: &str = "log.txt";

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

/// Adds a line to the run's log. A log that cannot be written is no reason to stop training.
pub fn note(folder: &RunFolder, line: &str) {
    let file = OpenOptions::new().create(true).append(true).open(folder.path(LOG));
    let _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
}

/// Writes film, model card and report from what the folder holds by now.
///
/// # Errors
/// [`RunError`] where the folder cannot be read or written.
pub fn publish(folder: &RunFolder, config: &TrainConfig) -> Result<(), RunError> {
    let metrics = Metrics::read(&folder.path(metrics::FILE))?;
    let grids = film::grids(&folder.path("samples"))?;
    film::write(&folder.path("film.gif"), &grids)?;
    let figures = std::fs::read_to_string(folder.path(FIGURES)).ok().and_then(|text| serde_json::from_str(&text).ok());
    let log = std::fs::read_to_string(folder.path(LOG)).unwrap_or_default();
    let card = card::card(config, &metrics, figures.as_ref());
    let report =
        report::report(&report::Material { config, metrics: &metrics, figures: figures.as_ref(), grids: &grids, log: &log })?;
    for (name, text) in [("model-card.md", card), ("report.html", report)] {
        files::replace(&folder.path(name), |file| file.write_all(text.as_bytes()))?;
    }
    Ok(())
}
