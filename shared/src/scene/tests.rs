use super::*;
use crate::text::names::Name;
use crate::text::word_vectors::WordVectors;

fn name(name: &str, keywords: &[&str], usual: &[&str]) -> Name {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Name { name: name.into(), keywords: own(keywords), usual: own(usual), ..Name::default() }
}

fn vocabulary() -> Vocabulary {
    let names = vec![
        Name { translations: vec!["猫".into(), "🐱".into()], ..name("cat", &["pet"], &[]) },
        name("black cat", &["cat"], &[]),
        name("hot beverage", &["coffee"], &[]),
        name("ping pong", &["table"], &[]),
        name("kitchen knife", &["kitchen"], &[]),
        name("ferry", &["boat"], &[]),
        name("smiling face", &[], &["man"]),
        name("socks", &["sock"], &[]),
        name("woman teacher", &[], &[]),
        name("teacher", &[], &["professor"]),
        Name { translations: vec!["自行车".into()], ..name("bicycle", &[], &[]) },
        name("person biking", &["骑自行车"], &["riding bicycle"]),
    ];
    // In degrees: a bridge is nearest to a ferry, and far from it; a boat is near.
    let angles = [("coffee", 0.0f32), ("hot", 60.0), ("beverage", 60.0), ("table", 0.0), ("ping", 100.0), ("pong", 100.0)];
    let more = [("kitchen", 10.0), ("knife", 20.0), ("ferry", 200.0), ("bridge", 255.0), ("boat", 210.0), ("ship", 215.0)];
    let all: Vec<(&str, f32)> = angles.into_iter().chain(more).collect();
    let rows: Vec<Vec<f32>> = all.iter().map(|(_, at)| vec![at.to_radians().cos(), at.to_radians().sin()]).collect();
    let vectors = WordVectors::new(all.iter().map(|(word, _)| (*word).to_owned()).collect(), &rows);
    let texts: Vec<&str> =
        names.iter().flat_map(|one| std::iter::once(&one.name).chain(&one.keywords)).map(String::as_str).collect();
    Vocabulary::of_captions(texts).unwrap().with_names(names, vectors).unwrap()
}

fn scene(caption: &str) -> Scene {
    read(caption, &vocabulary())
}

fn only(caption: &str) -> Thing {
    let things = scene(caption).things;
    assert_eq!(things.len(), 1, "{caption}: {things:?}");
    things.into_iter().next().unwrap()
}

#[test]
fn a_thing_says_how_its_name_was_found() {
    let how = |caption| (only(caption).name, only(caption).how);
    let read_as = |name: &str, how| (Some(name.to_owned()), how);
    assert_eq!(how("a black cat"), read_as("black cat", How::Name));
    assert_eq!(how("a professor"), read_as("teacher", How::Usual));
    assert_eq!(how("coffee"), read_as("hot beverage", How::Keyword));
    assert_eq!(how("a ship"), read_as("ferry", How::Likeness));
    for unknown in ["a table", "a kitchen", "a bridge", "a qwxz", "a man"] {
        assert_eq!(how(unknown), (None, How::Unknown), "{unknown}");
    }
    assert_eq!(only("a table").others[0], "ping pong", "what it was not taken for is offered");
}

#[test]
fn thresholds_can_be_moved() {
    let vocabulary = vocabulary();
    let name = |caption, trust| read_trusting(caption, &vocabulary, trust).things[0].name.clone();
    assert_eq!(name("a table", Trust { keyword: -1.0, ..Trust::default() }).as_deref(), Some("ping pong"));
    assert_eq!(name("a bridge", Trust { likeness: 0.5, ..Trust::default() }).as_deref(), Some("ferry"));
    assert_eq!(name("coffee", Trust { keyword: 0.6, ..Trust::default() }), None);
}

#[test]
fn another_name_can_be_chosen() {
    let mut thing = only("a table");
    assert!(!thing.choose("cat") && thing.how == How::Unknown);
    assert!(thing.choose("ping pong"));
    assert_eq!((thing.name.as_deref(), thing.how), (Some("ping pong"), How::Chosen));
    assert!(!thing.others.contains(&"ping pong".to_owned()));
    let mut thing = only("a professor");
    thing.others = vec!["cat".into(), "ferry".into()];
    assert!(thing.choose("ferry"));
    assert_eq!((thing.name.as_deref(), thing.others), (Some("ferry"), vec!["teacher".to_owned(), "cat".to_owned()]));
}

