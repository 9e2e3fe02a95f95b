//! The one way to a picture: caption and style in, RGB out. Trainer and page both draw with this.

use burn::prelude::*;

use crate::file::{Golden, ModelFile, ModelFileError, ModelInfo};
use crate::layers::{Arrangement, COLOUR, Layers, Place};
use crate::model::PaintingModel;
use crate::model::config::ModelConfig;
use crate::model::generator::LayerTensors;
use crate::model::matching::CaptionBatch;
use crate::picture::{Picture, pictures_to_tensor, tensor_to_levels};
use crate::scene::{self, Scene};
use crate::style::{StyleCode, StyleError};
use crate::text::caption::{Reading, Vocabulary};

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

    /// What a caption shows: its things, how they stand to each other, and what was not read.
    pub fn scene(&self, caption: &str) -> Scene {
        scene::read(caption, &self.vocabulary)
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

    /// The scene that a caption is drawn as: of a model that draws layers and has learnt things by name. Others draw a caption as one thing.
    pub fn drawn_scene(&self, caption: &str) -> Option<Scene> {
        (self.draws_layers() && self.vocabulary.names().is_some()).then(|| self.scene(caption))
    }

    /// Draws a caption in a style: its scene, or the one thing that it is read as. With it the scene, where it is one, as it was drawn.
    ///
    /// # Errors
    /// As [`Self::compose`].
    pub async fn arrangement(&self, caption: &str, style: &StyleCode) -> Result<(Arrangement, Option<Scene>), PaintError> {
        if let Some(mut scene) = self.drawn_scene(caption) {
            return Ok((self.compose(&mut scene, style).await?, Some(scene)));
        }
        let things = vec![self.layers(caption, style).await?];
        Ok((Arrangement { things, places: vec![Place::whole(0)] }, None))
    }

    /// Draws all things of a scene in a style, in one batch, each in its colours and in its place ([`scene::compose`]). Things without a
    /// name are left out; what is drawn and cannot be seen is told in the scene.
    ///
    /// # Errors
    /// As [`Self::paint`] where nothing of the scene has a name; [`PaintError::Pixels`] of a model that draws pixels.
    pub async fn compose(&self, scene: &mut Scene, style: &StyleCode) -> Result<Arrangement, PaintError> {
        style.check_length(self.config.style_size)?;
        let named = scene.things.iter().filter_map(|thing| thing.name.as_deref());
        let mut numbers: Vec<Vec<u32>> = named.map(|name| self.read(name).numbers).collect();
        if numbers.is_empty() {
            return Err(nothing_named(scene));
        }
        let learnt = |name: &&str| self.vocabulary.names().is_some_and(|names| names.names().iter().any(|own| own.name == *name));
        let scenery: Vec<&str> = scene.scenery().filter(learnt).collect();
        numbers.extend(scenery.iter().map(|name| self.read(name).numbers));
        let style = Tensor::<1>::from_data(TensorData::new(style.values().to_vec(), [self.config.style_size]), &self.device);
        let sentence = self.model.sentence.forward(CaptionBatch::new(&numbers, &self.device));
        let styles = style.unsqueeze::<2>().repeat_dim(0, numbers.len());
        let mut drawn = self.read_layers(self.model.text.forward(sentence), styles).await?.into_iter();
        let of_things = scene.things.iter().map(|thing| thing.name.as_ref().and_then(|_| drawn.next())).collect();
        let things = scene::compose(scene, of_things);
        Ok(scene.behind(things, scenery.into_iter().zip(drawn).collect()))
    }

    /// The content code of a caption and the style code, both as the generator takes them.
    fn codes(&self, caption: &str, style: &StyleCode) -> Result<(Tensor<2>, Tensor<2>), PaintError> {
        style.check_length(self.config.style_size)?;
        let reading = self.read(caption);
        if reading.numbers.is_empty() {
            return Err(if reading.unknown.is_empty() { PaintError::EmptyCaption } else { PaintError::NothingKnown(reading) });
        }
        let style = Tensor::<1>::from_data(TensorData::new(style.values().to_vec(), [self.config.style_size]), &self.device);
        let sentence = self.model.sentence.forward(CaptionBatch::new(&[reading.numbers], &self.device));
        Ok((self.model.text.forward(sentence), style.unsqueeze::<2>()))
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

/// Why a scene without a name cannot be drawn: its things, each with the names that it was nearly taken for.
fn nothing_named(scene: &Scene) -> PaintError {
    let empty = scene.things.is_empty() && scene.unread.is_empty();
    if empty { PaintError::EmptyCaption } else { PaintError::NothingKnown(scene.reading()) }
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
mod tests {
    use super::*;

    fn config() -> ModelConfig {
        ModelConfig { image_size: 32, generator_channels: 16, encoder_channels: 4, constrained: false, ..ModelConfig::default() }
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary::of_captions(["red apple", "cat"]).unwrap()
    }

    fn model() -> PaintingModel {
        PaintingModel::new(&config(), vocabulary().table_size(), &Device::flex())
    }

    fn file() -> ModelFile {
        ModelFile::of(&model(), config(), vocabulary(), ModelInfo::default()).unwrap()
    }

    fn painter_of(file: &ModelFile) -> Painter {
        Painter::from_file(file.clone(), &Device::flex()).unwrap()
    }

    fn painter() -> Painter {
        painter_of(&file())
    }

    fn paint(painter: &Painter, caption: &str, seed: u64) -> Result<Picture, PaintError> {
        pollster::block_on(painter.paint(caption, &painter.style_from_seed(seed)))
    }

    #[test]
    fn the_same_words_and_seed_draw_the_same_picture() {
        let painter = painter();
        let picture = paint(&painter, "a red apple", 7).unwrap();
        assert_eq!((picture.width, picture.height, picture.rgb.len()), (32, 32, 32 * 32 * 3));
        assert_eq!(paint(&painter, "The RED apples", 7).unwrap(), picture);
        assert_ne!(paint(&painter, "a red apple", 8).unwrap(), picture);
        assert_ne!(paint(&painter, "cat", 7).unwrap(), picture);
    }

    #[test]
    fn captions_without_a_known_word_are_refused() {
        let painter = painter();
        for empty in ["", "  ,.!  ", "the"] {
            assert_eq!(paint(&painter, empty, 0).unwrap_err(), PaintError::EmptyCaption);
        }
        match paint(&painter, "zebra", 0).unwrap_err() {
            PaintError::NothingKnown(reading) => assert_eq!(reading.unknown[0].word, "zebra"),
            other => panic!("{other}"),
        }
        assert!(paint(&painter, &"zebra cat ".repeat(1000), 0).is_ok());
    }

    #[test]
    fn a_failing_device_is_quoted_without_its_backtrace() {
        let report = "The device is poisoned\nCaused by:\n  Unknown: it was unplugged\nBacktrace:\nNo backtrace available";
        assert_eq!(reason(report), "The device is poisoned; Unknown: it was unplugged");
        assert_eq!(reason(""), "");
    }

    #[test]
    fn a_picture_lends_its_style() {
        let painter = painter();
        let lender = paint(&painter, "cat", 3).unwrap();
        let style = pollster::block_on(painter.style_of(&lender)).unwrap();
        assert_eq!(style.values().len(), ModelConfig::default().style_size);
        assert!(pollster::block_on(painter.paint("red apple", &style)).is_ok());
        let small = Picture::new(2, 2, vec![0; 12]).unwrap();
        let error = pollster::block_on(painter.style_of(&small)).unwrap_err();
        assert_eq!(error, PaintError::PictureSize { expected: [32, 32], found: [2, 2] });
    }

    #[test]
    fn a_style_of_another_model_is_refused() {
        let painter = painter();
        let error = pollster::block_on(painter.paint("cat", &StyleCode::from_seed(1, 6))).unwrap_err();
        assert_eq!(error.code(), "style.length");
    }

    #[test]
    fn a_scene_has_all_its_things_and_what_no_name_fits_is_told() {
        let config = ModelConfig { layers: 4, ..config() };
        let model = PaintingModel::new(&config, vocabulary().table_size(), &Device::flex());
        let file = ModelFile::of(&model, config, vocabulary(), ModelInfo::default()).unwrap();
        let painter = painter_of(&file);
        let style = painter.style_from_seed(1);
        let thing = |name: Option<&str>, count| scene::Thing {
            text: "it".to_owned(),
            noun: String::new(),
            name: name.map(str::to_owned),
            how: scene::How::Name,
            count,
            counting: scene::Counting::Stated,
            colour: None,
            accent: None,
            size: None,
            others: vec!["cat".to_owned()],
        };
        let compose = |things| pollster::block_on(painter.compose(&mut Scene { things, ..Scene::default() }, &style));
        let drawn = compose(vec![thing(Some("red apple"), 2), thing(None, 1), thing(Some("cat"), 3)]).unwrap();
        let of = |thing| drawn.places.iter().filter(|place| place.thing == thing).count();
        assert_eq!((drawn.things.len(), of(0), of(1)), (2, 2, 3));
        // In one batch or by itself: the same.
        let alone = pollster::block_on(painter.layers("cat", &style)).unwrap();
        assert!(drawn.things[1].largest_difference(&alone) < 1e-3);
        match compose(vec![thing(None, 1)]) {
            Err(PaintError::NothingKnown(reading)) => assert_eq!(reading.unknown[0].nearest, ["cat"]),
            other => panic!("{other:?}"),
        }
        assert_eq!(compose(vec![]), Err(PaintError::EmptyCaption));
    }

    #[test]
    fn the_self_test_of_layers_looks_at_them_and_not_at_edges() {
        let config = ModelConfig { layers: 4, ..config() };
        let model = PaintingModel::new(&config, vocabulary().table_size(), &Device::flex());
        let mut file = ModelFile::of(&model, config, vocabulary(), ModelInfo::default()).unwrap();
        let golden = pollster::block_on(painter_of(&file).golden("cat", 1)).unwrap();
        file.golden = vec![golden.clone()];
        let stored = ModelFile::parse(&file.to_bytes().unwrap()).unwrap();
        let kept = stored.golden[0].layers.as_ref().unwrap();
        assert!(kept.largest_difference(golden.layers.as_ref().unwrap()) < 1e-3, "they are kept to half precision");
        assert_eq!(pollster::block_on(painter_of(&stored).self_test()), Ok(()));
        let layers = golden.layers.clone().unwrap();
        let mut fields = layers.fields().to_vec();
        fields[40] += 0.1 * (1.0 + fields[40].abs());
        let wrong = Layers::new(layers.side(), fields, layers.colours().to_vec()).unwrap();
        file.golden = vec![Golden { layers: Some(wrong), ..golden.clone() }];
        let error = pollster::block_on(painter_of(&file).self_test()).unwrap_err();
        assert!(matches!(error, SelfTestError::Layers { .. }) && error.code() == "self-test.mismatch", "{error}");
        let mut picture = golden.picture.clone();
        picture.rgb.fill(64);
        file.golden = vec![Golden { picture, ..golden }];
        assert!(matches!(pollster::block_on(painter_of(&file).self_test()), Err(SelfTestError::Mismatch { .. })));
    }

    /// A device that errs is played by a file that expects something else of it.
    #[test]
    fn the_self_test_catches_a_device_that_computes_wrongly() {
        let mut file = file();
        let golden = pollster::block_on(painter_of(&file).golden("cat", 1)).unwrap();
        let mut test = |golden: &Golden| {
            file.golden = vec![golden.clone()];
            pollster::block_on(painter_of(&file).self_test())
        };
        assert_eq!(test(&golden), Ok(()));
        let mut drawn_wrongly = golden.clone();
        drawn_wrongly.picture.rgb[100] ^= 64;
        assert!(matches!(test(&drawn_wrongly), Err(SelfTestError::Mismatch { .. })));
        let mut lent_wrongly = golden;
        lent_wrongly.lent = StyleCode::from_seed(3, lent_wrongly.lent.values().len());
        let error = test(&lent_wrongly).unwrap_err();
        assert!(matches!(error, SelfTestError::Style { .. }) && error.code() == "self-test.mismatch", "{error}");
    }
}
