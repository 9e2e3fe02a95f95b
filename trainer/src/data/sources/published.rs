//! The parts that a data set's authors published, which every figure about it is on.
//!
//! They are in the names of folders, of tar files and of COCO's files of captions, or in a column of the metadata: see [`part_of`].
//! For birds and flowers there are lists of the classes to learn from and to be measured on.
//! The captions of CUB-200-2011 and Oxford-102 (Reed et al. 2016) come with them, and every figure in the literature is on those classes.
//! CUB's own `train_test_split.txt` and Oxford's `setid.mat` divide pictures of the same classes, for another task, and are not read.

use std::collections::BTreeMap;

use super::account::Found;
use super::names::{split, stem};
use super::root::Inventory;
use super::{Fault, Record, text};
use crate::data::Split;

/// The lists, the weakest claim first: a class that several name belongs to the last.
const LISTS: [(&str, Split); 4] = [
    ("trainvalclasses.txt", Split::Train),
    ("trainclasses.txt", Split::Train),
    ("valclasses.txt", Split::Validation),
    ("testclasses.txt", Split::Test),
];

/// Folders that they lie in, beside the folder of captions.
const PLACES: [&str; 6] = ["", "CUB_200_2011", "cvpr2016_cub", "birds", "cvpr2016_flowers", "102flowers"];

/// Words that people put beside the name of a part (`train_images`, `test-set`, `split_val`).
const BESIDE: [&str; 16] = [
    "images", "image", "imgs", "img", "pictures", "photos", "data", "dataset", "set", "split", "samples", "files", "part",
    "shards", "jpg", "png",
];

/// The part that a word is the name of, as people write it; digits may follow (`val2017`).
pub fn part_named(word: &str) -> Option<Split> {
    match word.trim().trim_end_matches(|letter: char| letter.is_ascii_digit()).to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "validation" | "valid" | "val" | "dev" => Some(Split::Validation),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// The part that the words of a file's name say.
pub fn part_in(name: &str) -> Option<Split> {
    words(name).find_map(part_named)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The part that a picture's path says: by the first folder, or tar file, that is named after one.
pub fn part_of(path: &str) -> Option<Split> {
    split(path).0.split('/').find_map(|folder| {
        if folder.to_lowercase().ends_with(".tar") {
            return part_in(stem(folder));
        }
        // A class may be called steam_train.
        let plain = |word: &str| part_named(word).is_some() || BESIDE.contains(&word.to_lowercase().as_str()) || is_number(word);
        words(folder).all(plain).then(|| part_in(folder)).flatten()
    })
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Gives each picture the part that it is published in, where there is something to learn from and something that is held out; else one
/// folder was named after a part, or one part is all that somebody has, and the pictures are divided as if nothing had been said.
pub fn settle(records: &mut [Record]) {
    records.iter_mut().for_each(|record| record.part = record.part.or_else(|| part_of(&record.name)));
    let has = |wanted: &dyn Fn(Split) -> bool| records.iter().any(|record| record.part.is_some_and(wanted));
    if !(has(&|part| part == Split::Train) && has(&|part| part != Split::Train)) {
        records.iter_mut().for_each(|record| record.part = None);
    }
}

/// The part of each listed class; empty where there are no lists. `texts` is the folder of captions.
pub fn parts(inventory: &Inventory, texts: &str, found: &mut Found) -> BTreeMap<String, Split> {
    let mut parts = BTreeMap::new();
    for (list, part) in LISTS {
        let mut places = [split(texts).0].into_iter().chain(PLACES).map(|folder| format!("{folder}/{list}"));
        let Some(item) = places.find_map(|name| inventory.items.iter().find(|item| item.name == name.trim_start_matches('/')))
        else {
            continue;
        };
        let bytes = item.place.clone().and_then(|place| place.read(text::MOST_FILE));
        match bytes.and_then(|bytes| Ok(text::utf8(&bytes)?.to_owned())) {
            Ok(classes) => {
                let classes = classes.lines().map(str::trim).filter(|class| !class.is_empty());
                parts.extend(classes.map(|class| (class.to_owned(), part)));
                found.words.insert(item.name.clone());
            }
            Err(reason) => found.faults.push(Fault::new(&item.name, reason)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_by_folders_and_tar_files() {
        let (train, held, test) = (Some(Split::Train), Some(Split::Validation), Some(Split::Test));
        for (path, wanted) in [
            ("train/a.png", train),
            ("images/Val/a.png", held),
            ("test2017/a.png", test),
            ("train_images/a.png", train),
            ("set-1/dev/a.png", held),
            ("cc3m-train-0003.tar/000.jpg", train),
            ("shards/imagenet_validation_01.TAR/x/000.jpg", held),
            ("a.tar/testing/000.jpg", test),
            ("steam_train/a.png", None),
            ("test_tube/train/a.png", train),
            ("a/train.png", None),
            ("images/01/a.png", None),
            ("valley/a.png", None),
        ] {
            assert_eq!(part_of(path), wanted, "{path}");
        }
    }
}
