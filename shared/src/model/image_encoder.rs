//! E: splits a picture into content and style (patent step b1, paragraphs 0036 to 0040).
//!
//! The early layers of the discriminator, shared by the three heads. Two strided convolutions read the pixels, residual blocks
//! halve the map down to 4 x 4, and two convolutions split it into a content map and a style map; the codes are their means, as in
//! the paper's code. The heads judge the maps, the losses and a lent style use the codes. Who publishes a model can have its style code
//! read more exactly ([`crate::model::style_reader`]).

use burn::prelude::*;

use crate::model::blocks::{Constraint, Conv2d, Kernel, downsample, leaky_relu, spatial_mean};
use crate::model::config::{ENCODER_END, ENCODER_TILE, ModelConfig};
use crate::model::style_reader::{StyleReader, statistics_of};

/// What E says about a picture.
#[derive(Debug, Clone)]
pub struct Disentangled {
    /// Content map, `[batch, content_size, 4, 4]`.
    pub content_map: Tensor<4>,
    /// Style map, `[batch, style_size, 4, 4]`.
    pub style_map: Tensor<4>,
}

impl Disentangled {
    /// The modality-common code h_c: `[batch, content_size]`.
    pub fn content(&self) -> Tensor<2> {
        spatial_mean(self.content_map.clone())
    }

    /// The modality-specific code h_s: `[batch, style_size]`.
    pub fn style(&self) -> Tensor<2> {
        spatial_mean(self.style_map.clone())
    }
}

/// (h_c, h_s) = E(x).
#[derive(Module, Debug)]
pub struct ImageEncoder {
    trunk: Trunk,
    content: Conv2d,
    style: Conv2d,
    reader: Option<StyleReader>,
}

impl ImageEncoder {
    /// A new encoder with random weights.
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        let constraint = Constraint { centred: config.constrained, bounded: config.constrained };
        let trunk = Trunk::new(config, constraint, device);
        let channels = config.encoder_channels_at(ENCODER_END);
        let split = |size| Conv2d::new([channels, size], Kernel::NEIGHBOURS, constraint, device);
        let reader = (config.style_reader > 0).then(|| StyleReader::new(config, device));
        Self { trunk, content: split(config.content_size), style: split(config.style_size), reader }
    }

    /// # Shapes
    /// - picture: `[batch, 3, image_size, image_size]`, black at -1, white at 1
    pub fn forward(&self, picture: Tensor<4>) -> Disentangled {
        match &self.reader {
            None => self.split(self.trunk.forward(picture)),
            Some(reader) => {
                let (Disentangled { content_map, style_map }, statistics) = self.split_and_statistics(picture);
                let word = reader.forward(statistics);
                let [batch, size] = word.dims();
                Disentangled { content_map, style_map: style_map + word.reshape([batch, size, 1, 1]) }
            }
        }
    }

    /// The modality-specific code alone, `[batch, style_size]`: what content would cost is not spent where nobody asks for it, and no
    /// graph is left behind that nothing is propagated through.
    pub fn style(&self, picture: Tensor<4>) -> Tensor<2> {
        match &self.reader {
            None => spatial_mean(self.style.forward(self.trunk.forward(picture))),
            Some(_) => self.forward(picture).style(),
        }
    }

    /// The style code without what a reader adds, `[batch, style_size]`, and what it would add that from, `[batch, statistics]`.
    pub fn style_and_statistics(&self, picture: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let (codes, statistics) = self.split_and_statistics(picture);
        (codes.style(), statistics)
    }

    fn split(&self, features: Tensor<4>) -> Disentangled {
        Disentangled { content_map: self.content.forward(features.clone()), style_map: self.style.forward(features) }
    }

    fn split_and_statistics(&self, picture: Tensor<4>) -> (Disentangled, Tensor<2>) {
        let (mut maps, features) = self.trunk.maps(picture.clone());
        let codes = self.split(features.clone());
        maps.push(features);
        maps.insert(0, picture);
        let statistics = statistics_of(codes.content(), &maps);
        (codes, statistics)
    }

    /// The same encoder with a reader of styles.
    pub fn with_reader(self, reader: StyleReader) -> Self {
        Self { reader: Some(reader), ..self }
    }

    /// The same encoder as its own last map reads styles.
    pub fn without_reader(self) -> Self {
        Self { reader: None, ..self }
    }

    /// The same encoder with all constraints worked into the weights, for drawing.
    pub fn folded(self) -> Self {
        Self { trunk: self.trunk.folded(), content: self.content.folded(), style: self.style.folded(), reader: self.reader }
    }
}

/// From a picture to a 4 x 4 feature map. Also the image side of the matching model.
#[derive(Module, Debug)]
pub struct Trunk {
    pixels: Conv2d,
    stem: Conv2d,
    blocks: Vec<EncoderBlock>,
    /// Times that the picture is halved before it is read.
    halvings: usize,
}

