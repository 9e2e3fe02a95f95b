//! Why a model cannot be measured.

use std::path::PathBuf;

use super::inception::InceptionError;
use crate::data::{DataError, PictureError};
use crate::io::files::FileError;
use crate::io::model_file::OpenError;
use crate::train::run::RunError;

pub const VERSION: &str = "2";
/// Fewer pictures than this say too little of how a set looks.
pub const FEWEST: usize = 20;

/// A judge's file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} is no judge: {reason}; name a file that `emblem-lab judge` has written", path.display())]
    NoJudge { path: PathBuf, reason: String },
    #[error("{} is of version {found:?}, this program reads {VERSION:?}; train it again with `emblem-lab judge`", path.display())]
    Version { path: PathBuf, found: String },
    #[error("{} is damaged: {reason}; copy it again, or train it again with `emblem-lab judge`", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{} judges pictures of {judge} px and the model draws {model} px; train another with `emblem-lab judge --image-size {model}`", path.display())]
    Size { path: PathBuf, judge: usize, model: usize },
}

/// A folder of pictures that cannot lend a style.
#[derive(Debug, thiserror::Error)]
pub enum UnseenSetError {
    #[error("the folder {} cannot be read: {source}; --lend-from names a folder of pictures by one hand", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error("{} has {found} pictures (PNG, JPEG, WebP, GIF or SVG), which say too little of a hand; give {FEWEST} at least", path.display())]
    Few { path: PathBuf, found: usize },
}

/// Why scenes cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum ScenesError {
    #[error("--scenes compares with pictures of several sets, and this data has one; leave it out")]
    NoSets,
    #[error("--scenes asks for things by name, and this model has learnt none of the names of this data; leave it out")]
    NoNames,
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why a model cannot be measured, or a judge not be trained.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Model(#[from] OpenError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Inception(#[from] InceptionError),
    #[error(transparent)]
    UnseenSet(#[from] UnseenSetError),
    #[error(transparent)]
    Scenes(#[from] ScenesError),
}

/// With its advice, as a run gives it.
impl From<DataError> for EvalError {
    fn from(error: DataError) -> Self {
        Self::Run(error.into())
    }
}

impl EvalError {
    /// As [`RunError::exit_code`].
    pub fn exit_code(&self) -> u8 {
        if let Self::Run(error) = self { error.exit_code() } else { 3 }
    }
}
