//! Which words of an English caption say what it shows.
//!
//! The thing itself stands last before the first preposition: "an old house by the sea" is a house. What is said of how much there is of
//! it, or that it is a picture, stands before "of": "a bowl of salad" is salad and "a photo of a cat" a cat. No grammar is asked, only
//! lists of words; where they mislead, the whole caption's likeness decides which of the things of that name it is.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::words::forms;

/// Before these the thing itself has been named.
const LINKS: [&str; 19] = [
    "and", "or", "with", "without", "of", "in", "on", "at", "to", "from", "for", "by", "over", "under", "behind", "through",
    "beside", "near", "between",
];

/// Whose things are and how many.
const COUNTS: [&str; 24] = [
    "is", "are", "my", "your", "his", "her", "its", "our", "some", "many", "one", "two", "three", "four", "five", "six", "seven",
    "eight", "nine", "ten", "eleven", "twelve", "this", "that",
];

/// What things come in.
const MEASURES: [&str; 38] = [
    "bag", "basket", "bit", "bottle", "bouquet", "bowl", "box", "bunch", "can", "couple", "cup", "flock", "glass", "group",
    "handful", "heap", "herd", "jar", "kind", "loaf", "lot", "mug", "pack", "packet", "pair", "piece", "pile", "plate", "pot",
    "row", "set", "slice", "sort", "stack", "swarm", "tin", "type", "vase",
];

/// What shows things.
const PICTURES: [&str; 13] = [
    "cartoon",
    "drawing",
    "emoji",
    "icon",
    "illustration",
    "image",
    "logo",
    "painting",
    "photo",
    "photograph",
    "picture",
    "portrait",
    "sketch",
];

/// Who stands in pictures beside what they are of.
const PEOPLE: [&str; 16] = [
    "baby", "boy", "child", "children", "girl", "guy", "kid", "lady", "man", "men", "people", "person", "somebody", "someone",
    "woman", "women",
];

/// Words of colours say which of several things is meant where they are part of its name, else nothing: a red car is no police car's light.
static COLOURS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let rows = include_str!("colours.tsv").lines().filter_map(|row| row.strip_prefix("colour\t")?.split_once('\t'));
    rows.flat_map(|(_, words)| words.split('|')).collect()
});

/// Whether a word is a colour's.
pub fn is_colour(word: &str) -> bool {
    COLOURS.contains(word)
}

/// Whether a word says little about what a picture shows: how things stand to each other, whose they are, and how many.
pub fn is_passed_over(word: &str) -> bool {
    LINKS.contains(&word) || COUNTS.contains(&word)
}

/// Whether a word is of somebody, and no more.
pub fn is_person(word: &str) -> bool {
    PEOPLE.contains(&word)
}

/// What may be the thing itself, of a caption's words without articles: the phrase that names it, then less and less of its end. Of one
/// that ends in what the thing does ("a cat sleeping"), the phrase alone, since it may be a name ("ice skating"); what it does to something
/// ends the phrase ("a dragon breathing fire"). Of one that ends in a person, the person comes last, behind what follows: people stand
/// beside what makes a picture, as in "a man on a horse" and "a woman doing yoga".
pub fn things(words: &[String]) -> Vec<&[String]> {
    let mut rest = words;
    while let Some(of) = rest.iter().position(|word| word == "of").filter(|of| *of > 0 && is_measure(&rest[of - 1])) {
        rest = &rest[of + 1..];
    }
    let (mut things, mut people): (Vec<&[String]>, Vec<&[String]>) = (vec![], vec![]);
    loop {
        let (mut phrase, mut follows) = rest.split_at(rest.iter().position(|word| is_link(word)).unwrap_or(rest.len()));
        let doing = phrase.iter().skip(1).position(|word| is_doing(word)).map(|at| at + 1);
        let does = doing.is_some_and(|at| at + 1 == phrase.len());
        if let Some(at) = doing.filter(|_| !does) {
            (phrase, follows) = rest.split_at(at);
        }
        let tried = if does { 1 } else { phrase.len() };
        things.extend((0..tried).map(|from| &phrase[from..]));
        if phrase.last().is_none_or(|word| !PEOPLE.contains(&word.as_str())) {
            things.extend(people);
            return things;
        }
        people.extend(things.pop());
        rest = &follows[follows.iter().take_while(|word| is_link(word)).count()..];
    }
}

pub fn is_link(word: &str) -> bool {
    LINKS.contains(&word)
}

/// Whether a word behind another says what that does. Shorter ones are things: a ring, a king, a wing.
pub fn is_doing(word: &str) -> bool {
    word.len() > 5 && word.ends_with("ing")
}

pub fn is_measure(word: &str) -> bool {
    forms(word).any(|form| MEASURES.contains(&form.as_str()) || PICTURES.contains(&form.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(caption: &str) -> Vec<String> {
        let words: Vec<String> = crate::text::words::words_of(caption).collect();
        things(&words).iter().map(|thing| thing.join(" ")).collect()
    }

    #[test]
    fn the_thing_stands_last_before_the_first_preposition() {
        assert_eq!(of("an old house by the sea"), ["old house", "house"]);
        assert_eq!(of("a cat and a dog"), ["cat"]);
        assert_eq!(of("red car"), ["red car", "car"]);
        assert_eq!(of("the cat"), ["cat"]);
    }

    #[test]
    fn what_it_comes_in_and_what_shows_it_are_not_it() {
        assert_eq!(of("a bowl of salad"), ["salad"]);
        assert_eq!(of("a photo of two slices of cheese on a plate"), ["cheese"]);
        assert_eq!(of("peak of a mountain"), ["peak"], "no measure");
        assert_eq!(of("a bowl"), ["bowl"]);
    }

    #[test]
    fn what_it_does_is_not_it() {
        assert_eq!(of("a cat sleeping"), ["cat sleeping"]);
        assert_eq!(of("a sleeping cat"), ["sleeping cat", "cat"]);
        assert_eq!(of("painting"), ["painting"]);
        assert_eq!(of("a green dragon breathing fire"), ["green dragon", "dragon"]);
        assert_eq!(of("a gold ring"), ["gold ring", "ring"]);
    }

    #[test]
    fn people_stand_beside_it() {
        assert_eq!(of("a man on a horse"), ["horse", "man"]);
        assert_eq!(of("an old man with a dog"), ["old man", "dog", "man"]);
        assert_eq!(of("a woman painting flowers at home"), ["painting flowers", "flowers", "woman"]);
        assert_eq!(of("a running man"), ["running man", "man"]);
        assert_eq!(of("a man running on the beach"), ["man running"]);
        assert_eq!(of("a boy and a girl in the rain"), ["rain", "boy", "girl"]);
        assert_eq!(of("a baby elephant"), ["baby elephant", "elephant"]);
    }

    #[test]
    fn odd_captions_name_nothing_or_little() {
        for caption in ["", "of", "of of", "with a", "in the"] {
            assert!(of(caption).is_empty(), "{caption:?}");
        }
        assert!(of("bowl of").is_empty());
        assert_eq!(of("of bowl").len(), 0);
    }
}
