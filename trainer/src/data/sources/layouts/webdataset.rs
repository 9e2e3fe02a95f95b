//! WebDataset: tar files in which `key.jpg`, `key.txt`, `key.json` and `key.cls` belong to one sample.
//!
//! A tar file is read where it lies: listing notes where each entry begins, and decoding reads it from there. Nothing is
//! unpacked, so an entry's name is only ever a name; one that would lead somewhere is refused all the same, as whoever
//! unpacks the file elsewhere would be led there. Of entries of the same name the last counts, as it does for whoever unpacks them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path};

use tar::{Archive, Entry, EntryType};

use crate::data::DataConfig;
use crate::data::sources::account::Found;
use crate::data::sources::names::{Role, is_litter, role};
use crate::data::sources::root::LeftOut;
use crate::data::sources::root::{HIDDEN, Inventory, Item, Root, open};
use crate::data::sources::what::{HEAD, what};
use crate::data::sources::{Fault, FileSpan, Reason, grouping};

pub const LOOK: &str = "*.tar with key.jpg and key.txt or key.json (not compressed), or one such file";
pub const STRAY: &str = "a picture beside the tar files";

/// Bytes of a header that gives the next entry a longer name, at most. The tar reader holds all of it in memory.
const MOST_NAME: u64 = 64 << 10;

/// Bytes of which everything in a tar file takes a multiple.
const BLOCK: u64 = 512;

/// Bytes of a tar file of nothing, at most, as `tar` writes it: all zeros, as is a broken download.
const LONGEST_EMPTY: u64 = 20 * BLOCK;

/// What comes before the first entry.
const BEGINNING: &str = "its beginning";

