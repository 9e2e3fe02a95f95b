//! The trainer's command line as a person meets it: what goes wrong ends in one clear line and an exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use burn::prelude::Device;
use shared::{Painter, seed_from_text};
use tempfile::TempDir;
use tests::models;

/// Exit codes of the trainer.
const WRONG_USAGE: i32 = 2;
const BAD_FILE: i32 = 3;

/// A folder with a small model in it, in which the trainer is run.
struct Desk {
    folder: TempDir,
    model: Vec<u8>,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), model: models::small() };
        desk.put("small.safetensors", &desk.model);
        desk
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn trainer(&self, arguments: &[&str]) -> Output {
        Command::new(trainer()).args(arguments).current_dir(&self.folder).output().unwrap()
    }

    /// Runs the trainer, which must succeed, and returns what it wrote on its error stream.
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.trainer(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// Runs the trainer, which must refuse with `code` and name each of `words`.
    fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.trainer(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} does not say {word:?}: {said}");
        }
    }

    fn picture(&self, name: &str) -> image::RgbImage {
        image::open(self.path(name)).unwrap().to_rgb8()
    }
}

/// The trainer's program, built as these tests were. Cargo builds a package's programs for its own tests only.
fn trainer() -> &'static Path {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        // The selection and the features of `cargo xtask test`, because others would compile burn again.
        let build = ["build", "--quiet", "--workspace", "--no-default-features", "--bin", "trainer", "--profile", profile];
        let built = Command::new(env!("CARGO")).args(build).current_dir(xtask::root()).status().unwrap();
        assert!(built.success(), "the trainer does not compile");
        folder.join(format!("trainer{}", std::env::consts::EXE_SUFFIX))
    })
}

