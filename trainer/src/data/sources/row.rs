//! What metadata says about one picture: a line of metadata.jsonl or metadata.csv, or the .json beside a picture or in a tar file.
//!
//! All of them become fields first, and the rules are about fields: so the same rows mean the same wherever they come from.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use super::{Reason, published, text};
use crate::data::Split;

/// Names of the field for captions. Where a row has several, it has the captions of all.
pub const CAPTIONS: [&str; 3] = ["text", "caption", "captions"];

/// The fields that mean something here, read. Others are passed over.
#[derive(Debug, Default, PartialEq)]
pub struct Row {
    pub file_name: Option<String>,
    /// Without those that cannot be used; `bad` says what is wrong with them, or that there are none.
    pub captions: Vec<String>,
    pub bad: Option<Reason>,
    pub class: Option<String>,
    pub style: Option<String>,
    pub part: Option<Split>,
}

impl Row {
    /// Reads one JSON object.
    ///
    /// # Errors
    /// [`Reason`] where it is none, or a field is not what it should be.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Reason> {
        let text = text::utf8(bytes)?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let fields = reader.deserialize_map(Fields).map_err(|error| json(&error))?;
        reader.end().map_err(|error| json(&error))?;
        Self::new(fields)
    }

    /// Reads the cells of a row.
    ///
    /// # Errors
    /// [`Reason`] where there are more or fewer than columns, or one is not what it should be.
    pub fn from_cells(header: &[String], cells: Vec<String>) -> Result<Self, Reason> {
        if cells.len() != header.len() {
            let hint = if cells.len() > header.len() { ": a comma in a text needs quotation marks around the text" } else { "" };
            let (cells, columns) = (cells.len(), header.len());
            return Err(Reason::Metadata(format!("it has {cells} cells, and the header {columns} columns{hint}")));
        }
        Self::new(header.iter().cloned().zip(cells.into_iter().map(Value::String)).collect())
    }

    fn new(fields: Vec<(String, Value)>) -> Result<Self, Reason> {
        let names: Vec<String> = fields.iter().map(|(name, _)| column(name)).collect();
        let known = |name: &str| ["file_name", "class", "label", "style", "split"].contains(&name) || CAPTIONS.contains(&name);
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| known(name) && names[..*at].contains(name)) {
            return Err(Reason::Metadata(format!("it has two fields called {}", twice.1)));
        }
        let field = |wanted: &str| names.iter().position(|name| name == wanted).map(|at| &fields[at].1);
        let word = |wanted: &str| match field(wanted) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match scalar(value) {
                Some(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
                None => Err(Reason::Metadata(format!("its {wanted} is neither a text nor a number"))),
            },
        };
        let mut captions = text::Captions::default();
        for name in CAPTIONS {
            let values = match field(name) {
                Some(Value::Array(values)) => values.as_slice(),
                Some(value) => std::slice::from_ref(value),
                None => &[],
            };
            for value in values.iter().filter(|value| !value.is_null()) {
                let text = scalar(value).ok_or_else(|| Reason::Metadata(format!("its {name} is no text")));
                captions.add(0, text.as_deref().map_err(Clone::clone));
            }
        }
        let (named, class, style) = (CAPTIONS.iter().any(|name| field(name).is_some()), word("class")?, word("style")?);
        let bad = match captions.bad {
            Some((_, reason)) => Some(reason),
            None if captions.good.is_empty() && named => Some(Reason::NoCaption),
            None if captions.good.is_empty() => Some(Reason::NoText(listed(&names))),
            None => None,
        };
        Ok(Self {
            file_name: word("file_name")?,
            captions: captions.good,
            bad,
            class: class.or(word("label")?),
            style,
            part: word("split")?.as_deref().and_then(published::part_named),
        })
    }
}

/// The name of a column as it is compared.
pub fn column(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// Names, one after the other, as a message says them.
pub fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// The text of a text, number or truth value. A number that is whole is written so: 1.0 is the label 1, in a table as in JSON.
pub fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let whole = text.split_once('.').filter(|(whole, rest)| {
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let all = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| is(&byte));
        all(digits, u8::is_ascii_digit) && all(rest, |byte| *byte == b'0')
    });
    Some(whole.map(|(whole, _)| whole.to_owned()).unwrap_or(text))
}

