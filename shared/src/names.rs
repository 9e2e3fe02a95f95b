//! Which of the things that a model has learnt by name a caption means.
//!
//! Who learnt pictures of named things draws a name well, and what lies between two names as a blur of both. So every caption is read
//! as one name: the one that it is; else, of those that it is a keyword of, the likest; else the likest of all by what the words
//! mean, if any is like enough. The reading says so, and names the next ones.

use std::collections::{HashMap, HashSet};

use crate::word_vectors::WordVectors;

/// Least cosine between a caption and the name that it is read as; docs/method.md says how it was chosen.
pub const LIKENESS: f32 = 0.45;

/// Names that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    #[error("there are no names")]
    Empty,
    #[error("the name {0:?} has a word that the vocabulary does not")]
    Strange(String),
    #[error("the name {0:?} stands there twice")]
    Twice(String),
}

/// A thing that was learnt by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its name.
    pub name: String,
    /// What else it is called, or stands for.
    pub keywords: Vec<String>,
}

/// Everything that a model has learnt by name. Made by [`crate::Vocabulary::with_names`].
#[derive(Debug)]
pub struct Names {
    names: Vec<Name>,
    /// Each name's words, as the vocabulary numbers them.
    numbers: Vec<Vec<u32>>,
    /// Which name word numbers are.
    by_name: HashMap<Vec<u32>, usize>,
    /// Which names word numbers are a keyword of.
    by_keyword: HashMap<Vec<u32>, Vec<usize>>,
    /// Each name's direction, none where no word of it has one.
    directions: Vec<Option<Vec<f32>>>,
    vectors: WordVectors,
}

/// What a caption means, by the names' places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meant {
    /// What it is read as.
    pub name: usize,
    /// Whether it is that name.
    pub exactly: bool,
    /// What else it might mean, the likest first.
    pub others: Vec<usize>,
}

impl Names {
    /// `read` gives a text's word numbers, or nothing where it has a word without one.
    ///
    /// # Errors
    /// [`NamesError`], one variant for each way to be wrong.
    pub(crate) fn new(
        names: Vec<Name>,
        vectors: WordVectors,
        read: impl Fn(&str) -> Option<Vec<u32>>,
        words: impl Fn(&str) -> Vec<String>,
    ) -> Result<Self, NamesError> {
        if names.is_empty() {
            return Err(NamesError::Empty);
        }
        let (mut numbers, mut directions) = (vec![], vec![]);
        let mut by_name = HashMap::new();
        let mut by_keyword: HashMap<Vec<u32>, Vec<usize>> = HashMap::new();
        for (index, Name { name, keywords }) in names.iter().enumerate() {
            let own = read(name).filter(|own| !own.is_empty()).ok_or_else(|| NamesError::Strange(name.clone()))?;
            if by_name.insert(own.clone(), index).is_some() {
                return Err(NamesError::Twice(name.clone()));
            }
            for keyword in keywords.iter().filter_map(|keyword| read(keyword)).filter(|keyword| !keyword.is_empty()) {
                by_keyword.entry(keyword).or_default().push(index);
            }
            numbers.push(own);
            directions.push(vectors.direction(words(name).iter().map(String::as_str)));
        }
        Ok(Self { names, numbers, by_name, by_keyword, directions, vectors })
    }

    /// The names with their keywords, in order.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// What the words mean by which captions are compared with names.
    pub fn vectors(&self) -> &WordVectors {
        &self.vectors
    }

    /// A name's words, as the vocabulary numbers them.
    pub fn numbers(&self, name: usize) -> &[u32] {
        &self.numbers[name]
    }

