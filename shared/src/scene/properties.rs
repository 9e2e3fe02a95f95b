//! Colours, sizes, counts, relations and backgrounds, as programs read them: each is a word of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An enumeration whose variants are words, in kebab case.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$of])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// The word that programs read.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord(word.to_owned())) }
            }
        }
    };
}

/// A word that is none of those that may stand in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of the words that may stand here; shared/src/scene/properties.rs has them all")]
pub struct UnknownWord(pub String);

words! {
    /// A colour's name.
    Hue {
        Black = "black", White = "white", Grey = "grey", Red = "red", Orange = "orange", Yellow = "yellow", Green = "green",
        Blue = "blue", Purple = "purple", Pink = "pink", Brown = "brown", Gold = "gold", Silver = "silver",
    }
}

words! {
    /// How a colour differs from what its name says alone.
    Shade { Light = "light", Dark = "dark" }
}

words! {
    /// How large a thing is beside the others.
    Size { Tiny = "tiny", Small = "small", Big = "big", Huge = "huge" }
}

words! {
    /// How one thing stands to another.
    RelationKind {
        LeftOf = "left-of", RightOf = "right-of", Above = "above", Below = "below", On = "on", InFrontOf = "in-front-of",
        Behind = "behind", NextTo = "next-to", Between = "between", In = "in", Holding = "holding", Wearing = "wearing",
        Riding = "riding", Eating = "eating",
    }
}

words! {
    /// Where a count comes from.
    Counting {
        /// The caption says it, if only by naming one.
        Stated = "stated",
        /// The caption says that there are several, not how many.
        Chosen = "chosen",
        /// The caption asks for more than are drawn.
        Capped = "capped",
    }
}

words! {
    /// Where or when a scene is.
    Place {
        Night = "night", Sunset = "sunset", Snow = "snow", Rain = "rain", Sea = "sea", Beach = "beach", Space = "space",
        Forest = "forest", Desert = "desert", City = "city",
    }
}

/// What is behind all things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    Colour(Colour),
    Place(Place),
}

/// A colour as captions have it, such as "light blue"; so it is written, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Colour {
    pub hue: Hue,
    pub shade: Option<Shade>,
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shade.map_or(Ok(()), |shade| write!(f, "{} ", shade.word()))?;
        f.write_str(self.hue.word())
    }
}

impl FromStr for Colour {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (shade, hue) = text.split_once(' ').map_or((None, text), |(shade, hue)| (Some(shade), hue));
        Ok(Self { hue: hue.parse()?, shade: shade.map(str::parse).transpose()? })
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl TryFrom<String> for Colour {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, UnknownWord> {
        text.parse()
    }
}
