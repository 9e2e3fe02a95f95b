//! What a scene is made of, as programs read it.

use serde::{Deserialize, Serialize};

use crate::text::caption::{Reading, UnderstoodWord, UnknownWord};

use super::properties::{Background, Colour, Counting, RelationKind, Size};

/// Most of one thing that are drawn; a caption that asks for more gets these, and is told.
pub const MOST_OF_ONE: usize = 12;

/// Most things that a scene has. What a caption names beyond them is cut.
pub const MOST_THINGS: usize = 24;

/// Most entries of [`Scene::unread`] and of [`Scene::left_out`].
pub(super) const MOST_TOLD: usize = 64;

/// What a caption shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scene {
    /// In the order in which the caption names them; in Chinese, who is spoken of before what stands in relation to it.
    pub things: Vec<Thing>,
    /// How they stand to each other.
    pub relations: Vec<Relation>,
    /// What is behind them; `None` is the paper.
    pub background: Option<Background>,
    /// The words that nothing was made of, in lower case, each once.
    pub unread: Vec<String>,
    /// What the caption says is not there, as it was typed.
    pub left_out: Vec<String>,
    /// What was drawn and cannot be seen, as it was typed: known of a picture only, not of a caption that is read.
    #[serde(default)]
    pub unseen: Vec<String>,
    /// Whether the caption had more words or things than are read.
    pub truncated: bool,
}

/// One kind of thing, as often as `count` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    /// What was typed.
    pub text: String,
    /// The part of it that the name was found by, without count, colour and size; where there is no name, what it was looked for by.
    #[serde(default)]
    pub noun: String,
    /// The name of the model that it is read as; `None` where no name fits.
    pub name: Option<String>,
    /// How the name was found.
    pub how: How,
    /// 1 to [`MOST_OF_ONE`].
    pub count: usize,
    /// Where the count comes from.
    pub counting: Counting,
    /// The colour that it is to have instead of its own. A colour that the name has in it is none.
    pub colour: Option<Colour>,
    /// The second of two colours, as in "a blue and yellow parrot".
    pub accent: Option<Colour>,
    pub size: Option<Size>,
    /// Other names that it might have been, the likest first.
    pub others: Vec<String>,
}

impl Thing {
    /// Takes one of the other names, as somebody who was offered them chose; `false`, and no change, where it is none of them.
    pub fn choose(&mut self, name: &str) -> bool {
        let Some(place) = self.others.iter().position(|other| other == name) else { return false };
        let chosen = self.others.remove(place);
        self.others.splice(0..0, self.name.replace(chosen));
        self.how = How::Chosen;
        true
    }
}

impl Scene {
    /// The same as a caption of one thing is told: what was read as something else, and what was not read.
    pub fn reading(&self) -> Reading {
        let (named, unnamed): (Vec<&Thing>, Vec<&Thing>) = self.things.iter().partition(|thing| thing.name.is_some());
        let otherwise = named.iter().filter(|thing| thing.how != How::Name).map(|thing| UnderstoodWord {
            word: thing.text.clone(),
            read_as: thing.name.iter().cloned().collect(),
            others: thing.others.clone(),
        });
        let unnamed = unnamed.iter().map(|thing| UnknownWord { word: thing.text.clone(), nearest: thing.others.clone() });
        let words = self.unread.iter().map(|word| UnknownWord { word: word.clone(), nearest: vec![] });
        Reading {
            words_used: named.iter().filter_map(|thing| thing.name.clone()).collect(),
            understood: otherwise.collect(),
            unknown: unnamed.chain(words).collect(),
            truncated: self.truncated,
            ..Reading::default()
        }
    }
}

/// How a thing's name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It was called by its name.
    Name,
    /// What was typed usually means it.
    Usual,
    /// What was typed is a keyword of it.
    Keyword,
    /// What was typed means nearly the same.
    Likeness,
    /// Somebody chose it of the others.
    Chosen,
    /// It was not: nothing that the model has learnt is called so, or is like enough.
    Unknown,
}

/// How one thing stands to another, by their places in [`Scene::things`]: the first is `kind` the second, as in "the first is left of the
/// second". What is between two things is in two relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub kind: RelationKind,
    pub of: usize,
    pub to: usize,
}
