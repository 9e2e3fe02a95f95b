//! Colour profiles (ICC): what a picture's numbers mean as colours, brought to sRGB.
//!
//! Browsers apply them, so training does: the same file must lend the same style in both. And as there, a profile that cannot be read, or
//! is of other channels than its picture, says nothing, and the picture is taken as sRGB.
//!
//! moxcms converts; littleCMS is what it is measured by (trainer/reference/profiles.py). They differ in black: the blackest that a press can
//! print is dark grey, and littleCMS calls it black (black point compensation). That is done here, on what moxcms gives.

use std::sync::Arc;

use image::{DynamicImage, ImageBuffer, Pixel, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, ProfileVersion, Transform8BitExecutor, TransformOptions};

/// Pixels converted at a time.
const AT_A_TIME: usize = 4096;

/// Light of black, of 1, in the tables of a profile of version 4: so the standard has it.
const BLACK_OF_TABLES: f64 = 0.003_473_1;

/// Light of the brightest colour that may still be called black.
const BRIGHTEST_BLACK: f64 = 0.184;

/// What a file says about its colours.
pub struct Profile(ColorProfile);

impl Profile {
    /// Reads a profile; `None` where it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        ColorProfile::new_from_slice(bytes).ok().map(Self)
    }

    /// Whether it is of four inks.
    pub fn is_of_inks(&self) -> bool {
        self.0.color_space == DataColorSpace::Cmyk
    }

    /// A picture of these colours in sRGB, of 8 bits and as transparent as before.
    pub fn to_srgb(&self, picture: DynamicImage) -> DynamicImage {
        // Grey under a profile of three colours is all three in equal parts.
        let is_grey = !picture.color().has_color() && self.0.color_space == DataColorSpace::Gray;
        match (is_grey, picture.color().has_alpha()) {
            (true, false) => self.in_place(Layout::Gray, picture.into_luma8()).into(),
            (true, true) => self.in_place(Layout::GrayAlpha, picture.into_luma_alpha8()).into(),
            (false, false) => self.in_place(Layout::Rgb, picture.into_rgb8()).into(),
            (false, true) => self.in_place(Layout::Rgba, picture.into_rgba8()).into(),
        }
    }

    /// Four inks a pixel, 255 the most of each, as they look in sRGB; `None` where the profile does not say.
    pub fn print(&self, inks: &[u8], width: u32, height: u32) -> Option<DynamicImage> {
        let conversion = self.conversion(Layout::Rgba, Layout::Rgb)?;
        let mut rgb = vec![0; inks.len() / 4 * 3];
        for (inks, rgb) in inks.chunks(4 * AT_A_TIME).zip(rgb.chunks_mut(3 * AT_A_TIME)) {
            conversion.convert(inks, rgb);
        }
        Some(RgbImage::from_raw(width, height, rgb)?.into())
    }

    /// Converts pixels where they lie, since a large picture has no room for a second copy.
    fn in_place<P: Pixel<Subpixel = u8>>(&self, layout: Layout, mut picture: ImageBuffer<P, Vec<u8>>) -> ImageBuffer<P, Vec<u8>> {
        if let Some(conversion) = self.conversion(layout, layout) {
            for pixels in picture.chunks_mut(AT_A_TIME * usize::from(P::CHANNEL_COUNT)) {
                let before = pixels.to_vec();
                conversion.convert(&before, pixels);
            }
        }
        picture
    }

    fn conversion(&self, from: Layout, to: Layout) -> Option<Conversion> {
        let mut goal = ColorProfile::new_srgb();
        if matches!(to, Layout::Gray | Layout::GrayAlpha) {
            let curve = goal.red_trc;
            goal = ColorProfile::new_gray_with_gamma(1.0);
            goal.gray_trc = curve;
        }
        let transform = self.0.create_transform_8bit(from, &goal, to, TransformOptions::default()).ok()?;
        let colours = to.channels() - usize::from(matches!(to, Layout::GrayAlpha | Layout::Rgba));
        let mut conversion = Conversion { transform, channels: to.channels(), colours, compensated: None };
        // All inks, or no light.
        let darkest = if self.is_of_inks() { 255 } else { 0 };
        let mut black = vec![0; to.channels()];
        conversion.convert(&vec![darkest; from.channels()], &mut black);
        let black = match self.0.version() >= ProfileVersion::V4_0 && self.0.lut_a_to_b_perceptual.is_some() {
            true => BLACK_OF_TABLES,
            false => light_of(&black[..colours]).min(BRIGHTEST_BLACK),
        };
        conversion.compensated = (black > 0.0).then(|| compensated(black));
        Some(conversion)
    }
}

/// From one profile's colours to another's.
struct Conversion {
    transform: Arc<Transform8BitExecutor>,
    /// What comes out: channels, and how many of them are no alpha.
    channels: usize,
    colours: usize,
    /// For each value what it is when black is black, where it was not.
    compensated: Option<[u8; 256]>,
}

impl Conversion {
    fn convert(&self, from: &[u8], to: &mut [u8]) {
        // What can go wrong is the number of channels, which has been looked at.
        let _ = self.transform.transform(from, to);
        if let Some(table) = &self.compensated {
            to.chunks_exact_mut(self.channels).flat_map(|pixel| &mut pixel[..self.colours]).for_each(|value| {
                *value = table[usize::from(*value)];
            });
        }
    }
}

/// Light of a colour in sRGB, of 1.
fn light_of(colour: &[u8]) -> f64 {
    let light: Vec<f64> = colour.iter().map(|value| linear(f64::from(*value) / 255.0)).collect();
    match light[..] {
        [red, green, blue] => 0.2126 * red + 0.7152 * green + 0.0722 * blue,
        _ => light.iter().sum(),
    }
}

/// Values of sRGB, light scaled so that what was `black` is none and white stays.
fn compensated(black: f64) -> [u8; 256] {
    std::array::from_fn(|value| {
        let light = (linear(value as f64 / 255.0) - black) / (1.0 - black);
        (encoded(light.max(0.0)) * 255.0).round() as u8
    })
}

/// sRGB's curve, from its value to light, both of 1.
fn linear(value: f64) -> f64 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// The same from light to its value.
fn encoded(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests;
