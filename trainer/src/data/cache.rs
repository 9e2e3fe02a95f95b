//! Rasterised pictures kept on disk between runs.
//!
//! A cache file is a SHA-256 and the pixels that it is of; its name is a digest of everything the pixels depend on. So
//! a stale file is never found, and a damaged one is never trusted.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};

/// Length of the checksum before the pixels, in bytes.
const CHECKSUM: usize = 32;

/// Where pixels with this `key` (hexadecimal) are kept.
pub fn path(dir: &Path, key: &str) -> PathBuf {
    dir.join(format!("pictures-{key}.bin"))
}

/// Reads `length` bytes of pixels; None if nothing is kept there.
///
/// # Errors
/// If what is there cannot be read, has another length or does not match its checksum.
pub fn read(path: &Path, length: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if bytes.len() != CHECKSUM + length {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its length is wrong"));
    }
    let pixels = bytes.split_off(CHECKSUM);
    if Sha256::digest(&pixels)[..] != bytes[..] {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong"));
    }
    Ok(Some(pixels))
}

/// Keeps `pixels`. Written aside and renamed, so that two runs at once, or one that is stopped, leave no half file.
///
/// # Errors
/// If the folder or the file cannot be written.
pub fn write(path: &Path, pixels: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let aside = path.with_extension(format!("{}.part", std::process::id()));
    let bytes = [&Sha256::digest(pixels)[..], pixels].concat();
    fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path)).inspect_err(|_| {
        // The first error is the one worth reporting; a leftover part is harmless.
        let _ = fs::remove_file(&aside);
    })
}
