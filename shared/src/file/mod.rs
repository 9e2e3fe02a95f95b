//! The model file: safetensors, weights in 16 bits or 8 (`weights.rs`), everything else that drawing needs in its metadata.
//!
//! Metadata: `format`, `version`, `config`, `vocabulary`, `synonyms` (words that it has not learnt, each with those that it is read as;
//! older files have none), `names` (what it has learnt by name, each with its keywords, and what words mean is in two tensors more; only
//! where it has), `pixels` (the preprocessing constants), `info` (name, licence, how it was trained), `golden` (captions and
//! seeds whose pictures, and layers where the model draws some, are stored beside the weights, and the styles that these pictures lend, for
//! a self-test on the device that is to draw) and `sha256` (the weights' and pictures' checksum, see [`crate::checksummed`]). A file comes from the network or from a stranger: every
//! field is validated before anything is allocated from it, with one error for each way to be wrong. A file that proves nothing is
//! refused as well.

use std::collections::{BTreeMap, HashMap};

use burn::prelude::*;
use safetensors::tensor::Dtype;
use safetensors::{SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};

use crate::checksummed::{self, Stored};
use crate::layers::{COLOUR, Layers};
use crate::model::PaintingModel;
use crate::model::config::ModelConfig;
use crate::model::parameters::{ParameterError, Parameters, parameters_of, with_parameters};
use crate::picture::Picture;
use crate::style::StyleCode;
use crate::text::caption::Vocabulary;
use crate::text::names::Name;
use crate::text::word_vectors::WordVectors;

mod error;
pub(crate) mod weights;

pub use error::ModelFileError;

use error::VERSION;
use weights::{GOLDEN_PREFIX, MEANINGS_PREFIX};

const FORMAT: &str = "emblem";
/// Versions that are read: 3 has all weights in 16 bits.
const READABLE: [&str; 2] = ["3", VERSION];
/// The preprocessing constants of this version: bytes 0 and 255 are -1 and 1.
const PIXELS: &str = r#"{"black":-1,"white":1}"#;
/// Ends of the names of a golden picture's layers.
const FIELDS: &str = "fields";
const COLOURS: &str = "colours";

/// What a model says about itself. Shown by the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ModelInfo {
    /// A name to tell models apart.
    pub name: String,
    /// SPDX expression of the weights' licence.
    pub licence: String,
    /// Who drew what it was trained on.
    pub credits: String,
    /// How it was trained, in key and value lines: preset, steps, batch, minutes, seed.
    pub training: BTreeMap<String, String>,
    /// How it came to be, the earliest stage first; empty in older files.
    pub lineage: Vec<TrainingStage>,
    /// Captions that it draws well, for a first look.
    pub examples: Vec<String>,
    /// The hands that it learnt from, where it knows them apart.
    pub styles: Vec<NamedStyle>,
    /// Side of its pictures in pixels; filled in from the configuration.
    pub image_size: usize,
    /// Length of its style codes; filled in from the configuration.
    pub style_size: usize,
    /// Layers of its pictures, which have any size and true alpha then; 0 where it draws pixels. Filled in from the configuration.
    pub layers: usize,
}

/// One stage of a model's training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TrainingStage {
    /// What the stage, or its run, is called.
    pub name: String,
    /// The model file or checkpoint that it began with and the SHA-256 of that; `None` from random weights.
    pub began_with: Option<String>,
    /// Settings that differ from the defaults, by name.
    pub settings: BTreeMap<String, String>,
    /// Steps taken.
    pub steps: usize,
    /// Pictures seen, repetitions counted.
    pub pictures: usize,
    /// Time that the steps took.
    pub minutes: f64,
    /// What it was trained on, one after another.
    pub devices: Vec<String>,
}

/// A hand that a model learnt from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedStyle {
    /// What the hand is called.
    pub name: String,
    /// The style code of its pictures as they are, `style_size` numbers.
    pub code: Vec<f32>,
}

