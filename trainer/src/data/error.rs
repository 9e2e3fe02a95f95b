//! Everything that can go wrong with the embedded data, each with a piece of advice.

use super::raster::RasterError;

/// Why the data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file of the embedded pack is not what the pack writer wrote.
    #[error("data/emoji/{file} is damaged: {reason}")]
    Pack { file: String, reason: String },
    /// The configuration names a group of contents that the pack does not have.
    #[error("no group is called '{name}'; there are: {known}")]
    UnknownGroup { name: String, known: String },
    /// The configuration names a style set that the pack does not have.
    #[error("no style set is called '{name}'; there are: {known}")]
    UnknownSet { name: String, known: String },
    /// The chosen groups and sets have no picture in common.
    #[error("the chosen groups and sets hold no picture")]
    Empty,
    /// The image size is outside what the rasteriser is asked to do.
    #[error("image_size is {0}, outside 8 to 512")]
    ImageSize(usize),
    /// One picture could not be drawn.
    #[error("picture {key} of set {set}: {source}")]
    Picture { set: String, key: String, source: RasterError },
}

impl DataError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Pack { .. } => {
                "Restore data/emoji from version control, or write it again with `trainer pack data/emoji`, and rebuild."
            }
            Self::UnknownGroup { .. } => "Correct `groups` in the data configuration.",
            Self::UnknownSet { .. } => "Correct `sets` in the data configuration.",
            Self::Empty => "Choose more groups or more sets.",
            Self::ImageSize(_) => "Choose 32, 64 or 128.",
            Self::Picture { .. } => {
                "Restore data/emoji from version control; if it is as it was, leave that set out with `sets`."
            }
        }
    }
}
