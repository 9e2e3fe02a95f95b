//! A model with everything it is measured by.

use burn::prelude::*;
use rand::Rng;
use rand::seq::SliceRandom;
use shared::picture::pictures_to_tensor;
use shared::style::StyleCode;

use super::drawing::{Drawer, Picture};
use super::inception::Inception;
use super::judge::Judge;
use super::lookup::Lookup;
use super::model::Model;
use super::protocol::Protocol;
use super::rows::{embed_captions, rows, unit_rows};
use crate::data::emoji::TrueArt;
use crate::data::{ContentSplit, DataError, Dataset, captions};

/// Pictures looked at at a time.
const CHUNK: usize = 32;

/// A model with everything it is measured by.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub model: &'a Model,
    /// Who draws: the model, or a table of pictures that is measured in its place.
    pub drawer: &'a dyn Drawer,
    /// The table, where the data has one.
    pub lookup: Option<&'a Lookup<'a>>,
    /// The drawings behind the pictures, where they are at hand.
    pub art: Option<&'a TrueArt>,
    pub judge: &'a Judge,
    pub inception: Option<&'a Inception>,
    pub unseen_set: Option<&'a [Vec<u8>]>,
    pub dataset: &'a Dataset,
    pub protocol: &'a Protocol,
    pub device: &'a Device,
}

impl Subject<'_> {
    /// A caption as the model reads it.
    pub fn read(&self, caption: &str) -> Vec<u32> {
        self.model.vocabulary.read(caption, self.model.caption_words).numbers
    }

    /// The caption that stands for a content, as the model reads it.
    pub fn numbers(&self, content: usize) -> Vec<u32> {
        self.read(&captions::canonical(&self.dataset.contents[content]))
    }

    /// Contents of a part with a known word, shuffled, at most so many.
    pub fn some_contents(&self, split: ContentSplit, most: usize, random: &mut impl Rng) -> Vec<usize> {
        let mut contents: Vec<usize> = (0..self.dataset.contents.len())
            .filter(|content| self.dataset.contents[*content].split == split && !self.numbers(*content).is_empty())
            .collect();
        contents.shuffle(random);
        contents.truncate(most);
        contents
    }

    /// Contents that the model has never seen, where there are some, and which part they are; else training ones.
    pub fn unseen_contents(&self, random: &mut impl Rng) -> (&'static str, Vec<usize>) {
        match self.some_contents(ContentSplit::Test, usize::MAX, random) {
            none if none.is_empty() => ("training captions", self.some_contents(ContentSplit::Train, usize::MAX, random)),
            unseen => ("test captions", unseen),
        }
    }

    /// Styles of random seeds.
    pub fn random_styles(&self, count: usize, random: &mut impl Rng) -> Vec<StyleCode> {
        (0..count).map(|_| StyleCode::from_seed(random.random(), self.model.style_size)).collect()
    }

    /// Draws each content's caption in its style: RGB pictures on white, rounded as anybody gets them.
    ///
    /// # Errors
    /// As [`Drawer::draw`].
    pub fn draw_contents(&self, contents: &[usize], styles: &[StyleCode]) -> Result<Vec<Vec<u8>>, DataError> {
        self.draw(&contents.iter().map(|content| self.numbers(*content)).collect::<Vec<_>>(), styles)
    }

    /// Draws each caption in its style, as [`Self::draw_contents`] does.
    ///
    /// # Errors
    /// As [`Drawer::draw`].
    pub fn draw(&self, numbers: &[Vec<u32>], styles: &[StyleCode]) -> Result<Vec<Vec<u8>>, DataError> {
        let drawn = self.drawer.draw(numbers, styles, self.dataset.image_size)?;
        Ok(drawn.into_iter().map(Picture::into_white).collect())
    }

    /// Sentence embeddings of captions, each of length one.
    pub fn embed_captions(&self, numbers: &[Vec<u32>]) -> Vec<Vec<f32>> {
        embed_captions(&self.model.sentence, numbers, self.device)
    }

    /// h_tc of contents' captions.
    pub fn content_codes(&self, contents: &[usize]) -> Vec<Vec<f32>> {
        let numbers: Vec<Vec<u32>> = contents.iter().map(|content| self.numbers(*content)).collect();
        let code = |numbers: &[Vec<u32>]| {
            let captions = shared::model::matching::CaptionBatch::new(numbers, self.device);
            rows(self.model.side.text.forward(self.model.sentence.forward(captions)))
        };
        numbers.chunks(CHUNK).flat_map(code).collect()
    }

    /// (h_c, h_s) of pictures.
    pub fn encode(&self, pictures: &[Vec<u8>]) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
        let (mut content, mut style) = (vec![], vec![]);
        for chunk in pictures.chunks(CHUNK) {
            let codes = self.model.encoder.forward(self.tensor(chunk));
            content.extend(rows(codes.content()));
            style.extend(rows(codes.style()));
        }
        (content, style)
    }

    /// Pictures in the matching model's space, each of length one; none without its picture side.
    pub fn match_pictures(&self, pictures: &[Vec<u8>]) -> Vec<Vec<f32>> {
        let Some(matching) = &self.model.matching else { return vec![] };
        pictures.chunks(CHUNK).flat_map(|chunk| unit_rows(matching.picture(self.tensor(chunk)))).collect()
    }

    fn tensor(&self, pictures: &[Vec<u8>]) -> Tensor<4> {
        pictures_to_tensor(&pictures.concat(), pictures.len(), self.dataset.image_size, self.device)
    }
}
