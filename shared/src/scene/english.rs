//! The grammar of English captions: phrases, and between them the words that say how they stand to each other.
//!
//! Read from left to right, once. A relation is to the nearest thing before it: in "a snail on a mushroom under a rainbow" the mushroom is
//! under the rainbow.

use super::draft::{Count, Draft, Phrase};
use super::lexicon::Role;
use super::properties::{Background, Place, RelationKind};
use super::tokens::{Gap, Kind, Tokens};
use crate::text::phrase::{is_doing, is_person};

/// Most words of a phrase.
const MOST_WORDS: usize = 16;

/// How the next phrase belongs to what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Beside,
    Relation(RelationKind),
    At(RelationKind),
    Without,
    /// Not in a way that could be laid out.
    Other,
}

struct Reader<'a, 'd> {
    tokens: &'a Tokens<'a>,
    draft: &'d mut Draft<'a>,
    link: Link,
    /// The thing that was named last.
    last: Option<usize>,
    /// What stands so to a thing that is yet to be named: "under the tree sits a cat".
    ahead: Option<(RelationKind, usize)>,
    /// What is between something and a second thing.
    between: Option<usize>,
    /// Where a thing is that has no other beside it yet.
    side: Option<(RelationKind, usize)>,
    /// Phrases that lack their noun: "a red and a blue car".
    headless: Vec<Phrase>,
    /// Colours that follow the last thing.
    colours: Vec<usize>,
    /// Whether "is" or a colon has just been read.
    says: bool,
}

