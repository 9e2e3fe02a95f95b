//! `trainer paint`: one caption with a model file, as pixels or as SVG. A model of layers draws all that the caption names.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::prelude::Device;
use clap::Args;
use image::{ExtendedColorType, ImageFormat};
use shared::finish::{Finish, FinishError, LOOKS, Parameter};
use shared::layers::{Background, Rgba, SIZES};
use shared::scene;
use shared::{Painter, Picture, StyleCode};

use super::read;
use crate::data;

/// Options of `trainer paint`.
#[derive(Debug, Args)]
pub struct Options {
    /// Model file, such as models/emblem.safetensors
    model: PathBuf,
    /// What to draw, such as "a red apple" or, with a model that draws layers, "two cats left of a blue car"
    caption: String,
    /// Style seed: a number, or any word
    #[arg(long, default_value = "0", conflicts_with = "style_from")]
    style: String,
    /// Take the style of this picture
    #[arg(long, value_name = "PICTURE")]
    style_from: Option<PathBuf>,
    /// How it is finished, with a model that draws layers: a look such as sticker, numbers such as outline=0.5,tone=-1, or both; without
    /// it what the style seed says. All of them are listed below by --help
    #[arg(long, value_name = "LOOK")]
    look: Option<String>,
    /// Width and height in pixels, 16 to 4096; without it 512, or what an older model draws
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,
    /// Paper: `none` for a transparent picture, or a colour such as #ffffff; without it what the caption says, such as "at night", else
    /// the look's, or white of an older model
    #[arg(long, value_name = "COLOUR")]
    background: Option<Background>,
    /// File to write; its ending says what it is: .png, .webp (lossless) or .svg
    #[arg(short, long, default_value = "picture.png")]
    output: PathBuf,
}

/// What a file's ending asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Png,
    WebP,
    Svg,
}

impl Kind {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending.as_str() {
            "png" => Ok(Self::Png),
            "webp" => Ok(Self::WebP),
            "svg" => Ok(Self::Svg),
            _ => bail!("{} ends in none of .png, .webp and .svg, which say what to write", path.display()),
        }
    }
}

/// Draws and writes the file; says what was read as something else, and what was not read.
///
/// # Errors
/// Where the model, the caption, the style or an option cannot be used, or the file not be written.
pub fn run(options: &Options) -> Result<()> {
    let kind = Kind::of(&options.output)?;
    if let Some(size) = options.size.filter(|size| !SIZES.contains(size)) {
        bail!("--size is {size}; it must be {} to {} pixels", SIZES.start(), SIZES.end());
    }
    let bytes = std::fs::read(&options.model).with_context(|| format!("cannot read the model {}", options.model.display()))?;
    let painter = Painter::from_bytes(&bytes, &Device::flex())
        .map_err(|e| anyhow::anyhow!("{}: {e}; {}", options.model.display(), e.advice()))?;
    let style = match &options.style_from {
        Some(path) => style_from(&painter, path)?,
        None => painter.style_from_seed(shared::seed_of(&options.style)),
    };
    let finish = finish(options)?;
    if options.look.is_some() && !painter.draws_layers() {
        bail!("--look: {} draws pixels, and a look is made of layers; use a model that draws layers", options.model.display());
    }
    let remarks = match painter.drawn_scene(&options.caption) {
        Some(scene) => read::remarks_of_scene(&scene),
        None => read::remarks(&painter.read(&options.caption)),
    };
    remarks.iter().for_each(|line| tracing::info!("{line}"));
    let failed = |e: shared::PaintError| anyhow::anyhow!("{e}; {}", e.advice());
    let written = || format!("cannot write {}", options.output.display());
    let own_size = options.size.is_none_or(|size| size == painter.image_size());
    let drawn = if !painter.draws_layers() && own_size && options.background.is_none() && kind != Kind::Svg {
        let picture = pollster::block_on(painter.paint(&options.caption, &style)).map_err(failed)?;
        Rgba { size: picture.width, bytes: picture.to_rgba() }
    } else {
        let (drawn, scene) = pollster::block_on(painter.arrangement(&options.caption, &style)).map_err(failed)?;
        let unseen = scene.iter().flat_map(|scene| &scene.unseen);
        unseen.for_each(|text| tracing::warn!("{text}: drawn, but nothing of it can be seen"));
        let asked_for = scene.and_then(|scene| scene.background);
        let paper = match options.background {
            Some(Background(paper)) => Some(paper),
            None => asked_for.map(|background| Some(scene::Background::paper(background))),
        };
        let size = options.size.unwrap_or(512);
        let finished = finish.apply(&drawn, size, paper);
        if kind == Kind::Svg {
            let description = match &options.style_from {
                Some(_) => "Drawn by Emblem".to_owned(),
                None => format!("Drawn by Emblem, style seed {}", options.style),
            };
            return std::fs::write(&options.output, finished.svg(&options.caption, &description)).with_context(written);
        }
        finished.render(size)
    };
    let format = if kind == Kind::WebP { ImageFormat::WebP } else { ImageFormat::Png };
    let side = drawn.size as u32;
    image::save_buffer_with_format(&options.output, &drawn.bytes, side, side, ExtendedColorType::Rgba8, format)
        .with_context(written)
}

/// Looks, and the numbers that they are made of, for `--help`.
pub fn looks() -> String {
    let names: Vec<&str> = LOOKS.iter().map(|look| look.name).collect();
    let numbers = Parameter::all().map(|parameter| {
        let range = parameter.range();
        format!(
            "  {:<11} {:>2} to {}, {} is neutral: {}",
            parameter.name(),
            range.start(),
            range.end(),
            parameter.neutral(),
            parameter.effect()
        )
    });
    format!("Looks: {}\n\nNumbers of a look:\n{}", names.join(", "), numbers.collect::<Vec<_>>().join("\n"))
}

/// The look that is asked for, or what the seed says; of a lent style none.
fn finish(options: &Options) -> Result<Finish> {
    match (&options.look, &options.style_from) {
        (Some(look), _) => look.parse().map_err(|error: FinishError| anyhow::anyhow!("--look: {error}; {}", error.advice())),
        (None, Some(_)) => Ok(Finish::default()),
        (None, None) => Ok(Finish::from_seed(shared::seed_of(&options.style))),
    }
}

/// The style of a picture file, on white paper at the model's size, as training takes pictures.
fn style_from(painter: &Painter, path: &Path) -> Result<StyleCode> {
    let side = painter.image_size();
    let rgb = data::picture_file(path, side)?;
    let picture = Picture::new(side, side, rgb).context("the picture has lost pixels")?;
    pollster::block_on(painter.style_of(&picture)).map_err(|e| anyhow::anyhow!("{}: {e}; {}", path.display(), e.advice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_ending_says_what_is_written() {
        assert_eq!(Kind::of(Path::new("a.b/apple.PNG")).unwrap(), Kind::Png);
        assert_eq!(Kind::of(Path::new("apple.svg")).unwrap(), Kind::Svg);
        for wrong in ["apple", "apple.jpg", ".png", ""] {
            assert!(Kind::of(Path::new(wrong)).unwrap_err().to_string().contains(".webp"), "{wrong}");
        }
    }
}
