//! That a run that is stopped, damaged or astray ends where an undisturbed one does, or says why not.

use std::cell::Cell;
use std::fs;

use burn::prelude::*;
use shared::Vocabulary;
use shared::model::matching::{CaptionBatch, MatchingModel, SentenceEncoder};
use shared::model::parameters::{Parameters, parameters_of};

use super::attempt::attempt;
use super::checkpoint::{Checkpoint, CheckpointError, Position};
use super::checkpoints::Checkpoints;
use super::divergence::{Divergence, DivergenceDetector};
use super::frozen::Frozen;
use super::stages::Disentangling;
use super::steps::{TrainLoop, TrainingStage};
use super::validation::Validation;
use super::*;
use crate::config::{HousekeepingConfig, Preset, StageName, TrainConfig};
use crate::data::{DataConfig, DataError, Dataset, captions};
use crate::io::device::Chosen;
use crate::io::run_folder::RunFolder;
use crate::report::view::{Stop, View};
use crate::train::batches::TrainingSet;
use crate::train::disentangling::Stage;
use crate::train::metrics::Metrics;
use crate::train::pretraining::Pretraining;

fn config() -> TrainConfig {
    TrainConfig::of_preset(Preset::Supervised).with(|config| {
        (config.shape.image_size, config.shape.generator_channels, config.shape.encoder_channels) = (32, 16, 4);
        (config.optimiser.batch, config.optimiser.matching_batch) = (4, 4);
        (config.schedule.steps, config.schedule.matching_steps) = (8, 6);
        (config.schedule.adversarial_every, config.schedule.adversarial_start) = (2, 0.5);
        config.housekeeping = HousekeepingConfig { save_every: 3, log_every: 1, grid_every: 4, ..HousekeepingConfig::default() };
    })
}

/// Never writes anything between its first step and its last.
fn seldom() -> TrainConfig {
    let housekeeping =
        HousekeepingConfig { save_every: 10_000, log_every: 10_000, grid_every: 10_000, ..HousekeepingConfig::default() };
    TrainConfig { housekeeping, ..config() }
}

pub fn material() -> TrainingData {
    let data =
        DataConfig { groups: vec!["activities".into()], sets: vec!["twemoji".into(), "noto".into()], ..DataConfig::default() };
    let dataset = Dataset::load(&data, 32, None, &|_, _| {}).unwrap();
    let vocabulary = captions::vocabulary(&dataset.contents).unwrap();
    TrainingData { training: TrainingSet::new(&dataset), dataset, vocabulary }
}

/// A stage that something happens to after so many steps.
struct Disturbed<'a, S> {
    stage: &'a S,
    after: usize,
    taken: Cell<usize>,
    disturb: &'a dyn Fn(&mut Metrics),
}

impl<S: TrainingStage> TrainingStage for Disturbed<'_, S> {
    type State = S::State;
    const NAME: StageName = S::NAME;

    fn fresh(&self) -> S::State {
        self.stage.fresh()
    }

    fn restore(&self, checkpoint: &mut Checkpoint) -> Result<S::State, CheckpointError> {
        self.stage.restore(checkpoint)
    }

    fn save(&self, state: &S::State, checkpoint: &mut Checkpoint) -> Result<(), CheckpointError> {
        self.stage.save(state, checkpoint)
    }

    fn step(&self, state: S::State, done: f64) -> Result<(S::State, Metrics), DataError> {
        let (state, mut metrics) = self.stage.step(state, done)?;
        self.taken.set(self.taken.get() + 1);
        if self.taken.get() == self.after {
            (self.disturb)(&mut metrics);
        }
        Ok((state, metrics))
    }

    fn extent(&self) -> (usize, usize) {
        self.stage.extent()
    }

    fn stride(&self) -> usize {
        self.stage.stride()
    }

    fn samples(&self, state: &S::State) -> Result<Option<image::RgbImage>, DataError> {
        self.stage.samples(state)
    }

    fn validate(&self, state: &S::State) -> Option<f64> {
        self.stage.validate(state)
    }
}

/// Runs a stage in a folder; `disturb` happens after so many steps.
fn run<S: TrainingStage>(
    config: &TrainConfig,
    stage: &S,
    place: &tempfile::TempDir,
    stop: &Stop,
    after: usize,
    disturb: &dyn Fn(&mut Metrics),
) -> Result<S::State, RunError> {
    let claim = RunFolder::claim(place.path()).unwrap();
    let mut view = View::open(true, stop);
    let from = claim.checkpoints().newest(&mut |line| panic!("{line}")).unwrap();
    let mut session = TrainLoop { config, folder: &claim, data: "0123", is_gpu: false, stop, view: &mut view };
    session.run(&Disturbed { stage, after, taken: Cell::new(0), disturb }, from)
}

/// The recorded values, but for times.
fn recorded(place: &tempfile::TempDir) -> Vec<String> {
    let text = fs::read_to_string(place.path().join("metrics.jsonl")).unwrap();
    let line = |line: &str| {
        let mut values: serde_json::Value = serde_json::from_str(line).unwrap();
        values.as_object_mut().unwrap().remove("seconds");
        values.to_string()
    };
    text.lines().map(line).collect()
}

