//! The text-image matching model, trained first and then frozen (patent paragraph 0026, after DAMSM).
//!
//! Its text side gives the sentence embedding e that the disentangling stage starts from; its image side exists to train it and to
//! measure pictures against captions. Sentence level only: DAMSM's attention of words to regions pays on sentences about photographs,
//! and a caption here is a name and a keyword or two.

use burn::module::Param;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::sigmoid;

use crate::model::blocks::{Constraint, spatial_mean};
use crate::model::config::{ENCODER_END, ModelConfig};
use crate::model::image_encoder::Trunk;
use crate::text::caption::PADDING;

/// Captions as a rectangle of word numbers.
#[derive(Debug, Clone)]
pub struct CaptionBatch {
    /// Word numbers, `[batch, words]`, filled up with padding.
    pub numbers: Tensor<2, Int>,
    /// One where there is a word, zero where there is padding: `[batch, words]`.
    pub mask: Tensor<2>,
}

impl CaptionBatch {
    /// Pads all captions to the longest. An empty caption counts as one padding word and reads as a zero embedding.
    pub fn new(captions: &[Vec<u32>], device: &Device) -> Self {
        let words = captions.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let padded = captions.iter().flat_map(|c| c.iter().copied().chain(std::iter::repeat(PADDING)).take(words));
        let numbers: Vec<i32> = padded.map(|n| n as i32).collect();
        let mask: Vec<f32> = numbers.iter().map(|n| if *n == PADDING as i32 { 0.0 } else { 1.0 }).collect();
        let shape = [captions.len(), words];
        Self {
            numbers: Tensor::from_data(TensorData::new(numbers, shape), device),
            mask: Tensor::from_data(TensorData::new(mask, shape), device),
        }
    }
}

/// From words to the sentence embedding e: word embeddings and a gated recurrent unit in each reading direction.
#[derive(Module, Debug)]
pub struct SentenceEncoder {
    embedding: Embedding,
    forwards: GatedUnit,
    backwards: GatedUnit,
}

impl SentenceEncoder {
    /// A new encoder with random weights for a vocabulary with `table_size` numbers.
    pub fn new(config: &ModelConfig, table_size: usize, device: &Device) -> Self {
        let unit = || GatedUnit::new(config.word_size, config.sentence_size / 2, device);
        Self { embedding: EmbeddingConfig::new(table_size, config.word_size).init(device), forwards: unit(), backwards: unit() }
    }

    /// The same encoder for a longer vocabulary: its new numbers are what they are to `fresh`, an encoder of that vocabulary.
    pub fn with_words_of(self, fresh: &Self) -> Self {
        let (known, all) = (self.embedding.weight.val(), fresh.embedding.weight.val());
        let ([had, _], [table_size, _]) = (known.dims(), all.dims());
        if table_size <= had {
            return self;
        }
        let table = Tensor::cat(vec![known, all.narrow(0, had, table_size - had)], 0);
        Self { embedding: Embedding { weight: Param::from_tensor(table) }, ..self }
    }

    /// # Shapes
    /// - captions: `[batch, words]`
    /// - e: `[batch, sentence_size]`
    pub fn forward(&self, captions: CaptionBatch) -> Tensor<2> {
        let words = self.embedding.forward(captions.numbers);
        let [_, length, _] = words.dims();
        let read =
            |unit: &GatedUnit, order: &mut dyn Iterator<Item = usize>| unit.read(words.clone(), captions.mask.clone(), order);
        Tensor::cat(vec![read(&self.forwards, &mut (0..length)), read(&self.backwards, &mut (0..length).rev())], 1)
    }
}

/// A gated recurrent unit (Cho et al. 2014, reset gate after the product, as cuDNN and PyTorch have it) that steps over padding.
#[derive(Module, Debug)]
pub struct GatedUnit {
    input: Linear,
    state: Linear,
    size: usize,
}

impl GatedUnit {
    fn new(word_size: usize, size: usize, device: &Device) -> Self {
        Self {
            input: LinearConfig::new(word_size, 3 * size).init(device),
            state: LinearConfig::new(size, 3 * size).init(device),
            size,
        }
    }

    /// The state after all words.
    ///
    /// # Shapes
    /// - words: `[batch, words, word_size]`
    /// - mask: `[batch, words]`
    /// - state: `[batch, size]`
    fn read(&self, words: Tensor<3>, mask: Tensor<2>, order: &mut dyn Iterator<Item = usize>) -> Tensor<2> {
        let [batch, ..] = words.dims();
        let device = words.device();
        let inputs = self.input.forward(words); // [batch, words, 3 size]: reset, update, new
        let part = |x: &Tensor<2>, index| x.clone().narrow(1, index * self.size, self.size);
        let mut state = Tensor::<2>::zeros([batch, self.size], &device);
        for index in order {
            let from_word = inputs.clone().narrow(1, index, 1).squeeze_dim::<2>(1);
            let from_state = self.state.forward(state.clone());
            let reset = sigmoid(part(&from_word, 0) + part(&from_state, 0));
            let update = sigmoid(part(&from_word, 1) + part(&from_state, 1));
            let new = (part(&from_word, 2) + reset * part(&from_state, 2)).tanh();
            let change = (new - state.clone()) * (update.neg() + 1.0);
            state = state + change * mask.clone().narrow(1, index, 1);
        }
        state
    }
}

