//! What a model file holds: the networks that draw and that lend styles.

use burn::prelude::*;

use super::config::ModelConfig;
use super::generator::Generator;
use super::image_encoder::ImageEncoder;
use super::matching::SentenceEncoder;
use super::text_encoder::TextEncoder;

/// The parts of the model that draw. The heads are needed for training only.
#[derive(Module, Debug)]
pub struct PaintingModel {
    /// Words to the sentence embedding e.
    pub sentence: SentenceEncoder,
    /// T: e to the content code h_tc.
    pub text: TextEncoder,
    /// G: (h_tc, z) to a picture.
    pub generator: Generator,
    /// E: a picture to (h_c, h_s); lends styles.
    pub encoder: ImageEncoder,
}

impl PaintingModel {
    /// A new model with random weights for a vocabulary with `table_size` numbers.
    pub fn new(config: &ModelConfig, table_size: usize, device: &Device) -> Self {
        Self {
            sentence: SentenceEncoder::new(config, table_size, device),
            text: TextEncoder::new(config, device),
            generator: Generator::new(config, device),
            encoder: ImageEncoder::new(config, device),
        }
    }
}
