//! Which of the things that a model has learnt by name a caption means.
//!
//! Who learnt pictures of named things draws a name well, and what lies between two names as a blur of both. So every caption is read
//! as one name: the one that it is; else the one that is usually meant by it; else, of those that it is a keyword of, the likest; else
//! the likest of those that the thing it speaks of (`phrase.rs`) is a name or keyword of; else the likest of all by what the words mean,
//! if any is like enough. A name is also the one whose telling words stand in another order, and what is drawn as a person, a man and a
//! woman is found as the caption has it (`people.rs`). The reading says so, and names the next ones. Names and keywords may be of any language; those that are
//! written without spaces count as parts of a caption, too: a name before a keyword, then the longest, then the last, where such
//! languages have what is spoken of.

use std::collections::{HashMap, HashSet};
use std::slice;

use crate::text::people::{Gender, Saying, spoken_of};
use crate::text::phrase::{is_colour, is_passed_over, things};
use crate::text::word_vectors::WordVectors;
use crate::text::words::is_symbol;

/// Least cosine between a caption and the name that it is read as; docs/lab-notes.md says how it was chosen.
pub const LIKENESS: f32 = 0.45;

/// Least cosine between a thing and a name that it is a keyword of: coffee has 0.43 with "hot beverage", a trip 0.12 with "camera".
const AKIN: f32 = 0.3;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// The name that it was learnt by.
    pub name: String,
    /// Its names in other languages, and its emoji.
    pub translations: Vec<String>,
    /// What else it is called, or stands for, in any language.
    pub keywords: Vec<String>,
    /// Words that several things share, or none has, by which people mostly mean this one.
    pub usual: Vec<String>,
}

/// Everything that a model has learnt by name. Made by [`crate::Vocabulary::with_names`].
#[derive(Debug)]
pub struct Names {
    names: Vec<Name>,
    /// Each name's words, as the vocabulary numbers them.
    numbers: Vec<Vec<u32>>,
    /// Which name words are.
    by_name: HashMap<Vec<String>, usize>,
    /// Which name is usually meant by words.
    by_usual: HashMap<Vec<String>, usize>,
    /// What each name says, in whatever order, and which name that is.
    sayings: Vec<Saying>,
    by_saying: HashMap<Saying, usize>,
    /// Which names words are a keyword of. Of a person that is drawn as a man and a woman, too, the keywords lead to the person.
    by_keyword: HashMap<Vec<String>, Vec<usize>>,
    /// Names and keywords that are written without spaces.
    unspaced: HashSet<String>,
    /// The longest of them, in characters.
    longest_unspaced: usize,
    /// Each name's direction, none where no word of it has one; the shorter, the more of its words have none.
    directions: Vec<Option<Vec<f32>>>,
    vectors: WordVectors,
}

/// What a caption means, by the names' places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meant {
    /// What it is read as.
    pub name: usize,
    /// How that was found.
    pub how: How,
    /// What else it might mean, the likest first.
    pub others: Vec<usize>,
}

/// How a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The caption is the name.
    Exactly,
    /// The caption, or a part of it, is a keyword, or has the name in it.
    Keyword,
    /// The words mean nearly the same.
    Likeness,
}

