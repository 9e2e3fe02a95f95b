//! A picture of anybody's, alone.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{config, picture, sources};

/// One picture of anybody's, on white paper as training sees it: RGB8 sRGB, `[size, size, 3]`.
///
/// # Errors
/// [`PictureError`] where it cannot be read, or is not what training would take.
pub fn picture_file(path: &Path, size: usize) -> Result<Vec<u8>, PictureError> {
    let wrong = |reason| PictureError { path: path.to_owned(), reason };
    let unreadable = |error| wrong(sources::Reason::unreadable(error));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(sources::MOST_PICTURE + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > sources::MOST_PICTURE {
        return Err(wrong(sources::Reason::FileTooLarge { bytes: bytes.len() as u64, most: sources::MOST_PICTURE }));
    }
    let policy = picture::Policy { size, fit: config::Fit::Contain, background: config::Colour::WHITE };
    Ok(picture::decode(&bytes, &policy).map_err(|reason| wrong(reason.of_bytes(&bytes)))?.pixels)
}

/// A single picture that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the picture {path} {reason}; give a PNG, JPEG, WebP, GIF or SVG (docs/data.md has the limits)")]
pub struct PictureError {
    path: PathBuf,
    reason: sources::Reason,
}
