//! A table of pictures: what a look-up of the training pictures would get in the figures of a model.
//!
//! All training pictures take less room than a model, and a table of them draws each known pair of content and set without a fault. So
//! that row stands beside every figure that it can enter. The table reads captions as the model does, takes the set in whose region the
//! style lies, and where it has no picture of the content in that set, the one of the set that draws most alike (`train::cross_style`).

use std::collections::HashMap;

use shared::style::StyleCode;

use super::drawing::{Drawer, Picture, enlarged};
use super::model::Model;
use crate::data::{CHANNELS, DataError, Dataset, Split, captions};
use crate::train::cross_style::CrossStyleTargets;
use crate::train::regions::Regions;

/// The training pictures of a data set, by what the model reads of a caption and by style.
pub struct Lookup<'a> {
    dataset: &'a Dataset,
    regions: Regions,
    stand_ins: CrossStyleTargets,
    content_of: HashMap<Vec<u32>, usize>,
    /// Training samples of each content, with their sets.
    learnt: Vec<Vec<(usize, usize)>>,
}

impl<'a> Lookup<'a> {
    /// `None` where the data does not say which pictures share a style: no seed has a set then.
    ///
    /// # Errors
    /// [`DataError`] where pictures cannot be read.
    pub fn of(dataset: &'a Dataset, model: &Model) -> Result<Option<Self>, DataError> {
        let Some(regions) = Regions::of(dataset, model.style_size) else { return Ok(None) };
        let mut learnt = vec![vec![]; dataset.contents.len()];
        for sample in dataset.of_split(Split::Train) {
            learnt[dataset.samples[sample].content].push((sample, dataset.samples[sample].style));
        }
        let read =
            |content: usize| model.vocabulary.read(&captions::canonical(&dataset.contents[content]), model.caption_words).numbers;
        let mut content_of = HashMap::new();
        for content in (0..learnt.len()).filter(|content| !learnt[*content].is_empty()) {
            content_of.entry(read(content)).or_insert(content);
        }
        Ok(Some(Self { dataset, regions, stand_ins: CrossStyleTargets::of(dataset)?, content_of, learnt }))
    }

    /// The training sample of a content that is in this set, or nearest to it; `None` where there is none.
    pub fn sample(&self, content: usize, set: usize) -> Option<usize> {
        let samples = &self.learnt[content];
        let own = samples.iter().find(|(_, of)| *of == set).map(|(sample, _)| *sample);
        own.or_else(|| self.stand_ins.nearest(samples, set)).or_else(|| samples.first().map(|(sample, _)| *sample))
    }
}

impl Drawer for Lookup<'_> {
    /// Blank where a caption is none that was learnt.
    fn draw(&self, numbers: &[Vec<u32>], styles: &[StyleCode], size: usize) -> Result<Vec<Picture>, DataError> {
        let from = self.dataset.image_size;
        let one = |(numbers, style): (&Vec<u32>, &StyleCode)| {
            let content = self.content_of.get(numbers);
            match content.and_then(|content| self.sample(*content, self.regions.owner(style))) {
                None => Ok(Picture::Clear(vec![0; size * size * CHANNELS])),
                Some(sample) if size == from => Ok(Picture::Clear(self.dataset.rgba(sample)?.into_owned())),
                Some(sample) => Ok(Picture::Opaque(enlarged(self.dataset.pixels(sample)?, from, size))),
            }
        };
        numbers.iter().zip(styles).map(one).collect()
    }
}