/// What is wrong with JSON, in words that are not a programmer's.
pub fn json(error: &serde_json::Error) -> Reason {
    use serde_json::error::Category;
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Io => Reason::Unreadable("the system does not give it".to_owned()),
        Category::Eof => Reason::Metadata("its JSON ends too early".to_owned()),
        Category::Syntax => Reason::Metadata(format!("it is no JSON from {place} on")),
        Category::Data => Reason::Metadata("it is no JSON object".to_owned()),
    }
}

/// The fields of an object in their order, those that come twice included.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_json(text: &str) -> Result<Row, Reason> {
        Row::from_json(text.as_bytes())
    }

    fn of_cells(header: &[&str], cells: &[&str]) -> Result<Row, Reason> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Row::from_cells(&owned(header), owned(cells))
    }

    #[test]
    fn the_same_rows_mean_the_same_as_json_and_as_cells() {
        let cases: [(&[(&str, &str)], &str); 12] = [
            (&[("text", "a"), ("label", "3")], r#"{"text": "a", "label": 3}"#),
            (&[("text", "a"), ("label", "1.0")], r#"{"text": "a", "label": 1.0}"#),
            (&[("text", "a"), ("label", "1.5")], r#"{"text": "a", "label": 1.5}"#),
            (&[("text", "a"), ("label", "-2.00")], r#"{"text": "a", "label": "-2.00"}"#),
            (&[("text", "a"), ("caption", "b")], r#"{"text": "a", "caption": "b"}"#),
            (&[("caption", "b"), ("text", "a")], r#"{"caption": "b", "text": "a"}"#),
            (&[("caption", "b"), ("text", "")], r#"{"caption": "b", "text": null}"#),
            (&[("Text", " a "), ("Class", "cat"), ("label", "7")], r#"{"Text": " a ", "Class": "cat", "label": 7}"#),
            (&[("text", "7"), ("style", "")], r#"{"text": 7, "style": ""}"#),
            (&[("text", "a"), ("text", "b")], r#"{"text": "a", "text": "b"}"#),
            (&[("name", "a"), ("label", "b")], r#"{"name": "a", "label": "b"}"#),
            (&[("text", "a"), ("split", "val")], r#"{"text": "a", "split": "val"}"#),
        ];
        for (fields, text) in cases {
            let (header, cells): (Vec<&str>, Vec<&str>) = fields.iter().copied().unzip();
            assert_eq!(of_cells(&header, &cells), of_json(text), "{text}");
        }
        assert_eq!(of_json(r#"{"text": "a", "label": 1.0}"#).unwrap().class.as_deref(), Some("1"));
        assert_eq!(of_json(r#"{"caption": "b", "text": "a"}"#).unwrap().captions, ["a", "b"]);
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        for (text, words) in [
            (r#"{"text": {"en": "a"}}"#, "its text is no text"),
            (r#"{"text": "a", "label": [1]}"#, "its label is neither a text nor a number"),
            ("[1]", "no JSON object"),
            ("7", "no JSON object"),
            (r#"{"text": "a""#, "ends too early"),
            (r#"{"text": a}"#, "line 1, column 10"),
            (r#"{"text": "a"} {}"#, "no JSON"),
            (r#"{"name": "a", "url": "b"}"#, "no text, caption or captions, but name, url"),
            ("{}", "but nothing"),
        ] {
            let said = match of_json(text) {
                Ok(row) => row.bad.unwrap(),
                Err(reason) => reason,
            };
            assert!(said.to_string().contains(words), "{text}: {said}");
        }
        let wide = of_cells(&["file_name", "text"], &["a.png", "a red apple", " on a table"]).unwrap_err().to_string();
        assert!(wide.contains("3 cells") && wide.contains("quotation marks"), "{wide}");
        assert!(of_cells(&["file_name", "text"], &["a.png"]).is_err());
    }

    #[test]
    fn a_list_may_have_holes() {
        let row = of_json(r#"{"captions": ["a", null, {"b": 1}, "c"], "text": null}"#).unwrap();
        assert_eq!(row.captions, ["a", "c"]);
        assert!(row.bad.is_some());
    }
}
