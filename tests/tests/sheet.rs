//! The pictures that the page shows before its model has arrived are that model's.

use burn::prelude::Device;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::{Painter, seed_of};

const AGAIN: &str = "draw the sheet anew: cargo run --release -p shared --example sheet";
/// JPEG is lossy: how far a picture may be from its model's, in levels, on average. Another style or caption is 20 and more away.
const LOSS: f64 = 6.0;

#[derive(Deserialize)]
struct Sheet {
    model: String,
    size: u32,
    captions: Vec<String>,
    styles: Vec<String>,
    /// What the hands are called that the styles stand for, where the model knows hands.
    names: Vec<String>,
}

#[test]
fn the_ready_made_pictures_are_the_shipped_models() {
    let models = xtask::root().join("models");
    let model = std::fs::read(models.join("emblem.safetensors")).unwrap();
    let sheet: Sheet = serde_json::from_slice(&std::fs::read(models.join("sheet.json")).unwrap()).unwrap();
    let hash = hex::encode(Sha256::digest(&model));
    assert_eq!(sheet.model, hash, "{AGAIN}");

    let painter = Painter::from_bytes(&model, &Device::flex()).unwrap();
    assert_eq!(sheet.captions, painter.info().examples, "{AGAIN}");
    let hands: Vec<&str> = painter.info().styles.iter().map(|hand| hand.name.as_str()).collect();
    assert_eq!(sheet.names, hands, "{AGAIN}");
    let image = image::open(models.join("sheet.jpg")).unwrap().to_rgb8();
    let count = |list: &[String]| u32::try_from(list.len()).unwrap() * sheet.size;
    assert_eq!(image.dimensions(), (count(&sheet.styles), count(&sheet.captions)), "{AGAIN}");
    // One picture of each row and each column at least.
    for (row, caption) in sheet.captions.iter().enumerate() {
        let column = row % sheet.styles.len();
        let style = painter.style_from_seed(seed_of(&sheet.styles[column]));
        let picture = pollster::block_on(painter.paint(caption, &style)).unwrap();
        let [x, y] = [column, row].map(|index| u32::try_from(index).unwrap() * sheet.size);
        let cell = image::imageops::crop_imm(&image, x, y, sheet.size, sheet.size).to_image();
        let off: u64 = cell.iter().zip(&picture.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let average = off as f64 / picture.rgb.len() as f64;
        assert!(average < LOSS, "{caption:?} in style {}: {average:.1} levels away; {AGAIN}", sheet.styles[column]);
    }
}
