//! CUB-200-2011 and Oxford-102: pictures in one tree, ten captions for each in another, matched by path and name.
//!
//! The captions were published apart from the pictures, so people have them side by side under several names.

use crate::data::DataConfig;
use crate::data::sources::account::Found;
use crate::data::sources::grouping::{self, Belongings, Keyed};
use crate::data::sources::names::{Role, role, split, stem};
use crate::data::sources::root::{Inventory, Root};
use crate::data::sources::{Fault, SplitRule, published};

pub const BIRDS_LOOK: &str =
    "CUB_200_2011/images/ (or images/) with 001.Black_footed_Albatross/ ... and text_c10/ or text/ with a .txt for each picture";
pub const FLOWERS_LOOK: &str = "jpg/ or images/ with image_00001.jpg ... and text_c10/ or text/ with a .txt for each picture";
pub const STRAY: &str = "a picture outside the folder of pictures";

/// Folders of captions, beside the pictures or as they are packed.
const TEXTS: [&str; 8] = [
    "text_c10",
    "text",
    "CUB_200_2011/text_c10",
    "CUB_200_2011/text",
    "cvpr2016_cub/text_c10",
    "birds/text",
    "cvpr2016_flowers/text_c10",
    "102flowers/text_c10",
];

/// Lists CUB-200-2011.
pub fn list_birds(root: &Root, inventory: &Inventory, _: &DataConfig, _: &mut Vec<Fault>) -> Option<Found> {
    let is_bird = |path: &str| folder_name(path).split_once('.').is_some_and(|(number, _)| is_number(number));
    list(root, inventory, &["CUB_200_2011/images", "images"], is_bird)
}

/// Lists Oxford-102.
pub fn list_flowers(root: &Root, inventory: &Inventory, _: &DataConfig, _: &mut Vec<Fault>) -> Option<Found> {
    let is_flower = |path: &str| stem(path).strip_prefix("image_").is_some_and(is_number);
    list(root, inventory, &["jpg", "images", "102flowers/jpg", "102flowers/images"], is_flower)
}

fn list(root: &Root, inventory: &Inventory, pictures: &[&str], is_one: impl Fn(&str) -> bool) -> Option<Found> {
    if !root.is_folder() {
        return None;
    }
    let folder = |names: &[&'static str]| names.iter().copied().find(|name| inventory.has_folder(name));
    let place = pictures.iter().copied().find(|name| inventory.has_folder(name))?;
    let texts = folder(&TEXTS)?;
    let below = |folder, is: fn(&str) -> bool| {
        let files = inventory.below(folder).filter(move |(item, _)| is(&item.name));
        files.map(|(item, path)| Keyed { item, path }).collect::<Vec<_>>()
    };
    let all_pictures = below(place, |name| role(name) == Role::Picture);
    let all_texts = below(texts, grouping::is_text);
    if !all_pictures.iter().any(|picture| is_one(picture.path)) {
        return None;
    }
    let belongings = grouping::side_by_side(&all_pictures, &all_texts);
    // Oxford's pictures lie in one folder, and its captions in one for each class. Where both lie flat, nobody says what class they are:
    // the name of a folder of all would put everything into one class, and leave nothing to tell it from.
    let class = |picture: Keyed<'_>, belongings: &Belongings<'_>| {
        let texts = belongings.texts.iter().filter_map(|text| text.name.strip_prefix(texts)?.strip_prefix('/'));
        let class = texts.chain([picture.path]).map(folder_name).find(|name| !name.is_empty());
        class.map(str::to_owned)
    };
    let mut found = Found::default();
    grouping::take(&all_pictures, &belongings, class, &mut found);
    found.split_rule = SplitRule::ByClass(published::parts(inventory, texts, &mut found));
    Some(found)
}

/// Name of the folder that a file is in; empty where it is in none.
fn folder_name(path: &str) -> &str {
    split(split(path).0).1
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
