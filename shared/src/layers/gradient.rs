//! The derivative of the renderer, for training on the CPU: one pass over a picture's pixels, where tensors would take some twenty.
//!
//! With g what a loss wants of a pixel's channels, p its shares, and l = s cubic(F) its logits:
//!
//! ```text
//! dL/dp_k = g_rgb . c_k  (k > 0),  - g_alpha  (k = 0),  and  - 2 g_undecided p_k
//! dL/dl_k = p_k (dL/dp_k - sum over j of p_j dL/dp_j)
//! dL/dF   = s cubic^T(dL/dl)                 dL/dc_k = sum over pixels of g_rgb p_k (1, u, v)
//! ```

use super::enlarge::{rows, rows_transposed, taps};
use super::fields::{CHANNELS, COLOUR, sharpness};
use super::pixels::{Enlarged, Scratch, colour, place};
use super::render::Drawing;

/// Values that are summed side by side, so that sums become vector instructions.
const LANES: usize = 16;

impl Drawing<'_> {
    /// What a loss wants of fields and colours that wants `wanted` (`[channels, size, size]`) of the picture: `[layers, side, side]` and
    /// `[layers, 9]`.
    pub fn gradients(&self, wanted: &[f32]) -> (Vec<f32>, Vec<f32>) {
        pulp::Arch::new().dispatch(Gradients { drawing: self, wanted })
    }
}

struct Gradients<'a, 'b> {
    drawing: &'a Drawing<'b>,
    wanted: &'a [f32],
}

impl pulp::NullaryFnOnce for Gradients<'_, '_> {
    type Output = (Vec<f32>, Vec<f32>);

    // Else it would be compiled once, for the oldest of processors.
    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { drawing, wanted } = self;
        let (fine, layers, side) = (drawing.fine(), drawing.layers(), drawing.side);
        let (size, times, colours) = (drawing.size, drawing.times, drawing.colours);
        let taps = taps(side, fine);
        let enlarged = rows(drawing.fields, side, &taps);
        let enlarged = Enlarged { rows: &enlarged, side, size: fine };
        let (mut shares, mut scratch) = (vec![0.0; layers * fine], Scratch::new(fine));
        let places: Vec<f32> = (0..fine).map(|x| place(x, fine)).collect();
        let mut of_rows = vec![0.0; layers * side * fine];
        let mut of_colours = vec![0.0; layers * COLOUR];
        let mut of_shares = vec![0.0; layers * fine];
        let (mut wants, mut mean) = (vec![0.0; CHANNELS * fine], vec![0.0; fine]);
        let scale = 1.0 / (times * times) as f32;
        for (y, taps) in taps.iter().enumerate() {
            let v = place(y, fine);
            enlarged.shares(taps, sharpness(fine), &mut shares, &mut scratch);
            for (channel, wants) in wants.chunks_exact_mut(fine).enumerate() {
                let row = &wanted[(channel * size + y / times) * size..][..size];
                for (wants, want) in wants.chunks_exact_mut(times).zip(row) {
                    wants.fill(want * scale);
                }
            }
            let [red, green, blue, alpha, undecided] = std::array::from_fn(|channel| &wants[channel * fine..][..fine]);
            let places = &places[..fine];
            mean.fill(0.0);
            for (layer, (of_shares, shares)) in of_shares.chunks_exact_mut(fine).zip(shares.chunks_exact(fine)).enumerate() {
                let mean = &mut mean[..fine];
                if layer == 0 {
                    for i in 0..fine {
                        of_shares[i] = -alpha[i] - 2.0 * undecided[i] * shares[i];
                        mean[i] += shares[i] * of_shares[i];
                    }
                    continue;
                }
                let [(r, r_slope), (g, g_slope), (b, b_slope)] =
                    std::array::from_fn(|channel| colour(colours, layer, channel, v));
                for i in 0..fine {
                    let u = places[i];
                    let of_colour = red[i] * (r + r_slope * u) + green[i] * (g + g_slope * u) + blue[i] * (b + b_slope * u);
                    of_shares[i] = of_colour - 2.0 * undecided[i] * shares[i];
                    mean[i] += shares[i] * of_shares[i];
                }
                let of_colour = &mut of_colours[layer * COLOUR..][..COLOUR];
                for (channel, wants) in [red, green, blue].into_iter().enumerate() {
                    let [sum, along] = sums(wants, shares, places);
                    of_colour[channel] += sum;
                    of_colour[3 + channel] += along;
                    of_colour[6 + channel] += sum * v;
                }
            }
            let weights = taps.weights.map(|weight| weight * sharpness(fine));
            for (layer, (of_shares, shares)) in of_shares.chunks_exact_mut(fine).zip(shares.chunks_exact(fine)).enumerate() {
                let mean = &mean[..fine];
                for i in 0..fine {
                    of_shares[i] = shares[i] * (of_shares[i] - mean[i]);
                }
                for (at, weight) in taps.at.into_iter().zip(weights) {
                    let of_row = &mut of_rows[(layer * side + at) * fine..][..fine];
                    for i in 0..fine {
                        of_row[i] += weight * of_shares[i];
                    }
                }
            }
        }
        let mut of_fields = vec![0.0; layers * side * side];
        rows_transposed(&of_rows, side, &taps, &mut of_fields);
        (of_fields, of_colours)
    }
}

