//! `--dry-run`: everything that could stop a run later is tried now, in seconds, and the plan printed. Nothing is left behind.
//!
//! Time comes from a few real steps. Memory comes from smaller ones first, since a batch that does not fit would not fail but bring
//! the machine to its knees: what grows with the batch is drawn on to the batch that is asked for.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use burn::prelude::*;
use sysinfo::{Disks, ProcessesToUpdate, System};

use super::checkpoint::{Checkpoint, Position};
use super::frozen::Frozen;
use super::stages::Disentangling;
use super::start::InitialWeights;
use super::steps::TrainingStage;
use super::{RunError, TrainingData, load};
use crate::config::{Budget, Schedule, StageName, TrainConfig};
use crate::data::{CHANNELS, Dataset};
use crate::io::device::{self, Chosen};
use crate::io::files::{self, FileError, Scratch};
use crate::io::run_folder::RunFolder;
use crate::report::png;
use crate::report::view::duration;
use crate::train::disentangling::Stage;
use crate::train::pretraining::Pretraining;

/// Batches that show what memory grows by.
const SMALL: [usize; 2] = [2, 6];
/// Steps that are timed, after one that is not: the first one allocates, or compiles kernels.
const TIMED: usize = 3;

/// Steps of the disentangling stage where the user has not said.
const STEPS_ON_GPU: usize = 60_000;
const STEPS_ON_CPU: usize = 12_000;

/// The schedule with the number of steps that suits the device, where the user has not said.
pub fn planned(config: &TrainConfig, chosen: &Chosen) -> Schedule {
    config.schedule.planned(if chosen.is_gpu { STEPS_ON_GPU } else { STEPS_ON_CPU })
}

/// What a stage costs.
struct Cost {
    /// Seconds of a step at the stage's beginning and at its end.
    step: (f64, f64),
    /// Bytes of memory.
    memory: u64,
    /// Bytes of a checkpoint.
    checkpoint: u64,
    /// Bytes of a grid.
    grid: u64,
}

/// Checks data, device, memory and disk for a run in `folder`, and prints what it would be.
///
/// # Errors
/// [`RunError`]: what would have stopped it.
pub fn plan(config: &TrainConfig, folder: &Path) -> Result<(), RunError> {
    config.validate()?;
    let chosen = device::open(config.housekeeping.device)?;
    let config = &TrainConfig { schedule: planned(config, &chosen), ..config.clone() };
    line("device", &chosen.reason);
    RunFolder::try_claim(folder)?;
    let place = files::writable(folder)?;
    let free = free_disk(&place);
    let saved = if RunFolder::exists(folder) { saved(&RunFolder::open(folder)?)? } else { None };
    let left = Left::after(saved.as_ref(), config);
    // Pictures beyond --memory-cap are read from a cache, which a run has in its folder; this one goes when the plan is made.
    files::clear_scratch(&place);
    let scratch = Scratch::new(&place)?;
    let material = load(config, Some(scratch.path()), &mut |text| line("data", text))?;
    if let (None, Some(place)) = (&saved, &config.start.from) {
        InitialWeights::of(place, config, &material.vocabulary, &chosen.device, &mut |text| line("from", &text))?;
    }
    let (matching, disentangling, model) = costs(config, &material, &chosen)?;
    let (steps, batch) = (left.matching, config.optimiser.matching_batch);
    line("matching", &format!("{steps} steps of {batch} pictures: {}", time(&matching, steps, 0.0)));
    let (steps, batch) = (left.disentangling, config.optimiser.batch);
    let what = time(&disentangling, steps, left.early);
    let minutes = left.minutes.map(|minutes| format!("{minutes:.0} min"));
    match minutes {
        Some(minutes) if config.schedule.budget() == Budget::Time => {
            line("disentangling", &format!("{minutes} with {batch} pictures a step, {}", pace(&disentangling)))
        }
        Some(minutes) => line("disentangling", &format!("{steps} steps of {batch} pictures: {what}, but at most {minutes}")),
        None => line("disentangling", &format!("{steps} steps of {batch} pictures: {what}")),
    }
    let memory = matching.memory.max(disentangling.memory);
    let memory = if chosen.is_gpu { format!("{} beside the GPU's, which is not measured", bytes(memory)) } else { bytes(memory) };
    line("memory", &format!("about {memory}, of {} available", bytes(available_memory())));
    let room = Room { model, pictures: pictures(config, &material.dataset), held: held(folder), free };
    disk(config, &disentangling, &room)?;
    line("ready", "leave --dry-run out to begin");
    Ok(())
}

