//! The contests' results as a table for people and as JSON for programs.

use std::fs;
use std::process::Command;

use serde::Serialize;

use super::contestant::Contestant;
use crate::process::first_line;
use crate::{Error, Result, root};

/// One contest.
#[derive(Debug, Serialize)]
pub struct Event {
    pub name: String,
    /// Emblem's first.
    pub entries: Vec<Entry>,
}

/// How a contestant did.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub version: String,
    /// How far its pictures are from the golden ones, in levels of 255.
    pub levels_off: u32,
    /// Each turn's median, in milliseconds.
    pub turns: Vec<f64>,
    pub peak_memory_mb: Option<f64>,
}

impl Entry {
    /// Takes down what a contestant has done, and lets it go.
    pub fn new(contestant: Contestant, turns: Vec<f64>) -> Self {
        let peak_memory_mb = contestant.peak_memory();
        Self { version: contestant.version.clone(), levels_off: contestant.levels_off, turns, peak_memory_mb }
    }
}

/// Writes `docs/bench.md` and `docs/bench.json`, and prints the table.
///
/// # Errors
/// [`Error::File`].
pub fn write(events: &[Event], skipped: &[String]) -> Result<()> {
    let text = markdown(events, skipped, &machine());
    println!("\n{text}");
    let results = serde_json::json!({ "machine": machine(), "events": events, "left out": skipped });
    for (name, contents) in [("docs/bench.md", text), ("docs/bench.json", format!("{results:#}\n"))] {
        let path = root().join(name);
        fs::write(&path, contents).map_err(Error::file(path))?;
    }
    Ok(())
}

fn markdown(events: &[Event], skipped: &[String], machine: &str) -> String {
    let mut text = format!(
        "# Side by side\n\nWritten by `cargo xtask bench`. Every contestant draws the model file's golden pictures first, and is left out \
         unless they are right to 2 levels of 255; then all take turns in one run. A time is the median of the turns' medians, a ratio the \
         median of the turns' ratios, with the least and the largest. Machine: {machine}.\n"
    );
    for event in events {
        text += &format!("\n## {}\n\n| | ms | times Emblem's | memory at most |\n|---|---|---|---|\n", event.name);
        let Some(emblem) = event.entries.first() else { continue };
        for entry in &event.entries {
            let ratios: Vec<f64> = entry.turns.iter().zip(&emblem.turns).map(|(own, emblem)| own / emblem).collect();
            let (least, most) = ratios.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), r| (low.min(*r), high.max(*r)));
            let memory = entry.peak_memory_mb.map_or("?".to_owned(), |mb| format!("{mb:.0} MB"));
            let ratio = format!("{:.2} ({least:.2} to {most:.2})", median(&ratios));
            text += &format!("| {} | {:.2} | {ratio} | {memory} |\n", entry.version, median(&entry.turns));
        }
    }
    if !skipped.is_empty() {
        text += &format!("\nLeft out, not to be had on this machine: {}.\n", skipped.join("; "));
    }
    text
}

/// The middle value; 0 where there is none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Processor, cores, system and day.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split(':').nth(1));
    let processor = name.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim().to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let date = first_line(Command::new("date").arg("+%Y-%m-%d")).unwrap_or_else(|| "no date".to_owned());
    format!("{processor}, {cores} core(s), {}, {date}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, turns: &[f64]) -> Entry {
        Entry { version: format!("{name} 1"), levels_off: 0, turns: turns.to_vec(), peak_memory_mb: Some(12.4) }
    }

    #[test]
    fn ratios_are_within_a_turn() {
        // Both are twice as slow in the second turn: the machine was, not they.
        let event =
            Event { name: "draw".into(), entries: vec![entry("Emblem", &[2.0, 4.0, 2.0]), entry("peer", &[3.0, 6.0, 4.0])] };
        let text = markdown(&[event], &["other (no Python)".into()], "a machine");
        assert!(text.contains("| peer 1 | 4.00 | 1.50 (1.50 to 2.00) | 12 MB |"), "{text}");
        assert!(text.contains("other (no Python)"));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
    }
}
