//! Emblem's side of `cargo xtask bench`: draws as often as each line of input says, and answers with the milliseconds of every picture.
//!
//! ```sh
//! cargo run --release -p shared --example times MODEL INPUTS
//! ```
//!
//! Writes the style codes of the model's golden pictures to `INPUTS`, for others to draw the same, and first of all says by how many
//! levels of 255 its own pictures differ from them. A time is that of the whole way from a caption to RGB.

use std::io::Write;
use std::time::Instant;
use std::{env, fs, io};

use anyhow::{Context, Result};
use burn::prelude::Device;
use shared::{ModelFile, Painter, StyleCode};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let (model, inputs) = arguments.next().zip(arguments.next()).context("usage: times MODEL INPUTS")?;
    let file = ModelFile::parse(&fs::read(&model).with_context(|| model.clone())?)?;
    let golden = file.golden.clone();
    let painter = Painter::from_file(file, &Device::flex())?;
    let styles: Vec<StyleCode> = golden.iter().map(|golden| painter.style_from_seed(golden.seed)).collect();
    let codes: Vec<&[f32]> = styles.iter().map(StyleCode::values).collect();
    fs::write(&inputs, serde_json::to_vec(&codes)?).with_context(|| inputs.clone())?;

    let paint = |index: usize| pollster::block_on(painter.paint(&golden[index].caption, &styles[index]));
    let mut off = 0;
    for (index, golden) in golden.iter().enumerate() {
        off = off.max(paint(index)?.largest_difference(&golden.picture).unwrap_or(u8::MAX));
    }
    let mut out = io::stdout();
    writeln!(out, "{}", serde_json::json!({ "version": format!("Emblem {}", env!("CARGO_PKG_VERSION")), "off": off }))?;
    let mut drawn = 0;
    for line in io::stdin().lines() {
        let mut times = Vec::new();
        for _ in 0..line?.trim().parse::<usize>()? {
            let begun = Instant::now();
            paint(drawn % golden.len())?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            drawn += 1;
        }
        writeln!(out, "{}", serde_json::to_string(&times)?)?;
    }
    Ok(())
}
