//! The contests of the trainer: steps, pictures for them, and what it takes to open data that grows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::aims;
use super::competition::{Options, compete, invite, pinned};
use super::contestant::Contestant;
use super::peers::Torch;
use super::table::{self, APPETITE, Entry, Event, MILLISECONDS};
use crate::process::run;
use crate::{Error, Result, target_dir};

/// Picture sizes and batches: the trainer's usual ones first, then how it grows with either.
const SHAPES: [(u32, u32); 5] = [(64, 16), (32, 16), (128, 16), (64, 1), (64, 4)];
/// A step takes some tenths of a second, so a few turns say as much as many of drawing.
const ROUNDS: u32 = 5;
/// How far losses and gradients may be from Emblem's, as a share of their length: the same sums, added up in another order.
const GRADIENTS: f64 = 0.01;
/// A GPU's usual shape, and one that is too small for it.
const SHAPES_ON_GPU: [(u32, u32); 2] = [(64, 256), (64, 16)];
/// Steps in a turn there, where they take hundredths of a second.
const TURNS_ON_GPU: u32 = 20;
/// The same there, where either side may round factors to 10 bits of fraction: rounding them so on the CPU moves gradients by up to 0.03.
const GRADIENTS_ON_GPU: f64 = 0.1;
/// Pictures in the folder that both loaders read.
const FOLDER: usize = 1000;
/// Pictures in the data that is opened.
const SIZES: [usize; 3] = [1000, 10_000, 100_000];

/// Emblem's training as a contestant, on one thread.
fn emblem(arguments: &[&str]) -> Command {
    let mut command = Command::new(target_dir().join("release").join(format!("emblem-lab{}", std::env::consts::EXE_SUFFIX)));
    command.arg("contest").args(arguments).env("RAYON_NUM_THREADS", "1");
    command
}

/// Steps of training on the CPU, of several shapes.
///
/// # Errors
/// [`Error`] where Emblem cannot take them.
pub fn steps(options: &Options, folder: &Path, torch: &Torch) -> Result<Vec<Event>> {
    let of_shape = |(size, batch): (u32, u32)| {
        println!("training on 1 thread, {size} px, batch {batch}");
        let file = folder.join("step.safetensors").display().to_string();
        let (size_text, batch_text) = (size.to_string(), batch.to_string());
        let emblem = emblem(&["step", &file, "--image-size", &size_text, "--batch", &batch_text]);
        let (mut contestants, mut left_out) = (vec![Contestant::start("Emblem", pinned(emblem), 0.0)?], vec![]);
        if let Some(mut peer) = torch.train() {
            peer.args(["step", &file, "1"]);
            invite(Contestant::start("PyTorch, training", pinned(peer), GRADIENTS), &mut contestants, &mut left_out);
        }
        let entries = compete(contestants, options.rounds.min(ROUNDS), 1)?;
        Ok(Event {
            name: format!("a step of training (G and E), CPU, 1 thread, {size} px, batch {batch}"),
            unit: MILLISECONDS,
            entries,
            left_out,
            // How it grows is there to be seen; what is aimed at is the usual step.
            aim: ((size, batch) == SHAPES[0]).then_some(aims::STEP),
        })
    };
    SHAPES.into_iter().map(of_shape).collect()
}

/// Steps of training on one NVIDIA GPU, each with its precisions: Emblem's backends round the factors of products to 19 bits (TF32) where
/// that is faster, PyTorch where it is told to.
///
/// # Errors
/// [`Error`] where Emblem cannot take them.
pub fn on_gpu(options: &Options, folder: &Path, torch: &Torch) -> Result<Vec<Event>> {
    let of_shape = |(size, batch): (u32, u32)| {
        println!("training on the GPU, {size} px, batch {batch}");
        let file = folder.join("step.safetensors").display().to_string();
        let (size_text, batch_text) = (size.to_string(), batch.to_string());
        let emblem = emblem(&["step", &file, "--image-size", &size_text, "--batch", &batch_text, "--device", "cuda"]);
        let mut contestants = vec![Contestant::start("Emblem", emblem, 0.0)?];
        let mut left_out = vec![];
        for (name, precision, tolerance) in
            [("f32", "cuda-f32", GRADIENTS_ON_GPU), ("TF32", "cuda-tf32", GRADIENTS_ON_GPU), ("bf16", "cuda-bf16", f64::INFINITY)]
        {
            let Some(mut peer) = torch.train() else { continue };
            peer.args(["step", &file, precision]);
            let mut started = Contestant::start("PyTorch, training", peer, tolerance);
            if let Ok(peer) = &mut started {
                peer.version += &format!(", {name}");
            }
            invite(started, &mut contestants, &mut left_out);
        }
        let entries = compete(contestants, options.rounds.min(ROUNDS), TURNS_ON_GPU)?;
        Ok(Event {
            name: format!("a step of training (G and E), GPU, {size} px, batch {batch}"),
            unit: MILLISECONDS,
            entries,
            left_out,
            aim: Some(aims::STEP_ON_GPU),
        })
    };
    SHAPES_ON_GPU.into_iter().map(of_shape).collect()
}

