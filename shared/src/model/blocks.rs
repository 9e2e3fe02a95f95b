//! The few building blocks that generator, image encoder and heads share.

use burn::module::Param;
use burn::nn::Initializer;
use burn::prelude::*;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;

use crate::kernels::convolution::convolve;
use crate::kernels::leaky_relu::LEAK;
pub(crate) use crate::kernels::leaky_relu::leaky_relu;
#[cfg(feature = "cpu")]
use crate::kernels::winograd::Filters;

/// Power iterations for a spectral norm. Each starts afresh, so there is no state to save and a forward pass stays a function of
/// the weights. Four come within a tenth of it (see the test), which is as good as exact for a bound, at a thousandth of a step's cost.
const POWER_ITERATIONS: usize = 4;

/// Initial weights for a layer that reads rectified values: what it makes of them varies as much as they did before they were
/// rectified (He et al. 2015). burn's and PyTorch's default lets a signal fade by half a layer, and a caption reaches the first
/// pixels through ten.
pub(crate) fn after_rectifier() -> Initializer {
    Initializer::KaimingUniform { gain: rectifier_gain(), fan_out_only: false }
}

fn rectifier_gain() -> f64 {
    (2.0 / (1.0 + LEAK * LEAK)).sqrt()
}

/// Initial weights for a layer that reads anything else, whose deviation it multiplies by `gain`.
pub(crate) fn scaled(gain: f64) -> Initializer {
    Initializer::KaimingUniform { gain, fan_out_only: false }
}

/// Doubles both sides, repeating every value.
///
/// # Shapes
/// `[batch, channels, height, width]` to `[batch, channels, 2 height, 2 width]`
pub(crate) fn upsample(x: Tensor<4>) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    x.reshape([b, c, h, 1, w, 1]).expand([b, c, h, 2, w, 2]).reshape([b, c, 2 * h, 2 * w])
}

/// Halves both sides, averaging 2 x 2 values.
///
/// # Shapes
/// `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`
pub(crate) fn downsample(x: Tensor<4>) -> Tensor<4> {
    avg_pool2d(
        x,
        AvgPoolOptions { kernel_size: [2, 2], stride: [2, 2], padding: [(0, 0); 2], count_include_pad: true, ceil_mode: false },
    )
}

/// Lays feature vectors out as tiles of pixels.
///
/// # Shapes
/// `[batch, channels * tile * tile, height, width]` to `[batch, channels, tile * height, tile * width]`
pub(crate) fn depth_to_space(x: Tensor<4>, tile: usize) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    let channels = c / (tile * tile);
    x.reshape([b, channels, tile, tile, h, w]).permute([0, 1, 4, 2, 5, 3]).reshape([b, channels, h * tile, w * tile])
}

/// What a convolution sees of the map for each value it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel {
    side: usize,
    stride: usize,
    padding: usize,
}

impl Kernel {
    /// A position and its eight neighbours; keeps the map's size.
    pub const NEIGHBOURS: Self = Self { side: 3, stride: 1, padding: 1 };
    /// A position alone.
    pub const POINT: Self = Self { side: 1, stride: 1, padding: 0 };

    /// Tiles of 4 x 4 that overlap by half; halves the map. Each position is in four of them, so that no grid shows in what is learnt.
    pub const OVERLAPPING: Self = Self { side: 4, stride: 2, padding: 1 };

    /// One tile after another.
    pub const fn tile(side: usize) -> Self {
        Self { side, stride: side, padding: 0 }
    }
}

/// What a convolution's weight must obey in every forward pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Constraint {
    /// Each filter sums to nothing and has a fixed length (weight standardisation, Qiao et al. 2019, with the gain of Brock et al. 2021).
    /// Rectified features have positive means, which filters add up from layer to layer until all pictures look the same to the last
    /// one; a filter that sums to nothing lets only differences pass. Nothing has to be known of the batch, as normalising it would.
    pub centred: bool,
    /// The weight is divided by its spectral norm. That bounds how fast a discriminator can change (Miyato et al. 2018; the paper's code
    /// has it on every convolution of the image encoder and the heads).
    pub bounded: bool,
}

