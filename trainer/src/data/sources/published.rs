//! The parts that a data set's authors published, which every figure about it is on.
//!
//! COCO has them in the names of its files, Hugging Face's imagefolders in the names of their first folders: see [`part_named`].
//! For birds and flowers there are lists of the classes to learn from and to be measured on.
//! The captions of CUB-200-2011 and Oxford-102 (Reed et al. 2016) come with them, and every figure in the literature is on those classes.
//! CUB's own `train_test_split.txt` and Oxford's `setid.mat` divide pictures of the same classes, for another task, and are not read.

use std::collections::BTreeMap;
use std::path::Path;

use super::root::Root;
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
const PLACES: [&str; 5] = ["CUB_200_2011", "cvpr2016_cub", "birds", "cvpr2016_flowers", "102flowers"];

/// The part that a folder or a file of captions is named after, as people write it.
pub fn part_named(name: &str) -> Option<Split> {
    match name.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "validation" | "valid" | "val" | "dev" => Some(Split::Validation),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// Leaves the parts as they are where there is something to learn from and something that is held out; else one folder was named after
/// a part, or one part is all that somebody has, and the pictures are divided as if nothing had been said.
pub fn settle(records: &mut [Record]) {
    let has = |wanted: &dyn Fn(Split) -> bool| records.iter().any(|record| record.part.is_some_and(wanted));
    if !(has(&|part| part == Split::Train) && has(&|part| part != Split::Train)) {
        records.iter_mut().for_each(|record| record.part = None);
    }
}

/// The part of each listed class; empty where there are no lists. `texts` is the folder of captions.
pub fn parts(root: &Root, texts: &Path, faults: &mut Vec<Fault>) -> BTreeMap<String, Split> {
    let beside = texts.parent().map(Path::to_owned).into_iter();
    let folders: Vec<_> =
        beside.chain([root.path().to_owned()]).chain(PLACES.iter().filter_map(|name| root.folder(name))).collect();
    let mut parts = BTreeMap::new();
    for (list, part) in LISTS {
        let Some(file) = folders.iter().map(|folder| folder.join(list)).find(|file| file.is_file()) else { continue };
        match root.read(&file, text::MOST_FILE).and_then(|bytes| Ok(text::utf8(&bytes)?.to_owned())) {
            Ok(classes) => {
                parts.extend(
                    classes.lines().map(str::trim).filter(|class| !class.is_empty()).map(|class| (class.to_owned(), part)),
                );
            }
            Err(reason) => faults.push(Fault::new(root.name(&file), reason)),
        }
    }
    parts
}
