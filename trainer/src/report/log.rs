//! What is said while a run goes on: on the terminal, and in its folder.

use std::fs::OpenOptions;
use std::io::Write;

use super::view::View;
use crate::io::run_folder::RunFolder;

/// Where what was said is kept.
pub const LOG: &str = "log.txt";

/// Says a line to whoever watches, and to the run's log.
pub fn say(folder: &RunFolder, view: &mut View, line: &str) {
    view.say(line);
    note(folder, line);
}

/// Adds a line to the run's log. A log that cannot be written is no reason to stop training.
fn note(folder: &RunFolder, line: &str) {
    let file = OpenOptions::new().create(true).append(true).open(folder.path(LOG));
    let _ = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
}
