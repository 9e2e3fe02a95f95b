//! Convolutions of 3 x 3 with 16 multiplications where the plain way takes 36, for drawing on the CPU.
//!
//! Four neighbouring values of a drawn map are made together, from the 4 x 4 values that their kernels see (Winograd's minimal filtering
//! F(2 x 2, 3 x 3), Lavin and Gray 2016). Seen values and filters are transformed, and a product of matrices for each of the 16 places
//! does the rest; the filters are transformed once, when a model is opened. Rounding differs in the last digits, so training, whose
//! gradients are worked out the plain way, does without.

use burn::prelude::*;

/// Values that are made together, along a side.
const MADE: usize = 2;
/// Values that they are made of, along a side.
const SEEN: usize = 4;
const PLACES: usize = SEEN * SEEN;

/// The filters of a convolution of 3 x 3, stride 1 and padding 1.
#[derive(Debug, Clone)]
pub(crate) struct Filters {
    /// `[16, channels_out, channels_in]`
    transformed: Tensor<3>,
}

impl Filters {
    /// # Shapes
    /// `[channels_out, channels_in, 3, 3]`
    pub fn of(weight: Tensor<4>) -> Self {
        let ([channels_out, channels_in, ..], device) = (weight.dims(), weight.device());
        let weight: Vec<f32> = weight.into_data().iter().collect();
        let filters = channels_out * channels_in;
        let mut transformed = vec![0.0; PLACES * filters];
        for (filter, weight) in weight.chunks_exact(9).enumerate() {
            let across: [[f32; SEEN]; 3] =
                std::array::from_fn(|row| halves([weight[3 * row], weight[3 * row + 1], weight[3 * row + 2]]));
            for right in 0..SEEN {
                for (down, value) in halves(across.map(|row| row[right])).into_iter().enumerate() {
                    transformed[(down * SEEN + right) * filters + filter] = value;
                }
            }
        }
        let shape = [PLACES, channels_out, channels_in];
        Self { transformed: Tensor::from_data(TensorData::new(transformed, shape), &device) }
    }

    /// # Shapes
    /// - x: `[batch, channels_in, height, width]`, even sides
    /// - bias: `[channels_out]`
    /// - result: `[batch, channels_out, height, width]`
    pub fn convolve(&self, x: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
        let ([batch, channels_in, height, width], device) = (x.dims(), x.device());
        let [_, channels_out, _] = self.transformed.dims();
        let maps = Maps { batch, height, width };
        let with_values = |data: TensorData, use_: &dyn Fn(&[f32]) -> Vec<f32>| match data.as_slice() {
            Ok(values) => use_(values),
            Err(_) => use_(&data.iter().collect::<Vec<f32>>()),
        };
        let seen = with_values(x.into_data(), &|x| maps.seen(x, channels_in));
        let seen = Tensor::<3>::from_data(TensorData::new(seen, [PLACES, channels_in, maps.tiles()]), &device);
        let bias: Vec<f32> = bias.into_data().iter().collect();
        let drawn = with_values(self.transformed.clone().matmul(seen).into_data(), &|products| maps.made(products, &bias));
        Tensor::from_data(TensorData::new(drawn, [batch, channels_out, height, width]), &device)
    }
}

/// A filter's row or column: G g.
fn halves([a, b, c]: [f32; 3]) -> [f32; SEEN] {
    [a, (a + b + c) / 2.0, (a - b + c) / 2.0, c]
}

/// Of one size, for all channels.
struct Maps {
    batch: usize,
    height: usize,
    width: usize,
}

impl Maps {
    fn area(&self) -> usize {
        self.height * self.width
    }

    fn tiles(&self) -> usize {
        self.batch * self.area() / (MADE * MADE)
    }

