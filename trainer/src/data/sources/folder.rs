//! Pictures beside text files of the same name: `apple.png`, `apple.txt`.

use std::path::Path;

use super::root::{Root, may_be_picture};
use super::{DataConfig, DataError, Fault, Format, Listing, Reason, Record, text};
use crate::data::config::Subfolders;

pub const LOOK: &str = "apple.png beside apple.txt with a caption a line, in folders inside folders if you like";

/// Lists every picture; one without a caption is a fault.
pub fn list(root: &Root, config: &DataConfig) -> Result<Option<Listing>, DataError> {
    if !root.is_folder() {
        return Ok(None);
    }
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for picture in root.pictures(root.path(), &mut faults) {
        match record(root, &picture, config.subfolders) {
            Ok(record) => records.push(record),
            Err(reason) => faults.push(Fault::new(root.name(&picture), reason)),
        }
    }
    let found = !records.is_empty() || faults.iter().any(|fault| may_be_picture(Path::new(&fault.name)));
    Ok(found.then(|| Listing::new(Format::Folder, records, faults)))
}

fn record(root: &Root, picture: &Path, subfolders: Subfolders) -> Result<Record, Reason> {
    let beside = picture.with_extension("txt");
    let captions = match root.read(&beside, text::MOST_FILE) {
        Ok(bytes) => text::captions(&bytes)?,
        Err(Reason::Missing) => return Err(Reason::NoCaption),
        Err(Reason::FileTooLarge { bytes, .. }) => {
            return Err(Reason::CaptionTooLong { bytes: bytes as usize, most: text::MOST_FILE as usize });
        }
        Err(reason) => return Err(reason),
    };
    let name = root.name(picture);
    let subfolder = name.split_once('/').map(|(first, _)| first.to_owned());
    let (class, style) = match subfolders {
        Subfolders::Nothing => (None, None),
        Subfolders::Class => (subfolder, None),
        Subfolders::Style => (None, subfolder),
    };
    Ok(Record { name, captions, class, style, part: None, place: root.place(picture)? })
}
