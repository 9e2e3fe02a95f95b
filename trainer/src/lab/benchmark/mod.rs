//! Emblem's side of `cargo xtask bench` where it is the trainer's: steps of training, and pictures for them.
//!
//! A contestant says one line about itself, then answers each line of input, a number, with the milliseconds of that many turns.

mod answer;
mod pictures;
mod step;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use crate::data::DataConfig;
use crate::io::device::DeviceChoice;

/// What is timed.
#[derive(Debug, Subcommand)]
pub enum Benchmark {
    /// Steps of G and E on fixed pictures; FILE gets weights, inputs and what comes of them, for others to do the same
    Step {
        file: PathBuf,
        #[arg(long, default_value_t = 64)]
        image_size: usize,
        #[arg(long, default_value_t = 16)]
        batch: usize,
        #[arg(long, value_enum, default_value = "cpu")]
        device: DeviceChoice,
    },
    /// Batches of training pictures; FILE gets some of them, for others to show the same
    Load {
        file: PathBuf,
        #[arg(long, default_value_t = 16)]
        batch: usize,
        #[command(flatten)]
        data: Box<DataConfig>,
    },
    /// Opening data
    Open {
        #[command(flatten)]
        data: Box<DataConfig>,
    },
    /// Writes so many captioned pictures: a folder of them, or a tar file
    Pictures { place: PathBuf, count: usize },
}

impl Benchmark {
    /// Takes part.
    ///
    /// # Errors
    /// For what cannot be read or written.
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Step { file, image_size, batch, device } => step::contest(file, *image_size, *batch, *device),
            Self::Load { file, batch, data } => pictures::contest(file, *batch, data),
            Self::Open { data } => pictures::open(data),
            Self::Pictures { place, count } => pictures::write(place, *count),
        }
    }
}
