//! The contests' results as a table for people and as JSON for programs.

use std::fs;
use std::process::Command;

use serde::Serialize;

use super::contestant::Contestant;
use crate::process::first_line;
use crate::{Error, Result, root};

/// What training's hunger is called in the table.
pub const APPETITE: &str = "a step of training";
/// What most contests are measured in.
pub const MILLISECONDS: &str = "ms";

/// One contest.
#[derive(Debug, Serialize)]
pub struct Event {
    pub name: String,
    /// Of all numbers.
    pub unit: &'static str,
    /// Emblem's first.
    pub entries: Vec<Entry>,
    /// Who is not here, and why.
    pub left_out: Vec<String>,
    pub aim: Option<Aim>,
}

/// How fast Emblem wants to be.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Aim {
    /// Every entry whose version begins so takes at least `times` what Emblem takes.
    pub whom: &'static str,
    pub times: f64,
    /// What stands between, and what to try next; printed where the aim is missed.
    pub between: &'static str,
}

/// How a contestant did.
#[derive(Debug, Serialize)]
pub struct Entry {
    pub version: String,
    /// How far what it makes is from what it should be, in the unit of the contest.
    pub off: f64,
    /// Each turn's median, in the contest's unit.
    pub turns: Vec<f64>,
    pub peak_memory_mb: Option<f64>,
}

impl Entry {
    /// Takes down what a contestant has done, and lets it go.
    pub fn new(contestant: Contestant, turns: Vec<f64>) -> Self {
        let peak_memory_mb = contestant.peak_memory();
        Self { version: contestant.version.clone(), off: contestant.off, turns, peak_memory_mb }
    }
}

/// Writes `docs/NAME.md` and `docs/NAME.json`, and prints the table.
///
/// # Errors
/// [`Error::File`].
pub fn write(name: &str, events: &[Event], skipped: &[String]) -> Result<()> {
    let text = markdown(events, skipped, &machine());
    println!("\n{text}");
    let results = serde_json::json!({ "machine": machine(), "events": events, "left out": skipped });
    for (kind, contents) in [("md", text), ("json", format!("{results:#}\n"))] {
        let path = root().join("docs").join(name).with_extension(kind);
        fs::write(&path, contents).map_err(Error::file(path))?;
    }
    Ok(())
}

fn markdown(events: &[Event], skipped: &[String], machine: &str) -> String {
    let mut text = format!(
        "# Side by side\n\nWritten by `cargo xtask bench`. Every contestant first shows that what it makes is right, and is left out where \
         it is not: the model file's golden pictures to 2 levels of 255, the losses and all gradients of a step of training to 1 %, \
         training pictures to the byte. Then all take turns in one run, those of one thread on one and the same core. A time is \
         the median of the turns' medians, a ratio the median of the turns' ratios, with the least and the largest. Machine: {machine}.\n"
    );
    for event in events {
        text += &format!("\n## {}\n\n| | {} | times Emblem's | memory at most |\n|---|---|---|---|\n", event.name, event.unit);
        let Some(emblem) = event.entries.first() else { continue };
        for entry in &event.entries {
            let ratios: Vec<f64> = entry.turns.iter().zip(&emblem.turns).map(|(own, emblem)| own / emblem).collect();
            let (least, most) = ratios.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), r| (low.min(*r), high.max(*r)));
            let memory = entry.peak_memory_mb.map_or("?".to_owned(), |mb| format!("{mb:.0} MB"));
            let ratio = format!("{:.2} ({least:.2} to {most:.2})", median(&ratios));
            text += &format!("| {} | {} | {ratio} | {memory} |\n", entry.version, milliseconds(median(&entry.turns)));
        }
        for why in &event.left_out {
            text += &format!("\nLeft out: {why}.\n");
        }
        text += &event.aim.map_or(String::new(), |aim| format!("\n{}\n", verdict(&aim, &event.entries)));
    }
    if !skipped.is_empty() {
        text += &format!("\nLeft out, not to be had on this machine: {}.\n", skipped.join("; "));
    }
    text
}

/// Whether an aim is met, and what stands between where it is not.
fn verdict(aim: &Aim, entries: &[Entry]) -> String {
    let Some((emblem, others)) = entries.split_first() else { return String::new() };
    let ratio = |other: &Entry| median(&other.turns.iter().zip(&emblem.turns).map(|(o, e)| o / e).collect::<Vec<_>>());
    let found = others.iter().filter(|other| other.version.starts_with(aim.whom)).map(ratio).reduce(f64::min);
    let wanted = format!("Aim: {} takes {} times as long.", if aim.whom.is_empty() { "any other" } else { aim.whom }, aim.times);
    match found {
        None => format!("{wanted} It was not there."),
        Some(found) if found >= aim.times => format!("{wanted} Met."),
        Some(_) => format!("{wanted} Missed. {}", aim.between),
    }
}

/// Two decimals, three digits where that is less.
fn milliseconds(value: f64) -> String {
    if value < 0.1 { format!("{value:.4}") } else { format!("{value:.2}") }
}

/// The middle value; 0 where there is none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Processor, cores, graphics card, system and day.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split(':').nth(1));
    let processor = name.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim().to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let date = first_line(Command::new("date").arg("+%Y-%m-%d")).unwrap_or_else(|| "no date".to_owned());
    let gpu = first_line(Command::new("nvidia-smi").args(["--query-gpu=name,driver_version", "--format=csv,noheader"]));
    let gpu = gpu.map_or(String::new(), |gpu| format!(", {gpu}"));
    format!("{processor}, {cores} core(s){gpu}, {}, {date}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, turns: &[f64]) -> Entry {
        Entry { version: format!("{name} 1"), off: 0.0, turns: turns.to_vec(), peak_memory_mb: Some(12.4) }
    }

    #[test]
    fn ratios_are_within_a_turn() {
        // Both are twice as slow in the second turn: the machine was, not they.
        let event = Event {
            name: "draw".into(),
            unit: MILLISECONDS,
            entries: vec![entry("Emblem", &[2.0, 4.0, 2.0]), entry("peer", &[3.0, 6.0, 4.0])],
            left_out: vec!["third: dead".into()],
            aim: None,
        };
        let text = markdown(&[event], &["other (no Python)".into()], "a machine");
        assert!(text.contains("| peer 1 | 4.00 | 1.50 (1.50 to 2.00) | 12 MB |"), "{text}");
        assert!(text.contains("other (no Python)") && text.contains("Left out: third: dead."), "{text}");
    }

    #[test]
    fn an_aim_is_met_or_says_what_stands_between() {
        let entries = [entry("Emblem", &[2.0]), entry("peer", &[5.0]), entry("other", &[1.0])];
        let said = |whom, times| verdict(&Aim { whom, times, between: "Profile it." }, &entries);
        assert_eq!(said("peer", 2.0), "Aim: peer takes 2 times as long. Met.");
        assert_eq!(said("peer", 3.0), "Aim: peer takes 3 times as long. Missed. Profile it.");
        assert!(said("", 2.0).ends_with("Profile it.") && said("nobody", 1.0).ends_with("not there."));
    }

    #[test]
    fn small_times_keep_their_digits() {
        assert_eq!((milliseconds(0.012_34), milliseconds(12.345)), ("0.0123".to_owned(), "12.35".to_owned()));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
    }
}
