use super::*;
use crate::Vocabulary;

fn name(name: &str, keywords: &[&str]) -> Name {
    Name { name: name.into(), keywords: keywords.iter().map(|keyword| (*keyword).to_owned()).collect(), ..Name::default() }
}

fn names() -> Vec<Name> {
    vec![
        Name { translations: vec!["狗脸".into(), "🐶".into()], ..name("dog face", &["pet", "dog", "狗"]) },
        name("wolf", &["face", "!"]),
        Name {
            translations: vec!["热饮".into(), "狗脸".into()], ..name("hot beverage", &["coffee", "pet", "狗", "热饮料"])
        },
        Name { usual: vec!["plaything".into(), "beverage".into()], ..name("yoyo", &["toy", "hot"]) },
    ]
}

/// Directions in a plane, in degrees; "yoyo" has none.
fn vectors() -> WordVectors {
    let angles = [("dog", 0.0), ("face", 20.0), ("hound", 12.0), ("wolf", -15.0), ("hot", 90.0), ("beverage", 100.0)];
    let more = [("drink", 97.0), ("coffee", 140.0), ("pet", 5.0), ("idea", 200.0)];
    let all = angles.into_iter().chain(more);
    let row = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
    WordVectors::new(all.clone().map(|(word, _)| word.to_owned()).collect(), &all.map(|(_, at)| row(at)).collect::<Vec<_>>())
}

fn vocabulary() -> Vocabulary {
    let texts = names().into_iter().flat_map(|name| std::iter::once(name.name).chain(name.keywords)).collect::<Vec<_>>();
    let texts = texts.into_iter().filter(|text| text.is_ascii()).collect::<Vec<_>>();
    let vocabulary = Vocabulary::of_captions(texts.iter().map(String::as_str)).unwrap();
    vocabulary.with_names(names(), vectors()).unwrap()
}

/// What a caption is read as, what it was taken for and what it might be besides.
fn read(caption: &str) -> (String, Option<String>, Vec<String>) {
    let reading = vocabulary().read(caption, 16);
    let understood = reading.understood.first().cloned();
    assert_eq!(reading.numbers.len(), reading.words_used.len());
    (reading.words_used.join(" "), understood.as_ref().map(|one| one.word.clone()), understood.map_or(vec![], |one| one.others))
}

#[test]
fn a_name_is_read_as_it_stands() {
    for caption in ["a dog face", "Dog faces", "DOG FACE!"] {
        assert_eq!(read(caption), ("dog face".into(), None, vec![]));
    }
}

#[test]
fn a_keyword_is_read_as_the_likest_of_its_names() {
    assert_eq!(read("coffee"), ("hot beverage".into(), Some("coffee".into()), vec![]));
    let (used, word, others) = read("pet");
    assert_eq!((used.as_str(), word.as_deref()), ("dog face", Some("pet")));
    // The other one that has the keyword, then the one that is like it.
    assert_eq!(others, ["hot beverage", "wolf"]);
    // Of no direction, but a keyword all the same.
    assert_eq!(read("toy").0, "yoyo");
}

#[test]
fn what_is_usually_meant_comes_before_what_is_likest() {
    // Nearest to the beverage by its direction; told like a keyword, with what else it may be.
    assert_eq!(read("beverage"), ("yoyo".into(), Some("beverage".into()), vec!["hot beverage".into()]));
    assert_eq!(read("a white beverage").0, "yoyo");
    assert_eq!(read("beverages near a dog").0, "yoyo");
    // A name is itself, and what is said of a thing decides.
    assert_eq!(read("hot beverage"), ("hot beverage".into(), None, vec![]));
    assert_eq!(read("plaything").0, "yoyo", "though no name has the word");
}

#[test]
fn other_languages_are_read_by_name_by_keyword_and_without_spaces() {
    assert_eq!(read("热饮"), ("hot beverage".into(), None, vec![]));
    assert_eq!(read("🐶"), ("dog face".into(), None, vec![]));
    assert_eq!(read("my🐶🚀").0, "dog face");
    // The first that is called so.
    assert_eq!(read("狗脸").0, "dog face");
    assert_eq!(read("狗"), ("dog face".into(), Some("狗".into()), vec!["hot beverage".into()]));
    let (used, word, _) = read("一杯热饮料。");
    assert_eq!((used.as_str(), word.as_deref()), ("hot beverage", Some("一杯热饮料")));
    assert!(vocabulary().read("一杯热饮料", 16).unknown.is_empty());
    assert_eq!(vocabulary().read("龙", 16).unknown[0].word, "龙");
}

