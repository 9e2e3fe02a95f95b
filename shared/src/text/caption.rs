//! From a caption to word numbers. A model that has learnt things by name reads every caption as one of them ([`crate::text::names`]); one that
//! has not reads a word outside its vocabulary as a known one that means nearly the same, where its file says so. What says nothing is
//! reported with words that are spelt like it. Whatever is not read as it stands, the reading tells.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use crate::text::names::{How, Meant, Name, Names, NamesError};
use crate::text::phrase::is_passed_over;
use crate::text::word_vectors::WordVectors;
use crate::text::words::{MAX_WORD, forms, is_article, split, words_of};

/// Number that fills a caption up to its batch's length.
pub const PADDING: u32 = 0;

/// How many unknown words are looked up in the vocabulary; a caption of ten thousand characters must not cost more than a sentence.
const MAX_SUGGESTED: usize = 8;

/// How many names beside the one that is drawn are told.
const MOST_OTHERS: usize = 4;

/// Most words that one word is read as.
pub const MAX_READ_AS: usize = 4;

/// A vocabulary that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VocabularyError {
    #[error("the vocabulary has no words")]
    Empty,
    #[error("the word {0:?} stands in the vocabulary twice")]
    Twice(String),
    #[error("{0:?} cannot be a word of the vocabulary: no caption can contain it")]
    Unreadable(String),
}

/// A table of synonyms that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SynonymError {
    #[error("{0:?} cannot be read as anything: no caption can contain it")]
    Unreadable(String),
    #[error("{0:?} is read as itself, since the vocabulary has it")]
    Known(String),
    #[error("{0:?} stands in the table twice")]
    Twice(String),
    #[error("{word:?} is read as {count} words, which is not 1 to {MAX_READ_AS}")]
    Count { word: String, count: usize },
    #[error("{word:?} is read as {read_as:?}, which the vocabulary does not have")]
    Strange { word: String, read_as: String },
}

/// The words a model knows. Word `i` has the number `i + 1`; 0 is padding.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Words that no training caption has, with the numbers of those that they are read as.
    synonyms: BTreeMap<String, Vec<u32>>,
    /// What was learnt by name, if anything was.
    names: Option<Arc<Names>>,
}

/// A caption as the model reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Numbers of the known words, in order.
    #[serde(skip)]
    pub numbers: Vec<u32>,
    /// The known words, in order.
    pub words_used: Vec<String>,
    /// Words, or the whole caption, that the model takes for others that it has learnt.
    pub understood: Vec<UnderstoodWord>,
    /// The words that say nothing to the model.
    pub unknown: Vec<UnknownWord>,
    /// Whether the caption had more words than the model reads.
    pub truncated: bool,
}

/// A word, or all words of a caption, read as others that mean nearly the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnderstoodWord {
    /// The word or words, in lower case.
    pub word: String,
    /// The known words that are read in its place, at least one.
    pub read_as: Vec<String>,
    /// Other names that it might have been read as, the likest first.
    pub others: Vec<String>,
}

/// A word that says nothing to the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownWord {
    /// The word, in lower case.
    pub word: String,
    /// Up to three known words that are spelt like it, the nearest first.
    pub nearest: Vec<String>,
}

