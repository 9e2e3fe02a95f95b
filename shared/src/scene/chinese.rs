//! The grammar of Chinese captions, where what stands in relation comes first as often as last: 猫在桌子上, 桌子上的猫, 桌子上有一只猫 and
//! 戴着帽子的猫 are all read from left to right, once; what is said of a thing that is yet to be named waits for it.

use super::draft::{Count, Draft, Phrase};
use super::lexicon::Role;
use super::properties::{Background, Place, RelationKind};
use super::tokens::{Gap, Kind, Tokens};

/// Most pieces of a phrase.
const MOST_PIECES: usize = 16;

struct Reader<'a, 'd> {
    tokens: &'a Tokens<'a>,
    draft: &'d mut Draft<'a>,
    at: usize,
    /// The thing that was named last.
    last: Option<usize>,
    /// What the thing that is named next stands in relation to.
    ahead: Vec<(RelationKind, Phrase)>,
    /// What has been said of the thing that is named next: its count and properties.
    begun: Option<Phrase>,
    /// Where the thing that is named next is, of the last one.
    side: Option<RelationKind>,
}

/// Reads a caption into a draft.
pub(super) fn read<'a>(tokens: &'a Tokens<'a>, draft: &mut Draft<'a>) {
    let mut reader = Reader { tokens, draft, at: 0, last: None, ahead: vec![], begun: None, side: None };
    while reader.at < tokens.all.len() {
        if reader.draft.is_full() {
            reader.draft.cut();
            break;
        }
        let begin = reader.at;
        reader.step();
        reader.at = reader.at.max(begin + 1);
    }
    reader.end();
}

impl Reader<'_, '_> {
    /// The role of a piece; of the one that is next, only where no comma stands before it.
    fn role(&self, at: usize) -> Option<Role> {
        self.tokens.role(at)
    }

    fn next(&self) -> Option<Role> {
        self.role(self.at).filter(|_| self.tokens.all[self.at].gap == Gap::None)
    }

    fn step(&mut self) {
        match self.role(self.at).filter(|_| !self.is_noun(self.at)) {
            Some(Role::Relation(kind)) => self.verb(kind),
            Some(Role::At(_)) => self.at(),
            Some(Role::Without) => {
                self.at += 1;
                let phrase = self.phrase(true);
                self.draft.leave_out(&phrase.tokens);
            }
            Some(Role::Side(kind)) => {
                self.side = Some(kind);
                self.at += 1;
            }
            Some(Role::Background | Role::Container | Role::Verb) => {
                self.draft.tell([self.at]);
                self.at += 1;
            }
            Some(Role::Silent | Role::Request | Role::And | Role::Possessive | Role::There | Role::Picture) => self.at += 1,
            _ => self.named(),
        }
    }

    /// Whether a piece is a thing whatever role it has.
    fn is_noun(&self, at: usize) -> bool {
        self.tokens.all.get(at).is_some_and(|token| token.kind == Kind::Noun)
    }

    /// A verb with what it is done to: of the last thing, or of the one that follows, as in 戴着帽子的猫.
    fn verb(&mut self, kind: RelationKind) {
        let verb = self.at;
        self.at += 1;
        let phrase = self.phrase(true);
        if phrase.words.is_empty() {
            return self.draft.tell([verb]);
        }
        if matches!(self.next(), Some(Role::Side(_))) {
            self.at += 1;
        }
        self.stand(kind, vec![phrase]);
    }

    /// 在, with what something is in, or beside, or between.
    fn at(&mut self) {
        self.at += 1;
        let mut phrases = vec![self.phrase(true)];
        while self.next() == Some(Role::And) && phrases.len() < 4 {
            self.at += 1;
            phrases.push(self.phrase(true));
        }
        if self.is_background(&phrases[0]) {
            return;
        }
        let side = self.take_side();
        if let Some(place) = self.place(&phrases[0]).filter(|_| lies_in(side)) {
            self.draft.background(Background::Place(place), &phrases[0].words);
            self.skip(Role::Possessive);
            return;
        }
        phrases.retain(|phrase| !phrase.words.is_empty());
        self.stand(side.unwrap_or(RelationKind::NextTo), phrases);
    }

