//! D_s, D_c and D_i: three discriminator heads on the image encoder's maps (patent step b2, paragraphs 0041 to 0050).
//!
//! Style is judged from the style map alone and the match with the caption from the content map alone, so that neither judgement
//! can lean on what belongs to the other; the whole is judged from both.

use burn::prelude::*;

use crate::model::blocks::{Constraint, Conv2d, Kernel, leaky_relu};
use crate::model::config::{ENCODER_END, ModelConfig};
use crate::model::image_encoder::Disentangled;

/// Width of a head's one hidden layer: twice that of the paper's smallest, still a hundredth of the trunk's work.
const HIDDEN: usize = 128;

/// The three heads.
#[derive(Module, Debug)]
pub struct Heads {
    style: Head,
    matching: Head,
    whole: Head,
}

impl Heads {
    /// New heads with random weights.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let constraint = Constraint { centred: config.constrained, bounded: config.constrained };
        let head = |channels| Head::new(channels, constraint, device);
        Self {
            style: head(config.style_size),
            matching: head(2 * config.content_size),
            whole: head(config.content_size + config.style_size),
        }
    }

    /// s_s = D_s(h_s): is this a real picture's style? `[batch, 1]`, a logit.
    pub fn style(&self, codes: &Disentangled) -> Tensor<2> {
        self.style.forward(codes.style_map.clone())
    }

    /// s_c = D_c(h_tc, h_c): does the picture show what the caption (`[batch, content_size]`) says? `[batch, 1]`, a logit.
    pub fn matching(&self, content: Tensor<2>, codes: &Disentangled) -> Tensor<2> {
        let [batch, size] = content.dims();
        let tiled = content.reshape([batch, size, 1, 1]).expand([batch, size, ENCODER_END, ENCODER_END]);
        self.matching.forward(Tensor::cat(vec![tiled, codes.content_map.clone()], 1))
    }

    /// s_i = D_i(h_c, h_s): does the picture as a whole look real? `[batch, 1]`, a logit.
    pub fn whole(&self, codes: &Disentangled) -> Tensor<2> {
        self.whole.forward(Tensor::cat(vec![codes.content_map.clone(), codes.style_map.clone()], 1))
    }
}

/// One head: a convolution, a rectifier, and one number from the 4 x 4 map.
#[derive(Module, Debug)]
pub struct Head {
    hidden: Conv2d,
    output: Conv2d,
}

impl Head {
    fn new(channels: usize, constraint: Constraint, device: &Device) -> Self {
        Self {
            hidden: Conv2d::new([channels, HIDDEN], Kernel::NEIGHBOURS, constraint, device),
            output: Conv2d::new([HIDDEN, 1], Kernel::tile(ENCODER_END), constraint, device),
        }
    }

    fn forward(&self, map: Tensor<4>) -> Tensor<2> {
        let [batch, ..] = map.dims();
        self.output.forward(leaky_relu(self.hidden.forward(map))).reshape([batch, 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::noise;

    /// What the patent's paragraph 0050 asks for: each logit depends on its own codes and on nothing else.
    #[test]
    fn heads_see_only_their_own_codes() {
        let device = Device::flex();
        let config = ModelConfig::default();
        let heads = Heads::new(&config, &device);
        let map = |size, seed| Tensor::<4>::from_data(noise([1, size, 4, 4], seed), &device);
        let caption = Tensor::<2>::from_data(noise([1, config.content_size], 5), &device);
        let base = Disentangled { content_map: map(config.content_size, 1), style_map: map(config.style_size, 2) };
        let other_style = Disentangled { style_map: map(config.style_size, 3), ..base.clone() };
        let other_content = Disentangled { content_map: map(config.content_size, 4), ..base.clone() };
        let differ = |a: Tensor<2>, b: Tensor<2>| (a - b).abs().into_scalar::<f32>() > 1e-6;

        assert!(differ(heads.style(&base), heads.style(&other_style)));
        assert!(!differ(heads.style(&base), heads.style(&other_content)));
        assert!(!differ(heads.matching(caption.clone(), &base), heads.matching(caption.clone(), &other_style)));
        assert!(differ(heads.matching(caption.clone(), &base), heads.matching(caption, &other_content)));
        assert!(differ(heads.whole(&base), heads.whole(&other_style)));
        assert!(differ(heads.whole(&base), heads.whole(&other_content)));
    }
}
