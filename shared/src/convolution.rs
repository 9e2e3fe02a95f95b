//! The convolution of every layer here.
//!
//! It is burn's own but for one thing, with the feature `training`: on the CPU it and its gradients are one matrix product each for a
//! whole batch ([`crate::columns`]). burn-flex 0.22.1 takes its pictures one by one, which for maps of 8 x 8 is products of 64 columns
//! that cost more to prepare than to work out; it scatters the gradient of the input value by value, and has none of its own for the
//! weights.

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
    type FlexTensor = FloatTensor<Flex>;
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
    use burn::prelude::*;
    use burn::tensor::ops::ConvOptions;

    use crate::columns::Columns;

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

    /// A convolution's gradients, each of the others being held still.
    trait Gradient: Convolution {
        fn of_input(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            gradient: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self>;
        fn of_weight(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            gradient: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self>;
    }

    fn columns(x: &FlexTensor, weight: &FlexTensor, options: &ConvOptions<2>) -> Columns {
        Columns::new(x.shape().dims(), weight.shape().dims(), options.stride[0], options.padding_begin()[0])
    }

    fn matrix(values: Vec<f32>, shape: [usize; 2]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(values, shape))
    }

    fn filters(weight: FlexTensor, seen: &Columns) -> FlexTensor {
        weight.to_contiguous().reshape(Shape::new([seen.channels_out(), seen.rows()]))
    }

    fn times(a: FlexTensor, b: FlexTensor) -> FlexTensor {
        <Flex as FloatTensorOps<Flex>>::float_matmul(a, b)
    }

    // y = W columns(x); dL/dW = dL/dy columns(x)^T; dL/dcolumns = W^T dL/dy.
    impl Convolution for Flex {
        fn convolve(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, options: ConvOptions<2>) -> FlexTensor {
            let seen = columns(&x, &weight, &options);
            let [x, bias] = [x, bias].map(|tensor| tensor.to_contiguous());
            let gathered = matrix(seen.gather(x.storage()), [seen.rows(), seen.positions()]);
            let drawn = times(filters(weight, &seen), gathered);
            FlexTensor::from_data(TensorData::new(seen.pictures(drawn.storage(), bias.storage()), seen.drawn()))
        }
    }

    impl Gradient for Flex {
        fn of_input(x: FlexTensor, weight: FlexTensor, gradient: FlexTensor, options: ConvOptions<2>) -> FlexTensor {
            let seen = columns(&x, &weight, &options);
            let gradient = matrix(seen.matrix(gradient.to_contiguous().storage()), [seen.channels_out(), seen.positions()]);
            let gathered = times(filters(weight, &seen).transpose(0, 1), gradient);
            FlexTensor::from_data(TensorData::new(seen.scatter(gathered.to_contiguous().storage()), x.shape()))
        }

        fn of_weight(x: FlexTensor, weight: FlexTensor, gradient: FlexTensor, options: ConvOptions<2>) -> FlexTensor {
            let seen = columns(&x, &weight, &options);
            let gradient = matrix(seen.matrix(gradient.to_contiguous().storage()), [seen.channels_out(), seen.positions()]);
            let gathered = matrix(seen.gather(x.to_contiguous().storage()), [seen.rows(), seen.positions()]);
            // The smaller one turned, since what is turned has to be laid out anew for the processor.
            times(gathered, gradient.transpose(0, 1)).transpose(0, 1).reshape(weight.shape())
        }
    }

    impl<B: Gradient, C: CheckpointStrategy> Convolution for Autodiff<B, C> {
        fn convolve(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            options: ConvOptions<2>,
        ) -> FloatTensor<Self> {
            let inner = |x: &FloatTensor<Self>| x.primitive().clone();
            let drawn = B::convolve(inner(&x), inner(&weight), inner(&bias), options.clone());
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

    impl<B: Gradient> Backward<B, 3> for Convolved {
        type State = (NodeId, NodeId, NodeId, ConvOptions<2>);

        fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, checkpointer: &mut Checkpointer) {
            let [of_x, of_weight, of_bias] = ops.parents;
            let gradient = gradients.consume::<B>(&ops.node);
            let (x, weight, bias, options) = ops.state;
            let [x, weight, bias] =
                [x, weight, bias].map(|node| checkpointer.retrieve_node_output::<B::FloatTensorPrimitive>(node));
            if let Some(node) = of_x {
                let value = B::of_input(x.clone(), weight.clone(), gradient.clone(), options.clone());
                gradients.register::<B>(node.id, value);
            }
            if let Some(node) = of_bias {
                gradients.register::<B>(node.id, B::conv2d_bias_backward(x.clone(), bias, gradient.clone()));
            }
            if let Some(node) = of_weight {
                gradients.register::<B>(node.id, B::of_weight(x, weight, gradient, options));
            }
        }
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
