//! A step's batch in parts that threads work on side by side.
//!
//! On the CPU a product of matrices uses every core, but what lies between the products does not: with two cores a step took two thirds of
//! its time with one. All losses are means over samples, so the total of a part, weighted by the part's share of the batch, has gradients
//! that sum to those of the whole, within rounding. Each part has weights with a graph of their own, or one would wait for the other's.

use std::ops::Range;

use burn::module::{ModuleVisitor, Param};
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::prelude::*;
use burn::tensor::Gradients;
use rayon::prelude::*;

use super::batch::Batch;
use crate::train::losses::{Term, total};
use crate::train::metrics::Metrics;

/// Samples that make a thread worth its own copy of all gradients.
const FEWEST: usize = 8;

/// A part of a step's batch.
pub(super) struct Shard {
    pub batch: Batch,
    /// What part of the whole it is, from 0 to 1.
    share: f64,
    device: Device,
}

impl Shard {
    /// A batch in as many parts as there are threads for on the CPU; whole elsewhere.
    pub fn of(batch: Batch, device: &Device) -> Vec<Self> {
        let threads = if *device == Device::flex() { rayon::current_num_threads() } else { 1 };
        Self::cut(batch, threads, device)
    }

    /// A batch in at most so many parts, of [`FEWEST`] samples or more each.
    pub fn cut(batch: Batch, parts: usize, device: &Device) -> Vec<Self> {
        let samples = batch.negatives.len();
        let shard = |batch, share| Self { batch, share, device: device.clone() };
        match ranges(samples, parts).as_slice() {
            [_] => vec![shard(batch, 1.0)],
            ranges => ranges.iter().map(|range| shard(batch.part(range.clone()), range.len() as f64 / samples as f64)).collect(),
        }
    }

    /// The same weights, with a graph of their own.
    pub fn fork<M: Module>(&self, module: &M) -> M {
        module.clone().fork(&self.device)
    }

    /// Gradients of the weighted sum of terms; `None` of none.
    pub fn backward(&self, terms: Vec<Term>, metrics: &mut Metrics) -> Option<Gradients> {
        Some((total(terms, metrics)? * self.share).backward())
    }
}

/// Ranges that cover so many samples. They begin at even ones: pairs are each other's negatives.
fn ranges(samples: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.clamp(1, (samples / FEWEST).max(1));
    let start = |part: usize| if part == parts { samples } else { part * samples / parts / 2 * 2 };
    (0..parts).map(|part| start(part)..start(part + 1)).collect()
}

/// What `work` makes of each part, in their order.
pub(super) fn side_by_side<T: Send, R: Send>(parts: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    match parts.len() {
        1 => parts.into_iter().map(work).collect(),
        _ => parts.into_par_iter().map(work).collect(),
    }
}

/// Several gradients of a module's weights in one.
pub(super) fn summed<M: Module>(module: &M, parts: impl IntoIterator<Item = GradientsParams>) -> GradientsParams {
    let mut sum = GradientsAccumulator::new();
    parts.into_iter().for_each(|part| sum.accumulate(module, part));
    sum.grads()
}

/// The gradients of the weights of `part`, which are not among the others any more.
pub(super) fn taken<M: Module>(part: &M, from: &mut GradientsParams) -> GradientsParams {
    struct Taking<'a> {
        from: &'a mut GradientsParams,
        taken: GradientsParams,
    }
    impl ModuleVisitor for Taking<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.from.remove::<D>(param.id) {
                self.taken.register(param.id, gradient);
            }
        }
    }
    let mut taking = Taking { from, taken: GradientsParams::new() };
    part.visit(&mut taking);
    taking.taken
}

/// The gradients that all parts found for a module's weights. What they measured, which is the same in each, is logged as its mean over
/// the whole batch.
pub(super) fn gathered<M: Module>(
    module: &M,
    shards: &[Shard],
    parts: Vec<(Option<GradientsParams>, Metrics)>,
    log: &mut Metrics,
) -> GradientsParams {
    let (gradients, metrics): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    // Detached, or a sum would join the graphs of its parts.
    let weighted = |(shard, metrics): (&Shard, Metrics)| -> Metrics {
        metrics.into_iter().map(|(name, value)| (name, value.detach() * shard.share)).collect()
    };
    let sum = |a: Metrics, b: Metrics| a.into_iter().zip(b).map(|((name, a), (_, b))| (name, a + b)).collect();
    log.extend(shards.iter().zip(metrics).map(weighted).reduce(sum).unwrap_or_default());
    summed(module, gradients.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_batch_and_begin_at_even_samples() {
        assert_eq!(ranges(32, 2), [0..16, 16..32]);
        assert_eq!(ranges(30, 3), [0..10, 10..20, 20..30]);
        assert_eq!(ranges(33, 4), [0..8, 8..16, 16..24, 24..33]);
        for (samples, parts) in [(4, 16), (16, 0)] {
            let whole = 0..samples;
            assert_eq!(ranges(samples, parts), [whole]);
        }
    }
}
