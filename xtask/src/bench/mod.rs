//! `cargo xtask bench`: Emblem beside what one would take instead, on the same weights, captions and styles.
//!
//! Each contestant is a process that first proves that it draws the model file's golden pictures and then draws when told to. They are
//! told in turn, a few pictures each, so that whatever else the machine does falls on all of them alike; only ratios within one run mean
//! something. What cannot be had here is named and left out.

mod contestant;
mod in_browser;
mod peers;
mod table;

use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::Command;

use contestant::Contestant;
use peers::Peer;
use table::{Entry, Event};

use crate::process::{command, run};
use crate::{Error, Result, root, target_dir};

/// What is drawn with.
const MODEL: &str = "models/emblem.safetensors";

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
}

/// Runs the contests and writes `docs/bench.md` and `docs/bench.json`.
///
/// # Errors
/// [`Error`] where Emblem itself cannot be built or run; a missing peer is no error.
pub fn run_all(options: &Options) -> Result<()> {
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    build()?;
    let peers = Peer::all(&folder);
    let all = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut events = vec![];
    for threads in if all > 1 { vec![1, all] } else { vec![1] } {
        println!("drawing natively on {threads} thread(s), {} turns of {} pictures", options.rounds, options.pictures);
        events.push(draw(options, &folder.join("styles.json"), &peers, threads)?);
    }
    let mut skipped: Vec<String> = peers.iter().filter_map(Peer::missing).collect();
    match in_browser::draw(options, &folder)? {
        Ok(contests) => events.extend(contests),
        Err(why) => skipped.push(format!("onnxruntime-web ({why})")),
    }
    for name in &skipped {
        println!("left out: {name}");
    }
    table::write(&events, &skipped)
}

/// The whole workspace, as the tests take it: a narrower selection would compile burn again.
fn build() -> Result<()> {
    run(command("cargo").args(["build", "--release", "--workspace", "--no-default-features", "--example", "times"]))
}

/// One contest in drawing one picture after another on the CPU.
fn draw(options: &Options, styles: &PathBuf, peers: &[Peer], threads: usize) -> Result<Event> {
    let model = root().join(MODEL);
    let mut emblem = Command::new(target_dir().join("release/examples").join(format!("times{}", std::env::consts::EXE_SUFFIX)));
    emblem.arg(&model).arg(styles).env("RAYON_NUM_THREADS", threads.to_string());
    // Emblem starts first: it writes the styles that the others read.
    let mut contestants = vec![Contestant::start("Emblem", emblem)?];
    for peer in peers {
        let Some(command) = peer.draw(&model, styles, threads) else { continue };
        match Contestant::start(peer.name, command) {
            Ok(contestant) => contestants.push(contestant),
            Err(error) => println!("left out: {}: {error}", peer.name),
        }
    }
    // Caches, clocks and lazily built kernels are warm after a turn.
    for contestant in &mut contestants {
        contestant.turn(options.pictures)?;
    }
    let mut times = vec![Vec::new(); contestants.len()];
    for _ in 0..options.rounds {
        for (contestant, times) in contestants.iter_mut().zip(&mut times) {
            times.push(table::median(&contestant.turn(options.pictures)?));
        }
    }
    let entry = |(contestant, times): (Contestant, Vec<f64>)| Entry::new(contestant, times);
    let entries = contestants.into_iter().zip(times).map(entry).collect();
    Ok(Event { name: format!("draw one picture natively, CPU, {threads} thread(s)"), entries })
}
