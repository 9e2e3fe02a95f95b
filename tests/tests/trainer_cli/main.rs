//! The trainer's command line as a person meets it: what goes wrong ends in one clear line and an exit code.

mod measuring;
mod painting;
mod settings;

use std::fs;

use serde_json::json;
use tests::desk::{BAD_FILE, Desk, WRONG_USAGE};
use tests::models;

#[test]
fn help_teaches_the_commands() {
    let desk = Desk::new();
    let help_of = |mut command: std::process::Command| {
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let (trainer, lab) = (help_of(desk.command(&["--help"])), help_of(desk.lab(&["--help"])));
    let commands = ["recipe", "check", "eval", "paint", "read", "export", "report", "config"];
    for word in commands.into_iter().chain(["--resume", "--preset", "--device", "--dry-run", "Exit codes"]) {
        assert!(trainer.contains(word), "{word} is missing: {trainer}");
    }
    for word in ["pack", "pack-words", "judge", "sweep", "fit-styles", "contest", "ceiling"] {
        assert!(lab.contains(word), "{word} is missing: {lab}");
        assert!(!trainer.contains(&format!("\n  {word} ")), "{word} is no command of whoever trains: {trainer}");
    }
}

#[test]
fn a_caption_is_read_as_text_and_as_json() {
    let desk = Desk::new();
    let read = |more: &[&str]| {
        let output = desk.trainer(&[&["read", "small.safetensors", "A red apple, a qwxz"], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let text = read(&[]);
    assert!(text.contains("red apple; count 1") && text.contains("\"a qwxz\": unknown"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&read(&["--json"])).unwrap();
    let thing = |place: usize| ["text", "name", "how"].map(|key| json["things"][place][key].clone());
    assert_eq!(thing(0), ["A red apple", "red apple", "name"], "{json}");
    assert_eq!(thing(1), [json!("a qwxz"), json!(null), json!("unknown")], "{json}");
    assert_eq!(json["relations"], json!([{ "kind": "next-to", "of": 0, "to": 1 }]), "{json}");
    desk.put("noise.safetensors", b"noise");
    desk.refuses(&["read", "noise.safetensors", "a cat"], BAD_FILE, &["noise.safetensors"]);
    desk.refuses(&["read", "small.safetensors"], WRONG_USAGE, &["CAPTION"]);
}

/// `-h` has what most people need, `--help` all.
#[test]
fn short_help_is_short() {
    let desk = Desk::new();
    let options = |help: &str| {
        let text = String::from_utf8_lossy(&desk.trainer(&[help]).stdout).into_owned();
        let of_line = |line: &str| line.split_whitespace().find(|word| word.starts_with("--")).map(str::to_owned);
        let lines = text.lines().filter(|line| line.trim_start().starts_with('-'));
        lines.filter_map(of_line).filter(|option| !["--help", "--version"].contains(&option.as_str())).collect::<Vec<_>>()
    };
    let (short, long) = (options("-h"), options("--help"));
    assert!((10..=15).contains(&short.len()), "{short:?}");
    assert!(long.len() > 50 && short.iter().all(|option| long.contains(option)), "{long:?}");
}

#[test]
fn models_that_cannot_be_used_are_refused() {
    let desk = Desk::new();
    let small = &desk.model;
    let broken: [(&str, Vec<u8>, &str); 9] = [
        ("half", small[..small.len() / 2].to_vec(), "ends too early"),
        ("header", small[..100].to_vec(), "ends too early"),
        ("empty", vec![], "empty"),
        ("page", b"<!doctype html>".to_vec(), "web page"),
        ("text", b"This is a text, and no model at all.".to_vec(), "no safetensors"),
        ("newer", models::with_metadata(small, "version", "99"), "version"),
        ("huge", models::with_metadata(small, "config", r#"{"word_size":4000000000}"#), "word_size"),
        ("nan", models::with_nan(small), "finite"),
        ("flipped", models::with_flipped_bit(small), "checksum"),
    ];
    for (name, bytes, reason) in broken {
        desk.put(name, &bytes);
        desk.refuses(&["paint", name, "a cat"], BAD_FILE, &[name, reason]);
    }
    desk.refuses(&["paint", "nowhere.safetensors", "a cat"], BAD_FILE, &["nowhere.safetensors"]);
    desk.refuses(&["paint", ".", "a cat"], BAD_FILE, &["."]);
}

#[test]
fn runs_that_cannot_be_continued_are_refused() {
    let desk = Desk::new();
    desk.refuses(&["--run", "nowhere", "--resume"], BAD_FILE, &["nowhere", "no run"]);
    for command in ["export", "report", "eval"] {
        desk.refuses(&[command, "nowhere"], BAD_FILE, &["nowhere", "no run"]);
    }
    fs::create_dir(desk.path("run")).unwrap();
    desk.put("run/config.toml", b"steps = \"many\"");
    desk.refuses(&["--run", "run"], BAD_FILE, &["run", "--resume"]);
    desk.refuses(&["--run", "run", "--resume"], BAD_FILE, &["config.toml", "many"]);
    desk.refuses(&["export", "run"], BAD_FILE, &["config.toml"]);
    desk.put("run/config.toml", b"");
    desk.refuses(&["--run", "run", "--resume", "--image-size", "32"], WRONG_USAGE, &["--image-size", "--run"]);
    desk.refuses(&["export", "run"], BAD_FILE, &["not saved its generator"]);
    // Settings as they were called before.
    desk.put(
        "run/config.toml",
        b"preset = \"swap\"\nink = 0.3\nlend-every = 8\nlambda-sharp = 0.0\nnegative = \"shifted\"\nkeep = 3",
    );
    desk.refuses(&["export", "run"], BAD_FILE, &["not saved its generator"]);
    desk.refuses(&["--run", "run", "--resume", "--ink", "0.1"], WRONG_USAGE, &["--colour-jitter", "--run"]);
    desk.put("run/config.toml", b"lambda-sharp = 40.0");
    desk.refuses(&["export", "run"], BAD_FILE, &["lambda-sharp", "delete the line"]);
    desk.refuses(&["export", "run", "--checkpoint", "first"], WRONG_USAGE, &["best"]);
}

#[test]
fn a_published_model_gets_the_present_names_and_keeps_its_weights() {
    let desk = Desk::new();
    let shipped = fs::read(xtask::root().join("models/emblem.safetensors")).unwrap();
    desk.put("shipped.safetensors", &shipped);
    desk.succeeds(&["export", "shipped.safetensors", "-o", "again.safetensors"]);
    let again = fs::read(desk.path("again.safetensors")).unwrap();
    assert!(models::tensors(&again) == models::tensors(&shipped), "its weights are others");
    // Whatever names a model has, it gets the data's, and the same ones every time.
    let names = shared::ModelFile::parse(&shipped).unwrap().vocabulary.names().unwrap().names().to_vec();
    let older: Vec<String> = names.iter().map(|one| format!("{}\t{}", one.name, one.keywords.join("|"))).collect();
    desk.put("older.safetensors", &models::with_metadata(&shipped, "names", &older.join("\n")));
    for before in ["older.safetensors", "again.safetensors"] {
        desk.succeeds(&["export", before, "-o", "newer.safetensors"]);
        assert!(fs::read(desk.path("newer.safetensors")).unwrap() == again, "{before}");
    }
    desk.refuses(&["export", "small.safetensors", "-o", "small-again.safetensors"], BAD_FILE, &["no names to renew"]);
    assert!(!desk.path("small-again.safetensors").exists());
}

#[test]
fn styles_are_fitted_to_models_of_the_emoji_only() {
    let desk = Desk::new();
    let refuses = |line: &[&str], code, words: &[&str]| desk.lab_refuses(&[&["fit-styles"], line].concat(), code, words);
    refuses(&["nowhere.safetensors"], BAD_FILE, &["nowhere.safetensors"]);
    refuses(&["small.safetensors"], BAD_FILE, &["styles are not those"]);
    refuses(&["small.safetensors", "-o", "no/such/folder/model.safetensors"], BAD_FILE, &["no/such/folder"]);
    refuses(&["small.safetensors", "--units", "0"], WRONG_USAGE, &["--units"]);
    refuses(&["small.safetensors", "--rate", "nan"], WRONG_USAGE, &["--rate"]);
    assert!(!desk.path("model.safetensors").exists());
}
