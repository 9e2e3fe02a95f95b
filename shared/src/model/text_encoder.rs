//! T: the text encoder of the disentangling stage, one fully connected layer (patent step a1, paragraph 0029).

use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;

use crate::model::blocks::scaled;
use crate::model::config::ModelConfig;

/// h_tc = T(e): from the frozen sentence embedding to the caption's modality-common code.
#[derive(Module, Debug)]
pub struct TextEncoder {
    layer: Linear,
}

impl TextEncoder {
    /// A new layer with random weights.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        // e's features, states of a gated unit, vary by 0.3; z's, beside which the generator reads the code, by 1.
        let initial = scaled(1.0 / 0.3);
        Self { layer: LinearConfig::new(config.sentence_size, config.content_size).with_initializer(initial).init(device) }
    }

    /// # Shapes
    /// - sentence embedding e: `[batch, sentence_size]`
    /// - content code h_tc: `[batch, content_size]`
    pub fn forward(&self, sentence: Tensor<2>) -> Tensor<2> {
        self.layer.forward(sentence)
    }
}