/// Ends of the names of tar files that were compressed as a whole.
const COMPRESSED: [&str; 10] =
    [".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".txz", ".tar.bz2", ".tbz", ".tbz2", ".tar.lz4", ".tar.z"];

/// Lists the samples of every tar file.
pub fn list(_: &Root, inventory: &Inventory, _: &DataConfig, _: &mut Vec<Fault>) -> Option<Found> {
    let mut shards = inventory.items.iter().filter(|item| role(&item.name) == Role::Tar).peekable();
    shards.peek()?;
    let mut found = Found::default();
    for shard in shards {
        let mut entries = Entries::default();
        // What was read before a shard turns out to be damaged is as good as before.
        match shard.place.clone().and_then(|place| read_shard(&shard.name, &place, &mut entries)) {
            Ok(()) => drop(found.words.insert(shard.name.clone())),
            Err(reason) => found.faults.push(Fault::new(&shard.name, reason.cut_off())),
        }
        found.left_out.append(&mut entries.left_out);
        found.entries.append(&mut entries.items);
    }
    // Half of the data, where others are not.
    for item in &inventory.items {
        let name = item.name.to_lowercase();
        if COMPRESSED.iter().any(|end| name.ends_with(end)) {
            let what = item.place.as_ref().ok().and_then(|place| what(&place.head(HEAD as u64).ok()?));
            let reason = Reason::Foreign(what.unwrap_or_else(|| "no tar file that is read: unpack it".to_owned()));
            found.faults.push(Fault::new(&item.name, reason.cut_off()));
        }
    }
    let entries = std::mem::take(&mut found.entries);
    let nested = entries.iter().filter(|entry| role(&entry.name) == Role::Tar && entry.place.is_ok());
    found.known.extend(nested.map(|entry| (entry.name.clone(), "a tar file in a tar file".to_owned())));
    grouping::take_beside(&entries, &mut found);
    Some(Found { entries, ..found })
}

/// The entries of a tar file, the last of each name.
#[derive(Default)]
struct Entries {
    items: Vec<Item>,
    by_name: HashMap<String, usize>,
    left_out: Vec<LeftOut>,
}

impl Entries {
    fn add(&mut self, name: String, place: Result<FileSpan, Reason>) {
        if let Some(known) = self.by_name.get(&name) {
            let item = &mut self.items[*known];
            (item.place, item.copies) = (place, item.copies + 1);
            self.left_out.push(LeftOut::one(name, "an older entry of a name that comes again"));
        } else {
            self.by_name.insert(name.clone(), self.items.len());
            self.items.push(Item { name, place, copies: 1 });
        }
    }
}

fn read_shard(shard: &str, place: &FileSpan, entries: &mut Entries) -> Result<(), Reason> {
    let head = place.head(HEAD as u64)?;
    // What a tar file is not, its first bytes may say; but they are a name, and names begin as they like.
    let wrong = |error: &std::io::Error, after: &str| match what(&head) {
        Some(what) if after == BEGINNING => Reason::Foreign(what),
        _ => broken(error, after),
    };
    let mut file = BufReader::new(open(place)?);
    refuse_long_names(&mut file)?;
    file.rewind().map_err(Reason::unreadable)?;
    let mut archive = Archive::new(file);
    // Two tar files that were put together have an end in their middle.
    archive.set_ignore_zeros(true);
    let mut last = Some(0);
    let mut at = BEGINNING.to_owned();
    for entry in archive.entries_with_seek().map_err(|error| wrong(&error, &at))? {
        let entry = entry.map_err(|error| wrong(&error, &at))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        last = end_of(&entry);
        if last.is_some_and(|last| last > place.length) {
            return Err(Reason::CutOff(format!("it ends in {path}")));
        }
        if !is_one(&entry, &path) {
            continue;
        }
        let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
        let name = format!("{shard}/{}", parts.join("/"));
        at = path;
        if is_litter(&at) {
            entries.left_out.push(LeftOut::one(name, HIDDEN));
            continue;
        }
        let place = FileSpan { offset: entry.raw_file_position(), length: entry.size(), ..place.clone() };
        let refused = refusal(&entry, Path::new(&at));
        entries.add(name, refused.map_or(Ok(place), Err));
    }
    if let (Some(0), Some(what)) = (last, what(&head).filter(|_| place.length == 0 || place.length > LONGEST_EMPTY)) {
        return Err(Reason::Foreign(what));
    }
    last.map_or(Ok(()), |last| refuse_unended(place, last))
}

/// Whether an entry is a file or what should be one: not a folder, nor what `git archive` and others note about the tar file itself.
fn is_one<R: Read>(entry: &Entry<'_, R>, path: &str) -> bool {
    use EntryType::{Block, Char, Continuous, Fifo, GNUSparse, Link, Regular, Symlink};
    let kind = entry.header().entry_type();
    !path.ends_with('/') && matches!(kind, Regular | Continuous | GNUSparse | Link | Symlink | Fifo | Char | Block)
}

/// Where an entry ends, to the full block; `None` where its header does not tell.
fn end_of<R: Read>(entry: &Entry<'_, R>) -> Option<u64> {
    let is_sparse = entry.header().entry_type() == EntryType::GNUSparse;
    (!is_sparse)
        .then(|| entry.raw_file_position().saturating_add(entry.size().checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX)))
}

/// A tar file ends with empty blocks: without them it was cut between two entries.
fn refuse_unended(place: &FileSpan, last: u64) -> Result<(), Reason> {
    let mut file = open(place)?;
    file.seek(SeekFrom::Start(last)).map_err(Reason::unreadable)?;
    let mut block = Vec::new();
    file.take(BLOCK).read_to_end(&mut block).map_err(Reason::unreadable)?;
    let ended = block.len() as u64 == BLOCK && block.iter().all(|byte| *byte == 0);
    if ended { Ok(()) } else { Err(Reason::CutOff("the mark at its end is missing".to_owned())) }
}

/// The reader of tar files takes names as long as the file says into memory; a pass before that looks at how long they are.
fn refuse_long_names(file: &mut BufReader<File>) -> Result<(), Reason> {
    let mut archive = Archive::new(file);
    archive.set_ignore_zeros(true);
    for entry in archive.entries_with_seek().map_err(|error| broken(&error, BEGINNING))?.raw(true) {
        // What cannot be read is told by the pass that knows after which entry it comes.
        let Ok(entry) = entry else { break };
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
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => None,
        EntryType::Link | EntryType::Symlink => Some(Reason::LinkInTar),
        _ => Some(Reason::NoFile),
    }
}

/// What is wrong where a tar file cannot be read on.
fn broken(error: &std::io::Error, after: &str) -> Reason {
    match error.raw_os_error() {
        Some(_) => Reason::Unreadable(error.to_string()),
        None => Reason::Damaged(format!("what comes after {after} is no entry of a tar file")),
    }
}
