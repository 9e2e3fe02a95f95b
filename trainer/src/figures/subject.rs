//! The model that is measured: a run's newest checkpoint, or a model file.

use std::path::{Path, PathBuf};

use burn::prelude::*;
use rand::Rng;
use rand::seq::SliceRandom;
use shared::model::image_encoder::ImageEncoder;
use shared::model::matching::{MatchingModel, SentenceEncoder};
use shared::picture::pictures_to_tensor;
use shared::style::StyleCode;
use shared::{ModelFile, Vocabulary};

use super::Protocol;
use super::drawing::{Drawer, Picture};
use super::inception::Inception;
use super::judge::{Judge, embed_captions, rows, unit_rows};
use super::lookup::Lookup;
use crate::config::TrainConfig;
use crate::data::emoji::{self, TrueArt};
use crate::data::{ContentSplit, DataConfig, DataError, Dataset, captions, words};
use crate::disentangling::GeneratorSide;
use crate::run::files::FileError;
use crate::run::{RunError, RunFolder, Trained, Which};

/// Pictures looked at at a time.
const CHUNK: usize = 32;

/// What is measured, as it lies on the disk.
#[derive(Debug, Clone)]
pub enum Place {
    Run(RunFolder),
    File(PathBuf),
}

impl Place {
    /// A run's folder, or a model file.
    ///
    /// # Errors
    /// [`RunError::NoModel`] where there is neither.
    pub fn of(path: &Path) -> Result<Self, RunError> {
        match (RunFolder::open(path), path.is_file()) {
            (Ok(run), _) => Ok(Self::Run(run)),
            (Err(_), true) => Ok(Self::File(path.to_owned())),
            (Err(_), false) => Err(RunError::NoModel(path.to_owned())),
        }
    }

    /// The run, where it is one.
    pub fn run(&self) -> Option<&RunFolder> {
        match self {
            Self::Run(run) => Some(run),
            Self::File(_) => None,
        }
    }
}

/// A model's networks, wherever they come from.
pub struct Model {
    /// For the report: a name without the path to it, which is nobody's business.
    pub name: String,
    pub vocabulary: Vocabulary,
    pub sentence: SentenceEncoder,
    /// The matching model's both sides; a model file holds one.
    pub matching: Option<MatchingModel>,
    pub side: GeneratorSide,
    pub encoder: ImageEncoder,
    pub image_size: usize,
    pub style_size: usize,
    pub caption_words: usize,
    /// What it was trained on, where that is recorded.
    pub data: DataConfig,
}

impl Model {
    /// Loads a model.
    ///
    /// # Errors
    /// [`RunError`] where it cannot be read.
    pub fn load(place: &Place, device: &Device) -> Result<Self, RunError> {
        match place {
            Place::Run(folder) => {
                let config = folder.load_config()?;
                let trained = Trained::load(folder, &config, Which::Last, device, &mut |line| eprintln!("warning: {line}"))?;
                let (preset, step) = (config.preset.name(), trained.step);
                let name = format!("{}, preset {preset}, {step} steps of {}", folder.name(), config.batch);
                let model = Self::of_run(name, &config, trained);
                // As it would be exported.
                Ok(Self { vocabulary: words::understood(model.vocabulary.clone(), &config.data)?, ..model })
            }
            Place::File(path) => {
                let bytes = std::fs::read(path).map_err(FileError::at(path))?;
                let wrong = |error| RunError::Model { path: path.clone(), error };
                let file = ModelFile::parse(&bytes).map_err(wrong)?;
                let model = file.model(device).map_err(wrong)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                Ok(Self {
                    name: format!("{name} ({})", file.info.name),
                    image_size: file.config.image_size,
                    style_size: file.config.style_size,
                    caption_words: file.config.caption_words,
                    data: emoji::learnt_by(&file.vocabulary)?,
                    vocabulary: file.vocabulary,
                    sentence: model.sentence,
                    matching: None,
                    side: GeneratorSide { text: model.text, generator: model.generator },
                    encoder: model.encoder,
                })
            }
        }
    }

    /// The networks of a run.
    pub fn of_run(name: String, config: &TrainConfig, trained: Trained) -> Self {
        Self {
            name,
            vocabulary: trained.frozen.vocabulary,
            sentence: trained.frozen.sentence,
            matching: trained.frozen.matching,
            side: trained.generator,
            encoder: trained.encoder,
            image_size: config.image_size,
            style_size: config.style_size,
            caption_words: config.model().caption_words,
            data: config.data.clone(),
        }
    }
}

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
    /// Who is told how far it is, where that takes minutes.
    pub say: &'a dyn Fn(&str),
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
