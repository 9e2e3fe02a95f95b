//! The parts that a data set's authors published: lists of the classes to learn from and to be measured on.
//!
//! The captions of CUB-200-2011 and Oxford-102 (Reed et al. 2016) come with them, and every figure in the literature is on those classes.
//! CUB's own `train_test_split.txt` and Oxford's `setid.mat` divide pictures of the same classes, for another task, and are not read.

use std::collections::BTreeMap;
use std::path::Path;

use super::root::Root;
use super::{Fault, text};
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
