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
#[cfg(feature = "training")]
mod gradient;
mod pixels;
mod recolour;
mod render;
mod svg;

pub use arrangement::{Arrangement, Place};
pub use background::{Background, BackgroundError};
pub use composite::{CHANNELS, composite};
pub use recolour::Hue;
pub use render::Rgba;

/// Numbers of a colour: red, green and blue in the middle of the picture, then how they change to the right and downwards.
pub const COLOUR: usize = 9;

/// Widths and heights in pixels that a picture may be asked for in.
pub const SIZES: std::ops::RangeInclusive<usize> = 16..=4096;

/// Pixels at least that a picture is worked out in; what is smaller is averaged down from so many. Training draws with as many, so what is
/// learnt is what is drawn.
pub const FINEST: usize = 256;

/// A picture as fields and colours; see the module's documentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    side: usize,
    fields: Vec<f32>,
    colours: Vec<f32>,
}

/// Numbers that are no layers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{fields} logits and {colours} numbers of colours are no layers of {side} x {side}: there must be two fields at least, and {COLOUR} numbers for each"
)]
pub struct LayersError {
    side: usize,
    fields: usize,
    colours: usize,
}

impl Layers {
    /// # Shapes
    /// - `fields`: `[layers, side, side]`, logits; the first is paper
    /// - `colours`: `[layers, 9]`, see [`COLOUR`]; sRGB from 0 to 1, not clamped. The first is not looked at
    ///
    /// # Errors
    /// [`LayersError`] where the numbers are too many or too few.
    pub fn new(side: usize, fields: Vec<f32>, colours: Vec<f32>) -> Result<Self, LayersError> {
        let layers = colours.len() / COLOUR;
        let fits = layers >= 2
            && colours.len() == layers * COLOUR
            && layers.checked_mul(side).and_then(|n| n.checked_mul(side)) == Some(fields.len())
            && side >= 2;
        match fits {
            true => Ok(Self { side, fields, colours }),
            false => Err(LayersError { side, fields: fields.len(), colours: colours.len() }),
        }
    }

    /// How many there are, paper among them.
    pub fn count(&self) -> usize {
        self.colours.len() / COLOUR
    }

    /// Width and height of each field.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Logits, `[layers, side, side]`.
    pub fn fields(&self) -> &[f32] {
        &self.fields
    }

    /// Colours, `[layers, 9]`; see [`COLOUR`].
    pub fn colours(&self) -> &[f32] {
        &self.colours
    }

    /// The largest difference of a number, as a share of the number and one together; infinite where the shapes differ. Paper has no
    /// colour.
    pub fn largest_difference(&self, other: &Self) -> f32 {
        if (self.side, self.count()) != (other.side, other.count()) {
            return f32::INFINITY;
        }
        let colours = self.colours.iter().zip(&other.colours).skip(COLOUR);
        let all = self.fields.iter().zip(&other.fields).chain(colours);
        let off = all.map(|(a, b)| (a - b).abs() / (1.0 + b.abs()));
        off.map(|off| if off.is_nan() { f32::INFINITY } else { off }).fold(0.0, f32::max)
    }
}

/// How often a picture's pixels are divided along a side while it is worked out.
pub(crate) fn supersampling(size: usize) -> usize {
    FINEST.div_ceil(size.max(1)).max(1)
}

/// What logits are multiplied by in a picture of so many pixels.
pub(crate) fn sharpness(size: usize) -> f32 {
    size as f32 / 64.0
}

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
