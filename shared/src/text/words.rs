//! How a text falls into words.

use std::ops::Range;

/// Longest word, in characters, that is looked up or suggested for.
pub const MAX_WORD: usize = 40;

/// Lower-case runs of letters and digits, and runs of pictorial symbols; apostrophes inside a word vanish ("woman's" reads as "womans").
pub fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    split_indices(text).map(|(_, word)| word)
}

/// The same words, each with where it stands in the text, in bytes.
pub fn split_indices(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let mut rest = text;
    let runs = std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| kind(c).is_none());
        let first = kind(rest.chars().next()?);
        let (run, after) = rest.split_at(rest.find(|c| kind(c) != first).unwrap_or(rest.len()));
        let begin = text.len() - rest.len();
        rest = after;
        Some((begin..begin + run.len(), run))
    });
    let is_silent = |c: &char| is_apostrophe(*c) || *c == VARIATION;
    let lower = move |run: &str| run.chars().filter(|c| !is_silent(c)).flat_map(char::to_lowercase).collect::<String>();
    runs.map(move |(place, run)| (place, lower(run)))
        .filter(|(_, word)| word.chars().any(|c| c != JOINER))
        .map(|(place, word)| (place, word.chars().take(MAX_WORD + 1).collect()))
}

/// What makes one symbol of several, and what asks for a symbol in colour.
const JOINER: char = '\u{200d}';
const VARIATION: char = '\u{fe0f}';

/// What runs of a caption are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Symbols,
}

fn kind(c: char) -> Option<Kind> {
    match c {
        c if c.is_alphanumeric() || is_apostrophe(c) => Some(Kind::Letters),
        JOINER | VARIATION => Some(Kind::Symbols),
        c if is_symbol(c) => Some(Kind::Symbols),
        _ => None,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Whether this is a pictorial symbol: Unicode's blocks of arrows, technical and miscellaneous symbols, dingbats and emoji.
pub fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// The words of a text that say something about a picture.
pub fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    split(text).filter(|word| !is_article(word))
}

/// A word, its singular and its plural, as far as the spelling tells.
pub fn forms(word: &str) -> impl Iterator<Item = String> {
    let without = |end: &str, instead: &str| word.strip_suffix(end).map(|stem| format!("{stem}{instead}"));
    [Some(word.to_owned()), without("s", ""), without("es", ""), without("ies", "y"), Some(format!("{word}s"))]
        .into_iter()
        .flatten()
}

pub fn is_article(word: &str) -> bool {
    matches!(word, "a" | "an" | "the")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_words_of_their_own() {
        let words = |text: &str| words_of(text).collect::<Vec<_>>();
        assert_eq!(words("red🍎and\u{2600}\u{fe0f}, (c)"), ["red", "🍎", "and", "\u{2600}", "c"]);
        assert_eq!(words("👩\u{200d}🚀🚀 … – a\u{200d}b \u{fe0f}"), ["👩\u{200d}🚀🚀", "b"]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "… Woman’s🍎 两只狗 ";
        let places: Vec<(&str, String)> = split_indices(text).map(|(place, word)| (&text[place], word)).collect();
        let expected = [("Woman’s", "womans"), ("🍎", "🍎"), ("两只狗", "两只狗")].map(|(typed, word)| (typed, word.to_owned()));
        assert_eq!(places, expected);
    }
}
