//! The judge's weights: two readers of pictures that share nothing, and one of captions.
//!
//! Asked for both at once, one reader was poor at either: what tells hands apart (lines, gradients, the grain of an edge) is what must be
//! overlooked to see that two hands drew the same thing. So one reader looks closely and names the set, the other looks from further away
//! and says what is shown.

use burn::module::{Initializer, Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::leaky_relu;
use shared::model::config::ENCODER_END;
use shared::model::image_encoder::Trunk;
use shared::model::matching::CaptionBatch;
use shared::{Constraint, ModelConfig};

use super::settings::{JudgeSettings, closely, from_afar};
use crate::eval::rows::rows;
use crate::linalg::Matrix;

/// Numbers for a word, and for the whole of a caption or of what a picture shows.
const WORD: usize = 128;
const MEANING: usize = 256;

/// What is made of pictures.
pub struct Seen {
    /// Where they lie in the features of both readers, or of the second alone where there are no sets to tell apart and the first has
    /// learnt nothing: `[batch, features]`.
    pub features: Tensor<2>,
    /// Those of the one that tells hands apart: `[batch, features]`.
    pub hands: Tensor<2>,
    /// Logits of the sets: `[batch, sets]`.
    pub sets: Tensor<2>,
    /// What they show, in the captions' space: `[batch, 256]`.
    pub shown: Tensor<2>,
}

/// The judge's weights.
#[derive(Module, Debug)]
pub struct Network {
    hand: Reader,
    content: Reader,
    /// Names the set.
    sets: Linear,
    /// Into the captions' space.
    project: Linear,
    captions: CaptionReader,
}

impl Network {
    /// Random weights.
    pub fn new(settings: &JudgeSettings, table_size: usize, sets: usize, device: &Device) -> Self {
        let hand = Reader::new(&closely(settings), device);
        let content = Reader::new(&from_afar(settings), device);
        Self {
            sets: LinearConfig::new(hand.size(), sets.max(1)).init(device),
            project: LinearConfig::new(content.size(), MEANING).init(device),
            captions: CaptionReader::new(table_size, device),
            hand,
            content,
        }
    }

    /// # Shapes
    /// - pictures: `[batch, 3, image_size, image_size]`
    pub fn look(&self, pictures: Tensor<4>) -> Seen {
        let hand = self.hand.forward(pictures.clone());
        let content = self.content.forward(pictures);
        let sets = self.sets.forward(hand.clone());
        let shown = self.project.forward(content.clone());
        let features = if sets.dims()[1] > 1 { Tensor::cat(vec![hand.clone(), content], 1) } else { content };
        Seen { features, hands: hand, sets, shown }
    }

    /// Captions in the space of what pictures show: `[batch, 256]`.
    pub fn read(&self, captions: CaptionBatch) -> Tensor<2> {
        self.captions.forward(captions)
    }

    /// Brings the features to one scale, as they are before training; from there they are learnt like everything else.
    pub fn scaled_to(self, pictures: Tensor<4>, device: &Device) -> Self {
        let hand = self.hand.scaled_to(pictures.clone(), device);
        Self { hand, content: self.content.scaled_to(pictures, device), ..self }
    }
}

/// A trunk like the image encoder's, and the means of all its maps: the last map alone knows what is drawn better than how.
#[derive(Module, Debug)]
struct Reader {
    trunk: Trunk,
    /// Usual value, and one over the usual deviation, of each feature. Means over maps of centred filters hardly differ from picture to
    /// picture; brought to one scale the heads learn from all of them at once, and distances count them alike.
    middle: Param<Tensor<1>>,
    scale: Param<Tensor<1>>,
}

impl Reader {
    fn new(shape: &ModelConfig, device: &Device) -> Self {
        let maps = std::iter::successors(Some(shape.largest_map()), |map| Some(map / 2)).take_while(|map| *map >= ENCODER_END);
        let features = shape.encoder_channels / 2 + maps.map(|map| shape.encoder_channels_at(map)).sum::<usize>();
        Self {
            trunk: Trunk::new(shape, Constraint { centred: true, bounded: false }, device),
            middle: Initializer::Zeros.init([features], device),
            scale: Initializer::Ones.init([features], device),
        }
    }

    fn size(&self) -> usize {
        self.middle.dims()[0]
    }

    fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        (self.trunk.means(pictures) - self.middle.val().unsqueeze::<2>()) * self.scale.val().unsqueeze::<2>()
    }

    fn scaled_to(self, pictures: Tensor<4>, device: &Device) -> Self {
        let seen = Matrix::from_rows(&rows(self.trunk.means(pictures)));
        let covariance = seen.covariance();
        let middle: Vec<f32> = seen.mean().iter().map(|value| *value as f32).collect();
        let scale: Vec<f32> = (0..seen.columns()).map(|i| 1.0 / (covariance.row(i)[i].sqrt() as f32 + 1e-3)).collect();
        let param = |values: Vec<f32>| Param::from_data(TensorData::new(values, [seen.columns()]), device);
        Self { middle: param(middle), scale: param(scale), ..self }
    }
}

/// A caption is the mean of its words, looked at by two layers. Names of a word or three need no order, and so cheap a reading can be asked
/// of a thousand captions in every step.
#[derive(Module, Debug)]
struct CaptionReader {
    words: Embedding,
    first: Linear,
    second: Linear,
}

impl CaptionReader {
    fn new(table_size: usize, device: &Device) -> Self {
        Self {
            words: EmbeddingConfig::new(table_size, WORD).init(device),
            first: LinearConfig::new(WORD, MEANING).init(device),
            second: LinearConfig::new(MEANING, MEANING).init(device),
        }
    }

    fn forward(&self, CaptionBatch { numbers, mask }: CaptionBatch) -> Tensor<2> {
        let words = self.words.forward(numbers) * mask.clone().unsqueeze_dim::<3>(2); // [batch, words, 128]
        let [batch, _, size] = words.dims();
        let mean = words.sum_dim(1).reshape([batch, size]) / (mask.sum_dim(1) + 1e-6);
        self.second.forward(leaky_relu(self.first.forward(mean), 0.2))
    }
}