/// The sum of a b, and of a b c.
#[inline(always)]
fn sums(a: &[f32], b: &[f32], c: &[f32]) -> [f32; 2] {
    let (mut plain, mut weighed) = ([0.0; LANES], [0.0; LANES]);
    let all = a.chunks(LANES).zip(b.chunks(LANES)).zip(c.chunks(LANES));
    for ((a, b), c) in all {
        if let (Some(a), Some(b), Some(c)) = (a.first_chunk::<LANES>(), b.first_chunk::<LANES>(), c.first_chunk::<LANES>()) {
            for i in 0..LANES {
                let product = a[i] * b[i];
                plain[i] += product;
                weighed[i] += product * c[i];
            }
        } else {
            for ((a, b), c) in a.iter().zip(b).zip(c) {
                plain[0] += a * b;
                weighed[0] += a * b * c;
            }
        }
    }
    [plain.iter().sum(), weighed.iter().sum()]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{noise, random_layers};
    use super::*;

    /// Central differences of the sum of all channels times what is wanted of them.
    #[test]
    fn gradients_are_finite_differences() {
        let (side, size) = (6, 40);
        let layers = random_layers(3, side, 5);
        let wanted = noise(CHANNELS * size * size, 9);
        let value = |fields: &[f32], colours: &[f32]| {
            let mut sum = 0.0_f64;
            Drawing::of(fields, side, colours, size).rows(|y, channels| {
                for (channel, row) in channels.chunks_exact(size).enumerate() {
                    let wanted = &wanted[(channel * size + y) * size..][..size];
                    sum += row.iter().zip(wanted).map(|(a, b)| f64::from(a * b)).sum::<f64>();
                }
            });
            sum
        };
        let (of_fields, of_colours) = Drawing::of(layers.fields(), side, layers.colours(), size).gradients(&wanted);
        let step = 1e-2;
        let moved = |values: &[f32], index: usize, by: f32| {
            let mut values = values.to_vec();
            values[index] += by;
            values
        };
        for index in (0..of_fields.len()).step_by(7) {
            let at = |by| value(&moved(layers.fields(), index, by), layers.colours());
            let expected = (at(step) - at(-step)) / f64::from(2.0 * step);
            assert!((f64::from(of_fields[index]) - expected).abs() < 2e-2 + 0.02 * expected.abs(), "{index}: {expected}");
        }
        for (index, gradient) in of_colours.iter().enumerate() {
            let at = |by| value(layers.fields(), &moved(layers.colours(), index, by));
            let expected = (at(step) - at(-step)) / f64::from(2.0 * step);
            assert!((f64::from(*gradient) - expected).abs() < 2e-2 + 0.02 * expected.abs(), "{index}: {expected}");
        }
    }
}
