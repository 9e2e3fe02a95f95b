//! The trainer's command line as a person meets it: what goes wrong ends in one clear line and an exit code.

use std::fs;

use burn::prelude::Device;
use serde_json::json;
use shared::{Painter, Picture, TOLERANCE, seed_from_text};
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
fn paint_writes_what_the_painter_paints() {
    let desk = Desk::new();
    let painter = Painter::from_bytes(&desk.model, &Device::flex()).unwrap();
    for (style, seed) in [("7", 7), ("ada", seed_from_text("ada"))] {
        desk.succeeds(&["paint", "small.safetensors", "a red apple", "--style", style, "-o", "apple.png"]);
        let native = pollster::block_on(painter.paint("a red apple", &painter.style_from_seed(seed))).unwrap();
        assert_alike(&desk, "apple.png", &native);
    }
}

/// A model that draws layers: the file's ending says what is written, at any size, on paper or none.
#[test]
fn layers_are_painted_at_any_size_and_as_any_kind() {
    let desk = Desk::new();
    desk.put("layers.safetensors", &models::layered());
    let paint = |more: &[&str]| desk.succeeds(&[&["paint", "layers.safetensors", "a red apple", "--style", "7"], more].concat());
    paint(&["-o", "plain.png"]);
    paint(&["-o", "small.webp", "--size", "16"]);
    paint(&["-o", "large.png", "--size", "300", "--background", "#204060"]);
    paint(&["-o", "apple.svg"]);
    let rgba = |name: &str| image::open(desk.path(name)).unwrap().to_rgba8();
    let plain = rgba("plain.png");
    assert_eq!(plain.dimensions(), (512, 512));
    assert!(plain.pixels().any(|pixel| pixel[3] < 255), "nothing shows through");
    assert_eq!(rgba("small.webp").dimensions(), (16, 16));
    let large = rgba("large.png");
    assert_eq!(large.dimensions(), (300, 300));
    assert!(large.pixels().all(|pixel| pixel[3] == 255));
    let svg = std::fs::read_to_string(desk.path("apple.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("<title>a red apple</title>") && svg.contains("style seed 7"), "{svg}");

    let native = Painter::from_bytes(&std::fs::read(desk.path("layers.safetensors")).unwrap(), &Device::flex()).unwrap();
    let layers = pollster::block_on(native.layers("a red apple", &native.style_from_seed(7))).unwrap();
    assert_eq!(layers.render(512, None).bytes, plain.into_raw());
}

#[test]
fn what_cannot_be_painted_is_named() {
    let desk = Desk::new();
    desk.put("layers.safetensors", &models::layered());
    let refuses = |model: &str, more: &[&str], code, words: &[&str]| {
        desk.refuses(&[&["paint", model, "a red apple"], more].concat(), code, words);
    };
    refuses("layers.safetensors", &["-o", "apple.jpg"], BAD_FILE, &["apple.jpg", ".png", ".webp", ".svg"]);
    refuses("layers.safetensors", &["--size", "15"], BAD_FILE, &["--size", "16", "4096"]);
    refuses("layers.safetensors", &["--size", "4097"], BAD_FILE, &["--size"]);
    refuses("layers.safetensors", &["--background", "blue"], WRONG_USAGE, &["none", "#ffcc00"]);
    // A model of before.
    for more in [["--size", "64"], ["--background", "none"], ["-o", "apple.svg"]] {
        refuses("small.safetensors", &more, BAD_FILE, &["draws pixels"]);
    }
}

/// As a page's picture must be: on a busy machine one run in five was seen to differ by one level of 255 somewhere.
fn assert_alike(desk: &Desk, painted: &str, native: &Picture) {
    let painted = desk.picture(painted);
    let (width, height) = painted.dimensions();
    let painted = Picture::new(width as usize, height as usize, painted.into_raw()).unwrap();
    let difference = painted.largest_difference(native);
    assert!(difference.is_some_and(|levels| levels <= TOLERANCE), "they differ by {difference:?} levels");
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
    let lender = Picture::new(32, 32, desk.picture("lender.png").into_raw()).unwrap();
    let style = pollster::block_on(painter.style_of(&lender)).unwrap();
    let native = pollster::block_on(painter.paint("a red apple", &style)).unwrap();
    assert_alike(&desk, "lent.png", &native);
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

/// A dozen pictures of what the small model knows, in two styles.
fn drawings(desk: &Desk) {
    for (style, blue) in [("ink", 0), ("paint", 200)] {
        fs::create_dir_all(desk.path(&format!("drawings/{style}"))).unwrap();
        for (i, caption) in
            ["a red apple", "a cat", "a red cat", "an apple", "a red red apple", "a cat, an apple"].iter().enumerate()
        {
            let shade = 40 * i as u8;
            image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([shade, (7 * x + 3 * y) as u8, blue]))
                .save(desk.path(&format!("drawings/{style}/{i}.png")))
                .unwrap();
            desk.put(&format!("drawings/{style}/{i}.txt"), caption.as_bytes());
        }
    }
}

#[test]
fn a_model_file_is_measured_on_any_data_and_says_what_is_missing() {
    let desk = Desk::new();
    drawings(&desk);
    let data = ["drawings", "--subfolders", "style"];
    desk.lab_succeeds(&[&["judge"], &data[..], &["--image-size", "32", "--steps", "2", "-o", "judge.safetensors"]].concat());
    let eval = |more: &[&str]| {
        let arguments = [&["eval", "small.safetensors"], &data[..], &["--judge", "judge.safetensors"], more].concat();
        let output = desk.trainer(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let table = eval(&[]);
    for part in
        ["left out: R-precision by the matching model", "rho(z, h_s(G))", "chance", "seed 1, truncation none", "data    drawings"]
    {
        assert!(table.contains(part), "{part} is missing: {table}");
    }
    // Six captions and no more: nobody was ranked against 99 others.
    assert!(!table.contains("caption against 99"), "{table}");
    let figures = |name: &str| fs::read_to_string(desk.path(name)).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&figures("small.figures.json")).unwrap();
    for figure in saved["figures"].as_array().unwrap() {
        for key in ["name", "value", "n", "split", "seed", "truncation", "by"] {
            assert!(!figure[key].is_null(), "{key} is missing: {figure}");
        }
    }
    eval(&["-o", "again.json"]);
    assert_eq!(figures("again.json"), figures("small.figures.json"), "the same seed gives the same figures");
    eval(&["-o", "other.json", "--seed", "2"]);
    assert_ne!(figures("other.json"), figures("small.figures.json"));
}

#[test]
fn judges_that_cannot_be_used_are_refused() {
    let desk = Desk::new();
    drawings(&desk);
    let eval = |judge: &'static str| ["eval", "small.safetensors", "drawings", "--judge", judge];
    desk.refuses(&eval("nowhere.safetensors"), BAD_FILE, &["nowhere.safetensors"]);
    desk.refuses(&eval("small.safetensors"), BAD_FILE, &["is no judge", "emblem-lab judge"]);
    desk.lab_succeeds(&["judge", "drawings", "--image-size", "64", "--steps", "1", "-o", "large.safetensors"]);
    desk.refuses(&eval("large.safetensors"), BAD_FILE, &["64 px", "--image-size 32"]);
    let mut bytes = fs::read(desk.path("large.safetensors")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    desk.put("damaged.safetensors", &bytes);
    desk.refuses(&eval("damaged.safetensors"), BAD_FILE, &["damaged.safetensors", "checksum"]);
    desk.put("text.safetensors", b"no model");
    desk.refuses(&["eval", "text.safetensors"], BAD_FILE, &["text.safetensors", "choose a model file"]);
    desk.refuses(&["eval", "small.safetensors", "nothing"], BAD_FILE, &["nothing"]);
    let lend = ["eval", "small.safetensors", "drawings", "--lend-from", "nowhere"];
    desk.refuses(&lend, BAD_FILE, &["nowhere", "--lend-from", "by one hand"]);
    let eval = |weights: &'static str| ["eval", "small.safetensors", "drawings", "--inception", weights];
    desk.refuses(&eval("nowhere.pth"), BAD_FILE, &["nowhere.pth"]);
    desk.refuses(&eval("text.safetensors"), BAD_FILE, &["text.safetensors holds no weights", "pt_inception"]);
    desk.refuses(&eval("small.safetensors"), BAD_FILE, &["no tensor fc.bias", "another network", "pt_inception"]);
    desk.lab_refuses(&["judge", "drawings", "-o", "no/such/folder/j.safetensors"], BAD_FILE, &["j.safetensors"]);
    desk.lab_refuses(&["judge", "drawings", "--image-size", "33"], WRONG_USAGE, &["image_size", "32"]);
    desk.lab_refuses(&["sweep", "--seconds", "0"], WRONG_USAGE, &["--seconds", "above 0"]);
    desk.lab_refuses(&["sweep", "--image-size", "33"], WRONG_USAGE, &["image-size"]);
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
