//! The convolution of every layer here.
//!
//! It is burn's own but for one thing, with the feature `cpu`: on the CPU it is one matrix product for a whole batch
//! ([`crate::kernels::im2col`]), and with `training` so are its gradients. burn-flex 0.22.1 takes its pictures one by one, in tiles and with their
//! channels last, which for maps of 8 x 8 costs more to prepare than to work out; it scatters the gradient of the input value by value,
//! and has none of its own for the weights. With `training` it is matrix products on a GPU, too ([`product`]), and with `cube`, for NVIDIA's,
//! burn's kernel for tensor cores ([`cube`]).

use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "cpu")]
mod extension;
#[cfg(feature = "training")]
mod gradients;
#[cfg(feature = "training")]
mod product;

/// # Shapes
/// - x: `[batch, channels_in, height, width]`
/// - weight: `[channels_out, channels_in, kernel, kernel]`; bias: `[channels_out]`
/// - result: `[batch, channels_out, (height + 2 padding - kernel) / stride + 1, the same for the width]`
pub(crate) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize, padding: usize) -> Tensor<4> {
    let options = || ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    #[cfg(feature = "cpu")]
    if crate::kernels::on_cpu(&x.device()) {
        return extension::convolve(x, weight, bias, options());
    }
    #[cfg(feature = "training")]
    if weight.dims()[2].is_multiple_of(stride) {
        return product::convolve(x, weight, bias, stride, padding);
    }
    conv2d(x, weight, Some(bias), options())
}
