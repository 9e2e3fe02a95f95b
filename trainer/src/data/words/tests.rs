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
    let vocabulary = crate::data::captions::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
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

fn of_the_emoji() -> Vocabulary {
    let vocabulary = crate::data::captions::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
    understood(vocabulary, &DataConfig::default()).unwrap()
}

/// Captions that are read as something else than the name, each with both.
fn misread<'a>(vocabulary: &Vocabulary, captions: impl IntoIterator<Item = (String, &'a str)>) -> Vec<String> {
    let read = |text: &str| vocabulary.read(text, 16).words_used.join(" ");
    let wrong = captions.into_iter().filter(|(caption, name)| read(caption) != read(name));
    wrong.map(|(caption, name)| format!("{caption}: {}, not {name}", read(&caption))).collect()
}

#[test]
fn people_and_signs_are_read_as_people_say_them() {
    let vocabulary = of_the_emoji();
    let captions = [
        ("a woman teacher", "woman teacher"),
        ("a teacher", "teacher"),
        ("a female scientist in a laboratory", "woman scientist"),
        ("a police officer", "police officer"),
        ("a policewoman", "woman police officer"),
        ("a running man", "man running"),
        ("a man running on the beach", "man running"),
        ("a girl running", "woman running"),
        ("a runner", "person running"),
        ("running", "person running"),
        ("thumbs up", "thumbs up"),
        ("a girl", "girl"),
        ("an eye", "eye"),
        ("a woman with red hair", "woman: red hair"),
        ("a man with a beard", "man: beard"),
        ("a bearded man", "man: beard"),
        ("a bald woman", "woman: bald"),
        ("an astronaut", "astronaut"),
        ("a male chef", "man cook"),
        ("a woman doing yoga", "woman in lotus position"),
        ("a man riding a bike", "man biking"),
        ("two ladies holding hands", "women holding hands"),
        ("an old lady with a dog", "old woman"),
        ("a tall man", "man"),
        ("a man on a horse", "horse"),
        ("a boy with a kite", "kite"),
        ("a lady", "woman"),
        ("a king", "prince"),
        ("man and woman", "woman and man holding hands"),
        ("a male ninja", "ninja"),
        ("clapping", "clapping hands"),
        ("a check mark", "check mark"),
        ("a question mark", "red question mark"),
        ("a warning sign", "warning"),
        ("an arrow pointing up", "up arrow"),
        ("arrow left", "left arrow"),
        ("a bed", "bed"),
        ("女老师", "woman teacher"),
        ("一个女孩", "girl"),
        ("👩‍🏫", "woman teacher"),
    ];
    let wrong = misread(&vocabulary, captions.map(|(caption, name)| (caption.to_owned(), name)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every person that is drawn as a man and a woman, too, and not the few that somebody thought of.
#[test]
fn each_variant_of_a_person_is_found_in_any_order_and_the_bare_word_is_the_person() {
    let vocabulary = of_the_emoji();
    let names = emoji::names(&DataConfig::default()).unwrap();
    let known: BTreeSet<&str> = names.iter().map(|name| name.name.as_str()).collect();
    let (mut captions, mut families) = (vec![], 0);
    for name in &known {
        let variant = [("man ", "male"), ("woman ", "female")].into_iter().find_map(|(who, adjective)| {
            let rest = name.strip_prefix(who)?;
            let person =
                [rest.to_owned(), format!("person {rest}")].into_iter().find(|person| known.contains(person.as_str()))?;
            Some((who, adjective, rest, person))
        });
        let Some((who, adjective, rest, person)) = variant else { continue };
        families += 1;
        captions.extend(
            [format!("{rest} {who}"), format!("a {adjective} {rest}"), format!("{who} {rest}")].map(|text| (text, *name)),
        );
        // A motorized wheelchair is a thing of its own, and so is a white cane.
        let is_thing = rest.split_once(' ').is_some_and(|(_, thing)| known.contains(thing));
        if let Some(person) = known.get(person.as_str()).filter(|_| !is_thing) {
            captions.extend([(rest.to_owned(), *person), (format!("somebody {rest}"), *person)]);
        }
    }
    assert!(families > 100, "{families}");
    let wrong = misread(&vocabulary, captions);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A model file names what it learnt, and by that the data that it is measured on.
#[test]
fn the_groups_that_a_model_learnt_are_told_by_its_names() {
    let words = crate::data::captions::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
    let some = ["food-drink", "people-body"].map(str::to_owned).to_vec();
    for groups in [some, DataConfig::default().groups] {
        let data = DataConfig { groups, ..DataConfig::default() };
        assert_eq!(emoji::learnt_by(&understood(words.clone(), &data).unwrap()).unwrap().groups, {
            let all = DataConfig::default().groups;
            all.into_iter().filter(|group| data.groups.contains(group)).collect::<Vec<_>>()
        });
    }
    assert_eq!(emoji::learnt_by(&words).unwrap(), DataConfig::default(), "of one that names nothing");
}

/// What people usually mean is told of what is learnt, and must not answer the list that readings are measured with.
#[test]
fn usual_words_are_of_learnt_things_and_no_names_nor_everyday_captions() {
    let names = emoji::names(&DataConfig::default()).unwrap();
    let vocabulary = crate::data::captions::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
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
