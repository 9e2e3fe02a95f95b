//! A caption cut into what the grammars read: words, emoji, and, of what is written without spaces, the longest pieces that are known.

use std::ops::Range;

use super::lexicon::{CHINESE, ENGLISH, Lexicon, Role};
use super::names::longest_name;
use crate::text::caption::Vocabulary;
use crate::text::names::Names;
use crate::text::words::{is_article, is_symbol, split_indices};

/// Most of a caption that is read, in bytes: some 700 words of English, 1,300 of Chinese.
const MOST_BYTES: usize = 4000;

/// A piece of a caption.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Where it stands in the caption, in bytes.
    pub place: Range<usize>,
    /// In lower case.
    pub word: String,
    /// As the model's names have it: a known word in the form that is known.
    pub known: String,
    pub kind: Kind,
    /// Where the article stands that is before it, if one is.
    pub article: Option<usize>,
    /// What separates it from the token before.
    pub gap: Gap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Written with spaces.
    Word,
    Emoji,
    /// Chinese that is a name or a keyword.
    Noun,
    /// Other Chinese.
    Piece,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Comma,
    /// The end of a sentence, or a colon.
    Stop,
}

/// All of a caption's.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    pub caption: &'a str,
    pub all: Vec<Token>,
    /// The names' words of all, in order.
    pub known: Vec<String>,
    pub truncated: bool,
    chinese: bool,
    names: Option<&'a Names>,
    /// How many tokens the longest name of several words has that begins at each; 0 where none does.
    longest_names: Vec<usize>,
}

impl<'a> Tokens<'a> {
    pub fn of(caption: &'a str, vocabulary: &'a Vocabulary) -> Self {
        let length = (0..=MOST_BYTES.min(caption.len())).rev().find(|end| caption.is_char_boundary(*end)).unwrap_or(0);
        let (caption, truncated) = (&caption[..length], length < caption.len());
        let (mut all, mut article, mut end): (Vec<Token>, Option<usize>, usize) = (vec![], None, 0);
        for (place, word) in split_indices(caption) {
            if is_article(&word) {
                article = article.or(Some(place.start));
                continue;
            }
            let gap = gap(&caption[end..place.start]);
            end = place.end;
            let pieces = match caption[place.clone()].chars().any(|c| is_symbol(c) || is_chinese(c)) {
                true => pieces(caption, &place, vocabulary.names()),
                false => vec![(place, word, Kind::Word)],
            };
            for (at, (place, word, kind)) in pieces.into_iter().enumerate() {
                let known = known(&word, vocabulary);
                let (article, gap) = if at == 0 { (article, gap) } else { (None, Gap::None) };
                all.push(Token { place, word, known, kind, article, gap });
            }
            article = None;
        }
        let known: Vec<String> = all.iter().map(|token| token.known.clone()).collect();
        let names = vocabulary.names();
        let ends =
            |at: usize| all[at + 1..].iter().position(|token| token.gap != Gap::None).map_or(all.len(), |gap| at + 1 + gap);
        let longest = |at: usize, names| longest_name(names, &known[at..], ends(at) - at);
        let longest_names = (0..all.len()).map(|at| names.map_or(0, |names| longest(at, names))).collect();
        Self { caption, all, known, truncated, chinese: caption.chars().any(is_chinese), names, longest_names }
    }

    /// How many tokens the longest name has that begins here, of those of several words.
    pub fn longest_name(&self, at: usize) -> Option<usize> {
        self.longest_names.get(at).copied().filter(|length| *length > 0)
    }

    /// Whether tokens are a name or a keyword.
    pub fn is_name(&self, tokens: Range<usize>) -> bool {
        let words = self.known.get(tokens).unwrap_or_default();
        let called =
            |names: &Names| names.by_name(words).or(names.by_usual(words)).is_some() || !names.by_keyword(words).is_empty();
        self.names.is_some_and(called)
    }

    /// Whether any of it is Chinese: then its grammar is.
    pub fn are_chinese(&self) -> bool {
        self.chinese
    }

    pub fn lexicon(&self) -> &'static Lexicon {
        if self.chinese { &CHINESE } else { &ENGLISH }
    }

    /// A token's role in the grammar.
    pub fn role(&self, at: usize) -> Option<Role> {
        self.lexicon().role(&self.all.get(at)?.word)
    }

    /// The role of the longest entry of English words that begins here, with how many tokens it has. No entry goes over a comma.
    pub fn role_of_words(&self, at: usize) -> Option<(Role, usize)> {
        let lexicon = self.lexicon();
        let (mut text, mut found) = (String::new(), None);
        for (index, token) in self.all.iter().skip(at).take(lexicon.longest).enumerate() {
            if index > 0 {
                if token.gap != Gap::None {
                    break;
                }
                text.push(' ');
            }
            text.push_str(&token.word);
            found = lexicon.role(&text).map(|role| (role, index + 1)).or(found);
        }
        found
    }

    /// What was typed from one token to another, with the first one's article.
    pub fn text(&self, tokens: &Range<usize>) -> &'a str {
        let (Some(first), Some(last)) =
            (self.all.get(tokens.start), tokens.end.checked_sub(1).and_then(|last| self.all.get(last)))
        else {
            return "";
        };
        let start = first.article.unwrap_or(first.place.start);
        self.caption.get(start..last.place.end).unwrap_or_default()
    }
}

fn known(word: &str, vocabulary: &Vocabulary) -> String {
    let form = vocabulary.known_form(word);
    form.or_else(|| ENGLISH.singular(word).map(str::to_owned)).unwrap_or_else(|| word.to_owned())
}

