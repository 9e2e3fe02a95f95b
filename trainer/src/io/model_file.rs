//! Model files as they lie on the disk.

use std::path::{Path, PathBuf};

use burn::prelude::Device;
use shared::{ModelFile, ModelFileError, PaintingModel};

use super::files::FileError;

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: {error}; {advice}", path.display(), advice = .error.advice())]
    Model { path: PathBuf, error: ModelFileError },
}

impl OpenError {
    /// Turns what is wrong with the file at `path` into an error that names it.
    pub fn of(path: &Path) -> impl Fn(ModelFileError) -> Self + '_ {
        move |error| Self::Model { path: path.to_owned(), error }
    }
}

/// Reads a model file.
///
/// # Errors
/// [`OpenError`] names it.
pub fn read(path: &Path) -> Result<ModelFile, OpenError> {
    let bytes = std::fs::read(path).map_err(FileError::at(path))?;
    ModelFile::parse(&bytes).map_err(OpenError::of(path))
}

/// Reads a model file, and its networks onto a device.
///
/// # Errors
/// [`OpenError`] names it.
pub fn load(path: &Path, device: &Device) -> Result<(ModelFile, PaintingModel), OpenError> {
    let file = read(path)?;
    let model = file.model(device).map_err(OpenError::of(path))?;
    Ok((file, model))
}
