//! all-MiniLM-L6-v2: a sentence in, a vector of length one out; sentences that mean the same lie close together.
//!
//! A BERT of six layers whose outputs are averaged over the word pieces (Reimers and Gurevych 2019; Wang et al. 2020). It is run once,
//! when `data/words` is made, and is no part of Emblem.

use std::collections::HashMap;

use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig};
use burn::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use shared::model::parameters::{Parameter, Parameters, with_parameters};

/// BERT's own; burn's default is 1e-5.
const LAYER_NORM_EPSILON: f64 = 1e-12;
/// Sentences at a time.
const BATCH: usize = 64;

/// Sizes of a BERT.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub pieces: usize,
    pub places: usize,
    pub width: usize,
    pub inner: usize,
    pub heads: usize,
    pub layers: usize,
}

/// Those of all-MiniLM-L6-v2.
pub const MINILM: Sizes = Sizes { pieces: 30_522, places: 512, width: 384, inner: 1536, heads: 12, layers: 6 };

/// The network.
#[derive(Module, Debug)]
pub struct SentenceModel {
    pieces: Embedding,
    /// The place in the sentence; the "first sentence" embedding, which is always added, is added to these.
    places: Embedding,
    norm: LayerNorm,
    encoder: TransformerEncoder,
}

impl SentenceModel {
    /// Builds the network from a safetensors file with PyTorch's names and layouts.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_safetensors(bytes: &[u8], sizes: Sizes, device: &Device) -> Result<Self, String> {
        let Sizes { pieces, places, width, inner, heads, layers } = sizes;
        let fresh = Self {
            pieces: EmbeddingConfig::new(pieces, width).init(device),
            places: EmbeddingConfig::new(places, width).init(device),
            norm: LayerNormConfig::new(width).with_epsilon(LAYER_NORM_EPSILON).init(device),
            encoder: TransformerEncoderConfig::new(width, inner, heads, layers)
                .with_dropout(0.0)
                .with_layer_norm_eps(LAYER_NORM_EPSILON)
                .init(device),
        };
        with_parameters(fresh, parameters(bytes)?).map_err(|error| error.to_string())
    }

    /// # Shapes
    /// - sentences: as numbers of word pieces, each with its first and last mark
    /// - vectors: one each, of length one
    pub fn vectors(&self, sentences: &[Vec<u32>]) -> Vec<Vec<f32>> {
        // Those of one length go together, so that nothing has to be filled up or masked.
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.sort_by_key(|index| sentences[*index].len());
        let mut vectors = vec![vec![]; sentences.len()];
        for same in order.chunk_by(|a, b| sentences[*a].len() == sentences[*b].len()) {
            for chunk in same.chunks(BATCH) {
                let pieces: Vec<i32> = chunk.iter().flat_map(|index| &sentences[*index]).map(|piece| *piece as i32).collect();
                let shape = [chunk.len(), sentences[chunk[0]].len()];
                let device = self.norm.gamma.device();
                let read = self.forward(Tensor::from_data(TensorData::new(pieces, shape), &device));
                let values: Vec<f32> = read.into_data().iter().collect();
                for (index, vector) in chunk.iter().zip(values.chunks_exact(values.len() / chunk.len())) {
                    vectors[*index] = vector.to_vec();
                }
            }
        }
        vectors
    }

    /// # Shapes
    /// - pieces: `[batch, length]`
    /// - vectors: `[batch, width]`
    fn forward(&self, pieces: Tensor<2, Int>) -> Tensor<2> {
        let [_, length] = pieces.dims();
        let places = Tensor::<1, Int>::arange(0..length as i64, &pieces.device()).unsqueeze::<2>();
        let input = self.norm.forward(self.pieces.forward(pieces) + self.places.forward(places));
        let output = self.encoder.forward(TransformerEncoderInput::new(input)); // [batch, length, width]
        let mean = output.mean_dim(1).squeeze_dim::<2>(1);
        let length = mean.clone().square().sum_dim(1).sqrt();
        mean / length
    }
}

