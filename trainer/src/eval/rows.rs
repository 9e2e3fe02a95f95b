//! Matrices read back from the device, row by row.

use burn::prelude::*;
use shared::model::matching::{CaptionBatch, SentenceEncoder};

/// Captions looked at at a time.
const CHUNK: usize = 64;

/// Captions, as word numbers, in the space of pictures: each of length one.
pub fn embed_captions(sentence: &SentenceEncoder, captions: &[Vec<u32>], device: &Device) -> Vec<Vec<f32>> {
    captions.chunks(CHUNK).flat_map(|chunk| unit_rows(sentence.forward(CaptionBatch::new(chunk, device)))).collect()
}

/// Rows moved to length one: `[rows, columns]` to the same.
pub fn unit(matrix: Tensor<2>) -> Tensor<2> {
    matrix.clone() / (matrix.square().sum_dim(1) + 1e-8).sqrt()
}

/// Rows moved to length one, read back.
pub fn unit_rows(matrix: Tensor<2>) -> Vec<Vec<f32>> {
    rows(unit(matrix))
}

/// Rows, read back.
pub fn rows(matrix: Tensor<2>) -> Vec<Vec<f32>> {
    let [_, features] = matrix.dims();
    matrix.into_data().iter::<f32>().collect::<Vec<_>>().chunks(features.max(1)).map(<[f32]>::to_vec).collect()
}
