//! Pictures in GenEval's own folder layout, for whoever has its detector: `00000/metadata.jsonl` and `00000/samples/0000.png`, and so on.

use std::io::Write;
use std::path::Path;

use image::{ExtendedColorType, ImageFormat};
use shared::layers::Rgba;

use super::prompts::Prompt;
use crate::data::{WHITE, on_paper};
use crate::io::files::{self, FileError};

/// Writes one prompt's picture, on white.
///
/// # Errors
/// [`FileError`] where it cannot be written.
pub fn write(folder: &Path, number: usize, prompt: &Prompt, picture: &Rgba) -> Result<(), FileError> {
    let own = folder.join(format!("{number:05}"));
    let samples = own.join("samples");
    files::make_folder(&samples)?;
    files::replace(&own.join("metadata.jsonl"), |file| writeln!(file, "{}", prompt.metadata()))?;
    let path = samples.join("0000.png");
    let side = picture.size as u32;
    let rgb = on_paper(&picture.bytes, WHITE);
    let written = image::save_buffer_with_format(&path, &rgb, side, side, ExtendedColorType::Rgb8, ImageFormat::Png);
    written.map_err(|error| FileError::at(&path)(std::io::Error::other(error)))
}
