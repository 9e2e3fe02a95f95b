//! `trainer eval`: how good a model is, by one protocol.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::program::{can_hold, data_of};
use crate::data::emoji::TrueArt;
use crate::data::{self, DataConfig};
use crate::eval::scenes::{self, Asked};
use crate::eval::{self, Evaluators, Inception, Model, ModelPath, Protocol};
use crate::io::device::{self, DeviceChoice};
use crate::io::files;
use crate::report::FIGURES;
use crate::report::figures::Report;
use crate::train::run::RunError;

/// What the figures of scenes are written as.
const SCENES: &str = "scenes.json";

/// Options of `trainer eval`.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder of a run, or a model file
    model: PathBuf,
    /// Captioned pictures to measure with; without them those of the run, for a model file the embedded emoji
    #[arg(value_name = "DATA", conflicts_with = "source")]
    place: Option<PathBuf>,
    /// A judge that `emblem-lab judge` has written; without it the one of this program (embedded emoji, 128 px), else one is trained and
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
    /// Measure instead what captions of several things are drawn as: GenEval's six skills, of the model's names and of COCO's
    #[arg(long, conflicts_with_all = ["inception", "lend_from"])]
    scenes: bool,
    /// Also write the pictures of COCO's names, and true ones, into this folder as GenEval's own tools read them
    #[arg(long, value_name = "DIR", requires = "scenes")]
    scenes_export: Option<PathBuf>,
    /// Seed of the draws: which captions, which styles
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to compute; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
    /// File to write (JSON); without it figures.json (with --scenes, scenes.json) in the run's folder, or MODEL.figures.json beside a model file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    data: DataConfig,
}

/// Measures, prints and saves.
///
/// # Errors
/// Where the model, the data, the judge or a weight file cannot be read, or the figures not be saved.
pub fn run(options: &Options) -> Result<()> {
    let place = ModelPath::of(&options.model)?;
    options.output.as_deref().map_or(Ok(()), can_hold)?;
    let device = device::open(options.device)?.device;
    let model = Model::load(&place, &device)?;
    let data = data_of(&options.data, options.place.as_ref());
    // Without a word about data, those that the model was trained on.
    let data = if data == DataConfig::default() { model.data.clone() } else { data };
    let beside = match &place {
        ModelPath::Run(run) => run.path(""),
        ModelPath::File(file) => file.parent().unwrap_or(Path::new("")).to_owned(),
    };
    // Before what takes minutes: a wrong file is told at once.
    let inception = options.inception.as_deref().map(|path| Inception::from_file(path, &device)).transpose()?;
    let lend_from = options.lend_from.as_deref();
    let unseen_set = lend_from.map(|folder| eval::pictures_of_unseen_set(folder, model.image_size)).transpose()?;
    let run = place.run().map(|run| run.path(""));
    let dataset = data::load(&data, model.image_size, run.as_deref()).map_err(RunError::from)?;
    let protocol = Protocol { seed: options.seed, ..Protocol::default() };
    let source = data.public_name();
    let evaluators = match &options.judge {
        Some(path) => Evaluators::from_file(path, &dataset, &protocol, &device)?,
        None => Evaluators::usual(&dataset, &source, &beside, &protocol, &device)?,
    };
    let art = data.source.is_none().then(|| TrueArt::of(&data)).transpose().map_err(RunError::from)?;
    let evaluators = Evaluators { inception, unseen_set, art, ..evaluators };
    if options.scenes {
        let asked = Asked { model: &model, evaluators: &evaluators, dataset: &dataset, protocol: &protocol, device: &device };
        let report = scenes::evaluate(asked, &source, options.scenes_export.as_deref())?;
        return saved(&report, options, &place, SCENES);
    }
    let report = eval::evaluate(&model, &evaluators, &dataset, &source, &protocol, &device)?;
    saved(&report, options, &place, FIGURES)?;
    if place.run().is_some() && options.output.is_none() {
        println!("`trainer report {}` puts them into the report", options.model.display());
    }
    Ok(())
}

/// Prints a report and writes it where it was asked for, or under `name` with the model.
fn saved(report: &Report, options: &Options, place: &ModelPath, name: &str) -> Result<()> {
    print!("{}", report.table());
    let output = options.output.clone().unwrap_or_else(|| match place {
        ModelPath::Run(run) => run.path(name),
        ModelPath::File(file) => file.with_extension(name),
    });
    let text = serde_json::to_string_pretty(report)? + "\n";
    files::replace(&output, |file| file.write_all(text.as_bytes()))?;
    println!("figures written to {}", output.display());
    Ok(())
}
