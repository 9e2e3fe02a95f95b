//! The leaky rectifier of every layer here.
//!
//! It is burn's own but for one thing, with the feature `training`: on the CPU it is one operation with one gradient. burn puts it
//! together from a comparison, a product and a choice, and propagates through each of them: a fifteenth of a step of training.

use burn::prelude::*;
use burn::tensor::activation;

/// Slope of every leaky rectifier here, as in DF-GAN and in the paper's code.
pub(crate) const LEAK: f64 = 0.2;

/// x where it is positive, else x times [`LEAK`]; any shape.
pub(crate) fn leaky_relu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "training")]
    if crate::kernels::on_cpu(&x.device()) {
        return training::leaky_relu(x);
    }
    activation::leaky_relu(x, LEAK)
}

#[cfg(feature = "training")]
mod training {
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
    use burn::prelude::*;

    use super::LEAK;

    pub(super) fn leaky_relu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
        Tensor::from_dispatch(<Dispatch as Rectifier>::rectify(x.into_dispatch()))
    }

    #[backend_extension(Flex, Autodiff)]
    trait Rectifier: Backend {
        fn rectify(x: FloatTensor<Self>) -> FloatTensor<Self> {
            Self::leaky_relu(x, LEAK.into())
        }
    }

    impl Rectifier for Flex {}

    impl<B: Rectifier, C: CheckpointStrategy> Rectifier for Autodiff<B, C> {
        fn rectify(x: FloatTensor<Self>) -> FloatTensor<Self> {
            let rectified = B::leaky_relu(x.primitive().clone(), LEAK.into());
            match Rectified.prepare::<C>([x.node()]).compute_bound().stateful() {
                // It has the sign of what it was made of, and the next layer keeps it anyway.
                OpsKind::Tracked(prepared) => prepared.finish(rectified.clone(), rectified),
                OpsKind::UnTracked(prepared) => prepared.finish(rectified),
            }
        }
    }

    #[derive(Debug)]
    struct Rectified;

    impl<B: Backend> Backward<B, 1> for Rectified {
        type State = FloatTensor<B>;

        fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
            let gradient = gradients.consume::<B>(&ops.node);
            let [Some(of_x)] = ops.parents else { return };
            // What an ordinary rectifier lets through, and the leak of everything: no choice to be made for each value.
            let through = B::float_mul_scalar(B::relu_backward(ops.state, gradient.clone()), (1.0 - LEAK).into());
            let leak = B::float_mul_scalar(gradient, LEAK.into());
            gradients.register::<B>(of_x.id, B::float_add(through, leak));
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use burn::tensor::{Tolerance, activation};
        use testing::noise;

        #[test]
        fn values_and_gradients_are_those_of_the_general_way() {
            let device = Device::flex().autodiff();
            let random = |seed| Tensor::<3>::from_data(noise([3, 5, 7], seed), &device);
            let (x, towards) = (random(1).require_grad(), random(2));
            let [general, ours] = [activation::leaky_relu(x.clone(), LEAK), leaky_relu(x.clone())];
            ours.to_data().assert_approx_eq::<f32>(&general.to_data(), Tolerance::default());
            let [general, ours] = [general, ours].map(|y| x.grad(&(y * towards.clone()).sum().backward()));
            let data = |gradient: Option<Tensor<3>>| gradient.unwrap().into_data();
            data(ours).assert_approx_eq::<f32>(&data(general), Tolerance::default());
        }

        /// torch.nn.functional.leaky_relu at 0 has the gradient of its negative side.
        #[test]
        fn what_lies_between_leaks() {
            let x = Tensor::<1>::from_data([-1.0, 0.0, 2.0], &Device::flex().autodiff()).require_grad();
            let gradients = leaky_relu(x.clone()).sum().backward();
            let gradient = x.grad(&gradients).unwrap().into_data();
            gradient.assert_approx_eq::<f32>(&TensorData::from([0.2, 0.2, 1.0]), Tolerance::default());
        }
    }
}
