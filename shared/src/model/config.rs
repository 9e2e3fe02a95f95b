//! The model's shape. One structure is read from the configuration file, saved in the model file and built from.

use serde::{Deserialize, Serialize};

/// Side of the feature map that the generator starts from. A fully connected layer onto 8 x 8 is the cheapest memory there is for
/// what a word looks like: one multiplication for each weight, where a convolution of that size costs 64 times as many.
pub const GENERATOR_START: usize = 8;

/// Side of the feature map that the image encoder ends at; the three heads judge it.
pub const ENCODER_END: usize = 4;

/// Side of the tiles that the generator draws fields in: each feature vector of its largest map is one of every field.
pub const FIELD_TILE: usize = 4;

/// How far the image encoder's first two layers come down. A picture that is drawn in larger tiles is scaled down first, so that both
/// networks' largest maps are of one size: how something is drawn shows there as well, at a quarter of the cost.
pub const ENCODER_TILE: usize = 4;

/// Layers of a picture, at most: pictures with more flat colours are rare, and each costs as much as the first.
const MOST_LAYERS: usize = 32;

/// Sizes of all parts. Defaults draw 64 px pictures; the shipped model's sizes are in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// Side of the pictures in pixels: 32, 64, 128 or 256.
    pub image_size: usize,
    /// Words of a caption that are read; the rest is reported as cut. Captions in the data have eight at most.
    pub caption_words: usize,
    /// Length of a word embedding.
    pub word_size: usize,
    /// Length of the sentence embedding e (even: half from each reading direction). 256 as in DAMSM.
    pub sentence_size: usize,
    /// Length of the modality-common codes h_tc and h_c. About the 100 of the paper's code, rounded to a power of two.
    pub content_size: usize,
    /// Length of the style code z and of the modality-specific code h_s. Small on purpose: in a large
    /// space a random z would be far from all of nine sets (docs/method.md).
    pub style_size: usize,
    /// Length of the generator's mapped condition, from which every layer takes its affine modulation.
    pub mapping_size: usize,
    /// Units between the two codes and that condition: what tells each content in each style from all others. With fewer than there
    /// are such pairs they have to share.
    pub mapping_hidden: usize,
    /// Generator channels at 8 x 8; halved at each larger map, down to `generator_least`.
    pub generator_channels: usize,
    /// Channels of any generator map, at least. The largest map's are the patterns that every tile is a sum of.
    pub generator_least: usize,
    /// Side in pixels of the tiles that a picture is drawn in, 4 or 8: the last layer maps each feature vector to one. So the feature
    /// maps stop at a quarter or an eighth of the picture's side, where dense convolutions are affordable on a CPU and in a browser: a
    /// picture of twice the side, in tiles of twice the side, costs half as much again.
    pub tile: usize,
    /// Layers that a picture is drawn in, paper among them ([`crate::layers`]); 0 for pixels, as in older models.
    pub layers: usize,
    /// Whether the generator mixes its ink last: what the condition says of a picture's colours scales the whole picture, and no
    /// feature has to carry it. Older models do not.
    pub mixes_ink: bool,
    /// Channels of the map of twice the largest side from which the generator draws detail, in tiles of half the size, over what it drew
    /// from the largest; 0 for none, as in older models. The larger tiles alone are sums of as many patterns as their map has channels:
    /// soft wherever an edge lies between two of them.
    pub detail_channels: usize,
    /// Image encoder channels at its largest map; doubled at each smaller one, up to four times.
    pub encoder_channels: usize,
    /// Units of the perceptron that reads styles more exactly than the image encoder's last map ([`crate::model::style_reader`]); 0 for none, as
    /// while training and in older models.
    pub style_reader: usize,
    /// Whether the filters of image encoder and heads are centred and divided by their spectral norm ([`crate::Constraint`]). On while
    /// training; worked into the weights at export.
    pub constrained: bool,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            image_size: 64,
            caption_words: 16,
            word_size: 128,
            sentence_size: 256,
            content_size: 128,
            style_size: 5,
            mapping_size: 512,
            mapping_hidden: 512,
            generator_channels: 128,
            generator_least: 16,
            tile: 4,
            layers: 0,
            mixes_ink: false,
            detail_channels: 0,
            encoder_channels: 48,
            style_reader: 0,
            constrained: true,
        }
    }
}

/// A size outside what the model can be built with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {found}; it must be {rule}")]
pub struct ConfigError {
    /// The configuration's key.
    pub field: &'static str,
    /// The value that was given.
    pub found: usize,
    /// What is allowed.
    pub rule: &'static str,
}

