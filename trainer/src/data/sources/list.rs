//! Which layout a place has, and everything that it holds.

use std::path::Path;

use super::account::{Account, Found};
use super::fault::{Fault, Reason};
use super::layouts::{LAYOUTS, Layout, folder};
use super::record::{Record, SplitRule};
use super::root::Root;
use super::{names, published};
use crate::data::config::Format;
use crate::data::{DataConfig, DataError};

/// Everything that a place holds.
#[derive(Debug)]
pub struct Listing {
    pub format: Format,
    /// In the order of captions, style and name, so that pictures of one content stand together.
    pub records: Vec<Record>,
    pub faults: Vec<Fault>,
    /// What became of all other files.
    pub account: Account,
    /// Other layouts that fit, with how many pictures they have captions for.
    pub others: Vec<(Format, usize)>,
    pub split_rule: SplitRule,
}

/// Lists the pictures and captions in `path`, by the configured layout or, of those that fit, by the one that holds most.
///
/// # Errors
/// [`DataError::NothingFound`] says what was looked for, and what is there instead.
pub fn list(path: &Path, config: &DataConfig) -> Result<Listing, DataError> {
    let root = Root::new(path)?;
    let inventory = root.inventory();
    let asked = |layout: &&Layout| config.format == Format::Auto || config.format == layout.format;
    let layouts: Vec<&Layout> = LAYOUTS.iter().filter(asked).collect();
    let mut misfits = Vec::new();
    let list = |layout: &&'static Layout| Some((*layout, (layout.list)(&root, &inventory, config, &mut misfits)?));
    let mut fitting: Vec<(&Layout, Found)> = layouts.iter().filter_map(list).collect();
    fitting.sort_by_key(|(_, found)| std::cmp::Reverse((found.records.len(), found.faults.len())));
    let mut fitting = fitting.into_iter();
    let Some((layout, found)) = fitting.next() else {
        let looked_for: Vec<String> =
            layouts.iter().map(|layout| format!("  {:<12} {}", layout.format.name(), layout.look)).collect();
        let stray = layouts.last().map_or("", |layout| layout.stray);
        let there = Account::close(&inventory, &Found::default(), stray, &misfits).lines();
        let faults = inventory.faults.iter().map(|Fault { name, reason }| format!("{name} {reason}"));
        let there: Vec<String> = faults.chain(there).map(|line| format!("\n  {line}")).collect();
        let there = if there.is_empty() { " nothing".to_owned() } else { there.concat() };
        return Err(DataError::NothingFound { path: path.to_owned(), looked_for: looked_for.join("\n"), there });
    };
    let mut others = Vec::new();
    for (other, found) in fitting {
        let less = Reason::Foreign(format!("read by --format {}, which finds less", other.format.name()));
        misfits.extend(found.words.into_iter().map(|name| Fault::new(name, less.clone())));
        misfits.extend(found.faults.into_iter().filter(|fault| names::role(&fault.name) != names::Role::Picture));
        if !found.records.is_empty() {
            others.push((other.format, found.records.len()));
        }
    }
    let account = Account::close(&inventory, &found, layout.stray, &misfits);
    let Found { mut records, mut faults, split_rule, .. } = found;
    faults.extend(inventory.faults);
    published::settle(&mut records);
    if layout.format == Format::Folder {
        folder::label(&mut records, config.subfolders);
    }
    records.sort_by(|a, b| (&a.captions, &a.style, &a.name).cmp(&(&b.captions, &b.style, &b.name)));
    Ok(Listing { format: layout.format, records, faults, account, others, split_rule })
}