/// Reads a caption into a draft.
pub(super) fn read<'a>(tokens: &'a Tokens<'a>, draft: &mut Draft<'a>) {
    let mut reader = Reader {
        tokens,
        draft,
        link: Link::Beside,
        last: None,
        ahead: None,
        between: None,
        side: None,
        headless: vec![],
        colours: vec![],
        says: false,
    };
    reader.read();
    reader.end();
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let (mut at, mut began) = (0, false);
        while let Some(token) = self.tokens.all.get(at) {
            if token.gap != Gap::None && at > 0 && self.link != Link::Without {
                self.link = Link::Beside;
                self.says = self.says || self.tokens.caption[..token.place.start].trim_end().ends_with([':', '：']);
            }
            let role = self.tokens.role_of_words(at).filter(|_| self.tokens.longest_name(at).is_none() || self.is_done(at));
            match role {
                Some((Role::Request | Role::Silent, length)) if !began => {
                    at += length;
                    continue;
                }
                Some((role, length)) if self.connects(role, at) => at += length,
                _ if self.does(at) => {
                    self.draft.tell([at]);
                    (self.link, at) = (Link::Beside, at + 1);
                }
                _ => {
                    let (phrase, next) = self.phrase(at);
                    self.take(&phrase);
                    at = next.max(at + 1);
                }
            }
            began = true;
            if self.draft.is_full() {
                if at < self.tokens.all.len() {
                    self.draft.cut();
                }
                return;
            }
        }
        if !began && !self.tokens.all.is_empty() {
            // Nothing but what asks for a picture: then it is what is asked for.
            let words: Vec<usize> = (0..self.tokens.all.len().min(MOST_WORDS)).collect();
            self.take(&Phrase { tokens: 0..words.len(), words, count: Count::None });
        }
    }

    /// Whether a role stands between phrases; notes what it says.
    fn connects(&mut self, role: Role, at: usize) -> bool {
        match role {
            Role::And | Role::With => self.link = Link::Beside,
            Role::Without => self.link = Link::Without,
            Role::Of | Role::Other => self.link = Link::Other,
            Role::Relation(kind) if self.is_phrase(at) => self.link = Link::Relation(kind),
            Role::At(kind) => self.link = Link::At(kind),
            Role::Side(kind) => self.aside(kind, at),
            Role::Be => self.says = self.last.is_some(),
            Role::Silent | Role::Request => {}
            _ => return false,
        }
        true
    }

    /// Whether a verb that relates has somebody before it and something behind; else it is only told.
    fn is_phrase(&self, at: usize) -> bool {
        let is_verb = is_doing(&self.tokens.all[at].word);
        !is_verb || (self.last.is_some() && at + 1 < self.tokens.all.len())
    }

    /// Whether a name that begins with a verb is rather what something does that is no person: a monkey riding a bicycle is no cyclist.
    fn is_done(&self, at: usize) -> bool {
        use RelationKind::{Eating, Holding, Riding, Wearing};
        let verb = matches!(self.tokens.role(at), Some(Role::Relation(Eating | Holding | Riding | Wearing)));
        let before = at.checked_sub(1).and_then(|before| self.tokens.all.get(before));
        verb && before.is_some_and(|before| !is_person(&before.known) && self.tokens.role(at - 1).is_none())
    }

    /// Whether a word says what the last thing does.
    fn does(&self, at: usize) -> bool {
        let token = &self.tokens.all[at];
        let role = self.tokens.role(at);
        let verb =
            role == Some(Role::Verb) || (tells_of(&token.word) && (role.is_none() || matches!(role, Some(Role::Relation(_)))));
        let follows = self.last.is_some() && token.gap == Gap::None && token.article.is_none() && self.link == Link::Beside;
        verb && follows
            && self.tokens.longest_name(at).is_none()
            && at > 0
            && !matches!(self.tokens.role(at - 1), Some(Role::And | Role::With))
    }

    /// "On the left", of the last thing: of what it stands beside, or of what is named next.
    fn aside(&mut self, kind: RelationKind, at: usize) {
        let Some(last) = self.last else { return self.draft.tell([at]) };
        if !self.draft.place(kind, last) {
            self.side = Some((kind, last));
        }
        self.link = Link::Beside;
    }

    fn end(&mut self) {
        self.flush();
        for phrase in std::mem::take(&mut self.headless) {
            self.draft.tell(phrase.words);
        }
    }

    /// Gives the last thing the colours that followed it.
    fn flush(&mut self) {
        let colours = std::mem::take(&mut self.colours);
        if let Some(last) = self.last.filter(|_| !colours.is_empty()) {
            self.draft.colour(last, &colours);
            self.last = self.draft.count().checked_sub(1);
        }
    }

    /// Makes of a phrase what it is.
    fn take(&mut self, phrase: &Phrase) {
        let link = std::mem::replace(&mut self.link, Link::Beside);
        let says = std::mem::take(&mut self.says);
        match link {
            Link::Without => return self.draft.leave_out(&phrase.tokens),
            Link::Other => return self.draft.tell(phrase.words.iter().copied()),
            _ if self.is_background(phrase, link) => return,
            _ => {}
        }
        if phrase.words.is_empty() {
            return self.draft.tell(phrase.tokens.clone());
        }
        let only_properties = self.draft.are_properties(&phrase.words);
        if only_properties && self.last.is_some() && (says || !self.colours.is_empty()) {
            self.colours.extend(&phrase.words);
            return;
        }
        let article = self.tokens.all[phrase.tokens.start].article.is_some();
        if only_properties && (article || phrase.count != Count::None) && self.goes_on(phrase) {
            self.headless.push(phrase.clone());
            self.link = link;
            return;
        }
        self.flush();
        let mut link = link;
        for headless in std::mem::take(&mut self.headless) {
            let noun = phrase.words.iter().copied().filter(|at| !self.tokens.role(*at).is_some_and(Role::is_property));
            let words = headless.words.iter().copied().chain(noun).collect();
            self.add(&Phrase { words, ..headless }, link);
            link = Link::Beside;
        }
        self.add(phrase, link);
    }

    /// Whether "and" with a further phrase follows one of properties alone.
    fn goes_on(&self, phrase: &Phrase) -> bool {
        let next = phrase.tokens.end;
        let comma = self.tokens.all.get(next).is_some_and(|token| token.gap == Gap::Comma);
        comma || self.tokens.role(next) == Some(Role::And)
    }

    fn add(&mut self, phrase: &Phrase, link: Link) {
        let Some(thing) = self.draft.thing(phrase) else { return };
        let before = self.last.replace(thing);
        let before = before.map(|before| self.doer(before, link));
        if let Some((kind, to)) = self.ahead.take() {
            return self.draft.relate(kind, thing, to);
        }
        if let Some(subject) = self.between.take().filter(|_| link == Link::Beside) {
            return self.draft.relate(RelationKind::Between, subject, thing);
        }
        let worn = phrase.words.last().is_some_and(|at| self.tokens.lexicon().is_garment(&self.tokens.all[*at].word));
        let kind = match link {
            Link::At(RelationKind::In) if worn => RelationKind::Wearing,
            Link::Relation(kind) | Link::At(kind) => kind,
            _ => RelationKind::NextTo,
        };
        let Some(before) = before else {
            self.ahead = (link != Link::Beside).then_some((kind, thing));
            return;
        };
        if kind == RelationKind::Between {
            self.between = Some(before);
        }
        // What is named beside a garment that is worn, and is one, is worn as well.
        let wearer = self.draft.who(RelationKind::Wearing, before).filter(|_| kind == RelationKind::NextTo && worn);
        match (wearer, self.side.take()) {
            (Some(wearer), _) => self.draft.relate(RelationKind::Wearing, wearer, thing),
            (None, Some((side, of))) if kind == RelationKind::NextTo => self.draft.relate(side, of, thing),
            (None, _) => self.draft.relate(kind, before, thing),
        }
    }

    /// Who does what a verb says: of a crocodile in a river that eats a fish, the crocodile.
    fn doer(&self, before: usize, link: Link) -> usize {
        use RelationKind::{Eating, Holding, In, On, Riding, Wearing};
        let does = matches!(link, Link::Relation(Eating | Holding | Riding | Wearing));
        let there = [In, On].into_iter().find_map(|kind| self.draft.who(kind, before));
        there.filter(|_| does).unwrap_or(before)
    }

    /// Whether a phrase is what is behind everything: "on a yellow background", "on yellow", "in the snow".
    fn is_background(&mut self, phrase: &Phrase, link: Link) -> bool {
        let role = |at: &usize| self.tokens.role(*at);
        let says_so = phrase.words.last().and_then(role) == Some(Role::Background);
        let words = if says_so { &phrase.words[..phrase.words.len() - 1] } else { &phrase.words };
        let colours = self.draft.colours(words);
        let only_colour = self.draft.are_properties(words) && !words.is_empty();
        let on = link == Link::At(RelationKind::On) && only_colour;
        if let Some(colour) = colours.first().filter(|_| says_so || on) {
            self.draft.background(Background::Colour(*colour), words);
            return true;
        }
        if let Some((place, from)) = self.place(words).filter(|_| says_so || matches!(link, Link::At(_))) {
            self.draft.tell(words[..from].iter().copied());
            self.draft.background(Background::Place(place), words);
            return true;
        }
        if says_so {
            self.draft.tell(phrase.words.iter().copied());
        }
        says_so
    }

    /// The place that the end of a phrase names, with where that begins; a name of the model that is longer is none.
    fn place(&self, words: &[usize]) -> Option<(Place, usize)> {
        let first = *words.first()?;
        if self.tokens.longest_name(first).is_some_and(|length| length >= words.len()) {
            return None;
        }
        let text = |words: &[usize]| words.iter().map(|at| self.tokens.all[*at].word.as_str()).collect::<Vec<_>>().join(" ");
        (0..words.len()).find_map(|from| Some((self.tokens.lexicon().place(&text(&words[from..]))?, from)))
    }

    /// The phrase that begins here, and where it ends.
    fn phrase(&self, begin: usize) -> (Phrase, usize) {
        let (mut start, mut words, mut count, mut at): (usize, Vec<usize>, Count, usize) = (begin, vec![], Count::None, begin);
        while let Some(token) = self.tokens.all.get(at).filter(|_| words.len() < MOST_WORDS) {
            let only_properties = self.draft.are_properties(&words);
            let listed = token.gap == Gap::Comma
                && only_properties
                && self.tokens.role(at).is_some_and(Role::is_property)
                && token.article.is_none();
            if at > begin && ((token.gap != Gap::None && !listed) || (token.article.is_some() && !words.is_empty())) {
                break;
            }
            if token.kind == Kind::Emoji {
                if only_properties {
                    (words, at) = (words.into_iter().chain([at]).collect(), at + 1);
                    let same =
                        self.tokens.all[at..].iter().take_while(|next| next.word == token.word && next.gap == Gap::None).count();
                    if count == Count::None && same > 0 {
                        count = Count::Stated(same + 1);
                        at += same;
                    }
                }
                break;
            }
            if at > begin && self.is_done(at) {
                break;
            }
            if let Some(length) = self.tokens.longest_name(at) {
                words.extend(at..at + length);
                at += length;
                continue;
            }
            let (role, length) = self.tokens.role_of_words(at).map_or((None, 1), |(role, length)| (Some(role), length));
            match role {
                Some(role @ (Role::Count(_) | Role::Several(_) | Role::Pair)) if words.is_empty() => count = count.and(role),
                Some(Role::Picture) if only_properties => {
                    (start, count) = (at + length, Count::None);
                    words.clear();
                }
                Some(Role::Container) if only_properties && self.tokens.role(at + 1) == Some(Role::Of) => {
                    words.clear();
                    at += 1;
                }
                Some(Role::Colour(_) | Role::Shade(_) | Role::Size(_)) => words.extend(at..at + length),
                Some(Role::And) if self.joins_colours(&words, at) => {}
                Some(Role::Silent) if words.is_empty() => {}
                Some(Role::Background | Role::Container | Role::Request) => words.push(at),
                Some(Role::Verb) if only_properties => words.push(at),
                None => match self.number(at) {
                    Some((number, more)) if words.is_empty() => {
                        count = count.and(Role::Count(number));
                        at += more;
                    }
                    _ if !only_properties && tells_of(&token.word) && !self.is_named(&words, at) => break,
                    _ => words.push(at),
                },
                _ => break,
            }
            at += length;
        }
        (Phrase { tokens: start.min(at)..at, words, count }, at)
    }

    /// Whether "and" joins two colours of one thing: "a blue and yellow parrot".
    fn joins_colours(&self, words: &[usize], at: usize) -> bool {
        let is_colour = |at: usize| matches!(self.tokens.role(at), Some(Role::Colour(_) | Role::Shade(_)));
        let joined = words.last().is_some_and(|last| matches!(self.tokens.role(*last), Some(Role::Colour(_))));
        let own = |at: usize| self.tokens.all.get(at).is_some_and(|token| token.article.is_none());
        joined && self.draft.are_properties(words) && is_colour(at + 1) && own(at + 1)
    }

    /// Whether words with one more are a name or a keyword.
    fn is_named(&self, words: &[usize], at: usize) -> bool {
        let from = words.first().copied().unwrap_or(at);
        words.len() == at - from && self.tokens.is_name(from..at + 1)
    }

    /// A number before something, with how many tokens belong to it besides: 7, 4x, 2 x.
    fn number(&self, at: usize) -> Option<(usize, usize)> {
        let word = &self.tokens.all[at].word;
        let digits = word.strip_suffix('x').unwrap_or(word);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let times = usize::from(self.tokens.all.get(at + 1).is_some_and(|next| next.word == "x" || next.word == "×"));
        let before = self.tokens.all.get(at + 1 + times).is_some_and(|next| next.gap == Gap::None);
        (is_number && before).then(|| (digits.parse().unwrap_or(usize::MAX), times))
    }
}

/// Whether a word behind a thing says what that does, or what was done to it. Shorter ones are things: a seed, a sled.
fn tells_of(word: &str) -> bool {
    is_doing(word) || (word.len() > 5 && word.ends_with("ed"))
}
