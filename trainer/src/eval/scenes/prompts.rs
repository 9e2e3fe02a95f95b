//! What is asked for: GenEval's six skills in GenEval's own words, about names that the model has learnt or about COCO's.

use std::collections::HashMap;

use rand::Rng;
use rand::seq::{IndexedRandom, IteratorRandom};
use serde_json::{Value, json};
use shared::Vocabulary;
use shared::scene::{self, Counting, Hue, Relation, RelationKind, Scene, Thing};

use crate::data::{ContentSplit, Dataset, captions};

/// Of COCO's 80 names those for which Emblem has something, with what fits.
const COCO: &str = include_str!("coco.tsv");

/// The colours that GenEval asks for.
pub const COLOURS: [Hue; 10] =
    [Hue::Red, Hue::Orange, Hue::Yellow, Hue::Green, Hue::Blue, Hue::Purple, Hue::Pink, Hue::Brown, Hue::Black, Hue::White];

const POSITIONS: [RelationKind; 4] = [RelationKind::LeftOf, RelationKind::RightOf, RelationKind::Above, RelationKind::Below];

const NUMBERS: [&str; 3] = ["two", "three", "four"];

/// Words that no rule makes a plural of.
const PLURALS: [(&str, &str); 12] = [
    ("mouse", "mice"),
    ("wolf", "wolves"),
    ("leaf", "leaves"),
    ("knife", "knives"),
    ("tooth", "teeth"),
    ("foot", "feet"),
    ("ox", "oxen"),
    ("man", "men"),
    ("woman", "women"),
    ("child", "children"),
    ("person", "people"),
    ("fish", "fish"),
];

/// One of GenEval's six skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skill {
    Single,
    Two,
    Counting,
    Colours,
    Position,
    Binding,
}

impl Skill {
    pub const ALL: [Self; 6] = [Self::Single, Self::Two, Self::Counting, Self::Colours, Self::Position, Self::Binding];

    /// As GenEval's files call it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Single => "single_object",
            Self::Two => "two_object",
            Self::Counting => "counting",
            Self::Colours => "colors",
            Self::Position => "position",
            Self::Binding => "color_attr",
        }
    }

    /// As figures call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single object",
            Self::Two => "two objects",
            Self::Counting => "counting",
            Self::Colours => "colours",
            Self::Position => "position",
            Self::Binding => "colour binding",
        }
    }
}

/// A thing that a picture must show.
#[derive(Debug, Clone, PartialEq)]
pub struct Included {
    /// What the prompt calls it.
    pub class: String,
    /// The contents that fit it, the first one first.
    pub contents: Vec<usize>,
    pub count: usize,
    pub colour: Option<Hue>,
    /// How it stands to another of the prompt's things.
    pub position: Option<(RelationKind, usize)>,
}

/// What is asked for, in words and as what must be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    pub skill: Skill,
    pub caption: String,
    /// Whether a number is asked for, so that more are wrong.
    pub counts: bool,
    pub included: Vec<Included>,
}

/// A class that is asked for, with the contents that fit it.
pub type Class = (String, Vec<usize>);

/// Names that can be asked for in the singular and the plural: training contents that the model knows, of one or two plain words, none of them a
/// colour.
pub fn names(dataset: &Dataset, vocabulary: &Vocabulary) -> Vec<Class> {
    let learnt = learnt(dataset, vocabulary);
    let is_colour = |word: &str| word.parse::<Hue>().is_ok();
    let plain = |name: &&String| {
        let words: Vec<&str> = name.split(' ').collect();
        let spelt = name.chars().all(|letter| letter.is_ascii_lowercase() || letter == ' ');
        spelt && words.len() <= 2 && !name.ends_with('s') && !words.iter().any(|word| is_colour(word))
    };
    let mut names: Vec<Class> = learnt.keys().filter(plain).map(|name| (name.clone(), vec![learnt[name]])).collect();
    names.sort();
    names
}

/// Those of COCO's names that the model has learnt something for, and that it does not say to be unknown.
pub fn coco(dataset: &Dataset, vocabulary: &Vocabulary) -> Vec<Class> {
    let learnt = learnt(dataset, vocabulary);
    let rows = COCO.lines().skip(1).filter_map(|row| row.split_once('\t'));
    let class = |(class, names): (&str, &str)| {
        (class.to_owned(), names.split('|').filter_map(|name| learnt.get(name).copied()).collect::<Vec<_>>())
    };
    let is_read = |class: &str| {
        let scene = scene::read(&format!("a {class}"), vocabulary);
        matches!(&scene.things[..], [thing] if thing.name.is_some())
    };
    rows.map(class).filter(|(class, contents)| !contents.is_empty() && is_read(class)).collect()
}

