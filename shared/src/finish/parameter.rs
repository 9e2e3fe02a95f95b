//! The numbers of a finish.

use std::ops::RangeInclusive;

use super::error::FinishError;

/// One number of a finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Width of lines around everything and between colours.
    Outline,
    /// Colour of lines and of texture.
    Tone,
    /// How much of the fills is left.
    Fill,
    /// From flat colours to light and shade.
    Shading,
    /// How strong colours are.
    Saturation,
    /// How far light and dark colours lie apart.
    Contrast,
    /// Paper behind the picture.
    Paper,
    /// Hue of the paper.
    Hue,
    /// A sticker's rim, or a shadow.
    Rim,
    /// Dots, more of them where it is dark.
    Halftone,
    /// Slanted lines, wider where it is dark.
    Hatching,
    /// Noise of small grains.
    Grain,
    /// Square pixels.
    Pixels,
    /// A hand that is not steady.
    Wobble,
    /// Leaning to the side.
    Slant,
}

/// Range, neutral value and effect of each number, in the order of [`Parameter`].
const PARAMETERS: [(Parameter, &str, RangeInclusive<f32>, f32, &str); COUNT] = [
    (
        Parameter::Outline,
        "outline",
        0.0..=1.0,
        0.0,
        "lines around everything and between colours: none to 4 % of the picture's side",
    ),
    (
        Parameter::Tone,
        "tone",
        -1.0..=1.0,
        0.0,
        "colour of lines and texture: black, a dark shade of the thing's own colour, white",
    ),
    (Parameter::Fill, "fill", 0.0..=1.0, 1.0, "how much of the fills is left: lines only to all of it"),
    (Parameter::Shading, "shading", -1.0..=1.0, 0.0, "flat colours, as drawn, light and shade"),
    (Parameter::Saturation, "saturation", -1.0..=1.0, 0.0, "grey, as drawn, vivid"),
    (Parameter::Contrast, "contrast", -1.0..=1.0, 0.0, "pale, as drawn, hard"),
    (Parameter::Paper, "paper", -1.0..=1.0, 0.0, "paper behind it: black, dark, none, tinted, white"),
    (Parameter::Hue, "hue", 0.0..=1.0, 0.0, "hue of the paper, once round the colour wheel from pink"),
    (Parameter::Rim, "rim", -1.0..=1.0, 0.0, "a shadow, nothing, a sticker's white rim"),
    (Parameter::Halftone, "halftone", 0.0..=1.0, 0.0, "dots, larger where it is dark"),
    (Parameter::Hatching, "hatching", 0.0..=1.0, 0.0, "slanted lines, wider where it is dark"),
    (Parameter::Grain, "grain", 0.0..=1.0, 0.0, "noise of small grains; an SVG has none"),
    (Parameter::Pixels, "pixels", 0.0..=1.0, 0.0, "square pixels: none, 64 to 16 along a side"),
    (Parameter::Wobble, "wobble", 0.0..=1.0, 0.0, "lines as of a hand that is not steady"),
    (Parameter::Slant, "slant", -1.0..=1.0, 0.0, "leaning to the left, upright, to the right by 20 degrees"),
];

/// How many numbers a finish has.
pub const COUNT: usize = 15;

impl Parameter {
    /// All of them, in the order of [`Finish::values`].
    pub fn all() -> impl Iterator<Item = Self> {
        PARAMETERS.iter().map(|row| row.0)
    }

    /// What it is called in texts and in the library.
    pub fn name(self) -> &'static str {
        PARAMETERS[self as usize].1
    }

    /// What it may be.
    pub fn range(self) -> RangeInclusive<f32> {
        PARAMETERS[self as usize].2.clone()
    }

    /// Where it changes nothing.
    pub fn neutral(self) -> f32 {
        PARAMETERS[self as usize].3
    }

    /// What one sees of it, from the least to the most.
    pub fn effect(self) -> &'static str {
        PARAMETERS[self as usize].4
    }
}

/// How a picture is finished: a number for each [`Parameter`], within its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finish([f32; COUNT]);

impl Default for Finish {
    /// Neutral: nothing is changed.
    fn default() -> Self {
        Self(PARAMETERS.map(|row| row.3))
    }
}

impl Finish {
    /// Takes the numbers in the order of [`Parameter`]; what lies outside a range is moved to its end.
    ///
    /// # Errors
    /// [`FinishError::Length`], [`FinishError::NotFinite`].
    pub fn from_values(values: &[f32]) -> Result<Self, FinishError> {
        let numbers: [f32; COUNT] =
            values.try_into().map_err(|_| FinishError::Length { found: values.len(), expected: COUNT })?;
        let finish = Parameter::all().zip(numbers).try_fold(Self::default(), |finish, (parameter, value)| {
            if value.is_finite() {
                Ok(finish.with(parameter, value))
            } else {
                Err(FinishError::NotFinite { name: parameter.name() })
            }
        })?;
        Ok(finish)
    }

    /// Its numbers, in the order of [`Parameter`].
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// One of its numbers.
    pub fn get(&self, parameter: Parameter) -> f32 {
        self.0[parameter as usize]
    }

    /// The same with another number, which is moved into its range.
    pub fn with(mut self, parameter: Parameter, value: f32) -> Self {
        let range = parameter.range();
        self.0[parameter as usize] = value.clamp(*range.start(), *range.end());
        self
    }

    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        // A hue is that of the paper, and where there is none it changes nothing.
        Parameter::all().all(|parameter| parameter == Parameter::Hue || self.get(parameter) == parameter.neutral())
    }

    /// The finish between this one (`t` = 0) and another (`t` = 1). Hues take the shorter way round.
    pub fn blend(&self, other: &Self, t: f32) -> Self {
        let t = t.clamp(0.0, 1.0);
        // Exact at both ends, since looks are compared and written.
        let between = |parameter: Parameter| (1.0 - t) * self.get(parameter) + t * other.get(parameter);
        let mixed = Self(std::array::from_fn(|index| between(PARAMETERS[index].0)));
        // Paper that is not there has no hue of its own.
        let (from, to) = match [self, other].map(|finish| finish.get(Parameter::Paper) == 0.0) {
            [true, false] => (other.get(Parameter::Hue), other.get(Parameter::Hue)),
            [false, true] => (self.get(Parameter::Hue), self.get(Parameter::Hue)),
            _ => (self.get(Parameter::Hue), other.get(Parameter::Hue)),
        };
        let way = (to - from + 0.5).rem_euclid(1.0) - 0.5;
        mixed.with(Parameter::Hue, (from + t * way).rem_euclid(1.0))
    }
}
