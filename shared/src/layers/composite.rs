//! Layers to pixels as tensors, differentiable in fields and colours: what training sees of what is drawn.

use burn::prelude::*;

use super::enlarge::taps;
use super::fields::{CHANNELS, COLOUR, sharpness, supersampling};

/// Draws layers at a size, as [`super::Layers::render`] does but for the rounding.
///
/// # Shapes
/// - fields: `[batch, layers, side, side]`
/// - colours: `[batch, layers, 9]`
/// - result: `[batch, 5, size, size]`, see [`CHANNELS`]; colours from 0 to 1, not clamped
pub fn composite(fields: Tensor<4>, colours: Tensor<3>, size: usize) -> Tensor<4> {
    #[cfg(feature = "training")]
    if crate::kernels::on_cpu(&fields.device()) {
        return on_cpu::composite(fields, colours, size);
    }
    of_tensors(fields, colours, size)
}

fn of_tensors(fields: Tensor<4>, colours: Tensor<3>, size: usize) -> Tensor<4> {
    let ([batch, layers, side, _], device) = (fields.dims(), fields.device());
    let times = supersampling(size);
    let fine = size * times;
    let enlarge = enlarging(side, fine, &device);
    let logits = enlarge.clone().matmul(fields).matmul(enlarge.transpose()) * sharpness(fine);
    let shares = burn::tensor::activation::softmax(logits, 1);
    let alpha = shares.clone().narrow(1, 0, 1).neg() + 1.0;
    let undecided = shares.clone().square().sum_dim(1).neg() + 1.0;
    let drawn = shares.narrow(1, 1, layers - 1);
    // [batch, 9, layers] x [batch, layers, pixels]
    let colours = colours.narrow(1, 1, layers - 1).transpose();
    let sums = colours.matmul(drawn.reshape([batch, layers - 1, fine * fine])).reshape([batch, COLOUR, fine, fine]);
    let places = (Tensor::arange(0..fine as i64, &device).float() * 2.0 + 1.0) / fine as f64 - 1.0;
    let part = |index: usize| sums.clone().narrow(1, 3 * index, 3);
    let rgb = part(0) + part(1) * places.clone().reshape([1, 1, 1, fine]) + part(2) * places.reshape([1, 1, fine, 1]);
    let all = Tensor::cat(vec![rgb, alpha, undecided], 1);
    if times == 1 {
        return all;
    }
    all.reshape([batch, CHANNELS, size, times, size, times]).mean_dim(5).mean_dim(3).reshape([batch, CHANNELS, size, size])
}

/// The cubic as a matrix from `side` values to `fine`: `[1, 1, fine, side]`.
fn enlarging(side: usize, fine: usize, device: &Device) -> Tensor<4> {
    let mut matrix = vec![0.0; fine * side];
    for (row, taps) in matrix.chunks_exact_mut(side).zip(taps(side, fine)) {
        taps.at.iter().zip(taps.weights).for_each(|(at, weight)| row[*at] += weight);
    }
    Tensor::from_data(TensorData::new(matrix, [1, 1, fine, side]), device)
}

#[cfg(feature = "training")]
mod on_cpu {
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
    use burn::prelude::*;
    use rayon::prelude::*;

    use crate::layers::fields::CHANNELS;
    use crate::layers::render::Drawing;

    type FlexTensor = FloatTensor<Flex>;

    pub(super) fn composite(fields: Tensor<4>, colours: Tensor<3>, size: usize) -> Tensor<4> {
        Tensor::from_dispatch(<Dispatch as Compositing>::composite(fields.into_dispatch(), colours.into_dispatch(), size))
    }

    #[backend_extension(Flex, Autodiff)]
    trait Compositing: Backend {
        fn composite(fields: FloatTensor<Self>, colours: FloatTensor<Self>, size: usize) -> FloatTensor<Self>;
    }

    /// The gradients of fields and colours for what is wanted of a picture.
    trait Gradient: Compositing {
        fn gradients(
            fields: FloatTensor<Self>,
            colours: FloatTensor<Self>,
            wanted: FloatTensor<Self>,
            size: usize,
        ) -> [FloatTensor<Self>; 2];
    }

    /// Each picture of a batch by itself.
    fn drawings<'a>(fields: &'a FlexTensor, colours: &'a FlexTensor, size: usize) -> Vec<Drawing<'a>> {
        let [batch, _, side, _] = fields.shape().dims();
        let (fields, colours) = (fields.storage::<f32>(), colours.storage::<f32>());
        let each = |values: &'a [f32], index: usize| &values[index * values.len() / batch..(index + 1) * values.len() / batch];
        (0..batch).map(|index| Drawing::of(each(fields, index), side, each(colours, index), size)).collect()
    }

    impl Compositing for Flex {
        fn composite(fields: FlexTensor, colours: FlexTensor, size: usize) -> FlexTensor {
            let [fields, colours] = [fields, colours].map(|tensor| tensor.to_contiguous());
            let drawings = drawings(&fields, &colours, size);
            let mut pictures = vec![0.0_f32; drawings.len() * CHANNELS * size * size];
            pictures.par_chunks_exact_mut(CHANNELS * size * size).zip(&drawings).for_each(|(picture, drawing)| {
                drawing.each(|y, channels| {
                    for (channel, row) in channels.chunks_exact(size).enumerate() {
                        picture[(channel * size + y) * size..][..size].copy_from_slice(row);
                    }
                });
            });
            FlexTensor::from_data(TensorData::new(pictures, [drawings.len(), CHANNELS, size, size]))
        }
    }

