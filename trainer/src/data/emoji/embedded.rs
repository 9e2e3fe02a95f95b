//! The emoji pack inside the program, so that a trainer carried to another machine carries its data.

use super::{archive, tables};
use crate::data::DataError;
use crate::io::hash::hex_sha256;

/// The bytes of a pack. The embedded one is the only one in use; tests make damaged ones.
pub struct Pack {
    pub contents: &'static str,
    pub chinese: &'static str,
    pub usual: &'static str,
    pub signs: &'static str,
    pub held_out: &'static str,
    pub sets: &'static str,
    /// (file name, bytes)
    pub archives: Vec<(&'static str, &'static [u8])>,
}

macro_rules! pack_file {
    ($include:ident, $name:literal) => {
        $include!(concat!("../../../../data/emoji/", $name))
    };
}

macro_rules! archives {
    ($($name:literal),* $(,)?) => {
        vec![$(($name, pack_file!(include_bytes, $name) as &[u8])),*]
    };
}

impl Pack {
    /// The pack of `data/emoji`.
    pub fn embedded() -> Self {
        Self {
            contents: pack_file!(include_str, "contents.tsv"),
            chinese: pack_file!(include_str, "zh.tsv"),
            usual: pack_file!(include_str, "usual.tsv"),
            signs: pack_file!(include_str, "signs.tsv"),
            held_out: pack_file!(include_str, "held-out.tsv"),
            sets: pack_file!(include_str, "sets.toml"),
            archives: archives![
                "noto.tar.zst",
                "noto-v1.tar.zst",
                "twemoji.tar.zst",
                "fluent-3d.tar",
                "fluent-flat.tar.zst",
                "fluent-contrast.tar.zst",
                "emojione2.tar.zst",
                "emojione2-mono.tar.zst",
                "noto-mono.tar.zst",
            ],
        }
    }

    /// The drawings of one set, by content key.
    ///
    /// # Errors
    /// If the archive is missing, is not the one that `sets.toml` names, or cannot be unpacked.
    pub fn drawings(&self, set: &tables::StyleSet) -> Result<archive::Files, DataError> {
        let damaged = |reason: String| DataError::Pack { file: set.archive.clone(), reason };
        let (_, bytes) = self
            .archives
            .iter()
            .find(|(name, _)| *name == set.archive)
            .ok_or_else(|| damaged("it is not embedded".to_owned()))?;
        if hex_sha256(bytes) != set.archive_sha256 {
            return Err(damaged("its SHA-256 is not the one in sets.toml".to_owned()));
        }
        let files = archive::read(&set.archive, bytes).map_err(|error| damaged(error.to_string()))?;
        let key = |path: String| path.split('.').next().unwrap_or_default().to_owned();
        Ok(files.into_iter().map(|(path, bytes)| (key(path), bytes)).collect())
    }
}
