use std::collections::BTreeSet;

use super::*;

fn vocabulary(words: &[&str]) -> Vocabulary {
    Vocabulary::of_captions(words.iter().copied()).unwrap()
}

/// Directions in a plane, in degrees.
fn vectors(words: &[(&str, f32)]) -> WordVectors {
    let rows: Vec<Vec<f32>> =
        words.iter().map(|(_, angle)| vec![angle.to_radians().cos(), angle.to_radians().sin(), 0.0]).collect();
    WordVectors::new(words.iter().map(|(word, _)| (*word).to_owned()).collect(), &rows)
}

fn table(vectors: &WordVectors, known: &[&str]) -> Vec<String> {
    let table = synonyms(vectors, &vocabulary(known));
    table.into_iter().map(|(word, read_as)| format!("{word}: {}", read_as.join(" "))).collect()
}

#[test]
fn words_are_read_as_the_known_ones_that_are_most_like_them() {
    // Cosines to 0 degrees: 0.98 at 10, 0.94 at 20, 0.71 at 45, 0.5 at 60.
    let vectors = vectors(&[("hound", 0.0), ("dog", 10.0), ("wolf", -20.0), ("fox", 45.0), ("idea", 150.0), ("dogs", 11.0)]);
    assert_eq!(table(&vectors, &["dog", "wolf", "fox"]), ["hound: dog wolf"]);
    assert_eq!(table(&vectors, &["fox"]), ["hound: fox", "dog: fox", "dogs: fox"]);
    assert!(table(&vectors, &["idea"]).is_empty());
}

#[test]
fn words_are_taken_along_that_are_like_a_name() {
    // Cosines to 5 degrees: 0.57 at -50, 0.26 at 80.
    let vectors = vectors(&[("hound", 0.0), ("dog", 10.0), ("cub", -50.0), ("sun", 80.0), ("idea", 150.0)]);
    let taken = worth_taking(&vectors, ["a hound and a dog", "zebra"].into_iter(), &vocabulary(&["hound and dog", "zebra"]));
    assert_eq!(taken.words(), ["hound", "dog", "cub"]);
}

#[test]
fn the_file_survives_and_damage_does_not() {
    let good = vectors(&[("a", 10.0), ("b", 80.0)]);
    let bytes = to_bytes(&good).unwrap();
    assert_eq!(of_bytes(&bytes).unwrap(), good);
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(of_bytes(&flipped).unwrap_err().contains("checksum"));
    assert!(of_bytes(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn a_model_of_the_emoji_understands_everyday_words_and_no_ideas() {
    let vocabulary = crate::run::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
    let vocabulary = understood(vocabulary, &DataConfig::default()).unwrap();
    let read_as = [("hound", "dog"), ("ukulele", "guitar"), ("hounds", "dog"), ("canoe trip", "canoe")];
    for (caption, wanted) in read_as {
        let reading = vocabulary.read(caption, 16);
        assert_eq!((reading.words_used.join(" ").as_str(), reading.understood[0].word.as_str()), (wanted, caption));
        assert!(!reading.understood[0].others.is_empty() && reading.unknown.is_empty(), "{reading:?}");
    }
    let things = [
        ("a bowl of salad", "green salad"),
        ("a red car", "automobile"),
        ("an old castle on a hill", "castle"),
        ("a cup of coffee", "hot beverage"),
        ("a fire truck", "fire engine"),
        ("a dragon breathing fire", "dragon"),
        ("a man on a horse", "horse"),
        ("heart", "red heart"),
        ("a pink flower", "cherry blossom"),
        ("a birthday present", "wrapped gift"),
    ];
    for (caption, wanted) in things {
        assert_eq!(vocabulary.read(caption, 16).words_used.join(" "), wanted, "{caption}");
    }
    for word in ["theorem", "empirical", "although", "qqqqq"] {
        assert_eq!(vocabulary.read(word, 16).unknown.len(), 1, "{word}");
    }
    for (caption, wanted) in
        [("猫", "cat"), ("咖啡", "hot beverage"), ("一只红苹果", "red apple"), ("火箭", "rocket"), ("🚀", "rocket")]
    {
        assert_eq!(vocabulary.read(caption, 16).words_used.join(" "), wanted);
    }
    // A name that was learnt is itself; one that was held out is not known to be anything.
    assert!(vocabulary.read("a dog", 16).understood.is_empty());
    assert_eq!(vocabulary.read("coffee", 16).words_used, ["hot", "beverage"]);
}

/// What people usually mean is told of what is learnt, and must not answer the list that readings are measured with.
#[test]
fn usual_words_are_of_learnt_things_and_no_names_nor_everyday_captions() {
    let names = emoji::names(&DataConfig::default()).unwrap();
    let vocabulary = crate::run::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
    let vocabulary = understood(vocabulary, &DataConfig::default()).unwrap();
    let bare = |text: &str| text.trim_start_matches("a ").trim_start_matches("an ").to_owned();
    let taken: BTreeSet<String> = everyday().unwrap().iter().map(|one| bare(&one.caption)).collect();
    for (name, usual) in names.iter().flat_map(|name| name.usual.iter().map(move |usual| (name, usual))) {
        assert!(!taken.contains(&bare(usual)), "{usual} is an everyday caption");
        let reading = vocabulary.read(usual, 16);
        assert_eq!(reading.words_used, vocabulary.read(&name.name, 16).words_used, "{usual}");
        assert!(reading.unknown.is_empty() && reading.understood[0].word == *usual, "{usual}: {reading:?}");
    }
    let told: usize = names.iter().filter(|name| !name.usual.is_empty()).count();
    assert_eq!(told, include_str!("../../../../data/emoji/usual.tsv").lines().count() - 1, "each label is a learnt thing's");
}

/// Somebody's own data say nothing about names; each of their words may stand in for others.
#[test]
fn a_model_of_other_data_understands_by_its_own_words() {
    let config = DataConfig { source: Some("pictures".into()), ..DataConfig::default() };
    let vocabulary = understood(vocabulary(&["warbler", "falcon"]), &config).unwrap();
    assert_eq!(vocabulary.read("hawk", 16).words_used, ["falcon"]);
    assert!(vocabulary.read("sofa", 16).words_used.is_empty());
}

#[test]
fn everyday_captions_are_nobodys_name_and_fit_what_is_learnt() {
    let contents = crate::data::emoji::contents().unwrap();
    let known: BTreeSet<String> = contents.iter().flat_map(|content| content.captions.texts()).map(str::to_lowercase).collect();
    let learnt: BTreeSet<String> = emoji::names(&DataConfig::default()).unwrap().into_iter().map(|name| name.name).collect();
    let everyday = everyday().unwrap();
    assert_eq!(everyday.iter().map(|one| &one.caption).collect::<BTreeSet<_>>().len(), 100);
    for Everyday { caption, fitting } in &everyday {
        assert!(!known.contains(&caption.to_lowercase()), "{caption}");
        assert!(!fitting.is_empty() && fitting.iter().all(|name| learnt.contains(name)), "{caption}: {fitting:?}");
    }
}
