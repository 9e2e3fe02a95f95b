//! What goes into decoding, and what comes of it.

use serde::{Deserialize, Serialize};

use crate::data::config::{Colour, DataConfig, Fit};

/// Raised whenever the same file would be kept as other pixels, so that cached pictures are decoded again.
const VERSION: u32 = 3;

/// How pictures become training pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Side in pixels.
    pub size: usize,
    pub fit: Fit,
    pub background: Colour,
}

impl Policy {
    pub fn new(config: &DataConfig, size: usize) -> Self {
        Self { size, fit: config.fit, background: config.background }
    }

    /// All that a decoded picture depends on besides its file.
    pub fn key(&self) -> String {
        format!("picture {VERSION} size {} fit {:?} background {}", self.size, self.fit, self.background)
    }
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    Png,
    Jpeg,
    WebP,
    Gif,
    Svg,
}

/// A decoded picture.
#[derive(Debug)]
pub struct Decoded {
    pub kind: Kind,
    /// Size as it is looked at, before it is scaled.
    pub width: u32,
    pub height: u32,
    /// RGB8 sRGB, `[size, size, 3]`.
    pub pixels: Vec<u8>,
}
