//! The data: captioned, human-drawn pictures in several styles of the same content.
//!
//! Emoji are drawn by many hands to the same list of contents. That is what disentangling needs and photographs do not
//! have: for a content and a style never seen together, the true picture exists. So the split is part of the data
//! ([`pack`] wrote it into the pack's files) and never computed while training; every run, and everyone who compares
//! with it, trains and is measured on the same pictures.
//!
//! - [`Dataset`] is what the trainer sees: contents, styles, samples and their pixels.
//! - [`captions`] turns a content into words.
//! - [`pack`] makes `data/emoji` from the published packages; [`embedded`] carries it in the program.

pub mod captions;
pub mod pack;

mod archive;
mod cache;
mod config;
mod embedded;
mod error;
mod raster;
mod tables;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub use config::DataConfig;
pub use error::DataError;
pub use tables::{Content, ContentSplit, StyleSet};

use archive::Files;
use embedded::Pack;

/// Called from several threads with (pictures drawn, pictures to draw).
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Image sizes that make sense: below, nothing is recognisable; above, one source set has no more detail.
const IMAGE_SIZES: std::ops::RangeInclusive<usize> = 8..=512;

/// Which part of the experiment a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// To learn from.
    Train,
    /// Content and style are both in training, never together. The strict test of disentanglement.
    HeldOutCombination,
    /// Content never seen in training; for choosing between models.
    Validation,
    /// Content never seen in training; for the final figures only.
    Test,
}

/// One picture: a content drawn in a style. `content` and `style` index [`Dataset::contents`] and [`Dataset::styles`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub content: usize,
    pub style: usize,
    pub split: Split,
}

/// Pictures with their contents and styles, in memory. Samples are ordered by content, then by style.
pub struct Dataset {
    pub contents: Vec<Content>,
    pub styles: Vec<StyleSet>,
    pub samples: Vec<Sample>,
    /// Side of every picture in pixels.
    pub image_size: usize,
    /// What went wrong without being in the way, in sentences for the user.
    pub warnings: Vec<String>,
    pixels: Vec<u8>,
    by_pair: HashMap<(usize, usize), usize>,
}

impl Dataset {
    /// Loads the chosen part of the embedded pack, drawing every picture unless the cache has them.
    ///
    /// # Errors
    /// See [`DataError`]. A cache that cannot be used is a warning, not an error.
    pub fn load(config: &DataConfig, progress: Progress) -> Result<Self, DataError> {
        Self::from_pack(&Pack::embedded(), config, progress)
    }

    fn from_pack(pack: &Pack, config: &DataConfig, progress: Progress) -> Result<Self, DataError> {
        let (mut dataset, drawings) = Self::choose(pack, config)?;
        dataset.fill(config, &drawings, progress)?;
        Ok(dataset)
    }

    /// The chosen part of the pack, pixels still missing, and the drawings of each style by content key.
    fn choose(pack: &Pack, config: &DataConfig) -> Result<(Self, Vec<Files>), DataError> {
        if !IMAGE_SIZES.contains(&config.image_size) {
            return Err(DataError::ImageSize(config.image_size));
        }
        let styles = choose_styles(pack, config)?;
        let drawings = styles.par_iter().map(|set| pack.drawings(set)).collect::<Result<Vec<_>, _>>()?;
        let mut contents = choose_contents(pack, config)?;
        contents.retain(|content| drawings.iter().any(|set| set.contains_key(&content.key)));
        let samples = samples(&contents, &styles, &drawings, &tables::read_held_out(pack.held_out)?);
        if samples.is_empty() {
            return Err(DataError::Empty);
        }
        let dataset = Self {
            by_pair: (0..).zip(&samples).map(|(index, sample)| ((sample.content, sample.style), index)).collect(),
            contents,
            styles,
            samples,
            image_size: config.image_size,
            warnings: Vec::new(),
            pixels: Vec::new(),
        };
        Ok((dataset, drawings))
    }

    /// The picture of a sample: RGB8 sRGB on white, `[image_size, image_size, 3]`.
    pub fn pixels(&self, sample: usize) -> &[u8] {
        let length = self.picture_length();
        &self.pixels[sample * length..][..length]
    }

