//! The part of the pack that a configuration names, and its pictures.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::archive::Files;
use super::embedded::Pack;
use super::raster;
use super::tables::{self, ContentRow, StyleSet};
use crate::data::paper::CHANNELS;
use crate::data::pixels::{Collector, Pixels};
use crate::data::{Captions, Content, ContentSplit, DataConfig, DataError, Dataset, Progress, Sample, Split, cache};
use crate::io::hash::hex_sha256;

/// Pictures drawn at a time.
const CHUNK: usize = 1024;

/// The part of the group `symbols` that `signs.tsv` names, as if it were a group.
const SIGNS: &str = "signs";

/// The chosen part of the pack.
pub struct Choice {
    pub contents: Vec<ContentRow>,
    pub sets: Vec<StyleSet>,
    /// The drawings of each set by content key.
    pub drawings: Vec<Files>,
    pub samples: Vec<Sample>,
}

impl Choice {
    /// Of this pack, what the configuration names.
    pub fn of(pack: &Pack, config: &DataConfig) -> Result<Self, DataError> {
        let sets = choose_sets(pack, config)?;
        let drawings = sets.par_iter().map(|set| pack.drawings(set)).collect::<Result<Vec<_>, _>>()?;
        let mut contents = choose_contents(pack, config)?;
        contents.retain(|content| drawings.iter().any(|set| set.contains_key(&content.key)));
        let samples = samples(&contents, &sets, &drawings, &tables::read_held_out(pack.held_out)?);
        if samples.is_empty() {
            return Err(DataError::Empty);
        }
        Ok(Self { contents, sets, drawings, samples })
    }

    /// Its pictures, drawn or from the cache.
    pub fn load(
        &self,
        config: &DataConfig,
        size: usize,
        fallback: Option<&Path>,
        progress: Progress,
    ) -> Result<Dataset, DataError> {
        let (pixels, warnings) = self.pixels(config, size, fallback, progress)?;
        let contents = self.contents.iter().enumerate().map(|(class, row)| content(row, class)).collect();
        let styles = self.sets.iter().map(|set| set.name.clone()).collect();
        let dataset = Dataset::new(contents, styles, self.samples.clone(), size, pixels);
        Ok(Dataset { warnings, digest: self.digest(&dataset), ..dataset })
    }

    /// What [`Dataset::digest`] is of the pack.
    fn digest(&self, dataset: &Dataset) -> String {
        let mut digest = Sha256::new();
        dataset.contents.iter().for_each(|content| digest.update(format!("{content:?}\n")));
        dataset.samples.iter().for_each(|sample| digest.update(format!("{sample:?}\n")));
        self.sets.iter().for_each(|set| digest.update(&set.archive_sha256));
        hex::encode(digest.finalize())[..16].to_owned()
    }

    /// Takes the pixels from the cache, or draws them and keeps them there; with them, what went wrong with it.
    fn pixels(
        &self,
        config: &DataConfig,
        size: usize,
        fallback: Option<&Path>,
        progress: Progress,
    ) -> Result<(Pixels, Vec<String>), DataError> {
        let (length, cap) = (size * size * CHANNELS, config.loading.memory_cap.bytes());
        let too_large = (length * self.samples.len()) as u64 > cap;
        // Drawing them all takes seconds, so nothing is written that was not asked for or has to be.
        let dir = config.loading.cache.as_deref().or(fallback.filter(|_| too_large));
        let path = dir.map(|dir| cache::path(dir, &self.cache_key(size)));
        let mut warnings = Vec::new();
        if let Some(path) = &path {
            match Pixels::cached(path, length, cap) {
                Ok(Some((pixels, _))) => return Ok((pixels, warnings)),
                Ok(None) => {}
                Err(error) => {
                    warnings.push(format!("drawing again: the cache {} cannot be used: {error}", path.display()));
                }
            }
        }
        let pixels = self.draw(size, Collector::new(length, self.samples.len(), cap, path)?, progress, &mut warnings)?;
        Ok((pixels, warnings))
    }

    fn draw(
        &self,
        size: usize,
        mut collector: Collector,
        progress: Progress,
        warnings: &mut Vec<String>,
    ) -> Result<Pixels, DataError> {
        let done = AtomicUsize::new(0);
        let draw = |sample: &Sample| {
            let (set, key) = (&self.sets[sample.style], &self.contents[sample.content].key);
            let drawn = raster::rasterise(&self.drawings[sample.style][key], size).map_err(|cause| DataError::Picture {
                set: set.name.clone(),
                key: key.clone(),
                cause: cause.into(),
            })?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, self.samples.len());
            Ok(drawn)
        };
        for chunk in self.samples.chunks(CHUNK) {
            for picture in chunk.par_iter().map(draw).collect::<Result<Vec<_>, _>>()? {
                collector.push(&picture)?;
            }
        }
        let (pixels, warning) = collector.finish(&[])?;
        warnings.extend(warning);
        Ok(pixels)
    }

    /// A digest of everything that the pixels depend on.
    pub fn cache_key(&self, size: usize) -> String {
        let mut parts = vec![format!("raster {} size {size}", raster::VERSION)];
        parts.extend(
            self.samples
                .iter()
                .map(|sample| format!("{} {}", self.sets[sample.style].archive_sha256, self.contents[sample.content].key)),
        );
        hex_sha256(parts.join("\n").as_bytes())[..16].to_owned()
    }
}

/// A row of the table as training sees it; `class` is its own.
pub fn content(row: &ContentRow, class: usize) -> Content {
    let captions = Captions::Composed { name: row.label.clone(), tags: row.tags.clone(), kind: row.subgroup.replace('-', " ") };
    Content { key: row.key.clone(), captions, class, split: row.split }
}

/// The sets that the configuration names.
pub fn choose_sets(pack: &Pack, config: &DataConfig) -> Result<Vec<StyleSet>, DataError> {
    let mut sets = tables::read_sets(pack.sets)?;
    for name in &config.sets {
        if !sets.iter().any(|set| set.name == *name) {
            let known = sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(DataError::UnknownSet { name: name.clone(), known });
        }
    }
    sets.retain(|set| config.sets.contains(&set.name));
    Ok(sets)
}

/// The contents of the groups that the configuration names.
pub fn choose_contents(pack: &Pack, config: &DataConfig) -> Result<Vec<ContentRow>, DataError> {
    let mut contents = tables::read_contents(pack.contents)?;
    let signs = tables::read_signs(pack.signs)?;
    let known: BTreeSet<&str> = contents.iter().map(|content| content.group.as_str()).chain([SIGNS]).collect();
    if let Some(name) = config.groups.iter().find(|name| !known.contains(name.as_str())) {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(DataError::UnknownGroup { name: name.clone(), known });
    }
    let with_signs = config.groups.iter().any(|name| name == SIGNS);
    contents.retain(|content| config.groups.contains(&content.group) || with_signs && signs.contains(&content.label));
    Ok(contents)
}

fn samples(contents: &[ContentRow], sets: &[StyleSet], drawings: &[Files], held_out: &tables::HeldOut) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (content, ContentRow { key, split, .. }) in contents.iter().enumerate() {
        for (style, set) in sets.iter().enumerate() {
            if drawings[style].contains_key(key) {
                let split = match split {
                    ContentSplit::Validation => Split::Validation,
                    ContentSplit::Test => Split::Test,
                    ContentSplit::Train if held_out.contains(&(key.clone(), set.name.clone())) => Split::HeldOutCombination,
                    ContentSplit::Train => Split::Train,
                };
                samples.push(Sample { content, style, split });
            }
        }
    }
    samples
}
