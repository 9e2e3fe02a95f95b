//! CUB-200-2011 and Oxford-102: pictures in one tree, ten captions for each in another, matched by name.
//!
//! The captions were published apart from the pictures, so people have them side by side under several names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::root::{Root, has_extension, stem};
use super::{DataConfig, DataError, Fault, Format, Listing, Parting, Reason, Record, published, text};

pub const BIRDS_LOOK: &str =
    "CUB_200_2011/images/ (or images/) with 001.Black_footed_Albatross/ ... and text_c10/ or text/ with a .txt for each picture";
pub const FLOWERS_LOOK: &str = "jpg/ or images/ with image_00001.jpg ... and text_c10/ or text/ with a .txt for each picture";

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
pub fn list_birds(root: &Root, _: &DataConfig) -> Result<Option<Listing>, DataError> {
    let is_bird = |picture: &Path| folder_name(picture).split_once('.').is_some_and(|(number, _)| is_number(number));
    list(root, Format::Cub, &["CUB_200_2011/images", "images"], is_bird)
}

/// Lists Oxford-102.
pub fn list_flowers(root: &Root, _: &DataConfig) -> Result<Option<Listing>, DataError> {
    let is_flower = |picture: &Path| stem(picture).strip_prefix("image_").is_some_and(is_number);
    list(root, Format::Flowers, &["jpg", "images", "102flowers/jpg", "102flowers/images"], is_flower)
}

fn list(root: &Root, format: Format, pictures: &[&str], is_one: impl Fn(&Path) -> bool) -> Result<Option<Listing>, DataError> {
    if !root.is_folder() {
        return Ok(None);
    }
    let folder = |names: &[&str]| names.iter().find_map(|name| root.folder(name));
    let (Some(place), Some(texts)) = (folder(pictures), folder(&TEXTS)) else { return Ok(None) };
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    let mut text_files = root.files(&texts, &mut faults);
    text_files.retain(|file| has_extension(file, &["txt"]));
    let captions: BTreeMap<String, PathBuf> = text_files.into_iter().map(|file| (stem(&file), file)).collect();
    let pictures = root.pictures(&place, &mut faults);
    if !pictures.iter().any(|picture| is_one(picture)) {
        return Ok(None);
    }
    for picture in pictures {
        match record(root, (&picture, &place), (captions.get(&stem(&picture)), &texts)) {
            Ok(record) => records.push(record),
            Err(reason) => faults.push(Fault::new(root.name(&picture), reason)),
        }
    }
    let parting = Parting::ByClass(published::parts(root, &texts, &mut faults));
    Ok(Some(Listing { parting, ..Listing::new(format, records, faults) }))
}

/// A picture with its captions, each with the folder of all of its kind.
fn record(root: &Root, picture: (&Path, &Path), captions: (Option<&PathBuf>, &Path)) -> Result<Record, Reason> {
    let (picture, pictures) = picture;
    let text = captions.0.ok_or(Reason::NoCaption)?;
    // Oxford's pictures lie in one folder, and its captions in one for each class. Where both lie flat, nobody says what class they are:
    // the name of a folder of all would put everything into one class, and leave nothing to tell it from.
    let class = [(text.as_path(), captions.1), (picture, pictures)].into_iter().find(|(file, all)| file.parent() != Some(*all));
    let class = class.map(|(file, _)| folder_name(file));
    let captions = text::captions(&root.read(text, text::MOST_FILE)?)?;
    Ok(Record { name: root.name(picture), captions, class, style: None, part: None, place: root.place(picture)? })
}

/// Name of the folder that a file is in.
fn folder_name(path: &Path) -> String {
    path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
