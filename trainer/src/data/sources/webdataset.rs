//! WebDataset: tar files in which `key.jpg`, `key.txt`, `key.json` and `key.cls` belong to one sample.
//!
//! A tar file is read where it lies: listing notes where each picture begins, and decoding reads it from there. Nothing is
//! unpacked, so an entry's name is only ever a name; one that would lead somewhere is refused all the same, as whoever
//! unpacks the file elsewhere would be led there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Entry, EntryType};

use super::root::{Root, changed, has_extension, may_be_picture};
use super::row::Row;
use super::{DataConfig, DataError, Fault, Format, Listing, Place, Reason, Record, text};

pub const LOOK: &str = "*.tar with key.jpg and key.txt or key.json (not compressed), or one such file";

/// Bytes of a sample's .txt, .json or .cls, at most.
const MOST_TEXT: u64 = text::MOST_FILE;

/// Bytes of a header that gives the next entry a longer name, at most. The tar reader holds all of it in memory.
const MOST_NAME: u64 = 64 << 10;

/// Bytes of which everything in a tar file takes a multiple.
const BLOCK: u64 = 512;

/// What is known of a sample before its tar file has been read to the end.
#[derive(Default)]
struct Parts {
    picture: Option<(String, Place)>,
    captions: Option<Vec<String>>,
    class: Option<String>,
    style: Option<String>,
    fault: Option<Reason>,
}

/// Lists the samples of every tar file.
pub fn list(root: &Root, _: &DataConfig) -> Result<Option<Listing>, DataError> {
    let mut shards = match root.single_file("tar") {
        Some(file) => vec![file.to_owned()],
        None if root.is_folder() => root.files(root.path(), &mut Vec::new()),
        None => Vec::new(),
    };
    shards.retain(|file| has_extension(file, &["tar"]));
    if shards.is_empty() {
        return Ok(None);
    }
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for shard in &shards {
        let mut samples = BTreeMap::new();
        // What was read before a shard turns out to be damaged is as good as before.
        if let Err(reason) = read_shard(root, shard, &mut samples, &mut faults) {
            faults.push(Fault::new(root.name(shard), reason.cut_off()));
        }
        for (key, parts) in samples {
            match record(parts) {
                Ok(record) => records.push(record),
                Err(reason) => faults.push(Fault::new(format!("{}/{key}", root.name(shard)), reason)),
            }
        }
    }
    Ok(Some(Listing::new(Format::Webdataset, records, faults)))
}

fn record(parts: Parts) -> Result<Record, Reason> {
    if let Some(reason) = parts.fault {
        return Err(reason);
    }
    let (name, place) = parts.picture.ok_or_else(|| Reason::Metadata("it has no picture".to_owned()))?;
    let captions = parts.captions.ok_or(Reason::NoCaption)?;
    Ok(Record { name, captions, class: parts.class, style: parts.style, part: None, place })
}

fn read_shard(root: &Root, shard: &Path, samples: &mut BTreeMap<String, Parts>, faults: &mut Vec<Fault>) -> Result<(), Reason> {
    let file = File::open(shard).map_err(Reason::unreadable)?;
    let metadata = file.metadata().map_err(Reason::unreadable)?;
    let (end, changed) = (metadata.len(), changed(&metadata));
    let mut file = BufReader::new(file);
    refuse_long_names(&mut file)?;
    file.rewind().map_err(Reason::unreadable)?;
    let mut archive = Archive::new(file);
    let mut last = Some(0);
    for entry in archive.entries_with_seek().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        last = end_of(&entry);
        if last.is_some_and(|last| last > end) {
            return Err(Reason::CutOff(format!("it ends in {}", String::from_utf8_lossy(&entry.path_bytes()))));
        }
        if entry.header().entry_type() == EntryType::Directory {
            continue;
        }
        let path = PathBuf::from(String::from_utf8_lossy(&entry.path_bytes()).into_owned());
        let name = format!("{}/{}", root.name(shard), path.display());
        let (offset, length) = (entry.raw_file_position(), entry.size());
        let place = Place { path: shard.to_owned(), offset, length, changed };
        match refusal(&entry, &path) {
            Some(reason) => faults.push(Fault::new(name, reason)),
            None => take(&mut entry, &path, name, place, samples),
        }
    }
    last.map_or(Ok(()), |last| refuse_unended(shard, last))
}

