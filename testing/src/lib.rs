//! What the tests of Emblem's crates share: random tensors that are the same in every run, and the examples in the documents.
//!
//! Design: a crate of its own, and not a feature of `shared`: then the trainer that the tests run is the one that people build, and is
//! compiled once.

pub mod documents;

use burn::tensor::TensorData;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers of mean 0 and variance 1, between minus and plus the square root of 3; for one shape and seed always the same.
///
/// burn draws from one source for the whole process, which parallel tests would take turns in, so that no failure could be repeated.
/// Here every tensor has a source of its own; `clippy.toml` forbids the other way.
pub fn noise<const D: usize>(shape: [usize; D], seed: u64) -> TensorData {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let bound = 3_f32.sqrt();
    let count = shape.iter().product();
    TensorData::new((0..count).map(|_| random.random_range(-bound..bound)).collect::<Vec<f32>>(), shape)
}
