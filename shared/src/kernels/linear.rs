//! The fully connected layer of the generator: burn's own, but for two things on the CPU. Its gradient is worked out at a fraction of the
//! cost ([`training`], with the feature of that name), and for drawing its weights can stay in the 8 bits that a model file has of them.

use burn::module::Param;
use burn::nn::LinearConfig;
use burn::prelude::*;

#[cfg(feature = "cpu")]
mod quantized;
#[cfg(feature = "training")]
mod training;

/// y = x W + b.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[inputs, outputs]`; a single zero once they are in `bytes`.
    weight: Param<Tensor<2>>,
    /// `[outputs]`
    bias: Option<Param<Tensor<1>>>,
    #[cfg(feature = "cpu")]
    #[module(skip)]
    bytes: Option<quantized::QuantizedWeights>,
}

impl Linear {
    /// A layer with random weights.
    pub fn new(config: &LinearConfig, device: &Device) -> Self {
        let burn::nn::Linear { weight, bias } = config.init(device);
        Self {
            weight,
            bias,
            #[cfg(feature = "cpu")]
            bytes: None,
        }
    }

    /// The same layer with this bias to begin with, `[outputs]`.
    pub fn with_bias(self, bias: Tensor<1>) -> Self {
        Self { bias: Some(Param::from_tensor(bias)), ..self }
    }

    /// The same layer for drawing on the CPU: with its weights in 8 bits, if these hold them exactly.
    ///
    /// A picture is one vector's way through all weights, and what takes time is fetching them from memory.
    #[cfg(feature = "cpu")]
    pub fn in_bytes(self) -> Self {
        let (_, weight, _) = self.weight.consume();
        let (device, [_, outputs]) = (weight.device(), weight.dims());
        let weight = weight.into_data();
        let bytes = weight.as_slice().ok().and_then(|weights| quantized::QuantizedWeights::of(weights, outputs));
        let weight = if bytes.is_some() { Tensor::zeros([1, 1], &device) } else { Tensor::from_data(weight, &device) };
        Self { weight: Param::from_tensor(weight), bytes, ..self }
    }

    /// # Shapes
    /// `[batch, inputs]` to `[batch, outputs]`
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let bias = self.bias.as_ref().map(|bias| bias.val().unsqueeze::<2>());
        let drawn = self.product(x);
        match bias {
            Some(bias) => drawn + bias,
            None => drawn,
        }
    }

    fn product(&self, x: Tensor<2>) -> Tensor<2> {
        #[cfg(feature = "cpu")]
        if let Some(bytes) = &self.bytes {
            return bytes.product(x);
        }
        #[cfg(feature = "training")]
        if crate::kernels::on_cpu(&x.device()) {
            return training::product(x, self.weight.val());
        }
        x.matmul(self.weight.val())
    }
}