/// What a step of the usual shape takes for each picture that it needs.
pub fn appetite(step: &Entry) -> Entry {
    let (_, batch) = SHAPES[0];
    let turns = step.turns.iter().map(|turn| turn / f64::from(batch)).collect();
    Entry { version: format!("{APPETITE}, for each picture it needs"), off: 0.0, turns, peak_memory_mb: None }
}

/// Training pictures from a folder of PNGs and from the emoji, beside PyTorch's loader on the same folder and what training eats.
///
/// # Errors
/// [`Error`] where Emblem cannot load them.
pub fn loading(options: &Options, folder: &Path, torch: &Torch, appetite: Option<Entry>) -> Result<Event> {
    let pictures = made(folder, &format!("pictures-{FOLDER}"), FOLDER)?;
    println!("loading training pictures");
    let (_, batch) = SHAPES[0];
    let batch_text = batch.to_string();
    let place = |path: &Path| path.display().to_string();
    let (shown, cache, data) = (place(&folder.join("shown.safetensors")), place(&folder.join("cache")), place(&pictures));
    let from_memory = ["load", &shown, "--batch", &batch_text, "--data", &data, "--cache", &cache];
    let from_disk = [from_memory.as_slice(), &["--memory-cap", "1KB"]].concat();
    let other = place(&folder.join("emoji.safetensors"));
    let emoji = ["load", &other, "--batch", &batch_text, "--cache", &cache];
    let (mut contestants, mut left_out) = (vec![Contestant::start("Emblem", pinned(emblem(&from_memory)), 0.0)?], vec![]);
    contestants[0].version += ", a folder of PNGs";
    for (arguments, what) in [(from_disk.as_slice(), ", the same, more than fits into memory"), (&emoji, ", the emoji")] {
        let mut contestant = Contestant::start("Emblem", pinned(emblem(arguments)), 0.0)?;
        contestant.version += what;
        contestants.push(contestant);
    }
    if let Some(mut peer) = torch.train() {
        peer.args(["load", &shown, &data, &batch_text]);
        invite(Contestant::start("PyTorch, loading", pinned(peer), 0.0), &mut contestants, &mut left_out);
    }
    let mut entries = compete(contestants, options.rounds, options.pictures)?;
    for entry in &mut entries {
        entry.turns.iter_mut().for_each(|turn| *turn /= f64::from(batch));
    }
    // Fewer turns than the others have; its median is what counts.
    entries.extend(appetite.map(|entry| Entry { turns: vec![table::median(&entry.turns); entries[0].turns.len()], ..entry }));
    Ok(Event {
        name: "load one training picture, 64 px, 1 thread".to_owned(),
        unit: MILLISECONDS,
        entries,
        left_out,
        aim: Some(aims::LOAD),
    })
}

/// Opening data of three sizes, for the first time and again.
///
/// # Errors
/// [`Error`] where Emblem cannot open it.
pub fn opening(folder: &Path) -> Result<Vec<Event>> {
    let of_size = |count: usize| {
        let data = made(folder, &format!("pictures-{count}.tar"), count)?;
        println!("opening {count} pictures");
        let cache = folder.join(format!("cache-{count}"));
        // It may not be there, which is what is wanted.
        let _ = fs::remove_dir_all(&cache);
        let (data, cache) = (data.display().to_string(), cache.display().to_string());
        let opened = |when: &str, more: &[&str]| {
            let command = pinned(emblem(&[["open", "--data", &data, "--cache", &cache].as_slice(), more].concat()));
            let mut contestant = Contestant::start("Emblem", command, 0.0)?;
            contestant.version += when;
            let turns = contestant.turn(1)?;
            Ok(Entry::new(contestant, turns))
        };
        let entries = vec![
            opened(", for the first time", &[])?,
            opened(", again", &[])?,
            opened(", again, with the pictures left on the disk", &["--memory-cap", "1KB"])?,
        ];
        Ok(Event {
            name: format!("open {count} pictures of 64 px in a tar file, 1 thread"),
            unit: MILLISECONDS,
            entries,
            left_out: vec![],
            aim: None,
        })
    };
    SIZES.into_iter().map(of_size).collect()
}

/// So many pictures below `folder`, made where they are not there yet.
fn made(folder: &Path, name: &str, count: usize) -> Result<PathBuf> {
    let (path, unfinished) = (folder.join(name), folder.join(format!("unfinished-{name}")));
    if !path.exists() {
        println!("making {}", path.display());
        run(emblem(&["pictures"]).arg(&unfinished).arg(count.to_string()))?;
        fs::rename(&unfinished, &path).map_err(Error::file(&path))?;
    }
    Ok(path)
}