/// What the watch remembers at the end.
fn remembered(place: &tempfile::TempDir) -> DivergenceDetector {
    Checkpoints::new(place.path().join("checkpoints")).newest(&mut |_| {}).unwrap().unwrap().position.watch
}

/// Runs a stage to its end, and again with a stop on the way: weights, values and memory must be the same to the last bit. Moments and
/// randomness are, or the weights would not be.
fn resumes_exactly<S: TrainingStage>(config: &TrainConfig, stage: &S, weights: impl Fn(&S::State) -> Parameters) {
    // Both begin with the same weights, whatever other tests draw from the process's random numbers meanwhile.
    let mut beginning = Checkpoint::new(Position::start(S::NAME));
    stage.save(&stage.fresh(), &mut beginning).unwrap();
    let folder = || {
        let place = tempfile::tempdir().unwrap();
        RunFolder::claim(place.path()).unwrap().checkpoints().save(&beginning, 1).unwrap();
        place
    };
    let straight = folder();
    let undisturbed = run(config, stage, &straight, &Stop::default(), 0, &|_| {}).unwrap();

    let resumed = folder();
    let stop = Stop::default();
    stop.begin();
    let ended = run(config, stage, &resumed, &stop, 4, &|_| stop.ask()).err();
    assert!(matches!(ended, Some(RunError::Interrupted { step: 4, .. })), "{ended:?}");
    let disturbed = run(config, stage, &resumed, &Stop::default(), 0, &|_| {}).unwrap();
    assert!(weights(&undisturbed) == weights(&disturbed), "the weights differ");
    assert_eq!(recorded(&straight), recorded(&resumed));
    assert_eq!(remembered(&straight), remembered(&resumed));
}

#[test]
fn a_stage_that_was_stopped_ends_as_one_that_was_not() {
    let (config, material) = (config(), material());
    let TrainingData { dataset, training, vocabulary } = &material;
    let device = Device::flex();
    let matching_stage = Pretraining { config: &config, dataset, vocabulary, training, device: &device };
    resumes_exactly(&config, &matching_stage, |state| parameters_of(&state.model.valid()));

    device.seed(3);
    let matching = MatchingModel::new(&config.model(), vocabulary.table_size(), &device);
    let frozen = Frozen::of(matching, vocabulary.clone());
    let stage = Stage::new(&config, (dataset, training), (vocabulary, &frozen.sentence), &device).with_stand_ins().unwrap();
    let validation = Validation::new(dataset, vocabulary, stage.regions.as_ref(), 1, &device).unwrap();
    assert!(validation.is_some());
    resumes_exactly(&config, &Disentangling { stage, frozen: &frozen, start: None, validation }, |state| {
        let parts = [parameters_of(&state.generator.valid()), parameters_of(&state.discriminator.valid())];
        let average = parameters_of(&state.average).into_iter().map(|(name, value)| (format!("average.{name}"), value));
        parts.into_iter().flatten().chain(average).collect()
    });
}

#[test]
fn a_step_gone_astray_is_noticed_and_never_saved() {
    let (config, material) = (config(), material());
    let TrainingData { dataset, training, vocabulary } = &material;
    let device = Device::flex();
    let stage = Pretraining { config: &config, dataset, vocabulary, training, device: &device };
    let place = tempfile::tempdir().unwrap();
    let nan = |metrics: &mut Metrics| metrics.push(("swap", Tensor::from_data([f32::NAN], &Device::flex())));
    let ended = run(&config, &stage, &place, &Stop::default(), 5, &nan).err();
    assert!(matches!(&ended, Some(RunError::Diverged { step: 5, .. })), "{ended:?}");
    let newest = Checkpoints::new(place.path().join("checkpoints")).newest(&mut |_| {}).unwrap().unwrap();
    assert_eq!(newest.position.step, 3, "the one before the divergence");
    run(&config, &stage, &place, &Stop::default(), 0, &|_| {}).unwrap();
}

#[test]
fn an_absurd_rate_is_given_up_with_an_explanation() {
    let (config, material) = (config().with(|config| config.optimiser.generator_rate = 1e12), material());
    let chosen = Chosen { device: Device::flex(), reason: "CPU".into(), is_gpu: false };
    let place = tempfile::tempdir().unwrap();
    let (claim, stop) = (RunFolder::claim(place.path()).unwrap(), Stop::default());
    let mut view = View::open(true, &stop);
    let newest = || claim.checkpoints().newest(&mut |_| {}).unwrap();
    let mut last = attempt(&config, &material, &chosen, &claim, newest(), &stop, &mut view);
    assert!(matches!(last, Err(RunError::Diverged { stage: StageName::Disentangling, .. })), "{last:?}");
    let mut slower = config.clone();
    slower.slow_down(StageName::Disentangling, 0.5);
    assert_eq!(
        (slower.optimiser.generator_rate, slower.optimiser.discriminator_rate),
        (5e11, config.optimiser.discriminator_rate / 2.0)
    );
    last = attempt(&slower, &material, &chosen, &claim, newest(), &stop, &mut view);
    assert!(matches!(last, Err(RunError::Diverged { .. })), "{last:?}");
}

