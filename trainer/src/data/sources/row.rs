//! What metadata says about one picture: a line of metadata.jsonl or metadata.csv, or the .json of a tar file's sample.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Reason, text};

/// The fields that mean something here, under the names that people give them. Others are passed over.
#[derive(Debug, Default, Deserialize)]
pub struct Row {
    pub file_name: Option<String>,
    text: Option<OneOrMore>,
    caption: Option<OneOrMore>,
    captions: Option<OneOrMore>,
    class: Option<Word>,
    label: Option<Word>,
    style: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A label: a word or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Number(i64),
    /// Something else, which is no label.
    Other(IgnoredAny),
}

impl Word {
    fn into_text(self) -> Option<String> {
        let text = match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Other(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

impl Row {
    /// Reads one JSON object.
    ///
    /// # Errors
    /// [`Reason`] where it is none, or a field is of another type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Reason> {
        serde_json::from_str(text::utf8(bytes)?).map_err(|error| Reason::Metadata(error.to_string()))
    }

    /// Puts in the value of a column, if it is one that means something.
    pub fn set(&mut self, column: &str, value: &str) {
        let field = match column {
            "class" => &mut self.class,
            "label" => &mut self.label,
            "style" => &mut self.style,
            "file_name" => return self.file_name = Some(value.to_owned()),
            "text" | "caption" | "captions" => return self.text = Some(OneOrMore::One(value.to_owned())),
            _ => return,
        };
        *field = Some(Word::Text(value.to_owned()));
    }

    /// The captions.
    ///
    /// # Errors
    /// [`Reason`] where there is none, or one is too long.
    pub fn captions(&self) -> Result<Vec<String>, Reason> {
        match self.text.as_ref().or(self.caption.as_ref()).or(self.captions.as_ref()) {
            None => Err(Reason::NoCaption),
            Some(OneOrMore::One(caption)) => text::clean([caption.as_str()]),
            Some(OneOrMore::More(captions)) => text::clean(captions.iter().map(String::as_str)),
        }
    }

    /// What is shown, and how it is drawn, where it says so.
    pub fn into_labels(self) -> (Option<String>, Option<String>) {
        (self.class.or(self.label).and_then(Word::into_text), self.style.and_then(Word::into_text))
    }
}