/// The image side: a trunk like the image encoder's (without spectral norm: it is no discriminator), averaged and projected.
#[derive(Module, Debug)]
pub struct PictureSide {
    trunk: Trunk,
    project: Linear,
}

/// The matching model: both sides in one space, where a caption lies near its pictures.
#[derive(Module, Debug)]
pub struct MatchingModel {
    /// The text side, which the disentangling stage takes over.
    pub sentence: SentenceEncoder,
    picture: PictureSide,
}

impl MatchingModel {
    /// A new model with random weights.
    pub fn new(config: &ModelConfig, table_size: usize, device: &Device) -> Self {
        let trunk = Trunk::new(config, Constraint { centred: true, bounded: false }, device);
        let project = LinearConfig::new(config.encoder_channels_at(ENCODER_END), config.sentence_size).init(device);
        Self { sentence: SentenceEncoder::new(config, table_size, device), picture: PictureSide { trunk, project } }
    }

    /// # Shapes
    /// - picture: `[batch, 3, image_size, image_size]`, black at -1, white at 1
    /// - embedding: `[batch, sentence_size]`
    pub fn picture(&self, picture: Tensor<4>) -> Tensor<2> {
        self.picture.project.forward(spatial_mean(self.picture.trunk.forward(picture)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;

    #[test]
    fn padding_changes_nothing() {
        let device = Device::flex();
        let encoder = SentenceEncoder::new(&ModelConfig::default(), 10, &device);
        let alone = encoder.forward(CaptionBatch::new(&[vec![3, 1]], &device));
        let padded = encoder.forward(CaptionBatch::new(&[vec![3, 1], vec![2, 4, 5, 9]], &device)).narrow(0, 0, 1);
        padded.to_data().assert_approx_eq::<f32>(&alone.to_data(), Tolerance::default());
    }

    #[test]
    fn word_order_matters_and_an_empty_caption_is_zero() {
        let device = Device::flex();
        let encoder = SentenceEncoder::new(&ModelConfig::default(), 10, &device);
        let e = encoder.forward(CaptionBatch::new(&[vec![3, 1], vec![1, 3], vec![]], &device));
        let row = |i| e.clone().narrow(0, i, 1);
        assert!((row(0) - row(1)).abs().max().into_scalar::<f32>() > 1e-4);
        assert_eq!(row(2).abs().max().into_scalar::<f32>(), 0.0);
    }

    #[test]
    fn new_words_leave_the_known_ones_as_they_were() {
        let device = Device::flex();
        let encoder = |table_size| SentenceEncoder::new(&ModelConfig::default(), table_size, &device);
        let (known, fresh) = (encoder(6), encoder(9));
        let read = |encoder: &SentenceEncoder, caption: &[u32]| encoder.forward(CaptionBatch::new(&[caption.to_vec()], &device));
        let grown = known.clone().with_words_of(&fresh);
        assert_eq!(read(&grown, &[3, 5]).into_data(), read(&known, &[3, 5]).into_data());
        assert!((read(&grown, &[8]) - read(&grown, &[7])).abs().max().into_scalar::<f32>() > 1e-3);
        assert_eq!(read(&grown.clone().with_words_of(&encoder(4)), &[8]).into_data(), read(&grown, &[8]).into_data());
    }

    /// Reference: `torch.nn.GRU(1, 1)` of PyTorch 1.13 with weight_ih = [0.5, -0.3, 0.8], weight_hh = [0.2, 0.4, -0.6],
    /// bias_ih = [0.1, 0.0, -0.1], bias_hh = [0.0, 0.2, 0.3] and the inputs 1 and -2.
    #[test]
    fn the_gated_unit_agrees_with_pytorch() {
        let device = Device::flex();
        let linear = |weight: [f32; 3], bias: [f32; 3]| Linear {
            weight: Param::from_data([weight], &device),
            bias: Some(Param::from_data(bias, &device)),
        };
        let unit = GatedUnit {
            input: linear([0.5, -0.3, 0.8], [0.1, 0.0, -0.1]),
            state: linear([0.2, 0.4, -0.6], [0.0, 0.2, 0.3]),
            size: 1,
        };
        let words = Tensor::from_data([[[1.0], [-2.0]]], &device);
        let state = unit.read(words, Tensor::ones([1, 2], &device), &mut (0..2)).into_scalar::<f32>();
        assert!((state - GRU_REFERENCE).abs() < 1e-5, "{state}");
    }

    const GRU_REFERENCE: f32 = 0.009_887_788;
}