    impl Gradient for Flex {
        fn gradients(fields: FlexTensor, colours: FlexTensor, wanted: FlexTensor, size: usize) -> [FlexTensor; 2] {
            let [fields, colours, wanted] = [fields, colours, wanted].map(|tensor| tensor.to_contiguous());
            let drawings = drawings(&fields, &colours, size);
            let wanted = wanted.storage::<f32>().par_chunks_exact(CHANNELS * size * size);
            let all: Vec<(Vec<f32>, Vec<f32>)> =
                drawings.par_iter().zip(wanted).map(|(drawing, wanted)| drawing.gradients(wanted)).collect();
            let (of_fields, of_colours): (Vec<_>, Vec<_>) = all.into_iter().unzip();
            [
                FlexTensor::from_data(TensorData::new(of_fields.concat(), fields.shape())),
                FlexTensor::from_data(TensorData::new(of_colours.concat(), colours.shape())),
            ]
        }
    }

    impl<B: Gradient, C: CheckpointStrategy> Compositing for Autodiff<B, C> {
        fn composite(fields: FloatTensor<Self>, colours: FloatTensor<Self>, size: usize) -> FloatTensor<Self> {
            let drawn = B::composite(fields.primitive().clone(), colours.primitive().clone(), size);
            match Composited.prepare::<C>([fields.node(), colours.node()]).compute_bound().stateful() {
                // Small beside the pictures that are made of them.
                OpsKind::Tracked(prepared) => {
                    prepared.finish((fields.primitive().clone(), colours.primitive().clone(), size), drawn)
                }
                OpsKind::UnTracked(prepared) => prepared.finish(drawn),
            }
        }
    }

    #[derive(Debug)]
    struct Composited;

    impl<B: Gradient> Backward<B, 2> for Composited {
        type State = (FloatTensor<B>, FloatTensor<B>, usize);

        fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
            let wanted = gradients.consume::<B>(&ops.node);
            let (fields, colours, size) = ops.state;
            let found = B::gradients(fields, colours, wanted, size);
            for (parent, gradient) in ops.parents.into_iter().zip(found) {
                if let Some(parent) = parent {
                    gradients.register::<B>(parent.id, gradient);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layers;
    use super::super::tests::{noise, random_layers};
    use super::*;
    use burn::tensor::Tolerance;

    fn tensors(layers: &[Layers], device: &Device) -> (Tensor<4>, Tensor<3>) {
        let (side, count) = (layers[0].side(), layers[0].count());
        let fields: Vec<f32> = layers.iter().flat_map(|layers| layers.fields()).copied().collect();
        let colours: Vec<f32> = layers.iter().flat_map(|layers| layers.colours()).copied().collect();
        (
            Tensor::from_data(TensorData::new(fields, [layers.len(), count, side, side]), device),
            Tensor::from_data(TensorData::new(colours, [layers.len(), count, COLOUR]), device),
        )
    }

    /// Within a level of 255, at a size that is averaged, at one that is not, and at one that is no multiple of the fields'.
    #[test]
    fn the_renderer_draws_what_tensors_draw() {
        for (layers, side, size) in [(4, 16, 64), (3, 64, 256), (8, 24, 300)] {
            let layers = random_layers(layers, side, 11);
            let (fields, colours) = tensors(std::slice::from_ref(&layers), &Device::flex());
            let drawn: Vec<f32> = of_tensors(fields, colours, size).into_data().iter().collect();
            let rendered = layers.render(size, Some([255, 0, 128]));
            let paper = [1.0, 0.0, 128.0 / 255.0];
            for (index, pixel) in rendered.bytes.chunks_exact(4).enumerate() {
                for channel in 0..3 {
                    let at = |channel: usize| drawn[channel * size * size + index];
                    // Colours outside what can be shown are clamped before they are laid on paper.
                    let alpha = at(3);
                    let colour = (at(channel) / alpha.max(1e-6)).clamp(0.0, 1.0);
                    let expected = (colour * alpha + paper[channel] * (1.0 - alpha)) * 255.0;
                    assert!((f32::from(pixel[channel]) - expected).abs() < 1.0, "{index}: {} {expected}", pixel[channel]);
                }
            }
        }
    }

    #[cfg(feature = "training")]
    #[test]
    fn the_ways_of_cpu_and_gpu_agree_in_values_and_gradients() {
        let device = Device::flex().autodiff();
        for (layers, side, size) in [(4, 16, 64), (3, 12, 256)] {
            let pair: Vec<Layers> = (0..2).map(|seed| random_layers(layers, side, seed)).collect();
            let (fields, colours) = tensors(&pair, &device);
            let (fields, colours) = (fields.require_grad(), colours.require_grad());
            let towards = noise(2 * CHANNELS * size * size, 4);
            let towards = Tensor::<4>::from_data(TensorData::new(towards, [2, CHANNELS, size, size]), &device);
            let ways = [of_tensors(fields.clone(), colours.clone(), size), composite(fields.clone(), colours.clone(), size)];
            let [general, ours] = ways.clone().map(|y| y.into_data());
            ours.assert_approx_eq::<f32>(&general, Tolerance::rel_abs(1e-3, 2e-5));
            let [general, ours] = ways.map(|y| (y * towards.clone()).sum().backward());
            let same = |general: Option<TensorData>, ours: Option<TensorData>| {
                ours.unwrap().assert_approx_eq::<f32>(&general.unwrap(), Tolerance::rel_abs(2e-3, 2e-3));
            };
            same(fields.grad(&general).map(Tensor::into_data), fields.grad(&ours).map(Tensor::into_data));
            same(colours.grad(&general).map(Tensor::into_data), colours.grad(&ours).map(Tensor::into_data));
        }
    }
}
