//! What is made of all that a run's folder holds.

use std::io::Write;

use super::error::ReportError;
use super::log::LOG;
use super::metrics::{self, Metrics};
use super::{card, film, page};
use crate::config::TrainConfig;
use crate::io::files;
use crate::io::run_folder::RunFolder;

/// Where the last evaluation's figures are.
pub const FIGURES: &str = "figures.json";

/// Writes film, model card and report from what the folder holds by now.
///
/// # Errors
/// [`ReportError`] where the folder cannot be read or written.
pub fn publish(folder: &RunFolder, config: &TrainConfig) -> Result<(), ReportError> {
    let metrics = Metrics::read(&folder.path(metrics::FILE))?;
    let grids = film::grids(&folder.path("samples"))?;
    film::write(&folder.path("film.gif"), &grids)?;
    let figures = std::fs::read_to_string(folder.path(FIGURES)).ok().and_then(|text| serde_json::from_str(&text).ok());
    let log = std::fs::read_to_string(folder.path(LOG)).unwrap_or_default();
    let card = card::card(config, &metrics, figures.as_ref());
    let report = page::page(&page::Material { config, metrics: &metrics, figures: figures.as_ref(), grids: &grids, log: &log })?;
    for (name, text) in [("model-card.md", card), ("report.html", report)] {
        files::replace(&folder.path(name), |file| file.write_all(text.as_bytes()))?;
    }
    Ok(())
}
