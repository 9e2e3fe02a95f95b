//! Settings on the command line and in files, and dry runs that try them.

use std::fs;

use tests::desk::{BAD_FILE, Desk, WRONG_USAGE};

#[test]
fn wrong_options_are_refused() {
    let desk = Desk::new();
    desk.refuses(&["--colour"], WRONG_USAGE, &["--colour"]);
    desk.refuses(&["draw"], WRONG_USAGE, &["draw"]);
    desk.refuses(&["paint"], WRONG_USAGE, &["MODEL", "CAPTION"]);
    desk.refuses(&["--preset", "magic"], WRONG_USAGE, &["magic", "supervised", "adversarial"]);
    desk.refuses(&["--steps", "many"], WRONG_USAGE, &["many", "--steps"]);
    desk.refuses(
        &["paint", "small.safetensors", "a cat", "--style", "7", "--style-from", "a.png"],
        WRONG_USAGE,
        &["--style-from"],
    );
}

#[test]
fn settings_that_cannot_be_trained_with_are_refused() {
    let desk = Desk::new();
    for (option, value) in [("--batch", "1"), ("--image-size", "48"), ("--save-every", "0"), ("--generator-rate", "NaN")] {
        desk.refuses(&["--run", "run", option, value], WRONG_USAGE, &[value, "must be"]);
    }
}

#[test]
fn printed_settings_are_a_configuration_file() {
    let desk = Desk::new();
    let printed = desk.trainer(&["config", "--preset", "adversarial", "--batch", "7"]).stdout;
    desk.put("settings.toml", &printed);
    let again = desk.trainer(&["config", "--config", "settings.toml"]).stdout;
    assert_eq!(String::from_utf8_lossy(&printed), String::from_utf8_lossy(&again));
    let text = String::from_utf8_lossy(&again).into_owned();
    assert!(
        text.contains("preset = \"adversarial\"") && text.contains("batch = 7") && text.contains("lambda-swap = 0.0"),
        "{text}"
    );
}

/// What people get wrong in settings, each named by a dry run before anything is trained or written.
#[test]
fn a_dry_run_finds_mistakes() {
    let desk = Desk::new();
    let options: [(&str, &str); 17] = [
        ("--batch", "0"),
        ("--batch", "1000000"),
        ("--matching-batch", "1"),
        ("--image-size", "63"),
        ("--style-size", "1"),
        ("--generator-channels", "100"),
        ("--encoder-channels", "2"),
        ("--steps", "9000000000"),
        ("--minutes", "-5"),
        ("--generator-rate", "0"),
        ("--discriminator-rate", "inf"),
        ("--lambda-style", "-1"),
        ("--style-gradient-scale", "1.5"),
        ("--plain-names", "1.5"),
        ("--beta1", "1"),
        ("--save-every", "0"),
        ("--keep-checkpoints", "0"),
    ];
    for (option, value) in options {
        let written = format!("{option}={value}");
        let name = option.trim_start_matches("--").replace('-', "");
        let output = desk.trainer(&["--dry-run", &written]);
        let said = String::from_utf8_lossy(&output.stderr).replace(['-', '_'], "");
        assert_eq!(output.status.code(), Some(WRONG_USAGE), "{written}: {said}");
        assert!(said.contains(&name), "{written}: {said}");
    }
    let files: [(&str, &str); 12] = [
        ("bacth = 16", "`batch`"),
        ("batchs = 16", "`batch`"),
        ("image_size = 64", "`image-size`"),
        ("lambda-contnet = 1", "`lambda-content`"),
        ("Steps = 100", "`steps`"),
        ("learning-rate = 1e-3", "learning-rate"),
        ("batch = \"16\"", "line 1"),
        ("batch = 16.5", "line 1"),
        ("batch = -1", "line 1"),
        ("preset = \"swop\"", "swop"),
        ("steps = 100\nsteps = 200", "duplicate key"),
        ("{\"batch\": 16}", "line 1"),
    ];
    for (text, word) in files {
        desk.put("settings.toml", text.as_bytes());
        desk.refuses(&["--dry-run", "--config", "settings.toml"], WRONG_USAGE, &["settings.toml", word]);
    }
    desk.refuses(&["--dry-run", "--config", "nowhere.toml"], BAD_FILE, &["nowhere.toml"]);
    desk.refuses(&["--dry-run", "--run", "small.safetensors/run"], BAD_FILE, &["small.safetensors"]);
    assert!(!desk.path("runs").exists() && !desk.path("small.safetensors/run").exists());
}

#[test]
fn a_dry_run_has_a_cache_as_the_run_would_and_leaves_none() {
    let desk = Desk::new();
    fs::create_dir(desk.path("birds")).unwrap();
    for (name, green) in [("red", 20), ("orange", 120), ("yellow", 220)] {
        image::RgbImage::from_pixel(20, 30, image::Rgb([230, green, 0])).save(desk.path(&format!("birds/{name}.png"))).unwrap();
        desk.put(&format!("birds/{name}.txt"), format!("a {name} bird").as_bytes());
    }
    let small = ["--image-size=32", "--generator-channels=16", "--encoder-channels=4", "--batch=2", "--matching-batch=2"];
    let names = || {
        fs::read_dir(desk.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = names();
    desk.succeeds(&[["--dry-run", "--run=new/run", "--data=birds", "--memory-cap=1KB"].as_slice(), &small].concat());
    assert_eq!(names(), before);
}
