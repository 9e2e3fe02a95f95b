//! The data: captioned pictures, in several styles of the same content where there are such.
//!
//! - [`Dataset`] is what the trainer sees: contents, styles, samples and their pixels, wherever they come from.
//! - [`emoji`] is the data that comes with the program; [`own`] is everybody's own, through one of the [`sources`].
//! - [`picture`] turns a file into pixels, [`paper`] says how they are kept and looked at, [`pixels`] keeps them, in memory or on disk.
//! - [`captions`] turns a content into words; [`check`] reports on data before anyone trains on it.
//!
//! Everything that is wrong with one picture is a [`sources::Fault`]: the picture is named, counted and set aside. What
//! is wrong with the data as a whole is a [`DataError`].

pub mod captions;
pub mod check;

pub mod emoji;
pub mod words;

mod cache;
mod config;
mod error;
mod fetch;
#[cfg(test)]
mod fuzz;
mod own;
mod paper;
mod picture;
mod pixels;
mod sources;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use captions::Captions;
pub use config::DataConfig;
pub use error::DataError;
pub use paper::{CHANNELS, WHITE, on_paper};

use pixels::Pixels;

/// Called from several threads with (pictures drawn, pictures to draw).
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Image sizes that make sense: below, nothing is recognisable; above, a generator of this kind has nothing to add.
const IMAGE_SIZES: std::ops::RangeInclusive<usize> = 8..=512;

/// Which part of the experiment a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// To learn from.
    Train,
    /// Content and style are both in training, never together. The strict test of disentanglement.
    HeldOutCombination,
    /// Never seen in training; for choosing between models.
    Validation,
    /// Never seen in training; for the final figures only.
    Test,
}

/// Which part of the experiment a content belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentSplit {
    Train,
    Validation,
    Test,
}

impl ContentSplit {
    const ALL: [(Self, &str); 3] = [(Self::Train, "train"), (Self::Validation, "validation"), (Self::Test, "test")];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(split, _)| *split)
    }
}

/// What is shown, whatever the style: pictures with the same captions have the same content.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Names it in messages: an emoji's code points, or the first picture that shows it.
    pub key: String,
    pub captions: Captions,
    /// Contents that show the same kind of thing share a class (a species of birds, say) and are not each other's negatives. Where
    /// nothing is said about classes each content is one of its own.
    pub class: usize,
    /// The part that it is in: training, if one of its pictures is.
    pub split: ContentSplit,
}

/// One picture: a content drawn in a style. `content` and `style` index [`Dataset::contents`] and [`Dataset::styles`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub content: usize,
    pub style: usize,
    pub split: Split,
}

/// Pictures with their contents and styles. Samples are ordered by content, then by style.
#[derive(Debug)]
pub struct Dataset {
    pub contents: Vec<Content>,
    /// Names of the styles; a single one where the data has no style labels.
    pub styles: Vec<String>,
    pub samples: Vec<Sample>,
    /// Side of every picture in pixels.
    pub image_size: usize,
    /// Tells whether it is the same data again: a digest of pictures, captions, labels and parts, whatever the image size.
    pub digest: String,
    /// What went wrong without being in the way, in sentences for the user.
    pub warnings: Vec<String>,
    /// What became of everything in the data: used, bad and left out.
    pub notes: Vec<String>,
    pixels: Pixels,
    by_pair: HashMap<(usize, usize), usize>,
}

impl Dataset {
    /// Loads what the configuration names, decoding every picture unless the cache has them.
    ///
    /// `run` is the run's folder: pictures that are not the program's own are cached below it, unless the configuration says where.
    ///
    /// # Errors
    /// See [`DataError`]. Pictures that cannot be used are warnings until they are more than the configuration allows.
    pub fn load(config: &DataConfig, image_size: usize, run: Option<&Path>, progress: Progress) -> Result<Self, DataError> {
        if !IMAGE_SIZES.contains(&image_size) {
            return Err(DataError::ImageSize(image_size));
        }
        let below_run = run.map(|folder| folder.join("cache"));
        match &config.source {
            None => emoji::load(config, image_size, below_run.as_deref(), progress),
            Some(source) => own::load(source, config, image_size, below_run.as_deref(), progress),
        }
    }

