//! What data is made of: contents with their captions, pictures of them, and the part of the experiment that each belongs to.

/// Which part of the experiment a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// To learn from.
    Train,
    /// Content and style are both in training, never together. The strict test of disentanglement.
    HeldOutCombination,
    /// Never seen in training; for choosing between models.
    Validation,
    /// Never seen in training; for the final figures only.
    Test,
}

/// Which part of the experiment a content belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentSplit {
    Train,
    Validation,
    Test,
}

impl ContentSplit {
    const ALL: [(Self, &str); 3] = [(Self::Train, "train"), (Self::Validation, "validation"), (Self::Test, "test")];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(split, _)| *split)
    }
}

/// Where a content's captions come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Captions {
    /// Put together from a name and further words for it, as the emoji have them.
    Composed {
        /// Its name, such as "red apple".
        name: String,
        /// Further words; some say what it means rather than what is seen.
        tags: Vec<String>,
        /// Words for the kind of thing that it is.
        kind: String,
    },
    /// Written by somebody who looked at it; at least one.
    Written(Vec<String>),
}

impl Captions {
    /// Everything that a caption of this content can be made of: what the vocabulary must know.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Composed { name, tags, kind } => [name, kind].into_iter().chain(tags).map(String::as_str).collect(),
            Self::Written(captions) => captions.iter().map(String::as_str).collect(),
        }
    }
}

/// What is shown, whatever the style: pictures with the same captions have the same content.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Names it in messages: an emoji's code points, or the first picture that shows it.
    pub key: String,
    pub captions: Captions,
    /// Contents that show the same kind of thing share a class (a species of birds, say) and are not each other's negatives. Where
    /// nothing is said about classes each content is one of its own.
    pub class: usize,
    /// The part that it is in: training, if one of its pictures is.
    pub split: ContentSplit,
}

/// One picture: a content drawn in a style. `content` and `style` index `Dataset::contents` and `Dataset::styles`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub content: usize,
    pub style: usize,
    pub split: Split,
}
