//! A convolution on NVIDIA's GPUs: burn's product of tiles on tensor cores (factors of 19 bits, TF32), taken without timing it against
//! others. Its gradients are made of the same and of products of matrices: burn 0.22.1's own kernels for them, taken so, differed from
//! PyTorch's by nine tenths of the largest.

use burn::backend::Cube;
use burn::backend::ops::ModuleOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::ops::ConvOptions;
use burn_cubecl::kernel::conv::{ConvStrategy, conv_forward};

use super::extension::Convolution;
use super::gradients::Gradient;

type CubeTensor = FloatTensor<Cube>;

impl Convolution for Cube {
    fn convolve(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, options: ConvOptions<2>) -> CubeTensor {
        // Shapes that tensor cores cannot take are taken value by value.
        conv_forward(x.clone(), weight.clone(), Some(bias.clone()), options.clone(), ConvStrategy::ImplicitGemm)
            .unwrap_or_else(|_| <Self as ModuleOps<Self>>::conv2d(x, weight, Some(bias), options))
    }
}

impl Gradient for Cube {}
