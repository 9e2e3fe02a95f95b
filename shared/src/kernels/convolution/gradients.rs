//! A convolution's gradients: matrix products, too, one for a batch on the CPU and one for each picture on a GPU.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::ModuleOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex, TensorMetadata};
use burn::prelude::*;
use burn::tensor::Slice;
use burn::tensor::ops::ConvOptions;

use super::extension::{Convolution, FlexTensor, columns, filters, matrix, times};

/// A convolution's gradients, each of the others being held still. Here for strides of one, out of convolutions and products of matrices.
pub(super) trait Gradient: Convolution {
    fn of_input(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        turned_convolution::<Self>(x.shape(), weight, gradient, &options)
    }

    fn of_weight(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        options: ConvOptions<2>,
    ) -> FloatTensor<Self> {
        products_of_pictures::<Self>(x, weight.shape(), gradient, &options)
    }

    fn of_bias(bias: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        sums_of_pictures::<Self>(bias.shape(), gradient)
    }
}

/// dL/dx: the gradient of what is drawn, convolved with filters that are turned around, from outputs to inputs.
///
/// # Shapes
/// - `shape`: x's, `[batch, channels_in, height, width]`, as is the result's
/// - gradient: `[batch, channels_out, height, width]`
fn turned_convolution<B: Convolution>(
    shape: Shape,
    weight: FloatTensor<B>,
    gradient: FloatTensor<B>,
    options: &ConvOptions<2>,
) -> FloatTensor<B> {
    let (channels_in, kernel) = (shape[1], weight.shape()[2]);
    let nothing = B::float_zeros(Shape::new([channels_in]), &gradient.device(), gradient.dtype().into());
    let turned = B::float_flip(B::float_swap_dims(weight, 0, 1), &[2, 3]);
    let padding = kernel - 1 - options.padding_begin()[0];
    B::convolve(gradient, turned, nothing, ConvOptions::new([1, 1], [padding; 2], [1, 1], 1))
}

/// dL/dW: what each filter sees times what it should have made of it, picture by picture, then their sum. One product for all pictures
/// would have few results of very long sums, and leave most of a GPU idle.
fn products_of_pictures<B: Convolution>(
    x: FloatTensor<B>,
    weight: Shape,
    gradient: FloatTensor<B>,
    options: &ConvOptions<2>,
) -> FloatTensor<B> {
    let ([channels_out, channels_in, kernel, _], padding) = (weight.dims(), options.padding_begin()[0]);
    let [batch, _, high, wide] = gradient.shape().dims();
    let channels_last = |x| B::float_permute(x, &[0, 2, 3, 1]);
    let x = padded::<B>(channels_last(x), padding);
    let places = (0..kernel).flat_map(|down| (0..kernel).map(move |right| (down, right)));
    let seen = |(down, right)| {
        B::float_slice(x.clone(), &[all(batch), (down..down + high).into(), (right..right + wide).into(), all(channels_in)])
    };
    let seen = if kernel == 1 { x } else { B::float_cat(places.map(seen).collect(), 3) };
    let seen = B::float_reshape(seen, Shape::new([batch, high * wide, kernel * kernel * channels_in]));
    let gradient = B::float_reshape(channels_last(gradient), Shape::new([batch, high * wide, channels_out]));
    let products = B::float_sum_dim(B::float_matmul(B::float_swap_dims(seen, 1, 2), gradient), 0);
    let filters = B::float_reshape(products, Shape::new([kernel, kernel, channels_in, channels_out]));
    B::float_permute(filters, &[3, 2, 0, 1])
}

/// dL/db: the sum over positions and then over pictures. burn's own takes both in one, as one long sum for each channel.
fn sums_of_pictures<B: Convolution>(bias: Shape, gradient: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, channels, high, wide] = gradient.shape().dims();
    let gradient = B::float_permute(gradient, &[0, 2, 3, 1]);
    let gradient = B::float_reshape(gradient, Shape::new([batch, high * wide, channels]));
    B::float_reshape(B::float_sum_dim(B::float_sum_dim(gradient, 1), 0), bias)
}

