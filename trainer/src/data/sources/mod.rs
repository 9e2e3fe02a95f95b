//! Where people's own captioned pictures come from: one function per layout, from a place on disk to a list of records.
//!
//! Listing reads captions and labels but no picture, and nothing is ever unpacked or written. A record says where its
//! picture's bytes lie, in a file of their own or inside a tar file, and [`Record::bytes`] reads them from there.
//!
//! A data folder may come from a stranger. So no path leaves it, links or not; everything that is read has a most; and
//! whatever is wrong with one sample is a [`Fault`] that names it, not the end of the run. What a name, an ending or a folder says is
//! said once, in [`names`], [`grouping`] and [`published`], for all layouts; and whatever lies there and is not used has its reason in
//! the [`Account`].

mod account;
mod coco;
mod csv;
mod fault;
mod folder;
mod grouping;
mod imagefolder;
mod names;
mod paired;
mod published;
mod root;
mod row;
#[cfg(test)]
pub mod samples;
mod text;
mod webdataset;
mod what;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use account::{Account, LeftOut};
pub use fault::{Fault, Reason};

use super::{DataConfig, DataError, Split};
use account::Found;
use root::{Inventory, Root};

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

/// Lists a place, if it has this layout. Files that look as if they had and do not fit are named.
type List = fn(&Root, &Inventory, &DataConfig, &mut Vec<Fault>) -> Option<Found>;

impl Format {
    /// The layouts, the most particular first: of several that hold the same, the first is taken.
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
    /// What became of all other files.
    pub account: Account,
    /// Other layouts that fit, with how many pictures they have captions for.
    pub others: Vec<(Format, usize)>,
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
    /// A picture of which nothing else is known.
    fn new(name: String, place: Place) -> Self {
        Self { name, captions: vec![], class: None, style: None, part: None, place }
    }

    /// Adds captions that it does not have yet.
    fn add(&mut self, captions: Vec<String>) {
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

impl Place {
    /// Reads all of it, if that is at most `most` bytes.
    ///
    /// # Errors
    /// If it is more, or not there any more.
    fn read(&self, most: u64) -> Result<Vec<u8>, Reason> {
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
    fn head(&self, most: u64) -> Result<Vec<u8>, Reason> {
        let mut file = File::open(&self.path).map_err(Reason::unreadable)?;
        file.seek(SeekFrom::Start(self.offset)).map_err(Reason::unreadable)?;
        let mut bytes = Vec::new();
        file.take(self.length.min(most)).read_to_end(&mut bytes).map_err(Reason::unreadable)?;
        Ok(bytes)
    }
}

/// Lists the pictures and captions in `path`, by the configured layout or, of those that fit, by the one that holds most.
///
/// # Errors
/// [`DataError::NothingFound`] says what was looked for, and what is there instead.
pub fn list(path: &Path, config: &DataConfig) -> Result<Listing, DataError> {
    let root = Root::new(path)?;
    let inventory = root.inventory();
    let formats = if config.format == Format::Auto { Format::ALL.to_vec() } else { vec![config.format] };
    let mut misfits = Vec::new();
    let list = |format: &Format| Some((*format, format.layout().0(&root, &inventory, config, &mut misfits)?));
    let mut fitting: Vec<(Format, Found)> = formats.iter().filter_map(list).collect();
    fitting.sort_by_key(|(_, found)| std::cmp::Reverse((found.records.len(), found.faults.len())));
    let mut fitting = fitting.into_iter();
    let Some((format, found)) = fitting.next() else {
        let looked_for: Vec<String> =
            formats.iter().map(|format| format!("  {:<12} {}", format.name(), format.layout().1)).collect();
        let there = Account::close(&inventory, &Found::default(), config.format, &misfits).lines();
        let faults = inventory.faults.iter().map(|Fault { name, reason }| format!("{name} {reason}"));
        let there: Vec<String> = faults.chain(there).map(|line| format!("\n  {line}")).collect();
        let there = if there.is_empty() { " nothing".to_owned() } else { there.concat() };
        return Err(DataError::NothingFound { path: path.to_owned(), looked_for: looked_for.join("\n"), there });
    };
    let mut others = Vec::new();
    for (other, found) in fitting {
        let less = Reason::Foreign(format!("read by --format {}, which finds less", other.name()));
        misfits.extend(found.words.into_iter().map(|name| Fault::new(name, less.clone())));
        misfits.extend(found.faults.into_iter().filter(|fault| names::role(&fault.name) != names::Role::Picture));
        if !found.records.is_empty() {
            others.push((other, found.records.len()));
        }
    }
    let account = Account::close(&inventory, &found, format, &misfits);
    let Found { mut records, mut faults, parting, .. } = found;
    faults.extend(inventory.faults);
    published::settle(&mut records);
    if format == Format::Folder {
        folder::label(&mut records, config.subfolders);
    }
    records.sort_by(|a, b| (&a.captions, &a.style, &a.name).cmp(&(&b.captions, &b.style, &b.name)));
    Ok(Listing { format, records, faults, account, others, parting })
}

#[cfg(test)]
mod tests;
