//! A scene in the making: the grammars hand phrases and relations over, and get things of them.

use std::ops::Range;

use super::contents::{How, MOST_OF_ONE, MOST_THINGS, MOST_TOLD, Relation, Scene, Thing};
use super::lexicon::{ENGLISH, Lexicon, Role};
use super::names::{Meaning, Trust, meaning, telling_form};
use super::properties::{Background, Colour, Counting, RelationKind, Size};
use super::tokens::{Kind, Token, Tokens};
use crate::text::caption::Vocabulary;
use crate::text::words::{MAX_WORD, forms, words_of};

/// What is chosen where the caption says no more than that there are several.
const SEVERAL: usize = 3;

/// Longest text of a thing, in bytes.
const MOST_TEXT: usize = 400;

/// Words that name a thing, with all that is said of it before.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrase {
    /// All of its tokens, for what was typed.
    pub tokens: Range<usize>,
    /// Those of the thing and its properties, without counts.
    pub words: Vec<usize>,
    pub count: Count,
}

/// How many a phrase speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Count {
    /// It has not been said.
    #[default]
    None,
    Stated(usize),
    Several(usize),
    /// So many pairs.
    Pairs(usize),
}

impl Count {
    /// With a further word that counts: "two dozen".
    pub fn and(self, role: Role) -> Self {
        let so_far = if let Self::Stated(so_far) | Self::Pairs(so_far) = self { so_far } else { 1 };
        match role {
            Role::Count(count) => Self::Stated(so_far.saturating_mul(count)),
            Role::Pair => Self::Pairs(so_far),
            Role::Several(count) if self == Self::None => Self::Several(count),
            _ => self,
        }
    }
}

/// What is said of a thing by words that are properties.
#[derive(Debug, Clone, Copy, Default)]
struct Properties {
    colour: Option<Colour>,
    accent: Option<Colour>,
    size: Option<Size>,
}

#[derive(Debug)]
pub(super) struct Draft<'a> {
    tokens: &'a Tokens<'a>,
    vocabulary: &'a Vocabulary,
    lexicon: &'static Lexicon,
    trust: Trust,
    scene: Scene,
}

impl<'a> Draft<'a> {
    pub fn new(tokens: &'a Tokens<'a>, vocabulary: &'a Vocabulary, trust: Trust) -> Self {
        let scene = Scene { truncated: tokens.truncated, ..Scene::default() };
        Self { tokens, vocabulary, lexicon: tokens.lexicon(), trust, scene }
    }

    /// The scene. Of what several wear, hold, eat or ride and the caption gives no number for ("two cats wearing hats") each has one.
    pub fn finish(mut self) -> Scene {
        use RelationKind::{Eating, Holding, Riding, Wearing};
        for Relation { kind, of, to } in self.scene.relations.clone() {
            let count = self.scene.things.get(of).map_or(1, |thing| thing.count);
            if let Some(thing) = self.scene.things.get_mut(to)
                && matches!(kind, Eating | Holding | Riding | Wearing)
                && thing.counting == Counting::Chosen
                && count > 1
            {
                thing.count = count;
            }
        }
        self.scene
    }

    pub fn count(&self) -> usize {
        self.scene.things.len()
    }

    pub fn is_full(&self) -> bool {
        self.scene.things.len() >= MOST_THINGS
    }

    pub fn cut(&mut self) {
        self.scene.truncated = true;
    }

    /// Adds what a phrase names; `None` where it names nothing, or there are too many.
    pub fn thing(&mut self, phrase: &Phrase) -> Option<usize> {
        if self.is_full() {
            self.cut();
            return None;
        }
        let Some(meaning) = self.meaning(phrase) else {
            self.tell(phrase.words.iter().copied());
            return None;
        };
        let head = meaning.used.clone();
        let (before, behind) = (&phrase.words[..head.start], &phrase.words[head.end.min(phrase.words.len())..]);
        let said: Vec<usize> = before.iter().chain(behind).copied().collect();
        let properties = self.properties(&said);
        let (count, counting) = self.counted(phrase, &meaning);
        let name = self.name_of(&meaning, phrase);
        let has = |colour: &Colour| name.as_ref().is_some_and(|name| name.split(' ').any(|word| word == colour.hue.word()));
        let thing = Thing {
            text: shortened(self.tokens.text(&phrase.tokens)),
            noun: shortened(self.noun(phrase.words.get(head).unwrap_or_default())),
            how: meaning.how,
            count,
            counting,
            colour: properties.colour.filter(|colour| !has(colour)),
            accent: properties.accent,
            size: properties.size,
            others: meaning.others.into_iter().map(|other| self.name(other)).collect(),
            name,
        };
        self.scene.things.push(thing);
        Some(self.scene.things.len() - 1)
    }

    pub fn relate(&mut self, kind: RelationKind, of: usize, to: usize) {
        if of != to {
            self.scene.relations.push(Relation { kind, of, to });
        }
    }