/// The training contents whose names the model knows, in lower case.
fn learnt(dataset: &Dataset, vocabulary: &Vocabulary) -> HashMap<String, usize> {
    let known: Vec<String> =
        vocabulary.names().map(|names| names.names().iter().map(|name| name.name.to_lowercase()).collect()).unwrap_or_default();
    let contents = dataset.contents.iter().enumerate().filter(|(_, content)| content.split == ContentSplit::Train);
    let named = contents.map(|(place, content)| (captions::canonical(content), place));
    named.filter(|(name, _)| known.contains(name)).collect()
}

/// So many prompts of each skill; a colour and a name that are a name together ("green apple") are not asked for.
pub fn prompts(classes: &[Class], each: usize, vocabulary: &Vocabulary, random: &mut impl Rng) -> Vec<Prompt> {
    let is_name = |text: &str| vocabulary.names().is_some_and(|names| names.names().iter().any(|name| name.name == text));
    let mut prompts = vec![];
    for skill in Skill::ALL {
        for _ in 0..each {
            let wanted = if matches!(skill, Skill::Two | Skill::Position | Skill::Binding) { 2 } else { 1 };
            let chosen = classes.iter().choose_multiple(random, wanted);
            let mut included: Vec<Included> = chosen.into_iter().map(included).collect();
            if matches!(skill, Skill::Colours | Skill::Binding) {
                let mut left = COLOURS.to_vec();
                for one in &mut included {
                    let colours: Vec<Hue> =
                        left.iter().copied().filter(|colour| !is_name(&format!("{} {}", colour.word(), one.class))).collect();
                    one.colour = colours.choose(random).copied();
                    left.retain(|colour| Some(*colour) != one.colour);
                }
            }
            if skill == Skill::Counting {
                included[0].count = random.random_range(2..=4);
            }
            if skill == Skill::Position
                && let Some(kind) = POSITIONS.choose(random)
            {
                included[1].position = Some((*kind, 0));
            }
            let caption = format!("a photo of {}", words(&included));
            prompts.push(Prompt { skill, caption, counts: skill == Skill::Counting, included });
        }
    }
    prompts
}

fn included((class, contents): &Class) -> Included {
    Included { class: class.clone(), contents: contents.clone(), count: 1, colour: None, position: None }
}

/// GenEval's words for things: the last stands to the first where it has a position.
fn words(included: &[Included]) -> String {
    let phrase = |one: &Included| match one.count {
        1 => {
            let words = one.colour.map_or(one.class.clone(), |colour| format!("{} {}", colour.word(), one.class));
            let article = if words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("{article} {words}")
        }
        count => format!("{} {}", NUMBERS[(count - 2).min(2)], plural(&one.class)),
    };
    match included {
        [first, second] => match second.position {
            Some((kind, _)) => format!("{} {} {}", phrase(second), said(kind), phrase(first)),
            None => format!("{} and {}", phrase(first), phrase(second)),
        },
        all => all.iter().map(phrase).collect::<Vec<_>>().join(" and "),
    }
}

/// As GenEval says it.
fn said(kind: RelationKind) -> String {
    kind.word().replace('-', " ")
}

fn plural(class: &str) -> String {
    let (before, last) = class.rsplit_once(' ').map_or(("", class), |(before, last)| (before, last));
    let many = match PLURALS.iter().find(|(one, _)| *one == last) {
        Some((_, many)) => (*many).to_owned(),
        None if last.ends_with('y')
            && !last.ends_with(['a', 'e', 'o', 'u'])
            && !last.ends_with("ey")
            && !last.ends_with("ay")
            && !last.ends_with("oy") =>
        {
            format!("{}ies", &last[..last.len() - 1])
        }
        None if last.ends_with(['s', 'x', 'z']) || last.ends_with("ch") || last.ends_with("sh") => format!("{last}es"),
        None => format!("{last}s"),
    };
    format!("{before} {many}").trim_start().to_owned()
}