/// A convolution with a square kernel.
#[derive(Module, Debug)]
pub struct Conv2d {
    weight: Param<Tensor<4>>, // [channels_out, channels_in, kernel, kernel]
    bias: Param<Tensor<1>>,   // [channels_out]
    stride: usize,
    padding: usize,
    centred: bool,
    bounded: bool,
    #[cfg(feature = "cpu")]
    #[module(skip)]
    transformed: Option<Filters>,
}

impl Conv2d {
    /// A convolution from `channels[0]` to `channels[1]`.
    pub fn new(channels: [usize; 2], kernel: Kernel, constraint: Constraint, device: &Device) -> Self {
        // Those that look around follow a rectifier here; the others read pixels or take a shortcut around it.
        let initial = if kernel == Kernel::NEIGHBOURS { after_rectifier() } else { scaled(1.0) };
        Self::with_initial(initial, channels, kernel, constraint, device)
    }

    /// The same with equal initial weights for all places of a tile that [`depth_to_space`] lays out, so that tiles begin without a pattern
    /// (Aitken et al. 2017, "ICNR").
    pub(crate) fn alike_in_tiles(self, tile: usize) -> Self {
        let weight = self.weight.val();
        let [channels_out, channels_in, height, width] = weight.dims();
        let places = tile * tile;
        let first = weight.reshape([channels_out / places, places, channels_in * height * width]).narrow(1, 0, 1);
        let alike = first.repeat_dim(1, places).reshape([channels_out, channels_in, height, width]);
        Self { weight: Param::from_tensor(alike.detach()), ..self }
    }

    /// The same with other initial weights.
    pub(crate) fn with_initial(
        initial: Initializer,
        [channels_in, channels_out]: [usize; 2],
        Kernel { side, stride, padding }: Kernel,
        Constraint { centred, bounded }: Constraint,
        device: &Device,
    ) -> Self {
        let inputs = channels_in * side * side;
        let weight = initial.init_with([channels_out, channels_in, side, side], Some(inputs), None, device);
        Self {
            weight,
            bias: Initializer::Zeros.init([channels_out], device),
            stride,
            padding,
            centred,
            bounded,
            #[cfg(feature = "cpu")]
            transformed: None,
        }
    }

    /// # Shapes
    /// - input: `[batch, channels_in, height, width]`
    /// - output: `[batch, channels_out, height / stride, width / stride]`, but for what a missing padding trims
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        #[cfg(feature = "cpu")]
        if let Some(filters) = &self.transformed {
            return filters.convolve(x, self.bias.val());
        }
        convolve(x, self.effective_weight(), self.bias.val(), self.stride, self.padding)
    }

    /// The same layer for drawing on the CPU: one that looks at neighbours has its filters transformed. Its maps must have even sides.
    #[cfg(feature = "cpu")]
    pub(crate) fn transformed(self) -> Self {
        let looks_around = self.weight.dims()[2] == 3 && (self.stride, self.padding) == (1, 1);
        let transformed = looks_around.then(|| Filters::of(self.effective_weight()));
        Self { transformed, ..self }
    }

    /// The weight that the forward pass uses: `[channels_out, channels_in, kernel, kernel]`.
    fn effective_weight(&self) -> Tensor<4> {
        let weight = self.weight.val();
        if !(self.centred || self.bounded) {
            return weight;
        }
        let shape = weight.dims();
        let mut filters = weight.flatten::<2>(1, 3);
        if self.centred {
            filters = centred(filters);
        }
        if self.bounded {
            let norm = spectral_norm(filters.clone());
            filters = filters / norm;
        }
        filters.reshape(shape)
    }

    /// The same layer with its constraints worked into the weight, for drawing.
    pub fn folded(self) -> Self {
        let weight = self.effective_weight();
        let (id, _, mapper) = self.weight.consume();
        Self { weight: Param::from_mapped_value(id, weight.detach(), mapper), centred: false, bounded: false, ..self }
    }
}

