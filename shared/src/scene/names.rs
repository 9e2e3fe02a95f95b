//! Which name of a model a phrase means, and whether it means any.
//!
//! A phrase is read as a caption of it alone would be ([`crate::text::names`]), but for what is not likely to be meant: a keyword that only
//! says what the name goes with (a kitchen is no kitchen knife), one that is not like it (a table no ping-pong bat), and words that mean
//! nothing near enough (a bridge no ferry). Then no name is meant, and the next ones are offered.

use std::ops::Range;

use super::contents::How;
use super::lexicon::Role;
use crate::text::names::{How as Found, Names};
use crate::text::people::spoken_of;
use crate::text::phrase::{is_doing, is_link, is_measure, is_person};

/// How like a phrase must be to a name to be read as it. docs/scenes.md says how the defaults were chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    /// Least cosine between a keyword and the name that it means: coffee has 0.43 with "hot beverage", a table less than none with "ping
    /// pong".
    pub keyword: f32,
    /// Least cosine between words that are neither name nor keyword and the name that they mean.
    pub likeness: f32,
}

impl Default for Trust {
    fn default() -> Self {
        Self { keyword: 0.425, likeness: 0.75 }
    }
}

/// Most words of a name that is looked for in a caption.
const LONGEST_NAME: usize = 8;

/// Most names that a keyword has which has no vector of its own, as no Chinese one has; more must be of one kind: any flower is a flower.
const MOST_OF_A_KEYWORD: usize = 4;

/// Least cosine, on average, between names that are of one kind.
const KINSHIP: f32 = 0.37;

/// Most other names that are told.
const MOST_OTHERS: usize = 4;

/// What things come in that are not called a measure elsewhere: a chocolate bar is chocolate, a wedge of cheese cheese.
const CONTAINERS: [&str; 6] = ["bar", "wedge", "ear", "cut", "drop", "roll"];

/// What a phrase means.
#[derive(Debug)]
pub(super) struct Meaning {
    pub name: Option<usize>,
    pub how: How,
    /// What else it might mean, the likest first.
    pub others: Vec<usize>,
    /// The words that the name was found by.
    pub used: Range<usize>,
}

/// How many words the longest name has that a caption goes on with, of those of several words; 0 where it goes on with none. `whole` words
/// have no comma between them: a name may have one itself, but what says the same in another order may not.
pub(super) fn longest_name(names: &Names, words: &[String], whole: usize) -> usize {
    let said = |words: &[String]| {
        let ends_in_link = [words.first(), words.last()].into_iter().flatten().any(|word| is_link(word));
        let person = words.iter().any(|word| is_person(word));
        let links = words.iter().filter(|word| is_link(word)).count();
        if ends_in_link || links == 0 || !(person || words.contains(&"of".to_owned())) {
            return false;
        }
        names.by_saying(words).is_some_and(|name| !person || is_somebody(&words_of(names, name)))
    };
    let is_name = |length: &usize| {
        let words = &words[..*length];
        names.by_name(words).or(names.by_usual(words)).is_some() || (*length <= whole && said(words))
    };
    (2..=words.len().min(LONGEST_NAME)).rev().find(is_name).unwrap_or(0)
}

