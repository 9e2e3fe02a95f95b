//! One row of pixels: from the fields' logits to each layer's share, and from shares to colours.
//!
//! Loops run along the row, a layer at a time, so that compilers make vector instructions of them.

use super::enlarge::Taps;
use super::fields::COLOUR;

/// Fields whose rows have been enlarged already, `[layers, side, size]`.
pub(super) struct Enlarged<'a> {
    pub rows: &'a [f32],
    pub side: usize,
    pub size: usize,
}

impl Enlarged<'_> {
    /// Each layer's share of each pixel in the row that `taps` is of: `[layers, size]`, summing to one for each pixel.
    #[inline(always)]
    pub fn shares(&self, taps: &Taps, sharpness: f32, shares: &mut [f32], scratch: &mut Scratch) {
        let Self { rows, side, size } = *self;
        let [a, b, c, d] = taps.weights.map(|weight| weight * sharpness);
        let Scratch { most, sum } = scratch;
        most.fill(f32::MIN);
        for (layer, logits) in shares.chunks_exact_mut(size).enumerate() {
            let [w, x, y, z] = taps.at.map(|at| &rows[(layer * side + at) * size..][..size]);
            let most = &mut most[..size];
            for i in 0..size {
                let logit = a * w[i] + b * x[i] + c * y[i] + d * z[i];
                logits[i] = logit;
                most[i] = if most[i] > logit { most[i] } else { logit };
            }
        }
        sum.fill(0.0);
        for shares in shares.chunks_exact_mut(size) {
            let (most, sum) = (&most[..size], &mut sum[..size]);
            for i in 0..size {
                shares[i] = exp(shares[i] - most[i]);
                sum[i] += shares[i];
            }
        }
        for value in sum.iter_mut() {
            *value = 1.0 / *value;
        }
        for shares in shares.chunks_exact_mut(size) {
            shares.iter_mut().zip(sum.iter()).for_each(|(share, sum)| *share *= sum);
        }
    }
}

/// What a row needs room for.
pub(super) struct Scratch {
    most: Vec<f32>,
    sum: Vec<f32>,
}

impl Scratch {
    pub fn new(size: usize) -> Self {
        Self { most: vec![0.0; size], sum: vec![0.0; size] }
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
