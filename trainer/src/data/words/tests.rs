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

fn table(vectors: &WordVectors, known: &[&str], is_target: impl Fn(&str) -> bool) -> Vec<String> {
    let table = vectors.synonyms(&vocabulary(known), is_target);
    table.into_iter().map(|(word, read_as)| format!("{word}: {}", read_as.join(" "))).collect()
}

#[test]
fn words_are_read_as_the_known_ones_that_are_most_like_them() {
    // Cosines to 0 degrees: 0.98 at 10, 0.94 at 20, 0.71 at 45, 0.5 at 60.
    let vectors = vectors(&[("hound", 0.0), ("dog", 10.0), ("wolf", -20.0), ("fox", 45.0), ("idea", 150.0), ("dogs", 11.0)]);
    assert_eq!(table(&vectors, &["dog", "wolf", "fox"], |_| true), ["hound: dog wolf"]);
    assert_eq!(table(&vectors, &["fox"], |_| true), ["hound: fox", "dog: fox", "dogs: fox"]);
    assert_eq!(table(&vectors, &["dog", "wolf"], |word| word != "dog"), ["hound: wolf"]);
    assert!(table(&vectors, &["idea"], |_| true).is_empty());
}

#[test]
fn vectors_survive_their_file_and_damage_does_not() {
    let good = vectors(&[("a", 10.0), ("b", 80.0)]);
    let bytes = good.to_bytes().unwrap();
    let again = WordVectors::from_bytes(&bytes).unwrap();
    assert_eq!((again.words, again.values, again.width), (good.words, good.values, 3));
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(WordVectors::from_bytes(&flipped).unwrap_err().contains("checksum"));
    assert!(WordVectors::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    let fewer = WordVectors { words: vec!["a".into()], values: vec![1; 6], width: 3 };
    assert!(WordVectors::from_bytes(&fewer.to_bytes().unwrap_or_default()).is_err());
}

/// Words by their numbers, the first of a caption counting most.
fn by_words(captions: &[Vec<u32>]) -> Vec<Vec<f32>> {
    let embedded = |caption: &Vec<u32>| {
        let mut row = vec![0.0; 4000];
        caption.iter().enumerate().for_each(|(place, number)| row[*number as usize] += 1.0 / (1.0 + place as f32));
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
        row.into_iter().map(|value| value / length).collect()
    };
    captions.iter().map(embedded).collect()
}

#[test]
fn whole_names_stand_in_for_their_words() {
    let known = vocabulary(&["couch and lamp", "table"]);
    let names = [vec!["couch".to_owned(), "and".to_owned(), "lamp".to_owned()], vec!["table".to_owned()]];
    let table = vec![("sofa".to_owned(), vec!["couch".to_owned()]), ("desk".to_owned(), vec!["table".to_owned()])];
    let read_as: Vec<String> = named_after(table, &names, &known, &by_words).into_iter().map(|(_, to)| to.join(" ")).collect();
    assert_eq!(read_as, ["couch and lamp", "table"]);
}

#[test]
fn a_model_of_the_emoji_understands_everyday_words_and_no_ideas() {
    let config = DataConfig::default();
    let vocabulary = crate::run::vocabulary(&crate::data::emoji::contents().unwrap()).unwrap();
    let vocabulary = understood(vocabulary, &config, &by_words).unwrap();
    for (word, wanted) in [("hound", "dog"), ("sofa", "couch"), ("ukulele", "guitar"), ("hounds", "dog"), ("limousine", "car")] {
        let reading = vocabulary.read(word, 16);
        assert_eq!(reading.understood[0].word, word);
        assert!(reading.understood[0].read_as.iter().any(|known| known == wanted), "{reading:?}");
    }
    for word in ["theorem", "jurisdiction", "empirical", "although", "qqqqq"] {
        assert_eq!(vocabulary.read(word, 16).unknown.len(), 1, "{word}");
    }
    assert!(vocabulary.read("dog", 16).understood.is_empty());
}

/// Somebody's own data say nothing about names; each of their words may stand in for others.
#[test]
fn a_model_of_other_data_understands_by_its_own_words() {
    let config = DataConfig { source: Some("pictures".into()), ..DataConfig::default() };
    let vocabulary = understood(vocabulary(&["warbler", "falcon"]), &config, &by_words).unwrap();
    assert_eq!(vocabulary.read("hawk", 16).words_used, ["falcon"]);
    assert!(vocabulary.read("sofa", 16).words_used.is_empty());
}

#[test]
fn everyday_captions_are_nobodys_name_and_fit_what_is_learnt() {
    let contents = crate::data::emoji::contents().unwrap();
    let known: BTreeSet<String> = contents.iter().flat_map(|content| content.captions.texts()).map(str::to_lowercase).collect();
    let learnt: BTreeSet<String> = emoji::names(&DataConfig::default()).unwrap().into_iter().collect();
    let everyday = everyday().unwrap();
    assert_eq!(everyday.iter().map(|one| &one.caption).collect::<BTreeSet<_>>().len(), 100);
    for Everyday { caption, fitting } in &everyday {
        assert!(!known.contains(&caption.to_lowercase()), "{caption}");
        assert!(!fitting.is_empty() && fitting.iter().all(|name| learnt.contains(name)), "{caption}: {fitting:?}");
    }
}
