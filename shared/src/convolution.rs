//! The convolution of every layer here.
//!
//! It is burn's own but for one thing, with the feature `training`: on the CPU the gradient of the weights is a matrix product for
//! each position of the kernel. burn-flex 0.22.1 has no weight gradient of its own, and the general one treats the whole gradient as
//! a kernel that is slid over the picture nine times for each channel, which makes products nine columns wide: slow ones.

use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

/// # Shapes
/// - x: `[batch, channels_in, height, width]`
/// - weight: `[channels_out, channels_in, kernel, kernel]`; bias: `[channels_out]`
/// - result: `[batch, channels_out, (height + 2 padding - kernel) / stride + 1, the same for the width]`
pub(crate) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize, padding: usize) -> Tensor<4> {
    let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    #[cfg(feature = "training")]
    if x.device() == Device::flex() {
        return training::convolve(x, weight, bias, options);
    }
    conv2d(x, weight, Some(bias), options)
}

#[cfg(feature = "training")]
mod training {
    use burn::backend::autodiff::NodeId;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
    use burn::prelude::*;
    use burn::tensor::Slice;
    use burn::tensor::ops::ConvOptions;

    pub(super) fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, options: ConvOptions<2>) -> Tensor<4> {
        let [x, weight, bias] = [x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()];
        Tensor::from_dispatch(<Dispatch as Convolution>::convolve(x, weight, bias, options))
    }

    #[backend_extension(Flex, Autodiff)]
    trait Convolution: Backend {
        fn convolve(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self> {
            Self::conv2d(x, weight, Some(bias), options)
        }
    }

    impl Convolution for Flex {}

    impl<B: Convolution, C: CheckpointStrategy> Convolution for Autodiff<B, C> {
        fn convolve(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self> {
            let inner = |x: &FloatTensor<Self>| x.primitive().clone();
            let drawn = B::conv2d(inner(&x), inner(&weight), Some(inner(&bias)), options.clone());
            match Convolved.prepare::<C>([x.node(), weight.node(), bias.node()]).compute_bound().stateful() {
                OpsKind::Tracked(mut prepared) => {
                    let [x, weight, bias] = [x, weight, bias].map(|input| prepared.checkpoint(&input));
                    prepared.finish((x, weight, bias, options), drawn)
                }
                OpsKind::UnTracked(prepared) => prepared.finish(drawn),
            }
        }
    }

    #[derive(Debug)]
    struct Convolved;

    impl<B: Convolution> Backward<B, 3> for Convolved {
        type State = (NodeId, NodeId, NodeId, ConvOptions<2>);

        fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, checkpointer: &mut Checkpointer) {
            let [of_x, of_weight, of_bias] = ops.parents;
            let gradient = gradients.consume::<B>(&ops.node);
            let (x, weight, bias, options) = ops.state;
            let [x, weight, bias] =
                [x, weight, bias].map(|node| checkpointer.retrieve_node_output::<B::FloatTensorPrimitive>(node));
            if let Some(node) = of_x {
                let value = B::conv2d_x_backward(x.clone(), weight.clone(), gradient.clone(), options.clone());
                gradients.register::<B>(node.id, value);
            }
            if let Some(node) = of_bias {
                gradients.register::<B>(node.id, B::conv2d_bias_backward(x.clone(), bias, gradient.clone()));
            }
            if let Some(node) = of_weight {
                gradients.register::<B>(node.id, weight_gradient::<B>(x, weight.shape(), gradient, &options));
            }
        }
    }

    /// dL/dW(o, c, i, j) = sum over batch and positions (v, u) of dL/dy(o, v, u) x(c, stride v + i, stride u + j): for each (i, j) a
    /// product of two matrices that are as long as there are positions.
    fn weight_gradient<B: Backend>(
        x: FloatTensor<B>,
        weight: Shape,
        gradient: FloatTensor<B>,
        options: &ConvOptions<2>,
    ) -> FloatTensor<B> {
        let [channels_out, channels_in, rows, columns] = weight.dims();
        let [batch, _, height, width] = gradient.shape().dims();
        let [stride, _] = options.stride;
        let positions = batch * height * width;
        // Channels first, so that each shifted copy is a matrix as it lies.
        let x = padded::<B>(B::float_swap_dims(x, 0, 1), options.padding_begin()[0]);
        let gradient = B::float_reshape(B::float_swap_dims(gradient, 0, 1), Shape::new([channels_out, positions]));
        let at = |row: usize, column: usize| {
            let along = |from: usize, length: usize| {
                Slice::new(from as isize, Some((from + stride * (length - 1) + 1) as isize), stride as isize)
            };
            let whole = |length: usize| Slice::new(0, Some(length as isize), 1);
            let seen = [whole(channels_in), whole(batch), along(row, height), along(column, width)];
            let seen = B::float_reshape(B::float_slice(x.clone(), &seen), Shape::new([channels_in, positions]));
            let product = B::float_matmul(gradient.clone(), B::float_swap_dims(seen, 0, 1));
            B::float_reshape(product, Shape::new([channels_out, channels_in, 1]))
        };
        let each = (0..rows * columns).map(|i| at(i / columns, i % columns)).collect();
        B::float_reshape(B::float_cat(each, 2), weight)
    }

    /// `[channels, batch, height, width]` with a border of zeros.
    fn padded<B: Backend>(x: FloatTensor<B>, by: usize) -> FloatTensor<B> {
        if by == 0 {
            return x;
        }
        let [channels, batch, height, width] = x.shape().dims();
        let whole = |length: usize| Slice::new(0, Some(length as isize), 1);
        let inner = |length: usize| Slice::new(by as isize, Some((by + length) as isize), 1);
        let larger = Shape::new([channels, batch, height + 2 * by, width + 2 * by]);
        let zeros = B::float_zeros(larger, &x.device(), x.dtype().into());
        B::float_slice_assign(zeros, &[whole(channels), whole(batch), inner(height), inner(width)], x)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use burn::tensor::module::conv2d;
        use burn::tensor::{Distribution, Tolerance};

        /// burn's own gradients, for each kind of convolution here: of tiles, of 3 x 3 neighbours, of single positions.
        #[test]
        fn gradients_are_those_of_the_general_way() {
            let device = Device::flex().autodiff();
            for (kernel, stride, padding) in [(4, 4, 0), (3, 1, 1), (1, 1, 0), (3, 2, 1)] {
                let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Default, &device).require_grad();
                let (x, weight) = (random([3, 5, 8, 12]), random([7, 5, kernel, kernel]));
                let bias = Tensor::<1>::random([7], Distribution::Default, &device).require_grad();
                let options = || ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
                let general = conv2d(x.clone(), weight.clone(), Some(bias.clone()), options());
                let ours = convolve(x.clone(), weight.clone(), bias.clone(), options());
                ours.to_data().assert_approx_eq::<f32>(&general.to_data(), Tolerance::default());
                // A gradient that differs from position to position.
                let towards = Tensor::<4>::random(general.dims(), Distribution::Default, &device);
                let [general, ours] = [general, ours].map(|y| (y * towards.clone()).sum().backward());
                let same = |ours: Option<TensorData>, general: Option<TensorData>| {
                    ours.unwrap().assert_approx_eq::<f32>(&general.unwrap(), Tolerance::default());
                };
                same(x.grad(&ours).map(Tensor::into_data), x.grad(&general).map(Tensor::into_data));
                same(weight.grad(&ours).map(Tensor::into_data), weight.grad(&general).map(Tensor::into_data));
                same(bias.grad(&ours).map(Tensor::into_data), bias.grad(&general).map(Tensor::into_data));
            }
        }

        /// Pictures are constants: only the weights are learnt.
        #[test]
        fn a_constant_picture_has_no_gradient_and_the_weights_have() {
            let weight = Tensor::<4>::ones([1, 1, 1, 1], &Device::flex().autodiff()).require_grad();
            let bias = Tensor::<1>::zeros([1], &Device::flex().autodiff());
            let x = Tensor::<4>::from_data([[[[1.0, 2.0]]]], &Device::flex());
            let gradients = super::super::convolve(x, weight.clone(), bias, 1, 0).sum().backward();
            assert_eq!(weight.grad(&gradients).map(|g| g.into_scalar::<f32>()), Some(3.0));
        }
    }
}
