//! Everybody's own data: from a place on disk to a [`Dataset`].
//!
//! A picture's part of the experiment follows from a digest of its file, so that it is the same whatever else is in the
//! data, in whatever order, and copies of one picture are never on both sides. Where the data says in which style each
//! picture is drawn, a held-out picture whose content is trained in other styles is a held-out combination.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::{Allowance, Format};
use super::paper::{CHANNELS, opaque};
use super::picture::{self, Kind, Policy};
use super::pixels::{Collector, Pixels};
use super::sources::{self, Account, Fault, FileSpan, Listing, Reason, Record, SplitRule};
use super::{Captions, Content, ContentSplit, DataConfig, DataError, Dataset, Progress, Sample, Split, cache};

/// Shares of the pictures that training does not see, in the order in which they are cut off.
const TEST_SHARE: f64 = 0.05;
const VALIDATION_SHARE: f64 = 0.05;

/// Pictures decoded before the next ones are begun; their pixels wait in memory.
const CHUNK: usize = 64;

/// Faults that an error names; `trainer check` names all.
const EXAMPLES: usize = 5;

/// The one style of data that knows no styles.
const ONE_STYLE: &str = "unlabelled";

/// A record that has been looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Number of the record in its listing.
    pub record: usize,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    pub kind: Kind,
    pub width: u32,
    pub height: u32,
}

/// What a cache file says beside its pixels.
#[derive(Serialize, Deserialize)]
struct Index {
    seen: Vec<Seen>,
    faults: Vec<Fault>,
}

/// Loads the pictures in `source`. Decoded pictures are kept in the configuration's cache, or else in `fallback`.
///
/// # Errors
/// See [`DataError`]. Single pictures that cannot be used are warnings until there are too many.
pub fn load(
    source: &Path,
    config: &DataConfig,
    size: usize,
    fallback: Option<&Path>,
    progress: Progress,
) -> Result<Dataset, DataError> {
    let listing = sources::list(source, config)?;
    let policy = Policy::new(config, size);
    let path = config.loading.cache.as_deref().or(fallback).map(|dir| cache::path(dir, &cache_key(&listing, &policy)));
    let (index, pixels, mut warnings) = look(&listing, &policy, config, path, progress)?;
    let faults = [listing.faults.as_slice(), index.faults.as_slice()].concat();
    refuse(source, index.seen.len(), &faults, &listing.account, config.loading.max_bad)?;
    let mut notes = vec![tally(&listing, index.seen.len(), &faults)];
    notes.extend(listing.account.lines().into_iter().map(|line| format!("left out: {line}")));
    notes.extend(listing.others.iter().map(|other| also(*other)));
    warnings.extend(summary(&faults));
    let dataset = assemble(&listing, &index.seen, size, pixels);
    if !dataset.has_styles() {
        warnings.push(
            "the data does not say which pictures share a style, so a style seed has no hands to choose from: each picture lends its \
             style to itself, which is reconstruction. --subfolders style, or a style in the metadata, says it; --preset adversarial needs none"
                .to_owned(),
        );
    }
    Ok(Dataset { notes, warnings, digest: digest(&listing, &index.seen), ..dataset })
}

/// What became of everything in the data, in numbers.
pub fn tally(listing: &Listing, used: usize, faults: &[Fault]) -> String {
    format!("{used} pictures used, {} bad, {} left out ({})", faults.len(), listing.account.left_out(), listing.format.name())
}

/// Another layout that fits.
pub fn also((format, count): (Format, usize)) -> String {
    format!("{name} fits, too, with {count} captioned pictures; --format {name} takes those instead", name = format.name())
}

/// What [`Dataset::digest`] is of one's own data. Dates of files say nothing: the same data may lie elsewhere today.
fn digest(listing: &Listing, seen: &[Seen]) -> String {
    let mut digest = Sha256::new();
    for seen in seen {
        let Record { name, captions, class, style, part, .. } = &listing.records[seen.record];
        digest.update(format!("{name:?} {captions:?} {class:?} {style:?} {part:?}\n"));
        digest.update(seen.digest);
    }
    short(digest)
}

