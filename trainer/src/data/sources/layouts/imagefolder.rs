//! Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` with `file_name` and `text`, beside the pictures it names.

use std::collections::BTreeMap;
use std::io::{BufReader, Seek, SeekFrom};

use crate::data::DataConfig;
use crate::data::sources::account::Found;
use crate::data::sources::names::{self, split};
use crate::data::sources::root::{Inventory, Item, Root, open};
use crate::data::sources::row::{Row, column, listed};
use crate::data::sources::what::{HEAD, what};
use crate::data::sources::{Fault, FileSpan, Reason, Record, csv, text};

pub const LOOK: &str =
    "metadata.jsonl or metadata.csv with file_name and text, beside the pictures, here or in train/, test/ ...";
pub const STRAY: &str = "a picture that the metadata does not name";

/// Bytes of a line of metadata.jsonl, at most.
const MOST_LINE: u64 = 1 << 20;

/// Lists the pictures that metadata names. Several lines about one picture are several captions of it.
pub fn list(root: &Root, inventory: &Inventory, _: &DataConfig, misfits: &mut Vec<Fault>) -> Option<Found> {
    let mut reader = Reader { root, records: BTreeMap::new(), found: Found::default() };
    let mut unreadable = Vec::new();
    let is_table = |item: &&Item| split(&item.name).1.to_lowercase().starts_with("metadata.");
    for table in inventory.items.iter().filter(is_table) {
        match reader.table(table) {
            Ok(()) => drop(reader.found.words.insert(table.name.clone())),
            Err(reason @ Reason::Metadata(_)) => misfits.push(Fault::new(&table.name, reason)),
            Err(reason) => unreadable.push(Fault::new(&table.name, reason)),
        }
    }
    let Reader { records, mut found, .. } = reader;
    if found.words.is_empty() {
        misfits.extend(unreadable);
        return None;
    }
    // Beside tables that are read, one that is not is a part of the data that is missing.
    found.faults.extend(unreadable.into_iter().map(|fault| Fault { reason: fault.reason.cut_off(), ..fault }));
    found.records = records.into_values().collect();
    Some(found)
}

/// Rows as they are read, by the picture that they are about.
struct Reader<'a> {
    root: &'a Root,
    records: BTreeMap<String, Record>,
    found: Found,
}

impl Reader<'_> {
    /// Takes all rows of a file; an error where it is no such file.
    fn table(&mut self, table: &Item) -> Result<(), Reason> {
        let place = table.place.clone()?;
        let head = place.head(HEAD as u64)?;
        if let Some(what) = what(&head) {
            return Err(Reason::Foreign(what));
        }
        let mut file = open(&place)?;
        let mark = if head.starts_with(text::MARK) { text::MARK.len() } else { 0 };
        file.seek(SeekFrom::Start(mark as u64)).map_err(Reason::unreadable)?;
        let file = BufReader::new(file);
        match names::ending(&table.name).as_str() {
            "jsonl" => self.jsonl(&table.name, file),
            "csv" => self.csv(&table.name, file),
            _ => Err(Reason::Metadata("tables are read from metadata.jsonl and metadata.csv".to_owned())),
        }
    }

    fn jsonl(&mut self, table: &str, file: BufReader<std::fs::File>) -> Result<(), Reason> {
        for (number, line) in text::lines(file, MOST_LINE) {
            if line.as_ref().is_ok_and(|line| line.trim_ascii().is_empty()) {
                continue;
            }
            self.take(table, number, line.and_then(|line| Row::from_json(&line)));
        }
        Ok(())
    }

    fn csv(&mut self, table: &str, file: BufReader<std::fs::File>) -> Result<(), Reason> {
        let mut rows = csv::rows(file);
        let header = rows.next().map_or_else(|| Ok(vec![]), |(_, header)| header)?;
        if !header.iter().any(|name| column(name) == "file_name") {
            return Err(Reason::Metadata(format!("no column is called file_name, and the columns are {}", listed(&header))));
        }
        for (number, cells) in rows {
            self.take(table, number, cells.and_then(|cells| Row::from_cells(&header, cells)));
        }
        Ok(())
    }

    /// Takes what is said in a line; what cannot be used is a fault of the picture, or of the line where it names none.
    fn take(&mut self, table: &str, number: usize, row: Result<Row, Reason>) {
        let line = format!("{table}:{number}");
        let row = match row {
            Ok(row) => row,
            // What the system does not give any more is not about this line alone.
            Err(reason @ Reason::Unreadable(_)) => return self.found.faults.push(Fault::new(line, reason.cut_off())),
            Err(reason) => return self.found.faults.push(Fault::new(line, reason)),
        };
        let Some(file_name) = &row.file_name else {
            return self.found.faults.push(Fault::new(line, Reason::Metadata("it has no file_name".to_owned())));
        };
        let line = format!("{file_name} ({line})");
        let named = Root::named(split(table).0, file_name);
        let name = named.as_ref().ok().cloned();
        match named.and_then(|name| Ok((self.root.place(&name)?, name))) {
            Ok((place, name)) => self.put(name, line, place, row),
            Err(reason) => {
                self.found.bad.extend(name);
                self.found.faults.push(Fault::new(line, reason));
            }
        }
    }

    /// Adds a row to what is known of its picture.
    fn put(&mut self, name: String, line: String, place: FileSpan, row: Row) {
        let Row { captions, bad, class, style, part, .. } = row;
        let faults = &mut self.found.faults;
        faults.extend(bad.map(|reason| Fault::new(&line, reason)));
        if captions.is_empty() {
            self.found.bad.insert(name);
            return;
        }
        let record = self.records.entry(name.clone()).or_insert_with(|| Record::new(name, place));
        for (what, known, said) in [("class", &mut record.class, class), ("style", &mut record.style, style)] {
            match (&known, said) {
                (Some(known), Some(said)) if *known != said => {
                    faults
                        .push(Fault::new(&line, Reason::Metadata(format!("its {what} is {said}, and {known} in another line"))));
                    return;
                }
                (None, said) => *known = said,
                _ => {}
            }
        }
        record.part = record.part.or(part);
        record.add(captions);
    }
}
