//! The derivative of the renderer, for training on the CPU: one pass over a picture's pixels, where tensors would take some twenty.
//!
//! With g what a loss wants of a pixel's channels, p its shares, and l = s cubic(F) its logits:
//!
//! ```text
//! dL/dp_k = g_rgb . c_k  (k > 0),  - g_alpha  (k = 0),  and  - 2 g_undecided p_k
//! dL/dl_k = p_k (dL/dp_k - sum over j of p_j dL/dp_j)
//! dL/dF   = s cubic^T(dL/dl)                 dL/dc_k = sum over pixels of g_rgb p_k (1, u, v)
//! ```

use super::enlarge::{row_transposed, taps};
use super::fields::{CHANNELS, COLOUR, sharpness};
use super::pixels::{Enlarged, LANES, Lanes, Scratch, colour, each, is_absent, place};
use super::render::{Drawing, places};

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
        let groups = fine.div_ceil(LANES);
        let room = |rows: usize| vec![[0.0; LANES]; rows * groups];
        let taps = taps(side, fine);
        let enlarged = Enlarged::of(drawing.fields, side, &taps);
        let (mut shares, mut scratch, places) = (room(layers), Scratch::new(fine), places(0..fine, fine));
        let (mut of_shares, mut wants, mut mean) = (room(layers), room(CHANNELS), room(1));
        let mut of_rows = room(layers * side);
        let mut of_colours = vec![0.0; layers * COLOUR];
        let scale = 1.0 / (times * times) as f32;
        for (y, taps) in taps.iter().enumerate() {
            let v = place(y, fine);
            enlarged.shares(taps, sharpness(fine), &mut shares, &mut scratch);
            for (channel, wants) in wants.chunks_exact_mut(groups).enumerate() {
                let row = &wanted[(channel * size + y / times) * size..][..size];
                repeat(row, times, scale, wants.as_flattened_mut());
            }
            let [red, green, blue, alpha, undecided] = std::array::from_fn(|channel| &wants[channel * groups..][..groups]);
            for ((((mean, of_share), share), alpha), undecided) in
                mean.iter_mut().zip(&mut of_shares).zip(&shares).zip(alpha).zip(undecided)
            {
                *of_share = each(|i| -alpha[i] - 2.0 * undecided[i] * share[i]);
                *mean = each(|i| share[i] * of_share[i]);
            }
            let coloured = of_shares.chunks_exact_mut(groups).zip(shares.chunks_exact(groups)).enumerate().skip(1);
            for (layer, (of_shares, shares)) in coloured {
                let [(r, r_slope), (g, g_slope), (b, b_slope)] =
                    std::array::from_fn(|channel| colour(colours, layer, channel, v));
                let wants = red.iter().zip(green).zip(blue).zip(undecided).zip(&places);
                for (((mean, of_share), share), ((((red, green), blue), undecided), u)) in
                    mean.iter_mut().zip(of_shares).zip(shares).zip(wants)
                {
                    if is_absent(share) {
                        continue;
                    }
                    *of_share = each(|i| {
                        let of_colour =
                            red[i] * (r + r_slope * u[i]) + green[i] * (g + g_slope * u[i]) + blue[i] * (b + b_slope * u[i]);
                        of_colour - 2.0 * undecided[i] * share[i]
                    });
                    *mean = each(|i| mean[i] + share[i] * of_share[i]);
                }
                let of_colour = &mut of_colours[layer * COLOUR..][..COLOUR];
                for (channel, wants) in [red, green, blue].into_iter().enumerate() {
                    let [sum, along] = sums(wants, shares, &places);
                    of_colour[channel] += sum;
                    of_colour[3 + channel] += along;
                    of_colour[6 + channel] += sum * v;
                }
            }
            let weights = taps.weights.map(|weight| weight * sharpness(fine));
            for (layer, (of_shares, shares)) in of_shares.chunks_exact_mut(groups).zip(shares.chunks_exact(groups)).enumerate() {
                let present = || shares.iter().map(|share| !is_absent(share));
                for (((of_share, share), mean), _) in
                    of_shares.iter_mut().zip(shares).zip(&mean).zip(present()).filter(|(_, it)| *it)
                {
                    *of_share = each(|i| share[i] * (of_share[i] - mean[i]));
                }
                for (at, weight) in taps.at.into_iter().zip(weights) {
                    let of_row = &mut of_rows[(layer * side + at) * groups..][..groups];
                    for ((of_row, of_share), _) in of_row.iter_mut().zip(&*of_shares).zip(present()).filter(|(_, it)| *it) {
                        *of_row = each(|i| of_row[i] + weight * of_share[i]);
                    }
                }
            }
        }
        let mut of_fields = vec![0.0; layers * side * side];
        for (of_row, of_fields) in of_rows.chunks_exact(groups).zip(of_fields.chunks_exact_mut(side)) {
            row_transposed(of_row.as_flattened(), &taps, of_fields);
        }
        (of_fields, of_colours)
    }
}

/// Each value `times` times, multiplied by `scale`.
#[inline(always)]
fn repeat(values: &[f32], times: usize, scale: f32, repeated: &mut [f32]) {
    match times {
        // The usual case: of pairs, whose length is known beforehand, compilers make vector instructions.
        2 => {
            for (pair, value) in repeated.as_chunks_mut::<2>().0.iter_mut().zip(values) {
                *pair = [value * scale; 2];
            }
        }
        _ => {
            for (all, value) in repeated.chunks_exact_mut(times).zip(values) {
                all.fill(value * scale);
            }
        }
    }
}

/// The sum of a b, and of a b c.
#[inline(always)]
fn sums(a: &[Lanes], b: &[Lanes], c: &[Lanes]) -> [f32; 2] {
    let (mut plain, mut weighed) = ([0.0; LANES], [0.0; LANES]);
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        if is_absent(b) {
            continue;
        }
        let product = each(|i| a[i] * b[i]);
        plain = each(|i| plain[i] + product[i]);
        weighed = each(|i| weighed[i] + product[i] * c[i]);
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
            Drawing::of(fields, side, colours, size).each(|y, channels| {
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
