//! The tables of the pack, `contents.tsv`, `zh.tsv`, `held-out.tsv` and `sets.toml`: one type a row, reading beside writing. And
//! `usual.tsv` and `signs.tsv`, which are written by hand.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::data::{ContentSplit, DataError};

/// File names of the tables in the pack.
pub const CONTENTS: &str = "contents.tsv";
pub const CHINESE: &str = "zh.tsv";
pub const USUAL: &str = "usual.tsv";
pub const SIGNS: &str = "signs.tsv";
pub const HELD_OUT: &str = "held-out.tsv";
pub const SETS: &str = "sets.toml";

const CONTENT_COLUMNS: [&str; 8] = ["key", "emoji", "label", "group", "subgroup", "tags", "cluster", "split"];
const TRANSLATION_COLUMNS: [&str; 3] = ["key", "label", "tags"];
const USUAL_COLUMNS: [&str; 2] = ["label", "usual"];
const SIGNS_COLUMNS: [&str; 1] = ["label"];
const HELD_OUT_COLUMNS: [&str; 2] = ["key", "set"];

/// What is drawn: one emoji, whatever the style.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentRow {
    /// Code points in lower-case hexadecimal joined by `-`, without variation selectors; names the picture's files.
    pub key: String,
    pub emoji: String,
    /// Its name, such as "red apple".
    pub label: String,
    pub group: String,
    pub subgroup: String,
    /// Further words for it; some say what it means rather than what is seen.
    pub tags: Vec<String>,
    /// Contents that look or are called nearly the same share a cluster, and a cluster is never split.
    pub cluster: u32,
    pub split: ContentSplit,
}

/// What a content is called in another language.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The content's.
    pub key: String,
    pub label: String,
    pub tags: Vec<String>,
}

/// How it is drawn: one vendor's set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StyleSet {
    pub name: String,
    pub title: String,
    pub authors: String,
    /// SPDX identifier.
    pub licence: String,
    pub project: String,
    /// One ink on white paper.
    pub monochrome: bool,
    /// The set that shares this one's geometry; their pictures of a content are held out together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<String>,
    /// The npm package and version that the drawings come from, and the SHA-256 of its tarball.
    pub package: String,
    pub version: String,
    pub package_sha256: String,
    /// File name of the archive in the pack, its SHA-256 and the pictures in it.
    pub archive: String,
    pub archive_sha256: String,
    pub count: usize,
}

/// `sets.toml` as a whole.
#[derive(Debug, Serialize, Deserialize)]
struct Sets {
    set: Vec<StyleSet>,
}

/// The (content key, set name) pairs that training never shows although both are known to it.
pub type HeldOut = BTreeSet<(String, String)>;

/// Reads `sets.toml`.
///
/// # Errors
/// If it is not such a table.
pub fn read_sets(text: &str) -> Result<Vec<StyleSet>, DataError> {
    toml::from_str::<Sets>(text).map(|sets| sets.set).map_err(|error| damaged(SETS, error.message()))
}

/// Writes `sets.toml`.
///
/// # Errors
/// If a value has no form in TOML.
pub fn write_sets(sets: Vec<StyleSet>) -> Result<String, toml::ser::Error> {
    toml::to_string(&Sets { set: sets })
}

/// Reads `contents.tsv`.
///
/// # Errors
/// If it is not such a table.
pub fn read_contents(text: &str) -> Result<Vec<ContentRow>, DataError> {
    let mut contents = Vec::new();
    for [key, emoji, label, group, subgroup, tags, cluster, split] in rows(CONTENTS, text, CONTENT_COLUMNS)? {
        contents.push(ContentRow {
            key: key.to_owned(),
            emoji: emoji.to_owned(),
            label: label.to_owned(),
            group: group.to_owned(),
            subgroup: subgroup.to_owned(),
            tags: read_tags(tags),
            cluster: cluster.parse().map_err(|_| damaged(CONTENTS, &format!("'{cluster}' is no cluster")))?,
            split: ContentSplit::from_name(split).ok_or_else(|| damaged(CONTENTS, &format!("'{split}' is no split")))?,
        });
    }
    Ok(contents)
}

/// Writes `contents.tsv`.
pub fn write_contents(contents: &[ContentRow]) -> String {
    let lines = contents.iter().map(|content| {
        let tags = content.tags.join("|");
        let cluster = content.cluster.to_string();
        let ContentRow { key, emoji, label, group, subgroup, split, .. } = content;
        [key, emoji, label, group, subgroup, &tags, &cluster, split.name()].join("\t")
    });
    table(&CONTENT_COLUMNS, lines)
}

/// Reads `zh.tsv`.
///
/// # Errors
/// If it is not such a table.
pub fn read_translations(text: &str) -> Result<Vec<Translation>, DataError> {
    let rows = rows(CHINESE, text, TRANSLATION_COLUMNS)?;
    let read =
        |[key, label, tags]: [&str; 3]| Translation { key: key.to_owned(), label: label.to_owned(), tags: read_tags(tags) };
    Ok(rows.into_iter().map(read).collect())
}

