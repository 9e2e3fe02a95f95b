//! What a device draws, compared with what the model is known to draw.

use super::error::{LOGIT_TOLERANCE, PaintError, STYLE_TOLERANCE, SelfTestError, TOLERANCE};
use super::{Painter, on_white};
use crate::file::Golden;
use crate::layers::Layers;
use crate::picture::Picture;

impl Painter {
    /// Draws a caption and lends the picture's style: what this device makes of them, for others to compare with.
    ///
    /// # Errors
    /// [`PaintError`].
    pub async fn golden(&self, caption: &str, seed: u64) -> Result<Golden, PaintError> {
        let (picture, layers) = self.drawn(caption, seed).await?;
        let lent = self.style_of(&picture).await?;
        Ok(Golden { caption: caption.to_owned(), seed, picture, layers, lent })
    }

    /// What a caption and a seed draw, with the layers of it where there are some.
    async fn drawn(&self, caption: &str, seed: u64) -> Result<(Picture, Option<Layers>), PaintError> {
        let style = self.style_from_seed(seed);
        if !self.draws_layers() {
            return Ok((self.paint(caption, &style).await?, None));
        }
        let layers = self.layers(caption, &style).await?;
        Ok((on_white(&layers, self.config.image_size), Some(layers)))
    }

    /// Draws the first golden picture, has it lend its style, and compares: a device that computes wrongly must not draw for anyone.
    /// Warms the device up, too. The other golden pictures would run the same kernels while somebody waits.
    ///
    /// # Errors
    /// [`SelfTestError`] names the picture and by how much it differs.
    pub async fn self_test(&self) -> Result<(), SelfTestError> {
        let Some(Golden { caption, seed, picture, layers, lent }) = self.golden.first() else { return Ok(()) };
        let (drawn, found) = self.drawn(caption, *seed).await?;
        let difference = match (&found, layers) {
            (Some(found), Some(expected)) => {
                let difference = found.largest_difference(expected);
                if difference > LOGIT_TOLERANCE {
                    return Err(SelfTestError::Layers { caption: caption.clone(), seed: *seed, difference });
                }
                drawn.largest_difference_outside_edges(picture)
            }
            _ => drawn.largest_difference(picture),
        };
        let difference = difference.unwrap_or(u8::MAX);
        if difference > TOLERANCE {
            return Err(SelfTestError::Mismatch { caption: caption.clone(), seed: *seed, difference });
        }
        let difference = self.style_of(picture).await?.largest_difference(lent);
        if difference > STYLE_TOLERANCE {
            return Err(SelfTestError::Style { caption: caption.clone(), difference });
        }
        Ok(())
    }
}
