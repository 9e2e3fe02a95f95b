//! Captions: what a person might type for a content.
//!
//! A caption never says how a content is drawn. That is the style code's part; a caption that told the two apart would
//! let style leak into the content code, and the page's visitor has a style control besides.

use rand::Rng;
use rand::seq::{IndexedRandom, IteratorRandom};

use shared::Vocabulary;
use shared::text::caption::VocabularyError;

use super::content::{Captions, Content, ContentSplit};

/// Shares of the three kinds of caption. Mostly the name, as that is the truth; the others teach the words around it.
const NAME: f64 = 0.60;
const NAME_AND_TAGS: f64 = 0.25;

/// How often a name that can take an article has one.
const ARTICLE: f64 = 0.4;

/// The caption that stands for a content, in lower case: its name, or the first that was written.
pub fn canonical(content: &Content) -> String {
    match &content.captions {
        Captions::Composed { name, .. } => name.to_lowercase(),
        Captions::Written(captions) => captions.first().map(|caption| caption.to_lowercase()).unwrap_or_default(),
    }
}

/// A caption to train with. Of a composed one, `plain` is the share that is the bare name; written ones are all as good.
pub fn for_training(content: &Content, plain: f64, random: &mut impl Rng) -> String {
    match &content.captions {
        Captions::Composed { .. } if random.random_bool(plain) => canonical(content),
        _ => sample(content, random),
    }
}

/// A caption at random. A written one, or composed: the name (60 %), the name and one or two tags (25 %), or a tag and the words
/// for its kind (15 %).
pub fn sample(content: &Content, random: &mut impl Rng) -> String {
    match &content.captions {
        Captions::Composed { name, tags, kind } => compose(name, tags, kind, random).to_lowercase(),
        Captions::Written(captions) => captions.choose(random).map(|caption| caption.to_lowercase()).unwrap_or_default(),
    }
}

fn compose(name: &str, tags: &[String], kind: &str, random: &mut impl Rng) -> String {
    let form = random.random::<f64>();
    if form < NAME {
        named(name, random)
    } else if form < NAME + NAME_AND_TAGS {
        let count = random.random_range(1..=2);
        let lower = name.to_lowercase();
        let mut parts = vec![named(name, random)];
        let others = tags.iter().filter(|tag| tag.to_lowercase() != lower);
        parts.extend(others.choose_multiple(random, count).into_iter().cloned());
        parts.join(", ")
    } else {
        match tags.iter().filter(|tag| *tag != kind).choose(random) {
            Some(tag) => format!("{tag}, {kind}"),
            None => named(name, random),
        }
    }
}

fn named(name: &str, random: &mut impl Rng) -> String {
    match article(name) {
        Some(article) if random.random_bool(ARTICLE) => format!("{article} {name}"),
        _ => name.to_owned(),
    }
}

/// Words that end the part of a name in which its head noun stands last ("bowl with spoon", "slice of pizza").
const AFTER_HEAD: [&str; 14] =
    ["with", "without", "of", "in", "on", "from", "over", "at", "and", "behind", "through", "under", "holding", "blowing"];

/// Last words of names that are not, or not of, one countable thing.
const UNCOUNTED: [&str; 52] = [
    "archery",
    "art",
    "away",
    "bacon",
    "badminton",
    "bowling",
    "bread",
    "broccoli",
    "butter",
    "camping",
    "construction",
    "cooking",
    "coral",
    "corn",
    "dizzy",
    "dna",
    "done",
    "falafel",
    "fog",
    "foggy",
    "food",
    "garlic",
    "hockey",
    "honey",
    "ice",
    "lacrosse",
    "liquid",
    "locked",
    "luggage",
    "meat",
    "milk",
    "money",
    "music",
    "not",
    "oden",
    "people",
    "pong",
    "popcorn",
    "rice",
    "rolling",
    "sake",
    "salt",
    "snow",
    "soap",
    "spaghetti",
    "star-struck",
    "sushi",
    "tofu",
    "unlocked",
    "voltage",
    "wood",
    "yarn",
];

/// "a" or "an" if the name is that of one thing, as far as can be told from its words.
fn article(label: &str) -> Option<&'static str> {
    // Proper names, "family: man, boy", times of day and the like stand alone.
    let is_time = label.ends_with("o’clock") || label.ends_with("thirty");
    if is_time || label.chars().any(|letter| letter.is_uppercase() || letter.is_numeric() || letter == ':') {
        return None;
    }
    let head = label.split_whitespace().take_while(|word| !AFTER_HEAD.contains(word)).last()?;
    let plural = head.ends_with('s') && !head.ends_with("ss") && !head.ends_with("us");
    if plural || UNCOUNTED.contains(&head) {
        return None;
    }
    let starts_with_any = |starts: &[&str]| starts.iter().any(|start| label.starts_with(start));
    // What counts is the sound: "a unicorn", "a one-piece swimsuit", "an hourglass", "an x-ray".
    let vowel = starts_with_any(&["a", "e", "i", "o", "u"]) && !starts_with_any(&["uni", "use", "eu", "ewe", "one"]);
    Some(if vowel || starts_with_any(&["hour", "x-"]) { "an" } else { "a" })
}

/// The words of all training contents: a word that only held-out contents have must stay unknown.
///
/// # Errors
/// Where there are none.
pub fn vocabulary(contents: &[Content]) -> Result<Vocabulary, VocabularyError> {
    let trained = contents.iter().filter(|content| content.split == ContentSplit::Train);
    Vocabulary::of_captions(trained.flat_map(|content| content.captions.texts()))
}

#[cfg(test)]
mod tests;
