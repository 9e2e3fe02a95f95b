//! Emblem's side of `cargo xtask bench` where it is the trainer's: steps of training, and pictures for them.
//!
//! A contestant says one line about itself, then answers each line of input, a number, with the milliseconds of that many turns.

mod pictures;
mod step;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Subcommand;
use serde_json::json;

use crate::data::DataConfig;
use crate::device::DeviceChoice;
use crate::run::RunError;

/// What is timed.
#[derive(Debug, Subcommand)]
pub enum Contest {
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

impl Contest {
    /// Takes part.
    ///
    /// # Errors
    /// [`RunError`] for what cannot be read or written.
    pub fn run(&self) -> Result<(), RunError> {
        match self {
            Self::Step { file, image_size, batch, device } => step::contest(file, *image_size, *batch, *device),
            Self::Load { file, batch, data } => pictures::contest(file, *batch, data),
            Self::Open { data } => pictures::open(data),
            Self::Pictures { place, count } => pictures::write(place, *count),
        }
    }
}

/// Greets, then answers until the input ends.
fn answer(mut turn: impl FnMut() -> Result<(), RunError>) -> Result<(), RunError> {
    let version = format!("Emblem {}", env!("CARGO_PKG_VERSION"));
    say(&json!({ "version": version, "off": 0.0 }));
    for line in io::stdin().lines() {
        let count: usize = line.ok().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = Instant::now();
            turn()?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        say(&json!(times));
    }
    Ok(())
}

/// One line for whoever asked; if nobody reads any more, there is nobody to tell.
fn say(line: &serde_json::Value) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
