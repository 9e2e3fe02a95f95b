//! How captions are read as scenes, by lists that were written before the reader was: `tests/data/README.md` says how.
//! `cargo test -p tests --test scenes -- --nocapture` prints what is read otherwise than it should be.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared::scene::{self, Counting, How, Scene, Thing};
use shared::{ModelFile, Vocabulary};

/// Least share of the captions that are read wholly right, and most of the nouns that are read wrongly.
const RIGHT: f64 = 0.92;
const WRONG: f64 = 0.06;

fn data(name: &str) -> String {
    std::fs::read_to_string(xtask::root().join("tests/data").join(name)).unwrap()
}

fn vocabulary() -> Vocabulary {
    ModelFile::parse(&std::fs::read(xtask::root().join("models/emblem.safetensors")).unwrap()).unwrap().vocabulary
}

/// A caption with its scene, as `captions.jsonl` has them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    caption: String,
    things: Vec<String>,
    #[serde(default)]
    relations: BTreeSet<String>,
    background: Option<String>,
    #[serde(default)]
    unread: BTreeSet<String>,
    #[serde(default)]
    left_out: Vec<String>,
}

/// A thing as `captions.jsonl` writes it, with all names that fit.
fn is_thing(expected: &str, thing: &Thing) -> bool {
    let end = expected.find(['*', '[', '(']).unwrap_or(expected.len());
    let (names, rest) = expected.split_at(end);
    let fits = names.split('|').any(|name| thing.name.as_deref().unwrap_or("?") == name);
    let count = match thing.counting {
        Counting::Stated if thing.count == 1 => String::new(),
        Counting::Stated => format!("*{}", thing.count),
        Counting::Chosen => format!("*~{}", thing.count),
        Counting::Capped => format!("*^{}", thing.count),
    };
    let accent = thing.accent.map_or(String::new(), |accent| format!("+{accent}"));
    let colour = thing.colour.map_or(String::new(), |colour| format!("[{colour}{accent}]"));
    let size = thing.size.map_or(String::new(), |size| format!("({})", size.word()));
    fits && rest == format!("{count}{colour}{size}")
}

fn is_right(expected: &Expected, scene: &Scene) -> bool {
    let relation = |one: &scene::Relation| format!("{} {} {}", one.kind.word(), one.of, one.to);
    let background = scene.background.map(|background| match background {
        scene::Background::Colour(colour) => colour.to_string(),
        scene::Background::Place(place) => format!("place:{}", place.word()),
    });
    expected.things.len() == scene.things.len()
        && expected.things.iter().zip(&scene.things).all(|(expected, thing)| is_thing(expected, thing))
        && expected.relations == scene.relations.iter().map(relation).collect()
        && expected.background == background
        && expected.unread == scene.unread.iter().cloned().collect()
        && expected.left_out == scene.left_out
}

#[test]
fn captions_are_read_as_their_scenes() {
    let vocabulary = vocabulary();
    let lines = data("captions.jsonl");
    let all: Vec<Expected> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(all.len(), 200);
    let mut right = 0;
    for (expected, line) in all.iter().zip(lines.lines()) {
        let scene = scene::read(&expected.caption, &vocabulary);
        match is_right(expected, &scene) {
            true => right += 1,
            false => println!("{line}\n    {}", serde_json::to_string(&scene).unwrap()),
        }
    }
    println!("{right} of {} captions are read wholly right", all.len());
    assert!(right as f64 >= RIGHT * all.len() as f64, "{right} of {} captions are read wholly right", all.len());
}

#[test]
fn nouns_are_read_rightly_or_said_to_be_unknown() {
    let vocabulary = vocabulary();
    let learnt: BTreeSet<&str> = vocabulary.names().unwrap().names().iter().map(|name| name.name.as_str()).collect();
    let lines = data("nouns.tsv");
    let (mut right, mut wrong, mut missed, mut told) = (0, 0, 0, 0);
    for (noun, fitting) in lines.lines().skip(1).map(|line| line.split_once('\t').unwrap()) {
        let fitting: Vec<&str> = fitting.split('|').filter(|name| learnt.contains(name)).collect();
        let scene = scene::read(&format!("a {noun}"), &vocabulary);
        let [thing] = scene.things.as_slice() else { panic!("{noun} is no one thing: {scene:?}") };
        match (&thing.name, fitting.is_empty()) {
            (Some(name), _) if fitting.contains(&name.as_str()) => right += 1,
            (Some(name), _) => {
                wrong += 1;
                println!("wrong: {noun} as {name} ({:?}); fitting: {fitting:?}", thing.how);
            }
            (None, true) => told += 1,
            (None, false) => {
                missed += 1;
                println!("missed: {noun}, {:?}; fitting: {fitting:?}", thing.others);
            }
        }
        assert!(thing.name.is_some() || thing.how == How::Unknown);
    }
    let all = right + wrong + missed + told;
    println!("{all} nouns: {right} right, {wrong} wrong, {told} said to be unknown that are, {missed} that are not");
    assert_eq!(all, 300);
    assert!(f64::from(wrong) <= WRONG * 300.0, "{wrong} of 300 nouns are read as something else");
}
