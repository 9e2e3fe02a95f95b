//! Who draws what is measured: a model, or a table of pictures. Figures ask for a caption in a style at a size and care for nothing else.

use burn::prelude::*;
use image::RgbImage;
use image::imageops::{self, FilterType};
use rayon::prelude::*;
use shared::layers::Layers;
use shared::model::matching::CaptionBatch;
use shared::style::StyleCode;

use super::model::Model;
use crate::data::{DataError, WHITE, on_paper};
use crate::train::batches::styles_to_tensor;
use crate::train::grid::paint;

/// Pictures drawn at a time.
const CHUNK: usize = 32;

/// A picture as somebody gets it, sRGB, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    /// RGB8, `[size, size, 3]`: of somebody who knows no alpha.
    Opaque(Vec<u8>),
    /// RGBA8, straight alpha, `[size, size, 4]`.
    Clear(Vec<u8>),
}

impl Picture {
    /// On white paper: RGB8, `[size, size, 3]`.
    pub fn into_white(self) -> Vec<u8> {
        match self {
            Self::Opaque(rgb) => rgb,
            Self::Clear(rgba) => on_paper(&rgba, WHITE),
        }
    }

    /// Alpha of each pixel, where the picture has any.
    pub fn alpha(&self) -> Option<impl Iterator<Item = u8> + '_> {
        match self {
            Self::Opaque(_) => None,
            Self::Clear(rgba) => Some(rgba.iter().skip(3).step_by(4).copied()),
        }
    }
}

/// Whoever draws captions in styles.
pub trait Drawer {
    /// Each caption, as the model numbers its words, in its style, with sides of `size` pixels.
    ///
    /// # Errors
    /// [`DataError`] where that takes pictures that cannot be read.
    fn draw(&self, numbers: &[Vec<u32>], styles: &[StyleCode], size: usize) -> Result<Vec<Picture>, DataError>;
}

/// A model on a device. Layers are drawn at the size that is asked for; what older models draw in pixels is enlarged by a cubic.
#[derive(Clone, Copy)]
pub struct ModelDrawer<'a> {
    pub model: &'a Model,
    pub device: &'a Device,
}

impl Drawer for ModelDrawer<'_> {
    fn draw(&self, numbers: &[Vec<u32>], styles: &[StyleCode], size: usize) -> Result<Vec<Picture>, DataError> {
        let Self { model, device } = self;
        let mut drawn = vec![];
        for (numbers, styles) in numbers.chunks(CHUNK).zip(styles.chunks(CHUNK)) {
            match self.layers(numbers, styles) {
                Some(layers) => {
                    drawn.par_extend(layers.par_iter().map(|layers| Picture::Clear(layers.render(size, None).bytes)));
                }
                None => {
                    let styles = styles_to_tensor(styles, device);
                    let pixels = paint(&model.sentence, &model.side, numbers, styles, device);
                    drawn.extend(pixels.into_iter().map(|rgb| Picture::Opaque(enlarged(rgb, model.image_size, size))));
                }
            }
        }
        Ok(drawn)
    }
}

impl ModelDrawer<'_> {
    /// The layers of each caption in its style; `None` of a model that draws pixels.
    pub fn layers(&self, numbers: &[Vec<u32>], styles: &[StyleCode]) -> Option<Vec<Layers>> {
        let Self { model, device } = self;
        let content = model.side.text.forward(model.sentence.forward(CaptionBatch::new(numbers, device)));
        model.side.generator.layers(content, styles_to_tensor(styles, device))?.read().ok()
    }
}

/// A square picture on paper at another size, by Catmull and Rom's cubic: RGB8 to RGB8.
pub fn enlarged(rgb: Vec<u8>, from: usize, to: usize) -> Vec<u8> {
    if from == to {
        return rgb;
    }
    let picture = RgbImage::from_raw(from as u32, from as u32, rgb).unwrap_or_default();
    imageops::resize(&picture, to as u32, to as u32, FilterType::CatmullRom).into_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_enlarged_and_laid_on_white() {
        let half: Vec<u8> = (0..8 * 8).flat_map(|pixel| if pixel % 8 < 4 { [0, 0, 0] } else { [255, 255, 255] }).collect();
        assert_eq!(enlarged(half.clone(), 8, 8), half);
        let large = enlarged(half, 8, 32);
        assert_eq!(large.len(), 32 * 32 * 3);
        let row: Vec<u8> = large[16 * 32 * 3..].iter().step_by(3).take(32).copied().collect();
        assert!(row[..8].iter().all(|value| *value == 0) && row[24..].iter().all(|value| *value == 255), "{row:?}");
        assert!(row[15] < 128 && row[16] > 127 && row[15] + (255 - row[16]) > 0, "{row:?}");
        let clear = Picture::Clear(vec![10, 20, 30, 0, 10, 20, 30, 255]);
        assert_eq!(clear.alpha().map(|alpha| alpha.collect::<Vec<_>>()), Some(vec![0, 255]));
        assert_eq!(clear.into_white(), [255, 255, 255, 10, 20, 30]);
        assert!(Picture::Opaque(vec![1, 2, 3]).alpha().is_none());
    }
}