/// What every device must make of a caption, a seed and a picture: both ways through the model, proven at export.
#[derive(Debug, Clone, PartialEq)]
pub struct Golden {
    /// The caption.
    pub caption: String,
    /// The style seed.
    pub seed: u64,
    /// What they draw, on white.
    pub picture: Picture,
    /// The layers of that, to half precision; `None` of a model that draws pixels.
    pub layers: Option<Layers>,
    /// The style that this picture lends.
    pub lent: StyleCode,
}

/// A [`Golden`] as the metadata has it; its picture is a tensor.
#[derive(Serialize, Deserialize)]
struct StoredGolden {
    caption: String,
    seed: u64,
    lent: Vec<f32>,
}

/// A file that has been read and validated, not yet on any device.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The model's shape.
    pub config: ModelConfig,
    /// The words it knows.
    pub vocabulary: Vocabulary,
    /// What it says about itself.
    pub info: ModelInfo,
    /// What a device is tested with.
    pub golden: Vec<Golden>,
    parameters: Parameters,
}

impl ModelFile {
    /// The file of a model, its weights rounded as they are stored, so that whatever is drawn with it is what any reader will draw. It has
    /// no golden pictures yet. Reads the weights back from their device, so not for the browser.
    ///
    /// # Errors
    /// [`ModelFileError::Weights`] where a weight is not finite, or not as it is stored: such a model must not be published.
    pub fn of(
        model: &PaintingModel,
        config: ModelConfig,
        vocabulary: Vocabulary,
        info: ModelInfo,
    ) -> Result<Self, ModelFileError> {
        let mut parameters = parameters_of(model);
        for (name, parameter) in &mut parameters {
            let rounded = weights::rounded(parameter.clone());
            let mut both = parameter.values.iter().zip(&rounded.values);
            if let Some(index) = both.position(|(value, rounded)| !(value.is_finite() && rounded.is_finite())) {
                return Err(ParameterError::NotFinite { name: name.clone(), index }.into());
            }
            *parameter = rounded;
        }
        Ok(Self { config, vocabulary, info, golden: vec![], parameters })
    }