/// Where an entry ends, to the full block; `None` where its header does not tell.
fn end_of<R: Read>(entry: &Entry<'_, R>) -> Option<u64> {
    let is_sparse = entry.header().entry_type() == EntryType::GNUSparse;
    (!is_sparse)
        .then(|| entry.raw_file_position().saturating_add(entry.size().checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX)))
}

/// A tar file ends with empty blocks: without them it was cut between two entries.
fn refuse_unended(shard: &Path, last: u64) -> Result<(), Reason> {
    let mut file = File::open(shard).map_err(Reason::unreadable)?;
    file.seek(SeekFrom::Start(last)).map_err(Reason::unreadable)?;
    let mut block = Vec::new();
    file.take(BLOCK).read_to_end(&mut block).map_err(Reason::unreadable)?;
    let ended = block.len() as u64 == BLOCK && block.iter().all(|byte| *byte == 0);
    if ended { Ok(()) } else { Err(Reason::CutOff("the mark at its end is missing".to_owned())) }
}

/// The reader of tar files takes names as long as the file says into memory; a pass before that looks at how long they are.
fn refuse_long_names(file: &mut BufReader<File>) -> Result<(), Reason> {
    for entry in Archive::new(file).entries_with_seek().map_err(damaged)?.raw(true) {
        let entry = entry.map_err(damaged)?;
        let kind = entry.header().entry_type();
        let names =
            kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_global_extensions() || kind.is_pax_local_extensions();
        if names && entry.size() > MOST_NAME {
            return Err(Reason::Damaged(format!("a name of {} bytes", entry.size())));
        }
    }
    Ok(())
}

/// Why an entry is not looked at.
fn refusal<R: Read>(entry: &Entry<'_, R>, path: &Path) -> Option<Reason> {
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Some(Reason::Outside);
    }
    let is_file = matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Continuous);
    (!is_file).then_some(Reason::NoFile)
}

/// Puts an entry where it belongs. Kinds of entries that mean nothing here are passed over.
fn take<R: Read>(entry: &mut Entry<'_, R>, path: &Path, name: String, place: Place, samples: &mut BTreeMap<String, Parts>) {
    // A key ends at the first dot of the file's name.
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((stem, ending)) = file_name.split_once('.') else { return };
    let ending = ending.to_ascii_lowercase();
    let parts = samples.entry(path.with_file_name(stem).to_string_lossy().into_owned()).or_default();
    let read = match ending.as_str() {
        _ if may_be_picture(path) => {
            parts.picture.get_or_insert((name, place));
            Ok(())
        }
        "txt" | "caption" => {
            text_of(entry).and_then(|bytes| text::captions(&bytes)).map(|captions| parts.captions = Some(captions))
        }
        "cls" => text_of(entry).and_then(|bytes| {
            parts.class = Some(text::utf8(&bytes)?.trim().to_owned());
            Ok(())
        }),
        "json" => text_of(entry).and_then(|bytes| Row::from_json(&bytes)).and_then(|row| {
            if parts.captions.is_none() {
                parts.captions = match row.captions() {
                    Err(Reason::NoCaption) => None,
                    captions => Some(captions?),
                };
            }
            let (class, style) = row.into_labels();
            (parts.class, parts.style) = (class.or(parts.class.take()), style);
            Ok(())
        }),
        _ => Ok(()),
    };
    parts.fault = parts.fault.take().or(read.err());
}

fn text_of<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, Reason> {
    let length = entry.size();
    if length > MOST_TEXT {
        return Err(Reason::CaptionTooLong { bytes: length as usize, most: MOST_TEXT as usize });
    }
    let mut bytes = Vec::new();
    entry.take(MOST_TEXT).read_to_end(&mut bytes).map_err(damaged)?;
    Ok(bytes)
}

fn damaged(error: std::io::Error) -> Reason {
    Reason::Damaged(error.to_string())
}