    /// What a caption means, with at most so many others; `None` where that is no name.
    ///
    /// `numbers` are those of all its words, if it has no unknown one.
    pub(crate) fn meant(&self, words: &[String], numbers: Option<&[u32]>, most: usize) -> Option<Meant> {
        let exact = numbers.and_then(|numbers| self.by_name.get(numbers)).copied();
        let keyword_of = numbers.and_then(|numbers| self.by_keyword.get(numbers)).map_or(&[][..], Vec::as_slice);
        let likest = self.likest(words);
        let like = |(name, likeness): &(usize, f32)| (*likeness >= LIKENESS).then_some(*name);
        let mut names: Vec<usize> = exact.into_iter().collect();
        // In the order of likeness; where nothing has a direction, as they come.
        names.extend(likest.iter().map(|(name, _)| *name).filter(|name| keyword_of.contains(name)));
        names.extend(keyword_of);
        names.extend(likest.iter().filter_map(like));
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(*name));
        let (name, others) = names.split_first()?;
        Some(Meant { name: *name, exactly: exact.is_some(), others: others.iter().take(most).copied().collect() })
    }

    /// All names that have a direction, with the cosine of theirs and the words', the likest first.
    fn likest(&self, words: &[String]) -> Vec<(usize, f32)> {
        let Some(direction) = self.vectors.direction(words.iter().map(String::as_str)) else { return vec![] };
        let cosine = |of: &Vec<f32>| of.iter().zip(&direction).map(|(a, b)| a * b).sum::<f32>();
        let all = self.directions.iter().enumerate();
        let mut likest: Vec<(usize, f32)> = all.filter_map(|(name, of)| Some((name, cosine(of.as_ref()?)))).collect();
        likest.sort_by(|a, b| b.1.total_cmp(&a.1));
        likest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vocabulary;

    fn name(name: &str, keywords: &[&str]) -> Name {
        Name { name: name.into(), keywords: keywords.iter().map(|keyword| (*keyword).to_owned()).collect() }
    }

    fn names() -> Vec<Name> {
        vec![
            name("dog face", &["pet", "dog"]),
            name("wolf", &["face", "!"]),
            name("hot beverage", &["coffee", "pet"]),
            name("yoyo", &["toy"]),
        ]
    }

    /// Directions in a plane, in degrees; "yoyo" has none.
    fn vectors() -> WordVectors {
        let angles = [("dog", 0.0), ("face", 20.0), ("hound", 12.0), ("wolf", -15.0), ("hot", 90.0), ("beverage", 100.0)];
        let more = [("drink", 97.0), ("coffee", 140.0), ("pet", 5.0), ("idea", 200.0)];
        let all = angles.into_iter().chain(more);
        let row = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
        WordVectors::new(all.clone().map(|(word, _)| word.to_owned()).collect(), &all.map(|(_, at)| row(at)).collect::<Vec<_>>())
    }

    fn vocabulary() -> Vocabulary {
        let texts = names().into_iter().flat_map(|name| std::iter::once(name.name).chain(name.keywords)).collect::<Vec<_>>();
        let vocabulary = Vocabulary::of_captions(texts.iter().map(String::as_str)).unwrap();
        vocabulary.with_names(names(), vectors()).unwrap()
    }

    /// What a caption is read as, what it was taken for and what it might be besides.
    fn read(caption: &str) -> (String, Option<String>, Vec<String>) {
        let reading = vocabulary().read(caption, 16);
        let understood = reading.understood.first().cloned();
        assert_eq!(reading.numbers.len(), reading.words_used.len());
        (
            reading.words_used.join(" "),
            understood.as_ref().map(|one| one.word.clone()),
            understood.map_or(vec![], |one| one.others),
        )
    }

    #[test]
    fn a_name_is_read_as_it_stands() {
        for caption in ["a dog face", "Dog faces", "DOG FACE!"] {
            assert_eq!(read(caption), ("dog face".into(), None, vec![]));
        }
    }

    #[test]
    fn a_keyword_is_read_as_the_likest_of_its_names() {
        assert_eq!(read("coffee"), ("hot beverage".into(), Some("coffee".into()), vec![]));
        let (used, word, others) = read("pet");
        assert_eq!((used.as_str(), word.as_deref()), ("dog face", Some("pet")));
        // The other one that has the keyword, then the one that is like it.
        assert_eq!(others, ["hot beverage", "wolf"]);
        // Of no direction, but a keyword all the same.
        assert_eq!(read("toy").0, "yoyo");
    }

    #[test]
    fn other_words_are_read_as_what_they_mean() {
        assert_eq!(read("hound"), ("dog face".into(), Some("hound".into()), vec!["wolf".into()]));
        assert_eq!(read("the hot drinks").0, "hot beverage");
        // As far as they mean anything.
        let reading = vocabulary().read("hound qqqqq", 16);
        assert_eq!((reading.words_used.join(" "), reading.understood[0].word.as_str()), ("dog face".into(), "hound"));
        assert_eq!(reading.unknown[0].word, "qqqqq");
    }

    #[test]
    fn what_means_nothing_learnt_is_left_as_it_is() {
        for caption in ["idea", "qqqqq"] {
            let reading = vocabulary().read(caption, 16);
            assert!(reading.numbers.is_empty() && reading.understood.is_empty());
            assert_eq!(reading.unknown.len(), 1);
        }
        // A keyword without a letter must not be what an empty caption means.
        assert_eq!(vocabulary().read(" !", 16), crate::Reading::default());
        assert!(vocabulary().read(&"hound ".repeat(5000), 16).truncated);
    }

    #[test]
    fn bad_names_are_refused() {
        let new = |names: Vec<Name>| vocabulary().with_names(names, vectors()).unwrap_err();
        assert_eq!(new(vec![]), NamesError::Empty);
        assert_eq!(new(vec![name("a zebra", &[])]), NamesError::Strange("a zebra".into()));
        assert_eq!(new(vec![name("the", &[])]), NamesError::Strange("the".into()));
        assert_eq!(new(vec![name("wolf", &[]), name("wolves, a wolf", &[])]), NamesError::Strange("wolves, a wolf".into()));
        assert_eq!(new(vec![name("wolf", &[]), name("a Wolf", &[])]), NamesError::Twice("a Wolf".into()));
    }
}
