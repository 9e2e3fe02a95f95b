//! `cargo xtask bench`: Emblem beside what one would take instead, on the same weights, captions and styles.
//!
//! Each contestant is a process that first proves that what it makes is right and then works when told to. They are told in turn, a
//! little work each, so that whatever else the machine does falls on all of them alike; only ratios within one run mean
//! something. What cannot be had here is named and left out.

mod aims;
mod check;
mod competition;
mod contestant;
mod in_browser;
mod peers;
mod table;
mod training;

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use competition::Options;

use competition::{MODEL, compete, invite, pinned};
use contestant::Contestant;
use peers::{Peer, Torch};
use table::{Event, MILLISECONDS};

use crate::process::{command, run};
use crate::{Error, Result, root, target_dir};

/// How far drawn pictures may be from the golden ones, in levels of 255: as far as any device of Emblem's.
const LEVELS: f64 = 2.0;

/// Runs the contests and writes `docs/bench.md` and `docs/bench.json`, or `docs/bench-gpu.md` and `docs/bench-gpu.json`; or checks a few
/// against these.
///
/// # Errors
/// [`Error`] where Emblem itself cannot be built or run, or has become slower; a missing peer is no error.
pub fn run_all(options: &Options) -> Result<()> {
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    if options.gpu {
        let events = training::on_gpu(options, &folder, &Torch::find())?;
        return table::write("bench-gpu", &events, &[]);
    }
    if options.check {
        return check(options, &folder);
    }
    build(&[TIMES, LAB].concat())?;
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

/// A short contest, compared with the published one.
fn check(options: &Options, folder: &Path) -> Result<()> {
    build(&TIMES)?;
    let (peers, torch) = (Peer::all(folder), Torch::find());
    let mut events = vec![draw(options, &folder.join("styles.json"), &peers, 1)?];
    if torch.train().is_some() {
        build(&LAB)?;
        events.extend(training::steps(options, folder, &torch)?);
    }
    for why in peers.iter().filter_map(Peer::missing).chain(events.iter().flat_map(|event| event.left_out.clone())) {
        println!("left out: {why}");
    }
    check::compare(&events)
}

/// What a contest in drawing on the CPU is called.
fn drawing(threads: usize) -> String {
    format!("draw one picture natively, CPU, {threads} thread(s)")
}

const TIMES: [&str; 2] = ["--example", "times"];
const LAB: [&str; 2] = ["--bin", "emblem-lab"];

/// The whole workspace, as the tests take it: a narrower selection would compile burn again.
fn build(programs: &[&str]) -> Result<()> {
    run(command("cargo").args(["build", "--release", "--workspace", "--no-default-features"]).args(programs))
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
    Ok(Event { name: drawing(threads), unit: MILLISECONDS, entries, left_out, aim: Some(aims::DRAW) })
}
