//! Which layout a place has, and everything that it holds.

use std::path::Path;

use super::account::{Account, Found};
use super::fault::{Fault, Reason};
use super::record::{Record, SplitRule};
use super::root::{Inventory, Root};
use super::{coco, folder, imagefolder, names, paired, published, webdataset};
use crate::data::config::Format;
use crate::data::{DataConfig, DataError};

/// Lists a place, if it has this layout. Files that look as if they had and do not fit are named.
type List = fn(&Root, &Inventory, &DataConfig, &mut Vec<Fault>) -> Option<Found>;

/// The layouts, the most particular first: of several that hold the same, the first is taken.
const FORMATS: [Format; 6] =
    [Format::Cub, Format::Flowers, Format::Coco, Format::Imagefolder, Format::Webdataset, Format::Folder];

/// How a layout is listed, and what it looks like.
fn layout(format: Format) -> (List, &'static str) {
    match format {
        Format::Cub => (paired::list_birds, paired::BIRDS_LOOK),
        Format::Flowers => (paired::list_flowers, paired::FLOWERS_LOOK),
        Format::Coco => (coco::list, coco::LOOK),
        Format::Imagefolder => (imagefolder::list, imagefolder::LOOK),
        Format::Webdataset => (webdataset::list, webdataset::LOOK),
        Format::Folder | Format::Auto => (folder::list, folder::LOOK),
    }
}

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
    let formats = if config.format == Format::Auto { FORMATS.to_vec() } else { vec![config.format] };
    let mut misfits = Vec::new();
    let list = |format: &Format| Some((*format, layout(*format).0(&root, &inventory, config, &mut misfits)?));
    let mut fitting: Vec<(Format, Found)> = formats.iter().filter_map(list).collect();
    fitting.sort_by_key(|(_, found)| std::cmp::Reverse((found.records.len(), found.faults.len())));
    let mut fitting = fitting.into_iter();
    let Some((format, found)) = fitting.next() else {
        let looked_for: Vec<String> =
            formats.iter().map(|format| format!("  {:<12} {}", format.name(), layout(*format).1)).collect();
        let there = Account::close(&inventory, &Found::default(), config.format, &misfits).lines();
        let faults = inventory.faults.iter().map(|Fault { name, reason }| format!("{name} {reason}"));
        let there: Vec<String> = faults.chain(there).map(|line| format!("\n  {line}")).collect();
        let there = if there.is_empty() { " nothing".to_owned() } else { there.concat() };
        return Err(DataError::NothingFound { path: path.to_owned(), looked_for: looked_for.join("\n"), there });
    };
    let mut others = Vec::new();
    for (other, found) in fitting {
        let less = Reason::Foreign(format!("read by --format {}, which finds less", other.name()));
        misfits.extend(found.words.into_iter().map(|name| Fault::new(name, less.clone())));
        misfits.extend(found.faults.into_iter().filter(|fault| names::role(&fault.name) != names::Role::Picture));
        if !found.records.is_empty() {
            others.push((other, found.records.len()));
        }
    }
    let account = Account::close(&inventory, &found, format, &misfits);
    let Found { mut records, mut faults, split_rule, .. } = found;
    faults.extend(inventory.faults);
    published::settle(&mut records);
    if format == Format::Folder {
        folder::label(&mut records, config.subfolders);
    }
    records.sort_by(|a, b| (&a.captions, &a.style, &a.name).cmp(&(&b.captions, &b.style, &b.name)));
    Ok(Listing { format, records, faults, account, others, split_rule })
}
