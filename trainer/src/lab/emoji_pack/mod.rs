//! Makes `data/emoji` from the published packages; a maintainer's tool, not part of training.
//!
//! `sources.tsv`, kept beside the output, says which drawing of each package shows which emoji. Those names were matched
//! once, by code point where a package has them and checked by picture where not, and are pinned here with the
//! packages' versions and digests. So packing guesses nothing, and packing twice gives the same bytes.

mod glyphs;
mod icons;
mod sources;
mod split;
mod translations;

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::data::DataError;
use crate::data::emoji::archive::{self, Files};
use crate::data::emoji::raster::{self, RasterError};
use crate::data::emoji::tables::{self, StyleSet};
use crate::data::paper::{self, WHITE};
use crate::io::hash::hex_sha256;
use crate::lab::fetch::{self, FetchError};
use sources::{Emoji, Form, Source};
use split::Thumbnails;

/// Why the pack could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A package could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A package is not made as expected.
    #[error("set {set}: {reason}")]
    Package { set: String, reason: String },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    /// `sets.toml` could not be written.
    #[error("sets.toml: {0}")]
    Sets(#[from] toml::ser::Error),
    /// `sources.tsv` is damaged.
    #[error(transparent)]
    Sources(#[from] DataError),
}

impl PackError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.advice(),
            Self::Package { .. } => "Use the pinned version of the package.",
            Self::Io { .. } => "See that the folder exists, can be written and has room.",
            Self::Sets(_) | Self::Sources(_) => "Restore data/emoji/sources.tsv from version control.",
        }
    }
}

/// Fetches the packages into `cache_dir` and writes the pack into `out_dir`.
///
/// # Errors
/// See [`PackError`]. Files written before the error stay.
pub fn build(out_dir: &Path, cache_dir: &Path) -> Result<(), PackError> {
    let emoji = sources::emoji()?;
    make_dir(out_dir)?;
    let mut sets = Vec::new();
    let mut thumbnails = Vec::new();
    for source in &sources::SETS {
        tracing::info!("{}: {} {}", source.name, source.package.name, source.package.version);
        let mut drawings = drawings(source, &emoji, cache_dir)?;
        thumbnails.push(drop_blank(source, &mut drawings)?);
        sets.push(write_set(source, drawings, out_dir)?);
    }
    tracing::info!("clusters and splits");
    let contents = split::contents(emoji, &thumbnails);
    let held_out = split::held_out(&contents, &thumbnails);
    write(&out_dir.join(tables::CONTENTS), tables::write_contents(&contents).as_bytes())?;
    tracing::info!("names in Chinese");
    let package = fetch::npm(&translations::EMOJIBASE, cache_dir)?;
    let chinese = translations::chinese(&package, contents.iter().map(|content| content.key.as_str()))
        .map_err(|reason| PackError::Package { set: translations::EMOJIBASE.name.to_owned(), reason })?;
    write(&out_dir.join(tables::CHINESE), tables::write_translations(&chinese).as_bytes())?;
    write(&out_dir.join(tables::HELD_OUT), tables::write_held_out(&held_out).as_bytes())?;
    write(&out_dir.join(tables::SETS), tables::write_sets(sets)?.as_bytes())
}

/// The drawings of one set by file name, as they go into its archive.
fn drawings(source: &Source, emoji: &[Emoji], cache_dir: &Path) -> Result<Files, PackError> {
    let package = fetch::npm(&source.package, cache_dir)?;
    let wanted = emoji.iter().filter_map(|emoji| Some((emoji.key.as_str(), emoji.names.get(source.name)?.as_str())));
    match source.form {
        Form::Icons => icons::drawings(&package, wanted),
        Form::Font(path) => glyphs::drawings(&package, path, wanted),
        Form::WebP(folder) => wanted
            .map(|(key, name)| {
                let path = format!("{folder}/{name}");
                let bytes = package.get(&path).ok_or_else(|| format!("it has no {path}"))?;
                Ok((format!("{key}.webp"), bytes.clone()))
            })
            .collect(),
    }
    .map_err(|reason| PackError::Package { set: source.name.to_owned(), reason })
}

/// A drawing on white, by which contents and sets are compared: RGB8.
fn thumbnail(bytes: &[u8]) -> Result<Vec<u8>, RasterError> {
    Ok(paper::on_paper(&raster::rasterise(bytes, split::THUMBNAIL)?, WHITE))
}

/// Takes blank drawings out, and returns thumbnails of the others.
fn drop_blank(source: &'static Source, drawings: &mut Files) -> Result<Thumbnails, PackError> {
    let drawn: Vec<_> = drawings.par_iter().map(|(name, bytes)| (name.clone(), thumbnail(bytes))).collect();
    let mut thumbnails = Files::new();
    for (name, result) in drawn {
        match result {
            Ok(pixels) => {
                let key = name.split('.').next().unwrap_or_default();
                thumbnails.insert(key.to_owned(), pixels);
            }
            Err(RasterError::Blank) => {
                tracing::info!("{}: {name} is blank and left out", source.name);
                drawings.remove(&name);
            }
            Err(error) => {
                return Err(PackError::Package { set: source.name.to_owned(), reason: format!("{name}: {error}") });
            }
        }
    }
    Ok((source, thumbnails))
}

fn write_set(source: &Source, drawings: Files, out_dir: &Path) -> Result<StyleSet, PackError> {
    let suffix = if matches!(source.form, Form::WebP(_)) { "tar" } else { "tar.zst" };
    let archive = format!("{}.{suffix}", source.name);
    let path = out_dir.join(&archive);
    let bytes = archive::write(&archive, &drawings).map_err(|source| PackError::Io { path: path.clone(), source })?;
    write(&path, &bytes)?;
    Ok(StyleSet {
        name: source.name.to_owned(),
        title: source.title.to_owned(),
        authors: source.authors.to_owned(),
        licence: source.licence.to_owned(),
        project: source.project.to_owned(),
        monochrome: source.monochrome,
        linked: source.linked.map(str::to_owned),
        package: source.package.name.to_owned(),
        version: source.package.version.to_owned(),
        package_sha256: source.package.sha256.to_owned(),
        archive_sha256: hex_sha256(&bytes),
        archive,
        count: drawings.len(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    std::fs::write(path, bytes).map_err(|source| PackError::Io { path: path.to_owned(), source })
}

fn make_dir(path: &Path) -> Result<(), PackError> {
    std::fs::create_dir_all(path).map_err(|source| PackError::Io { path: path.to_owned(), source })
}
