//! Tar files whose contents fit into memory.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// Named files in name order.
pub type Files = BTreeMap<String, Vec<u8>>;

/// All files of a tar file.
///
/// # Errors
/// Where it is none, or ends too early.
pub fn unpack(reader: impl Read) -> io::Result<Files> {
    let mut files = Files::new();
    for entry in tar::Archive::new(reader).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(path, bytes);
    }
    Ok(files)
}
