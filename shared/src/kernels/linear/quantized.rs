//! A fully connected layer's weights in 8 bits in memory.

use std::sync::Arc;

use burn::prelude::*;

use crate::kernels::quantization::{LARGE, scale};

/// Rows that are added up together: the sums are fetched and put back once for all of them.
const TOGETHER: usize = 8;

/// `[inputs, outputs]`, each row as steps from -127 to 127 of its own scale. As many rows of zeros follow as make whole groups of
/// [`TOGETHER`].
#[derive(Debug, Clone)]
pub(super) struct QuantizedWeights {
    steps: Arc<[i8]>,
    scales: Arc<[f32]>,
    outputs: usize,
}

impl QuantizedWeights {
    /// `None` where 8 bits do not hold the weights exactly, or where there are too few to matter.
    pub fn of(weights: &[f32], outputs: usize) -> Option<Self> {
        if weights.len() < LARGE {
            return None;
        }
        let inputs = weights.len() / outputs;
        let (mut scales, mut steps) =
            (Vec::with_capacity(inputs + TOGETHER), Vec::with_capacity(weights.len() + TOGETHER * outputs));
        for row in weights.chunks_exact(outputs) {
            let scale = scale(row);
            // Whole numbers, where the weights were read from 8 bits; nothing to round. A row of zeros has no scale and gets zeros.
            steps.extend(row.iter().map(|weight| (weight / scale) as i8));
            let kept = &steps[steps.len() - outputs..];
            if row.iter().zip(kept).fold(false, |differs, (weight, step)| differs | (f32::from(*step) * scale != *weight)) {
                return None;
            }
            scales.push(scale);
        }
        scales.resize(inputs.next_multiple_of(TOGETHER), 0.0);
        steps.resize(scales.len() * outputs, 0);
        Some(Self { steps: steps.into(), scales: scales.into(), outputs })
    }

    /// `[batch, inputs]` to `[batch, outputs]`
    pub fn product(&self, x: Tensor<2>) -> Tensor<2> {
        let ([batch, inputs], device) = (x.dims(), x.device());
        let x: Vec<f32> = x.into_data().iter().collect();
        let mut sums = vec![0.0; batch * self.outputs];
        for (x, sums) in x.chunks_exact(inputs).zip(sums.chunks_exact_mut(self.outputs)) {
            let factors: Vec<f32> =
                x.iter().chain(std::iter::repeat(&0.0)).zip(&*self.scales).map(|(x, scale)| x * scale).collect();
            // Compiled for each kind of processor, and taken by what it is asked for here.
            pulp::Arch::new().dispatch(AddRows { factors: &factors, steps: &self.steps, sums });
        }
        Tensor::from_data(TensorData::new(sums, [batch, self.outputs]), &device)
    }
}

/// Adds each row of `steps`, times its factor, to `sums`.
struct AddRows<'a> {
    factors: &'a [f32],
    steps: &'a [i8],
    sums: &'a mut [f32],
}

impl pulp::NullaryFnOnce for AddRows<'_> {
    type Output = ();

    // Else it would be compiled once, for the oldest of processors.
    #[inline(always)]
    fn call(self) {
        let Self { factors, steps, sums } = self;
        let outputs = sums.len();
        // Copied, or they might change with the sums, and the loop would not be made into vector instructions.
        for (factor, steps) in factors.as_chunks::<TOGETHER>().0.iter().copied().zip(steps.chunks_exact(TOGETHER * outputs)) {
            let [a, b, c, d, e, f, g, h] = std::array::from_fn(|row| &steps[row * outputs..][..outputs]);
            for (i, sum) in sums.iter_mut().enumerate() {
                let rows = [a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]].map(f32::from);
                let pair = |first: usize| factor[first] * rows[first] + factor[first + 1] * rows[first + 1];
                *sum += (pair(0) + pair(2)) + (pair(4) + pair(6));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use testing::noise;

    /// Weights that 8 bits hold, and a row of zeros.
    fn weight([inputs, outputs]: [usize; 2], device: &Device) -> Tensor<2> {
        let value = |i: usize| {
            let (row, column) = (i / outputs, i % outputs);
            let step = if column == 0 { 127 } else { (i * 7919 % 255) as i32 - 127 };
            if row == 3 { 0.0 } else { step as f32 * (1.0 + row as f32) / 131_072.0 }
        };
        Tensor::from_data(TensorData::new((0..inputs * outputs).map(value).collect(), [inputs, outputs]), device)
    }

    fn bytes_of(weight: &Tensor<2>) -> Option<QuantizedWeights> {
        QuantizedWeights::of(weight.to_data().as_slice().unwrap(), weight.dims()[1])
    }

    #[test]
    fn the_product_is_that_of_the_weights_themselves() {
        let device = Device::flex();
        for shape in [[256, 512], [133, 640], [1021, 65]] {
            let weight = weight(shape, &device);
            let x = Tensor::<2>::from_data(noise([3, shape[0]], 1), &device);
            let found = bytes_of(&weight).unwrap().product(x.clone());
            let tolerance = Tolerance::rel_abs(1e-4, 1e-3);
            found.into_data().assert_approx_eq::<f32>(&x.matmul(weight).into_data(), tolerance);
        }
    }

    #[test]
    fn weights_that_would_change_stay_as_they_are() {
        let device = Device::flex();
        assert!(bytes_of(&Tensor::from_data(noise([256, 512], 1), &device)).is_none());
        assert!(bytes_of(&weight([8, 8], &device)).is_none(), "too few to matter");
    }
}