impl Names {
    /// `words` splits a text into words as captions are split, known ones in the form that is known; `number` is a known word's.
    ///
    /// # Errors
    /// [`NamesError`], one variant for each way to be wrong.
    pub(crate) fn new(
        names: Vec<Name>,
        vectors: WordVectors,
        words: impl Fn(&str) -> Vec<String>,
        number: impl Fn(&str) -> Option<u32>,
    ) -> Result<Self, NamesError> {
        if names.is_empty() {
            return Err(NamesError::Empty);
        }
        let (mut numbers, mut directions, mut by_name) = (vec![], vec![], HashMap::new());
        for (index, Name { name, .. }) in names.iter().enumerate() {
            let own = words(name);
            let known: Option<Vec<u32>> = own.iter().map(|word| number(word)).collect();
            numbers.push(known.filter(|own| !own.is_empty()).ok_or_else(|| NamesError::Strange(name.clone()))?);
            directions.push(direction(&own, &vectors));
            if by_name.insert(own, index).is_some() {
                return Err(NamesError::Twice(name.clone()));
            }
        }
        let sayings: Vec<Saying> = names.iter().map(|name| Saying::of(&words(&name.name))).collect();
        let by_saying = by_saying(&sayings, &numbers);
        let person = |index: usize| by_saying.get(&sayings[index].of_another(None)).filter(|person| **person != index);
        let has = |index: usize, keyword: &String| names[index].keywords.contains(keyword);
        let mut by_usual = HashMap::new();
        let mut by_keyword: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (index, Name { translations, keywords, usual, .. }) in names.iter().enumerate() {
            for translation in translations.iter().map(|text| words(text)).filter(|own| !own.is_empty()) {
                by_name.entry(translation).or_insert(index);
            }
            let own = keywords.iter().filter(|keyword| !person(index).is_some_and(|person| has(*person, keyword)));
            for keyword in own.map(|text| words(text)).filter(|own| !own.is_empty()) {
                by_keyword.entry(keyword).or_default().push(index);
            }
            for text in usual.iter().map(|text| words(text)).filter(|own| !own.is_empty()) {
                by_usual.entry(text).or_insert(index);
            }
        }
        let single = by_name.keys().chain(by_keyword.keys()).filter_map(|words| <&[String; 1]>::try_from(words.as_slice()).ok());
        let unspaced: HashSet<String> = single.map(|[word]| word.clone()).filter(|word| is_unspaced(word)).collect();
        let longest_unspaced = unspaced.iter().map(|word| word.chars().count()).max().unwrap_or(0);
        Ok(Self {
            names,
            numbers,
            by_name,
            by_usual,
            sayings,
            by_saying,
            by_keyword,
            unspaced,
            longest_unspaced,
            directions,
            vectors,
        })
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

    /// The longest name or keyword that is written without spaces, in characters.
    pub(crate) fn longest_unspaced(&self) -> usize {
        self.longest_unspaced
    }

    /// Whether what is written without spaces is a name; `None` where it is not even a keyword.
    pub(crate) fn unspaced(&self, text: &str) -> Option<bool> {
        let word = slice::from_ref(self.unspaced.get(text)?);
        Some(self.by_name.contains_key(word) || self.by_usual.contains_key(word))
    }

    /// The name that words are, in this order.
    pub(crate) fn by_name(&self, words: &[String]) -> Option<usize> {
        self.by_name.get(words).copied()
    }

    /// The name that is usually meant by words.
    pub(crate) fn by_usual(&self, words: &[String]) -> Option<usize> {
        self.by_usual.get(words).copied()
    }

    /// The name that says the same as words do, in whatever order.
    pub(crate) fn by_saying(&self, words: &[String]) -> Option<usize> {
        self.by_saying.get(&Saying::of(words)).copied()
    }

    /// The names that words are a keyword of.
    pub(crate) fn by_keyword(&self, words: &[String]) -> &[usize] {
        self.by_keyword.get(words).map_or(&[], Vec::as_slice)
    }

    /// The cosine of what words mean and a name; `None` where one of them means nothing.
    pub(crate) fn likeness(&self, words: &[String], name: usize) -> Option<f32> {
        let direction = self.vectors.direction(words.iter().map(String::as_str))?;
        Some(dot(self.directions[name].as_ref()?, &direction))
    }

    /// The mean cosine between a name and others; nought where it has no direction.
    pub(crate) fn kinship(&self, name: usize, others: &[usize]) -> f32 {
        let Some(own) = &self.directions[name] else { return 0.0 };
        let others = others.iter().filter(|other| **other != name).filter_map(|other| self.directions[*other].as_ref());
        let (sum, count) = others.fold((0.0, 0), |(sum, count), other| (sum + dot(own, other), count + 1));
        sum / count.max(1) as f32
    }

    /// The names that are likest to words, of those that are akin to them, the likest first.
    pub(crate) fn nearest(&self, words: &[String], most: usize) -> Vec<usize> {
        self.likest(words).at_least(AKIN).take(most).collect()
    }

    /// What a caption's words mean, with at most so many others; `None` where that is no name.
    pub(crate) fn meant(&self, words: &[String], most: usize) -> Option<Meant> {
        let likest = self.likest(words);
        let found =
            |words: &[String]| -> Vec<usize> { self.first(words).chain(likest.in_order(self.by_keyword(words))).collect() };
        let mut called = found(words);
        if called.is_empty() {
            called = self.part(words).map(|part| found(slice::from_ref(part))).unwrap_or_default();
        }
        if called.is_empty() {
            called = self.thing(words);
        }
        let how = match (self.by_name.contains_key(words), called.is_empty()) {
            (true, _) => How::Exactly,
            (false, false) => How::Keyword,
            (false, true) => How::Likeness,
        };
        let gender = spoken_of(words);
        let called = called.into_iter().map(|name| if gender.is_some() { self.as_said(name, gender) } else { name });
        let like = likest.at_least(LIKENESS).map(|name| self.as_said(name, gender));
        let mut seen = HashSet::new();
        let mut names = called.chain(like).filter(|name| seen.insert(*name));
        Some(Meant { name: names.next()?, how, others: names.take(most).collect() })
    }

    /// The name that words are, then the one that is usually meant by them, then the one that says the same, at least of anybody.
    fn first(&self, words: &[String]) -> impl Iterator<Item = usize> {
        let saying = Saying::of(words);
        let same = self.by_saying.get(&saying).or_else(|| self.by_saying.get(&saying.of_another(None)));
        [self.by_name.get(words), self.by_usual.get(words), same].into_iter().flatten().copied()
    }

    /// The man or woman that a person is drawn as, too, or the person; the name itself where there is none, or it has more than one.
    fn as_said(&self, name: usize, gender: Option<Gender>) -> usize {
        if self.sayings[name].grown_up.len() > 1 {
            return name;
        }
        self.by_saying.get(&self.sayings[name].of_another(gender)).copied().unwrap_or(name)
    }

    /// What the thing that a caption speaks of is a name or a keyword of, the likest to all that is said of it first. Not what it is
    /// unlike: a canoe trip is no camera, though that is for trips.
    fn thing(&self, words: &[String]) -> Vec<usize> {
        let things = things(words);
        let phrase = things.first().copied().unwrap_or_default();
        let likest = self.likest(&all_but_colours(phrase).cloned().collect::<Vec<_>>());
        let called = |thing: &[String]| {
            let all: Vec<usize> = self.first(thing).chain(self.by_keyword.get(thing).into_iter().flatten().copied()).collect();
            if all.is_empty() {
                return all;
            }
            // Of which no more is said than a colour: as if it stood alone.
            if all_but_colours(phrase).eq(thing) && self.first(thing).next().is_some() {
                return all;
            }
            let alike =
                |likest: &Likest, least| -> Vec<usize> { likest.at_least(least).filter(|name| all.contains(name)).collect() };
            // A sheep that is too fluffy for any is still a sheep.
            let (to_all, own) = (alike(&likest, LIKENESS), self.likest(thing));
            match (to_all.is_empty(), !own.is_known()) {
                (false, _) => to_all,
                (true, false) => alike(&own, AKIN),
                (true, true) => all,
            }
        };
        things.into_iter().map(called).find(|names| !names.is_empty()).unwrap_or_default()
    }

    /// Of the names and keywords written without spaces that one of the words has in it, the one that is spoken of. What stands
    /// inside a longer one is none of them: 笔, a pen, is not what 笔记本, a notebook, means.
    fn part(&self, words: &[String]) -> Option<&String> {
        if !words.iter().any(|word| is_unspaced(word)) {
            return None;
        }
        let place = |part: &String| words.iter().enumerate().rev().find_map(|(at, word)| Some((at, word.rfind(part.as_str())?)));
        let parts: Vec<_> = self.unspaced.iter().filter_map(|part| Some((part, place(part)?))).collect();
        let stands_alone = |part: &str| !parts.iter().any(|(other, _)| other.len() > part.len() && other.contains(part));
        let is_name = |part: &String| self.by_name.contains_key(slice::from_ref(part));
        let alone = parts.iter().filter(|(part, _)| stands_alone(part));
        alone.max_by_key(|(part, place)| (is_name(part), part.chars().count(), *place)).map(|(part, _)| *part)
    }

    /// How like all names are to words.
    fn likest(&self, words: &[String]) -> Likest {
        let direction = self.vectors.direction(words.iter().map(String::as_str));
        let cosine = |of: &Option<Vec<f32>>| Some(dot(of.as_ref()?, direction.as_ref()?));
        let cosines: Vec<Option<f32>> = self.directions.iter().map(cosine).collect();
        let alike = cosines.iter().enumerate().filter_map(|(name, cosine)| Some((name, (*cosine)?)));
        let mut alike: Vec<(usize, f32)> = alike.filter(|(_, cosine)| *cosine >= AKIN).collect();
        alike.sort_by(|a, b| b.1.total_cmp(&a.1));
        Likest { cosines, alike }
    }
}

/// How like names are to words.
struct Likest {
    /// The cosine of each name's direction and the words'; none where either has none.
    cosines: Vec<Option<f32>>,
    /// The names of at least [`AKIN`], the likest first. No others are ever sorted: there are a thousand.
    alike: Vec<(usize, f32)>,
}

impl Likest {
    fn is_known(&self) -> bool {
        self.cosines.iter().any(Option::is_some)
    }

