//! Runs that are killed, damaged, starved or interrupted: nothing saved is lost, nothing is written outside the run, nothing panics,
//! and what cannot be mended is said in words.
//!
//! Each fault has a short form, which every test run takes, and some a long one, which `cargo xtask soak` takes.

#![cfg(unix)]

mod beginning;
#[cfg(target_os = "linux")]
mod memory;
mod recipe;
mod runs;

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use runs::Runs;
use safetensors::SafeTensors;
use tests::desk::{BAD_FILE, DIVERGED, Desk, INTERRUPTED};

/// Longer than this a run does not hang on a machine that is busy, but for good.
const PATIENCE: Duration = Duration::from_secs(600);

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").arg(name).arg(child.id().to_string()).status().unwrap().success());
}

/// Waits for the end of a run that was told to stop.
fn leaves(mut child: Child) -> (Option<i32>, String) {
    let asked = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if asked.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not leave");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    (status.code(), text)
}

/// Kills a run again and again, at random moments, and lets it finish: it must end as one that nobody touched.
fn kills(count: usize, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let undisturbed = Runs::new();
    undisturbed.finishes();
    let runs = Runs::new();
    let (mut newest, outside) = (None, runs.outside());
    let mut finished = 0;
    for kill in 0..count {
        let mut child = runs.start(&[]);
        std::thread::sleep(Duration::from_millis(random.random_range(0..1500)));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        let (code, text) = leaves(child);
        assert!(matches!(code, None | Some(0)), "kill {kill}: {code:?} {text}");
        assert_eq!(runs.outside(), outside, "kill {kill}: written outside the run");
        let now = runs.checkpoints().first().copied();
        assert!(now >= newest, "kill {kill}: {newest:?} is lost, {now:?} is the newest");
        newest = now;
        if ended.is_some() {
            // It was over: compare, and begin another.
            finished += 1;
            assert!(runs.weights() == undisturbed.weights(), "kill {kill}");
            fs::remove_dir_all(runs.desk.path("run")).unwrap();
            newest = None;
        }
    }
    runs.finishes();
    assert!(runs.weights() == undisturbed.weights(), "weights differ from those of an undisturbed run");
    assert_eq!(runs.metrics(), undisturbed.metrics());
    let left: Vec<_> = fs::read_dir(runs.desk.path("run/checkpoints")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.extension().is_some_and(|e| e == "ckpt")), "left behind: {left:?}");
    println!("{count} kills; {} runs finished, each to the bit as an undisturbed one; no checkpoint lost", finished + 1);
}

#[test]
fn a_killed_run_ends_as_an_undisturbed_one() {
    kills(6, 1);
}

#[test]
#[ignore = "long: cargo xtask soak"]
fn soak_kills() {
    kills(200, 2);
}