fn line(name: &str, text: &str) {
    println!("{name:<14} {text}");
}

/// What of a run is still to be done.
#[derive(Debug, PartialEq)]
struct Left {
    matching: usize,
    disentangling: usize,
    /// Share of the latter without the adversarial losses.
    early: f64,
    minutes: Option<f64>,
}

impl Left {
    fn after(saved: Option<&Position>, config: &TrainConfig) -> Self {
        let (stage, step, seconds) = saved.map_or((StageName::Matching, 0, 0.0), |at| (at.stage, at.step, at.seconds));
        // A run that began with a model file has no first stage.
        let is_first = stage == StageName::Matching && config.start.from.is_none();
        let (matching, taken) = if is_first { (config.schedule.matching_steps.saturating_sub(step), 0) } else { (0, step) };
        let disentangling = config.schedule.steps.saturating_sub(taken);
        let early =
            (config.schedule.adversarial_start * config.schedule.steps as f64 - taken as f64) / disentangling.max(1) as f64;
        let spent = if is_first { 0.0 } else { seconds / 60.0 };
        let minutes = config.schedule.minutes.map(|minutes| (minutes - spent).max(0.0));
        Self { matching, disentangling, early: early.clamp(0.0, 1.0), minutes }
    }
}

/// Where a run stands that is to be continued.
fn saved(folder: &RunFolder) -> Result<Option<Position>, RunError> {
    let newest = folder.checkpoints().newest(&mut |text| line("resume", &text))?.map(|checkpoint| checkpoint.position);
    if let Some(Position { stage, step, .. }) = &newest {
        line("resume", &format!("from step {step} of {stage}"));
    }
    Ok(newest)
}

/// Bytes on the disk, beside checkpoints and grids.
struct Room {
    model: u64,
    /// Decoded pictures, where they are kept.
    pictures: u64,
    /// What the run has written already.
    held: u64,
    /// `None` where it cannot be told.
    free: Option<u64>,
}

/// Bytes of the decoded pictures that a run keeps on disk. Those of the emoji are drawn in seconds and kept only if they must be.
fn pictures(config: &TrainConfig, dataset: &Dataset) -> u64 {
    let bytes = (dataset.samples.len() * dataset.image_size * dataset.image_size * CHANNELS) as u64;
    let data = &config.data;
    let kept = data.source.is_some() || data.loading.cache.is_some() || bytes > data.loading.memory_cap.bytes();
    if kept { bytes } else { 0 }
}

/// Bytes of all files in a folder, which need not exist.
fn held(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(|entry| entry.ok()?.metadata().ok());
    files.filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}

/// The room that a run's parts take, against what is free.
fn disk(config: &TrainConfig, cost: &Cost, room: &Room) -> Result<(), RunError> {
    let grids = match config.schedule.budget() {
        Budget::Steps(steps) => steps as u64 / config.housekeeping.grid_every as u64 + 1,
        Budget::Time | Budget::ByDevice => 1,
    };
    // The last ones, the best, and the one being written.
    let kept = config.housekeeping.keep_checkpoints as u64 + 2;
    // Grids are in the samples, the events, the film and the report.
    let needed = kept * cost.checkpoint + 4 * grids * cost.grid + room.model + room.pictures;
    let text = format!(
        "{} ({kept} checkpoints of {}, {grids} grids with their film, a model of {}, {} of decoded pictures)",
        bytes(needed),
        bytes(cost.checkpoint),
        bytes(room.model),
        bytes(room.pictures)
    );
    let Some(free) = room.free else {
        line("disk", &format!("about {text}; what is free cannot be told here"));
        return Ok(());
    };
    if free < needed.saturating_sub(room.held) {
        return Err(RunError::Room { place: "the disk", what: "the run", needed: text, free: bytes(free) });
    }
    line("disk", &format!("about {text}, of {} free", bytes(free)));
    Ok(())
}

