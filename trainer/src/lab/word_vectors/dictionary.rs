//! The everyday words of English and what they mean: SCOWL says which are everyday, WordNet what they mean.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::data::emoji::archive::Files;

/// SCOWL's sizes that are taken: up to 55, what a well-read person knows; beyond are words that hardly anyone types.
const SIZES: [u8; 6] = [10, 20, 35, 40, 50, 55];
const SPELLINGS: [&str; 5] = ["english", "american", "british", "canadian", "australian"];
/// WordNet's parts of speech in the order in which they are asked. Things can be drawn, and so can their qualities; what is no noun or
/// adjective ("although", "infer") has no picture.
const PARTS: [&str; 2] = ["noun", "adj"];
/// WordNet has adjectives that are spelt like these ("an above quotation"), and a caption never means those.
const PREPOSITIONS: [&str; 37] = [
    "about", "above", "across", "after", "against", "along", "around", "at", "before", "behind", "below", "beneath", "between",
    "beyond", "by", "down", "for", "from", "in", "inside", "near", "of", "off", "on", "out", "outside", "over", "past", "round",
    "since", "through", "to", "under", "up", "upon", "with", "without",
];
/// Words that WordNet marks as belonging here are left out.
const UNWANTED: [&str; 3] = ["obscenity", "disparagement", "ethnic_slur"];

/// Everyday words in alphabetical order, each with the meaning that comes to mind first.
///
/// # Errors
/// What a package lacks.
pub fn words(scowl: &Files, wordnet: &Files) -> Result<BTreeMap<String, String>, String> {
    let everyday = everyday(scowl)?;
    let (mut words, mut unwanted) = (BTreeMap::new(), BTreeSet::new());
    let texts = PARTS.map(|part| {
        let text = |kind: &str| text(wordnet, &format!("package/dict/{kind}.{part}"));
        Ok((text("data")?, text("index")?))
    });
    let texts: Vec<(&str, &str)> = texts.into_iter().collect::<Result<_, String>>()?;
    let marks = marks(texts[0].0);
    for (data, index) in texts {
        let meanings = meanings(data, &marks);
        for (word, offsets) in index.lines().filter_map(entry) {
            if !everyday.contains(word) || words.contains_key(word) || unwanted.contains(word) {
                continue;
            }
            // Meanings of a name in capitals that reads the same ("WASP") are stepped over.
            let first = offsets.iter().filter_map(|offset| meanings.get(offset)).find(|meaning| meaning.words.contains(&word));
            match first {
                Some(meaning) if meaning.unwanted => drop(unwanted.insert(word.to_owned())),
                Some(meaning) => drop(words.insert(word.to_owned(), meaning.text.to_owned())),
                None => {}
            }
        }
    }
    Ok(words)
}

/// Words of two letters and more in SCOWL's lists, names and abbreviations left out.
fn everyday(scowl: &Files) -> Result<BTreeSet<String>, String> {
    let mut everyday = BTreeSet::new();
    for size in SIZES {
        for spelling in SPELLINGS {
            let list = text(scowl, &format!("package/{spelling}-words-{size}.json"))?;
            let list: Vec<String> = serde_json::from_str(list).map_err(|error| error.to_string())?;
            everyday.extend(list.into_iter().filter(|word| is_plain(word)));
        }
    }
    Ok(everyday)
}

fn is_plain(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|letter| letter.is_ascii_lowercase()) && !PREPOSITIONS.contains(&word)
}

fn text<'a>(files: &'a Files, path: &str) -> Result<&'a str, String> {
    let bytes = files.get(path).ok_or_else(|| format!("it has no {path}"))?;
    std::str::from_utf8(bytes).map_err(|error| format!("{path}: {error}"))
}

/// A line of an index: a word and the offsets of its meanings, the most usual first. The licence's lines begin with a space.
fn entry(line: &str) -> Option<(&str, Vec<&str>)> {
    let cells: Vec<&str> = line.split_ascii_whitespace().collect();
    let word = cells.first().filter(|word| is_plain(word) && !line.starts_with(' '))?;
    let count: usize = cells.get(2)?.parse().ok()?;
    Some((word, cells.get(cells.len().checked_sub(count)?..)?.to_vec()))
}

struct Meaning<'a> {
    /// The words that have it, as they are spelt.
    words: Vec<&'a str>,
    /// Its definition, without the examples.
    text: &'a str,
    unwanted: bool,
}