    /// `pixels` are those of the samples, in their order.
    fn new(contents: Vec<Content>, styles: Vec<String>, samples: Vec<Sample>, image_size: usize, pixels: Pixels) -> Self {
        let mut by_pair = HashMap::new();
        for (index, sample) in samples.iter().enumerate() {
            by_pair.entry((sample.content, sample.style)).or_insert(index);
        }
        Self {
            contents,
            styles,
            samples,
            image_size,
            digest: String::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            pixels,
            by_pair,
        }
    }

    /// The picture of a sample: RGBA8 sRGB with straight alpha, `[image_size, image_size, 4]`. Pictures of one's own are opaque.
    ///
    /// # Errors
    /// [`DataError::Cache`] where it is read from disk and cannot be any more.
    pub fn rgba(&self, sample: usize) -> Result<Cow<'_, [u8]>, DataError> {
        self.pixels.get(sample)
    }

    /// The picture of a sample on white paper: RGB8 sRGB, `[image_size, image_size, 3]`.
    ///
    /// # Errors
    /// As [`Self::rgba`].
    pub fn pixels(&self, sample: usize) -> Result<Vec<u8>, DataError> {
        Ok(on_paper(&self.rgba(sample)?, WHITE))
    }

    /// The pictures of several samples on white paper.
    ///
    /// # Errors
    /// As [`Self::rgba`].
    pub fn pictures(&self, samples: &[usize]) -> Result<Vec<Vec<u8>>, DataError> {
        samples.iter().map(|sample| self.pixels(*sample)).collect()
    }

    /// The samples of one part of the experiment, in order.
    pub fn of_split(&self, split: Split) -> Vec<usize> {
        (0..self.samples.len()).filter(|&index| self.samples[index].split == split).collect()
    }

    /// The sample that shows this content in this style, if there is one; the first, if there are several.
    pub fn find(&self, content: usize, style: usize) -> Option<usize> {
        self.by_pair.get(&(content, style)).copied()
    }

    /// What whoever starts with this data should read, a line each.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let notes = self.notes.iter().map(|note| format!("data: {note}"));
        notes.chain(self.warnings.iter().map(|warning| format!("warning: {warning}")))
    }

    /// The class of a sample's content.
    pub fn class(&self, sample: usize) -> usize {
        self.contents[self.samples[sample].content].class
    }

    /// Whether the data says which pictures share a style. Without, swap supervision is reconstruction.
    pub fn has_styles(&self) -> bool {
        self.styles.len() > 1
    }
}

/// One picture of anybody's, on white paper as training sees it: RGB8 sRGB, `[size, size, 3]`.
///
/// # Errors
/// [`PictureError`] where it cannot be read, or is not what training would take.
pub fn picture_file(path: &Path, size: usize) -> Result<Vec<u8>, PictureError> {
    let wrong = |reason| PictureError { path: path.to_owned(), reason };
    let unreadable = |error| wrong(sources::Reason::unreadable(error));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(sources::MOST_PICTURE + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > sources::MOST_PICTURE {
        return Err(wrong(sources::Reason::FileTooLarge { bytes: bytes.len() as u64, most: sources::MOST_PICTURE }));
    }
    let policy = picture::Policy { size, fit: config::Fit::Contain, background: config::Colour::WHITE };
    Ok(picture::decode(&bytes, &policy).map_err(|reason| wrong(reason.of_bytes(&bytes)))?.pixels)
}

/// A single picture that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the picture {path} {reason}; give a PNG, JPEG, WebP, GIF or SVG (docs/data.md has the limits)")]
pub struct PictureError {
    path: PathBuf,
    reason: sources::Reason,
}

/// A [`Progress`] that says how far decoding is, where somebody is looking.
pub fn tell(done: usize, all: usize) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(100) || done == all) {
        eprint!("\r{done} of {all} pictures{}", if done == all { "\n" } else { "" });
    }
}

/// SHA-256 in lower-case hexadecimal.
fn hex_sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
