//! Everyday English words and what they mean, so that a model is understood by who does not know its vocabulary.
//!
//! The emoji are learnt by name. A model of them takes these words along, as far as they are like anything that it has learnt, and reads
//! every caption as the name that means most nearly the same ([`shared::text::names`]). Somebody's own pictures have captions and no names: there
//! each word that the model does not know is read as the likest that it does, which is looked up once, at export.

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;
use shared::Vocabulary;
use shared::checksummed;
use shared::text::word_vectors::WordVectors;

use super::emoji::tables;
use super::{DataConfig, DataError, emoji};

/// The file of the vectors in `data/words`.
pub const FILE: &str = "vectors.safetensors";
static EMBEDDED: &[u8] = include_bytes!("../../../../data/words/vectors.safetensors");
static EVERYDAY: &str = include_str!("../../../../data/words/everyday.tsv");

/// Least cosine between a word and the learnt name most like it for the word to be taken along: one that is like nothing cannot bring a
/// caption near to anything.
const WORTH: f32 = 0.35;
/// Least cosine between a word and the one that it is read as, without names; docs/lab-notes.md says how it was chosen.
const LIKENESS: f32 = 0.5;
/// Most words that one is read as, and how much less like it than the first the others may be.
const MOST: usize = 2;
const BESIDE: f32 = 0.1;

/// The words of `data/words`.
///
/// # Errors
/// [`DataError::Words`] where the file is not what `emblem-lab pack-words` wrote.
fn embedded() -> Result<WordVectors, DataError> {
    of_bytes(EMBEDDED).map_err(|reason| DataError::Words { file: FILE, reason })
}

/// The file: the words, a line each, and the vectors.
///
/// # Errors
/// Where there are too many.
pub fn to_bytes(vectors: &WordVectors) -> Result<Vec<u8>, String> {
    checksummed::write(&vectors.tensors(""), HashMap::new()).map_err(|error| error.to_string())
}

fn of_bytes(bytes: &[u8]) -> Result<WordVectors, String> {
    let (metadata, tensors) = checksummed::open(bytes).map_err(|error| error.to_string())?;
    if !checksummed::is_whole(bytes, &metadata) {
        return Err("its checksum is another".to_owned());
    }
    WordVectors::of_tensors(&tensors, "").map_err(|error| error.to_string())
}

/// The vocabulary of a model that was trained on such data, with what it takes to understand everyday words.
///
/// # Errors
/// [`DataError`] where embedded data are damaged.
pub fn understood(vocabulary: Vocabulary, data: &DataConfig) -> Result<Vocabulary, DataError> {
    let vectors = embedded()?;
    let wrong = |reason: String| DataError::Words { file: FILE, reason };
    if data.source.is_some() {
        let table = synonyms(&vectors, &vocabulary);
        return vocabulary.with_synonyms(table).map_err(|error| wrong(error.to_string()));
    }
    let mut names = emoji::names(data)?;
    // Two names of the same words are one thing to a model that reads words.
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(vocabulary.read(&name.name, usize::MAX).numbers));
    let taken = worth_taking(&vectors, names.iter().map(|name| name.name.as_str()), &vocabulary);
    vocabulary.with_names(names, taken).map_err(|error| wrong(error.to_string()))
}

/// Only the words that are like one of the names.
fn worth_taking<'a>(vectors: &WordVectors, names: impl Iterator<Item = &'a str>, vocabulary: &Vocabulary) -> WordVectors {
    let words = names.map(|name| vocabulary.read(name, usize::MAX).words_used);
    let directions: Vec<Vec<f32>> = words.filter_map(|words| vectors.direction(words.iter().map(String::as_str))).collect();
    let likeness = |word: &String| {
        let own = vectors.direction([word.as_str()]).unwrap_or_default();
        directions.iter().map(|name| name.iter().zip(&own).map(|(a, b)| a * b).sum::<f32>()).fold(-1.0, f32::max)
    };
    let worth: Vec<bool> = vectors.words().par_iter().map(|word| likeness(word) >= WORTH).collect();
    vectors.only(|word| worth[word])
}

/// Words that the vocabulary does not know, each with those of its words that mean nearly the same, the nearest first.
fn synonyms(vectors: &WordVectors, vocabulary: &Vocabulary) -> Vec<(String, Vec<String>)> {
    let words = vectors.words();
    let exact: BTreeSet<&str> = vocabulary.words().iter().map(String::as_str).collect();
    let targets: Vec<usize> = (0..words.len()).filter(|word| exact.contains(words[*word].as_str())).collect();
    let lengths: Vec<f32> = (0..words.len()).map(|word| (product(vectors.row(word), vectors.row(word)) as f32).sqrt()).collect();
    let read_as = |word: usize| {
        let likeness =
            |other: usize| product(vectors.row(word), vectors.row(other)) as f32 / (lengths[word] * lengths[other]).max(1.0);
        let mut near: Vec<(f32, usize)> =
            targets.iter().map(|target| (likeness(*target), *target)).filter(|(like, _)| *like >= LIKENESS).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let least = near.first()?.0 - BESIDE;
        let likest = near.iter().take(MOST).take_while(|(like, _)| *like >= least);
        Some((words[word].clone(), likest.map(|(_, target)| words[*target].clone()).collect()))
    };
    let unknown: Vec<usize> = (0..words.len()).filter(|word| !vocabulary.knows(&words[*word])).collect();
    unknown.into_par_iter().filter_map(read_as).collect()
}

fn product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
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
