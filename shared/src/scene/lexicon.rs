//! Which words of a language have a role in the grammar. One table a language (`english.tsv`, `chinese.tsv`): a role, what it is, and the
//! words, each line for one meaning.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::properties::{Hue, Place, RelationKind, Shade, Size};

/// What a word does in a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Colour(Hue),
    Shade(Shade),
    Size(Size),
    /// So many; several of these are multiplied.
    Count(usize),
    /// Not said how many; what is chosen then.
    Several(usize),
    /// Two, but one of what comes in pairs.
    Pair,
    /// What things come in or are counted by.
    Container,
    /// What shows things.
    Picture,
    /// Asks for a picture; where nothing else has been said, it says nothing.
    Request,
    /// Says nothing that could be drawn.
    Silent,
    Be,
    /// What a thing does, where it stands behind one.
    Verb,
    And,
    With,
    Without,
    Of,
    /// What follows is no part of the scene that could be laid out.
    Other,
    /// Before what the last thing stands so to. In Chinese also a verb.
    Relation(RelationKind),
    /// As a relation, but also before a place or a colour that is behind everything.
    At(RelationKind),
    /// Says where a thing is without saying of what.
    Side(RelationKind),
    /// The word "background".
    Background,
    /// Chinese 有: what follows is there.
    There,
    /// Chinese 的, which ties what stands before it to what follows.
    Possessive,
}

impl Role {
    /// Whether a word says how a thing is.
    pub fn is_property(self) -> bool {
        matches!(self, Self::Colour(_) | Self::Shade(_) | Self::Size(_))
    }
}

/// A language's words.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    roles: HashMap<&'static str, Role>,
    places: HashMap<&'static str, Place>,
    garments: HashSet<&'static str>,
    /// Plurals that no ending tells, each with its singular.
    plurals: HashMap<&'static str, &'static str>,
    /// The longest entry: words in English, characters in Chinese.
    pub longest: usize,
}

/// Colours have their home in [`crate::text`], which passes over them where they say nothing of a name.
const ENGLISH_WORDS: &str = concat!(include_str!("../text/colours.tsv"), include_str!("english.tsv"));

pub(super) static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(ENGLISH_WORDS, |text| text.split(' ').count()));
pub(super) static CHINESE: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::of(include_str!("chinese.tsv"), |text| text.chars().count()));

impl Lexicon {
    fn of(table: &'static str, length: impl Fn(&str) -> usize) -> Self {
        let mut lexicon = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let [role, what, words] = [0; 3].map(|_| cells.next().unwrap_or_default());
            for word in words.split('|') {
                lexicon.longest = lexicon.longest.max(length(word));
                match (role, what.parse().ok()) {
                    ("place", Some(place)) => drop(lexicon.places.insert(word, place)),
                    ("plural", _) => drop(word.split_once(' ').map(|(many, one)| lexicon.plurals.insert(many, one))),
                    ("garment", _) => drop(lexicon.garments.insert(word)),
                    _ => drop(role_of(role, what).map(|role| lexicon.roles.insert(word, role))),
                }
            }
        }
        lexicon
    }

    pub fn role(&self, text: &str) -> Option<Role> {
        self.roles.get(text).copied()
    }

    pub fn place(&self, text: &str) -> Option<Place> {
        self.places.get(text).copied()
    }

    pub fn singular(&self, word: &str) -> Option<&'static str> {
        self.plurals.get(word).copied()
    }

    pub fn is_garment(&self, text: &str) -> bool {
        self.garments.contains(text)
    }
}

/// A line's role; `None` where the table is wrong, which a test rules out.
fn role_of(role: &str, what: &str) -> Option<Role> {
    Some(match role {
        "colour" => Role::Colour(what.parse().ok()?),
        "shade" => Role::Shade(what.parse().ok()?),
        "size" => Role::Size(what.parse().ok()?),
        "count" => Role::Count(what.parse().ok()?),
        "several" => Role::Several(what.parse().ok()?),
        "pair" => Role::Pair,
        "container" => Role::Container,
        "picture" => Role::Picture,
        "request" => Role::Request,
        "silent" => Role::Silent,
        "be" => Role::Be,
        "verb" => Role::Verb,
        "and" => Role::And,
        "with" => Role::With,
        "without" => Role::Without,
        "of" => Role::Of,
        "other" => Role::Other,
        "relation" => Role::Relation(what.parse().ok()?),
        "at" => Role::At(what.parse().ok()?),
        "side" => Role::Side(what.parse().ok()?),
        "background" => Role::Background,
        "there" => Role::There,
        "possessive" => Role::Possessive,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        for table in [ENGLISH_WORDS, include_str!("chinese.tsv")] {
            let mut seen = HashSet::new();
            for line in table.lines().filter(|line| !line.starts_with('#')) {
                let cells: Vec<&str> = line.split('\t').collect();
                let &[role, what, words] = cells.as_slice() else { panic!("{line:?}") };
                let known = match role {
                    "place" => what.parse::<Place>().is_ok(),
                    "garment" => true,
                    "plural" => words.split('|').all(|pair| pair.split(' ').count() == 2),
                    _ => role_of(role, what).is_some(),
                };
                assert!(known, "{line:?}");
                // A place and a garment may have roles, too.
                let kind = if ["place", "garment", "plural"].contains(&role) { role } else { "role" };
                for word in words.split('|') {
                    assert!(!word.is_empty() && seen.insert((kind, word)), "{word:?} stands there twice");
                }
            }
        }
    }
}