#[test]
fn counts_say_where_they_come_from() {
    let count = |caption| (only(caption).count, only(caption).counting);
    assert_eq!(count("cat"), (1, Counting::Stated));
    assert_eq!(count("cats"), (3, Counting::Chosen));
    assert_eq!(count("two dozen cats"), (12, Counting::Capped));
    assert_eq!(count("99999999999999999999999999 cats"), (12, Counting::Capped));
    assert_eq!(count("a pair of socks"), (1, Counting::Stated));
    assert_eq!(count("a pair of cats"), (2, Counting::Stated));
    assert_eq!(count("🐱🐱"), (2, Counting::Stated));
    assert_eq!(count("三只猫"), (3, Counting::Stated));
}

#[test]
fn nothing_of_a_caption_vanishes() {
    let read = scene("a cute cat dancing without a hat in the snow on yellow");
    assert_eq!(read.unread, ["cute", "dancing", "yellow"], "the second background is told");
    assert_eq!(read.left_out, ["a hat"]);
    assert_eq!(read.background, Some(Background::Place(Place::Snow)));
    assert_eq!(scene("一只可爱的猫").unread, ["可爱"]);
    assert!(scene(&"cat ".repeat(5000)).truncated && scene(&"🐱猫".repeat(50)).truncated && !scene("cat").truncated);
    assert_eq!(scene(""), Scene::default());
}

#[test]
fn scenes_are_plain_words_to_programs() {
    let json = serde_json::to_value(scene("two light blue and gold cats behind a table at night")).unwrap();
    let thing = serde_json::json!({ "text": "two light blue and gold cats", "noun": "cats", "name": "cat", "how": "name", "count": 2, "counting": "stated",
        "colour": "light blue", "accent": "gold", "size": null, "others": [] });
    assert_eq!(json["things"][0], thing);
    assert_eq!(json["relations"], serde_json::json!([{ "kind": "behind", "of": 0, "to": 1 }]));
    assert_eq!(json["background"], serde_json::json!({ "place": "night" }));
    assert!("light mauve".parse::<Colour>().is_err() && "bright red".parse::<Colour>().is_err());
}

/// A model of somebody's own pictures has words, and no names.
#[test]
fn without_names_the_words_that_are_known_are_the_name() {
    let vocabulary = Vocabulary::of_captions(["red apple", "cat"]).unwrap();
    let scene = read("two red apples, a big cat and a zebra on blue", &vocabulary);
    let names: Vec<_> = scene.things.iter().map(|thing| (thing.name.as_deref(), thing.count)).collect();
    assert_eq!(names, [(Some("red apple"), 2), (Some("cat"), 1), (None, 1)]);
    assert_eq!(scene.things[1].size, Some(Size::Big));
    assert!(scene.background.is_some());
}

#[test]
fn what_a_cat_does_is_no_name_of_people() {
    for caption in ["a cat riding a bicycle", "骑自行车的猫", "猫骑自行车"] {
        let Scene { things, relations, .. } = scene(caption);
        let names: Vec<_> = things.iter().map(|thing| thing.name.as_deref().unwrap_or("?")).collect();
        assert_eq!(names, ["cat", "bicycle"], "{caption}");
        assert_eq!(relations, [Relation { kind: RelationKind::Riding, of: 0, to: 1 }], "{caption}");
    }
    for caption in ["a person riding a bicycle", "riding a bicycle"] {
        assert_eq!(only(caption).name.as_deref(), Some("person biking"), "{caption}");
    }
}

#[test]
fn a_thing_says_what_its_noun_is_and_of_several_each_has_its_own() {
    let nouns = |caption: &str| scene(caption).things.into_iter().map(|thing| thing.noun).collect::<Vec<_>>();
    assert_eq!(nouns("two small blue cats beside a Table"), ["cats", "Table"]);
    assert_eq!(nouns("三只蓝色的猫"), ["猫"]);
    let counts = |caption: &str| scene(caption).things.into_iter().map(|thing| thing.count).collect::<Vec<_>>();
    assert_eq!(counts("five cats holding ferries"), [5, 5]);
    assert_eq!(counts("five cats holding two ferries"), [5, 2]);
}
