//! `emblem-lab sweep`: does disentangling help? The same small model trained in several ways at equal cost, and measured by one protocol.
//!
//! Equal cost is equal seconds of the processor in the disentangling stage, not equal steps: a step of one way costs three times one of
//! another, and who pays for it pays in seconds. Processor's seconds, since a machine that does other things besides would else cheat
//! one way or the other. All ways of a seed begin with the same matching model, and all models are asked by the same judge. What is
//! done is kept in the folder and not done again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use burn::prelude::*;
use clap::Args;
use shared::model::matching::MatchingModel;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use super::comparison::{Comparison, Trial};
use crate::config::{Preset, SettingError, TrainConfig};
use crate::data::DataConfig;
use crate::eval::{EvalError, Evaluators, Model, Protocol, evaluate};
use crate::io::device::{self, DeviceChoice};
use crate::io::files::{self, FileError};
use crate::io::hash::hex_sha256;
use crate::report::figures::Report;
use crate::train::disentangling::{Stage, State};
use crate::train::pretraining::{Pretraining, PretrainingState};
use crate::train::run::{self, RunError, TrainingData};

/// How often a step's values are looked at: a run that has diverged need not be trained to its end.
const LOOK_EVERY: usize = 100;

/// What to compare, and at what cost.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Folder for what is done, and for comparison.md and comparison.json
    #[arg(short, long, default_value = "runs/sweep", value_name = "DIR")]
    output: PathBuf,
    /// Seconds of training for each way and seed, after pretraining: of one processor core, or of a GPU's clock
    #[arg(long, default_value_t = 180.0, value_parser = positive)]
    seconds: f64,
    /// Seeds for each way: 1, 2 and so on
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Side of the pictures in pixels
    #[arg(long, default_value_t = 32)]
    image_size: usize,
    /// Generator channels at 8 x 8
    #[arg(long, default_value_t = 64)]
    generator_channels: usize,
    /// Image encoder channels at its largest map
    #[arg(long, default_value_t = 16)]
    encoder_channels: usize,
    /// Steps of pretraining, once for each seed
    #[arg(long, default_value_t = 1000)]
    matching_steps: usize,
    /// A judge that `emblem-lab judge` has written, for pictures of this size; without it one is trained and kept in the folder
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// Where to compute; `auto` takes a GPU where there is one
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceChoice,
    #[command(flatten)]
    data: DataConfig,
}

fn positive(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "give a number of seconds above 0".to_owned())
}

/// A way of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arm {
    /// The patent's adversarial losses alone.
    Neither,
    /// With L_style.
    StyleOnly,
    /// With L_content.
    ContentOnly,
    /// The patent's method: with both.
    Patent,
    /// Ours.
    Swap,
}

impl Arm {
    const ALL: [Self; 5] = [Self::Neither, Self::StyleOnly, Self::ContentOnly, Self::Patent, Self::Swap];

    fn name(self) -> &'static str {
        match self {
            Self::Neither => "no disentangling",
            Self::StyleOnly => "style loss only",
            Self::ContentOnly => "content loss only",
            Self::Patent => "patent",
            Self::Swap => "swap",
        }
    }

    /// Its settings; what is not the method's own is the same in all.
    fn config(self, options: &Options, seed: u64) -> TrainConfig {
        let preset = TrainConfig::of_preset(if self == Self::Swap { Preset::Supervised } else { Preset::Adversarial });
        let (content, style) = match self {
            Self::Neither => (0.0, 0.0),
            Self::StyleOnly => (0.0, preset.losses.lambda_style),
            Self::ContentOnly => (preset.losses.lambda_content, 0.0),
            Self::Patent | Self::Swap => (preset.losses.lambda_content, preset.losses.lambda_style),
        };
        preset.with(|config| {
            config.losses.lambda_content = content;
            config.losses.lambda_style = style;
            config.start.seed = seed;
            config.shape.image_size = options.image_size;
            config.shape.generator_channels = options.generator_channels;
            config.shape.encoder_channels = options.encoder_channels;
            config.schedule.matching_steps = options.matching_steps;
            // Else z would be harder to find in one than in another.
            config.shape.style_size = TrainConfig::default().shape.style_size;
            config.housekeeping.device = options.device;
            config.data = options.data.clone();
        })
    }
}

