//! `trainer report`: what is made of all that a run has recorded so far.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::io::run_folder::RunFolder;
use crate::report;

/// Options of `trainer report`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder of the run
    run: PathBuf,
}

/// Writes report, model card and film.
///
/// # Errors
/// Where the folder is no run's, or cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    report::publish(&folder, &folder.load_config()?)?;
    println!("report written to {}", folder.path("report.html").display());
    Ok(())
}
