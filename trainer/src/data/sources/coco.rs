//! COCO: folders of pictures, and `captions_*.json` with what five people saw in each.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::root::{Root, has_extension, stem};
use super::{DataConfig, DataError, Fault, Format, Listing, Reason, Record, published, text};

pub const LOOK: &str =
    "annotations/captions_train2017.json (or beside it) and train2017/, images/ or images/train2017/ with the pictures";

/// Bytes of an annotation file, at most: COCO's own has 92 million.
const MOST_FILE: u64 = 1 << 30;

#[derive(Deserialize)]
struct Captions {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: String,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    caption: String,
}

/// Lists the pictures of every file of captions.
pub fn list(root: &Root, _: &DataConfig) -> Result<Option<Listing>, DataError> {
    let files = caption_files(root);
    if files.is_empty() {
        return Ok(None);
    }
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for file in &files {
        let Captions { images, annotations } = read(file)?;
        let mut captions: HashMap<u64, Vec<String>> = HashMap::new();
        for Annotation { image_id, caption } in annotations {
            captions.entry(image_id).or_default().push(caption);
        }
        let folders = picture_folders(root, file);
        // captions_train2017.json, captions_val2014.json.
        let part =
            stem(file).strip_prefix("captions_").and_then(|name| published::part_named(name.trim_end_matches(char::is_numeric)));
        // By number, so that a picture that is named twice is one picture.
        for (id, Image { file_name, .. }) in images.into_iter().map(|image| (image.id, image)).collect::<BTreeMap<_, _>>() {
            match record(root, &folders, &file_name, captions.get(&id)) {
                Ok(record) => records.push(Record { part, ..record }),
                Err(reason) => faults.push(Fault::new(file_name, reason)),
            }
        }
    }
    Ok(Some(Listing::new(Format::Coco, records, faults)))
}

fn record(root: &Root, folders: &[PathBuf], file_name: &str, captions: Option<&Vec<String>>) -> Result<Record, Reason> {
    let captions = text::clean(captions.into_iter().flatten().map(String::as_str))?;
    let mut found = Err(Reason::Missing);
    for folder in folders {
        found = root.named(folder, file_name).and_then(|path| root.place(&path));
        if found != Err(Reason::Missing) {
            break;
        }
    }
    let place = found?;
    Ok(Record { name: root.name(&place.path), captions, class: None, style: None, part: None, place })
}

/// `captions_*.json`, in the folder itself or in `annotations/`; or the one file that the user named.
fn caption_files(root: &Root) -> Vec<PathBuf> {
    if let Some(file) = root.single_file("json") {
        return vec![file.to_owned()];
    }
    if !root.is_folder() {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = [Some(root.path().to_owned()), root.folder("annotations")]
        .into_iter()
        .flatten()
        .filter_map(|folder| folder.read_dir().ok())
        .flat_map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())))
        .filter(|path| has_extension(path, &["json"]) && stem(path).starts_with("captions") && root.place(path).is_ok())
        .collect();
    files.sort();
    files
}

/// Where the pictures of `captions_train2017.json` may be.
fn picture_folders(root: &Root, file: &Path) -> Vec<PathBuf> {
    let part = stem(file).strip_prefix("captions_").unwrap_or_default().to_owned();
    let names = [part.clone(), format!("images/{part}"), "images".to_owned()];
    names.iter().filter_map(|name| root.folder(name)).chain([root.path().to_owned()]).collect()
}

fn read(path: &Path) -> Result<Captions, DataError> {
    let source = |cause| DataError::Source { path: path.to_owned(), cause };
    let metadata = |reason| DataError::Metadata { path: path.to_owned(), reason };
    let file = File::open(path).map_err(source)?;
    let length = file.metadata().map_err(source)?.len();
    if length > MOST_FILE {
        return Err(metadata(Reason::FileTooLarge { bytes: length, most: MOST_FILE }.to_string()));
    }
    serde_json::from_reader(BufReader::new(file.take(MOST_FILE))).map_err(|error| metadata(error.to_string()))
}