#[test]
fn help_teaches_the_commands() {
    let output = Desk::new().trainer(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    for word in ["paint", "export", "--resume", "--preset", "--device"] {
        assert!(help.contains(word), "{word} is missing: {help}");
    }
}

#[test]
fn paint_writes_what_the_painter_paints() {
    let desk = Desk::new();
    let painter = Painter::from_bytes(&desk.model, &Device::flex()).unwrap();
    for (style, seed) in [("7", 7), ("ada", seed_from_text("ada"))] {
        desk.succeeds(&["paint", "small.safetensors", "a red apple", "--style", style, "-o", "apple.png"]);
        let native = pollster::block_on(painter.paint("a red apple", &painter.style_from_seed(seed))).unwrap();
        let painted = desk.picture("apple.png");
        assert_eq!(painted.dimensions(), (32, 32));
        assert_eq!(painted.into_raw(), native.rgb, "style {style}");
    }
}

#[test]
fn another_style_paints_another_picture() {
    let desk = Desk::new();
    for (style, file) in [("7", "seven.png"), ("8", "eight.png")] {
        desk.succeeds(&["paint", "small.safetensors", "a cat", "--style", style, "-o", file]);
    }
    assert_ne!(desk.picture("seven.png"), desk.picture("eight.png"));
}

#[test]
fn a_picture_lends_its_style() {
    let desk = Desk::new();
    let painter = Painter::from_bytes(&desk.model, &Device::flex()).unwrap();
    desk.succeeds(&["paint", "small.safetensors", "a cat", "-o", "lender.png"]);
    desk.succeeds(&["paint", "small.safetensors", "a red apple", "--style-from", "lender.png", "-o", "lent.png"]);
    let lender = shared::Picture::new(32, 32, desk.picture("lender.png").into_raw()).unwrap();
    let style = pollster::block_on(painter.style_of(&lender)).unwrap();
    let native = pollster::block_on(painter.paint("a red apple", &style)).unwrap();
    assert_eq!(desk.picture("lent.png").into_raw(), native.rgb);
}

#[test]
fn unknown_words_are_named_with_known_ones() {
    let said = Desk::new().succeeds(&["paint", "small.safetensors", "a red aple"]);
    assert!(said.contains("aple") && said.contains("apple"), "{said}");
}

#[test]
fn wrong_options_are_refused() {
    let desk = Desk::new();
    desk.refuses(&["--colour"], WRONG_USAGE, &["--colour"]);
    desk.refuses(&["draw"], WRONG_USAGE, &["draw"]);
    desk.refuses(&["paint"], WRONG_USAGE, &["MODEL", "CAPTION"]);
    desk.refuses(&["--preset", "magic"], WRONG_USAGE, &["magic", "swap", "patent"]);
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
fn models_that_cannot_be_used_are_refused() {
    let desk = Desk::new();
    let small = &desk.model;
    let broken: [(&str, Vec<u8>, &str); 8] = [
        ("half", small[..small.len() / 2].to_vec(), "ends too early"),
        ("header", small[..100].to_vec(), "ends too early"),
        ("empty", vec![], "empty"),
        ("page", b"<!doctype html>".to_vec(), "web page"),
        ("text", b"This is a text, and no model at all.".to_vec(), "no safetensors"),
        ("newer", models::with_metadata(small, "version", "2"), "version"),
        ("huge", models::with_metadata(small, "config", r#"{"word_size":4000000000}"#), "word_size"),
        ("nan", models::with_nan(small), "finite"),
    ];
    for (name, bytes, reason) in broken {
        desk.put(name, &bytes);
        desk.refuses(&["paint", name, "a cat"], BAD_FILE, &[name, reason]);
    }
    desk.refuses(&["paint", "nowhere.safetensors", "a cat"], BAD_FILE, &["nowhere.safetensors"]);
    desk.refuses(&["paint", ".", "a cat"], BAD_FILE, &["."]);
}

#[test]
fn captions_and_pictures_that_cannot_be_used_are_refused() {
    let desk = Desk::new();
    desk.refuses(&["paint", "small.safetensors", "  "], BAD_FILE, &["empty"]);
    desk.refuses(&["paint", "small.safetensors", "一个红苹果"], BAD_FILE, &["no word"]);
    desk.put("text.png", b"no picture");
    desk.refuses(&["paint", "small.safetensors", "a cat", "--style-from", "text.png"], BAD_FILE, &["text.png"]);
    desk.refuses(&["paint", "small.safetensors", "a cat", "--style-from", "none.png"], BAD_FILE, &["none.png"]);
    desk.refuses(&["paint", "small.safetensors", "a cat", "-o", "no/such/folder/cat.png"], BAD_FILE, &["cat.png"]);
}

#[test]
fn runs_that_cannot_be_continued_are_refused() {
    let desk = Desk::new();
    desk.refuses(&["--run", "nowhere", "--resume"], BAD_FILE, &["nowhere", "--run"]);
    desk.refuses(&["export", "nowhere"], BAD_FILE, &["nowhere"]);
    fs::create_dir(desk.path("run")).unwrap();
    desk.put("run/config.json", b"{\"steps\": \"many\"}");
    desk.refuses(&["--run", "run"], BAD_FILE, &["run", "--resume"]);
    desk.refuses(&["--run", "run", "--resume"], BAD_FILE, &["config.json"]);
    desk.refuses(&["export", "run"], BAD_FILE, &["config.json"]);
}

#[test]
fn captioned_pictures_are_checked_and_bad_ones_named() {
    let desk = Desk::new();
    fs::create_dir(desk.path("birds")).unwrap();
    image::RgbImage::from_pixel(20, 30, image::Rgb([200, 30, 40])).save(desk.path("birds/red.png")).unwrap();
    desk.put("birds/red.txt", b"a red bird");
    desk.succeeds(&["check", "birds"]);
    let report = fs::read_to_string(desk.path("check.html")).unwrap();
    assert!(report.contains("a red bird") && report.contains("data:image/png"));

    desk.put("birds/cut.png", b"\x89PNG\r\n\x1a\n");
    desk.put("birds/cut.txt", b"a cut bird");
    desk.refuses(&["check", "birds"], BAD_FILE, &["cut.png is damaged", "--max-bad"]);
    desk.refuses(&["--run", "run", "--data", "birds"], BAD_FILE, &["cut.png is damaged", "trainer check"]);
    desk.refuses(&["check", "nowhere"], BAD_FILE, &["nowhere", "--data"]);
    fs::create_dir(desk.path("nothing")).unwrap();
    desk.refuses(&["check", "nothing"], BAD_FILE, &["nothing", "metadata.jsonl", "*.tar"]);
    desk.refuses(&["check"], WRONG_USAGE, &["DATA"]);
    desk.refuses(&["check", "birds", "--background", "whitish"], WRONG_USAGE, &["whitish", "CSS"]);
    desk.refuses(&["check", "birds", "--max-bad", "some"], WRONG_USAGE, &["some", "5%"]);
}
