//! Layers: a picture as a few smooth fields, each with a colour. It is what the generator draws.
//!
//! ```text
//! F_k    = K fields of logits, [K, side, side]            field 0 is paper
//! c_k    = c + right * u + down * v                       a colour with a slope (a linear gradient); u, v from -1 to 1 over the picture
//! p      = softmax over k of s(size) * cubic(F_k, size)   s(size) = size / 64: an edge stays about a pixel wide at any size
//! colour = sum over k > 0 of p_k c_k / alpha              alpha = 1 - p_0
//! ```
//!
//! What makes edges crisp is that the softmax comes after the enlarging, as the threshold does with signed-distance fonts (Green 2007);
//! the closest published form is Sbai et al. 2018, one-colour layers and masks. So a picture has any size, true alpha, contours that can be
//! followed and colours that can be moved.
//!
//! The formula stands three times: `render` on plain numbers, for drawing; `gradient`, the same with its derivative, for training on the
//! CPU; and in [`composite`] as tensors, for training on a GPU. Tests hold them together.

mod arrangement;
mod background;
mod composite;
mod contour;
mod enlarge;
mod fields;
#[cfg(feature = "training")]
mod gradient;
mod pixels;
mod recolour;
mod regions;
mod render;
mod reshape;
mod svg;

pub use arrangement::{Arrangement, Place};
pub use background::{Background, BackgroundError};
pub use composite::composite;
pub(crate) use contour::{area, loops};
pub use fields::{CHANNELS, COLOUR, FINEST, Layers, LayersError, SIZES};
pub use recolour::{Recolouring, Tint, recolourings};
pub(crate) use recolour::{to_oklch, to_rgb, within_gamut};
pub use regions::regions;
pub use render::Rgba;
pub(crate) use reshape::smooth_noise;
pub(crate) use svg::{UNITS, head};

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    /// Numbers from -1 to 1.
    pub fn noise(count: usize, seed: u64) -> Vec<f32> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| (random.next_u32() as f32 / u32::MAX as f32) * 2.0 - 1.0).collect()
    }

    /// Layers as a trained generator might draw them: fields of several logits' height, colours around grey.
    pub fn random_layers(layers: usize, side: usize, seed: u64) -> Layers {
        let fields = noise(layers * side * side, seed).into_iter().map(|v| v * 4.0).collect();
        let colours = noise(layers * COLOUR, seed + 1).into_iter().map(|v| v * 0.3 + 0.5).collect();
        Layers::new(side, fields, colours).unwrap()
    }

    #[test]
    fn numbers_that_are_no_layers_are_refused() {
        assert!(Layers::new(4, vec![0.0; 32], vec![0.0; 18]).is_ok());
        for (side, fields, colours) in [(4, 31, 18), (4, 32, 17), (4, 16, 9), (0, 0, 18), (1, 2, 18), (usize::MAX, 32, 18)] {
            assert!(Layers::new(side, vec![0.0; fields], vec![0.0; colours]).is_err(), "{side} {fields} {colours}");
        }
    }
}