/// # Shapes
/// `[batch, height, width, channels]` to `[batch, height + 2 padding, width + 2 padding, channels]`
fn padded<B: Convolution>(x: FloatTensor<B>, padding: usize) -> FloatTensor<B> {
    if padding == 0 {
        return x;
    }
    let [batch, height, width, channels] = x.shape().dims();
    let around = Shape::new([batch, height + 2 * padding, width + 2 * padding, channels]);
    let around = B::float_zeros(around, &x.device(), x.dtype().into());
    let inside = [all(batch), (padding..padding + height).into(), (padding..padding + width).into(), all(channels)];
    B::float_slice_assign(around, &inside, x)
}

fn all(length: usize) -> Slice {
    (0..length).into()
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

    fn of_bias(bias: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        <Self as ModuleOps<Self>>::conv2d_bias_backward(gradient.clone(), bias, gradient)
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
            gradients.register::<B>(node.id, B::of_bias(bias, gradient.clone()));
        }
        if let Some(node) = of_weight {
            gradients.register::<B>(node.id, B::of_weight(x, weight, gradient, options));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::extension::convolve;
    use super::*;
    use burn::tensor::Tolerance;
    use burn::tensor::module::conv2d;
    use testing::noise;

    /// burn's own gradients, for each kind of convolution here: of tiles, of 3 x 3 neighbours, of single positions.
    #[test]
    fn gradients_are_those_of_the_general_way() {
        let device = Device::flex().autodiff();
        for (kernel, stride, padding) in [(4, 4, 0), (3, 1, 1), (1, 1, 0), (3, 2, 1)] {
            let random = |shape: [usize; 4], seed| Tensor::<4>::from_data(noise(shape, seed), &device).require_grad();
            let (x, weight) = (random([3, 5, 8, 12], 1), random([7, 5, kernel, kernel], 2));
            let bias = Tensor::<1>::from_data(noise([7], 3), &device).require_grad();
            let options = || ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
            let general = conv2d(x.clone(), weight.clone(), Some(bias.clone()), options());
            let ours = convolve(x.clone(), weight.clone(), bias.clone(), options());
            ours.to_data().assert_approx_eq::<f32>(&general.to_data(), Tolerance::default());
            // A gradient that differs from position to position.
            let towards = Tensor::<4>::from_data(noise(general.dims(), 4), &device);
            let [general, ours] = [general, ours].map(|y| (y * towards.clone()).sum().backward());
            let same = |ours: Option<TensorData>, general: Option<TensorData>| {
                ours.unwrap().assert_approx_eq::<f32>(&general.unwrap(), Tolerance::default());
            };
            same(x.grad(&ours).map(Tensor::into_data), x.grad(&general).map(Tensor::into_data));
            same(weight.grad(&ours).map(Tensor::into_data), weight.grad(&general).map(Tensor::into_data));
            same(bias.grad(&ours).map(Tensor::into_data), bias.grad(&general).map(Tensor::into_data));
        }
    }

    /// What a GPU is given to do is what the CPU does.
    #[test]
    fn the_way_of_gpus_is_that_of_the_cpu() {
        for (kernel, padding) in [(3, 1), (1, 0), (2, 0)] {
            let random = |shape: [usize; 4], seed| FlexTensor::from_data(noise(shape, seed));
            let (x, weight) = (random([3, 5, 8, 12], 1), random([7, 5, kernel, kernel], 2));
            let (high, wide) = (9 + 2 * padding - kernel, 13 + 2 * padding - kernel);
            let (gradient, bias) = (random([3, 7, high, wide], 3), FlexTensor::from_data(TensorData::zeros::<f32, _>([7])));
            let options = || ConvOptions::new([1, 1], [padding, padding], [1, 1], 1);
            let same = |general: FlexTensor, ours: FlexTensor| {
                let [general, ours] =
                    [general, ours].map(|x| TensorData::new(x.to_contiguous().storage::<f32>().to_vec(), x.shape()));
                ours.assert_approx_eq::<f32>(&general, Tolerance::rel_abs(1e-4, 1e-4));
            };
            let general = Flex::of_input(x.clone(), weight.clone(), gradient.clone(), options());
            same(general, turned_convolution::<Flex>(x.shape(), weight.clone(), gradient.clone(), &options()));
            let general = Flex::of_weight(x.clone(), weight.clone(), gradient.clone(), options());
            same(general, products_of_pictures::<Flex>(x, weight.shape(), gradient.clone(), &options()));
            same(Flex::of_bias(bias.clone(), gradient.clone()), sums_of_pictures::<Flex>(bias.shape(), gradient));
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
