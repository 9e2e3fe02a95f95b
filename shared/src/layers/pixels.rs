//! One row of pixels: from the fields' logits to each layer's share, and from shares to colours.
//!
//! Rows are cut into groups of as many pixels as an array holds, the last one filled up: of arrays of a known length compilers make vector
//! instructions, of slices they do not.

use super::enlarge::{Taps, rows};
use super::fields::COLOUR;

/// Pixels in a group: a vector of 256 bits.
pub(super) const LANES: usize = 8;

/// A number of each pixel in a group.
pub(super) type Lanes = [f32; LANES];

/// What is worked out for each pixel in a group.
#[inline(always)]
pub(super) fn each(of: impl Fn(usize) -> f32) -> Lanes {
    let mut lanes = [0.0; LANES];
    for (index, lane) in lanes.iter_mut().enumerate() {
        *lane = of(index);
    }
    lanes
}

/// A layer whose logits are so far below the highest has no share: less than 5e-8, which cannot be seen.
const ABSENT: f32 = -17.0;

/// Whether a layer has no share in any of these pixels. Most layers have none in most groups, and need not be looked at there.
#[inline(always)]
pub(super) fn is_absent(shares: &Lanes) -> bool {
    shares.iter().fold(0, |bits, share| bits | share.to_bits()) == 0
}

/// Rows of so many values in groups, what fills the last ones up being nought.
#[inline(always)]
pub(super) fn grouped(values: &[f32], size: usize) -> Vec<Lanes> {
    let mut groups = vec![[0.0; LANES]; values.len() / size * size.div_ceil(LANES)];
    for (groups, row) in groups.chunks_exact_mut(size.div_ceil(LANES)).zip(values.chunks_exact(size)) {
        for (group, values) in groups.iter_mut().zip(row.chunks(LANES)) {
            group[..values.len()].copy_from_slice(values);
        }
    }
    groups
}

/// Fields whose rows have been enlarged.
pub(super) struct Enlarged {
    /// `[layers, side, groups]`
    rows: Vec<Lanes>,
    side: usize,
    /// In a row.
    groups: usize,
}

impl Enlarged {
    /// Of fields `[layers, side, side]`.
    #[inline(always)]
    pub fn of(fields: &[f32], side: usize, taps: &[Taps]) -> Self {
        let size = taps.len();
        Self { rows: grouped(&rows(fields, side, taps), size), side, groups: size.div_ceil(LANES) }
    }

    /// Each layer's share of each pixel in the row that `taps` is of: `[layers, groups]`, summing to one for each pixel.
    #[inline(always)]
    pub fn shares(&self, taps: &Taps, sharpness: f32, shares: &mut [Lanes], scratch: &mut Scratch) {
        let Self { side, groups, .. } = *self;
        let [a, b, c, d] = taps.weights.map(|weight| weight * sharpness);
        let Scratch { most, sum } = scratch;
        most.fill([f32::MIN; LANES]);
        for (layer, logits) in shares.chunks_exact_mut(groups).enumerate() {
            let [w, x, y, z] = taps.at.map(|at| &self.rows[(layer * side + at) * groups..][..groups]);
            let neighbours = w.iter().zip(x).zip(y).zip(z);
            for ((logit, most), (((w, x), y), z)) in logits.iter_mut().zip(most.iter_mut()).zip(neighbours) {
                *logit = each(|i| a * w[i] + b * x[i] + c * y[i] + d * z[i]);
                *most = each(|i| if most[i] > logit[i] { most[i] } else { logit[i] });
            }
        }
        sum.fill([0.0; LANES]);
        for shares in shares.chunks_exact_mut(groups) {
            for ((share, most), sum) in shares.iter_mut().zip(most.iter()).zip(sum.iter_mut()) {
                let below = each(|i| share[i] - most[i]);
                if below.iter().fold(f32::MIN, |highest, below| if *below > highest { *below } else { highest }) < ABSENT {
                    *share = [0.0; LANES];
                    continue;
                }
                *share = each(|i| exp(below[i]));
                *sum = each(|i| sum[i] + share[i]);
            }
        }
        for sum in sum.iter_mut() {
            *sum = each(|i| 1.0 / sum[i]);
        }
        for shares in shares.chunks_exact_mut(groups) {
            for (share, sum) in shares.iter_mut().zip(sum.iter()) {
                *share = each(|i| share[i] * sum[i]);
            }
        }
    }
}

/// What a row needs room for.
pub(super) struct Scratch {
    most: Vec<Lanes>,
    sum: Vec<Lanes>,
}

impl Scratch {
    pub fn new(size: usize) -> Self {
        let groups = size.div_ceil(LANES);
        Self { most: vec![[0.0; LANES]; groups], sum: vec![[0.0; LANES]; groups] }
    }
}

/// A channel of a layer's colour along a row: its value in the middle of the row, and by how much it changes to the border.
#[inline(always)]
pub(super) fn colour(colours: &[f32], layer: usize, channel: usize, v: f32) -> (f32, f32) {
    let colour = &colours[layer * COLOUR..][..COLOUR];
    (colour[channel] + colour[6 + channel] * v, colour[3 + channel])
}

/// Where pixel `index` of `size` lies, from -1 to 1.
#[inline(always)]
pub(super) fn place(index: usize, size: usize) -> f32 {
    (2.0 * index as f32 + 1.0) / size as f32 - 1.0
}

/// e to the power of x, for x not above nought: within 10 millionths, without a branch.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding so much leaves no place for what is behind the point, and the rounded number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 } * std::f32::consts::LOG2_E;
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let power =
        1.0 + f * (std::f32::consts::LN_2 + f * (0.240_226_5 + f * (0.055_504_11 + f * (0.009_618_13 + f * 0.001_333_36))));
    power * f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_the_standard_library() {
        for step in 0..=8700 {
            let x = -(step as f32) / 100.0;
            let (found, expected) = (exp(x), x.exp());
            assert!((found - expected).abs() <= 1e-5 * expected, "e^{x}: {found} instead of {expected}");
        }
        assert!(exp(-1e9) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(exp(0.0), 1.0);
    }
}
