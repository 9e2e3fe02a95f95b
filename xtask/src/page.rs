//! The built page: how it is made, and how large it may be.
//!
//! There is no stamp that says whether a build is fresh: cargo and trunk know that themselves, and a
//! second opinion could only be wrong. When nothing has changed a build takes seconds.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::setup::PageBuild;
use crate::{Error, Result, dist_dir, process};

/// The most that a visitor should have to download before the model: 4 MB of gzipped wasm.
pub const WASM_LIMIT: u64 = 4_000_000;

/// Builds the page in release into `dist`.
///
/// # Errors
/// [`Error::Failed`] when it does not compile.
pub fn build(tools: &PageBuild) -> Result<()> {
    // trunk wants `true` or `false` in NO_COLOR, everyone else anything at all.
    process::run(tools.command("trunk").args(["build", "--release", "--skip-version-check"]).env_remove("NO_COLOR"))
}

/// The gzipped size of the built page's wasm, in bytes.
///
/// # Errors
/// [`Error::TooLarge`] over [`WASM_LIMIT`]; [`Error::File`] when there is no built page.
pub fn wasm_size() -> Result<u64> {
    let size = gzipped_wasm(&dist_dir())?;
    if size > WASM_LIMIT {
        return Err(Error::TooLarge { size, limit: WASM_LIMIT });
    }
    Ok(size)
}

fn gzipped_wasm(folder: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            total += gzipped(&path).map_err(Error::file(&path))?;
        }
    }
    if total == 0 {
        return Err(Error::file(folder.join("*.wasm"))(io::ErrorKind::NotFound.into()));
    }
    Ok(total)
}

/// The size of `path` under `gzip -9`, in bytes.
fn gzipped(path: &Path) -> io::Result<u64> {
    let mut encoder = GzEncoder::new(Counter(0), Compression::best());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    Ok(encoder.finish()?.0)
}

/// Counts what is written to it, and drops it.
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test.
    fn folder(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("emblem-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn only_wasm_counts_and_it_is_compressed() {
        let folder = folder("size");
        fs::write(folder.join("page.wasm"), vec![0; 1_000_000]).unwrap();
        fs::write(folder.join("page.js"), [7; 1000]).unwrap();
        let size = gzipped_wasm(&folder).unwrap();
        assert!((500..2000).contains(&size), "{size}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_without_wasm_is_an_error_not_a_small_page() {
        let folder = folder("empty");
        assert!(matches!(gzipped_wasm(&folder), Err(Error::File { .. })));
        fs::remove_dir_all(folder).unwrap();
    }
}