/// Flips or cuts bytes of the newest checkpoint and of the model file. A damaged checkpoint is named and the one before it used; a
/// damaged model is refused or, where only a letter of what it says about itself has changed, drawn with.
fn damages(count: usize, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let runs = Runs::new();
    runs.finishes();
    let newest = runs.checkpoint(runs.checkpoints()[0]);
    let before = runs.checkpoints()[1].1;
    let (checkpoint, model) = (fs::read(&newest).unwrap(), fs::read(runs.desk.path("run/model.safetensors")).unwrap());
    let mut spoil = |bytes: &[u8]| {
        let place = random.random_range(0..bytes.len());
        match random.random_bool(0.5) {
            true => [&bytes[..place], &[bytes[place] ^ (1 << random.random_range(0..8))], &bytes[place + 1..]].concat(),
            false => bytes[..place].to_vec(),
        }
    };
    let (mut refused, mut drawn) = (0, 0);
    for round in 0..count {
        if round % 2 == 0 {
            fs::write(&newest, spoil(&checkpoint)).unwrap();
            let said = runs.desk.succeeds(&["export", "run", "-o", "out.safetensors"]);
            assert!(said.contains("is damaged") && said.contains(newest.file_name().unwrap().to_str().unwrap()), "{said}");
            let written = fs::read(runs.desk.path("out.safetensors")).unwrap();
            let (_, header) = SafeTensors::read_metadata(&written).unwrap();
            let info = &header.metadata().as_ref().unwrap()["info"];
            assert!(info.contains(&format!(r#""steps":"{before}""#)), "not from step {before}: {info}");
        } else {
            let damaged = spoil(&model);
            runs.desk.put("damaged.safetensors", &damaged);
            let output = runs.desk.trainer(&["paint", "damaged.safetensors", "a red apple"]);
            let text = said(&output);
            assert!(!text.contains("panicked"), "{text}");
            match output.status.code() {
                Some(0) => {
                    let header = 8 + u64::from_le_bytes(*model.first_chunk().unwrap()) as usize;
                    assert!(damaged[header..] == model[header..], "drawn with other weights than were written");
                    drawn += 1;
                }
                Some(BAD_FILE) if text.contains("damaged.safetensors") => refused += 1,
                code => panic!("{code:?}: {text}"),
            }
        }
    }
    fs::write(&newest, &checkpoint).unwrap();
    assert!(!runs.desk.succeeds(&["export", "run"]).contains("damaged"));
    println!(
        "{count} damages: every checkpoint named and the one before it used; of the models {refused} refused, {drawn} drawn with"
    );
}

#[test]
fn damaged_files_are_named_and_the_ones_before_used() {
    damages(20, 1);
}

#[test]
#[ignore = "long: cargo xtask soak"]
fn soak_damages() {
    damages(1000, 2);
}

#[test]
fn a_signal_saves_and_leaves_in_either_stage() {
    let runs = Runs::new();
    let stages: [(&[&str], _, _); 2] =
        [(&["--matching-steps=100000"], (0, 2), "-TERM"), (&["--matching-steps=8", "--steps=100000"], (1, 2), "-INT")];
    for (options, place, name) in stages {
        let child = runs.start(options);
        runs.wait_for(place);
        signal(&child, name);
        let (code, text) = leaves(child);
        assert_eq!(code, Some(INTERRUPTED), "{text}");
        let (_, step) = runs.checkpoints()[0];
        assert!(text.contains("stopped and saved") && text.contains(&format!("step {step} ")), "{text}");
    }
}

#[test]
fn a_second_trainer_is_turned_away_and_the_first_goes_on() {
    let runs = Runs::new();
    let first = runs.start(&["--steps=100000"]);
    runs.wait_for((0, 2));
    let second = runs.finish(&[]);
    assert_eq!(second.status.code(), Some(BAD_FILE), "{}", said(&second));
    assert!(said(&second).contains(&format!("process {}", first.id())), "{}", said(&second));
    runs.wait_for((1, 2));
    signal(&first, "-INT");
    assert_eq!(leaves(first).0, Some(INTERRUPTED));
}

#[test]
fn a_full_disk_costs_nothing_that_was_saved() {
    let runs = Runs::new();
    let child = runs.start(&[]);
    runs.wait_for((1, 4));
    signal(&child, "-KILL");
    leaves(child);
    let newest = runs.checkpoints()[0];
    let whole = fs::metadata(runs.checkpoint(newest)).unwrap().len() as usize / 1024;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..5 {
        let output = runs.starved(random.random_range(64..whole));
        let text = said(&output);
        assert_eq!(output.status.code(), Some(BAD_FILE), "{text}");
        assert!(text.contains(".ckpt") && text.contains("make room") && !text.contains("panicked"), "{text}");
        assert_eq!(runs.checkpoints()[0], newest, "{text}");
    }
    runs.finishes();
}

#[test]
fn folders_that_cannot_be_written_to_are_named() {
    let desk = Desk::new();
    desk.put("file", b"");
    desk.refuses(&["--run", "file/run"], BAD_FILE, &["file/run"]);
    // Not even root may make a folder there.
    desk.refuses(&["--run", "/proc/emblem"], BAD_FILE, &["/proc/emblem"]);
    fs::create_dir(desk.path("run")).unwrap();
    desk.put("run/checkpoints", b"a file where a folder should be");
    desk.refuses(&["--run", "run"], BAD_FILE, &["run/checkpoints"]);
}

#[test]
fn a_diverging_run_is_tried_again_and_given_up() {
    let runs = Runs::new();
    let output = runs.finish(&["--generator-rate=1e12"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(DIVERGED), "{text}");
    assert!(text.contains("gave up after 3 tries") && text.contains("lower --lambda-adversarial"), "{text}");
    assert!(!runs.desk.path("run/model.safetensors").exists(), "a diverged model must not be published");
    let log = fs::read_to_string(runs.desk.path("run/log.txt")).unwrap();
    assert!(log.contains("try 1 of 3") && log.contains("try 3 of 3"), "{log}");
    let config = fs::read_to_string(runs.desk.path("run/config.toml")).unwrap();
    assert!(config.contains("generator-rate = 125000000000.0"), "{config}");
    // With a rate that can be trained with, it goes on from where it was good.
    let output = runs.finish(&["--generator-rate=1e-3", "--discriminator-rate=1e-3"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_dry_run_prints_the_plan_and_leaves_nothing() {
    let runs = Runs::new();
    let before = runs.outside();
    let output = runs.finish(&["--dry-run"]);
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", said(&output));
    for line in
        ["device", "data", "parameters", "matching       8 steps of 4", "disentangling  24 steps of 4", "memory", "disk", "ready"]
    {
        assert!(plan.contains(line), "{line} is missing:\n{plan}");
    }
    assert_eq!(runs.outside(), before);
    assert!(!runs.desk.path("run").exists());
}

#[test]
fn a_finished_run_has_all_its_parts() {
    let runs = Runs::new();
    runs.finishes();
    for part in ["config.toml", "metrics.jsonl", "log.txt", "film.gif", "model.safetensors", "model-card.md", "report.html"] {
        assert!(runs.desk.path(&format!("run/{part}")).metadata().unwrap().len() > 100, "{part}");
    }
    for stage in ["matching", "disentangling"] {
        assert_eq!(fs::read_dir(runs.desk.path(&format!("run/events/{stage}"))).unwrap().count(), 1);
    }
    runs.desk.succeeds(&["paint", "run/model.safetensors", "a red apple"]);
    runs.desk.succeeds(&["export", "run", "--checkpoint", "best", "-o", "best.safetensors"]);
    runs.desk.succeeds(&["report", "run"]);
    // Continuing what is finished finishes at once, with the same weights.
    let weights = runs.weights();
    runs.finishes();
    assert!(runs.weights() == weights);
    // There is nothing left to plan.
    let plan = String::from_utf8(runs.finish(&["--dry-run"]).stdout).unwrap();
    for line in [
        "resume         from step 24 of disentangling",
        "matching       0 steps",
        "disentangling  0 steps",
        "a model of",
        "ready",
    ] {
        assert!(plan.contains(line), "{line} is missing:\n{plan}");
    }
}

/// Memory of a process in kilobytes: resident (`VmRSS:`), or the most that was (`VmHWM:`).
#[cfg(target_os = "linux")]
fn resident(process: u32, which: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(which)?.trim().strip_suffix(" kB")?.trim().parse().ok())
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "long: cargo xtask soak"]
fn soak_memory() {
    let runs = Runs::new();
    let mut child = runs.start(&["--steps=2000", "--adversarial-start=0", "--save-every=100", "--grid-every=200"]);
    runs.wait_for((1, 100));
    let mut samples = vec![];
    while child.try_wait().unwrap().is_none() {
        if runs.checkpoints()[0].1 < 2000 {
            samples.extend(resident(child.id(), "VmRSS:"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(leaves(child).0, Some(0));
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64 / 1024.0;
    let quarter = samples.len() / 4;
    let (early, late) = (mean(&samples[quarter..2 * quarter]), mean(&samples[3 * quarter..]));
    println!("memory over 2,000 steps: second quarter {early:.1} MB, last quarter {late:.1} MB, {} samples", samples.len());
    assert!(late < 1.02 * early, "memory grows");
}
