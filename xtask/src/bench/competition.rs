//! Taking turns: who takes part, how often, and on which core.

use std::fs;
use std::process::Command;

use super::contestant::Contestant;
use super::table::{self, Entry};
use crate::Result;
use crate::process::find_on_path;

/// What is drawn with.
pub const MODEL: &str = "models/emblem.safetensors";

/// How long the contests are.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How often each contestant has its turn
    // Medians over so many turns move by a hundredth or two from run to run.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(3..))]
    pub rounds: u32,

    /// Pictures in a turn
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub pictures: u32,

    /// Only training on an NVIDIA GPU, with what is built already: this program, `emblem-lab` beside it and a Python with PyTorch
    /// are all that the machine needs
    #[arg(long)]
    pub gpu: bool,

    /// Only a short contest on one thread, in drawing and, where there is a PyTorch, in training: it fails where Emblem has become much
    /// slower beside the others than docs/bench.json says, and writes nothing
    #[arg(long, conflicts_with = "gpu")]
    pub check: bool,
}

/// Adds a contestant, or why it is left out.
pub fn invite(started: Result<Contestant>, contestants: &mut Vec<Contestant>, left_out: &mut Vec<String>) {
    match started {
        Ok(contestant) => contestants.push(contestant),
        Err(error) => left_out.push(error.to_string()),
    }
}

/// Has all take turns, `times` pieces of work each.
pub fn compete(mut contestants: Vec<Contestant>, rounds: u32, times: u32) -> Result<Vec<Entry>> {
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
pub fn pinned(command: Command) -> Command {
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
