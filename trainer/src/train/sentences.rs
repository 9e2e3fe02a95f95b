//! Sentence embeddings of captions, each worked out once.
//!
//! The text side is frozen while the generator learns, and captions come back thousands of times. A recurrent unit is hundreds of small
//! operations for each batch, which take a GPU as long as large ones. So it reads on the CPU, caption by caption: what a caption is read
//! as does not depend on which others are in its batch, nor on what has been read before, and a resumed run reads the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use burn::prelude::*;
use shared::model::matching::{CaptionBatch, SentenceEncoder};

/// Captions that are kept, at most: some 20 MB of them. The names of the embedded pictures are 955; with keywords there are more than need
/// be kept.
const MOST_KEPT: usize = 16 * 1024;

/// A frozen text side and what it has read.
pub struct Sentences {
    encoder: SentenceEncoder,
    read: Mutex<HashMap<Vec<u32>, Vec<f32>>>,
}

impl Sentences {
    /// Of an encoder on any device.
    pub fn of(encoder: &SentenceEncoder) -> Self {
        Self { encoder: encoder.clone().to_device(&Device::flex()), read: Mutex::default() }
    }

    /// # Shapes
    /// `[captions, sentence_size]`, on `device`
    pub fn read(&self, captions: &[Vec<u32>], device: &Device) -> Tensor<2> {
        // Whatever a thread that has failed had read is right as far as it goes.
        let mut known = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut values = Vec::new();
        for caption in captions {
            match known.get(caption) {
                Some(sentence) => values.extend_from_slice(sentence),
                None => {
                    let read = self.encoder.forward(CaptionBatch::new(std::slice::from_ref(caption), &Device::flex()));
                    let sentence: Vec<f32> = read.into_data().iter().collect();
                    values.extend_from_slice(&sentence);
                    if known.len() < MOST_KEPT {
                        known.insert(caption.clone(), sentence);
                    }
                }
            }
        }
        let size = values.len() / captions.len().max(1);
        Tensor::from_data(TensorData::new(values, [captions.len(), size]), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use shared::ModelConfig;

    #[test]
    fn what_is_read_alone_and_again_is_what_is_read_together() {
        let device = Device::flex();
        device.seed(1);
        let encoder = SentenceEncoder::new(&ModelConfig::default(), 10, &device);
        let captions = [vec![3, 1, 4], vec![5], vec![], vec![3, 1, 4]];
        let sentences = Sentences::of(&encoder);
        let together = encoder.forward(CaptionBatch::new(&captions, &device)).into_data();
        for _ in 0..2 {
            sentences.read(&captions, &device).into_data().assert_approx_eq::<f32>(&together, Tolerance::default());
        }
        assert_eq!(sentences.read.lock().unwrap().len(), 3);
    }
}