/// The offsets of the meanings by which WordNet marks words that are not for everyone.
fn marks(nouns: &str) -> Vec<&str> {
    let marks = nouns.lines().filter_map(|line| Some((line.split_once(' ')?.0, parts(line)?)));
    marks.filter(|(_, (words, ..))| words.iter().any(|word| UNWANTED.contains(word))).map(|(offset, _)| offset).collect()
}

fn meanings<'a>(data: &'a str, marks: &[&str]) -> HashMap<&'a str, Meaning<'a>> {
    let meaning = |line: &'a str| {
        let (words, pointers, text) = parts(line)?;
        // A pointer is four cells: what for, to where, to which part of speech, from and to which word.
        let unwanted = pointers.chunks(4).any(|pointer| pointer[0] == ";u" && marks.contains(&pointer[1]));
        Some((line.split_once(' ')?.0, Meaning { words, text, unwanted }))
    };
    data.lines().filter_map(meaning).collect()
}

/// The words, the pointers and the definition of a line of meanings: `offset file part count word id ... count pointers | text`.
fn parts(line: &str) -> Option<(Vec<&str>, Vec<&str>, &str)> {
    let (cells, text) = line.split_once(" | ")?;
    let cells: Vec<&str> = cells.split_ascii_whitespace().collect();
    let count = usize::from_str_radix(cells.get(3)?, 16).ok()?;
    let after = 4 + 2 * count;
    // An adjective's place stands behind it: "galore(ip)".
    let words = cells.get(4..after)?.iter().step_by(2).map(|word| word.split('(').next().unwrap_or(word)).collect();
    let pointers: usize = cells.get(after)?.parse().ok()?;
    let pointers = cells.get(after + 1..after + 1 + 4 * pointers)?.to_vec();
    Some((words, pointers, text.split("; \"").next().unwrap_or(text).trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOUNS: &str = "  1 a licence\n\
        00000001 05 n 02 hound 0 hound_dog 0 001 @ 00000009 n 0000 | a dog for hunting; \"the hounds bayed\"  \n\
        00000002 18 n 01 WASP 0 000 | a Protestant\n\
        00000003 05 n 01 wasp 0 000 | a stinging insect\n\
        00000004 10 n 02 obscenity 0 smut 0 000 | an offensive word\n\
        00000005 10 n 01 drat 0 001 ;u 00000004 n 0000 | an oath\n";
    const INDEX: &str = "  1 a licence\n\
        hound n 1 1 @ 1 0 00000001\nwasp n 2 0 2 1 00000002 00000003\ndrat n 1 1 ;u 1 0 00000005\nrare n 1 0 1 0 00000001\n";
    const ADJECTIVES: &str = "00000001 00 a 01 hound 0 000 | like a dog\n00000002 00 a 02 red(a) 0 ruddy 0 000 | of a colour\n";
    const ADJECTIVE_INDEX: &str =
        "hound a 1 0 1 0 00000001\non a 1 0 1 0 00000001\nred a 1 0 1 0 00000002\ndrat a 1 0 1 0 00000001\n";

    #[test]
    fn everyday_words_have_their_first_meaning() {
        let mut scowl = Files::new();
        for size in SIZES {
            for spelling in SPELLINGS {
                scowl.insert(format!("package/{spelling}-words-{size}.json"), b"[]".to_vec());
            }
        }
        let list = br#"["hound", "wasp", "red", "drat", "Ada", "don't", "x", "on", "nowhere"]"#;
        scowl.insert("package/british-words-35.json".into(), list.to_vec());
        let mut wordnet = Files::new();
        for part in PARTS {
            let (data, index) = if part == "noun" { (NOUNS, INDEX) } else { (ADJECTIVES, ADJECTIVE_INDEX) };
            wordnet.insert(format!("package/dict/data.{part}"), data.into());
            wordnet.insert(format!("package/dict/index.{part}"), index.into());
        }
        let found = words(&scowl, &wordnet).unwrap();
        let found: Vec<(&str, &str)> = found.iter().map(|(word, text)| (word.as_str(), text.as_str())).collect();
        assert_eq!(found, [("hound", "a dog for hunting"), ("red", "of a colour"), ("wasp", "a stinging insect")]);
        wordnet.remove("package/dict/index.adj");
        assert!(words(&scowl, &wordnet).unwrap_err().contains("index.adj"));
    }
}
