//! What can keep a picture from being drawn, and how far devices may differ.

use crate::style::StyleError;
use crate::text::caption::Reading;

/// How far two devices may differ, in 8-bit levels: rounding, not mistakes.
pub const TOLERANCE: u8 = 2;

/// How far two devices may differ in a logit of a field, as a share of itself and one together. Logits of pixels that have long decided are
/// large, and nothing is seen of what they are.
pub const LOGIT_TOLERANCE: f32 = 0.02;

/// How far two devices may differ in a number of a lent style, whose deviation is one: it is a sum over thousands of products, and
/// each device adds them in an order of its own.
pub const STYLE_TOLERANCE: f32 = 0.02;

/// A picture that could not be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PaintError {
    #[error("the caption is empty")]
    EmptyCaption,
    #[error("no word of the caption is known to this model")]
    NothingKnown(Reading),
    #[error(transparent)]
    Style(#[from] StyleError),
    #[error("the picture that lends its style is {found:?} pixels, the model takes {expected:?}")]
    PictureSize { expected: [usize; 2], found: [usize; 2] },
    #[error("the device failed while drawing: {0}")]
    Device(String),
    #[error("the device drew something that is not a number")]
    NotFinite,
    #[error("this model draws pixels, not layers")]
    Pixels,
}

impl PaintError {
    /// Stable identifier for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyCaption => "caption.empty",
            Self::NothingKnown(_) => "caption.unknown",
            Self::Style(error) => error.code(),
            Self::PictureSize { .. } => "style.picture-size",
            Self::Device(_) => "device.failed",
            Self::NotFinite => "device.not-finite",
            Self::Pixels => "model.pixels",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::EmptyCaption => "type what to draw, such as \"a red apple\"",
            Self::NothingKnown(_) => "name an everyday thing in English, such as \"cat\", \"rocket\" or \"birthday cake\"",
            Self::Style(error) => error.advice(),
            Self::PictureSize { .. } => "scale the picture to the model's size first",
            Self::Device(_) => "try again, or draw on the CPU instead",
            Self::NotFinite => "draw on the CPU instead; this device computes wrongly",
            Self::Pixels => "take a picture of the model's own size on white paper, or a newer model",
        }
    }
}

/// A device that does not draw what this model is known to draw.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SelfTestError {
    #[error(
        "{caption:?} with seed {seed} differs from its golden picture by {difference} levels of 255 ({TOLERANCE} are allowed)"
    )]
    Mismatch { caption: String, seed: u64, difference: u8 },
    #[error(
        "the layers of {caption:?} with seed {seed} differ from its golden ones by {difference} ({LOGIT_TOLERANCE} is allowed)"
    )]
    Layers { caption: String, seed: u64, difference: f32 },
    #[error(
        "the golden picture of {caption:?} lends a style that differs from its own by {difference} ({STYLE_TOLERANCE} is allowed)"
    )]
    Style { caption: String, difference: f32 },
    #[error(transparent)]
    Paint(#[from] PaintError),
}

impl SelfTestError {
    /// Stable identifier for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Mismatch { .. } | Self::Layers { .. } | Self::Style { .. } => "self-test.mismatch",
            Self::Paint(error) => error.code(),
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Mismatch { .. } | Self::Layers { .. } | Self::Style { .. } => {
                "draw on another device; where none draws rightly, the model file is damaged"
            }
            Self::Paint(error) => error.advice(),
        }
    }
}