fn gap(between: &str) -> Gap {
    let of = |c: char| match c {
        ',' | ';' | '，' | '、' | '；' | '&' | '+' | '/' => Gap::Comma,
        '.' | '!' | '?' | ':' | '。' | '！' | '？' | '：' | '\n' => Gap::Stop,
        _ => Gap::None,
    };
    between.chars().map(of).max().unwrap_or(Gap::None)
}

pub(super) fn is_chinese(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A run that is written without spaces, cut from its beginning into the longest names, keywords and words with a role; a name counts
/// before a role, a role before a keyword. What is none of them is a piece of its own, up to the next that is.
fn pieces(caption: &str, run: &Range<usize>, names: Option<&Names>) -> Vec<(Range<usize>, String, Kind)> {
    let longest = CHINESE.longest.max(names.map_or(0, Names::longest_unspaced)) + 1;
    let (mut pieces, mut at): (Vec<(Range<usize>, String, Kind)>, usize) = (vec![], run.start);
    while let Some(first) = caption[at..run.end].chars().next() {
        let (end, kind) = match first {
            c if is_symbol(c) => (emoji(caption, at..run.end, longest, names), Kind::Emoji),
            c => match known_piece(caption, at..run.end, longest, names) {
                Some(known) => known,
                None if is_chinese(c) => (at + c.len_utf8(), Kind::Piece),
                None => (at + word_length(&caption[at..run.end]), Kind::Word),
            },
        };
        let word: String = caption[at..end].chars().filter(|c| !is_silent(*c)).flat_map(char::to_lowercase).collect();
        let unknown = |word: &str, kind| kind == Kind::Piece && CHINESE.role(word).is_none() && CHINESE.place(word).is_none();
        match pieces.last_mut().filter(|(_, last, of)| unknown(&word, kind) && unknown(last, *of)) {
            Some((place, last, _)) => {
                place.end = end;
                last.push_str(&word);
            }
            None if word.is_empty() => {}
            None => pieces.push((at..end, word, kind)),
        }
        at = end;
    }
    pieces
}

/// The length of the word that stands in a run at its beginning: of letters, or of digits.
fn word_length(text: &str) -> usize {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    text.find(|c: char| is_symbol(c) || is_chinese(c) || c.is_ascii_digit() != digits).unwrap_or(text.len())
}

/// The longest piece that is known, if any is.
fn known_piece(caption: &str, place: Range<usize>, longest: usize, names: Option<&Names>) -> Option<(usize, Kind)> {
    let (mut candidate, mut found) = (String::new(), None);
    let (start, mut end, limit) = (place.start, place.start, place.end);
    for c in caption[place].chars().take(longest) {
        candidate.extend(c.to_lowercase());
        end += c.len_utf8();
        // T恤 and X射线 are Chinese, too; Latin letters alone are words.
        if !candidate.chars().any(is_chinese) {
            continue;
        }
        let is_role = CHINESE.role(&candidate).is_some() || CHINESE.place(&candidate).is_some();
        let known = names.and_then(|names| names.unspaced(&candidate));
        let kind = match known {
            Some(_) if (start > 0 || end < limit) && names.is_some_and(|names| is_done_to(&candidate, names)) => None,
            Some(is_name) if is_name || !is_role => Some(Kind::Noun),
            _ => is_role.then_some(Kind::Piece),
        };
        found = kind.map(|kind| (end, kind)).or(found);
    }
    found
}

/// Whether a name or keyword is a verb that relates with what it is done to, so that a bear may be who does it: 骑自行车. A caption that is
/// nothing else is left whole.
fn is_done_to(keyword: &str, names: &Names) -> bool {
    let verbs = keyword.char_indices().skip(1).map(|(at, _)| keyword.split_at(at));
    let mut verbs = verbs.filter(|(verb, _)| matches!(CHINESE.role(verb), Some(Role::Relation(_))));
    verbs.any(|(_, other)| names.unspaced(other).is_some())
}

/// Where the emoji at the beginning ends: the longest that is a name, else one with whatever is joined to it.
fn emoji(caption: &str, place: Range<usize>, longest: usize, names: Option<&Names>) -> usize {
    let (mut candidate, mut end, mut found) = (String::new(), place.start, None);
    for c in caption[place.clone()].chars().take(2 * longest) {
        end += c.len_utf8();
        if is_silent(c) {
            found = found.map(|found| if found == end - c.len_utf8() { end } else { found });
            continue;
        }
        candidate.push(c);
        if names.is_some_and(|names| names.unspaced(&candidate).is_some()) {
            found = Some(end);
        }
    }
    found.unwrap_or_else(|| place.start + joined(&caption[place]))
}

/// The length of the emoji that a text begins with, with what is joined to it; a flag is two letters.
fn joined(text: &str) -> usize {
    let mut chars = text.chars().peekable();
    let first = chars.next();
    let mut end = first.map_or(0, char::len_utf8);
    let is_flag = |c: &char| ('\u{1f1e6}'..='\u{1f1ff}').contains(c);
    if first.as_ref().is_some_and(is_flag) {
        return end + chars.next_if(is_flag).map_or(0, char::len_utf8);
    }
    while let Some(c) = chars.next_if(|c| is_silent(*c) || *c == JOINER) {
        end += c.len_utf8();
        if c == JOINER {
            end += chars.next().map_or(0, char::len_utf8);
        }
    }
    end
}

const JOINER: char = '\u{200d}';

/// What asks for a symbol in colour, or in a colour of skin.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}
