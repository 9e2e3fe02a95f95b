//! `trainer export`: the model file of a run, or a model file again with the data's present names.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::io::run_folder::RunFolder;
use crate::train::export;
use crate::train::run::Which;

/// Options of `trainer export`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder of the run; or a model file of the emoji, whose weights stay and whose things get the names that the data has for them now
    #[arg(value_name = "RUN|MODEL")]
    run: PathBuf,
    /// File to write
    #[arg(short, long, default_value = "model.safetensors")]
    output: PathBuf,
    /// Which checkpoint: `last`, `best` on the validation pictures, or a step
    #[arg(long, default_value = "last", value_name = "WHICH")]
    checkpoint: Which,
}

/// Writes the model file.
///
/// # Errors
/// [`export::ExportError`] where the run or model cannot be read, or the file not be written.
pub fn run(options: &Options) -> Result<()> {
    match options.run.is_file() {
        true => export::renew(&options.run, &options.output)?,
        false => {
            let folder = RunFolder::open(&options.run)?;
            export::export(&folder, &folder.load_config()?, options.checkpoint, &options.output)?;
        }
    }
    println!("model written to {}", options.output.display());
    Ok(())
}
