//! Why a run ended before its end, and the exit code that says so.

use std::path::PathBuf;

use super::checkpoint::CheckpointError;
use super::divergence::Divergence;
use crate::config::{SettingError, StageName};
use crate::data::DataError;
use crate::io::device::DeviceError;
use crate::io::files::FileError;
use crate::io::model_file::OpenError;
use crate::io::run_folder::FolderError;

/// Why a run ended before its end, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error("this run cannot be read: {0}")]
    SavedConfig(SettingError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{0}\n{advice}", advice = .0.advice())]
    Data(DataError),
    #[error("the data has no training pictures")]
    NothingToLearn,
    #[error(transparent)]
    Vocabulary(#[from] shared::text::caption::VocabularyError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("there is no run and no model file at {}; name a run's folder or a model.safetensors", .0.display())]
    NoModel(PathBuf),
    #[error(transparent)]
    Model(#[from] OpenError),
    #[error("the text side of {} has other sizes than this program trains with; leave --from out to train one", .0.display())]
    OtherWords(PathBuf),
    #[error("{} holds a run already; continue it with --resume, or name another folder with --run", .0.display())]
    RunExists(PathBuf),
    #[error("this run has not saved its generator yet; let it train on, or stop it with Ctrl-C, which saves")]
    NotTrained,
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{stage}, step {step}: {trouble}")]
    Diverged { stage: StageName, step: usize, trouble: Divergence },
    #[error(
        "gave up after {tries} tries, each at half the learning rates of the one before. {stage}, step {step}: {trouble}. The last \
         checkpoint is from before it: look at metrics.jsonl, then continue with --resume and other settings, such as a larger --batch \
         or a lower --lambda-adversarial"
    )]
    GaveUp { stage: StageName, step: usize, trouble: Divergence, tries: usize },
    #[error("stopped and saved at step {step} of {stage}; --resume continues")]
    Interrupted { stage: StageName, step: usize },
    #[error("{place} is not enough: {what} needs about {needed}, and {free} are free")]
    Room { place: &'static str, what: &'static str, needed: String, free: String },
}

/// Not as a source: its message is whole already, and who prints the chain would say it twice.
impl From<DataError> for RunError {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl RunError {
    /// 2 wrong usage, 3 bad data or file, 4 diverged, 5 no device, 130 stopped and saved.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Setting(error) => error.exit_code(),
            Self::Diverged { .. } | Self::GaveUp { .. } => 4,
            Self::Device(_) => 5,
            Self::Interrupted { .. } => 130,
            _ => 3,
        }
    }
}