/// Trains and measures what is not done yet, and writes the comparison after each.
///
/// # Errors
/// Why a trial cannot be trained or measured; what was done before is kept.
pub fn run(options: &Options) -> Result<()> {
    let first = Arm::Swap.config(options, 1);
    first.validate()?;
    let chosen = device::open(options.device)?;
    files::make_folder(&options.output)?;
    files::clear_unfinished(&options.output)?;
    tracing::info!("computing on the {}", chosen.reason);
    let material = run::load(&first, Some(&options.output), &mut |line| tracing::info!("{line}"))?;
    let (protocol, source) = (Protocol::default(), options.data.public_name());
    let (dataset, device) = (&material.dataset, &chosen.device);
    let evaluators = match &options.judge {
        Some(path) => Evaluators::from_file(path, dataset, &protocol, device)?,
        None => Evaluators::usual(dataset, &source, &options.output, &protocol, device)?,
    };
    tracing::info!("judge: {}", evaluators.skill.text());
    let bench = Bench {
        options,
        material: &material,
        evaluators: &evaluators,
        source: &source,
        device: &chosen.device,
        is_gpu: chosen.is_gpu,
    };
    let mut trials = vec![];
    for seed in 1..=options.seeds {
        // Trained where a way of this seed is not done yet, and kept for the others.
        let mut matching = None;
        for arm in Arm::ALL {
            trials.push(bench.trial(arm, seed, &mut matching)?);
            publish(options, &trials)?;
        }
    }
    tracing::info!("comparison written to {}", options.output.join("comparison.md").display());
    Ok(())
}

/// What all trials have in common.
struct Bench<'a> {
    options: &'a Options,
    material: &'a TrainingData,
    evaluators: &'a Evaluators,
    source: &'a str,
    device: &'a Device,
    is_gpu: bool,
}

impl Bench<'_> {
    /// A way with a seed: as it was done earlier, or done now.
    fn trial(&self, arm: Arm, seed: u64, matching: &mut Option<MatchingModel>) -> Result<Trial> {
        let (name, config) = (arm.name(), arm.config(self.options, seed));
        let path = self.options.output.join(format!("{}-seed-{seed}.json", name.replace(' ', "-")));
        let settings = settings(&config, self.options.seconds, &self.evaluators.skill.text())?;
        if let Some(trial) = done(&path).filter(|trial| trial.settings == settings) {
            tracing::info!("{name}, seed {seed}: done earlier");
            return Ok(trial);
        }
        let matching = match matching {
            Some(matching) => matching,
            none => none.insert(self.match_up(&config)?),
        };
        let (state, seconds) = self.train(&config, matching)?;
        let mut trial = Trial {
            arm: name.to_owned(),
            seed,
            settings,
            steps: state.step,
            pictures: state.step * config.optimiser.batch,
            seconds,
            report: None,
        };
        if all_finite(&state) {
            trial.report = Some(self.measure(&config, matching, state, name)?);
        }
        let text = serde_json::to_string_pretty(&trial).unwrap_or_default();
        files::replace(&path, |file| file.write_all(text.as_bytes()))?;
        let end = if trial.report.is_some() { "measured" } else { "diverged" };
        tracing::info!("{name}, seed {seed}: {} steps in {seconds:.0} s, {end}", trial.steps);
        Ok(trial)
    }

    /// Stage 1.
    fn match_up(&self, config: &TrainConfig) -> Result<MatchingModel, RunError> {
        let TrainingData { dataset, training, vocabulary } = self.material;
        tracing::info!("pretraining, seed {}: {} steps", config.start.seed, config.schedule.matching_steps);
        self.device.seed(config.start.seed);
        let stage = Pretraining { config, dataset, vocabulary, training, device: self.device };
        let mut state = PretrainingState::new(&stage);
        for step in 0..config.schedule.matching_steps {
            (state, _) = stage.step(state, step as f64 / config.schedule.matching_steps as f64)?;
        }
        Ok(state.model.valid())
    }

    /// Stage 2 until the time is over, or a value is not finite; also the seconds that it took.
    fn train(&self, config: &TrainConfig, matching: &MatchingModel) -> Result<(State, f64), RunError> {
        let TrainingData { dataset, training, vocabulary } = self.material;
        self.device.seed(config.start.seed);
        let texts = (vocabulary, &matching.sentence);
        let stage = Stage::new(config, (dataset, training), texts, self.device).with_stand_ins()?;
        let mut state = State::new(config, self.device);
        let clock = Clock::start(self.is_gpu);
        loop {
            let seconds = clock.seconds();
            let done = seconds / self.options.seconds;
            if done >= 1.0 {
                return Ok((state, seconds));
            }
            let (next, metrics) = stage.step(state, done)?;
            state = next;
            let is_finite = || metrics.iter().all(|(_, value)| value.clone().into_scalar::<f32>().is_finite());
            if state.step.is_multiple_of(LOOK_EVERY) && !is_finite() {
                return Ok((state, clock.seconds()));
            }
        }
    }

    fn measure(&self, config: &TrainConfig, matching: &MatchingModel, state: State, name: &str) -> Result<Report, EvalError> {
        let model = Model {
            name: format!("{name}, seed {}, {} steps of {}", config.start.seed, state.step, config.optimiser.batch),
            vocabulary: self.material.vocabulary.clone(),
            sentence: matching.sentence.clone(),
            matching: Some(matching.clone()),
            side: state.average,
            encoder: state.discriminator.valid().encoder.folded(),
            image_size: config.shape.image_size,
            style_size: config.shape.style_size,
            caption_words: config.model().caption_words,
            data: config.data.clone(),
        };
        evaluate(&model, self.evaluators, &self.material.dataset, self.source, &Protocol::default(), self.device)
    }
}