    /// Says where a thing is that is only known to be beside another: in the place of that, if there is such a relation.
    pub fn place(&mut self, kind: RelationKind, thing: usize) -> bool {
        let beside = |one: &&mut Relation| one.kind == RelationKind::NextTo && (one.to == thing || one.of == thing);
        let Some(relation) = self.scene.relations.iter_mut().rev().take(MOST_THINGS).find(beside) else { return false };
        let other = if relation.to == thing { relation.of } else { relation.to };
        *relation = Relation { kind, of: thing, to: other };
        true
    }

    /// The thing that is lately known to stand so to another: who wears the last thing that is worn.
    pub fn who(&self, kind: RelationKind, to: usize) -> Option<usize> {
        self.scene.relations.iter().rev().take(MOST_THINGS).find(|one| one.kind == kind && one.to == to).map(|one| one.of)
    }

    /// Sets what is behind everything; what is said of that twice counts once, and is told.
    pub fn background(&mut self, background: Background, words: &[usize]) {
        match self.scene.background {
            Some(known) if known != background => self.tell(words.iter().copied()),
            _ => self.scene.background = Some(background),
        }
    }

    /// Gives a thing that has no colour those of other words; as many colours as there are of it make as many things.
    pub fn colour(&mut self, thing: usize, words: &[usize]) {
        let colours = self.colours(words);
        let Some(known) = self.scene.things.get_mut(thing).filter(|known| known.colour.is_none()) else {
            return self.tell(words.iter().copied());
        };
        match colours.as_slice() {
            [] => self.tell(words.iter().copied()),
            [first, rest @ ..] if known.count == colours.len() && known.count > 1 => {
                (known.colour, known.count) = (Some(*first), 1);
                let mut last = thing;
                for colour in rest {
                    if self.is_full() {
                        self.cut();
                        break;
                    }
                    let copy = Thing { colour: Some(*colour), ..self.scene.things[thing].clone() };
                    self.scene.things.push(copy);
                    self.relate(RelationKind::NextTo, last, self.scene.things.len() - 1);
                    last = self.scene.things.len() - 1;
                }
            }
            [first, rest @ ..] => (known.colour, known.accent) = (Some(*first), rest.first().copied()),
        }
    }

    /// Tells words that nothing was made of, but for those that say nothing.
    pub fn tell(&mut self, words: impl IntoIterator<Item = usize>) {
        for at in words {
            let Some(token) = self.tokens.all.get(at) else { continue };
            let silent = matches!(
                self.role(token),
                Some(Role::Silent | Role::Be | Role::And | Role::Of | Role::Possessive | Role::There | Role::Request)
            );
            if !silent && self.scene.unread.len() < MOST_TOLD && !self.scene.unread.contains(&token.word) {
                self.scene.unread.push(token.word.chars().take(MAX_WORD).collect());
            }
        }
    }

    /// Tells what the caption says is not there.
    pub fn leave_out(&mut self, tokens: &Range<usize>) {
        let text = shortened(self.tokens.text(tokens));
        if !text.is_empty() && self.scene.left_out.len() < MOST_TOLD && !self.scene.left_out.contains(&text) {
            self.scene.left_out.push(text);
        }
    }

    /// Whether words are a colour, a shade or a size each.
    pub fn are_properties(&self, words: &[usize]) -> bool {
        words.iter().all(|at| self.tokens.all.get(*at).is_some_and(|token| self.role(token).is_some_and(Role::is_property)))
    }

    /// The colours that words name, in order.
    pub fn colours(&self, words: &[usize]) -> Vec<Colour> {
        let (mut colours, mut shade) = (vec![], None);
        for token in words.iter().filter_map(|at| self.tokens.all.get(*at)) {
            match self.role(token) {
                Some(Role::Shade(own)) => shade = Some(own),
                Some(Role::Colour(hue)) => colours.push(Colour { hue, shade: shade.take() }),
                _ => {}
            }
        }
        colours
    }