/// What the words of a phrase mean; `None` where they are all properties by their roles.
pub(super) fn meaning(
    names: &Names,
    words: &[String],
    chinese: bool,
    trust: Trust,
    role: impl Fn(usize) -> Option<Role>,
    is_unknown: impl Fn(usize) -> bool,
) -> Option<Meaning> {
    // Of a red and green apple neither colour is the name's.
    let is_colour = |at: usize| matches!(role(at), Some(Role::Colour(_)));
    let joined = |at: usize| at > 0 && is_colour(at - 1) && is_colour(at);
    let called = called(names, words, chinese, joined);
    if let Some(meaning) =
        keyword_of_all(names, words, trust).filter(|_| called.as_ref().is_none_or(|(used, ..)| used.len() < words.len()))
    {
        return Some(meaning);
    }
    if let Some((used, name, how)) = called {
        return Some(with_others(names, &words[used.clone()], words, name, how, used));
    }
    let own = (0..words.len()).find(|word| !role(*word).is_some_and(Role::is_property))?;
    let (from, rest) = (own, &words[own..]);
    let keyword = match chinese {
        true => (0..rest.len())
            .rev()
            .take_while(|at| !is_unknown(from + at))
            .find(|at| is_keyword(names, &rest[*at..=*at]))
            .map(|at| at..at + 1),
        false => (0..rest.len()).find(|at| is_keyword(names, &rest[*at..])).map(|at| at..rest.len()),
    };
    // Of people all is asked: 女 stands apart from 教师.
    let asked = keyword.clone().filter(|_| chinese && spoken_of(rest).is_none()).map_or(rest, |keyword| &rest[keyword]);
    let meant = names.meant(asked, MOST_OTHERS);
    let place = |of: &Range<usize>| from + of.start..from + of.end;
    let used = keyword.as_ref().map_or(from..words.len(), place);
    let Some(meant) = meant else {
        return Some(Meaning {
            name: None,
            how: How::Unknown,
            others: names.nearest(rest, MOST_OTHERS),
            used: from..words.len(),
        });
    };
    let trusted = match (&keyword, meant.how) {
        // What a machine is for makes another of it: a washing machine is no fax machine.
        (Some(keyword), Found::Exactly | Found::Keyword)
            if rest[..keyword.start].last().is_some_and(|word| is_doing(word))
                && is_head(names, &rest[keyword.clone()], meant.name)
                && words_of(names, meant.name).len() > 1 =>
        {
            false
        }
        (Some(keyword), Found::Exactly | Found::Keyword) => is_meant(names, &rest[keyword.clone()], meant.name, trust),
        _ => {
            names.likeness(rest, meant.name).is_some_and(|likeness| likeness >= trust.likeness)
                && !goes_with(names, rest, meant.name)
        }
    };
    if !trusted {
        let others = std::iter::once(meant.name).chain(meant.others).take(MOST_OTHERS).collect();
        return Some(Meaning { name: None, how: How::Unknown, others, used: from..words.len() });
    }
    let how = if keyword.is_some() { How::Keyword } else { How::Likeness };
    Some(Meaning { name: Some(meant.name), how, others: meant.others, used })
}

/// What several words are a keyword of, properties among them.
fn keyword_of_all(names: &Names, words: &[String], trust: Trust) -> Option<Meaning> {
    if words.len() < 2 || !is_keyword(names, words) {
        return None;
    }
    let meant = names.meant(words, MOST_OTHERS).filter(|meant| is_meant(names, words, meant.name, trust))?;
    Some(Meaning { name: Some(meant.name), how: How::Keyword, others: meant.others, used: 0..words.len() })
}

/// Of a word and its singular the one that names most: a name, or the keyword of most names.
pub(super) fn telling_form(names: &Names, forms: impl Iterator<Item = String>) -> Option<String> {
    let tells = |form: &String| {
        let form = std::slice::from_ref(form);
        let usual = usize::from(names.by_usual(form).is_some());
        if names.by_name(form).is_some() { usize::MAX } else { names.by_keyword(form).len().max(usual) }
    };
    let known = forms.map(|form| (tells(&form), form)).filter(|(names, _)| *names > 0);
    // Of those that name as much the first.
    known.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, form)| form)
}

/// The words that are a name as they stand, or usually mean one: of English the longest end of the phrase, of Chinese the last piece.
fn called(names: &Names, words: &[String], chinese: bool, joined: impl Fn(usize) -> bool) -> Option<(Range<usize>, usize, How)> {
    let of = |used: Range<usize>| {
        let own = &words[used.clone()];
        let by_name = names.by_name(own).or_else(|| names.by_saying(own).filter(|_| own.len() > 1));
        let found = by_name.map(|name| (name, How::Name)).or_else(|| Some((names.by_usual(own)?, How::Usual)));
        found.map(|(name, how)| (used, name, how))
    };
    match chinese {
        true => (0..words.len()).rev().find_map(|at| of(at..at + 1)),
        false => (0..words.len()).filter(|at| !joined(*at)).find_map(|at| of(at..words.len())),
    }
}

