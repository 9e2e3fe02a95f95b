//! Draws what the page shows before its model has arrived, and is the shortest way to see how a model is used natively:
//!
//! ```sh
//! cargo run --release -p shared --example sheet [MODEL]    # models/emblem.safetensors if absent
//! ```
//!
//! Beside the model it writes `sheet.jpg`, the model's own example captions (rows) in a few styles (columns), and `sheet.json`,
//! which names them, the hands that they stand for and the model by its hash; a test holds the three together. The styles are not picked by hand. Where the model
//! says which hands it learnt from, they are the seeds nearest to these; else, beginning with seed 1, each one taken is the one that best
//! stands for those of the first [`SEEDS`] seeds that nothing yet resembles.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::prelude::Device;
use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};
use sha2::{Digest, Sha256};
use shared::{NamedStyle, Painter, Picture};

/// How many seeds are looked at for one near a hand, from 1 on: the nearest is then some five degrees away.
const MANY_SEEDS: u64 = 9_999;
/// How many seeds are drawn, from 1 on, where no hands are known.
const SEEDS: u64 = 40;
/// How many of those are shown: as many as fit beside each other on a phone.
const COLUMNS: usize = 6;
/// Of 100. The pictures stand in for a second or two, until the model draws the same ones.
const QUALITY: u8 = 88;

fn main() -> Result<()> {
    let path = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "models/emblem.safetensors".to_owned()));
    let bytes =
        fs::read(&path).with_context(|| format!("{}: run this in the repository's root, or name a model", path.display()))?;
    let painter = Painter::from_bytes(&bytes, &Device::flex())?;
    let captions = &painter.info().examples;
    if captions.is_empty() {
        bail!("{} names no examples to draw; export it again with `trainer export`", path.display());
    }
    let seeds = if painter.info().styles.is_empty() { different(&painter, captions)? } else { nearest(&painter) };
    let columns = seeds.iter().map(|seed| column(&painter, captions, *seed)).collect::<Result<Vec<_>>>()?;
    write_sheet(&path.with_file_name("sheet.jpg"), painter.image_size(), columns.iter())?;
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let model = hex::encode(Sha256::digest(&bytes));
    let names: Vec<&str> = painter.info().styles.iter().map(|hand| hand.name.as_str()).collect();
    let note = serde_json::json!({
        "model": model, "size": painter.image_size(), "captions": captions, "styles": seeds, "names": names,
    });
    fs::write(path.with_file_name("sheet.json"), format!("{note:#}\n"))?;
    println!("{} captions in the styles {}", captions.len(), seeds.join(", "));
    Ok(())
}

/// For each hand that the model learnt from, the seed that draws most nearly as it does.
fn nearest(painter: &Painter) -> Vec<u64> {
    let likeness =
        |seed: u64, code: &[f32]| -> f32 { painter.style_from_seed(seed).values().iter().zip(code).map(|(a, b)| a * b).sum() };
    let seed_of = |hand: &NamedStyle| {
        let scored = (1..=MANY_SEEDS).map(|seed| (likeness(seed, &hand.code), seed));
        scored.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(1, |(_, seed)| seed)
    };
    painter.info().styles.iter().map(seed_of).collect()
}

/// Seeds whose pictures differ.
fn different(painter: &Painter, captions: &[String]) -> Result<Vec<u64>> {
    let drawn = (1..=SEEDS).map(|seed| column(painter, captions, seed)).collect::<Result<Vec<_>>>()?;
    Ok(representative(&drawn, COLUMNS).into_iter().map(|index| index as u64 + 1).collect())
}

/// Every caption in the style of `seed`.
fn column(painter: &Painter, captions: &[String], seed: u64) -> Result<Vec<Picture>> {
    let style = painter.style_from_seed(seed);
    captions.iter().map(|caption| Ok(pollster::block_on(painter.paint(caption, &style))?)).collect()
}

/// Indices of `count` columns, each but the first the one that most lessens how far all columns are from the nearest one taken. (The
/// farthest one each time would be the oddest.)
fn representative(columns: &[Vec<Picture>], count: usize) -> Vec<usize> {
    let to_all = |index: usize| columns.iter().map(|other| distance(&columns[index], other)).collect::<Vec<u64>>();
    let distances: Vec<_> = (0..columns.len()).map(to_all).collect();
    let mut taken = vec![0];
    while taken.len() < count.min(columns.len()) {
        let left_with = |index: &usize| {
            let nearest = |column| taken.iter().chain([index]).map(|other| distances[*other][column]).min().unwrap_or_default();
            (0..columns.len()).map(nearest).sum::<u64>()
        };
        let next = (0..columns.len()).filter(|index| !taken.contains(index)).min_by_key(left_with);
        taken.extend(next);
    }
    taken
}

/// Sum of absolute differences of all their levels.
fn distance(a: &[Picture], b: &[Picture]) -> u64 {
    let pairs = a.iter().zip(b).flat_map(|(one, other)| one.rgb.iter().zip(&other.rgb));
    pairs.map(|(x, y)| u64::from(x.abs_diff(*y))).sum()
}

fn write_sheet<'a>(path: &Path, size: usize, columns: impl ExactSizeIterator<Item = &'a Vec<Picture>>) -> Result<()> {
    let side = u32::try_from(size)?;
    let mut sheet = RgbImage::new(0, 0);
    let wide = side * u32::try_from(columns.len())?;
    for (x, column) in columns.enumerate() {
        if x == 0 {
            sheet = RgbImage::new(wide, side * u32::try_from(column.len())?);
        }
        for (y, picture) in column.iter().enumerate() {
            let cell = RgbImage::from_raw(side, side, picture.rgb.clone()).context("a picture has lost pixels")?;
            imageops::replace(&mut sheet, &cell, (x * size) as i64, (y * size) as i64);
        }
    }
    JpegEncoder::new_with_quality(fs::File::create(path)?, QUALITY).encode_image(&sheet)?;
    Ok(())
}