impl Trunk {
    /// A new trunk with random weights, as wide as `config` says.
    pub fn new(config: &ModelConfig, constraint: Constraint, device: &Device) -> Self {
        let channels = |map| config.encoder_channels_at(map);
        let mut map = config.largest_map();
        // A centred filter could not tell black paper from white.
        let free = Constraint { centred: false, ..constraint };
        let half = channels(map) / 2;
        let pixels = Conv2d::new([3, half], Kernel::OVERLAPPING, free, device);
        let stem = Conv2d::new([half, channels(map)], Kernel::OVERLAPPING, constraint, device);
        let mut blocks = Vec::new();
        while map > ENCODER_END {
            blocks.push(EncoderBlock::new([channels(map), channels(map / 2)], constraint, device));
            map /= 2;
        }
        let halvings = (config.tile / ENCODER_TILE).ilog2() as usize;
        Self { pixels, stem, blocks, halvings }
    }

    /// # Shapes
    /// - picture: `[batch, 3, image_size, image_size]`
    /// - features: `[batch, channels, 4, 4]`
    pub fn forward(&self, picture: Tensor<4>) -> Tensor<4> {
        leaky_relu(self.blocks.iter().fold(self.stem.forward(leaky_relu(self.seen(picture))), |x, block| block.forward(x)))
    }

    /// The means of all maps on the way, from single lines to the whole picture: how something is drawn shows in the first, what it is
    /// in the last.
    ///
    /// # Shapes
    /// - picture: `[batch, 3, image_size, image_size]`
    /// - features: `[batch, channels of all maps]`
    pub fn means(&self, picture: Tensor<4>) -> Tensor<2> {
        let (maps, last) = self.maps(picture);
        Tensor::cat(maps.into_iter().chain([last]).map(spatial_mean).collect(), 1)
    }

    /// All maps on the way, as they are rectified, and the last, `[batch, channels, 4, 4]`.
    pub(crate) fn maps(&self, picture: Tensor<4>) -> (Vec<Tensor<4>>, Tensor<4>) {
        let pixels = leaky_relu(self.seen(picture));
        let mut map = self.stem.forward(pixels.clone());
        let mut maps = vec![pixels];
        for block in &self.blocks {
            maps.push(leaky_relu(map.clone()));
            map = block.forward(map);
        }
        (maps, leaky_relu(map))
    }

    /// The first layer's map.
    fn seen(&self, picture: Tensor<4>) -> Tensor<4> {
        self.pixels.forward((0..self.halvings).fold(picture, |picture, _| downsample(picture)))
    }

    fn folded(self) -> Self {
        Self {
            pixels: self.pixels.folded(),
            stem: self.stem.folded(),
            blocks: self.blocks.into_iter().map(EncoderBlock::folded).collect(),
            halvings: self.halvings,
        }
    }
}

/// One residual block that halves the map: rectify, convolve, halve, rectify, convolve.
#[derive(Module, Debug)]
pub struct EncoderBlock {
    first: Conv2d,
    second: Conv2d,
    shortcut: Conv2d,
}

impl EncoderBlock {
    fn new([from, to]: [usize; 2], constraint: Constraint, device: &Device) -> Self {
        let conv = |channels, kernel| Conv2d::new(channels, kernel, constraint, device);
        Self {
            first: conv([from, from], Kernel::NEIGHBOURS),
            second: conv([from, to], Kernel::NEIGHBOURS),
            shortcut: conv([from, to], Kernel::POINT),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let shortcut = self.shortcut.forward(downsample(x.clone()));
        let x = downsample(self.first.forward(leaky_relu(x)));
        self.second.forward(leaky_relu(x)) + shortcut
    }

    fn folded(self) -> Self {
        Self { first: self.first.folded(), second: self.second.folded(), shortcut: self.shortcut.folded() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tolerance;
    use testing::noise;

    #[test]
    fn every_size_ends_at_four() {
        let device = Device::flex();
        for (image_size, tile) in [(32, 4), (64, 4), (128, 4), (256, 4), (64, 8), (128, 8)] {
            let config = ModelConfig { image_size, tile, encoder_channels: 8, ..ModelConfig::default() };
            let encoder = ImageEncoder::new(&config, &device);
            let codes = encoder.forward(Tensor::zeros([2, 3, image_size, image_size], &device));
            assert_eq!(codes.content_map.dims(), [2, config.content_size, 4, 4]);
            assert_eq!(codes.content().dims(), [2, config.content_size]);
            assert_eq!(codes.style().dims(), [2, config.style_size]);
        }
    }

    #[test]
    fn the_means_end_with_the_last_maps() {
        let device = Device::flex();
        let config = ModelConfig { image_size: 32, encoder_channels: 8, ..ModelConfig::default() };
        let trunk = Trunk::new(&config, Constraint::default(), &device);
        let picture = Tensor::from_data(noise([2, 3, 32, 32], 1), &device);
        let means = trunk.means(picture.clone());
        assert_eq!(means.dims(), [2, 4 + 8 + 16]);
        let last = spatial_mean(trunk.forward(picture));
        means.narrow(1, 12, 16).to_data().assert_approx_eq::<f32>(&last.to_data(), Tolerance::default());
    }

    #[test]
    fn folding_keeps_the_codes() {
        let device = Device::flex();
        let config = ModelConfig { image_size: 32, encoder_channels: 8, ..ModelConfig::default() };
        let encoder = ImageEncoder::new(&config, &device);
        let picture = Tensor::from_data(noise([1, 3, 32, 32], 1), &device);
        let before = encoder.forward(picture.clone()).style();
        encoder.folded().forward(picture).style().to_data().assert_approx_eq::<f32>(&before.to_data(), Tolerance::default());
    }
}
