//! The contests that take place in a page; `tests/tests/contest` holds them.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::competition::{MODEL, Options};
use super::table::{Aim, Entry, Event, MILLISECONDS};
use super::{aims, peers};
use crate::process::{command, run};
use crate::setup::{PageBuild, chromium};
use crate::{Error, Result, page, root};

/// What `tests/tests/contest` writes; Emblem first, then its peer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    versions: Vec<String>,
    levels_off: Vec<f64>,
    first: Vec<Vec<f64>>,
    draw: Vec<Vec<f64>>,
}

/// A device in the browser, as the contest calls it, and how it is called in the table.
const DEVICES: [(&str, &str); 2] =
    [("wasm", "CPU, 1 thread"), ("webgpu", "WebGPU, which is SwiftShader where there is no graphics card")];
/// A picture takes so many times as long, and more, where the processor imitates a graphics card.
const SLOWER: u32 = 10;

/// All contests, or why there are none.
///
/// # Errors
/// [`Error`] where the page cannot be built or a contest ends in an error.
pub fn draw(options: &Options, folder: &Path) -> Result<Result<Vec<Event>, &'static str>> {
    if let Err(why) = peers::for_browser(folder, &root().join(MODEL), &folder.join("styles.json")) {
        return Ok(Err(why));
    }
    chromium::ensure()?;
    page::build(&PageBuild::ensure()?)?;
    let mut events = vec![];
    for (device, name) in DEVICES {
        let pictures = if device == "wasm" { options.pictures } else { options.pictures.div_ceil(SLOWER) };
        println!("drawing in Chromium ({name}), {} turns of {pictures} pictures", options.rounds);
        let outcome = contest(folder, device, options.rounds, pictures)?;
        events.push(event(
            &outcome,
            &format!("draw one picture in the browser, {name}"),
            &outcome.draw,
            aims::draw_in_browser(device),
        ));
        events.push(event(
            &outcome,
            &format!(
                "load the model to the first picture in the browser, {name}, from its caches; Emblem starts a worker and tests itself, the \
                 peer's runtime stays started"
            ),
            &outcome.first,
            aims::FIRST_PICTURE,
        ));
    }
    events.extend(code(folder)?);
    Ok(Ok(events))
}

fn contest(folder: &Path, device: &str, rounds: u32, pictures: u32) -> Result<Outcome> {
    run(command("cargo")
        .args(["test", "--release", "--workspace", "--no-default-features", "--test", "contest", "--"])
        .arg(folder)
        .args([device.to_owned(), rounds.to_string(), pictures.to_string()]))?;
    let path = folder.join(device).with_extension("json");
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let wrong =
        |error: serde_json::Error| Error::Failed { command: "the contest in the browser".to_owned(), status: error.to_string() };
    serde_json::from_str(&text).map_err(wrong)
}

/// What a visitor downloads besides the model, on either device.
fn code(folder: &Path) -> Result<Vec<Event>> {
    let kilobytes = |name: &str, bytes: u64| Entry {
        version: name.to_owned(),
        off: 0.0,
        turns: vec![bytes as f64 / 1000.0],
        peak_memory_mb: None,
    };
    let peer = |files: &[&str]| -> Result<u64> {
        let size =
            |file: &&str| page::gzipped(&folder.join("ort").join(file)).map_err(Error::file(folder.join("ort").join(file)));
        files.iter().map(size).sum()
    };
    let event = |device: &str, ours: u64, files: &[&str]| {
        Ok(Event {
            name: format!("code to download for {device}, gzipped; Emblem's with the whole page and its letters"),
            unit: "KB",
            entries: vec![kilobytes("Emblem", ours), kilobytes("onnxruntime-web", peer(files)?)],
            left_out: vec![],
            aim: Some(aims::CODE),
        })
    };
    let [cpu, webgpu] = page::sizes()?;
    Ok(vec![event("the CPU", cpu, &peers::ORT_WASM)?, event("WebGPU", webgpu, &peers::ORT_WEBGPU)?])
}

fn event(outcome: &Outcome, name: &str, turns: &[Vec<f64>], aim: Aim) -> Event {
    let entry = |((version, off), turns): ((&String, &f64), &Vec<f64>)| Entry {
        version: version.clone(),
        off: *off,
        turns: turns.clone(),
        peak_memory_mb: None,
    };
    let entries = outcome.versions.iter().zip(&outcome.levels_off).zip(turns).map(entry).collect();
    Event { name: name.to_owned(), unit: MILLISECONDS, entries, left_out: vec![], aim: Some(aim) }
}
