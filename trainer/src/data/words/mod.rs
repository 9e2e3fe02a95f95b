//! Everyday English words and what they mean, so that a model is understood by who does not know its vocabulary.
//!
//! A model learns the words of its training captions. At export each further everyday word is looked up here: where a learnt word means
//! nearly the same, the model file says that the one is read as the other ("hound" as "dog"); where none does, the word stays unknown.
//! So nothing of this is needed for drawing, and a page loads no language model.

pub mod pack;

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;
use safetensors::SafeTensorError;
use safetensors::tensor::Dtype;
use shared::Vocabulary;
use shared::caption::MAX_READ_AS;
use shared::sealed::{self, Stored};

use super::emoji::tables;
use super::{DataConfig, DataError, emoji};

/// The file of the vectors in `data/words`.
pub const FILE: &str = "vectors.safetensors";
static EMBEDDED: &[u8] = include_bytes!("../../../../data/words/vectors.safetensors");
static EVERYDAY: &str = include_str!("../../../../data/words/everyday.tsv");

/// Least cosine between a word and the one that it is read as; docs/method.md says how it was chosen.
const LIKENESS: f32 = 0.5;
/// Most words that one is read as, and how much less like it than the first the others may be.
const MOST: usize = 2;
const BESIDE: f32 = 0.1;

/// Words, each with a vector; words that mean the same have vectors that point the same way.
#[derive(Debug)]
pub struct WordVectors {
    words: Vec<String>,
    /// Row by row, in the order of the words. Whole numbers, whose products are summed alike by every processor.
    values: Vec<i8>,
    width: usize,
}

impl WordVectors {
    /// The words of `data/words`.
    ///
    /// # Errors
    /// [`DataError::Words`] where the file is not what [`pack`] wrote.
    pub fn embedded() -> Result<Self, DataError> {
        Self::from_bytes(EMBEDDED).map_err(|reason| DataError::Words { file: FILE, reason })
    }

    /// Rows of equal length, one for each word, each in steps of a 127th of its largest number.
    fn new(words: Vec<String>, rows: &[Vec<f32>]) -> Self {
        let quantised = |row: &Vec<f32>| {
            let largest = row.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
            row.iter().map(|value| (value / largest * 127.0).round() as i8).collect::<Vec<i8>>()
        };
        Self { words, values: rows.iter().flat_map(quantised).collect(), width: rows.first().map_or(0, Vec::len) }
    }

    /// The file: the words, a line each, and the vectors.
    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let text = self.words.join("\n").into_bytes();
        let bytes = self.values.iter().map(|value| value.cast_unsigned()).collect();
        let tensors = [
            Stored { name: "words".into(), dtype: Dtype::U8, shape: vec![text.len()], bytes: text },
            Stored { name: "vectors".into(), dtype: Dtype::I8, shape: vec![self.words.len(), self.width], bytes },
        ];
        sealed::write(&tensors, HashMap::new()).map_err(|error| error.to_string())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let explain = |error: SafeTensorError| error.to_string();
        let (metadata, tensors) = sealed::open(bytes).map_err(explain)?;
        if !sealed::is_whole(bytes, &metadata) {
            return Err("its checksum is another".to_owned());
        }
        let (words, vectors) = (tensors.tensor("words").map_err(explain)?, tensors.tensor("vectors").map_err(explain)?);
        let text = std::str::from_utf8(words.data()).map_err(|error| error.to_string())?;
        let words: Vec<String> = text.lines().map(str::to_owned).collect();
        match (vectors.dtype(), vectors.shape()) {
            (Dtype::I8, &[rows, width]) if rows == words.len() => {
                Ok(Self { words, values: vectors.data().iter().map(|byte| byte.cast_signed()).collect(), width })
            }
            (dtype, shape) => Err(format!("{} words have vectors of shape {shape:?} in {dtype:?}", words.len())),
        }
    }

    fn row(&self, word: usize) -> &[i8] {
        &self.values[word * self.width..][..self.width]
    }

    /// Words that the vocabulary does not know, each with those of its words that mean nearly the same, the nearest first. Only words
    /// that `is_target` accepts stand in for others.
    fn synonyms(&self, vocabulary: &Vocabulary, is_target: impl Fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
        let exact: BTreeSet<&str> = vocabulary.words().iter().map(String::as_str).filter(|word| is_target(word)).collect();
        let targets: Vec<usize> = (0..self.words.len()).filter(|word| exact.contains(self.words[*word].as_str())).collect();
        let lengths: Vec<f32> =
            (0..self.words.len()).map(|word| (product(self.row(word), self.row(word)) as f32).sqrt()).collect();
        let read_as = |word: usize| {
            let likeness =
                |other: usize| product(self.row(word), self.row(other)) as f32 / (lengths[word] * lengths[other]).max(1.0);
            let mut near: Vec<(f32, usize)> =
                targets.iter().map(|target| (likeness(*target), *target)).filter(|(like, _)| *like >= LIKENESS).collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0));
            let least = near.first()?.0 - BESIDE;
            let words = near.iter().take(MOST).take_while(|(like, _)| *like >= least);
            Some((self.words[word].clone(), words.map(|(_, target)| self.words[*target].clone()).collect()))
        };
        let unknown: Vec<usize> = (0..self.words.len()).filter(|word| !vocabulary.knows(&self.words[*word])).collect();
        unknown.into_par_iter().filter_map(read_as).collect()
    }
}

fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// Captions, as word numbers, as the model's own sentence embeddings of length one.
pub type Embed<'a> = &'a dyn Fn(&[Vec<u32>]) -> Vec<Vec<f32>>;

/// The vocabulary of a model that was trained on such data, with the everyday words that are read as its own.
///
/// The emoji's keywords are in the vocabulary as well, but what one looks like is seldom learnt; so only the words of names stand in
/// for others, and then the whole of the name that the model itself places nearest to them: between two names lies no picture.
///
/// # Errors
/// [`DataError`] where embedded data are damaged.
pub fn understood(vocabulary: Vocabulary, data: &DataConfig, embed: Embed<'_>) -> Result<Vocabulary, DataError> {
    let vectors = WordVectors::embedded()?;
    let table = match data.source {
        Some(_) => vectors.synonyms(&vocabulary, |_| true),
        None => {
            let names = emoji::names(data)?.into_iter().map(|name| vocabulary.read(&name, usize::MAX).words_used);
            let names: Vec<Vec<String>> = names.filter(|words| (1..=MAX_READ_AS).contains(&words.len())).collect();
            let named: BTreeSet<&str> = names.iter().flatten().map(String::as_str).collect();
            named_after(vectors.synonyms(&vocabulary, |word| named.contains(word)), &names, &vocabulary, embed)
        }
    };
    vocabulary.with_synonyms(table).map_err(|error| DataError::Words { file: FILE, reason: error.to_string() })
}

/// The same table with the nearest names instead of words out of them.
fn named_after(
    table: Vec<(String, Vec<String>)>,
    names: &[Vec<String>],
    vocabulary: &Vocabulary,
    embed: Embed<'_>,
) -> Vec<(String, Vec<String>)> {
    let numbers = |words: &[String]| vocabulary.read(&words.join(" "), usize::MAX).numbers;
    let (words, read_as): (Vec<String>, Vec<Vec<String>>) = table.into_iter().unzip();
    let of_names = embed(&names.iter().map(|name| numbers(name)).collect::<Vec<_>>());
    let of_words = embed(&read_as.iter().map(|words| numbers(words)).collect::<Vec<_>>());
    let nearest = |point: &Vec<f32>| {
        let likeness = |row: &Vec<f32>| row.iter().zip(point).map(|(a, b)| a * b).sum::<f32>();
        let likest = of_names.iter().map(likeness).zip(names).max_by(|a, b| a.0.total_cmp(&b.0));
        likest.map(|(_, name)| name.clone())
    };
    let names = of_words.par_iter().map(nearest).collect::<Vec<_>>();
    words.into_iter().zip(read_as).zip(names).map(|((word, read_as), name)| (word, name.unwrap_or(read_as))).collect()
}

/// What a person might type who has not read the vocabulary; never trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Everyday {
    pub caption: String,
    /// Names of the emoji that fit it.
    pub fitting: Vec<String>,
}

/// The everyday captions of `data/words`, by which a model of the emoji is measured.
///
/// # Errors
/// [`DataError::Pack`] where the table is damaged.
pub fn everyday() -> Result<Vec<Everyday>, DataError> {
    let rows = tables::rows("everyday.tsv", EVERYDAY, ["caption", "fitting"])?;
    Ok(rows
        .into_iter()
        .map(|[caption, fitting]| Everyday { caption: caption.to_owned(), fitting: tables::read_tags(fitting) })
        .collect())
}

#[cfg(test)]
mod tests;