/// The file's tensors under the module's names; matrices are transposed, as PyTorch's have a row for each output.
fn parameters(bytes: &[u8]) -> Result<Parameters, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut parameters = Parameters::new();
    let mut first_sentence = None;
    for (name, view) in file.tensors() {
        // Neither is used for a sentence's mean: the places count from zero, and the pooler reads the first mark.
        if name.ends_with("position_ids") || name.starts_with("pooler.") {
            continue;
        }
        if view.dtype() != Dtype::F32 {
            return Err(format!("{name} is stored as {:?}, not as F32", view.dtype()));
        }
        let values: Vec<f32> = view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let parameter = Parameter { shape: view.shape().to_vec(), values };
        match name.as_str() {
            "embeddings.token_type_embeddings.weight" => first_sentence = Some(parameter),
            "embeddings.word_embeddings.weight" => drop(parameters.insert("pieces.weight".into(), parameter)),
            "embeddings.position_embeddings.weight" => drop(parameters.insert("places.weight".into(), parameter)),
            _ => {
                let is_matrix = parameter.shape.len() == 2;
                parameters.insert(renamed(&name), if is_matrix { transposed(&parameter) } else { parameter });
            }
        }
    }
    let (Some(first), Some(places)) = (first_sentence, parameters.get_mut("places.weight")) else {
        return Err("it has no embeddings of places or sentences".to_owned());
    };
    let width = places.shape.last().copied().unwrap_or(0).max(1);
    for place in places.values.chunks_mut(width) {
        place.iter_mut().zip(&first.values).for_each(|(value, add)| *value += add);
    }
    Ok(parameters)
}

/// PyTorch's name of a weight to this module's.
fn renamed(name: &str) -> String {
    const NAMES: [(&str, &str); 8] = [
        ("embeddings.LayerNorm.", "norm."),
        ("encoder.layer.", "encoder.layers."),
        ("attention.self.", "mha."),
        ("attention.output.dense.", "mha.output."),
        ("attention.output.LayerNorm.", "norm_1."),
        ("intermediate.dense.", "pwff.linear_inner."),
        ("output.dense.", "pwff.linear_outer."),
        ("output.LayerNorm.", "norm_2."),
    ];
    let is_norm = name.contains("LayerNorm");
    let name = NAMES.iter().fold(name.to_owned(), |name, (theirs, ours)| name.replace(theirs, ours));
    if is_norm { name.replace(".weight", ".gamma").replace(".bias", ".beta") } else { name }
}

fn transposed(Parameter { shape, values }: &Parameter) -> Parameter {
    let (rows, columns) = (shape[0], shape[1]);
    let values = (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect();
    Parameter { shape: vec![columns, rows], values }
}

/// Splits text into word pieces: BERT's vocabulary, one piece a line.
pub struct Pieces {
    numbers: HashMap<String, u32>,
    first: u32,
    last: u32,
    unknown: u32,
}

impl Pieces {
    /// Reads the vocabulary.
    ///
    /// # Errors
    /// Which mark it lacks.
    pub fn new(vocabulary: &str) -> Result<Self, String> {
        let numbers: HashMap<String, u32> = vocabulary.lines().map(str::to_owned).zip(0..).collect();
        let mark = |mark: &str| numbers.get(mark).copied().ok_or_else(|| format!("the vocabulary has no {mark}"));
        Ok(Self { first: mark("[CLS]")?, last: mark("[SEP]")?, unknown: mark("[UNK]")?, numbers })
    }

    /// The numbers of a text's pieces, between the first and the last mark. For lower-case ASCII, which is all that is asked.
    pub fn of(&self, text: &str) -> Vec<u32> {
        let mut pieces = vec![self.first];
        for word in text.split_whitespace().flat_map(|word| word.split_inclusive(|c: char| c.is_ascii_punctuation())) {
            let (word, mark) = match word.strip_suffix(|c: char| c.is_ascii_punctuation()) {
                Some(before) => (before, &word[before.len()..]),
                None => (word, ""),
            };
            for part in [word, mark].into_iter().filter(|part| !part.is_empty()) {
                self.push(part, &mut pieces);
            }
        }
        pieces.push(self.last);
        pieces
    }

    /// The longest pieces from the left; a word that they do not cover is unknown as a whole.
    fn push(&self, word: &str, pieces: &mut Vec<u32>) {
        let (start, mut from) = (pieces.len(), 0);
        while from < word.len() {
            let before = if from == 0 { "" } else { "##" };
            let mut ends = (from + 1..=word.len()).rev().filter(|end| word.is_char_boundary(*end));
            let number = |end: usize| self.numbers.get(&format!("{before}{}", &word[from..end])).copied();
            let piece = ends.find_map(|end| Some((end, number(end)?)));
            let Some((end, number)) = piece else {
                pieces.truncate(start);
                pieces.push(self.unknown);
                return;
            };
            pieces.push(number);
            from = end;
        }
    }
}

#[cfg(test)]
mod tests;
