//! Everything that can be wrong with data as a whole, each with a piece of advice.

use std::io;
use std::path::PathBuf;

use bytesize::ByteSize;

use super::config::Allowance;

/// Why the data could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file of the embedded pack is not what the pack writer wrote.
    #[error("data/emoji/{file} is damaged: {reason}")]
    Pack { file: String, reason: String },
    /// A file of the embedded words is not what its writer wrote.
    #[error("data/words/{file} is damaged: {reason}")]
    Words { file: &'static str, reason: String },
    /// The configuration names a group of contents that the pack does not have.
    #[error("no group is called '{name}'; there are: {known}")]
    UnknownGroup { name: String, known: String },
    /// The configuration names a style set that the pack does not have.
    #[error("no style set is called '{name}'; there are: {known}")]
    UnknownSet { name: String, known: String },
    /// The chosen groups and sets have no picture in common.
    #[error("the chosen groups and sets hold no picture")]
    Empty,
    /// One emoji could not be drawn.
    #[error("picture {key} of set {set} cannot be drawn: {cause}")]
    Picture { set: String, key: String, cause: Box<dyn std::error::Error + Send + Sync> },
    /// The image size is outside what pictures are decoded to.
    #[error("image_size is {0}, outside 8 to 512")]
    ImageSize(usize),
    /// The source cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Source { path: PathBuf, cause: io::Error },
    /// Nothing in the source looks like captioned pictures.
    #[error("no captioned pictures in {path}; looked for:\n{looked_for}\nfound:{there}")]
    NothingFound { path: PathBuf, looked_for: String, there: String },
    /// Everything that was found is unusable.
    #[error("no usable picture in {path}: all {bad} samples found there are bad, such as\n{examples}")]
    NothingUsable { path: PathBuf, bad: usize, examples: String },
    /// More than the configuration allows is unusable.
    #[error("{bad} of {all} samples in {path} cannot be used, more than --max-bad {allowed}:\n{examples}")]
    TooManyBad { path: PathBuf, bad: usize, all: usize, allowed: Allowance, examples: String },
    /// A file of many samples is there in part.
    #[error("{path} is not all there:\n{files}")]
    CutOff { path: PathBuf, files: String },
    /// The decoded pictures need a file and have no place for it.
    #[error("the pictures take {}, more than --memory-cap {}, and there is no cache to keep them in", ByteSize(*.needed), ByteSize(*.cap))]
    Cap { needed: u64, cap: u64 },
    /// The report of a check cannot be written.
    #[error("{path} cannot be written: {cause}")]
    Report { path: PathBuf, cause: io::Error },
    /// Decoded pictures cannot be kept in, or read from, their file.
    #[error("the cache {path} cannot be used: {cause}")]
    Cache { path: PathBuf, cause: io::Error },
}

impl DataError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Pack { .. } => {
                "Restore data/emoji from version control, or write it again with `emblem-lab pack data/emoji`, and rebuild."
            }
            Self::Words { .. } => {
                "Restore data/words from version control, or write it again with `emblem-lab pack-words`, and rebuild."
            }
            Self::UnknownGroup { .. } => "Correct --emoji-groups.",
            Self::UnknownSet { .. } => "Correct --emoji-sets.",
            Self::Empty => "Choose more --emoji-groups or --emoji-sets.",
            Self::Picture { .. } => {
                "Restore data/emoji from version control; if it is as it was, leave that set out with --emoji-sets."
            }
            Self::ImageSize(_) => "Choose 32, 64, 128 or 256.",
            Self::Source { .. } => "Correct --data, or see that the file exists and can be read.",
            Self::NothingFound { .. } => {
                "Correct --data, or arrange the pictures in one of these layouts; --format says which one is meant."
            }
            Self::NothingUsable { .. } | Self::TooManyBad { .. } => {
                "`trainer check DATA` names them all. Mend or remove them, or raise --max-bad."
            }
            Self::CutOff { .. } => "Fetch or write these files again; --max-bad 100% takes what can be read of them.",
            Self::Report { .. } => "Name another file with --report.",
            Self::Cap { .. } => "Name a folder with --cache, or raise --memory-cap.",
            Self::Cache { .. } => "See that the folder can be written and has room, or name another with --cache.",
        }
    }
}
