//! A convolution's gradients on the CPU: matrix products, too.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex, TensorMetadata};
use burn::prelude::*;
use burn::tensor::ops::ConvOptions;

use super::cpu::{Convolution, FlexTensor, columns, filters, matrix, times};

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

// y = W columns(x); dL/dW = dL/dy columns(x)^T; dL/dcolumns = W^T dL/dy.
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
        let [x, weight, bias] = [x, weight, bias].map(|node| checkpointer.retrieve_node_output::<B::FloatTensorPrimitive>(node));
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
    use super::super::cpu::convolve;
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
