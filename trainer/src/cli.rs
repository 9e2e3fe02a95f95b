//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use image::imageops::FilterType;
use shared::{Painter, Picture, StyleCode};

use crate::checkpoint::RunFolder;
use crate::config::TrainConfig;
use crate::data::{self, check};
use crate::device::DeviceChoice;
use crate::progress::Stop;
use crate::run::{self, RunError};
use crate::{evaluate, export};

/// Trains Emblem: pictures from captions, with style kept apart from content.
///
/// Without a command it trains on the embedded emoji on the best device it finds. Ctrl-C saves; `--resume` continues.
#[derive(Debug, Parser)]
#[command(name = "trainer", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: Train,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw a caption with a model file
    Paint(Paint),
    /// Write the model file of a run's last checkpoint
    Export(Export),
    /// Measure a run on pictures that it never saw, and write figures.json into its folder
    Evaluate(Evaluate),
    /// Look at captioned pictures before training on them, and write a report
    Check(check::Options),
    /// Build the picture pack from its published packages (developers; needs npm)
    Pack(Pack),
}

#[derive(Debug, Args)]
struct Train {
    /// Folder of the run: checkpoints, metrics, sample grids, model file
    #[arg(long, default_value = "runs/emblem", value_name = "DIR")]
    run: PathBuf,
    /// Continue the run in this folder with its settings; options given beside it override them
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    config: TrainConfig,
}

#[derive(Debug, Args)]
struct Paint {
    /// Model file, such as models/emblem.safetensors
    model: PathBuf,
    /// What to draw, such as "a red apple"
    caption: String,
    /// Style seed: a number, or any word
    #[arg(long, default_value = "0", conflicts_with = "style_from")]
    style: String,
    /// Take the style of this picture
    #[arg(long, value_name = "PICTURE")]
    style_from: Option<PathBuf>,
    /// File to write (PNG)
    #[arg(short, long, default_value = "picture.png")]
    output: PathBuf,
}

#[derive(Debug, Args)]
struct Export {
    /// Folder of the run
    run: PathBuf,
    /// File to write
    #[arg(short, long, default_value = "model.safetensors")]
    output: PathBuf,
}

#[derive(Debug, Args)]
struct Evaluate {
    /// Folder of the run
    run: PathBuf,
    /// Seed of the draws: which captions, which styles
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to compute; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
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

/// Exit codes: 0 done, 2 wrong usage, 3 bad data or file, 4 diverged, 5 no device, 130 stopped and saved.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let result = match cli.command {
        None => train(cli.train, &matches),
        Some(Command::Paint(options)) => paint(&options),
        Some(Command::Export(options)) => export(&options),
        Some(Command::Evaluate(options)) => evaluate(&options),
        Some(Command::Check(options)) => check::run(&options).map_err(|error| RunError::from(error).into()),
        Some(Command::Pack(options)) => pack(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let advice = match error.downcast_ref::<RunError>() {
                Some(RunError::Data(data)) => format!("\n{}", data.advice()),
                _ => String::new(),
            };
            eprintln!("error: {error:#}{advice}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<RunError>() {
        Some(RunError::Interrupted) => 130,
        Some(RunError::Diverged { .. }) => 4,
        Some(RunError::Device(_)) => 5,
        Some(RunError::Setting(_)) => 2,
        _ => 3,
    }
}

fn train(options: Train, matches: &clap::ArgMatches) -> Result<()> {
    let exists = options.run.join("config.json").exists();
    let folder = match (options.resume, exists) {
        (true, false) => bail!("there is no run in {} to resume; name its folder with --run", options.run.display()),
        (false, true) => {
            bail!("{} holds a run already; continue it with --resume, or name another folder with --run", options.run.display())
        }
        (true, true) => RunFolder::open(&options.run)?,
        (false, false) => RunFolder::create(&options.run)?,
    };
    let config = match options.resume {
        true => options.config.resuming(folder.load_config()?, matches).map_err(RunError::from)?,
        false => options.config.with_preset(matches),
    };
    config.validate().map_err(RunError::from)?;
    let stop = Stop::on_signal().context("cannot listen to Ctrl-C")?;
    println!("run folder: {}", options.run.display());
    Ok(run::train(config, &folder, &stop)?)
}

fn paint(options: &Paint) -> Result<()> {
    let bytes = std::fs::read(&options.model).with_context(|| format!("cannot read the model {}", options.model.display()))?;
    let painter = Painter::from_bytes(&bytes, &Device::flex())
        .map_err(|e| anyhow::anyhow!("{}: {e}; {}", options.model.display(), e.advice()))?;
    let style = match &options.style_from {
        Some(path) => style_from(&painter, path)?,
        None => painter.style_from_seed(shared::seed_of(&options.style)),
    };
    for unknown in painter.read(&options.caption).unknown {
        let nearest =
            if unknown.nearest.is_empty() { String::new() } else { format!("; nearest: {}", unknown.nearest.join(", ")) };
        eprintln!("unknown word: {}{nearest}", unknown.word);
    }
    let picture =
        pollster::block_on(painter.paint(&options.caption, &style)).map_err(|e| anyhow::anyhow!("{e}; {}", e.advice()))?;
    let saved =
        image::save_buffer(&options.output, &picture.rgb, picture.width as u32, picture.height as u32, image::ColorType::Rgb8);
    saved.with_context(|| format!("cannot write {}", options.output.display()))
}

/// The style of a picture file, fitted on white paper at the model's size.
fn style_from(painter: &Painter, path: &Path) -> Result<StyleCode> {
    let picture = image::open(path).with_context(|| format!("cannot read the picture {}", path.display()))?;
    let size = painter.image_size() as u32;
    // On paper first: scaled with its transparency, whatever colour hides under it would bleed into the edges.
    let mut paper = image::RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut paper, &picture.to_rgba8(), 0, 0);
    let fitted = image::DynamicImage::from(paper).resize(size, size, FilterType::Lanczos3).to_rgb8();
    let mut square = image::RgbImage::from_pixel(size, size, image::Rgb([255; 3]));
    let (x, y) = ((size - fitted.width()) / 2, (size - fitted.height()) / 2);
    image::imageops::replace(&mut square, &fitted, i64::from(x), i64::from(y));
    let rgb = square.into_raw();
    let side = painter.image_size();
    let picture = Picture::new(side, side, rgb).context("the picture has lost pixels")?;
    pollster::block_on(painter.style_of(&picture)).map_err(|e| anyhow::anyhow!("{}: {e}; {}", path.display(), e.advice()))
}

fn export(options: &Export) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    let config = folder.load_config()?;
    export::export(&folder, &config, &options.output)?;
    println!("model written to {}", options.output.display());
    Ok(())
}

fn evaluate(options: &Evaluate) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    let config = TrainConfig { device: options.device, ..folder.load_config()? };
    let figures = evaluate::evaluate(&folder, &config, options.seed)?;
    for figure in &figures {
        println!("{:<44} {:>7.2}   {}", figure.name, figure.value, figure.from);
    }
    let path = folder.path("figures.json");
    std::fs::write(&path, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("cannot write {}", path.display()))
}

fn pack(options: &Pack) -> Result<()> {
    data::emoji::pack::build(&options.output, &options.cache, &|line| println!("{line}"))
        .map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}