    /// The samples of one part of the experiment, in order.
    pub fn of_split(&self, split: Split) -> Vec<usize> {
        (0..self.samples.len()).filter(|&index| self.samples[index].split == split).collect()
    }

    /// The sample that shows this content in this style, if that set has drawn it.
    pub fn find(&self, content: usize, style: usize) -> Option<usize> {
        self.by_pair.get(&(content, style)).copied()
    }

    fn picture_length(&self) -> usize {
        self.image_size * self.image_size * 3
    }

    /// Takes the pixels from the cache, or draws them and keeps them there.
    fn fill(&mut self, config: &DataConfig, drawings: &[Files], progress: Progress) -> Result<(), DataError> {
        let path = config.cache_dir.as_ref().map(|dir| cache::path(dir, &self.cache_key()));
        if let Some(path) = &path {
            match cache::read(path, self.samples.len() * self.picture_length()) {
                Ok(Some(pixels)) => {
                    self.pixels = pixels;
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) => {
                    self.warnings.push(format!("drawing again: the cache {} cannot be used: {error}", path.display()));
                }
            }
        }
        self.pixels = self.draw(drawings, progress)?;
        if let Some(path) = &path
            && let Err(error) = cache::write(path, &self.pixels)
        {
            self.warnings.push(format!("the cache {} cannot be written: {error}", path.display()));
        }
        Ok(())
    }

    fn draw(&self, drawings: &[Files], progress: Progress) -> Result<Vec<u8>, DataError> {
        let length = self.picture_length();
        let mut pixels = vec![0; self.samples.len() * length];
        let done = AtomicUsize::new(0);
        pixels.par_chunks_exact_mut(length).zip(&self.samples).try_for_each(|(picture, sample)| {
            let key = &self.contents[sample.content].key;
            let drawn = raster::rasterise(&drawings[sample.style][key], self.image_size)
                .map_err(|source| DataError::Picture { set: self.styles[sample.style].name.clone(), key: key.clone(), source })?;
            picture.copy_from_slice(&drawn);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, self.samples.len());
            Ok(())
        })?;
        Ok(pixels)
    }

    /// A digest of everything that the pixels depend on.
    fn cache_key(&self) -> String {
        let mut parts = vec![format!("raster {} size {}", raster::VERSION, self.image_size)];
        parts.extend(
            self.samples
                .iter()
                .map(|sample| format!("{} {}", self.styles[sample.style].archive_sha256, self.contents[sample.content].key)),
        );
        hex_sha256(parts.join("\n").as_bytes())[..16].to_owned()
    }
}

fn choose_styles(pack: &Pack, config: &DataConfig) -> Result<Vec<StyleSet>, DataError> {
    let mut sets = tables::read_sets(pack.sets)?;
    for name in &config.sets {
        if !sets.iter().any(|set| set.name == *name) {
            let known = sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(DataError::UnknownSet { name: name.clone(), known });
        }
    }
    sets.retain(|set| config.sets.contains(&set.name));
    Ok(sets)
}

fn choose_contents(pack: &Pack, config: &DataConfig) -> Result<Vec<Content>, DataError> {
    let mut contents = tables::read_contents(pack.contents)?;
    for name in &config.groups {
        if !contents.iter().any(|content| content.group == *name) {
            let mut known: Vec<&str> = contents.iter().map(|content| content.group.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            return Err(DataError::UnknownGroup { name: name.clone(), known: known.join(", ") });
        }
    }
    contents.retain(|content| config.groups.contains(&content.group));
    Ok(contents)
}

fn samples(contents: &[Content], styles: &[StyleSet], drawings: &[Files], held_out: &tables::HeldOut) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (content, Content { key, split, .. }) in contents.iter().enumerate() {
        for (style, set) in styles.iter().enumerate() {
            if drawings[style].contains_key(key) {
                let split = match split {
                    ContentSplit::Validation => Split::Validation,
                    ContentSplit::Test => Split::Test,
                    ContentSplit::Train if held_out.contains(&(key.clone(), set.name.clone())) => Split::HeldOutCombination,
                    ContentSplit::Train => Split::Train,
                };
                samples.push(Sample { content, style, split });
            }
        }
    }
    samples
}

/// SHA-256 in lower-case hexadecimal.
fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