    /// A phrase, and what it is: what is behind everything, what something else stands in relation to, or a thing.
    fn named(&mut self) {
        let phrase = self.phrase(false);
        if self.is_background(&phrase) {
            return;
        }
        let noun = phrase.words.iter().any(|at| !self.draft.are_properties(&[*at]));
        let follows = self.next().filter(|_| !self.is_noun(self.at));
        let behind = if follows == Some(Role::Possessive) { self.role(self.at + 1) } else { follows };
        match (self.place(&phrase), behind) {
            (Some(place), Some(Role::Side(kind))) if lies_in(Some(kind)) => {
                self.take_side();
                self.skip(Role::Possessive);
                self.draft.background(Background::Place(place), &phrase.words);
            }
            (Some(place), _) if follows == Some(Role::Possessive) => {
                self.at += 1;
                self.draft.background(Background::Place(place), &phrase.words);
            }
            (_, Some(Role::Side(_))) if noun => {
                let kind = self.take_side().unwrap_or(RelationKind::NextTo);
                self.stand(kind, vec![phrase]);
            }
            (_, Some(Role::Picture)) if noun => {
                self.skip(Role::Possessive);
                self.at += 1;
                self.thing(Phrase { count: Count::None, ..phrase });
            }
            // 一只 before what says more of it: 一只戴着帽子的猫.
            _ if !noun && follows.is_some_and(|role| !matches!(role, Role::And)) => self.begun = Some(phrase),
            _ => self.thing(phrase),
        }
    }

    /// What stands so to things: the one that follows 的 or 有, else the last one.
    fn stand(&mut self, kind: RelationKind, phrases: Vec<Phrase>) {
        let more = self.at + 1 < self.tokens.all.len();
        let ahead = match self.next() {
            Some(Role::Possessive) => more,
            Some(Role::There | Role::Silent) => more && self.last.is_none(),
            _ => self.last.is_none() && more,
        };
        if ahead {
            self.at += usize::from(matches!(self.next(), Some(Role::Possessive | Role::There | Role::Silent)));
            self.ahead.extend(phrases.into_iter().map(|phrase| (kind, phrase)));
            return;
        }
        let subject = self.last;
        for phrase in phrases {
            let Some(thing) = self.draft.thing(&phrase) else { continue };
            if let Some(subject) = subject {
                self.draft.relate(kind, subject, thing);
            }
            self.last = Some(thing);
        }
    }

    fn thing(&mut self, phrase: Phrase) {
        let phrase = match self.begun.take() {
            Some(begun) => Phrase {
                tokens: begun.tokens.start..phrase.tokens.end,
                words: begun.words.into_iter().chain(phrase.words).collect(),
                count: if phrase.count == Count::None { begun.count } else { phrase.count },
            },
            None => phrase,
        };
        if phrase.words.is_empty() {
            return self.draft.tell(phrase.tokens);
        }
        let Some(thing) = self.draft.thing(&phrase) else { return };
        let before = self.last.replace(thing);
        let side = self.side.take();
        match (before, side) {
            (Some(before), Some(side)) => self.draft.relate(side, thing, before),
            (Some(before), None) => self.draft.relate(RelationKind::NextTo, before, thing),
            (None, _) => {}
        }
        self.arrive(thing);
    }

    /// Adds what a thing was said to stand in relation to before it was named.
    fn arrive(&mut self, thing: usize) {
        for (kind, phrase) in std::mem::take(&mut self.ahead) {
            if let Some(other) = self.draft.thing(&phrase) {
                self.draft.relate(kind, thing, other);
            }
        }
    }

    fn end(&mut self) {
        if let Some(begun) = self.begun.take() {
            self.draft.tell(begun.words);
        }
        for (_, phrase) in std::mem::take(&mut self.ahead) {
            self.draft.thing(&phrase);
        }
    }

    fn skip(&mut self, role: Role) {
        self.at += usize::from(self.next() == Some(role));
    }