/// Each row moved to mean zero, and scaled so that independent inputs keep their variance through a rectifier and it.
///
/// # Shapes
/// `[filters, inputs]` to the same
fn centred(filters: Tensor<2>) -> Tensor<2> {
    let filters = filters.clone() - filters.mean_dim(1);
    let length = (filters.clone().square().sum_dim(1) + 1e-8).sqrt();
    filters / length * rectifier_gain()
}

/// Largest singular value of a matrix, differentiable in it, by power iteration from a sum of its rows. Each counts for less than the
/// one before: the values of a centred row sum to nothing, and so may whole rows.
///
/// # Shapes
/// `[rows, columns]` to `[1, 1]`
fn spectral_norm(matrix: Tensor<2>) -> Tensor<2> {
    let fixed = matrix.clone().detach();
    let [rows, _] = matrix.dims();
    let first = (Tensor::arange(0..rows as i64, &fixed.device()).float() + 1.0).recip().reshape([rows, 1]);
    let mut right = normalised(times(fixed.clone().transpose(), first)); // [columns, 1]
    let mut left = normalised(times(fixed.clone(), right.clone())); // [rows, 1]
    for _ in 0..POWER_ITERATIONS {
        right = normalised(times(fixed.clone().transpose(), left.clone()));
        left = normalised(times(fixed.clone(), right.clone()));
    }
    (left * times(matrix, right)).sum_dim(0)
}

/// A matrix times a vector. A GPU has kernels for products of matrices, which a vector leaves idle, and timing them for each shape is most
/// of what a first step takes; sums of products need none of that.
///
/// # Shapes
/// `[rows, columns]` and `[columns, 1]` to `[rows, 1]`
fn times(matrix: Tensor<2>, vector: Tensor<2>) -> Tensor<2> {
    match crate::kernels::on_cpu(&matrix.device()) {
        true => matrix.matmul(vector),
        false => (matrix * vector.transpose()).sum_dim(1),
    }
}

fn normalised(vector: Tensor<2>) -> Tensor<2> {
    let length = vector.clone().square().sum_dim(0).sqrt() + 1e-12;
    vector / length
}

