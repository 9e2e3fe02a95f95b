//! Captions: what a person might type for a content.
//!
//! A caption never says how a content is drawn. That is the style code's part; a caption that told the two apart would
//! let style leak into the content code, and the page's visitor has a style control besides.

use rand::Rng;
use rand::seq::IteratorRandom;

use super::Content;

/// Shares of the three kinds of caption. Mostly the name, as that is the truth; the others teach the words around it.
const NAME: f64 = 0.60;
const NAME_AND_TAGS: f64 = 0.25;

/// How often a name that can take an article has one.
const ARTICLE: f64 = 0.4;

/// The caption of a content: its name, in lower case.
pub fn canonical(content: &Content) -> String {
    content.label.to_lowercase()
}

/// A caption at random: the name (60 %), the name and one or two tags (25 %), or a tag and the subgroup's words (15 %).
pub fn sample(content: &Content, random: &mut impl Rng) -> String {
    let kind = random.random::<f64>();
    let name = |random: &mut _| named(content, random);
    let caption = if kind < NAME {
        name(random)
    } else if kind < NAME + NAME_AND_TAGS {
        let count = random.random_range(1..=2);
        let label = canonical(content);
        let mut parts = vec![name(random)];
        let others = content.tags.iter().filter(|tag| tag.to_lowercase() != label);
        parts.extend(others.choose_multiple(random, count).into_iter().cloned());
        parts.join(", ")
    } else {
        let subgroup = content.subgroup.replace('-', " ");
        match content.tags.iter().filter(|tag| **tag != subgroup).choose(random) {
            Some(tag) => format!("{tag}, {subgroup}"),
            None => name(random),
        }
    };
    caption.to_lowercase()
}

fn named(content: &Content, random: &mut impl Rng) -> String {
    match article(&content.label) {
        Some(article) if random.random_bool(ARTICLE) => format!("{article} {}", content.label),
        _ => content.label.clone(),
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

#[cfg(test)]
mod tests;
