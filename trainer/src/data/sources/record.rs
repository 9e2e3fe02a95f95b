//! A captioned picture as it is listed, and where its bytes lie.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::fault::Reason;
use crate::data::Split;

/// Bytes of one picture file, at most: photographs of 50 million pixels fit.
pub const MOST_PICTURE: u64 = 64 << 20;

/// What decides the part of the experiment that a picture goes to.
#[derive(Debug, Default)]
pub enum SplitRule {
    /// Its own bytes.
    #[default]
    ByPicture,
    /// Its class, which goes to one part as a whole: to the one that the data's authors say, else by its name.
    ByClass(BTreeMap<String, Split>),
}

/// A captioned picture that has not been looked at yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Names it in messages: its path in the data folder, or in a tar file in it.
    pub name: String,
    /// At least one.
    pub captions: Vec<String>,
    /// What is shown, where the data says so in a word.
    pub class: Option<String>,
    /// How it is drawn, where the data says so.
    pub style: Option<String>,
    /// The part that the data's authors put it into, where they published parts.
    pub part: Option<Split>,
    pub place: FileSpan,
}

/// Where a picture's bytes lie.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSpan {
    pub path: PathBuf,
    pub offset: u64,
    pub length: u64,
    /// When the file was changed, in nanoseconds since 1970; with the length it tells whether it still is the same.
    pub changed: u128,
}

impl Record {
    /// A picture of which nothing else is known.
    pub fn new(name: String, place: FileSpan) -> Self {
        Self { name, captions: vec![], class: None, style: None, part: None, place }
    }

    /// Adds captions that it does not have yet.
    pub fn add(&mut self, captions: Vec<String>) {
        for caption in captions {
            if !self.captions.contains(&caption) {
                self.captions.push(caption);
            }
        }
    }

    /// Reads the picture's file.
    ///
    /// # Errors
    /// If it is too large, or is not there any more.
    pub fn bytes(&self) -> Result<Vec<u8>, Reason> {
        self.place.read(MOST_PICTURE)
    }
}

impl FileSpan {
    /// Reads all of it, if that is at most `most` bytes.
    ///
    /// # Errors
    /// If it is more, or not there any more.
    pub fn read(&self, most: u64) -> Result<Vec<u8>, Reason> {
        if self.length > most {
            return Err(Reason::FileTooLarge { bytes: self.length, most });
        }
        let bytes = self.head(self.length)?;
        if bytes.len() as u64 != self.length { Err(Reason::Damaged("it ends too early".to_owned())) } else { Ok(bytes) }
    }

    /// Reads its first bytes, as many as there are up to `most`.
    ///
    /// # Errors
    /// If it is not there any more.
    pub fn head(&self, most: u64) -> Result<Vec<u8>, Reason> {
        let mut file = File::open(&self.path).map_err(Reason::unreadable)?;
        file.seek(SeekFrom::Start(self.offset)).map_err(Reason::unreadable)?;
        let mut bytes = Vec::new();
        file.take(self.length.min(most)).read_to_end(&mut bytes).map_err(Reason::unreadable)?;
        Ok(bytes)
    }
}
