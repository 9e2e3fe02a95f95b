//! The loss that chooses the best checkpoint: how far pictures drawn in a lent style are from the true ones, on the validation split.
//!
//! The same question as swap supervision asks, of contents that no step learns from: a caption drawn in the style of another picture
//! of the set, against the set's own picture of it. It is pixels against pixels, so no network judges its own kind.

use burn::prelude::*;
use rand::seq::{IndexedRandom, SliceRandom};
use shared::Vocabulary;
use shared::matching::{CaptionBatch, SentenceEncoder};

use crate::batches::{self, Stream};
use crate::data::{DataError, Dataset, Split, captions};
use crate::disentangling::State;
use crate::losses::{standardise, swap_loss};

/// Pictures compared: enough to tell checkpoints apart, few enough to cost less than the save.
const PICTURES: usize = 64;

/// The pictures compared; the same ones throughout a run.
pub struct Validation {
    captions: Vec<Vec<u32>>,
    targets: Tensor<4>,
    lenders: Tensor<4>,
}

impl Validation {
    /// Chooses the pictures; `None` where the data sets none aside whose captions have a known word. Without style labels each is its
    /// own lender, as in training.
    ///
    /// # Errors
    /// [`DataError`] where they cannot be read any more.
    pub fn new(dataset: &Dataset, vocabulary: &Vocabulary, seed: u64, device: &Device) -> Result<Option<Self>, DataError> {
        let mut random = batches::random_for(seed, Stream::Evaluation, 5 << 20);
        let of_sample = |sample: usize| &dataset.samples[sample];
        let numbers = |sample: usize| {
            vocabulary.read(&captions::canonical(&dataset.contents[of_sample(sample).content]), usize::MAX).numbers
        };
        let training = dataset.of_split(Split::Train);
        let mut aside = dataset.of_split(Split::Validation);
        aside.retain(|sample| !numbers(*sample).is_empty());
        aside.shuffle(&mut random);
        let mut pairs = vec![];
        for target in aside.into_iter().take(PICTURES) {
            let same_set: Vec<usize> = match dataset.has_styles() {
                true => training.iter().copied().filter(|s| of_sample(*s).style == of_sample(target).style).collect(),
                false => vec![target],
            };
            pairs.extend(same_set.choose(&mut random).map(|lender| (target, *lender)));
        }
        let (targets, lenders): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        if targets.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            captions: targets.iter().map(|target| numbers(*target)).collect(),
            targets: batches::pictures(dataset, &targets, device)?,
            lenders: batches::pictures(dataset, &lenders, device)?,
        }))
    }

    /// The swap loss of the averaged generator.
    pub fn loss(&self, state: &State, sentence: &SentenceEncoder, device: &Device) -> f64 {
        let encoder = state.discriminator.valid().encoder;
        let styles = standardise(encoder.forward(self.lenders.clone()).style());
        let drawn = state.average.draw(sentence.forward(CaptionBatch::new(&self.captions, device)), styles);
        f64::from(swap_loss(drawn, self.targets.clone()).into_scalar::<f32>())
    }
}
