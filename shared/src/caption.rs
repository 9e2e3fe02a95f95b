//! From a caption to word numbers. Words outside the vocabulary are reported with their nearest neighbours, never swallowed.

use std::collections::HashMap;

use serde::Serialize;

/// Number that fills a caption up to its batch's length.
pub const PADDING: u32 = 0;

/// How many unknown words are looked up in the vocabulary; a caption of ten thousand characters must not cost more than a sentence.
const MAX_SUGGESTED: usize = 8;

/// Longest word, in characters, that is looked up or suggested for.
const MAX_WORD: usize = 40;

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

/// The words a model knows. Word `i` has the number `i + 1`; 0 is padding.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
}

/// A caption as the model reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// Numbers of the known words, in order.
    #[serde(skip)]
    pub numbers: Vec<u32>,
    /// The known words, in order.
    pub words_used: Vec<String>,
    /// The words that the model has never seen.
    pub unknown: Vec<UnknownWord>,
    /// Whether the caption had more words than the model reads.
    pub truncated: bool,
}

/// A word that the model has never seen.
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
        Ok(Self { words, numbers })
    }

    /// The vocabulary of all words that occur in `captions`, in alphabetical order.
    ///
    /// # Errors
    /// [`VocabularyError::Empty`] where no caption has a word.
    pub fn of_captions<'a>(captions: impl IntoIterator<Item = &'a str>) -> Result<Self, VocabularyError> {
        let words: std::collections::BTreeSet<String> = captions.into_iter().flat_map(split).filter(|w| !is_article(w)).collect();
        Self::new(words.into_iter().collect())
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
        let mut reading = Reading { numbers: vec![], words_used: vec![], unknown: vec![], truncated: false };
        for (index, word) in split(caption).filter(|w| !is_article(w)).enumerate() {
            if index == limit {
                reading.truncated = true;
                break;
            }
            if let Some(number) = self.number(&word) {
                reading.numbers.push(number);
                reading.words_used.push(self.words[number as usize - 1].clone());
            } else if !reading.unknown.iter().any(|u| u.word == word) {
                let nearest = if reading.unknown.len() < MAX_SUGGESTED { self.nearest(&word) } else { vec![] };
                reading.unknown.push(UnknownWord { word, nearest });
            }
        }
        reading
    }

    /// The word's number, or that of its singular or plural.
    fn number(&self, word: &str) -> Option<u32> {
        let forms =
            [Some(word.to_owned()), word.strip_suffix('s').map(str::to_owned), word.strip_suffix("es").map(str::to_owned)];
        let plural = Some(format!("{word}s"));
        forms.into_iter().chain([plural]).flatten().find_map(|form| self.numbers.get(&form).copied())
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

/// Lower-case runs of letters and digits; apostrophes inside a word vanish ("woman's" reads as "womans").
fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    let is_apostrophe = |c: char| matches!(c, '\'' | '\u{2019}');
    text.split(move |c: char| !c.is_alphanumeric() && !is_apostrophe(c))
        .map(move |word| word.chars().filter(|c| !is_apostrophe(*c)).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(MAX_WORD + 1).collect())
}

fn is_article(word: &str) -> bool {
    matches!(word, "a" | "an" | "the")
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

    #[test]
    fn odd_captions_are_read_quickly_and_quietly() {
        let vocabulary = vocabulary();
        assert!(vocabulary.read("", 16).numbers.is_empty());
        assert!(vocabulary.read(&"apple ".repeat(5000), 16).truncated);
        assert_eq!(vocabulary.read(&"x".repeat(10_000), 16).unknown.len(), 1);
        assert!(vocabulary.read("<img src=x onerror=alert(1)>🍎", 16).numbers.is_empty());
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
