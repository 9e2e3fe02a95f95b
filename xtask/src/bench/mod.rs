//! `cargo xtask bench`: Emblem beside what one would take instead, on the same weights, captions and styles.
//!
//! Each contestant is a process that first proves that what it makes is right and then works when told to. They are told in turn, a
//! little work each, so that whatever else the machine does falls on all of them alike; only ratios within one run mean
//! something. What cannot be had here is named and left out.

mod aims;
mod contestant;
mod in_browser;
mod peers;
mod table;
mod training;

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::Command;

use contestant::Contestant;
use peers::{Peer, Torch};
use table::{Entry, Event, MILLISECONDS};

use crate::process::{command, find_on_path, run};
use crate::{Error, Result, root, target_dir};

/// What is drawn with.
const MODEL: &str = "models/emblem.safetensors";
/// How far drawn pictures may be from the golden ones, in levels of 255: as far as any device of Emblem's.
const LEVELS: f64 = 2.0;

/// How long the contests are.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How often each contestant has its turn
    // Medians over so many turns move by a hundredth or two from run to run.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(3..))]
    rounds: u32,

    /// Pictures in a turn
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pictures: u32,

    /// Only training on an NVIDIA GPU, with the trainer that is built already: this program, `trainer` beside it and a Python with PyTorch
    /// are all that the machine needs
    #[arg(long)]
    gpu: bool,
}

/// Runs the contests and writes `docs/bench.md` and `docs/bench.json`, or `docs/bench-gpu.md` and `docs/bench-gpu.json`.
///
/// # Errors
/// [`Error`] where Emblem itself cannot be built or run; a missing peer is no error.
pub fn run_all(options: &Options) -> Result<()> {
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    if options.gpu {
        let events = training::on_gpu(options, &folder, &Torch::find())?;
        return table::write("bench-gpu", &events, &[]);
    }
    build()?;
    let peers = Peer::all(&folder);
    let all = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut events = vec![];
    for threads in if all > 1 { vec![1, all] } else { vec![1] } {
        println!("drawing natively on {threads} thread(s), {} turns of {} pictures", options.rounds, options.pictures);
        events.push(draw(options, &folder.join("styles.json"), &peers, threads)?);
    }
    let torch = Torch::find();
    let steps = training::steps(options, &folder, &torch)?;
    let appetite = steps.first().and_then(|event| event.entries.first()).map(training::appetite);
    events.extend(steps);
    events.push(training::loading(options, &folder, &torch, appetite)?);
    events.extend(training::opening(&folder)?);
    let mut skipped: Vec<String> = peers.iter().filter_map(Peer::missing).collect();
    match in_browser::draw(options, &folder)? {
        Ok(contests) => events.extend(contests),
        Err(why) => skipped.push(format!("onnxruntime-web ({why})")),
    }
    for name in &skipped {
        println!("left out: {name}");
    }
    table::write("bench", &events, &skipped)
}

/// The whole workspace, as the tests take it: a narrower selection would compile burn again.
fn build() -> Result<()> {
    run(command("cargo").args([
        "build",
        "--release",
        "--workspace",
        "--no-default-features",
        "--bin",
        "trainer",
        "--example",
        "times",
    ]))
}

/// One contest in drawing one picture after another on the CPU.
fn draw(options: &Options, styles: &PathBuf, peers: &[Peer], threads: usize) -> Result<Event> {
    let model = root().join(MODEL);
    let place = |command| if threads == 1 { pinned(command) } else { command };
    let mut emblem = Command::new(target_dir().join("release/examples").join(format!("times{}", std::env::consts::EXE_SUFFIX)));
    emblem.arg(&model).arg(styles).env("RAYON_NUM_THREADS", threads.to_string());
    // Emblem starts first: it writes the styles that the others read.
    let (mut contestants, mut left_out) = (vec![Contestant::start("Emblem", place(emblem), LEVELS)?], vec![]);
    for peer in peers {
        let Some(command) = peer.draw(&model, styles, threads) else { continue };
        invite(Contestant::start(peer.name, place(command), LEVELS), &mut contestants, &mut left_out);
    }
    let entries = compete(contestants, options.rounds, options.pictures)?;
    Ok(Event {
        name: format!("draw one picture natively, CPU, {threads} thread(s)"),
        unit: MILLISECONDS,
        entries,
        left_out,
        aim: Some(aims::DRAW),
    })
}

/// Adds a contestant, or why it is left out.
fn invite(started: Result<Contestant>, contestants: &mut Vec<Contestant>, left_out: &mut Vec<String>) {
    match started {
        Ok(contestant) => contestants.push(contestant),
        Err(error) => left_out.push(error.to_string()),
    }
}

/// Has all take turns, `times` pieces of work each.
fn compete(mut contestants: Vec<Contestant>, rounds: u32, times: u32) -> Result<Vec<Entry>> {
    // Caches, clocks and lazily built kernels are warm after a turn.
    for contestant in &mut contestants {
        contestant.turn(times)?;
    }
    let mut turns = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (contestant, turns) in contestants.iter_mut().zip(&mut turns) {
            turns.push(table::median(&contestant.turn(times)?));
        }
    }
    Ok(contestants.into_iter().zip(turns).map(|(contestant, turns)| Entry::new(contestant, turns)).collect())
}

/// The same command on the last of the cores that it may run on, where the system has a way to say so. One thread that is moved about
/// would compare the cores, and two at once each other.
fn pinned(command: Command) -> Command {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let last = cores.and_then(|cores| cores.trim().rsplit([',', '-']).next());
    let (Some(last), Some(taskset)) = (last, find_on_path("taskset")) else { return command };
    let mut pinned = Command::new(taskset);
    pinned.args(["-c", last]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(name, value),
            None => pinned.env_remove(name),
        };
    }
    pinned
}