/// Writes `zh.tsv`.
pub fn write_translations(translations: &[Translation]) -> String {
    let lines = translations.iter().map(|Translation { key, label, tags }| format!("{key}\t{label}\t{}", tags.join("|")));
    table(&TRANSLATION_COLUMNS, lines)
}

/// Reads `usual.tsv`: of words that several contents share, or that none has, which one most people mean. By the content's label.
///
/// # Errors
/// If it is not such a table.
pub fn read_usual(text: &str) -> Result<HashMap<String, Vec<String>>, DataError> {
    let rows = rows(USUAL, text, USUAL_COLUMNS)?;
    Ok(rows.into_iter().map(|[label, usual]| (label.to_owned(), read_tags(usual))).collect())
}

/// Reads `signs.tsv`: labels of the symbols that draw something one would ask for. Left out is what is read rather than seen (letters,
/// digits and words, boxed or not), what is a smaller copy of another (a shape fills the picture, so there is no small square), and a few
/// that nobody has a word for.
///
/// # Errors
/// If it is not such a table.
pub fn read_signs(text: &str) -> Result<BTreeSet<String>, DataError> {
    Ok(rows(SIGNS, text, SIGNS_COLUMNS)?.into_iter().map(|[label]| label.to_owned()).collect())
}

/// Reads `held-out.tsv`.
///
/// # Errors
/// If it is not such a table.
pub fn read_held_out(text: &str) -> Result<HeldOut, DataError> {
    let rows = rows(HELD_OUT, text, HELD_OUT_COLUMNS)?;
    Ok(rows.into_iter().map(|[key, set]| (key.to_owned(), set.to_owned())).collect())
}

/// Writes `held-out.tsv`.
pub fn write_held_out(pairs: &HeldOut) -> String {
    table(&HELD_OUT_COLUMNS, pairs.iter().map(|(key, set)| format!("{key}\t{set}")))
}

/// Splits a cell of tags.
pub fn read_tags(cell: &str) -> Vec<String> {
    cell.split('|').filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Reads a tab-separated table with exactly these columns.
///
/// # Errors
/// If the heading or the number of cells in a line is another.
pub fn rows<'a, const N: usize>(file: &str, text: &'a str, columns: [&str; N]) -> Result<Vec<[&'a str; N]>, DataError> {
    let mut lines = text.lines();
    if lines.next() != Some(columns.join("\t").as_str()) {
        return Err(damaged(file, &format!("its heading is not {}", columns.join(", "))));
    }
    (2..)
        .zip(lines)
        .map(|(number, line)| {
            let cells: Vec<&str> = line.split('\t').collect();
            cells.try_into().map_err(|_| damaged(file, &format!("line {number} does not have {N} cells")))
        })
        .collect()
}

fn table(columns: &[&str], lines: impl Iterator<Item = String>) -> String {
    let mut text = columns.join("\t") + "\n";
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn damaged(file: &str, reason: &str) -> DataError {
    DataError::Pack { file: file.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "key\temoji\tlabel\tgroup\tsubgroup\ttags\tcluster\tsplit\n";

    #[test]
    fn contents_are_read_as_they_are_written() {
        let text = format!("{HEADING}1f34e\t🍎\tred apple\tfood-drink\tfood-fruit\tapple|fruit\t7\ttest\n");
        let contents = read_contents(&text).unwrap();
        assert_eq!(contents[0].tags, ["apple", "fruit"]);
        assert_eq!((contents[0].cluster, contents[0].split), (7, ContentSplit::Test));
        assert_eq!(write_contents(&contents), text);
    }

    #[test]
    fn translations_are_read_as_they_are_written() {
        let translations =
            [Translation { key: "1f34e".into(), label: "红苹果".into(), tags: vec!["水果".into(), "苹果".into()] }];
        assert_eq!(read_translations(&write_translations(&translations)).unwrap(), translations);
        assert!(read_translations("key\tlabel\n").is_err());
    }

    #[test]
    fn usual_words_are_read() {
        let usual = read_usual("label\tusual\nred heart\theart|love\n").unwrap();
        assert_eq!(usual["red heart"], ["heart", "love"]);
        assert!(read_usual("label\tusual\nred heart\n").unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn held_out_pairs_are_read_as_they_are_written() {
        let pairs = HeldOut::from([("1f34e".to_owned(), "noto".to_owned())]);
        assert_eq!(read_held_out(&write_held_out(&pairs)).unwrap(), pairs);
    }

    #[test]
    fn each_way_to_be_wrong_is_named() {
        let row = "1f34e\t🍎\tred apple\tfood-drink\tfood-fruit\tapple";
        for (text, reason) in [
            ("key\tsplit\n".to_owned(), "heading"),
            (format!("{HEADING}{row}\t7\n"), "line 2"),
            (format!("{HEADING}{row}\tseven\ttest\n"), "'seven' is no cluster"),
            (format!("{HEADING}{row}\t7\tother\n"), "'other' is no split"),
        ] {
            let error = read_contents(&text).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
            assert!(matches!(error, DataError::Pack { .. }));
        }
        assert!(matches!(read_sets("set = 3"), Err(DataError::Pack { .. })));
    }
}