    /// Reads and validates a file, but for the weights' fit, which [`ModelFile::model`] checks.
    ///
    /// # Errors
    /// [`ModelFileError`], one variant for each way to be wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelFileError> {
        Self::read(bytes, checksummed::is_whole)
    }

    /// The same of bytes whose hash somebody has compared already, as browsers do at ten times the speed: the checksum inside is not
    /// worked out again.
    ///
    /// # Errors
    /// As [`ModelFile::parse`], but for [`ModelFileError::Damaged`].
    pub fn parse_proven(bytes: &[u8]) -> Result<Self, ModelFileError> {
        Self::read(bytes, |_, _| true)
    }

    fn read(bytes: &[u8], is_whole: impl Fn(&[u8], &HashMap<String, String>) -> bool) -> Result<Self, ModelFileError> {
        let (metadata, tensors) = open(bytes)?;
        let field = |key: &'static str| metadata.get(key).ok_or(ModelFileError::MissingMetadata(key));
        if metadata.get("format").map(String::as_str) != Some(FORMAT) {
            return Err(ModelFileError::NotEmblem);
        }
        let version = field("version")?;
        if !READABLE.contains(&version.as_str()) {
            return Err(ModelFileError::Version(version.clone()));
        }
        if field("pixels")? != PIXELS {
            return Err(ModelFileError::Metadata { key: "pixels", reason: format!("only {PIXELS} is known") });
        }
        field(checksummed::CHECKSUM)?;
        if !is_whole(bytes, &metadata) {
            return Err(ModelFileError::Damaged);
        }
        let config: ModelConfig = json("config", field("config")?)?;
        config.validate()?;
        let vocabulary = Vocabulary::new(field("vocabulary")?.split('\n').map(str::to_owned).collect())?;
        let vocabulary =
            vocabulary.with_synonyms(metadata.get("synonyms").into_iter().flat_map(|text| text.lines()).map(synonym))?;
        let vocabulary = match metadata.get("names") {
            Some(text) => {
                vocabulary.with_names(text.lines().map(name).collect(), WordVectors::of_tensors(&tensors, MEANINGS_PREFIX)?)?
            }
            None => vocabulary,
        };
        let mut info: ModelInfo = json("info", field("info")?)?;
        (info.image_size, info.style_size, info.layers) = (config.image_size, config.style_size, config.layers);
        if let Some(odd) = info.styles.iter().find(|style| !is_code(&style.code, &config)) {
            let reason = format!("the style {:?} is no code of {} numbers", odd.name, config.style_size);
            return Err(ModelFileError::Metadata { key: "info", reason });
        }
        let golden = read_golden(&tensors, json("golden", field("golden")?)?, &config)?;
        let parameters = weights::read(&tensors)?;
        Ok(Self { config, vocabulary, info, golden, parameters })
    }

    /// Builds the model on a device.
    ///
    /// # Errors
    /// [`ModelFileError::Weights`] where a weight is missing, too many, mis-shaped or not finite.
    pub fn model(&self, device: &Device) -> Result<PaintingModel, ModelFileError> {
        self.clone().take_model(device)
    }

    /// The same for who needs the weights nowhere else: a copy would be most of what opening a model costs.
    pub(crate) fn take_model(&mut self, device: &Device) -> Result<PaintingModel, ModelFileError> {
        let model = PaintingModel::new(&self.config, self.vocabulary.table_size(), device);
        Ok(with_parameters(model, std::mem::take(&mut self.parameters))?)
    }

    /// The file as it is published.
    ///
    /// # Errors
    /// [`ModelFileError::NoGolden`] where there is nothing to test a device with.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelFileError> {
        if self.golden.is_empty() {
            return Err(ModelFileError::NoGolden);
        }
        let mut tensors: Vec<Stored> =
            self.parameters.iter().flat_map(|(name, parameter)| weights::stored(name, parameter)).collect();
        for (index, Golden { picture, layers, .. }) in self.golden.iter().enumerate() {
            let shape = vec![picture.height, picture.width, 3];
            tensors.push(Stored { name: format!("{GOLDEN_PREFIX}{index}"), dtype: Dtype::U8, shape, bytes: picture.rgb.clone() });
            let Some(layers) = layers else { continue };
            let (count, side) = (layers.count(), layers.side());
            tensors.push(halves(format!("{GOLDEN_PREFIX}{index}.{FIELDS}"), layers.fields(), vec![count, side, side]));
            tensors.push(halves(format!("{GOLDEN_PREFIX}{index}.{COLOURS}"), layers.colours(), vec![count, COLOUR]));
        }
        if let Some(names) = self.vocabulary.names() {
            tensors.extend(names.vectors().tensors(MEANINGS_PREFIX));
        }
        checksummed::write(&tensors, self.metadata()?).map_err(|e| ModelFileError::NotSafetensors(e.to_string()))
    }

    fn metadata(&self) -> Result<HashMap<String, String>, ModelFileError> {
        let stored = |Golden { caption, seed, lent, .. }: &Golden| StoredGolden {
            caption: caption.clone(),
            seed: *seed,
            lent: lent.values().to_vec(),
        };
        let golden: Vec<StoredGolden> = self.golden.iter().map(stored).collect();
        let synonyms = self.vocabulary.synonyms().map(|(word, read_as)| format!("{word} {}", read_as.join(" ")));
        let to_json =
            |key, text: serde_json::Result<String>| text.map_err(|e| ModelFileError::Metadata { key, reason: e.to_string() });
        let mut metadata = HashMap::from([
            ("format".to_owned(), FORMAT.to_owned()),
            ("version".to_owned(), VERSION.to_owned()),
            ("pixels".to_owned(), PIXELS.to_owned()),
            ("config".to_owned(), to_json("config", serde_json::to_string(&self.config))?),
            ("vocabulary".to_owned(), self.vocabulary.words().join("\n")),
            ("synonyms".to_owned(), synonyms.collect::<Vec<_>>().join("\n")),
            ("info".to_owned(), to_json("info", serde_json::to_string(&self.info))?),
            ("golden".to_owned(), to_json("golden", serde_json::to_string(&golden))?),
        ]);
        if let Some(names) = self.vocabulary.names() {
            let line = |Name { name, translations, keywords, usual }: &Name| {
                let called: Vec<&str> = std::iter::once(name).chain(translations).map(String::as_str).collect();
                [called.join("|"), keywords.join("|"), usual.join("|")].join("\t")
            };
            metadata.insert("names".to_owned(), names.names().iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        Ok(metadata)
    }
}

/// Reads the header and checks every offset against the bytes that are there.
fn open(bytes: &[u8]) -> Result<(HashMap<String, String>, SafeTensors<'_>), ModelFileError> {
    if bytes.is_empty() {
        return Err(ModelFileError::Empty);
    }
    let start = bytes[..bytes.len().min(256)].trim_ascii_start().to_ascii_lowercase();
    if start.starts_with(b"<!doctype") || start.starts_with(b"<html") {
        return Err(ModelFileError::WebPage);
    }
    let explain = |error: SafeTensorError| match error {
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength | SafeTensorError::MetadataIncompleteBuffer => {
            ModelFileError::Truncated(error.to_string())
        }
        other => ModelFileError::NotSafetensors(other.to_string()),
    };
    checksummed::open(bytes).map_err(explain)
}

fn json<T: serde::de::DeserializeOwned>(key: &'static str, text: &str) -> Result<T, ModelFileError> {
    serde_json::from_str(text).map_err(|e| ModelFileError::Metadata { key, reason: e.to_string() })
}

/// A line of the synonyms: a word, a space and those that it is read as, spaces between.
fn synonym(line: &str) -> (String, Vec<String>) {
    let mut words = line.split(' ').map(str::to_owned);
    (words.next().unwrap_or_default(), words.collect())
}

/// A line of the names, bars between texts and tabs between cells: a name with its translations, the keywords, and what is usually meant
/// by it, which older files do not say.
fn name(line: &str) -> Name {
    let mut cells = line.split('\t').map(|cell| cell.split('|').filter(|text| !text.is_empty()).map(str::to_owned));
    let mut called = cells.next().into_iter().flatten();
    let (name, translations) = (called.next().unwrap_or_default(), called.collect());
    let mut texts = || cells.next().into_iter().flatten().collect();
    Name { name, translations, keywords: texts(), usual: texts() }
}

fn is_code(values: &[f32], config: &ModelConfig) -> bool {
    StyleCode::from_values(values).is_ok_and(|code| code.check_length(config.style_size).is_ok())
}

fn read_golden(
    tensors: &SafeTensors<'_>,
    stored: Vec<StoredGolden>,
    config: &ModelConfig,
) -> Result<Vec<Golden>, ModelFileError> {
    if stored.is_empty() {
        return Err(ModelFileError::NoGolden);
    }
    let size = config.image_size;
    let proven = |(index, StoredGolden { caption, seed, lent })| {
        let view = tensors.tensor(&format!("{GOLDEN_PREFIX}{index}")).ok()?;
        let fits = view.dtype() == Dtype::U8 && view.shape() == [size, size, 3];
        let picture = fits.then(|| Picture::new(size, size, view.data().to_vec())).flatten()?;
        let lent = StyleCode::from_values(&lent).ok().filter(|lent| lent.check_length(config.style_size).is_ok())?;
        let layers = if config.layers > 0 { Some(golden_layers(tensors, index, config)?) } else { None };
        Some(Golden { caption, seed, picture, layers, lent })
    };
    stored.into_iter().enumerate().map(|(index, one)| proven((index, one)).ok_or(ModelFileError::Golden(index))).collect()
}

fn golden_layers(tensors: &SafeTensors<'_>, index: usize, config: &ModelConfig) -> Option<Layers> {
    let read = |what: &str, shape: &[usize]| {
        let view = tensors.tensor(&format!("{GOLDEN_PREFIX}{index}.{what}")).ok()?;
        (view.dtype() == Dtype::F16 && view.shape() == shape).then(|| weights::of_halves(view.data()))
    };
    let (count, side) = (config.layers, config.field_side());
    Layers::new(side, read(FIELDS, &[count, side, side])?, read(COLOURS, &[count, COLOUR])?).ok()
}

fn halves(name: String, values: &[f32], shape: Vec<usize>) -> Stored {
    Stored { name, dtype: Dtype::F16, shape, bytes: weights::to_halves(values) }
}

#[cfg(test)]
mod tests;
