//! The emoji that come with the program: captioned, human-drawn pictures in several styles of the same content.
//!
//! Emoji are drawn by many hands to the same list of contents. That is what disentangling needs and photographs do not
//! have: for a content and a style never seen together, the true picture exists. So the split is part of the data
//! (`emblem-lab pack` wrote it into the pack's files) and never computed while training; every run, and everyone who compares
//! with it, trains and is measured on the same pictures.

pub mod archive;
mod choice;
pub mod embedded;
mod fills;
pub mod raster;
pub mod tables;
mod true_art;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use shared::Vocabulary;
use shared::text::names::Name;

pub use true_art::TrueArt;

#[cfg(test)]
use super::Content;
use super::{ContentSplit, DataConfig, DataError, Dataset, Progress};
#[cfg(test)]
use choice::content;
use choice::{Choice, choose_contents, choose_sets};
use embedded::Pack;
use tables::{ContentRow, Translation};

/// Loads the chosen part of the embedded pack. `fallback` is where decoded pictures are kept if they do not fit into memory and the
/// configuration does not say where.
///
/// # Errors
/// See [`DataError`]. A cache that cannot be used is a warning, not an error.
pub fn load(config: &DataConfig, size: usize, fallback: Option<&Path>, progress: Progress) -> Result<Dataset, DataError> {
    Choice::of(&Pack::embedded(), config)?.load(config, size, fallback, progress)
}

/// Names of the chosen contents that are learnt from, with their keywords, what most people call them, their emoji, and what they are
/// called in Chinese.
///
/// # Errors
/// As [`load`].
pub fn names(config: &DataConfig) -> Result<Vec<Name>, DataError> {
    let pack = Pack::embedded();
    let mut chinese: HashMap<String, Translation> =
        tables::read_translations(pack.chinese)?.into_iter().map(|row| (row.key.clone(), row)).collect();
    let mut usual = tables::read_usual(pack.usual)?;
    let named = |ContentRow { key, label, tags, emoji, .. }: ContentRow| {
        let (translation, more) = chinese.remove(&key).map(|row| (row.label, row.tags)).unzip();
        Name {
            translations: translation.into_iter().chain([emoji]).collect(),
            keywords: [tags, more.unwrap_or_default()].concat(),
            usual: usual.remove(&label).unwrap_or_default(),
            name: label,
        }
    };
    let contents = choose_contents(&pack, config)?;
    Ok(contents.into_iter().filter(|content| content.split == ContentSplit::Train).map(named).collect())
}

/// The default part of the pack, but for the groups of which a model has not learnt even half by name: its file does not say which it
/// learnt from.
///
/// # Errors
/// As [`load`].
pub fn learnt_by(vocabulary: &Vocabulary) -> Result<DataConfig, DataError> {
    let all = DataConfig::default();
    let Some(learnt) = vocabulary.names() else { return Ok(all) };
    let learnt: BTreeSet<&str> = learnt.names().iter().map(|name| name.name.as_str()).collect();
    let mut groups = vec![];
    for group in &all.groups {
        let names = names(&DataConfig { groups: vec![group.clone()], ..all.clone() })?;
        let known = names.iter().filter(|name| learnt.contains(name.name.as_str())).count();
        groups.extend((2 * known >= names.len()).then(|| group.clone()));
    }
    Ok(if groups.is_empty() { all } else { DataConfig { groups, ..all } })
}

/// All contents of the embedded pack.
#[cfg(test)]
pub fn contents() -> Result<Vec<Content>, DataError> {
    let rows = tables::read_contents(Pack::embedded().contents)?;
    Ok(rows.iter().enumerate().map(|(class, row)| content(row, class)).collect())
}

/// Names of the chosen sets, in the order of the styles of the data set that [`load`] makes.
///
/// # Errors
/// As [`load`].
pub fn set_names(config: &DataConfig) -> Result<Vec<String>, DataError> {
    Ok(choose_sets(&Pack::embedded(), config)?.into_iter().map(|set| set.name).collect())
}

#[cfg(test)]
mod tests;