    /// B' d B for every tile d: `[batch, channels, height, width]` to `[16, channels, tiles]`.
    fn seen(&self, x: &[f32], channels: usize) -> Vec<f32> {
        let (across, tiles) = (self.width / MADE, self.tiles());
        let mut seen = vec![0.0; PLACES * channels * tiles];
        // A row of what is seen, with the border; the values at even places, and those at odd ones.
        let border = vec![0.0; self.width];
        let (mut row, mut even, mut odd) = (vec![0.0; self.width + 2], vec![0.0; across + 1], vec![0.0; across + 1]);
        for (index, map) in x.chunks_exact(self.area()).enumerate() {
            let (picture, channel) = (index / channels, index % channels);
            for tile_row in 0..self.height / MADE {
                let line = |down: usize| match (MADE * tile_row + down).checked_sub(1) {
                    Some(y) if y < self.height => &map[y * self.width..][..self.width],
                    _ => &border[..],
                };
                let [a, b, c, d] = [0, 1, 2, 3].map(line);
                let first_tile = (picture * (self.height / MADE) + tile_row) * across;
                for down in 0..SEEN {
                    let inner = &mut row[1..=self.width];
                    match down {
                        0 => combine(inner, a, c, |a, c| a - c),
                        1 => combine(inner, b, c, |b, c| b + c),
                        2 => combine(inner, b, c, |b, c| c - b),
                        _ => combine(inner, b, d, |b, d| b - d),
                    }
                    for ((pair, even), odd) in row.chunks_exact(2).zip(&mut even).zip(&mut odd) {
                        (*even, *odd) = (pair[0], pair[1]);
                    }
                    let place = |right: usize| {
                        let start = ((down * SEEN + right) * channels + channel) * tiles + first_tile;
                        start..start + across
                    };
                    let [(here_even, next_even), (here_odd, next_odd)] =
                        [&even, &odd].map(|values| (&values[..across], &values[1..]));
                    combine(&mut seen[place(0)], here_even, next_even, |a, c| a - c);
                    combine(&mut seen[place(1)], here_odd, next_even, |b, c| b + c);
                    combine(&mut seen[place(2)], here_odd, next_even, |b, c| c - b);
                    combine(&mut seen[place(3)], here_odd, next_odd, |b, d| b - d);
                }
            }
        }
        seen
    }

    /// A' m A for every tile, and the bias: `[16, channels, tiles]` to `[batch, channels, height, width]`.
    fn made(&self, products: &[f32], bias: &[f32]) -> Vec<f32> {
        let (across, tiles, channels) = (self.width / MADE, self.tiles(), bias.len());
        let mut made = vec![0.0; self.batch * channels * self.area()];
        let mut halves: [Vec<f32>; SEEN] = std::array::from_fn(|_| vec![0.0; across]);
        for (index, map) in made.chunks_exact_mut(self.area()).enumerate() {
            let (picture, channel) = (index / channels, index % channels);
            let bias = bias[channel];
            for (y, line) in map.chunks_exact_mut(self.width).enumerate() {
                let first_tile = (picture * (self.height / MADE) + y / MADE) * across;
                for (right, half) in halves.iter_mut().enumerate() {
                    let place =
                        |down: usize| &products[((down * SEEN + right) * channels + channel) * tiles + first_tile..][..across];
                    // The upper row of a tile is a + b + c, the lower one b - c - d; so are left and right below.
                    let (rows, sign) = if y % MADE == 0 { ([0, 1, 2], 1.0) } else { ([1, 2, 3], -1.0) };
                    let [first, second, third] = rows.map(place);
                    for (((half, first), second), third) in half.iter_mut().zip(first).zip(second).zip(third) {
                        *half = first + sign * (second + third);
                    }
                }
                let [a, b, c, d] = &halves;
                for ((((pair, a), b), c), d) in line.chunks_exact_mut(2).zip(a).zip(b).zip(c).zip(d) {
                    (pair[0], pair[1]) = (a + b + c + bias, b - c - d + bias);
                }
            }
        }
        made
    }
}

fn combine(to: &mut [f32], from: &[f32], other: &[f32], how: impl Fn(f32, f32) -> f32) {
    for ((to, from), other) in to.iter_mut().zip(from).zip(other) {
        *to = how(*from, *other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;
    use testing::noise;

    #[test]
    fn it_is_the_plain_convolution() {
        let device = Device::flex();
        let random = |shape: [usize; 4], seed| Tensor::<4>::from_data(noise(shape, seed), &device);
        for (batch, channels_in, channels_out, height, width) in
            [(1, 3, 5, 8, 8), (2, 16, 8, 4, 6), (1, 1, 1, 2, 2), (1, 32, 48, 32, 32)]
        {
            let (x, weight) = (random([batch, channels_in, height, width], 1), random([channels_out, channels_in, 3, 3], 2));
            let bias = Tensor::<1>::from_data(noise([channels_out], 3), &device);
            let found = Filters::of(weight.clone()).convolve(x.clone(), bias.clone());
            let plain = conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
            found.into_data().assert_approx_eq::<f32>(&plain.into_data(), Tolerance::rel_abs(1e-4, 1e-4));
        }
    }
}
