//! The one way to a picture: caption and style in, RGB out. Trainer and page both draw with this.

mod error;
mod scenes;
mod self_test;

use burn::prelude::*;

use crate::file::{Golden, ModelFile, ModelFileError, ModelInfo};
use crate::layers::{COLOUR, Layers};
use crate::model::PaintingModel;
use crate::model::config::ModelConfig;
use crate::model::generator::LayerTensors;
use crate::model::matching::CaptionBatch;
use crate::picture::{Picture, pictures_to_tensor, tensor_to_levels};
use crate::style::StyleCode;
use crate::text::caption::{Reading, Vocabulary};

pub use error::{PaintError, SelfTestError, TOLERANCE};

/// A model on a device, ready to draw.
#[derive(Debug)]
pub struct Painter {
    model: PaintingModel,
    config: ModelConfig,
    vocabulary: Vocabulary,
    info: ModelInfo,
    golden: Vec<Golden>,
    device: Device,
}

impl Painter {
    /// Reads a model file and puts it on a device.
    ///
    /// # Errors
    /// [`ModelFileError`] where the file cannot be used.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self, ModelFileError> {
        Self::from_file(ModelFile::parse(bytes)?, device)
    }

    /// Puts a model file that has been read already on a device.
    ///
    /// # Errors
    /// [`ModelFileError::Weights`].
    pub fn from_file(mut file: ModelFile, device: &Device) -> Result<Self, ModelFileError> {
        let model = file.take_model(device)?;
        #[cfg(feature = "cpu")]
        let model = match crate::kernels::on_cpu(device) {
            true => PaintingModel { generator: model.generator.for_drawing(), ..model },
            false => model,
        };
        let ModelFile { config, vocabulary, info, golden, .. } = file;
        Ok(Self { model, config, vocabulary, info, golden, device: device.clone() })
    }

    /// What the model says about itself.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Side of the pictures in pixels.
    pub fn image_size(&self) -> usize {
        self.config.image_size
    }

    /// How the model reads a caption: the words it knows, and those that it does not.
    pub fn read(&self, caption: &str) -> Reading {
        self.vocabulary.read(caption, self.config.caption_words)
    }

    /// The style that a seed stands for, in this model's length.
    pub fn style_from_seed(&self, seed: u64) -> StyleCode {
        StyleCode::from_seed(seed, self.config.style_size)
    }

    /// Draws a caption in a style. Asynchronous because a browser's GPU can only be read so; natively, block on it.
    ///
    /// # Errors
    /// [`PaintError`]: an empty or wholly unknown caption, a style code of another model, a failing device.
    pub async fn paint(&self, caption: &str, style: &StyleCode) -> Result<Picture, PaintError> {
        let size = self.config.image_size;
        if self.draws_layers() {
            return Ok(on_white(&self.layers(caption, style).await?, size));
        }
        let (content, style) = self.codes(caption, style)?;
        let levels = read_back(tensor_to_levels(self.model.generator.forward(content, style))).await?;
        let rgb = levels.iter().map(|v| *v as u8).collect();
        Ok(Picture { width: size, height: size, rgb })
    }

    /// Whether the model draws layers, and so at any size; older ones draw pixels.
    pub fn draws_layers(&self) -> bool {
        self.config.layers > 0
    }

    /// Draws a caption in a style, as layers.
    ///
    /// # Errors
    /// As [`Self::paint`]; [`PaintError::Pixels`] of a model that draws pixels.
    pub async fn layers(&self, caption: &str, style: &StyleCode) -> Result<Layers, PaintError> {
        let (content, style) = self.codes(caption, style)?;
        self.read_layers(content, style).await?.pop().ok_or(PaintError::NotFinite)
    }

    /// The layers of each content code `[batch, content_size]` in each style `[batch, style_size]`.
    async fn read_layers(&self, content: Tensor<2>, style: Tensor<2>) -> Result<Vec<Layers>, PaintError> {
        let [count, _] = content.dims();
        let LayerTensors { fields, colours } = self.model.generator.layers(content, style).ok_or(PaintError::Pixels)?;
        // Read back once: a browser's GPU takes as long to be asked as to answer.
        let numbers = Tensor::cat(vec![fields.flatten::<1>(0, 3), colours.flatten::<1>(0, 2)], 0);
        let mut fields = read_back(numbers).await?;
        let of_colours = self.config.layers * COLOUR;
        let colours = fields.split_off(fields.len() - count * of_colours);
        let each = fields.chunks_exact(fields.len() / count).zip(colours.chunks_exact(of_colours));
        let layers = |(fields, colours): (&[f32], &[f32])| {
            let layers = Layers::new(self.config.field_side(), fields.to_vec(), colours.to_vec());
            layers.map_err(|error| PaintError::Device(error.to_string()))
        };
        each.map(layers).collect()
    }

    /// The content code of a caption and the style code, both as the generator takes them.
    fn codes(&self, caption: &str, style: &StyleCode) -> Result<(Tensor<2>, Tensor<2>), PaintError> {
        style.check_length(self.config.style_size)?;
        let reading = self.read(caption);
        if reading.numbers.is_empty() {
            return Err(if reading.unknown.is_empty() { PaintError::EmptyCaption } else { PaintError::NothingKnown(reading) });
        }
        Ok(self.codes_of(&[reading.numbers], style))
    }

    /// The content codes of captions as word numbers, `[batch, content_size]`, and one style for all of them, `[batch, style_size]`.
    fn codes_of(&self, numbers: &[Vec<u32>], style: &StyleCode) -> (Tensor<2>, Tensor<2>) {
        let style = Tensor::<1>::from_data(TensorData::new(style.values().to_vec(), [self.config.style_size]), &self.device);
        let sentence = self.model.sentence.forward(CaptionBatch::new(numbers, &self.device));
        (self.model.text.forward(sentence), style.unsqueeze::<2>().repeat_dim(0, numbers.len()))
    }

    /// The style that a picture lends: its standardised style code.
    ///
    /// # Errors
    /// [`PaintError::PictureSize`] unless it has the model's size; [`PaintError::Style`] where it has no style to lend.
    pub async fn style_of(&self, picture: &Picture) -> Result<StyleCode, PaintError> {
        let size = self.config.image_size;
        let (expected, found) = ([size, size], [picture.width, picture.height]);
        if found != expected || picture.rgb.len() != size * size * 3 {
            return Err(PaintError::PictureSize { expected, found });
        }
        let pixels = pictures_to_tensor(&picture.rgb, 1, size, &self.device);
        let code = read_back(self.model.encoder.forward(pixels).style()).await?;
        Ok(StyleCode::standardised(&code)?)
    }
}

fn on_white(layers: &Layers, size: usize) -> Picture {
    let drawn = layers.render(size, Some([255; 3]));
    let rgb = drawn.bytes.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Picture { width: size, height: size, rgb }
}

async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, PaintError> {
    let failed = |report: String| PaintError::Device(reason(&report));
    let data = tensor.into_data_async().await.map_err(|error| failed(format!("{error:?}")))?;
    let values = data.try_into_vec::<f32>().map_err(|error| failed(error.to_string()))?;
    if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(PaintError::NotFinite) }
}

/// What the backend says is wrong, without the backtrace that follows it.
fn reason(report: &str) -> String {
    let lines = report.lines().take_while(|line| !line.starts_with("Backtrace"));
    lines.filter(|line| *line != "Caused by:").map(str::trim).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
