//! A convolution as one product of matrices for each picture, put together from operations on whole tensors.
//!
//! Training on a GPU takes this way, forwards and, by differentiating it, backwards. burn's own kernels for convolutions are fast only
//! after each shape has been timed in a dozen ways, which on a card that compiles each of them takes ten minutes of every first start; the
//! one that needs no timing reached 2 TFLOP/s on an H200, where products of matrices reach 60.

use burn::prelude::*;

/// As [`super::convolve`], for kernels whose side is a multiple of their stride.
pub(super) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize, padding: usize) -> Tensor<4> {
    if stride == 1 {
        return of_neighbours(x, weight, bias, padding);
    }
    // A stride is taken by having all that a step passes over side by side, in channels.
    let ([channels_out, channels_in, kernel, _], x) = (weight.dims(), space_to_depth(padded(x, padding), stride));
    let taps = kernel / stride;
    let weight = weight.reshape([channels_out, channels_in, taps, stride, taps, stride]).permute([0, 1, 3, 5, 2, 4]);
    of_neighbours(x, weight.reshape([channels_out, channels_in * stride * stride, taps, taps]), bias, 0)
}

/// The same with a stride of one.
fn of_neighbours(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, padding: usize) -> Tensor<4> {
    #[cfg(feature = "cube")]
    if !crate::kernels::on_cpu(&x.device()) {
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [padding, padding], [1, 1], 1);
        return super::extension::convolve(x, weight, bias, options);
    }
    let ([channels_out, channels_in, kernel, _], x) = (weight.dims(), padded(x, padding));
    let [batch, _, height, width] = x.dims();
    let (high, wide) = (height + 1 - kernel, width + 1 - kernel);
    let places = (0..kernel).flat_map(|down| (0..kernel).map(move |right| (down, right)));
    let seen = |(down, right)| x.clone().narrow(2, down, high).narrow(3, right, wide);
    let columns = if kernel == 1 { x } else { Tensor::cat(places.map(seen).collect(), 1) };
    let columns = columns.reshape([batch, kernel * kernel * channels_in, high * wide]);
    let filters = weight.permute([0, 2, 3, 1]).reshape([1, channels_out, kernel * kernel * channels_in]);
    filters.matmul(columns).reshape([batch, channels_out, high, wide]) + bias.reshape([1, channels_out, 1, 1])
}

fn padded(x: Tensor<4>, padding: usize) -> Tensor<4> {
    if padding > 0 { x.pad((padding, padding, padding, padding), 0.0) } else { x }
}

/// # Shapes
/// `[batch, channels, height, width]` to `[batch, channels * side * side, height / side, width / side]`
fn space_to_depth(x: Tensor<4>, side: usize) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let (high, wide) = (height / side, width / side);
    let x = x.reshape([batch, channels, high, side, wide, side]).permute([0, 1, 3, 5, 2, 4]);
    x.reshape([batch, channels * side * side, high, wide])
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;
    use testing::noise;

    /// burn's own values and gradients, for each kind of convolution here.
    #[test]
    fn it_is_the_general_way() {
        let device = Device::flex().autodiff();
        for (kernel, stride, padding) in [(4, 4, 0), (3, 1, 1), (1, 1, 0), (4, 2, 1)] {
            let random = |shape: [usize; 4], seed| Tensor::<4>::from_data(noise(shape, seed), &device).require_grad();
            let (x, weight) = (random([3, 5, 8, 12], 1), random([7, 5, kernel, kernel], 2));
            let bias = Tensor::<1>::from_data(noise([7], 3), &device).require_grad();
            let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
            let general = conv2d(x.clone(), weight.clone(), Some(bias.clone()), options);
            let ours = convolve(x.clone(), weight.clone(), bias.clone(), stride, padding);
            ours.to_data().assert_approx_eq::<f32>(&general.to_data(), Tolerance::default());
            let towards = Tensor::<4>::from_data(noise(general.dims(), 4), &device);
            let [general, ours] = [general, ours].map(|y| (y * towards.clone()).sum().backward());
            let same = |ours: Option<TensorData>, general: Option<TensorData>| {
                ours.unwrap().assert_approx_eq::<f32>(&general.unwrap(), Tolerance::rel_abs(1e-4, 1e-4));
            };
            same(x.grad(&ours).map(Tensor::into_data), x.grad(&general).map(Tensor::into_data));
            same(weight.grad(&ours).map(Tensor::into_data), weight.grad(&general).map(Tensor::into_data));
            same(bias.grad(&ours).map(Tensor::into_data), bias.grad(&general).map(Tensor::into_data));
        }
    }
}
