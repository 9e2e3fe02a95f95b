//! The convolution as an operation of the CPU back end, which burn then differentiates by `gradients.rs`.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::prelude::*;
use burn::tensor::ops::ConvOptions;

use crate::kernels::im2col::Columns;

pub type FlexTensor = FloatTensor<Flex>;

pub fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, options: ConvOptions<2>) -> Tensor<4> {
    let [x, weight, bias] = [x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as Convolution>::convolve(x, weight, bias, options))
}

#[cfg_attr(feature = "cube", backend_extension(Flex, Cube, Autodiff))]
#[cfg_attr(all(feature = "training", not(feature = "cube")), backend_extension(Flex, Autodiff))]
#[cfg_attr(not(feature = "training"), backend_extension(Flex))]
pub trait Convolution: Backend {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        Self::conv2d(x, weight, Some(bias), options)
    }
}

pub fn columns(x: &FlexTensor, weight: &FlexTensor, options: &ConvOptions<2>) -> Columns {
    Columns::new(x.shape().dims(), weight.shape().dims(), options.stride[0], options.padding_begin()[0])
}

pub fn matrix(values: Vec<f32>, shape: [usize; 2]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

pub fn filters(weight: FlexTensor, seen: &Columns) -> FlexTensor {
    weight.to_contiguous().reshape(Shape::new([seen.channels_out(), seen.rows()]))
}

pub fn times(a: FlexTensor, b: FlexTensor) -> FlexTensor {
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