/// Mean over the map.
///
/// # Shapes
/// `[batch, channels, height, width]` to `[batch, channels]`
pub fn spatial_mean(map: Tensor<4>) -> Tensor<2> {
    map.flatten::<3>(2, 3).mean_dim(2).squeeze_dim::<2>(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use testing::noise;

    fn device() -> Device {
        Device::flex()
    }

    #[test]
    fn upsampling_repeats_and_downsampling_undoes_it() {
        let x = Tensor::<4>::from_data([[[[1.0, 2.0], [3.0, 4.0]]]], &device());
        let up = upsample(x.clone());
        let expected = [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0], [3.0, 3.0, 4.0, 4.0], [3.0, 3.0, 4.0, 4.0]]]];
        up.to_data().assert_approx_eq::<f32>(&TensorData::from(expected), Tolerance::default());
        downsample(up).to_data().assert_approx_eq::<f32>(&x.to_data(), Tolerance::default());
    }

    #[test]
    fn tiles_keep_their_pixels_together() {
        // Two positions side by side, 4 features each: a tile of 2 x 2 for each.
        let x = Tensor::<4>::from_data([[[[0.0, 10.0]], [[1.0, 11.0]], [[2.0, 12.0]], [[3.0, 13.0]]]], &device());
        let expected = [[[[0.0, 1.0, 10.0, 11.0], [2.0, 3.0, 12.0, 13.0]]]];
        depth_to_space(x, 2).to_data().assert_approx_eq::<f32>(&TensorData::from(expected), Tolerance::default());
    }

    /// numpy.linalg.svd of the same matrix gives 16.8481034 for its largest singular value.
    #[test]
    fn the_spectral_norm_is_the_largest_singular_value() {
        let matrix = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], &device());
        let norm = spectral_norm(matrix).into_scalar::<f32>();
        assert!((norm - 16.848_103).abs() < 1e-3, "{norm}");
    }

    /// Rows that sum to nothing, as all centred filters do.
    #[test]
    fn a_centred_matrix_has_a_spectral_norm() {
        for (rows, norm) in [(vec![[1.0, -1.0]], 2_f32.sqrt()), (vec![[1.0, -1.0], [-1.0, 1.0]], 2.0)] {
            let values: Vec<f32> = rows.concat();
            let matrix = Tensor::<2>::from_data(TensorData::new(values, [rows.len(), 2]), &device());
            let found = spectral_norm(matrix).into_scalar::<f32>();
            assert!((found - norm).abs() < 1e-4, "{found} instead of {norm}");
        }
    }

    /// A random matrix has no gap between its largest singular values, the worst case; its norm is near the square root of its
    /// rows plus that of its columns (Bai and Yin 1993), and an estimate from few iterations can only be below.
    #[test]
    fn few_iterations_come_within_a_tenth() {
        let matrix = Tensor::<2>::from_data(noise([64, 576], 1), &device());
        let norm = f64::from(spectral_norm(matrix).into_scalar::<f32>());
        let expected = 64_f64.sqrt() + 576_f64.sqrt();
        assert!(norm > 0.86 * expected && norm < 1.05 * expected, "{norm} of {expected}");
    }

    #[test]
    fn folding_changes_nothing_but_the_work() {
        let device = device();
        let conv = Conv2d::new([3, 5], Kernel::NEIGHBOURS, Constraint { centred: true, bounded: true }, &device);
        let x = Tensor::<4>::from_data(noise([2, 3, 8, 8], 1), &device);
        let before = conv.forward(x.clone());
        let folded = conv.folded();
        assert!(!folded.centred && !folded.bounded);
        folded.forward(x).to_data().assert_approx_eq::<f32>(&before.to_data(), Tolerance::default());
    }

    #[test]
    fn places_of_a_tile_begin_alike() {
        let device = device();
        let conv = Conv2d::new([3, 2 * 16], Kernel::NEIGHBOURS, Constraint::default(), &device).alike_in_tiles(4);
        let tiles: Vec<f32> =
            depth_to_space(conv.forward(Tensor::from_data(noise([1, 3, 2, 2], 1), &device)), 4).into_data().iter().collect();
        for (place, value) in tiles.iter().enumerate() {
            let first = place / 64 * 64 + place % 64 / 32 * 32 + place % 8 / 4 * 4;
            assert!((value - tiles[first]).abs() < 1e-5, "{place}");
        }
        assert!(
            (tiles[0] - tiles[64]).abs() > 1e-3 && (tiles[0] - tiles[4]).abs() > 1e-3,
            "each layer and tile has values of its own"
        );
    }

    /// One row of values and their negatives sums to exactly nothing.
    #[test]
    fn a_centred_filter_has_a_spectral_norm() {
        let filter = Tensor::<2>::from_data([[0.5, -0.5, 0.25, -0.25]], &device());
        let norm = spectral_norm(filter).into_scalar::<f32>();
        assert!((norm - 0.625_f32.sqrt()).abs() < 1e-5, "{norm}");
    }

    /// numpy: `w - w.mean(1, keepdims=True)`, divided by its rows' lengths, times sqrt(2 / 1.04).
    #[test]
    fn centred_filters_sum_to_nothing() {
        let filters = centred(Tensor::<2>::from_data([[1.0, 2.0, 6.0], [-1.0, 0.0, 1.0]], &device()));
        let expected = [[-0.741_249_3, -0.370_624_7, 1.111_874], [-0.980_580_7, 0.0, 0.980_580_7]];
        filters.to_data().assert_approx_eq::<f32>(&TensorData::from(expected), Tolerance::absolute(1e-4));
    }
}
