use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::data::{ContentSplit, emoji};

fn contents() -> Vec<Content> {
    emoji::contents().unwrap()
}

fn content(name: &str) -> Content {
    contents().into_iter().find(|content| canonical(content) == name).unwrap()
}

fn written(captions: &[&str]) -> Content {
    let captions = Captions::Written(captions.iter().map(|caption| (*caption).to_owned()).collect());
    Content { key: "bird.jpg".to_owned(), captions, class: 0, split: ContentSplit::Train }
}

fn captions(content: &Content, count: usize) -> Vec<String> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    (0..count).map(|_| sample(content, &mut random)).collect()
}

#[test]
fn the_three_kinds_come_in_their_shares() {
    let count = 4000;
    let captions = captions(&content("red apple"), count);
    let share = |is: &dyn Fn(&str) -> bool| captions.iter().filter(|caption| is(caption)).count() as f64 / count as f64;
    let name = share(&|caption| caption == "red apple" || caption == "a red apple");
    let with_tags = share(&|caption| caption.contains("red apple, "));
    let tag = share(&|caption| caption.ends_with(", food fruit"));
    for (found, wanted) in [(name, NAME), (with_tags, NAME_AND_TAGS), (tag, 1.0 - NAME - NAME_AND_TAGS)] {
        assert!((found - wanted).abs() < 0.03, "{found} instead of {wanted}");
    }
    assert!((share(&|caption| caption == "a red apple") / name - ARTICLE).abs() < 0.03);
}

#[test]
fn a_name_gets_one_or_two_tags_that_are_its_own() {
    let apple = content("red apple");
    let mut most = 0;
    for caption in captions(&apple, 500).iter().filter(|caption| caption.contains("red apple, ")) {
        let tags: Vec<&str> = caption.split(", ").skip(1).collect();
        assert!(tags.iter().all(|tag| apple.captions.texts().contains(tag)), "{caption}");
        assert!(tags.len() == 1 || tags[0] != tags[1], "{caption}");
        most = most.max(tags.len());
    }
    assert_eq!(most, 2);
}

#[test]
fn articles_follow_the_sound_and_spare_what_is_not_one_thing() {
    for (label, wanted) in [
        ("red apple", Some("a")),
        ("octopus", Some("an")),
        ("unicorn", Some("a")),
        ("umbrella", Some("an")),
        ("ewe", Some("a")),
        ("one-piece swimsuit", Some("a")),
        ("x-ray", Some("an")),
        ("bowl with spoon", Some("a")),
        ("glass of milk", Some("a")),
        ("woman’s hat", Some("a")),
        ("bus", Some("a")),
        ("dress", Some("a")),
        ("scissors", None),
        ("cherries", None),
        ("money with wings", None),
        ("broccoli", None),
        ("Statue of Liberty", None),
        ("one o’clock", None),
        ("two-thirty", None),
        ("1st place medal", None),
        ("family: man, boy", None),
    ] {
        assert_eq!(article(label), wanted, "{label}");
    }
}

#[test]
fn captions_are_lower_case_and_never_name_a_style() {
    let mut styles = emoji::set_names(&crate::data::DataConfig::default()).unwrap();
    styles.extend(["monochrome", "line art", "black and white", "high contrast", "google", "microsoft"].map(str::to_owned));
    for content in contents() {
        for caption in captions(&content, 20).into_iter().chain([canonical(&content)]) {
            assert_eq!(caption, caption.to_lowercase());
            assert!(!styles.iter().any(|style| caption.contains(style)), "{caption}");
            assert!(!caption.trim().is_empty());
        }
    }
}

#[test]
fn the_same_random_numbers_give_the_same_captions() {
    let apple = content("red apple");
    assert_eq!(captions(&apple, 20), captions(&apple, 20));
    assert_ne!(captions(&apple, 20)[..10], captions(&apple, 20)[10..]);
}

#[test]
fn written_captions_are_drawn_evenly_whatever_the_share_of_plain_names() {
    let bird = written(&["A red bird", "a bird on a twig", "it sings"]);
    assert_eq!(canonical(&bird), "a red bird");
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let drawn: Vec<String> = (0..3000).map(|_| for_training(&bird, 0.9, &mut random)).collect();
    for caption in bird.captions.texts() {
        let share = drawn.iter().filter(|drawn| **drawn == caption.to_lowercase()).count() as f64 / 3000.0;
        assert!((share - 1.0 / 3.0).abs() < 0.03, "{caption}: {share}");
    }
}

#[test]
fn plain_names_come_in_the_share_asked_for() {
    let apple = content("red apple");
    let mut random = ChaCha8Rng::seed_from_u64(1);
    assert!((0..50).all(|_| for_training(&apple, 1.0, &mut random) == "red apple"));
}