impl ModelConfig {
    /// Checks every size, before anything is allocated from it.
    ///
    /// # Errors
    /// [`ConfigError`] names the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let check = |field, found, ok: bool, rule| if ok { Ok(()) } else { Err(ConfigError { field, found, rule }) };
        let within =
            |field, found: usize, low: usize, high: usize, rule| check(field, found, (low..=high).contains(&found), rule);
        let size = self.image_size;
        check("image_size", size, matches!(size, 32 | 64 | 128 | 256), "32, 64, 128 or 256")?;
        within("caption_words", self.caption_words, 1, 256, "1 to 256")?;
        within("word_size", self.word_size, 1, 1024, "1 to 1024")?;
        let sentence = self.sentence_size;
        check("sentence_size", sentence, sentence.is_multiple_of(2) && (2..=2048).contains(&sentence), "even, 2 to 2048")?;
        within("content_size", self.content_size, 2, 1024, "2 to 1024")?;
        within("style_size", self.style_size, 3, 1024, "3 to 1024")?;
        within("mapping_size", self.mapping_size, 1, 2048, "1 to 2048")?;
        within("mapping_hidden", self.mapping_hidden, 1, 16384, "1 to 16384")?;
        let channels = self.generator_channels;
        check(
            "generator_channels",
            channels,
            channels.is_multiple_of(16) && (16..=1024).contains(&channels),
            "a multiple of 16, 16 to 1024",
        )?;
        within("generator_least", self.generator_least, 1, 1024, "1 to 1024")?;
        let fits = matches!(self.tile, 4 | 8) && self.largest_map() >= GENERATOR_START;
        check("tile", self.tile, fits, "4, or 8 for pictures of 64 pixels and more")?;
        check("layers", self.layers, self.layers == 0 || (2..=MOST_LAYERS).contains(&self.layers), "2 to 32, or 0 for pixels")?;
        within("detail_channels", self.detail_channels, 0, 256, "0 to 256")?;
        within("encoder_channels", self.encoder_channels, 4, 512, "4 to 512")?;
        within("style_reader", self.style_reader, 0, 4096, "0 to 4096")
    }

    /// Side of the largest feature map: the picture's side in tiles.
    pub fn largest_map(&self) -> usize {
        self.image_size / self.tile
    }

    /// Side of the fields of a generator that draws layers.
    pub fn field_side(&self) -> usize {
        self.largest_map() * FIELD_TILE
    }

    /// Channels of the generator's last layer: tiles of fields, or of pixels.
    pub(crate) fn output_channels(&self) -> usize {
        match self.layers {
            0 => 3 * self.tile * self.tile,
            layers => layers * FIELD_TILE * FIELD_TILE,
        }
    }

    /// Generator channels at a map of side `map`.
    pub fn generator_channels_at(&self, map: usize) -> usize {
        (self.generator_channels * GENERATOR_START / map).max(self.generator_least)
    }

    /// Image encoder channels at a map of side `map`.
    pub fn encoder_channels_at(&self, map: usize) -> usize {
        self.encoder_channels * (self.largest_map() / map).min(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        assert_eq!(ModelConfig::default().validate(), Ok(()));
    }

    #[test]
    fn every_size_has_limits() {
        type Spoil = fn(&mut ModelConfig);
        let broken: [(&str, Spoil); 16] = [
            ("image_size", |c| c.image_size = 48),
            ("caption_words", |c| c.caption_words = 0),
            ("word_size", |c| c.word_size = 1 << 40),
            ("sentence_size", |c| c.sentence_size = 255),
            ("content_size", |c| c.content_size = 1),
            ("style_size", |c| c.style_size = 2),
            ("mapping_size", |c| c.mapping_size = 0),
            ("mapping_hidden", |c| c.mapping_hidden = 1 << 40),
            ("generator_channels", |c| c.generator_channels = 100),
            ("generator_least", |c| c.generator_least = 0),
            ("tile", |c| c.tile = 5),
            ("tile", |c| (c.image_size, c.tile) = (32, 8)),
            ("layers", |c| c.layers = 1),
            ("detail_channels", |c| c.detail_channels = 1 << 40),
            ("encoder_channels", |c| c.encoder_channels = 0),
            ("style_reader", |c| c.style_reader = 1 << 40),
        ];
        for (field, spoil) in broken {
            let mut config = ModelConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate().map_err(|e| e.field), Err(field));
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = serde_json::from_str::<ModelConfig>(r#"{"image_sise": 64}"#).unwrap_err();
        assert!(error.to_string().contains("image_sise"));
    }

    #[test]
    fn channels_follow_the_map() {
        let config = ModelConfig::default();
        assert_eq!([8, 16, 32].map(|m| config.generator_channels_at(m)), [128, 64, 32]);
        let wide = ModelConfig { generator_least: 48, ..config.clone() };
        assert_eq!([8, 16, 32].map(|m| wide.generator_channels_at(m)), [128, 64, 48]);
        assert_eq!([16, 8, 4].map(|m| config.encoder_channels_at(m)), [48, 96, 192]);
    }
}
