use std::collections::HashSet;

use super::super::sources::SETS;
use super::*;
use crate::data::emoji::archive::Files;
use crate::data::emoji::tables;

fn emoji(labels: &[&str]) -> Vec<Emoji> {
    labels
        .iter()
        .enumerate()
        .map(|(number, label)| Emoji {
            key: format!("{number:04}"),
            emoji: String::new(),
            label: (*label).to_owned(),
            group: if number % 2 == 0 { "even".to_owned() } else { "odd".to_owned() },
            subgroup: if label.contains("clock") || label.contains("thirty") { "time".to_owned() } else { String::new() },
            tags: Vec::new(),
            names: HashMap::new(),
        })
        .collect()
}

/// Every set has a picture of every emoji, no two alike.
fn all_drawn(emoji: &[Emoji]) -> Vec<Thumbnails> {
    let picture = |number: usize| vec![(number % 16) as u8 * 16, (number / 16 % 16) as u8 * 16, (number / 256) as u8 * 16];
    let files: Files = emoji.iter().enumerate().map(|(number, emoji)| (emoji.key.clone(), picture(number))).collect();
    SETS.iter().map(|set| (set, files.clone())).collect()
}

#[test]
fn variants_share_a_cluster() {
    let labels = [
        "man running",
        "woman running: facing right",
        "person running",
        "family: man, boy",
        "family: woman, girl",
        "one o’clock",
        "nine-thirty",
        "alarm clock",
        "right arrow",
        "arrow",
    ];
    let emoji = emoji(&labels);
    assert_eq!(clusters(&emoji, &all_drawn(&emoji)), [0, 0, 0, 1, 1, 2, 2, 3, 4, 5]);
}

#[test]
fn drawings_that_one_set_reuses_share_a_cluster() {
    let emoji = emoji(&["moon", "sun", "star", "planet"]);
    let mut thumbnails = all_drawn(&emoji);
    let reused = thumbnails[0].1["0000"].clone();
    thumbnails[0].1.insert("0002".to_owned(), reused.clone());
    assert_eq!(clusters(&emoji, &thumbnails), [0, 1, 0, 2]);
    let almost = reused.iter().map(|value| value + 3).collect();
    thumbnails[0].1.insert("0002".to_owned(), almost);
    assert_eq!(clusters(&emoji, &thumbnails), [0, 1, 2, 3]);
}

#[test]
fn each_group_gives_its_share_and_great_clusters_stay_in_training() {
    let mut labels: Vec<String> = (0..400).map(|number| format!("thing {number}")).collect();
    labels.extend((0..=MAX_UNSEEN).map(|number| format!("family: {number}")));
    let emoji = emoji(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let contents = contents(emoji, &[]);
    for group in ["even", "odd"] {
        let count = |split| contents[..400].iter().filter(|content| content.group == group && content.split == split).count();
        assert_eq!((count(ContentSplit::Test), count(ContentSplit::Validation)), (14, 10), "{group}");
    }
    assert!(contents[400..].iter().all(|content| content.split == ContentSplit::Train));
}

#[test]
fn what_is_released_is_trained_on_and_gives_no_combination() {
    let pack = crate::data::emoji::embedded::Pack::embedded();
    let contents = tables::read_contents(pack.contents).unwrap();
    let held_out = tables::read_held_out(pack.held_out).unwrap();
    for label in RELEASED.split(", ") {
        let content = contents.iter().find(|content| content.label == label).unwrap_or_else(|| panic!("no {label}"));
        assert_eq!(content.split, ContentSplit::Train, "{label}");
        assert!(held_out.iter().all(|(key, _)| *key != content.key), "{label}");
    }
}

#[test]
fn linked_drawings_are_held_out_together_and_enough_stay() {
    let labels: Vec<String> = (0..300).map(|number| format!("thing {number}")).collect();
    let emoji = emoji(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    let mut thumbnails = all_drawn(&emoji);
    // The first contents are drawn by too few sets to give any away.
    thumbnails[MIN_STYLES - 1..].iter_mut().for_each(|(_, files)| files.retain(|key, _| key.as_str() >= "0100"));
    let contents = contents(emoji, &thumbnails);
    let held_out = held_out(&contents, &thumbnails);
    for (key, name) in &held_out {
        assert!(key.as_str() >= "0100");
        let set = SETS.iter().find(|set| set.name == name).unwrap();
        if let Some(linked) = set.linked {
            assert!(held_out.contains(&(key.clone(), linked.to_owned())), "{key} in {name} without {linked}");
        }
    }
    let given: HashSet<&str> = held_out.iter().map(|(key, _)| key.as_str()).collect();
    assert!(
        given.iter().all(|given| held_out.iter().filter(|(key, _)| key == given).count() <= SETS.len() - MIN_TRAINING_STYLES)
    );
    assert!(contents.iter().all(|content| content.split == ContentSplit::Train || !given.contains(content.key.as_str())));
    // 9 sets at 10 %, four of them doubled by their links: about 1.3 a content.
    let mean =
        held_out.len() as f64 / contents[100..].iter().filter(|content| content.split == ContentSplit::Train).count() as f64;
    assert!((1.0..1.6).contains(&mean), "{mean}");
}