    /// What was typed from the first of these words to the last.
    fn noun(&self, words: &[usize]) -> &'a str {
        let place = |at: Option<&usize>| self.tokens.all.get(*at?).map(|token| token.place.clone());
        let (Some(first), Some(last)) = (place(words.iter().min()), place(words.iter().max())) else { return "" };
        self.tokens.caption.get(first.start..last.end).unwrap_or_default()
    }

    fn role(&self, token: &Token) -> Option<Role> {
        self.lexicon.role(&token.word).or_else(|| ENGLISH.role(&token.word))
    }

    fn meaning(&self, phrase: &Phrase) -> Option<Meaning> {
        let mut words: Vec<String> = phrase.words.iter().filter_map(|at| self.tokens.known.get(*at).cloned()).collect();
        let last = self.tokens.all.get(*phrase.words.last()?)?;
        let kind = |at: usize| phrase.words.get(at).and_then(|at| self.tokens.all.get(*at)).map(|token| token.kind);
        let role = |at: usize| phrase.words.get(at).and_then(|at| self.role(self.tokens.all.get(*at)?));
        match self.vocabulary.names() {
            Some(names) => {
                let unspaced = last.kind != Kind::Word;
                if !unspaced && !self.tokens.is_name(phrase.words[0]..phrase.words[0] + words.len().max(2)) {
                    let plural = format!("{}s", last.word);
                    let all = forms(&last.word).filter(|form| *form != plural && self.vocabulary.knows(form));
                    let form = telling_form(names, all.chain(ENGLISH.singular(&last.word).map(str::to_owned)));
                    form.into_iter().zip(words.last_mut()).for_each(|(form, word)| *word = form);
                }
                let is_unknown = |at: usize| kind(at) == Some(Kind::Piece) && !role(at).is_some_and(Role::is_property);
                meaning(names, &words, unspaced, self.trust, role, is_unknown)
            }
            None => {
                let from = (0..words.len())
                    .find(|at| !role(*at).is_some_and(Role::is_property) || self.vocabulary.knows(&words[*at]))?;
                let how = if words[from..].iter().any(|word| self.vocabulary.knows(word)) { How::Name } else { How::Unknown };
                Some(Meaning { name: None, how, others: vec![], used: from..words.len() })
            }
        }
    }

    /// The name that is told: of a model that has learnt no names the words that it knows.
    fn name_of(&self, meaning: &Meaning, phrase: &Phrase) -> Option<String> {
        if self.vocabulary.names().is_some() {
            return meaning.name.map(|name| self.name(name));
        }
        let used = phrase.words.get(meaning.used.clone()).unwrap_or_default();
        let words: Vec<&str> = used.iter().filter_map(|at| self.tokens.known.get(*at)).map(String::as_str).collect();
        let known: Vec<&str> = words.into_iter().filter(|word| self.vocabulary.knows(word)).collect();
        (!known.is_empty()).then(|| known.join(" "))
    }

    fn name(&self, name: usize) -> String {
        self.vocabulary.names().and_then(|names| names.names().get(name)).map(|name| name.name.clone()).unwrap_or_default()
    }

    /// Reads properties; what is none is told.
    fn properties(&mut self, words: &[usize]) -> Properties {
        let mut properties = Properties::default();
        let mut colours = self.colours(words).into_iter();
        (properties.colour, properties.accent) = (colours.next(), colours.next());
        for at in words {
            match self.tokens.all.get(*at).and_then(|token| self.role(token)) {
                Some(Role::Size(size)) => properties.size = properties.size.or(Some(size)),
                Some(Role::Colour(_) | Role::Shade(_)) => {}
                _ => self.tell([*at]),
            }
        }
        properties
    }

    fn counted(&self, phrase: &Phrase, meaning: &Meaning) -> (usize, Counting) {
        let head = phrase.words.last().and_then(|at| self.tokens.all.get(*at));
        let (plural, pairs) = head.map_or((false, false), |head| self.is_plural(head, meaning));
        let has_article = self.tokens.all.get(phrase.tokens.start).is_some_and(|token| token.article.is_some());
        let unsaid = if plural && !(has_article && pairs) { SEVERAL } else { 1 };
        limited(phrase.count, unsaid, pairs)
    }

    /// Whether a word is the plural of what it names, and whether what it names is called by a plural.
    fn is_plural(&self, head: &Token, meaning: &Meaning) -> (bool, bool) {
        if head.kind != Kind::Word {
            let paired = meaning.name.is_some_and(|name| self.name(name).ends_with('s'));
            return (false, paired);
        }
        let word = head.word.as_str();
        let singular = word.strip_suffix('s').filter(|stem| !stem.ends_with('s') && stem.len() > 2);
        let irregular = ENGLISH.singular(word);
        let Some(singular) = irregular.or(singular) else { return (false, false) };
        let Some(name) = meaning.name.and_then(|name| self.vocabulary.names()?.names().get(name)) else {
            let known = self.vocabulary.names().is_some_and(|names| names.vectors().knows(singular));
            return (irregular.is_some() || known || self.vocabulary.knows(singular), false);
        };
        let called = std::iter::once(&name.name).chain(&name.keywords).chain(&name.usual);
        let heads: Vec<String> = called.filter_map(|text| words_of(text).last()).collect();
        let has = |word: &str| heads.iter().any(|head| head == word);
        let stems = [Some(singular), word.strip_suffix("es")];
        let has_singular = irregular.is_some()
            || stems.into_iter().flatten().any(has)
            || word.strip_suffix("ies").is_some_and(|stem| has(&format!("{stem}y")));
        let own = heads.first().is_some_and(|head| head == word) || (has(word) && !has_singular);
        (!own, own)
    }
}

/// A count as it is drawn. Of what comes in pairs a pair is one.
fn limited(count: Count, unsaid: usize, pairs: bool) -> (usize, Counting) {
    let (count, counting) = match count {
        Count::None if unsaid > 1 => (unsaid, Counting::Chosen),
        Count::None => (unsaid, Counting::Stated),
        Count::Several(count) => (count, Counting::Chosen),
        Count::Stated(count) => (count, Counting::Stated),
        Count::Pairs(count) if pairs => (count, Counting::Stated),
        Count::Pairs(count) => (count.saturating_mul(2), Counting::Stated),
    };
    let counting = if count > MOST_OF_ONE { Counting::Capped } else { counting };
    (count.clamp(1, MOST_OF_ONE), counting)
}

fn shortened(text: &str) -> String {
    let end = (0..=MOST_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}
