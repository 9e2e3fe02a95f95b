//! COCO: folders of pictures, and `captions_*.json` with what five people saw in each.
//!
//! Entries are read one by one, so that one that is not what it should be costs itself and no other.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

use crate::data::DataConfig;
use crate::data::Split;
use crate::data::sources::account::Found;
use crate::data::sources::names::{Role, role, split, stem};
use crate::data::sources::root::{Inventory, Root, open};
use crate::data::sources::row::{json, scalar};
use crate::data::sources::what::{HEAD, what};
use crate::data::sources::{Fault, FileSpan, Reason, Record, published, text};

pub const LOOK: &str =
    "annotations/captions_train2017.json (or beside it) and train2017/, images/ or images/train2017/ with the pictures";
pub const STRAY: &str = "a picture that the metadata does not name";

/// Bytes of an annotation file, at most: COCO's own has 92 million.
const MOST_FILE: u64 = 1 << 30;

#[derive(Deserialize)]
struct File {
    images: Option<Vec<Entry<Image>>>,
    annotations: Option<Vec<Entry<Annotation>>>,
}

/// An entry, or something else in its place.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<T> {
    Entry(T),
    Other(IgnoredAny),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Image {
    id: Value,
    file_name: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotation {
    image_id: Value,
    caption: Value,
}

/// A picture with what its annotations say.
#[derive(Default)]
struct Picture {
    /// Its name; several where nobody knows which of them it is, none where it has none.
    names: Vec<String>,
    captions: Vec<String>,
    /// What is wrong with its annotations.
    faults: Vec<Fault>,
}

/// Lists the pictures of every file of captions.
pub fn list(root: &Root, inventory: &Inventory, _: &DataConfig, misfits: &mut Vec<Fault>) -> Option<Found> {
    let mut found = Found::default();
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let is_captions = |name: &str| {
        let (folder, file) = split(name);
        let beside = folder.is_empty() || folder.eq_ignore_ascii_case("annotations");
        role(name) == Role::Row && (!root.is_folder() || beside && file.to_lowercase().starts_with("captions"))
    };
    let mut broken = Vec::new();
    for item in inventory.items.iter().filter(|item| is_captions(&item.name)) {
        match item.place.clone().and_then(|place| read(&place)) {
            Ok(entries) => {
                found.words.insert(item.name.clone());
                let pictures = pictures(&item.name, entries, &mut found.faults);
                take(root, &item.name, pictures, &mut records, &mut found);
            }
            Err(reason @ Reason::Metadata(_)) => misfits.push(Fault::new(&item.name, reason)),
            Err(reason) => broken.push(Fault::new(&item.name, reason)),
        }
    }
    // A file that was cut off is one of captions all the same; one that cannot be read may be, beside others that are.
    let is_cut = |fault: &Fault| matches!(fault.reason, Reason::CutOff(_));
    if found.words.is_empty() && !broken.iter().any(is_cut) {
        misfits.extend(broken);
        return None;
    }
    found.faults.extend(broken.into_iter().map(|fault| Fault { reason: fault.reason.cut_off(), ..fault }));
    found.records = records.into_values().collect();
    Some(found)
}

/// Joins images with their annotations, by number. What belongs to no image is a fault of the file.
fn pictures(file: &str, entries: Entries, faults: &mut Vec<Fault>) -> BTreeMap<String, Picture> {
    let (images, annotations) = entries;
    let name = |what: &str, number: usize| format!("{file}, {what} {}", number + 1);
    let wrong = |what: &str| Reason::Metadata(what.to_owned());
    let mut pictures: BTreeMap<String, Picture> = BTreeMap::new();
    let mut nameless = 0;
    for (number, image) in images.into_iter().enumerate() {
        let Some((id, image)) = image.known(|image| scalar(&image.id)) else {
            faults.push(Fault::new(name("image", number), wrong("it has no id")));
            nameless += 1;
            continue;
        };
        let picture = pictures.entry(id).or_default();
        match image.file_name {
            Value::String(file_name) if picture.names.contains(&file_name) => {}
            Value::String(file_name) if !file_name.trim().is_empty() => picture.names.push(file_name),
            _ => faults.push(Fault::new(name("image", number), wrong("it has no file_name"))),
        }
    }
    let mut strays: BTreeMap<String, usize> = BTreeMap::new();
    for (number, annotation) in annotations.into_iter().enumerate() {
        let Some((id, annotation)) = annotation.known(|annotation| scalar(&annotation.image_id)) else {
            faults.push(Fault::new(name("annotation", number), wrong("it has no image_id")));
            continue;
        };
        let Some(picture) = pictures.get_mut(&id) else {
            strays.entry(id).or_insert(number);
            continue;
        };
        let caption = match annotation.caption {
            Value::Null => Err(Reason::NoCaption),
            caption => scalar(&caption).ok_or_else(|| wrong("its caption is no text")),
        };
        let mut captions = text::Captions::default();
        captions.add(number, caption.as_deref().map_err(Clone::clone));
        let bad = captions.bad.map(|(_, reason)| reason).or(captions.good.is_empty().then_some(Reason::NoCaption));
        picture.captions.extend(captions.good);
        picture.faults.extend(bad.map(|reason| Fault::new(name("annotation", number), reason)));
    }
    // What belongs to an image that could not be read is no fault of its own.
    let strays = strays.into_iter().skip(nameless);
    faults.extend(strays.map(|(id, number)| {
        Fault::new(name("annotation", number), Reason::Metadata(format!("there is no image with the id {id}")))
    }));
    pictures
}

/// Looks up the pictures of a file.
fn take(root: &Root, file: &str, pictures: BTreeMap<String, Picture>, records: &mut BTreeMap<String, Record>, found: &mut Found) {
    // captions_train2017.json, captions_val2014.json.
    let part = published::part_in(stem(file));
    let Some(folder) = folder(root, file, &pictures) else {
        let names = pictures.into_values().flat_map(|picture| picture.names);
        return found.faults.extend(names.map(|name| {
            let reason = Root::named("", &name).err().unwrap_or(Reason::Missing);
            Fault::new(name, reason)
        }));
    };
    for Picture { names, captions, faults } in pictures.into_values() {
        let without = faults.is_empty() && captions.is_empty();
        found.faults.extend(faults);
        let one = names.len() == 1;
        for (at, file_name) in names.iter().enumerate() {
            let place = Root::named(&folder, file_name).and_then(|name| Ok((root.place(&name)?, name)));
            match place {
                Err(reason) => found.faults.push(Fault::new(file_name, reason)),
                Ok((_, name)) if !one => {
                    let other = names[usize::from(at == 0)].clone();
                    found.faults.push(Fault::new(name, Reason::Doubled(other)));
                }
                Ok((_, name)) if without => found.faults.push(Fault::new(name, Reason::NoCaption)),
                Ok((_, name)) if captions.is_empty() => drop(found.bad.insert(name)),
                Ok((place, name)) => {
                    let record = records.entry(name.clone()).or_insert_with(|| Record { part, ..Record::new(name, place) });
                    // What any file holds out is not learnt from.
                    record.part = record.part.filter(|known| *known != Split::Train).or(part);
                    record.add(captions.clone());
                }
            }
        }
    }
}

/// The folder of a file's pictures: the first of those usual that has one of them. All are looked for there alone, as another folder may
/// have another picture of the same name.
fn folder(root: &Root, file: &str, pictures: &BTreeMap<String, Picture>) -> Option<String> {
    let stem = stem(file).to_lowercase();
    let part = stem.strip_prefix("captions").unwrap_or_default().trim_start_matches(['_', '-']);
    let folders = [part.to_owned(), format!("images/{part}"), "images".to_owned(), String::new()];
    let has = |folder: &str| {
        let mut names = pictures.values().flat_map(|picture| &picture.names);
        names.any(|name| Root::named(folder, name).is_ok_and(|name| root.place(&name).is_ok()))
    };
    folders.into_iter().find(|folder| has(folder))
}

type Entries = (Vec<Entry<Image>>, Vec<Entry<Annotation>>);

/// Reads a file; [`Reason::Metadata`] where it is no COCO file of captions.
fn read(place: &FileSpan) -> Result<Entries, Reason> {
    if place.length > MOST_FILE {
        return Err(Reason::FileTooLarge { bytes: place.length, most: MOST_FILE });
    }
    let head = place.head(HEAD as u64)?;
    if let Some(what) = what(&head) {
        return Err(Reason::Foreign(what));
    }
    let mut file = BufReader::new(open(place)?);
    let mark = if head.starts_with(text::MARK) { text::MARK.len() } else { 0 };
    file.fill_buf().map_err(Reason::unreadable)?;
    file.consume(mark);
    let no_coco = |what: &str| Reason::Metadata(format!("it is no COCO file of captions, as it has no {what}"));
    // A list would be read as a structure without names.
    if head[mark..].trim_ascii_start().first() != Some(&b'{') {
        return Err(no_coco("images and annotations"));
    }
    let file: File = serde_json::from_reader(file.take(MOST_FILE)).map_err(|error| match error.classify() {
        Category::Eof => json(&error).cut_off(),
        Category::Data => no_coco("lists of images and annotations"),
        _ => json(&error),
    })?;
    let images = file.images.ok_or_else(|| no_coco("images"))?;
    let annotations = file.annotations.ok_or_else(|| no_coco("annotations"))?;
    let captioned = |entry: &Entry<Annotation>| matches!(entry, Entry::Entry(annotation) if !annotation.caption.is_null());
    if !annotations.is_empty() && !annotations.iter().any(captioned) {
        return Err(no_coco("captions among its annotations"));
    }
    Ok((images, annotations))
}

impl<T> Entry<T> {
    /// The entry with its key, if it is one and has one.
    fn known(self, key: impl Fn(&T) -> Option<String>) -> Option<(String, T)> {
        match self {
            Self::Entry(entry) => Some((key(&entry)?, entry)),
            Self::Other(_) => None,
        }
    }
}
