//! `trainer check` and `trainer eval`: data is looked at, models are measured.

use std::fs;

use tests::desk::{BAD_FILE, Desk, WRONG_USAGE};

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
