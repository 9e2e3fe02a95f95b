//! The numbers that layers are.

/// Numbers of a colour: red, green and blue in the middle of the picture, then how they change to the right and downwards.
pub const COLOUR: usize = 9;

/// Values of a pixel: red, green and blue times alpha, alpha, and how undecided its layers' shares are (1 - sum of p^2, nought where one
/// layer has it all).
pub const CHANNELS: usize = 5;

/// Widths and heights in pixels that a picture may be asked for in.
pub const SIZES: std::ops::RangeInclusive<usize> = 16..=4096;

/// Pixels at least that a picture is worked out in; what is smaller is averaged down from so many. Training draws with as many, so what is
/// learnt is what is drawn.
pub const FINEST: usize = 256;

/// A picture as fields and colours; see the module's documentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    pub(super) side: usize,
    pub(super) fields: Vec<f32>,
    pub(super) colours: Vec<f32>,
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