/// Whether the trained generator can be measured.
fn all_finite(state: &State) -> bool {
    let finite =
        |parameters: shared::model::parameters::Parameters| parameters.values().all(|p| p.values.iter().all(|v| v.is_finite()));
    finite(shared::model::parameters::parameters_of(&state.average))
        && finite(shared::model::parameters::parameters_of(&state.discriminator.valid()))
}

/// The processor's seconds that this program has used; a GPU's are not counted by anybody, so there a clock on the wall must do.
struct Clock {
    is_gpu: bool,
    started: Instant,
    used_before: f64,
}

impl Clock {
    fn start(is_gpu: bool) -> Self {
        Self { is_gpu, started: Instant::now(), used_before: processor_seconds().unwrap_or(0.0) }
    }

    fn seconds(&self) -> f64 {
        let processor = processor_seconds().filter(|_| !self.is_gpu).map(|used| used - self.used_before);
        processor.unwrap_or_else(|| self.started.elapsed().as_secs_f64())
    }
}

/// Of all threads together; `None` where the system does not tell.
fn processor_seconds() -> Option<f64> {
    let own = sysinfo::get_current_pid().ok()?;
    let mut system = System::new();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, ProcessRefreshKind::nothing().with_cpu());
    let milliseconds = system.process(own)?.accumulated_cpu_time();
    (milliseconds > 0).then_some(milliseconds as f64 / 1000.0)
}

/// All that decides a trial, and who judges it, as one number.
fn settings(config: &TrainConfig, seconds: f64, judge: &str) -> Result<String, SettingError> {
    Ok(hex_sha256(format!("{} {seconds} {judge}", config.to_toml()?))[..16].to_owned())
}

/// A trial that was done earlier, if its file is whole.
fn done(path: &Path) -> Option<Trial> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// Writes what there is to compare by now.
fn publish(options: &Options, trials: &[Trial]) -> Result<(), FileError> {
    let arms = Arm::ALL.map(Arm::name);
    let comparison = Comparison::of(&arms, trials);
    let json = serde_json::to_string_pretty(&comparison).unwrap_or_default() + "\n";
    for (name, text) in [("comparison.md", comparison.markdown()), ("comparison.json", json)] {
        files::replace(&options.output.join(name), |file| file.write_all(text.as_bytes()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn options(more: &[&str]) -> Options {
        Line::parse_from([&["sweep"], more].concat()).options
    }

    #[test]
    fn ways_differ_in_their_method_alone() {
        let options = options(&[]);
        let configs = Arm::ALL.map(|arm| arm.config(&options, 2));
        assert!(configs.iter().all(|config| config.validate().is_ok()));
        let lambdas =
            configs.each_ref().map(|c| (c.losses.lambda_content > 0.0, c.losses.lambda_style > 0.0, c.losses.lambda_swap > 0.0));
        let (t, f) = (true, false);
        assert_eq!(lambdas, [(f, f, f), (f, t, f), (t, f, f), (t, t, f), (t, t, t)]);
        for config in &configs {
            assert_eq!(
                (config.start.seed, config.shape.image_size, config.shape.style_size, config.optimiser.batch),
                (2, 32, configs[4].shape.style_size, 16)
            );
        }
        let numbers: std::collections::HashSet<String> = configs.iter().map(|c| settings(c, 1.0, "").unwrap()).collect();
        assert_eq!(numbers.len(), 5);
        assert_ne!(settings(&configs[0], 1.0, "").unwrap(), settings(&configs[0], 2.0, "").unwrap());
    }

    /// That waiting does not count cannot be seen from here: the other tests' work is this process's, too.
    #[test]
    fn the_clock_counts_work() {
        let clock = Clock::start(false);
        let patience = Instant::now() + std::time::Duration::from_secs(20);
        let mut sum = 0u64;
        while clock.seconds() < 0.05 && Instant::now() < patience {
            sum = (0..1000).fold(sum, |sum, _| std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7)));
        }
        assert!(clock.seconds() >= 0.05, "{sum}");
    }

    /// Other tests of the program run beside this one, so it asks for little and checks what does not depend on time.
    #[test]
    fn what_is_done_is_not_done_again() {
        let place = tempfile::tempdir().unwrap();
        let trial =
            Trial { arm: "patent".into(), seed: 1, settings: "x".into(), steps: 3, pictures: 48, seconds: 1.0, report: None };
        let path = place.path().join("patent-seed-1.json");
        assert_eq!(done(&path), None);
        std::fs::write(&path, serde_json::to_string(&trial).unwrap()).unwrap();
        assert_eq!(done(&path), Some(trial));
        std::fs::write(&path, "{\"arm\": ").unwrap();
        assert_eq!(done(&path), None, "a torn file is not believed");
    }
}
