//! The command line.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use burn::prelude::*;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use image::imageops::FilterType;
use shared::{Painter, Picture, StyleCode};

use crate::config::{Sources, TrainConfig};
use crate::data::{self, check};
use crate::device::DeviceChoice;
use crate::run::{self, RunError, RunFolder, Which, files, plan};
use crate::view::{Stop, View};
use crate::{evaluate, export, record};

/// Trains Emblem: pictures from captions, with style kept apart from content.
///
/// Without a command it trains on the embedded emoji on the best device it finds. Ctrl-C saves; `--resume` continues.
#[derive(Debug, Parser)]
#[command(
    name = "trainer",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Settings come from the preset, then from --config FILE, then from the options; `trainer config` prints them all, \
                  explained, as such a file. `--dry-run` tries everything and trains nothing.\n\n\
                  Exit codes: 0 done, 2 wrong usage, 3 bad data or file, 4 diverged, 5 no such device, 130 stopped and saved."
)]
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
    /// Print all settings, explained, as a file for --config
    Config(Box<Config>),
    /// Write the model file of a run's checkpoint
    Export(Export),
    /// Write a run's report, model card and film from what it has recorded so far
    Report(Report),
    /// Measure a run on pictures that it never saw, and write figures.json into its folder
    Evaluate(Evaluate),
    /// Look at captioned pictures before training on them, and write a report
    Check(check::Options),
    /// Build the picture pack from its published packages (developers; needs npm)
    Pack(Pack),
}

#[derive(Debug, Args)]
struct Train {
    /// Folder of the run: checkpoints, metrics, sample grids, model file, report
    #[arg(long, default_value = "runs/emblem", value_name = "DIR")]
    run: PathBuf,
    /// Continue the run in this folder with its settings; a file or options given beside it override them
    #[arg(long)]
    resume: bool,
    /// Check data, device, memory and disk, time a few steps, print the plan, and train nothing
    #[arg(long)]
    dry_run: bool,
    /// Print lines even where there is a terminal for the dashboard
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Args)]
struct Config {
    /// Read settings from this file; options go over them
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    settings: TrainConfig,
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
    /// Which checkpoint: `last`, `best` on the validation pictures, or a step
    #[arg(long, default_value = "last", value_name = "WHICH")]
    checkpoint: Which,
}

#[derive(Debug, Args)]
struct Report {
    /// Folder of the run
    run: PathBuf,
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

/// Runs the command line; [`RunError::exit_code`] lists the exit codes.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let result = match cli.command {
        None => train(&cli.train, &matches),
        Some(Command::Config(options)) => config(&options, matches.subcommand_matches("config").unwrap_or(&matches)),
        Some(Command::Paint(options)) => paint(&options),
        Some(Command::Export(options)) => export(&options),
        Some(Command::Report(options)) => report(&options),
        Some(Command::Evaluate(options)) => evaluate(&options),
        Some(Command::Check(options)) => check::run(&options).map_err(|error| RunError::from(error).into()),
        Some(Command::Pack(options)) => pack(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let run = error.downcast_ref::<RunError>();
            // Who asked for a stop has got what they wanted.
            let wanted = matches!(run, Some(RunError::Interrupted { .. }));
            eprintln!("{}{error:#}", if wanted { "" } else { "error: " });
            ExitCode::from(run.map_or(3, RunError::exit_code))
        }
    }
}

impl Config {
    fn sources(&self, matches: &clap::ArgMatches) -> Result<Sources, RunError> {
        Ok(Sources::read(self.file.as_deref(), &self.settings, matches)?)
    }
}

fn train(options: &Train, matches: &clap::ArgMatches) -> Result<()> {
    let sources = options.config.sources(matches)?;
    // Nothing is created before the settings are known to be good.
    let config = match (options.resume, RunFolder::exists(&options.run)) {
        (true, _) => sources.resume(&RunFolder::open(&options.run)?.load_config()?).map_err(RunError::from)?,
        (false, true) => return Err(RunError::RunExists(options.run.clone()).into()),
        (false, false) => sources.resolve().map_err(RunError::from)?,
    };
    config.validate().map_err(RunError::from)?;
    if options.dry_run {
        return Ok(plan::plan(&config, &options.run)?);
    }
    let stop = Stop::on_signal().context("cannot listen to Ctrl-C")?;
    let claim = RunFolder::claim(&options.run)?;
    let mut view = View::open(options.plain, &stop);
    view.say(&format!("run folder: {}", options.run.display()));
    Ok(run::train(config, &claim, &stop, &mut view)?)
}

fn config(options: &Config, matches: &clap::ArgMatches) -> Result<()> {
    let config = options.sources(matches)?.resolve().map_err(RunError::from)?;
    config.validate().map_err(RunError::from)?;
    print!("{}", config.to_toml().map_err(RunError::from)?);
    Ok(())
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
    export::export(&folder, &folder.load_config()?, options.checkpoint, &options.output)?;
    println!("model written to {}", options.output.display());
    Ok(())
}

fn report(options: &Report) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    record::publish(&folder, &folder.load_config()?)?;
    println!("report written to {}", folder.path("report.html").display());
    Ok(())
}

fn evaluate(options: &Evaluate) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    let config = TrainConfig { device: options.device, ..folder.load_config()? };
    let figures = evaluate::evaluate(&folder, &config, options.seed)?;
    for figure in &figures {
        println!("{:<44} {:>7.2}   {}", figure.name, figure.value, figure.from);
    }
    let text = serde_json::to_string_pretty(&figures)? + "\n";
    files::replace(&folder.path(record::FIGURES), |file| file.write_all(text.as_bytes()))?;
    println!("`trainer report {}` puts them into the report", options.run.display());
    Ok(())
}

fn pack(options: &Pack) -> Result<()> {
    data::emoji::pack::build(&options.output, &options.cache, &|line| println!("{line}"))
        .map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}