    /// Those that are like enough, the likest first; `least` is not under [`AKIN`].
    fn at_least(&self, least: f32) -> impl Iterator<Item = usize> {
        self.alike.iter().take_while(move |(_, likeness)| *likeness >= least).map(|(name, _)| *name)
    }

    /// The names in the order of likeness; those of no direction last, as they come.
    fn in_order(&self, names: &[usize]) -> Vec<usize> {
        let mut names = names.to_vec();
        let cosine = |name: &usize| self.cosines[*name].unwrap_or(f32::NEG_INFINITY);
        names.sort_by(|a, b| cosine(b).total_cmp(&cosine(a)));
        names
    }
}

/// Which name says what; of those that say the same the shortest, since a bed is no person in bed, and none where as many words turn it
/// round.
fn by_saying(sayings: &[Saying], numbers: &[Vec<u32>]) -> HashMap<Saying, usize> {
    let mut all: HashMap<&Saying, Vec<usize>> = HashMap::new();
    for (index, saying) in sayings.iter().enumerate().filter(|(_, saying)| **saying != Saying::default()) {
        all.entry(saying).or_default().push(index);
    }
    let only = |mut names: Vec<usize>| {
        names.sort_by_key(|name| numbers[*name].len());
        let [first, rest @ ..] = names.as_slice() else { return None };
        let shortest = rest.first().is_none_or(|second| numbers[*first].len() < numbers[*second].len());
        shortest.then_some(*first)
    };
    all.into_iter().filter_map(|(saying, names)| Some((saying.clone(), only(names)?))).collect()
}

/// A name's direction. A word that has none is like nothing: a Japanese castle is less like a castle than a castle is.
fn direction(name: &[String], vectors: &WordVectors) -> Option<Vec<f32>> {
    let direction = vectors.direction(name.iter().map(String::as_str))?;
    let telling = name.iter().filter(|word| !is_passed_over(word));
    let known = telling.clone().filter(|word| vectors.knows(word)).count();
    let length = (known as f32 / telling.count().max(1) as f32).sqrt();
    Some(direction.into_iter().map(|value| value * length).collect())
}

/// In eight sums at once, which a processor adds up faster than one: a caption of many things is compared with all names for each.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum()
}

fn all_but_colours(phrase: &[String]) -> impl Iterator<Item = &String> {
    phrase.iter().filter(|word| !is_colour(word))
}

/// Whether a word is of a script that is written without spaces: Chinese, Japanese, Korean, emoji.
fn is_unspaced(word: &str) -> bool {
    word.chars().any(|letter| {
        is_symbol(letter) || matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
    })
}

#[cfg(test)]
mod tests;
