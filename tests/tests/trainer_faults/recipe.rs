//! A recipe with a stage of each kind: killed and gone on with, grown, and taught to read styles at the end.

use std::fs;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use burn::prelude::Device;
use shared::{ModelFile, Painter, TOLERANCE};
use tests::desk::{BAD_FILE, Desk};

use super::PATIENCE;

const NETWORKS: &str = "image-size = 32\ngenerator-channels = 16\nencoder-channels = 4\nmapping-size = 16\nbatch = 4\nmatching-batch = 4\n\
    matching-steps = 4\nsave-every = 2\nlog-every = 1\n";

/// Of the small stage; the larger one has more units, and rates so small that all it can draw is what the small one drew.
fn recipe() -> String {
    // Kept between test runs: drawing the emoji takes longer than all stages.
    let cache = concat!("cache = '", env!("CARGO_TARGET_TMPDIR"), "/pictures'\n");
    format!(
        "[[stage]]\nname = 'small'\n[stage.settings]\n{NETWORKS}{cache}mapping-hidden = 16\nsteps = 12\n\
         [[stage]]\nname = 'larger'\n[stage.settings]\n{NETWORKS}{cache}mapping-hidden = 24\nsteps = 1\n\
         generator-rate = 1e-12\ndiscriminator-rate = 1e-12\n\
         [[stage]]\nname = 'styles'\nkind = 'fit-styles'\n\
         settings = {{ drawn = 100, inks = 0, units = 8, steps = 5, batch = 8 }}\n"
    )
}

#[test]
fn a_recipe_goes_on_where_it_was_killed_grows_its_model_and_teaches_it_styles() {
    let desk = Desk::new();
    desk.put("recipe.toml", recipe().as_bytes());
    let command = ["recipe", "recipe.toml", "--run", "runs", "--device", "cpu", "--plain"];
    let mut child = desk.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (started, first) = (Instant::now(), desk.path("runs/1-small/checkpoints"));
    while fs::read_dir(&first).map_or(0, Iterator::count) < 2 {
        assert!(started.elapsed() < PATIENCE, "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!desk.path("runs/model.safetensors").exists());
    desk.put("recipe.toml", recipe().replace("steps = 12", "steps = 14").as_bytes());
    desk.refuses(&command, BAD_FILE, &["another recipe"]);
    desk.put("recipe.toml", recipe().as_bytes());

    let Output { status, stdout, stderr } = desk.trainer(&command);
    let [shown, said] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(status.success() && said.contains("stage 3 of 3, styles"), "{said}");
    assert!(shown.contains("\nlarger, disentangling: 1 steps in"), "{shown}");
    let [small, larger, last] = ["1-small/model.safetensors", "2-larger/model.safetensors", "model.safetensors"]
        .map(|name| ModelFile::parse(&fs::read(desk.path("runs").join(name)).unwrap()).unwrap());
    assert_eq!([&small, &larger].map(|file| file.config.mapping_hidden), [16, 24]);
    let draw = |file: &ModelFile| {
        let painter = Painter::from_file(file.clone(), &Device::flex()).unwrap();
        pollster::block_on(painter.paint("a red apple", &painter.style_from_seed(7))).unwrap()
    };
    let apart = |a: &ModelFile, b: &ModelFile| draw(a).largest_difference(&draw(b));
    assert!(apart(&small, &larger).is_some_and(|levels| levels <= TOLERANCE), "{:?}", apart(&small, &larger));
    assert_eq!(apart(&larger, &last), Some(0), "what reads styles draws nothing");
    assert_eq!([&larger, &last].map(|file| file.config.style_reader), [0, 8]);
    let lineage: Vec<usize> = last.info.lineage.iter().map(|stage| stage.steps).collect();
    assert_eq!(lineage, [12, 1, 5]);

    // Done is done.
    let again = desk.succeeds(&command);
    assert_eq!(again.matches(": done").count(), 3, "{again}");
}
