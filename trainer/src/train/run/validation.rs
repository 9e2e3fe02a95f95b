//! The loss that chooses the best checkpoint: how far drawn pictures are from the true ones, on the validation split.
//!
//! The same question as swap supervision asks, of contents that no step learns from: a caption drawn in the style of a set, against the
//! set's own picture of it. It is pixels against pixels, so no network judges its own kind.

use burn::prelude::*;
use rand::seq::SliceRandom;
use shared::Vocabulary;
use shared::model::matching::{CaptionBatch, SentenceEncoder};
use shared::style::StyleCode;

use crate::data::{DataError, Dataset, Split, captions};
use crate::train::batches::{self, Stream};
use crate::train::disentangling::State;
use crate::train::losses::{standardise, swap_loss};
use crate::train::regions::Regions;

/// Pictures compared: enough to tell checkpoints apart, few enough to cost less than the save.
const PICTURES: usize = 64;

/// The pictures compared; the same ones throughout a run.
pub struct Validation {
    captions: Vec<Vec<u32>>,
    targets: Tensor<4>,
    /// The centres of the targets' sets; without sets the targets lend their own styles.
    styles: Option<Tensor<2>>,
}

impl Validation {
    /// Chooses the pictures; `None` where the data sets none aside whose captions have a known word.
    ///
    /// # Errors
    /// [`DataError`] where they cannot be read any more.
    pub fn new(
        dataset: &Dataset,
        vocabulary: &Vocabulary,
        regions: Option<&Regions>,
        seed: u64,
        device: &Device,
    ) -> Result<Option<Self>, DataError> {
        let mut random = batches::random_for(seed, Stream::Evaluation, 5 << 20);
        let of_sample = |sample: usize| &dataset.samples[sample];
        let numbers = |sample: usize| {
            vocabulary.read(&captions::canonical(&dataset.contents[of_sample(sample).content]), usize::MAX).numbers
        };
        let mut targets = dataset.of_split(Split::Validation);
        targets.retain(|sample| !numbers(*sample).is_empty());
        targets.shuffle(&mut random);
        targets.truncate(PICTURES);
        if targets.is_empty() {
            return Ok(None);
        }
        let centres = |regions: &Regions| {
            let codes: Vec<StyleCode> = targets.iter().map(|target| regions.centre_code(of_sample(*target).style)).collect();
            batches::styles_to_tensor(&codes, device)
        };
        Ok(Some(Self {
            captions: targets.iter().map(|target| numbers(*target)).collect(),
            targets: batches::pictures(dataset, &targets, device)?,
            styles: regions.map(centres),
        }))
    }

    /// The swap loss of the averaged generator.
    pub fn loss(&self, state: &State, sentence: &SentenceEncoder, device: &Device) -> f64 {
        let lent = || standardise(state.discriminator.valid().encoder.style(self.targets.clone()));
        let styles = self.styles.clone().unwrap_or_else(lent);
        let drawn = state.average.draw(sentence.forward(CaptionBatch::new(&self.captions, device)), styles);
        f64::from(swap_loss(drawn, self.targets.clone()).into_scalar::<f32>())
    }
}
