//! `models/manifest.json` of the built page: what each model is.
//!
//! With it a visitor's browser knows a download's true size beforehand, however the server compresses, tells a damaged file from the
//! published one, and keeps the model for the next visit under its hash. It is written by the build and not by hand, so it is true.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// One model.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    pub file: String,
    pub bytes: usize,
    /// In hexadecimal.
    pub sha256: String,
}

/// The models in `folder`, by name.
///
/// # Errors
/// [`Error::File`].
pub fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(folder).map_err(Error::file(folder))? {
        let file = file.map_err(Error::file(folder))?;
        let (path, name) = (file.path(), file.file_name().to_string_lossy().into_owned());
        if name.ends_with(".safetensors") {
            entries.push(entry(name, &fs::read(&path).map_err(Error::file(&path))?));
        }
    }
    entries.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(entries)
}

/// What the manifest says of a file with these bytes.
pub fn entry(file: String, bytes: &[u8]) -> Entry {
    let sha256 = hex::encode(Sha256::digest(bytes));
    Entry { file, bytes: bytes.len(), sha256 }
}

/// Writes the manifest of the models in `folder` beside them.
///
/// # Errors
/// [`Error::File`].
pub fn write(folder: &Path) -> Result<()> {
    let path = folder.join("manifest.json");
    fs::write(&path, text(&entries(folder)?)?).map_err(Error::file(path))
}

/// The entries as the file has them.
///
/// # Errors
/// [`Error::File`] where they cannot be written as JSON.
pub fn text(entries: &[Entry]) -> Result<String> {
    let text = serde_json::to_string_pretty(entries).map_err(|error| Error::file("manifest.json")(error.into()))?;
    Ok(text + "\n")
}

/// The hash as a script's `integrity` has it.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        let entry = entry("abc.safetensors".to_owned(), b"abc");
        assert_eq!(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(integrity(b"abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn only_models_are_listed_and_by_name() {
        let folder = std::env::temp_dir().join(format!("emblem-manifest-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["b.safetensors", "a.safetensors", "card.md"] {
            fs::write(folder.join(name), name).unwrap();
        }
        write(&folder).unwrap();
        let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
        let (a, b) = (text.find("a.safetensors").unwrap(), text.find("b.safetensors").unwrap());
        assert!(a < b && text.contains("\"bytes\": 13") && !text.contains("card"), "{text}");
        fs::remove_dir_all(folder).unwrap();
    }
}