/// The beginning of a digest, which is enough for a name.
fn short(digest: Sha256) -> String {
    hex::encode(digest.finalize())[..16].to_owned()
}

/// Takes the pictures from the cache, or decodes them and keeps them there; with them, what went wrong with it.
fn look(
    listing: &Listing,
    policy: &Policy,
    config: &DataConfig,
    path: Option<PathBuf>,
    progress: Progress,
) -> Result<(Index, Pixels, Vec<String>), DataError> {
    let (length, cap) = (policy.size * policy.size * CHANNELS, config.loading.memory_cap.bytes());
    let mut warnings = Vec::new();
    if let Some(path) = &path {
        let cached = Pixels::cached(path, length, cap).and_then(|cached| match cached {
            Some((pixels, index)) => Ok(Some((serde_json::from_slice(&index)?, pixels))),
            None => Ok(None),
        });
        match cached {
            Ok(Some((index, pixels))) => return Ok((index, pixels, warnings)),
            Ok(None) => {}
            Err(error) => {
                warnings.push(format!("decoding again: the cache {} cannot be used: {error}", path.display()));
            }
        }
    }
    let mut collector = Collector::new(length, listing.records.len(), cap, path)?;
    let mut index = Index { seen: Vec::new(), faults: Vec::new() };
    see(&listing.records, policy, progress, |looked| {
        match looked {
            Ok((seen, pixels)) => {
                collector.push(&opaque(&pixels))?;
                index.seen.push(seen);
            }
            Err(fault) => index.faults.push(fault),
        }
        Ok(())
    })?;
    let text = serde_json::to_vec(&index).unwrap_or_default();
    let (pixels, warning) = collector.finish(&text)?;
    warnings.extend(warning);
    Ok((index, pixels, warnings))
}

/// Reads and decodes all records and hands each to `take`, in order, in memory that does not grow with their number.
///
/// # Errors
/// What `take` returns.
pub fn see<E>(
    records: &[Record],
    policy: &Policy,
    progress: Progress,
    mut take: impl FnMut(Result<(Seen, Vec<u8>), Fault>) -> Result<(), E>,
) -> Result<(), E> {
    let done = AtomicUsize::new(0);
    let look = |(number, record): (usize, &Record)| {
        let looked = record.bytes().and_then(|bytes| {
            let decoded = picture::decode(&bytes, policy).map_err(|reason| reason.of_bytes(&bytes))?;
            let digest = Sha256::digest(&bytes).into();
            let seen = Seen { record: number, digest, kind: decoded.kind, width: decoded.width, height: decoded.height };
            Ok((seen, decoded.pixels))
        });
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, records.len());
        looked.map_err(|reason: Reason| Fault::new(&record.name, reason))
    };
    for (chunk, records) in records.chunks(CHUNK).enumerate() {
        let numbered = records.par_iter().enumerate().map(|(index, record)| (chunk * CHUNK + index, record));
        for looked in numbered.map(look).collect::<Vec<_>>() {
            take(looked)?;
        }
    }
    Ok(())
}

/// Refuses data of which nothing, or too little, can be used.
///
/// # Errors
/// [`DataError::NothingUsable`], [`DataError::CutOff`], [`DataError::TooManyBad`].
pub fn refuse(source: &Path, usable: usize, faults: &[Fault], account: &Account, allowed: Allowance) -> Result<(), DataError> {
    let (path, bad, all) = (source.to_owned(), faults.len(), usable + faults.len());
    // What is left out may be what is missing.
    let left_out = account.lines().into_iter().map(|line| format!("\n  left out: {line}"));
    let found = examples(faults) + &left_out.collect::<String>();
    if usable == 0 {
        return Err(DataError::NothingUsable { path, bad, examples: found });
    }
    // How many samples such a file would have had is what nobody knows, so no share of them can be allowed but all.
    let cut: Vec<Fault> = faults.iter().filter(|fault| matches!(fault.reason, Reason::CutOff(_))).cloned().collect();
    if !cut.is_empty() && allowed != Allowance::Share(100.0) {
        return Err(DataError::CutOff { path, files: examples(&cut) });
    }
    if allowed.is_exceeded(bad, all) {
        return Err(DataError::TooManyBad { path, bad, all, allowed, examples: found });
    }
    Ok(())
}