impl Vocabulary {
    /// # Errors
    /// [`VocabularyError`] where the list is empty, repeats a word, or has one that no caption can contain.
    pub fn new(words: Vec<String>) -> Result<Self, VocabularyError> {
        if words.is_empty() {
            return Err(VocabularyError::Empty);
        }
        let mut numbers = HashMap::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            if split(word).collect::<Vec<_>>() != [word.as_str()] {
                return Err(VocabularyError::Unreadable(word.clone()));
            }
            if numbers.insert(word.clone(), index as u32 + 1).is_some() {
                return Err(VocabularyError::Twice(word.clone()));
            }
        }
        Ok(Self { words, numbers, synonyms: BTreeMap::new(), names: None })
    }

    /// The vocabulary of all words that occur in `captions`, in alphabetical order.
    ///
    /// # Errors
    /// [`VocabularyError::Empty`] where no caption has a word.
    pub fn of_captions<'a>(captions: impl IntoIterator<Item = &'a str>) -> Result<Self, VocabularyError> {
        let words: std::collections::BTreeSet<String> = captions.into_iter().flat_map(words_of).collect();
        Self::new(words.into_iter().collect())
    }

    /// The same words with the same numbers, and behind them those that only `other` knows.
    pub fn and_words_of(&self, other: &Self) -> Self {
        let new = other.words.iter().filter(|word| !self.knows(word));
        let words: Vec<String> = self.words.iter().chain(new).cloned().collect();
        let numbers = words.iter().cloned().zip(1..).collect();
        Self { words, numbers, synonyms: BTreeMap::new(), names: None }
    }

    /// The same words, with others that are read as some of them.
    ///
    /// # Errors
    /// [`SynonymError`], one variant for each way to be wrong.
    pub fn with_synonyms(mut self, table: impl IntoIterator<Item = (String, Vec<String>)>) -> Result<Self, SynonymError> {
        self.synonyms.clear();
        for (word, read_as) in table {
            if split(&word).collect::<Vec<_>>() != [word.as_str()] || is_article(&word) {
                return Err(SynonymError::Unreadable(word));
            }
            if self.numbers.contains_key(&word) {
                return Err(SynonymError::Known(word));
            }
            let count = read_as.len();
            if !(1..=MAX_READ_AS).contains(&count) {
                return Err(SynonymError::Count { word, count });
            }
            let mut numbers = Vec::with_capacity(count);
            for read_as in read_as {
                match self.numbers.get(&read_as) {
                    Some(number) => numbers.push(*number),
                    None => return Err(SynonymError::Strange { word, read_as }),
                }
            }
            if self.synonyms.contains_key(&word) {
                return Err(SynonymError::Twice(word));
            }
            self.synonyms.insert(word, numbers);
        }
        Ok(self)
    }

    /// The same words, of which captions are read as names.
    ///
    /// # Errors
    /// [`NamesError`], one variant for each way to be wrong.
    pub fn with_names(mut self, names: Vec<Name>, vectors: WordVectors) -> Result<Self, NamesError> {
        let words = |text: &str| self.known_forms(words_of(text));
        self.names = Some(Arc::new(Names::new(names, vectors, words, |word| self.number(word))?));
        Ok(self)
    }

    /// What was learnt by name, if anything was.
    pub fn names(&self) -> Option<&Names> {
        self.names.as_deref()
    }

    /// Words that are read as known ones, in alphabetical order, each with those.
    pub fn synonyms(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.synonyms.iter().map(|(word, numbers)| (word.as_str(), numbers.iter().map(|number| self.word(*number)).collect()))
    }

    /// Whether a caption's word is known as it is, or by its singular or plural.
    pub fn knows(&self, word: &str) -> bool {
        self.number(word).is_some()
    }

    /// The words, in the order of their numbers.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// How many rows an embedding table needs: the words and padding.
    pub fn table_size(&self) -> usize {
        self.words.len() + 1
    }

    /// Reads a caption, at most `limit` words of it. Articles say nothing about a picture and are passed over.
    pub fn read(&self, caption: &str, limit: usize) -> Reading {
        let reading = self.read_words(caption, limit);
        let Some(names) = self.names() else { return reading };
        let words = self.known_forms(words_of(caption).take(limit));
        match names.meant(&words, MOST_OTHERS) {
            Some(meant) => {
                let typed: Vec<String> = words_of(caption).take(limit).collect();
                self.as_name(reading, names, &typed, &meant)
            }
            None => reading,
        }
    }

    /// A reading of the same words as the name that they mean.
    fn as_name(&self, reading: Reading, names: &Names, words: &[String], meant: &Meant) -> Reading {
        let heard = |word: &str| is_passed_over(word) || self.knows(word) || names.vectors().knows(word);
        let says = |word: &str| meant.how != How::Likeness || heard(word);
        let numbers = names.numbers(meant.name).to_vec();
        let words_used: Vec<String> = numbers.iter().map(|number| self.word(*number).to_owned()).collect();
        let others = meant.others.iter().map(|name| names.names()[*name].name.clone()).collect();
        let word = words.iter().filter(|word| says(word)).cloned().collect::<Vec<_>>().join(" ");
        let understood = match meant.how {
            How::Exactly => vec![],
            How::Keyword | How::Likeness => vec![UnderstoodWord { word, read_as: words_used.clone(), others }],
        };
        let unknown = reading.unknown.into_iter().filter(|unknown| !says(&unknown.word)).collect();
        Reading { numbers, words_used, understood, unknown, truncated: reading.truncated }
    }

    /// Words, each that is known in the form that is.
    fn known_forms(&self, words: impl Iterator<Item = String>) -> Vec<String> {
        words.map(|word| self.known_form(&word).unwrap_or(word)).collect()
    }

    /// A word, its singular or its plural: that which is known.
    pub(crate) fn known_form(&self, word: &str) -> Option<String> {
        self.number(word).map(|number| self.word(number).to_owned())
    }

    /// Word by word.
    fn read_words(&self, caption: &str, limit: usize) -> Reading {
        let mut reading = Reading::default();
        for (index, word) in words_of(caption).enumerate() {
            if index == limit {
                reading.truncated = true;
                break;
            }
            if let Some(number) = self.number(&word) {
                reading.numbers.push(number);
                reading.words_used.push(self.word(number).to_owned());
            } else if let Some(numbers) = self.synonym(&word) {
                let read_as: Vec<String> = numbers.iter().map(|number| self.word(*number).to_owned()).collect();
                reading.numbers.extend(numbers);
                reading.words_used.extend(read_as.iter().cloned());
                if !reading.understood.iter().any(|understood| understood.word == word) {
                    reading.understood.push(UnderstoodWord { word, read_as, others: vec![] });
                }
            } else if !reading.unknown.iter().any(|u| u.word == word) {
                let nearest = if reading.unknown.len() < MAX_SUGGESTED { self.nearest(&word) } else { vec![] };
                reading.unknown.push(UnknownWord { word, nearest });
            }
        }
        reading
    }

    fn word(&self, number: u32) -> &str {
        &self.words[number as usize - 1]
    }

    /// The word's number, or that of its singular or plural.
    fn number(&self, word: &str) -> Option<u32> {
        forms(word).find_map(|form| self.numbers.get(&form).copied())
    }

    /// Numbers of the words that a word, or its singular or plural, is read as.
    fn synonym(&self, word: &str) -> Option<&[u32]> {
        forms(word).find_map(|form| self.synonyms.get(&form)).map(Vec::as_slice)
    }

    fn nearest(&self, word: &str) -> Vec<String> {
        if word.chars().count() > MAX_WORD {
            return vec![];
        }
        let mut scored: Vec<(f64, &String)> =
            self.words.iter().map(|w| (strsim::jaro_winkler(word, w), w)).filter(|(s, _)| *s > 0.8).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(3).map(|(_, w)| w.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary::of_captions(["red apple", "a cat with glasses", "Women’s hat"]).unwrap()
    }

    #[test]
    fn captions_become_numbers() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.words(), ["apple", "cat", "glasses", "hat", "red", "with", "womens"]);
        let reading = vocabulary.read("The RED apple!", 16);
        assert_eq!((reading.numbers, reading.truncated), (vec![5, 1], false));
        assert!(reading.unknown.is_empty());
    }

    #[test]
    fn singular_and_plural_are_one_word() {
        assert_eq!(vocabulary().read("two cats, apples, glass", 16).words_used, ["cat", "apple"]);
    }

    #[test]
    fn unknown_words_are_reported_once_with_neighbours() {
        let reading = vocabulary().read("appel appel 龙 cat", 16);
        let unknown: Vec<_> = reading.unknown.iter().map(|u| (u.word.as_str(), u.nearest.first().map(String::as_str))).collect();
        assert_eq!(unknown, [("appel", Some("apple")), ("龙", None)]);
        assert_eq!(reading.words_used, ["cat"]);
    }

    fn with_synonyms(table: &[(&str, &[&str])]) -> Result<Vocabulary, SynonymError> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        vocabulary().with_synonyms(table.iter().map(|(word, read_as)| ((*word).to_owned(), owned(read_as))))
    }

    #[test]
    fn a_synonym_is_read_and_told() {
        let vocabulary = with_synonyms(&[("kitten", &["cat"]), ("beret", &["red", "hat"])]).unwrap();
        let reading = vocabulary.read("two kittens, a kitten with Berets", 16);
        assert_eq!(reading.words_used, ["cat", "cat", "with", "red", "hat"]);
        assert_eq!(reading.numbers.len(), 5);
        let told: Vec<_> = reading.understood.iter().map(|one| format!("{}: {}", one.word, one.read_as.join(" "))).collect();
        assert_eq!(told, ["kittens: cat", "kitten: cat", "berets: red hat"]);
        assert_eq!(reading.unknown.iter().map(|u| u.word.as_str()).collect::<Vec<_>>(), ["two"]);
        let table: Vec<_> = vocabulary.synonyms().collect();
        assert_eq!(table, [("beret", vec!["red", "hat"]), ("kitten", vec!["cat"])]);
    }

    #[test]
    fn bad_synonyms_are_refused() {
        let wrong = |table: &[(&str, &[&str])]| with_synonyms(table).map(|_| ()).unwrap_err();
        for word in ["", "two words", "Upper", "the"] {
            assert_eq!(wrong(&[(word, &["cat"])]), SynonymError::Unreadable(word.into()));
        }
        assert_eq!(wrong(&[("cat", &["hat"])]), SynonymError::Known("cat".into()));
        assert_eq!(wrong(&[("kitten", &["cat"]), ("kitten", &["hat"])]), SynonymError::Twice("kitten".into()));
        assert_eq!(wrong(&[("kitten", &[])]), SynonymError::Count { word: "kitten".into(), count: 0 });
        assert_eq!(wrong(&[("kitten", &["cat"; 5])]), SynonymError::Count { word: "kitten".into(), count: 5 });
        assert_eq!(wrong(&[("kitten", &["dog"])]), SynonymError::Strange { word: "kitten".into(), read_as: "dog".into() });
    }

    #[test]
    fn odd_captions_are_read_quickly_and_quietly() {
        let vocabulary = vocabulary();
        assert!(vocabulary.read("", 16).numbers.is_empty());
        assert!(vocabulary.read(&"apple ".repeat(5000), 16).truncated);
        assert_eq!(vocabulary.read(&"x".repeat(10_000), 16).unknown.len(), 1);
        assert!(vocabulary.read("<img src=x onerror=alert(1)>🍎", 16).numbers.is_empty());
    }

    #[test]
    fn new_words_come_behind_the_known_ones() {
        let known = Vocabulary::of_captions(["a red apple", "two cats"]).unwrap();
        let grown = known.and_words_of(&Vocabulary::of_captions(["the cat and the llama", "apple"]).unwrap());
        assert_eq!(grown.words(), ["apple", "cats", "red", "two", "and", "llama"]);
        assert_eq!(grown.read("cat llama apple", 9).numbers, [2, 6, 1]);
        assert_eq!(known.and_words_of(&known).words(), known.words());
    }

    #[test]
    fn bad_vocabularies_are_refused() {
        let new = |words: &[&str]| Vocabulary::new(words.iter().map(|w| (*w).to_owned()).collect()).map(|_| ());
        assert_eq!(new(&[]), Err(VocabularyError::Empty));
        assert_eq!(new(&["a1", "b", "a1"]), Err(VocabularyError::Twice("a1".into())));
        for word in ["", "two words", "Upper"] {
            assert_eq!(new(&[word]), Err(VocabularyError::Unreadable(word.into())));
        }
    }
}