/// Both stages' costs, from a few steps of each, and bytes of the model file. Says how many parameters there are on the way.
fn costs(config: &TrainConfig, material: &TrainingData, chosen: &Chosen) -> Result<(Cost, Cost, u64), RunError> {
    let TrainingData { dataset, training, vocabulary } = material;
    let device = &chosen.device;
    let matching = |config: &TrainConfig, steps| {
        let stage = Pretraining { config, dataset, vocabulary, training, device };
        measure(&stage, steps)
    };
    let matching_cost = grown(config.optimiser.matching_batch, |batch, steps| {
        matching(&config.clone().with(|config| config.optimiser.matching_batch = batch), steps)
    })?;
    let fresh = Pretraining { config, dataset, vocabulary, training, device }.fresh();
    let matching_weights = fresh.model.num_params();
    let frozen = Frozen::of(fresh.model.valid(), vocabulary.clone());
    let stage_of = |config: &TrainConfig, steps| {
        // Without stand-ins: which picture is drawn makes no difference to what a step costs.
        let stage = Stage::new(config, (dataset, training), (vocabulary, &frozen.sentence), device);
        measure(&Disentangling { stage, frozen: &frozen, start: None, validation: None }, steps)
    };
    let cost = grown(config.optimiser.batch, |batch, steps| {
        stage_of(&config.clone().with(|config| config.optimiser.batch = batch), steps)
    })?;
    let state = crate::train::disentangling::State::new(config, device);
    let millions = |count: usize| format!("{:.1} M", count as f64 / 1e6);
    line(
        "parameters",
        &format!(
            "generator and text encoder {}, image encoder and heads {}, matching model {}",
            millions(state.generator.num_params()),
            millions(state.discriminator.num_params()),
            millions(matching_weights)
        ),
    );
    // Two bytes a weight at most, since large matrices have one; the judge's heads and half of the matching model stay behind, but words and their meanings come along.
    let model = 2 * (state.generator.num_params() + state.discriminator.num_params() + matching_weights) as u64;
    Ok((matching_cost, cost, model))
}

/// Measures with small batches, then, where memory will do, with the one that is asked for.
fn grown(batch: usize, measure: impl Fn(usize, usize) -> Result<Cost, RunError>) -> Result<Cost, RunError> {
    let [least, more] = SMALL;
    if batch > more {
        let (first, second) = (measure(least, 1)?.memory, measure(more, 1)?.memory);
        let each = second.saturating_sub(first) / (more - least) as u64;
        let needed = second + each * (batch - more) as u64;
        let free = available_memory();
        if needed - second > free {
            let needed = format!("{} for a batch of {batch}", bytes(needed));
            return Err(RunError::Room { place: "the memory", what: "a step", needed, free: bytes(free) });
        }
    }
    measure(batch, TIMED)
}

/// Takes steps of a stage as they are at its beginning and at its end.
fn measure<S: TrainingStage>(stage: &S, steps: usize) -> Result<Cost, RunError> {
    let mut memory = 0;
    let mut timed = |mut state: S::State, done: f64| {
        let steps = steps.next_multiple_of(stage.stride());
        let mut started = Instant::now();
        for step in 0..=steps {
            let (next, metrics) = stage.step(state, done)?;
            state = next;
            for (_, value) in metrics {
                value.into_scalar::<f32>();
            }
            memory = memory.max(memory_in_use());
            if step == 0 {
                started = Instant::now();
            }
        }
        Ok::<_, RunError>((state, started.elapsed().as_secs_f64() / steps as f64))
    };
    let (state, early) = timed(stage.fresh(), 0.0)?;
    let (state, late) = timed(state, 1.0)?;
    let mut checkpoint = Checkpoint::new(Position::start(S::NAME));
    stage.save(&state, &mut checkpoint)?;
    let checkpoint = checkpoint.size().map_err(FileError::at(Path::new("a checkpoint")))?;
    let grid = stage.samples(&state)?.and_then(|grid| png(&grid).ok()).map_or(0, |png| png.len() as u64);
    Ok(Cost { step: (early, late), memory, checkpoint, grid })
}

/// "about 12 min (0.51 s a step)".
fn time(cost: &Cost, steps: usize, early: f64) -> String {
    let seconds = steps as f64 * (early * cost.step.0 + (1.0 - early) * cost.step.1);
    format!("about {}, {}", duration(Duration::from_secs_f64(seconds)), pace(cost))
}

fn pace(cost: &Cost) -> String {
    let (early, late) = cost.step;
    if late > 1.2 * early { format!("{early:.2} s a step, later {late:.2} s") } else { format!("{late:.2} s a step") }
}

/// "160 MB".
fn bytes(count: u64) -> String {
    match count as f64 {
        count if count >= 1e9 => format!("{:.1} GB", count / 1e9),
        count => format!("{:.0} MB", (count / 1e6).ceil()),
    }
}