fn examples(faults: &[Fault]) -> String {
    let mut lines: Vec<String> =
        faults.iter().take(EXAMPLES).map(|Fault { name, reason }| format!("  {name} {reason}")).collect();
    if faults.len() > EXAMPLES {
        lines.push(format!("  and {} more", faults.len() - EXAMPLES));
    }
    lines.join("\n")
}

fn summary(faults: &[Fault]) -> Option<String> {
    let count = faults.len();
    (count > 0).then(|| format!("{count} samples cannot be used and are left out:\n{}", examples(faults)))
}

/// Groups what could be decoded into contents and styles, and gives each picture its part.
pub fn assemble(listing: &Listing, seen: &[Seen], size: usize, pixels: Pixels) -> Dataset {
    let records: Vec<&Record> = seen.iter().map(|seen| &listing.records[seen.record]).collect();
    let style = |record: &Record| record.style.clone().unwrap_or_else(|| ONE_STYLE.to_owned());
    let mut styles: Vec<String> = records.iter().map(|record| style(record)).collect();
    styles.sort();
    styles.dedup();
    let mut contents: Vec<Content> = Vec::new();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut samples = Vec::new();
    let mut captions = None;
    for (record, seen) in records.iter().zip(seen) {
        if captions != Some(&record.captions) {
            captions = Some(&record.captions);
            let next = contents.len();
            // Numbers of classes and of contents without one come from one count, so that they never meet.
            let class = record.class.as_deref().map_or(next, |class| *classes.entry(class).or_insert(next));
            let captions = Captions::Written(record.captions.clone());
            contents.push(Content { key: record.name.clone(), captions, class, split: ContentSplit::Test });
        }
        let part = match (&listing.split_rule, &record.class, record.part) {
            (_, _, Some(part)) => part,
            (SplitRule::ByClass(published), Some(class), None) => {
                published.get(class).copied().unwrap_or_else(|| part(&Sha256::digest(class.as_bytes()).into()))
            }
            _ => part(&seen.digest),
        };
        // Every record's style is in the list.
        let style = styles.binary_search(&style(record)).unwrap_or_default();
        samples.push(Sample { content: contents.len() - 1, style, split: part });
    }
    let mut dataset = Dataset::new(contents, styles, samples, size, pixels);
    settle(&mut dataset);
    dataset
}

/// Gives each content its part, and finds the held-out combinations.
fn settle(dataset: &mut Dataset) {
    for sample in &dataset.samples {
        let part = match sample.split {
            Split::Train => ContentSplit::Train,
            Split::Validation => ContentSplit::Validation,
            _ => ContentSplit::Test,
        };
        let content = &mut dataset.contents[sample.content];
        content.split = content.split.min(part);
    }
    if !dataset.has_styles() {
        return;
    }
    let trained: HashSet<usize> =
        dataset.samples.iter().filter(|sample| sample.split == Split::Train).map(|sample| sample.style).collect();
    for sample in &mut dataset.samples {
        let both = dataset.contents[sample.content].split == ContentSplit::Train && trained.contains(&sample.style);
        if sample.split != Split::Train && both {
            sample.split = Split::HeldOutCombination;
        }
    }
}

/// The part that a digest falls into.
fn part(digest: &[u8; 32]) -> Split {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let place = u64::from_be_bytes(first) as f64 / u64::MAX as f64;
    match place {
        _ if place < TEST_SHARE => Split::Test,
        _ if place < TEST_SHARE + VALIDATION_SHARE => Split::Validation,
        _ => Split::Train,
    }
}

/// A digest of everything that the pictures depend on, without reading them: a file that has its old length and date is the old one.
fn cache_key(listing: &Listing, policy: &Policy) -> String {
    // Record by record: their captions may take more memory than their pictures may.
    let mut digest = Sha256::new_with_prefix(policy.key());
    for Record { name, captions, class, style, place, .. } in &listing.records {
        let FileSpan { offset, length, changed, .. } = place;
        digest.update(format!("\n{name:?} {captions:?} {class:?} {style:?} {offset} {length} {changed}"));
    }
    short(digest)
}

#[cfg(test)]
mod tests;
