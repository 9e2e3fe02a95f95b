//! Data as training sees it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::content::{Content, Sample, Split};
use super::error::DataError;
use super::paper::{WHITE, on_paper};
use super::pixels::Pixels;

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
    pub(super) pixels: Pixels,
    pub(super) by_pair: HashMap<(usize, usize), usize>,
}

impl Dataset {
    /// `pixels` are those of the samples, in their order.
    pub(super) fn new(
        contents: Vec<Content>,
        styles: Vec<String>,
        samples: Vec<Sample>,
        image_size: usize,
        pixels: Pixels,
    ) -> Self {
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
