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

#[cfg(feature = "cpu")]
mod extension {
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
    use burn::prelude::*;
    use burn::tensor::ops::ConvOptions;

    use crate::kernels::im2col::Columns;

    pub(super) type FlexTensor = FloatTensor<Flex>;

    pub(super) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, options: ConvOptions<2>) -> Tensor<4> {
        let [x, weight, bias] = [x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()];
        Tensor::from_dispatch(<Dispatch as Convolution>::convolve(x, weight, bias, options))
    }

    #[cfg_attr(feature = "cube", backend_extension(Flex, Cube, Autodiff))]
    #[cfg_attr(all(feature = "training", not(feature = "cube")), backend_extension(Flex, Autodiff))]
    #[cfg_attr(not(feature = "training"), backend_extension(Flex))]
    pub(super) trait Convolution: Backend {
        fn convolve(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self> {
            Self::conv2d(x, weight, Some(bias), options)
        }
    }

    pub(super) fn columns(x: &FlexTensor, weight: &FlexTensor, options: &ConvOptions<2>) -> Columns {
        Columns::new(x.shape().dims(), weight.shape().dims(), options.stride[0], options.padding_begin()[0])
    }

    pub(super) fn matrix(values: Vec<f32>, shape: [usize; 2]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(values, shape))
    }

    pub(super) fn filters(weight: FlexTensor, seen: &Columns) -> FlexTensor {
        weight.to_contiguous().reshape(Shape::new([seen.channels_out(), seen.rows()]))
    }

    pub(super) fn times(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        <Flex as FloatTensorOps<Flex>>::float_matmul(a, b)
    }

    // y = W columns(x).
    impl Convolution for Flex {
        fn convolve(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, options: ConvOptions<2>) -> FlexTensor {
            let seen = columns(&x, &weight, &options);
            let [x, bias] = [x, bias].map(|tensor| tensor.to_contiguous());
            let gathered = matrix(seen.gather(x.storage()), [seen.rows(), seen.positions()]);
            let drawn = times(filters(weight, &seen), gathered);
            FlexTensor::from_data(TensorData::new(seen.pictures(drawn.storage(), bias.storage()), seen.drawn()))
        }
    }
}
