//! Which texts belong to which picture: the one rule for folders, tar files and trees side by side.
//!
//! Within a folder the most exact match counts, of each kind of text alone:
//! `a.b.png.txt` and `a.b.txt` for `a.b.png`; then a text whose name says more (`a.b.output.txt`); then a picture whose name does
//! (`a.txt`). What both pictures and texts have in their names (`a.left.png`, `a.left.txt`) is no such addition. Where a text could be that of several pictures, it is nobody's, and a picture that has no other is a fault: a caption that may be
//! another's is worse than none.

use std::collections::{HashMap, HashSet};

use super::account::Found;
use super::names::{Role, parts, role, shorter, split, stem};
use super::root::Item;
use super::row::Row;
use super::{Fault, Reason, Record, text};

/// Bytes of a text, at most.
const MOST_TEXT: u64 = text::MOST_FILE;

/// Why a second text or picture of a sample is left out.
const FURTHER: &str = "a further file of a sample that has one that fits better";

/// An item with the path that decides what it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Keyed<'a> {
    pub item: &'a Item,
    pub path: &'a str,
}

/// What belongs to a picture.
#[derive(Clone, Debug, Default)]
pub struct Belongings<'a> {
    pub texts: Vec<&'a Item>,
    /// Texts of kinds of which it has one that fits better.
    further: Vec<&'a Item>,
    /// Whether its name is that of another picture with an addition.
    is_addition: bool,
    /// Another picture that one of its texts may belong to, too, and that text.
    contested: Option<(&'a Item, &'a Item)>,
}

/// Whether a file may say something about a picture.
pub fn is_text(name: &str) -> bool {
    matches!(role(name), Role::Captions | Role::Class | Role::Row)
}

