//! How long reading a caption takes.
//!
//! ```sh
//! cargo run --release -p shared --example scene MODEL < CAPTIONS
//! ```
//!
//! Reads a caption a line, prints its scene as JSON, and last of all the median and the longest time of a reading, the best of nine each.

use std::time::Instant;
use std::{env, fs, io};

use anyhow::{Context, Result};
use shared::{ModelFile, scene};

/// How often a caption is read.
const TIMES: usize = 9;

fn main() -> Result<()> {
    let model = env::args().nth(1).context("usage: scene MODEL < CAPTIONS")?;
    let vocabulary = ModelFile::parse(&fs::read(&model).with_context(|| model.clone())?)?.vocabulary;
    let mut times = vec![];
    for caption in io::stdin().lines() {
        let caption = caption?;
        println!("{caption}\n    {}", serde_json::to_string(&scene::read(&caption, &vocabulary))?);
        let read = |_| {
            let begun = Instant::now();
            std::hint::black_box(scene::read(&caption, &vocabulary));
            begun.elapsed().as_secs_f64() * 1000.0
        };
        times.push((0..TIMES).map(read).fold(f64::INFINITY, f64::min));
    }
    times.sort_by(f64::total_cmp);
    let (median, longest) = times.get(times.len() / 2).zip(times.last()).context("no captions were given")?;
    eprintln!("{} captions, {median:.3} ms at the median, {longest:.3} ms at most", times.len());
    Ok(())
}
