//! What can be wrong with one sample. The reasons are kept in the cache, so that a second run can name them too.

use std::io;

use serde::{Deserialize, Serialize};

/// A sample that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// The sample's picture, or the line that should name one.
    pub name: String,
    pub reason: Reason,
}

impl Fault {
    pub fn new(name: impl Into<String>, reason: Reason) -> Self {
        Self { name: name.into(), reason }
    }
}

/// Why a sample cannot be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    #[error("has no caption")]
    NoCaption,
    #[error("does not exist")]
    Missing,
    #[error("leads outside the data folder")]
    Outside,
    #[error("is a link or no regular file")]
    NoFile,
    #[error("cannot be read: {0}")]
    Unreadable(String),
    #[error("is of {bytes} bytes; the most is {most}")]
    FileTooLarge { bytes: u64, most: u64 },
    #[error("has a caption of {bytes} bytes; the most is {most}")]
    CaptionTooLong { bytes: usize, most: usize },
    #[error("has a caption that is not UTF-8")]
    NotUtf8,
    #[error("is not what it should be: {0}")]
    Metadata(String),
    #[error("is no PNG, JPEG, WebP, GIF or SVG")]
    UnknownKind,
    #[error("is {width} x {height} pixels large; the most is {most} pixels")]
    TooManyPixels { width: u32, height: u32, most: u64 },
    #[error("is too intricate a drawing: {0}")]
    TooIntricate(String),
    #[error("comes out as one colour and nothing else: {0}")]
    Blank(String),
    #[error("is damaged: {0}")]
    Damaged(String),
    /// Of a file of many samples: it counts as one, but nobody knows how many are missing.
    #[error("cannot be read to its end, and nobody knows how many samples are missing: {0}")]
    CutOff(String),
}

impl Reason {
    /// A file that the system does not give.
    pub fn unreadable(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Unreadable(error.to_string()),
        }
    }

    /// The same about a file of many samples.
    pub fn cut_off(self) -> Self {
        match self {
            Self::CutOff(_) => self,
            Self::Damaged(why) | Self::Unreadable(why) => Self::CutOff(why),
            other => Self::CutOff(format!("it {other}")),
        }
    }
}