/// What was called by a name: of people as the phrase has them, and of what is usually meant with what else it might be.
fn with_others(names: &Names, own: &[String], words: &[String], name: usize, how: How, used: Range<usize>) -> Meaning {
    let about_people = spoken_of(words).is_some();
    if how == How::Name && !about_people {
        return Meaning { name: Some(name), how, others: vec![], used };
    }
    let meant = names.meant(if about_people { words } else { own }, MOST_OTHERS);
    let (read_as, others) = meant.map_or((name, vec![]), |meant| (meant.name, meant.others));
    // Somebody is never something: where no such person was learnt, none is drawn.
    if how == How::Usual && own.last().is_some_and(|word| is_person(word)) && !is_somebody(&words_of(names, read_as)) {
        let others = std::iter::once(read_as).chain(others).take(MOST_OTHERS).collect();
        return Meaning { name: None, how: How::Unknown, others, used };
    }
    let used = if about_people { 0..words.len() } else { used };
    Meaning { name: Some(read_as), how, others, used }
}

fn is_somebody(name: &[String]) -> bool {
    name.iter().any(|word| is_person(word))
}

fn is_keyword(names: &Names, words: &[String]) -> bool {
    !names.by_keyword(words).is_empty()
}

/// Whether a keyword is trusted to mean a name.
fn is_meant(names: &Names, keyword: &[String], name: usize, trust: Trust) -> bool {
    if keyword.last().is_some_and(|word| is_person(word)) && !is_somebody(&words_of(names, name)) {
        return false;
    }
    match names.likeness(keyword, name) {
        _ if goes_with(names, keyword, name) => false,
        Some(likeness) => likeness >= trust.keyword || is_head(names, keyword, name),
        None => {
            let ends_so = |text: &String| keyword.last().is_some_and(|word| text.ends_with(word.as_str()));
            let all = names.by_keyword(keyword);
            names.names()[name].translations.iter().any(ends_so)
                || all.len() <= MOST_OF_A_KEYWORD
                || names.kinship(name, all) >= KINSHIP
        }
    }
}

fn words_of(names: &Names, name: usize) -> Vec<String> {
    crate::text::words::words_of(&names.names()[name].name).collect()
}

/// The word of a name that says what it is: the last before its first preposition, and what follows "of".
fn heads(name: &[String]) -> Vec<&String> {
    let of = name.iter().position(|word| is_link(word));
    let first = name[..of.unwrap_or(name.len())].last();
    let second = of.filter(|of| name[*of] == "of").and_then(|_| name.last());
    first.into_iter().chain(second).collect()
}

fn is_head(names: &Names, keyword: &[String], name: usize) -> bool {
    let name = words_of(names, name);
    keyword.last().is_some_and(|word| heads(&name).contains(&word))
}

/// Whether the words stand in a name, or begin one of its compounds, as what it goes with: a kitchen knife, a honeybee, a man in a tuxedo.
/// What comes in something is that itself: wine in a wine glass.
fn goes_with(names: &Names, words: &[String], name: usize) -> bool {
    let Some(word) = words.last() else { return false };
    let name = words_of(names, name);
    let heads = heads(&name);
    // Somebody's face is drawn for them: a clown is a clown face.
    let is_face = name.last().is_some_and(|last| last == "face") && name.iter().rev().nth(1) == Some(word);
    let comes_in = |head: &&String| is_face || is_measure(head) || CONTAINERS.contains(&head.as_str());
    let begins =
        |other: &String| other.len() > word.len() + 2 && word.len() > 2 && word.is_ascii() && other.starts_with(word.as_str());
    let stands = name.iter().any(|other| other == word || begins(other));
    stands && !heads.contains(&word) && !heads.iter().any(comes_in)
}