/// The texts of each picture, where both lie in the same folder.
pub fn beside<'a>(pictures: &[Keyed<'a>], texts: &[Keyed<'a>]) -> Vec<Belongings<'a>> {
    // Parts of the names of both tell samples apart: the text of a picture that is lost is not that of its neighbour.
    let parts_of = |files: &[Keyed<'a>]| files.iter().flat_map(|file| parts(stem(file.path))).collect::<HashSet<&str>>();
    let (in_pictures, in_texts) = (parts_of(pictures), parts_of(texts));
    let mut by_name: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let mut by_stem = by_name.clone();
    let mut by_start = by_name.clone();
    for (number, picture) in pictures.iter().enumerate() {
        let (folder, name) = split(picture.path);
        by_name.entry((folder, name)).or_default().push(number);
        by_stem.entry((folder, stem(name))).or_default().push(number);
    }
    for (number, picture) in pictures.iter().enumerate() {
        let (folder, key) = (split(picture.path).0, stem(picture.path));
        for start in shorter(key).filter(|start| !parts(&key[start.len()..]).any(|part| in_texts.contains(part))) {
            by_start.entry((folder, start)).or_default().push(number);
        }
    }
    let mut claims: Vec<Vec<(usize, &Item)>> = vec![Vec::new(); pictures.len()];
    let mut belongings = vec![Belongings::default(); pictures.len()];
    for text in texts {
        let (folder, name) = split(text.path);
        let key = stem(name);
        let mut matches = [(0, by_name.get(&(folder, key))), (0, by_stem.get(&(folder, key)))]
            .into_iter()
            .chain(
                shorter(key)
                    .filter(|start| !parts(&key[start.len()..]).any(|part| in_pictures.contains(part)))
                    .map(|start| (1, by_stem.get(&(folder, start)))),
            )
            .chain([(2, by_start.get(&(folder, key)))]);
        match matches.find_map(|(rank, found)| Some((rank, found?.as_slice()))) {
            Some((rank, [picture])) => claims[*picture].push((rank, text.item)),
            Some((_, several)) => contest(&mut belongings, pictures, several, text.item),
            None => {}
        }
    }
    for ((folder, start), numbers) in &by_start {
        let of_another = by_stem.contains_key(&(*folder, *start));
        numbers.iter().for_each(|number| belongings[*number].is_addition |= of_another);
    }
    for (belongings, claims) in belongings.iter_mut().zip(claims) {
        let best = |of: Role| claims.iter().filter(|(_, item)| role(&item.name) == of).map(|(rank, _)| *rank).min();
        let (texts, further): (Vec<_>, _) = claims.iter().partition(|(rank, item)| best(role(&item.name)) == Some(*rank));
        belongings.texts = texts.into_iter().map(|(_, item)| item).collect();
        belongings.further = further.into_iter().map(|(_, item)| item).collect();
    }
    belongings
}

/// The texts of each picture, where pictures and texts have a tree each. Those in folders of the same name belong together; where the
/// trees have no folder in common, as one of them has fewer (`image_1.jpg`, `class_2/image_1.txt`), the name alone decides, if it is
/// there but once.
pub fn side_by_side<'a>(pictures: &[Keyed<'a>], texts: &[Keyed<'a>]) -> Vec<Belongings<'a>> {
    let folder = |file: &Keyed<'a>| split(file.path).0;
    let folders = |files: &[Keyed<'a>]| files.iter().map(folder).collect::<HashSet<&str>>();
    if !folders(pictures).is_disjoint(&folders(texts)) {
        return beside(pictures, texts);
    }
    let mut belongings = vec![Belongings::default(); pictures.len()];
    let mut by_stem: HashMap<&str, (Vec<usize>, Vec<&Keyed<'a>>)> = HashMap::new();
    pictures.iter().enumerate().for_each(|(number, picture)| by_stem.entry(stem(picture.path)).or_default().0.push(number));
    texts.iter().for_each(|text| by_stem.entry(stem(text.path)).or_default().1.push(text));
    for (likely, same) in by_stem.values() {
        let fits = |picture: usize, text: &Keyed<'a>| {
            let (one, other) = (folder(&pictures[picture]), folder(text));
            ends_in(one, other) || ends_in(other, one)
        };
        for text in same {
            let candidates: Vec<usize> = likely.iter().copied().filter(|picture| fits(*picture, text)).collect();
            match candidates.as_slice() {
                [] => {}
                [picture] if same.iter().filter(|other| fits(*picture, other)).all(|other| folder(other) == folder(text)) => {
                    belongings[*picture].texts.push(text.item);
                }
                [picture] => belongings[*picture].contested = Some((pictures[*picture].item, text.item)),
                several => contest(&mut belongings, pictures, several, text.item),
            }
        }
    }
    belongings
}

/// Whether the last folders of one path are the other.
fn ends_in(path: &str, end: &str) -> bool {
    end.is_empty() || path.strip_suffix(end).is_some_and(|start| start.ends_with('/'))
}

fn contest<'a>(belongings: &mut [Belongings<'a>], pictures: &[Keyed<'a>], several: &[usize], text: &'a Item) {
    for (at, number) in several.iter().enumerate() {
        let other = several[if at == 0 { 1 } else { 0 }];
        belongings[*number].contested = Some((pictures[other].item, text));
    }
}

/// Makes records of pictures and what belongs to them, each with a class of its own where its texts name none.
pub fn take<'a>(
    pictures: &[Keyed<'a>],
    belongings: &[Belongings<'a>],
    class: impl Fn(Keyed<'a>, &Belongings<'a>) -> Option<String>,
    found: &mut Found,
) {
    for (picture, belongings) in pictures.iter().zip(belongings) {
        let name = picture.item.name.clone();
        if belongings.is_addition && belongings.texts.is_empty() && belongings.contested.is_none() {
            found.known.insert(name, FURTHER.to_owned());
            continue;
        }
        found.known.extend(belongings.further.iter().map(|text| (text.name.clone(), FURTHER.to_owned())));
        found.words.extend(belongings.texts.iter().map(|text| text.name.clone()));
        match record(picture.item, belongings, &mut found.faults) {
            Ok(record) => {
                let class = record.class.or_else(|| class(*picture, belongings));
                found.records.push(Record { class, ..record });
            }
            Err(reason) => {
                found.bad.extend(belongings.contested.iter().map(|(_, text)| text.name.clone()));
                found.faults.push(Fault::new(name, reason));
            }
        }
    }
}

/// A picture with what its texts say. A text that cannot be read is a fault of its own where others say enough, else that of the picture.
fn record(picture: &Item, belongings: &Belongings<'_>, faults: &mut Vec<Fault>) -> Result<Record, Reason> {
    let place = picture.place.clone()?;
    let mut record = Record { name: picture.name.clone(), captions: vec![], class: None, style: None, part: None, place };
    let mut spoilt = Vec::new();
    for text in &belongings.texts {
        if let Err(fault) = read(text, &mut record) {
            spoilt.push(fault);
        }
    }
    if let (true, Some((other, _))) = (record.captions.is_empty(), belongings.contested) {
        let others = if other.name == picture.name { "another text".to_owned() } else { other.name.clone() };
        return Err(Reason::Doubled(others));
    }
    if record.captions.is_empty() {
        return Err(spoilt.into_iter().next().map_or(Reason::NoCaption, |fault| fault.reason));
    }
    if belongings.texts.iter().any(|text| text.copies != picture.copies) {
        return Err(Reason::Torn);
    }
    faults.extend(spoilt);
    Ok(record)
}

/// Adds what a text says. One that says nothing is no fault.
fn read(text: &Item, record: &mut Record) -> Result<(), Fault> {
    let place = text.place.as_ref().map_err(|reason| Fault::new(&text.name, reason.clone()))?;
    let bytes = place.read(MOST_TEXT).map_err(|reason| match reason {
        Reason::FileTooLarge { bytes, most } => Reason::CaptionTooLong { bytes: bytes as usize, most: most as usize },
        reason => reason,
    });
    let bytes = bytes.map_err(|reason| Fault::new(&text.name, reason))?;
    let (captions, bad) = match role(&text.name) {
        Role::Class => {
            let class = text::utf8(&bytes).map_err(|reason| Fault::new(&text.name, reason))?.trim();
            record.class = (!class.is_empty()).then(|| class.to_owned()).or(record.class.take());
            return Ok(());
        }
        Role::Row => {
            if bytes.trim_ascii().is_empty() {
                return Ok(());
            }
            let row = Row::from_json(&bytes).map_err(|reason| Fault::new(&text.name, reason))?;
            record.class = record.class.take().or(row.class);
            record.style = record.style.take().or(row.style);
            record.part = record.part.or(row.part);
            let says_nothing = |reason: &Reason| matches!(reason, Reason::NoCaption | Reason::NoText(_));
            (row.captions, row.bad.filter(|bad| !says_nothing(bad)).map(|reason| Fault::new(&text.name, reason)))
        }
        _ => {
            let text::Captions { good, bad } = text::captions(&bytes).map_err(|reason| Fault::new(&text.name, reason))?;
            (good, bad.map(|(line, reason)| Fault::new(format!("{}:{line}", text.name), reason)))
        }
    };
    record.add(captions);
    bad.map_or(Ok(()), Err)
}

/// Takes what lies in the same folders.
pub fn take_beside(items: &[Item], found: &mut Found) {
    let keyed = |item| Keyed { item, path: &item.name };
    let pictures: Vec<Keyed<'_>> = items.iter().filter(|item| role(&item.name) == Role::Picture).map(keyed).collect();
    let texts: Vec<Keyed<'_>> = items.iter().filter(|item| is_text(&item.name)).map(keyed).collect();
    let belongings = beside(&pictures, &texts);
    take(&pictures, &belongings, |_, _| None, found);
}
