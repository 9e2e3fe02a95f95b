//! What can be wrong with one sample. The reasons are kept in the cache, so that a second run can name them too.

use std::io;

use serde::{Deserialize, Serialize};

use super::what::what;

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
    /// A row without the fields that hold captions; those that it has.
    #[error("has no caption: it has no text, caption or captions, but {0}")]
    NoText(String),
    #[error("does not exist")]
    Missing,
    #[error("leads outside the data folder")]
    Outside,
    #[error(
        "is a link that leads outside the data folder: copy the data with its links followed (`cp -rL`), or give the folder that holds both"
    )]
    LinkOutside,
    #[error("is a link to a file that is not there: fetch that (with git-annex: `git annex get`), or mend the link")]
    BrokenLink,
    #[error("is a link to a folder, and these are not followed: copy the data with its links followed (`cp -rL`)")]
    LinkToFolder,
    #[error("is a link in a tar file: write it with links followed (`tar --dereference --hard-dereference`)")]
    LinkInTar,
    #[error("is no regular file")]
    NoFile,
    #[error("lies more than {0} folders deep: move it up")]
    TooDeep(usize),
    /// Two pictures of which only one can be meant.
    #[error("shares its name with {0}, so nobody knows whose captions they are: give each a name of its own")]
    Doubled(String),
    /// Part of a sample is there once and part of it twice.
    #[error("is there more than once, but not all of it, so that old and new would be mixed: write it anew")]
    Torn,
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
    /// What it is, and what to do about it.
    #[error("is {0}")]
    Foreign(String),
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

    /// The same of a picture that cannot be decoded, where its bytes are those of something else that is known.
    pub fn of_bytes(self, bytes: &[u8]) -> Self {
        match self {
            Self::UnknownKind | Self::Damaged(_) => what(bytes).map_or(self, Self::Foreign),
            other => other,
        }
    }

    /// The same without its particulars, to count with.
    pub fn kind(&self) -> String {
        let text = self.to_string();
        let short = match self {
            Self::FileTooLarge { .. } => "is too large a file",
            Self::CaptionTooLong { .. } => "has a caption that is too long",
            Self::TooManyPixels { .. } => "has too many pixels",
            Self::Doubled(_) => "shares its name with another",
            Self::Metadata(why) => why.split(':').next().unwrap_or(why),
            _ => text.split(':').next().unwrap_or(&text),
        };
        short.to_owned()
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