    /// The side that stands here, perhaps behind 的.
    fn take_side(&mut self) -> Option<RelationKind> {
        let at = self.at + usize::from(self.next() == Some(Role::Possessive));
        let Some(Role::Side(kind)) = self.role(at) else { return None };
        self.at = at + 1;
        Some(kind)
    }

    /// The place that a phrase is.
    fn place(&self, phrase: &Phrase) -> Option<Place> {
        let [only] = phrase.words.as_slice() else { return None };
        self.tokens.lexicon().place(&self.tokens.all.get(*only)?.word)
    }

    /// Whether a phrase is followed by "background", which then is read.
    fn is_background(&mut self, phrase: &Phrase) -> bool {
        let at = self.at + usize::from(self.next() == Some(Role::Possessive));
        if self.role(at) != Some(Role::Background) {
            return false;
        }
        let background = match (self.draft.colours(&phrase.words).first(), self.place(phrase)) {
            (Some(colour), _) => Background::Colour(*colour),
            (None, Some(place)) => Background::Place(place),
            (None, None) => return false,
        };
        self.draft.background(background, &phrase.words);
        self.at = at + 1;
        self.take_side();
        self.skip(Role::Possessive);
        true
    }

    /// The phrase that begins here; of what something stands in relation to it ends before 的.
    fn phrase(&mut self, related: bool) -> Phrase {
        let begin = self.at;
        let (mut words, mut count): (Vec<usize>, Count) = (vec![], Count::None);
        while let Some(token) = self.tokens.all.get(self.at).filter(|_| words.len() < MOST_PIECES) {
            if self.at > begin && token.gap != Gap::None {
                break;
            }
            let only_properties = self.draft.are_properties(&words);
            if token.kind == Kind::Emoji {
                if !only_properties {
                    break;
                }
                let same = self.tokens.all[self.at..].iter().take_while(|next| next.word == token.word).count();
                words.push(self.at);
                count = if count == Count::None && same > 1 { Count::Stated(same) } else { count };
                self.at += same;
                break;
            }
            let digits = token.word.bytes().all(|byte| byte.is_ascii_digit());
            match self.role(self.at).filter(|_| token.kind != Kind::Noun) {
                Some(role @ (Role::Count(_) | Role::Several(_) | Role::Pair)) if words.is_empty() => count = count.and(role),
                Some(Role::Container) if only_properties && self.at > 0 => {}
                Some(Role::Colour(_) | Role::Shade(_) | Role::Size(_)) => words.push(self.at),
                Some(Role::Silent) if !related => {}
                Some(Role::Possessive) if !words.is_empty() && self.goes_on(&words, related) => {}
                None if digits && words.is_empty() => count = count.and(Role::Count(token.word.parse().unwrap_or(usize::MAX))),
                None => words.push(self.at),
                _ => break,
            }
            self.at += 1;
        }
        let is_emoji = |at: &usize| self.tokens.all[*at].kind == Kind::Emoji;
        let end = words.last().filter(|last| !is_emoji(last)).map_or(self.at, |last| last + 1);
        Phrase { tokens: begin..end, words, count }
    }

    /// Whether 的 ties what stands before it to a noun of the same phrase.
    fn goes_on(&self, words: &[usize], related: bool) -> bool {
        let is_place =
            |at: &usize| self.tokens.all.get(*at).is_some_and(|token| self.tokens.lexicon().place(&token.word).is_some());
        let ends = (related && !self.draft.are_properties(words)) || (words.len() == 1 && words.iter().all(is_place));
        let next = self.role(self.at + 1).filter(|_| !self.is_noun(self.at + 1));
        let noun = matches!(next, None | Some(Role::Colour(_) | Role::Shade(_) | Role::Size(_)));
        !ends && noun && self.at + 1 < self.tokens.all.len()
    }
}

/// Whether what is on such a side of a place is there.
fn lies_in(side: Option<RelationKind>) -> bool {
    matches!(side, None | Some(RelationKind::In | RelationKind::On | RelationKind::Below | RelationKind::NextTo))
}
