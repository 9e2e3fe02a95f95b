//! Where people's own captioned pictures come from: one function per layout, from a place on disk to a list of records.
//!
//! Listing reads captions and labels but no picture, and nothing is ever unpacked or written. A record says where its
//! picture's bytes lie, in a file of their own or inside a tar file, and [`Record::bytes`] reads them from there.
//!
//! A data folder may come from a stranger. So no path leaves it, links or not; everything that is read has a most; and
//! whatever is wrong with one sample is a [`Fault`] that names it, not the end of the run.

mod coco;
mod csv;
mod fault;
mod folder;
mod imagefolder;
mod paired;
mod published;
mod root;
mod row;
#[cfg(test)]
pub mod samples;
mod text;
mod webdataset;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use fault::{Fault, Reason};

use super::{DataConfig, DataError, Split};
use root::Root;

/// Bytes of one picture file, at most: photographs of 50 million pixels fit.
pub const MOST_PICTURE: u64 = 64 << 20;

/// A layout of pictures and captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Told by what is there
    Auto,
    /// Pictures beside text files of the same name
    Folder,
    /// Hugging Face's: metadata.jsonl or metadata.csv beside pictures
    Imagefolder,
    /// Tar files with key.jpg, key.txt, key.json
    Webdataset,
    /// Pictures and captions_*.json
    Coco,
    /// CUB-200-2011 with a folder of captions
    Cub,
    /// Oxford-102 flowers with a folder of captions
    Flowers,
}

/// Lists a place, if it has this layout.
type List = fn(&Root, &DataConfig) -> Result<Option<Listing>, DataError>;

impl Format {
    /// The layouts, the most particular first: several may fit the same folder.
    const ALL: [Self; 6] = [Self::Cub, Self::Flowers, Self::Coco, Self::Imagefolder, Self::Webdataset, Self::Folder];

    fn layout(self) -> (List, &'static str) {
        match self {
            Self::Cub => (paired::list_birds, paired::BIRDS_LOOK),
            Self::Flowers => (paired::list_flowers, paired::FLOWERS_LOOK),
            Self::Coco => (coco::list, coco::LOOK),
            Self::Imagefolder => (imagefolder::list, imagefolder::LOOK),
            Self::Webdataset => (webdataset::list, webdataset::LOOK),
            Self::Folder | Self::Auto => (folder::list, folder::LOOK),
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Everything that a place holds.
#[derive(Debug)]
pub struct Listing {
    pub format: Format,
    /// In the order of captions, style and name, so that pictures of one content stand together.
    pub records: Vec<Record>,
    pub faults: Vec<Fault>,
    /// Pictures beside the metadata that it does not name: no faults, but perhaps not what somebody wanted.
    pub unnamed: usize,
    pub parting: Parting,
}

/// What decides the part of the experiment that a picture goes to.
#[derive(Debug, Default)]
pub enum Parting {
    /// Its own bytes.
    #[default]
    ByPicture,
    /// Its class, which goes to one part as a whole: to the one that the data's authors say, else by its name.
    ByClass(BTreeMap<String, Split>),
}

impl Listing {
    fn new(format: Format, records: Vec<Record>, faults: Vec<Fault>) -> Self {
        Self { format, records, faults, unnamed: 0, parting: Parting::ByPicture }
    }
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
    pub place: Place,
}

/// Where a picture's bytes lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub path: PathBuf,
    pub offset: u64,
    pub length: u64,
    /// When the file was changed, in nanoseconds since 1970; with the length it tells whether it still is the same.
    pub changed: u128,
}

impl Record {
    /// Reads the picture's file.
    ///
    /// # Errors
    /// If it is too large, or is not there any more.
    pub fn bytes(&self) -> Result<Vec<u8>, Reason> {
        let Place { path, offset, length, .. } = &self.place;
        if *length > MOST_PICTURE {
            return Err(Reason::FileTooLarge { bytes: *length, most: MOST_PICTURE });
        }
        let mut file = File::open(path).map_err(Reason::unreadable)?;
        file.seek(SeekFrom::Start(*offset)).map_err(Reason::unreadable)?;
        let mut bytes = Vec::new();
        file.take(*length).read_to_end(&mut bytes).map_err(Reason::unreadable)?;
        if bytes.len() as u64 != *length { Err(Reason::Damaged("it ends too early".to_owned())) } else { Ok(bytes) }
    }
}

/// Lists the pictures and captions in `path`, by the configured layout or the first that fits.
///
/// # Errors
/// [`DataError::NothingFound`] says what was looked for; others name the file that cannot be read.
pub fn list(path: &Path, config: &DataConfig) -> Result<Listing, DataError> {
    let root = Root::new(path)?;
    let formats = if config.format == Format::Auto { Format::ALL.to_vec() } else { vec![config.format] };
    for format in &formats {
        if let Some(mut listing) = format.layout().0(&root, config)? {
            published::settle(&mut listing.records);
            listing.records.sort_by(|a, b| (&a.captions, &a.style, &a.name).cmp(&(&b.captions, &b.style, &b.name)));
            return Ok(listing);
        }
    }
    let looked_for: Vec<String> = formats.iter().map(|format| format!("  {:<12} {}", format.name(), format.layout().1)).collect();
    Err(DataError::NothingFound { path: path.to_owned(), looked_for: looked_for.join("\n") })
}

#[cfg(test)]
mod tests;