/// Bytes of memory that may still be taken, within the container's limit where there is one.
fn available_memory() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(limit)
}

fn memory_in_use() -> u64 {
    let Ok(own) = sysinfo::get_current_pid() else { return 0 };
    let mut system = System::new();
    system.refresh_processes(ProcessesToUpdate::Some(&[own]), false);
    system.process(own).map_or(0, |process| process.memory())
}

/// Bytes free on the disk of a folder.
fn free_disk(place: &Path) -> Option<u64> {
    let place = place.canonicalize().ok()?;
    let disks = Disks::new_with_refreshed_list();
    let holding = disks.list().iter().filter(|disk| place.starts_with(disk.mount_point()));
    holding.max_by_key(|disk| disk.mount_point().components().count()).map(sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(memory: u64) -> Cost {
        Cost { step: (0.1, 0.3), memory, checkpoint: 160_000_000, grid: 500_000 }
    }

    #[test]
    fn a_batch_that_cannot_fit_is_not_tried() {
        let tried = std::cell::RefCell::new(vec![]);
        let measured = |batch: usize, _| {
            tried.borrow_mut().push(batch);
            Ok(cost(1_000_000_000 * batch as u64))
        };
        let refused = grown(4096, measured).err().unwrap();
        assert!(matches!(&refused, RunError::Room { needed, .. } if needed == "4096.0 GB for a batch of 4096"), "{refused}");
        assert_eq!(*tried.borrow(), SMALL);
        let small = |batch: usize, _| {
            tried.borrow_mut().push(batch);
            Ok(cost(1000 * batch as u64))
        };
        assert_eq!(grown(64, small).unwrap().memory, 64_000);
        assert_eq!(tried.borrow().last(), Some(&64));
    }

    #[test]
    fn a_disk_without_room_is_refused() {
        let config = TrainConfig::default().with(|config| config.schedule.steps = 100);
        let room = |free| Room { model: 10_000_000, pictures: 0, held: 0, free: Some(free) };
        assert!(disk(&config, &cost(0), &room(u64::MAX)).is_ok());
        let needed = (config.housekeeping.keep_checkpoints as u64 + 2) * 160_000_000
            + 4 * (100 / config.housekeeping.grid_every as u64 + 1) * 500_000
            + 10_000_000;
        assert!(disk(&config, &cost(0), &room(needed)).is_ok());
        let refused = disk(&config, &cost(0), &room(needed - 1));
        assert!(matches!(refused, Err(RunError::Room { place: "the disk", .. })));
        // Decoded pictures take room as well; what the run has written takes none a second time.
        assert!(disk(&config, &cost(0), &Room { pictures: 5, ..room(needed) }).is_err());
        assert!(disk(&config, &cost(0), &Room { pictures: 5, held: 5, ..room(needed) }).is_ok());
    }

    #[test]
    fn a_run_that_is_continued_is_planned_from_where_it_stands() {
        let schedule =
            Schedule { steps: 1000, minutes: Some(10.0), matching_steps: 100, adversarial_start: 0.5, ..Schedule::default() };
        let config = TrainConfig { schedule, ..TrainConfig::default() };
        let left = |stage, step, seconds| {
            let Left { matching, disentangling, early, minutes } =
                Left::after(Some(&Position { step, seconds, ..Position::start(stage) }), &config);
            (matching, disentangling, early, minutes.unwrap())
        };
        assert_eq!(Left::after(None, &config), Left { matching: 100, disentangling: 1000, early: 0.5, minutes: Some(10.0) });
        assert_eq!(left(StageName::Matching, 40, 600.0), (60, 1000, 0.5, 10.0));
        assert_eq!(left(StageName::Disentangling, 0, 0.0), (0, 1000, 0.5, 10.0));
        assert_eq!(left(StageName::Disentangling, 250, 120.0), (0, 750, 1.0 / 3.0, 8.0));
        assert_eq!(left(StageName::Disentangling, 1000, 900.0), (0, 0, 0.0, 0.0));
    }

    #[test]
    fn costs_are_readable() {
        assert_eq!(time(&cost(0), 1000, 0.5), "about 3 min, 0.10 s a step, later 0.30 s");
        assert_eq!([bytes(159_200_000), bytes(12_345_678_901)], ["160 MB", "12.3 GB"]);
    }
}
