//! Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` with `file_name` and `text`, beside the pictures it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::root::{Root, may_be_picture};
use super::row::Row;
use super::{DataConfig, DataError, Fault, Format, Listing, Reason, Record, csv, published, text};

pub const LOOK: &str =
    "metadata.jsonl or metadata.csv with file_name and text, beside the pictures, here or in train/, test/ ...";

/// Bytes of a line of metadata.jsonl, at most.
const MOST_LINE: u64 = 1 << 20;

/// Lists the pictures that metadata names. Several lines about one picture are several captions of it.
pub fn list(root: &Root, _: &DataConfig) -> Result<Option<Listing>, DataError> {
    if !root.is_folder() {
        return Ok(None);
    }
    let (mut metadata, mut reader) =
        (Vec::new(), Rows { root, records: BTreeMap::new(), named: BTreeSet::new(), faults: Vec::new() });
    let mut pictures = BTreeSet::new();
    for file in root.files(root.path(), &mut Vec::new()) {
        if file.file_name().is_some_and(|name| name == "metadata.jsonl" || name == "metadata.csv") {
            metadata.push(file);
        } else if may_be_picture(&file) {
            pictures.insert(file);
        }
    }
    if metadata.is_empty() {
        return Ok(None);
    }
    for file in &metadata {
        if file.extension().is_some_and(|extension| extension == "csv") { reader.csv(file)? } else { reader.jsonl(file)? }
    }
    let unnamed = pictures.difference(&reader.named).count();
    Ok(Some(Listing { unnamed, ..Listing::new(Format::Imagefolder, reader.records.into_values().collect(), reader.faults) }))
}

/// Rows as they are read, by the picture that they are about.
struct Rows<'a> {
    root: &'a Root,
    records: BTreeMap<PathBuf, Record>,
    /// The pictures that some line is about, usable or not.
    named: BTreeSet<PathBuf>,
    faults: Vec<Fault>,
}

impl Rows<'_> {
    fn jsonl(&mut self, path: &Path) -> Result<(), DataError> {
        for (number, line) in text::lines(open(path)?, MOST_LINE) {
            if line.as_ref().is_ok_and(|line| line.trim_ascii().is_empty()) {
                continue;
            }
            self.take(path, number, line.and_then(|line| Row::from_json(&line)));
        }
        Ok(())
    }

    fn csv(&mut self, path: &Path) -> Result<(), DataError> {
        let metadata = |reason: &dyn Display| DataError::Metadata { path: path.to_owned(), reason: reason.to_string() };
        let mut rows = csv::Rows::new(open(path)?);
        let header = rows.next().unwrap_or_else(|| Ok(vec![])).map_err(|reason| metadata(&reason))?;
        if !header.iter().any(|column| column == "file_name") {
            return Err(metadata(&"no column is called file_name"));
        }
        for (number, cells) in (2..).zip(rows) {
            let row = cells.map(|cells| {
                let mut row = Row::default();
                header.iter().zip(&cells).for_each(|(column, cell)| row.set(column, cell));
                row
            });
            self.take(path, number, row);
        }
        Ok(())
    }

    /// Takes what is said in a line; what cannot be used is a fault of the picture, or of the line where it names none.
    fn take(&mut self, metadata: &Path, number: usize, row: Result<Row, Reason>) {
        let line = format!("{}:{number}", self.root.name(metadata));
        let row = match row {
            Ok(row) => row,
            // What the system does not give any more is not about this line alone.
            Err(reason @ Reason::Unreadable(_)) => return self.faults.push(Fault::new(line, reason.cut_off())),
            Err(reason) => return self.faults.push(Fault::new(line, reason)),
        };
        let Some(file_name) = row.file_name.clone() else {
            return self.faults.push(Fault::new(line, Reason::Metadata("it has no file_name".to_owned())));
        };
        let folder = metadata.parent().unwrap_or(self.root.path());
        let found = self.root.named(folder, &file_name).and_then(|path| {
            self.named.insert(path.clone());
            Ok((row.captions()?, self.root.place(&path)?))
        });
        match found {
            Err(reason) => self.faults.push(Fault::new(format!("{file_name} ({line})"), reason)),
            Ok((captions, place)) => match self.records.get_mut(&place.path) {
                Some(record) => captions.into_iter().for_each(|caption| {
                    if !record.captions.contains(&caption) {
                        record.captions.push(caption);
                    }
                }),
                None => {
                    let (class, style) = row.into_labels();
                    let name = self.root.name(&place.path);
                    // train/0.png, validation/0.png.
                    let part = name.split_once('/').and_then(|(folder, _)| published::part_named(folder));
                    self.records.insert(place.path.clone(), Record { name, captions, class, style, part, place });
                }
            },
        }
    }
}

fn open(path: &Path) -> Result<BufReader<File>, DataError> {
    let file = File::open(path).map_err(|cause| DataError::Source { path: path.to_owned(), cause })?;
    Ok(BufReader::new(file))
}