/// A stage without networks, whose discriminator is dead from the beginning. Only every second step says so.
struct Dead;

impl TrainingStage for Dead {
    type State = usize;
    const NAME: StageName = StageName::Disentangling;

    fn fresh(&self) -> usize {
        0
    }

    fn restore(&self, checkpoint: &mut Checkpoint) -> Result<usize, CheckpointError> {
        Ok(checkpoint.position.step)
    }

    fn save(&self, _: &usize, _: &mut Checkpoint) -> Result<(), CheckpointError> {
        Ok(())
    }

    fn step(&self, step: usize, _: f64) -> Result<(usize, Metrics), DataError> {
        let value = |value: f32| Tensor::from_data([value], &Device::flex());
        let heads = [("d_style", 0.0), ("d_matching", 0.0), ("d_whole", 0.0), ("real_style", 1.0), ("real_matching", 1.0)];
        let more = [("real_whole", 1.0), ("fake_style", -1.0), ("fake_matching", -1.0), ("fake_whole", -1.0)];
        let dead = heads.into_iter().chain(more).map(|(name, number)| (name, value(number))).collect();
        Ok((step + 1, if step.is_multiple_of(self.stride()) { dead } else { vec![("swap", value(0.5))] }))
    }

    fn extent(&self) -> (usize, usize) {
        (2000, 1)
    }

    fn stride(&self) -> usize {
        2
    }
}

#[test]
fn a_gpu_sees_a_dead_discriminator_as_soon_as_a_cpu_does() {
    for is_gpu in [false, true] {
        let (place, stop) = (tempfile::tempdir().unwrap(), Stop::default());
        let claim = RunFolder::claim(place.path()).unwrap();
        let config = seldom();
        let mut view = View::open(true, &stop);
        let ended =
            TrainLoop { config: &config, folder: &claim, data: "0123", is_gpu, stop: &stop, view: &mut view }.run(&Dead, None);
        let Err(RunError::Diverged { step, trouble: Divergence::Dead(_), .. }) = ended else { panic!("{is_gpu}: {ended:?}") };
        assert_eq!(step, 401, "{is_gpu}");
    }
}

#[test]
fn a_run_that_goes_on_with_other_data_says_so() {
    let (place, stop) = (tempfile::tempdir().unwrap(), Stop::default());
    let claim = RunFolder::claim(place.path()).unwrap();
    let config = seldom();
    // As saved by a program that did not know, with the same data, and with other data.
    for (saved, data, warned) in [(None, "0123", false), (Some("0123"), "0123", false), (Some("0123"), "4567", true)] {
        let position = Position { step: 1999, data: saved.map(str::to_owned), ..Position::start(StageName::Disentangling) };
        let mut view = View::open(true, &stop);
        let mut session = TrainLoop { config: &config, folder: &claim, data, is_gpu: false, stop: &stop, view: &mut view };
        session.run(&Dead, Some(Checkpoint::new(position))).unwrap();
        let log = fs::read_to_string(place.path().join("log.txt")).unwrap_or_default();
        assert_eq!(log.contains("the data is not what it was"), warned, "{log}");
        let newest = claim.checkpoints().newest(&mut |_| {}).unwrap().unwrap();
        assert_eq!(newest.position.data.as_deref(), Some(data));
    }
}

#[test]
fn words_that_are_new_to_a_model_are_told_apart() {
    let (config, device) = (config(), Device::flex());
    let vocabulary = |captions: &[&str]| Vocabulary::of_captions(captions.iter().copied()).unwrap();
    let known = vocabulary(&["a red apple", "a cat"]);
    let frozen = Frozen::of(MatchingModel::new(&config.model(), known.table_size(), &device), known);
    let read = |frozen: &Frozen, side: &SentenceEncoder, caption: &str| {
        let numbers = frozen.vocabulary.read(caption, 9).numbers;
        side.forward(CaptionBatch::new(&[numbers], &device)).into_data().try_to_vec::<f32>().unwrap()
    };
    let cat = read(&frozen, &frozen.sentence, "a cat");
    let (frozen, new) = frozen.with_words_of(&vocabulary(&["a llama", "cats and a skunk"]), &config, &device);
    assert_eq!(new, 3, "and, llama, skunk");
    let matching = &frozen.matching.as_ref().unwrap().sentence;
    for side in [&frozen.sentence, matching] {
        assert_eq!(read(&frozen, side, "a cat"), cat);
        let (llama, skunk) = (read(&frozen, side, "a llama"), read(&frozen, side, "a skunk"));
        assert!(llama.iter().zip(&skunk).any(|(a, b)| (a - b).abs() > 0.1));
    }
    assert_eq!(frozen.with_words_of(&vocabulary(&["skunks"]), &config, &device).1, 0);
}
