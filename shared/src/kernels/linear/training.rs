//! The product of a fully connected layer, with a gradient that the CPU works out faster.
//!
//! The gradient of the input is worked out from the other side, W dL/dy^T instead of dL/dy W^T. The products are the same; but the second
//! has to lay W out anew for the processor, millions of weights in an order in which they do not lie in memory, and the first only the
//! gradient.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::prelude::*;

/// `[batch, inputs]` times `[inputs, outputs]`.
pub(super) fn product(x: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Product>::product(x.into_dispatch(), weight.into_dispatch()))
}

#[backend_extension(Flex, Autodiff)]
trait Product: Backend {
    fn product(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(x, weight)
    }
}

impl Product for Flex {}

impl<B: Product, C: CheckpointStrategy> Product for Autodiff<B, C> {
    fn product(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let drawn = B::product(x.primitive().clone(), weight.primitive().clone());
        match Multiplied.prepare::<C>([x.node(), weight.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prepared) => {
                let [x, weight] = [x, weight].map(|input| prepared.checkpoint(&input));
                prepared.finish((x, weight), drawn)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(drawn),
        }
    }
}

#[derive(Debug)]
struct Multiplied;

// y = x W; dL/dx = (W dL/dy^T)^T; dL/dW = x^T dL/dy.
impl<B: Backend> Backward<B, 2> for Multiplied {
    type State = (NodeId, NodeId);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, checkpointer: &mut Checkpointer) {
        let [of_x, of_weight] = ops.parents;
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight) = ops.state;
        let [x, weight] = [x, weight].map(|node| checkpointer.retrieve_node_output::<B::FloatTensorPrimitive>(node));
        if let Some(node) = of_x {
            let turned = B::float_matmul(weight, B::float_transpose(gradient.clone()));
            gradients.register::<B>(node.id, B::float_transpose(turned));
        }
        if let Some(node) = of_weight {
            gradients.register::<B>(node.id, B::float_matmul(B::float_transpose(x), gradient));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use testing::noise;

    #[test]
    fn values_and_gradients_are_those_of_the_general_way() {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 2], seed| Tensor::<2>::from_data(noise(shape, seed), &device);
        let (x, weight, towards) = (random([3, 5], 1).require_grad(), random([5, 7], 2).require_grad(), random([3, 7], 3));
        let [general, ours] = [x.clone().matmul(weight.clone()), product(x.clone(), weight.clone())];
        ours.to_data().assert_approx_eq::<f32>(&general.to_data(), Tolerance::default());
        let [general, ours] = [general, ours].map(|y| (y * towards.clone()).sum().backward());
        for input in [x, weight] {
            let data = |gradient: Option<Tensor<2>>| gradient.unwrap().into_data();
            data(input.grad(&ours)).assert_approx_eq::<f32>(&data(input.grad(&general)), Tolerance::default());
        }
    }
}
