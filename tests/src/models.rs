//! Models for tests: a small one with random weights, and the ways in which a model file can be wrong.

use std::collections::{BTreeSet, HashMap};

use burn::prelude::Device;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use shared::checksummed::{self, Stored};
use shared::text::names::Name;
use shared::text::word_vectors::WordVectors;
use shared::{ModelConfig, ModelFile, ModelInfo, NamedStyle, Painter, PaintingModel, Vocabulary};

/// Every word that the small model knows.
pub const WORDS: [&str; 4] = ["a", "apple", "cat", "red"];
/// A word that it reads as one of them.
pub const SYNONYM: (&str, &str) = ("kitten", "cat");

/// A model file whose model is as small as the configuration allows and knows nothing: it draws noise, quickly.
pub fn small() -> Vec<u8> {
    file_of(config(), WORDS)
}

/// The same of a model that draws layers, and knows a style by name.
pub fn layered() -> Vec<u8> {
    layered_knowing(WORDS)
}

/// The same with other words, these among them.
pub fn layered_knowing<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    file_of(ModelConfig { layers: 5, detail_channels: 0, ..config() }, words)
}

/// The same of one that has learnt a few things by name, so that it draws scenes.
pub fn scenic() -> Vec<u8> {
    let name = |name: &str, usual: &[&str], translations: &[&str]| {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Name { name: name.to_owned(), usual: own(usual), translations: own(translations), ..Name::default() }
    };
    let names = vec![
        name("cat", &["kitty"], &["猫"]),
        name("dog", &[], &["狗"]),
        name("red apple", &["apple"], &[]),
        name("star", &[], &[]),
    ];
    let mut file = ModelFile::parse(&layered_knowing(["dog", "star", "kitty"])).unwrap();
    // All alike, but not alike enough to be taken for one another.
    let words = ["cat", "dog", "apple", "table"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<f32>> = (0..4).map(|at| (0..4).map(|other| if at == other { 1.0 } else { 0.3 }).collect()).collect();
    file.vocabulary = file.vocabulary.with_names(names, WordVectors::new(words, &rows)).unwrap();
    let painter = Painter::from_file(file.clone(), &Device::flex()).unwrap();
    file.golden = vec![pollster::block_on(painter.golden("a cat", 7)).unwrap()];
    file.to_bytes().unwrap()
}

fn config() -> ModelConfig {
    ModelConfig {
        image_size: 32,
        caption_words: 8,
        word_size: 8,
        sentence_size: 8,
        content_size: 8,
        style_size: 8,
        mapping_size: 16,
        mapping_hidden: 16,
        mixes_ink: true,
        detail_channels: 4,
        tile: 4,
        layers: 0,
        generator_channels: 16,
        generator_least: 16,
        encoder_channels: 4,
        style_reader: 8,
        constrained: false,
    }
}

fn file_of<'a>(config: ModelConfig, words: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let device = Device::flex();
    let words: BTreeSet<&str> = words.into_iter().chain(WORDS).collect();
    let vocabulary = Vocabulary::new(words.into_iter().map(str::to_owned).collect()).unwrap();
    let (word, read_as) = SYNONYM;
    let vocabulary = vocabulary.with_synonyms([(word.to_owned(), vec![read_as.to_owned()])]).unwrap();
    let model = PaintingModel::new(&config, vocabulary.table_size(), &device);
    let info = ModelInfo { name: "small".to_owned(), examples: vec!["a red apple".to_owned()], ..ModelInfo::default() };
    let draws_layers = config.layers > 0;
    let mut file = ModelFile::of(&model, config, vocabulary, info).unwrap();
    let painter = Painter::from_file(file.clone(), &device).unwrap();
    if draws_layers {
        file.info.styles = vec![NamedStyle { name: "first".to_owned(), code: painter.style_from_seed(1).values().to_vec() }];
    }
    file.golden = vec![pollster::block_on(painter.golden("a red apple", 7)).unwrap()];
    file.to_bytes().unwrap()
}

/// `model` with its metadata's `key` set to `value`.
pub fn with_metadata(model: &[u8], key: &str, value: &str) -> Vec<u8> {
    edited(model, |metadata, _| {
        metadata.insert(key.to_owned(), value.to_owned());
    })
}

/// `model` with a golden picture that no device will draw.
pub fn with_wrong_golden(model: &[u8]) -> Vec<u8> {
    edited(model, |_, tensors| {
        let golden = tensors.iter_mut().find(|tensor| tensor.name.starts_with("golden.")).unwrap();
        golden.bytes.iter_mut().for_each(|level| *level = level.wrapping_add(128));
    })
}

/// `model` with one bit of its weights flipped on the way: still a weight, but not the one that was written.
pub fn with_flipped_bit(model: &[u8]) -> Vec<u8> {
    let mut bytes = model.to_vec();
    let header = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    bytes[8 + header + 1] ^= 1;
    bytes
}

/// `model` with one weight that is not a number.
pub fn with_nan(model: &[u8]) -> Vec<u8> {
    edited(model, |_, tensors| {
        let weights = tensors.iter_mut().find(|tensor| tensor.dtype == Dtype::F16).unwrap();
        weights.bytes[..2].copy_from_slice(&f16::NAN.to_le_bytes());
    })
}

/// All that a model file has in tensors, by name.
pub fn tensors(model: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (_, tensors) = checksummed::open(model).unwrap();
    let mut all: Vec<_> = tensors.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
    all.sort();
    all
}

/// The edited file has the right checksum, so that a reader gets as far as the edit.
fn edited(model: &[u8], edit: impl FnOnce(&mut HashMap<String, String>, &mut Vec<Stored>)) -> Vec<u8> {
    let (mut metadata, tensors) = checksummed::open(model).unwrap();
    let stored = |(name, view): (&str, TensorView<'_>)| Stored {
        name: name.to_owned(),
        dtype: view.dtype(),
        shape: view.shape().to_vec(),
        bytes: view.data().to_vec(),
    };
    let mut tensors: Vec<Stored> = tensors.iter().map(stored).collect();
    edit(&mut metadata, &mut tensors);
    checksummed::write(&tensors, metadata).unwrap()
}
