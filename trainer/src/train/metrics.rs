//! What a step says of itself.

use burn::prelude::*;

/// Named values of one step, still on the device: reading them every step would stall it.
pub type Metrics = Vec<(&'static str, Tensor<1>)>;