#[test]
fn of_the_parts_of_a_caption_a_name_counts_before_a_keyword() {
    let names = vec![
        Name { translations: vec!["猫".into()], ..name("cat", &[]) },
        Name { translations: vec!["狗脸".into()], ..name("dog face", &[]) },
        Name { translations: vec!["笔".into()], ..name("pen", &[]) },
        name("notebook", &["笔记本"]),
        name("heart", &["可爱", "红色的"]),
    ];
    let vocabulary = Vocabulary::of_captions(names.iter().map(|one| one.name.as_str())).unwrap();
    let vocabulary = vocabulary.with_names(names, vectors()).unwrap();
    let read = |caption| vocabulary.read(caption, 16).words_used.join(" ");
    assert_eq!(read("一只可爱的猫"), "cat");
    // The longer name, though it is not the last; and of two as long the last.
    assert_eq!(read("狗脸和猫"), "dog face");
    assert_eq!(read("猫和笔"), "pen");
    assert_eq!(read("笔和猫"), "cat");
    // Without a name the longest keyword; and a name inside of a keyword is no word of the caption.
    assert_eq!(read("红色的可爱"), "heart");
    assert_eq!(read("我的笔记本在"), "notebook");
}

#[test]
fn other_words_are_read_as_what_they_mean() {
    assert_eq!(read("hound"), ("dog face".into(), Some("hound".into()), vec!["wolf".into()]));
    assert_eq!(read("the hot drinks").0, "hot beverage");
    // As far as they mean anything.
    let reading = vocabulary().read("hound qqqqq", 16);
    assert_eq!((reading.words_used.join(" "), reading.understood[0].word.as_str()), ("dog face".into(), "hound"));
    assert_eq!(reading.unknown[0].word, "qqqqq");
}

#[test]
fn a_caption_is_read_as_the_thing_that_it_speaks_of() {
    // As the keyword's likest, though the whole is like a name that the thing is not.
    assert_eq!(read("a hot drink pet"), ("hot beverage".into(), Some("hot drink pet".into()), vec!["dog face".into()]));
    assert_eq!(read("a wolf with a dog face").0, "wolf");
    assert_eq!(
        read("my cup of coffee beside the wolf"),
        ("hot beverage".into(), Some("my cup of coffee beside wolf".into()), vec!["dog face".into()])
    );
    assert_eq!(read("a white wolf, sleeping").0, "wolf");
    // Nor is the person that stands beside it.
    assert_eq!(read("a man with a hound").0, "dog face");
    assert!(vocabulary().read("my hound", 16).unknown.is_empty(), "what is passed over is not unknown");
}

#[test]
fn what_means_nothing_learnt_is_left_as_it_is() {
    for caption in ["idea", "qqqqq"] {
        let reading = vocabulary().read(caption, 16);
        assert!(reading.numbers.is_empty() && reading.understood.is_empty());
        assert_eq!(reading.unknown.len(), 1);
    }
    // A keyword without a letter must not be what an empty caption means.
    assert_eq!(vocabulary().read(" !", 16), crate::Reading::default());
    assert!(vocabulary().read(&"hound ".repeat(5000), 16).truncated);
}

#[test]
fn a_name_in_another_order_is_that_name() {
    assert_eq!(read("face of a dog"), ("dog face".into(), Some("face of dog".into()), vec!["wolf".into()]));
    // Of two that differ in their order alone neither is meant more than the other.
    let texts = ["left arrow curving right", "right arrow curving left", "bed", "person in bed"];
    let vocabulary = Vocabulary::of_captions(texts).unwrap();
    let vocabulary = vocabulary.with_names(texts.map(|text| name(text, &[])).to_vec(), vectors()).unwrap();
    let read = |caption| vocabulary.read(caption, 16).understood.first().map(|one| one.read_as.join(" "));
    assert_eq!(read("arrow curving left and right"), None);
    assert_eq!(read("in bed").as_deref(), Some("bed"));
    assert_eq!(read("somebody in bed").as_deref(), Some("bed"));
}

#[test]
fn people_are_found_as_the_caption_has_them() {
    let texts = ["teacher", "man teacher", "woman teacher", "person running", "woman running", "man: red hair"];
    let mut names = texts.map(|text| name(text, &["work"])).to_vec();
    names[0].usual = vec!["professor".into()];
    let vocabulary = Vocabulary::of_captions(texts).unwrap().with_names(names, vectors()).unwrap();
    let read = |caption| vocabulary.read(caption, 16).words_used.join(" ");
    for (caption, wanted) in [
        ("a teacher", "teacher"),
        ("a male teacher", "man teacher"),
        ("a female professor", "woman teacher"),
        ("a professor", "teacher"),
        ("a running woman", "woman running"),
        ("running", "person running"),
        ("a running man", "person running"),
        ("the man with the red hair", "man red hair"),
        ("work", "teacher"),
        ("a woman at work", "woman teacher"),
    ] {
        assert_eq!(read(caption), wanted, "{caption}");
    }
}

#[test]
fn bad_names_are_refused() {
    let new = |names: Vec<Name>| vocabulary().with_names(names, vectors()).unwrap_err();
    assert_eq!(new(vec![]), NamesError::Empty);
    assert_eq!(new(vec![name("a zebra", &[])]), NamesError::Strange("a zebra".into()));
    assert_eq!(new(vec![name("the", &[])]), NamesError::Strange("the".into()));
    assert_eq!(new(vec![name("wolf", &[]), name("wolves, a wolf", &[])]), NamesError::Strange("wolves, a wolf".into()));
    assert_eq!(new(vec![name("wolf", &[]), name("a Wolf", &[])]), NamesError::Twice("a Wolf".into()));
}
