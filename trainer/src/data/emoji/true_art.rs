//! The drawings behind the training pictures, at any size: what is drawn large is measured against them.

use shared::layers::Tint;

use super::choice::Choice;
use super::embedded::Pack;
use super::{fills, raster};
use crate::data::{DataConfig, DataError};

/// The drawings of the chosen part of the embedded pack, drawn when they are asked for.
pub struct TrueArt(Choice);

impl TrueArt {
    /// Those that a data set of this configuration has.
    ///
    /// # Errors
    /// As [`super::load`].
    pub fn of(config: &DataConfig) -> Result<Self, DataError> {
        Choice::of(&Pack::embedded(), config).map(Self)
    }

    /// The picture of the content with this key in this set, cropped and fitted as training pictures are: RGBA8 sRGB with straight alpha,
    /// `[size, size, 4]`; `None` where the set has none. Of a set that is no vector art it is enlarged by a cubic.
    ///
    /// # Errors
    /// [`DataError::Picture`] where it cannot be drawn at this size.
    pub fn draw(&self, key: &str, set: &str, size: usize) -> Result<Option<Vec<u8>>, DataError> {
        let drawn = self.drawing(key, set).map(|drawing| raster::rasterise(drawing, size));
        drawn.transpose().map_err(|cause| DataError::Picture { set: set.to_owned(), key: key.to_owned(), cause: cause.into() })
    }

    /// The same in other colours, by the rule of layers on the drawing's own fills; `None` also where that cannot be told.
    ///
    /// # Errors
    /// As [`Self::draw`].
    pub fn recoloured(&self, key: &str, set: &str, size: usize, tints: &[Tint]) -> Result<Option<Vec<u8>>, DataError> {
        let svg =
            self.drawing(key, set).filter(|drawing| !raster::is_webp(drawing)).and_then(|svg| std::str::from_utf8(svg).ok());
        let (Some(svg), Some(picture)) = (svg, self.draw(key, set, size)?) else { return Ok(None) };
        let drawn = fills::recoloured(svg, &picture, tints).map(|svg| raster::rasterise(svg.as_bytes(), size));
        drawn.transpose().map_err(|cause| DataError::Picture { set: set.to_owned(), key: key.to_owned(), cause: cause.into() })
    }

    /// Whether the content has a vector drawing in this set, which is as sharp as it is large.
    pub fn is_vector(&self, key: &str, set: &str) -> bool {
        self.drawing(key, set).is_some_and(|drawing| !raster::is_webp(drawing))
    }

    fn drawing(&self, key: &str, set: &str) -> Option<&[u8]> {
        let place = self.0.sets.iter().position(|known| known.name == set)?;
        self.0.drawings[place].get(key).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{CHANNELS, Dataset};

    fn config() -> DataConfig {
        let sets = ["twemoji", "fluent-3d"].map(str::to_owned).to_vec();
        DataConfig { groups: vec!["activities".to_owned()], sets, ..DataConfig::default() }
    }

    /// Mean of squares of pixels, which is what a smaller picture of the same drawing has, but for rounding.
    fn reduced(rgba: &[u8], size: usize, to: usize) -> Vec<u8> {
        let side = size / to;
        let mean = |x: usize, y: usize| {
            let mut sum = [0.0_f32; CHANNELS];
            for (dx, dy) in (0..side).flat_map(|dy| (0..side).map(move |dx| (dx, dy))) {
                let at = ((y * side + dy) * size + x * side + dx) * CHANNELS;
                let alpha = f32::from(rgba[at + 3]);
                let premultiplied = [0, 1, 2].map(|channel| f32::from(rgba[at + channel]) * alpha / 255.0);
                for (sum, value) in sum.iter_mut().zip([premultiplied[0], premultiplied[1], premultiplied[2], alpha]) {
                    *sum += value / (side * side) as f32;
                }
            }
            crate::data::paper::straight(sum)
        };
        (0..to * to).flat_map(|pixel| mean(pixel % to, pixel / to)).collect()
    }

    #[test]
    fn a_large_picture_is_the_training_picture_drawn_large() {
        let dataset = Dataset::load(&config(), 32, None, &|_, _| {}).unwrap();
        let art = TrueArt::of(&config()).unwrap();
        let apart = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        for sample in dataset.samples.iter().step_by(7) {
            let (key, set) = (&dataset.contents[sample.content].key, &dataset.styles[sample.style]);
            let small = art.draw(key, set, 32).unwrap().unwrap();
            let own = dataset.find(sample.content, sample.style).unwrap();
            assert_eq!(*dataset.rgba(own).unwrap(), small);
            // But for what sizes are rounded to.
            let large = reduced(&art.draw(key, set, 512).unwrap().unwrap(), 512, 32);
            let other = dataset.rgba((own + 2) % dataset.samples.len()).unwrap();
            assert!(3 * apart(&large, &small) < apart(&large, &other), "{key} in {set}");
            assert_eq!(art.is_vector(key, set), set == "twemoji");
        }
    }

    #[test]
    fn what_a_set_has_not_is_none() {
        let art = TrueArt::of(&config()).unwrap();
        assert_eq!(art.draw("26bd", "noto", 32).unwrap(), None);
        assert_eq!(art.draw("nothing", "twemoji", 32).unwrap(), None);
        assert!(!art.is_vector("nothing", "twemoji"));
    }
}
