//! The contests that take place in a page; `tests/tests/contest` holds them.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::table::{Aim, Entry, Event};
use super::{MODEL, Options, aims, peers};
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

/// Both contests, or why there are none.
///
/// # Errors
/// [`Error`] where the page cannot be built or the contest ends in an error.
pub fn draw(options: &Options, folder: &Path) -> Result<Result<Vec<Event>, &'static str>> {
    if let Err(why) = peers::for_browser(folder, &root().join(MODEL), &folder.join("styles.json")) {
        return Ok(Err(why));
    }
    chromium::ensure()?;
    page::build(&PageBuild::ensure()?)?;
    println!("drawing in Chromium on 1 thread, {} turns of {} pictures", options.rounds, options.pictures);
    let (rounds, pictures) = (options.rounds.to_string(), options.pictures.to_string());
    run(command("cargo")
        .args(["test", "--release", "--workspace", "--no-default-features", "--test", "contest", "--"])
        .arg(folder)
        .args([rounds, pictures]))?;
    let path = folder.join("browser.json");
    let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let wrong =
        |error: serde_json::Error| Error::Failed { command: "the contest in the browser".to_owned(), status: error.to_string() };
    let outcome: Outcome = serde_json::from_str(&text).map_err(wrong)?;
    Ok(Ok(vec![
        event(&outcome, "draw one picture in the browser (wasm), CPU, 1 thread", &outcome.draw, aims::DRAW_IN_BROWSER),
        event(
            &outcome,
            "load the model to the first picture in the browser (wasm), from its caches; Emblem starts a worker and tests itself, the \
             peer's runtime stays started",
            &outcome.first,
            aims::FIRST_PICTURE,
        ),
    ]))
}

fn event(outcome: &Outcome, name: &str, turns: &[Vec<f64>], aim: Aim) -> Event {
    let entry = |((version, off), turns): ((&String, &f64), &Vec<f64>)| Entry {
        version: version.clone(),
        off: *off,
        turns: turns.clone(),
        peak_memory_mb: None,
    };
    let entries = outcome.versions.iter().zip(&outcome.levels_off).zip(turns).map(entry).collect();
    Event { name: name.to_owned(), entries, left_out: vec![], aim: Some(aim) }
}
