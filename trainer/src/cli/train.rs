//! `trainer`: a training run from data to model file and report.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{ArgMatches, Args};

use super::config;
use crate::config::{StageName, TrainConfig};
use crate::io::run_folder::{MODEL, RunFolder, RunLock};
use crate::report::view::{Leave, Stop, View};
use crate::report::{self, say};
use crate::train::export;
use crate::train::run::{self, RunError, Which, plan};

/// Options of training.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder of the run, which gets checkpoints, metrics, sample grids, model file and report
    #[arg(long, default_value = "runs/emblem", value_name = "DIR")]
    run: PathBuf,
    /// Continue the run in that folder with its own settings; a file and options go over them
    ///
    /// What the run began with stays: its model's shape, data, seed and preset.
    #[arg(long)]
    resume: bool,
    /// Check data, device, memory and disk, time a few steps and print the plan, without training
    #[arg(long)]
    dry_run: bool,
    /// Print lines of text instead of the dashboard
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    config: config::Options,
}

/// Trains in a new run's folder, or goes on in one. `leave` ends the program where a second signal asks for that.
///
/// # Errors
/// [`RunError`] and others; the run folder keeps the last checkpoints.
pub fn run(options: &Options, matches: &ArgMatches, leave: Leave) -> Result<()> {
    let layers = options.config.layers(matches)?;
    // Nothing is created before the settings are known to be good.
    let has_begun = RunFolder::has_begun(&options.run);
    let config = match (options.resume, has_begun) {
        (true, _) => layers.resume(&RunFolder::open(&options.run)?.load_config()?, has_begun)?,
        (false, true) => return Err(RunError::RunExists(options.run.clone()).into()),
        (false, false) => layers.resolve()?,
    };
    config.validate()?;
    if options.dry_run {
        return Ok(plan::plan(&config, &options.run)?);
    }
    let stop = Stop::on_signal(leave).context("cannot listen to Ctrl-C")?;
    let claim = RunFolder::claim(&options.run)?;
    let mut view = View::open(options.plain, &stop);
    view.say(&format!("run folder: {}", options.run.display()));
    to_the_end(config, &claim, &stop, &mut view)
}

/// Trains, then exports the model and reports.
///
/// # Errors
/// As [`run`](run()).
pub fn to_the_end(config: TrainConfig, folder: &RunLock, stop: &Stop, view: &mut View) -> Result<()> {
    let (config, step) = run::train(config, folder, stop, view)?;
    finish(&config, folder, step, stop, view)
}

/// Exports the model of a trained run and reports. All is saved by then, so a stop leaves what is not begun to the next `--resume`.
fn finish(config: &TrainConfig, folder: &RunLock, step: usize, stop: &Stop, view: &mut View) -> Result<()> {
    let heed = || match stop.asked() {
        true => Err(RunError::Interrupted { stage: StageName::Disentangling, step }),
        false => Ok(()),
    };
    heed()?;
    let path = folder.path(MODEL);
    export::export(folder, config, Which::Last, &path)?;
    say(folder, view, &format!("model written to {}", path.display()));
    heed()?;
    report::publish(folder, config)?;
    say(folder, view, &format!("report: {}", folder.path("report.html").display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_after_the_last_step_leaves_the_rest_to_the_next_time() {
        let (place, stop) = (tempfile::tempdir().unwrap(), Stop::default());
        let claim = RunFolder::claim(place.path()).unwrap();
        stop.begin();
        stop.ask();
        let ended = finish(&TrainConfig::default(), &claim, 8, &stop, &mut View::open(true, &stop)).unwrap_err();
        let ended = ended.downcast_ref::<RunError>();
        assert!(matches!(ended, Some(RunError::Interrupted { stage: StageName::Disentangling, step: 8 })), "{ended:?}");
        assert!(!place.path().join("model.safetensors").exists() && !place.path().join("report.html").exists());
    }
}