impl Prompt {
    /// The scene as somebody lays it out who need not read: the names are those of the contents that fit first.
    pub fn scene(&self, dataset: &Dataset) -> Scene {
        let thing = |one: &Included| Thing {
            text: one.class.clone(),
            noun: one.class.clone(),
            name: one.contents.first().map(|content| captions::canonical(&dataset.contents[*content])),
            how: scene::How::Name,
            count: one.count,
            counting: Counting::Stated,
            colour: one.colour.map(|hue| scene::Colour { hue, shade: None }),
            accent: None,
            size: None,
            others: vec![],
        };
        let position = |(of, one): (usize, &Included)| one.position.map(|(kind, to)| Relation { kind, of, to });
        Scene {
            things: self.included.iter().map(thing).collect(),
            relations: self.included.iter().enumerate().filter_map(position).collect(),
            ..Scene::default()
        }
    }

    /// A line of GenEval's `metadata.jsonl`.
    pub fn metadata(&self) -> Value {
        let one = |one: &Included| {
            let mut line = json!({"class": one.class, "count": one.count});
            one.colour.into_iter().for_each(|colour| line["color"] = json!(colour.word()));
            one.position.into_iter().for_each(|(kind, other)| line["position"] = json!([said(kind), other]));
            line
        };
        let mut line = json!({"tag": self.skill.tag(), "include": self.included.iter().map(one).collect::<Vec<_>>(), "prompt": self.caption});
        if self.counts {
            let more = |one: &Included| json!({"class": one.class, "count": one.count + 1});
            line["exclude"] = json!(self.included.iter().map(more).collect::<Vec<_>>());
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use shared::Vocabulary;

    use super::*;

    #[test]
    fn prompts_are_in_genevals_words() {
        let classes: Vec<Class> = ["dog", "teddy bear", "apple"].map(|name| (name.to_owned(), vec![0])).to_vec();
        let vocabulary = Vocabulary::of_captions(["dog"]).unwrap();
        let all = prompts(&classes, 20, &vocabulary, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(all.len(), 120);
        let of = |skill: Skill| all.iter().filter(move |one| one.skill == skill);
        assert!(of(Skill::Single).all(|one| ["a photo of a dog", "a photo of a teddy bear", "a photo of an apple"].contains(&one.caption.as_str())));
        assert!(of(Skill::Counting).all(|one| one.counts && (2..=4).contains(&one.included[0].count)));
        for one in of(Skill::Position) {
            let Included { position: Some((kind, 0)), class, .. } = &one.included[1] else { panic!("{one:?}") };
            let first = &one.included[0].class;
            assert!(
                one.caption.contains(&format!("{class} {} a", said(*kind))) && one.caption.ends_with(first.as_str()),
                "{one:?}"
            );
        }
        for one in of(Skill::Binding) {
            let [first, second] = &one.included[..] else { panic!() };
            assert!(
                first.colour.is_some() && second.colour.is_some() && first.colour != second.colour && first.class != second.class
            );
        }
    }

    #[test]
    fn metadata_is_genevals() {
        let one = |class: &str, count, colour, position| Included {
            class: class.to_owned(),
            contents: vec![],
            count,
            colour,
            position,
        };
        let prompt = |skill, counts, included: Vec<Included>| {
            Prompt { skill, caption: format!("a photo of {}", words(&included)), counts, included }.metadata().to_string()
        };
        // From GenEval's own evaluation_metadata.jsonl.
        let expected: Value = serde_json::from_str(
            r#"{"tag": "counting", "include": [{"class": "bench", "count": 3}], "exclude": [{"class": "bench", "count": 4}], "prompt": "a photo of three benches"}"#,
        )
        .unwrap();
        assert_eq!(prompt(Skill::Counting, true, vec![one("bench", 3, None, None)]), expected.to_string());
        let expected: Value = serde_json::from_str(
            r#"{"tag": "position", "include": [{"class": "cow", "count": 1}, {"class": "dog", "count": 1, "position": ["right of", 0]}], "prompt": "a photo of a dog right of a cow"}"#,
        )
        .unwrap();
        let dog = one("dog", 1, None, Some((RelationKind::RightOf, 0)));
        assert_eq!(prompt(Skill::Position, false, vec![one("cow", 1, None, None), dog]), expected.to_string());
    }

    #[test]
    fn plurals_are_english() {
        for (one, many) in
            [("baby", "babies"), ("monkey", "monkeys"), ("fox", "foxes"), ("computer mouse", "computer mice"), ("toy", "toys")]
        {
            assert_eq!(plural(one), many);
        }
    }
}
